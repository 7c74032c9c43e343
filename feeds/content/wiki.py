"""Wiki links, as Obsidian writes them: ``[[Note]]``, ``[[Note#Heading|words]]``, ``![[image.png|300]]``.

https://help.obsidian.md/links
"""

from __future__ import annotations

import re

from msgspec import Struct

from feeds.content.shortcodes import Tools, attribute, link

_IMAGE = re.compile(r".+\.(?:png|jpe?g|gif|webp|avif|svg|bmp)", re.IGNORECASE)
_FILE = re.compile(r".+\.(?!md$)[a-z0-9]{2,5}", re.IGNORECASE)
_SIZE = re.compile(r"(\d{1,5})(?:x(\d{1,5}))?")
_LETTER = re.compile(r"[^\W\d_]")
#: A bar in a cell of a table is escaped.
_BAR = re.compile(r"\\?\|")


class WikiLink(Struct, frozen=True):
    """What a wiki link becomes: HTML, not yet safe."""

    html: str
    #: What is lost; empty when nothing is.
    why: str = ""
    #: It names a note that nobody knows.
    is_lost: bool = False


def read(inside: str, *, is_embedded: bool, tools: Tools) -> WikiLink:
    """What ``[[inside]]`` becomes, or ``![[inside]]``."""
    target, *aliases = (part.strip() for part in _BAR.split(inside))
    alias = aliases[-1] if aliases else ""
    if is_embedded and _IMAGE.fullmatch(target):
        return WikiLink(_image(target, alias))
    if is_embedded and _FILE.fullmatch(target):
        return WikiLink(link(target, alias or target.rpartition("/")[2]))
    name, _, heading = target.partition("#")
    text = alias or (" > ".join(filter(None, (name.removesuffix(".md"), heading.lstrip("^")))))
    if not name:
        return WikiLink(attribute(text))
    address = tools.address(name)
    if address is None:
        why = f"no article is known at {name[:100]!r}; the link was left out"
        return WikiLink(attribute(text), why, is_lost=True)
    why = f"the text of {name[:100]!r} cannot stand here; a link does" if is_embedded else ""
    return WikiLink(link(address, text), why)


def is_likely(inside: str, found: WikiLink) -> bool:
    """Where nobody said that wiki links are written: can it be anything else, such as an array of arrays?"""
    if not found.is_lost and not found.why:
        return _LETTER.search(inside) is not None
    return inside == inside.strip() and _LETTER.search(inside) is not None and inside[0] not in "^\"'{("


def _image(target: str, alias: str) -> str:
    size = _SIZE.fullmatch(alias)
    sizes = (
        "".join(f' {key}="{value}"' for key, value in zip(("width", "height"), size.groups(), strict=True) if value)
        if size
        else ""
    )
    described = "" if size else alias
    return f'<img src="{attribute(target)}" alt="{attribute(described)}"{sizes}>'
