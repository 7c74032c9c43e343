"""The sample site of the repository, and every byte that it publishes."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.sites import SmallSite

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "data/golden"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SmallSite:
    """A copy of the sample site, rebuilt."""
    root = tmp_path_factory.mktemp("sample")
    for name in ("content", "static"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "sources.yaml", root)
    site = SmallSite(root)
    assert not site.rebuild(now=_later()).has_errors
    return site


def _later() -> datetime:
    """After the podcast notes of December 2025, before the preview of 2099."""
    return datetime(2026, 1, 1, tzinfo=UTC)


def test_the_sample_site_publishes_these_bytes(sample: SmallSite) -> None:
    """``make golden`` writes them anew; review the diff."""
    if os.environ.get("GOLDEN") == "write":
        shutil.rmtree(GOLDEN, ignore_errors=True)
        shutil.copytree(sample.output, GOLDEN)
    golden = {str(p.relative_to(GOLDEN)): p.read_bytes() for p in sorted(GOLDEN.rglob("*")) if p.is_file()}
    assert sample.tree() == golden


def test_the_draft_and_the_future_article_are_not_published(sample: SmallSite) -> None:
    titles = {entry.title for entry in sample.entries("rss.xml")}
    assert len(titles) == 5
    assert not {title for title in titles if "草稿" in title or "新年" in title}


def test_the_wired_story_and_the_podcast_episode_have_feeds(sample: SmallSite) -> None:
    assert [e.title for e in sample.entries("sources/wired/rss.xml")] == [
        "抢人之外：OpenAI 的一封内部信与一期播客",
        "为什么又是 RSS：订阅者把选择权拿了回来",
    ]
    assert len(sample.entries("sources/openai-podcast/atom.xml")) == 2


def test_images_at_hand_are_measured(sample: SmallSite) -> None:
    by_title = {entry.title: entry for entry in sample.entries("rss.xml")}
    (image,) = by_title["实验室里的第三双手：AI for Science 的一年"].media_content
    file = ROOT / "content/insights/ai-for-science/cover.png"
    assert (image["type"], int(image["filesize"])) == ("image/png", file.stat().st_size)
    (other,) = by_title["抢人之外：OpenAI 的一封内部信与一期播客"].media_content
    assert other["url"] == "https://example.org/newsimages/talent%20war,%20cover%201.png"
    assert int(other["filesize"]) > 0
