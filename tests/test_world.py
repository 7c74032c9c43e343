"""Daemon and server as processes in a small world of changing sources and a busy human (benchmarks/world.py)."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs groups of processes")

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))  # scripts, not a package

world = import_module("world")

#: Seconds in which a change is to be on the wire; a machine that does other things beside is given more.
LIMIT = 15.0
#: All but the one that says nothing, which takes half a minute.
BEHAVIOURS = {"well": 3, "pushes": 3, "500": 1, "429": 1, "sloppy": 1, "a page": 1, "truncated": 1}


@pytest.mark.skipif(not os.environ.get("FEEDS_PROOF"), reason="a minute, and a machine of its own: FEEDS_PROOF=1")
def test_every_change_is_on_the_wire_soon_whole_once_and_told_in_the_log(tmp_path: Path) -> None:
    options = world.Options(
        minutes=0.3, sources=11, articles=12, seed=3, save_every=1.0, push_every=1.0, behaviours=BEHAVIOURS, soon=LIMIT
    )
    found = world.live(tmp_path, options)
    assert found.faults == []
    assert {"poll", "push", "edit", "add"} <= {change.kind for change in found.changes}
    assert all(change.seen is not None for change in found.changes)
    assert found.statuses[304]
    assert found.statuses[226]
