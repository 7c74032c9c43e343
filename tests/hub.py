"""A small real WebSub hub on loopback: it subscribes, verifies, fetches what is published, distributes and signs.

::

    with hubbing() as hub:
        hub.lease_seconds = 60
        ... subscribe at hub.url ...
        hub.publish(topic)
"""

from __future__ import annotations

import hmac
import secrets
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

_SECONDS = 10


@dataclass
class Subscriber:
    """Whom the hub tells of one topic."""

    topic: str
    callback: str
    secret: str


@dataclass
class Hub:
    """What it does and what it was asked; change it while it runs."""

    url: str = ""
    #: Status of its answer to every POST; 202 for one that works.
    status: int = 202
    #: Retry-After of an answer that is no success.
    retry_after: str = ""
    lease_seconds: int | None = 600
    #: Ask back before the answer to the request (as hubs of PubSubHubbub 0.3 did) instead of when told to.
    is_prompt: bool = True
    #: Refuse every subscription (WebSub §5.2).
    denies: bool = False
    method: str = "sha256"
    #: What it says when it is not well.
    said: bytes = b"the hub is not well"
    #: Path -> (status, where it has moved to).
    moved: dict[str, tuple[int, str]] = field(default_factory=dict)
    #: The parameters of each POST, in order.
    asked: list[list[tuple[str, str]]] = field(default_factory=list)
    subscribers: dict[tuple[str, str], Subscriber] = field(default_factory=dict)
    #: Status of each answer to a verification.
    verified: list[int] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def receive(self, form: Sequence[tuple[str, str]]) -> int:
        """A POST."""
        with self._lock:
            self.asked.append(list(form))
        said = dict(form)
        if not 200 <= self.status < 300:
            return self.status
        if said["hub.mode"] == "publish":
            for name, topic in form:
                if name in {"hub.url", "hub.url[]"}:
                    self.publish(topic)
        elif self.is_prompt:
            self.verify(said)
        return self.status

    def verify(self, said: Mapping[str, str], **other: str) -> tuple[int, bytes]:
        """Ask the subscriber back, or refuse it; ``other`` replaces parameters (dots as underscores)."""
        challenge = secrets.token_urlsafe(12)
        mode = "denied" if self.denies else said["hub.mode"]
        query = {"hub.mode": mode, "hub.topic": said["hub.topic"], "hub.challenge": challenge}
        if self.lease_seconds is not None:
            query["hub.lease_seconds"] = str(self.lease_seconds)
        query |= {name.replace("hub_", "hub."): value for name, value in other.items()}
        status, body = get(f"{said['hub.callback']}?{urlencode(query)}")
        self.verified.append(status)
        if status == 200 and body == challenge.encode() and not self.denies:
            key = said["hub.topic"], said["hub.callback"]
            if mode == "subscribe":
                self.subscribers[key] = Subscriber(*key, said.get("hub.secret", ""))
            else:
                self.subscribers.pop(key, None)
        return status, body

    def publish(self, topic: str) -> list[int]:
        """Fetch the topic and tell its subscribers, if there are any; gives their answers."""
        if all(subscriber.topic != topic for subscriber in self.subscribers.values()):
            return []
        with urllib.request.urlopen(topic, timeout=_SECONDS) as answer:  # noqa: S310 (loopback)
            return self.distribute(topic, answer.read(), answer.headers.get("Content-Type", ""))

    def distribute(self, topic: str, body: bytes, content_type: str = "application/rss+xml") -> list[int]:
        """Push a body to the subscribers of a topic; one that answers 410 is forgotten."""
        found = []
        for key, subscriber in list(self.subscribers.items()):
            if subscriber.topic == topic:
                status = post(subscriber.callback, body, self.signed(subscriber, body), content_type)
                found.append(status)
                if status == 410:
                    del self.subscribers[key]
        return found

    def signed(self, subscriber: Subscriber, body: bytes) -> dict[str, str]:
        """The signature's header."""
        digest = hmac.new(subscriber.secret.encode(), body, self.method).hexdigest()
        return {"X-Hub-Signature": f"{self.method}={digest}"}


def get(url: str) -> tuple[int, bytes]:
    """Status and body."""
    return _send(urllib.request.Request(url))  # noqa: S310 (loopback)


def post(url: str, body: bytes, headers: Mapping[str, str], content_type: str = "application/rss+xml") -> int:
    """Status."""
    return _send(urllib.request.Request(url, body, {"Content-Type": content_type, **headers}))[0]  # noqa: S310 (loopback)


def _send(request: urllib.request.Request) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 (loopback)
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """Who asks may be killed meanwhile."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*args)


@contextmanager
def hubbing() -> Iterator[Hub]:
    """A hub for the time of a ``with``."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
            assert parse_qs(body, strict_parsing=True)
            if self.path in hub.moved:
                status, target = hub.moved[self.path]
            else:
                status, target = hub.receive(parse_qsl(body)), ""
            said = b"" if status < 300 else hub.said
            self.send_response(status)
            if target:
                self.send_header("Location", target)
            if hub.retry_after and status >= 300:
                self.send_header("Retry-After", hub.retry_after)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}/hub"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
