"""Write OPML 2.0: the subscription list of the feeds that we publish or follow, in groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from msgspec import Struct

from feeds.model import Person
from feeds.publish import fit


class OpmlFeed(Struct, frozen=True, kw_only=True):
    """One feed to subscribe to."""

    title: str
    #: The feed itself: absolute, ASCII.
    xml_url: str
    #: The page that it is about; where it is not known (None), the feed's site stands in, since readers expect one.
    html_url: str | None = None
    description: str | None = None
    #: BCP 47.
    language: str | None = None


def render_opml(
    title: str,
    groups: Sequence[tuple[str, Sequence[OpmlFeed]]],
    *,
    modified: datetime | None = None,
    owner: Person | None = None,
) -> bytes:
    """Write the list in the order given.

    A group without a name puts its feeds at the top level. Empty groups are left out, and so is a feed that a group
    names twice. OPML wants one outline or more, so a list of nothing has one that says so.

    Args:
        title: What the list is called.
        groups: Name and feeds of each group.
        modified: When its contents last changed (never the clock); without it the list bears no date.
        owner: Who keeps it; the address must be http(s) to be named.
    """
    # OPML has no element for its maker; the comment tells our own file from a stranger's.
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!-- generator: feeds -->", '<opml version="2.0">', "<head>"]
    lines += _head(title, modified, owner)
    lines += ["</head>", "<body>"]
    lines += [line for name, feeds in groups for line in _group(name, feeds)] or [_outline({"text": "No feeds yet"})]
    lines += ["</body>", "</opml>", ""]
    return "\n".join(lines).encode()


def _head(title: str, modified: datetime | None, owner: Person | None) -> list[str]:
    said = {
        "title": fit.one_line(title) or "Feeds",
        "dateModified": fit.rfc822(modified) if modified else None,
        "ownerName": fit.one_line(owner.name) if owner else None,
        "ownerEmail": fit.mailbox(owner) if owner else None,
        "ownerId": fit.one_line(owner.url or "") if owner else None,
        "docs": "http://opml.org/spec2.opml",
    }
    return [f"<{name}>{fit.escape(value)}</{name}>" for name, value in said.items() if value]


def _group(name: str, feeds: Sequence[OpmlFeed]) -> list[str]:
    once: dict[str, OpmlFeed] = {}
    for feed in feeds:
        once.setdefault(feed.xml_url, feed)
    outlines = [_outline(_attributes(feed)) for feed in once.values()]
    text = fit.one_line(name)
    if not text or not outlines:
        return outlines
    return [_outline({"text": text, "title": text}, "<outline {}>"), *outlines, "</outline>"]


def _attributes(feed: OpmlFeed) -> Mapping[str, str | None]:
    title = fit.one_line(feed.title) or fit.one_line(feed.xml_url)
    return {
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": fit.one_line(feed.xml_url),
        "htmlUrl": fit.one_line(feed.html_url or "") or _site(feed.xml_url),
        "description": fit.one_line(feed.description or ""),
        "language": fit.one_line(feed.language or ""),
    }


def _site(url: str) -> str:
    parts = urlsplit(fit.one_line(url))
    return f"{parts.scheme}://{parts.netloc}/"


def _outline(attributes: Mapping[str, str | None], form: str = "<outline {}/>") -> str:
    return form.format(
        " ".join(f'{name}="{fit.escape_attribute(value)}"' for name, value in attributes.items() if value)
    )
