"""When things are to be done: cron expressions and quiet hours, in the zone of the site."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger


def cron_trigger(expression: str, zone: tzinfo) -> BaseTrigger:
    """The trigger of a cron expression of five fields, as Debian's cron means it.

    APScheduler's own counts the days of a week from Monday, wants both kinds of days at once, and fires without end in
    an hour that comes twice. At an hour of the day that a change of clocks leaves out or repeats this one fires once;
    what is meant for every hour goes on as time itself does.
    """
    from apscheduler.triggers.base import BaseTrigger  # noqa: PLC0415 (only the daemon keeps time)
    from cronsim import CronSim  # noqa: PLC0415

    class Cron(BaseTrigger):  # type: ignore[misc]
        def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime | None:
            found: datetime | None = next(CronSim(expression, now.astimezone(zone)), None)
            return None if found is None else found.astimezone(UTC)

    return Cron()


def every(seconds: float) -> BaseTrigger:
    """The trigger of what is done now, and again so long after each time that it was begun.

    APScheduler's own makes a list of all times that were missed: 2 GB when a clock is put ahead by a year.
    """
    from apscheduler.triggers.base import BaseTrigger  # noqa: PLC0415 (likewise)

    class Every(BaseTrigger):  # type: ignore[misc]
        def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
            return now if previous is None else now + timedelta(seconds=seconds)

    return Every()


def is_quiet(now: datetime, hours: str | None, zone: tzinfo) -> bool:
    """Whether a moment lies within hours such as ``23:00-07:00``; nobody is asked anything then."""
    if not hours:
        return False
    begin, end = (time.fromisoformat(part) for part in hours.split("-"))
    local = now.astimezone(zone).time()
    return begin <= local < end if begin <= end else local >= begin or local < end
