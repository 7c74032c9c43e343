"""Where a page stands in the content tree, and what the tokens of a permalink pattern make of it, as Hugo. Pure.

Checked against Hugo 0.168 (tests/test_hugo_addresses.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from feeds.urlpaths import logical, lowered, sanitised, unescaped, without_accents

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

#: ``\\:`` is a colon; else a token, and what it is sliced by.
_TOKEN = re.compile(r"\\:|:([A-Za-z0-9_]+)(\[[^\n\]]{1,80}\])?")
#: The parts of Go's date layouts that a token can be made of, in the order in which Go looks for them.
_LAYOUT = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|2006|__2|_2(?!006)|PM|pm|Z0700(?:00)?|Z07|[1-5]"
)
#: Go's layouts show this moment otherwise than it is written; what shows it unchanged is no layout (to Hugo).
_ANOTHER_MOMENT = datetime(2019, 11, 9, 23, 1, 42, tzinfo=UTC)
_DOTS = frozenset({".", ".."})


class PathStyle(Struct, frozen=True, kw_only=True):
    """What a site says of all its paths; the names are those of Hugo's settings."""

    remove_path_accents: bool = False
    disable_path_to_lower: bool = False
    ugly_urls: bool = False
    #: ``/zh-cn`` where the pages of this language stand below a folder of it, else empty.
    language_prefix: str = ""


PLAIN_STYLE = PathStyle()


class PagePlace(Struct, frozen=True, kw_only=True):
    """What the address of a page is made of. All names as on disk, and as the front matter writes them."""

    #: File name without extension and language; the folder's name for a leaf bundle. Never empty.
    name: str
    #: Folders from the top of the content tree down to the file; that of a leaf bundle is its name, and not here.
    folders: tuple[str, ...] = ()
    #: For each of the folders the ``slug`` of its ``_index.md``, or ""; it takes the place of its name, but in tokens.
    folder_slugs: tuple[str, ...] = ()
    #: Those of ``folders`` that lead to the page's section: the first, or up to the last one with an ``_index.md``.
    sections: tuple[str, ...] = ()
    #: Slug, else title, of the pages of these sections; of a folder without ``_index.md`` below the first, none.
    section_slugs: tuple[str, ...] = ()
    #: For ``:filename``, where that is another than ``name``: of ``Index.md``, for one.
    filename: str = ""
    #: Whether it is the page of a leaf bundle.
    is_bundle: bool = False
    #: Whether it is the page of a term, whose title is the term: alone there, a slash in it makes folders.
    is_term: bool = False
    title: str = ""
    slug: str = ""
    #: Counts in the zone that it is written in.
    date: datetime


class ContentName(NamedTuple):
    """What a file name says."""

    #: Without extension, language, and marks such as ``._draft_.``; as written.
    name: str
    #: As the site names it; empty for none.
    language: str


def content_name(file_name: str, languages: Collection[str] = ()) -> ContentName:
    """Take the name of a content file apart; ``languages`` are the site's, in lower case."""
    parts = file_name.split(".")
    kept, language = max(len(parts) - 1, 1), ""
    for at in range(len(parts) - 2, -1, -1):
        part = parts[at]
        is_mark = len(part) > 2 and part[0] == part[-1] == "_"
        if not language and len(parts) > 2 and logical(part) in languages:
            language, is_mark = logical(part), True
        if is_mark and at:
            kept = at
    return ContentName(".".join(parts[:kept]), language)


@lru_cache(maxsize=1024)
def path_text(text: str, style: PathStyle) -> str:
    """Hugo's ``MakePathSanitized``: for a part of a path, or all of it."""
    text = sanitised(text)
    if style.remove_path_accents:
        text = without_accents(text)
    return text if style.disable_path_to_lower else lowered(text)


def own_slug(page: PagePlace, style: PathStyle) -> str:
    """The slug as Hugo takes it; ``index`` would be the name of the file in the section's own folder."""
    slug = page.slug.strip("-")
    return "" if slug == "index" and (style.ugly_urls or not page.is_bundle) else slug


def code_points(name: str) -> str:
    """What stands for a name of punctuation only, of which nothing is left in a path; never empty."""
    return "-".join(f"{ord(char):x}" for char in name) or "page"


def section_slug(slug: str, title: str) -> str:
    """One of ``PagePlace.section_slugs``, of a section whose page has this slug and title."""
    return slug.strip("-") or _one_segment(title)


def names_a_page(path: str) -> bool:
    """Whether anything stands in a path besides slashes and dot segments."""
    return any(segment and stays(segment) for segment in path.split("/"))


def stays(segment: str) -> bool:
    """Whether a segment of a path is no dot segment, to nobody: not escaped, and not beside a backslash."""
    if "." not in segment and "%" not in segment:
        return True
    return _DOTS.isdisjoint(re.split(r"[/\\]", unescaped(segment) or ""))


def expanded(pattern: str, page: PagePlace, style: PathStyle) -> str | None:
    """The pattern with its tokens filled in, percent escapes undone; None when it has a percent sign alone.

    When no token that names the page leaves anything, each names it by the first of slug, title and file name that
    does: Hugo would put it on the page of its section. A token that Hugo does not know stays as it is written.
    """
    pieces = _pieces(pattern)
    values = [_value(token, page, style) if is_token else token for is_token, token in pieces]
    naming = [at for at, (is_token, token) in enumerate(pieces) if is_token and token in _NAMING]
    if naming and not any(_names(values[at], style) for at in naming):
        names = (own_slug(page, style), _one_segment(page.title), page.name)
        found = (_urlized(name.replace("+", " "), style) for name in names)
        name = next((value for value in found if _names(value, style)), code_points(page.name))
        for at in naming:
            values[at] = name
    return unescaped("".join(values))


def _names(value: str, style: PathStyle) -> bool:
    # Nearly all begin with a letter, and that stays.
    return value[:1].isalpha() or names_a_page(path_text(unescaped(value) or "", style))


@lru_cache(maxsize=256)
def _pieces(pattern: str) -> tuple[tuple[bool, str], ...]:
    """Texts and tokens, one after another; with each, whether it is a token."""
    pieces: list[tuple[bool, str]] = []
    end = 0
    for match in _TOKEN.finditer(pattern):
        token = (match[1] or "") + (match[2] or "")
        if token and not _is_known(token):
            continue
        pieces += [(False, pattern[end : match.start()]), (True, token) if token else (False, ":")]
        end = match.end()
    return (*pieces, (False, pattern[end:]))


def _is_known(token: str) -> bool:
    return token in _TOKENS or token.startswith(_SLICED) or _dated(token, _ANOTHER_MOMENT) != token


def _value(token: str, page: PagePlace, style: PathStyle) -> str:
    if token in _TOKENS:
        return _TOKENS[token](page, style)
    if token.startswith(_SLICED):
        name, _, bounds = token[:-1].partition("[")
        return "/".join(_slice(_SLICES[name](page, style), bounds))
    return _dated(token, page.date)


def _urlized(text: str, style: PathStyle) -> str:
    """Hugo's ``URLize``, without its escapes, and without dot segments: no page leaves its section by its name."""
    text = path_text(text, style)
    path, mark, fragment = text.partition("#")
    text = path if mark and not fragment else text  # to Hugo, the text is a URL whose fragment is empty
    if "." in text:
        text = "/".join([segment for segment in text.split("/") if segment not in _DOTS])
    return text


def _slice(names: Sequence[str], bounds: str) -> Sequence[str]:
    """``1:``, ``:2``, ``0``, ``last``, ``1:last`` of the names; nothing where they do not reach that far."""
    first, colon, rest = bounds.strip().lower().partition(":")
    start = _bound(first, len(names), 0)
    if start >= len(names):
        return ()
    return names[start : _bound(rest.partition(":")[0], len(names), len(names))] if colon else names[start : start + 1]


def _bound(text: str, count: int, default: int) -> int:
    """What is no number is 0, as to Hugo."""
    if text in {"", "last"}:
        return max(count - 1, 0) if text else default
    return max(int(text), 0) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else 0


def _dated(layout: str, moment: datetime) -> str:
    """A moment in one of Go's layouts (``2006``, ``Jan``, ``02``)."""
    return _LAYOUT.sub(lambda match: _shown(match[0], moment), layout)


def _shown(part: str, moment: datetime) -> str:
    if part in _DATES:
        return _DATES[part](moment)
    return _shown_zone(part, moment)


def _shown_zone(part: str, moment: datetime) -> str:
    offset = moment.utcoffset()
    seconds = int(offset.total_seconds()) if offset is not None else 0
    if part == "MST":
        name = moment.tzname() or "UTC"
        if name.isalnum() and not name.startswith("UTC"):
            return name
    if not seconds:
        return "UTC" if part == "MST" else "Z"
    hours, rest = divmod(abs(seconds), 3600)
    minutes = "" if part == "Z07" else f"{rest // 60:02}"
    return f"{'-' if seconds < 0 else '+'}{hours:02}{minutes}" + (f"{rest % 60:02}" if part == "Z070000" else "")


_DATES: dict[str, Callable[[datetime], str]] = {
    "January": lambda at: _MONTHS[at.month - 1],
    "Jan": lambda at: _MONTHS[at.month - 1][:3],
    "Monday": lambda at: _WEEKDAYS[at.isoweekday() % 7],
    "Mon": lambda at: _WEEKDAYS[at.isoweekday() % 7][:3],
    "01": lambda at: f"{at.month:02}",
    "02": lambda at: f"{at.day:02}",
    "03": lambda at: f"{at.hour % 12 or 12:02}",
    "04": lambda at: f"{at.minute:02}",
    "05": lambda at: f"{at.second:02}",
    "06": lambda at: f"{at.year % 100:02}",
    "002": lambda at: f"{at.timetuple().tm_yday:03}",
    "15": lambda at: f"{at.hour:02}",
    "2006": lambda at: f"{at.year:04}",
    "__2": lambda at: f"{at.timetuple().tm_yday:3}",
    "_2": lambda at: f"{at.day:2}",
    "PM": lambda at: "AM" if at.hour < 12 else "PM",
    "pm": lambda at: "am" if at.hour < 12 else "pm",
    "1": lambda at: str(at.month),
    "2": lambda at: str(at.day),
    "3": lambda at: str(at.hour % 12 or 12),
    "4": lambda at: str(at.minute),
    "5": lambda at: str(at.second),
}


def _section_paths(page: PagePlace, _style: PathStyle) -> tuple[str, ...]:
    """In lower case whatever the style says, and as they are otherwise: a ``+`` in them becomes a blank."""
    return tuple(map(logical, page.sections))


def _section_slugs(page: PagePlace, style: PathStyle) -> tuple[str, ...]:
    return tuple([_urlized(slug, style) for slug in page.section_slugs])


def _title(page: PagePlace, style: PathStyle) -> str:
    return _urlized(page.title if page.is_term else _one_segment(page.title), style)


def _one_segment(title: str) -> str:
    return title.replace("/", "-").replace("\\", "-")


def _filename(page: PagePlace, style: PathStyle) -> str:
    return _urlized(page.filename or page.name, style)


def _basename(page: PagePlace, style: PathStyle) -> str:
    return _urlized(page.name, style)


def _slug_or(other: Callable[[PagePlace, PathStyle], str]) -> Callable[[PagePlace, PathStyle], str]:
    def value(page: PagePlace, style: PathStyle) -> str:
        slug = own_slug(page, style)
        return _urlized(slug, style) if slug else other(page, style)

    return value


#: Tokens that tell one page of a section from another.
_NAMING: dict[str, Callable[[PagePlace, PathStyle], str]] = {
    "title": _title,
    "slug": _slug_or(_title),
    "filename": _filename,
    "contentbasename": _basename,
    "slugorfilename": _slug_or(_filename),
    "slugorcontentbasename": _slug_or(_basename),
}
_SLICES = {"sections": _section_paths, "sectionslugs": _section_slugs}
_SLICED = tuple(f"{name}[" for name in _SLICES)
_TOKENS: dict[str, Callable[[PagePlace, PathStyle], str]] = {
    **_NAMING,
    "year": lambda page, _: str(page.date.year),
    "month": lambda page, _: f"{page.date.month:02}",
    "monthname": lambda page, _: _MONTHS[page.date.month - 1],
    "day": lambda page, _: f"{page.date.day:02}",
    "weekday": lambda page, _: str(page.date.isoweekday() % 7),
    "weekdayname": lambda page, _: _WEEKDAYS[page.date.isoweekday() % 7],
    "yearday": lambda page, _: str(page.date.timetuple().tm_yday),
    "section": lambda page, style: "".join(_section_paths(page, style)[:1]),
    # With its slash: it makes a ``url`` one from the top.
    "sections": lambda page, style: f"/{'/'.join(_section_paths(page, style))}",
    "sectionslug": lambda page, style: "".join(_section_slugs(page, style)[:1]),
    "sectionslugs": lambda page, style: "/".join(filter(None, _section_slugs(page, style))),
}
