"""What an XML and a JSON entry have in common, as written; and the clean entry that is made of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from msgspec import Struct, field

from feeds.model import Origin, Person
from feeds.polled import Enclosure, Entry
from feeds.sources.clean import (
    MAX_CONTENT,
    Written,
    clean_html,
    html_of_text,
    one_line,
    plain_text,
    resolved,
    web_url,
    words_of,
)
from feeds.sources.entry_ids import MAX_ID, digest, identify
from feeds.sources.feed_dates import parse_date
from feeds.urls import strip_tracking

#: Each bounds what one entry can put into the store; real feeds stay below a tenth, and what is beyond is cut.
MAX_TITLE = 1_000
MAX_SUMMARY = 5_000
MAX_NAME = 200
MAX_CATEGORIES = 50
MAX_LINKS = 50
MAX_ENCLOSURES = 50
MAX_AUTHORS = 20
MAX_RAW_DATE = 100
#: The longest tag of BCP 47 in use.
MAX_LANGUAGE = 35
#: Files are smaller (the largest real enclosure says 3 GB), and the database's integers end at 2^63.
_MAX_LENGTH = 1 << 50
_MAX_DURATION = timedelta(days=7)
#: YouTube's have eleven.
_VIDEO = re.compile(r"[A-Za-z0-9_-]{1,64}")


_NOTHING = Written("")


class Media(NamedTuple):
    """A file that an entry comes with, as written."""

    url: str
    type: str = ""
    length: str = ""


class Draft(Struct, kw_only=True):
    """An entry as written. Texts are not clean, addresses not checked."""

    id: str = ""
    #: In order of trust: the first that is an http(s) address becomes the url, the others links.
    urls: list[str] = field(default_factory=list)
    title: Written = _NOTHING
    published: str = ""
    updated: str = ""
    #: The longest is the summary; without any it is cut from the content.
    summaries: list[Written] = field(default_factory=list)
    #: The longest is the content.
    contents: list[Written] = field(default_factory=list)
    authors: list[tuple[str, str, str]] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    enclosures: list[Media] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    language: str = ""
    video: str = ""
    duration: str = ""
    season: str = ""
    episode: str = ""
    #: Title, url, id.
    origin: tuple[Written, str, str] | None = None


class Surroundings(Struct, frozen=True, kw_only=True):
    """What the document says for all its entries."""

    #: Addresses of entries are relative to it.
    base: str
    now: datetime
    language: str = ""
    chinese: bool = False


def finish(draft: Draft, around: Surroundings) -> Entry:
    """Clean a draft. Total; the result depends on nothing but the arguments."""
    own = next((each.base for each in (draft.title, *draft.summaries, *draft.contents) if each.base), None)
    base = own or around.base
    url, links = _links(draft.urls, base)
    title = plain_text(draft.title, MAX_TITLE)
    summary, content, words = _texts(draft, own or url or around.base)
    published = draft.published or draft.updated
    key, id_from = identify(given=draft.id.strip(), url=url, title=title, date=published, text=words)
    enclosures = _enclosures(draft.enclosures, base)
    return Entry(
        id=key,
        id_from=id_from,
        url=url,
        title=title,
        published=parse_date(published, now=around.now, chinese=around.chinese),
        updated=parse_date(draft.updated, now=around.now, chinese=around.chinese),
        published_raw=one_line(published, MAX_RAW_DATE),
        updated_raw=one_line(draft.updated, MAX_RAW_DATE),
        summary=summary,
        content=content,
        authors=_authors(draft.authors, base),
        categories=_each_once((plain_text(Written(each), MAX_NAME) for each in draft.categories), MAX_CATEGORIES),
        enclosures=enclosures,
        links=links,
        image=next(_web_urls(draft.images, base), None),
        language=one_line(draft.language or around.language, MAX_LANGUAGE),
        video=draft.video if _VIDEO.fullmatch(draft.video) else None,
        duration=parse_duration(draft.duration),
        season=_number(draft.season),
        episode=_number(draft.episode),
        origin=_origin(draft.origin, base),
        hash=_hash(title, url, words, content, enclosures),
    )


def _web_urls(raws: Iterable[str], base: str) -> Iterator[str]:
    return (url for raw in raws if (url := web_url(raw, base)) is not None)


def _links(raws: list[str], base: str) -> tuple[str | None, tuple[str, ...]]:
    urls = _each_once(_web_urls(raws, base), MAX_LINKS + 1)
    return (urls[0], urls[1:]) if urls else (None, ())


_Value = TypeVar("_Value")


def _each_once(values: Iterable[_Value], most: int) -> tuple[_Value, ...]:
    return tuple(dict.fromkeys(value for value in values if value))[:most]


# -- texts -----------------------------------------------------------------------------------------------------------


def _texts(draft: Draft, base: str) -> tuple[str, str, str]:
    """Summary, content, and all words of the entry; the summary is cut from the content when there is no other."""
    shorter = max(draft.summaries, key=_length, default=_NOTHING)
    body = max(draft.contents, key=_length, default=shorter)
    content, words = _content(body, base)
    summary = "" if body.value == shorter.value else plain_text(shorter, MAX_SUMMARY)
    if not summary:
        summary = one_line(words, MAX_SUMMARY)
    says_more = "<" in content or len(words) > len(summary)
    return summary, content if says_more else "", words


def _length(written: Written) -> int:
    return len(written.value)


def _content(body: Written, base: str) -> tuple[str, str]:
    """Clean HTML and its words. Nine in ten descriptions are text without markup, and need no parser."""
    if body.is_html is not False and "<" in body.value:
        content = clean_html(body.value, body.base or base)
        return content, words_of(content)
    words = plain_text(body, MAX_CONTENT)
    return html_of_text(resolved(body.value) if body.is_html else body.value), words


_SHOWN = re.compile(r"<(?:img|video|audio|source)\b[^<>]*?\ssrc=\"([^\"?#]*)")


def _hash(title: str, url: str | None, words: str, content: str, enclosures: Sequence[Enclosure]) -> str:
    """What a reader would notice: title, address, words, pictures, files.

    Not the dates, which are re-written without cause; not markup; of addresses neither tracking parameters nor, of
    pictures and files, any, since they carry sizes, tokens and times. White space counts as one blank.
    """
    files = (each.url.partition("?")[0] for each in enclosures)
    return digest(title, strip_tracking(url or ""), words, *_SHOWN.findall(content), "", *files)


# -- the rest --------------------------------------------------------------------------------------------------------


def _authors(authors: list[tuple[str, str, str]], base: str) -> tuple[Person, ...]:
    people = (_author(*author, base=base) for author in authors)
    return _each_once((person for person in people if person is not None), MAX_AUTHORS)


_EMAIL = re.compile(r"[^\s@<>()]{1,64}@[^\s@<>()]{1,255}")


def _author(name: str, email: str, url: str, *, base: str) -> Person | None:
    """Someone without a name is called by what stands before the ``@``."""
    address = found[0] if (found := _EMAIL.search(email[:400])) else None
    shown = plain_text(Written(name), MAX_NAME) or (address or "").partition("@")[0]
    return Person(name=shown, email=address, url=web_url(url, base)) if shown else None


def _enclosures(media: Iterable[Media], base: str) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for each in media:
        url = web_url(each.url, base)
        if url is not None:
            kind = one_line(each.type, MAX_NAME)
            found.setdefault(url, Enclosure(url=url, type=kind, length=_number(each.length, _MAX_LENGTH)))
    return tuple(found.values())[:MAX_ENCLOSURES]


def _number(text: str, most: int = 1_000_000) -> int | None:
    """A positive whole number; 0 is what feeds write when they do not know."""
    text = text.strip()
    number = int(text) if len(text) <= 20 and text.isascii() and text.isdigit() else 0
    return number if 0 < number <= most else None


_DURATION = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6})(?:\.\d{1,9})?", re.ASCII)


def parse_duration(text: str) -> timedelta | None:
    """Read ``H:M:S``, ``M:S`` or seconds; None for anything else, for nothing and for more than a week."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    duration = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return duration if timedelta() < duration <= _MAX_DURATION else None


def _origin(origin: tuple[Written, str, str] | None, base: str) -> Origin | None:
    if origin is None:
        return None
    title, url, key = origin
    found = Origin(title=plain_text(title, MAX_TITLE), url=web_url(url, base) or "", id=one_line(key, MAX_ID))
    return found if found != Origin() else None
