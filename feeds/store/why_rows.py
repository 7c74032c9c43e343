"""Rows that explain: one article, one entry, one feed with what hangs on it. Functions that take a connection."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, and_, exists, func, literal, null, or_, select

from feeds.store.article_rows import chunks
from feeds.store.schema import (
    article,
    dirty,
    entry,
    entry_past,
    feed,
    manifest,
    match,
    membership,
    piece,
    poll,
    source_feed,
    subscription,
    verdict,
)

# -- articles ----------------------------------------------------------------------------------------------------------

_IS_ARTICLE = article.c.kind == "article"


def article_called(connection: Connection, names: Collection[str]) -> Row[Any] | None:
    """The whole row of an article by path, id or address, in this order; None when none is called so."""
    columns = (article.c.path, article.c.uid, article.c.url)
    is_called = or_(*(column.in_(sorted(names)) for column in columns))
    rows = connection.execute(select(article).where(_IS_ARTICLE, is_called).order_by(article.c.id)).all()
    return min(rows, key=lambda row: (row.path not in names, row.uid not in names), default=None)


def article_names(connection: Connection) -> Sequence[Row[Any]]:
    """Path and address of every article."""
    columns: list[Any] = [article.c.path, article.c.url]
    return connection.execute(select(*columns).where(_IS_ARTICLE).order_by(article.c.path)).all()


def articles_with_problem(connection: Connection, words: str) -> list[str]:
    """Paths of the articles of whose last reading these words were said."""
    query = select(article.c.path).where(_IS_ARTICLE, article.c.problems.contains(words, autoescape=True))
    return list(connection.execute(query.order_by(article.c.path)).scalars())


def citing(connection: Connection, words: str) -> Sequence[Row[Any]]:
    """Path, title and ``said`` of the articles in whose piece these words stand, in either case."""
    columns: list[Any] = [article.c.path, article.c.title, piece.c.said]
    query = select(*columns).join(piece, piece.c.article_id == article.c.id)
    return connection.execute(query.where(piece.c.said.contains(words, autoescape=True)).order_by(article.c.path)).all()


def is_compared(connection: Connection, article_id: int) -> bool | None:
    """Whether an article was compared with the entries; None when nothing of it is kept for that."""
    return connection.execute(select(piece.c.matched).where(piece.c.article_id == article_id)).scalar()


def articles_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Path and title of a few articles, in the order of ``ids``."""
    columns = [article.c[name] for name in ("id", "path", "title")]
    rows = {row.id: row for row in connection.execute(select(*columns).where(article.c.id.in_(ids)))}
    return {id_: rows[id_] for id_ in ids if id_ in rows}


def item_of(connection: Connection, path: str) -> Row[Any] | None:
    """The whole row of an item made of an entry: ``entry:12``, ``gap:12``."""
    return connection.execute(select(article).where(article.c.path == path, ~_IS_ARTICLE)).first()


# -- entries -----------------------------------------------------------------------------------------------------------


def entries_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    """Whole rows without their content, each with ``feed_url``, ``source`` and ``active`` of its feed."""
    columns = [column for column in entry.c if column.name != "content"]
    query = select(*columns, source_feed.c.url.label("feed_url"), source_feed.c.source, source_feed.c.active)
    found: dict[int, Row[Any]] = {}
    for some in chunks(sorted(ids)):
        rows = connection.execute(query.join(source_feed).where(entry.c.id.in_(some)).order_by(entry.c.id))
        found.update({row.id: row for row in rows})
    return found


def past_of(connection: Connection, entry_id: int) -> Sequence[Row[Any]]:
    """Until when an entry had which title and address, newest first."""
    query = select(entry_past).where(entry_past.c.entry_id == entry_id)
    return connection.execute(query.order_by(entry_past.c.until.desc())).all()


def entries_of_source(connection: Connection, feeds: Collection[str]) -> Sequence[Row[Any]]:
    """Id, title and key of all entries of some feeds."""
    columns: list[Any] = [entry.c.id, entry.c.title, entry.c.url_key]
    query = select(*columns).join(source_feed)
    return connection.execute(query.where(source_feed.c.url.in_(sorted(feeds))).order_by(entry.c.id)).all()


def entry_span(connection: Connection, feeds: Collection[str]) -> tuple[datetime, datetime] | None:
    """The dates of the oldest and the newest entry of some feeds."""
    query = select(func.min(entry.c.at), func.max(entry.c.at)).join(source_feed)
    oldest, newest = connection.execute(query.where(source_feed.c.url.in_(sorted(feeds)))).one()
    return None if oldest is None else (oldest, newest)


# -- what was found ----------------------------------------------------------------------------------------------------


class Pair(Struct, frozen=True):
    """An entry and an article of which the rules or a person have said something."""

    entry_id: int
    article_id: int
    path: str
    title: str
    #: Empty when no rule finds it.
    rule: str
    standing: str
    score: float
    #: A JSON list.
    evidence: str
    citation: int | None
    #: A person's word, and when it was said; None when nobody said anything.
    verdict: str | None
    judged: datetime | None


_SAID = and_(verdict.c.entry_id == match.c.entry_id, verdict.c.article_uid == article.c.uid)
_WORD = (verdict.c.verdict, verdict.c.at.label("judged"))
_NAMES = (article.c.path, article.c.title)
_BY_RULE = (
    select(
        match.c.entry_id,
        match.c.article_id,
        *_NAMES,
        *(match.c[name] for name in ("rule", "standing", "score", "evidence", "citation")),
        *_WORD,
    )
    .select_from(match)
    .join(article, article.c.id == match.c.article_id)
    .outerjoin(verdict, _SAID)
)
_UNFOUND = ~exists().where(match.c.entry_id == verdict.c.entry_id, match.c.article_id == article.c.id)
_BY_WORD = (
    select(
        verdict.c.entry_id,
        article.c.id.label("article_id"),
        *_NAMES,
        literal(""),
        literal(""),
        literal(0.0),
        literal("[]"),
        null(),
        *_WORD,
    )
    .select_from(verdict)
    .join(article, article.c.uid == verdict.c.article_uid)
    .where(_UNFOUND)
)


def pairs(connection: Connection, *, entry_id: int | None = None, article_id: int | None = None) -> list[Pair]:
    """What was found or said of an entry, of an article, or of the two together."""
    by_rule, by_word = _BY_RULE, _BY_WORD
    if entry_id is not None:
        by_rule, by_word = by_rule.where(match.c.entry_id == entry_id), by_word.where(verdict.c.entry_id == entry_id)
    if article_id is not None:
        by_rule, by_word = by_rule.where(article.c.id == article_id), by_word.where(article.c.id == article_id)
    found = [Pair(*row) for query in (by_rule, by_word) for row in connection.execute(query)]
    return sorted(found, key=lambda pair: (pair.standing or "~", -pair.score, pair.path, pair.entry_id))


# -- feeds of sources --------------------------------------------------------------------------------------------------


def source_feed_called(connection: Connection, url: str) -> Row[Any] | None:
    """Id, domain and whether it is still followed, of the feed of a source."""
    columns = [source_feed.c[name] for name in ("id", "url", "source", "domain", "active")]
    return connection.execute(select(*columns).where(source_feed.c.url == url)).first()


def domain_free(connection: Connection, domain: str) -> datetime | None:
    """Until when a domain is left alone after all that was asked of it."""
    return connection.execute(
        select(func.max(source_feed.c.domain_free)).where(source_feed.c.domain == domain)
    ).scalar()


def entries_by_standing(connection: Connection, feed_id: int) -> dict[str, int]:
    """How many entries of a feed meet an article (``match``, ``suggestion``) as the rules have it, and nobody denies.

    Those under ``""`` were not compared yet.
    """
    query = select(match.c.standing, func.count(match.c.entry_id.distinct())).join(entry).join(article)
    is_denied = exists().where(_SAID, verdict.c.verdict == "denied")
    rows = connection.execute(query.where(entry.c.feed_id == feed_id, ~is_denied).group_by(match.c.standing))
    found = {standing: count for standing, count in rows}  # noqa: C416 (rows are no pairs to mypy)
    pending = select(func.count()).where(entry.c.feed_id == feed_id, ~entry.c.matched)
    return found | {"": connection.execute(pending).scalar_one()}


def last_polls(connection: Connection, feed_id: int, limit: int) -> Sequence[Row[Any]]:
    """The newest requests for a feed, newest first."""
    query = select(poll).where(poll.c.feed_id == feed_id).order_by(poll.c.at.desc(), poll.c.id.desc())
    return connection.execute(query.limit(limit)).all()


def subscriptions_of(connection: Connection, feed_id: int) -> Sequence[Row[Any]]:
    """Whole rows of what came of asking hubs to tell us of a feed."""
    return connection.execute(
        select(subscription).where(subscription.c.feed_id == feed_id).order_by(subscription.c.id)
    ).all()


# -- our feeds ---------------------------------------------------------------------------------------------------------


def feeds_about(connection: Connection, scope: str, key: str) -> Sequence[Row[Any]]:
    """The whole rows of the feeds of ours on something, one in each language."""
    query = select(feed).where(feed.c.scope == scope, feed.c.key == key)
    return connection.execute(query.order_by(feed.c.id)).all()


def feed_heads(connection: Connection) -> Sequence[Row[Any]]:
    """Id, edition, scope, key, name, title, slug and home of all feeds of ours."""
    columns = ("id", "edition", "scope", "key", "name", "title", "slug", "home")
    return connection.execute(select(*(feed.c[name] for name in columns)).order_by(feed.c.id)).all()


class Members(Struct, frozen=True):
    """Who stands in a feed, as numbers."""

    #: ``article``, or what the items are made of -> how many.
    kinds: dict[str, int]
    #: Dates of the oldest and the newest; None without members.
    span: tuple[datetime, datetime] | None


def members_of(connection: Connection, feed_id: int) -> Members:
    """Count the members of a feed."""
    of_feed = membership.c.feed_id == feed_id
    kinds = select(article.c.kind, func.count()).join(membership).where(of_feed).group_by(article.c.kind)
    span = select(func.min(membership.c.appeared), func.max(membership.c.appeared)).where(of_feed)
    oldest, newest = connection.execute(span).one()
    return Members(
        kinds={kind: count for kind, count in connection.execute(kinds)},  # noqa: C416 (rows are no pairs to mypy)
        span=None if oldest is None else (oldest, newest),
    )


def dirty_of(connection: Connection, feed_id: int) -> list[int]:
    """The documents of a feed that are to be brought up to date: 0, or the numbers of archives."""
    return list(
        connection.execute(
            select(dirty.c.archive).where(dirty.c.feed_id == feed_id).order_by(dirty.c.archive)
        ).scalars()
    )


def files_of(connection: Connection, feed_id: int) -> Sequence[Row[Any]]:
    """Path, archive and size of the files of a feed."""
    columns: list[Any] = [manifest.c.path, manifest.c.archive, manifest.c.size]
    query = select(*columns).where(manifest.c.feed_id == feed_id)
    return connection.execute(query.order_by(manifest.c.archive, manifest.c.path)).all()


def feeds_of(connection: Connection, article_id: int) -> Sequence[Row[Any]]:
    """Whole rows of the feeds that an article or item stands in, each with ``spelling`` and ``newer``: how many items.

    Items of one moment stand in the order of their ids, as in the documents.
    """
    other, others = membership.alias(), article.alias()
    is_newer = or_(
        other.c.appeared > membership.c.appeared,
        and_(other.c.appeared == membership.c.appeared, others.c.uid < article.c.uid),
    )
    newer = select(func.count()).select_from(other.join(others, others.c.id == other.c.article_id))
    newer = newer.where(other.c.feed_id == feed.c.id, is_newer)
    query = select(feed, membership.c.spelling, newer.scalar_subquery().label("newer"))
    query = query.join(membership, membership.c.feed_id == feed.c.id).join(article)
    return connection.execute(query.where(membership.c.article_id == article_id).order_by(feed.c.id)).all()
