"""Somebody is told when a source turns bad, and when it is good again; once each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from feeds.config.settings import Notify
from feeds.notify import Notifier, turn
from tests.polling import World, rss
from tests.servers import Server

NOW = datetime(2025, 7, 3, tzinfo=UTC)


@dataclass
class Events:
    """A log that keeps what it is told."""

    told: list[dict[str, Any]] = field(default_factory=list)

    def info(self, event: str, **fields: Any) -> None:
        """As it should."""
        self.told.append({"event": event, **fields})

    warning = error = info


@pytest.mark.parametrize(
    ("failures", "events"),
    [
        ([0, 1, 2, 3, 4, 5, 0], [None, None, "bad", None, None, "good"]),
        ([0, 1, 0, 1, 2, 0], [None, None, None, None, None]),
        ([0, 5, 0], ["bad", "good"]),
    ],
)
def test_a_source_is_bad_after_three_failures_and_good_when_they_end(
    failures: Sequence[int], events: Sequence[str | None]
) -> None:
    assert [turn(one, two, after=3) for one, two in pairwise(failures)] == events


def test_a_command_and_a_webhook_are_told(tmp_path: Path, server: Server, world: World) -> None:
    log, said = Events(), tmp_path / "said"
    server.answers("/hook", 204)
    command = f'echo "$FEEDS_EVENT $FEEDS_SOURCE $FEEDS_REASON" >> {said}'
    settings = Notify(command=command, webhook=server.url("/hook"), after=2)
    notifier = Notifier(settings, log, user_agent="feeds/test", clock=lambda: NOW)
    server.answers("/feed", 500)
    for _ in range(3):
        world.later(days=8).poll(report=lambda polled, *_: notifier.hear(polled))
    world.serves("/feed", rss(("a", "A")))
    world.later(days=8).poll(report=lambda polled, *_: notifier.hear(polled))
    notifier.close()
    lines = sorted(said.read_text().splitlines())
    assert [line.split()[0] for line in lines] == ["bad", "good"]
    assert "500" in lines[0]
    hooks = [json.loads(request.body) for request in server.requests if request.target == "/hook"]
    assert sorted(hook["event"] for hook in hooks) == ["bad", "good"]
    assert {hook["source"] for hook in hooks} == {"/feed"}
    assert log.told == []


def test_a_command_that_fails_is_logged_and_nothing_else(world: World, server: Server) -> None:
    log = Events()
    notifier = Notifier(Notify(command="echo no >&2; exit 3", after=1), log, user_agent="x", clock=lambda: NOW)
    server.answers("/feed", 500)
    world.later(days=8).poll(report=lambda polled, *_: notifier.hear(polled))
    notifier.close()
    (told,) = log.told
    assert (told["event"], told["job"]) == ("failed", "notify")
    assert "ends with 3: no" in told["error"]


@pytest.fixture
def world(server: Server, store: Any, sandbox: Any) -> World:
    return World(server, store, sandbox).follows("/feed")
