"""The story of a rebuild, through App or the command line, with nothing patched."""

from __future__ import annotations

import json
import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.errors import PublishError
from tests.sites import CONFIG, NOW, SmallSite


@pytest.fixture
def site(tmp_path: Path, state_url: str) -> SmallSite:
    """Three articles, two tags; the state in each of the two databases."""
    site = SmallSite.make(tmp_path / "site", CONFIG + f"state: {state_url}\n")
    site.write("one", tags=["甲"], date="2025-07-01T08:00:00+08:00")
    site.write("two", tags=["甲", "乙"], date="2025-07-02T08:00:00+08:00")
    site.write("three", tags=["乙"], date="2025-07-03T08:00:00+08:00")
    return site


@pytest.mark.parametrize("how", ["gone", "empty"])
@pytest.mark.parametrize("full", [False, True])
def test_a_disk_that_is_not_mounted_withdraws_nothing(tmp_path: Path, how: str, full: bool) -> None:
    site = SmallSite.make(tmp_path / "site")
    for number in range(12):
        site.write(f"a{number}", tags=["甲"])
    site.rebuild()
    before = {path: path.read_bytes() for path in site.output.rglob("*") if path.is_file()}
    away = site.posts.rename(tmp_path / "away")
    if how == "empty":
        site.posts.mkdir()

    report = site.rebuild(full=full)

    assert [(problem.path, problem.what) for problem in report.problems] == [("content/posts", "folder")]
    assert report.has_errors
    assert {path: path.read_bytes() for path in site.output.rglob("*") if path.is_file()} == before
    if how == "empty":
        site.posts.rmdir()
    away.rename(site.posts)
    assert site.rebuild().written == 0
    shutil.rmtree(site.posts)
    site.posts.mkdir()
    assert site.rebuild(prune=True).articles == 0
    assert site.items("feed.json") == []


def test_every_article_stands_in_the_feeds_of_its_terms_newest_first(site: SmallSite) -> None:
    site.rebuild()
    assert [e.title for e in site.entries("rss.xml")] == ["题目 three", "题目 two", "题目 one"]
    assert [e.title for e in site.entries("tags/甲/atom.xml")] == ["题目 two", "题目 one"]
    assert [i["title"] for i in site.items("tags/乙/feed.json")] == ["题目 three", "题目 two"]


def test_a_combined_feed_holds_what_meets_its_condition(site: SmallSite) -> None:
    site.rebuild()
    assert [e.title for e in site.entries("feeds/both/rss.xml")] == ["题目 two"]


def test_a_condition_may_use_an_alias(tmp_path: Path) -> None:
    config = CONFIG.replace("tag:甲 and tag:乙", "tag:first") + "tags: {aliases: {甲: [first]}}\n"
    site = SmallSite.make(tmp_path / "site", config)
    site.write("one", tags=["甲"])
    site.write("two", tags=["First"])
    site.rebuild()
    assert len(site.entries("feeds/both/rss.xml")) == 2
    assert len(site.entries("tags/甲/rss.xml")) == 2


def test_a_source_has_a_feed_of_the_articles_that_cite_it(site: SmallSite) -> None:
    note = "见[^1]。\n\n[^1]: [A Story](https://www.wired.com/story/a/)·Wired·A. Author (2025/07/01)"
    site.write("four", body=note)
    site.rebuild()
    assert [e.title for e in site.entries("sources/wired/rss.xml")] == ["题目 four"]


def test_a_second_run_writes_nothing_and_touches_nothing(site: SmallSite) -> None:
    site.rebuild()
    before = site.stats()
    report = site.rebuild()
    assert (report.written, report.removed, report.read) == (0, 0, 0)
    assert report.unchanged == len(before)
    assert site.stats() == before


def test_a_full_run_compares_everything_and_still_writes_nothing(site: SmallSite) -> None:
    site.rebuild()
    before = site.stats()
    report = site.rebuild(full=True)
    assert (report.written, report.read) == (0, 3)
    assert site.stats() == before


def test_an_edited_article_rewrites_the_feeds_it_belongs_to_and_no_other(site: SmallSite) -> None:
    site.rebuild()
    before = site.stats()
    site.write("one", tags=["甲"], body="改过的正文。")
    site.rebuild()
    changed = {path for path, stat in site.stats().items() if stat != before[path]}
    names = ("rss.xml", "atom.xml", "feed.json")
    documents = {f"{folder}{name}" for folder in ("", "tags/甲/") for name in names}
    assert changed == documents | {"latest.html", "tags/甲/index.html"}


def test_a_touched_file_changes_nothing(site: SmallSite) -> None:
    path = site.write("one", tags=["甲"])
    site.rebuild()
    path.touch()
    assert site.rebuild().written == 0


def test_a_renamed_file_keeps_its_id(site: SmallSite) -> None:
    site.rebuild()
    before = {i["title"]: i["id"] for i in site.items("feed.json")}
    (site.posts / "one.md").rename(site.posts / "uno.md")
    site.rebuild()
    after = {i["title"]: (i["id"], i["url"]) for i in site.items("feed.json")}
    assert after["题目 one"] == (before["题目 one"], "https://example.org/posts/uno/")
    assert b"deleted-entry" not in site.output.joinpath("atom.xml").read_bytes()


def test_a_renamed_and_edited_file_keeps_its_id(site: SmallSite) -> None:
    site.rebuild()
    before = {i["title"]: i["id"] for i in site.items("feed.json")}
    (site.posts / "one.md").unlink()
    site.write("uno", title="题目 one", body="另一段正文。")
    site.rebuild()
    assert {i["title"]: i["id"] for i in site.items("feed.json")} == before


def test_two_files_that_swap_their_names_keep_their_ids(site: SmallSite) -> None:
    site.rebuild()
    before = {i["title"]: i["id"] for i in site.items("feed.json")}
    one, two = (site.posts / f"{name}.md" for name in ("one", "two"))
    one.rename(site.posts / "spare.md")
    site.rebuild()
    two.rename(one)
    site.rebuild()
    (site.posts / "spare.md").rename(two)
    site.rebuild()
    assert {i["title"]: i["id"] for i in site.items("feed.json")} == before


def test_a_removed_article_leaves_a_tombstone_in_every_feed_it_stood_in(site: SmallSite) -> None:
    site.rebuild()
    gone = next(i["id"] for i in site.items("feed.json") if i["title"] == "题目 two")
    (site.posts / "two.md").unlink()
    site.rebuild()
    for folder in ("", "tags/甲/", "tags/乙/"):
        atom = site.output.joinpath(f"{folder}atom.xml").read_text(encoding="utf-8")
        assert re.findall(r'deleted-entry [^>]*ref="([^"]+)"', atom) == [gone]
        assert gone not in {e.id for e in site.entries(f"{folder}atom.xml")}


def test_a_republished_article_is_newer_than_its_tombstone(site: SmallSite) -> None:
    text = (site.posts / "two.md").read_text(encoding="utf-8")
    site.rebuild()
    (site.posts / "two.md").unlink()
    site.rebuild()
    (site.posts / "two.md").write_text(text, encoding="utf-8")
    site.rebuild(now=NOW + timedelta(days=1))
    atom = site.output.joinpath("atom.xml").read_text(encoding="utf-8")
    entry = next(e for e in site.entries("atom.xml") if e.title == "题目 two")
    assert "deleted-entry" not in atom
    assert entry.updated > NOW.isoformat()


def test_the_last_article_of_a_tag_leaves_an_empty_valid_feed_until_it_is_pruned(site: SmallSite) -> None:
    site.write("four", tags=["丙"])
    site.rebuild()
    (site.posts / "four.md").unlink()
    site.rebuild()
    assert site.items("tags/丙/feed.json") == []
    assert site.entries("tags/丙/atom.xml") == []
    report = site.rebuild(prune=True)
    assert report.removed == 4
    assert not (site.output / "tags/丙").exists()
    assert "丙" not in (site.output / "index.html").read_text(encoding="utf-8")


def test_a_draft_never_appears_and_a_published_one_that_becomes_a_draft_is_withdrawn(site: SmallSite) -> None:
    site.write("four", draft=True)
    site.rebuild()
    assert "题目 four" not in {e.title for e in site.entries("rss.xml")}
    site.write("one", draft=True)
    site.rebuild()
    assert "题目 one" not in {e.title for e in site.entries("rss.xml")}
    assert b"deleted-entry" in (site.output / "atom.xml").read_bytes()


def test_a_future_article_appears_at_its_time_and_an_expired_one_goes(site: SmallSite) -> None:
    site.write("later", date="2025-08-01T13:00:00Z")
    site.write("brief", expiryDate="2025-08-01T12:30:00Z")
    site.rebuild()
    titles = {e.title for e in site.entries("rss.xml")}
    assert "题目 later" not in titles
    assert "题目 brief" in titles
    site.rebuild(now=NOW + timedelta(hours=2))
    titles = {e.title for e in site.entries("rss.xml")}
    assert "题目 later" in titles
    assert "题目 brief" not in titles


def test_a_broken_article_is_quarantined_and_its_last_good_state_stays(site: SmallSite) -> None:
    site.rebuild()
    before = site.tree()
    (site.posts / "one.md").write_text("+++\ntitle = \n+++\n\n正文\n", encoding="utf-8")
    report = site.rebuild()
    assert report.quarantined == ["content/posts/one.md"]
    assert any(p.path == "content/posts/one.md" and p.line for p in report.problems)
    assert site.tree() == before
    site.rebuild(full=True)
    assert site.tree() == before


def test_a_mended_article_leaves_quarantine(site: SmallSite) -> None:
    text = (site.posts / "one.md").read_text(encoding="utf-8")
    (site.posts / "one.md").write_text("+++\ntitle = \n+++\n", encoding="utf-8")
    site.rebuild()
    (site.posts / "one.md").write_text(text, encoding="utf-8")
    assert site.rebuild().quarantined == []
    assert "题目 one" in {e.title for e in site.entries("rss.xml")}


def test_two_spellings_of_a_term_share_one_feed_under_the_most_used_one(site: SmallSite) -> None:
    for n, tag in enumerate(["AI for Science", "AI for Science", "AIforScience"]):
        site.write(f"s{n}", tags=[tag])
    site.rebuild()
    assert len(site.items("tags/ai-for-science/feed.json")) == 3
    head = json.loads((site.output / "tags/ai-for-science/feed.json").read_bytes())
    assert head["title"] == "AI for Science · 小站"
    assert not (site.output / "tags/aiforscience").exists()


def test_a_feed_keeps_its_address_when_another_spelling_wins(site: SmallSite) -> None:
    site.write("s0", tags=["AI for Science"])
    site.rebuild()
    for n in range(1, 4):
        site.write(f"s{n}", tags=["AIforScience"])
    site.rebuild()
    head = json.loads((site.output / "tags/ai-for-science/feed.json").read_bytes())
    assert (head["title"], len(head["items"])) == ("AIforScience · 小站", 4)


def test_an_article_without_terms_gets_those_that_its_text_names(site: SmallSite) -> None:
    site.write("tagged", tags=["OpenAI", "Gemini 3", "播客"])
    (site.posts / "plain-20250705080000000.md").write_text(
        "OpenAI 的一期谈话\n\n这里谈 Gemini 3，又谈 Gemini 3 的成绩，只提了一次播客。\n", encoding="utf-8"
    )
    site.rebuild()
    assert "OpenAI 的一期谈话" in {e.title for e in site.entries("tags/openai/rss.xml")}
    assert "OpenAI 的一期谈话" in {e.title for e in site.entries("tags/gemini-3/rss.xml")}
    assert "OpenAI 的一期谈话" not in {e.title for e in site.entries("tags/播客/rss.xml")}


def test_inferred_terms_follow_the_vocabulary(site: SmallSite) -> None:
    (site.posts / "plain-20250705080000000.md").write_text("关于量子计算\n\n量子计算之年。\n", encoding="utf-8")
    site.rebuild()
    assert not (site.output / "tags/量子计算").exists()
    site.write("q", tags=["量子计算"])
    site.rebuild()
    assert len(site.entries("tags/量子计算/rss.xml")) == 2
    site.write("q", tags=["甲"])
    site.rebuild()
    assert site.entries("tags/量子计算/rss.xml") == []


def test_a_strangers_file_is_left_alone_and_named(site: SmallSite) -> None:
    stranger = site.output / "tags/甲/rss.xml"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("mine", encoding="utf-8")
    (site.output / "about.html").write_text("mine too", encoding="utf-8")
    report = site.rebuild()
    assert stranger.read_text(encoding="utf-8") == "mine"
    assert (site.output / "about.html").read_text(encoding="utf-8") == "mine too"
    assert any("tags/甲/rss.xml" in problem.path for problem in report.problems)
    stranger.unlink()
    site.rebuild()
    assert len(site.entries("tags/甲/rss.xml")) == 2


def test_a_file_where_a_folder_should_be_is_a_clear_error_and_the_rest_is_written(site: SmallSite) -> None:
    site.output.mkdir()
    (site.output / "tags").write_text("in the way", encoding="utf-8")
    report = site.rebuild()
    assert "tags" in report.failure
    assert len(site.entries("rss.xml")) == 3
    (site.output / "tags").unlink()
    site.rebuild()
    assert len(site.entries("tags/甲/rss.xml")) == 2


def test_an_output_path_that_is_a_file_is_a_clear_error(site: SmallSite) -> None:
    site.output.write_text("in the way", encoding="utf-8")
    with pytest.raises(PublishError, match="output"):
        site.rebuild()


def test_a_lost_output_folder_is_written_again(site: SmallSite) -> None:
    site.rebuild()
    before = site.tree()
    shutil.rmtree(site.output)
    site.rebuild()
    assert site.tree() == before


def test_a_lost_cache_of_entries_is_made_again(site: SmallSite) -> None:
    site.rebuild()
    shutil.rmtree(site.root / ".feeds/entries")
    site.write("one", tags=["甲"], body="改过。")
    site.rebuild()
    assert len(site.entries("tags/甲/atom.xml")) == 2


def test_a_damaged_cache_of_entries_is_made_again(site: SmallSite) -> None:
    site.rebuild()
    for pack in (site.root / ".feeds/entries").iterdir():
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 0xFF
        pack.write_bytes(bytes(data))
    good = site.tree()
    site.write("one", tags=["甲"], body="正文。", weight=1)
    shutil.rmtree(site.output)
    site.rebuild()
    assert site.tree() == good


@pytest.fixture
def file_site(site: SmallSite) -> SmallSite:
    """The same, for tests that lose the state's file."""
    if "postgresql" in (site.root / "sources.yaml").read_text(encoding="utf-8"):
        pytest.skip("only a file can be deleted so easily")
    return site


def test_a_lost_state_gives_the_same_bytes_and_the_same_ids(file_site: SmallSite) -> None:
    site = file_site
    site.rebuild()
    before, stats = site.tree(), site.stats()
    shutil.rmtree(site.root / ".feeds")
    report = site.rebuild()
    assert [problem.what for problem in report.problems] == ["state"]
    assert report.written == 0
    assert site.tree() == before
    assert site.stats() == stats
    assert site.rebuild().problems == []


def test_a_lost_state_recognises_documents_of_ours_that_must_change(file_site: SmallSite) -> None:
    site = file_site
    site.rebuild()
    shutil.rmtree(site.root / ".feeds")
    site.write("one", tags=["甲"], body="改过。")
    report = site.rebuild()
    assert not report.has_errors
    assert report.written == 8


def test_a_site_without_articles_has_lost_no_state(site: SmallSite) -> None:
    for path in site.posts.iterdir():
        path.unlink()
    assert site.rebuild().written
    again = site.rebuild()
    assert (again.written, again.problems) == (0, [])


def test_a_dry_run_says_what_would_be_done_and_does_nothing(site: SmallSite) -> None:
    dry = site.rebuild(dry_run=True)
    assert not site.output.exists()
    real = site.rebuild()
    assert (dry.written, dry.unchanged) == (real.written, real.unchanged)
    (site.posts / "one.md").unlink()
    before = site.stats()
    dry = site.rebuild(dry_run=True)
    assert dry.written > 0
    assert site.stats() == before
    assert site.rebuild().written == dry.written


def test_a_feed_waits_for_min_articles_and_stays_once_published(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site", CONFIG.replace("limit: 6", "limit: 6, min_articles: 2"))
    site.write("one", tags=["甲"])
    site.rebuild()
    assert not (site.output / "tags/甲").exists()
    site.write("two", tags=["甲"])
    site.rebuild()
    assert len(site.entries("tags/甲/rss.xml")) == 2
    (site.posts / "two.md").unlink()
    site.rebuild()
    assert len(site.entries("tags/甲/rss.xml")) == 1


def test_a_changed_setting_rebuilds_everything_and_removes_what_nothing_wants(site: SmallSite) -> None:
    site.rebuild()
    config = (site.root / "sources.yaml").read_text(encoding="utf-8")
    config = config.replace("limit: 6", "limit: 6, formats: [rss], layout: {tag: 'labels/:slug/'}")
    (site.root / "sources.yaml").write_text(config, encoding="utf-8")
    (site.output / "tags/甲/mine.txt").write_text("a stranger's", encoding="utf-8")
    report = site.rebuild()
    assert report.removed > 0
    assert [str(p.relative_to(site.output)) for p in site.output.glob("tags/*/*")] == ["tags/甲/mine.txt"]
    assert sorted(p.name for p in (site.output / "labels/甲").iterdir()) == ["index.html", "rss.xml"]


def test_two_articles_at_one_address_are_both_published_with_ids_of_their_own(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    site.write("one", slug="same")
    site.write("two", slug="same")
    report = site.rebuild()
    assert len({i["id"] for i in site.items("feed.json")}) == 2
    assert any("address" in problem.why for problem in report.problems)
    assert report.quarantined == []


def test_an_id_that_two_articles_claim_goes_to_the_first_and_the_other_is_quarantined(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    site.write("one", id="urn:example:1")
    site.write("two", id="urn:example:1")
    report = site.rebuild()
    assert [i["id"] for i in site.items("feed.json")] == ["urn:example:1"]
    assert report.quarantined == ["content/posts/two.md"]
    site.write("two", id="urn:example:2")
    assert site.rebuild().quarantined == []


def test_several_processes_write_what_one_writes(tmp_path: Path) -> None:
    alone, together = (SmallSite.make(tmp_path / name) for name in ("alone", "together"))
    for n in range(200):
        for site in (alone, together):
            site.write(f"a{n:03}", tags=[f"标签{n % 17}", f"词{n % 5}"], date=f"2025-06-01T08:{n % 60:02}:00+08:00")
    alone.rebuild(processes=1)
    together.rebuild(processes=3)
    assert alone.tree() == together.tree()


def test_the_order_of_files_changes_no_byte(tmp_path: Path) -> None:
    forth, back = (SmallSite.make(tmp_path / name) for name in ("forth", "back"))
    for n in range(20):
        forth.write(f"a{n:02}", tags=["甲", f"词{n % 3}"])
        back.write(f"a{19 - n:02}", tags=["甲", f"词{(19 - n) % 3}"])
    forth.rebuild()
    back.rebuild()
    assert forth.tree() == back.tree()


def test_pages_go_and_come_with_their_setting(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    site.write("one", tags=["甲", "乙"])
    site.rebuild()
    feeds = {path: data for path, data in site.tree().items() if not path.endswith((".html", ".css", ".js"))}
    with_pages = site.tree()
    config = site.root / "sources.yaml"
    before = config.read_text("utf-8")
    config.write_text(before + "pages: {public: false}\n", "utf-8")

    report = site.rebuild()

    assert (report.removed, site.tree().keys()) == (len(with_pages) - len(feeds), feeds.keys())
    config.write_text(before, "utf-8")
    site.rebuild()
    assert site.tree() == with_pages
