"""A small site in a temporary folder, and the two ways to rebuild it: in this process, or as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from feeds.app import App
from feeds.rebuild.run import Options, Report

NOW = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)

CONFIG = """\
site: {title: 小站, url: "https://example.org/", language: zh-CN, author: 编辑部, timezone: Asia/Shanghai}
content: [{path: content/posts, url: "/posts/:slugorfilename/", section: posts}]
output: {limit: 6}
sources:
  - {name: Wired, feed: "https://www.wired.com/feed/rss", site: "https://www.wired.com/"}
feeds:
  - {name: 两者, slug: both, where: "tag:甲 and tag:乙"}
"""


@dataclass(frozen=True)
class SmallSite:
    """A folder with sources.yaml and articles."""

    root: Path

    @classmethod
    def make(cls, root: Path, config: str = CONFIG) -> SmallSite:
        """An empty site."""
        root.mkdir(parents=True, exist_ok=True)
        (root / "sources.yaml").write_text(config, encoding="utf-8")
        (root / "content/posts").mkdir(parents=True, exist_ok=True)
        return cls(root)

    @property
    def posts(self) -> Path:
        """Where articles are."""
        return self.root / "content/posts"

    @property
    def output(self) -> Path:
        """Where feeds go."""
        return self.root / "output"

    def write(self, name: str, *, tags: Sequence[str] = ("甲",), body: str = "正文。", **front: Any) -> Path:
        """An article; ``front`` overrides or adds front matter."""
        values = {"title": f"题目 {name}", "date": "2025-07-01T08:00:00+08:00", "tags": list(tags)} | front
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
        path = self.posts / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("---\n" + "\n".join(lines) + f"\n---\n\n{body}\n", encoding="utf-8")
        return path

    def rebuild(self, *, now: datetime = NOW, **options: Any) -> Report:
        """One run in this process; nothing may be printed by it."""
        options.setdefault("processes", 1)
        app = App(str(self.root / "sources.yaml"))
        return app.rebuild(Options(**options), now=now, progress=lambda *_: None)

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """One run as a user starts it."""
        return run_feeds(self.root, *arguments, env=env)

    def tree(self) -> dict[str, bytes]:
        """Every file under output/."""
        return {str(p.relative_to(self.output)): p.read_bytes() for p in sorted(self.output.rglob("*")) if p.is_file()}

    def stats(self) -> dict[str, tuple[int, int]]:
        """Inode and mtime of every file under output/."""
        files = [p for p in self.output.rglob("*") if p.is_file()]
        return {str(p.relative_to(self.output)): (p.stat().st_ino, p.stat().st_mtime_ns) for p in files}

    def entries(self, path: str) -> list[Any]:
        """The entries of an RSS or Atom document."""
        return list(feedparser.parse(self.output.joinpath(path).read_bytes()).entries)

    def items(self, path: str) -> list[dict[str, Any]]:
        """The items of a JSON document."""
        return list(json.loads(self.output.joinpath(path).read_bytes())["items"])


def run_feeds(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The command ``feeds`` in a folder, with the clock of the tests."""
    clock = {"SOURCE_DATE_EPOCH": str(int(NOW.timestamp()))}
    return subprocess.run(
        [sys.executable, "-m", "feeds", *arguments],
        cwd=folder,
        env={**os.environ, **clock, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
