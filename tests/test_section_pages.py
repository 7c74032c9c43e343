"""Section pages that cannot be read, or are not Markdown: what is below them stays private. Articles without a date."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from feedparser import parse

from feeds.app import App
from feeds.rebuild.run import Options, Report

NOW = datetime(2026, 11, 1, tzinfo=UTC)
_SITE = "site: {title: Notes, url: https://notes.test/, language: en}\n"
_HUGO = 'baseURL = "https://notes.test/"\ntitle = "Notes"\nlocale = "en"\n'
_HIDING = "---\ncascade: {draft: true}\n---\n"
_UNREADABLE = "---\ncascade: [draft: true\n  - x: : : {{\n bad\n---\n"


def article(title: str, *lines: str) -> str:
    return "\n".join(["---", f"title: {title}", *lines, "---", "Text.", ""])


class Folder:
    """A site on disk, and what its feeds hold."""

    def __init__(self, path: Path, files: Mapping[str, str]) -> None:
        self.path = path
        for name, text in files.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Write a file below the site."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def rebuild(self) -> Report:
        """As ``feeds rebuild``."""
        return App(str(self.path / "sources.yaml")).rebuild(Options(), now=NOW, progress=lambda *_: None)

    def said(self) -> list[str]:
        """As ``feeds check`` says it."""
        findings = App(str(self.path / "sources.yaml")).check(now=NOW, progress=lambda *_: None)
        return [str(problem) for problem in findings.problems]

    def titles(self) -> list[str]:
        """Of the articles in the site's feed, in its order."""
        document = json.loads((self.path / "output/feed.json").read_text(encoding="utf-8"))
        return [item["title"] for item in document["items"]]


@pytest.fixture
def site(tmp_path: Path) -> Folder:
    files = {
        "sources.yaml": _SITE,
        "hugo.toml": _HUGO,
        "content/open/one.md": article("Open", "date: 2024-01-02"),
        "content/shut/two.md": article("Shut", "date: 2024-01-01"),
    }
    return Folder(tmp_path, files)


def test_nothing_appears_below_a_section_page_that_cannot_be_read(site: Folder) -> None:
    site.write("content/shut/_index.md", _UNREADABLE)
    report = site.rebuild()
    assert site.titles() == ["Open"]
    for said in (site.said(), [str(problem) for problem in report.problems]):
        assert any(line.startswith("content/shut/_index.md:") and "not readable as YAML" in line for line in said)
        assert any(line.startswith("content/shut/two.md: cascade: content/shut/_index.md above it") for line in said)


def test_what_is_published_stays_while_a_section_page_cannot_be_read(site: Folder) -> None:
    site.rebuild()
    site.write("content/shut/_index.md", _UNREADABLE)
    site.rebuild()
    assert site.titles() == ["Open", "Shut"]
    site.write("content/shut/_index.md", _HIDING)
    site.rebuild()
    assert site.titles() == ["Open"]


def test_a_section_page_of_other_bytes_than_text(site: Folder) -> None:
    site.write("content/shut/_index.md", "")
    (site.path / "content/shut/_index.md").write_bytes(b"\xff\xfe\x00\xd8" * 3 + b"\x00")
    site.rebuild()
    assert site.titles() == ["Open"]


def test_slips_in_a_section_page_are_told(site: Folder) -> None:
    site.write("content/shut/_index.md", "---\ntitle: Shut: now\ncascade: {draft: true}\n---\n")
    site.rebuild()
    assert site.titles() == ["Open"]
    assert [line for line in site.said() if line.startswith("content/shut/_index.md:2: front matter:")]


@pytest.mark.parametrize("name", ["_index.html", "_index.htm", "_index.markdown", "_Index.md"])
def test_section_pages_by_name(site: Folder, name: str) -> None:
    site.write(f"content/shut/{name}", _HIDING)
    site.rebuild()
    assert site.titles() == ["Open"]


@pytest.mark.parametrize(
    "text",
    [
        '[[cascade]]\ndraft = true\n[cascade.target]\npath = "/shut/**"\n',
        '[cascade]\ndraft = true\n[cascade.target]\npath = "/shut/**"\n',
        'draft = true\n[target]\npath = "/shut/**"\n',
    ],
)
def test_a_file_of_settings_may_repeat_its_own_name(site: Folder, text: str) -> None:
    (site.path / "hugo.toml").unlink()
    site.write("config/_default/hugo.toml", _HUGO)
    site.write("config/_default/cascade.toml", text)
    site.rebuild()
    assert site.titles() == ["Open"]


@pytest.mark.parametrize(
    "line",
    ["publish: false", "dg-publish: false", "status: draft", "visibility: private", "isDraft: yes", "password: x"],
)
def test_articles_that_say_so_are_private(site: Folder, line: str) -> None:
    site.write("content/shut/two.md", article("Shut", "date: 2024-01-01", line))
    site.rebuild()
    assert site.titles() == ["Open"]


def test_an_article_without_a_date_has_none_anywhere_and_stands_last(tmp_path: Path) -> None:
    files = {
        "sources.yaml": _SITE + "content: [{path: content}]\n",
        "content/a.md": article("Timeless", "tags: [alone]"),
        "content/b.md": article("Old", "date: 1995-06-07"),
        "content/c.md": article("New", "date: 2024-01-02"),
    }
    site = Folder(tmp_path, files)
    site.rebuild()
    assert site.titles() == ["New", "Old", "Timeless"]
    items = json.loads((tmp_path / "output/feed.json").read_text(encoding="utf-8"))["items"]
    assert [item["title"] for item in items if "date_published" not in item and "date_modified" not in item] == [
        "Timeless"
    ]
    rss = parse((tmp_path / "output/rss.xml").read_bytes()).entries
    assert [entry.title for entry in rss if "published" not in entry and "updated" not in entry] == ["Timeless"]
    atom = parse((tmp_path / "output/atom.xml").read_bytes())
    assert [entry.title for entry in atom.entries if "published" not in entry] == ["Timeless"]
    assert atom.entries[-1].updated == "2000-01-01T00:00:00+00:00"  # RFC 4287 demands one
    assert atom.feed.updated == "2024-01-02T00:00:00+00:00"
    page = (tmp_path / "output/tags/alone/index.html").read_text(encoding="utf-8")
    assert "Timeless" in page
    assert "<time" not in page
