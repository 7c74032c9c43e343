"""Keep what one poll taught us, whatever its outcome: entries, their past, what was learnt, a line of the log.

All of a poll stands in one transaction. Recorded twice it is the same as once, but for the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection

from feeds.poll.ask import Asked, Job
from feeds.poll.hubs import learn
from feeds.poll.keep import keep_entries, keep_window
from feeds.polled import Failed, Fetched
from feeds.sources.changes import Changes
from feeds.sources.decide import after_poll, is_unsent
from feeds.sources.delta import Reading, dump
from feeds.sources.domains import domain_key, spacing
from feeds.sources.offline import uncounted
from feeds.sources.state import FeedState
from feeds.sources.window import Window
from feeds.store import entry_rows, source_rows

#: The newest dates that the rhythm is taken from: ten gaps.
TIMES = 11


class Memory(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the store keeps of a feed as one value."""

    state: FeedState
    #: When its newest entries were published or else first seen, newest first: asked for at every poll, changed at few.
    times: tuple[datetime, ...] = ()
    window: Window = Window()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Memory)


def write_memory(memory: Memory) -> str:
    """As the store keeps it."""
    return _encoder.encode(memory).decode()


def read_memory(text: str) -> Memory:
    """Of what the store keeps. A newer version's fields are passed over, missing ones have their defaults."""
    return _decoder.decode(text)


class Polled(Struct, frozen=True, kw_only=True):
    """What a poll did, for people and for the pages."""

    job: Job
    asked: Asked
    #: As it is stored now.
    state: FeedState
    #: From when on its domain may be asked again.
    domain_free: datetime
    new: int = 0
    changed: int = 0
    #: Why the feed is read in full from now on; empty when all is well.
    difference: str = ""

    def without_document(self) -> Polled:
        """Small enough to be kept while thousands of others are asked."""
        outcome = self.asked.outcome
        if isinstance(outcome, Fetched):
            outcome = replace(outcome, body=b"")
        job, asked = replace(self.job, slices=None), replace(self.asked, outcome=outcome, reading=None)
        return replace(self, job=job, asked=asked)


class _Rows(Struct):
    """What several polls will write, each kind in one statement."""

    feeds: list[dict[str, Any]] = field(default_factory=list)
    feeds_with_slices: list[dict[str, Any]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)


def record(connection: Connection, polls: Iterable[tuple[Job, Asked]], *, jitter: Callable[[], float]) -> list[Polled]:
    """Keep several polls, each whole, in the transaction of the connection; their feeds are free again.

    ``jitter`` gives numbers in [0, 1).
    """
    rows = _Rows()
    done = [_record_one(connection, rows, job, asked, jitter()) for job, asked in polls]
    source_rows.save_feeds(connection, rows.feeds)
    source_rows.save_feeds(connection, rows.feeds_with_slices)
    source_rows.log_polls(connection, rows.log)
    return done


def take_back(connection: Connection, jobs: Iterable[Job], now: datetime) -> None:
    """Nobody has seen our requests: they are to be tried again soon."""
    _restore(connection, ((job, uncounted(job.before, now=now)) for job in jobs))


def give_back(connection: Connection, jobs: Iterable[Job]) -> None:
    """They were claimed and will not be asked: all is as it was."""
    _restore(connection, ((job, job.before) for job in jobs))


def _restore(connection: Connection, states: Iterable[tuple[Job, FeedState]]) -> None:
    rows = [feed_values(job.feed_id, Memory(state, job.times, job.window), domain_free=None) for job, state in states]
    source_rows.save_feeds(connection, rows)


def feed_values(id_: int, memory: Memory, *, domain_free: datetime | None) -> dict[str, Any]:
    """A feed's row without its claim."""
    return {
        "id": id_,
        "next_poll": memory.state.next_poll,
        "stopped": memory.state.stopped,
        "domain": domain_key(memory.state.fetch_url),
        "domain_free": domain_free,
        "learnt": write_memory(memory),
        "claimed_by": None,
        "claimed_until": None,
    }


def _record_one(connection: Connection, rows: _Rows, job: Job, asked: Asked, jitter: float) -> Polled:
    reading, now = asked.reading, asked.ended
    changes = keep_entries(connection, job.feed_id, reading, now) if reading else Changes(updates={})
    window = keep_window(connection, job, asked)
    times = tuple(entry_rows.newest_times(connection, job.feed_id, TIMES)) if changes else job.times
    state = after_poll(
        # It may have waited for a free thread since it was claimed.
        replace(job.state, last_attempt=asked.began, last_sent=asked.began),
        asked.outcome,
        reading.feed if reading else None,
        is_changed=bool(changes),
        entry_times=times,
        every=job.subscription.every,
        pushes=learn(connection, job, asked, has_new=bool(changes.new)),
        now=now,
        jitter=jitter,
    )
    domain_free = max(now + spacing(asked.domain), state.closed_until or now)
    values = feed_values(job.feed_id, Memory(state, times, window), domain_free=domain_free)
    if reading and (slices := _new_slices(job, reading)) is not None:
        rows.feeds_with_slices.append(values | {"slices": slices})
    else:
        rows.feeds.append(values)
    polled = Polled(
        job=job,
        asked=asked,
        state=state,
        domain_free=domain_free,
        new=len(changes.new),
        changed=len(changes.changed),
        difference=reading.difference if reading else "",
    )
    if was_sent(asked):
        rows.log.append(_log_values(polled))
    return polled


def _new_slices(job: Job, reading: Reading) -> bytes | None:
    """None when what is stored still holds."""
    slices = dump(reading.known)
    return None if slices == job.slices else slices


# -- the log ---------------------------------------------------------------------------------------------------------


def was_sent(asked: Asked) -> bool:
    """Whether a server saw the request."""
    return not isinstance(asked.outcome, Failed) or not is_unsent(asked.outcome)


def _log_values(polled: Polled) -> dict[str, Any]:
    asked, outcome = polled.asked, polled.asked.outcome
    had_validators = bool(polled.job.state.validators)
    return {
        "feed_id": polled.job.feed_id,
        "at": asked.began,
        "ended": asked.ended,
        "domain": asked.domain,
        "outcome": outcome_word(outcome),
        "status": polled.state.last_status,
        "conditional": bool(asked.request.validators),
        "had_validators": had_validators,
        "retry_after": _seconds(outcome.hints.retry_after),
        "fresh_for": _seconds(outcome.hints.fresh_for),
        "bytes": outcome.bytes_received if isinstance(outcome, Fetched) else 0,
        "new": polled.new,
        "changed": polled.changed,
    }


def outcome_word(outcome: object) -> str:
    """One word: ``fetched``, ``not-modified``, or the kind of failure."""
    if isinstance(outcome, Failed):
        return str(outcome.kind)
    return "fetched" if isinstance(outcome, Fetched) else "not-modified"


def _seconds(span: Any) -> int | None:
    return None if span is None else int(span.total_seconds())
