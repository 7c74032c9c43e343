"""Days as people claim them: a date of reduced precision is all the days that it may mean."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from feeds.model import PartialDate

#: Two zones of one moment may be a day apart.
GRACE = timedelta(days=1)
#: For so long its own source may date a page anew: Wired does it for a tenth of its stories.
RE_DATED = timedelta(days=14)


class Span(NamedTuple):
    """From the first to the last day that may be meant, both included."""

    first: date
    last: date

    def is_before(self, day: date, *, by: timedelta = GRACE) -> bool:
        """Whether even its last day lies more than ``by`` before ``day``."""
        return self.last < _minus(day, by)

    def is_after(self, day: date, *, by: timedelta = GRACE) -> bool:
        """Whether even its first day lies more than ``by`` after ``day``."""
        return _minus(self.first, by) > day

    def days_from(self, other: Span) -> int:
        """How many days lie between them; 0 when they overlap."""
        return max((self.first - other.last).days, (other.first - self.last).days, 0)


def span_of(claimed: PartialDate | None) -> Span | None:
    """The days that a claimed date may mean; None when it is none."""
    if not claimed:
        return None
    try:
        year, month, day = (*map(int, claimed.split("-")), 0, 0)[:3]
        first = date(year, month or 1, day or 1)
        last = first if day else date(year, month or 12, monthrange(year, month or 12)[1])
    except ValueError:
        return None
    return Span(first, last)


def day_span(day: date) -> Span:
    """A single day."""
    return Span(day, day)


def _minus(day: date, by: timedelta) -> date:
    return day - by if day - date.min > by else date.min
