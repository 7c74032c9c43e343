"""What is measured of the state, in one look: functions that take a connection."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import BigInteger, Connection, Table, and_, bindparam, case, func, select, type_coerce

from feeds.store.schema import article, dirty, entry, manifest, match, poll, source_feed

#: Of how much of the past polls are counted; older rows are removed one day, so that sums over all would fall.
WINDOW = timedelta(days=1)
_MICROSECONDS = 1_000_000
#: The outcome of a poll that was answered by 304 (``poll.outcome``).
_NOT_MODIFIED = "not-modified"


class Figures(Struct, frozen=True, kw_only=True):
    """The state of a site in numbers."""

    #: Outcome -> polls within the window, and the seconds that they took all together.
    polls: dict[str, int]
    poll_seconds: dict[str, float]
    #: Seconds of the slowest of them.
    slowest: float
    #: 304s among the answers to conditional requests within the window; 0 without any.
    ratio_304: float
    #: Seconds since which the most overdue feed has waited; 0 when none is due.
    due_lag: float
    due: int
    #: Feeds of sources that are followed, and those among them that are gone for good.
    sources: int
    stopped: int
    entries: int
    #: Standing -> pairs.
    matches: dict[str, int]
    #: Articles of ours in feeds, and those that cannot be read.
    articles: int
    quarantined: int
    files: int
    file_bytes: int
    #: Documents that wait to be written.
    dirty: int


def read_figures(connection: Connection, *, now: datetime) -> Figures:
    """Count everything."""
    polls = _polls(connection, now - WINDOW)
    answered = connection.execute(_ANSWERED, {"since": now - WINDOW}).one()
    sources, stopped, due, oldest = connection.execute(_SOURCES, {"now": now}).one()
    files, file_bytes = connection.execute(select(func.count(), func.sum(manifest.c.size))).one()
    live, quarantined = connection.execute(_ARTICLES).one()
    return Figures(
        polls={word: number for word, number, _, _ in polls},
        poll_seconds={word: seconds for word, _, seconds, _ in polls},
        slowest=max((slowest for _, _, _, slowest in polls), default=0.0),
        ratio_304=(answered.unchanged or 0) / answered.number if answered.number else 0.0,
        due_lag=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        due=due or 0,
        sources=sources,
        stopped=stopped or 0,
        entries=_count(connection, entry),
        matches={str(word): number for word, number in connection.execute(_MATCHES)},
        articles=live or 0,
        quarantined=quarantined or 0,
        files=files,
        file_bytes=int(file_bytes or 0),
        dirty=_count(connection, dirty),
    )


def _micros(column: Any) -> Any:
    """A moment as the database keeps it, to reckon with."""
    return type_coerce(column, BigInteger)


def _when(condition: Any) -> Any:
    """How many rows fulfil it."""
    return func.sum(case((condition, 1), else_=0))


_TOOK = _micros(poll.c.ended) - _micros(poll.c.at)
_POLLS = (
    select(poll.c.outcome, func.count(), func.sum(_TOOK), func.max(_TOOK))
    .where(poll.c.at >= bindparam("since"))
    .group_by(poll.c.outcome)
    .order_by(poll.c.outcome)
)
_ANSWERED = select(func.count().label("number"), _when(poll.c.outcome == _NOT_MODIFIED).label("unchanged")).where(
    poll.c.at >= bindparam("since"), poll.c.conditional, poll.c.status.is_not(None)
)

_FOLLOWED = and_(source_feed.c.active, ~source_feed.c.stopped)
_IS_DUE = and_(_FOLLOWED, source_feed.c.next_poll <= bindparam("now"))
_SOURCES = select(
    func.count(),
    _when(source_feed.c.stopped),
    _when(_IS_DUE),
    func.min(case((_IS_DUE, source_feed.c.next_poll))),
).where(source_feed.c.active)

_MATCHES = select(match.c.standing, func.count()).group_by(match.c.standing).order_by(match.c.standing)
_ARTICLES = select(_when(article.c.live), _when(article.c.quarantined)).where(article.c.kind == "article")


def _polls(connection: Connection, since: datetime) -> list[tuple[str, int, float, float]]:
    rows = connection.execute(_POLLS, {"since": since})
    return [(word, n, int(all_) / _MICROSECONDS, int(longest) / _MICROSECONDS) for word, n, all_, longest in rows]


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
