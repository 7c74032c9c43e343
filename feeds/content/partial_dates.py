"""Read the dates that citations claim, as spelt by people: ``2025/7/2``, ``2025年5月``, ``(2025, June 5)``.

A date keeps the precision that it was given: ``2024``, ``2024-08`` or ``2024-08-01``. Nothing here looks at a calendar
of today: a claim in the future is still what the text claims.
"""

from __future__ import annotations

import re
from calendar import monthrange
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}

_MONTH = r"(?P<{}>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{{0,6}}\.?"
_YEAR = r"(?P<{}>(?:19|20)\d\d)(?!\d)"
_DAY = r"(?P<{}>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?"
#: Where a writer had no day: ``2025/6/XX``, ``2024/12/--``, ``2024/?``.
_BLANK = r"(?:\s*[/.\-年月]\s*(?:X{1,2}|x{1,2}|\?{1,2}|-{1,2}|_{1,2})(?!\w)[月日]?)*"
_TIME = r"(?:[T ]\d{1,2}:\d{2}[\d:.]*\s*(?:Z|[+\-]\d{2}:?\d{2})?)?"

#: The spellings, commonest first; named groups y, m, d carry digits, n a month's name. No two branches can both match
#: the same text at length, so nothing is tried twice.
_SPELLINGS = "|".join(
    (
        _YEAR.format("y1")
        + r"\s*[/.\-年]\s*(?P<m1>\d{1,2})(?!\d)"
        + r"(?:\s*[/.\-月]\s*(?P<d1>\d{1,2})(?!\d)\s*[日号]?|\s*月)?"
        + _BLANK
        + _TIME,
        _YEAR.format("y2") + r",?\s+" + _MONTH.format("n2") + r"(?:\s+" + _DAY.format("d2") + ")?",
        _MONTH.format("n3") + r"\s+" + _DAY.format("d3") + r",?\s+" + _YEAR.format("y3"),
        _DAY.format("d4") + r"\s+" + _MONTH.format("n4") + r",?\s+" + _YEAR.format("y4"),
        _MONTH.format("n5") + r",?\s+" + _YEAR.format("y5"),
        _YEAR.format("y6") + r"\s*年?(?![\d\w/.\-]*\d)" + _BLANK,
    ),
)
_DATE = re.compile(_SPELLINGS)
_PLAIN = re.compile(r"((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?!\d)" + _TIME)
#: What may stand before a date in its parentheses.
_LEAD = re.compile(
    r"(?:(?:首次|最初|最后)?(?:发布|发表|出版|更新|刊登|上线)(?:日期|时间|于)?|日期|时间|约"
    r"|Published(?: Time| on)?|Updated|Posted|Date)"
    r"\s*[:：]?\s*",
    re.IGNORECASE,
)

#: How writers say that they do not know the date or the author.
_UNKNOWN = re.compile(
    r"\s*(?:"
    r"未知|不可用|未注明|未提供|未标[明注]|未署名|未公[开布]|未明确|未披露|不详|不明|不适用|不确定|不可考|暂无|佚名|匿名"
    r"|无(?=$|\s|[作日具发署明出时来信原])"
    r"|(?:发布|发表|出版)?(?:日期|时间|作者)(?:不详|未知|不明|未提供|未注明|未标注|待定|待查|无)"
    r"|近期|最近|近日"
    r"|n\.?\s?d\.?$|n\.?/a\.?$|not (?:available|specified|provided|stated)|no (?:date|author)\b"
    r"|(?:undated|unknown|anonymous)(?:\s+(?:author|date|source|publisher))?[.\s]*$"
    r"|(?:current |publication )?date$|none$|null$|tbd$|author$|[-—?？/]*$"
    r")",
    re.IGNORECASE,
)


#: What such words begin with: most texts are turned away here.
_UNKNOWN_BEGINS = frozenset("未不暂佚匿无发出日时作近最nNuUaAcCpPdDtT-—?？/")


def is_unknown(text: str) -> bool:
    """Does the text only say that a date or an author is not known (``无作者``, ``n.d.``, ``日期不详，推测近期``)?"""
    text = text.lstrip()
    return not text or (text[0] in _UNKNOWN_BEGINS and _UNKNOWN.match(text) is not None)


def parse_date(text: str) -> str | None:
    """The ISO date of reduced precision that the whole text spells; None for anything else."""
    if "20" not in text and "19" not in text:
        return None
    return _parse_short(text) if len(text) <= _MOST_CACHED else _parse(text)


#: No date of people is longer; the articles of a week claim the same few dates.
_MOST_CACHED = 32


def _parse(text: str) -> str | None:
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        return _iso(*plain.groups())
    found = read_date(text, _after_lead(text))
    if found is None or text[found[1] :].strip(" 。.,，日") != "":
        return None
    return found[0]


_parse_short = lru_cache(maxsize=2048)(_parse)


def parse_date_with_words(text: str, *, ends_claim: bool) -> str | None:
    """Like ``parse_date``, but words may follow: after a comma any, else (where a claim ends) a few."""
    found = read_date(text, _after_lead(text))
    if found is None:
        return None
    date, end = found
    after_comma = text[end : end + 1] in _COMMAS and len(date) > len("2024")
    return date if after_comma or (ends_claim and len(text) - end <= _MOST_WORDS) else None


_COMMAS = ",，;；"
#: Longer remarks are a part of the sentence, not of the date.
_MOST_WORDS = 12


def read_date(text: str, start: int) -> tuple[str, int] | None:
    """The date that begins exactly at ``start`` and the position after it; None when there is none."""
    plain = read_plain_date(text, start)
    if plain is not None:
        return plain
    match = _DATE.match(text, start)
    if match is None:
        return None
    found = {name[0]: value for name, value in match.groupdict().items() if value}
    month = str(_MONTHS[found["n"].casefold()]) if "n" in found else found.get("m")
    return _iso(found["y"], month, found.get("d")), match.end()


def read_plain_date(text: str, start: int) -> tuple[str, int] | None:
    """Like ``read_date``, but only ``2025/7/2`` and ``2025-07-02``: nine dates in ten, in a tenth of the time."""
    match = _PLAIN.match(text, start)
    return (_iso(*match.groups()), match.end()) if match is not None else None


def _after_lead(text: str) -> int:
    lead = _LEAD.match(text)
    return lead.end() if lead is not None else 0


@lru_cache(maxsize=2048)
def _iso(year: str, month: str | None = None, day: str | None = None) -> str:
    """Drop what is no calendar date: month 13 leaves the year, 30 February leaves the month."""
    if month is None or not 1 <= int(month) <= 12:
        return year
    if day is None or not 1 <= int(day) <= (28 if int(day) <= 28 else monthrange(int(year), int(month))[1]):
        return f"{year}-{month:0>2}"
    return f"{year}-{month:0>2}-{day:0>2}"
