"""Rows of what became of entries after they were published: functions that take a connection. None is ever deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, Row, select

from feeds.store.article_rows import chunks
from feeds.store.schema import entry_change, to_micros
from feeds.store.sql import insert_many

_COLUMNS = ("entry_id", "at", "kind", "before", "after")


class EntryChange(Struct, frozen=True, kw_only=True):
    """What happened to an entry."""

    id: int
    entry_id: int
    #: When we saw it.
    at: datetime
    #: A word of ``Alteration``.
    kind: str
    before: str
    after: str


def add_changes(connection: Connection, rows: Sequence[tuple[int, str, str, str]], at: datetime) -> None:
    """Keep what happened: (entry id, word, before, after)."""
    moment = to_micros(at)
    values = [(id_, moment, kind, before, after) for id_, kind, before, after in rows]
    insert_many(connection, entry_change, _COLUMNS, values)


def changes_of(connection: Connection, entry_ids: Collection[int]) -> dict[int, list[EntryChange]]:
    """Entry id -> what happened to it, oldest first."""
    found: dict[int, list[EntryChange]] = {}
    for some in chunks(sorted(entry_ids)):
        query = select(entry_change).where(entry_change.c.entry_id.in_(some)).order_by(entry_change.c.id)
        for row in connection.execute(query):
            found.setdefault(row.entry_id, []).append(_change(row))
    return found


def last_words(connection: Connection, entry_ids: Collection[int], words: Collection[str]) -> Mapping[int, str]:
    """Entry id -> which of some words was the last; entries that have none are left out."""
    found: dict[int, str] = {}
    c = entry_change.c
    for some in chunks(sorted(entry_ids)):
        query = select(c.entry_id, c.kind).where(c.entry_id.in_(some), c.kind.in_(words)).order_by(c.id)
        found.update({id_: kind for id_, kind in connection.execute(query)})  # noqa: C416 (rows are no pairs to mypy)
    return found


def _change(row: Row[tuple[object, ...]]) -> EntryChange:
    return EntryChange(id=row.id, entry_id=row.entry_id, at=row.at, kind=row.kind, before=row.before, after=row.after)
