"""Write a footnote anew with what its source says, in the form that it had."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import escape

from feeds.audit.addresses import is_made_up
from feeds.audit.claims import compare
from feeds.audit.spans import RE_DATED, span_of
from feeds.audit.texts import are_comparable
from feeds.audit.values import Field, Said
from feeds.model import Citation

#: Longer definitions are data; they are left as they are.
_LONGEST = 8_000


def corrected_line(citation: Citation, said: Said, *, written: date | None = None) -> str | None:
    """The definition with title, author and dates as they are; None when nothing is to be corrected.

    ``written`` is the day of the article: it takes the place of an accessed date that cannot be. A translated title
    stays. A source list (no label) has no form to be corrected in.
    """
    if citation.label is None or len(citation.raw) > _LONGEST:
        return None
    wanted = _corrected(citation, said, written)
    if not wanted:
        return None
    text: str | None = citation.raw
    for name, value in wanted.items():
        text = _REPLACERS[name](text, citation, value) if text is not None else None
    return f"[^{citation.label}]: {text if text is not None else _composed(citation, wanted)}"


def _corrected(citation: Citation, said: Said, written: date | None) -> dict[str, str]:
    """Field of the citation -> what it is to be; only what has to change."""
    wanted: dict[str, str] = {}
    for difference in compare(citation, said):
        if difference.field is Field.TITLE and are_comparable(difference.claimed, difference.found):
            wanted["title"] = difference.found
        elif difference.field is Field.DATE:
            wanted["published"] = difference.found
        elif difference.field is Field.AUTHOR and difference.is_contradiction:
            wanted["author"] = difference.found
        elif difference.field is Field.PUBLISHER and difference.is_contradiction:
            wanted["publisher"] = difference.found
        elif difference.field is Field.URL and difference.is_contradiction:
            wanted["url"] = difference.found
    if written and _is_impossible(citation, said, written):
        wanted["accessed"] = written.isoformat()
    if said.url and is_made_up(citation.url or ""):
        wanted["url"] = said.url
    return wanted


def _is_impossible(citation: Citation, said: Said, written: date) -> bool:
    accessed = span_of(citation.accessed)
    if accessed is None:
        return False
    is_too_early = said.published is not None and accessed.is_before(said.published.date(), by=RE_DATED)
    return is_too_early or accessed.is_after(written)


# -- in place --------------------------------------------------------------------------------------------------------


def _with_title(text: str, citation: Citation, value: str) -> str | None:
    new = escape(value, quote=False) if "<a" in text.casefold() else _escaped(value)
    return _with_words(text, citation.title or "", new)


def _escaped(title: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", title)


def _with_author(text: str, citation: Citation, value: str) -> str | None:
    return _with_words(text, citation.author or "", value)


def _with_publisher(text: str, citation: Citation, value: str) -> str | None:
    return _with_words(text, citation.publisher or "", value)


def _with_url(text: str, citation: Citation, value: str) -> str | None:
    url = citation.url or ""
    return text.replace(url, value) if url in text else None


def _with_published(text: str, citation: Citation, value: str) -> str | None:
    return _with_date(text, citation.published or "", value, is_accessed=False)


def _with_accessed(text: str, citation: Citation, value: str) -> str | None:
    return _with_date(text, citation.accessed or "", value, is_accessed=True)


_REPLACERS = {
    "title": _with_title,
    "author": _with_author,
    "publisher": _with_publisher,
    "published": _with_published,
    "accessed": _with_accessed,
    "url": _with_url,
}

_SPELT = {"&": "(?:&amp;|&)", '"': '(?:&quot;|\\\\?")', "'": "(?:&#39;|\\\\?')", "<": "(?:&lt;|<)", ">": "(?:&gt;|>)"}


def _with_words(text: str, old: str, new: str) -> str | None:
    """Replace the first place where ``old`` stands as Markdown may spell it; None when it stands nowhere."""
    spelt = "".join(r"\s+" if mark == " " else _SPELT.get(mark, rf"\\?{re.escape(mark)}") for mark in old)
    found = next((found for found in re.finditer(spelt, text) if not _is_in_address(text, found.start())), None)
    return text[: found.start()] + new + text[found.end() :] if found else None


_ADDRESS = re.compile(r"https?://[^\s<>\"）)】]+", re.IGNORECASE)


def _is_in_address(text: str, position: int) -> bool:
    return any(found.start() <= position < found.end() for found in _ADDRESS.finditer(text))


# -- dates -----------------------------------------------------------------------------------------------------------

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_NAME = r"(?P<{0}>[A-Z][a-z]{{2,8}})\.?"
_YEAR, _DAY = r"(?P<y{0}>(?:19|20)\d\d)(?!\d)", r"(?P<d{0}>\d{{1,2}})(?!\d)(?:st|nd|rd|th)?"
_WRITTEN = re.compile(
    r"(?<!\d)(?:"
    + _YEAR.format(1)
    + r"(?P<between>\s*[/.\-年]\s*)(?P<m1>\d{1,2})(?!\d)"
    + r"(?:(?P<between2>\s*[/.\-月]\s*)(?P<d1>\d{1,2})(?!\d)(?P<end>\s*日)?|(?P<month>\s*月))?"
    + "|"
    + _YEAR.format(2)
    + r",?\s+"
    + _NAME.format("n2")
    + r"\s+"
    + _DAY.format(2)
    + "|"
    + _NAME.format("n3")
    + r"\s+"
    + _DAY.format(3)
    + r",?\s+"
    + _YEAR.format(3)
    + "|"
    + _YEAR.format(4)
    + r"(?P<year>\s*年)?"
    + ")"
)
_ACCESSED = re.compile(r"(?:检索|访问|获取|查阅|Retrieved|Accessed)[^\d\n]{0,24}$", re.IGNORECASE)


def _with_date(text: str, old: str, new: str, *, is_accessed: bool) -> str | None:
    for found in _dates(text, is_accessed=is_accessed):
        if _iso(found) == old:
            return text[: found.start()] + _respelt(found, date.fromisoformat(new)) + text[found.end() :]
    return None


def _dates(text: str, *, is_accessed: bool) -> Iterator[re.Match[str]]:
    for found in _WRITTEN.finditer(text):
        before = text[max(0, found.start() - 32) : found.start()]
        if (_ACCESSED.search(before) is not None) is is_accessed and not _is_in_address(text, found.start()):
            yield found


def _iso(found: re.Match[str]) -> str:
    groups = found.groupdict()
    year = groups["y1"] or groups["y2"] or groups["y3"] or groups["y4"]
    name = groups["n2"] or groups["n3"]
    month = _month_named(name) if name else int(groups["m1"] or 0)
    day = int(groups["d1"] or groups["d2"] or groups["d3"] or 0)
    return "-".join((year, *(f"{part:02}" for part in (month, day) if part)))


def _month_named(name: str) -> int:
    return next((number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[:3])), 0)


def _respelt(found: re.Match[str], day: date) -> str:
    """The day, spelt as the found date is."""
    groups = found.groupdict()
    if groups["n2"] or groups["n3"]:
        name = groups["n2"] or groups["n3"]
        month = _MONTHS[day.month - 1]
        month = month if name in _MONTHS else month[:3]
        return f"{day.year}, {month} {day.day}" if groups["n2"] else f"{month} {day.day}, {day.year}"
    first = groups["between"] or ("年" if groups["year"] else "/")
    second = groups["between2"] or ("月" if "年" in first else first)
    end = groups["end"] or ("日" if "月" in second else "")
    width = 2 if any((groups[name] or "").startswith("0") for name in ("m1", "d1")) or "-" in first else 1
    return f"{day.year}{first}{day.month:0{width}}{second}{day.day:0{width}}{end}"


# -- anew ------------------------------------------------------------------------------------------------------------


def _composed(citation: Citation, wanted: dict[str, str]) -> str:
    """In the commonest form of the line's family, for a line that says a claim in pieces."""
    claims = {name: wanted.get(name) or getattr(citation, name) or "" for name in _REPLACERS}
    title = _escaped(claims["title"])
    title = f"[{title}]({claims['url']})" if claims["url"] else title
    published = f"（{_slashed(claims['published'])}）" if claims["published"] else ""
    accessed = f"检索日期{_slashed(claims['accessed'])}" if claims["accessed"] else ""
    if "·" in citation.raw:
        return "·".join(filter(None, (title, claims["publisher"], claims["author"] + published, accessed)))
    return "。".join(filter(None, (claims["author"] + published, title, claims["publisher"], accessed))) + "。"


def _slashed(iso: str) -> str:
    return "/".join(str(int(part)) for part in iso.split("-"))
