"""What all commands share: the options before the command, how they speak, and the clock."""

from __future__ import annotations

import os
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from feeds import terminal
from feeds.errors import ConfigError

if TYPE_CHECKING:
    from feeds.model import Problem


class State:
    """What the options before the command say."""

    config = "sources.yaml"
    verbosity = 0
    debug = False


def now() -> datetime:
    """The clock, or SOURCE_DATE_EPOCH (reproducible-builds.org) where it is set."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not fixed:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(fixed), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ConfigError(f"SOURCE_DATE_EPOCH: {fixed!r}: is not a number of seconds since 1970") from error


def clock() -> datetime:
    """The clock, for whoever waits for other people's servers: it must go on."""
    return datetime.now(UTC)


def print_problems(problems: tuple[Problem, ...] | list[Problem]) -> None:
    """Errors always, warnings unless quiet, notes when asked for; one line each.

    Of a remark that stands in many places the first is shown, and how many there are: -v shows each.
    """
    shown = {"error"} | ({"warning"} if State.verbosity >= 0 else set()) | ({"note"} if State.verbosity > 0 else set())
    alike = Counter(map(_remark, problems)) if State.verbosity <= 0 else Counter()
    for problem in problems:
        if problem.severity not in shown or (many := alike[_remark(problem)]) < 0:
            continue
        place, _, said = str(problem).partition(": ")
        grade = [] if problem.severity == "error" else [(f" [{problem.severity}]", _STYLES[problem.severity])]
        if grade and many > _MOST_ALIKE:
            said += f", and so in {count(many - 1, 'more place')} (-v shows each)"
            alike[_remark(problem)] = -1
        terminal.show(
            [(place, "bold"), (": ", ""), (said, "" if grade else _STYLES[problem.severity]), *grade], err=True
        )


def _remark(problem: Problem) -> tuple[str, str, str, str]:
    """What is said, wherever."""
    return problem.severity, problem.what, problem.why, problem.fix


#: A remark that stands in more places is shown once.
_MOST_ALIKE = 3
#: By severity.
_STYLES = {"error": "red", "warning": "yellow", "note": "dim"}


def count(number: int, noun: str) -> str:
    """``1 article``, ``1,234 articles``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def say(text: str) -> None:
    """Print a line on standard output, unless quiet."""
    if State.verbosity >= 0:
        terminal.show([(text, "")])


def paste(text: str) -> None:
    """Print lines that are to be copied as they are, unless quiet."""
    if State.verbosity >= 0:
        typer.echo(text)


def hint(text: str) -> None:
    """Tell a person at a terminal what may come next; a log and a pipe need not know."""
    if State.verbosity >= 0 and terminal.is_terminal(sys.stdout):
        terminal.show([(text, "dim")])


def print_json(values: dict[str, Any]) -> None:
    """Print for a script, whatever the options say; an encoding that lacks characters gets them as escapes."""
    import json  # noqa: PLC0415

    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    typer.echo(json.dumps(values, ensure_ascii=not encoding.startswith("utf"), indent=1))
