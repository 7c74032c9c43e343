"""Rows of the entries that sources published, in both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from feeds.store import entry_rows, source_rows
from feeds.store.article_rows import CHUNK
from feeds.store.entry_rows import ENTRY_COLUMNS, VERSION_COLUMNS
from feeds.store.schema import entry, entry_past, to_micros

NOON = datetime(2025, 7, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def feeds(connection: Connection) -> tuple[int, int]:
    """Ids of two feeds."""
    wanted = {f"https://{name}.example/feed": name for name in "ab"}
    source_rows.sync_feeds(connection, wanted, lambda url: {"domain": f"{wanted[url]}.example", "learnt": "{}"})
    first, second = source_rows.active_feeds(connection)
    return first.id, second.id


def new(feed_id: int, key: str, **changes: Any) -> tuple[Any, ...]:
    values = {
        "feed_id": feed_id,
        "key": key,
        "url": f"https://a.example/{key}",
        "url_key": f"https://a.example/{key}",
        "title": f"题目 {key}",
        "at": to_micros(NOON),
        "first_seen": to_micros(NOON),
        "changed": to_micros(NOON),
        "hash": "h",
        "updated": None,
        "updates": 0,
        "said": "{}",
        "content": "<p>很长",
    }
    assert tuple(values) == ENTRY_COLUMNS
    assert changes.keys() <= values.keys()
    return tuple((values | changes).values())


def version(id_: int, **changes: Any) -> tuple[Any, ...]:
    values = {
        "url": "https://a.example/2",
        "url_key": "https://a.example/2",
        "title": "第二版",
        "at": to_micros(NOON),
        "changed": to_micros(NOON + HOUR),
        "hash": "h2",
        "updated": to_micros(NOON + HOUR),
        "updates": 1,
        "said": '{"n":2}',
        "content": "",
        "matched": False,
    }
    assert tuple(values) == VERSION_COLUMNS
    assert changes.keys() <= values.keys()
    return (*(values | changes).values(), id_)


def ids_of(connection: Connection, feed_id: int) -> dict[str, int]:
    return {row.key: row.id for row in entry_rows.entries_of(connection, feed_id)}


def test_every_column_but_the_number_is_written() -> None:
    assert set(ENTRY_COLUMNS) == {column.name for column in entry.columns} - {"id", "matched"}
    assert set(VERSION_COLUMNS) == (set(ENTRY_COLUMNS) | {"matched"}) - {"feed_id", "key", "first_seen"}


def test_known_entries_are_those_of_the_feed_that_are_asked_for(connection: Connection, feeds: tuple[int, int]) -> None:
    first, second = feeds
    entry_rows.insert_entries(connection, [new(first, "a"), new(first, "b", hash="hb"), new(second, "a")])
    known = entry_rows.known_entries(connection, first, {"b", "never", 'it\'s "quoted" % ?'})
    assert known.keys() == {"b"}
    assert (known["b"].hash, known["b"].updates, known["b"].updated, known["b"].title) == ("hb", 0, None, "题目 b")
    assert known["b"].at == NOON
    assert entry_rows.known_entries(connection, second, set()) == {}


def test_thousands_of_entries_are_known_at_once(connection: Connection, feeds: tuple[int, int]) -> None:
    keys = [f"k{number}" for number in range(2 * CHUNK + 3)]
    entry_rows.insert_entries(connection, [new(feeds[0], key) for key in keys])
    assert entry_rows.known_entries(connection, feeds[0], keys).keys() == set(keys)


@pytest.mark.parametrize("key", ["", " ", "a'b\"c%s?:x", "タグ 🙂", "x" * 2_500])
def test_an_id_is_kept_byte_for_byte(connection: Connection, feeds: tuple[int, int], key: str) -> None:
    entry_rows.insert_entries(connection, [new(feeds[0], key)])
    assert entry_rows.known_entries(connection, feeds[0], [key]).keys() == {key}


def test_another_version_takes_the_place_of_the_one_before(connection: Connection, feeds: tuple[int, int]) -> None:
    entry_rows.insert_entries(connection, [new(feeds[0], "a"), new(feeds[0], "b")])
    entry_rows.update_entries(connection, [version(ids_of(connection, feeds[0])["a"])])
    rows = {row.key: row for row in entry_rows.entries_of(connection, feeds[0])}
    assert rows.keys() == {"a", "b"}
    assert tuple(getattr(rows["a"], name) for name in ("title", "url", "hash", "updates", "said", "content")) == (
        "第二版",
        "https://a.example/2",
        "h2",
        1,
        '{"n":2}',
        "",
    )
    assert (rows["a"].first_seen, rows["a"].changed, rows["a"].updated) == (NOON, NOON + HOUR, NOON + HOUR)
    assert (rows["b"].title, rows["b"].changed) == ("题目 b", NOON)


def test_of_versions_written_together_the_last_one_stays(connection: Connection, feeds: tuple[int, int]) -> None:
    entry_rows.insert_entries(connection, [new(feeds[0], "a")])
    id_ = ids_of(connection, feeds[0])["a"]
    entry_rows.update_entries(connection, [version(id_, title="二"), version(id_, title="三")])
    assert [row.title for row in entry_rows.entries_of(connection, feeds[0])] == ["三"]


def test_to_write_nothing_is_nothing(connection: Connection, feeds: tuple[int, int]) -> None:
    entry_rows.insert_entries(connection, [])
    entry_rows.update_entries(connection, [])
    entry_rows.keep_past(connection, [], NOON)
    assert entry_rows.entries_of(connection, feeds[0]) == []
    assert entry_rows.past_of(connection, []) == {}


def test_what_an_entry_was_called_is_told_newest_first(connection: Connection, feeds: tuple[int, int]) -> None:
    entry_rows.insert_entries(connection, [new(feeds[0], "a"), new(feeds[0], "b")])
    ids = ids_of(connection, feeds[0])
    entry_rows.keep_past(connection, [(ids["a"], "一", "https://a.example/1", "k"), (ids["b"], "乙", None, None)], NOON)
    entry_rows.keep_past(connection, [(ids["a"], "二", None, None)], NOON + HOUR)
    assert entry_rows.past_of(connection, ids.values()) == {
        ids["a"]: [("二", None), ("一", "https://a.example/1")],
        ids["b"]: [("乙", None)],
    }
    assert entry_rows.past_of(connection, [ids["b"]]) == {ids["b"]: [("乙", None)]}


def test_entries_come_newest_first_and_those_of_one_moment_by_id(
    connection: Connection, feeds: tuple[int, int]
) -> None:
    times = {"c": 0, "a": 1, "b": 1, "old": -10}
    rows = [new(feeds[0], key, at=to_micros(NOON + hours * HOUR)) for key, hours in times.items()]
    entry_rows.insert_entries(connection, rows)
    assert [row.key for row in entry_rows.entries_of(connection, feeds[0])] == ["a", "b", "c", "old"]


def test_the_newest_times_are_those_of_the_feed(connection: Connection, feeds: tuple[int, int]) -> None:
    times = [NOON + hours * HOUR for hours in (3, -5, 1)]
    entry_rows.insert_entries(
        connection, [new(feeds[0], str(number), at=to_micros(time)) for number, time in enumerate(times)]
    )
    entry_rows.insert_entries(connection, [new(feeds[1], "x", at=to_micros(NOON + 9 * HOUR))])
    assert entry_rows.newest_times(connection, feeds[0], 2) == [NOON + 3 * HOUR, NOON + HOUR]
    assert len(entry_rows.newest_times(connection, feeds[0], 11)) == 3


def test_entries_are_counted_with_the_date_of_the_newest(connection: Connection, feeds: tuple[int, int]) -> None:
    assert entry_rows.counts(connection) == {}
    entry_rows.insert_entries(connection, [new(feeds[0], "a"), new(feeds[0], "b", at=to_micros(NOON + HOUR))])
    assert entry_rows.counts(connection) == {feeds[0]: (2, NOON + HOUR)}


def test_dates_of_all_times_are_kept(connection: Connection, feeds: tuple[int, int]) -> None:
    moments = [datetime(1, 1, 2, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), NOON]
    rows = [new(feeds[0], str(number), at=to_micros(moment)) for number, moment in enumerate(moments)]
    entry_rows.insert_entries(connection, rows)
    assert entry_rows.newest_times(connection, feeds[0], 9) == moments[::-1]


def test_old_contents_are_let_go_of_and_nothing_else(connection: Connection, feeds: tuple[int, int]) -> None:
    later = to_micros(NOON + HOUR)
    entry_rows.insert_entries(connection, [new(feeds[0], "old"), new(feeds[0], "young", changed=later)])
    entry_rows.forget_contents(connection, NOON + HOUR)
    rows = {row.key: row for row in entry_rows.entries_of(connection, feeds[0])}
    assert {key: row.content for key, row in rows.items()} == {"old": "", "young": "<p>很长"}
    assert (rows["old"].title, rows["old"].hash, rows["old"].said) == ("题目 old", "h", "{}")


def test_keys_follow_how_addresses_are_read_now(connection: Connection, feeds: tuple[int, int]) -> None:
    """Another release may read them otherwise; entries, and what they were called once, are found all the same."""
    old = "https://www.a.example/right?utm_source=x"
    entry_rows.insert_entries(connection, [new(feeds[0], "right"), new(feeds[0], "stale", url=old, url_key=old)])
    rows = {row.key: row for row in connection.execute(select(entry))}
    entry_rows.keep_past(connection, [(rows["stale"].id, "t", old, old)], NOON)
    entry_rows.keep_past(connection, [(rows["stale"].id, "u", None, None)], NOON + HOUR)
    assert entry_rows.renew_url_keys(connection) == 2
    assert entry_rows.renew_url_keys(connection) == 0
    keys = [*connection.execute(select(entry.c.url_key).order_by(entry.c.id)).scalars()]
    keys += connection.execute(select(entry_past.c.url_key).where(entry_past.c.url_key.is_not(None))).scalars()
    assert keys == ["https://a.example/right"] * 3
    long = f"https://a.example/{'x' * 3000}"
    assert entry_rows.url_key_of(long) is None
