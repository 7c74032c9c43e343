"""Image headers, built here byte by byte after their specifications."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.images import Looks, look, type_from_name


def riff(kind: bytes, data: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 12 + len(data)) + b"WEBP" + kind + struct.pack("<I", len(data)) + data


def isobmff(brand: bytes, more: bytes = b"") -> bytes:
    return struct.pack(">I", 24) + b"ftyp" + brand + b"\0\0\0\0" + b"mif1miaf" + more


JPEG_SIZE = b"\xff\xc2\0\x11\x08" + struct.pack(">HH", 480, 640) + b"\x03"
ISPE = b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", 640, 480)

HEADS = [
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480), Looks("image/png", 640, 480)),
    (b"\x89PNG\r\n\x1a\n", Looks("image/png")),
    (b"GIF89a" + struct.pack("<HH", 640, 480), Looks("image/gif", 640, 480)),
    (b"\xff\xd8\xff\xe0\0\x04xx" + JPEG_SIZE, Looks("image/jpeg", 640, 480)),
    (b"\xff\xd8\xff\xff\xff\xe1\0\x02\xff\xd0" + JPEG_SIZE, Looks("image/jpeg", 640, 480)),
    (b"\xff\xd8\xff\xc4\0\x04xx" + JPEG_SIZE, Looks("image/jpeg", 640, 480)),
    (b"\xff\xd8\xff\xe0\xff\xff", Looks("image/jpeg")),
    (b"\xff\xd8\xff", Looks("image/jpeg")),
    (riff(b"VP8X", b"\0\0\0\0\x7f\x02\0\xdf\x01\0"), Looks("image/webp", 640, 480)),
    (riff(b"VP8L", b"\x2f" + struct.pack("<I", 639 | 479 << 14)), Looks("image/webp", 640, 480)),
    (riff(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 640 | 1 << 14, 480)), Looks("image/webp", 640, 480)),
    (riff(b"ICCP", b""), Looks("image/webp")),
    (b"RIFF\0\0\0\0WAVE", None),
    (isobmff(b"avif", ISPE), Looks("image/avif", 640, 480)),
    (isobmff(b"avif"), Looks("image/avif")),
    (isobmff(b"heic", ISPE), Looks("image/heic", 640, 480)),
    (isobmff(b"mp42", ISPE), None),
    (b"BM" + b"\0" * 30, Looks("image/bmp")),
    (b'<svg xmlns="x" width="640" height=\'480px\'>', Looks("image/svg+xml", 640, 480)),
    (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x --><svg viewBox="0 0 1 1"><g/>', Looks("image/svg+xml")),
    (b"<?xml version='1.0'?><rss/>", None),
    (b"<html>", None),
    (b"", None),
]


@pytest.mark.parametrize(("head", "wanted"), HEADS)
def test_bytes_tell_kind_and_size(head: bytes, wanted: Looks | None) -> None:
    assert look(head) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("https://x.example/a.PNG", "image/png"),
        ("https://x.example/a.webp?x=1.gif", "image/webp"),
        ("https://x.example/a.jpeg!small", "image/jpeg"),
        ("https://x.example/v2_1@000000_img_000", "image/jpeg"),
        ("a.svg", "image/svg+xml"),
        ("", "image/jpeg"),
    ],
)
def test_a_name_suggests_a_type(name: str, wanted: str) -> None:
    assert type_from_name(name) == wanted


@given(st.sampled_from([head for head, _ in HEADS]), st.binary(max_size=40), st.integers(0, 60))
def test_any_bytes_are_looked_at(head: bytes, more: bytes, cut: int) -> None:
    found = look(head[:cut] + more)

    assert found is None or (found.width is None) == (found.height is None) or found.type == "image/svg+xml"


def test_a_jpeg_of_nothing_but_padding_ends() -> None:
    assert look(b"\xff\xd8" + b"\xff" * 100_000) == Looks("image/jpeg")
