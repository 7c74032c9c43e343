"""What hubs have sent and nobody has read yet: a folder of files, each put there in one step.

Whoever answers hubs must be quick, and the state may be held by a rebuild for minutes; a file is written in one
millisecond, and is still there after a crash.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from feeds.errors import StoreError

#: Its place, relative to the folder of sources.yaml.
SPOOL = ".feeds/pushes"
#: Beyond these whoever reads has died or cannot keep up: hubs are told to come again.
MOST_FILES = 2_000
MOST_BYTES = 256 << 20


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a hub said to one of our callbacks, after all checks."""

    token: str
    at: datetime
    #: ``push``, or the mode of an intent that we agreed to: ``subscribe``, ``unsubscribe``, ``denied``.
    kind: str
    topic: str = ""
    lease_seconds: int | None = None
    content_type: str = ""
    body: bytes = b""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Message)
_SUFFIX = ".push"


class Spool:
    """The folder. Any number of processes may put, one takes at a time; all methods may raise StoreError."""

    def __init__(self, folder: str) -> None:
        """``folder`` is made when it is first needed."""
        self._folder = Path(folder)

    def put(self, message: Message) -> bool:
        """Keep it until it is done with; False when there is no room."""
        data = _encoder.encode(message)
        name = f"{int(message.at.timestamp() * 1e6):020d}-{secrets.token_hex(8)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not self._has_room(len(data)):
                return False
            temporary = self._folder / f".{name}"
            temporary.write_bytes(data)
            temporary.rename(self._folder / f"{name}{_SUFFIX}")
        except OSError as error:
            raise _explained(self._folder, error) from error
        return True

    def take(self, limit: int) -> Iterator[tuple[str, Message | None]]:
        """(name, message) in the order in which they came; None of one that cannot be read (another version's)."""
        for path in self._files()[:limit]:
            try:
                yield path.name, _decoder.decode(path.read_bytes())
            except msgspec.MsgspecError:
                yield path.name, None
            except FileNotFoundError:  # somebody else was quicker
                continue
            except OSError as error:
                raise _explained(self._folder, error) from error

    def drop(self, name: str) -> None:
        """It is done with."""
        with contextlib.suppress(FileNotFoundError):
            try:
                (self._folder / name).unlink()
            except PermissionError as error:
                raise _explained(self._folder, error) from error

    def __len__(self) -> int:
        """How many wait."""
        return len(self._files())

    def _files(self) -> list[Path]:
        try:
            return sorted(path for path in self._folder.iterdir() if path.suffix == _SUFFIX)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _explained(self._folder, error) from error

    def _has_room(self, size: int) -> bool:
        count = total = 0
        with os.scandir(self._folder) as found:
            for entry in found:
                with contextlib.suppress(FileNotFoundError):
                    total += entry.stat().st_size
                count += 1
        return count < MOST_FILES and total + size <= MOST_BYTES


def _explained(folder: Path, error: OSError) -> StoreError:
    return StoreError(f"pushes: {folder}: {error.strerror or error} (check the folder and its permissions)")
