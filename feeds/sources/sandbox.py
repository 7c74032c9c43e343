"""Parse feeds in processes of their own, each with a time and a memory limit that no document can escape.

feedparser is Python around C: neither a thread nor a signal can end a parse that has gone astray (1 MB of attributes
takes it 90 s, 200 MB of entries 1.7 GB). So a child does it, which is killed when its time is over and refused memory
beyond its limit: what a document can cost is known before it is read.

The children are fresh interpreters, started when first needed. They are no forks, since the parent has threads, and no
children of ``multiprocessing``, which would import the parent's main module (Typer, SQLAlchemy ...) once more. They
leave as soon as the parent has gone, however it went.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import IO, Self

from feeds.errors import ParseError, SourceError
from feeds.polled import Failed, FailureKind, ParsedFeed
from feeds.sources.delta import Known, Reading, read_feed
from feeds.sources.parser_process import Answer, Task, receive, send

#: A child imports feedparser in 0.3 s; on a machine that starves it, in some more.
_SECONDS_TO_START = 60


class Sandbox:
    """A number of children that parse. All methods may be called by many threads at once.

    The memory limit holds where the kernel knows RLIMIT_AS and /proc, that is, on Linux. On macOS and Windows only the
    time limit does: there a document may take, for that long, what memory the machine has.
    """

    def __init__(self, *, processes: int, seconds: float = 25, memory_mib: int = 512) -> None:
        """Start nothing yet.

        Args:
            processes: How many documents are parsed at the same time; more readers wait for their turn.
            seconds: For one document, not counting the wait for a child.
            memory_mib: Beyond what a child has when it is ready.
        """
        self._seconds = seconds
        self._memory_mib = memory_mib
        self._turns = threading.BoundedSemaphore(processes)
        #: The last one used is the first one used again.
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()
        self._is_closed = False

    def __enter__(self) -> Self:
        """Nothing to do: children start when they are needed."""
        return self

    def __exit__(self, *_args: object) -> None:
        """Close."""
        self.close()

    def read(  # noqa: PLR0913 (the circumstances of one document)
        self, body: bytes, *, url: str, content_type: str, now: datetime, known: Known | None, shadow: bool
    ) -> Reading | Failed:
        """Read a document as ``delta.read_feed`` does, or say why that could not be done.

        What is new of it is parsed by a child; what is not is recognised here.

        Raises:
            SourceError: No child can be started.
        """
        parse = partial(self._parse, url=url, content_type=content_type, now=now)
        try:
            return read_feed(body, url=url, content_type=content_type, now=now, known=known, shadow=shadow, parse=parse)
        except ParseError as error:
            return Failed(kind=FailureKind.NOT_A_FEED, sentence=str(error))
        except _RefusedError as error:
            return error.failed

    def close(self) -> None:
        """End the idle children now, and each busy one when its document is done."""
        self._is_closed = True
        while (child := self._idle_child()) is not None:
            child.end()

    def _parse(self, body: bytes, *, url: str, content_type: str, now: datetime) -> ParsedFeed:
        with self._turns, self._child() as child:
            answer = child.ask(Task(body=body, url=url, content_type=content_type, now=now), self._seconds)
        if answer.feed is not None:
            return answer.feed
        kind = answer.kind or FailureKind.MALFORMED
        if kind == FailureKind.NOT_A_FEED:
            raise ParseError(answer.sentence)
        raise _RefusedError(Failed(kind=kind, sentence=answer.sentence))

    @contextlib.contextmanager
    def _child(self) -> Iterator[_Child]:
        """A child that is alive; it goes back to the idle ones if it is still fit afterwards."""
        child = self._idle_child() or _Child(self._memory_mib, self._seconds)
        try:
            yield child
        except BaseException:  # also Ctrl-C: it may be in the middle of a message
            child.end()
            raise
        if child.is_fit and not self._is_closed:
            self._idle.put(child)
        else:
            child.end()

    def _idle_child(self) -> _Child | None:
        """One that has not died meanwhile; None when there is none."""
        with contextlib.suppress(queue.Empty):
            while True:
                child = self._idle.get_nowait()
                if child.is_alive:
                    return child
                child.end()
        return None


class _RefusedError(Exception):
    """A document was not read; carries why."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.sentence)
        self.failed = failed


class _Child:
    """A process that parses one document after another, as its parent sees it. For one thread at a time."""

    def __init__(self, memory_mib: int, seconds: float) -> None:
        """Start it and wait until it is ready.

        Raises:
            SourceError: It cannot be started.
        """
        self._memory_mib = memory_mib
        #: False when it is dead, overdue or worn.
        self.is_fit = True
        self._process = _start(f"serve({memory_mib}, {seconds})")
        ready = self._within(_SECONDS_TO_START, lambda: receive(_open(self._process.stdout), Answer))
        if ready is None or ready.sentence:
            self.end()
            why = ready.sentence if ready else f"it ends with {_ending(self._process.returncode)}"
            raise SourceError(f"parser process: {sys.executable}: {why} (install feeds anew)")

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def ask(self, task: Task, seconds: float) -> Answer:
        """Have a document parsed; a child that does not survive it is not fit any more."""
        answer = self._within(seconds, lambda: self._exchange(task))
        if answer is None:
            return self._died(seconds)
        self.is_fit = self.is_fit and not answer.is_worn
        return answer

    def end(self) -> None:
        """Kill it, if it lives, and clear up."""
        self.is_fit = False
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # the rest of a task cannot be sent any more
                _open(pipe).close()

    def _within(self, seconds: float, act: Callable[[], Answer | None]) -> Answer | None:
        """The outcome of an exchange; None when the child died of it or was killed after so many seconds."""
        timer = threading.Timer(seconds, self._kill)
        timer.start()
        try:
            return act()
        except OSError:
            return None
        finally:
            timer.cancel()
            timer.join()  # or it might kill the child over the next document

    def _kill(self) -> None:
        self.is_fit = False
        self._process.kill()

    def _exchange(self, task: Task) -> Answer | None:
        send(_open(self._process.stdin), task)
        return receive(_open(self._process.stdout), Answer)

    def _died(self, seconds: float) -> Answer:
        is_overdue = not self.is_fit
        self.end()
        if is_overdue:
            sentence = f"reading it takes more than {seconds:g} seconds"
        else:
            ending = _ending(self._process.returncode)
            sentence = f"the parser crashed on it or found {self._memory_mib} MiB of memory too little ({ending})"
        return Answer(kind=FailureKind.TOO_COSTLY, sentence=sentence)


def _start(call: str) -> subprocess.Popen[bytes]:
    """Start an interpreter that has the same modules as this one, and none that happen to lie in the current folder."""
    code = f"import sys; sys.path[:] = {sys.path!r}; from feeds.sources.parser_process import serve; {call}"
    try:
        return subprocess.Popen(  # noqa: S603 (our own interpreter and code)
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # glibc would reserve 64 MiB of addresses for each thread, and the limit would count them.
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},
            start_new_session=True,  # Ctrl-C is for the parent
        )
    except OSError as error:
        raise SourceError(
            f"parser process: {sys.executable}: {error.strerror} (free some memory or processes)"
        ) from error


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 (asked for when the process was started)
    return pipe
