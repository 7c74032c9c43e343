"""What a file is served as: one row for each name or ending."""

from __future__ import annotations

from msgspec import Struct

from feeds.publish.jsonfeed import MEDIA_TYPE as JSON_FEED

#: What runs nothing and loads nothing, should a browser show it.
_SHUT = b"default-src 'none'; sandbox"
#: A feed likewise, but for our style sheet, which a sandbox would keep from it.
_FEED = b"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#: Our pages have styles and scripts of ours, within or beside them; people may lay pictures beside them.
_PAGE = (
    b"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' https: data:; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STYLE = b"default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; sandbox"
_DRAWING = b"default-src 'none'; style-src 'unsafe-inline'; sandbox"


class Kind(Struct, frozen=True, eq=False):
    """How files of one kind are served."""

    media_type: bytes
    policy: bytes = _SHUT
    #: Whether it gets smaller: text does, pictures do not.
    is_text: bool = True
    #: How its items are written: ``rss``, ``atom``, ``json``; empty when it is no feed.
    form: str = ""


#: Ours by name. The charset is the one of the XML declaration; JSON Feed has none (RFC 8259 §8.1: always UTF-8).
_NAMES = {
    "rss.xml": Kind(b"application/rss+xml; charset=utf-8", _FEED, form="rss"),
    "atom.xml": Kind(b"application/atom+xml; charset=utf-8", _FEED, form="atom"),
    "feed.json": Kind(JSON_FEED.encode(), form="json"),
}
#: What else may lie in the folder, by ending.
_ENDINGS = {
    "html": Kind(b"text/html; charset=utf-8", _PAGE),
    "opml": Kind(b"text/x-opml; charset=utf-8"),
    "css": Kind(b"text/css; charset=utf-8", _STYLE),
    "js": Kind(b"text/javascript; charset=utf-8"),
    "xml": Kind(b"application/xml; charset=utf-8"),
    "json": Kind(b"application/json"),
    "txt": Kind(b"text/plain; charset=utf-8"),
    "svg": Kind(b"image/svg+xml; charset=utf-8", _DRAWING),
    "ico": Kind(b"image/x-icon", is_text=False),
    "png": Kind(b"image/png", is_text=False),
    "jpg": Kind(b"image/jpeg", is_text=False),
    "jpeg": Kind(b"image/jpeg", is_text=False),
    "webp": Kind(b"image/webp", is_text=False),
    "gif": Kind(b"image/gif", is_text=False),
}
_OTHER = Kind(b"application/octet-stream", is_text=False)


def kind_of(name: str) -> Kind:
    """The kind of a file by its name."""
    return _NAMES.get(name) or _ENDINGS.get(name.rpartition(".")[2].lower(), _OTHER)
