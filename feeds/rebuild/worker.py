"""The tools of one process: it prepares articles, delivers documents, renders items, and keeps rendered entries."""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.connection
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.sharedctypes import Synchronized

from feeds.model import Item
from feeds.publish.output import Output
from feeds.publish.render import check_item, render_fragments
from feeds.rebuild.deliver import Batch, Delivered, Deliverer
from feeds.rebuild.prepare import Preparer
from feeds.rebuild.values import Job, Plan, Prepared
from feeds.rebuild.workers import CALM
from feeds.store.packs import PackReader, PackWriter, Stored


class Worker:
    """One process's tools. Number 0 is the main process."""

    def __init__(self, plan: Plan, number: int) -> None:
        self._writer = PackWriter(plan.site.packs, generation=plan.generation, number=number)
        self._preparer = Preparer(plan, self._writer)
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


def open_pool(plan: Plan, processes: int) -> ProcessPoolExecutor:
    """Several workers; they end with this process, however it ends."""
    # Loaded once, before the processes part.
    import feeds.content.reader  # noqa: PLC0415 (what is prepared in this process alone may need less)
    import feeds.publish.healed  # noqa: F401, PLC0415

    context = multiprocessing.get_context(_start_method())
    number = context.Value("i", 0)
    return ProcessPoolExecutor(processes, mp_context=context, initializer=_start, initargs=(plan, number))


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
    gc.set_threshold(*CALM)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = Worker(plan, own)


def _end_with_parent() -> None:
    """A forked process outlives a killed parent and would keep its lock for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def prepare(jobs: Sequence[Job]) -> list[Prepared]:
    """``Worker.prepare`` in a process of a pool."""
    assert _worker is not None  # noqa: S101 (the initializer ran)
    return _worker.prepare(jobs)


def deliver(batch: Batch) -> list[Delivered]:
    """``Worker.deliver`` in a process of a pool."""
    assert _worker is not None  # noqa: S101 (the initializer ran)
    return _worker.deliver(batch)
