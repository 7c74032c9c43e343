"""Killed at any moment, a rebuild leaves nothing torn, and the next one gives what an undisturbed one gives."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from feeds.publish.render import check_document
from tests.sites import NOW, SmallSite

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")

#: Before every so many-th write a run is killed: a minute for each of them.
_STEP = 1 if os.environ.get("FEEDS_PROOF") else 2
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _rebuild_and_die(site: SmallSite, at: int, **options: Any) -> bool:
    """Rebuild in a child that kills itself before its ``at``-th write; False when there were fewer."""
    child = os.fork()
    if child == 0:
        _arm(at)
        try:
            site.rebuild(**options)
        except BaseException:  # noqa: BLE001 (the child must not go on as a test)
            os._exit(3)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def _arm(at: int) -> None:
    """Count everything that changes the disk, commits included; kill this process before number ``at``."""
    count = 0

    def step() -> None:
        nonlocal count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(name: str, arguments: tuple[Any, ...]) -> None:
        is_write = name == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
        if is_write or name in {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate"}:
            step()

    event.listen(Engine, "commit", lambda _: step())
    event.listen(Engine, "before_cursor_execute", lambda *_: step())
    sys.addaudithook(hook)


def _make(root: Path) -> SmallSite:
    site = SmallSite.make(root)
    for n in range(8):
        site.write(f"a{n}", tags=["甲", f"词{n % 3}"], date=f"2025-06-{n + 1:02}T08:00:00+08:00")
    return site


def _edit(site: SmallSite) -> None:
    site.write("a7", tags=["甲", "新"], date="2025-06-08T08:00:00+08:00", body="改过。")
    site.write("b", tags=["甲"], date="2025-06-20T08:00:00+08:00")
    (site.posts / "a6.md").unlink()


def _assert_nothing_torn(site: SmallSite) -> None:
    for path in site.output.rglob("*"):
        if path.is_file() and ".feeds-tmp" not in path.parts and path.suffix in {".xml", ".json"}:
            form = {"rss.xml": "rss", "atom.xml": "atom", "feed.json": "json"}[path.name]
            data = path.read_bytes()
            ids = [entry.id for entry in site.entries(str(path.relative_to(site.output)))] if form != "json" else None
            check_document(
                data,
                form,
                ids if ids is not None else [i["id"] for i in site.items(str(path.relative_to(site.output)))],
            )


def test_a_first_build_that_is_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    undisturbed = _make(tmp_path / "undisturbed")
    undisturbed.rebuild()
    wanted = undisturbed.tree()
    at, step = 1, 7
    while True:
        site = _make(tmp_path / "site")
        died = _rebuild_and_die(site, at)
        _assert_nothing_torn(site)
        site.rebuild()
        assert site.tree() == wanted, f"killed before write {at}"
        shutil.rmtree(site.root)
        if not died:
            break
        at += step
    assert at > 20 * step


def test_an_incremental_build_that_is_killed_at_any_write_is_finished_by_the_next(tmp_path: Path) -> None:
    start = _make(tmp_path / "start")
    start.rebuild()
    undisturbed = SmallSite(shutil.copytree(start.root, tmp_path / "undisturbed"))
    _edit(undisturbed)
    later = NOW + timedelta(hours=1)
    undisturbed.rebuild(now=later)
    wanted = undisturbed.tree()
    at = 1
    while True:
        site = SmallSite(shutil.copytree(start.root, tmp_path / "site"))
        _edit(site)
        died = _rebuild_and_die(site, at, now=later)
        _assert_nothing_torn(site)
        site.rebuild(now=later)
        assert site.tree() == wanted, f"killed before write {at}"
        assert site.rebuild(now=later).written == 0
        shutil.rmtree(site.root)
        if not died:
            break
        at += _STEP
    assert at > 20


def test_a_full_disk_is_a_clear_error_and_the_next_run_finishes(tmp_path: Path) -> None:
    """RLIMIT_FSIZE stands in for the full disk: a write beyond it fails."""
    import resource  # noqa: PLC0415 (POSIX only)

    site = _make(tmp_path / "site")
    site.write("long", body="很长的正文。" * 3000, tags=["长"])
    site.rebuild()
    before = site.tree()
    site.write("long", body="更长的正文。" * 9000, tags=["长"])
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = (site.root / ".feeds/state.db").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 200_000, size + 200_000))
        try:
            report = site.rebuild()
            os._exit(10 if report.failure else 11)
        except BaseException as error:  # noqa: BLE001 (the child must not go on as a test)
            os._exit(12 if type(error).__name__ in {"PublishError", "StoreError"} else 13)
    _, status = os.waitpid(child, 0)
    assert os.WEXITSTATUS(status) in {10, 12}
    _assert_nothing_torn(site)
    assert site.tree().keys() == before.keys()
    assert not site.rebuild().has_errors
    assert "更长的正文" in site.output.joinpath("tags/长/rss.xml").read_text(encoding="utf-8")
