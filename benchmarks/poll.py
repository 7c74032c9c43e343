"""Measure ``feeds poll`` against lemon24/reader on a server of its own, and print the figures as Markdown tables.

    python benchmarks/poll.py                                   # 1,000 feeds; some minutes, most of them reader's
    python benchmarks/poll.py --reader /other/venv/bin/python   # reader is installed there (pip install reader)
    python benchmarks/poll.py --feeds 100 --runs 1 --growth     # a minute; no growth

Everything that is compared runs in turns within one call, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import nan
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from measure import ASIDE, Figures, MeasureError, Run, clear, run, set_aside, written
from rebuild import machine, remove_aside
from tables import number, table

HERE = Path(__file__).parent
#: Between two passes of ours: more than the longest interval.
DAYS = 30
OURS, PEER = "feeds", "reader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of pass, and what is wanted of it."""

    label: str
    caption: str
    goal: str
    #: What every feed must be answered with.
    status: str
    #: 20 is what reader's manual has for many feeds.
    workers: int = 20
    delay_ms: int = 0


FIRST = Kind(label="first", caption="first pass: all 200, read and stored", goal="rate >= 3 x reader's", status="200")
SECOND = Kind(
    label="second", caption="second pass: all 304", goal="rate >= 1.5 x, CPU <= 0.65 x reader's", status="304"
)
DELAYED = Kind(
    label="delayed",
    caption="all 304, 200 ms of delay, 50 workers",
    goal="rate >= 200",
    status="304",
    workers=50,
    delay_ms=200,
)


@dataclass(frozen=True, slots=True)
class Server:
    """The server that all ask, in a process of its own."""

    base: str

    def urls(self, count: int) -> list[str]:
        """The feeds' addresses; each counts as another site."""
        return [f"{self.base}/{number}/feed.xml" for number in range(1, count + 1)]

    def turn(self, delay_ms: int = 0) -> dict[str, int]:
        """Begin a turn; gives status -> how often it was sent in the one before."""
        with urlopen(f"{self.base}/turn/{delay_ms}") as answer:  # noqa: S310 (our own server)
            counts: dict[str, int] = json.load(answer)
        return counts


@contextmanager
def serving(feeds: int, seed: int) -> Iterator[Server]:
    """A server while the block runs."""
    command = [sys.executable, str(HERE / "poll_server.py"), "--feeds", str(feeds), "--seed", str(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101 (asked for)
        assert process.stdout is not None  # noqa: S101 (likewise)
        try:
            yield Server(process.stdout.readline().strip())
        finally:
            process.stdin.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Who polls, what, and where."""

    folder: Path
    server: Server
    feeds: int
    #: Poller -> the interpreter that has it.
    pollers: dict[str, str]
    figures: Figures

    def write_site(self) -> None:
        """Name the feeds, to both."""
        (self.folder / "content").mkdir(parents=True, exist_ok=True)
        urls = self.server.urls(self.feeds)
        lines = [
            f'  - {{name: "{place} 号读物", feed: "{url}", allow_private: true}}' for place, url in enumerate(urls)
        ]
        head = "site: {title: 样刊, url: https://example.org/}\ncontent: [{path: content}]\nsources:\n"
        (self.folder / "sources.yaml").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
        (self.folder / "urls.txt").write_text("\n".join(urls), encoding="utf-8")

    def forget(self, poller: str) -> None:
        """As if it had never polled."""
        set_aside(self.folder / ".feeds" if poller == OURS else self.folder / "reader.db")

    def turn(self, kind: Kind, poller: str, days: int = 0) -> None:
        """One pass of one poller, so many days later; every feed must be asked once and get the answer expected."""
        self.server.turn(kind.delay_ms)
        command = [self.pollers[poller], str(HERE / "poll_turn.py"), poller, str(self.folder)]
        one = run([*command, "--workers", str(kind.workers), "--days", str(days)], self.folder)
        sent = self.server.turn()
        if sent != {kind.status: self.feeds} or one.said.get("feeds") != self.feeds:
            raise MeasureError(
                f"{poller}: {kind.label} pass: the server sent {sent}, not {kind.status} to {self.feeds:,} feeds"
            )
        self.figures.add(f"{kind.label} {poller}", one)

    def measure(self, *, first_runs: int, runs: int) -> None:
        """All passes, in turns."""
        for _ in range(first_runs):
            for poller in self.pollers:
                self.forget(poller)
                self.turn(FIRST, poller)
        for turn in range(2 * runs):
            for poller in self.pollers:
                self.turn(SECOND if turn < runs else DELAYED, poller, DAYS * (turn + 1))


# --- growth ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What a round over so many feeds takes, and leaves."""

    feeds: int
    run: Run
    state_bytes: int


def grow(work: Path, feeds: int) -> Size:
    """Two rounds without a network, each in a process of its own; the second is measured."""
    folder = work / f"rows-{feeds}"
    set_aside(folder)
    folder.mkdir()
    command = [sys.executable, str(HERE / "poll_turn.py"), "rows", str(folder), "--feeds", str(feeds)]
    run(command, folder)
    second = run([*command, "--days", str(DAYS)], folder)
    return Size(feeds=feeds, run=second, state_bytes=written(folder / ".feeds")[1])


# --- tables ---


def heading(feeds: int, places: dict[str, str]) -> str:
    """What was measured, where and when."""
    return (
        f"{feeds:,} feeds of 116 KB; {places['cpus']} cores, Python {places['python']}, {places['date']}; medians. "
        "Rate and CPU without imports and configuration."
    )


def pass_table(figures: Figures) -> str:
    """Ours beside the peer's, pass by pass."""
    rows = [row for kind in (FIRST, SECOND, DELAYED) for row in pass_rows(figures, kind)]
    head = ["pass", "by", "runs", "feeds/s", "of reader's", "CPU ms a feed", "of reader's", "without children"]
    return table([*head, "wall s", "peak MiB", "largest child MiB", "goal"], rows)


def pass_rows(figures: Figures, kind: Kind) -> Iterator[list[str]]:
    """The rows of one kind."""
    for poller in (OURS, PEER):
        mine, peer = f"{kind.label} {poller}", f"{kind.label} {PEER}"
        if mine not in figures.runs:
            continue
        rate, cpu = figures.middle(mine, "rate"), figures.middle(mine, "cpu_ms")
        yield [
            kind.caption,
            poller,
            str(len(figures.runs[mine])),
            number(rate),
            number(rate / figures.middle(peer, "rate"), 2),
            number(cpu, 2),
            number(cpu / figures.middle(peer, "cpu_ms"), 2),
            number(figures.middle(mine, "own_ms"), 2),
            number(figures.middle(mine, "wall")),
            number(figures.middle(mine, "own_mib"), 0),
            number(figures.middle(mine, "child_mib"), 0),
            kind.goal if poller == OURS else "",
        ]


def growth_table(sizes: list[Size]) -> str:
    """What a feed more takes, from one size to the next."""
    rows = []
    for smaller, size in zip([None, *sizes], sizes, strict=False):
        more = (size.run.said["own_mib"] - smaller.run.said["own_mib"]) * 1024 if smaller else nan
        rows.append(
            [
                number(size.feeds, 0),
                number(size.run.said["rate"], 0),
                number(size.run.said["own_ms"], 2),
                number(size.run.said["own_mib"], 0),
                number(more / (size.feeds - smaller.feeds) if smaller else nan, 1),
                number(size.state_bytes / size.feeds / 1024, 1),
            ]
        )
    head = ["feeds, no network", "feeds/s", "CPU ms a feed", "peak MiB", "KiB more a feed (goal < 20)"]
    return table([*head, "state KiB a feed"], rows)


# --- the command line ---


def parse_options() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--feeds", type=int, default=1_000)
    add("--seed", type=int, default=1)
    add(
        "--first-runs",
        type=int,
        default=1,
        help="first passes, at least one (reader's takes two minutes at 1,000 feeds)",
    )
    add("--runs", type=int, default=3, help="passes of each other kind")
    add("--growth", type=int, nargs="*", metavar="N", default=[1_000, 50_000], help="rounds without a network")
    add("--reader", default=sys.executable, metavar="PYTHON", help="an interpreter that has reader (%(default)s)")
    add("--work", type=Path, help="folder for the states (a temporary one by default)")
    add("--json", type=Path, metavar="FILE", help="write every run's figures here too")
    return parser.parse_args()


def has_reader(python: str) -> bool:
    """Whether there is a peer."""
    try:
        return subprocess.run([python, "-c", "import reader"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def compare(work: Path, options: argparse.Namespace) -> Figures:
    """All passes over the network."""
    pollers = {OURS: sys.executable} | ({PEER: options.reader} if has_reader(options.reader) else {})
    figures = Figures(articles=options.feeds, stats={})
    with serving(options.feeds, options.seed) as server:
        bench = Bench(folder=work / "site", server=server, feeds=options.feeds, pollers=pollers, figures=figures)
        bench.write_site()
        bench.measure(first_runs=options.first_runs, runs=options.runs)
    return figures


def report(work: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure, print the tables, and hand back the figures behind them."""
    places = machine()
    figures = compare(work, options)
    print(heading(options.feeds, places), pass_table(figures), sep="\n\n", flush=True)
    if f"first {PEER}" not in figures.runs:
        print("\nreader is not installed, so there is nothing to compare with (pip install reader, or --reader).")
    sizes = [grow(work, feeds) for feeds in options.growth]
    if sizes:
        print("", growth_table(sizes), sep="\n")
    return {"machine": places, "runs": asdict(figures)["runs"], "growth": [asdict(size) for size in sizes]}


def main() -> int:
    """Measure; exit 1 with one line when a command fails."""
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="feeds-bench-") as temporary:
        work = (options.work or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        try:
            figures = report(work, options)
        except MeasureError as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            remove_aside(work)
            clear(work / ASIDE)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
