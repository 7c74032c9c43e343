"""The command line: commands to verbs, values to words, errors to one line and an exit code."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from feeds import __version__, cli_meet, cli_sources, cli_why, console, terminal
from feeds.errors import ConfigError, FeedsError

if TYPE_CHECKING:
    from feeds.poll.record import Polled
    from feeds.rebuild.run import Report

app = typer.Typer(
    name="feeds",
    help="Publish Markdown articles as RSS, Atom and JSON feeds, and follow the sources that they cite.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

#: Interrupted by the user (128 + SIGINT).
_INTERRUPTED = 130
#: The reader of our output went away (128 + SIGPIPE).
_BROKEN_PIPE = 141


def _show_version(wanted: bool) -> None:  # noqa: FBT001 (Typer's callback)
    if wanted:
        typer.echo(f"feeds {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    config: Annotated[
        str, typer.Option("--config", "-c", envvar="FEEDS_CONFIG", help="The configuration file.", metavar="PATH")
    ] = "sources.yaml",
    verbose: Annotated[int, typer.Option("--verbose", "-v", count=True, help="Say more: notes as well.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say errors only.")] = False,  # noqa: FBT002 (Typer)
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,  # noqa: FBT002 (Typer)
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)] = False,  # noqa: FBT002, ARG001 (Typer)
) -> None:
    console.State.config = config
    console.State.verbosity = -1 if quiet else verbose
    console.State.debug = debug


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(help="Folder of the site.", metavar="[DIR]")] = Path(),
) -> None:
    """Write a commented sources.yaml, with the site's facts from an existing Hugo configuration."""
    from feeds.config.listing import schema_text  # noqa: PLC0415 (a cron line need not load it)
    from feeds.scaffold import SCHEMA_FILE, scaffold  # noqa: PLC0415

    file = directory / "sources.yaml"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        draft = scaffold(str(directory))
        (directory / SCHEMA_FILE).parent.mkdir(exist_ok=True)
        (directory / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")
        with file.open("x", encoding="utf-8") as stream:
            stream.write(draft.text)
    except FileExistsError as error:
        raise ConfigError(f"{error.filename}: is there already (edit it, or move it away first)") from error
    except OSError as error:
        raise ConfigError(f"{error.filename}: cannot be written: {error.strerror}") from error
    for note in draft.notes:
        console.say(f"{file}: {note}")
    console.say(f"wrote {file}; next: read it, then run feeds check and feeds rebuild")
    console.hint("feeds discover finds the feeds of what your articles cite; --write adds them to that file")


@app.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print problems and articles as JSON.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Read the configuration and every article, and report each problem; write nothing."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.progress import Progress  # noqa: PLC0415
    from feeds.rebuild.check import article_values, unread_lines  # noqa: PLC0415
    from feeds.rebuild.values import problem_values  # noqa: PLC0415

    with Progress(quiet=console.State.verbosity < 0 or as_json) as progress:
        findings = App(console.State.config).check(now=console.now(), progress=progress)
    if as_json:
        articles = [article_values(article, uid) for article, uid in findings.articles]
        unread = [{"path": path, "why": why} for path, why in findings.unread]
        console.print_json({"problems": problem_values(findings.problems), "articles": articles, "unread": unread})
    else:
        console.print_problems(findings.problems)
        words = f"{console.count(len(findings.articles), 'article')}, {console.count(findings.errors, 'error')}"
        others = len(findings.problems) - findings.errors
        console.say(
            f"{words}, {console.count(others, 'remark')}"
            + ("" if console.State.verbosity else " (-v shows notes)" if others else "")
        )
        for line in unread_lines(findings.unread):
            console.say(line)
        errors = "next: mend what is red; until then feeds rebuild publishes all other articles"
        console.hint(errors if findings.errors else "next: feeds rebuild")
    raise typer.Exit(1 if findings.errors else 0)


@app.command()
def rebuild(
    full: Annotated[bool, typer.Option("--full", help="Trust no cache: read and compare everything.")] = False,  # noqa: FBT002 (Typer)
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")] = False,  # noqa: FBT002 (Typer)
    prune: Annotated[bool, typer.Option("--prune", help="Remove feeds that have no articles left.")] = False,  # noqa: FBT002 (Typer)
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes; default: one per processor.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Bring the output folder up to date: write what changed, leave what did not."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.progress import Progress  # noqa: PLC0415
    from feeds.rebuild.run import Options  # noqa: PLC0415

    started = time.perf_counter()
    site = App(console.State.config)
    options = Options(full=full, dry_run=dry_run, prune=prune, processes=jobs)
    with Progress(quiet=console.State.verbosity < 0 or as_json) as progress:
        report = site.rebuild(options, now=console.now(), progress=progress)
    seconds = time.perf_counter() - started
    if as_json:
        console.print_json(_report_values(report, seconds))
    else:
        _print_report(report, " (dry run: nothing was changed)" if dry_run else "")
        if report.written and not report.unchanged and not dry_run:
            console.hint("next: feeds serve shows it in a browser; feeds daemon keeps it up to date")
    _end(report)


@app.command()
def run(
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,  # noqa: FBT002 (Typer)
    log_json: Annotated[bool, typer.Option("--log-json", help="Say it as events, one JSON object a line.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Poll what is due, match it with the articles, and rebuild what that changes: once, for cron."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.events import log_poll, log_rebuild  # noqa: PLC0415
    from feeds.log import open_log  # noqa: PLC0415
    from feeds.notify import Notifier  # noqa: PLC0415
    from feeds.poll.words import poll_line, round_line, round_values  # noqa: PLC0415
    from feeds.progress import Progress  # noqa: PLC0415

    started = time.perf_counter()
    site = App(console.State.config)
    log = open_log(as_json=log_json, verbosity=console.State.verbosity if log_json else -1)
    is_silent = as_json or log_json
    with (
        Progress(quiet=console.State.verbosity < 0 or is_silent) as progress,
        closing(Notifier.of(site.config, log, clock=console.clock)) as notifier,
    ):

        def heard(polled: Polled, done: int, total: int) -> None:
            progress("sources", done, total)
            notifier.hear(polled)
            if log_json:
                log_poll(log, polled)
            if not is_silent and (polled.new or polled.changed or polled.state.failures):
                line = poll_line(polled, is_verbose=console.State.verbosity > 0)
                progress.say(line, "yellow" if polled.state.failures else "")

        found, report = site.run(clock=console.clock, report=heard, progress=progress)
    if as_json:
        values = _report_values(report, time.perf_counter() - started)
        console.print_json({"poll": round_values(found), "rebuild": values})
    if log_json:
        log_rebuild(log, report, seconds=time.perf_counter() - started)
    if not is_silent:
        console.say(round_line(found))
        _print_report(report)
        if any(one.state.failures for one in found.polled):
            console.hint("next: feeds status tells how each source is")
    # A source that fails is told, and is no fault of this run: cron need not write a mail about it.
    _end(report, is_told=log_json)


@app.command()
def daemon(
    log_json: Annotated[bool, typer.Option("--log-json", help="One JSON object a line.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Do all of it, for ever: poll what is due, watch the articles, and publish what changed at once.

    SIGHUP reads sources.yaml again; SIGTERM and Ctrl-C let what is under way end.
    """
    import signal  # noqa: PLC0415 (only here)

    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.daemon import Daemon  # noqa: PLC0415
    from feeds.log import open_log  # noqa: PLC0415

    log = open_log(as_json=log_json, verbosity=console.State.verbosity)
    keeper = Daemon(lambda: App(console.State.config), log, clock=console.clock)
    for name in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), lambda *_: keeper.stop())
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: keeper.reload())
    keeper.run()


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen at; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", "-w", min=1, max=64, help="Processes that answer.")] = 1,
    log_json: Annotated[bool, typer.Option("--log-json", help="One JSON object a line.")] = False,  # noqa: FBT002 (Typer)
) -> None:
    """Serve the output folder over HTTP as feed readers wish it, with /healthz and /metrics, until SIGTERM."""
    from feeds.app import App  # noqa: PLC0415 (lazy: see ARCHITECTURE, imports)
    from feeds.web.serve import Settings  # noqa: PLC0415
    from feeds.web.serve import serve as run  # noqa: PLC0415

    config = App(console.State.config).config  # a broken file is told here, not by each process
    settings = Settings(
        config=console.State.config,
        host=host,
        port=port,
        workers=workers,
        metrics=config.serve.metrics,
        access_log=console.State.verbosity >= 0,
        log_json=log_json,
        routes="feeds.web.websub:routes_of",
    )
    run(settings, announce=lambda where: console.say(f"serving {config.output.path}/ at {where} (Ctrl-C stops)"))


def _print_report(report: Report, remark: str = "") -> None:
    console.print_problems(report.problems)
    console.say(_report_line(report) + remark)
    if report.quarantined:
        console.hint("what is quarantined stays in the feeds as it was when it could last be read")


def _end(report: Report, *, is_told: bool = False) -> NoReturn:
    if report.failure and not is_told:
        typer.echo(f"feeds: {report.failure}", err=True)
    raise typer.Exit(1 if report.has_errors else 0)


def _report_line(report: Report) -> str:
    total = report.written + report.unchanged
    quarantined = console.count(len(report.quarantined), "article")
    return (
        f"{report.written:,} of {total:,} written, {report.unchanged:,} unchanged, {report.removed:,} removed, "
        f"{quarantined} quarantined"
    )


def _report_values(report: Report, seconds: float) -> dict[str, Any]:
    from feeds.rebuild.values import problem_values  # noqa: PLC0415

    return {
        "written": report.written,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "articles": report.articles,
        "read": report.read,
        "quarantined": report.quarantined,
        "problems": problem_values(report.problems),
        "failure": report.failure,
        "seconds": round(seconds, 4),
    }


#: Options that are understood before and after the command; True for those that take a value.
_COMMON_OPTIONS = {
    "--config": True,
    "-c": True,
    "--verbose": False,
    "-v": False,
    "-vv": False,
    "--quiet": False,
    "-q": False,
    "--debug": False,
}


def hoist_common_options(arguments: Sequence[str]) -> list[str]:
    """``feeds check -v`` means ``feeds -v check``: move the common options to the front, up to a ``--``."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word.partition("=")[0] in _COMMON_OPTIONS:
            front.append(word)
            if _COMMON_OPTIONS[word.partition("=")[0]] and "=" not in word:
                front += [value for value in [next(words, None)] if value is not None]
        else:
            rest.append(word)
    return [*front, *rest]


for _command in (cli_sources.discover, cli_sources.poll, cli_sources.status, cli_meet.audit, cli_why.why):
    app.command()(_command)
app.add_typer(cli_sources.opml, name="opml")
app.add_typer(cli_meet.match, name="match")


def main() -> None:
    """Run the command; every failure of ours is one line on standard error."""
    terminal.be_lenient(sys.stdout, sys.stderr)
    try:
        app(hoist_common_options(sys.argv[1:]))
    except FeedsError as error:
        if console.State.debug:
            raise
        for line in str(error).splitlines() or [type(error).__name__]:
            typer.echo(f"feeds: {line}", err=True)
        sys.exit(error.exit_code)
    except SystemExit as ending:
        # Typer makes this of a KeyboardInterrupt.
        if ending.code == _INTERRUPTED:
            typer.echo("feeds: interrupted; what was done is kept, run it again to go on", err=True)
        raise
    except BrokenPipeError:
        # Nobody reads any more: silence the interpreter's own complaint at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_BROKEN_PIPE)
    except Exception as error:
        if console.State.debug:
            raise
        kind = type(error).__name__
        typer.echo(f"feeds: internal error: {kind}: {error} (please report it; --debug shows where)", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
