"""When things are to be done: cron expressions and quiet hours, in the zone of the site."""

from __future__ import annotations

from datetime import datetime, time, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

#: crontab(5) counts the days of a week from Sunday, which is 0 and 7; APScheduler from Monday.
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def cron_trigger(expression: str, zone: tzinfo) -> BaseTrigger:
    """The trigger of a cron expression of five fields, as crontab(5) means it.

    An hour that a change of clocks leaves out or repeats makes it fire once, not twice and not never.
    """
    from apscheduler.triggers.combining import OrTrigger  # noqa: PLC0415 (only the daemon keeps time)
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415

    minute, hour, day, month, weekday = expression.split()
    names = _weekdays(weekday)
    fields = {"minute": minute, "hour": hour, "month": month, "timezone": zone}
    if day != "*" and weekday != "*":
        # Of two kinds of days, either will do.
        return OrTrigger([CronTrigger(day=day, **fields), CronTrigger(day_of_week=names, **fields)])
    return CronTrigger(day=day, day_of_week=names, **fields)


def _weekdays(field: str) -> str:
    """The days of a week by name, which both count alike."""
    if field == "*":
        return field
    found: set[int] = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, dash, last = ("0", "-", "6") if span == "*" else span.partition("-")
        begin = _weekday(first)
        end = _weekday(last, is_end=True) if dash else (6 if step else begin)
        found.update(n % 7 for n in range(begin, end + 1, int(step or 1)))
    return ",".join(_DAYS[n] for n in sorted(found))


def _weekday(text: str, *, is_end: bool = False) -> int:
    number = int(text) if text.isdecimal() else _DAYS.index(text[:3])
    return 7 if is_end and number == 0 else number


def is_quiet(now: datetime, hours: str | None, zone: tzinfo) -> bool:
    """Whether a moment lies within hours such as ``23:00-07:00``; nobody is asked anything then."""
    if not hours:
        return False
    begin, end = (time.fromisoformat(part) for part in hours.split("-"))
    local = now.astimezone(zone).time()
    return begin <= local < end if begin <= end else local >= begin or local < end
