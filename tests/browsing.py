"""A real browser on a folder of pages, served on loopback; nothing else can be reached."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from feeds.web.kinds import kind_of

#: Chromium calls nobody by itself, and needs neither a display nor a user of its own.
_SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """Where it is; None when there is none."""
    return os.environ.get("FEEDS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def axe() -> str | None:
    """The source of axe-core: a file named by FEEDS_AXE, or the one that comes with axe-playwright-python."""
    if named := os.environ.get("FEEDS_AXE"):
        return Path(named).read_text("utf-8")
    if find_spec("axe_playwright_python") is None:
        return None
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


@contextmanager
def browsing() -> Iterator[Any]:
    """A browser, as Playwright has it."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (may be missing)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(_SWITCHES))
        try:
            yield browser
        finally:
            browser.close()


class _Handler(SimpleHTTPRequestHandler):
    """Files with the types and the policies that ``feeds serve`` sends."""

    def end_headers(self) -> None:
        """Add the policy."""
        kind = kind_of(unquote(self.path.rpartition("/")[2]) or "index.html")
        self.send_header("Content-Security-Policy", kind.policy.decode())
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def guess_type(self, path: Any) -> str:
        """The type by the name."""
        return kind_of(str(path).rpartition("/")[2]).media_type.decode()

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


@contextmanager
def serving_folder(folder: Path) -> Iterator[str]:
    """Address of a server that shows the folder, which may still be empty."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
