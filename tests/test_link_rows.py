"""Rows of link checks, in both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import Connection

from feeds.store.article_rows import CHUNK
from feeds.store.link_rows import LinkRow, closings, link_rows, save_links

NOON = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)
GONE = LinkRow(
    url="https://a.press/1",
    checked=NOON,
    fresh_until=NOON + timedelta(weeks=1),
    word="gone",
    sentence="a.press 不再有 it (404)",
    status=404,
)


def test_what_is_kept_comes_back_as_it_was(connection: Connection) -> None:
    moved = replace(GONE, url="https://b.press/%s?x", word="redirected", moved_to="https://b.press/2", status=None)
    save_links(connection, [GONE, moved])
    assert link_rows(connection, [GONE.url, moved.url, "https://c.press/"]) == {GONE.url: GONE, moved.url: moved}
    assert link_rows(connection, []) == {}


def test_a_newer_look_takes_the_place_of_the_older_one(connection: Connection) -> None:
    save_links(connection, [GONE])
    alive = replace(GONE, word="alive", status=200, checked=NOON + timedelta(days=8), sentence="a.press has it")
    save_links(connection, [alive])
    save_links(connection, [])
    assert link_rows(connection, [GONE.url]) == {GONE.url: alive}


def test_more_pages_than_one_statement_takes(connection: Connection) -> None:
    rows = [replace(GONE, url=f"https://a.press/{number}") for number in range(CHUNK + 1)]
    save_links(connection, rows)
    assert len(link_rows(connection, [row.url for row in rows])) == CHUNK + 1


def test_servers_that_ask_to_be_left_alone_are_known_until_then(connection: Connection) -> None:
    closed = replace(GONE, word="blocked", status=429, fresh_until=NOON + timedelta(hours=1))
    walled = replace(closed, url="https://b.press/1", status=403)
    save_links(connection, [closed, walled, replace(GONE, url="https://c.press/1")])
    assert closings(connection, NOON) == {closed.url: closed.fresh_until}
    assert closings(connection, NOON + timedelta(hours=1)) == {}
