"""The smallest inputs of faults that were found on real sites, each with what is right; skipped without them.

Variants of each kind stand in the tests of the module that they concern.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feeds.app import App
from feeds.rebuild.run import Options
from feeds.scaffold import scaffold
from tests.sites import SmallSite

NOW = datetime(2026, 11, 1, tzinfo=UTC)
_FILE = re.compile(r"^-- (\S.*?) --\n(.*?)(?=^-- |\Z)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of a case."""

    items: list[dict[str, Any]]
    #: Before ``then``.
    before: list[dict[str, Any]]
    said: str
    output: Path

    @property
    def only(self) -> dict[str, Any]:
        """The one item."""
        (item,) = self.items
        return item

    @property
    def html(self) -> str:
        """Its content."""
        return str(self.only["content_html"])

    @property
    def urls(self) -> list[str]:
        """Paths of all items."""
        return sorted(item["url"].removeprefix("https://example.org") for item in self.items)

    def of(self, path: str) -> dict[str, Any]:
        """The item whose address ends so."""
        return next(item for item in self.items if item["url"].endswith(path))

    @property
    def ids(self) -> dict[str, str]:
        """Id by path."""
        return {item["url"].removeprefix("https://example.org"): item["id"] for item in self.items}


def play(case: Path, folder: Path) -> Outcome:
    _, _, rest = case.read_text(encoding="utf-8").partition("\n")
    for name, text in _FILE.findall(rest):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = folder / "sources.yaml"
    if not config.exists():
        config.write_text(scaffold(str(folder)).text, encoding="utf-8")
    findings = App(str(config)).check(now=NOW, progress=lambda *_: None)
    before = _rebuild(config)
    if then := re.match(r"then: (.*)\n", rest):
        subprocess.run(then[1], shell=True, cwd=folder, check=True)  # noqa: S602 (the case's own words)
    said = "\n".join(map(str, findings.problems))
    return Outcome(_rebuild(config) if then else before, before, said, folder / "output")


def _rebuild(config: Path) -> list[dict[str, Any]]:
    App(str(config)).rebuild(Options(), now=NOW, progress=lambda *_: None)
    return SmallSite(config.parent).items("feed.json")


def _has_enclosure(out: Outcome) -> bool:
    return '<enclosure url="https://example.org/ep1.mp3"' in (out.output / "rss.xml").read_text(encoding="utf-8")


def _keeps_ids(out: Outcome) -> bool:
    before = {item["url"].removeprefix("https://example.org"): item["id"] for item in out.before}
    after = out.ids
    return before == {key: after[key] for key in before} and after["/new/"] not in before.values()


def _is_kept_math(out: Outcome) -> bool:
    return r"$$\underbrace{1}_{2} \underbrace{1}_{2} \\ \{x\}$$" in out.html


RIGHT: dict[str, Callable[[Outcome], bool]] = {
    "01-cascade-draft": lambda out: out.items == [],
    "04-build-list-never": lambda out: out.only["title"] == "Listed",
    "06-date-9999": lambda out: out.items == [],
    "08-path-plus": lambda out: out.urls == ["/notes/c++-tips/"],
    "11-slug-trailing-hash": lambda out: out.urls == ["/2024/what-is-new-in-c/"],
    "13-folder-ends-in-hash": lambda out: out.urls == ["/posts/c%23/one/", "/posts/learn-c%23/"],
    "15-frontmatter-filename": lambda out: (
        out.urls == ["/posts/hello/"] and out.only["date_published"].startswith("2024-03-05")
    ),
    "16-url-tokens": lambda out: out.urls == ["/2024/own/"],
    "18-markdown-extension": lambda out: out.urls == ["/posts/a/", "/posts/b/", "/posts/c/"],
    "19-index-hides-all": lambda out: {f"/docs/posts/p{n}/" for n in (1, 2, 3)} <= set(out.urls),
    "20-ids-renumbered": _keeps_ids,
    "21-same-url": lambda out: "https://example.org/a/ is also the address of content/posts/a.md" in out.said,
    "22-flow-list-at": lambda out: out.only["tags"] == ["@angular", "react"],
    "24-title-from-comment": lambda out: out.only["title"] == "Real first line.",
    "25-date-created": lambda out: (
        out.only["date_published"].startswith("2024-07-19") and out.only["date_modified"].startswith("2024-07-20")
    ),
    "26-more-divider": lambda out: out.only["summary"] == "Intro paragraph.",
    "27-code-in-footnote": lambda out: (
        "```" not in out.html
        and 0 < out.html.index("echo hi") < out.html.index("After code") < out.html.rindex("</li>")
    ),
    "28-math": _is_kept_math,
    "29-ref": lambda out: (
        '<a href="https://example.org/posts/b/">b</a>' in out.of("/a/")["content_html"]
        and "See https://example.org/posts/b/." in re.sub("<[^>]*>", "", out.of("/a/")["content_html"])
    ),
    "30-figure-caption": lambda out: (
        'By <strong>Ann</strong> on <a href="https://flickr.example/">Flickr</a>' in out.html
        and '<a href="https://cc.example/">CC BY</a>' in out.html
    ),
    "31-lazy-images": lambda out: (
        re.findall(r'src="https://example.org/(\w+)\.jpg"', out.html) == ["real1", "real2", "real3"]
    ),
    "32-link-schemes": lambda out: (
        out.html.count("href=") == 6 and "magnet:?xt=urn:btih:c12f" in out.html and "[2606:4700::1111]" in out.html
    ),
    "34-remove-accents": lambda out: out.urls == ["/posts/cafe/"],
    "35-future-lastmod": lambda out: (
        "lies in the future" in out.said and "2099" not in (out.output / "atom.xml").read_text(encoding="utf-8")
    ),
    "37-jekyll-drafts": lambda out: out.items == [],
    "38-enclosure": _has_enclosure,
    "39-sections-without-index": lambda out: out.urls == ["/posts/foo/"],
}


@pytest.mark.parametrize("name", RIGHT)
def test_each_case_is_right(shared: Path, tmp_path: Path, name: str) -> None:
    case = shared / "data/cases/publish" / f"{name}.txt"
    out = play(case, tmp_path)
    assert RIGHT[name](out), (case.read_text("utf-8").partition("\n")[0], json.dumps(out.items)[:2000], out.said)


def test_no_case_is_forgotten(shared: Path) -> None:
    assert {path.stem for path in (shared / "data/cases/publish").glob("*.txt")} == RIGHT.keys()
