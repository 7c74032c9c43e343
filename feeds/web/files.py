"""The files of output/ as they are served: their tags, headers and bodies, read once for each version."""

from __future__ import annotations

import os
import stat
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from email.utils import formatdate
from hashlib import blake2b

from msgspec import Struct, field

from feeds.web import delta
from feeds.web.conditions import CODINGS
from feeds.web.kinds import Kind, kind_of
from feeds.web.paths import Elsewhere, File, Tree, names_of

Headers = list[tuple[bytes, bytes]]

#: Minutes for which an answer may be used again: what each feed says in its ttl (a test compares).
_TTL = 60
#: Beyond that the answer may still be shown for a day while a new one is asked for (RFC 5861).
_FRESH = f"public, max-age={_TTL * 60}, stale-while-revalidate=86400".encode()

#: Headers of every answer.
SHARED: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, IM"),
]

#: Larger files are not served: each is read into memory whole, and the largest feed of real articles has 1 MB.
LARGEST = 32 << 20
#: Smaller ones are sent as they are: a gzip frame takes 18 bytes, and a packet is sent either way.
_SMALLEST_CODED = 256
#: 10,000 feeds in two codings; 1 KB each.
_DOCUMENTS = 20_000
_BODIES_BYTES = 64 << 20
#: A file so young may be written again within the second that Last-Modified can name.
_YOUNG = 2.0
#: Siblings that somebody has compressed beforehand.
SUFFIXES = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}

#: (mtime_ns, size, inode): another version has another one.
_Stamp = tuple[int, int, int]


class ChangedError(Exception):
    """The file is no longer the version that was asked for: look again."""


class Head(Struct, frozen=True):
    """The headers of one version in one coding."""

    #: Without quotes.
    tag: bytes
    #: Of a 200, but for the length.
    full: Headers
    #: Of a 304: RFC 9110 §15.4.5.
    unchanged: Headers


class Document(Struct, kw_only=True):
    """One version of a file."""

    file: File
    kind: Kind
    stamp: _Stamp
    #: Hash of the bytes.
    version: str
    #: Last-Modified, in seconds since 1970.
    modified: int
    size: int
    #: Whether we know what it holds, and so may send a part of it.
    is_known: bool
    #: When to look anew although the file looks the same; 0.0 for never.
    stale_at: float
    #: Coding -> file that holds it compressed.
    siblings: dict[str, str]
    #: Address of its own, and the hub, where there is one.
    link: bytes
    #: Coding ("" for none) -> headers, made when they are asked for.
    heads: dict[str, Head] = field(default_factory=dict)

    def coding(self, accepted: Iterable[str]) -> str:
        """The coding to send it in; empty for none."""
        if not self.kind.is_text or self.size < _SMALLEST_CODED:
            return ""
        return next((name for name in accepted if name == "gzip" or name in self.siblings), "")

    def head(self, coding: str) -> Head:
        """The headers of this version in a coding."""
        if coding not in self.heads:
            self.heads[coding] = self._make_head(coding)
        return self.heads[coding]

    def _make_head(self, coding: str) -> Head:
        tag = f"{self.version}-{coding}" if coding else self.version
        both: Headers = [
            *SHARED,
            (b"etag", f'"{tag}"'.encode()),
            (b"last-modified", formatdate(self.modified, usegmt=True).encode()),
            (b"cache-control", _FRESH),
            (b"content-security-policy", self.kind.policy),
        ]
        both += [(b"vary", b"Accept-Encoding")] if self.kind.is_text else []
        both += [(b"link", self.link)] if self.link else []
        coded = [(b"content-encoding", coding.encode())] if coding else []
        return Head(tag.encode(), [*both, (b"content-type", self.kind.media_type), *coded], both)


class Bodies:
    """What was read or compressed lately, up to a number of bytes. Belongs to the event loop's thread."""

    def __init__(self, limit: int = _BODIES_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[object, bytes] = OrderedDict()
        self.size = 0

    def get(self, key: object) -> bytes | None:
        """The bytes under a key, if they are still there."""
        body = self._kept.get(key)
        if body is not None:
            self._kept.move_to_end(key)
        return body

    def put(self, key: object, body: bytes) -> None:
        """Keep bytes; what was not asked for the longest goes. One large body is not worth many small ones."""
        if len(body) > self._limit // 8 or key in self._kept:
            return
        self._kept[key] = body
        self.size += len(body)
        while self.size > self._limit:
            _, gone = self._kept.popitem(last=False)
            self.size -= len(gone)


class Files:
    """The folder that is served. ``known`` belongs to the event loop's thread and never waits; the rest may wait."""

    def __init__(
        self,
        root: str,
        *,
        address: Callable[[str], str],
        hub: str | None,
        versions: delta.Versions,
        clock: Callable[[], float],
    ) -> None:
        self.tree = Tree(root)
        self._address = address
        self._hub = hub
        self._versions = versions
        self._clock = clock
        #: Path of a request -> what it is served.
        self._documents: OrderedDict[bytes, Document] = OrderedDict()

    def known(self, raw_path: bytes) -> Document | None:
        """What was found under this path before, if the file is still the same."""
        document = self._documents.get(raw_path)
        if document is None:
            return None
        try:
            is_same = stamp_of(os.stat(document.file.path)) == document.stamp
        except OSError:
            is_same = False
        if not is_same or 0.0 < document.stale_at < self._clock():
            del self._documents[raw_path]
            return None
        return document

    def keep(self, raw_path: bytes, document: Document) -> None:
        """Know it the next time."""
        self._documents[raw_path] = document
        if len(self._documents) > _DOCUMENTS:
            self._documents.popitem(last=False)

    def forget(self, raw_path: bytes) -> None:
        """Look anew the next time."""
        self._documents.pop(raw_path, None)

    def find(self, raw_path: bytes) -> Document | Elsewhere | None:
        """What lies under a path. Raises OSError when it cannot be read, ChangedError when it is being replaced."""
        names = names_of(raw_path)
        found = None if names is None else self.tree.find(names)
        return self._load(found) if isinstance(found, File) else found

    def _load(self, file: File) -> Document | None:
        stamp, modified = _look(file.place)
        if stamp[1] > LARGEST:
            return None
        data = self.read(file.place, stamp)
        kind, now = kind_of(file.name.rpartition("/")[2]), self._clock()
        version = blake2b(data, digest_size=12).hexdigest()
        pieces = delta.cut(data, kind.form)
        if pieces is not None:
            self._versions.remember(version, pieces.hashes())
        is_young = now - modified < _YOUNG
        return Document(
            file=file,
            kind=kind,
            stamp=stamp,
            version=version,
            # Not in the future; and what may change again within this second was last changed in the one before.
            modified=int(min(modified, now)) - is_young,
            size=stamp[1],
            is_known=pieces is not None,
            stale_at=now + _YOUNG if is_young else 0.0,
            siblings=_siblings(file.place, stamp) if kind.is_text else {},
            link=self._link(file.name) if kind.form and self._hub else b"",
        )

    def _link(self, name: str) -> bytes:
        """WebSub §4: what the document says of itself and of its hub."""
        return f'<{self._address(name)}>; rel="self", <{self._hub}>; rel="hub"'.encode()

    @staticmethod
    def read(place: str, stamp: _Stamp) -> bytes:
        """The bytes of one version. Raises OSError, ChangedError."""
        # Without O_NONBLOCK a pipe would keep us for ever; with O_NOFOLLOW nobody leads us away after the check.
        descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as stream:
            if stamp_of(os.fstat(descriptor)) != stamp:
                raise ChangedError
            data = stream.read(stamp[1] + 1)
        if len(data) != stamp[1]:
            raise ChangedError
        return data

    def body(self, document: Document, coding: str) -> bytes:
        """The bytes to send. Raises OSError, ChangedError."""
        if coding in document.siblings:
            sibling = document.siblings[coding]
            stamp, _ = _look(sibling)
            return self.read(sibling, stamp)
        data = self.read(document.file.place, document.stamp)
        return packed(data) if coding == "gzip" else data

    def news(self, document: Document, known: frozenset[bytes]) -> bytes | None:
        """The document with what is new to whoever knows these; None when nothing is. Raises as ``read``."""
        pieces = delta.cut(self.read(document.file.place, document.stamp), document.kind.form)
        if pieces is None:
            raise ChangedError
        return pieces.since(known)


def clock() -> float:
    """Seconds since 1970."""
    return time.time()


def stamp_of(status: os.stat_result) -> _Stamp:
    """What tells one version of a file from the next without reading it."""
    return status.st_mtime_ns, status.st_size, status.st_ino


def _look(place: str) -> tuple[_Stamp, float]:
    try:
        status = os.stat(place)
    except FileNotFoundError as error:
        raise ChangedError from error
    if not stat.S_ISREG(status.st_mode):
        raise ChangedError
    return stamp_of(status), status.st_mtime


def _siblings(place: str, stamp: _Stamp) -> dict[str, str]:
    """Files that hold this one compressed, and are not older."""
    found: dict[str, str] = {}
    for coding in CODINGS:
        sibling = place + SUFFIXES[coding]
        try:
            status = os.stat(sibling, follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode) and status.st_mtime_ns >= stamp[0] and 0 < status.st_size <= LARGEST:
            found[coding] = sibling
    return found


def packed(data: bytes) -> bytes:
    """Compress with gzip: level 6 takes 2 ms for 100 KB, and no time is written, so equal bytes stay equal."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()
