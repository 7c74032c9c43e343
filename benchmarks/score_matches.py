"""Score what `feeds match` found against a truth made by hand: precision, recall and F1, by rule and without URLs.

::

    feeds match --entries entries.jsonl --json > out.json
    python benchmarks/score_matches.py truth.jsonl out.json

Each line of the truth is a pair: ``{"entry": {…}, "article": path, "label": "covers" | "not-covers", "url_cited": …}``.
Pairs whose URL the article cites are easy; those without are told apart. Exit status 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

Pair = dict[str, Any]
LISTS = ("matches", "suggestions")
#: All pairs; published pairs without a cited URL; all pairs without one.
GOAL_F1, GOAL_PRECISION, GOAL_F1_UNCITED = 0.90, 0.90, 0.75


class Score(NamedTuple):
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float
    f1: float

    def __str__(self) -> str:
        """One cell of the table."""
        return f"P {self.precision:.2f}  R {self.recall:.2f}  F1 {self.f1:.2f}"


class Output:
    """What was found, by entry."""

    def __init__(self, entries: Iterable[dict[str, Any]]) -> None:
        self._by_entry = {identity(found["entry"]): found for found in entries}

    def find(self, pair: Pair, lists: Iterable[str]) -> dict[str, Any] | None:
        """What was said of a pair in any of these lists."""
        found = self._by_entry.get(identity(pair["entry"]), {})
        return next(
            (one for name in lists for one in found.get(name, ()) if is_same(one["article"], pair["article"])), None
        )


def identity(entry: dict[str, Any]) -> tuple[str | None, str | None]:
    """What makes two entries of the truth one."""
    return entry.get("title"), entry.get("url")


def is_same(path: str, wanted: str) -> bool:
    """Paths may start at another folder on either side; ``seed:name`` is a file of that name."""
    name = wanted.rpartition(":")[2]
    return f"/{path}".endswith(f"/{name}") or f"/{name}".endswith(f"/{path}")


def score(pairs: Iterable[Pair], output: Output, lists: Iterable[str]) -> Score:
    """How well the lists tell what covers from what does not."""
    told = Counter((pair["label"] == "covers", output.find(pair, lists) is not None) for pair in pairs)
    right = told[True, True]
    precision = right / max(1, right + told[False, True])
    recall = right / max(1, right + told[True, False])
    return Score(precision, recall, 2 * precision * recall / max(1e-9, precision + recall))


def by_rule(pairs: Iterable[Pair], output: Output) -> Iterator[str]:
    """How many pairs each rule found, and how many of them are right."""
    counts: Counter[tuple[str, str, bool]] = Counter()
    for pair in pairs:
        for name in LISTS:
            found = output.find(pair, (name,))
            if found:
                counts[found["rule"], name, pair["label"] == "covers"] += 1
    for rule, name in sorted({(rule, name) for rule, name, _ in counts}):
        yield f"{rule:12} {name:12} {counts[rule, name, True]:3} right, {counts[rule, name, False]:3} wrong"


def main() -> int:
    """Print the scores, and with --mistakes the pairs that are wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("truth", type=Path, help="pairs, one JSON object a line")
    parser.add_argument("output", type=Path, help="what `feeds match --json` printed")
    parser.add_argument("--mistakes", action="store_true", help="print the pairs that are wrong")
    options = parser.parse_args()
    pairs = [json.loads(line) for line in options.truth.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = json.loads(options.output.read_text(encoding="utf-8"))
    output = Output(found["entries"] if isinstance(found, dict) else found)
    uncited = [pair for pair in pairs if not pair["url_cited"]]
    everything, published, listed = (
        score(pairs, output, LISTS),
        score(uncited, output, LISTS[:1]),
        score(uncited, output, LISTS),
    )
    print(f"all pairs, matches and suggestions     {everything}  (F1 goal {GOAL_F1})")
    print(f"without URL, matches                   {published}  (P goal {GOAL_PRECISION})")
    print(f"without URL, matches and suggestions   {listed}  (F1 goal {GOAL_F1_UNCITED})")
    print(*by_rule(pairs, output), sep="\n")
    if options.mistakes:
        print(*mistakes(pairs, output), sep="\n")
    is_good = everything.f1 >= GOAL_F1 and published.precision >= GOAL_PRECISION and listed.f1 >= GOAL_F1_UNCITED
    return 0 if is_good else 1


def mistakes(pairs: Iterable[Pair], output: Output) -> Iterator[str]:
    """The pairs that are wrong, one a line."""
    for pair in pairs:
        if (output.find(pair, LISTS) is not None) != (pair["label"] == "covers"):
            yield f"  {pair['label']}: {pair['entry']['title']!r}: {pair['article']}"


if __name__ == "__main__":
    sys.exit(main())
