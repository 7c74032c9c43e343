"""Hand jobs to threads, and hand back what came of them. Knows nothing of what they do."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

#: Seconds to wait for one more result while no thread is idle: what is handed back together is kept together.
_LINGER = 0.1
#: Seconds after which to look again whether somebody said stop.
GLANCE = 0.25


class Threads(Generic[T, R]):
    """A few threads that all run one function. Belongs to one thread, which starts jobs and takes results."""

    def __init__(self, work: Callable[[T], R], *, workers: int) -> None:
        """Start nothing yet. ``work`` runs in many threads at once; what it raises is raised by ``finished``."""
        self._work = work
        self._workers = workers
        #: Jobs that may wait, so that threads have something to do while results are dealt with.
        self._ahead = workers // 2
        self._jobs: queue.SimpleQueue[T | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[tuple[T, R | BaseException]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._is_open = True
        #: Jobs started and not yet handed back.
        self.under_way = 0

    @property
    def room(self) -> int:
        """How many more jobs to start: as many as would begin at once, and a few that wait for the next free thread."""
        return self._workers + self._ahead - self.under_way if self._is_open else 0

    def start(self, job: T) -> None:
        """Let the next free thread do the job."""
        self.under_way += 1
        if len(self._threads) < min(self.under_way, self._workers):
            # A daemon: a second Ctrl-C must not wait for a server that drips.
            thread = threading.Thread(target=self._serve, daemon=True, name=f"feeds-{len(self._threads)}")
            self._threads.append(thread)
            thread.start()
        self._jobs.put(job)

    def finished(self, timeout: float) -> list[tuple[T, R]]:
        """What is done: waits so many seconds for the first, and a moment for more as long as no thread is idle."""
        found: list[tuple[T, R]] = []
        seconds = timeout
        while self.under_way:
            try:
                job, result = self._results.get(timeout=seconds)
            except queue.Empty:
                break
            self.under_way -= 1
            if isinstance(result, BaseException):
                raise result
            found.append((job, result))
            seconds = 0 if self._jobs.empty() else _LINGER
        return found

    def wait(self, seconds: float | None, *, pause: Callable[[float], None] = time.sleep) -> list[tuple[T, R]]:
        """Until something is done, or for so many seconds if something may begin then, but not for long."""
        seconds = GLANCE if seconds is None else min(max(seconds, 0.0), GLANCE)
        if self.under_way:
            return self.finished(seconds)
        pause(seconds)
        return []

    def close(self) -> list[T]:
        """Let the threads end when they have done what they do now; hands back the jobs that none has begun."""
        self._is_open = False
        left: list[T] = []
        with contextlib.suppress(queue.Empty):
            while True:
                if (job := self._jobs.get_nowait()) is not None:
                    left.append(job)
        self.under_way -= len(left)
        for _ in self._threads:
            self._jobs.put(None)
        return left

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                result: R | BaseException = self._work(job)
            except BaseException as error:  # noqa: BLE001 (the owner hears of it)
                result = error
            self._results.put((job, result))
