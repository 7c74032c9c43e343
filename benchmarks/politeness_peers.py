"""The schedules of other aggregators, as their sources have them, run against the same servers.

Each is asked for its formula only: their workers, batches and slow days are left out, and our outages and crashes do
not happen to them. Whatever they lack costs requests or delay, nothing else.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from politeness_servers import DAY, HOUR, MINUTE, START, Server

from feeds.polled import Failed, FailureKind, Fetched, NotModified, Validators

UNSENT = {FailureKind.DNS}
ZERO = timedelta()


@dataclass(slots=True)
class Tally:
    """What one poller did with one server."""

    requests: int = 0
    #: From publication until seen.
    delays: list[timedelta] = field(default_factory=list)
    #: Entries that left the window unseen.
    missed: int = 0
    #: Entries up to this one are seen or gone.
    seen: int = 0

    @classmethod
    def beginning(cls, server: Server) -> Tally:
        """Start with a feed that was never asked: what has left its window by now was never to be had."""
        return cls(seen=max(0, bisect_right(server.times, START) - server.window))

    def close(self, server: Server, end: datetime) -> None:
        """Count what was never seen in the end."""
        gone = max(self.seen, bisect_right(server.times, end) - server.window)
        self.missed += sum(START <= time < end for time in server.times[self.seen : gone])

    def see(self, server: Server, at: datetime) -> int:
        """Take in a document; gives the number of the first entry that is new."""
        end = bisect_right(server.times, at)
        first = max(self.seen, end - server.window)
        self.missed += sum(time >= START for time in server.times[self.seen : first])
        self.delays.extend(at - time for time in server.times[first:end] if time >= START)
        self.seen = end
        return first


@dataclass(slots=True)
class Poll:
    """What a formula may look at."""

    now: datetime
    server: Server
    #: Entries of the document that is held: the window below this number.
    end: int
    outcome: Fetched | NotModified | Failed
    #: In a row.
    errors: int

    @property
    def window(self) -> Sequence[datetime]:
        """The entries that the last document held."""
        return self.server.times[max(0, self.end - self.server.window) : self.end]


#: None: never again.
Formula = Callable[[Poll], datetime | None]


def miniflux_round_robin(poll: Poll) -> datetime | None:
    """Every 60 minutes, later when told, at most a day; dead after three errors."""
    return _miniflux(poll, HOUR, at_least=HOUR)


def miniflux_entry_frequency(poll: Poll) -> datetime | None:
    """A week through the entries of a week."""
    times, end = poll.server.times, poll.end
    first = max(bisect_left(times, poll.now - 7 * DAY, 0, end), end - 10_000)
    count = end - first
    if count < 2:
        return _miniflux(poll, DAY, at_least=5 * MINUTE)
    gap = (times[end - 1] - times[first]) / (count - 1)
    weekly = -(-7 * DAY // max(gap, MINUTE))
    return _miniflux(poll, 7 * DAY / weekly, at_least=5 * MINUTE)


def _miniflux(poll: Poll, interval: timedelta, *, at_least: timedelta) -> datetime | None:
    if poll.errors >= 3:
        return None
    hint = ZERO
    if isinstance(poll.outcome, Fetched):  # on a 304 the hint is lost
        hint = max(poll.server.hints.interval or ZERO, poll.server.fresh_for or ZERO)
    elif isinstance(poll.outcome, Failed) and poll.outcome.status == 429:
        hint = poll.outcome.hints.retry_after or ZERO
    wait = min(max(min(max(interval, at_least), DAY), hint), DAY)
    hours = -(-(poll.now + wait - START) // HOUR)  # its loop looks once an hour
    return START + max(hours, (poll.now - START) // HOUR + 1) * HOUR


def commafeed(poll: Poll) -> datetime | None:
    """Half the mean gap, 5 minutes to an hour; up to 4 hours for the silent."""
    if poll.errors:
        asked = poll.outcome.hints.retry_after or ZERO
        wait = 5 * MINUTE if poll.errors <= 3 else HOUR * (poll.errors - 2)
        return poll.now + min(max(wait, asked), 4 * HOUR)
    wait = _commafeed_interval(poll.window, poll.now)
    return poll.now + min(max(wait, poll.outcome.hints.fresh_for or ZERO, 5 * MINUTE), 4 * HOUR)


def _commafeed_interval(window: Sequence[datetime], now: datetime) -> timedelta:
    if not window:
        return 4 * HOUR
    silence = now - window[-1]
    for limit, wait in ((30 * DAY, 4 * HOUR), (14 * DAY, 2 * HOUR), (7 * DAY, HOUR)):
        if silence >= limit:
            return wait
    gap = (window[-1] - window[0]) / max(1, len(window) - 1)
    return min(max(gap / 2, 5 * MINUTE), HOUR)


def reader(poll: Poll) -> datetime | None:
    """The next full hour, or the first one after the hint; errors change nothing."""
    hint = max(poll.outcome.hints.fresh_for or ZERO, poll.outcome.hints.retry_after or ZERO)
    slots = max((poll.now - START) // HOUR + 1, -(-(poll.now + min(hint, 31 * DAY) - START) // HOUR))
    return START + slots * HOUR


PEERS: dict[str, Formula] = {
    "Miniflux entry_frequency": miniflux_entry_frequency,
    "Miniflux round_robin": miniflux_round_robin,
    "CommaFeed": commafeed,
    "reader": reader,
}


def run_peer(formula: Formula, server: Server, *, days: int, seed: int) -> Tally:
    """Poll one server for so many days."""
    tally, held, errors = Tally.beginning(server), Validators(), 0
    now: datetime | None = START + HOUR * random.Random(f"{server.url} {seed}").random()
    while now is not None and now < START + days * DAY:
        outcome = server.answer(server.url, held, now)
        is_failure = isinstance(outcome, Failed)
        errors = errors + 1 if is_failure else 0
        tally.requests += not (isinstance(outcome, Failed) and outcome.kind in UNSENT)
        if isinstance(outcome, Fetched):
            held = outcome.validators
            tally.see(server, now)
        now = formula(Poll(now, server, tally.seen, outcome, errors))
    tally.close(server, START + days * DAY)
    return tally
