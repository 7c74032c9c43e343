"""Take from feedparser's dictionaries what an entry says, and leave the cleaning to drafts.py. Pure.

They are read with ``dict.get``: their own ``get`` answers for ``updated`` with ``published``, and warns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from feeds.sources.clean import Written, resolved
from feeds.sources.drafts import Draft, Media

Node = dict[str, Any]

#: What feedparser is told to be the address of the document. It can be no base of a relative reference, so that ids
#: and links stay as the feed has them: feedparser would take a ``<guid>`` for an address, and 6 % of ids would hang
#: on ours. A text with another base than this has an ``xml:base``.
OPAQUE_BASE = "feed:opaque"
_WEB = ("http://", "https://")
#: YouTube names its old player as a file, others name pages.
_NO_FILES = frozenset({"application/x-shockwave-flash", "text/html"})
_IMAGE_ENDING = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)(?:\?|$)", re.IGNORECASE)
#: It bounds the search for an address.
_LONGEST_AUTHOR = 1_000
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})


def text_of(node: Node, key: str) -> str:
    """The text under ``key``; empty when there is none, or something else."""
    value = dict.get(node, key)
    return value if isinstance(value, str) else ""


def nodes_of(node: Node, key: str) -> list[Node]:
    """The dictionaries in the list under ``key``."""
    value = dict.get(node, key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def node_of(node: Node, key: str) -> Node:
    """The dictionary under ``key``; empty when there is none."""
    value = dict.get(node, key)
    return value if isinstance(value, dict) else {}


def written(node: Node, key: str, *, is_atom: bool) -> Written:
    """The text under ``key`` with what its ``_detail`` says of it; only Atom's word on markup can be believed."""
    detail = node_of(node, f"{key}_detail")
    return Written(text_of(node, key), _is_html(detail) if is_atom and detail else None, _base(detail))


def hrefs(node: Node, rel: str) -> Iterator[str]:
    """Addresses of the links with one relation."""
    return (text_of(link, "href") for link in nodes_of(node, "links") if text_of(link, "rel") == rel)


def opaque_guids(text: str) -> frozenset[str]:
    """Guids that look like addresses and say that they are none; feedparser drops that when there is a link."""
    return frozenset(resolved(match[1]) for match in _OPAQUE_GUID.finditer(text))


_OPAQUE_GUID = re.compile(
    r"<guid\b[^<>]{0,200}?\bisPermaLink\s{0,9}=\s{0,9}[\"']false[\"'][^<>]{0,200}>\s{0,99}(?:<!\[CDATA\[\s{0,99})?"
    r"(https?://[^\s<\]]{1,4096})",
    re.IGNORECASE,
)


def draft_of(entry: Node, *, is_atom: bool, opaque: frozenset[str]) -> Draft:
    """Collect what an entry says. The order of ``urls`` is that of trust: its link first.

    In RSS a content that feedparser takes for plain text is a description that came second: Google's blogs have a
    ``media:description`` before the true one. And the description may be longer than ``content:encoded``.
    """
    summary, contents = _summary(entry, is_atom=is_atom), list(_contents(entry, is_atom=is_atom))
    media = nodes_of(entry, "media_content")
    return Draft(
        id=text_of(entry, "id"),
        urls=_urls(entry, is_atom=is_atom, opaque=opaque),
        title=written(entry, "title", is_atom=is_atom),
        published=text_of(entry, "published") or text_of(entry, "created"),
        updated=text_of(entry, "updated"),
        summaries=[summary, *(() if is_atom else (text for kind, text in contents if kind == "text/plain"))],
        contents=[*(text for _, text in contents), *(() if is_atom else (summary,))],
        authors=_authors(entry, is_atom=is_atom),
        categories=[text_of(tag, "label") or text_of(tag, "term") for tag in nodes_of(entry, "tags")],
        enclosures=[*_enclosures(entry), *(_file(each) for each in media if _is_file(each))],
        images=list(_images(entry, media)),
        language=text_of(entry, "language") or text_of(node_of(entry, "title_detail"), "language"),
        video=text_of(entry, "yt_videoid"),
        duration=text_of(entry, "itunes_duration") or next((text_of(each, "duration") for each in media), ""),
        season=text_of(entry, "itunes_season") or text_of(entry, "podcast_season"),
        episode=text_of(entry, "itunes_episode") or text_of(entry, "podcast_episode"),
        origin=_origin(node_of(entry, "source"), is_atom=is_atom),
    )


def _is_html(detail: Node) -> bool:
    return text_of(detail, "type") in _HTML_TYPES


def _base(detail: Node) -> str | None:
    base = text_of(detail, "base")
    return base if base.startswith(_WEB) else None


def _urls(entry: Node, *, is_atom: bool, opaque: frozenset[str]) -> list[str]:
    guid, link = text_of(entry, "id"), text_of(entry, "link")
    if link == guid and not guid.startswith((*_WEB, "/")):
        link = ""  # feedparser's, for want of another: a guid that is no address
    is_permalink = not is_atom and guid.startswith(_WEB) and guid not in opaque
    return [link, *hrefs(entry, "alternate"), text_of(entry, "feedburner_origlink"), *([guid] * is_permalink)]


def _summary(entry: Node, *, is_atom: bool) -> Written:
    """A description is HTML in RSS, whatever feedparser takes it for."""
    found = written(entry, "summary", is_atom=is_atom)
    return found if is_atom else found._replace(is_html=True)


def _contents(entry: Node, *, is_atom: bool) -> Iterator[tuple[str, Written]]:
    """Those that are text, with their types; a picture in base64 is not."""
    for content in nodes_of(entry, "content"):
        kind = text_of(content, "type")
        if kind in _HTML_TYPES or kind == "text/plain":
            yield kind, Written(text_of(content, "value"), kind in _HTML_TYPES or not is_atom, _base(content))


_EMAIL = re.compile(r"[^\s@<>()\[\]]{1,64}@[^\s@<>()\[\]]{1,255}")


def _authors(node: Node, *, is_atom: bool) -> list[tuple[str, str, str]]:
    """RSS has name and address in one text; feedparser cuts addresses whose last part has more than four letters."""
    people = nodes_of(node, "authors")
    text = text_of(node, "author")
    if not is_atom and len(people) < 2 and (email := _EMAIL.search(text[:_LONGEST_AUTHOR])):
        return [(text.replace(email[0], "").strip(" ()<>[],;:"), email[0], "")]
    found = [(text_of(each, "name"), text_of(each, "email"), text_of(each, "href")) for each in people]
    return [each for each in found if any(each)] or [(text, "", "")]


def _enclosures(entry: Node) -> Iterator[Media]:
    for link in nodes_of(entry, "links"):
        if text_of(link, "rel") == "enclosure":
            yield Media(text_of(link, "href"), text_of(link, "type"), text_of(link, "length"))


def _file(media: Node) -> Media:
    return Media(text_of(media, "url"), text_of(media, "type"), text_of(media, "filesize"))


def _is_image(media: Node) -> bool:
    kind = text_of(media, "medium") or text_of(media, "type")
    return kind.startswith("image") if kind else bool(_IMAGE_ENDING.search(text_of(media, "url")))


def _is_file(media: Node) -> bool:
    return not _is_image(media) and text_of(media, "type") not in _NO_FILES


def _images(entry: Node, media: list[Node]) -> Iterator[str]:
    yield from (text_of(each, "url") for each in nodes_of(entry, "media_thumbnail"))
    yield from (text_of(each, "url") for each in media if _is_image(each))
    yield text_of(node_of(entry, "image"), "href")
    yield from (each.url for each in _enclosures(entry) if each.type.startswith("image/"))


def _origin(source: Node, *, is_atom: bool) -> tuple[Written, str, str] | None:
    if not source:
        return None
    url = text_of(source, "link") or text_of(source, "href")
    return written(source, "title", is_atom=is_atom), url, text_of(source, "id")
