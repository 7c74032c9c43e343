"""Rows of the sources' feeds and of the requests made for them: functions that take a connection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, bindparam, case, delete, func, insert, literal, or_, select, update

from feeds.store.article_rows import chunks
from feeds.store.schema import poll, source_feed


class FeedRow(Struct, frozen=True, kw_only=True):
    """A feed of a source as the poller needs it."""

    id: int
    url: str
    source: str
    domain: str
    next_poll: datetime | None
    #: What we learnt, as JSON.
    learnt: str
    #: What need not be parsed again; None before.
    slices: bytes | None


#: Key of PostgreSQL's advisory lock on claiming: "claims" in ASCII.
_CLAIMS_KEY = 0x636C61696D73

_COLUMNS = tuple(source_feed.c[name] for name in ("id", "url", "source", "domain", "next_poll", "learnt", "slices"))


def sync_feeds(connection: Connection, wanted: Mapping[str, str], make: Callable[[str], Mapping[str, str]]) -> None:
    """Bring the feeds in step with sources.yaml (url -> source); ``make`` gives domain and learnt of a new url.

    Those that it no longer names are kept, entries and all, and not asked any more.
    """
    columns = (source_feed.c.url, source_feed.c.source, source_feed.c.active)
    known = {url: (source, active) for url, source, active in connection.execute(select(*columns))}
    new = [{"url": url, "source": source, **make(url)} for url, source in wanted.items() if url not in known]
    if new:
        connection.execute(insert(source_feed), new)
    changed = [
        {"row": url, "source": wanted.get(url, source), "active": url in wanted}
        for url, (source, active) in known.items()
        if (wanted.get(url, source), url in wanted) != (source, active)
    ]
    if changed:
        connection.execute(update(source_feed).where(source_feed.c.url == bindparam("row")), changed)


def active_feeds(connection: Connection) -> list[FeedRow]:
    """The feeds that sources.yaml names, in the order in which they are due: never asked ones first, stopped ones last.

    Without their slices, which may be large.
    """
    columns = [column for column in _COLUMNS if column.name != "slices"]
    rows = connection.execute(select(*columns).where(source_feed.c.active)).mappings()
    found = [FeedRow(**row, slices=None) for row in rows]
    return sorted(found, key=lambda feed: (feed.next_poll is not None, feed.next_poll, feed.url))


# Asked again and again while a round goes on: to make these statements takes longer than to run them.
_c = source_feed.c
_IN_DOMAINS = _c.domain.in_(bindparam("domains", expanding=True))
_PAUSES = (
    select(_c.domain, func.max(_c.domain_free))
    .where(_IN_DOMAINS, _c.domain_free > bindparam("now"))
    .group_by(_c.domain)
)
_TAKEN = select(_c.domain).where(_IN_DOMAINS, _c.claimed_until > bindparam("now"), _c.claimed_by != bindparam("owner"))
_WITH_IDS = _c.id.in_(bindparam("ids", expanding=True))
_IS_FREE = or_(_c.claimed_until.is_(None), _c.claimed_until <= bindparam("now"), _c.claimed_by == bindparam("owner"))
_CLAIM = (
    update(source_feed)
    .where(_WITH_IDS, _IS_FREE, _c.active, ~_c.stopped)
    .values(claimed_by=bindparam("owner"), claimed_until=bindparam("until"))
)
_CLAIMED = select(*_COLUMNS).where(_WITH_IDS, _c.claimed_by == bindparam("owner"))


def busy_domains(
    connection: Connection, domains: Collection[str], *, owner: str, now: datetime
) -> dict[str, datetime | None]:
    """Those of the domains whose pause or closing is not over, with its end; None for those that others ask now.

    Nobody else can look until our transaction ends, lest two claim different feeds of one domain at once.
    """
    if connection.dialect.name == "postgresql":  # in SQLite only one writes at a time
        connection.execute(select(func.pg_advisory_xact_lock(_CLAIMS_KEY)))
    busy: dict[str, datetime | None] = {}
    for some in chunks(sorted(domains)):
        values = {"domains": some, "now": now}
        busy.update((domain, end) for domain, end in connection.execute(_PAUSES, values))
        busy.update(dict.fromkeys(connection.execute(_TAKEN, values | {"owner": owner}).scalars()))
    return busy


def claim(
    connection: Connection, ids: Collection[int], *, owner: str, now: datetime, until: datetime
) -> dict[int, FeedRow]:
    """Take feeds for ourselves until then; those that somebody else has, or has just polled, are left out.

    Who claims must have looked at ``next_poll`` after this: the rows that come back are the current ones.
    """
    taken: dict[int, FeedRow] = {}
    for some in chunks(sorted(ids)):
        # The update comes first: PostgreSQL then holds the rows, and nobody else reads them as free.
        connection.execute(_CLAIM, {"ids": some, "owner": owner, "now": now, "until": until})
        rows = connection.execute(_CLAIMED, {"ids": some, "owner": owner}).mappings()
        taken.update({row["id"]: FeedRow(**row) for row in rows})
    return taken


def release(connection: Connection, ids: Collection[int], *, owner: str) -> None:
    """Give claimed feeds back as they are."""
    c = source_feed.c
    for some in chunks(sorted(ids)):
        mine = c.id.in_(some) & (c.claimed_by == owner)
        connection.execute(update(source_feed).where(mine).values(claimed_by=None, claimed_until=None))


def save_feeds(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep what was learnt of feeds: mappings of ``id`` and columns, the same ones in all."""
    values = [{"row": row["id"], **{key: value for key, value in row.items() if key != "id"}} for row in rows]
    if values:
        connection.execute(update(source_feed).where(source_feed.c.id == bindparam("row")), values)


# The pause of a domain holds for all its feeds. One that was never asked is due, however long ago that is.
_ENDS = select(_c.domain, func.max(_c.domain_free).label("free")).group_by(_c.domain).subquery()
_DUE = func.coalesce(_c.next_poll, literal(datetime(1970, 1, 1, tzinfo=UTC), _c.next_poll.type))
_NEXT_DUE = (
    select(func.min(case((_ENDS.c.free > _DUE, _ENDS.c.free), else_=_DUE), type_=_c.next_poll.type))
    .join_from(source_feed, _ENDS, _c.domain == _ENDS.c.domain)
    .where(_c.active, ~_c.stopped)
)


# -- the log of requests ---------------------------------------------------------------------------------------------


def next_due(connection: Connection) -> datetime | None:
    """When the first of the followed feeds is due and its domain free; long ago for one never asked, None without."""
    return connection.execute(_NEXT_DUE).scalar()


def log_polls(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add requests; each mapping names every column but ``id``."""
    if rows:
        connection.execute(insert(poll), [dict(row) for row in rows])


def last_poll(connection: Connection) -> datetime | None:
    """When the request began that was logged last."""
    return connection.execute(select(poll.c.at).order_by(poll.c.id.desc()).limit(1)).scalar()


def forget_polls_after(connection: Connection, moment: datetime) -> None:
    """Take requests out of the log whose time cannot be right."""
    connection.execute(delete(poll).where(poll.c.at > moment))


def polls_since(connection: Connection, moment: datetime) -> Sequence[Row[Any]]:
    """Requests begun since then, in order, with the url of their feed."""
    query = select(poll, source_feed.c.url).join(source_feed).where(poll.c.at >= moment)
    return connection.execute(query.order_by(poll.c.at, poll.c.id)).all()


def forget_polls(connection: Connection, before: datetime) -> None:
    """Shorten the log."""
    connection.execute(delete(poll).where(poll.c.at < before))
