"""Hand jobs to threads, and hand back what came of them. Knows nothing of what they do."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Threads(Generic[T, R]):
    """A few threads that all run one function. Belongs to one thread, which starts jobs and takes results."""

    def __init__(self, work: Callable[[T], R], *, workers: int) -> None:
        """Start nothing yet. ``work`` runs in many threads at once; what it raises is raised by ``finished``."""
        self._work = work
        self._workers = workers
        self._jobs: queue.SimpleQueue[T | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[tuple[T, R | BaseException]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        #: Jobs started and not yet handed back.
        self.under_way = 0

    @property
    def free(self) -> int:
        """How many more jobs would begin at once."""
        return self._workers - self.under_way

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
        """What is done: waits so many seconds for the first, and takes those that are there with it."""
        found: list[tuple[T, R]] = []
        while self.under_way:
            try:
                job, result = self._results.get(timeout=0 if found else timeout)
            except queue.Empty:
                break
            self.under_way -= 1
            if isinstance(result, BaseException):
                raise result
            found.append((job, result))
        return found

    def close(self) -> None:
        """Let the threads end when they have done what they do now."""
        for _ in self._threads:
            self._jobs.put(None)

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                result: R | BaseException = self._work(job)
            except BaseException as error:  # noqa: BLE001 (the owner hears of it)
                result = error
            self._results.put((job, result))
