"""Keep rendered entries in append-only files: a cache that is verified on reading and may be lost at any time."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct

from feeds.errors import StoreError

_PACK_NAME = re.compile(r"([0-9]+)-[0-9]+\.pack")


class Stored(Struct, frozen=True):
    """Where the entries of one article lie: one record, its fragments in the order of the formats."""

    pack: str
    offset: int
    lengths: tuple[int, ...]
    #: blake2b-128 of the whole record, in hexadecimal; also the article's revision.
    digest: str


def digest_of(record: bytes) -> str:
    """The hash that names a revision: collisions are out of reach at 128 bits, and it runs at 1 GB/s."""
    return blake2b(record, digest_size=16).hexdigest()


class PackWriter:
    """Append records to one pack: one writer at a time (the run holds a lock, each worker has a number)."""

    def __init__(self, folder: str, *, generation: int, number: int) -> None:
        self.name = f"{generation:06d}-{number}.pack"
        path = Path(folder, self.name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=1 << 20)
        except OSError as error:
            raise _unwritable(str(path), error) from error
        self._offset = self._file.tell()

    def append(self, fragments: Sequence[bytes]) -> Stored:
        """Add one article's fragments; they can be read after ``flush``."""
        record = b"".join(fragments)
        stored = Stored(self.name, self._offset, tuple(map(len, fragments)), digest_of(record))
        try:
            self._file.write(record)
        except OSError as error:
            raise _unwritable(self._file.name, error) from error
        self._offset += len(record)
        return stored

    def flush(self) -> None:
        """Make what was appended visible to readers."""
        try:
            self._file.flush()
        except OSError as error:
            raise _unwritable(self._file.name, error) from error

    def close(self) -> None:
        """Flush and close."""
        try:
            self._file.close()
        except OSError as error:
            raise _unwritable(self._file.name, error) from error


class PackReader:
    """Read records by position. Every record is verified the first time this reader meets it.

    Records of a ``trusted`` generation are not: this very run wrote them.
    """

    def __init__(self, folder: str, *, trusted: int | None = None) -> None:
        self._folder = folder
        self._trusted = None if trusted is None else f"{trusted:06d}-"
        self._descriptors: dict[str, int] = {}
        self._verified: set[tuple[str, int]] = set()

    def read(self, stored: Stored) -> tuple[bytes, ...] | None:
        """The fragments, or None when they are lost or damaged."""
        record = self._record(stored)
        if record is None or not self._is_intact(stored, record):
            return None
        fragments, start = [], 0
        for length in stored.lengths:
            fragments.append(record[start : start + length])
            start += length
        return tuple(fragments)

    def _record(self, stored: Stored) -> bytes | None:
        try:
            descriptor = self._descriptors.get(stored.pack)
            if descriptor is None:
                descriptor = os.open(os.path.join(self._folder, stored.pack), os.O_RDONLY | os.O_CLOEXEC)
                self._descriptors[stored.pack] = descriptor
            return os.pread(descriptor, sum(stored.lengths), stored.offset)
        except OSError:
            return None

    def _is_intact(self, stored: Stored, record: bytes) -> bool:
        if (stored.pack, stored.offset) in self._verified:
            return True
        if self._trusted and stored.pack.startswith(self._trusted) and len(record) == sum(stored.lengths):
            return True
        if digest_of(record) != stored.digest:
            return False
        self._verified.add((stored.pack, stored.offset))
        return True

    def close(self) -> None:
        """Give back the descriptors."""
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors.clear()


def pack_bytes(folder: str) -> int:
    """How much room all packs take."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        return sum(entry.stat().st_size for entry in entries if _PACK_NAME.fullmatch(entry.name))
    return 0


def drop_generations_before(folder: str, generation: int) -> None:
    """Remove the packs that earlier generations left."""
    _drop(folder, lambda found: found < generation)


def drop_generation(folder: str, generation: int) -> None:
    """Remove the packs of one generation."""
    _drop(folder, lambda found: found == generation)


def _drop(folder: str, is_old: Callable[[int], bool]) -> None:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            match = _PACK_NAME.fullmatch(entry.name)
            if match and is_old(int(match[1])):
                _unlink(entry.path)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: str, error: OSError) -> StoreError:
    return StoreError(f"state: {path}: cannot be written: {error.strerror} (check the folder and the free space)")
