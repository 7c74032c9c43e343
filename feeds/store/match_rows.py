"""Rows of matching: what it needs of articles, what it found, what people said: functions that take a connection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from feeds.store.article_rows import chunks
from feeds.store.schema import article, entry, entry_past, match, piece, source_feed, verdict
from feeds.store.sql import insert_many

#: The words of the table ``verdict``.
CONFIRMED, DENIED = "confirmed", "denied"
#: The word of ``match.standing`` for what is published.
MATCH = "match"
#: Seconds that an entry takes with a few edited articles, and an article that is made ready to be met; and the sum from
#: which on nobody should wait.
_PER_ENTRY, _PER_ARTICLE, _MUCH = 90e-6, 400e-6, 1.0

# -- pieces ------------------------------------------------------------------------------------------------------------


def has_entries(connection: Connection) -> bool:
    """Whether any source was ever polled: without entries nothing needs to be kept for matching."""
    return connection.execute(select(entry.c.id).limit(1)).scalar() is not None


def pieceless_paths(connection: Connection) -> set[str]:
    """Articles that could be read, and of which nothing is kept for matching."""
    unknown = ~exists().where(piece.c.article_id == article.c.id)
    query = select(article.c.path).where(article.c.kind == "article", article.c.url.is_not(None), unknown)
    return set(connection.execute(query.where(~article.c.quarantined)).scalars())


def save_pieces(connection: Connection, rows: Mapping[int, tuple[str, bytes]]) -> None:
    """Keep (said, imprint) of articles; those that differ from what was kept are to be compared with the entries."""
    known: dict[int, tuple[str, bytes]] = {}
    for some in chunks(sorted(rows)):
        query = select(piece.c.article_id, piece.c.said, piece.c.imprint).where(piece.c.article_id.in_(some))
        known.update({id_: (said, imprint) for id_, said, imprint in connection.execute(query)})
    changed = [id_ for id_ in sorted(rows) if rows[id_] != known.get(id_)]
    for some in chunks([id_ for id_ in changed if id_ in known]):
        connection.execute(delete(piece).where(piece.c.article_id.in_(some)))
    values = [(id_, *rows[id_], False) for id_ in changed]
    insert_many(connection, piece, ("article_id", "said", "imprint", "matched"), values)


def pieces(connection: Connection, ids: Collection[int] | None = None) -> Iterator[tuple[int, str, bytes]]:
    """(article id, said, imprint), of some or all, in the order of ids."""
    query = select(piece.c.article_id, piece.c.said, piece.c.imprint).order_by(piece.c.article_id)
    if ids is None:
        yield from (tuple(row) for row in connection.execute(query))
        return
    for some in chunks(sorted(ids)):
        yield from (tuple(row) for row in connection.execute(query.where(piece.c.article_id.in_(some))))


def forget_articles(connection: Connection, ids: Collection[int]) -> None:
    """Forget what hangs on articles that are no more; verdicts stay, should they come back."""
    for some in chunks(sorted(ids)):
        connection.execute(delete(match).where(match.c.article_id.in_(some)))
        connection.execute(delete(piece).where(piece.c.article_id.in_(some)))


# -- what is to be compared --------------------------------------------------------------------------------------------


def pending_entries(connection: Connection) -> set[int]:
    """Entries that were not compared since they came or changed."""
    return set(connection.execute(select(entry.c.id).where(~entry.c.matched)).scalars())


def pending_articles(connection: Connection) -> set[int]:
    """Likewise articles."""
    return set(connection.execute(select(piece.c.article_id).where(~piece.c.matched)).scalars())


def is_anything_pending(connection: Connection) -> bool:
    """Whether anything waits to be compared."""
    waiting = (select(entry.c.id).where(~entry.c.matched), select(piece.c.article_id).where(~piece.c.matched))
    return any(connection.execute(query.limit(1)).first() for query in waiting)


def is_much(connection: Connection) -> bool:
    """Whether comparing the articles that wait takes so long that nobody should wait for it."""
    if not connection.execute(select(piece.c.article_id).where(~piece.c.matched).limit(1)).first():
        return False
    entries = connection.execute(select(func.max(entry.c.id))).scalar() or 0
    articles = connection.execute(select(func.count()).select_from(piece)).scalar() or 0
    return bool(entries) and entries * _PER_ENTRY + articles * _PER_ARTICLE > _MUCH


def mark_all_pending(connection: Connection) -> None:
    """Everything is to be compared again, and nothing that was found so counts any more."""
    connection.execute(update(entry).values(matched=False))
    connection.execute(update(piece).values(matched=False))


def mark_matched(connection: Connection, entries: Collection[int], articles: Collection[int]) -> None:
    """These have been compared."""
    for some in chunks(sorted(entries)):
        connection.execute(update(entry).where(entry.c.id.in_(some)).values(matched=True))
    for some in chunks(sorted(articles)):
        connection.execute(update(piece).where(piece.c.article_id.in_(some)).values(matched=True))


# -- matches -----------------------------------------------------------------------------------------------------------

#: The columns of a match, in the order of ``MatchRow``.
MATCH_COLUMNS = ("entry_id", "article_id", "rule", "standing", "score", "evidence", "citation")
#: One match: entry id, article id, rule, standing, score, evidence as JSON, index of the citation or None.
MatchRow = tuple[int, int, str, str, float, str, int | None]


def matches(
    connection: Connection, *, entries: Collection[int] | None = None, articles: Collection[int] | None = None
) -> list[MatchRow]:
    """All that was found, or that of some entries, or of some articles; in the order of entry and article."""
    columns = [match.c[name] for name in MATCH_COLUMNS]
    query = select(*columns).order_by(match.c.entry_id, match.c.article_id)
    column, ids = (match.c.entry_id, entries) if entries is not None else (match.c.article_id, articles)
    return [_match_row(row) for part in _among(query, column, ids) for row in connection.execute(part)]


def replace_matches(connection: Connection, gone: Iterable[MatchRow], new: Iterable[MatchRow]) -> None:
    """Take back what is not found any more (or not so), and keep what is found now."""
    pairs = [{"at_entry": row[0], "at_article": row[1]} for row in gone]
    if pairs:
        is_pair = (match.c.entry_id == bindparam("at_entry"), match.c.article_id == bindparam("at_article"))
        connection.execute(delete(match).where(*is_pair), pairs)
    insert_many(connection, match, MATCH_COLUMNS, list(new))


def _match_row(row: Row[Any]) -> MatchRow:
    return row.entry_id, row.article_id, row.rule, row.standing, row.score, row.evidence, row.citation


def _among(query: Select[Any], column: Any, ids: Collection[int] | None) -> Iterator[Select[Any]]:
    """The query for some ids, in pieces; as it is for all."""
    if ids is None:
        yield query
        return
    for some in chunks(sorted(ids)):
        yield query.where(column.in_(some))


# -- verdicts ----------------------------------------------------------------------------------------------------------


def say_verdict(connection: Connection, entry_id: int, article_uid: str, word: str | None, now: datetime) -> None:
    """Keep what a person says of a pair; None takes it back."""
    is_pair = (verdict.c.entry_id == entry_id, verdict.c.article_uid == article_uid)
    connection.execute(delete(verdict).where(*is_pair))
    if word is not None:
        values = {"entry_id": entry_id, "article_uid": article_uid, "verdict": word, "at": now}
        connection.execute(insert(verdict).values(**values))


def verdicts(connection: Connection, articles: Collection[int] | None = None) -> dict[tuple[int, int], str]:
    """(entry id, article id) -> the word, of articles that are there."""
    query = select(verdict.c.entry_id, article.c.id, verdict.c.verdict).join(
        article, article.c.uid == verdict.c.article_uid
    )
    return {
        (entry_id, article_id): word
        for part in _among(query, article.c.id, articles)
        for entry_id, article_id, word in connection.execute(part)
    }


# -- what is published -------------------------------------------------------------------------------------------------


def mark_stale(connection: Connection, ids: Collection[int]) -> None:
    """What sources say of these articles is another thing now."""
    for some in chunks(sorted(ids)):
        connection.execute(update(article).where(article.c.id.in_(some)).values(stale=True))


def stale_paths(connection: Connection) -> set[str]:
    """Articles to be rendered again."""
    return set(connection.execute(select(article.c.path).where(article.c.stale)).scalars())


class MetRow(Struct, frozen=True):
    """An entry that an article cites or covers, by rule or by a person's word."""

    article_id: int
    entry_id: int
    citation: int | None
    #: Empty when only a person says so.
    rule: str
    score: float
    #: Address of its feed.
    feed: str
    #: The entry as JSON, but for its content.
    said: str
    first_seen: datetime


def published(connection: Connection, articles: Collection[int] | None = None) -> list[MetRow]:
    """What may be published of some articles or all: what the rules are sure of or people confirm, none denied.

    Only entries of feeds that are followed.
    """
    found = [
        MetRow(*row)
        for query in (_by_rule(), _by_word())
        for part in _among(query, article.c.id, articles)
        for row in connection.execute(part)
    ]
    return sorted(found, key=lambda row: (row.article_id, row.first_seen, row.entry_id))


_OF_ENTRY = (source_feed.c.url, entry.c.said, entry.c.first_seen)


def _by_rule() -> Select[Any]:
    said = and_(verdict.c.entry_id == match.c.entry_id, verdict.c.article_uid == article.c.uid)
    return (
        select(match.c.article_id, match.c.entry_id, match.c.citation, match.c.rule, match.c.score, *_OF_ENTRY)
        .join(article, article.c.id == match.c.article_id)
        .join(entry, entry.c.id == match.c.entry_id)
        .join(source_feed, source_feed.c.id == entry.c.feed_id)
        .outerjoin(verdict, said)
        .where(
            source_feed.c.active,
            or_(verdict.c.verdict == CONFIRMED, and_(verdict.c.verdict.is_(None), match.c.standing == MATCH)),
        )
    )


def _by_word() -> Select[Any]:
    """What a person confirms although no rule finds it."""
    unfound = ~exists().where(match.c.entry_id == verdict.c.entry_id, match.c.article_id == article.c.id)
    return (
        select(article.c.id, verdict.c.entry_id, null(), literal(""), literal(0.0), *_OF_ENTRY)
        .select_from(verdict)
        .join(article, article.c.uid == verdict.c.article_uid)
        .join(entry, entry.c.id == verdict.c.entry_id)
        .join(source_feed, source_feed.c.id == entry.c.feed_id)
        .where(source_feed.c.active, verdict.c.verdict == CONFIRMED, unfound)
    )


# -- entries as stories ------------------------------------------------------------------------------------------------


class StoredEntry(Struct, frozen=True):
    """An entry as matching needs it."""

    id: int
    feed: str
    #: As JSON, but for its content.
    said: str
    at: datetime
    #: Earlier (title, url), newest first.
    past: tuple[tuple[str, str | None], ...] = ()


_ENTRY = select(entry.c.id, source_feed.c.url, entry.c.said, entry.c.at).join(source_feed).order_by(entry.c.id)


def stored_entries(
    connection: Connection, ids: Collection[int] | None = None, *, span: tuple[datetime, datetime] | None = None
) -> Iterator[StoredEntry]:
    """Entries by id, or by when they were published (undated ones always), or all; in the order of ids."""
    query = _ENTRY.where(source_feed.c.active)
    if span is not None:
        is_undated = entry.c.at == entry.c.first_seen
        query = query.where(or_(is_undated, and_(entry.c.at >= span[0], entry.c.at <= span[1])))
    past = _past(connection, ids)
    for part in _among(query, entry.c.id, ids):
        for id_, feed, said, at in connection.execute(part):
            yield StoredEntry(id_, feed, said, at, tuple(past.get(id_, ())))


def entries_with_keys(connection: Connection, keys: Collection[str]) -> set[int]:
    """Entries that have, or once had, an address with one of these keys."""
    found: set[int] = set()
    for some in chunks(sorted(keys)):
        found.update(connection.execute(select(entry.c.id).where(entry.c.url_key.in_(some))).scalars())
        found.update(connection.execute(select(entry_past.c.entry_id).where(entry_past.c.url_key.in_(some))).scalars())
    return found


def _past(connection: Connection, ids: Collection[int] | None) -> Mapping[int, Sequence[tuple[str, str | None]]]:
    columns = (entry_past.c.entry_id, entry_past.c.title, entry_past.c.url)
    query = select(*columns).order_by(entry_past.c.entry_id, entry_past.c.until.desc())
    found: dict[int, list[tuple[str, str | None]]] = {}
    for part in _among(query, entry_past.c.entry_id, ids):
        for id_, title, url in connection.execute(part):
            found.setdefault(id_, []).append((title, url))
    return found


# -- what people call them ---------------------------------------------------------------------------------------------


def entries_called(connection: Connection, name: str, key: str) -> dict[int, str]:
    """Id -> title of the entries that a number, an address (``key`` is its canonical form) or an id of a feed names."""
    ids = {int(name)} if name.isdecimal() and len(name) < _MOST_DIGITS else entries_with_keys(connection, {key, name})
    columns = (entry.c.id, entry.c.title)
    found = connection.execute(select(*columns).where(or_(entry.c.id.in_(sorted(ids)), entry.c.key == name)))
    return {id_: title for id_, title in found}  # noqa: C416 (rows are no pairs to mypy)


def article_called(connection: Connection, name: str) -> Row[Any] | None:
    """The article (id, uid, path, title) of a path, an address or an id; None when none has it."""
    names = or_(article.c.path == name, article.c.url == name, article.c.uid == name)
    columns = [article.c[column] for column in ("id", "uid", "path", "title")]
    query = select(*columns).where(article.c.kind == "article", article.c.uid.is_not(None), names)
    return connection.execute(query.order_by(article.c.path != name, article.c.id)).first()


#: A number with so many digits is no id of ours, and no database takes it for one.
_MOST_DIGITS = 10


class MatchedPair(Struct, frozen=True):
    """A pair as people see it."""

    entry_id: int
    title: str
    url: str | None
    at: datetime
    #: Address of the entry's feed.
    feed: str
    path: str
    rule: str
    standing: str
    score: float
    evidence: str
    citation: int | None
    #: A person's word; None when nobody said anything.
    verdict: str | None


def matched_pairs(connection: Connection) -> list[MatchedPair]:
    """All that was found or said, by entry, the newest first, then by path."""
    said = and_(verdict.c.entry_id == match.c.entry_id, verdict.c.article_uid == article.c.uid)
    of_entry = (entry.c.id, entry.c.title, entry.c.url, entry.c.at, source_feed.c.url)
    found = [match.c[name] for name in ("rule", "standing", "score", "evidence", "citation")]
    by_rule = (
        select(*of_entry, article.c.path, *found, verdict.c.verdict)
        .select_from(match)
        .join(article, article.c.id == match.c.article_id)
        .join(entry, entry.c.id == match.c.entry_id)
        .join(source_feed, source_feed.c.id == entry.c.feed_id)
        .outerjoin(verdict, said)
    )
    unfound = ~exists().where(match.c.entry_id == verdict.c.entry_id, match.c.article_id == article.c.id)
    nothing = (literal(""), literal(""), literal(0.0), literal("[]"), null())
    by_word = (
        select(*of_entry, article.c.path, *nothing, verdict.c.verdict)
        .select_from(verdict)
        .join(article, article.c.uid == verdict.c.article_uid)
        .join(entry, entry.c.id == verdict.c.entry_id)
        .join(source_feed, source_feed.c.id == entry.c.feed_id)
        .where(unfound)
    )
    queries: tuple[Select[Any], ...] = (by_rule, by_word)
    rows = [MatchedPair(*row) for query in queries for row in connection.execute(query)]
    return sorted(rows, key=lambda row: (-row.at.timestamp(), row.entry_id, row.path))
