"""Tell an image's type and size from its first bytes, and its type from its name. Pure.

PNG, JPEG, GIF, WebP, AVIF, HEIC, BMP and SVG, by the headers of their specifications. Dimensions are None where the
bytes at hand do not say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

#: How much of a file is looked at. A JPEG's frame header follows its EXIF block, which has at most 64 KiB.
HEAD_BYTES = 128 * 1024

_Order = Literal["big", "little"]

#: By the extension of a name.
TYPES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "jfif": "image/jpeg", "png": "image/png", "gif": "image/gif",
    "webp": "image/webp", "avif": "image/avif", "svg": "image/svg+xml", "bmp": "image/bmp", "ico": "image/x-icon",
    "heic": "image/heic", "heif": "image/heif", "tif": "image/tiff", "tiff": "image/tiff", "apng": "image/apng",
}  # fmt: skip
_DEFAULT_TYPE = "image/jpeg"
_EXTENSION = re.compile(r"\.([a-z0-9]{3,4})(?:[?#!@&].*)?$", re.IGNORECASE | re.DOTALL)

#: JPEG markers that begin a frame (ITU T.81 table B.1), and those without a length.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})

_SVG = re.compile(rb"<svg\b([^<>]{0,4000})>")
_SVG_LENGTH = re.compile(rb"""\b(width|height)\s*=\s*["'](\d{1,6})(?:\.\d+)?(?:px)?["']""")
_AVIF_BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"heix": "image/heic"}


class Looks(Struct, frozen=True):
    """What an image's bytes say of it."""

    type: str
    width: int | None = None
    height: int | None = None


def type_from_name(name: str) -> str:
    """The MIME type that a path or URL suggests; JPEG when it suggests none."""
    found = _EXTENSION.search(name[-200:])
    return TYPES.get(found[1].lower(), _DEFAULT_TYPE) if found else _DEFAULT_TYPE


def look(head: bytes) -> Looks | None:
    """Type and size of an image from its first ``HEAD_BYTES``; None when it is none of the known kinds."""
    for offset, magic, read in _KINDS:
        if head.startswith(magic, offset):
            return read(head)
    return _svg(head)


def _png(head: bytes) -> Looks:
    return Looks("image/png", *_sized(head[16:20], head[20:24]))


def _gif(head: bytes) -> Looks:
    return Looks("image/gif", *_sized(head[6:8], head[8:10], "little"))


def _bmp(_: bytes) -> Looks:
    return Looks("image/bmp")


def _webp(head: bytes) -> Looks | None:
    """RFC 9649: extended (VP8X), lossless (VP8L) and lossy (VP8) files."""
    if head[8:12] != b"WEBP":
        return None
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        return Looks("image/webp", 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little"))
    if kind == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return Looks("image/webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return Looks("image/webp", *_sized(head[26:28], head[28:30], "little", mask=0x3FFF))
    return Looks("image/webp")


def _isobmff(head: bytes) -> Looks | None:
    """AVIF and HEIC: an ``ftyp`` box names the brand, the first ``ispe`` property the size (ISO 23008-12 §6.5.3)."""
    kind = _AVIF_BRANDS.get(head[8:12])
    at = head.find(b"ispe")
    if not kind or at < 0:
        return Looks(kind) if kind else None
    return Looks(kind, *_sized(head[at + 8 : at + 12], head[at + 12 : at + 16]))


def _jpeg(head: bytes) -> Looks:
    """Follow the segments to the first frame header."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker in _FRAMES:
            return Looks("image/jpeg", *_sized(head[at + 7 : at + 9], head[at + 5 : at + 7]))
        if marker == 0xFF:
            at += 1  # padding
        elif marker in _BARE:
            at += 2
        else:
            at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return Looks("image/jpeg")


def _svg(head: bytes) -> Looks | None:
    start = head[:16_384].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")):
        return None
    found = _SVG.search(start)
    if not found:
        return None
    lengths = {name: int(value) for name, value in _SVG_LENGTH.findall(found[1])}
    return Looks("image/svg+xml", lengths.get(b"width"), lengths.get(b"height"))


def _sized(width: bytes, height: bytes, order: _Order = "big", mask: int = 0xFFFFFFFF) -> tuple[int | None, int | None]:
    """Two numbers; both None when one is missing or zero."""
    wide, high = int.from_bytes(width, order) & mask, int.from_bytes(height, order) & mask
    return (wide, high) if wide and high else (None, None)


#: Offset, magic bytes, reader.
_KINDS: tuple[tuple[int, bytes, Callable[[bytes], Looks | None]], ...] = (
    (0, b"\xff\xd8\xff", _jpeg),
    (0, b"\x89PNG\r\n\x1a\n", _png),
    (0, b"RIFF", _webp),
    (0, b"GIF8", _gif),
    (4, b"ftyp", _isobmff),
    (0, b"BM", _bmp),
)
