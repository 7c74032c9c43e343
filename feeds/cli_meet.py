"""The commands about where entries and articles meet: match them, audit the citations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feeds import __version__, console

if TYPE_CHECKING:
    from feeds.meet.audit import Audited
    from feeds.meet.links import LinkRound


match = typer.Typer(help="Which articles cite or cover which entries.")


def audit(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,  # noqa: FBT002 (Typer)
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print it as SARIF 2.1.0, for code scanners.")] = False,  # noqa: FBT002 (Typer)
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a citation cannot be so.")] = False,  # noqa: FBT002 (Typer)
    links: Annotated[bool, typer.Option("--links", help="Look first whether the cited pages are still there.")] = False,  # noqa: FBT002 (Typer)
    fix_suggestions: Annotated[bool, typer.Option("--fix-suggestions", help="Print corrected footnotes too.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Compare each citation with what its source's own feed says, and with what can be so at all."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.audit.sarif import sarif  # noqa: PLC0415
    from feeds.audit.values import finding_values  # noqa: PLC0415
    from feeds.progress import Progress  # noqa: PLC0415

    with Progress(quiet=console.State.verbosity < 0 or as_json or as_sarif) as progress:
        found = App(console.State.config).audit(progress=progress, clock=console.clock if links else None)
    if as_sarif:
        console.print_json(sarif(found.findings, version=__version__))
    elif as_json:
        values = [
            finding_values(finding) | {"correction": found.corrections.get(finding)} for finding in found.findings
        ]
        console.print_json({"findings": values})
    else:
        _print_audit(found, fix_suggestions=fix_suggestions)
    raise typer.Exit(1 if strict and found.has_errors else 0)


def _print_audit(found: Audited, *, fix_suggestions: bool) -> None:
    """Each citation that is not as it says; all of them when asked for; then the sums."""
    from feeds.audit.values import Level, Verdict  # noqa: PLC0415 (likewise)
    from feeds.tables import print_findings  # noqa: PLC0415

    shown = {Level.ERROR, Level.WARNING} | ({Level.NOTE, None} if console.State.verbosity else set())
    listed = [finding for finding in found.findings if finding.level in shown]
    if console.State.verbosity >= 0:
        print_findings(listed, found, with_corrections=fix_suggestions)
    counts = ", ".join(f"{found.count(verdict):,} {verdict}" for verdict in Verdict)
    citations = sum(finding.citation is not None for finding in found.findings)
    console.say(f"{console.count(citations, 'citation')}: {counts}")
    if found.links is not None:
        _print_round(found.links)
    if listed and found.corrections and not fix_suggestions:
        console.hint(f"next: --fix-suggestions prints {console.count(len(found.corrections), 'corrected footnote')}")


def _print_round(links: LinkRound) -> None:
    """What looking for the pages came to."""
    if links.is_offline:
        console.say("pages: no server answers, so it may be we who are offline; nothing was kept")
        return
    words = ", ".join(f"{count:,} {word}" for word, count in sorted(links.found.items()))
    left = f"; {links.left:,} left for the next time" if links.left else ""
    looked = f"{console.count(links.found.total(), 'page')} looked for{f': {words}' if words else ''}"
    console.say(f"{looked}; {links.fresh:,} known already{left}")


@match.callback(invoke_without_command=True)
def show_matches(
    context: typer.Context,
    entries: Annotated[
        Path | None, typer.Option("--entries", help="Match entries of this file (JSON lines) instead.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Show which articles cite or cover the entries of the sources, and by what; or say that one does, or does not."""
    if context.invoked_subcommand is not None:
        return
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.progress import Progress  # noqa: PLC0415

    with Progress(quiet=console.State.verbosity < 0 or as_json) as progress:
        found = App(console.State.config).match(entries, progress=progress)
    if as_json:
        console.print_json({"entries": found})
        return
    from feeds.tables import print_matches  # noqa: PLC0415

    for one in found if console.State.verbosity >= 0 else ():
        print_matches(one, _KINDS)
    counts = {kind: sum(len(one.get(kind, ())) for one in found) for kind in _KINDS}
    console.say(
        f"{console.count(counts['matches'], 'matching article')}, "
        f"{console.count(counts['suggestions'], 'suggestion')}, {counts['denied']:,} denied"
    )
    if counts["suggestions"] and entries is None:
        console.hint(
            "next: feeds match confirm (or deny) with the number of an entry and an article settles a suggestion"
        )


#: What is printed of an entry: the key of its list, and the word before each article.
_KINDS = {"matches": "match", "suggestions": "suggestion", "denied": "denied"}


_Entry = Annotated[str, typer.Argument(help="Number, address or id of the entry.", metavar="ENTRY")]
_Article = Annotated[str, typer.Argument(help="Path, address or id of the article.", metavar="ARTICLE")]


@match.command()
def confirm(entry: _Entry, article: _Article) -> None:
    """Say that an article cites or covers an entry; this holds whatever the rules find."""
    _judge(entry, article, "confirmed")


@match.command()
def deny(entry: _Entry, article: _Article) -> None:
    """Say that an article has nothing to do with an entry; this holds whatever the rules find."""
    _judge(entry, article, "denied")


@match.command()
def forget(entry: _Entry, article: _Article) -> None:
    """Take back what was said of the two; the rules decide again."""
    _judge(entry, article, None)


def _judge(entry: str, article: str, word: str | None) -> None:
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)

    for judged in App(console.State.config).judge(entry, article, word, now=console.now()):
        console.say(f"{word or 'left to the rules'}: {judged.title}: {judged.path} (feeds rebuild publishes it)")
