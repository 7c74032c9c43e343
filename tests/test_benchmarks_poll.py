"""The benchmark of polling runs, and its made-up feeds are what it says; how fast anything is, is not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import feedparser
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
sys.path.append(str(BENCHMARKS))  # scripts, not a package

poll_server = import_module("poll_server")

FEEDS = 3


def test_the_same_number_and_seed_give_the_same_feed_and_others_another_one() -> None:
    feed = poll_server.make_feed(1, 1)
    assert poll_server.make_feed(1, 1) == feed
    assert len({feed, poll_server.make_feed(2, 1), poll_server.make_feed(1, 2)}) == 3


def test_feeds_have_the_size_and_the_entries_that_the_tables_name() -> None:
    feeds = [poll_server.make_feed(number, 1) for number in range(1, 6)]
    assert sum(map(len, feeds)) / len(feeds) == pytest.approx(116_000, rel=0.03)
    parsed = feedparser.parse(feeds[0])
    assert not parsed.bozo
    assert len({entry.id for entry in parsed.entries}) == len(parsed.entries) == poll_server.ENTRIES
    assert all(entry.published_parsed and entry.content for entry in parsed.entries)


def test_every_feed_is_fetched_once_then_not_modified_and_no_peer_is_needed(tmp_path: Path) -> None:
    figures, work = tmp_path / "figures.json", tmp_path / "work"
    options = ["--feeds", str(FEEDS), "--runs", "1", "--growth", "2", "--reader", "no-such-python"]
    command = [sys.executable, str(BENCHMARKS / "poll.py"), *options, "--work", str(work), "--json", str(figures)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said = json.loads(figures.read_text("utf-8"))
    assert {label: len(runs) for label, runs in said["runs"].items()} == {
        "first feeds": 1,
        "second feeds": 1,
        "delayed feeds": 1,
    }
    for run in (run for runs in said["runs"].values() for run in runs):
        assert run["said"]["feeds"] == FEEDS
        assert 0 < run["said"]["own_ms"] <= run["said"]["cpu_ms"]
        assert 5 < run["said"]["own_mib"] < 500
    assert said["runs"]["first feeds"][0]["said"]["child_mib"] > 5
    assert [(size["feeds"], size["run"]["said"]["feeds"]) for size in said["growth"]] == [(2, 2)]
    assert "| first pass: all 200, read and stored | feeds | 1 |" in done.stdout
    assert "reader is not installed" in done.stdout


def test_a_poller_that_fails_ends_the_benchmark_with_one_line(tmp_path: Path) -> None:
    """What was not measured is not printed."""
    command = [sys.executable, str(BENCHMARKS / "poll.py"), "--feeds", "0", "--work", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "feeds: first pass: the server sent {}, not 200 to 0 feeds\n"
