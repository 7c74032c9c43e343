"""The process that parses documents for ``sandbox.py``, one after another, and the messages between the two.

A message is its length and MessagePack, which is checked against its type when it is read. It is not pickle: a process
that a document has got hold of can say nothing but entries.
"""

from __future__ import annotations

import gc
import os
import queue
import signal
import struct
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TypeVar

import msgspec
from msgspec import Struct

from feeds.errors import ParseError
from feeds.polled import FailureKind, ParsedFeed

T = TypeVar("T")


class Task(Struct, frozen=True, kw_only=True):
    """One document to be parsed."""

    body: bytes
    url: str
    content_type: str
    now: datetime


class Answer(Struct, frozen=True, kw_only=True):
    """What became of it. The first answer of a process says that it is ready, or in a sentence why it is not."""

    feed: ParsedFeed | None = None
    #: Why there is no feed.
    kind: FailureKind | None = None
    sentence: str = ""
    #: The process has grown and wants to be replaced.
    is_worn: bool = False


#: Far more than the entries of the largest document allowed (8 MB); what says more is no parser any more.
_MAX_BYTES = 64 << 20
_LENGTH = struct.Struct("<I")


def send(pipe: IO[bytes], value: Task | Answer) -> None:
    """Write a message."""
    encoded = msgspec.msgpack.encode(value)
    pipe.write(_LENGTH.pack(len(encoded)))
    pipe.write(encoded)
    pipe.flush()


def receive(pipe: IO[bytes], type_: type[T]) -> T | None:
    """Wait for the next message; None when the other side has gone, or talks nonsense."""
    head = pipe.read(_LENGTH.size)
    length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else _MAX_BYTES + 1
    encoded = pipe.read(length) if length <= _MAX_BYTES else b""
    try:
        return msgspec.msgpack.decode(encoded, type=type_)
    except msgspec.MsgspecError:
        return None


#: A process that has grown by this share of what it may grow by in all gives way to a new one.
_WORN = 0.5
#: Parsed before the first document, so that everything is loaded when the limit is set.
_WARM_UP = (
    b"<rss version='2.0'><channel><item><title>a</title><description>&lt;p&gt;b</description></item></channel></rss>"
)


def serve(memory_mib: int, seconds: float) -> None:
    """Answer the tasks that come on standard input, until the parent has gone.

    Args:
        memory_mib: How much the process may grow once it is ready.
        seconds: After so long the parent kills it; it kills itself somewhat later if there is no parent to do so.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    try:
        parse = _load()
    except Exception as error:  # noqa: BLE001 (the parent has to say why)
        send(answers, Answer(sentence=f"{type(error).__name__}: {error}"))
        return
    gc.freeze()  # what is loaded stays: no need to look through it with every document
    base = _limit_memory(memory_mib << 20)
    send(answers, Answer())
    while True:
        task = tasks.get()
        _set_alarm(seconds + 5)
        answer = _answer(parse, task, memory_mib)
        is_worn = answer.is_worn or _size() - base > _WORN * (memory_mib << 20)
        send(answers, Answer(feed=answer.feed, kind=answer.kind, sentence=answer.sentence, is_worn=is_worn))
        _set_alarm(0)


_Parse = Callable[[Task], ParsedFeed]


def _load() -> _Parse:
    from feeds.sources.parse import parse_feed  # noqa: PLC0415 (feedparser is for this process alone)

    def parse(task: Task) -> ParsedFeed:
        return parse_feed(task.body, url=task.url, content_type=task.content_type, now=task.now)

    parse(Task(body=_WARM_UP, url="https://example.com/", content_type="", now=datetime.now(UTC)))
    return parse


def _answer(parse: _Parse, task: Task, memory_mib: int) -> Answer:
    try:
        return Answer(feed=parse(task))
    except Exception as error:  # noqa: BLE001 (a document must not end the process)
        return _failure(error, memory_mib)


def _failure(error: Exception, memory_mib: int) -> Answer:
    """Tell the kinds apart; a ParseError chains what it was made of."""
    causes = [error, *filter(None, (error.__cause__, error.__context__))]
    if any(isinstance(cause, MemoryError) for cause in causes):
        sentence = f"reading it takes more than {memory_mib} MiB of memory"
        return Answer(kind=FailureKind.TOO_COSTLY, sentence=sentence, is_worn=True)
    is_no_feed = all(isinstance(cause, ParseError) for cause in causes)
    return Answer(
        kind=FailureKind.NOT_A_FEED if is_no_feed else FailureKind.MALFORMED,
        sentence=str(error) if isinstance(error, ParseError) else f"the parser fails on it: {error!r}",
    )


def _listen(tasks: queue.SimpleQueue[Task]) -> None:
    """Hear the parent while a document is parsed: its end is the end of this process."""
    pipe = os.fdopen(0, "rb", closefd=False)
    while (task := receive(pipe, Task)) is not None:
        tasks.put(task)
    os._exit(0)


def _limit_memory(more: int) -> int:
    """Let the process grow by so many bytes and no more, where the system can; returns its size now."""
    size = _size()
    try:
        import resource  # noqa: PLC0415 (not on Windows)
    except ImportError:
        return size
    if size:
        resource.setrlimit(resource.RLIMIT_AS, (size + more, size + more))
    return size


def _size() -> int:
    """Bytes of the process's address space; 0 where it cannot be known, that is, not on Linux."""
    try:
        pages = Path("/proc/self/statm").read_bytes().split()[0]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _set_alarm(seconds: float) -> None:
    """Be killed after so many seconds unless told otherwise; 0 calls it off. Not on Windows."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)
