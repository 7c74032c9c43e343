"""The commands about where entries and articles meet: match them, audit the citations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feeds import __version__, console

if TYPE_CHECKING:
    from feeds.meet.audit import Audited


def audit(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,  # noqa: FBT002 (Typer)
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print it as SARIF 2.1.0, for code scanners.")] = False,  # noqa: FBT002 (Typer)
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a citation cannot be so.")] = False,  # noqa: FBT002 (Typer)
    fix_suggestions: Annotated[bool, typer.Option("--fix-suggestions", help="Print corrected footnotes too.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Compare each citation with what its source's own feed says, and with what can be so at all."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.audit.sarif import sarif  # noqa: PLC0415
    from feeds.audit.values import finding_values  # noqa: PLC0415
    from feeds.progress import Progress  # noqa: PLC0415

    with Progress(quiet=console.State.verbosity < 0 or as_json or as_sarif) as progress:
        found = App(console.State.config).audit(progress=progress)
    if as_sarif:
        console.print_json(sarif(found.findings, version=__version__))
    elif as_json:
        values = [
            finding_values(finding) | {"correction": found.corrections.get(finding)} for finding in found.findings
        ]
        console.print_json({"findings": values})
    else:
        _print_lines(found, fix_suggestions=fix_suggestions)
    raise typer.Exit(1 if strict and found.has_errors else 0)


def _print_lines(found: Audited, *, fix_suggestions: bool) -> None:
    """One line for each citation that is not as it says; all of them when asked for; then the sums."""
    from feeds.audit.values import Level, Verdict  # noqa: PLC0415 (likewise)

    shown = {Level.ERROR, Level.WARNING} | ({Level.NOTE, None} if console.State.verbosity else set())
    for finding in found.findings:
        if finding.level not in shown:
            continue
        label = f"[^{finding.label}]" if finding.label else "source"
        said = "; ".join(dict.fromkeys((finding.why, *(remark.why for remark in finding.remarks))))
        console.say(f"{finding.path}:{finding.line}: {label}: {finding.verdict}: {said}")
        if fix_suggestions and finding in found.corrections:
            console.say(f"    {found.corrections[finding]}")
    counts = ", ".join(f"{found.count(verdict):,} {verdict}" for verdict in Verdict)
    console.say(f"{console.count(len(found.findings), 'citation')}: {counts}")


def match(
    entries: Annotated[
        Path | None, typer.Option("--entries", help="Match entries of this file (JSON lines) instead.", metavar="FILE")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Show which articles cite or cover the entries of the sources, and by what; nothing is changed."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.progress import Progress  # noqa: PLC0415

    with Progress(quiet=console.State.verbosity < 0 or as_json) as progress:
        found = App(console.State.config).match(entries, progress=progress)
    if as_json:
        console.print_json({"entries": found})
        return
    for one in found:
        console.say(f"{one['entry'].get('title')} <{one['entry'].get('url') or 'no address'}>")
        for kind in ("matches", "suggestions"):
            for met in one[kind]:
                why = "; ".join(met["evidence"])
                console.say(f"    {kind.removesuffix('es').removesuffix('s')}: {met['article']}: {met['rule']}: {why}")
    matches, suggestions = (sum(len(one[kind]) for one in found) for kind in ("matches", "suggestions"))
    console.say(f"{console.count(matches, 'matching article')}, {console.count(suggestions, 'suggestion')}")
