"""Run batches in this process, or in several when there is enough to do."""

from __future__ import annotations

import contextlib
import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:  # loaded when there is work
    from concurrent.futures import Future, ProcessPoolExecutor

    from feeds.model import Item
    from feeds.rebuild.deliver import Batch, Delivered
    from feeds.rebuild.values import Job, Plan, Prepared
    from feeds.rebuild.worker import Worker
    from feeds.store.packs import Stored

T = TypeVar("T")
R = TypeVar("R")

#: Below so many articles the start of a second process costs more than it saves (a process: 0.1 s, an article: 2 ms).
_MIN_ARTICLES = 150
#: Likewise for documents (0.3 ms in each format).
_MIN_DOCUMENTS = 1_500
#: Articles that travel together.
_BATCH = 50
#: Batches that wait at each worker's door: enough that none stands idle, few enough to need no memory.
_AHEAD = 3
#: More hardly help: the disk is the bottleneck then.
_MAX_WORKERS = 8


#: (objects, collections, collections) between collections of the three generations, instead of (700, 10, 10).
CALM = (20_000, 20, 50)


@contextlib.contextmanager
def calm_collector() -> Iterator[None]:
    """Let the garbage collector run seldom: a run makes millions of values and few cycles (6 % of its time)."""
    usual = gc.get_threshold()
    gc.set_threshold(*CALM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class Crew:
    """The workers of one run."""

    def __init__(self, plan: Plan, *, processes: int | None = None) -> None:
        self._plan = plan
        self._processes = min(processes or os.cpu_count() or 1, _MAX_WORKERS)
        self._pool: ProcessPoolExecutor | None = None

    @cached_property
    def _own(self) -> Worker:
        """The tools of this process, from the first piece of work on."""
        from feeds.rebuild.worker import Worker  # noqa: PLC0415 (0.1 s, only when there is work)

        return Worker(self._plan, 0)

    def prepare(self, jobs: Sequence[Job]) -> Iterator[list[Prepared]]:
        """Prepare articles; hands them out in batches, in the order of the jobs."""
        if not jobs:
            return iter(())
        batches = (jobs[i : i + _BATCH] for i in range(0, len(jobs), _BATCH))
        from feeds.rebuild import worker  # noqa: PLC0415 (see _own)

        return self._run(worker.prepare, self._own.prepare, batches, is_much=len(jobs) >= _MIN_ARTICLES)

    def deliver(self, batches: Iterable[Batch], *, documents: int) -> Iterator[list[Delivered]]:
        """Deliver documents, so many in all; hands out what became of each batch, in order.

        Batches are taken one by one, a few ahead of the workers. A failure ends the run after what is under way.
        """
        if not documents:
            return iter(())
        from feeds.rebuild import worker  # noqa: PLC0415 (see _own)

        return self._run(worker.deliver, self._own.deliver, batches, is_much=documents >= _MIN_DOCUMENTS)

    def render(self, items: Sequence[Item]) -> list[Stored]:
        """Render items that are no articles, in this process."""
        return self._own.render(items)

    def carry(self, stored: Stored) -> Stored | None:
        """Copy an entry into the packs of this run; None when it is lost."""
        return self._own.carry(stored)

    def close(self) -> None:
        """End all processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        if "_own" in vars(self):
            self._own.close()

    def _run(
        self, remote: Callable[[T], R], here: Callable[[T], R], batches: Iterable[T], *, is_much: bool
    ) -> Iterator[R]:
        if not is_much or self._processes == 1:
            yield from map(here, batches)
            return
        pool = self._started()
        pending: deque[Future[R]] = deque()
        try:
            for batch in batches:
                pending.append(pool.submit(remote, batch))
                if len(pending) > self._processes * _AHEAD:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            from feeds.rebuild.worker import open_pool  # noqa: PLC0415 (see _own)

            self._pool = open_pool(self._plan, self._processes)
        return self._pool
