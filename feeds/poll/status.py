"""What we know of each feed of each source, for the table of ``feeds status`` and for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row

from feeds.model import SourceSpec
from feeds.poll.record import read_memory
from feeds.sources.decide import conditional_remark, due_at
from feeds.sources.score import LoggedRequest, Politeness, politeness_score
from feeds.sources.state import FeedState, first_state
from feeds.store import entry_rows, source_rows
from feeds.store.source_rows import FeedRow

#: The self-score looks back so far.
SCORED = timedelta(days=30)


class FeedStatus(Struct, frozen=True, kw_only=True):
    """One feed."""

    source: str
    url: str
    state: FeedState
    #: One word: ``new``, ``ok``, ``failing``, ``stopped``.
    word: str
    #: When it will be asked; None when never.
    due: datetime | None
    #: How many entries it ever had, and the newest one's date.
    entries: int
    newest: datetime | None
    #: What its owner should know; empty when nothing.
    remark: str


class Status(Struct, frozen=True, kw_only=True):
    """All sources."""

    feeds: tuple[FeedStatus, ...]
    #: Names of sources that have no feed.
    without_feed: tuple[str, ...]
    politeness: Politeness

    @property
    def failing(self) -> int:
        """How many feeds are not well."""
        return sum(feed.word in {"failing", "stopped"} for feed in self.feeds)


def read_status(connection: Connection | None, specs: Sequence[SourceSpec], *, now: datetime) -> Status:
    """What the state knows of the sources of sources.yaml, in their order; ``connection`` is None without a state."""
    rows = {row.url: row for row in source_rows.active_feeds(connection)} if connection else {}
    counts = entry_rows.counts(connection) if connection else {}
    log = source_rows.polls_since(connection, now - SCORED) if connection else ()
    feeds = [
        _status(spec.name, rows[url], counts, now) if url in rows else _unasked(spec.name, url, now)
        for spec in specs
        for url in spec.feeds
    ]
    return Status(
        feeds=tuple(feeds),
        without_feed=tuple(spec.name for spec in specs if not spec.feeds),
        politeness=politeness_score([_logged(row) for row in log]),
    )


def _status(source: str, row: FeedRow, counts: dict[int, tuple[int, datetime]], now: datetime) -> FeedStatus:
    state = read_memory(row.learnt).state
    entries, newest = counts.get(row.id, (0, None))
    return FeedStatus(
        source=source,
        url=row.url,
        state=state,
        word=_word(state),
        due=due_at(state, now=now),
        entries=entries,
        newest=newest,
        remark=state.failure_said or conditional_remark(state) or _moved(state),
    )


def _unasked(source: str, url: str, now: datetime) -> FeedStatus:
    state = first_state(url)
    return FeedStatus(source=source, url=url, state=state, word="new", due=now, entries=0, newest=None, remark="")


def _word(state: FeedState) -> str:
    if state.stopped:
        return "stopped"
    if state.failures:
        return "failing"
    return "ok" if state.last_answer else "new"


def _moved(state: FeedState) -> str:
    return f"moved to {state.fetch_url}; name that in sources.yaml" if state.fetch_url != state.url else ""


def _logged(row: Row[Any]) -> LoggedRequest:
    return LoggedRequest(
        url=row.url,
        domain=row.domain,
        at=row.at,
        ended=row.ended,
        is_conditional=row.conditional,
        had_validators=row.had_validators,
        status=row.status,
        retry_after=_span(row.retry_after),
        fresh_for=_span(row.fresh_for),
    )


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def status_values(status: Status) -> dict[str, Any]:
    """For ``--json``."""
    politeness = status.politeness
    return {
        "feeds": [_feed_values(feed) for feed in status.feeds],
        "without_feed": list(status.without_feed),
        "politeness": {
            "requests": politeness.requests,
            "score": round(politeness.score, 2),
            "conditional_share": round(politeness.conditional_share, 4),
            "offences": dict(politeness.offences),
        },
    }


def _feed_values(feed: FeedStatus) -> dict[str, Any]:
    state = feed.state
    return {
        "source": feed.source,
        "url": feed.url,
        "fetch_url": state.fetch_url,
        "state": feed.word,
        "title": state.title,
        "version": state.version,
        "last_poll": _stamp(state.last_attempt),
        "last_answer": _stamp(state.last_answer),
        "last_change": _stamp(state.last_change),
        "next_poll": _stamp(feed.due),
        "rule": str(state.rule),
        "rule_said": state.rule_said,
        "polls": state.polls,
        "not_modified": state.answers_304,
        "unchanged": state.unchanged_200,
        "ignores_conditional": bool(conditional_remark(state)),
        "etag": state.validators.etag,
        "last_modified": state.validators.last_modified,
        "failures": state.failures,
        "failure": str(state.failure) if state.failure else None,
        "failure_said": state.failure_said,
        "status": state.last_status,
        "entries": feed.entries,
        "newest": _stamp(feed.newest),
        "remark": feed.remark,
    }


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
