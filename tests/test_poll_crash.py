"""Killed at any moment, a poll loses nothing and doubles nothing, and the next one asks nobody early."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from feeds.poll.ask import Asked, Asker, Job
from feeds.poll.run import Options, Poller, Round
from feeds.polled import Subscription
from feeds.sources.delta import Reading, read_feed
from feeds.sources.fetch import Fetcher
from feeds.store.schema import entry, entry_past, poll, source_feed
from feeds.store.sql import Store
from tests.polling import NOON, rss
from tests.servers import Client, Server, serving

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")

#: When the round begins that is killed.
KILLED_AT = NOON + timedelta(days=2)
#: When the rounds after it begin.
RERUNS = [
    timedelta(minutes=1),
    timedelta(minutes=6),  # the dead one's claims are over
    timedelta(minutes=62),
    timedelta(hours=4),
    timedelta(hours=26),
    timedelta(hours=54),
    timedelta(hours=54, minutes=1),
]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OLD = rss(("a", "阿尔特曼"), ("b", "Meta"))
NEW = rss(("c", "New"), ("a", "阿尔特曼 resigns"), ("b", "Meta"))
#: The two last ones share a domain.
PATHS = ["/plain/feed", "/same/feed", "/bare/feed", "/broken/feed", "/closed/feed", "/moved/feed", "/twin/1", "/twin/2"]
#: Says to the server what time it is; a test may not hide it in anything that the product looks at.
CLOCK_HEADER = "X-Test-Now"


# -- the server ------------------------------------------------------------------------------------------------------


def answer(client: Client) -> None:
    """What it publishes depends on the path and on the time alone, so that each test meets the same server."""
    path, now = client.request.target, asked_at(client.request.headers)
    body = OLD if now < KILLED_AT or path == "/same/feed" else NEW
    if path == "/broken/feed" and KILLED_AT <= now < KILLED_AT + HOUR:
        client.answer(500)
    elif path == "/closed/feed" and KILLED_AT <= now < KILLED_AT + HOUR:
        client.answer(429, headers={"Retry-After": "3600"})
    elif path == "/moved/feed":
        client.answer(301, headers={"Location": "/new/feed"})
    elif path == "/bare/feed":
        client.answer(200, body)
    else:
        etag = f'"{len(body)}"'
        is_known = client.request.headers.get("if-none-match") == etag
        client.answer(304 if is_known else 200, b"" if is_known else body, {"ETag": etag})


def asked_at(headers: Any) -> datetime:
    return datetime.fromisoformat(headers[CLOCK_HEADER.lower()])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        server.plays("*", answer)
        yield server


def assert_polite(server: Server) -> None:
    """As the server sees it: no feed within an hour, in full only after a day."""
    times: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for seen in list(server.requests):
        times[seen.target].append((asked_at(seen.headers), "if-none-match" in seen.headers))
    for target, asked in times.items():
        for (before, _), (now, is_conditional) in itertools.pairwise(sorted(asked)):
            assert now - before >= (HOUR if is_conditional else DAY), f"{target}: {before} {now}"


# -- a round, in this process or in one that dies ---------------------------------------------------------------------


class Here:
    """Reads documents in this process: how the parser's own process dies is another test's concern."""

    def read(self, body: bytes, **circumstances: Any) -> Reading:
        """As ``Sandbox.read``."""
        return read_feed(body, **circumstances)


def one_round(folder: Path, base: str, now: datetime, step: Callable[[], None] = lambda: None) -> Round:
    """Poll all that is due; ``step`` is called before and after each request."""
    headers = {CLOCK_HEADER: now.isoformat()}
    feeds = [Subscription(source=path, url=base + path, headers=headers, allow_private=True) for path in PATHS]
    looks = itertools.count()
    with (
        closing(Store("sqlite:///state.db", folder=str(folder))) as store,
        closing(Fetcher(user_agent="feeds/test (+https://example.org/)")) as fetcher,
    ):
        asker = Asker(fetcher, Here(), clock=lambda: now)  # type: ignore[arg-type]  # as good as a Sandbox here

        def ask(job: Job) -> Asked:
            step()
            asked = asker.ask(job)
            step()
            return asked

        options = Options(workers=3, patience=timedelta(0))
        clock = lambda: now + timedelta(microseconds=next(looks))  # noqa: E731 (as short as it can be said)
        return Poller(store, ask, feeds, options, clock=clock, report=lambda *_: step()).go()


def serve_deaths() -> None:
    """Run rounds in children that kill themselves: JSON lines in and out. Has no threads, so it may fork."""
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(order)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps(status) + "\n")
        sys.stdout.flush()


def _live(order: dict[str, Any]) -> None:
    step = _arm(order["at"])
    if order["seconds"] is not None:
        signal.setitimer(signal.ITIMER_REAL, order["seconds"])  # SIGALRM, which nobody handles, kills as well
    try:
        one_round(Path(order["folder"]), order["base"], datetime.fromisoformat(order["now"]), step)
    except BaseException as error:  # noqa: BLE001 (the child must not go on as its parent)
        sys.stderr.write(f"{error!r}\n")
        os._exit(3)
    os._exit(0)


def _arm(at: int | None) -> Callable[[], None]:
    """Kill this process before its statement, commit or request number ``at``."""
    counter = itertools.count(1)

    def step() -> None:
        if next(counter) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", lambda _: step())
    event.listen(Engine, "before_cursor_execute", lambda *_: step())
    return step


class Mortals:
    """Starts rounds that are killed."""

    def __init__(self, process: subprocess.Popen[str], base: str) -> None:
        self._process = process
        self._base = base

    def run(self, folder: Path, now: datetime, *, at: int | None = None, seconds: float | None = None) -> bool:
        """One round; whether it was killed before its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"folder": str(folder), "base": self._base, "now": now.isoformat(), "at": at, "seconds": seconds}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status = json.loads(self._process.stdout.readline())
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) in {signal.SIGKILL, signal.SIGALRM}
            return True
        assert os.WEXITSTATUS(status) == 0
        return False


@pytest.fixture(scope="module")
def mortals(server: Server) -> Iterator[Mortals]:
    code = "from tests.test_poll_crash import serve_deaths; serve_deaths()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        yield Mortals(process, server.url("").rstrip("/"))
        assert process.stdin is not None
        process.stdin.close()


# -- what is to be the same ------------------------------------------------------------------------------------------


def content_of(folder: Path) -> list[tuple[Any, ...]]:
    """All entries with all that they were called before, but for the times at which they were met."""
    with closing(Store("sqlite:///state.db", folder=str(folder))) as store, store.snapshot() as connection:
        c = entry.c
        query = select(source_feed.c.url, c.id, c.key, c.title, c.url, c.hash, c.updates).join(source_feed)
        rows = connection.execute(query.order_by(source_feed.c.url, c.key)).all()
        past: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
        for row in connection.execute(select(entry_past).order_by(entry_past.c.until)):
            past[row.entry_id].append((row.title, row.url))
    return [(row.url, *row[2:], past[row.id]) for row in rows]


def logged(folder: Path) -> list[tuple[int, datetime]]:
    """Requests in the state's own log."""
    with closing(Store("sqlite:///state.db", folder=str(folder))) as store, store.snapshot() as connection:
        return [(row.feed_id, row.at) for row in connection.execute(select(poll))]


def go_on(folder: Path, server: Server) -> None:
    """The rounds that cron starts after the one that was killed, until all have been asked again."""
    for later in RERUNS:
        one_round(folder, server.url("").rstrip("/"), KILLED_AT + later)


@pytest.fixture(scope="module")
def polled_before(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Path:
    """A state in which each feed was polled two days before; the second twin had to wait for the first."""
    folder = tmp_path_factory.mktemp("before")
    for wait in (timedelta(0), timedelta(minutes=1)):
        one_round(folder, server.url("").rstrip("/"), NOON + wait)
    return folder


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory, server: Server, polled_before: Path) -> list[tuple[Any, ...]]:
    """What undisturbed rounds leave."""
    folder = Path(shutil.copytree(polled_before, tmp_path_factory.mktemp("undisturbed") / "state"))
    one_round(folder, server.url("").rstrip("/"), KILLED_AT)
    go_on(folder, server)
    content = content_of(folder)
    titles = {(row[0].partition("/feed")[0].rpartition("/")[2], row[1]): row[2] for row in content}
    assert len(content) == 3 * len(PATHS) - 1
    assert titles["broken", "a"] == titles["closed", "a"] == titles["moved", "a"] == "阿尔特曼 resigns"
    return content


@contextmanager
def forgotten(server: Server) -> Iterator[None]:
    """The server's log holds only what is asked within."""
    server.requests.clear()
    yield
    assert_polite(server)


def test_a_round_that_is_killed_at_any_step_is_made_good_by_the_next_ones(
    tmp_path: Path, server: Server, mortals: Mortals, polled_before: Path, wanted: list[tuple[Any, ...]]
) -> None:
    at, stride = 1, 4
    while True:
        folder = Path(shutil.copytree(polled_before, tmp_path / "state"))
        with forgotten(server):
            died = mortals.run(folder, KILLED_AT, at=at)
            go_on(folder, server)
        assert content_of(folder) == wanted, f"killed before step {at}"
        log = logged(folder)
        assert len(log) == len(set(log))
        shutil.rmtree(folder)
        if not died:
            break
        at += stride
    assert at > 12 * stride


def test_a_first_round_that_is_killed_is_made_good_by_the_next_ones(
    tmp_path: Path, server: Server, mortals: Mortals, wanted: list[tuple[Any, ...]]
) -> None:
    """Tables that were half made, feeds that were never heard of."""
    at, stride = 5, 29
    entries = [row[:2] for row in wanted]
    while True:
        folder = tmp_path / "state"
        folder.mkdir()
        with forgotten(server):
            died = mortals.run(folder, KILLED_AT, at=at)
            go_on(folder, server)
        assert [row[:2] for row in content_of(folder)] == entries, f"killed before step {at}"
        assert all(row[-1] == [] for row in content_of(folder))
        shutil.rmtree(folder)
        if not died:
            break
        at += stride
    assert at > 3 * stride


def test_rounds_that_are_killed_one_after_the_other_at_moments_of_chance_lose_nothing(
    tmp_path: Path, server: Server, mortals: Mortals, polled_before: Path, wanted: list[tuple[Any, ...]]
) -> None:
    """By the clock on the wall; the last one lives."""
    seed = random.randrange(1 << 32)  # noqa: S311 (a moment, no secret)
    chance = random.Random(seed)  # noqa: S311 (likewise)
    deaths = 0
    for number in range(4):
        folder = Path(shutil.copytree(polled_before, tmp_path / f"state{number}"))
        with forgotten(server):
            for later in (timedelta(0), *RERUNS[:4]):
                deaths += mortals.run(folder, KILLED_AT + later, seconds=chance.uniform(0.005, 0.3))
            for later in (*RERUNS[4:], timedelta(days=9), timedelta(days=9, minutes=1)):
                one_round(folder, server.url("").rstrip("/"), KILLED_AT + later)
        assert content_of(folder) == wanted, f"seed {seed}"
    assert deaths


#: Each child is a process in which nothing was decoded yet.
_ALL_AT_ONCE = """
import os, sys, threading
sys.setswitchinterval(1e-6)
import msgspec
from feeds.poll.ask import Asker
from feeds.sources.delta import Known, dump, load
from feeds.sources.parser_process import Answer

slices, answer = dump(Known(context="x", slices={b"1": "a"})), msgspec.msgpack.encode(Answer())

def read(together):
    together.wait()
    load(slices)
    msgspec.msgpack.decode(answer, type=Answer)

def live():
    Asker(None, None, clock=None)
    together = threading.Barrier(12)
    threads = [threading.Thread(target=read, args=[together]) for _ in range(12)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    os._exit(0)

for _ in range(20):
    child = os.fork() or live()
    assert os.waitpid(child, 0)[1] == 0, "it died"
"""


def test_many_threads_may_read_their_first_documents_at_once() -> None:
    """The library that decodes what is known of a feed crashes if it is not told of the types beforehand."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", _ALL_AT_ONCE], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
