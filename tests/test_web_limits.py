"""What a connection may cost, over real sockets, with both of uvicorn's parsers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from feeds.web import guard
from feeds.web.app import make_app
from feeds.web.limits import BoundedProtocol, Bounds
from tests.conftest import missing
from tests.web_site import address_of, ask, put, running, talk


def parsers() -> list[type]:
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415 (may be missing)
    except ImportError:
        return [H11Protocol]
    return [H11Protocol, HttpToolsProtocol]


def impatient(parser: type) -> type:
    """A protocol with the same rules and less time."""
    times = {"head_seconds": 0.4, "stall_seconds": 0.4, "head_bytes": 8192}
    return type("Impatient", (Bounds, parser), times)


async def take(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    root = tmp_path_factory.mktemp("limits") / "output"
    put(root, "rss.xml", b"<rss/>")
    put(root, "large.bin", b"0" * (24 << 20))
    routes = [Route("/websub/{secret}", take, methods=["GET", "POST"])]
    return make_app(output=str(root), address=address_of, routes=routes)


@pytest.fixture(scope="module", params=parsers(), ids=lambda parser: parser.__name__)
def port(app: Any, request: pytest.FixtureRequest) -> Iterator[int]:
    with running(app, protocol=impatient(request.param), connections=8) as server:
        yield server.port


HEAD = b"GET /rss.xml HTTP/1.1\r\nHost: x\r\n"
CLOSE = b"Connection: close\r\n\r\n"


def test_a_request_is_answered(port: int) -> None:
    answer = talk(port, HEAD + CLOSE)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"<rss/>")
    assert b"\r\nserver:" not in answer.lower()


def test_a_head_in_pieces_is_answered_as_long_as_it_comes_in_time(port: int) -> None:
    assert talk(port, HEAD[:9], HEAD[9:], CLOSE, pause=0.05).startswith(b"HTTP/1.1 200 ")


def test_a_head_that_never_ends_is_given_up(port: int) -> None:
    started = time.monotonic()
    answer = talk(port, HEAD, *[b"X: y\r\n"] * 8, pause=0.1)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - started < 3


def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    started = time.monotonic()
    assert talk(port) == b""
    assert time.monotonic() - started < 3


def test_the_second_head_of_a_connection_has_no_more_time_than_the_first(port: int) -> None:
    answer = talk(port, HEAD + b"\r\n", *[b"GET /rss.xml HTTP/1.1\r\nA: b\r\n", *[b"X: y\r\n"] * 8], pause=0.1)
    assert answer.count(b"HTTP/1.1 200 ") == 1
    assert answer.count(b"HTTP/1.1 408 ") == 1


def test_a_head_that_is_too_large_is_refused(port: int) -> None:
    answer = talk(port, HEAD, *[b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(60)], pause=0.001)
    assert answer[:13] in {b"HTTP/1.1 431 ", b"HTTP/1.1 400 "}
    line = talk(port, b"GET /" + b"a" * 100_000)
    assert line[:13] in {b"HTTP/1.1 431 ", b"HTTP/1.1 400 ", b""}


def test_requests_one_after_the_other_are_all_answered(port: int) -> None:
    assert talk(port, (HEAD + b"\r\n") * 20 + HEAD + CLOSE).count(b"HTTP/1.1 200 ") == 21


def test_too_many_connections_are_told_when_to_come_back(port: int) -> None:
    held = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(8)]
    try:
        for sock in held:
            sock.sendall(HEAD)
        time.sleep(0.1)
        answer = talk(port, HEAD + b"\r\n")
    finally:
        for sock in held:
            sock.close()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 30\r\n" in answer
    time.sleep(0.1)
    assert talk(port, HEAD + CLOSE).startswith(b"HTTP/1.1 200 ")


def test_a_client_that_does_not_read_is_dropped(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(b"GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(1.5)
        came = 0
        with contextlib.suppress(ConnectionResetError):
            while data := sock.recv(1 << 20):
                came += len(data)
        assert came < 24 << 20


def test_a_body_is_refused_and_the_connection_closed(port: int) -> None:
    answer = talk(port, b"POST /rss.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000)
    assert answer.startswith(b"HTTP/1.1 405 ")
    answer = talk(port, b"GET /rss.xml HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_what_is_no_http_is_refused(port: int) -> None:
    for noise in (
        b"\x16\x03\x01\x02\x00" * 10,
        b"GET\r\n\r\n",
        b"\r\n\r\n\r\n\r\nhello\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
    ):
        assert not talk(port, noise).startswith(b"HTTP/1.1 200 ")
    assert talk(port, HEAD + CLOSE).startswith(b"HTTP/1.1 200 ")


def test_a_large_answer_arrives_whole(port: int) -> None:
    head, _, body = talk(port, b"GET /large.bin HTTP/1.1\r\nHost: x\r\n" + CLOSE).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert len(body) == 24 << 20


def test_the_protocol_that_is_served_has_these_bounds() -> None:
    assert issubclass(BoundedProtocol, Bounds)
    assert (Bounds.head_bytes, Bounds.head_seconds) == (16 << 10, 10.0)


# -- routes of others ----------------------------------------------------------------------------------------------


def test_a_route_may_take_a_body(app: Any) -> None:
    reply = ask(app, "/websub/abc", method="POST", body=b"x" * 200_000)
    assert (reply.status, reply.body) == (200, b"200000")
    assert ask(app, "/websub/abc").status == 200


def test_a_body_beyond_all_measure_is_refused_there_too(app: Any) -> None:
    reply = ask(app, "/websub/abc", method="POST", body=b"x" * (guard.LARGEST_BODY + 1))
    assert reply.status == 413


def test_a_body_that_never_comes_is_not_waited_for() -> None:
    async def never(*_: Any) -> Any:
        await asyncio.sleep(60)

    async def read(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 (ASGI's signature)
        await receive()

    with pytest.raises(HTTPException) as told:
        asyncio.run(guard.bounded(read, {}, never, never, seconds=0.05))
    assert told.value.status_code == 408


def test_a_stop_lets_answers_out(app: Any) -> None:
    with running(app) as server, socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        sock.sendall(b"GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(10) == b"HTTP/1.1 2"
        server.should_exit = True
        came = 0
        while data := sock.recv(1 << 20):
            came += len(data)
    assert came > 24 << 20


def test_httptools_is_there() -> None:
    if len(parsers()) == 1:
        missing("httptools")
