"""What is wrong with a site, in words for /healthz; nothing when all is well."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from feeds.errors import FeedsError
from feeds.store.metric_rows import Figures

#: Feeds wait their turn for minutes, and a laptop sleeps at night; after a day nobody polls any more.
_OVERDUE = timedelta(days=1)
#: A probe comes every few seconds; so often the state need not be asked.
_KEPT = 5.0


def reasons(output: str, read_state: Callable[[], Figures | None]) -> list[str]:
    """Why the site is not well: no output, no state, or nobody at work on it."""
    found: list[str] = []
    if not _is_readable(output):
        found.append(f"output: {Path(output).name}: is not there or cannot be read (run feeds rebuild)")
    try:
        figures = read_state()
    except FeedsError as error:
        return [*found, str(error)]
    if figures is not None and figures.due_lag > _OVERDUE.total_seconds():
        hours = int(figures.due_lag // 3600)
        found.append(f"polls: the most overdue feed has waited {hours} hours (is feeds daemon, or cron, at work?)")
    return found


def _is_readable(folder: str) -> bool:
    try:
        return next(Path(folder).iterdir(), None) is not None
    except OSError:
        return False


class Health:
    """``reasons``, looked up at most every five seconds. Any thread may call it."""

    def __init__(
        self,
        output: str,
        read_state: Callable[[], Figures | None],
        *,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._output = output
        self._read_state = read_state
        self._timer = timer
        self._lock = threading.Lock()
        self._kept: list[str] = []
        self._read_at = float("-inf")

    def __call__(self) -> list[str]:
        """What is wrong now."""
        with self._lock:
            if self._timer() - self._read_at >= _KEPT:
                self._kept = reasons(self._output, self._read_state)
                self._read_at = self._timer()
            return self._kept
