"""Measure what the pages cost: rebuilds of one made-up site with pages and without, in turns.

    python benchmarks/pages.py                     # 1,000 articles
    python benchmarks/pages.py --articles 10000

With ``public`` each feed has a page beside it, and the site a front door; with ``both`` the editor has a desk as well.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from measure import MeasureError, Run, clear, run
from rebuild import Corpus, changed, make_corpus, some_articles

#: Name -> what stands in sources.yaml. The first is what the others are compared with.
KINDS = {"none": "public: false", "public": "public: true", "both": "public: true, editor: desk"}


def sites(work: Path, corpus: Corpus) -> Iterator[Corpus]:
    """The site once for each kind, not built."""
    for name, pages in KINDS.items():
        folder = work / f"pages-{name}"
        clear(folder)
        shutil.copytree(corpus.folder / "content", folder / "content")
        text = (corpus.folder / "sources.yaml").read_text("utf-8")
        if f"pages: {{{KINDS['none']}}}" not in text:
            raise MeasureError("the corpus does not say which pages it has")
        (folder / "sources.yaml").write_text(text.replace(KINDS["none"], pages), encoding="utf-8")
        yield replace(corpus, folder=folder)


def measure(feeds: Sequence[str], kinds: Sequence[Corpus], changes: int) -> dict[str, list[list[Run]]]:
    """What is done -> for each kind of site its runs."""
    found: dict[str, list[list[Run]]] = {
        "first build": [[run([*feeds, "rebuild", "--json"], corpus.folder)] for corpus in kinds],
        "one changed": [[] for _ in kinds],
        "nothing changed": [[] for _ in kinds],
    }
    places = list(zip(*(some_articles(corpus, changes) for corpus in kinds), strict=True))
    for turn, articles in enumerate(places):
        # Each begins as often as the others: what comes first finds a colder machine.
        for kind in sorted(range(len(kinds)), key=lambda kind: (kind + turn) % len(kinds)):
            with changed(articles[kind]):
                found["one changed"][kind].append(run([*feeds, "rebuild", "--json"], kinds[kind].folder))
                found["nothing changed"][kind].append(run([*feeds, "rebuild", "--json"], kinds[kind].folder))
            run([*feeds, "rebuild", "--json"], kinds[kind].folder)
    return found


def table(found: dict[str, list[list[Run]]]) -> str:
    """Medians of whole processes, and ratios to the site without pages."""
    lines = ["| | " + " | ".join(KINDS) + " | " + " | ".join(f"{name} : none" for name in list(KINDS)[1:]) + " |"]
    lines.append("|" + " --- |" * (2 * len(KINDS)))
    for what, kinds in found.items():
        for unit in ("wall", "cpu"):
            of = [median(getattr(one, unit) for one in runs) for runs in kinds]
            cells = [f"{seconds:.2f}" for seconds in of] + [f"{seconds / of[0]:.2f}" for seconds in of[1:]]
            lines.append(f"| {what}, {unit} s | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    """Measure and print; exit 1 with one line when a command fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=1_000)
    parser.add_argument("--changes", type=int, default=9, help="articles changed, one at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--feeds", default=f"{shlex.quote(sys.executable)} -m feeds")
    parser.add_argument("--work", type=Path, help="folder for the sites, kept (a temporary one by default)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="feeds-bench-") as temporary:
        work = (given.work or Path(temporary)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        try:
            kinds = list(sites(work, make_corpus(work, given.articles, given.seed)))
            print(f"{given.articles:,} articles\n\n{table(measure(shlex.split(given.feeds), kinds, given.changes))}")
        except MeasureError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
