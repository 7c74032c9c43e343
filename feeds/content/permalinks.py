"""Turn a permalink pattern such as ``/insights/:year/:slug/`` into the URL of one article, as Hugo does. Pure.

Tokens: ``:year :month :monthname :day :weekday :weekdayname :yearday :section :sections :title :slug :filename
:contentbasename :slugorfilename :slugorcontentbasename``, and slices such as ``:sections[1:]``, ``:sections[0]``,
``:sections[last]``. Dates count in the zone that the article's date is written in. Checked against Hugo 0.168.

Where Hugo would put an article on the page of its section (a title of punctuation only), the file name steps in; a
path never leaves the site, whatever the front matter says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from feeds.urls import clean_url, encode_path

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")

_TOKEN = re.compile(r":([a-z]+)(?:\[([^\[\]]*)\])?")
_SLICE = re.compile(r"(\d+|last)?(:)?(\d+|last)?")
#: Kept besides letters, decimal digits and marks.
_KEPT = frozenset("._~-@#")
#: What stays as it is, such as most file names.
_PLAIN = re.compile(r"[a-z0-9._~@#-]*")
#: What a pattern or a front matter ``url`` ends in when it names a file; all others end in a slash.
_FILE = re.compile(r"\.(?:html?|xhtml|php|aspx?|txt|xml|json)$", re.IGNORECASE)


class _Page(NamedTuple):
    """What the tokens of a pattern can name."""

    section: str
    sections: tuple[str, ...]
    filename: str
    title: str
    slug: str
    published: datetime


def permalink(  # noqa: PLR0913 - one value for each thing that a token can name
    pattern: str,
    *,
    site_url: str,
    section: str,
    sections: tuple[str, ...],
    filename: str,
    title: str,
    slug: str,
    published: datetime,
) -> str:
    """The absolute ASCII URL of a page, lower-cased as Hugo lower-cases it.

    Args:
        pattern: Path below ``site_url``; a token that Hugo does not know stands for its own name.
        site_url: Where the site is served; its own path is kept.
        section: Name of the first folder of the content tree.
        sections: Names of all folders from there to the file, the first included.
        filename: Name of the file without extension, or of the folder of a page bundle.
        title: For ``:title``, and for ``:slug`` where there is none.
        slug: ``slug`` of the front matter, or empty.
        published: For the tokens of the date.
    """
    page = _Page(section=section, sections=sections, filename=filename, title=title, slug=slug, published=published)
    return site_page(_expand(pattern, page), site_url=site_url)


def own_url(url: str, *, site_url: str) -> str | None:
    """The absolute ASCII URL that the ``url`` of a front matter names, its case kept; None when it is unusable."""
    url = url.strip()
    if "://" in url or url.startswith("//"):
        return clean_url(url, site_url)
    return site_page(url, site_url=site_url)


def site_page(path: str, *, site_url: str) -> str:
    """The absolute ASCII URL of a path below the site, which no ``..`` leaves."""
    segments: list[str] = []
    for segment in path.replace("\\", "/").split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    end = "/" if segments and not _FILE.search(path) else ""
    return f"{site_url.rstrip('/')}/{encode_path('/'.join(segments))}{end}"


def _expand(pattern: str, page: _Page) -> str:
    found = []
    for text, token, bounds in _pieces(pattern):
        found.append(text)
        if bounds is not None:
            found.append(_slice(page.sections, bounds))
        elif token:
            found.append(_TOKENS[token](page) if token in _TOKENS else token)
    return _path("".join(found))


@lru_cache(maxsize=64)
def _pieces(pattern: str) -> tuple[tuple[str, str | None, str | None], ...]:
    """What stands before each token, the token and its slice; and what stands behind the last one."""
    split: list[Any] = [*_TOKEN.split(pattern), None, None]
    return tuple(zip(split[::3], split[1::3], split[2::3], strict=True))


def _slice(sections: tuple[str, ...], bounds: str) -> str:
    """``1:``, ``:2``, ``0``, ``last``, ``1:last`` of the sections; nothing where they do not reach that far."""
    found = _SLICE.fullmatch(bounds)
    if not found:
        return ""
    end_word = str(len(sections) - 1)
    first, colon, end = ((group or "").replace("last", end_word) for group in found.groups())
    if colon:
        return "/".join(sections[int(first or 0) : int(end) if end else None])
    return "/".join(sections[int(first or 0) :][:1])


def _slug(page: _Page) -> str:
    return _path(page.slug) or _title(page)


def _title(page: _Page) -> str:
    return _path(page.title.replace("/", " ")) or _filename(page)


def _filename(page: _Page) -> str:
    # A name of punctuation only leaves nothing: its code points are at least its own.
    return _path(page.filename) or "-".join(f"{ord(char):x}" for char in page.filename)


def _slug_or_filename(page: _Page) -> str:
    return _path(page.slug) or _filename(page)


def _path(text: str) -> str:
    """Each segment as Hugo writes it, without those that are empty or dots only. To Hugo a plus sign is a blank."""
    segments = map(_segment, text.replace("+", " ").split("/"))
    return "/".join([segment for segment in segments if segment.strip(".")])


def _segment(text: str) -> str:
    """Lower case; letters, digits, marks and a few signs kept; each run of blanks one hyphen, none beside another."""
    if _PLAIN.fullmatch(text):
        return text
    kept: list[str] = []
    is_after_blank = False
    for char in text:
        if char.isspace():
            is_after_blank = True
        elif char.isalpha() or char in _KEPT or char.isdecimal() or unicodedata.category(char)[0] == "M":
            if is_after_blank and kept and char != "-" and kept[-1] != "-":
                kept.append("-")
            is_after_blank = False
            kept.append(char.lower()[0])  # İ has two characters in lower case, of which Go takes the first
    return "".join(kept)


_TOKENS: dict[str, Callable[[_Page], str]] = {
    "year": lambda page: f"{page.published:%Y}",
    "month": lambda page: f"{page.published:%m}",
    "monthname": lambda page: _MONTHS[page.published.month - 1],
    "day": lambda page: f"{page.published:%d}",
    "weekday": lambda page: f"{page.published:%w}",
    "weekdayname": lambda page: _WEEKDAYS[int(f"{page.published:%w}")],
    "yearday": lambda page: str(page.published.timetuple().tm_yday),
    "section": lambda page: page.section,
    "sections": lambda page: "/".join(page.sections),
    "title": _title,
    "slug": _slug,
    "filename": _filename,
    "contentbasename": _filename,
    "slugorfilename": _slug_or_filename,
    "slugorcontentbasename": _slug_or_filename,
}
