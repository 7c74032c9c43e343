"""Run batches in this process, or in several when there is enough to do."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import multiprocessing.connection
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import datetime
from multiprocessing.sharedctypes import Synchronized
from typing import TypeVar

from msgspec import Struct

from feeds.model import Item
from feeds.publish.output import Output
from feeds.publish.render import check_item, render_fragments
from feeds.rebuild.deliver import Batch, Delivered, Deliverer
from feeds.rebuild.prepare import Job, Prepared, Preparer, Site
from feeds.store.packs import PackReader, PackWriter, Stored

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
_CALM = (20_000, 20, 50)


@contextlib.contextmanager
def calm_collector() -> Iterator[None]:
    """Let the garbage collector run seldom: a run makes millions of values and few cycles (6 % of its time)."""
    usual = gc.get_threshold()
    gc.set_threshold(*_CALM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class Plan(Struct, frozen=True):
    """What every worker is told at its start."""

    site: Site
    generation: int
    withdrawals: Mapping[str, datetime]
    is_dry: bool
    is_full: bool
    #: Entries of sources are there, or may be matched later: keep what matching needs of each article.
    wants_pieces: bool


class Worker:
    """One process's tools. Number 0 is the main process."""

    def __init__(self, plan: Plan, number: int) -> None:
        self._writer = PackWriter(plan.site.packs, generation=plan.generation, number=number)
        self._preparer = Preparer(plan.site, self._writer, plan.withdrawals, wants_pieces=plan.wants_pieces)
        self._reader = PackReader(plan.site.packs, trusted=plan.generation if plan.is_full else None)
        self._filenames = plan.site.publication.filenames
        output = Output(plan.site.output, number=number)
        self._deliverer = Deliverer(plan.site, output, self._reader, is_dry=plan.is_dry, is_full=plan.is_full)

    def prepare(self, jobs: Sequence[Job]) -> list[Prepared]:
        """Prepare a batch of articles."""
        return self._preparer.prepare_all(jobs)

    def deliver(self, batch: Batch) -> list[Delivered]:
        """Deliver a batch of documents."""
        return self._deliverer.deliver(batch)

    def render(self, items: Sequence[Item]) -> list[Stored]:
        """Render items that are no articles."""
        stored = []
        for item in items:
            fragments = render_fragments(item, self._filenames)
            check_item(fragments)
            stored.append(self._writer.append(list(fragments.values())))
        self._writer.flush()
        return stored

    def carry(self, stored: Stored) -> Stored | None:
        """Copy an entry into the packs of this run; None when it is lost."""
        fragments = self._reader.read(stored)
        if fragments is None:
            return None
        copy = self._writer.append(fragments)
        self._writer.flush()
        return copy

    def close(self) -> None:
        """Give back files."""
        self._writer.close()
        self._reader.close()


class Crew:
    """The workers of one run."""

    def __init__(self, plan: Plan, *, processes: int | None = None) -> None:
        self._plan = plan
        self._processes = min(processes or os.cpu_count() or 1, _MAX_WORKERS)
        self._own = Worker(plan, 0)
        self._pool: ProcessPoolExecutor | None = None

    def prepare(self, jobs: Sequence[Job]) -> Iterator[list[Prepared]]:
        """Prepare articles; hands them out in batches, in the order of the jobs."""
        batches = (jobs[i : i + _BATCH] for i in range(0, len(jobs), _BATCH))
        return self._run(_prepare if len(jobs) >= _MIN_ARTICLES else None, self._own.prepare, batches)

    def deliver(self, batches: Iterable[Batch], *, documents: int) -> Iterator[list[Delivered]]:
        """Deliver documents, so many in all; hands out what became of each batch, in order.

        Batches are taken one by one, a few ahead of the workers. A failure ends the run after what is under way.
        """
        return self._run(_deliver if documents >= _MIN_DOCUMENTS else None, self._own.deliver, batches)

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
        self._own.close()

    def _run(self, remote: Callable[[T], R] | None, here: Callable[[T], R], batches: Iterable[T]) -> Iterator[R]:
        if remote is None or self._processes == 1:
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
            # Loaded once, before the processes part.
            import feeds.content.reader  # noqa: PLC0415 (see above)
            import feeds.publish.healed  # noqa: F401, PLC0415

            context = multiprocessing.get_context(_start_method())
            number = context.Value("i", 0)
            self._pool = ProcessPoolExecutor(
                self._processes, mp_context=context, initializer=_start, initargs=(self._plan, number)
            )
        return self._pool


def _start_method() -> str:
    """Fork is quickest, but safe only while this process has a single thread (and never on macOS)."""
    may_fork = threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods()
    return "fork" if may_fork and os.uname().sysname == "Linux" else "spawn"


_worker: Worker | None = None


def _start(plan: Plan, number: Synchronized[int]) -> None:
    global _worker  # noqa: PLW0603 (the one way to hand a pool's process its tools)
    with number.get_lock():
        number.value += 1
        own = number.value
    gc.freeze()
    gc.set_threshold(*_CALM)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = Worker(plan, own)


def _end_with_parent() -> None:
    """A forked process outlives a killed parent and would keep its lock for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _prepare(jobs: Sequence[Job]) -> list[Prepared]:
    assert _worker is not None  # noqa: S101 (the initializer ran)
    return _worker.prepare(jobs)


def _deliver(batch: Batch) -> list[Delivered]:
    assert _worker is not None  # noqa: S101 (the initializer ran)
    return _worker.deliver(batch)
