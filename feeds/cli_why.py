"""The command that tells why: an article, an entry, a page, a source or a feed, in words."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from feeds import console

if TYPE_CHECKING:
    from feeds.meet.why import Account

#: Longer lines are hard to read, however wide the terminal is.
_WIDEST = 100
#: Where nobody looks at the width, a fact is a line.
_UNLIMITED = 1_000_000


def why(
    what: Annotated[
        str,
        typer.Argument(
            help="Path, address or id of an article; number, address or id of an entry; address of a page; "
            "name or address of a source; path, address or term (tag:AI) of a feed.",
            metavar="FILE|URL|ENTRY|FEED",
        ),
    ],
    other: Annotated[
        str | None, typer.Argument(help="The article of an entry, or the other way round.", metavar="OTHER")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Tell in words why something is as it is: a match or none, a feed's content, a poll's time."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.meet.why import account_values  # noqa: PLC0415

    told = App(console.State.config).why(what, other, now=console.now())
    if as_json:
        console.print_json({"accounts": [account_values(one) for one in told]})
        return
    width = min(shutil.get_terminal_size().columns, _WIDEST) if sys.stdout.isatty() else _UNLIMITED
    for place, one in enumerate(told):
        if place:
            typer.echo()
        _print(one, width)


def _print(told: Account, width: int) -> None:
    for line in wrapped(told.title, indent=0, width=width):
        typer.secho(line, bold=True)
    for fact in told.lines:
        for line in wrapped(fact.text, indent=2 * (fact.indent + 1), width=width):
            typer.echo(line)


#: What stays together: a word with the blank after it; a Chinese character may begin a line anywhere.
_WORD = re.compile(r"[^\s\u2e80-\U0010ffff]*(?:\s|[\u2e80-\U0010ffff]|$)")


def wrapped(text: str, *, indent: int, width: int) -> Iterator[str]:
    """The lines of a text; what is longer than a line (an address) stays whole."""
    from rich.cells import cell_len  # noqa: PLC0415 (beside its only use)

    line, used = " " * indent, indent
    for word in _WORD.findall(text):
        if used + cell_len(word.rstrip()) > width and line.strip():
            yield line.rstrip()
            # A long fact hangs below its beginning, further in than the facts below it.
            line, used = " " * (indent + 4), indent + 4
        line += word
        used += cell_len(word)
    yield line.rstrip()
