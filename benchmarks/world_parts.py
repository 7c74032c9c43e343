"""The parts of a made-up world that are processes and state: started, told to stop, killed, looked into."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import text
from world_sources import ENTRY_TITLE

from feeds.app import App
from feeds.poll.record import Memory, feed_values, read_memory, write_memory
from feeds.poll.run import Options
from feeds.sources.domains import domain_key
from feeds.sources.state import first_state
from feeds.store import source_rows
from feeds.store.sql import Store
from feeds.unpack import subscriptions_of

ROOT = Path(__file__).parents[1]
STATE = "sqlite:///.feeds/state.db"


class Process:
    """One of our commands, in a group of its own, with what it says in a file."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        """``feeds`` with these arguments; the name of its log is its first one."""
        self.log = folder / f"{arguments[0]}.log"
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "feeds", *arguments],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": path},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._process.pid

    @property
    def is_alive(self) -> bool:
        """It has not ended."""
        return self._process.poll() is None

    def stop(self, patience: float = 70) -> int:
        """Tell it to stop; gives its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(patience)

    def kill(self) -> None:
        """As nobody expects: it and all that it started."""
        if self.is_alive:  # else its number may be another's by now
            self.tell(signal.SIGKILL)
            self._process.wait(10)

    def kill_alone(self) -> None:
        """As nobody expects: it, and not what it started."""
        self._process.kill()
        self._process.wait(10)

    def tell(self, number: int) -> None:
        """A signal for it and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def children(self) -> list[int]:
        """The processes that it started itself."""
        try:
            return [int(one) for one in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except OSError:
            return []


def end(pid: int) -> None:
    """Kill a process, which may be dead."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def free_port() -> int:
    """One that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_until(happened: Callable[[], Any], what: str, patience: float = 60) -> float:
    """Until it has happened; how long that took."""
    begun = time.monotonic()
    while not happened():
        if time.monotonic() > begun + patience:
            raise TimeoutError(f"{what}: did not happen within {patience:.0f} s")
        time.sleep(0.02)
    return time.monotonic() - begun


def is_answering(port: int) -> bool:
    """Somebody who listens at the port answers; a listener alone may still be starting those who do."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


# -- the log ---------------------------------------------------------------------------------------------------------


def events_of(log: Path) -> list[dict[str, Any]]:
    """What a process has said; what is no JSON as the event ``line``, such as one that was cut by a kill."""
    if not log.exists():
        return []
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return list(map(_event, lines))


def _event(line: str) -> dict[str, Any]:
    try:
        event: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"event": "line", "text": line}
    return event


# -- the state -------------------------------------------------------------------------------------------------------


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """The state of the site in a folder."""
    with closing(Store(STATE, folder=str(folder))) as store:
        yield store


def poll_long_ago(folder: Path) -> None:
    """Ask every source once, by a clock that is two days late: so all may be asked again today."""
    late = datetime.now(UTC) - timedelta(days=2) - timedelta(seconds=time.monotonic())
    clock = lambda: late + timedelta(seconds=time.monotonic())  # noqa: E731 (it is one)
    App(str(folder / "sources.yaml")).poll(Options(), clock=clock, report=lambda *_: None)


def know_sources(folder: Path, moment: datetime) -> None:
    """Enter the sources of sources.yaml, never asked, each due at this moment."""
    urls = {one.url: one.source for one in subscriptions_of(App(str(folder / "sources.yaml")).config)}

    def make(url: str) -> dict[str, str]:
        return {"domain": domain_key(url), "learnt": write_memory(Memory(first_state(url)))}

    with opened(folder) as store, store.transaction() as connection:
        source_rows.sync_feeds(connection, urls, make)
    set_due(folder, dict.fromkeys(urls, moment))


def set_due(folder: Path, moments: Mapping[str, datetime]) -> None:
    """Let feeds be due at these moments: url -> moment. Everything else that was learnt of them stays."""
    with opened(folder) as store, store.transaction() as connection:
        for row in source_rows.active_feeds(connection):
            if row.url in moments:
                memory = read_memory(row.learnt)
                state = replace(memory.state, next_poll=moments[row.url])
                memory = type(memory)(state, memory.times, memory.window)
                source_rows.save_feeds(connection, [feed_values(row.id, memory, domain_free=None)])


def left_behind(folder: Path, pid: int) -> list[str]:
    """What a state that has come to rest should not hold; claims of a process that was killed end by themselves."""
    questions = {
        "documents to be written": "select count(*) from dirty",
        "claims of feeds": f"select count(*) from source_feed where claimed_by like '%:{pid}:%'",  # noqa: S608 (a number)
        "entries that were not compared": "select count(*) from entry where not matched",
        "a rebuild that was cut": "select count(*) from meta where key = 'writing' and value = 'yes'",
    }
    with opened(folder) as store, store.snapshot() as connection:
        counts = {what: connection.execute(text(question)).scalar() for what, question in questions.items()}
        health = connection.exec_driver_sql("pragma integrity_check").scalar()
    counts["pushes that were not read"] = len(list((folder / ".feeds/pushes").glob("*")))
    faults = [f"the state holds {count} {what}" for what, count in counts.items() if count]
    return faults if health == "ok" else [*faults, f"the state is damaged: {health}"]


def titles_in(folder: Path) -> set[str]:
    """The titles of all entries that are stored."""
    with opened(folder) as store, store.snapshot() as connection:
        return set(connection.execute(text("select title from entry")).scalars())


def secrets_in(folder: Path) -> list[str]:
    """What the state knows and no log may show."""
    with opened(folder) as store, store.snapshot() as connection:
        return [one for row in connection.execute(text("select token, secret from subscription")) for one in row]


def rebuilt(folder: Path) -> str:
    """What ``feeds rebuild`` says."""
    command = [sys.executable, "-m", "feeds", "rebuild"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout.strip() + (f" (exit {done.returncode}: {done.stderr.strip()})" if done.returncode else "")


def documents(folder: Path) -> list[str]:
    """Paths of the documents under output/, as they are asked for; folders may come and go meanwhile."""
    root = str(folder / "output")
    names = {"rss.xml", "atom.xml", "feed.json"}
    found = ((place, name) for place, _, files in os.walk(root) for name in files if name in names)
    return sorted(f"{place.removeprefix(root)}/{name}" for place, name in found)


def titles_served(folder: Path) -> set[str]:
    """The titles of all items that were made of entries and stand in documents."""
    found: set[str] = set()
    for path in documents(folder):
        if path.endswith(".json"):
            with suppress(FileNotFoundError):  # removed a moment ago
                items = json.loads((folder / f"output{path}").read_bytes())["items"]
                found |= {item["title"] for item in items if item.get("title", "").endswith(ENTRY_TITLE)}
    return found
