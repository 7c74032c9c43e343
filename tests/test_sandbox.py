"""What no document can do to us: take more time or memory than it is given, or end the process that reads it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import timeit
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.polled import Failed, FailureKind
from feeds.sources.delta import Known, Reading, read_feed
from feeds.sources.sandbox import Sandbox

URL = "https://example.org/feed"
NOW = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)
IS_LINUX = sys.platform == "linux"

HEAD = b"<?xml version='1.0'?><rss version='2.0'><channel><title>Ours</title>"
TAIL = b"</channel></rss>"


def item(number: int, more: bytes = b"") -> bytes:
    return b"<item><guid isPermaLink='false'>%d</guid><title>Entry %d</title>%s</item>" % (number, number, more)


def rss(*items: bytes) -> bytes:
    return HEAD + b"".join(items) + TAIL


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One child, with limits fit for tests."""
    with Sandbox(processes=1, seconds=1, memory_mib=96) as sandbox:
        yield sandbox


def read(sandbox: Sandbox, body: bytes, known: Known | None = None) -> Reading | Failed:
    return sandbox.read(body, url=URL, content_type="", now=NOW, known=known, shadow=False)


def is_well(sandbox: Sandbox) -> bool:
    """Whether an honest document is read as ever."""
    reading = read(sandbox, rss(item(1)))
    return isinstance(reading, Reading) and reading.feed.entries[0].title == "Entry 1"


def test_a_document_is_read_as_without_a_sandbox(sandbox: Sandbox) -> None:
    body = rss(*(item(number) for number in range(50)))
    assert read(sandbox, body) == read_feed(body, url=URL, content_type="", now=NOW, known=None, shadow=False)


def test_only_what_is_new_is_read(sandbox: Sandbox) -> None:
    first = read(sandbox, rss(item(1), item(2)))
    assert isinstance(first, Reading)
    second = read(sandbox, rss(item(3), item(1), item(2)), first.known)
    assert isinstance(second, Reading)
    assert [entry.title for entry in second.feed.entries] == ["Entry 3"]


def test_a_document_without_anything_new_needs_no_child() -> None:
    known = read_feed(rss(item(1)), url=URL, content_type="", now=NOW, known=None, shadow=False).known
    with Sandbox(processes=1) as sandbox:
        reading = read(sandbox, rss(item(1)), known)
        assert isinstance(reading, Reading)
        assert reading.known is known
        assert sandbox._idle.empty()


def test_what_is_no_feed_is_said_to_be_none(sandbox: Sandbox) -> None:
    failed = read(sandbox, b"<html><body>Access denied</body></html>")
    assert isinstance(failed, Failed)
    assert failed.kind == FailureKind.NOT_A_FEED
    assert failed.sentence


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
#: It takes feedparser 90 s.
ATTRIBUTES = rss(b"<item " + b" ".join(b'a%d="x"' % n for n in range(95_000)) + b">x</item>")
HOSTILE = {
    "2 MB of unclosed items": HEAD + b"<item><title>x" * 150_000,
    "200,000 nested elements": rss(item(1, b"<description><![CDATA[" + b"<div>" * 200_000 + b"]]></description>")),
    "200,000 nested tags": rss(item(1, b"<b>" * 200_000 + b"</b>" * 200_000)),
    "a million references": rss(item(1, b"<description>" + b"&#" * 500_000 + b"</description>")),
    "a billion laughs": b'<!DOCTYPE r [<!ENTITY l0 "lol">' + LAUGHS + b"]>" + rss(item(1, b"&l9;")),
    "quadratic entities": b'<!DOCTYPE r [<!ENTITY a "' + b"a" * 50_000 + b'">]>' + rss(item(1, b"&a;" * 50_000)),
    "a file of ours": b"/etc/passwd",
    "a device": b"/dev/zero",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_costs_bounded_time_and_harms_no_other(sandbox: Sandbox, body: bytes) -> None:
    assert is_well(sandbox)  # a child is ready
    started = time.monotonic()
    outcome = read(sandbox, body)
    assert time.monotonic() - started < 4
    if isinstance(outcome, Failed):
        assert outcome.kind in {FailureKind.TOO_COSTLY, FailureKind.NOT_A_FEED, FailureKind.MALFORMED}
        assert outcome.sentence
    assert is_well(sandbox)


def test_a_document_that_takes_too_long_is_given_up(sandbox: Sandbox) -> None:
    outcome = read(sandbox, ATTRIBUTES)
    assert outcome == Failed(kind=FailureKind.TOO_COSTLY, sentence="reading it takes more than 1 seconds")


@pytest.mark.skipif(not IS_LINUX, reason="only Linux keeps RLIMIT_AS")
def test_a_document_that_takes_too_much_memory_is_given_up() -> None:
    with Sandbox(processes=1, seconds=20, memory_mib=48) as sandbox:
        assert is_well(sandbox)
        outcome = read(sandbox, rss(item(1, b"<description>" + b"word " * 1_600_000 + b"</description>")))
        sentence = "reading it takes more than 48 MiB of memory"
        assert outcome == Failed(kind=FailureKind.TOO_COSTLY, sentence=sentence)
        assert is_well(sandbox)


def test_a_child_that_dies_is_replaced(sandbox: Sandbox) -> None:
    assert is_well(sandbox)
    child = sandbox._idle.get_nowait()
    sandbox._idle.put(child)
    child._process.send_signal(signal.SIGKILL)
    child._process.wait()
    assert is_well(sandbox)


def test_a_document_that_crashes_the_parser_is_too_costly() -> None:
    """What a fault in C code does."""
    with Sandbox(processes=1, seconds=30) as sandbox:
        assert is_well(sandbox)
        child = sandbox._idle.get_nowait()
        sandbox._idle.put(child)
        threading.Timer(0.2, lambda: os.kill(child._process.pid, signal.SIGSEGV)).start()
        outcome = read(sandbox, ATTRIBUTES)
        assert isinstance(outcome, Failed)
        assert outcome.kind == FailureKind.TOO_COSTLY
        assert "SIGSEGV" in outcome.sentence
        assert is_well(sandbox)


def test_many_threads_share_few_children() -> None:
    with Sandbox(processes=2) as sandbox, ThreadPoolExecutor(16) as threads:
        outcomes = list(threads.map(lambda number: read(sandbox, rss(item(number))), range(64)))
        assert [outcome.feed.entries[0].id for outcome in outcomes if isinstance(outcome, Reading)] == [
            str(number) for number in range(64)
        ]
        assert sandbox._idle.qsize() <= 2


def test_the_way_to_the_child_and_back_takes_under_two_milliseconds(sandbox: Sandbox) -> None:
    """Beside the parsing itself; the fastest of many, since other processes are at work here too."""
    body = rss(item(1))
    assert is_well(sandbox)
    there = fastest(lambda: read(sandbox, body))
    here = fastest(lambda: read_feed(body, url=URL, content_type="", now=NOW, known=None, shadow=False))
    assert there - here < 0.002


def fastest(act: Callable[[], object]) -> float:
    """Seconds of one run."""
    return min(timeit.repeat(act, number=1, repeat=100))


def test_close_ends_the_children() -> None:
    sandbox = Sandbox(processes=1)
    assert is_well(sandbox)
    child = sandbox._idle.get_nowait()
    sandbox._idle.put(child)
    sandbox.close()
    assert not child.is_alive


PARENT = """
import sys, time
from datetime import UTC, datetime
from feeds.sources.sandbox import Sandbox
sandbox = Sandbox(processes=1, seconds=60)
def read(body):
    now = datetime.now(UTC)
    return sandbox.read(body, url="https://example.org/", content_type="", now=now, known=None, shadow=False)
read(b"<rss version='2.0'><channel><item><title>a</title></item></channel></rss>")
print(sandbox._idle.queue[0]._process.pid, flush=True)
"""
BUSY = "read(b'<rss><channel><item ' + b' '.join(b'a%d=\"\"' % n for n in range(90000)))"


def run_parent(code: str, folder: Path) -> subprocess.Popen[str]:
    """A process that holds a sandbox, and prints the id of its child when that is ready."""
    script = folder / "script" / "parent.py"
    script.parent.mkdir()
    script.write_text(PARENT + code)
    pipe = subprocess.PIPE
    command = [sys.executable, str(script)]
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=folder, start_new_session=True)


def child_of(parent: subprocess.Popen[str]) -> int:
    assert parent.stdout is not None
    return int(parent.stdout.readline())


def is_gone(pid: int, *, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if IS_LINUX and Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z":
            return True  # nobody has fetched it yet
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("code", ["time.sleep(60)", BUSY], ids=["idle", "busy"])
def test_a_child_leaves_when_its_parent_is_killed(tmp_path: Path, code: str) -> None:
    """Idle or in the middle of a document."""
    with run_parent(code, tmp_path) as parent:
        pid = child_of(parent)
        time.sleep(0.3)
        parent.kill()
        assert is_gone(pid, within=3)


def test_ctrl_c_prints_nothing_of_the_children(tmp_path: Path) -> None:
    with run_parent(f"try:\n    {BUSY}\nexcept KeyboardInterrupt:\n    sandbox.close()\n", tmp_path) as parent:
        pid = child_of(parent)
        time.sleep(0.3)
        os.killpg(parent.pid, signal.SIGINT)
        _, stderr = parent.communicate(timeout=10)
        assert stderr == ""
        assert is_gone(pid, within=3)


def test_a_child_has_no_module_from_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "feedparser.py").write_text("raise SystemExit(3)\n")
    with run_parent("sandbox.close()", tmp_path) as parent:
        assert child_of(parent)


def test_a_child_that_cannot_start_is_an_error_of_ours(tmp_path: Path) -> None:
    code = """
from feeds.errors import SourceError
sys.executable = sys.argv[0]
with Sandbox(processes=1) as broken:
    try:
        broken.read(b"", url="", content_type="", now=datetime.now(UTC), known=None, shadow=False)
    except SourceError as error:
        print(error, flush=True)
sandbox.close()
"""
    with run_parent(code, tmp_path) as parent:
        said, stderr = parent.communicate(timeout=30)
    assert "parser process: " in said
    assert stderr == ""
