"""Score extracted citations against a truth made by hand: precision, recall and F1 of every field.

::

    feeds check --json > check.json
    python benchmarks/score_citations.py truth.jsonl check.json
    python benchmarks/score_citations.py truth.jsonl --articles content/

Each line of the truth is an article: ``{"path": …, "citations": [{"label": …, "url": …, …}]}``; null means that the
text has none, and a field named in ``unscored`` is too doubtful to count. Exit status 1 when a field misses its goal.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from feeds.content.citations import extract_citations

#: F1 below these and the extractor has become worse than it was promised to be.
GOALS = {"url": 0.98, "title": 0.95, "publisher": 0.92, "published": 0.92, "accessed": 0.92, "referenced": 0.97}
DATES = ("published", "accessed")
MOST_MISTAKES = 80

Citation = dict[str, Any]


@dataclasses.dataclass(slots=True)
class Tally:
    """What was right, what was answered, and what there was to answer."""

    right: int = 0
    answered: int = 0
    wanted: int = 0

    @property
    def precision(self) -> float:
        """Of the answers, how many are right."""
        return self.right / self.answered if self.answered else 1.0

    @property
    def recall(self) -> float:
        """Of what there was, how much was answered rightly."""
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def main() -> int:
    """Print one line per field, and the mistakes when asked for."""
    options = read_options()
    truth = [json.loads(line) for line in options.truth.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = read_articles(options.articles) if options.articles else read_check(options.check)
    tallies = {field: Tally() for field in GOALS}
    mistakes: list[str] = []
    missing = []
    for article in truth:
        citations = find_article(article["path"], found)
        if citations is None:
            missing.append(article["path"])
        else:
            score_article(article, citations, tallies, mistakes)
    report(tallies, mistakes if options.mistakes else [])
    print(f"{len(truth) - len(missing)} articles scored, {len(missing)} not found")
    return 1 if any(tally.f1 < GOALS[field] for field, tally in tallies.items()) else 0


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("truth", type=Path, help="articles and their citations, one JSON object a line")
    parser.add_argument("check", type=Path, nargs="?", help="what `feeds check --json` printed")
    parser.add_argument("--articles", type=Path, help="read the Markdown files of this folder instead")
    parser.add_argument("--mistakes", action="store_true", help="print the first mistakes")
    options = parser.parse_args()
    if (options.check is None) == (options.articles is None):
        parser.error("name either the output of `feeds check --json` or --articles DIR")
    return options


def read_check(path: Path) -> dict[str, list[Citation]]:
    """Citations by path, from the output of ``feeds check --json``."""
    checked = json.loads(path.read_text(encoding="utf-8"))
    return {article["path"].replace("\\", "/"): list(article["citations"]) for article in checked["articles"]}


def read_articles(folder: Path) -> dict[str, list[Citation]]:
    """Citations by path, read from the files themselves."""
    return {path.relative_to(folder).as_posix(): extract(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def extract(path: Path) -> list[Citation]:
    """The citations of one file; front matter is skipped, not read."""
    text = path.read_text(encoding="utf-8", errors="replace")
    front = re.match(r"(---|\+\+\+)\r?\n.*?\n\1[ \t]*\r?\n", text, re.DOTALL)
    body = text[front.end() :] if front else text
    first_line = text[: len(text) - len(body)].count("\n") + 1
    return [asdict(citation) for citation in extract_citations(body, first_line=first_line).citations]


def find_article(path: str, found: dict[str, list[Citation]]) -> list[Citation] | None:
    """Paths may start at another folder on either side; ``seed:name`` is a file of that name."""
    name = path.split(":", 1)[-1]
    for candidate, citations in found.items():
        if f"/{candidate}".endswith(f"/{name}") or f"/{name}".endswith(f"/{candidate}"):
            return list(citations)
    return None


def score_article(
    article: dict[str, Any], found: list[Citation], tallies: dict[str, Tally], mistakes: list[str]
) -> None:
    """Count one article; each citation found is paired once, and a URL that nobody expects is a wrong answer."""
    left = list(found)
    for wanted in article["citations"]:
        partner = pair(wanted, left)
        if partner is not None:
            left.remove(partner)
        for field in set(GOALS).difference(wanted.get("unscored", ())):
            score_field(field, wanted, partner or {}, tallies[field])
            if same(field, wanted.get(field)) != same(field, (partner or {}).get(field), like=wanted.get(field)):
                told = (partner or {}).get(field)
                mistakes.append(f"{article['path']} [{wanted['label']}] {field}: {told!r}, not {wanted.get(field)!r}")
    tallies["url"].answered += sum(1 for citation in left if citation.get("url"))


def pair(wanted: Citation, found: Iterable[Citation]) -> Citation | None:
    """The citation of that label and address; else of that label; else of that address."""
    candidates = list(found)
    url = same("url", wanted.get("url"))
    labelled = [each for each in candidates if each.get("label") == wanted.get("label")]
    linked = [each for each in candidates if url and same("url", each.get("url")) == url]
    both = [each for each in labelled if same("url", each.get("url")) == url]
    return next(iter([*both, *(labelled if wanted.get("label") else []), *linked]), None)


def score_field(field: str, wanted: Citation, found: Citation, tally: Tally) -> None:
    """Count one field of one citation."""
    want = same(field, wanted.get(field))
    told = same(field, found.get(field), like=wanted.get(field))
    tally.wanted += want is not None
    tally.answered += told is not None
    tally.right += want is not None and told == want


def same(field: str, value: object, *, like: object = None) -> object:
    """The value as two are compared: width, case and punctuation aside, dates no more precise than ``like``."""
    if value is None or isinstance(value, bool):
        return value
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if field == "url":
        return text
    if field in DATES:
        return text[: len(str(like))] if like else text
    return re.sub(r"[\W_]+", "", text.casefold()) or None


def report(tallies: dict[str, Tally], mistakes: list[str]) -> None:
    """One line per field."""
    for field, tally in tallies.items():
        figures = f"P {tally.precision:.3f}  R {tally.recall:.3f}  F1 {tally.f1:.3f}"
        print(f"{field:10}  {figures}  (goal {GOALS[field]})")
    for mistake in mistakes[:MOST_MISTAKES]:
        print(f"  {mistake}")


if __name__ == "__main__":
    sys.exit(main())
