"""Poll what is due, once: claim, ask, record, until nothing is left that may be asked soon."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field
from sqlalchemy import Connection

from feeds.dispatch import GLANCE, Threads
from feeds.poll.ask import Asked, Job
from feeds.poll.line import Line
from feeds.poll.record import Memory, Polled, feed_values, give_back, read_memory, record, take_back, write_memory
from feeds.polled import Subscription
from feeds.sources.decide import CLOCKS_DIFFER, before_poll, is_due, may_ask, rewound
from feeds.sources.domains import domain_key, spacing
from feeds.sources.offline import Reach
from feeds.sources.state import FeedState, first_state
from feeds.store import entry_rows, source_rows
from feeds.store.source_rows import FeedRow
from feeds.store.sql import Store, read_meta, write_meta

#: Who claims a feed has it for so long. A request takes at most 30 s, reading at most 25, waiting for a turn the same.
LEASE = timedelta(minutes=5)
#: A job that was claimed may wait for a thread as long as another one takes.
LONGEST_POLL = timedelta(minutes=1)
#: The log of requests goes back so far.
LOG_KEPT = timedelta(days=90)
#: The content of entries that have not changed since is let go; the rest of them stays for good (1 KB each).
CONTENT_KEPT = timedelta(days=400)
#: Seconds that requests under way are given when the round is broken off: the longest that one takes, and reading it.
_LAST_WAIT = 60.0

#: Hears of each feed that was asked: it with its document, done so far, of how many.
Report = Callable[[Polled, int, int], None]


class Options(Struct, frozen=True, kw_only=True):
    """How a round is to be done."""

    #: Names or URLs of the sources to ask; all that is due when empty. Those that are named are asked although they are
    #: not due, as far as that is polite.
    names: frozenset[str] = frozenset()
    #: Requests at a time.
    workers: int = 16
    #: How long to wait for the pauses between two requests to one domain; what is left then stays due.
    patience: timedelta = timedelta(minutes=10)
    #: Asked now and then: True lets what is under way end, and begins nothing more.
    is_stopping: Callable[[], bool] = lambda: False


class Round(Struct, kw_only=True):
    """What a round did."""

    #: Without their documents: a thousand of them have 100 MB.
    polled: list[Polled] = field(default_factory=list)
    #: (url, why) of what was named and not asked.
    declined: list[tuple[str, str]] = field(default_factory=list)
    #: Due, and left for the next round: its domain is closed or busy, or we are offline.
    waiting: list[str] = field(default_factory=list)
    #: We are offline: nothing was held against anybody.
    is_offline: bool = False


class Poller:
    """One round. Belongs to one thread, which alone touches the state; ``clock`` gives the time."""

    def __init__(  # noqa: PLR0913 (what a round is made of)
        self,
        store: Store,
        ask: Callable[[Job], Asked],
        subscriptions: Sequence[Subscription],
        options: Options,
        *,
        clock: Callable[[], datetime],
        report: Report,
    ) -> None:
        self._store = store
        self._subscriptions = {subscription.url: subscription for subscription in subscriptions}
        self._options = options
        self._clock = clock
        self._report = report
        self._threads: Threads[Job, Asked] = Threads(ask, workers=options.workers)
        #: Distinct for each round, so that a dead one's claims are nobody's.
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{random.getrandbits(32):08x}"
        self._reach = Reach()
        #: URL -> what was asked in this round.
        self._jobs: dict[str, Job] = {}
        self._round = Round()
        self._line = Line((), now=clock())
        self._total = 0

    def go(self) -> Round:
        """Ask all that is due, each once. Ctrl-C lets what is under way end and be recorded, then goes on up."""
        self._line_up()
        deadline = self._clock() + self._options.patience
        try:
            while self._is_going(deadline):
                self._turn(self._wait())
        finally:
            self._finish()
        self._round.waiting = [feed.url for feed in self._line.rest()]
        return self._round

    def _line_up(self) -> None:
        with self._store.transaction() as connection:
            sources = {url: subscription.source for url, subscription in self._subscriptions.items()}
            source_rows.sync_feeds(connection, sources, _new_feed)
            _rewind(connection, self._clock())
            _forget(connection, self._clock())
            chosen = list(self._choose(source_rows.active_feeds(connection)))
        self._total = len(chosen)
        self._line = Line(chosen, now=self._clock())

    def _choose(self, feeds: Iterable[FeedRow]) -> Iterator[FeedRow]:
        """What is due; of what is named, what may be asked."""
        now, names = self._clock(), self._options.names
        for feed in feeds:
            # Most rounds find most feeds not due: to read what was learnt of each would take longer than to find that.
            if not (names & {feed.source, feed.url} if names else feed.next_poll is None or feed.next_poll <= now):
                continue
            state = read_memory(feed.learnt).state
            if self._may_be_asked(state, now):
                yield feed
            elif names:
                self._round.declined.append((feed.url, why_not(state, now=now)))

    def _may_be_asked(self, state: FeedState, now: datetime) -> bool:
        if self._options.names:
            return not state.stopped and may_ask(state, now=now)
        return is_due(state, now=now)

    def _is_going(self, deadline: datetime) -> bool:
        next_start = self._next_start()
        return bool(self._threads.under_way) or (next_start is not None and next_start < deadline)

    def _next_start(self) -> datetime | None:
        """When the next request may begin; None when it hangs on those under way, or there is none."""
        is_open = self._threads.room > 0 and not self._round.is_offline and not self._options.is_stopping()
        return self._line.next_free if is_open else None

    def _wait(self) -> list[tuple[Job, Asked]]:
        """Until something is done or may begin, but not for long; gives what is done."""
        next_start = self._next_start()
        seconds = None if next_start is None else (next_start - self._clock()).total_seconds()
        return self._threads.wait(seconds)

    def _turn(self, finished: Sequence[tuple[Job, Asked]]) -> None:
        """Record what is done, and claim what may begin: in one transaction, which costs as much as several polls."""
        next_start = self._next_start()
        if not finished and (next_start is None or next_start > self._clock()):
            return
        with self._store.transaction() as connection:
            done = self._record(connection, finished)
            jobs = self._begin(connection)
        for job in jobs:
            self._threads.start(job)
        for polled in done:
            light = polled.without_document()
            self._round.polled.append(light)
            self._jobs[light.job.subscription.url] = light.job
            self._report(polled, len(self._round.polled), self._total)

    # -- beginning ---------------------------------------------------------------------------------------------------

    def _begin(self, connection: Connection) -> Iterable[Job]:
        """Claim feeds whose domain is free, as many as there is room; each attempt is kept before its request."""
        now = self._clock()
        is_over = self._round.is_offline or self._options.is_stopping()
        feeds = [] if is_over else self._line.take(self._threads.room, now=now)
        if not feeds:
            return ()
        busy = source_rows.busy_domains(connection, {feed.domain for feed in feeds}, owner=self._owner, now=now)
        jobs = self._claim(connection, [feed for feed in feeds if feed.domain not in busy], now)
        for feed in feeds:
            if feed.domain in busy:
                self._line.put_back(feed)
            if feed.url not in jobs:
                # None: somebody else asks it, and will be done before their claim is over.
                self._line.free(feed.domain, busy.get(feed.domain) or now + spacing(feed.domain))
        return jobs.values()

    def _claim(self, connection: Connection, feeds: Sequence[FeedRow], now: datetime) -> dict[str, Job]:
        """URL -> job of those that nobody else has polled, or is about to, since we looked."""
        until = now + LEASE
        rows = source_rows.claim(connection, [feed.id for feed in feeds], owner=self._owner, now=now, until=until)
        jobs = {row.url: job for row in rows.values() if (job := self._job(row, now)) is not None}
        source_rows.release(connection, rows.keys() - {job.feed_id for job in jobs.values()}, owner=self._owner)
        claims = {"claimed_by": self._owner, "claimed_until": until}
        begun = [
            feed_values(job.feed_id, Memory(job.state, job.times, job.window), domain_free=None)
            for job in jobs.values()
        ]
        source_rows.save_feeds(connection, [values | claims for values in begun])
        self._jobs |= jobs
        return jobs

    def _job(self, row: FeedRow, now: datetime) -> Job | None:
        memory = read_memory(row.learnt)
        if not self._may_be_asked(memory.state, now):
            return None
        return Job(
            feed_id=row.id,
            subscription=self._subscriptions[row.url],
            domain=row.domain,
            # Should nobody record what came of it, this counts as asked when it was asked at the latest.
            state=before_poll(memory.state, now=now + LONGEST_POLL),
            before=memory.state,
            slices=row.slices,
            times=memory.times,
            window=memory.window,
        )

    # -- ending ------------------------------------------------------------------------------------------------------

    def _record(self, connection: Connection, finished: Sequence[tuple[Job, Asked]]) -> list[Polled]:
        """Keep what is done."""
        done = record(connection, finished, jitter=random.random)
        self._take_back(connection, finished)
        for polled in done:
            self._line.free(polled.job.domain, polled.domain_free)
        return done

    def _take_back(self, connection: Connection, finished: Iterable[tuple[Job, Asked]]) -> None:
        """Hold nothing against anybody while it is we who are offline."""
        for job, asked in finished:
            states = self._reach.note(job.before, asked.outcome)
            jobs = [self._jobs[state.url] for state in states]
            self._round.is_offline |= bool(states)
            take_back(connection, jobs, self._clock())

    def _finish(self) -> None:
        """Wait for what is under way; a second Ctrl-C does not, and the attempts stand as recorded."""
        unasked = self._threads.close()
        if unasked:
            with self._store.transaction() as connection:
                give_back(connection, unasked)
        last = time.monotonic() + _LAST_WAIT
        while self._threads.under_way and time.monotonic() < last:
            self._turn(self._threads.finished(GLANCE))


def _rewind(connection: Connection, now: datetime) -> None:
    """A clock that was a year ahead, and was put right, must not mean a year without polls."""
    last = source_rows.last_poll(connection)
    if last is None or last <= now + CLOCKS_DIFFER:
        return
    memories = ((feed.id, read_memory(feed.learnt)) for feed in source_rows.active_feeds(connection))
    rewinding = [(id_, memory, rewound(memory.state, now=now)) for id_, memory in memories]
    rows = [
        feed_values(id_, Memory(state, memory.times, memory.window), domain_free=None)
        for id_, memory, state in rewinding
        if state != memory.state
    ]
    source_rows.save_feeds(connection, rows)
    source_rows.forget_polls_after(connection, now)


def _forget(connection: Connection, now: datetime) -> None:
    """Once a day, let go of what has grown old."""
    today = now.date().isoformat()
    if read_meta(connection, "forgotten") == today:
        return
    source_rows.forget_polls(connection, now - LOG_KEPT)
    entry_rows.forget_contents(connection, now - CONTENT_KEPT)
    write_meta(connection, "forgotten", today)


def _new_feed(url: str) -> Mapping[str, str]:
    return {"domain": domain_key(url), "learnt": write_memory(Memory(first_state(url)))}


def why_not(state: FeedState, *, now: datetime) -> str:
    """Why a feed that somebody names is not asked now."""
    if state.stopped:
        return state.rule_said
    if state.closed_until is not None and state.closed_until > now:
        return f"its server asked us to wait until {state.closed_until.isoformat(timespec='minutes')}"
    often = "an hour" if state.validators else "a day, since its server gives no validators"
    return f"it was asked at {_said(state.last_sent)}; no feed is asked more than once {often}"


def _said(moment: datetime | None) -> str:
    return moment.isoformat(timespec="minutes") if moment else "no time"
