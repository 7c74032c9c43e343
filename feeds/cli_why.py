"""The command that tells why: an article, an entry, a page, a source or a feed, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from feeds import console, terminal

if TYPE_CHECKING:
    from feeds.meet.why import Account


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
    for place, one in enumerate(told):
        if place:
            typer.echo()
        _print(one)


def _print(told: Account) -> None:
    terminal.show([(told.title, "bold")], hang=4)
    for fact in told.lines:
        # A long fact hangs below its beginning, further in than the facts below it.
        indent = 2 * (fact.indent + 1)
        terminal.show([(fact.text, "")], indent=indent, hang=indent + 4)
