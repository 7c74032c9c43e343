"""Only what is new (RFC 3229 with ``A-IM: feed``): cut a document, and remember what each version of it held.

The documents are written by feeds/publish, so they are cut by bytes, as they were joined; what does not join again to
the very same bytes is somebody else's and is never cut.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
import weakref
from collections import OrderedDict
from collections.abc import Collection, Iterable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from feeds.publish.output import is_ours

#: One piece of a version is known by so many bytes of its hash.
_HASH_BYTES = 8
#: Versions that are remembered: 250 bytes each with 30 items, so 25 MB, and weeks of a busy site. Who comes with
#: an older one gets the whole document.
_VERSIONS = 100_000
#: ... and those of them that are kept at hand.
_AT_HAND = 2_000


class Cut(Struct, frozen=True):
    """A document in pieces."""

    #: What stands before the items; the tombstones of an Atom document are part of it.
    head: bytes
    items: tuple[bytes, ...]
    #: What stands between two items.
    joint: bytes
    end: bytes
    #: What is news although it is no item: tombstones.
    withdrawn: tuple[bytes, ...] = ()

    def joined(self, items: Iterable[bytes]) -> bytes:
        """The document with these items."""
        return self.head + self.joint.join(items) + self.end

    def hashes(self) -> frozenset[bytes]:
        """What the version is remembered by."""
        return frozenset(map(_hash, (*self.items, *self.withdrawn)))

    def since(self, known: Collection[bytes]) -> bytes | None:
        """The document with what is new or changed to whoever knows these hashes; None when nothing is."""
        items = [item for item in self.items if _hash(item) not in known]
        is_news = bool(items) or any(_hash(gone) not in known for gone in self.withdrawn)
        return self.joined(items) if is_news else None


def _hash(piece: bytes) -> bytes:
    return blake2b(piece, digest_size=_HASH_BYTES).digest()


def cut(data: bytes, form: str) -> Cut | None:
    """Take a document of this form (``rss``, ``atom``, ``json``) apart; None when it is not one of ours."""
    if not form or not is_ours(data):
        return None
    found = _cut_json(data) if form == "json" else _cut_xml(data, *_XML[form])
    return found if found is not None and found.joined(found.items) == data else None


_XML = {"rss": (b"<item>", b"</item>"), "atom": (b"<entry", b"</entry>")}
_TOMBSTONE = re.compile(rb"<at:deleted-entry [^>]*>")


def _cut_xml(data: bytes, opening: bytes, closing: bytes) -> Cut | None:
    start, end = data.find(opening), data.rfind(closing) + len(closing)
    if start < 0:
        # Without items there is no telling where they would stand, and nothing to leave out.
        return None
    items = tuple(part + closing for part in data[start:end].split(closing)[:-1])
    if not all(item.startswith(opening) for item in items):
        return None
    head = data[:start]
    return Cut(head, items, b"", data[end:], tuple(_TOMBSTONE.findall(head)))


_ITEMS = b',"items":['


def _cut_json(data: bytes) -> Cut | None:
    # A quote within a text is escaped, so that the mark is found in no text.
    start = data.find(_ITEMS) + len(_ITEMS)
    with contextlib.suppress(ValueError):
        items = tuple(bytes(item) for item in _json_decoder().decode(data).items)
        return Cut(data[:start], items, b",", b"]}")
    return None


@cache
def _json_decoder() -> Any:
    return msgspec.json.Decoder(msgspec.defstruct("Document", [("items", list[msgspec.Raw])]))


class Versions:
    """Which versions of documents were served, and what they held. Any thread may use it.

    A file beside the state, which several processes share and which may be lost at any time: whoever comes with a
    version that nobody remembers gets the whole document. So its faults are nobody's either.
    """

    def __init__(self, path: str | None) -> None:
        """Remember in the file at ``path``; None: only as long as this process lives."""
        self._lock = threading.Lock()
        self._at_hand: OrderedDict[str, frozenset[bytes]] = OrderedDict()
        self._database = None if path is None else _open(Path(path))
        if self._database is not None:
            # Whoever forgets to close it is not told off by Python for it.
            weakref.finalize(self, self._database.close)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            if self._database is not None:
                self._database.close()
            self._database = None

    def remember(self, version: str, hashes: frozenset[bytes]) -> None:
        """A version is about to be served."""
        with self._lock:
            if version in self._at_hand:
                return
            self._keep(version, hashes)
            if self._database is not None:
                with contextlib.suppress(sqlite3.Error):
                    row = (version, b"".join(sorted(hashes)))
                    self._database.execute("insert or replace into version (version, hashes) values (?, ?)", row)
                    self._database.execute(_FORGET)

    def known(self, version: str) -> frozenset[bytes] | None:
        """What it held; None for one that nobody remembers."""
        with self._lock:
            if version in self._at_hand:
                self._at_hand.move_to_end(version)
                return self._at_hand[version]
            row = None
            if self._database is not None:
                with contextlib.suppress(sqlite3.Error):
                    row = self._database.execute("select hashes from version where version = ?", (version,)).fetchone()
            if row is None:
                return None
            return self._keep(version, _apart(row[0]))

    def _keep(self, version: str, hashes: frozenset[bytes]) -> frozenset[bytes]:
        self._at_hand[version] = hashes
        if len(self._at_hand) > _AT_HAND:
            self._at_hand.popitem(last=False)
        return hashes


def _apart(joined: bytes) -> frozenset[bytes]:
    return frozenset(joined[at : at + _HASH_BYTES] for at in range(0, len(joined), _HASH_BYTES))


_TABLE = "create table if not exists version (number integer primary key, version text unique, hashes blob) strict"
#: The number rises with each version that is served for the first time.
_FORGET = f"delete from version where number <= (select max(number) from version) - {_VERSIONS}"  # noqa: S608 (a number of ours)


def _open(path: Path) -> sqlite3.Connection | None:
    """The file, made anew where it is damaged; None where there can be none."""
    for _ in range(2):
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _connect(path)
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError:
            for damaged in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                with contextlib.suppress(OSError):
                    damaged.unlink(missing_ok=True)
    return None


def _connect(path: Path) -> sqlite3.Connection:
    # The lock of Versions keeps threads apart; another process holds the file for well under a second.
    database = sqlite3.connect(path, timeout=2, isolation_level=None, check_same_thread=False)
    try:
        # What the last moments before a power cut would have added is not missed, so nothing waits for the disk.
        for statement in ("pragma journal_mode=wal", "pragma synchronous=off", _TABLE):
            database.execute(statement)
    except sqlite3.Error:
        database.close()
        raise
    return database
