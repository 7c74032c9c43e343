"""Replay series of a feed's snapshots: what reading each costs in full and as a delta, and whether both say the same.

    python benchmarks/delta.py FOLDER [--runs 3]

FOLDER holds archives (``wired_series.tar.gz``), or folders, of snapshots whose names sort by time. Each snapshot is
read by feedparser with its defaults, by our parser in full, and as the delta to those before it, in turns, so that a
busy minute falls on all three. Prints a Markdown table of CPU milliseconds per snapshot; exits with 1 when the store
that the deltas made differs from that of full parsing after any snapshot.
"""

from __future__ import annotations

import argparse
import io
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser

from feeds.polled import Entry
from feeds.sources.delta import Known, dump, read_feed
from feeds.sources.parse import parse_feed

#: Snapshots are replayed an hour apart, from a moment at which none of their dates lies ahead.
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Replay:
    """What the replay of one series cost, in CPU seconds, and what it made."""

    snapshots: int = 0
    defaults: float = 0.0
    full: float = 0.0
    delta: float = 0.0
    deltas: int = 0
    unread: int = 0
    blob: int = 0
    differences: list[str] = field(default_factory=list)


def replay(snapshots: list[tuple[str, bytes]], url: str) -> Replay:
    """Read all snapshots in the three ways and compare the two stores after each."""
    result = Replay(snapshots=len(snapshots))
    by_full: dict[str, Entry] = {}
    by_delta: dict[str, Entry] = {}
    known: Known | None = None
    for number, (name, body) in enumerate(snapshots):
        now = _START + timedelta(hours=number)
        result.defaults += _cost(lambda: feedparser.parse(io.BytesIO(body)))  # noqa: B023 (called at once)
        result.full += _cost(lambda: _keep(by_full, parse_feed(body, url=url, now=now).entries))  # noqa: B023
        started = time.process_time()
        reading = read_feed(body, url=url, content_type="", now=now, known=known, shadow=False)
        _keep(by_delta, reading.feed.entries)
        result.delta += time.process_time() - started
        result.deltas += reading.is_delta
        result.unread += reading.known is known
        known = reading.known
        if by_full != by_delta:
            result.differences.append(name)
    result.blob = len(dump(known)) if known else 0
    return result


def _cost(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


def _keep(store: dict[str, Entry], entries: tuple[Entry, ...]) -> None:
    store.update((entry.id, entry) for entry in entries)


def series(folder: Path) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """(name, snapshots in order) of each series in a folder."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield path.name, [(file.name, file.read_bytes()) for file in sorted(path.iterdir()) if file.is_file()]
        elif path.name.endswith(".tar.gz"):
            yield path.name.removesuffix(".tar.gz"), sorted(_unpacked(path))


def _unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                yield member.name, content.read()


def _row(name: str, best: Replay) -> str:
    per = 1000 / best.snapshots
    cells = [
        name,
        str(best.snapshots),
        f"{best.defaults * per:.1f}",
        f"{best.full * per:.1f}",
        f"{best.delta * per:.2f}",
        f"{best.delta / best.defaults:.3f}",
        f"{best.delta / best.full:.3f}",
        f"{best.deltas} / {best.unread}",
        f"{best.blob / 1024:.1f}",
        "yes" if not best.differences else f"no: {best.differences[0]} and {len(best.differences) - 1} more",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="with archives or folders of snapshots")
    parser.add_argument("--runs", type=int, default=3, help="replays of each series; the cheapest counts (3)")
    arguments = parser.parse_args()
    print(
        "| series | snapshots | feedparser, defaults | ours in full | ours as delta | of feedparser | of ours |", end=""
    )
    print(" deltas / nothing new | KiB kept | same store |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    is_equal = True
    for name, snapshots in series(arguments.folder):
        replays = [replay(snapshots, f"https://{name}.example/feed") for _ in range(arguments.runs)]
        best = min(replays, key=lambda each: each.delta)
        is_equal = is_equal and not best.differences
        print(_row(name, best), flush=True)
    return 0 if is_equal else 1


if __name__ == "__main__":
    sys.exit(main())
