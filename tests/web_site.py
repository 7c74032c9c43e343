"""A small site to serve, and a client that asks the application without a network."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from feeds.model import Feed, FeedLinks, Item, Person, Tombstone
from feeds.publish.render import FORMATS, render_feed, render_item
from feeds.urls import encode_path
from feeds.web.limits import BoundedProtocol

BASE = "https://example.org/"
HUB = "https://hub.example/"
MOMENT = datetime(2025, 7, 1, 8, 0, tzinfo=UTC)
#: When the server runs: long after every file was written.
NOW = 1_760_000_000.0


def address_of(path: str) -> str:
    """Where a file of the site is served."""
    return BASE + encode_path(path)


def make_item(number: int, text: str = "正文") -> Item:
    """An article; another text is another version of it."""
    when = MOMENT + timedelta(hours=number)
    url = f"{BASE}insights/{number}/"
    return Item(
        id=f"tag:example.org,2025:{number}",
        url=url,
        title=f"第 {number} 篇 & <更多>",
        summary="摘要",
        html=f"<p>{text} {'很长的一段话。' * 40}</p>",
        published=when,
        updated=when,
        language="zh-CN",
    )


def make_document(
    form: str,
    items: list[Item],
    *,
    folder: str = "",
    gone: tuple[str, ...] = (),
    links: FeedLinks | None = None,
    hub: str | None = None,
) -> bytes:
    """A document as the product writes it."""
    feed = Feed(
        id="urn:uuid:ac0c3041-3626-5ac5-a3c1-14bb8c0b56f8",
        title="站点",
        description="一个站点",
        home_url=BASE,
        self_url=BASE + folder + FORMATS[form].filename,
        updated=max((item.updated for item in items), default=MOMENT),
        language="zh-CN",
        author=Person(name="编辑部"),
        hub=hub,
        links=links or FeedLinks(),
        tombstones=tuple(Tombstone(ref=ref, when=MOMENT) for ref in gone),
    )
    return render_feed(feed, [render_item(item, form) for item in items], form)


def put(root: Path, name: str, data: bytes, *, seconds: float = 1_750_000_000.0) -> Path:
    """Put a file in place in one step, as the product does."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    aside.write_bytes(data)
    os.utime(aside, (seconds, seconds))
    aside.replace(path)
    return path


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    #: As sent.
    raw: bytes = field(repr=False)

    @property
    def body(self) -> bytes:
        """Without its coding."""
        return gzip.decompress(self.raw) if self.headers.get("content-encoding") == "gzip" else self.raw


def ask(
    app: Any,
    path: str = "/rss.xml",
    *,
    method: str = "GET",
    body: bytes = b"",
    client: tuple[str, int] | None = ("127.0.0.1", 5000),
    **headers: str,
) -> Reply:
    """One request; names of headers with ``_`` for ``-``; no header may come twice in the answer."""
    told = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return asyncio.run(_ask(app, path, method, body, client, told))


async def _ask(  # noqa: PLR0917 (of one use)
    app: Any, path: str, method: str, body: bytes, client: tuple[str, int] | None, headers: list[tuple[bytes, bytes]]
) -> Reply:
    raw_path, _, query = path.encode().partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw_path.decode()),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": headers + ([(b"content-length", b"%d" % len(body))] if body else []),
        "client": client,
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    sent: list[dict[str, Any]] = []
    parts = [body[at : at + 65_536] for at in range(0, len(body), 65_536)] or [b""]

    async def receive() -> dict[str, Any]:
        if not parts:
            return {"type": "http.disconnect"}
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    names = [name.decode() for name, _ in sent[0]["headers"]]
    assert len(names) == len(set(names)), f"a header comes twice: {names}"
    said = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    reply = Reply(sent[0]["status"], said, b"".join(message.get("body", b"") for message in sent[1:]))
    assert_sound(method, reply)
    return reply


def assert_sound(method: str, reply: Reply) -> None:
    """What holds for every answer: a length that is true, and no body where none may be."""
    if method == "HEAD" or reply.status in {204, 304}:
        assert reply.raw == b""
        return
    assert int(reply.headers["content-length"]) == len(reply.raw)


@contextmanager
def running(app: Any, *, protocol: Any = BoundedProtocol, connections: int = 100) -> Iterator[Any]:
    """The application under uvicorn on loopback; gives the server, which has a ``port``."""
    import uvicorn  # noqa: PLC0415 (few tests need it)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            limit_concurrency=connections,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=2,
            loop="asyncio",
        )
        server: Any = uvicorn.Server(config)
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield server
        finally:
            server.should_exit = True
            thread.join(10)


def talk(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send parts with pauses between them; everything that comes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        came = b""
        for number, part in enumerate(parts):
            if number:
                time.sleep(pause)
            with contextlib.suppress(OSError):
                sock.sendall(part)
        with contextlib.suppress(OSError):
            while data := sock.recv(65_536):
                came += data
        return came
