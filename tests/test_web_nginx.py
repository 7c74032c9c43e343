"""The snippets in docs/ give the headers that ``feeds serve`` sends; real servers are asked."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from feeds.model import FeedLinks
from feeds.publish.render import FORMATS
from feeds.web.app import make_app
from tests.conftest import missing
from tests.web_site import BASE, HUB, address_of, ask, make_document, make_item, put

DOCS = Path(__file__).parents[1] / "docs"
PATHS = (
    "/",
    "/rss.xml",
    "/atom.xml",
    "/feed.json",
    "/feeds.opml",
    "/look.css",
    "/tags/%E4%BA%BA%E5%B7%A5/rss.xml",
    "/archive/1/rss.xml",
    "/archive/1/feed.json",
)
#: What is said otherwise on purpose, or by the way of sending.
OTHERWISE = {
    "etag",
    "date",
    "server",
    "connection",
    "content-length",
    "transfer-encoding",
    "accept-ranges",
    "keep-alive",
}


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A folder that whoever the server becomes may read."""
    with tempfile.TemporaryDirectory(prefix="feeds-web-") as name:
        Path(name).chmod(0o755)
        root = Path(name) / "output"
        items = [make_item(number) for number in range(3)]
        for form in FORMATS.values():
            put(root, form.filename, make_document(form.name, items, hub=HUB))
            put(root, f"tags/人工/{form.filename}", make_document(form.name, items, hub=HUB))
            links = FeedLinks(current=BASE + form.filename)
            put(root, f"archive/1/{form.filename}", make_document(form.name, items, links=links, hub=HUB))
        put(root, "feeds.opml", b"<opml>" + b" " * 500 + b"</opml>")
        put(root, "index.html", b"<p>" + b"x" * 500)
        put(root, "look.css", b"body {} " * 100)
        put(root, ".hidden", b"secret")
        yield root


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def snippet(name: str, root: Path, site: str) -> str:
    text = (DOCS / name).read_text(encoding="utf-8")
    for word, value in {"ROOT": str(root), "HUB": HUB, "BASE": BASE, "SITE": site}.items():
        text = re.sub(rf"\b{word}(?![A-Za-z])", value, text)
    return text


def nginx(root: Path, port: int, binary: str) -> list[str]:
    """The command that runs nginx on the snippet."""
    folder = root.parent
    text = snippet("nginx.conf", root, "localhost").replace("listen 80;", f"listen 127.0.0.1:{port};")
    paths = " ".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    head = f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ access_log off; {paths}\n"
    (folder / "nginx.conf").write_text(f"{head}{text}\n}}\n", encoding="utf-8")
    return [binary, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]


def caddy(root: Path, port: int, binary: str) -> list[str]:
    """The command that runs Caddy on the snippet."""
    text = snippet("Caddyfile", root, f"http://127.0.0.1:{port}").replace(f"<{BASE}", f"<{BASE[:-1]}")
    text = "{\n\tadmin off\n\tauto_https off\n}\n" + text
    (root.parent / "Caddyfile").write_text(text, encoding="utf-8")
    return [binary, "run", "--config", f"{root.parent}/Caddyfile", "--adapter", "caddyfile"]


SERVERS: dict[str, Callable[[Path, int, str], list[str]]] = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module", params=SERVERS)
def port(root: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    """Where a real server with the snippet listens."""
    binary = shutil.which(request.param, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if binary is None:
        if request.param == "caddy":
            pytest.skip("needs caddy")
        missing(request.param)
    port = free_port()
    with (root.parent / "log").open("wb") as log:
        process = subprocess.Popen(SERVERS[request.param](root, port, str(binary)), stdout=log, stderr=log)
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        else:
            pytest.fail((root.parent / "log").read_text() + (root.parent / "error.log").read_text())
        yield port
    finally:
        process.terminate()
        process.wait(10)


def fetch(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def compared(headers: Any) -> dict[str, str]:
    return {name: value.lower().replace(" ", "") for name, value in headers.items() if name not in OTHERWISE}


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize("path", PATHS)
def test_the_headers_are_those_of_feeds_serve(port: int, root: Path, path: str, coding: str) -> None:
    ours = ask(make_app(output=str(root), address=address_of, hub=HUB), path, accept_encoding=coding)
    status, theirs = fetch(port, path, accept_encoding=coding)
    assert status == ours.status == 200
    assert compared(theirs) == compared(ours.headers)
    assert "etag" in theirs


@pytest.mark.parametrize("path", ["/rss.xml", "/feed.json"])
def test_conditions_and_head_work_alike(port: int, path: str) -> None:
    _, said = fetch(port, path)
    assert fetch(port, path, if_none_match=said["etag"])[0] == 304
    assert fetch(port, path, if_modified_since=said["last-modified"])[0] == 304
    assert fetch(port, path, "HEAD")[0] == 200


def test_hidden_files_and_other_methods_are_refused(port: int) -> None:
    assert fetch(port, "/.hidden")[0] == 404
    assert fetch(port, "/rss.xml", "POST")[0] in {403, 405}
