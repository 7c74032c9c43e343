"""Measure ``feeds rebuild`` against Hugo on a made-up site, and print the figures as Markdown tables.

    python benchmarks/rebuild.py                              # 10,000 articles, one Hugo build of each kind
    python benchmarks/rebuild.py --articles 1000 --hugo-runs 3
    python benchmarks/rebuild.py --growth 1000 10000 50000    # how the cost grows; no Hugo

Everything that is compared runs in turns within one call, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hugo_peer
import tables
from imports import Imports, measure_imports
from measure import ASIDE, Figures, MeasureError, Run, clear, run, set_aside, written

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A made-up site on disk."""

    folder: Path
    articles: int
    #: What corpus.py counted.
    stats: dict[str, Any]

    @property
    def feeds(self) -> int:
        """One per tag and topic, and the site's."""
        return int(self.stats["tags"] + self.stats["topics"] + 1)


# --- corpora ---


def make_corpus(work: Path, articles: int, seed: int) -> Corpus:
    """A corpus under the work folder, written unless it is there."""
    folder = work / f"articles-{articles}-seed-{seed}"
    stats_file = folder / "corpus.json"
    if not stats_file.exists():
        clear(folder)
        command = [
            sys.executable,
            str(HERE / "corpus.py"),
            str(folder),
            "--articles",
            str(articles),
            "--seed",
            str(seed),
        ]
        stats_file.write_text(json.dumps(run(command, work).said), encoding="utf-8")
    hugo_peer.write_site(folder)
    return Corpus(folder=folder, articles=articles, stats=json.loads(stats_file.read_text("utf-8")))


def some_articles(corpus: Corpus, count: int) -> list[Path]:
    """Articles spread evenly over the site, from the newest to the oldest."""
    paths = sorted(
        (corpus.folder / "content" / "posts").glob("*.md"), key=lambda path: int(path.stem.rsplit("-", 1)[1])
    )
    return [paths[len(paths) * place // count] for place in range(count)]


@contextmanager
def changed(article: Path) -> Iterator[None]:
    """The article with one more sentence at its end, and afterwards as it was."""
    before = article.read_bytes()
    article.write_bytes(before + "\n补记：这一句是后来添上的。\n".encode())
    yield
    article.write_bytes(before)


# --- measuring ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The command under test and how often each thing runs."""

    feeds: tuple[str, ...]
    runs: int
    hugo_runs: int
    changes: int

    def rebuild(self, corpus: Corpus, *options: str) -> Run:
        """One ``feeds rebuild``, in the corpus' folder."""
        return run([*self.feeds, "rebuild", "--json", *options], corpus.folder)

    def full(self, corpus: Corpus, figures: Figures) -> None:
        """Full builds, ours and Hugo's, in turns."""
        for turn in range(max(self.runs, self.hugo_runs)):
            if turn < self.runs:
                set_aside(corpus.folder / "output", corpus.folder / ".feeds")
                figures.add("feeds fresh", self.rebuild(corpus))
                figures.output["feeds fresh"] = written(corpus.folder / "output")
            if turn < self.hugo_runs:
                self.hugo(corpus, figures)
            if turn < self.runs:
                figures.add("feeds full", self.rebuild(corpus, "--full"))
                figures.output["feeds full"] = figures.output["feeds fresh"]

    def hugo(self, corpus: Corpus, figures: Figures) -> None:
        """One build of each variant, into a new folder; its documents are counted."""
        for variant, formats in hugo_peer.VARIANTS.items():
            destination = corpus.folder / f"hugo-{variant}"
            set_aside(destination)
            figures.add(f"hugo {variant}", run(hugo_peer.command(corpus.folder, variant, destination), corpus.folder))
            files, size = figures.output[f"hugo {variant}"] = written(destination)
            set_aside(destination)
            if files != corpus.feeds * len(formats):
                raise hugo_peer.PeerError(f"hugo: {variant}: {files} files of {size} bytes, not {corpus.feeds} feeds")

    def one_change(self, corpus: Corpus, figures: Figures) -> None:
        """One article changed, and nothing changed, in turns; after a full build."""
        for article in some_articles(corpus, self.changes):
            with changed(article):
                figures.add("one changed", self.rebuild(corpus))
                figures.add("nothing changed", self.rebuild(corpus))
            self.rebuild(corpus)

    def grow(self, corpus: Corpus) -> Figures:
        """A fresh build, one change and no change: one row of the table of growth."""
        figures = Figures(articles=corpus.articles, stats=corpus.stats)
        replace(self, runs=1, hugo_runs=0).full(corpus, figures)
        self.one_change(corpus, figures)
        return figures


def remove_aside(work: Path) -> None:
    """Remove what was set aside, of all sizes."""
    clear(*work.glob(f"*/{ASIDE}"))


# --- Hugo's figures of an earlier call ---


def machine() -> dict[str, str]:
    """What the figures hold for; ``boot`` tells this start of this machine from any other."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return {
        "boot": boot.read_text("utf-8").strip() if boot.exists() else "",
        "cpus": str(os.cpu_count()),
        "python": platform.python_version(),
        "system": platform.platform(),
        "date": datetime.now(UTC).date().isoformat(),
    }


def reuse_hugo(file: Path, figures: Figures) -> bool:
    """Take Hugo's figures from an earlier call's file; False when it is of another boot, corpus or Hugo."""
    earlier = json.loads(file.read_text("utf-8"))
    same_boot = bool(machine()["boot"]) and earlier["machine"]["boot"] == machine()["boot"]
    same_site = earlier["main"] is not None and earlier["main"]["stats"] == figures.stats
    if not (same_boot and same_site and earlier["hugo"] == hugo_peer.version()):
        return False
    for label in ("hugo three", "hugo rss"):
        figures.runs[label] = [Run(**one) for one in earlier["main"]["runs"].get(label, [])]
        figures.output[label] = tuple(earlier["main"]["output"][label])
    return bool(figures.runs["hugo three"])


# --- the command line ---


def parse_options() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--articles", type=int, default=10_000)
    add("--seed", type=int, default=1)
    add("--runs", type=int, default=3, help="full builds of ours; 0 measures Hugo alone")
    add("--hugo-runs", type=int, default=1, help="full builds of Hugo, of each kind (a minute or two each at 10,000)")
    add("--changes", type=int, default=5, help="articles changed, one at a time")
    add("--growth", type=int, nargs="*", metavar="N", help="measure these sizes instead (default 1000 10000), no Hugo")
    add("--reuse-hugo", type=Path, metavar="FILE", help="take Hugo's figures from this --json file, if of this boot")
    add("--feeds", default=f"{shlex.quote(sys.executable)} -m feeds", help="the command to measure (%(default)s)")
    add("--work", type=Path, help="folder for the sites, kept and used again (a temporary one by default)")
    add("--json", type=Path, metavar="FILE", help="write every run's figures here too")
    return parser.parse_args()


def compare(bench: Bench, corpus: Corpus, earlier: Path | None) -> tuple[Figures, Imports | None]:
    """Everything that is measured on one size."""
    figures = Figures(articles=corpus.articles, stats=corpus.stats)
    reused = earlier is not None and reuse_hugo(earlier, figures)
    (replace(bench, hugo_runs=0) if reused else bench).full(corpus, figures)
    if not bench.runs:
        return figures, None
    bench.one_change(corpus, figures)
    return figures, measure_imports([*bench.feeds, "rebuild", "--json"], corpus.folder)


def report(work: Path, bench: Bench, options: argparse.Namespace) -> dict[str, Any]:
    """Measure, print the tables, and hand back the figures behind them."""
    if options.growth is not None:
        sizes = [bench.grow(make_corpus(work, size, options.seed)) for size in options.growth or (1_000, 10_000)]
        print(tables.growth_table(sizes))
        return {"growth": [asdict(size) for size in sizes]}
    corpus = make_corpus(work, options.articles, options.seed)
    figures, imports = compare(bench, corpus, options.reuse_hugo)
    hugo = hugo_peer.version() if "hugo three" in figures.runs else ""
    print(tables.heading(figures, machine()), tables.full_table(figures, hugo), sep="\n\n")
    if imports:
        print("", tables.change_table(figures), "", tables.import_table(imports), sep="\n")
    return {"hugo": hugo, "main": asdict(figures), "imports": asdict(imports) if imports else None}


def main() -> int:
    """Measure; exit 1 with one line when a command fails."""
    options = parse_options()
    feeds = tuple(shlex.split(options.feeds))
    bench = Bench(feeds=feeds, runs=options.runs, hugo_runs=options.hugo_runs, changes=options.changes)
    with tempfile.TemporaryDirectory(prefix="feeds-bench-") as temporary:
        work = (options.work or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        try:
            figures = report(work, bench, options)
        except (MeasureError, hugo_peer.PeerError) as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            remove_aside(work)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), **figures}, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
