"""Rows of the feeds, their members, tombstones and what is dirty: functions that take a connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, tuple_, update

from feeds.model import Tombstone
from feeds.store.article_rows import chunks
from feeds.store.schema import article, dirty, feed, membership, tombstone
from feeds.store.sql import insert_many


class Member(Struct, frozen=True):
    """One membership as the sync needs it."""

    feed_id: int
    article_id: int
    published: datetime
    open: bool
    archive: int
    spelling: str


class Window(Struct, frozen=True):
    """One dirty document and its articles, newest first."""

    feed_id: int
    archive: int
    article_ids: tuple[int, ...]


def feed_ids(connection: Connection, terms: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """(scope, key) -> id of the feeds that exist."""
    found: dict[tuple[str, str], int] = {}
    pair = tuple_(feed.c.scope, feed.c.key)
    for some in chunks(sorted(terms)):
        rows = connection.execute(select(feed.c.scope, feed.c.key, feed.c.id).where(pair.in_(some)))
        found.update({(scope, key): id_ for scope, key, id_ in rows})
    return found


def taken_slugs(connection: Connection, scope: str) -> set[str]:
    """Slugs in use in a scope."""
    return set(connection.execute(select(feed.c.slug).where(feed.c.scope == scope)).scalars())


def last_feed_id(connection: Connection) -> int:
    """The highest id in use."""
    return int(connection.execute(select(func.coalesce(func.max(feed.c.id), 0))).scalar_one())


#: The columns of a new feed, in the order of ``insert_feeds``.
FEED_COLUMNS = ("id", "scope", "key", "name", "slug", "members", "published", "archives")


def insert_feeds(connection: Connection, rows: Sequence[tuple[int, str, str, str, str, int]]) -> None:
    """Add feeds (id, scope, key, name, slug, members), unpublished and without archives."""
    insert_many(connection, feed, FEED_COLUMNS, [(*row, False, 0) for row in rows])


def all_feed_ids(connection: Connection) -> set[int]:
    """Of every feed."""
    return set(connection.execute(select(feed.c.id)).scalars())


def feed_rows(connection: Connection, ids: Collection[int] | None = None) -> dict[int, Row[Any]]:
    """Whole rows, of some feeds or of all."""
    if ids is None:
        return {row.id: row for row in connection.execute(select(feed).order_by(feed.c.id))}
    found: dict[int, Row[Any]] = {}
    for some in chunks(sorted(ids)):
        found.update({row.id: row for row in connection.execute(select(feed).where(feed.c.id.in_(some)))})
    return found


def update_feeds(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Change feeds by ``id``; every mapping has the same keys."""
    values = [{"row": row["id"], **{key: value for key, value in row.items() if key != "id"}} for row in rows]
    if values:
        connection.execute(update(feed).where(feed.c.id == bindparam("row")), values)


def mark_published(connection: Connection, ids: Collection[int]) -> None:
    """Note that documents of these feeds were written."""
    for some in chunks(sorted(ids)):
        connection.execute(update(feed).where(feed.c.id.in_(some)).values(published=True))


def delete_feeds(connection: Connection, ids: Collection[int]) -> None:
    """Forget feeds without members, and all that hangs on them but the manifest."""
    for some in chunks(sorted(ids)):
        connection.execute(delete(tombstone).where(tombstone.c.feed_id.in_(some)))
        connection.execute(delete(dirty).where(dirty.c.feed_id.in_(some)))
        connection.execute(delete(feed).where(feed.c.id.in_(some)))


def vocabulary(connection: Connection, scopes: Collection[str]) -> list[tuple[str, str, str]]:
    """(scope, key, name) of the terms that some live article names itself, in order."""
    named = (
        select(membership.c.feed_id).join(article, article.c.id == membership.c.article_id).where(~article.c.termless)
    )
    query = select(feed.c.scope, feed.c.key, feed.c.name).where(feed.c.scope.in_(scopes), feed.c.id.in_(named))
    return [(scope, key, name) for scope, key, name in connection.execute(query.order_by(feed.c.scope, feed.c.key))]


def spelling_counts(connection: Connection, ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Feed id -> spelling -> members. Feeds without members are missing."""
    query = select(membership.c.feed_id, membership.c.spelling, func.count()).group_by(
        membership.c.feed_id, membership.c.spelling
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for some in chunks(sorted(ids)):
        for feed_id, spelling, count in connection.execute(query.where(membership.c.feed_id.in_(some))):
            found[feed_id][spelling] = count
    return found


def members_of_articles(connection: Connection, ids: Collection[int]) -> list[Member]:
    """All memberships of some articles."""
    columns = [membership.c[name] for name in ("feed_id", "article_id", "published", "open", "archive", "spelling")]
    return [
        Member(*row)
        for some in chunks(sorted(ids))
        for row in connection.execute(select(*columns).where(membership.c.article_id.in_(some)))
    ]


#: The columns of a new membership, in the order of ``insert_members``.
MEMBER_COLUMNS = ("feed_id", "article_id", "published", "arrival", "spelling", "open", "archive")


def insert_members(connection: Connection, rows: Sequence[tuple[int, int, int, int, str]]) -> None:
    """Add memberships (feed id, article id, published in microseconds, arrival, spelling), open and in no archive."""
    # In the order of the primary key, which is half the time for the database. Sorting by one number, then by the
    # other, is three times as fast as by whole rows.
    ordered = sorted(sorted(rows, key=itemgetter(1)), key=itemgetter(0))
    insert_many(connection, membership, MEMBER_COLUMNS, [(*row, True, 0) for row in ordered])


def update_members(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Change memberships by (feed_id, article_id); each row changes the columns that it names."""
    keys = ("feed_id", "article_id")
    matches = [membership.c[key] == bindparam(f"at_{key}") for key in keys]
    # One statement sets the same columns in all its rows.
    shapes: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        values = {f"at_{key}" if key in keys else key: value for key, value in row.items()}
        shapes[tuple(values)].append(values)
    for some in shapes.values():
        connection.execute(update(membership).where(*matches), some)


def delete_members(connection: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Remove memberships by (feed_id, article_id)."""
    values = [{"at_feed": feed_id, "at_article": article_id} for feed_id, article_id in pairs]
    if values:
        connection.execute(
            delete(membership).where(
                membership.c.feed_id == bindparam("at_feed"), membership.c.article_id == bindparam("at_article")
            ),
            values,
        )


def overfull(connection: Connection, ids: Collection[int] | None, limit: int) -> list[int]:
    """Feeds with more than ``limit`` open members, among some or all."""
    query = (
        select(membership.c.feed_id)
        .where(membership.c.open)
        .group_by(membership.c.feed_id)
        .having(func.count() > limit)
        .order_by(membership.c.feed_id)
    )
    if ids is None:
        return list(connection.execute(query).scalars())
    return [
        id_
        for some in chunks(sorted(ids))
        for id_ in connection.execute(query.where(membership.c.feed_id.in_(some))).scalars()
    ]


def open_members(connection: Connection, feed_id: int) -> Sequence[tuple[int, int]]:
    """(article id, archive) of the open members, longest open first."""
    query = select(membership.c.article_id, membership.c.archive).where(
        membership.c.feed_id == feed_id, membership.c.open
    )
    return [(row.article_id, row.archive) for row in connection.execute(query.order_by(membership.c.arrival))]


def reopen_all(connection: Connection, ids: Collection[int]) -> None:
    """Take feeds out of archiving: every member is open again."""
    for some in chunks(sorted(ids)):
        connection.execute(update(membership).where(membership.c.feed_id.in_(some)).values(open=True, archive=0))
        connection.execute(update(feed).where(feed.c.id.in_(some)).values(archives=0))


def mark_dirty(connection: Connection, documents: Collection[tuple[int, int]]) -> None:
    """Note (feed id, archive) as to be brought up to date; twice is once."""
    known = set(dirty_documents(connection))
    insert_many(connection, dirty, ("feed_id", "archive"), sorted(set(documents) - known))


def mark_everything_dirty(connection: Connection) -> None:
    """Every document of every feed."""
    connection.execute(delete(dirty))
    rows = feed_rows(connection).values()
    documents = [{"feed_id": row.id, "archive": archive} for row in rows for archive in range(row.archives + 1)]
    if documents:
        connection.execute(insert(dirty), documents)


def dirty_documents(connection: Connection) -> list[tuple[int, int]]:
    """(feed id, archive) of all that is to be brought up to date."""
    query = select(dirty.c.feed_id, dirty.c.archive).order_by(dirty.c.feed_id, dirty.c.archive)
    return [(feed_id, archive) for feed_id, archive in connection.execute(query)]


def clear_dirty(connection: Connection, documents: Collection[tuple[int, int]], *, all_of: int) -> None:
    """Forget documents that are up to date now; ``all_of`` tells how many dirty ones there were."""
    if len(documents) == all_of:
        connection.execute(delete(dirty))
        return
    values = [{"at_feed": feed_id, "at_archive": archive} for feed_id, archive in documents]
    if values:
        matches = (dirty.c.feed_id == bindparam("at_feed"), dirty.c.archive == bindparam("at_archive"))
        connection.execute(delete(dirty).where(*matches), values)


#: From so many dirty documents on, one pass over the memberships beats a query for each.
_MANY = 400


def windows(connection: Connection, documents: Sequence[tuple[int, int]], *, limit: int) -> Iterable[Window]:
    """The articles of some documents. ``limit`` bounds subscription documents of feeds without archives."""
    if len(documents) > _MANY:
        return _all_windows(connection, documents, limit)
    return [Window(feed_id, archive, _members(connection, feed_id, archive, limit)) for feed_id, archive in documents]


def _members(connection: Connection, feed_id: int, archive: int, limit: int) -> tuple[int, ...]:
    query = select(membership.c.article_id).join(article).where(membership.c.feed_id == feed_id)
    query = query.where(membership.c.archive == archive) if archive else query.where(membership.c.open).limit(limit)
    return tuple(connection.execute(query.order_by(*_NEWEST_FIRST)).scalars())


#: Articles of one instant (188 instants of a real site belong to several) stand in the order of their ids, which last.
_NEWEST_FIRST = (membership.c.published.desc(), article.c.uid)


def _all_windows(connection: Connection, documents: Iterable[tuple[int, int]], limit: int) -> Iterator[Window]:
    """One pass over the memberships, handed out as it goes: whoever delivers need not wait for the last of them."""
    wanted: dict[int, dict[int, list[int]]] = defaultdict(dict)
    for feed_id, archive in documents:
        wanted[feed_id][archive] = []
    columns = (membership.c.feed_id, membership.c.article_id, membership.c.open, membership.c.archive)
    rows = connection.execute(select(*columns).join(article).order_by(membership.c.feed_id, *_NEWEST_FIRST))
    for feed_id, members in groupby(rows, itemgetter(0)):
        found = wanted.pop(feed_id, {})
        for _, article_id, is_open, archive in members:
            if is_open and 0 in found and len(found[0]) < limit:
                found[0].append(article_id)
            if archive and archive in found:
                found[archive].append(article_id)
        yield from _windows_of(feed_id, found)
    for feed_id, found in sorted(wanted.items()):
        yield from _windows_of(feed_id, found)


def _windows_of(feed_id: int, found: Mapping[int, Sequence[int]]) -> Iterator[Window]:
    return (Window(feed_id, archive, tuple(ids)) for archive, ids in sorted(found.items()))


def add_tombstones(connection: Connection, rows: Collection[tuple[int, str]], now: datetime) -> None:
    """Note (feed id, uid) as withdrawn at ``now``; an older stone of the same item in the same feed is replaced."""
    values = [{"at_feed": feed_id, "at_ref": ref} for feed_id, ref in sorted(set(rows))]
    if values:
        is_same = (tombstone.c.feed_id == bindparam("at_feed"), tombstone.c.ref == bindparam("at_ref"))
        connection.execute(delete(tombstone).where(*is_same), values)
        new = [{"feed_id": value["at_feed"], "ref": value["at_ref"], "at": now} for value in values]
        connection.execute(insert(tombstone), new)


def remove_tombstones(connection: Connection, refs: Collection[str]) -> None:
    """The items are back, in all feeds."""
    for some in chunks(sorted(refs)):
        connection.execute(delete(tombstone).where(tombstone.c.ref.in_(some)))


def withdrawals(connection: Connection) -> dict[str, datetime]:
    """When each item was last withdrawn, by uid."""
    query = select(tombstone.c.ref, func.max(tombstone.c.at).label("last")).group_by(tombstone.c.ref)
    return {row.ref: row.last for row in connection.execute(query)}


def tombstones_of(connection: Connection, ids: Collection[int], *, limit: int) -> dict[int, tuple[Tombstone, ...]]:
    """Feed id -> its newest tombstones, newest first."""
    found: dict[int, list[Tombstone]] = defaultdict(list)
    query = select(tombstone)
    for some in chunks(sorted(ids)):
        for feed_id, ref, at in connection.execute(query.where(tombstone.c.feed_id.in_(some))):
            found[feed_id].append(Tombstone(ref=ref, when=at))
    return {feed_id: _newest(stones, limit) for feed_id, stones in found.items()}


def _newest(stones: list[Tombstone], limit: int) -> tuple[Tombstone, ...]:
    """Those of one moment in code point order: PostgreSQL sorts text by its locale, and feeds must not differ by it."""
    by_ref = sorted(stones, key=lambda stone: stone.ref)
    return tuple(sorted(by_ref, key=lambda stone: stone.when, reverse=True)[:limit])
