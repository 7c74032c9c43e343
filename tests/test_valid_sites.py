"""Whole sites, as the W3C validator finds them: languages, archives, tombstones, recordings, odd terms."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sites import CONFIG, NOW, SmallSite
from tests.test_term_pages import SITE, TERMS, Site

#: Two articles of one instant; tombstones (RFC 6721), which it does not know.
_PASSED = ("DuplicateUpdated", "UnknownNamespace")
#: What Apple's directory asks of every feed that says how long a recording is.
_PODCASTS = ("MissingItunesElement", "MissingItunesEmail")


@pytest.fixture
def tool(shared: Path, feedvalidator: Path) -> list[str]:
    """The command that validates, but for what."""
    return [sys.executable, str(shared / "tools/validate_feeds.py"), str(feedvalidator), "--base-url", SITE]


def validate(tool: list[str], output: Path, *passed: str) -> str:
    """What it finds besides; empty when nothing."""
    command = [*tool, str(output), "--max-warnings", "0", "--ignore", ",".join(passed)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    return "" if done.returncode == 0 else done.stdout[-3000:] + done.stderr[-500:]


def test_a_site_in_two_languages_with_odd_terms(tool: list[str], tmp_path: Path) -> None:
    languages = {"en": {"weight": 1}, "zh-cn": {"weight": 2, "title": "题"}}
    site = Site(tmp_path / "site", {"languages": languages})
    for number, term in enumerate(TERMS):
        site.post(f"p{number}.md", tags=[term])
        site.post(f"p{number}.zh-cn.md", tags=[term])
    site.rebuild()
    assert validate(tool, site.root / "output", *_PASSED) == ""


@pytest.mark.parametrize("has_recordings", [False, True])
def test_a_site_with_archives_and_tombstones(tool: list[str], has_recordings: bool, tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site", CONFIG)
    sound = {"url": f"{SITE}x.mp3", "length": 1234, "type": "audio/mpeg", "duration": "1:02:03"}
    more: dict[str, Any] = {"audio": sound} if has_recordings else {}
    for day in range(1, 25):
        site.write(f"a{day:02}", tags=["copilot+pc", "x@y"], date=f"2025-06-{day:02}T08:00:00+08:00", **more)
    site.rebuild()
    for name in ("a24", "a03"):
        site.posts.joinpath(f"{name}.md").unlink()
    site.rebuild(now=NOW + timedelta(hours=1))
    assert (site.output / "archive/3/atom.xml").is_file()
    assert b"deleted-entry" in (site.output / "atom.xml").read_bytes()
    assert validate(tool, site.output, *_PASSED, *(_PODCASTS if has_recordings else ())) == ""
