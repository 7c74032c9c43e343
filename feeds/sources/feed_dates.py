"""Read the dates that feeds write, in the shapes that are known to mean what they say. Pure.

feedparser guesses: it reads ``2025年7月3日`` as 1 November, an epoch as the year 1751, ``5:46 PM`` as the morning and
every ``CST`` as American. A wrong date is worse than none, since an entry without one is dated when it is first seen;
so what has none of the shapes below has no date.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

#: Nothing was published in a feed before; smaller numbers are mistakes (1970 is an empty field).
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
#: Clocks and time zones of publishers are off by hours, not by more; later is a mistake or an announcement.
LATEST_AHEAD = timedelta(days=2)
#: Beyond this it is prose.
LONGEST = 100


def parse_date(raw: str, *, now: datetime, chinese: bool = False) -> datetime | None:
    """Give the moment in UTC, never later than ``now``; None when unreadable, or before ``EARLIEST``, or far ahead.

    Args:
        raw: As written in the feed.
        now: The time of reading.
        chinese: The feed is Chinese by language or host: then ``CST`` and times without a zone are +08:00. Elsewhere
            ``CST`` is American (-06:00), and times without a zone are UTC.
    """
    text = " ".join(unicodedata.normalize("NFKC", raw[: LONGEST + 1]).split())
    if not text or len(text) > LONGEST:
        return None
    try:
        moment = _read(text, chinese=chinese)
    except (ValueError, OverflowError):
        return None
    if moment is None or not EARLIEST <= moment <= now + LATEST_AHEAD:
        return None
    return min(moment, now)


_HALF = r"(?P<half>上午|下午|中午|凌晨|早上|晚上|傍晚)?"
_CLOCK = (
    rf"{_HALF}\s?(?P<hour>\d\d?)[:时時点點](?:(?P<minute>\d\d?)(?:[:分](?:(?P<second>\d\d?)(?:[.,]\d{{1,9}})?秒?)?)?)?"
)
_TIME = rf"(?:{_CLOCK}(?:\s?(?P<clock>[AaPp]\.?[Mm])\.?)?)"
_ZONE = (
    r"(?:\s?(?P<zone>[A-Za-z/]{0,20}\s?[+-]\d\d?:?(?:\d\d)?|[A-Za-z]{1,5})(?:\s?\([^()]*\))?"
    r"|\s?\((?P<bracketed>[A-Za-z]{1,5})\))?"
)
_BEHIND = rf"(?:,?\s{_TIME}{_ZONE})?"
_DAY = r"(?P<day>\d\d?)"
_NAME = r"(?P<name>[^\W\d_]{3,12})\.?"
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s)?"
_WEEKDAY_BEHIND = r"(?:\s?\(?(?:星期|周|週|礼拜)[一二三四五六日天]\)?)?"

#: Each with what follows it where it is found.
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        # RFC 822 and its many kin: Thu, 03 Jul 2025 20:10:47 +0800; 3-Jul-25; jeu. 3 juillet 2025
        rf"{_WEEKDAY}{_DAY}(?:st|nd|rd|th|\.)?[ -](?:de\s)?{_NAME},?[ -](?:de\s)?(?P<year>\d{{4}}|\d\d){_BEHIND}",
        # RFC 3339, ISO 8601, and the day with points, slashes or in Chinese
        rf"(?P<year>\d{{4}})[-/.年]\s?(?P<month>\d\d?)[-/.月]\s?{_DAY}日?{_WEEKDAY_BEHIND}(?:(?:,?\s|T|t)?{_TIME}{_ZONE})?Z?",
        # 20250703T201047Z
        rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d)(?:[Tt]?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?{_ZONE})?",
        # July 3, 2025 8:10 PM
        rf"{_WEEKDAY}{_NAME}\s{_DAY}(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})(?:,?\s(?:at\s|-\s)?{_TIME}{_ZONE})?",
        # asctime: Thu Jul 3 20:10:47 CST 2025
        rf"{_WEEKDAY}{_NAME}\s{_DAY}\s{_TIME}{_ZONE}\s(?P<year>\d{{4}})",
        # 03.07.2025 20:10: with points the day stands first everywhere; with slashes nobody knows
        rf"{_DAY}\.(?P<month>\d\d?)\.(?P<year>\d{{4}}){_BEHIND}",
        # W3C: a year, a month
        r"(?P<year>\d{4})(?:-(?P<month>\d\d))?",
    )
)
_EPOCH = re.compile(r"(\d{9,10}|\d{13})(?:\.\d{1,9})?")


def _read(text: str, *, chinese: bool) -> datetime | None:
    if epoch := _EPOCH.fullmatch(text):
        number = int(epoch[1])
        return datetime.fromtimestamp(number / 1000 if len(epoch[1]) == 13 else number, UTC)
    for shape in _SHAPES:
        if match := shape.fullmatch(text):
            return _moment(match.groupdict(), chinese=chinese)
    return None


def _moment(found: dict[str, str | None], *, chinese: bool) -> datetime | None:
    """Put the pieces together; ValueError when they are no date."""
    month = _month(found)
    zone = _offset(found.get("zone") or found.get("bracketed") or "", chinese=chinese)
    if month is None or zone is None:
        return None
    midnight = datetime(_year(found["year"] or ""), month, int(found.get("day") or 1), tzinfo=zone)
    hour, minute, second = (int(found.get(unit) or 0) for unit in ("hour", "minute", "second"))
    hour = _hour(hour, found.get("half") or (found.get("clock") or "").lower().replace(".", ""))
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second):
        raise ValueError(found)
    return (midnight + timedelta(hours=hour, minutes=minute, seconds=second)).astimezone(UTC)


def _year(digits: str) -> int:
    """Two digits are of this century, or of the last one if that is nearer (RFC 2822 §4.3, moved on)."""
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < 70 else 1900)


_MORNING = frozenset({"am", "上午", "凌晨", "早上"})
_AFTERNOON = frozenset({"pm", "下午", "晚上", "傍晚"})


def _hour(hour: int, half: str) -> int:
    if half in _MORNING and hour == 12:
        return 0
    return hour + 12 if half in _AFTERNOON and hour < 12 else hour


#: How months begin in English, Spanish, Portuguese, French, Italian, German, Dutch, without accents.
_MONTHS = {
    **dict.fromkeys(("jan", "ene", "gen", "jän"), 1),
    **dict.fromkeys(("feb", "fev"), 2),
    **dict.fromkeys(("mar", "mrz", "maa", "mae"), 3),
    **dict.fromkeys(("apr", "abr", "avr"), 4),
    **dict.fromkeys(("may", "mai", "mag", "mei"), 5),
    **dict.fromkeys(("jun", "juin", "giu"), 6),
    **dict.fromkeys(("jul", "juil", "lug"), 7),
    **dict.fromkeys(("aug", "ago", "aou"), 8),
    **dict.fromkeys(("sep", "set"), 9),
    **dict.fromkeys(("oct", "okt", "out", "ott"), 10),
    **dict.fromkeys(("nov",), 11),
    **dict.fromkeys(("dec", "dez", "dic"), 12),
}


def _month(found: dict[str, str | None]) -> int | None:
    name = found.get("name")
    if name is None:
        return int(found.get("month") or 1)
    folded = "".join(char for char in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(char))
    return _MONTHS.get(folded[:4]) or _MONTHS.get(folded[:3])


#: Hours ahead of UTC. RFC 822 has the American ones; the others are common and have one meaning in feeds.
_ZONES: dict[str, float] = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0,
    "ast": -4, "adt": -3, "est": -5, "edt": -4, "et": -5, "cdt": -5, "ct": -6, "mst": -7, "mdt": -6, "mt": -7,
    "pst": -8, "pdt": -7, "pt": -8, "akst": -9, "akdt": -8, "hst": -10, "brt": -3,
    "bst": 1, "west": 1, "cet": 1, "met": 1, "mez": 1, "cest": 2, "mest": 2, "mesz": 2, "eet": 2, "eest": 3, "msk": 3,
    "ist": 5.5, "hkt": 8, "sgt": 8, "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
_CHINA = 8.0
_AMERICAN_CST = -6.0
_NUMERIC = re.compile(r"([+-])(\d\d?):?(\d\d)?")


def _offset(zone: str, *, chinese: bool) -> timezone | None:
    """The zone that is meant; None for a name that nobody can know."""
    if numeric := _NUMERIC.search(zone):
        minutes = int(numeric[2]) * 60 + int(numeric[3] or 0)
        return timezone(timedelta(minutes=-minutes if numeric[1] == "-" else minutes))
    name = zone.strip().lower()
    if name in {"", "cst"}:
        elsewhere = _AMERICAN_CST if name else 0.0
        return timezone(timedelta(hours=_CHINA if chinese else elsewhere))
    hours = _ZONES.get(name)
    return None if hours is None else timezone(timedelta(hours=hours))
