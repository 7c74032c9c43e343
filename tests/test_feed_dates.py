"""Dates of feeds: what is read, what is refused, and where times without a zone are from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.sources.feed_dates import EARLIEST, parse_date

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def read(raw: str, *, chinese: bool = False) -> str | None:
    moment = parse_date(raw, now=NOW, chinese=chinese)
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else None


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Tue, 01 Jul 2025 17:46:26 +0000", "2025-07-01 17:46:26"),
        ("Tue, 1 Jul 2025 17:46 GMT", "2025-07-01 17:46:00"),
        ("tue, 01 JUL 2025 17:46:26 gmt", "2025-07-01 17:46:26"),
        ("Thu, 03-Jul-2025 20:10:47 GMT", "2025-07-03 20:10:47"),
        ("Thu, 03 Jul 2025 20:10:47 +0800 (CST)", "2025-07-03 12:10:47"),
        ("03 Jul 2025 20:10:47 EST", "2025-07-04 01:10:47"),
        ("03 Jul 2025 20:10:47 CEST", "2025-07-03 18:10:47"),
        ("3 Jul 25 20:10 UT", "2025-07-03 20:10:00"),
        ("3 Jul 99 20:10 UT", "1999-07-03 20:10:00"),
        ("Thu, 03 Jul 2025 24:00:00 +0000", "2025-07-04 00:00:00"),
        ("Tue, 30 Jun 2015 23:59:60 +0000", "2015-07-01 00:00:00"),
        ("Thu Jul  3 20:10:47 2025", "2025-07-03 20:10:47"),
        ("Thu Jul 3 20:10:47 EDT 2025", "2025-07-04 00:10:47"),
        ("2025-07-03T20:10:47.123+08:00", "2025-07-03 12:10:47"),
        ("2025-07-03t20:10:47z", "2025-07-03 20:10:47"),
        ("2025-07-03 20:10:47 +0800", "2025-07-03 12:10:47"),
        ("2025-07-03T20:10:47 GMT+8", "2025-07-03 12:10:47"),
        ("2025-07-03T20:10Z", "2025-07-03 20:10:00"),
        ("2025-07-03", "2025-07-03 00:00:00"),
        ("2025-07", "2025-07-01 00:00:00"),
        ("2025", "2025-01-01 00:00:00"),
        ("20250703", "2025-07-03 00:00:00"),
        ("20250703T201047Z", "2025-07-03 20:10:47"),
        ("2016/6/29 15:07:41", "2016-06-29 15:07:41"),
        ("2025/7/3", "2025-07-03 00:00:00"),
        ("2025.7.3", "2025-07-03 00:00:00"),
        ("1751544647", "2025-07-03 12:10:47"),
        ("1751544647.25", "2025-07-03 12:10:47"),
        ("1751544647000", "2025-07-03 12:10:47"),
        ("07.02.2025", "2025-02-07 00:00:00"),
        ("March 21, 2006", "2006-03-21 00:00:00"),
        ("July 3rd, 2025 5:46 PM", "2025-07-03 17:46:00"),
        ("Tue, 1 Jul 2025 5:46 PM EST", "2025-07-01 22:46:00"),
        ("Tue, 1 Jul 2025 12:05 a.m.", "2025-07-01 00:05:00"),
        ("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24 22:42:40"),
        ("mer, 16 nov 2016 10:11:12 +0100", "2016-11-16 09:11:12"),
        ("1 août 2025", "2025-08-01 00:00:00"),
        ("14 juillet 2025", "2025-07-14 00:00:00"),
        ("\n  2025-07-03 \n", "2025-07-03 00:00:00"),
    ],
)
def test_a_known_shape_is_read(raw: str, moment: str) -> None:
    """PARSING 6, POLITENESS 6.6: many of these feedparser reads silently wrong, or not."""
    assert read(raw) == moment


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "",
            "   ",
            "yesterday",
            "3 hours ago",
            "刚刚",
            "0000-00-00",
            "2025-13-45",
            "2005-26-12T20:00:00Z",
            "07/02/2025",
        ),
        *("Mon, 30 Feb 2025 10:00:00 GMT", "Tue, 01 Jul 2025 25:00:00 GMT", "Tue, 01 Jul 2025 10:61:00 GMT", "12:00"),
        *(
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Mon, 01 Jan 0001 00:00:00 +0000",
            "0",
            "-1",
            "99999999999999",
            "2099-01-01",
        ),
        *(
            "Tue, 01 Jul 2025 17:46:26 XYZ",
            "2025-07-03T20:10:47+99:99",
            "2025-07-03" + " " * 5 + "x",
            "9" * 5000,
            "2" * 101,
        ),
    ],
)
def test_what_has_no_known_shape_or_is_unbelievable_has_no_date(raw: str) -> None:
    assert read(raw) is None


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2025年7月3日", "2025-07-02 16:00:00"),
        ("2025年07月03日 星期四 20:10", "2025-07-03 12:10:00"),
        ("2025年7月3日 下午5:46", "2025-07-03 09:46:00"),
        ("2025年7月3日 20时10分47秒", "2025-07-03 12:10:47"),
        ("２０２５－０７－０３ ２０：１０", "2025-07-03 12:10:00"),
        ("Thu, 03 Jul 2025 20:10:47 CST", "2025-07-03 12:10:47"),
        ("2016-10-26 16:53:42", "2016-10-26 08:53:42"),
        ("Thu, 03 Jul 2025 20:10:47", "2025-07-03 12:10:47"),
        ("Thu, 03 Jul 2025 20:10:47 GMT", "2025-07-03 20:10:47"),
        ("1751544647", "2025-07-03 12:10:47"),
    ],
)
def test_chinese_feeds_mean_chinese_time(raw: str, moment: str) -> None:
    assert read(raw, chinese=True) == moment


def test_cst_is_american_elsewhere() -> None:
    assert read("Thu, 03 Jul 2025 20:10:47 CST") == "2025-07-04 02:10:47"


def test_the_near_future_is_now_and_the_far_future_nothing() -> None:
    """STANDARDS M6: never sort into the future."""
    assert parse_date((NOW + timedelta(days=2)).isoformat(), now=NOW) == NOW
    assert parse_date((NOW + timedelta(days=2, seconds=1)).isoformat(), now=NOW) is None


@given(
    st.datetimes(EARLIEST.replace(tzinfo=None), NOW.replace(tzinfo=None)), st.sampled_from(["", "Z", "+08:00", "-0330"])
)
def test_every_iso_date_is_read(moment: datetime, zone: str) -> None:
    raw = moment.replace(microsecond=0).isoformat() + zone
    expected = (
        datetime.fromisoformat(raw).replace(tzinfo=None if zone else UTC) if not zone else datetime.fromisoformat(raw)
    )
    if EARLIEST <= expected <= NOW:
        assert parse_date(raw, now=NOW) == expected


@given(st.one_of(st.text(max_size=60), st.text("0123456789:-/., TZ+年月日JulyPAM()", max_size=60)), st.booleans())
@settings(max_examples=500)
def test_any_text_is_a_date_in_bounds_or_none(raw: str, chinese: bool) -> None:
    moment = parse_date(raw, now=NOW, chinese=chinese)
    assert moment is None or EARLIEST <= moment <= NOW
