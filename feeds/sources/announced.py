"""Find the feeds that a page of HTML announces, links to, or must have by the software it is made with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from feeds.sources.feed_sites import GENERATORS
from feeds.urls import clean_url

#: The head is at the beginning, the line of links at the end of most pages; beyond this a page is an archive.
_MOST_READ = 2 * 1024 * 1024
#: Sites announce one feed or two, some one for each section; beyond this a page is a directory of feeds.
_MOST_LINKS = 50
#: What <link type="..."> says of a feed (https://www.rssboard.org/rss-autodiscovery, jsonfeed.org).
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
#: WordPress announces its API under these; they are feeds only when the address says so.
_VAGUE_TYPES = frozenset({"application/json", "application/xml", "text/xml"})
_FEED_PATH = re.compile(
    r"/(?:rss2?|atom|feeds?)(?:\.(?:xml|json|rss|rdf))?/?$|/[\w-]*(?:rss|atom|feed)\.(?:xml|json)$"
    r"|/index\.xml$|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
#: Feeds that hold something else than what the site publishes.
_ASIDE = re.compile(r"comment|评论|留言|/tags?/|/author/|/search|oembed|podcast|/amp(?:/|$)", re.IGNORECASE)
_FEED_ROOT = re.compile(r"<(?:[A-Za-z]+:)?(?:rss|feed|RDF)[\s>/]|<html[\s>]", re.IGNORECASE)
_JSON_FEED = re.compile(r'"version"\s{0,9}:\s{0,9}"https?:\\?/\\?/jsonfeed\.org')
#: Comments and stylesheets before the root of a feed have been seen to take a kilobyte.
_ROOT_WITHIN = 4096


class Announced(NamedTuple):
    """What a page tells of the feeds of its site; absolute URLs, the likeliest first."""

    #: In ``<link rel="alternate">``.
    feeds: tuple[str, ...] = ()
    #: In ordinary links.
    links: tuple[str, ...] = ()
    #: Path that the software of the site is known for; empty when it is not known.
    path: str = ""


def is_feed(body: bytes) -> bool:
    """Say whether a document looks like a feed, from its beginning alone."""
    text = _text(body[:_ROOT_WITHIN])
    if text.lstrip().startswith("{"):
        return _JSON_FEED.search(text) is not None
    root = _FEED_ROOT.search(text)
    return root is not None and not root[0].lower().startswith("<html")


def _text(body: bytes) -> str:
    is_wide = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    return body.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def read_page(body: bytes, url: str, content_type: str = "") -> Announced:
    """Read a page of any quality; what is no HTML announces nothing."""
    from lxml import etree  # noqa: PLC0415 - only discovery needs it

    charset = re.search(r"charset=[\"']?([\w-]{1,40})", content_type)
    try:
        parser = etree.HTMLParser(encoding=charset[1] if charset else None, no_network=True)
    except LookupError:
        parser = etree.HTMLParser(no_network=True)
    try:
        root = etree.fromstring(body[:_MOST_READ], parser)
    except (etree.LxmlError, ValueError):
        root = None
    return Announced() if root is None else _read(root, url)


def _read(root: Any, url: str) -> Announced:
    base = _joined(url, next((node.get("href") for node in root.iter("base") if node.get("href")), ""))
    feeds = _best_first(_alternates(root, base))
    links = _best_first(_anchors(root, base))
    return Announced(feeds, tuple(link for link in links if link not in feeds), _path(root))


def _alternates(root: Any, base: str) -> Iterator[tuple[str, str]]:
    """The address and the title of each announced feed."""
    for node in root.iter("link"):
        if "alternate" in (node.get("rel") or "").lower().split() and node.get("href", "").strip():
            url = clean_url(node.get("href"), base)
            if url and _is_feed_link((node.get("type") or "").partition(";")[0].strip().lower(), url):
                yield url, node.get("title") or ""


def _is_feed_link(kind: str, url: str) -> bool:
    return kind in _FEED_TYPES or (kind in _VAGUE_TYPES and _FEED_PATH.search(urlsplit(url).path) is not None)


def _anchors(root: Any, base: str) -> Iterator[tuple[str, str]]:
    """Links to what must be a feed of the same site, by its address."""
    for node in root.iter("a"):
        href = (node.get("href") or "").strip()
        if _FEED_PATH.search(href.partition("?")[0]) and (url := clean_url(href, base)) and _is_own(url, base):
            yield url, node.get("title") or ""


def _is_own(url: str, base: str) -> bool:
    return authority(url) == authority(base)


def authority(url: str) -> str:
    """Give host and port, without ``www.``: who is asked for robots.txt."""
    return urlsplit(url).netloc.lower().removeprefix("www.")


def _best_first(found: Iterator[tuple[str, str]]) -> tuple[str, ...]:
    """The main feed first: what is announced first, but comments, tags and authors after all others."""
    titles: dict[str, str] = {}
    for url, title in islice(found, _MOST_LINKS):
        titles.setdefault(url, title)
    return tuple(sorted(titles, key=lambda url: _ASIDE.search(f"{urlsplit(url).path} {titles[url]}") is not None))


def _path(root: Any) -> str:
    for node in root.iter("meta"):
        if (node.get("name") or "").lower() == "generator":
            said = (node.get("content") or "").lower()
            return next((path for software, path in GENERATORS.items() if software in said), "")
    return ""


def _joined(base: str, reference: str) -> str:
    """Join as browsers do; a reference that cannot be joined leads nowhere else."""
    try:
        return urljoin(base, reference)
    except ValueError:
        return base
