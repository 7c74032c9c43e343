"""The daemon over days, and when time or the disk misbehaves: nothing grows or is lost, a tick is the most it costs."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler

from feeds.app import App, Moments
from feeds.daemon import TICK, Daemon
from feeds.timetable import every
from tests.servers import Server
from tests.sites import SmallSite
from tests.test_matching import CITING, CONFIG, LARKSPUR, TALENT, rss

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))  # scripts, not a package

soak = import_module("soak")

#: Seconds that a busy machine is given beside a tick.
PATIENCE = 30.0
HOUR = timedelta(hours=1)
#: In which everybody is asked again, silent sources too.
A_WEEK = timedelta(days=8)


def test_two_days_with_twenty_sources_leave_nothing_behind_and_nothing_undone(tmp_path: Path) -> None:
    life = soak.Soak(tmp_path / "site", sources=20, days=2, articles=10, tick=HOUR)
    rows = life.run(2)
    assert soak.complaints(rows, life.log) == []
    assert all(row.polls > 20 and row.rebuilds >= 4 and row.not_modified for row in rows)
    assert life.log.counts["tidied"] == 2


@dataclass
class Turned:
    """A clock that a test puts ahead or back; time itself goes on."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        """What time it is."""
        return datetime.now(UTC) + self.ahead


@dataclass
class Heard:
    """A log that is a list."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def info(self, event: str, **fields: Any) -> None:
        """Something happened."""
        self.events.append({"event": event} | fields)

    warning = error = info

    def said(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        """The events of this name with these fields."""
        wanted = {"event": event} | fields
        return [one for one in list(self.events) if wanted.items() <= one.items()]


@dataclass
class Life:
    """A daemon in a thread."""

    site: SmallSite
    server: Server
    clock: Turned = field(default_factory=Turned)
    log: Heard = field(default_factory=Heard)

    @contextlib.contextmanager
    def lives(self, make: Callable[[str], App] = App) -> Iterator[None]:
        """From its first round until it has ended."""
        daemon = Daemon(lambda: make(str(self.site.root / "sources.yaml")), self.log, clock=self.clock)
        thread = threading.Thread(target=daemon.run)
        thread.start()
        try:
            self.wait(lambda: self.log.said("poll") and self.log.said("rebuild"), "the first round")
            yield
        finally:
            daemon.stop()
            thread.join(PATIENCE)
        assert not thread.is_alive()

    def wait(self, happened: Callable[[], Any], what: str) -> None:
        """Until it has happened."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, f"{what}: did not happen: {self.log.events}"
            time.sleep(0.05)

    @property
    def polls(self) -> int:
        """How many requests it has told of."""
        return len(self.log.said("poll"))

    def appears(self, name: str) -> None:
        """An article that is due in a second, by the clock, is published: the ticks go on."""
        self.site.write(name, date=(self.clock() + timedelta(seconds=1)).isoformat(), tags=[name])
        self.wait(self.site.output.joinpath(f"tags/{name}/feed.json").exists, name)


@pytest.fixture
def life(tmp_path: Path, server: Server) -> Life:
    state = "sqlite:///.feeds/state.db"
    site = SmallSite.make(tmp_path / "site", CONFIG.format(feed=server.url("/feed"), output="", state=state))
    site.write("citing", date="2025-07-02T17:10:00+08:00", body=CITING, tags=["甲"])
    server.conditional("/feed", rss(TALENT, LARKSPUR).encode(), {"ETag": '"1"'})
    return Life(site, server)


def test_a_clock_put_back_stops_no_tick_and_polls_nothing_early(life: Life) -> None:
    with life.lives():
        life.clock.ahead = -HOUR
        life.wait(lambda: life.log.said("the clock jumped"), "the jump is seen")
        life.appears("later")
        assert life.polls == 1


def test_a_clock_put_ahead_or_a_night_asleep_costs_one_tick(life: Life) -> None:
    """A machine that slept wakes up with a clock that went on while its own time stood still."""
    with life.lives():
        life.clock.ahead = A_WEEK
        life.wait(lambda: life.polls == 2, "what is due by the new clock is polled")
        life.appears("later")
        assert life.polls == 2
    assert life.log.said("stopped", left=[])


def test_a_job_that_raises_is_told_and_comes_again(life: Life) -> None:
    class Stumbling(App):
        failures = 0

        def moments(self, *, now: datetime) -> Moments:
            if Stumbling.failures < 2:
                Stumbling.failures += 1
                raise (RuntimeError, SystemExit)[Stumbling.failures - 1]("stumbled")
            return super().moments(now=now)

    with life.lives(Stumbling):
        life.appears("later")
    assert len(life.log.said("failed", job="tick")) == 2


def test_a_state_that_somebody_holds_delays_and_loses_nothing(life: Life) -> None:
    with life.lives():
        life.server.conditional("/feed", rss(TALENT, LARKSPUR, TALENT.replace("1<", "9<")).encode(), {"ETag": '"2"'})
        with contextlib.closing(sqlite3.connect(life.site.root / ".feeds/state.db", isolation_level=None)) as other:
            other.execute("begin immediate")
            life.clock.ahead = A_WEEK
            life.site.write("later", tags=["丁"])
            time.sleep(2.5 * TICK)
            assert life.polls == 1
            other.execute("rollback")
        life.wait(lambda: life.polls == 2, "the poll that waited")
        life.wait(life.site.output.joinpath("tags/丁/feed.json").exists, "the article that waited")
    assert not life.log.said("failed")


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=30 * 365)])
def test_whatever_was_missed_a_job_is_done_once(jump: timedelta) -> None:
    now = datetime(2025, 8, 1, tzinfo=UTC)
    job = Job(BackgroundScheduler(timezone=UTC), trigger=every(2), next_run_time=now, **_JOB)
    assert job._get_run_times(now + jump) == [now]
    assert every(2).get_next_fire_time(now, now + jump) == now + jump + timedelta(seconds=2)
    assert every(2).get_next_fire_time(None, now) == now


_JOB: dict[str, Any] = {
    "id": "tick",
    "func": print,
    "args": (),
    "kwargs": {},
    "name": "tick",
    "misfire_grace_time": None,
    "coalesce": True,
    "max_instances": 1,
    "executor": "default",
}
