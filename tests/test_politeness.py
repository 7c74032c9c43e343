"""The schedule keeps every box of politeness, told from the log of a simulated fortnight and more."""

from __future__ import annotations

import dataclasses
import random
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

politeness, politeness_boxes, servers_made = map(
    import_module, ("politeness", "politeness_boxes", "politeness_servers")
)
DAY, START, town = servers_made.DAY, servers_made.START, servers_made.town
SOURCES, DAYS, SEED = 50, 16, 3


@pytest.fixture(scope="module")
def run() -> Any:
    """Servers, history and tallies of one run."""
    return politeness.simulate(SOURCES, DAYS, SEED)


@pytest.mark.parametrize("box", politeness_boxes.BOXES)
def test_a_box_is_kept(run: Any, box: str) -> None:
    assert politeness_boxes.BOXES[box](run[1]) == []


def test_every_kind_of_server_was_asked_but_the_one_without_a_host(run: Any) -> None:
    servers, history, _ = run
    asked = {exchange.server.kind for exchange in history.exchanges}
    assert {server.kind for server in servers} - asked == {"dead: no such host"}
    assert any(exchange.is_lost for exchange in history.exchanges)


def test_crashes_and_outages_lose_no_entry_of_a_window_that_lasts_days(run: Any) -> None:
    servers, _, tallies = run
    kept = [tally for server, tally in zip(servers, tallies, strict=True) if server.kind == "daily blog"]
    assert all(tally.delays for tally in kept)
    assert sum(tally.missed for tally in kept) == 0


@pytest.mark.parametrize(
    ("box", "harm"),
    [
        ("validators byte", {"sent": '"invented"'}),
        ("serial, spaced", {"sooner": 0.5}),
        ("ttl and sy", {"sooner": 0.5}),
        ("back off", {"sooner": 0.9}),
        ("skipHours", {"sooner": 0.3}),
        ("exact addresses", {"address": "?cache=1"}),
    ],
)
def test_a_box_notices_when_it_is_broken(run: Any, box: str, harm: dict[str, Any]) -> None:
    """The same log, with each request changed a little."""
    history = run[1]
    check = next(check for name, check in politeness_boxes.BOXES.items() if box in name)
    assert check(dataclasses.replace(history, exchanges=[_harmed(exchange, **harm) for exchange in history.exchanges]))


@pytest.mark.parametrize(
    ("box", "harm"),
    [
        ("nothing else", {"stopped": True, "last_status": 404}),
        ("nothing else", {"next_poll": START + 300 * DAY}),
    ],
)
def test_a_box_notices_a_state_that_gives_up(run: Any, box: str, harm: dict[str, Any]) -> None:
    history = run[1]
    check = next(check for name, check in politeness_boxes.BOXES.items() if box in name)
    assert check(
        dataclasses.replace(history, states={url: replace(state, **harm) for url, state in history.states.items()})
    )


def test_the_box_of_410_notices_a_third_request(run: Any) -> None:
    history = run[1]
    gone = next(exchange for exchange in reversed(history.exchanges) if exchange.server.kind.startswith("410"))
    again = dataclasses.replace(gone, request=replace(gone.request, at=gone.request.at + DAY))
    assert politeness_boxes.gone_is_asked_twice_a_day_apart(
        dataclasses.replace(history, exchanges=[*history.exchanges, again])
    )


def _harmed(exchange: Any, *, sent: str = "", sooner: float = 0.0, address: str = "") -> Any:
    at = exchange.request.at
    request = replace(exchange.request, at=at - (at - START) * sooner, ended=at)
    validators = replace(exchange.sent, etag=sent) if sent else exchange.sent
    return dataclasses.replace(exchange, request=request, sent=validators, address=exchange.address + address)


def test_a_town_is_the_same_for_the_same_seed() -> None:
    first, again, other = (town(40, days=5, seed=seed) for seed in (1, 1, 2))
    assert [server.times for server in first] == [server.times for server in again]
    assert [server.times for server in first] != [server.times for server in other]


def test_each_peer_sees_what_is_published() -> None:
    times = servers_made.about_every(DAY)(random.Random(1), 9 * DAY)  # noqa: S311 - reproducible
    server = servers_made.Server(kind="blog", url="https://blog.example/", times=times)
    for formula in politeness.PEERS.values():
        tally = politeness.run_peer(formula, server, days=9, seed=1)
        assert tally.requests > 5
        assert len(tally.delays) + 2 > sum(START <= time < START + 9 * DAY for time in server.times)


def test_the_script_prints_a_table_and_every_box() -> None:
    command = [sys.executable, str(BENCHMARKS / "politeness.py"), "--sources", "30", "--days", "2"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "- [ ]" not in result.stdout
    assert "| **all** |" in result.stdout
