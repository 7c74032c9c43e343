"""Daemon, server and machine, killed at random moments while things change (benchmarks/kills.py)."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists() or not hasattr(os, "killpg"), reason="needs Linux")

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))  # scripts, not a package

kills = import_module("kills")


@pytest.mark.skipif(not os.environ.get("FEEDS_PROOF"), reason="a minute, and a machine of its own: FEEDS_PROOF=1")
def test_whatever_dies_all_comes_back_and_nothing_is_lost_torn_or_asked_early(tmp_path: Path) -> None:
    found = kills.die(tmp_path, kills.Options(times=6, articles=8, seed=5, every=True))
    assert found.faults == []
    assert set(kills.KILLS) <= set(found.kills)
    assert found.recoveries
    assert found.statuses[200]
