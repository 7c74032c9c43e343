"""Matching as a story: articles cite and cover what a source publishes, and the feeds say so, no more and no less."""

from __future__ import annotations

import itertools
import json
import os
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.app import App
from feeds.poll.run import Options as PollOptions
from feeds.polled import Fetched
from feeds.rebuild.run import Options, Report
from feeds.store import entry_rows, source_rows
from feeds.store.schema import to_micros
from feeds.store.sql import Store
from tests.servers import Server
from tests.sites import SmallSite

NOON = datetime(2025, 7, 3, 12, 0, tzinfo=UTC)
PAGE = "https://wired.example/story/talent-spree/"
#: An author, a day and a title that are not the page's.
CITING = f"正文[^1]。\n\n[^1]: [My summer with penguins]({PAGE}?utm_source=x)·Wired·Paul Smith（2024/05/28）\n"
#: Cites nothing, tells what the second entry tells.
COVERING = "Miriam Vogelsang 在 Quillfeather Observatory 宣布，Project Larkspur 将在 2031 年把 417 颗气球送上平流层。"

CONFIG = """\
site: {{title: 小站, url: "https://example.org/", language: zh-CN, author: 编辑部, timezone: Asia/Shanghai}}
content: [{{path: content/posts, url: "/posts/:slugorfilename/", section: posts}}]
output: {{limit: 6{output}}}
sources:
  - {{name: Wired, feed: "{feed}", site: "https://wired.example/", allow_private: true}}
state: {state}
"""


def item(guid: str, title: str, link: str, *, day: int = 1, more: str = "") -> str:
    date = datetime(2025, 7, day, 9, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>{link}</link>"
        f"<dc:creator>Zoe Miller</dc:creator><pubDate>{date}</pubDate>{more}</item>"
    )


TALENT = item("1", "Altman slams the talent spree", PAGE)
LARKSPUR = item(
    "2",
    "Miriam Vogelsang of Quillfeather Observatory on Project Larkspur and its 417 balloons",
    "https://wired.example/story/larkspur/",
)


def rss(*items: str) -> str:
    head = "<title>Wired Feed</title><link>https://wired.example/</link><description>d</description>"
    dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<?xml version="1.0"?><rss version="2.0" {dc}><channel>{head}{"".join(items)}</channel></rss>'


@dataclass
class Desk:
    """A site, the server of its source, and the time of day."""

    site: SmallSite
    server: Server
    now: datetime = NOON

    @property
    def app(self) -> App:
        """The site, opened anew as each command does."""
        return App(str(self.site.root / "sources.yaml"))

    def publish(self, *items: str) -> None:
        """What the source's feed holds from now on."""
        self.server.answers("/feed", body=rss(*items).encode())

    def poll(self) -> None:
        """Two days later."""
        self.now += timedelta(days=2)
        looks = itertools.count()
        clock = lambda: self.now + timedelta(microseconds=next(looks))  # noqa: E731 (it is one)
        polled = self.app.poll(PollOptions(), clock=clock, report=lambda *_: None)
        assert [type(one.asked.outcome) for one in polled.polled] == [Fetched]

    def rebuild(self, **options: Any) -> Report:
        """One rebuild."""
        return self.app.rebuild(Options(processes=1, **options), now=self.now, progress=lambda *_: None)

    def written(self, **options: Any) -> set[str]:
        """The folders under output/ in which a rebuild writes something."""
        before = self.site.stats()
        self.rebuild(**options)
        return {str(Path(path).parent) for path, stat in self.site.stats().items() if before.get(path) != stat}

    def cited(self, name: str) -> list[dict[str, Any]]:
        """What an article's item in the site's feed says of its sources."""
        (found,) = [one for one in self.site.items("feed.json") if one["url"] == f"https://example.org/posts/{name}/"]
        return list(found.get("_feeds", {}).get("citations", []))

    def titles(self, folder: str) -> list[str]:
        """Of the items of a feed."""
        return [one["title"] for one in self.site.items(f"{folder}/feed.json")]

    def judge(self, word: str | None, entry: str, article: str) -> None:
        """A person's verdict."""
        self.app.judge(entry, article, word, now=self.now)


def make_desk(root: Path, server: Server, *, output: str = "", state: str = "sqlite:///.feeds/state.db") -> Desk:
    site = SmallSite.make(root, CONFIG.format(feed=server.url("/feed"), output=output, state=state))
    date = "2025-07-02T17:10:00+08:00"
    site.write("citing", date=date, body=CITING, tags=["甲"])
    site.write("covering", date=date, body=COVERING, tags=["乙"], title="Quillfeather Observatory 的 Project Larkspur")
    site.write("other", date=date, body="别的事情。", tags=["丙"])
    return Desk(site, server)


@pytest.fixture
def desk(tmp_path: Path, server: Server, state_url: str) -> Desk:
    """Three articles, published before their source was polled for the first time."""
    desk = make_desk(tmp_path / "site", server, state=state_url)
    desk.publish(TALENT, LARKSPUR)
    desk.rebuild()
    return desk


def test_a_citation_shows_what_the_sources_own_feed_says(desk: Desk) -> None:
    assert [one["verified"] for one in desk.cited("citing")] == [False]
    desk.poll()
    desk.rebuild()
    (cited,) = desk.cited("citing")
    assert (cited["title"], cited["author"], cited["published"]) == (
        "Altman slams the talent spree",
        "Zoe Miller",
        "2025-07-01",
    )
    assert (cited["verified"], cited["source"], cited["cited_title"]) == (True, "Wired", "My summer with penguins")
    for path in ("atom.xml", "rss.xml"):
        document = desk.site.output.joinpath(path).read_text("utf-8")
        assert f'href="{PAGE}"' in document
        assert "Altman slams the talent spree" in document


def test_an_article_that_covers_an_entry_names_it_and_stands_in_the_sources_feed(desk: Desk) -> None:
    desk.poll()
    desk.rebuild()
    (covered,) = desk.cited("covering")
    assert (covered["covered"], covered["verified"], covered["url"]) == (
        True,
        True,
        "https://wired.example/story/larkspur/",
    )
    assert {one["url"].split("/")[-2] for one in desk.site.items("sources/wired/feed.json")} == {"citing", "covering"}


def test_only_the_feeds_that_a_match_touches_are_written(desk: Desk) -> None:
    desk.poll()
    desk.rebuild()
    assert desk.written() == set()
    desk.publish(TALENT.replace("Altman slams", "Altman regrets"), LARKSPUR)
    desk.poll()
    assert desk.written() == {".", "tags/甲", "sources/wired", "source-changes"}
    assert desk.cited("citing")[0]["title"] == "Altman regrets the talent spree"


def test_a_new_entry_meets_the_articles_that_were_there_before(desk: Desk) -> None:
    desk.publish(LARKSPUR)
    desk.poll()
    desk.rebuild()
    assert desk.cited("citing")[0]["verified"] is False
    desk.publish(TALENT, LARKSPUR)
    desk.poll()
    desk.rebuild()
    assert desk.cited("citing")[0]["verified"] is True


def test_a_new_article_meets_the_entries_that_were_there_before(desk: Desk) -> None:
    desk.poll()
    desk.rebuild()
    desk.site.write("later", date="2025-07-04T08:00:00+08:00", body=CITING, tags=["丁"])
    assert desk.written() == {".", "tags/丁", "sources/wired"}
    assert desk.cited("later")[0]["verified"] is True


def test_among_very_many_entries_an_article_is_published_first_and_matched_then(desk: Desk) -> None:
    """Nobody waits for the comparison with all that was published in a year; it takes 0.1 ms for each."""
    desk.poll()
    desk.rebuild()
    old = to_micros(NOON - timedelta(days=900))
    with closing(Store(desk.app.config.state, folder=str(desk.site.root))) as store, store.transaction() as connection:
        (feed,) = source_rows.active_feeds(connection)
        others = [
            (feed.id, f"k{n}", None, None, f"Story {n}", old, old, old, "h", None, 0, f'{{"id":"k{n}"}}', "")
            for n in range(12_000)
        ]
        entry_rows.insert_entries(connection, others)
    desk.rebuild()
    desk.site.write("later", date="2025-07-04T08:00:00+08:00", body=CITING, tags=["丁"])
    seen = []

    def look(step: str, _done: int, _total: int) -> None:
        if step == "feeds":
            seen.append([one["verified"] for one in desk.cited("later")])

    report = desk.app.rebuild(Options(processes=1), now=desk.now, progress=look)
    assert (seen[0], seen[-1]) == ([False], [True])
    assert report.written + report.unchanged == sum(path.is_file() for path in desk.site.output.rglob("*"))
    assert desk.written() == set()
    before = {path: path.read_bytes() for path in desk.site.output.rglob("*.json")}
    desk.rebuild(full=True)
    assert {path: path.read_bytes() for path in desk.site.output.rglob("*.json")} == before


def test_an_edited_article_is_matched_again_and_no_other(desk: Desk) -> None:
    desk.poll()
    desk.rebuild()
    desk.site.write("citing", date="2025-07-02T17:10:00+08:00", body="不再引用任何内容。", tags=["甲"])
    assert desk.written() == {".", "tags/甲", "sources/wired", "coverage-gaps"}
    assert desk.cited("citing") == []
    assert desk.titles("coverage-gaps") == ["Altman slams the talent spree"]
    assert desk.cited("covering")[0]["covered"] is True


def test_a_denied_match_never_comes_back(desk: Desk) -> None:
    desk.poll()
    desk.rebuild()
    desk.judge("denied", PAGE, "content/posts/citing.md")
    assert desk.written() == {".", "tags/甲", "coverage-gaps"} | {"sources/wired"}
    assert desk.cited("citing")[0]["verified"] is False
    desk.publish(TALENT.replace("Altman slams", "Altman regrets"), LARKSPUR)
    desk.poll()
    desk.rebuild()
    desk.site.write("citing", date="2025-07-02T17:10:00+08:00", body=f"改过了。{CITING}", tags=["甲"])
    desk.rebuild()
    desk.rebuild(full=True)
    assert desk.cited("citing")[0]["verified"] is False
    desk.judge(None, PAGE, "https://example.org/posts/citing/")
    desk.rebuild()
    assert desk.cited("citing")[0]["verified"] is True


def test_a_confirmed_match_never_goes(desk: Desk) -> None:
    desk.poll()
    desk.rebuild()
    desk.judge("confirmed", PAGE, "content/posts/other.md")
    assert desk.written() == {".", "tags/丙", "sources/wired"}
    desk.site.write("other", date="2025-07-02T17:10:00+08:00", body="又改了。", tags=["丙"])
    desk.rebuild()
    desk.publish(TALENT.replace("Altman slams", "Altman regrets"), LARKSPUR)
    desk.poll()
    desk.rebuild(full=True)
    (covered,) = desk.cited("other")
    assert (covered["title"], covered["covered"]) == ("Altman regrets the talent spree", True)


def test_a_verdict_outlives_a_renamed_article(desk: Desk) -> None:
    desk.poll()
    desk.rebuild()
    desk.judge("denied", PAGE, "content/posts/citing.md")
    desk.site.posts.joinpath("citing.md").rename(desk.site.posts / "renamed.md")
    desk.rebuild()
    assert [one["verified"] for one in desk.cited("renamed")] == [False]


def test_full_gives_the_same_bytes_as_many_small_rebuilds(desk: Desk) -> None:
    desk.publish(LARKSPUR)
    desk.poll()
    desk.rebuild()
    desk.publish(TALENT, LARKSPUR)
    desk.poll()
    desk.site.write("citing", date="2025-07-02T17:10:00+08:00", body=f"改过了。{CITING}", tags=["甲"])
    desk.rebuild()
    before = desk.site.tree()
    desk.rebuild(full=True)
    assert desk.site.tree() == before


def test_a_withdrawn_article_takes_its_matches_along(desk: Desk) -> None:
    desk.poll()
    desk.rebuild()
    desk.site.posts.joinpath("citing.md").unlink()
    desk.rebuild()
    assert desk.titles("coverage-gaps") == ["Altman slams the talent spree"]


def test_a_dry_run_matches_nothing(desk: Desk) -> None:
    desk.poll()
    desk.rebuild(dry_run=True)
    assert desk.cited("citing")[0]["verified"] is False
    desk.rebuild()
    assert desk.cited("citing")[0]["verified"] is True


# -- the editor's feeds ----------------------------------------------------------------------------------------------


def test_gaps_are_what_no_article_covers_until_one_does(desk: Desk) -> None:
    third = item("3", "A quiet week for penguins", "https://wired.example/story/penguins/")
    desk.publish(TALENT, LARKSPUR, third)
    desk.poll()
    desk.rebuild()
    assert desk.titles("coverage-gaps") == ["A quiet week for penguins"]
    (gap,) = desk.site.items("coverage-gaps/feed.json")
    assert "Wired被2篇文章引用" in gap["content_html"]
    link = "[^1]: [Penguins](https://wired.example/story/penguins/)·Wired"
    desk.site.write("penguins", date="2025-07-04T08:00:00+08:00", body=f"企鹅[^1]。\n\n{link}\n", tags=["丁"])
    desk.rebuild()
    assert desk.titles("coverage-gaps") == []
    assert f'ref="{gap["id"]}"' in desk.site.output.joinpath("coverage-gaps/atom.xml").read_text("utf-8")


def test_a_source_that_nobody_cites_has_no_gaps(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server)
    desk.site.posts.joinpath("citing.md").unlink()
    desk.publish(item("3", "A quiet week for penguins", "https://wired.example/story/penguins/"))
    desk.rebuild()
    desk.poll()
    desk.rebuild()
    assert not desk.site.output.joinpath("coverage-gaps").exists()


def test_what_became_of_a_cited_entry_is_told(desk: Desk) -> None:
    desk.poll()
    desk.rebuild()
    assert not desk.site.output.joinpath("source-changes").exists()
    desk.publish(TALENT.replace("Altman slams", "Altman regrets"), LARKSPUR)
    desk.poll()
    desk.rebuild()
    (change,) = desk.site.items("source-changes/feed.json")
    assert "Altman slams the talent spree" in change["content_html"]
    assert "Altman regrets the talent spree" in change["content_html"]
    assert "https://example.org/posts/citing/" in change["content_html"]


def test_the_editors_feeds_can_be_switched_off(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server, output=", editor: []")
    desk.publish(TALENT, LARKSPUR, item("3", "A quiet week", "https://wired.example/story/3/"))
    desk.rebuild()
    desk.poll()
    desk.rebuild()
    assert not desk.site.output.joinpath("coverage-gaps").exists()


# -- entries among articles --------------------------------------------------------------------------------------------


def test_matched_entries_stand_among_the_articles_that_cite_them(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server, output=", entries: {tag: matched}")
    twin = item("1b", "Altman slams the talent spree", f"{PAGE}?ref=video", day=2)
    desk.publish(TALENT, twin, LARKSPUR, item("3", "A quiet week", "https://wired.example/story/3/"))
    desk.rebuild()
    desk.poll()
    desk.rebuild()
    items = desk.site.items("tags/甲/feed.json")
    assert [one["title"] for one in items] == ["题目 citing", "Altman slams the talent spree"]
    entry = items[1]
    assert entry["url"] == PAGE
    assert entry["authors"] == [{"name": "Zoe Miller"}]
    assert entry["_feeds"]["source"]["url"] == server.url("/feed")
    atom = desk.site.output.joinpath("tags/甲/atom.xml").read_text("utf-8")
    assert "<source>" in atom
    rss_document = desk.site.output.joinpath("tags/甲/rss.xml").read_text("utf-8")
    assert f'<source url="{server.url("/feed")}">' in rss_document
    assert len(desk.site.items("feed.json")) == 3


def test_a_sources_own_feed_may_hold_all_that_it_publishes(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server, output=", entries: {source: all}, editor: []")
    desk.publish(TALENT, LARKSPUR, item("3", "A quiet week", "https://wired.example/story/3/", day=3))
    desk.rebuild()
    desk.poll()
    desk.rebuild()
    assert "A quiet week" in desk.titles("sources/wired")
    assert "A quiet week" not in desk.titles("tags/甲")


def test_all_entries_of_a_category_stand_in_the_feed_of_its_tag(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server, output=", entries: {tag: all}, editor: []")
    more = "<category>甲</category><category>never ours</category>"
    desk.publish(TALENT, item("3", "A quiet week", "https://wired.example/story/3/", more=more))
    desk.rebuild()
    desk.poll()
    desk.rebuild()
    assert set(desk.titles("tags/甲")) == {"题目 citing", "Altman slams the talent spree", "A quiet week"}
    assert not desk.site.output.joinpath("tags/never-ours").exists()


def test_an_entry_leaves_with_the_article_that_cites_it(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server, output=", entries: {tag: matched}, editor: []")
    desk.publish(TALENT, LARKSPUR)
    desk.rebuild()
    desk.poll()
    desk.rebuild()
    desk.site.posts.joinpath("citing.md").unlink()
    desk.rebuild()
    assert desk.titles("tags/甲") == []
    assert desk.site.output.joinpath("tags/甲/atom.xml").read_text("utf-8").count("deleted-entry") == 2


# -- what people see ---------------------------------------------------------------------------------------------------


def test_the_command_lists_matches_and_takes_verdicts(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server)
    desk.publish(TALENT, LARKSPUR)
    desk.rebuild()
    desk.poll()
    desk.rebuild()
    shown = desk.site.run("match").stdout.splitlines()
    assert shown[-1] == "2 matching articles, 0 suggestions, 0 denied"
    (line,) = [line for line in shown if "talent spree" in line and line.startswith("#")]
    number = line.split()[0]
    assert "    match: content/posts/citing.md: same page: " in "\n".join(shown)
    denied = desk.site.run("match", "deny", number, "content/posts/citing.md")
    assert (denied.returncode, denied.stdout.split(":")[0]) == (0, "denied")
    entries = json.loads(desk.site.run("match", "--json").stdout)["entries"]
    assert [[one["verdict"] for one in entry["denied"]] for entry in entries if entry["denied"]] == [["denied"]]
    assert desk.site.run("match", "forget", number, "content/posts/citing.md").returncode == 0
    assert desk.site.run("match").stdout.splitlines() == shown


@pytest.mark.parametrize(
    ("entry", "article", "says"),
    [
        ("https://nowhere.example/", "content/posts/citing.md", "entry 'https://nowhere.example/': none is called so"),
        (PAGE, "content/posts/nobody.md", "article 'content/posts/nobody.md': none is called so"),
    ],
)
def test_a_verdict_about_nothing_is_refused_with_a_word(desk: Desk, entry: str, article: str, says: str) -> None:
    desk.poll()
    desk.rebuild()
    with pytest.raises(Exception, match=says):
        desk.judge("denied", entry, article)


def test_an_article_without_terms_stays_verified_when_the_vocabulary_grows(desk: Desk) -> None:
    """It is read again to see whether it names the new terms, too."""
    path = desk.site.write("citing", date="2025-07-02T17:10:00+08:00", body=CITING, tags=[])
    # A younger file is looked at in any case.
    os.utime(path, (1.7e9, 1.7e9))
    desk.poll()
    desk.rebuild()
    desk.site.write("other", date="2025-07-02T17:10:00+08:00", body="别的事情。", tags=["新词"])
    desk.rebuild()
    assert [one["verified"] for one in desk.cited("citing")] == [True]
