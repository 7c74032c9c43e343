"""Turn the bytes of a file into text: UTF-8, and what people save by accident instead. Pure."""

from __future__ import annotations

import codecs

from msgspec import Struct

_REPLACEMENT = "\ufffd"
_SAVE = "save the file as UTF-8"


class Decoded(Struct, frozen=True, kw_only=True):
    """Text, or None when the bytes are no text; and what was wrong with them, in one clause (empty: nothing)."""

    text: str | None
    why: str = ""
    fix: str = ""
    #: 1-based; None when the whole file is meant.
    line: int | None = None


def decode(data: bytes) -> Decoded:
    """Read the bytes as UTF-8; else as UTF-16 (by its BOM), as UTF-8 with a few bad bytes, or as GB 18030.

    Most of what is not ASCII tells damage from another encoding: of a GB 18030 file nearly all of it is bad UTF-8.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _decode_otherwise(data, error.start)
    return _without_nul(text) if "\0" in text else Decoded(text=text)


def _decode_otherwise(data: bytes, bad: int) -> Decoded:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_as("utf-16", "UTF-16", data)
    text = data.decode(errors="replace")
    damage = text.count(_REPLACEMENT)
    if damage * 2 > sum(not char.isascii() for char in text):
        return _decode_as("gb18030", "GB 18030", data)
    line = data.count(b"\n", 0, bad) + 1
    return Decoded(text=text.replace("\0", ""), why=f"{damage} bytes are not UTF-8", fix=_SAVE, line=line)


def _decode_as(codec: str, name: str, data: bytes) -> Decoded:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return Decoded(text=None, why="it is no text in UTF-8", fix=_SAVE)
    if "\0" in text:
        return Decoded(text=None, why="it is no text", fix=_SAVE)
    return Decoded(text=text, why=f"it is not UTF-8, read as {name}", fix=_SAVE)


def _without_nul(text: str) -> Decoded:
    """A stray NUL is dropped; many are what a crash or another kind of file leaves."""
    nuls = text.count("\0")
    if nuls * 100 > len(text):
        return Decoded(text=None, why="it holds NUL bytes, so it is no text", fix="restore it")
    line = text.count("\n", 0, text.index("\0")) + 1
    return Decoded(text=text.replace("\0", ""), why=f"{nuls} NUL bytes were left out", fix="delete them", line=line)
