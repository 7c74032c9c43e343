"""The daemon as a process: it polls, watches, publishes, reloads and ends as it is told."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.servers import Client, Server
from tests.sites import SmallSite
from tests.test_matching import CITING, CONFIG, LARKSPUR, TALENT, rss

#: Seconds in which what changed is to be on the wire, and what a busy machine is given beside.
SOON, PATIENCE = 5.0, 40.0


@dataclass
class Running:
    """A daemon at work, and what it has said."""

    process: subprocess.Popen[str]
    events: list[dict[str, Any]] = field(default_factory=list)

    def said(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        """The events of this name with these fields."""
        wanted = {"event": event} | fields
        return [one for one in list(self.events) if wanted.items() <= one.items()]

    def read(self) -> None:
        """Until it ends."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.events.append(json.loads(line) if line.startswith("{") else {"event": "line", "text": line})


def wait_for(happened: Callable[[], Any], what: str) -> float:
    """Until it has happened; how long that took."""
    begun = time.monotonic()
    while time.monotonic() < begun + PATIENCE:
        if happened():
            return time.monotonic() - begun
        time.sleep(0.05)
    raise AssertionError(f"{what}: did not happen")


@contextmanager
def daemon(site: SmallSite, **env: str) -> Iterator[Running]:
    """``feeds daemon``, killed at the end should it still run."""
    command = [sys.executable, "-m", "feeds", "daemon", "--log-json"]
    with subprocess.Popen(command, cwd=site.root, stderr=subprocess.PIPE, text=True, env=os.environ | env) as process:
        running = Running(process)
        reader = threading.Thread(target=running.read, daemon=True)
        reader.start()
        try:
            wait_for(lambda: running.said("rebuild"), "the first rebuild")
            yield running
        finally:
            process.kill()
            reader.join(10)


def stop(running: Running) -> int:
    running.process.send_signal(signal.SIGTERM)
    return running.process.wait(PATIENCE)


@pytest.fixture
def site(tmp_path: Path, server: Server) -> SmallSite:
    state = "sqlite:///.feeds/state.db"
    site = SmallSite.make(tmp_path / "site", CONFIG.format(feed=server.url("/feed"), output="", state=state))
    site.write("citing", date="2025-07-02T17:10:00+08:00", body=CITING, tags=["甲"])
    server.answers("/feed", body=rss(TALENT, LARKSPUR).encode())
    return site


def is_verified(site: SmallSite) -> bool:
    items = site.items("feed.json") if site.output.joinpath("feed.json").exists() else []
    return any(cited["verified"] for item in items for cited in item.get("_feeds", {}).get("citations", ()))


def test_it_polls_matches_and_publishes_and_ends_when_told(site: SmallSite) -> None:
    with daemon(site) as running:
        wait_for(lambda: is_verified(site), "the citation is verified")
        (poll,) = running.said("poll")
        assert (poll["source"], poll["outcome"], poll["new"]) == ("Wired", "fetched", 2)
        assert stop(running) == 0
    assert running.said("stopped", left=[])
    assert site.run("rebuild").stdout.startswith("0 of ")


def test_what_the_poll_in_hand_brings_is_published_before_it_ends(site: SmallSite, server: Server) -> None:
    def slowly(client: Client) -> None:
        time.sleep(3)
        client.answer(200, rss(TALENT, LARKSPUR).encode(), {"Content-Type": "application/rss+xml"})

    server.plays("/feed", slowly)
    with daemon(site) as running:
        wait_for(lambda: server.requests, "the request")
        assert not is_verified(site)
        assert stop(running) == 0
        assert is_verified(site)
    assert site.run("rebuild").stdout.startswith("0 of ")


def test_a_saved_article_is_on_the_wire_within_seconds(site: SmallSite) -> None:
    with daemon(site) as running:
        wait_for(lambda: is_verified(site), "the first round")
        site.write("later", tags=["丁"])
        took = wait_for(site.output.joinpath("tags/丁/atom.xml").exists, "the new article")
        assert took < SOON or os.environ.get("CI")
        site.posts.joinpath("later.md").unlink()
        wait_for(lambda: len(site.items("tags/丁/feed.json")) == 0, "its removal")
        assert stop(running) == 0


def test_it_hears_of_changes_where_the_kernel_says_nothing(site: SmallSite) -> None:
    with daemon(site, WATCHFILES_FORCE_POLLING="true"):
        site.write("later", tags=["丁"])
        wait_for(site.output.joinpath("tags/丁/atom.xml").exists, "the new article")


def test_a_folder_that_is_replaced_or_comes_later_is_watched(site: SmallSite) -> None:
    """As a deployment does it: the new folder is made beside the old one, and takes its name."""
    away = site.root / "away"
    site.posts.rename(away)
    with daemon(site) as running:
        new = site.root / "new"
        shutil.copytree(away, new)
        new.rename(site.posts)
        wait_for(site.output.joinpath("tags/甲/atom.xml").exists, "the folder that came")
        shutil.copytree(site.posts, new)
        site.posts.rename(site.root / "old")
        new.rename(site.posts)
        time.sleep(1)
        site.write("later", tags=["丁"])
        wait_for(site.output.joinpath("tags/丁/atom.xml").exists, "an article in the folder that took its place")
        shutil.rmtree(site.posts)
        time.sleep(2)
        shutil.copytree(site.root / "old", site.posts)
        site.write("last", tags=["戊"])
        wait_for(site.output.joinpath("tags/戊/atom.xml").exists, "an article in a folder that was gone for a while")
        assert running.said("line") == []


def test_an_article_of_the_future_appears_at_its_time(site: SmallSite) -> None:
    soon = datetime.fromtimestamp(time.time() + 6, UTC).isoformat()
    site.write("soon", date=soon, tags=["丁"])
    with daemon(site):
        assert not site.output.joinpath("tags/丁/atom.xml").exists()
        wait_for(site.output.joinpath("tags/丁/atom.xml").exists, "its time has come")


def test_a_broken_configuration_keeps_the_old_one_and_a_good_one_is_taken(site: SmallSite) -> None:
    config = site.root / "sources.yaml"
    good = config.read_text("utf-8")
    with daemon(site) as running:
        config.write_text(good.replace("limit: 6", "limit: many"), "utf-8")
        running.process.send_signal(signal.SIGHUP)
        wait_for(lambda: running.said("the old configuration stays"), "the complaint")
        assert "output.limit" in running.said("the old configuration stays")[0]["error"]
        site.write("later", tags=["丁"])
        wait_for(site.output.joinpath("tags/丁/atom.xml").exists, "it goes on as before")
        config.write_text(good.replace("小站", "大站"), "utf-8")
        running.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "大站" in site.output.joinpath("atom.xml").read_text("utf-8"), "the new title")
        assert stop(running) == 0


def test_a_failing_source_and_a_broken_article_are_told_and_the_rest_goes_on(site: SmallSite, server: Server) -> None:
    server.answers("/feed", 500)
    site.write("broken").write_bytes(b"\x00\x01" * 100)
    with daemon(site) as running:
        wait_for(lambda: running.said("poll", level="warning"), "the failure")
        assert running.said("rebuild", quarantined=1)
        assert [one for one in running.said("problem") if "broken.md" in one["problem"]]
        assert stop(running) == 0


def test_while_another_run_is_at_work_it_waits(site: SmallSite) -> None:
    with daemon(site) as running:
        wait_for(lambda: is_verified(site), "the first round")
        assert running.process.poll() is None
        # The daemon holds no lock while it does nothing, so people may rebuild by hand.
        assert site.run("rebuild").returncode == 0


def test_what_was_saved_while_another_run_was_at_work_is_published_right_after_it(site: SmallSite) -> None:
    import fcntl  # noqa: PLC0415 (POSIX only)

    with daemon(site) as running:
        wait_for(lambda: is_verified(site), "the first round")
        with (site.root / ".feeds/state.db.lock").open("w") as lock:
            # The daemon's own rebuild may hold it still.
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Its first rebuild may have waited for its first round.
            before = len(running.said("waiting", job="rebuild"))
            site.write("later", tags=["丁"])
            wait_for(lambda: running.said("waiting", job="rebuild"), "the word that it waits")
            time.sleep(2.5)
        took = wait_for(site.output.joinpath("tags/丁/atom.xml").exists, "the new article")
        assert took < SOON or os.environ.get("CI")
        # Once, however often it looked.
        assert len(running.said("waiting", job="rebuild")) <= before + 1


def test_a_second_run_at_the_same_time_is_busy(site: SmallSite) -> None:
    import fcntl  # noqa: PLC0415 (POSIX only)

    site.rebuild()
    with (site.root / ".feeds/state.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = site.run("run")
    assert (done.returncode, done.stderr.count("\n")) == (75, 1)
    assert "another run is at work" in done.stderr
    # The lock of a dead process is nobody's.
    assert site.run("run").returncode == 0


def test_a_change_of_the_generators_configuration_is_followed(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path, 'site: {title: T, url: "https://example.org/", language: en}\n')
    settings = tmp_path / "hugo.toml"
    settings.write_text('baseURL = "https://example.org/"\n', encoding="utf-8")
    site.write("a")
    with daemon(site) as running:
        assert [item["url"] for item in site.items("feed.json")] == ["https://example.org/posts/a/"]
        settings.write_text("[permalinks]\nposts = '/p/:contentbasename/'\n", encoding="utf-8")
        moved = ["https://example.org/p/a/"]
        wait_for(lambda: [item["url"] for item in site.items("feed.json")] == moved, "the new address")
        settings.write_text("permalinks = [broken\n", encoding="utf-8")
        wait_for(lambda: running.said("the old configuration stays"), "the refusal")
        assert stop(running) == 0
    assert [item["url"] for item in site.items("feed.json")] == moved
