"""What no article covers, ranked; and which entries are one story."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from feeds.meet.gaps import Desk, find_gaps
from feeds.meet.pieces import followed, stories
from feeds.model import SourceSpec
from feeds.store import article_rows, entry_rows, feed_rows, source_rows
from feeds.store.adopt_rows import FullEntry
from feeds.store.schema import to_micros

NOON = datetime(2025, 7, 3, 12, tzinfo=UTC)
WIRED = SourceSpec(name="Wired", feeds=("https://wired.example/feed", "https://wired.example/videos"))
OTHER = SourceSpec(name="Other", feeds=("https://other.example/feed",))
FEEDS = followed([WIRED, OTHER])
DESK = Desk(feeds=FEEDS, language="zh-CN", limit=2)


def full(id_: int, title: str, *, days: float = 0, feed: str = WIRED.feeds[0], key: str | None = None) -> FullEntry:
    return FullEntry(id=id_, feed=feed, said="{}", at=NOON - timedelta(days=days), hash="h", url_key=key, title=title)


def test_an_episode_and_its_video_are_one_story() -> None:
    episode = full(1, "Episode 2: What’s next?", key="https://wired.example/2")
    video = full(2, "Episode 2 : What's Next?", feed=WIRED.feeds[1], days=1, key="https://tube.example/x")
    assert [[one.id for one in some] for some in stories([episode, video], FEEDS)] == [[1, 2]]


def test_one_page_is_one_story_whatever_its_title() -> None:
    twins = [full(1, "Old", key="https://wired.example/1"), full(2, "New", days=30, key="https://wired.example/1")]
    assert [[one.id for one in some] for some in stories(twins, FEEDS)] == [[1, 2]]


@pytest.mark.parametrize(
    "other",
    [
        full(2, "Weekly digest", days=7, key="https://wired.example/2"),
        full(2, "Weekly digest", feed=OTHER.feeds[0], key="https://other.example/2"),
        full(2, "Another digest", key="https://wired.example/2"),
    ],
)
def test_a_title_alone_makes_no_story(other: FullEntry) -> None:
    assert len(stories([full(1, "Weekly digest", key="https://wired.example/1"), other], FEEDS)) == 2


def test_entries_without_title_and_address_are_stories_of_their_own() -> None:
    assert len(stories([full(1, ""), full(2, "")], FEEDS)) == 2


# -- ranking ------------------------------------------------------------


@pytest.fixture
def cited(connection: Connection) -> Connection:
    """Two sources; three articles cite Wired, one the other; one article has the tag ``Penguins``."""
    wanted = {url: feed.spec.name for url, feed in FEEDS.items()}
    source_rows.sync_feeds(connection, wanted, lambda _: {"domain": "d", "learnt": "{}"})
    rows = [
        {"path": f"{n}.md", "mtime_ns": 0, "size": 0, "digest": "d", "uid": f"tag:{n}", "title": f"文章 {n}"}
        | {"url": f"https://example.org/{n}/", "published": NOON, "live": True}
        for n in range(1, 5)
    ]
    article_rows.insert_rows(connection, [{"id": n, **row} for n, row in enumerate(rows, 1)])
    feeds = [(1, "", "source", "wired", "Wired", "wired", 3), (2, "", "source", "other", "Other", "other", 1)]
    feed_rows.insert_feeds(connection, [*feeds, (3, "", "tag", "penguins", "Penguins", "penguins", 1)])
    members = [(1, 1), (1, 2), (1, 3), (2, 4), (3, 1)]
    feed_rows.insert_members(
        connection, [(feed, article, to_micros(NOON), "Penguins", None) for feed, article in members]
    )
    return connection


def publish(connection: Connection, *entries: tuple[str, str, float]) -> dict[str, int]:
    """(feed, title, days ago) as entries; title -> id."""
    ids = {feed.url: feed.id for feed in source_rows.active_feeds(connection)}
    rows = []
    for feed, title, days in entries:
        at = to_micros(NOON - timedelta(days=days))
        url = f"https://x.example/{title}"
        rows.append((ids[feed], title, url, url, title, at, at, at, "h", None, 0, '{"id":"x"}', ""))
    entry_rows.insert_entries(connection, rows)
    return {row.title: row.id for id_ in ids.values() for row in entry_rows.entries_of(connection, id_)}


def gaps(connection: Connection, **options: set[int]) -> list[str]:
    found = find_gaps(connection, DESK, covered=options.get("covered", set()), listed=options.get("listed", set()))
    return [gap.full.title for gap in found]


def test_the_source_that_is_cited_more_comes_first(cited: Connection) -> None:
    publish(cited, (OTHER.feeds[0], "theirs", 0), (WIRED.feeds[0], "ours", 0))
    assert gaps(cited) == ["ours", "theirs"]


def test_the_newer_story_comes_first(cited: Connection) -> None:
    publish(cited, (WIRED.feeds[0], "older", 9), (WIRED.feeds[0], "newer", 0))
    assert gaps(cited) == ["newer", "older"]


def test_a_story_of_the_sites_own_terms_comes_first_and_says_so(cited: Connection) -> None:
    publish(cited, (WIRED.feeds[0], "A story of stones", 0), (WIRED.feeds[0], "A story of penguins", 1))
    assert gaps(cited) == ["A story of penguins", "A story of stones"]
    (first, _) = find_gaps(cited, DESK, covered=(), listed=())
    assert first.reasons == ("Wired被3篇文章引用", "与本站共有的标签和主题：Penguins")


def test_what_is_covered_is_no_gap_and_only_so_many_are_listed(cited: Connection) -> None:
    ids = publish(cited, *((WIRED.feeds[0], name, days) for days, name in enumerate("abcd")))
    assert gaps(cited, covered={ids["a"]}) == ["b", "c"]


def test_what_was_listed_stays_until_it_is_covered_or_old(cited: Connection) -> None:
    ids = publish(cited, *((WIRED.feeds[0], name, days) for days, name in enumerate("abcd")), (WIRED.feeds[0], "e", 60))
    assert gaps(cited, listed={ids["d"], ids["e"]}) == ["a", "b", "d"]
    assert gaps(cited, listed={ids["d"]}, covered={ids["d"]}) == ["a", "b"]


def test_what_was_listed_leaves_when_many_others_are_likelier(cited: Connection) -> None:
    names = [f"{n:02}" for n in range(20)]
    ids = publish(cited, *((WIRED.feeds[0], name, days) for days, name in enumerate(names)))
    assert gaps(cited, listed={ids["07"], ids["08"], ids["19"]}) == ["00", "01", "07"]


def test_twins_are_one_gap(cited: Connection) -> None:
    ids = publish(cited, (WIRED.feeds[0], "Episode 2", 0), (WIRED.feeds[1], "Episode 2!", 1))
    assert len(gaps(cited)) == 1
    assert gaps(cited, listed={ids["Episode 2!"]}) == ["Episode 2!"]


def test_nothing_published_and_nothing_cited_make_no_gap(connection: Connection) -> None:
    assert gaps(connection) == []
