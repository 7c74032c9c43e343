"""Read JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1), which feedparser does not know. Pure."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Struct, field

from feeds.errors import ParseError
from feeds.sources.clean import Written
from feeds.sources.drafts import Draft, Media

_Object = dict[str, Any]
_VERSIONS = ("https://jsonfeed.org/version/", "http://jsonfeed.org/version/")


class JsonFeed(Struct, kw_only=True):
    """A document as written."""

    #: ``json1`` or ``json11``.
    version: str
    title: str
    language: str
    home_page_url: str
    feed_url: str
    hubs: list[str]
    drafts: list[Draft] = field(default_factory=list)
    warning: str = ""


def is_json(text: str) -> bool:
    """No XML begins like this."""
    return text[:100].lstrip("\ufeff \t\r\n").startswith("{")


def read_json(text: str) -> JsonFeed:
    """Read a document. Items without an id are left out, as the specification asks; wrong types count as absent.

    Raises:
        ParseError: It is no JSON, or no JSON Feed. The message lacks what and which.
    """
    try:
        document = json.loads(text.lstrip("\ufeff \t\r\n"), parse_constant=lambda _name: None)
    except (ValueError, RecursionError) as error:
        raise ParseError("its JSON cannot be read (try later, or report it to the publisher)") from error
    version = _text(document, "version")
    if not version.startswith(_VERSIONS):
        raise ParseError("it is JSON, but no JSON Feed (check the address)")
    items = _objects(document, "items")
    kept = [item for item in items if _id(item)]
    authors = _authors(document)
    return JsonFeed(
        version="json11" if version.rstrip("/").endswith("1.1") else "json1",
        title=_text(document, "title"),
        language=_text(document, "language"),
        home_page_url=_text(document, "home_page_url"),
        feed_url=_text(document, "feed_url"),
        hubs=[_text(hub, "url") for hub in _objects(document, "hubs")],
        drafts=[_draft(item, authors) for item in kept],
        warning=f"{len(items) - len(kept)} items without an id were left out" if len(kept) < len(items) else "",
    )


def _draft(item: _Object, authors: list[tuple[str, str, str]]) -> Draft:
    """``content_html`` is the content, else ``content_text``; the feed's authors are those of items without any."""
    html, text = _text(item, "content_html"), _text(item, "content_text")
    attachments = _objects(item, "attachments")
    return Draft(
        id=_id(item),
        urls=[_text(item, "url"), _text(item, "external_url")],
        title=Written(_text(item, "title"), is_html=False),
        published=_date(item, "date_published"),
        updated=_date(item, "date_modified"),
        summaries=[Written(_text(item, "summary"), is_html=False)],
        contents=[Written(html, is_html=True)] if html else [Written(text, is_html=False)] if text else [],
        authors=_authors(item) or authors,
        categories=[_whole(tag) for tag in _list(item, "tags") if isinstance(tag, str)],
        enclosures=[_media(attachment) for attachment in attachments],
        images=[_text(item, "image"), _text(item, "banner_image")],
        language=_text(item, "language"),
        duration=next((_number(each, "duration_in_seconds") for each in attachments), ""),
    )


def _text(holder: Any, key: str) -> str:
    value = holder.get(key) if isinstance(holder, dict) else None
    return _whole(value) if isinstance(value, str) else ""


def _whole(text: str) -> str:
    """JSON can hold NUL and half characters, which no database and no encoder takes."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _list(holder: _Object, key: str) -> list[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else []


def _objects(holder: _Object, key: str) -> list[_Object]:
    return [each for each in _list(holder, key) if isinstance(each, dict)]


def _number(holder: _Object, key: str) -> str:
    """A number as text, for those who read numbers from text; ``true`` is none."""
    value = holder.get(key)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _id(item: _Object) -> str:
    """A number becomes a string, whole ones without a point: the specification lets publishers err so."""
    number = _number(item, "id")
    return number.removesuffix(".0") if number else _text(item, "id").strip()


def _date(item: _Object, key: str) -> str:
    return _text(item, key) or _number(item, key)


def _authors(holder: _Object) -> list[tuple[str, str, str]]:
    """1.1 has a list, 1.0 one object."""
    people = _objects(holder, "authors") or [each for each in (holder.get("author"),) if isinstance(each, dict)]
    return [(_text(each, "name"), "", _text(each, "url")) for each in people]


def _media(attachment: _Object) -> Media:
    return Media(_text(attachment, "url"), _text(attachment, "mime_type"), _number(attachment, "size_in_bytes"))
