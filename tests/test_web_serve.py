"""``feeds serve`` as a process: one worker and several, its log, its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from feeds.errors import ConfigError
from feeds.web.app import make_app
from feeds.web.log import agent_fields, path_field, plain
from feeds.web.serve import Settings, serve
from tests.web_site import address_of, ask, make_document, make_item, put, talk

SITE = "site: {title: T, url: 'https://example.org/', hub: 'https://hub.example/'}\ncontent: [{path: content}]\n"
REQUEST = b"GET /rss.xml HTTP/1.1\r\nHost: x\r\nUser-Agent: Reader/1 (12 subscribers)\r\nConnection: close\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site that was built."""
    (tmp_path / "content").mkdir()
    (tmp_path / "sources.yaml").write_text(SITE, encoding="utf-8")
    put(tmp_path / "output", "rss.xml", make_document("rss", [make_item(1)]))
    return tmp_path


@contextmanager
def served(folder: Path, **settings: Any) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The command in a process of its own: (port, process). It is told to stop at the end."""
    told = {"config": str(folder / "sources.yaml"), "port": 0, **settings}
    code = f"from feeds.web.serve import *; serve(Settings(**{told!r}), announce=lambda said: print(said, flush=True))"
    root = str(Path(__file__).parents[1])
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1
        )
    try:
        assert process.stdout
        port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)
        assert process.stdout
        process.stdout.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_it_serves_counts_logs_and_stops(folder: Path, workers: int) -> None:
    with served(folder, workers=workers, log_json=True) as (port, process):
        answer = talk(port, REQUEST + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b'rel="hub"' in answer
        tag = next(line for line in answer.split(b"\r\n") if line.startswith(b"etag: "))[6:]
        for _ in range(20):
            unchanged = talk(port, REQUEST + b"If-None-Match: " + tag + b"\r\n\r\n")
            assert unchanged.startswith(b"HTTP/1.1 304 ")
        health = talk(port, REQUEST.replace(b"/rss.xml", b"/healthz") + b"\r\n")
        assert health.endswith(b'{"status":"ok","reasons":[]}')
        # Whichever worker is asked knows what all have done.
        metrics = talk(port, REQUEST.replace(b"/rss.xml", b"/metrics") + b"\r\n").decode()
        assert 'feeds_http_requests_total{method="GET",status="304"} 20.0' in metrics
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - started < 8
    lines = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
    assert len(lines) == 23
    first = lines[0]
    assert (first["method"], first["path"], first["status"], first["subscribers"]) == ("GET", "/rss.xml", 200, 12)
    assert first["bytes"] == len(answer.partition(b"\r\n\r\n")[2])
    assert first["ms"] > 0
    assert (folder / ".feeds" / "served.db").exists()


def test_an_address_that_is_taken_is_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"^serve: 127.0.0.1:{port}: is in use already "):
            serve(Settings(config=str(folder / "sources.yaml"), port=port), announce=print)
    assert "FEEDS_SERVE" not in os.environ


# -- the access log -------------------------------------------------------------------------------------------------


class Recorder:
    """A logger that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def info(self, event: str, **fields: Any) -> None:
        """As structlog's."""
        self.events.append({"event": event, **fields})


async def callback(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


def test_one_event_for_each_request_and_no_secret_in_it(folder: Path) -> None:
    log = Recorder()
    routes = [Route("/websub/{secret}", callback, methods=["GET", "POST"])]
    app = make_app(output=str(folder / "output"), address=address_of, routes=routes, log=log)
    ask(app, "/rss.xml?token=hunter2", user_agent="Feedly/1.0 (+http://x; 1234 subscribers; like FeedFetcher)")
    ask(app, "/websub/Zm9vYmFy?hub.challenge=abc", method="POST", body=b"x")
    ask(app, "/nothing%0a%1b[31m", user_agent="evil\r\n\x1b[31m")
    ask(app, "/healthz")
    told = [(event["path"], event["status"]) for event in log.events]
    assert told == [("/rss.xml", 200), ("/websub/…", 200), ("/nothing%0a%1b[31m", 404), ("/healthz", 200)]
    assert {"event", "method", "path", "status", "bytes", "ms", "agent"} <= log.events[0].keys()
    assert log.events[0]["subscribers"] == 1234
    assert "subscribers" not in log.events[1]
    said = json.dumps(log.events)
    assert not any(secret in said for secret in ("hunter2", "Zm9vYmFy", "challenge", "\\u001b", "\\r"))


@pytest.mark.parametrize(
    ("agent", "number"),
    [
        (b"Feedbin feed-id:1 - 12 subscribers", 12),
        (b"Inoreader (1 subscriber)", 1),
        (b"NewsBlur Feed Fetcher - 3 Subscribers", 3),
        (b"x 7 readers", 7),
        (b"Mozilla/5.0", None),
        (b"99999999999999999999 subscribers", None),
        (b"", None),
    ],
)
def test_subscribers_are_read_from_the_agent(agent: bytes, number: int | None) -> None:
    assert agent_fields(agent).get("subscribers") == number


def test_what_is_logged_of_a_stranger_is_short_and_harmless() -> None:
    assert len(agent_fields(b"a" * 100_000)["agent"]) <= 200
    assert len(path_field(b"/" + b"a" * 100_000, is_secret=False)) <= 400
    assert plain(b"a\x00b\r\nc\x1b\x7f\xff") == "a�b��c���"
    assert path_field(b"/websub", is_secret=True) == "/websub/…"
