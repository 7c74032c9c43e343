"""Dates that authors write: each shape read for certain, or not at all."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.dates import date_in_name, parse_date

CHINA = ZoneInfo("Asia/Shanghai")
DAY = "2025-07-03T00:00:00+08:00"
EVENING = "2025-07-03T20:10:00+08:00"
SECOND = "2025-07-03T20:10:47+08:00"

READABLE: dict[str, list[Any]] = {
    DAY: [
        "2025-07-03", "2025-7-3", "2025/7/3", "2025.07.03", "2025年7月3日", "2025 年 7 月 3 日", "2025年7月3号",
        "２０２５年７月３日", "20250703", 20250703, "July 3, 2025", "3 July 2025", "3rd of July 2025", "Jul 3 2025",
        "03-Jul-2025", "Thursday, 3 July 2025", "2025年7月3日 星期四", "2025年7月3日（周四）",
        date(2025, 7, 3), " 2025-07-03 ",
        "2025-W27-4",
    ],
    EVENING: [
        "2025/7/3 20:10", "2025年7月3日 20:10", "2025年7月3日20时10分", "2025年7月3日 下午8点10分",
        "2025-07-03 8:10 PM",
        "202507032010", "2025-07-03T20:10", "2025-07-03T20:10+08:00", "2025-07-03T12:10Z", "July 3, 2025 8:10 pm",
        "2025-07-03, 晚上8:10",
    ],
    SECOND: [
        "2025-07-03T20:10:47+08:00", "2025-07-03 20:10:47", "2025-07-03T20:10:47+0800", "2025-07-03 20:10:47 +8",
        "Thu, 03 Jul 2025 20:10:47 +0800", "03 Jul 2025 12:10:47 GMT", "Thu Jul  3 20:10:47 CST 2025",
        "Thu Jul 03 2025 20:10:47 GMT+0800 (China Standard Time)", "2025-07-03 20:10:47 +0800 CST", "1751544647",
        1751544647, 1751544647.9, 1751544647000, 1751544647000000, "20250703201047", "20250703201047972",
        "2025年7月3日 20时10分47秒", "2025/7/3 20:10:47", datetime(2025, 7, 3, 12, 10, 47, tzinfo=UTC),
        "20250703T201047",
        datetime(2025, 7, 3, 20, 10, 47),  # noqa: DTZ001 - TOML's local datetime
    ],
    "2025-07-03T20:00:00+08:00": ["2025年7月3日 20时", "2025年7月3日 晚上8点"],
    "2025-07-03T00:30:00+08:00": ["2025-07-03 12:30 AM", "2025-07-03 凌晨12:30"],
    "2025-07-03T12:30:00+08:00": ["2025-07-03 中午12:30", "2025-07-03 12:30 PM"],
    "2025-07-03T11:30:00+08:00": ["2025-07-03 中午11:30"],
    "2025-07-03T10:00:00-05:00": ["July 3, 2025 10:00 EST"],
    "2025-07-01T00:00:00+08:00": ["2025-07", "2025年7月", "2025/7"],
    "2025-07-03T20:10:47.123000+08:00": ["2025-07-03 20:10:47.123", "2025/7/3 20:10:47,123"],
    "2001-12-14T21:59:43.100000-05:00": ["2001-12-14 21:59:43.10 -5"],
}  # fmt: skip

#: These say "never": one moment for all of them, in every zone.
NEVER = [
    "9999-12-31", "9999-01-01T00:00:00Z", "9999-12-31T23:59:59-08:00", "9999/12/31 23:59", "9999年12月31日",
    "10000-01-01", "99999-12-31", "12024-01-02 10:00", "253402300799", 253402300799,
]  # fmt: skip

UNREADABLE = [
    "2025-13-45", "2025-02-30", "2025年13月1日", "2025-07-03T25:00", "2025-07-03T10:61", "2025-07-03T10:00+99:00",
    "07/03/2025", "3/7/25", "tomorrow", "", "2025", 2025, "12", "Marvel 3, 2025", "2025-07-03 10:00 XYZ", "2025-07-03x",
    "0001-01-01T00:00:00Z", "0001-01-01", "99999999", 10**400, float("nan"), float("inf"), -5, True, None, [], {},
    time(10, 0), "2025-07-03 " * 20, "二〇二五年", "2025年7月3日出版",
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "value"), [(iso, value) for iso, values in READABLE.items() for value in values])
def test_each_shape_is_read(wanted: str, value: Any) -> None:
    moment = parse_date(value, CHINA)

    assert moment == datetime.fromisoformat(wanted)
    assert moment is not None
    assert moment.tzinfo is not None


@pytest.mark.parametrize("value", NEVER)
def test_never_is_one_far_moment(value: Any) -> None:
    assert parse_date(value, CHINA) == datetime(9999, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", UNREADABLE, ids=lambda value: repr(value)[:30])
def test_what_is_no_date_for_certain_is_none(value: Any) -> None:
    assert parse_date(value, CHINA) is None


def test_cst_is_chinas_time_on_a_chinese_site_and_americas_elsewhere() -> None:
    assert parse_date("03 Jul 2025 20:10:47 CST", CHINA) == datetime(2025, 7, 3, 12, 10, 47, tzinfo=UTC)
    assert parse_date("03 Jul 2025 20:10:47 CST", UTC) == datetime(2025, 7, 4, 2, 10, 47, tzinfo=UTC)


def test_the_zone_that_is_written_stays() -> None:
    moment = parse_date("2025-07-03T20:10:47-03:30", CHINA)

    assert moment is not None
    assert moment.utcoffset() == -timedelta(hours=3, minutes=30)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("article-20250709164004972-1", "2025-07-09T16:40:04+08:00"),
        ("agi-20250616083004", "2025-06-16T08:30:04+08:00"),
        ("zettel-202507091640", "2025-07-09T16:40:00+08:00"),
        ("20250709-note", "2025-07-09T00:00:00+08:00"),
        ("2025-06-08-article-414", "2025-06-08T00:00:00+08:00"),
        ("2025_6_8 note", "2025-06-08T00:00:00+08:00"),
        ("from-19991301-to-2020-01-02", "2020-01-02T00:00:00+08:00"),
        ("20251301-20250709", "2025-07-09T00:00:00+08:00"),
        ("2025-13-01-x-2025-12-01", "2025-12-01T00:00:00+08:00"),
    ],
)
def test_a_file_name_can_carry_a_date(name: str, wanted: str) -> None:
    assert date_in_name(name, CHINA) == datetime.fromisoformat(wanted)


@pytest.mark.parametrize("name", ["555", "article-1751544647", "model-4096", "2025-06", "1234567890123456789", ""])
def test_other_numbers_in_a_file_name_are_no_dates(name: str) -> None:
    assert date_in_name(name, CHINA) is None


@given(st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9998, 1, 1), timezones=st.just(CHINA)))  # noqa: DTZ001
def test_every_moment_in_iso_form_is_read(moment: datetime) -> None:
    fixed = moment.astimezone(timezone(timedelta(hours=8)))

    assert parse_date(fixed.isoformat(), UTC) == fixed
    assert parse_date(fixed.strftime("%d %b ") + f"{fixed.year:04d}" + fixed.strftime(" %H:%M:%S +0800"), UTC) == (
        fixed.replace(microsecond=0)
    )


@given(
    st.one_of(
        st.text(alphabet="0123456789年月日时分秒-/.: TZ+上下午JulyamCST星期四", max_size=40), st.integers(), st.floats()
    )
)
def test_any_value_ends_in_an_aware_moment_or_none(value: Any) -> None:
    moment = parse_date(value, CHINA)

    assert moment is None or moment.utcoffset() is not None
