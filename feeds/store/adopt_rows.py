"""Rows of the items that we make of sources' entries: functions that take a connection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, and_, exists, func, select

from feeds.model import Scope
from feeds.store.article_rows import chunks
from feeds.store.feed_rows import Place
from feeds.store.match_rows import DENIED
from feeds.store.schema import (
    article,
    entry,
    feed,
    link_check,
    match,
    membership,
    source_feed,
    verdict,
)


def adopted(connection: Connection) -> dict[str, Row[Any]]:
    """Whole rows of the items that are no articles of ours, by path."""
    return {row.path: row for row in connection.execute(select(article).where(article.c.kind != "article"))}


def listed_gaps(connection: Connection) -> set[int]:
    """The entries that are listed as covered by no article."""
    paths = connection.execute(select(article.c.path).where(article.c.kind == "gap")).scalars()
    return {int(path.partition(":")[2]) for path in paths}


#: A fact of the state: not empty when matching has found something since items were made last.
TO_ADOPT = "to adopt"

#: Rows that a long look holds in memory.
_AT_A_TIME = 1000


class FullEntry(Struct, frozen=True):
    """An entry as an item is made of it."""

    id: int
    #: Address of its feed, and what the feed calls itself.
    feed: str
    #: As JSON, but for its content, which may be long: see ``content_of``.
    said: str
    at: datetime
    hash: str
    #: Canonical key of its page; None when it has no address.
    url_key: str | None
    title: str


_FULL = (
    select(
        entry.c.id,
        source_feed.c.url,
        entry.c.said,
        entry.c.at,
        entry.c.hash,
        entry.c.url_key,
        entry.c.title,
    )
    .join(source_feed)
    .order_by(entry.c.first_seen, entry.c.id)
)


def full_entries(connection: Connection, ids: Collection[int]) -> list[FullEntry]:
    """Entries of feeds that are followed, the one seen first first."""
    found = []
    for some in chunks(sorted(ids)):
        query = _FULL.where(source_feed.c.active, entry.c.id.in_(some))
        found += [FullEntry(*row) for row in connection.execute(query)]
    return found


def content_of(connection: Connection, id_: int) -> str:
    """Of an entry, as sanitised HTML."""
    return str(connection.execute(select(entry.c.content).where(entry.c.id == id_)).scalar_one())


def places(connection: Connection, article_ids: Collection[int], scopes: Collection[Scope]) -> list[tuple[int, Place]]:
    """In which feeds of these scopes the articles stand: (article id, feed)."""
    columns = (feed.c.edition, feed.c.scope, feed.c.key)
    query = select(membership.c.article_id, *columns, membership.c.spelling).join(feed)
    query = query.where(feed.c.scope.in_(sorted(scopes))).order_by(membership.c.article_id, feed.c.id)
    return [
        (article_id, (edition, scope, key, spelling))
        for some in chunks(sorted(article_ids))
        for article_id, edition, scope, key, spelling in connection.execute(
            query.where(membership.c.article_id.in_(some))
        )
    ]


def entry_ids(connection: Connection, feeds: Collection[str] | None = None) -> list[int]:
    """Of all entries of feeds that are followed, or of these feeds."""
    query = select(entry.c.id).join(source_feed).where(source_feed.c.active)
    if feeds is not None:
        query = query.where(source_feed.c.url.in_(sorted(feeds)))
    return list(connection.execute(query.order_by(entry.c.id)).scalars())


def cited_counts(connection: Connection) -> dict[str, int]:
    """Key of a source -> how many articles cite or cover what it publishes."""
    ours = (
        select(func.count())
        .select_from(membership.join(article))
        .where(membership.c.feed_id == feed.c.id, article.c.kind == "article")
    )
    query = select(feed.c.key, ours.scalar_subquery()).where(feed.c.scope == str(Scope.SOURCE))
    counts: Counter[str] = Counter()
    for key, count in connection.execute(query):
        counts[key] += count
    return {key: count for key, count in counts.items() if count}


def recent(connection: Connection, feeds: Collection[str], span: timedelta) -> Iterator[tuple[int, str, float]]:
    """(id, address of its feed, days) of entries that the newest one of all is newer than by no more than ``span``.

    Read one after the other, since a month's entries of many sources are many.
    """
    newest = connection.execute(select(func.max(entry.c.at))).scalar()
    if newest is None or not feeds:
        return
    query = select(entry.c.id, source_feed.c.url, entry.c.at).join(source_feed)
    query = query.where(source_feed.c.active, source_feed.c.url.in_(sorted(feeds)), entry.c.at >= newest - span)
    for id_, url, at in connection.execute(query.execution_options(yield_per=_AT_A_TIME)):
        yield id_, url, (newest - at).total_seconds() / 86400


def suggested(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Entry id -> title of the likeliest article of those that are only suggested for it and not denied."""
    said = and_(verdict.c.entry_id == match.c.entry_id, verdict.c.article_uid == article.c.uid)
    query = (
        select(match.c.entry_id, article.c.title)
        .join(article, article.c.id == match.c.article_id)
        .where(~exists().where(said, verdict.c.verdict == DENIED))
        .order_by(match.c.score, article.c.id.desc())
    )
    found: dict[int, str] = {}
    for some in chunks(sorted(ids)):
        found.update((id_, title) for id_, title in connection.execute(query.where(match.c.entry_id.in_(some))))
    return found


#: What looking for a page has shown -> what happened to it.
_OF_PAGES = {"gone": "dead", "redirected": "moved"}


def lost_pages(connection: Connection, entry_ids: Collection[int]) -> list[PageChange]:
    """Pages of entries that are gone or elsewhere, as the last look for them has shown."""
    columns: list[Any] = [entry.c.id, entry.c.url, *(link_check.c[name] for name in ("since", "word", "moved_to"))]
    query = select(*columns).join(link_check, link_check.c.url == entry.c.url_key).order_by(entry.c.id)
    return [
        PageChange(entry_id=id_, at=since, kind=_OF_PAGES[word], before=url, after=moved_to or "")
        for some in chunks(sorted(entry_ids))
        for id_, url, since, word, moved_to in connection.execute(
            query.where(entry.c.id.in_(some), link_check.c.word.in_(_OF_PAGES))
        )
    ]


class PageChange(Struct, frozen=True, kw_only=True):
    """What became of the page of an entry."""

    entry_id: int
    #: Since when it is seen so.
    at: datetime
    #: ``dead`` or ``moved``.
    kind: str
    #: Its address, and the one that it has now.
    before: str
    after: str


def articles_of(connection: Connection, pairs: Mapping[int, Collection[int]]) -> dict[int, tuple[tuple[str, str], ...]]:
    """Entry id -> (title, address) of live articles, of entry id -> article ids."""
    ids = {id_ for some in pairs.values() for id_ in some}
    known: dict[int, tuple[str, str]] = {}
    for some in chunks(sorted(ids)):
        query = select(article.c.id, article.c.title, article.c.url).where(article.c.id.in_(some), article.c.live)
        known.update({id_: (title, url) for id_, title, url in connection.execute(query)})
    return {key: tuple(known[id_] for id_ in sorted(some) if id_ in known) for key, some in pairs.items()}
