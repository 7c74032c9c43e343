"""Undo a body's encoding piece by piece, never past a limit, and only whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from feeds.polled import FailureKind
from feeds.sources.failures import Trouble

_Pieces = Iterable[bytes]

#: What a decoder may put out at once: a bomb is stopped within one such piece.
_PIECE = 1 << 16
#: Members of one gzip file; bgzip makes one per 64 KiB, so this is 64 MB, and beyond it somebody plays with us.
_MAX_MEMBERS = 1000
#: Nobody honest encodes a body more often (twice happens: a proxy that compresses what is compressed).
_MAX_CODINGS = 2


def read_body(chunks: _Pieces, coding: str, *, limit: int, ratio: int, ratio_from: int) -> bytes:
    """The decoded body; ``coding`` is Content-Encoding as written.

    Raises:
        Trouble: larger than ``limit`` (on the wire or decoded), blown up more than ``ratio`` times once ``ratio_from``
            bytes are out, not encoded as said, or not whole.
    """
    received = _Counter(chunks, limit)
    pieces: _Pieces = received
    for name in reversed(_codings(coding)):
        pieces = _DECODERS[name](pieces)
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limit or (len(body) > ratio_from and len(body) > ratio * received.count):
            raise too_large(limit if len(body) > limit else None)
    return bytes(body)


def accept_encoding() -> str:
    """Content codings that can be undone here."""
    return ", ".join(name for name in ("gzip", "deflate", "br", "zstd") if name in _DECODERS)


class _Counter:
    """Hands chunks on and counts their bytes."""

    def __init__(self, chunks: _Pieces, limit: int) -> None:
        self._chunks = chunks
        self._limit = limit
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.count += len(chunk)
            if self.count > self._limit:
                raise too_large(self._limit)
            yield chunk


def _codings(written: str) -> list[str]:
    """Names of codings in the order in which they were applied; words that are no coding (``utf-8``, ``none``) go."""
    names = [name.strip().lower() for name in written.split(",")]
    names = [name for name in names if name in _DECODERS or name in _UNDECODABLE]
    missing = [name for name in names if name not in _DECODERS]
    if missing:
        raise _unreadable(f"in an encoding that cannot be undone here ({missing[0]})")
    if len(names) > _MAX_CODINGS:
        raise _unreadable("encoded again and again")
    return names


def _gunzip(pieces: _Pieces) -> Iterator[bytes]:
    """RFC 1952: members one after another; what follows the last one and is no member is left, as gzip does."""
    decoder, members = _new_gzip(), 1
    for piece in pieces:
        data = piece
        while data:
            if decoder.eof:
                decoder, members = _new_gzip(), members + 1
            try:
                out = decoder.decompress(data, _PIECE)
            except zlib.error as error:
                if members > 1:
                    yield from _left_unread(pieces)
                    return
                raise _not_as_said() from error
            yield out
            data = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            if members > _MAX_MEMBERS:
                raise _unreadable("made of countless parts")
    yield from _rest_of(decoder)


def _new_gzip() -> Any:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _inflate(pieces: _Pieces) -> Iterator[bytes]:
    """``deflate``: zlib (RFC 1950) by the book, bare RFC 1951 from many servers; the first two bytes tell."""
    decoder: Any = None
    head = b""
    for piece in pieces:
        data = head + piece
        if decoder is None:
            head = data
            if len(head) < 2:
                continue
            is_zlib = head[0] & 15 == 8 and (head[0] << 8 | head[1]) % 31 == 0
            decoder, head = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS), b""
        while data and not decoder.eof:
            try:
                yield decoder.decompress(data, _PIECE)
            except zlib.error as error:
                raise _not_as_said() from error
            data = decoder.unconsumed_tail
    yield from _rest_of(decoder)


def _rest_of(decoder: Any) -> Iterator[bytes]:
    """What zlib still holds; then the stream must be at its end."""
    if decoder is not None:
        yield decoder.flush()
    if decoder is None or not decoder.eof:
        raise _cut_off()


def _left_unread(pieces: _Pieces) -> Iterator[bytes]:
    """Read on to the end without putting anything out, so that the connection can be used again."""
    for _ in pieces:
        yield b""


def _brotli_with(library: Any) -> Callable[[_Pieces], Iterator[bytes]]:
    def undo(pieces: _Pieces) -> Iterator[bytes]:
        decoder = library.Decompressor()
        for piece in pieces:
            data, out = piece, b"?"
            while out and not decoder.is_finished():  # nothing out: it wants more in
                try:
                    out = decoder.process(data, output_buffer_limit=_PIECE)
                except library.error as error:
                    raise _not_as_said() from error
                data = b""
                yield out
        if not decoder.is_finished():
            raise _cut_off()

    return undo


def _zstd_with(library: Any) -> Callable[[_Pieces], Iterator[bytes]]:
    #: RFC 9659: no more than 8 MiB of window over HTTP; without it a frame may ask for 2 GiB of memory.
    options = {library.DecompressionParameter.window_log_max: 23}

    def undo(pieces: _Pieces) -> Iterator[bytes]:
        decoder = library.ZstdDecompressor(options=options)
        for piece in pieces:
            data = piece
            while not decoder.eof and (data or not decoder.needs_input):
                try:
                    yield decoder.decompress(data, max_length=_PIECE)
                except library.ZstdError as error:
                    raise _not_as_said() from error
                data = b""
        if not decoder.eof:
            raise _cut_off()

    return undo


def _not_as_said() -> Trouble:
    return _unreadable("not encoded as it says")


def _unreadable(what: str) -> Trouble:
    return Trouble(FailureKind.ENCODING, f"What {{host}} sent is {what}")


def _cut_off() -> Trouble:
    return Trouble(FailureKind.CUT_OFF, "What {host} sent is compressed and breaks off before its end")


def too_large(limit: int | None) -> Trouble:
    """``limit`` was passed; None: the ratio of decoded to received was."""
    what = f"more than {limit // (1 << 20) or 1} MiB" if limit else "blown up out of almost nothing"
    return Trouble(FailureKind.TOO_LARGE, f"What {{host}} sent is {what}; no honest feed is")


_DECODERS: dict[str, Callable[[_Pieces], Iterator[bytes]]] = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _inflate}
#: Names in IANA's registry of content codings that are undone only with a library, or never.
_UNDECODABLE = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip", "aes128gcm"})


def _add_libraries() -> None:
    """Brotli and Zstandard where they are installed and can stop in time."""
    for module in ("brotli", "brotlicffi"):
        try:
            library: Any = import_module(module)
            library.Decompressor().process(b"", output_buffer_limit=1)  # since 1.2; without it a bomb goes off at once
        except (ImportError, TypeError):
            continue
        _DECODERS.setdefault("br", _brotli_with(library))
    for module in ("compression.zstd", "backports.zstd"):  # Python 3.14's own, and the same for older ones
        try:
            _DECODERS.setdefault("zstd", _zstd_with(import_module(module)))
        except ImportError:
            continue


_add_libraries()
