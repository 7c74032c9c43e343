"""Ask one feed, and read what it answers. Runs in many threads at once, and touches no state."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from feeds.polled import Failed, FeedRequest, Fetched, Outcome, Subscription
from feeds.sources.decide import body_hash, request_for
from feeds.sources.delta import Known, Reading, load
from feeds.sources.domains import domain_key
from feeds.sources.parser_process import Answer
from feeds.sources.sandbox import Sandbox
from feeds.sources.state import FeedState
from feeds.sources.window import Window

#: How many of a hundred documents are read in full although parts of them are known, to prove that it makes no
#: difference; and all of a feed that was not read in full for so long.
SHADOW_PERCENT = 1
SHADOW_AFTER = timedelta(days=1)


class Job(Struct, frozen=True, kw_only=True):
    """One feed to be asked."""

    feed_id: int
    subscription: Subscription
    #: Whom its place in the line belongs to: the domain that was asked last.
    domain: str
    #: As ``before_poll`` left it, and as it was before that.
    state: FeedState
    before: FeedState
    #: ``delta.dump`` of what need not be parsed again.
    slices: bytes | None
    #: When the newest entries that we hold were published, newest first.
    times: tuple[datetime, ...]
    #: What is kept of its last document to see what was taken out of it.
    window: Window = field(default_factory=Window)


class Asked(Struct, frozen=True, kw_only=True):
    """What came of it."""

    request: FeedRequest
    outcome: Outcome
    #: None when no document came, or the one that we had.
    reading: Reading | None
    began: datetime
    ended: datetime

    @property
    def domain(self) -> str:
        """Whom the request burdened."""
        return domain_key(self.request.url)


class Fetches(Protocol):
    """What fetches: ``sources.fetch.Fetcher``, or what stands for it."""

    def fetch(self, request: FeedRequest, *, now: datetime) -> Outcome:
        """Ask once; never raises for what the world does."""
        ...


class Asker:
    """Asks feeds; safe to be used by many threads at once."""

    def __init__(self, fetcher: Fetches, sandbox: Sandbox, *, clock: Callable[[], datetime]) -> None:
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._clock = clock
        # msgspec 0.22 crashes the process when two threads have it decode a type for the first time at once.
        for type_ in (Known, Answer):
            msgspec.msgpack.Decoder(type_)

    def ask(self, job: Job) -> Asked:
        """One request, and no more than one. Never raises for what the world does."""
        began = self._clock()
        request = request_for(job.state, headers=job.subscription.headers, allow_private=job.subscription.allow_private)
        outcome = self._fetcher.fetch(request, now=began)
        reading = None
        if isinstance(outcome, Fetched) and not _is_known(outcome, job.state):
            read = self._read(outcome, job)
            if isinstance(read, Failed):
                # The server did answer, and what it said of the next request holds.
                outcome = replace(read, status=outcome.status, hints=outcome.hints, redirects=outcome.redirects)
            else:
                reading = read
        return Asked(request=request, outcome=outcome, reading=reading, began=began, ended=self._clock())

    def _read(self, document: Fetched, job: Job) -> Reading | Failed:
        now, known = self._clock(), load(job.slices)
        return self._sandbox.read(
            document.body,
            # The registered address, now and ever: ids depend on it.
            url=job.subscription.url,
            content_type=document.content_type,
            now=now,
            known=known,
            shadow=_wants_shadow(known, now),
        )


def _is_known(document: Fetched, state: FeedState) -> bool:
    """Whether the very same document was read before."""
    return not document.is_partial and bool(state.version) and body_hash(document.body) == state.body_hash


def _wants_shadow(known: Known | None, now: datetime) -> bool:
    if known is None or known.last_full is None or now - known.last_full >= SHADOW_AFTER:
        return True
    return random.random() * 100 < SHADOW_PERCENT  # noqa: S311 (a sample, no secret)
