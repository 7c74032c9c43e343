"""A real HTTP server on loopback, scripted per path, and as badly behaved as a test wants.

::

    with serving() as server:
        server.answers("/feed", body=b"<rss/>", headers={"ETag": '"1"'})
        server.plays("/drip", lambda client: client.drip(b"HTTP/1.1 200 OK", every=0.2))
        ... server.url("/feed") ...
        assert server.requests[0].headers["user-agent"] == ...
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus


@dataclass(frozen=True)
class Seen:
    """A request as it came over the wire."""

    method: str
    #: As in the request line, byte for byte.
    target: str
    #: Names in lower case; values as sent.
    headers: Mapping[str, str]
    #: The whole head, for what a mapping would hide.
    raw: bytes = field(repr=False)
    #: Which connection it came over, from 0.
    connection: int = 0
    body: bytes = b""


@dataclass
class Client:
    """The other end of one connection, in the middle of one request."""

    sock: socket.socket
    request: Seen
    #: Set by a script after which the connection cannot go on.
    is_done: bool = False

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.sock.sendall(data)

    def answer(self, status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Send a proper answer: Content-Length unless given, no Date unless given."""
        self.send(answer_bytes(status, body, headers))

    def drip(self, data: bytes, *, every: float) -> None:
        """Send one byte after the other."""
        for byte in data:
            self.send(bytes([byte]))
            time.sleep(every)

    def reset(self) -> None:
        """End the connection with RST, what was sent before perhaps included."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.is_done = True

    def hang_up(self) -> None:
        """End the connection properly."""
        self.is_done = True


Script = Callable[[Client], None]


def answer_bytes(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """A whole answer as it goes over the wire."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Whatever"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    names = {name.lower() for name in headers or ()}
    if not names & {"content-length", "transfer-encoding"} and status not in {204, 304}:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class Server:
    """Listens until ``close``; what it has no script for is 404."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.requests: list[Seen] = []
        #: How many connections were opened.
        self.connections = 0
        self._scripts: dict[str, Script] = {}
        self._tls = tls
        self._is_closing = False
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((host, 0), backlog=128)
        self.host, self.port = self._listener.getsockname()[:2]
        self._start(self._accept)

    def url(self, path: str = "/", *, host: str = "") -> str:
        """Address of ``path`` here; ``host`` is another name for it, or ``user:password@127.0.0.1``."""
        return f"{'https' if self._tls else 'http'}://{host or self.host}:{self.port}{path}"

    def answers(
        self, path: str, status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        """From now on the same answer whenever the target is ``path`` (query included; ``*`` for all others)."""
        self._scripts[path] = lambda client: client.answer(status, body, headers)

    def conditional(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Answer 304 without a body to whoever shows the ETag or the Last-Modified in ``headers``."""

        def script(client: Client) -> None:
            shown = client.request.headers
            is_known = shown.get("if-none-match", "") == headers.get("ETag") or (
                "if-none-match" not in shown and shown.get("if-modified-since", "") == headers.get("Last-Modified")
            )
            client.answer(304 if is_known else 200, b"" if is_known else body, headers)

        self._scripts[path] = script

    def plays(self, path: str, script: Script) -> None:
        """Do what ``script`` does, which may also break HTTP; errors of a client that left are nothing."""
        self._scripts[path] = script

    def targets(self) -> list[str]:
        """The targets that were asked for, in order."""
        return [seen.target for seen in self.requests]

    def close(self) -> None:
        """Stop, with all connections."""
        self._is_closing = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._is_closing:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._start(self._serve, sock, self.connections - 1)

    def _serve(self, sock: socket.socket, number: int) -> None:
        with sock, suppress(OSError):
            self._open.add(sock)
            spoken = self._tls.wrap_socket(sock, server_side=True) if self._tls else sock
            with spoken:
                self._open.add(spoken)
                self._talk(spoken, number)
        self._open.discard(sock)

    def _talk(self, sock: socket.socket, number: int) -> None:
        waiting = b""
        is_done = False
        while not is_done and not self._is_closing:
            while b"\r\n\r\n" not in waiting:
                data = sock.recv(1 << 16)
                if not data:
                    return
                waiting += data
            head, _, waiting = waiting.partition(b"\r\n\r\n")
            seen = _seen(head, number)
            length = int(seen.headers.get("content-length", 0))
            while len(waiting) < length:
                data = sock.recv(1 << 16)
                if not data:
                    return
                waiting += data
            seen, waiting = replace(seen, body=waiting[:length]), waiting[length:]
            self.requests.append(seen)
            client = Client(sock, seen)
            script = self._scripts.get(seen.target) or self._scripts.get("*") or (lambda client: client.answer(404))
            script(client)
            is_done = client.is_done


def _seen(head: bytes, number: int) -> Seen:
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    pairs = (line.partition(":") for line in lines[1:])
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    return Seen(method, target, headers, head, number)


@contextmanager
def serving(*, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Server]:
    """A server for the time of a ``with``."""
    server = Server(tls=tls, host=host)
    try:
        yield server
    finally:
        server.close()
