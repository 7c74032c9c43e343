"""The commands about the sources that the articles cite: find their feeds, poll them, show how they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from feeds import console
from feeds.errors import ConfigError, ParseError

if TYPE_CHECKING:
    from feeds.poll.record import Polled

opml = typer.Typer(help="Subscription lists: take sources from one, or write one.", no_args_is_help=True)


def poll(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Names or feed URLs; all that are due by default.", metavar="[SOURCE]…")
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="Only those that are due, of all sources.")] = False,  # noqa: FBT002 (Typer)
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=256, help="Requests at a time.")] = 16,
    as_json: Annotated[bool, typer.Option("--json", help="Print what came as JSON.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Ask the sources' feeds for what is new: those that are due, or those that are named if that is polite."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.poll.run import Options  # noqa: PLC0415
    from feeds.poll.words import poll_line, round_line, round_values  # noqa: PLC0415
    from feeds.progress import Progress  # noqa: PLC0415

    if due and sources:
        raise ConfigError("poll: --due asks all sources that are due; name sources, or say --due")
    options = Options(names=frozenset(sources or ()), workers=jobs)
    with Progress(quiet=console.State.verbosity < 0 or as_json) as progress:

        def report(polled: Polled, done: int, total: int) -> None:
            progress("feeds", done, total)
            if not as_json:
                line = poll_line(polled, is_verbose=console.State.verbosity > 0)
                progress.say(line, "yellow" if polled.state.failures else "")

        found = App(console.State.config).poll(options, clock=console.clock, report=report)
    if as_json:
        console.print_json(round_values(found))
    else:
        for url, why in found.declined:
            typer.echo(f"{url}: not asked: {why}", err=True)
        console.say(round_line(found))
    raise typer.Exit(1 if any(one.state.failures for one in found.polled) else 0)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Show each source: its last and next poll and the rule that set it, failures, entries."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.poll.status import status_values  # noqa: PLC0415

    now = console.clock()
    found = App(console.State.config).status(now=now)
    if as_json:
        console.print_json(status_values(found))
    else:
        from feeds.tables import print_status  # noqa: PLC0415

        print_status(found, now=now, is_verbose=console.State.verbosity > 0)
        if not found.feeds:
            console.hint("next: feeds discover finds the feeds of what the articles cite; --write adds them")
        elif found.failing:
            console.hint("next: feeds why with the name of a source tells all that is known of it")
    raise typer.Exit(1 if found.failing else 0)


def discover(
    write: Annotated[bool, typer.Option("--write", help="Add what was found to sources.yaml.")] = False,  # noqa: FBT002 (Typer)
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Look at so many hosts, most cited first.")] = 30,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody; answer from known rules.")] = False,  # noqa: FBT002 (Typer)
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Find the feeds of the hosts that the articles cite, most cited first."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.poll.seek import discovery_values  # noqa: PLC0415
    from feeds.progress import Progress  # noqa: PLC0415
    from feeds.sources.discover import How  # noqa: PLC0415
    from feeds.sources.stanza import stanza  # noqa: PLC0415

    app = App(console.State.config)
    with Progress(quiet=console.State.verbosity < 0 or as_json) as progress:
        found = app.discover(limit=limit, is_offline=offline, now=console.clock(), progress=progress)
    new = [one for one in found.discoveries if one.is_settled and one.how is not How.CONFIGURED]
    added = app.add_sources(new, clock=console.clock) if write else []
    if as_json:
        values = [discovery_values(one) for one in found.discoveries]
        console.print_json({"hosts": values, "citations": found.citations, "added": added})
        return
    from feeds.tables import print_discoveries  # noqa: PLC0415

    print_discoveries(found)
    if write:
        console.say(f"added {console.count(len(added), 'source')} to {console.State.config}; next: feeds poll")
    elif new:
        console.paste("\nfor sources.yaml (or let --write add them):\n\nsources:")
        console.paste("".join(f"  {line}\n" for one in new for line in stanza(one).splitlines()))


@opml.command("import")
def import_opml(
    file: Annotated[Path, typer.Argument(help="An OPML file.", metavar="FILE")],
) -> None:
    """Add the feeds of a subscription list to sources.yaml; what is there already stays as it is."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.sources.opml_in import discoveries_of, read_opml  # noqa: PLC0415

    try:
        found = read_opml(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except ParseError as error:
        raise ParseError(str(error).replace("the file", f"{file}", 1)) from error
    for problem in found.problems:
        typer.echo(f"{file}: {problem}", err=True)
    added = App(console.State.config).add_sources(discoveries_of(found.subscriptions), clock=console.clock)
    console.say(f"added {console.count(len(added), 'source')} to {console.State.config}; next: feeds poll")
    raise typer.Exit(1 if found.problems else 0)


@opml.command("export")
def export_opml(
    file: Annotated[Path | None, typer.Argument(help="Where to; standard output by default.", metavar="[FILE]")] = None,
) -> None:
    """Write the feeds that are followed as a subscription list."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)

    data = App(console.State.config).export_opml()
    if file is None:
        typer.echo(data.decode(), nl=False)
        return
    try:
        file.write_bytes(data)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from error
