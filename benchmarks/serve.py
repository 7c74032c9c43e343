"""Requests per second of ``feeds serve``, and of nginx on the same files in the same run where there is one.

    python benchmarks/serve.py --seconds 5 --connections 32 --workers 2

Client and servers share the processors of one machine, so the figures of the two servers are to be compared with each
other rather than with other people's. Everything stays on loopback, and stops by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import poll_server

FEEDS = 200
#: What a reader sends.
_AGENT = "User-Agent: bench/1 (+https://example.org/; 3 subscribers)\r\nAccept: application/rss+xml, */*\r\n"


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one load."""

    per_second: float
    #: Milliseconds.
    middle: float
    p99: float
    #: Answers that had another status than the one that was asked for.
    wrong: int


async def _client(port: int, requests: Sequence[bytes], wanted: bytes, until: float) -> tuple[list[float], int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    taken: list[float] = []
    wrong = at = 0
    try:
        while time.perf_counter() < until:
            started = time.perf_counter()
            writer.write(requests[at % len(requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            if wanted == b"200":
                await reader.readexactly(_length(head))
            wrong += head[9:12] != wanted
            taken.append(time.perf_counter() - started)
            at += 7
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    return taken, wrong


def _length(head: bytes) -> int:
    lower = head.lower()
    at = lower.index(b"content-length:") + 15
    return int(lower[at : lower.index(b"\r", at)])


async def _load(port: int, requests: Sequence[bytes], wanted: bytes, connections: int, seconds: float) -> Load:
    started = time.perf_counter()
    until = started + seconds
    clients = [_client(port, requests[n:] + requests[:n], wanted, until) for n in range(connections)]
    done = await asyncio.gather(*clients)
    taken = sorted(one for times, _ in done for one in times)
    spent = time.perf_counter() - started
    at = [taken[int(len(taken) * share)] * 1000 for share in (0.5, 0.99)]
    return Load(len(taken) / spent, at[0], at[1], sum(wrong for _, wrong in done))


def _run(work: object) -> Load:
    try:
        import uvloop  # noqa: PLC0415 (makes the client cheaper where it is installed)
    except ImportError:
        return asyncio.run(work)  # type: ignore[arg-type]
    return uvloop.run(work)  # type: ignore[arg-type, no-any-return]


def _request(path: str, *lines: str) -> bytes:
    head = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *lines]
    return ("\r\n".join(head) + "\r\n" + _AGENT + "\r\n").encode()


async def _tag(port: int, path: str, coding: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_request(path, coding, "Connection: close"))
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    writer.close()
    return next(line.partition(":")[2].strip() for line in head.split("\r\n") if line.lower().startswith("etag:"))


def measure(name: str, port: int, pid: int, options: argparse.Namespace) -> None:
    """Measure one server and print its row."""
    coding = "Accept-Encoding: gzip"
    paths = [f"/tags/t{number}/rss.xml" for number in range(FEEDS)]
    tags = [asyncio.run(_tag(port, path, coding)) for path in paths]
    loads = {
        "304": [_request(path, coding, f"If-None-Match: {tag}") for path, tag in zip(paths, tags, strict=True)],
        "200": [_request(path, coding) for path in paths],
    }
    for status, requests in loads.items():
        _run(_load(port, requests, status.encode(), options.connections, 0.5))
        before = cpu_of(pid)
        found = _run(_load(port, requests, status.encode(), options.connections, options.seconds))
        cost = (cpu_of(pid) - before) / (found.per_second * options.seconds) * 1e6
        print(
            f"| {name} | {status} | {found.per_second:,.0f} | {found.middle:.2f} | {found.p99:.2f} | {cost:.0f} | "
            f"{memory_of(pid):.0f} | {found.wrong} |"
        )


def memory_of(pid: int) -> float:
    """Resident MiB of a process and its children, shared pages once for each."""
    total = 0
    for one in [pid, *_children(pid)]:
        with suppress(OSError):
            lines = Path(f"/proc/{one}/status").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return total / 1024


def cpu_of(pid: int) -> float:
    """Seconds of processor that a process and its children have used."""
    ticks = 0
    for one in [pid, *_children(pid)]:
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")


@contextmanager
def _running(command: Sequence[str], port: int, folder: Path) -> Iterator[int]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _site(folder: Path) -> None:
    (folder / "content").mkdir()
    site = "site: {title: T, url: 'https://example.org/'}\ncontent: [{path: content}]\n"
    (folder / "sources.yaml").write_text(site, encoding="utf-8")
    for number in range(FEEDS):
        path = folder / f"output/tags/t{number}/rss.xml"
        path.parent.mkdir(parents=True)
        path.write_bytes(poll_server.make_feed(number, 1))
        # So that both servers send the same bytes, and nginx need not compress for each request.
        path.with_name("rss.xml.gz").write_bytes(gzip.compress(path.read_bytes(), 6, mtime=0))


_NGINX = """
daemon off; worker_processes {workers}; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log {log};
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  types {{ application/rss+xml xml; }}
  gzip on; gzip_types application/rss+xml; gzip_static {static}; gzip_http_version 1.1; gzip_vary on;
  sendfile on; tcp_nopush on; keepalive_requests 1000000;
  server {{ listen 127.0.0.1:{port}; root {folder}/output; }}
}}
"""


def _serve_ours(folder: Path, options: argparse.Namespace, *, is_logged: bool) -> tuple[list[str], int]:
    port = _free_port()
    code = (
        "import sys; from feeds.web.serve import Settings, serve; "
        f"serve(Settings(config={str(folder / 'sources.yaml')!r}, port={port}, workers={options.workers}, "
        f"access_log={is_logged}), announce=print)"
    )
    return [sys.executable, "-c", code], port


def _serve_nginx(binary: str, folder: Path, options: argparse.Namespace) -> tuple[list[str], int]:
    port = _free_port()
    text = _NGINX.format(folder=folder, port=port, workers=options.workers, static="on", log=folder / "access.log")
    (folder / "nginx.conf").write_text(text)
    return [binary, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")], port


def main() -> None:
    """Measure what there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    print(
        f"{FEEDS} feeds of 116 KB, {options.connections} connections, {options.workers} workers, {os.cpu_count()} cores"
    )
    columns = ("server", "status", "per second", "p50 ms", "p99 ms", "CPU us", "MiB", "wrong")
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    with tempfile.TemporaryDirectory(prefix="feeds-serve-") as name:
        folder = Path(name)
        # nginx's workers give up root and must still reach the files.
        folder.chmod(0o755)
        _site(folder)
        for label, is_logged in (("feeds serve", True), ("feeds serve, no access log", False)):
            command, port = _serve_ours(folder, options, is_logged=is_logged)
            with _running(command, port, folder) as pid:
                measure(label, port, pid, options)
        if nginx:
            command, port = _serve_nginx(nginx, folder, options)
            with _running(command, port, folder) as pid:
                measure("nginx", port, pid, options)
        else:
            print("no nginx here: install it to compare")


if __name__ == "__main__":
    main()
