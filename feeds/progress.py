"""Show how far a long step is: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from feeds import terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

#: Work that is shorter than this shows nothing, in seconds.
_PATIENCE = 1.0
#: Seconds between two plain lines, and between two pictures of the bar.
_PLAIN_EVERY = 10.0
_BAR_EVERY = 0.1
#: From so many a second on, tenths say nothing.
_FAST = 10


class Progress:
    """Called with (step, done, total). Draws from the caller's thread: a second one would make forking unsafe."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._is_terminal = sys.stderr.isatty()
        self._started = time.monotonic()
        self._shown = self._heard = self._started
        #: Step -> when it began: when the one before was heard of last.
        self._begun: dict[str, float] = {}
        self._bar: Bar | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Begin to measure time."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clear the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show it if enough time went by."""
        now = time.monotonic()
        self._begun.setdefault(step, self._heard)
        self._heard = now
        if self._quiet or now - self._started < _PATIENCE:
            return
        if now - self._shown < (_BAR_EVERY if self._is_terminal else _PLAIN_EVERY) and done < total:
            return
        self._shown = now
        if self._is_terminal:
            self._draw(step, done, total)
        elif done < total:
            sys.stderr.write(f"{step}: {done:,} of {total:,}\n")

    def say(self, line: str, style: str = "") -> None:
        """Print a line on standard output, above the bar; ``style`` is one of ``terminal.show``."""
        if self._quiet:
            return
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self._tasks.clear()
        terminal.show([(line, style)])

    def _draw(self, step: str, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = _make_bar()
            self._bar.start()
        if step not in self._tasks:
            self._tasks[step] = self._bar.add_task(step, total=total, pace="")
        seconds = max(time.monotonic() - self._begun[step], 1e-3)
        pace = f"{_rate(done / seconds)}  {_left((total - done) * seconds / max(done, 1))}"
        self._bar.update(self._tasks[step], completed=done, total=total, pace=pace, refresh=True)


def _rate(speed: float) -> str:
    return f"{speed:,.0f}/s" if speed >= _FAST else f"{speed:.1f}/s"


def _left(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s left" if minutes else f"{rest} s left"


def _make_bar() -> Bar:
    from rich.console import Console  # noqa: PLC0415 (only for work that takes long)
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as RichProgress  # noqa: PLC0415

    pace = TextColumn("{task.fields[pace]}", style="dim")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), pace)
    return RichProgress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
