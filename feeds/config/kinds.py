"""The kinds of text that sources.yaml holds: each takes what a person wrote and gives what is meant, or says why not.

A check returns the value in its one normal form (a site URL ends in one slash, ``zh-cn`` is ``zh-CN``) and raises
``WrongValueError`` otherwise; it never repeats the value, which may be a secret: the reader quotes it as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, NamedTuple

from msgspec import Meta

from feeds.errors import ConfigError
from feeds.urls import clean_url, slugify

#: The tokens of Hugo's permalinks, and what each stands for.
PERMALINK_TOKENS = {
    ":year": "four digits",
    ":month": "two digits",
    ":monthname": "English name",
    ":day": "two digits",
    ":weekday": "0 (Sunday) to 6",
    ":weekdayname": "English name",
    ":yearday": "1 to 366",
    ":section": "first folder",
    ":sections": "all folders",
    ":sectionslug": "first folder, as a slug",
    ":sectionslugs": "all folders, as slugs",
    ":title": "slug of the title",
    ":slug": "slug of the front matter, else of the title",
    ":filename": "file name without extension",
    ":slugorfilename": "slug of the front matter, else the file name",
    ":contentbasename": "file name, or the folder of a bundle",
    ":slugorcontentbasename": "slug of the front matter, else :contentbasename",
}
#: Tokens that tell two articles of one day apart; a pattern without any gives all articles one URL.
_NAMING_TOKENS = frozenset(t for t in PERMALINK_TOKENS if t.endswith(("title", "slug", "name")) and "day" not in t)

# Patterns are texts, compiled by ``re`` when first used: most commands use few of them, and all wait for the import.
#: A token and, of the sections only, a slice such as ``[1:]``. A colon after a backslash is one.
_PERMALINK_WORD = r"(?<!\\)(:[A-Za-z0-9_]+)(\[[^\[\]]*\])?"
_SLICED = (":sections", ":sectionslugs")
#: Dates as Go writes them, such as ``:2006`` and ``:20060102``.
_GO_DATE = r":(?:January|Jan|Monday|Mon|2006|15|0[1-6]|002|_?2|1|_){1,9}"
_SLICE = r"\[(?:\d+|last)?:?(?:\d+|last)?\]"
_DURATION = r"(?:(\d{1,3})w)?(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?"
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=366)
#: RFC 5646 §2.1 without extensions, private use and grandfathered tags, none of which a feed's language needs.
_LANGUAGE = r"([a-z]{2,3})((?:-[a-z]{3}){0,3})(-[a-z]{4})?(-(?:[a-z]{2}|\d{3}))?((?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*)"
_HOURS = r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d"
_CONTROL = r"[\x00-\x1f\x7f]"
#: RFC 3986 §3.2.1: what stands before an @ in the authority; browsers and feed readers ignore or refuse it.
_CREDENTIALS = r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*@"
_EMAIL = r"[^@\s<>]+@[^@\s<>]+"
#: RFC 9110 §5.6.2: a token.
_HEADER = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
#: What may stand in a folder name of output/: it is also part of a URL.
_UNSAFE_IN_LAYOUT = r"[\\?#%<>\"|*\x00-\x20\x7f]"
_STATES = ("sqlite://", "postgresql://", "postgresql+psycopg://")

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


class _CronField(NamedTuple):
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_CRON = (
    _CronField("minute", 0, 59),
    _CronField("hour", 0, 23),
    _CronField("day of the month", 1, 31),
    _CronField("month", 1, 12, _MONTHS),
    _CronField("day of the week", 0, 7, _DAYS),
)
_CRON_PART = r"(?:\*|(?P<low>\w+)(?:-(?P<high>\w+))?)(?:/(?P<step>\d+))?"


class WrongValueError(ValueError):
    """A value that is not of its kind; ``why`` completes the sentence that begins with the value."""

    def __init__(self, why: str, fix: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.fix = fix


class Kind(NamedTuple):
    """A kind of text: its name, with an article, and its check."""

    name: str
    check: Callable[[str], str]
    #: True when the value is never printed, however it was written.
    secret: bool = False


def parse_duration(text: str) -> timedelta:
    """``30m``, ``1h``, ``1h30m``, ``2d``, ``1w`` as a time span.

    Raises:
        ValueError: it is not one, or it is shorter than a minute or longer than a year.
    """
    match = re.fullmatch(_DURATION, text)
    if not text or match is None:
        raise WrongValueError("is not a duration", "try 1h")
    weeks, days, hours, minutes = (int(number or 0) for number in match.groups())
    span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    if not _SHORTEST <= span <= _LONGEST:
        raise WrongValueError("is not between one minute and one year", "try 1h")
    return span


def _check_line(text: str) -> str:
    line = " ".join(text.split())
    if not line or re.search(_CONTROL, line):
        raise WrongValueError("has a control character" if line else "is empty", "write some text")
    return line


def _check_word(text: str) -> str:
    """A line that may be empty."""
    return _check_line(text) if text.strip() else ""


def _check_url(text: str) -> str:
    if re.match(_CREDENTIALS, text):
        raise WrongValueError("carries a user name or password", "use auth: {username: …, password: …}")
    url = clean_url(text)
    if url is None:
        raise WrongValueError("is not an absolute http(s) URL", "write https://…")
    return url


def _check_site_url(text: str) -> str:
    if "?" in text or "#" in text:
        raise WrongValueError("has a query or a fragment", "write the address of the site's front page")
    return _check_url(text).rstrip("/") + "/"


def _check_link(text: str) -> str:
    if text.startswith("/") and not text.startswith("//"):
        return text
    return _check_url(text)


def _check_feed(text: str) -> str:
    return text if text == "none" else _check_url(text)


def _check_language(text: str) -> str:
    match = re.fullmatch(_LANGUAGE, text, re.ASCII | re.IGNORECASE)
    if match is None:
        raise WrongValueError("is not a language tag of BCP 47", "try zh-CN, zh-Hans or en")
    primary, extended, script, region, variants = (part or "" for part in match.groups())
    return f"{primary.lower()}{extended.lower()}{script.title()}{region.upper()}{variants.lower()}"


def _check_timezone(text: str) -> str:
    if text == "UTC":
        return text
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - 4 ms that a site in UTC need not pay

    try:
        ZoneInfo(text)
    except (OSError, ValueError, LookupError) as error:
        raise WrongValueError("is not a time zone of the IANA database", "try Asia/Shanghai or UTC") from error
    return text


def _check_path(text: str) -> str:
    if not text.strip() or re.search(_CONTROL, text):
        raise WrongValueError("is not a path", "write it relative to the folder of this file")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    return ("/" if text.startswith("/") else "") + ("/".join(parts) or ("" if text.startswith("/") else "."))


def _check_glob(text: str) -> str:
    if not text.strip() or text.startswith("/") or ".." in text.split("/"):
        raise WrongValueError("is not a pattern inside the folder", 'try "**/*.md"')
    return text


def _check_permalink(text: str) -> str:
    if not text.startswith("/") or re.search(_CONTROL, text):
        raise WrongValueError("does not begin with a slash", "try /:sections/:slugorfilename/")
    tokens = re.findall(_PERMALINK_WORD, text)
    for name, part in tokens:
        if name not in PERMALINK_TOKENS and not re.fullmatch(_GO_DATE, name):
            raise WrongValueError(f"has the unknown token {name}", _near(name, PERMALINK_TOKENS))
        if part and (name not in _SLICED or not re.fullmatch(_SLICE, part)):
            raise WrongValueError(f"has the unknown slice {name}{part}", "try :sections[1:]")
    if _NAMING_TOKENS.isdisjoint(name for name, _ in tokens):
        raise WrongValueError("gives several articles one URL", "add :slugorfilename")
    return text


def _check_slug(text: str) -> str:
    slug = slugify(text)
    if slug != text or "/" in text:
        raise WrongValueError(
            "is not a slug", f'try "{slug}"' if slug and "/" not in slug else "use letters and hyphens"
        )
    return text


def _check_layout(text: str) -> str:
    if text.startswith("/") or ".." in text.split("/"):
        raise WrongValueError("leaves the output folder", "write a relative path such as tags/:slug/")
    if re.search(_UNSAFE_IN_LAYOUT, text):
        raise WrongValueError("has a character that cannot stand in a URL", "use letters, digits, - and /")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    return "".join(f"{part}/" for part in parts)


def _check_site_layout(text: str) -> str:
    layout = _check_layout(text)
    if ":" in layout:
        raise WrongValueError("has a token, but there is only one site", 'try "" or site/')
    return layout


def _check_term_layout(text: str) -> str:
    layout = _check_layout(text)
    if layout.count(":slug") != 1 or layout.count(":") != 1:
        raise WrongValueError("does not contain :slug once", "try tags/:slug/")
    return layout


def _check_every(text: str) -> str:
    if text != "adaptive":
        parse_duration(text)
    return text


def _check_poll(text: str) -> str:
    return text if text == "adaptive" else _check_cron(text, '"adaptive"')


def _check_rebuild(text: str) -> str:
    return text if text == "on-change" else _check_cron(text, '"on-change"')


def _check_cron(text: str, word: str) -> str:
    parts = text.split()
    if len(parts) != len(_CRON):
        raise WrongValueError(f"is neither {word} nor a cron expression of five fields", 'try "*/30 * * * *"')
    for part, cron_field in zip(parts, _CRON, strict=True):
        if not all(_fits_cron(piece, cron_field) for piece in part.split(",")):
            raise WrongValueError(
                f'has "{part}" for the {cron_field.name} ({cron_field.low} to {cron_field.high})', 'try "*/30 * * * *"'
            )
    return " ".join(parts)


def _fits_cron(piece: str, cron_field: _CronField) -> bool:
    match = re.fullmatch(_CRON_PART, piece)
    if match is None:
        return False
    ends = [_cron_number(end, cron_field) for end in match.group("low", "high") if end]
    inside = all(cron_field.low <= end <= cron_field.high for end in ends)
    return inside and ends == sorted(ends) and match["step"] != "0"


def _cron_number(text: str, cron_field: _CronField) -> int:
    """Its number; -1 when it is none, which no field allows."""
    if text.upper() in cron_field.names:
        return cron_field.names.index(text.upper()) + 1
    return int(text) if text.isascii() and text.isdigit() else -1


def _check_hours(text: str) -> str:
    if not re.fullmatch(_HOURS, text):
        raise WrongValueError("is not a span of hours", 'try "23:00-07:00"')
    return text


def _check_state(text: str) -> str:
    if not text.startswith(_STATES):
        fix = "write postgresql://…" if text.startswith("postgres://") else "try sqlite:///.feeds/state.db"
        raise WrongValueError("is neither sqlite:///… nor postgresql://…", fix)
    return text


def _check_email(text: str) -> str:
    if not re.fullmatch(_EMAIL, text):
        raise WrongValueError("is not an e-mail address", "write name@example.org")
    return text


def _check_header(text: str) -> str:
    if re.search(_CONTROL, text):
        raise WrongValueError("has a control character", "write one line")
    return text.strip()


def _check_header_name(text: str) -> str:
    if not re.fullmatch(_HEADER, text):
        raise WrongValueError("is not the name of an HTTP header", "try Authorization")
    return text


def _check_where(text: str) -> str:
    from feeds.where import parse_where  # noqa: PLC0415 - for combined feeds only

    try:
        parse_where(text)
    except ConfigError as error:
        raise WrongValueError(f"cannot be read: {error}") from error
    return text


def _near(word: str, words: dict[str, str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for errors only

    near = get_close_matches(word, words, n=1)
    return f'did you mean "{near[0]}"?' if near else "tokens are " + ", ".join(words)


def _kind(name: str, check: Callable[[str], str], *, secret: bool = False) -> Meta:
    return Meta(extra={"kind": Kind(name, check, secret)})


Line = Annotated[str, _kind("text", _check_line)]
Word = Annotated[str, _kind("text", _check_word)]
Url = Annotated[str, _kind("a URL", _check_url)]
SiteUrl = Annotated[str, _kind("a URL", _check_site_url)]
Link = Annotated[str, _kind("a URL or /path", _check_link)]
FeedUrl = Annotated[str, _kind('a URL or "none"', _check_feed)]
Language = Annotated[str, _kind("a language tag", _check_language)]
Timezone = Annotated[str, _kind("a time zone", _check_timezone)]
Folder = Annotated[str, _kind("a folder", _check_path)]
Glob = Annotated[str, _kind("a file pattern", _check_glob)]
Permalink = Annotated[str, _kind("a URL pattern", _check_permalink)]
Slug = Annotated[str, _kind("a slug", _check_slug)]
SiteLayout = Annotated[str, _kind("a folder", _check_site_layout)]
TermLayout = Annotated[str, _kind("a folder with :slug", _check_term_layout)]
Every = Annotated[str, _kind('"adaptive" or a duration', _check_every)]
Poll = Annotated[str, _kind('"adaptive" or cron', _check_poll)]
Rebuild = Annotated[str, _kind('"on-change" or cron', _check_rebuild)]
Hours = Annotated[str, _kind("a span of hours", _check_hours)]
State = Annotated[str, _kind("a database URL", _check_state, secret=True)]
Email = Annotated[str, _kind("an e-mail address", _check_email)]
HeaderName = Annotated[str, _kind("the name of a header", _check_header_name)]
SecretText = Annotated[str, _kind("text", _check_header, secret=True)]
Condition = Annotated[str, _kind("a condition", _check_where)]
