"""Addresses of Hexo's posts, and the names of their files. Pure.

After Hexo 8: hexo/lib/plugins/{filter/post_permalink,processor/post}.ts, hexo-util/lib/{permalink,slugize}.ts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha1
from typing import Any, Literal, NamedTuple

from feeds.content.fields import text_of
from feeds.urls import encode_path

#: Hexo's default of ``permalink``.
PATTERN = ":year/:month/:day/:title/"
_TOKEN = re.compile(r":(\w*[^_\W])", re.ASCII)
#: What the parts of a file name may look like; all others are any text.
_PARTS = {
    "year": r"\d{4}", "month": r"\d{2}", "day": r"\d{2}", "i_month": r"\d{1,2}", "i_day": r"\d{1,2}",
    "hash": "[0-9a-f]{12}",
}  # fmt: skip
_SPECIAL = re.compile(r"[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:\"'<>,.?/]+")
_CONTROL = re.compile(r"[\x00-\x1f]")
#: What a URL that is made of a text keeps as it is; with escapes that are already there.
_UNSAFE = re.compile(r"[^A-Za-z0-9._~!$&'()*+,;=:@/%-]|%(?![0-9A-Fa-f]{2})")
#: Letters without a decomposition, and what Hexo writes for them.
_LETTERS = str.maketrans(
    "ØßøĐđĦħıĿŀŁłŉŦŧſƀƁƂƃƆƇƈƉƊƋƌƎƐƑƒƓƗƘƙƚƜƝƞƟƤƥƬƭƮƲƳƴƵƶǝǤǥǾǿȠȤȥȺȻȼȽȾȿɀɃɄɅɇɈɉɊɋɌɍɎɏɐɓɔɖɗɛɠɥɨɫɯɱɲɵɽʈʉʋʌ"
    "ᵹᵽẚẛẞỾỿↄⱠⱡⱢⱣⱤⱥⱦⱧⱨⱩⱪⱫⱬⱮⱯⱲⱳⱵⱶⱾⱿꜾꜿꝀꝁꝂꝃꝄꝅꝆꝇꝈꝉꝊꝋꝌꝍꝐꝑꝒꝓꝔꝕꝖꝗꝘꝙꝚꝛꝞꝟꝢꝣꝹꝺꝻꝼꝽꝾꝿꞀꞁꞂꞃꞄꞅꞆꞇꞍꞐꞑꞠꞡꞢꞣꞤꞥꞦꞧꞨꞩ",
    "OsoDdHhiLlLlnTtlbBBbOCcDDDdEEFfGIKklMNnOPpTtTVYyZzeGgOoNZzACcLTszBUVeJjQqRrYyaboddeghilmmnortuvv"
    "gpasSYycLlLPRatHhKkZzMAWwHhSZCcKkKkKkLlLlOoOoPpPpPpQqQqRrVvZzDdFfGGgLlRrSsTtHNnGgKkNnRrSs",
) | str.maketrans({
    "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "ƕ": "hv", "Ƣ": "OI", "ƣ": "oi", "Ǆ": "DZ", "ǅ": "Dz", "ǆ": "dz",
    "Ǉ": "LJ", "ǈ": "Lj", "ǉ": "lj", "Ǌ": "NJ", "ǋ": "Nj", "ǌ": "nj", "Ǣ": "AE", "ǣ": "ae", "Ǳ": "DZ", "ǲ": "Dz",
    "ǳ": "dz", "Ǽ": "AE", "ǽ": "ae", "Ȣ": "OU", "ȣ": "ou", "Ꜩ": "TZ", "ꜩ": "tz", "Ꜳ": "AA", "ꜳ": "aa", "Ꜵ": "AO",
    "ꜵ": "ao", "Ꜷ": "AU", "ꜷ": "au", "Ꜹ": "AV", "ꜹ": "av", "Ꜻ": "AV", "ꜻ": "av", "Ꜽ": "AY", "ꜽ": "ay", "Ꝏ": "OO",
    "ꝏ": "oo", "Ꝡ": "VY", "ꝡ": "vy",
})  # fmt: skip


class Post(NamedTuple):
    """What the tokens of a pattern can name."""

    #: Its path below ``_posts`` without extension, or what ``new_post_name`` takes for its title.
    slug: str
    title: str
    #: In the zone of the site.
    date: datetime
    #: Slug of its last category, with those above it.
    category: str
    #: Its front matter, keys as they are written, and ``permalink_defaults``; for all other tokens.
    values: Mapping[str, Any]


def post_path(pattern: str, post: Post) -> str:
    """The path of a post below the site's address, as Hexo has it; a token that nothing fills is ``undefined``."""
    return _TOKEN.sub(lambda found: _value(found[1], post), pattern)


def _value(name: str, post: Post) -> str:
    if name in _TOKENS:
        return _TOKENS[name](post)
    text = text_of(post.values.get(name))
    return "undefined" if text is None else text


def encoded(path: str) -> str:
    """A path below the site, percent-encoded, beginning with a slash; escapes that are already there are kept."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(_UNSAFE.sub(lambda found: encode_path(found[0]), segment))
    end = "/" if segments and path.endswith(("/", "/.", "/..")) else ""
    return f"/{'/'.join(segments)}{end}"


@lru_cache(maxsize=4096)
def slugize(text: str, case: int = 0) -> str:
    """Signs and blanks as hyphens, letters without accents.

    Args:
        text: A name or a path.
        case: ``filename_case``: 1 for lower case, 2 for upper case.
    """
    slug = _SPECIAL.sub("-", _CONTROL.sub("", without_accents(text))).strip("-")
    return slug.lower() if case == 1 else slug.upper() if case == 2 else slug


def without_accents(text: str) -> str:
    """Latin letters without their marks; those of other scripts as they are."""
    if text.isascii():
        return text
    return "".join(map(_bare, text))


@lru_cache(maxsize=1024)
def _bare(char: str) -> str:
    if ord(char) in _LETTERS:
        return char.translate(_LETTERS)
    # Circled letters and those of full width are no compositions.
    form: Literal["NFD", "NFKD"] = "NFKD" if "Ⓐ" <= char <= "ⓩ" or "Ａ" <= char <= "ｚ" else "NFD"
    bare = "".join(part for part in unicodedata.normalize(form, char) if not unicodedata.combining(part))
    return bare if bare.isascii() and bare.isalpha() else char


def name_values(pattern: str, path: str) -> dict[str, str]:
    """What a file name says by ``new_post_name``: ``title``, ``year`` and others.

    Args:
        pattern: ``new_post_name``.
        path: Below ``_posts``.
    """
    stem = _without_extension(path)
    found = _name_pattern(_without_extension(pattern)).fullmatch(stem)
    values = {name.removeprefix("t_"): text for name, text in found.groupdict().items()} if found else {}
    values.setdefault("title", slugize(stem))
    return values


def _without_extension(path: str) -> str:
    """As Node's ``extname``: a name that begins with its only dot has none."""
    folder, slash, name = path.rpartition("/")
    stem, dot, _ = name.rpartition(".")
    return f"{folder}{slash}{stem}" if dot and stem else path


@lru_cache(maxsize=16)
def _name_pattern(pattern: str) -> re.Pattern[str]:
    parts, taken = [], set[str]()
    for number, part in enumerate(_TOKEN.split(pattern)):
        if number % 2 == 0:
            parts.append(re.escape(part))
        elif part in taken:
            parts.append(f"(?:{_PARTS.get(part, '.+?')})")
        else:
            taken.add(part)
            parts.append(f"(?P<t_{part}>{_PARTS.get(part, '.+?')})")
    return re.compile("".join(parts))


def date_in(values: Mapping[str, str]) -> str:
    """The day (ISO) that a file name says; empty when it says none."""
    year, month, day = values.get("year"), values.get("month", values.get("i_month")), values.get("day")
    day = values.get("i_day") if day is None else day
    if not (year and month and day):
        return ""
    try:
        return datetime(int(year), int(month), int(day)).date().isoformat()  # noqa: DTZ001 - only the day is wanted
    except ValueError:
        return ""


def category_slug(path: Sequence[str], names: Mapping[str, str], case: int) -> str:
    """The slug of a category, with those above it; ``names`` is ``category_map``."""
    return "/".join(slugize(names.get(name) or name, case) for name in path)


def _date(shape: str) -> Callable[[Post], str]:
    return lambda post: post.date.strftime(shape)


def _hash(post: Post) -> str:
    text = f"{post.slug}{int(post.date.timestamp())}"
    return sha1(text.encode(), usedforsecurity=False).hexdigest()[:12]


_TOKENS: Mapping[str, Callable[[Post], str]] = {
    "title": lambda post: post.slug,
    "name": lambda post: post.slug.rpartition("/")[2],
    "post_title": lambda post: slugize(post.title, 1),
    "year": lambda post: f"{post.date.year:04}",
    "month": _date("%m"),
    "day": _date("%d"),
    "hour": _date("%H"),
    "minute": _date("%M"),
    "second": _date("%S"),
    "i_month": lambda post: str(post.date.month),
    "i_day": lambda post: str(post.date.day),
    "timestamp": lambda post: str(int(post.date.timestamp())),
    "hash": _hash,
    "category": lambda post: post.category,
}
