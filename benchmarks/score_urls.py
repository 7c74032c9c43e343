"""Score canonical() on pairs of URLs: python benchmarks/score_urls.py URLS.tsv (url_a, url_b, same, why).

Rows whose ``why`` begins with ``[hard]`` need knowledge of one site; they are counted apart. Exits with 1 below the
goal: no two pages merged, nine in ten of the plain rows found.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import NamedTuple

from feeds.urls import canonical

PRECISION_GOAL = 1.0
RECALL_GOAL = 0.90


class Score(NamedTuple):
    """How one set of rows fared."""

    rows: int
    precision: float
    recall: float
    misses: list[dict[str, str]]


def read_pairs(path: Path) -> list[dict[str, str]]:
    """Read a tab-separated table without quoting: URLs may hold quotes of their own."""
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


def score(rows: list[dict[str, str]]) -> Score:
    """Compare what the keys say with what the table says; an empty set scores 1."""
    joined = [canonical(row["url_a"]) == canonical(row["url_b"]) for row in rows]
    wanted = [row["same"] == "1" for row in rows]
    right = sum(found and want for found, want in zip(joined, wanted, strict=True))
    misses = [row for row, found, want in zip(rows, joined, wanted, strict=True) if found != want]
    return Score(len(rows), right / (sum(joined) or 1), right / (sum(wanted) or 1), misses)


def show(name: str, result: Score) -> None:
    """Print one line of figures, then the rows that were judged wrongly."""
    print(f"{name}: precision {result.precision:.3f}, recall {result.recall:.3f}, {result.rows} rows")
    for row in result.misses:
        verdict = "missed" if row["same"] == "1" else "MERGED"
        print(f"  {verdict}: {row['why']}\n    {row['url_a']}\n    {row['url_b']}")


def main(path: Path) -> int:
    """Print both scores and return the exit code."""
    rows = read_pairs(path)
    plain = score([row for row in rows if not row["why"].startswith("[hard]")])
    hard = score([row for row in rows if row["why"].startswith("[hard]")])
    show("plain", plain)
    show("hard", hard)
    return 0 if plain.precision >= PRECISION_GOAL and plain.recall >= RECALL_GOAL else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python benchmarks/score_urls.py URLS.tsv")
    sys.exit(main(Path(sys.argv[1])))
