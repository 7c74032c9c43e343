"""Run one command and say what it cost: wall and CPU seconds, and the memory of its largest process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import IO, Any


class MeasureError(Exception):
    """The command failed, so there is nothing to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run cost."""

    #: Seconds from the start of the process to its end.
    wall: float
    #: User and system seconds of the process and of all its descendants.
    cpu: float
    #: Resident memory of the largest single process among them, in MiB. Pages that forked workers share count in each.
    peak_mib: float
    #: The JSON object on standard output, ``feeds rebuild --json``'s report for one; empty when it is none.
    said: dict[str, Any] = field(default_factory=dict)
    stderr: str = ""


def run(command: Sequence[str], folder: Path, extra: dict[str, str] | None = None) -> Run:
    """Run a command in a folder, with extra environment variables, and wait for it.

    What earlier runs left to be written to the disk is written first, outside the clock. The figures come from
    wait4(2): its times are sums, and its ``ru_maxrss`` the maximum, over the process and the descendants that were
    waited for, worker processes included. A process inherits the mark of the one that started it, so this one must
    stay small: corpora are made, and documents checked, in processes of their own.

    Raises:
        MeasureError: The command exits with anything but 0.
    """
    os.sync()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err, env={**os.environ, **(extra or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        stdout, stderr = _text(out), _text(err)
    if process.returncode:
        reason = (stderr or stdout).strip().splitlines()[-1:]
        raise MeasureError(f"{' '.join(command)}: exit {process.returncode}: {''.join(reason)}")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(wall=wall, cpu=cpu, peak_mib=usage.ru_maxrss / 1024, said=_object(stdout), stderr=stderr)


def _text(file: IO[bytes]) -> str:
    """All that was written to a temporary file."""
    file.seek(0)
    return file.read().decode(errors="replace")


def _object(text: str) -> dict[str, Any]:
    """The JSON object that a command printed; empty when it printed something else."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def middle(runs: Sequence[Run], figure: str) -> float:
    """The median of one figure, ``wall``, ``cpu`` or ``peak_mib``; of a field of ``said`` where it is none of these."""
    values = [getattr(one, figure) if figure in asdict(one) else one.said.get(figure) for one in runs]
    known = [float(value) for value in values if value is not None]
    return median(known) if known else float("nan")


@dataclass(slots=True, kw_only=True)
class Figures:
    """What was measured on one corpus."""

    articles: int
    stats: dict[str, Any]
    #: Label -> its runs, in order.
    runs: dict[str, list[Run]] = field(default_factory=dict)
    #: Label -> (files, bytes) that the last of them left.
    output: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, label: str, one: Run) -> None:
        """Keep one more run of this label."""
        self.runs.setdefault(label, []).append(one)

    def middle(self, label: str, figure: str) -> float:
        """The median of a figure over the runs of this label; nan when there are none."""
        return middle(self.runs.get(label, []), figure)


def clear(*folders: Path) -> None:
    """Remove folders for good."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def set_aside(*folders: Path) -> None:
    """Take what earlier runs wrote out of the way, to be removed when all is measured.

    Not before: for up to six minutes ext4 looks at every inode deleted lately before it gives out another
    (``recently_deleted`` in fs/ext4/ialloc.c), so that a file made after a large removal costs 0.4 ms instead of 0.03.
    """
    for folder in folders:
        if folder.exists():
            aside = folder.with_name(ASIDE)
            aside.mkdir(exist_ok=True)
            folder.rename(aside / str(time.time_ns()))


#: Where ``set_aside`` puts things, beside them.
ASIDE = "aside"


def written(folder: Path) -> tuple[int, int]:
    """(files, bytes) under a folder."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)
