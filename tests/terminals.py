"""The commands in a real terminal of a chosen width."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len

#: Colours and the like, and what a progress bar does to the cursor.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Shown:
    """What a terminal was told to show."""

    code: int
    raw: str

    @property
    def text(self) -> str:
        """Without colours and cursor movements."""
        return _ESCAPES.sub("", self.raw).replace("\r", "")

    @property
    def pictures(self) -> list[str]:
        """What stood on a line, one after the other: a bar is drawn over itself."""
        return [_ESCAPES.sub("", part) for part in re.split(r"[\r\n]", self.raw)]

    @property
    def colours(self) -> set[str]:
        """The parameters of its colours and weights."""
        return set(re.findall(r"\x1b\[([0-9;]+)m", self.raw)) - {"0"}

    def wider_than(self, columns: int) -> list[str]:
        """Lines that the terminal would have to break; an address or a path alone may be as long as it is."""
        lines = [line for line in self.pictures if cell_len(line) > columns]
        return [line for line in lines if len(re.split(r"[\s\u2e80-\U0010ffff]+", line.strip())) > 1]


def feeds_in_terminal(
    folder: Path, columns: int, *arguments: str, env: Mapping[str, str] | None = None, encoding: str = "utf-8"
) -> Shown:
    """The command with a terminal as its input, output and error."""
    command = [sys.executable, "-m", "feeds", *arguments]
    return in_terminal(command, folder, columns, env=env, encoding=encoding)


def in_terminal(
    command: Sequence[str],
    folder: Path,
    columns: int,
    *,
    env: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> Shown:
    """Likewise any program."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    left_out = {"COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"}
    clean = {name: value for name, value in os.environ.items() if name not in left_out}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**clean, "TERM": "xterm-256color", **(env or {})},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    data = b""
    with suppress(OSError):  # EIO: nobody holds the other side any more
        while part := os.read(leader, 65536):
            data += part
    os.close(leader)
    return Shown(process.wait(timeout=60), data.decode(encoding, "replace"))
