"""Addresses of Jekyll's documents, and the names of their files. Pure.

After Jekyll 4.3: lib/jekyll/{url,utils,document}.rb and lib/jekyll/drops/url_drop.rb.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from feeds.urls import encode_path

#: Patterns of the styles that ``permalink`` names.
STYLES = {
    "none": "/:categories/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
}
#: Styles whose documents outside posts end in the extension.
_WITH_EXTENSION = frozenset({"date", "ordinal", "none"})

_TOKEN = re.compile(r":([a-z_]+)")
_DATED_NAME = re.compile(r"(\d{2,4})-(\d{1,2})-(\d{1,2})-(.*)\.[^.]+")
#: What a path may hold as it is, besides letters and digits; with escapes that are already there.
_UNSAFE = re.compile(r"[^A-Za-z0-9._~!$&'()*+,;=:@/%-]|%(?![0-9A-Fa-f]{2})")
_PRETTY = frozenset("._~!$&'()+,;=@")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Document(NamedTuple):
    """What the tokens of a pattern can name."""

    #: Label of its collection.
    collection: str
    #: Path below the folder of its collection, without extension.
    path: str
    #: Name of its file, without extension.
    basename: str
    slug: str
    categories: Sequence[str]
    #: In the zone of the site.
    date: datetime
    extension: str = ".html"


def name_parts(file: str) -> tuple[str, str] | None:
    """The date (ISO) that the name of a file begins with, and the slug behind it; None when there is no date.

    A year of two digits counts from 1969 to 2068, as in Ruby.
    """
    found = _DATED_NAME.fullmatch(file)
    if not found:
        return None
    year, month, day = map(int, found.groups()[:3])
    if len(found[1]) == 2:
        year += 2000 if year < 69 else 1900
    return f"{year:04}-{month:02}-{day:02}", found[4].rstrip(".")


def collection_pattern(style: str) -> str:
    """The pattern of a collection that names none, on a site with this ``permalink``."""
    if style in _WITH_EXTENSION or style.endswith(":output_ext"):
        return "/:collection/:path:output_ext"
    return "/:collection/:path/" if style == "pretty" or style.endswith("/") else "/:collection/:path"


def document_path(pattern: str, document: Document) -> str:
    """The path of a document, percent-encoded, beginning with a slash; a token that Jekyll does not know stays."""
    path = "/" + _TOKEN.sub(lambda found: _value(found[1], document), pattern)
    path = path.replace("..", "/").replace("./", "")
    path = re.sub(r"//+", "/", path)
    return _UNSAFE.sub(lambda found: encode_path(found[0]), path)


def _value(name: str, document: Document) -> str:
    """A token that ends in an underscore may be another with an underscore behind it (``:month_:day``)."""
    for key, rest in ((name, ""), (name.removesuffix("_"), "_")):
        if key in _TOKENS and (not rest or name.endswith("_")):
            return encode_path(_TOKENS[key](document)) + rest
    return f":{name}"


@lru_cache(maxsize=4096)
def slugify(text: str, *, pretty: bool = False) -> str:
    """What is no letter, mark or digit becomes a hyphen, runs one; ``pretty`` keeps some signs and the case."""
    kept = _PRETTY if pretty else frozenset()
    slug = "".join(char if char in kept or _is_word(char) else "\0" for char in text)
    slug = re.sub(r"\0+", "-", slug)
    slug = slug.removeprefix("-").removesuffix("-")
    return slug if pretty else downcase(slug)


def _is_word(char: str) -> bool:
    return char.isalpha() or char.isdecimal() or unicodedata.category(char)[0] in "LM"


def downcase(text: str) -> str:
    """In lower case, letter by letter: Ruby minds no final sigma."""
    return text.lower() if text.isascii() else "".join(map(str.lower, text))


def titleized(slug: str) -> str:
    """``hello-world`` as ``Hello World``."""
    return " ".join(word.capitalize() for word in slug.split("-") if word)


def _joined(terms: Sequence[str], change: Callable[[str], str]) -> str:
    return "/".join(dict.fromkeys(map(change, terms)))


def _date(shape: str) -> Callable[[Document], str]:
    return lambda document: document.date.strftime(shape)


_TOKENS: Mapping[str, Callable[[Document], Any]] = {
    "collection": lambda document: document.collection,
    "path": lambda document: document.path,
    "output_ext": lambda document: document.extension,
    "name": lambda document: slugify(document.basename),
    "title": lambda document: slugify(document.slug, pretty=True),
    "slug": lambda document: slugify(document.slug),
    "categories": lambda document: _joined(document.categories, downcase),
    "slugified_categories": lambda document: _joined(document.categories, slugify),
    "year": lambda document: f"{document.date.year:04}",
    "short_year": _date("%y"),
    "month": _date("%m"),
    "i_month": lambda document: str(document.date.month),
    "short_month": lambda document: _MONTHS[document.date.month - 1][:3],
    "long_month": lambda document: _MONTHS[document.date.month - 1],
    "day": _date("%d"),
    "i_day": lambda document: str(document.date.day),
    "y_day": _date("%j"),
    "w_year": lambda document: str(document.date.isocalendar().year),
    "week": _date("%V"),
    "w_day": _date("%u"),
    "short_day": lambda document: _DAYS[document.date.weekday()][:3],
    "long_day": lambda document: _DAYS[document.date.weekday()],
    "hour": _date("%H"),
    "minute": _date("%M"),
    "second": _date("%S"),
}
