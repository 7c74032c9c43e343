"""Bound what a connection may cost: uvicorn's protocol with a clock for heads, a cap on their size, and one for all.

uvicorn has a time limit for idle connections only: a client that sends one byte of a head every four seconds keeps its
connection for ever (slowloris), and httptools takes a head of any length. What is bounded here, from outside in:

* connections: more than ``limit_concurrency`` are told 503 with Retry-After (uvicorn's own 503 has none);
* a head: ``head_seconds`` from its first byte, or from the connection's beginning, to its last, and ``head_bytes``;
* an answer: a client that takes less than ``slowest`` bytes within ``stall_seconds`` is dropped;
* bodies of requests are bounded in guard.py, since only routes take any.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

_BUSY_SECONDS = b"30"

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 32\r\nconnection: close\r\n\r\nRequest Header Fields Too Large\n"
)
_TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 16\r\nconnection: close\r\n\r\nRequest Timeout\n"
)


class Bounds:
    """Goes before a protocol of uvicorn, and asks of it no more than ``cycle``, ``transport`` and ``connections``."""

    # What uvicorn's protocols have; both of them.
    cycle: Any
    transport: Any
    connections: set[Any]
    loop: asyncio.AbstractEventLoop
    app: Any
    limit_concurrency: int | None

    #: A head of a feed reader has 500 bytes; the longest of browsers, with cookies, 8 KB.
    head_bytes = 16 << 10
    head_seconds = 10.0
    #: At least 16 KB within 30 s: half a kilobyte in a second.
    stall_seconds = 30.0
    slowest = 16 << 10

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._taken = 0
        self._head_clock: asyncio.TimerHandle | None = None
        self._stall_clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A client has come."""
        super().connection_made(transport)  # type: ignore[misc]
        if self._most is not None and len(self.connections) > self._most:
            self.app = busy
        self._head_clock = self.loop.call_later(self.head_seconds, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone."""
        self._stop_clock()
        self._stop_stall()
        super().connection_lost(exc)  # type: ignore[misc]

    def data_received(self, data: bytes) -> None:
        """It has sent something."""
        before = self.cycle
        is_head = before is None or before.response_complete
        super().data_received(data)  # type: ignore[misc]
        if self.cycle is not before:
            self._taken = 0
            self._stop_clock()
        elif is_head and not self.transport.is_closing():
            self._wait_for_head(len(data))

    def _wait_for_head(self, size: int) -> None:
        self._taken += size
        if self._taken > self.head_bytes:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._head_clock is None:
            self._head_clock = self.loop.call_later(self.head_seconds, self._give_up)

    def _give_up(self) -> None:
        self._head_clock = None
        if not self.transport.is_closing():
            if self._taken:
                self.transport.write(_TOO_SLOW)
            self.transport.close()

    def _stop_clock(self) -> None:
        if self._head_clock is not None:
            self._head_clock.cancel()
            self._head_clock = None

    def pause_writing(self) -> None:
        """It does not take what we send as fast as we send it."""
        super().pause_writing()  # type: ignore[misc]
        self._watch(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """It does again."""
        self._stop_stall()
        super().resume_writing()  # type: ignore[misc]

    def _watch(self, size: int) -> None:
        self._stop_stall()
        self._stall_clock = self.loop.call_later(self.stall_seconds, self._drop_if_stalled, size)

    def _drop_if_stalled(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if before - left < self.slowest:
            self.transport.abort()
        else:
            self._watch(left)

    def _stop_stall(self) -> None:
        if self._stall_clock is not None:
            self._stall_clock.cancel()
            self._stall_clock = None


async def busy(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 (ASGI's signature)
    """There are too many connections already: say so, and close this one."""
    body = b"Service Unavailable\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"retry-after", _BUSY_SECONDS),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})


#: What uvicorn is told to speak: httptools where it is installed, else h11.
BoundedProtocol: Any = type("BoundedProtocol", (Bounds, AutoHTTPProtocol), {})
