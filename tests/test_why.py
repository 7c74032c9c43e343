"""``feeds why`` tells in whole sentences what is known of anything, and why it is so."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from feeds.errors import ConfigError
from feeds.meet.why import Account, Line, account, account_values, fact, headed, when
from feeds.poll.run import Options as PollOptions
from feeds.why import explain
from tests.servers import Server, serving
from tests.sites import run_feeds
from tests.test_matching import LARKSPUR, NOON, PAGE, TALENT, Desk, item, make_desk

PENGUINS = item("3", "A quiet week for penguins", "https://wired.example/story/penguins/", day=2)
KEY = "https://wired.example/story/talent-spree"


def tell(desk: Desk, what: str, other: str | None = None, *, now: datetime | None = None) -> tuple[Account, ...]:
    app = desk.app
    with app._looking() as connection:
        return explain(connection, app.site, what, other, now=now or desk.now)


def shown(*told: Account) -> list[str]:
    """Titles and facts, two blanks for each step."""
    lines = []
    for one in told:
        lines += [one.title, *(f"{'  ' * (line.indent + 1)}{line.text}" for line in one.lines)]
    return lines


def below(lines: list[str], heading: str) -> list[str]:
    """The facts below the first line that reads so, without their common margin."""
    start = next(place for place, line in enumerate(lines) if line.strip() == heading)
    margin = len(lines[start]) - len(lines[start].lstrip()) + 2
    found = []
    for line in lines[start + 1 :]:
        if not line.startswith(" " * margin):
            break
        found.append(line[margin:])
    return found


@pytest.fixture
def desk(tmp_path: Path, server: Server, state_url: str) -> Desk:
    """Three articles, three entries, compared with each other; in both databases, to be changed at will."""
    return settled(make_desk(tmp_path / "site", server, state=state_url))


@pytest.fixture
def built(tmp_path: Path, server: Server) -> Desk:
    """Three articles, and nobody was polled yet."""
    desk = make_desk(tmp_path / "site", server)
    desk.rebuild()
    return desk


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def still(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The same, in both databases, made once for all who only look."""
    url = "sqlite:///.feeds/state.db" if request.param == "sqlite" else _database(request)
    with serving() as server:
        yield settled(make_desk(tmp_path_factory.mktemp("still") / "site", server, state=url))


def _database(request: pytest.FixtureRequest) -> str:
    """One of its own: others empty theirs meanwhile."""
    import psycopg  # noqa: PLC0415 (may be missing, but then the server is, too)

    uri = request.getfixturevalue("postgresql")
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("drop database if exists why")
        connection.execute("create database why")
    return make_url(uri).set(database="why").render_as_string(hide_password=False)


def settled(desk: Desk) -> Desk:
    desk.publish(TALENT, LARKSPUR, PENGUINS)
    desk.rebuild()
    desk.poll()
    desk.rebuild()
    return desk


def number_of(desk: Desk, title: str) -> int:
    """Of the entry whose title begins so."""
    found = desk.app.match(None, progress=lambda *_: None)
    return int(next(one["entry"]["number"] for one in found if one["entry"]["title"].startswith(title)))


# -- articles ----------------------------------------------------------------------------------------------------------


def test_an_article_tells_its_feeds_and_what_its_citations_meet(still: Desk) -> None:
    (told,) = tell(still, "content/posts/citing.md")
    number = number_of(still, "Altman")
    assert shown(told) == [
        "content/posts/citing.md: “题目 citing”",
        "  id: tag:example.org,2025-07-02:/posts/citing/",
        "    made of its host, date and path; kept for ever, wherever its file goes",
        "  address: https://example.org/posts/citing/",
        "  published: 2025-07-02 17:10 +08:00, from the front matter",
        "  It stands in these feeds:",
        "    site",
        "      every article does",
        "    source Wired",
        "      [^1] in line 9: “My summer with penguins”: names its publisher, “Wired”",
        f"      cites or covers its entry #{number} “Altman slams the talent spree” (Wired)",
        "    tag 甲",
        "      its front matter says “甲”",
        "  What it cites:",
        "    [^1] in line 9: “My summer with penguins”",
        f"      key: {KEY}",
        f"      entry #{number} “Altman slams the talent spree” (Wired)",
        "        match by the rule “same page”, score 1.00",
        f"          same page: {KEY}",
        "        It is published: the article shows what the source's own feed says.",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "content/posts/citing.md",
        "https://example.org/posts/citing/",
        "https://example.org/posts/citing",
        "http://www.example.org/posts/citing/?utm_source=x",
        "tag:example.org,2025-07-02:/posts/citing/",
    ],
)
def test_an_article_is_known_by_path_address_and_id(still: Desk, name: str) -> None:
    (told,) = tell(still, name)
    assert told.title == "content/posts/citing.md: “题目 citing”"


def test_an_article_is_known_by_its_path_from_the_current_folder(still: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(still.site.posts)
    assert tell(still, "citing.md")[0].title.startswith("content/posts/citing.md")
    assert tell(still, str(still.site.posts / "citing.md"))[0].title.startswith("content/posts/citing.md")


def test_an_article_that_covers_an_entry_says_so(still: Desk) -> None:
    (told,) = tell(still, "content/posts/covering.md")
    lines = shown(told)
    assert "  It cites nothing." in lines
    (name, rule, *evidence, outcome) = below(lines, "What it tells without citing it:")
    assert name.startswith(f"entry #{number_of(still, 'Miriam')} “Miriam Vogelsang of Quillfeather Observatory")
    assert re.fullmatch(r"  match by the rule “covers”, score 0\.\d\d", rule)
    assert evidence[0].startswith("    both say miriam vogelsang (in 1 of 3)")
    assert outcome == "  It is published: the article shows what the source's own feed says."


def test_an_article_that_is_not_published_says_why(built: Desk) -> None:
    built.site.write("draft", draft=True)
    built.site.write("future", publishDate="2030-01-01T00:00:00+08:00")
    built.site.write("expired", expiryDate="2025-07-03T00:00:00+08:00")
    built.rebuild()
    says = {
        "draft": "  It is a draft: it stands in no feed.",
        "future": "  It appears on 2030-01-01 00:00 +08:00: it stands in no feed until then.",
        "expired": "  It expired on 2025-07-03 00:00 +08:00: it stands in no feed any more.",
    }
    for name, line in says.items():
        lines = shown(*tell(built, f"content/posts/{name}.md"))
        assert line in lines
        assert "  It stands in no feed." in lines


def test_a_quarantined_article_says_its_problem_with_the_line(built: Desk) -> None:
    built.site.write("citing", publishDate="some day")
    built.rebuild()
    lines = shown(*tell(built, "content/posts/citing.md"))
    stays = "its last good version stays in the feeds until somebody mends it."
    quarantined = f"  It is quarantined, since it cannot be read: {stays}"
    assert lines[:2] == ["content/posts/citing.md: “题目 citing”", quarantined]
    assert re.match(
        r"content/posts/citing\.md:\d+: publishDate: .* is no date .*\[error\]$",
        below(lines, "What is to be said of its file:")[0],
    )


def test_an_article_says_when_its_file_is_newer_or_gone_or_new(built: Desk) -> None:
    built.site.write("citing", body="改过了。")
    says = "  Its file has changed since the last feeds rebuild: what its feeds hold is older than what it says."
    assert shown(*tell(built, "content/posts/citing.md"))[1] == says
    built.site.posts.joinpath("citing.md").unlink()
    assert (
        shown(*tell(built, "content/posts/citing.md"))[1] == "  Its file is gone: the next feeds rebuild withdraws it."
    )
    built.site.write("new")
    lines = shown(*tell(built, "content/posts/new.md"))
    assert lines[1] == "  It is new: the next feeds rebuild takes it in."


def test_terms_say_whether_they_are_spelt_aliases_inferred_or_not_listed(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server)
    config = desk.site.root / "sources.yaml"
    more = "tags: {aliases: {智能体: [AI Agent]}}\ntopics: [{name: 模型}]\n"
    config.write_text(config.read_text("utf-8") + more, encoding="utf-8")
    desk.site.write("aliased", tags=["AI agent"], main_topics=["模型", "杂谈"])
    desk.site.write("bare", tags=[], title="智能体来了", body="智能体，还是智能体。")
    desk.rebuild()
    aliased = shown(*tell(desk, "content/posts/aliased.md"))
    assert below(aliased, "tag 智能体") == [
        "its front matter says “AI agent”, which sources.yaml makes an alias of “智能体”"
    ]
    assert below(aliased, "topic 模型") == ["its front matter says “模型”"]
    assert below(aliased, "Topics of it that have no feed, since sources.yaml does not list them:") == ["杂谈"]
    inferred = (
        "its front matter names no terms, so it is inferred: its title names it 1 time and its text names it 2 times"
    )
    assert below(shown(*tell(desk, "content/posts/bare.md")), "tag 智能体") == [inferred]
    (topic,) = tell(desk, "topic:杂谈")
    assert shown(topic) == [
        "topic 杂谈",
        "  It has no feed: sources.yaml lists the topics that may have one, and it is not among them.",
        "  1 article names it:",
        "    content/posts/aliased.md",
    ]
    (tag,) = tell(desk, "tag:ai-agent")
    assert "  aliases in sources.yaml: aiagent" in shown(tag)


def test_a_citation_that_meets_nothing_says_why(desk: Desk) -> None:
    body = (
        "甲[^1]，乙[^2]，丙[^3]。\n\n"
        "[^1]: [Nothing of the kind](https://elsewhere.example/a)·Elsewhere\n"
        "[^2]: [A quiet month for penguins](https://wired.example/story/other/)·Wired\n"
        "[^3]: [Again](https://www.wired.example/story/talent-spree)\n"
    )
    desk.site.write("unmet", date="2025-07-02T17:10:00+08:00", body=body)
    desk.rebuild()
    lines = shown(*tell(desk, "content/posts/unmet.md"))
    elsewhere = below(lines, "[^1] in line 9: “Nothing of the kind”")
    assert elsewhere[-1] == "It meets no entry: its source, Elsewhere, is not in sources.yaml."
    other = below(lines, "[^2] in line 10: “A quiet month for penguins”")
    nearest = f"The nearest entry: #{number_of_penguins(desk)} “A quiet week for penguins” (Wired)"
    assert "It meets no entry of Wired, whose feed reaches back to 2025-07-01." in other
    rules = below(other, nearest)
    page = "https://wired.example/story/"
    assert rules[0] == f"same page: no: the entry has {page}penguins, the article cites {page}other"
    assert rules[1] == "known ids: no: the entry has none, the article cites none"
    assert re.fullmatch(r"same title: no: the nearest cited title is \d\d% like it: .*would be enough", rules[2])
    assert len(rules) == 3
    assert any("“same page”" in line for line in below(lines, "[^3] in line 11: “Again”"))


def number_of_penguins(desk: Desk) -> int:
    """No article meets it, so the list of matches does not have it."""
    return next(n for n in range(1, 4) if "penguins" in tell(desk, f"#{n}")[0].title)


def test_a_citation_of_a_source_that_was_never_polled_says_so(built: Desk) -> None:
    lines = shown(*tell(built, "content/posts/citing.md"))
    assert "      It meets no entry: nothing of Wired is known yet (feeds poll asks it)." in lines


def test_verdicts_and_suggestions_are_told_on_either_side(desk: Desk) -> None:
    number = number_of(desk, "Altman")
    desk.judge("denied", PAGE, "content/posts/citing.md")
    desk.judge("confirmed", f"#{number}", "content/posts/other.md")
    day = f"{desk.now:%Y-%m-%d}"
    denied = f"A person denied it on {day}: nothing of it is published, whatever the rules find."
    confirmed = f"A person confirmed it on {day}: it is published, whatever the rules find."
    lines = shown(*tell(desk, f"#{number}"))
    assert denied in below(lines, "content/posts/citing.md: “题目 citing”")
    assert below(lines, "content/posts/other.md: “题目 other”") == ["no rule finds it", confirmed]
    assert f"        {denied}" in shown(*tell(desk, "content/posts/citing.md"))
    assert f"      {confirmed}" in shown(*tell(desk, "content/posts/other.md"))


# -- pages -------------------------------------------------------------------------------------------------------------


def test_a_page_tells_its_key_its_entries_and_who_cites_it(still: Desk) -> None:
    page, entry = tell(still, "http://www.wired.example/story/talent-spree/?utm_medium=x&amp=1#top")
    name = f"#{number_of(still, 'Altman')} “Altman slams the talent spree” (Wired)"
    lines = shown(page)
    assert lines[1] == "  Its key, by which addresses are compared, is https://wired.example/story/talent-spree"
    assert "    only measures who came from where, and does not count: utm_medium=x" in lines
    assert "    scheme: http -> https" in lines
    assert "    host: www.wired.example -> wired.example" in lines
    assert below(lines, "Entries that have it:") == [name]
    assert below(lines, "Articles that cite it:") == [
        "content/posts/citing.md: [^1] in line 9: “My summer with penguins”"
    ]
    assert entry.title == name


def test_a_page_that_nobody_knows_says_so(still: Desk) -> None:
    (page,) = tell(still, "https://nowhere.example/a")
    assert shown(page) == [
        "https://nowhere.example/a",
        "  Its key, by which addresses are compared, is the address as it stands.",
        "  No entry of a source has it, or ever had it.",
        "  No article cites it.",
        "  Nobody has looked yet whether it is still there (feeds audit --links does).",
    ]


# -- entries -----------------------------------------------------------------------------------------------------------


def test_an_entry_tells_its_dates_what_it_meets_and_what_not(still: Desk) -> None:
    number = number_of(still, "Altman")
    (told,) = tell(still, str(number))
    lines = shown(told)
    assert lines[0] == f"#{number} “Altman slams the talent spree” (Wired)"
    assert "  id in its feed: 1 (as its feed gives it)" in lines
    assert f"  key, by which addresses are compared: {KEY}" in lines
    dates = [line for line in lines if line.startswith(("  published", "  sorted", "  first"))]
    assert dates == [
        "  published: its feed says “Tue, 01 Jul 2025 09:00:00 +0000”, that is 2025-07-01 09:00 UTC",
        "  sorted by: 2025-07-01 09:00 UTC, that date",
        f"  first seen: {when(still.now)}; this version came: {when(still.now)}",
    ]
    assert below(lines, "Articles that it meets:") == [
        "content/posts/citing.md: “题目 citing”",
        "  match by the rule “same page”, score 1.00",
        f"    same page: {KEY}",
        "  It is published: the article shows what the source's own feed says.",
    ]
    assert "  It is no gap: an article has it." in lines
    assert "  Nothing became of it since it was first seen." in lines


def test_an_entry_that_no_article_has_tells_the_nearest_and_its_rank(still: Desk) -> None:
    lines = shown(*tell(still, "https://wired.example/story/penguins/"))
    assert "  It meets no article." in lines
    near = below(
        below(lines, "The nearest articles that it does not meet, and the rules in order:"),
        "content/posts/citing.md: “题目 citing”",
    )
    assert near[0] == f"same page: no: the entry has https://wired.example/story/penguins, the article cites {KEY}"
    assert re.match(r"covers: no \(score 0\.\d\d\): both say penguins", near[3])
    assert "to be published the score must be" in near[4]
    gap = below(lines, "It is listed among the gaps, what cited sources published and no article has:")
    assert gap[0] == "Wired被2篇文章引用"
    assert re.fullmatch(r"score \d\.\d\d, place 1 of 1", gap[-1])


def test_an_entry_that_changed_tells_how_and_is_known_by_its_old_page(desk: Desk) -> None:
    desk.publish(TALENT.replace("Altman slams", "Altman regrets").replace("spree/", "war/"), LARKSPUR, PENGUINS)
    desk.poll()
    page, entry = tell(desk, PAGE)
    assert below(shown(page), "Entries that have it:") == [f"{entry.title}, once"]
    lines = shown(entry)
    past = below(lines, "It was called otherwise before, and may be cited so:")
    assert past == [f"until {when(desk.now)}: “Altman slams the talent spree”, {PAGE}"]
    assert below(lines, "What became of it:") == [
        f"{when(desk.now)}: retitled",
        "  before: Altman slams the talent spree",
        "  after: Altman regrets the talent spree",
        f"{when(desk.now)}: moved",
        f"  before: {PAGE}",
        f"  after: {PAGE.replace('spree', 'war')}",
    ]


def test_an_entry_is_known_by_its_number_before_any_id_that_looks_like_one(built: Desk) -> None:
    one, two = (entry.replace(f">{old}<", f">{new}<") for entry, old, new in ((TALENT, 1, 2), (LARKSPUR, 2, 77)))
    built.publish(one, two)
    built.poll()
    assert [[told.title[:10] for told in tell(built, name)] for name in ("2", "#2", "77")] == [["#2 “Miriam"]] * 3
    with pytest.raises(ConfigError, match="why '#77'"):
        tell(built, "#77")


def test_an_entry_is_a_gap_only_while_gaps_are_listed(tmp_path: Path, server: Server) -> None:
    desk = settled(make_desk(tmp_path / "site", server, output=", editor: []"))
    lines = shown(*tell(desk, f"#{number_of_penguins(desk)}"))
    assert "  No article has it; gaps are not listed (output.editor in sources.yaml)." in lines


# -- feeds of sources --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_address", [False, True])
def test_a_source_tells_its_polls_and_what_came_of_its_entries(still: Desk, by_address: bool) -> None:
    url = still.server.url("/feed")
    told = tell(still, url if by_address else "Wired")
    assert [one.title for one in told] == [
        f"Wired: {url}",
        *([] if by_address else ["source Wired: 引用Wired的文章 · 小站"]),
    ]
    lines = shown(told[0])
    assert "  state: ok: it answers" in lines
    assert f"  last asked: {when(still.now)}, status 200" in lines
    (start,) = [line for line in lines if line.startswith("  next poll: ")]
    # Chance lengthens each wait a little, and so decides between two rules that say a day.
    assert re.match(
        "rule “(rhythm-unknown|no-validators)”: (too few dated|its server gives)", below(lines, start.strip())[0]
    )
    assert below(lines, "3 entries from 2025-07-01 to 2025-07-02, of which") == [
        "2 are cited or covered by an article",
        "0 are suggested for an article",
    ]
    assert re.fullmatch(
        rf"{when(still.now)}: fetched \(200\), \d+ bytes, 3 new, 0 changed", below(lines, "Its last requests:")[0]
    )


def test_a_source_that_fails_tells_since_when_and_why(built: Desk) -> None:
    built.server.answers("/feed", status=404)
    built.now += timedelta(days=2)
    built.app.poll(PollOptions(), clock=lambda: built.now, report=lambda *_: None)
    lines = shown(*tell(built, "Wired"))
    assert "  state: failing: it cannot be had, or not be read, at the moment" in lines
    (heading,) = [line for line in lines if line.startswith("  It failed 1 time in a row since ")]
    assert below(lines, heading.strip())[0].startswith("http-status: ")


def test_a_source_is_due_at_once_before_there_is_a_state(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server)
    assert shown(*tell(desk, "Wired"))[2:] == [
        "  state: new: it was never asked",
        "  next poll: now, it is due",
        "    rule “new”: never asked yet",
    ]


# -- our feeds ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["tag:甲", "甲", "output/tags/甲/atom.xml", "tags/甲/", "https://example.org/tags/%E7%94%B2/feed.json"],
)
def test_a_feed_is_known_by_term_path_and_address(still: Desk, name: str) -> None:
    (told,) = tell(still, name)
    assert told.title == "tag 甲: 甲 · 小站"


def test_a_feed_tells_what_it_is_about_where_it_lives_and_what_it_holds(still: Desk) -> None:
    (told,) = tell(still, "tag:甲")
    lines = shown(told)
    assert lines[1:7] == [
        "  It is about the tag “甲”.",
        "  key, by which spellings are one term: 甲",
        "  spelling: “甲” by 1 article",
        "  folder: output/tags/甲: rss.xml, atom.xml, feed.json, index.html",
        "  address: https://example.org/tags/%E7%94%B2/",
        "  slug: 甲, made of its name; it stays when the name changes",
    ]
    assert "  holds 1 article, from 2025-07-02 to 2025-07-02" in lines
    assert "  subscription document: 1 item, of 6 at most (output.limit)" in lines
    assert "  up to date: nothing that it holds has changed since it was written" in lines
    files = below(lines, "4 files of ours:")
    assert re.fullmatch(r"output/tags/甲/atom\.xml: [\d,]+ bytes, last written \d{4}-\d\d-\d\d \d\d:\d\d UTC", files[0])


def test_a_feed_tells_its_spellings_archives_and_withdrawals(built: Desk) -> None:
    for number in range(9):
        built.site.write(
            f"n{number}", tags=["GPT 5" if number else "gpt-5"], date=f"2025-06-0{number + 1}T08:00:00+08:00"
        )
    built.rebuild()
    built.site.posts.joinpath("n8.md").unlink()
    built.rebuild()
    (told,) = tell(built, "tag:GPT-5")
    lines = shown(told)
    assert below(lines, "spellings, the most used one is shown:") == ["“GPT 5” by 7 articles", "“gpt-5” by 1 article"]
    assert "  subscription document: 6 items, of 6 at most (output.limit)" in lines
    assert "  no archives (output.archives): 2 older items in none" in lines
    (stone,) = below(lines, "withdrawn from it last (RFC 6721):")
    assert stone == f"{when(built.now)}: tag:example.org,2025-06-09:/posts/n8/"


def test_a_second_term_on_one_slug_says_who_has_it(built: Desk) -> None:
    built.site.write("one", tags=["C"])
    built.rebuild()
    built.site.write("two", tags=["C!"])
    built.rebuild()
    (line,) = [line for line in shown(*tell(built, "tag:C!")) if line.startswith("  slug: ")]
    assert re.fullmatch(r"  slug: c-[0-9a-f]{8}, since “C” has c already; it stays when the name changes", line)


def test_a_feed_that_waits_for_articles_says_how_many_it_needs(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server, output=", min_articles: 2")
    desk.rebuild()
    lines = shown(*tell(desk, "tag:甲"))
    assert (
        "  It is not written: a new feed waits until it has 2 articles (output.min_articles in sources.yaml)." in lines
    )
    assert "    tag 甲; not written yet (1 of 2 articles)" in shown(*tell(desk, "content/posts/citing.md"))


def test_a_source_that_no_article_cites_has_no_feed_and_says_why(tmp_path: Path, server: Server) -> None:
    desk = make_desk(tmp_path / "site", server)
    desk.site.posts.joinpath("citing.md").unlink()
    desk.rebuild()
    (told,) = tell(desk, "source:Wired")
    says = "It has no feed of ours: no article that is published cites it or covers what it publishes."
    assert [line.text for line in told.lines] == [says]


# -- pairs -------------------------------------------------------------------------------------------------------------


def test_a_pair_that_meets_tells_by_which_rule_in_either_order(still: Desk) -> None:
    number = number_of(still, "Altman")
    told = tell(still, PAGE, "content/posts/citing.md")
    assert told == tell(still, "https://example.org/posts/citing/", f"#{number}")
    assert shown(*told) == [
        f"#{number} and content/posts/citing.md",
        f"  entry #{number} “Altman slams the talent spree” (Wired)",
        "  article content/posts/citing.md: “题目 citing”",
        "  What is stored of the two:",
        "    match by the rule “same page”, score 1.00",
        f"      same page: {KEY}",
        "    It is published: the article shows what the source's own feed says.",
        "  The rules, in order, the first that holds wins:",
        f"    same page: match: [^1] in line 9: same page: {KEY}",
    ]


def test_a_pair_that_does_not_meet_tells_what_would_have_to_differ(still: Desk) -> None:
    (told,) = tell(still, PAGE, "content/posts/other.md")
    lines = shown(told)
    assert lines[3] == "  They were compared, and no rule found that they have to do with each other."
    rules = below(lines, "The rules, in order, the first that holds wins:")
    assert rules[:3] == [
        f"same page: no: the entry has {KEY}, the article cites none",
        "known ids: no: the entry has none, the article cites none",
        "same title: no: the article cites nothing by title",
    ]
    assert rules[3].startswith("covers: no (score 0.00)")
    assert any(rule.startswith("to be published the score must be") for rule in rules)


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        (("#1", "#2"), "'#1' is an entry; '#2' is an entry"),
        (("content/posts/other.md", "nobody"), "'content/posts/other.md' is an article; 'nobody' is neither"),
    ],
)
def test_a_pair_of_anything_else_is_refused(still: Desk, pair: tuple[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        tell(still, *pair)


# -- names that nobody has ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "offers"),
    [
        ("Wiredd", "(did you mean 'Wired'?)"),
        ("content/posts/citin.md", "(did you mean 'content/posts/citing.md'"),
        ("#99", "(feeds check, match and status list names)"),
    ],
)
def test_a_name_that_nobody_has_is_answered_with_the_nearest(still: Desk, name: str, offers: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(offers)) as caught:
        tell(still, name)
    tried = (
        "no article (path, address, id), no entry (number, address, id), no source, no feed and no term is called so"
    )
    assert str(caught.value).startswith(f"why {name!r}: {tried}")


@pytest.mark.parametrize("names", [("#1",), ("#1", "content/posts/citing.md")])
def test_without_a_state_there_are_no_entries_yet(tmp_path: Path, server: Server, names: tuple[str, ...]) -> None:
    desk = make_desk(tmp_path / "site", server)
    with pytest.raises(ConfigError, match="state: there is none yet"):
        tell(desk, *names)
    assert not desk.site.root.joinpath(".feeds").exists()


def test_any_name_is_told_or_refused_with_a_word(still: Desk) -> None:
    app = still.app
    names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
    marked = st.builds(
        "".join,
        st.lists(
            st.one_of(names, st.sampled_from(["tag:", "#", "https://", "/", "output/", "1", "[", "%"])), max_size=5
        ),
    )

    with app._looking() as connection:

        @settings(max_examples=60)
        @given(marked)
        def holds(name: str) -> None:
            with contextlib.suppress(ConfigError):
                told = explain(connection, app.site, name, None, now=NOON)
                assert told
                assert all(line.text.isprintable() for one in told for line in one.lines)

        holds()


# -- how it is shown ---------------------------------------------------------------------------------------------------


def test_facts_are_nested_lists_for_a_script() -> None:
    told = account(
        "title", [fact("one"), *headed("two", [fact("three"), *headed("four", [fact("five")])]), fact("six")]
    )
    assert account_values(told) == {
        "title": "title",
        "facts": [["one", []], ["two", [["three", []], ["four", [["five", []]]]]], ["six", []]],
    }


def test_what_strangers_wrote_stays_on_its_line() -> None:
    told = account("a\x1b[2Jb", [fact("one\ntwo\u202ethree")])
    assert (told.title, told.lines) == ("a [2Jb", (Line(0, "one two three"),))


def test_the_command_prints_the_same_facts_as_text_and_as_json(built: Desk) -> None:
    root = built.site.root
    printed = run_feeds(root, "why", "content/posts/citing.md")
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout.splitlines() == shown(*tell(built, "content/posts/citing.md"))
    values = json.loads(run_feeds(root, "why", "content/posts/citing.md", "--json").stdout)
    (one,) = values["accounts"]
    assert one["facts"][0] == [
        "id: tag:example.org,2025-07-02:/posts/citing/",
        [["made of its host, date and path; kept for ever, wherever its file goes", []]],
    ]
    unknown = run_feeds(root, "why", "Wiredd")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
