"""Rows of what looking for cited pages has shown: functions that take a connection.

A row's ``url`` is the page's key (``feeds.urls.canonical``), so that all spellings of an address share it and
``entry.url_key`` can be compared with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import Connection, select

from feeds.store.adopt_rows import TO_ADOPT
from feeds.store.article_rows import chunks
from feeds.store.schema import link_check, to_micros
from feeds.store.sql import write_meta


class LinkRow(Struct, frozen=True, kw_only=True):
    """What looking for a page has shown."""

    #: The page's key.
    url: str
    checked: datetime
    #: Until then nobody need look again.
    fresh_until: datetime
    #: A word of ``LinkWord`` (sources/links.py).
    word: str
    sentence: str
    #: HTTP status, when there was an answer.
    status: int | None = None
    #: Where it is now, if elsewhere.
    moved_to: str | None = None


_NAMES = LinkRow.__struct_fields__
_COLUMNS = [link_check.c[name] for name in _NAMES]


def link_rows(connection: Connection, keys: Collection[str]) -> dict[str, LinkRow]:
    """What is known of these pages, by key."""
    found: dict[str, LinkRow] = {}
    for some in chunks(sorted(keys)):
        rows = connection.execute(select(*_COLUMNS).where(link_check.c.url.in_(some)))
        found.update({row.url: LinkRow(**row._mapping) for row in rows})  # noqa: SLF001 (SQLAlchemy's public name)
    return found


def save_links(connection: Connection, rows: Iterable[LinkRow]) -> None:
    """Keep what was found, in the place of what was known before; the store notes since when it is so."""
    values = [_values(row) for row in rows]
    if not values:
        return
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    names, marks = ", ".join((*_NAMES, "since")), ", ".join([mark] * (len(_NAMES) + 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in _NAMES[1:])
    since = "since = case when link_check.word = excluded.word then link_check.since else excluded.since end"
    connection.exec_driver_sql(
        f"insert into link_check ({names}) values ({marks}) on conflict (url) do update set {changes}, {since}",  # noqa: S608 (names are ours)
        values,
    )
    write_meta(connection, TO_ADOPT, "yes")


def closings(connection: Connection, now: datetime) -> Mapping[str, datetime]:
    """Key of a page whose server asked to be left alone -> until when."""
    c = link_check.c
    is_closed = (c.word == "blocked", c.status.in_((429, 503)), c.fresh_until > now)
    return {url: until for url, until in connection.execute(select(c.url, c.fresh_until).where(*is_closed))}  # noqa: C416 (rows are no pairs to mypy)


def _values(row: LinkRow) -> tuple[object, ...]:
    """In the order of the columns, and when it was seen so for the first time, should it be new."""
    return tuple(to_micros(value) if isinstance(value, datetime) else value for value in (*astuple(row), row.checked))
