"""Cron as crontab(5) means it, across changes of clocks; quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from feeds.timetable import cron_trigger, is_quiet

BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def times(expression: str, start: datetime, count: int) -> list[str]:
    """The next times of an expression, in the zone of ``start``."""
    trigger = cron_trigger(expression, start.tzinfo or UTC)
    found: list[datetime] = []
    now, before = start, None
    while len(found) < count:
        before = trigger.get_next_fire_time(before, now)
        assert before is not None
        found.append(before)
        now = before
    return [moment.astimezone(start.tzinfo).isoformat(timespec="minutes") for moment in found]


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("0 9 * * 0", ["2025-07-06", "2025-07-13"]),
        ("0 9 * * 7", ["2025-07-06", "2025-07-13"]),
        ("0 9 * * SUN", ["2025-07-06", "2025-07-13"]),
        ("0 9 * * 1-5", ["2025-07-01", "2025-07-02", "2025-07-03", "2025-07-04", "2025-07-07"]),
        ("0 9 * * MON,WED", ["2025-07-02", "2025-07-07"]),
        ("0 9 * * 5-7", ["2025-07-04", "2025-07-05", "2025-07-06", "2025-07-11"]),
        ("0 9 * * */3", ["2025-07-02", "2025-07-05", "2025-07-06"]),
        # Both kinds of days: either will do.
        ("0 9 10 * 0", ["2025-07-06", "2025-07-10", "2025-07-13"]),
        ("0 9 10 8 *", ["2025-08-10", "2026-08-10"]),
    ],
)
def test_days_of_a_week_count_from_sunday(expression: str, days: list[str]) -> None:
    start = datetime(2025, 7, 1, tzinfo=SHANGHAI)
    assert [found[:10] for found in times(expression, start, len(days))] == days


def test_hours_are_those_of_the_zone() -> None:
    assert times("30 8 * * *", datetime(2025, 7, 1, tzinfo=SHANGHAI), 1) == ["2025-07-01T08:30+08:00"]


def test_an_hour_that_is_left_out_fires_once_all_the_same() -> None:
    """On the 30th of March 2025 there is no 2:30 in Berlin."""
    found = times("30 2 * * *", datetime(2025, 3, 29, tzinfo=BERLIN), 3)
    assert [moment[:10] for moment in found] == ["2025-03-29", "2025-03-30", "2025-03-31"]


def test_an_hour_that_comes_twice_fires_once() -> None:
    """On the 26th of October 2025 there are two 2:30 in Berlin."""
    found = times("30 2 * * *", datetime(2025, 10, 25, tzinfo=BERLIN), 3)
    assert [moment[:10] for moment in found] == ["2025-10-25", "2025-10-26", "2025-10-27"]


def test_what_is_meant_for_every_half_hour_goes_on_as_time_does() -> None:
    found = times("*/30 * * * *", datetime(2025, 10, 26, 1, 40, tzinfo=BERLIN), 6)
    hours = [(datetime.fromisoformat(one) - datetime.fromisoformat(found[0])).total_seconds() / 3600 for one in found]
    assert hours == [0, 0.5, 1, 1.5, 2, 2.5]


@pytest.mark.parametrize(
    ("hours", "hour", "quiet"),
    [
        ("23:00-07:00", 23, True),
        ("23:00-07:00", 3, True),
        ("23:00-07:00", 7, False),
        ("23:00-07:00", 12, False),
        ("01:00-05:00", 1, True),
        ("01:00-05:00", 5, False),
        ("01:00-05:00", 23, False),
        (None, 3, False),
    ],
)
def test_quiet_hours_are_those_of_the_zone(hours: str | None, hour: int, quiet: bool) -> None:
    now = datetime(2025, 7, 1, hour, tzinfo=SHANGHAI).astimezone(UTC)
    assert is_quiet(now, hours, SHANGHAI) is quiet
