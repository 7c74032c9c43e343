"""What an address says by itself: that it is no page, that it was made up, when its page was published."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from feeds.audit.sites import (
    BEGAN,
    CLOCKS,
    IDS,
    PICTURE,
    PICTURE_HOSTS,
    PLACEHOLDER,
    PLACEHOLDER_HOSTS,
    SEARCHES,
)
from feeds.audit.spans import Span, day_span
from feeds.audit.values import Rule
from feeds.model import Citation
from feeds.urls import canonical, host_of

#: Longer addresses are data; none of the rules reads them.
_LONGEST = 2_000
#: Names that no public DNS has (RFC 6761, 6762, 8375; ICANN's .internal).
_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet")


class Dated(NamedTuple):
    """When a page was published, by its address."""

    span: Span
    #: It may have been published later than that (a new version of a paper), but not before.
    is_earliest: bool = False


def faults_of(citation: Citation) -> Iterator[tuple[Rule, str]]:
    """What is wrong with the address of a citation: rule, and why."""
    url = citation.url or ""
    if not url or len(url) > _LONGEST:
        return
    parts = _parts(url)
    if parts is None:
        return
    invented = _invented(parts)
    if invented:
        yield invented
        return
    wrong_id = _wrong_id(parts)
    if wrong_id:
        yield Rule.IMPOSSIBLE_ID, wrong_id
    elif _is_picture(parts):
        yield Rule.PICTURE, f"{_shown(url)} is a picture or a part of a page"
    elif parts.search:
        yield Rule.SEARCH_PAGE, f"{_shown(url)} shows what a search finds"
    elif parts.is_home and _is_about_a_story(citation, parts):
        yield Rule.HOME_PAGE, f"{_shown(url)} is a home page, “{citation.title}” is not"


def is_made_up(url: str) -> bool:
    """Whether no page can stand there."""
    parts = _parts(url) if len(url) <= _LONGEST else None
    return parts is not None and bool(_invented(parts) or _wrong_id(parts))


@lru_cache(maxsize=4096)
def date_of(url: str) -> Dated | None:
    """When the page was published, as its address tells; None when it does not."""
    parts = _parts(url) if len(url) <= _LONGEST else None
    if parts is None:
        return None
    for clock in CLOCKS:
        found = clock.address.fullmatch(parts.bare)
        if found:
            return _dated_by_clock((int(found[1]) >> clock.shift) / clock.per_second + clock.began)
    paper = _PAPER.match(parts.bare)
    if paper:
        return Dated(_month(1900 + int(paper[1]) if paper[1] > "90" else 2000 + int(paper[1]), int(paper[2])), True)
    if _UPLOAD.search(parts.path):
        return None
    return _dated_by_path(parts.path)


def began(url: str) -> tuple[str, date] | None:
    """The site, and its first day; None for all but a few."""
    host = host_of(canonical(url))
    while host:
        if host in BEGAN:
            return host, BEGAN[host]
        host = host.partition(".")[2]
    return None


# -- dates -----------------------------------------------------------------------------------------------------------

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_YEAR, _MONTH, _DAY = r"(20[0-3]\d)", r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
_TWO_DIGITS = r"(20[0-3]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
#: Dates in paths, the surest first. An address names a day in a segment of its own, or at the beginning of one; a
#: number inside a slug (``top-10-of-2025``) is a part of the title.
_DAYS = tuple(
    map(
        re.compile,
        (
            rf"/{_YEAR}/{_MONTH}[/-]{_DAY}(?=[/-]|$)",
            rf"/{_YEAR}[-_]{_MONTH}[-_]{_DAY}(?=[/_-]|$)",
            rf"/{_YEAR}/(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=/)",
            rf"/{_YEAR}-(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])(?=/)",
            rf"/{_TWO_DIGITS}(?=/|[A-Z]\w{{6,10}}$)",
            rf"/t{_TWO_DIGITS}_\d",
            rf"[a-z]-{_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])/?$",
        ),
    )
)
_NAMED_DAY = re.compile(rf"/{_YEAR}/([a-z]{{3}})/{_DAY}(?=/|$)", re.IGNORECASE)
_WHOLE_MONTH = re.compile(r"/(20[0-3]\d)/(0[1-9]|1[0-2])(?=/)")
_PAPER = re.compile(r"arxiv\.org/(?:abs|pdf|html)/(\d\d)(0[1-9]|1[0-2])\.\d{4,5}(?!\d)")
#: A file is put there when it is put there; what it holds may be older, or the folder newer.
_UPLOAD = re.compile(r"/(?:uploads?|wp-content|files?|static|assets|images?|media)/|\.pdf$", re.IGNORECASE)


def _dated_by_path(path: str) -> Dated | None:
    named = _NAMED_DAY.search(path)
    if named and named[2].lower() in _MONTHS:
        return _day(int(named[1]), _MONTHS[named[2].lower()], int(named[3]))
    for form in _DAYS:
        found = form.search(path)
        if found:
            return _day(*map(int, found.groups()))
    month = _WHOLE_MONTH.search(path)
    return Dated(_month(int(month[1]), int(month[2]))) if month else None


def _day(year: int, month: int, day: int) -> Dated | None:
    try:
        return Dated(day_span(date(year, month, day)))
    except ValueError:
        return None


def _month(year: int, month: int) -> Span:
    return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _dated_by_clock(seconds: float) -> Dated | None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return Dated(day_span(moment.date())) if moment.year < 2100 else None


# -- faults ----------------------------------------------------------------------------------------------------------


class _Parts(NamedTuple):
    host: str
    path: str
    query: str
    #: The canonical address without its scheme.
    bare: str

    @property
    def is_home(self) -> bool:
        return not self.path.strip("/") and not self.query

    @property
    def search(self) -> bool:
        rule = SEARCHES.get(self.host)
        return rule is not None and rule.fullmatch(f"{self.path}?{self.query}") is not None


def _parts(url: str) -> _Parts | None:
    key = canonical(url)
    try:
        split = urlsplit(url)
        host = (urlsplit(key).hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if not host:
        return None
    return _Parts(host, split.path, split.query, key.partition("://")[2])


def _invented(parts: _Parts) -> tuple[Rule, str] | None:
    if _is_below(parts.host, PLACEHOLDER_HOSTS):
        return Rule.PLACEHOLDER, f"{parts.host} is a host for examples"
    found = PLACEHOLDER.search(f"{parts.path}?{parts.query}")
    if found:
        return Rule.PLACEHOLDER, f"“{found[0]}” stands in the place of something to be filled in"
    if parts.host == "localhost" or parts.host.endswith(_PRIVATE_NAMES) or _is_private_number(parts.host):
        return Rule.PRIVATE_ADDRESS, f"{parts.host} is this machine or a private network"
    return None


def _is_below(host: str, names: frozenset[str]) -> bool:
    labels = host.split(".")
    return any(".".join(labels[start:]) in names for start in range(len(labels)))


def _is_private_number(host: str) -> bool:
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return False


def _wrong_id(parts: _Parts) -> str:
    for rule in IDS:
        found = rule.address.fullmatch(parts.bare)
        if found and not rule.form.fullmatch(found[1]):
            return f"“{found[1]}” is no id: {rule.words}"
    return ""


def _is_picture(parts: _Parts) -> bool:
    return PICTURE.fullmatch(parts.path) is not None or (
        PICTURE_HOSTS.match(parts.host + parts.path.rstrip("/")) is not None and not parts.is_home
    )


#: Names and slogans of sites are not longer than this, a Chinese character counting twice; titles of stories are.
_LONGEST_NAME = 40


def _is_about_a_story(citation: Citation, parts: _Parts) -> bool:
    """A site itself may be cited, under its name; a story stands on a page of its own."""
    title = citation.title or ""
    width = sum(1 if mark.isascii() else 2 for mark in title)
    label = parts.host.split(".")[-2] if "." in parts.host else parts.host
    return width > _LONGEST_NAME and label.casefold() not in title.casefold().replace(" ", "")


def _shown(url: str) -> str:
    return url if len(url) <= 120 else f"{url[:119]}…"
