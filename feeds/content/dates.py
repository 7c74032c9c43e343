"""Read the dates that authors write: ISO, Chinese, RFC 2822, spelt-out English, epochs, stamps in file names. Pure.

Every date is either read for certain or not at all (None): a parser that guesses turns ``2025年7月3日`` into some
day of the current month and says nothing. Naive dates are in the zone of the site.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache

#: Longest text that can be a date (JavaScript's ``Date.toString()`` with a long zone name has about 60 characters).
_MAX_CHARS = 100

#: Years that are believed. ``0001-01-01`` is what Hugo's archetypes write for "no date".
_MIN_YEAR, _MAX_YEAR = 1000, 9999
#: What any date of the year 9999 counts as ("never"): in every zone it is a moment that can be written in UTC.
_FAR = datetime(9999, 12, 30, tzinfo=UTC)

#: The beginning of the last day of 9999, by which programs say "never", as an epoch in seconds. As a stamp it is none.
_LAST_DAY = "253402214400"
#: How many units of an epoch number make a second, by its number of digits. 9 digits end on 2001-09-09.
_EPOCH_UNITS = {9: 1, 10: 1, 13: 1_000, 16: 1_000_000}

#: Stamps without separators, by their number of digits; 17 are 14 and milliseconds, which are dropped.
_STAMPS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S"}

_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS = {name[:length]: number for number, name in enumerate(_MONTH_NAMES, start=1) for length in (3, 4, 9)}

#: Hours east of UTC. RFC 2822 §4.3, and the zones of East Asia and Europe that have one meaning (CST has two).
_ZONES = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "SGT": 8, "HKT": 8, "JST": 9, "KST": 9,
}  # fmt: skip
_CHINA = timedelta(hours=8)
_US_CENTRAL = timedelta(hours=-6)

#: Words beside a clock time, and the hour below which they add twelve (中午 11:30 is in the morning).
_AFTER_NOON = {"pm": 12, "下午": 12, "晚上": 12, "傍晚": 12, "中午": 5}
_BEFORE_NOON = frozenset({"am", "上午", "早上", "凌晨", "清晨"})

#: Patterns of what is no ISO date; _compiled.
_NOISE = (
    r"\([^()]*\)|(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]"
    r"|\b(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\b[.,]?"
)
#: ``20时10分47秒`` -> ``20:10:47``, in this order.
_CLOCK_WORDS = (
    (r"\s*[时時点點]\s*(?=\d)", ":"),
    (r"\s*[时時点點]", ":00"),
    (r"\s*分\s*(?=\d)", ":"),
    (r"\s*[分秒]", ""),
)
_TIME = (
    r"(?P<before>上午|早上|凌晨|清晨|中午|下午|晚上|傍晚)?\s*"
    r"(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?(?!\d)"
    r"\s*(?P<after>am\b|pm\b)?"
    r"\s*(?:(?:UTC|GMT)?\s*(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?!\d)"
    r"|(?P<name>[A-Z]{1,4})\b)?(?:\s+[A-Z]{2,4}\b)?"
)
_NUMBERS = r"(?P<year>\d{4})\s*[-年/.]\s*(?P<month>\d{1,2})(?:\s*[-月/.]\s*(?P<day>\d{1,2}))?\s*[月日号號]?"
_DAY_FIRST = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?P<name>[a-z]{3,9})[.,]?[\s-]+(?P<year>\d{4})"
_MONTH_FIRST = r"(?P<name>[a-z]{3,9})[.]?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
_ISO_STAMP = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d)?"
#: A year of five digits or more: as far away as 9999.
_BEYOND = r"\d{5,10}-\d{1,2}-\d{1,2}(?!\d).*"
_NAME_STAMP = r"(?<!\d)(?:19|20)\d{6}(?:\d{4}(?:\d{2}(?:\d{3})?)?)?(?!\d)"
_NAME_DATE = r"(?<!\d)((?:19|20)\d{2})([-_.])(\d{1,2})\2(\d{1,2})(?!\d)"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """When first needed: all of them take 4 ms, and most dates are ISO."""
    return re.compile(pattern, re.IGNORECASE)


def parse_date(value: object, zone: tzinfo) -> datetime | None:
    """The moment that a value of front matter names, aware; None when it names none for certain.

    Takes text, TOML's dates and datetimes, and epoch numbers (seconds, milliseconds, microseconds by their number of
    digits). What names no zone is in ``zone``; a year and month alone are the first of that month.
    """
    try:
        moment = _read(value, zone)
        if moment is None or not _MIN_YEAR <= moment.year <= _MAX_YEAR:
            return None
        if moment.year == _MAX_YEAR:
            return _FAR
        return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
    except (ValueError, LookupError, OverflowError, OSError):  # 2025-13-45, +99:00, ``Foo 3, 2025``, a far epoch
        return None


def date_in_name(name: str, zone: tzinfo) -> datetime | None:
    """The date in a file name: a stamp of 8, 12, 14 or 17 digits, or ``2025-06-08``; None when there is none."""
    for found in _compiled(_NAME_STAMP).finditer(name):
        if moment := parse_date(found[0], zone):
            return moment
    for found in _compiled(_NAME_DATE).finditer(name):
        if moment := parse_date("-".join(found.group(1, 3, 4)), zone):
            return moment
    return None


def date_before_slug(name: str, zone: tzinfo) -> tuple[datetime | None, str]:
    """The date that a file name begins with, and the rest of the name: ``2024-03-05-hello``.

    As Hugo's ``:filename`` reads it: ``YYYY-MM-DD``, also with ``-HH-MM-SS`` behind it.
    """
    if len(name) >= 19 and (moment := _stamp(f"{name[:10]}T{name[11:19].replace('-', ':')}", zone)):
        return moment, name[19:].strip(" -_")
    moment = _stamp(name[:10], zone)
    return moment, name[10:].strip(" -_") if moment else ""


def _stamp(text: str, zone: tzinfo) -> datetime | None:
    return parse_date(text, zone) if _compiled(_ISO_STAMP).fullmatch(text) else None


def _read(value: object, zone: tzinfo) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - parse_date sets the zone
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _read_digits(str(int(value)), zone)
    return _read_text(value.strip(), zone) if isinstance(value, str) else None


def _read_text(text: str, zone: tzinfo) -> datetime | None:
    if len(text) > _MAX_CHARS:
        return None
    if (text[4:5] == "-" and text[10:11] in {"", "T", "t", " "}) or text[8:9] == "T":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass  # one-digit months, a blank before the offset, a zone's name: below
    text = unicodedata.normalize("NFKC", text)
    if _compiled(_BEYOND).fullmatch(text):
        return _FAR
    return _read_digits(text, zone) if text.isdecimal() else _read_words(text, zone)


def _read_digits(digits: str, zone: tzinfo) -> datetime | None:
    if len(digits) == len(_LAST_DAY) and digits >= _LAST_DAY:
        return _FAR
    if shape := _STAMPS.get(len(digits)):
        return datetime.strptime(digits[:14], shape)  # noqa: DTZ007 - parse_date sets the zone
    units = _EPOCH_UNITS.get(len(digits))
    return datetime.fromtimestamp(int(digits) / units, tz=zone) if units else None


def _read_words(text: str, zone: tzinfo) -> datetime | None:
    """A date in words or numbers, with or without a time; None if anything is left over that was not understood."""
    text = _compiled(_NOISE).sub(" ", text)
    for pattern, colon in _CLOCK_WORDS:
        text = _compiled(pattern).sub(colon, text)
    time = _compiled(_TIME).search(text)
    if time is None:
        return _read_day(text.strip(" ,"))
    day = _read_day(f"{text[: time.start()].rstrip(' ,Tt')} {text[time.end() :]}".strip(" ,"))
    return day and _at(day, time, zone)


def _read_day(text: str) -> datetime | None:
    """Midnight of the day, naive. The month may be a number or an English name; a missing day is the first."""
    for pattern in (_NUMBERS, _DAY_FIRST, _MONTH_FIRST):
        if found := _compiled(pattern).fullmatch(text):
            parts = found.groupdict()
            month = int(parts["month"]) if "month" in parts else _MONTHS[parts["name"].lower()]
            return datetime(int(parts["year"]), month, int(parts["day"] or 1))  # noqa: DTZ001 - parse_date sets the zone
    return None


def _at(day: datetime, time: re.Match[str], zone: tzinfo) -> datetime:
    hour = int(time["hour"])
    word = (time["before"] or time["after"] or "").lower()
    if hour < _AFTER_NOON.get(word, 0):
        hour += 12
    if hour == 12 and word in _BEFORE_NOON:
        hour = 0
    fraction = (time["fraction"] or "").ljust(6, "0")[:6]
    return day.replace(
        hour=hour,
        minute=int(time["minute"]),
        second=int(time["second"] or 0),
        microsecond=int(fraction),
        tzinfo=_zone(time, zone),
    )


def _zone(time: re.Match[str], zone: tzinfo) -> tzinfo | None:
    """The zone that a time names; None when it names none."""
    if time["sign"]:
        offset = timedelta(hours=int(time["hours"]), minutes=int(time["minutes"] or 0))
        return timezone(offset if time["sign"] == "+" else -offset)
    name = (time["name"] or "").upper()
    if name == "CST":
        # China's or the American Midwest's: whoever writes for a Chinese site means China's.
        at_home = datetime(2000, 1, 1, tzinfo=zone).utcoffset()
        return timezone(_CHINA if at_home == _CHINA else _US_CENTRAL)
    return timezone(timedelta(hours=_ZONES[name])) if name else None
