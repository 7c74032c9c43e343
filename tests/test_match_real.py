"""The matcher on a real site, against the truth that people made for it (issue 4)."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from feeds.content.articles import SiteFacts, read_article
from feeds.content.files import ContentRoot, scan
from feeds.match import Matcher, Rule, Standing, Story, piece_of
from feeds.match.plain import entry_values, story_of

ROOT = Path(__file__).parents[1]
ZONE = timezone(timedelta(hours=8))
SECOND_SEED = "003_35631813ba00b28f.txt"


@pytest.fixture(scope="module")
def site(shared: Path) -> Matcher:
    """The corpus and the two documents."""
    roots = [
        ContentRoot(
            path=str(shared / path), name=name, glob=glob, url="/:sections/:slugorfilename/", section="insights"
        )
        for path, name, glob in (("data/corpus/content", "content", "**/*.md"), ("data/seeds", "seeds", "*.txt"))
    ]
    matcher = Matcher()
    files = scan(roots).files
    facts = SiteFacts(url="https://site.example/", language="zh-CN", zone=ZONE)
    for path, file in files.items():
        article = read_article(file, path, roots[file.root], facts).article
        if article is not None:
            matcher.add_article(piece_of(article))
    return matcher


def test_the_scorer_is_content(site: Matcher, shared: Path, tmp_path: Path) -> None:
    truth = shared / "data/dev/matches.jsonl"
    entries = {
        line: None for row in truth.read_text("utf-8").splitlines() if (line := json.dumps(json.loads(row)["entry"]))
    }
    answers = [entry_values(entry, site.match_entry(story_of(entry))) for entry in map(json.loads, entries)]
    output = tmp_path / "out.json"
    output.write_text(json.dumps(answers), encoding="utf-8")
    command = [sys.executable, str(ROOT / "benchmarks/score_matches.py"), str(truth), str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_second_document_meets_its_episode_and_no_other_of_the_same_guest(site: Matcher) -> None:
    episode = Story(
        id="episode",
        titles=("What OpenAI Does Next, With Mark Chen",),
        summary="Ashlee Vance of Core Memory and OpenAI's research chief on recruiting, soup and Gemini 3.",
        published=datetime(2025, 12, 1, tzinfo=UTC),
        sources=("Core Memory",),
    )
    other = Story(
        id="other",
        titles=("Tech Unheard, Episode 7: Mark Chen of OpenAI",),
        summary="Arm's CEO talks with Mark Chen about his career, competitions and the research culture of OpenAI.",
        published=datetime(2025, 12, 1, tzinfo=UTC),
        sources=("Tech Unheard",),
    )
    met = {found.article_path.rpartition("/")[2]: found for found in site.match_entry(episode)}
    assert (met[SECOND_SEED].rule, met[SECOND_SEED].standing) == (Rule.COVERS, Standing.MATCH)
    assert SECOND_SEED not in {found.article_path.rpartition("/")[2] for found in site.match_entry(other)}
