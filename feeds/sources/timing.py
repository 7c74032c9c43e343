"""How long to wait before a feed is asked again: rhythm, hints, floors, backoff, hours to skip.

Each rule gives a length of time with its name; the longest counts. Lengths only grow on the way: jitter delays, and a
moment is rounded up, since 59 minutes are early.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from feeds.sources.state import SENTENCES, Rule

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ZERO = timedelta()

#: A conditional request at most so often, whatever the rhythm.
CONDITIONAL_FLOOR = HOUR
#: A request that cannot be conditional is a full download.
UNCONDITIONAL_FLOOR = DAY

#: The rhythm is read from so many gaps: enough for a median, few enough to follow a change of habit.
GAPS = 10
SHORTEST_RHYTHM = timedelta(minutes=30)
LONGEST_RHYTHM = DAY
#: After so long without an entry the interval grows in proportion ...
QUIET_AFTER = timedelta(days=14)
#: ... up to this. Failures end here too: nothing is ever given up but a confirmed 410.
LONGEST_OWN = timedelta(days=7)
#: Five times the half of a day is under an hour, where the floor takes over.
MOST_HALVINGS = 5
#: A server that pushes is polled only in case a message was lost.
PUSHED_FLOOR = DAY

#: Cache lifetimes and ttl are often a mistake (16 years have been seen).
LONGEST_HINT = DAY
#: A Retry-After of a week is legal and meant; beyond a month somebody mistyped.
LONGEST_RETRY_AFTER = timedelta(days=31)

#: Jitter adds at most a tenth of the wait.
JITTER = 0.1
#: A poll that skipHours moved starts within this part of the hour, lest all feeds start at its first second.
SKIP_JITTER = timedelta(minutes=6)
#: Offline, a round is tried again so soon; no request reaches anybody meanwhile.
OFFLINE_WAIT = timedelta(minutes=10)


class Wait(NamedTuple):
    """A length of time, and the rule that asks for it."""

    length: timedelta
    rule: Rule
    #: For the rule's sentence, besides the length.
    numbers: Mapping[str, object]

    @property
    def said(self) -> str:
        """The rule as a sentence."""
        return SENTENCES[self.rule].format(length=say_length(self.length), **self.numbers)


def wait_by(rule: Rule, length: timedelta, **numbers: object) -> Wait:
    """Name a wait."""
    return Wait(length, rule, numbers)


def longest(waits: Iterable[Wait | None]) -> Wait:
    """Choose the wait that counts; of equal ones the first."""
    return max((wait for wait in waits if wait is not None), key=lambda wait: wait.length)


# -- our own interval ------------------------------------------------------------------------------------------------


def rhythm(entry_times: Sequence[datetime], *, halvings: int, now: datetime) -> Wait:
    """Half the median gap of the newest entries, 30 min to 24 h, stretched to 7 days while no entry comes."""
    times = sorted((min(time, now) for time in entry_times), reverse=True)
    gaps = [newer - older for newer, older in pairwise(times) if newer > older][:GAPS]
    base = _clamp(_median(gaps) / 2, SHORTEST_RHYTHM, LONGEST_RHYTHM) if gaps else LONGEST_RHYTHM
    silence = now - times[0] if times else ZERO
    if silence > QUIET_AFTER:
        return wait_by(Rule.QUIET, min(base * (silence / QUIET_AFTER), LONGEST_OWN), days=silence.days)
    if halvings:
        return wait_by(Rule.WINDOW, max(base / 2**halvings, SHORTEST_RHYTHM))
    if not gaps:
        return wait_by(Rule.RHYTHM_UNKNOWN, base)
    return wait_by(Rule.RHYTHM, base, count=len(gaps) + 1)


def pushed(own: Wait) -> Wait:
    """Stretch our own interval of a feed that tells us when it changes."""
    return wait_by(Rule.PUSH, _clamp(own.length, PUSHED_FLOOR, LONGEST_OWN))


def _median(gaps: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(gap.total_seconds() for gap in gaps))


def _clamp(length: timedelta, low: timedelta, high: timedelta) -> timedelta:
    return min(max(length, low), high)


# -- what bounds it --------------------------------------------------------------------------------------------------


def floor(*, can_be_conditional: bool) -> Wait:
    """The least time between two requests that a server sees."""
    if can_be_conditional:
        return wait_by(Rule.HOURLY, CONDITIONAL_FLOOR)
    return wait_by(Rule.NO_VALIDATORS, UNCONDITIONAL_FLOOR)


def fresh(fresh_for: timedelta | None) -> Wait | None:
    """What Cache-Control or Expires asks for, at most 24 h."""
    return _hint(Rule.MAX_AGE, fresh_for, LONGEST_HINT)


def ttl(interval: timedelta | None) -> Wait | None:
    """What ttl or sy:updatePeriod asks for, at most 24 h."""
    return _hint(Rule.TTL, interval, LONGEST_HINT)


def retry_after(length: timedelta | None) -> Wait | None:
    """What Retry-After asks for, at most 31 days."""
    return _hint(Rule.RETRY_AFTER, length, LONGEST_RETRY_AFTER)


def _hint(rule: Rule, length: timedelta | None, cap: timedelta) -> Wait | None:
    return None if length is None or length <= ZERO else wait_by(rule, min(length, cap))


def backoff(failures: int) -> Wait:
    """1 h after the first failure, doubled with each, at most 7 days."""
    return wait_by(Rule.BACKOFF, doubled(HOUR, failures), count=failures)


def doubled(length: timedelta, times: int) -> timedelta:
    """Double ``length`` with each time after the first, up to 7 days."""
    factor: int = 2 ** min(times - 1, 10)  # 2**10 h is over 7 days already
    return min(length * factor, LONGEST_OWN)


# -- from a wait to a moment -----------------------------------------------------------------------------------------


def moment_after(now: datetime, wait: timedelta, *, jitter: float) -> datetime:
    """Add the wait and up to a tenth of it, and round up to a full minute."""
    return round_up(now + wait * (1 + JITTER * jitter))


def round_up(moment: datetime) -> datetime:
    """Give the next full minute."""
    cut = moment.replace(second=0, microsecond=0)
    return cut if cut == moment else cut + timedelta(minutes=1)


def is_skipped(moment: datetime, *, hours: Sequence[int], days: Sequence[int]) -> bool:
    """Say whether the feed asks not to be asked at that moment (skipHours, skipDays: GMT)."""
    in_gmt = moment.astimezone(UTC)
    return in_gmt.hour in hours or in_gmt.weekday() in days


def next_open(moment: datetime, *, hours: Sequence[int], days: Sequence[int]) -> datetime:
    """Give ``moment``, or else the beginning of the next hour that is not skipped; ``moment`` when all are."""
    if not is_skipped(moment, hours=hours, days=days):
        return moment
    begin = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    later = (begin + HOUR * count for count in range(1, 7 * 24 + 1))
    return next((hour for hour in later if not is_skipped(hour, hours=hours, days=days)), moment)


# -- words -----------------------------------------------------------------------------------------------------------


def say_length(length: timedelta) -> str:
    """Write a length of time with its two largest units: ``3 h 20 min``."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 1:
        return f"{round(length.total_seconds())} s"
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    words = [f"{number} {unit}" for number, unit in parts[: 2 if days else 3] if number]
    return " ".join(words)
