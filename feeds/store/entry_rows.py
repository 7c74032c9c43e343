"""Rows of the entries that sources published: functions that take a connection. No entry is ever deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, Select, bindparam, func, select, update

from feeds.store.article_rows import chunks
from feeds.store.schema import entry, entry_past, source_feed, to_micros
from feeds.store.sql import insert_many
from feeds.urls import canonical

#: Bytes of an id or a ``url_key``: PostgreSQL indexes no more than 2,704 in a row.
_LONGEST_KEY = 2_500

#: The columns of a new entry, in the order of ``insert_entries``.
ENTRY_COLUMNS = (
    "feed_id",
    "key",
    "url",
    "url_key",
    "title",
    "at",
    "first_seen",
    "changed",
    "hash",
    "updated",
    "updates",
    "said",
    "content",
)
#: Those of another version, in the order of ``update_entries``; ``first_seen`` never moves.
VERSION_COLUMNS = (
    "url",
    "url_key",
    "title",
    "at",
    "changed",
    "hash",
    "updated",
    "updates",
    "said",
    "content",
    "matched",
)


# Asked for every document: to make a statement takes longer than to run it.
_KNOWN = select(
    *(entry.c[name] for name in ("id", "key", "hash", "updates", "updated", "title", "url", "url_key", "at"))
).where(entry.c.feed_id == bindparam("feed"), entry.c.key.in_(bindparam("keys", expanding=True)))
_NEWEST = (
    select(entry.c.at).where(entry.c.feed_id == bindparam("feed")).order_by(entry.c.at.desc()).limit(bindparam("count"))
)

_TEXTS = select(entry.c.id, entry.c.said, entry.c.content).where(entry.c.id.in_(bindparam("ids", expanding=True)))
_PLACED: Select[Any] = (
    select(entry.c.id, entry.c.key, entry.c.title, entry.c.url_key, entry.c.at)
    .where(entry.c.feed_id == bindparam("feed"))
    .order_by(entry.c.at.desc())
    .limit(bindparam("count"))
)


def known_entries(connection: Connection, feed_id: int, keys: Collection[str]) -> dict[str, Row[Any]]:
    """The stored versions of some entries of a feed, by key, without their texts."""
    found: dict[str, Row[Any]] = {}
    for some in chunks(sorted(keys)):
        rows = connection.execute(_KNOWN, {"feed": feed_id, "keys": some})
        found.update({row.key: row for row in rows})
    return found


def texts(connection: Connection, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Id -> ``said`` and ``content`` of the stored versions."""
    found: dict[int, tuple[str, str]] = {}
    for some in chunks(sorted(ids)):
        found.update({row.id: (row.said, row.content) for row in connection.execute(_TEXTS, {"ids": some})})
    return found


def newest(connection: Connection, feed_id: int, count: int) -> Sequence[Row[Any]]:
    """Id, key, title, url_key and date of a feed's newest entries."""
    return connection.execute(_PLACED, {"feed": feed_id, "count": count}).all()


def insert_entries(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add entries: tuples in the order of ENTRY_COLUMNS, dates as microseconds."""
    insert_many(connection, entry, ENTRY_COLUMNS, rows)


def update_entries(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put other versions in place: tuples in the order of VERSION_COLUMNS, then the entry's id."""
    if not rows:
        return
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    changes = ", ".join(f'"{column}" = {mark}' for column in VERSION_COLUMNS)
    connection.exec_driver_sql(f'update "entry" set {changes} where "id" = {mark}', list(rows))  # noqa: S608 (names are ours)


def keep_past(connection: Connection, rows: Sequence[tuple[int, str, str | None, str | None]], until: datetime) -> None:
    """Keep what entries were called until now: (entry id, title, url, url_key)."""
    moment = to_micros(until)
    values = [(id_, moment, title, url, url_key) for id_, title, url, url_key in rows]
    insert_many(connection, entry_past, ("entry_id", "until", "title", "url", "url_key"), values)


def url_key_of(url: str | None) -> str | None:
    """What an address is looked up by; None of one that is too long for it: nobody cites it."""
    key = canonical(url) if url else ""
    return key if key and not is_long(key) else None


def is_long(key: str) -> bool:
    """Whether a key cannot be looked up."""
    return len(key.encode("utf-8", "surrogatepass")) > _LONGEST_KEY


def renew_url_keys(connection: Connection) -> int:
    """Bring all ``url_key`` in step with how addresses are read now, which a release may change; how many it did."""
    renewed = 0
    for table in (entry, entry_past):
        same = list(table.primary_key)
        rows = connection.execute(select(table.c.url, table.c.url_key, *same).where(table.c.url.is_not(None)))
        stale = [(key, *place) for url, old, *place in rows if (key := url_key_of(url)) != old]
        if stale:
            matches = [column == bindparam(f"at_{column.name}") for column in same]
            names = ["new", *(f"at_{column.name}" for column in same)]
            changes = update(table).where(*matches).values(url_key=bindparam("new"))
            connection.execute(changes, [dict(zip(names, values, strict=True)) for values in stale])
        renewed += len(stale)
    return renewed


def newest_times(connection: Connection, feed_id: int, count: int) -> list[datetime]:
    """When the newest entries of a feed were published, or else first seen; newest first."""
    return list(connection.execute(_NEWEST, {"feed": feed_id, "count": count}).scalars())


def counts(connection: Connection) -> dict[int, tuple[int, datetime]]:
    """Feed id -> how many entries it ever had, and the newest one's date."""
    query = select(entry.c.feed_id, func.count(), func.max(entry.c.at)).group_by(entry.c.feed_id)
    return {feed_id: (count, newest) for feed_id, count, newest in connection.execute(query)}


def forget_contents(connection: Connection, before: datetime) -> None:
    """Empty the content of versions that came before then; title, address, dates and summary stay."""
    old = (entry.c.changed < before) & (entry.c.content != "")
    connection.execute(update(entry).where(old).values(content=""))


def entries_of(connection: Connection, feed_id: int) -> Sequence[Row[Any]]:
    """Whole rows of a feed's entries, newest first."""
    query = select(entry).where(entry.c.feed_id == feed_id).order_by(entry.c.at.desc(), entry.c.key)
    return connection.execute(query).all()


def past_of(connection: Connection, entry_ids: Collection[int]) -> Mapping[int, list[tuple[str, str | None]]]:
    """Entry id -> earlier (title, url), newest first."""
    found: dict[int, list[tuple[str, str | None]]] = {}
    c = entry_past.c
    for some in chunks(sorted(entry_ids)):
        query = select(c.entry_id, c.title, c.url).where(c.entry_id.in_(some)).order_by(c.entry_id, c.until.desc())
        for id_, title, url in connection.execute(query):
            found.setdefault(id_, []).append((title, url))
    return found


class KeyedEntry(Struct, frozen=True, kw_only=True):
    """An entry found by the key of one of its addresses, present or past."""

    #: Name of its source.
    source: str
    #: The whole entry as JSON, but for its content.
    said: str
    #: Newest first.
    past_titles: tuple[str, ...]


def entries_by_keys(connection: Connection, keys: Collection[str]) -> dict[str, KeyedEntry]:
    """Key -> the entry that has, or once had, an address with it; of several the one seen first."""
    rows: dict[str, Any] = {}
    for some in chunks(sorted(keys)):
        now = select(entry.c.url_key, entry.c.id, entry.c.said, entry.c.first_seen, source_feed.c.source).join(
            source_feed
        )
        then = select(
            entry_past.c.url_key, entry.c.id, entry.c.said, entry.c.first_seen, source_feed.c.source
        ).select_from(entry_past.join(entry).join(source_feed))
        for query in (now.where(entry.c.url_key.in_(some)), then.where(entry_past.c.url_key.in_(some))):
            for row in connection.execute(query.order_by("first_seen", "id")):
                rows.setdefault(row.url_key, row)
    past = past_of(connection, {row.id for row in rows.values()})
    return {
        key: KeyedEntry(source=row.source, said=row.said, past_titles=tuple(title for title, _ in past.get(row.id, ())))
        for key, row in rows.items()
    }


def reach(connection: Connection) -> dict[str, datetime]:
    """Name of a source -> the date of the oldest entry that we hold of it."""
    query = select(source_feed.c.source, func.min(entry.c.at)).join(entry).group_by(source_feed.c.source)
    return {source: oldest for source, oldest in connection.execute(query)}  # noqa: C416 (rows are no pairs to mypy)
