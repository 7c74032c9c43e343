"""Rows of what became of entries, in both databases; and which entries were taken out of a document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from feeds.sources.window import (
    FEWEST_OLDER,
    MOST_AT_ONCE,
    Placed,
    is_missed,
    is_sorted,
    mark,
    pack,
    taken_out,
    unpack,
)
from feeds.store import change_rows, entry_rows, source_rows
from feeds.store.schema import to_micros

NOON = datetime(2025, 7, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def ids(connection: Connection) -> list[int]:
    """Two entries of a feed."""
    url = "https://a.example/feed"
    source_rows.sync_feeds(connection, {url: "Wired"}, lambda _: {"domain": "a.example", "learnt": "{}"})
    (feed,) = source_rows.active_feeds(connection)
    at = to_micros(NOON)
    rows = [
        (feed.id, key, f"https://a.example/{key}", None, f"题目 {key}", at + n, at, at, "h", None, 0, "{}", "<p>长")
        for n, key in enumerate("ab")
    ]
    entry_rows.insert_entries(connection, rows)
    known = entry_rows.known_entries(connection, feed.id, ["a", "b"])
    return [known["a"].id, known["b"].id]


def test_what_happened_is_told_in_its_order(connection: Connection, ids: list[int]) -> None:
    first, second = ids
    change_rows.add_changes(connection, [(first, "retitled", "旧", "新"), (second, "moved", "u1", "u2")], NOON)
    change_rows.add_changes(connection, [(first, "edited", "five", "six")], NOON + HOUR)
    found = change_rows.changes_of(connection, ids)
    assert [(one.kind, one.before, one.after, one.at) for one in found[first]] == [
        ("retitled", "旧", "新", NOON),
        ("edited", "five", "six", NOON + HOUR),
    ]
    assert [one.kind for one in found[second]] == ["moved"]
    assert change_rows.changes_of(connection, [second + 9]) == {}


def test_the_last_of_some_words(connection: Connection, ids: list[int]) -> None:
    for n, word in enumerate(("withdrawn", "returned", "edited")):
        change_rows.add_changes(connection, [(ids[0], word, "", "")], NOON + n * HOUR)
    assert change_rows.last_words(connection, ids, ("withdrawn", "returned")) == {ids[0]: "returned"}


def test_nothing_to_add_is_nothing(connection: Connection, ids: list[int]) -> None:
    change_rows.add_changes(connection, [], NOON)
    assert change_rows.changes_of(connection, ids) == {}


def test_texts_and_newest_of_stored_entries(connection: Connection, ids: list[int]) -> None:
    assert entry_rows.texts(connection, ids) == dict.fromkeys(ids, ("{}", "<p>长"))
    (feed,) = source_rows.active_feeds(connection)
    assert [row.key for row in entry_rows.newest(connection, feed.id, 1)] == ["b"]


# -- windows ---------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 2**32 - 1)))
def test_an_order_is_read_as_it_was_written(marks: list[int]) -> None:
    assert unpack(pack(marks)) == tuple(marks)


def test_a_damaged_order_is_none() -> None:
    assert unpack("???") == unpack("QQ==") == ()


@pytest.mark.parametrize(
    ("before", "now", "out"),
    [
        ("abcdefgh", "acdefgh", "b"),
        ("abcdefgh", "xyacdefg", "b"),
        ("abcdefgh", "bcdefgh", "a"),
        ("abcdefgh", "adefgh", "bc"),
        ("abcdefgh", "abcdefg", ""),  # the last one left at the end
        ("abcdefgh", "xyzabcde", ""),
        ("abcdefgh", "abcdegh", ""),  # two older ones are too few
        ("abcdefgh", "aefgh", ""),  # more at once than are taken out one by one
        ("abcdefgh", "vwxyzah", ""),  # one is pinned
        ("abcdefgh", "hgfedcba", ""),
        ("abcdefgh", "", ""),
        ("", "abc", ""),
    ],
)
def test_what_is_missing_from_the_midst(before: str, now: str, out: str) -> None:
    assert taken_out([*map(ord, before)], {*map(ord, now)}) == {*map(ord, out)}


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 60))
def test_a_window_that_moves_on_misses_nothing(start: int, length: int, step: int) -> None:
    before = [mark(str(n)) for n in range(start + length, start, -1)]
    now = {mark(str(n)) for n in range(start + length + step, start + step, -1)}
    assert taken_out(before, now) == frozenset()


@given(st.sets(st.integers(0, 49)), st.integers(0, 9))
def test_never_more_than_a_few_and_never_the_oldest(gone: set[int], new: int) -> None:
    before = list(range(50))
    found = taken_out(before, {*before} - gone | {100 + n for n in range(new)})
    assert found <= gone
    assert len(found) <= MOST_AT_ONCE
    assert not found & set(before[-FEWEST_OLDER:])


def placed(key: str, days: int, title: str = "", url: str | None = None) -> Placed:
    return Placed(key, title or f"Title of {key}", url or f"https://a.example/{key}", NOON + timedelta(days=days))


def test_an_entry_is_missed_when_older_ones_are_there() -> None:
    document = [placed(f"d{n}", days=10 - n) for n in range(8)]
    assert is_missed(placed("x", days=7), document)
    assert not is_missed(placed("x", days=5), document)
    assert not is_missed(placed("x", days=10, title="“Title of d3”"), document)
    assert not is_missed(placed("x", days=10, url="https://a.example/d3"), document)


def test_a_document_that_ranks_is_not_sorted() -> None:
    assert is_sorted([placed(str(n), days=-n) for n in range(9)])
    assert is_sorted([placed("pinned", days=-99), *(placed(str(n), days=-n) for n in range(9))])
    assert not is_sorted([placed(str(n), days=n) for n in range(9)])
    assert not is_sorted([placed(str(n), days=n * 7 % 11) for n in range(11)])
