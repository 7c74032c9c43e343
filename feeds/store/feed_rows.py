"""Rows of the feeds, their members, tombstones and what is dirty: functions that take a connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
    type_coerce,
    update,
)

from feeds.model import Tombstone
from feeds.store.article_rows import chunks
from feeds.store.schema import article, dirty, feed, membership, tombstone
from feeds.store.sql import insert_many


class Member(Struct, frozen=True):
    """One membership as the sync needs it."""

    feed_id: int
    article_id: int
    appeared: datetime
    spelling: str
    #: The term of the site's generator that this is (``tags:C#``); None where it is none.
    named: str | None = None


class Window(Struct, frozen=True):
    """One dirty document and its articles, newest first."""

    feed_id: int
    archive: int
    article_ids: tuple[int, ...]


#: What a feed is about: (edition, scope, key). The edition is empty on a site of one language.
Topic = tuple[str, str, str]
#: A feed that an article stands in, and how the article spells it: (edition, scope, key, spelling).
Place = tuple[str, str, str, str]


def feed_ids(connection: Connection, topics: Collection[Topic]) -> dict[Topic, int]:
    """Ids of the feeds that exist."""
    found: dict[Topic, int] = {}
    columns = (feed.c.edition, feed.c.scope, feed.c.key)
    for some in chunks(sorted(topics)):
        rows = connection.execute(select(*columns, feed.c.id).where(tuple_(*columns).in_(some)))
        found.update({(edition, scope, key): id_ for edition, scope, key, id_ in rows})
    return found


def taken_slugs(connection: Connection, edition: str, scope: str) -> set[str]:
    """Slugs in use in a scope."""
    query = select(feed.c.slug).where(feed.c.edition == edition, feed.c.scope == scope)
    return set(connection.execute(query).scalars())


def last_feed_id(connection: Connection) -> int:
    """The highest id in use."""
    return int(connection.execute(select(func.coalesce(func.max(feed.c.id), 0))).scalar_one())


#: The columns of a new feed, in the order of ``insert_feeds``.
FEED_COLUMNS = ("id", "edition", "scope", "key", "name", "slug", "members", "published")


def insert_feeds(connection: Connection, rows: Sequence[tuple[int, str, str, str, str, str, int]]) -> None:
    """Add feeds (id, edition, scope, key, name, slug, members), unpublished, without a page of the site."""
    insert_many(connection, feed, FEED_COLUMNS, [(*row, False) for row in rows])


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


def forget_members(connection: Connection, ids: Collection[int]) -> None:
    """Nothing stands in these feeds any longer."""
    for some in chunks(sorted(ids)):
        connection.execute(delete(membership).where(membership.c.feed_id.in_(some)))


def rename_edition(connection: Connection, old: str, new: str) -> None:
    """The feeds of one edition are those of another from now on; unless that has some already."""
    if connection.execute(select(feed.c.id).where(feed.c.edition == new).limit(1)).first() is None:
        connection.execute(update(feed).where(feed.c.edition == old).values(edition=new))


def delete_feeds(connection: Connection, ids: Collection[int]) -> None:
    """Forget feeds without members, and all that hangs on them but the manifest."""
    for some in chunks(sorted(ids)):
        connection.execute(delete(tombstone).where(tombstone.c.feed_id.in_(some)))
        connection.execute(delete(dirty).where(dirty.c.feed_id.in_(some)))
        connection.execute(delete(feed).where(feed.c.id.in_(some)))


def vocabulary(connection: Connection, scopes: Collection[str]) -> list[tuple[str, str, str, str]]:
    """(edition, scope, key, name) of the terms that some live article names itself, in order."""
    named = (
        select(membership.c.feed_id).join(article, article.c.id == membership.c.article_id).where(~article.c.termless)
    )
    columns = (feed.c.edition, feed.c.scope, feed.c.key)
    query = select(*columns, feed.c.name).where(feed.c.scope.in_(scopes), feed.c.id.in_(named))
    return [(edition, *term) for edition, *term in connection.execute(query.order_by(*columns))]


def spelling_counts(connection: Connection, ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Feed id -> spelling -> members. Feeds without members are missing."""
    return _counts(connection, membership.c.spelling, ids)


def named_counts(connection: Connection, ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Feed id -> term of the generator (``Member.named``) -> members. Feeds without any are missing."""
    return _counts(connection, membership.c.named, ids)


def _counts(connection: Connection, column: Column[Any], ids: Collection[int]) -> dict[int, dict[str, int]]:
    query = select(membership.c.feed_id, column, func.count()).where(column.is_not(None))
    query = query.group_by(membership.c.feed_id, column)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for some in chunks(sorted(ids)):
        for feed_id, text, count in connection.execute(query.where(membership.c.feed_id.in_(some))):
            found[feed_id][text] = count
    return found


def members_of_articles(connection: Connection, ids: Collection[int]) -> list[Member]:
    """All memberships of some articles."""
    columns = [membership.c[name] for name in ("feed_id", "article_id", "appeared", "spelling", "named")]
    return [
        Member(*row)
        for some in chunks(sorted(ids))
        for row in connection.execute(select(*columns).where(membership.c.article_id.in_(some)))
    ]


#: The columns of a new membership, in the order of ``insert_members``.
MEMBER_COLUMNS = ("feed_id", "article_id", "appeared", "spelling", "named")


def insert_members(connection: Connection, rows: Sequence[tuple[int, int, int, str, str | None]]) -> None:
    """Add memberships (feed id, article id, appeared in microseconds, spelling, named)."""
    # In the order of the primary key, which is half the time for the database. Sorting by one number, then by the
    # other, is three times as fast as by whole rows.
    insert_many(connection, membership, MEMBER_COLUMNS, sorted(sorted(rows, key=itemgetter(1)), key=itemgetter(0)))


def update_members(connection: Connection, rows: Sequence[tuple[int, int, datetime, str, str | None]]) -> None:
    """Change memberships (feed id, article id, appeared, spelling, named)."""
    keys = ("at_feed", "at_article", "appeared", "spelling", "named")
    values = [dict(zip(keys, row, strict=True)) for row in rows]
    if values:
        connection.execute(update(membership).where(*_IS_MEMBER), values)


#: One membership, by its pair.
_IS_MEMBER = (membership.c.feed_id == bindparam("at_feed"), membership.c.article_id == bindparam("at_article"))


def delete_members(connection: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Remove memberships by (feed_id, article_id)."""
    values = [{"at_feed": feed_id, "at_article": article_id} for feed_id, article_id in pairs]
    if values:
        connection.execute(delete(membership).where(*_IS_MEMBER), values)


def newest_moments(connection: Connection, feed_id: int, *, since: int, limit: int | None) -> list[int]:
    """When the members of a feed appeared, in microseconds, newest first: those ``since`` a moment, or the newest."""
    moment = type_coerce(membership.c.appeared, BigInteger)
    query = select(moment).where(membership.c.feed_id == feed_id, moment >= since)
    return list(connection.execute(query.order_by(membership.c.appeared.desc()).limit(limit)).scalars())


def mark_dirty(connection: Connection, documents: Collection[tuple[int, int]]) -> None:
    """Note (feed id, archive) as to be brought up to date; twice is once."""
    known = set(dirty_documents(connection))
    insert_many(connection, dirty, ("feed_id", "archive"), sorted(set(documents) - known))


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


def windows(connection: Connection, documents: Sequence[tuple[int, int]], *, limit: int, page: int) -> Iterable[Window]:
    """The articles of some documents: the newest ``limit`` of a feed, or a ``page`` of them counted from the oldest."""
    if len(documents) > _MANY:
        return _all_windows(connection, documents, limit, page)
    wanted = _by_feed(documents).items()
    return (window for id_, some in wanted for window in _windows_of_feed(connection, id_, some, limit, page))


def _by_feed(documents: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    wanted: dict[int, list[int]] = defaultdict(list)
    for feed_id, archive in sorted(documents):
        wanted[feed_id].append(archive)
    return wanted


def _windows_of_feed(
    connection: Connection, feed_id: int, archives: Sequence[int], limit: int, page: int
) -> Iterator[Window]:
    query = select(membership.c.article_id).join(article).where(membership.c.feed_id == feed_id)
    query = query.order_by(*_NEWEST_FIRST)
    if archives[0] == 0:
        yield Window(feed_id, 0, tuple(connection.execute(query.limit(limit)).scalars()))
    pages = [archive for archive in archives if archive]
    if not pages:
        return
    # From the newest that is wanted to the oldest, in one go.
    members = connection.execute(select(func.count()).where(membership.c.feed_id == feed_id)).scalar_one()
    newer = max(0, members - pages[-1] * page)
    span = query.offset(newer).limit(max(0, members - newer - (pages[0] - 1) * page))
    ids = list(connection.execute(span).scalars())
    for archive in pages:
        yield Window(feed_id, archive, _page(ids, archive - pages[0] + 1, page))


def _page(ids: Sequence[int], archive: int, page: int) -> tuple[int, ...]:
    """A page of items that stand in order, newest first; the first page is that of the oldest."""
    oldest = len(ids) - (archive - 1) * page
    return tuple(ids[max(0, oldest - page) : max(0, oldest)])


#: Articles of one instant (188 instants of a real site belong to several) stand in the order of their ids, which last.
_NEWEST_FIRST = (membership.c.appeared.desc(), article.c.uid)


def _all_windows(
    connection: Connection, documents: Iterable[tuple[int, int]], limit: int, page: int
) -> Iterator[Window]:
    """One pass over the memberships, handed out as it goes: whoever delivers need not wait for the last of them."""
    wanted = _by_feed(documents)
    columns = (membership.c.feed_id, membership.c.article_id)
    rows = connection.execute(select(*columns).join(article).order_by(membership.c.feed_id, *_NEWEST_FIRST))
    for feed_id, members in groupby(rows, itemgetter(0)):
        if archives := wanted.pop(feed_id, None):
            ids = [article_id for _, article_id in members]
            for archive in archives:
                yield Window(feed_id, archive, _page(ids, archive, page) if archive else tuple(ids[:limit]))
    for feed_id, archives in wanted.items():
        yield from (Window(feed_id, archive, ()) for archive in archives)


def add_tombstones(connection: Connection, rows: Collection[tuple[int, str]], now: datetime) -> None:
    """Note (feed id, uid) as withdrawn at ``now``; an older stone of the same item in the same feed is replaced."""
    values = [{"at_feed": feed_id, "at_ref": ref} for feed_id, ref in sorted(set(rows))]
    if values:
        is_same = (tombstone.c.feed_id == bindparam("at_feed"), tombstone.c.ref == bindparam("at_ref"))
        connection.execute(delete(tombstone).where(*is_same), values)
        new = [{"feed_id": value["at_feed"], "ref": value["at_ref"], "at": now} for value in values]
        connection.execute(insert(tombstone), new)


def remove_tombstones(connection: Connection, refs: Collection[str]) -> set[int]:
    """The items are back, in all feeds; returns those feeds that told of them as withdrawn."""
    feeds: set[int] = set()
    for some in chunks(sorted(refs)):
        of_some = tombstone.c.ref.in_(some)
        feeds.update(connection.execute(select(tombstone.c.feed_id).where(of_some)).scalars())
        connection.execute(delete(tombstone).where(of_some))
    return feeds


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
