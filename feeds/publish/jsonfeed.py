"""Write JSON Feed 1.1: items rendered once each, spliced into the feeds that carry them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from feeds.model import Category, CitedSource, Enclosure, Feed, Item, Person
from feeds.publish import fit

MEDIA_TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"

#: Where people read what an object such as ``_feeds`` is; the specification asks for it once in a feed. In ``_feeds``
#: each item lists what it cites: {citations: [{title, url, publisher, author, published, accessed, verified, source,
#: cited_title, covered}]}; one that comes from another feed names it: {source: {title, url}}.
ABOUT = "https://www.jsonfeed.org/version/1.1/#extensions"

#: What is told of a cited page, as model and document name it.
_CITED = ("title", "url", "publisher", "author", "published", "accessed", "source", "cited_title")
_cited = attrgetter(*_CITED)

_ITEMS = b',"items":['
_END = b"]}"
#: What stands before and after one item in a document with nothing else.
FRAME = (b'{"version":"' + VERSION.encode() + b'"' + _ITEMS, _END)


_encoder = msgspec.json.Encoder()


def render_item(item: Item) -> bytes:
    """Render an item as one JSON object, to be spliced into any document of ``render_feed``."""
    return _encoder.encode(_said(_item(item)))


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": fit.one_line(item.id),
        "url": fit.one_line(item.url),
        "external_url": _main_source(item.citations),
        "title": fit.title(item),
        "content_html": fit.html(item.html, fit.title(item)),
        "summary": fit.one_line(item.summary),
        "image": fit.one_line(item.image.url) if item.image else None,
        "date_published": fit.rfc3339(item.published) if item.published else None,
        "date_modified": fit.rfc3339(item.updated) if fit.is_known(item.updated) else None,
        "authors": _people(item.authors),
        "tags": _tags(item.categories),
        "language": fit.one_line(item.language),
        "attachments": [_attachment(enclosure) for enclosure in fit.enclosures(item)],
        "_feeds": _extension(item) if item.citations or item.origin else None,
    }


def _said(members: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no value: JSON Feed has no null and no empty string."""
    return {name: value for name, value in members.items() if value not in (None, "", [])}


def _main_source(citations: Iterable[CitedSource]) -> str | None:
    """The page that the item is chiefly about: its first citation that names one."""
    return next((fit.one_line(cited.url) for cited in citations if cited.url), None)


def _extension(item: Item) -> dict[str, Any] | None:
    said: dict[str, Any] = {}
    if item.citations:
        said["citations"] = [_citation(cited) for cited in item.citations]
    origin = fit.origin(item)
    if origin:
        said["source"] = {"title": origin.title, "url": origin.url}
    return said or None


def _citation(cited: CitedSource) -> dict[str, Any]:
    texts = zip(_CITED, _cited(cited), strict=True)
    said: dict[str, Any] = {name: line for name, text in texts if text and (line := fit.one_line(text))}
    said["verified"] = cited.verified
    if cited.covered:
        said["covered"] = True
    return said


def _people(people: tuple[Person, ...]) -> list[dict[str, str]]:
    return [_said({"name": fit.one_line(person.name), "url": _address(person)}) for person in fit.named(people)]


def _address(person: Person) -> str | None:
    """Where to find a person; the specification allows mailto where there is no page."""
    email = fit.mailbox(person)
    return fit.one_line(person.url or "") or (f"mailto:{email}" if email else None)


def _tags(categories: Iterable[Category]) -> list[str]:
    """The terms, each once: JSON Feed has no schemes, so a tag and a topic of one name are one."""
    terms = (fit.one_line(category.term) for category in categories)
    return [term for term in dict.fromkeys(terms) if term]


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    return _said(
        {
            "url": fit.one_line(enclosure.url),
            "mime_type": fit.one_line(enclosure.type),
            "title": fit.one_line(enclosure.title or ""),
            "size_in_bytes": enclosure.length or None,
            "duration_in_seconds": enclosure.duration or None,
        }
    )


def render_shell(feed: Feed) -> tuple[bytes, bytes]:
    """What stands before and after the items in the document of a feed; its archives are the further pages."""
    head = _encoder.encode(_said(_head(feed)))
    return head.removesuffix(b"}") + _ITEMS, _END


def line_up(items: Sequence[bytes]) -> tuple[bytes]:
    """Items as they stand in one document."""
    return (b",".join(items),)


def _head(feed: Feed) -> dict[str, Any]:
    icon = fit.one_line(feed.icon or "")
    return {
        "version": VERSION,
        "title": fit.feed_title(feed),
        "home_page_url": fit.one_line(feed.home_url),
        "feed_url": fit.one_line(feed.self_url),
        "description": fit.one_line(feed.description),
        "next_url": fit.one_line(feed.links.prev_archive or ""),
        "icon": icon,
        "favicon": icon,
        "authors": _people((feed.author,)),
        "language": fit.one_line(feed.language),
        "hubs": [{"type": "WebSub", "url": fit.one_line(feed.hub)}] if feed.hub else None,
        "_feeds": {"about": ABOUT},
    }


@cache
def _decoder() -> Any:
    """Reads the ids and skips all else, whose syntax it checks all the same: five times as fast."""
    item = msgspec.defstruct("Item", [("id", str)])
    return msgspec.json.Decoder(msgspec.defstruct("Document", [("version", str), ("items", list[item])]))  # type: ignore[valid-type]


def read_ids(data: bytes) -> list[str]:
    """Parse a document and name its items in order.

    Raises:
        ValueError: It is no JSON Feed 1.1 (msgspec's and Unicode's errors are ValueErrors).
    """
    data.decode()  # what the decoder skips may be any bytes to it
    document = _decoder().decode(data)
    if document.version != VERSION:
        raise ValueError(f"version {document.version!r} is not {VERSION!r}")
    return [item.id for item in document.items]
