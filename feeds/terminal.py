"""Lines for people: folded and coloured on a terminal; for a file, a pipe or a program the same words, a line each."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TextIO

import typer

#: Some text, and the style that it has where styles show: words of "bold", "dim" and the eight colours of a terminal.
Piece = tuple[str, str]

#: Longer lines are hard to read, however wide the terminal is.
WIDEST = 120
#: Where nobody looks at the width, lines are not folded.
UNLIMITED = 1_000_000

#: What stays together: a word with the blank after it; a Chinese character may begin a line anywhere.
_WORD = re.compile(r"[^\s\u2e80-\U0010ffff]*(?:\s|[\u2e80-\U0010ffff]|$)")
#: What a file says may hold control characters, and a terminal obeys those.
_CONTROL = {
    code: " " if chr(code).isspace() else "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160))
}


def be_lenient(*streams: TextIO) -> None:
    """A character that the terminal's encoding (GBK …) does not have is shown as ``?``; it ends no command."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks."""
    return stream.isatty()


def has_colours(stream: TextIO) -> bool:
    """Whether it shows them, and nobody asked for none (no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def columns(stream: TextIO) -> int:
    """Cells in a line; ``UNLIMITED`` for what is no terminal."""
    return shutil.get_terminal_size().columns if is_terminal(stream) else UNLIMITED


def show(
    pieces: Sequence[Piece], *, indent: int = 0, hang: int | None = None, err: bool = False, widest: int = WIDEST
) -> None:
    """Print a paragraph; lines after its first begin at ``hang``, two further in than ``indent`` by default."""
    stream = sys.stderr if err else sys.stdout
    hang = indent + 2 if hang is None else hang
    if not is_terminal(stream):
        typer.echo(" " * indent + "".join(text.translate(_CONTROL) for text, _ in pieces).rstrip(), err=err)
        return
    coloured = has_colours(stream)
    for line in fold(pieces, indent=indent, hang=hang, width=min(columns(stream), widest)):
        typer.echo("".join(_painted(line)) if coloured else "".join(text for text, _ in line), err=err)


def fold(pieces: Iterable[Piece], *, indent: int, hang: int, width: int) -> Iterator[list[Piece]]:
    """The lines of a text, each in its pieces; what is longer than a line (an address) stays whole."""
    from rich.cells import cell_len  # noqa: PLC0415 (beside its only use)

    line: list[Piece] = [(" " * indent, "")]
    used, is_empty = indent, True
    for text, style in pieces:
        for word in _WORD.findall(text.translate(_CONTROL)):
            if used + cell_len(word.rstrip()) > width and not is_empty:
                yield _stripped(line)
                line, used, is_empty = [(" " * hang, "")], hang, True
            line.append((word, style))
            used += cell_len(word)
            is_empty = is_empty and not word.strip()
    yield _stripped(line)


def _stripped(line: list[Piece]) -> list[Piece]:
    """Without blanks at the end; neighbours of one style are one piece."""
    while line and not line[-1][0].strip():
        line.pop()
    if line:
        line[-1] = (line[-1][0].rstrip(), line[-1][1])
    return [("".join(text for text, _ in some), style) for style, some in groupby(line, key=lambda piece: piece[1])]


def _painted(line: Iterable[Piece]) -> Iterator[str]:
    for text, style in line:
        words = style.split()
        colour = next((word for word in words if word not in {"bold", "dim"}), None)
        known = {"fg": colour, "bold": "bold" in words or None, "dim": "dim" in words or None}
        yield typer.style(text, **known) if words else text  # type: ignore[arg-type] # None: as it is
