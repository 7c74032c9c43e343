"""Say what a command imports and what that costs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from measure import middle, run

#: What a rebuild must not load: each costs more than all of its work when one article changed.
UNWANTED = ("aiohttp", "apscheduler", "feedparser", "jinja2", "requests", "sqlalchemy.orm", "tldextract", "urllib3")

#: Packages listed in the table, the dearest first.
DEAREST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """What a rebuild with nothing to do loads."""

    #: Seconds that a bare interpreter takes from start to end.
    interpreter: float
    modules: int
    #: Milliseconds spent importing, as ``-X importtime`` counts them (its own cost included).
    total_ms: float
    #: (package, milliseconds), the dearest first.
    dearest: list[tuple[str, float]]
    #: Those of UNWANTED that were loaded; should be empty.
    unwanted: list[str]


def import_times(report: str) -> dict[str, float]:
    """Module -> milliseconds of its own, from what ``-X importtime`` writes (worker processes may repeat a module)."""
    times: dict[str, float] = {}
    for line in report.splitlines():
        if line.startswith("import time:") and line.count("|") == 2:
            own, _, name = line.removeprefix("import time:").split("|")
            if own.strip().isdigit():
                times.setdefault(name.strip(), int(own) / 1000)
    return times


def by_package(times: dict[str, float]) -> list[tuple[str, float]]:
    """(package, milliseconds of all its modules), the dearest first."""
    totals: dict[str, float] = {}
    for name, own in times.items():
        package = name.partition(".")[0]
        totals[package] = totals.get(package, 0.0) + own
    return sorted(totals.items(), key=lambda row: -row[1])


def measure_imports(command: list[str], folder: Path) -> Imports:
    """The imports of a rebuild with nothing to do."""
    bare = [run([sys.executable, "-c", "pass"], folder) for _ in range(5)]
    report = run(command, folder, {"PYTHONPROFILEIMPORTTIME": "1"}).stderr
    times = import_times(report)
    return Imports(
        interpreter=middle(bare, "wall"),
        modules=len(times),
        total_ms=sum(times.values()),
        dearest=by_package(times)[:DEAREST],
        unwanted=[name for name in UNWANTED if name in times],
    )
