"""A real site of 400 articles and two documents: everything publishes, everything is valid."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import feedparser
import pytest

from tests.real_site import real_site
from tests.sites import SmallSite, run_feeds

ROOT = Path(__file__).parents[1]

SOURCES = """
sources:
  - {name: Wired, feed: "https://www.wired.com/feed/rss", site: "https://www.wired.com/"}
  - {name: 36氪, feed: none, site: "https://36kr.com/"}
"""


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> SmallSite:
    """The corpus with its hugo.toml and the seeds, set up as a user does it, rebuilt once."""
    site = real_site(shared, tmp_path_factory.mktemp("real") / "site", SOURCES)
    done = site.run("rebuild", "--json", env={"SOURCE_DATE_EPOCH": "1785542400"})
    site.root.joinpath("report.json").write_text(done.stdout, encoding="utf-8")
    return site


def test_every_article_is_published_and_none_quarantined(real: SmallSite) -> None:
    report = json.loads(real.root.joinpath("report.json").read_bytes())
    files = [p for p in real.root.rglob("content/*/*.md") if p.name != "_index.md"]
    assert report["quarantined"] == []
    assert report["articles"] == len(files) + 2


def test_the_first_seed_names_both_its_sources_in_every_format(real: SmallSite) -> None:
    wired = "https://www.wired.com/story/sam-altman-meta-ai-talent-poaching-spree-leaked-messages/"
    video = "https://www.youtube.com/watch?v=atXyXP3yYZ4"
    folder = "tags/ai人才战/"
    title = "人才竞逐的深层回响：OpenAI 如何在风暴中重塑 AI 未来"
    item = next(i for i in real.items(f"{folder}feed.json") if i["title"] == title)
    assert [c["url"] for c in item["_feeds"]["citations"]] == [wired, video]
    for name in ("rss.xml", "atom.xml"):
        entry = next(e for e in real.entries(folder + name) if e.title == title)
        links = {link.rel: link.href for link in entry.links}
        assert (links["via"], links["related"]) == (wired, video)
    assert all(f'href="{url}"' in item["content_html"] for url in (wired, video))


def test_the_second_seed_gets_terms_of_the_vocabulary(real: SmallSite) -> None:
    item = next(i for i in real.items("tags/openai/feed.json") + _all(real) if "Core Memory" in i["title"])
    assert {"OpenAI", "Sam Altman"} & set(item["tags"])


def _all(site: SmallSite) -> list[dict[str, str]]:
    return [i for p in site.output.rglob("feed.json") for i in json.loads(p.read_bytes())["items"]]


def test_every_document_is_read_by_feedparser_without_complaint(real: SmallSite) -> None:
    for path in sorted(real.output.rglob("*.xml"))[::10]:
        assert not feedparser.parse(path.read_bytes()).bozo, path


def test_a_second_run_writes_nothing(real: SmallSite) -> None:
    done = run_feeds(real.root, "rebuild", env={"SOURCE_DATE_EPOCH": "1785542400"})
    assert done.stdout.startswith("0 of ")


@pytest.mark.slow
def test_the_w3c_validator_warns_only_of_equal_instants(real: SmallSite, shared: Path, feedvalidator: Path) -> None:
    """188 instants belong to several articles (DuplicateUpdated); there are no tombstones (UnknownNamespace)."""
    base = json.loads((real.output / "feed.json").read_bytes())["home_page_url"].rstrip("/")
    command = [sys.executable, str(shared / "tools/validate_feeds.py"), str(feedvalidator), str(real.output)]
    done = subprocess.run(
        [*command, "--base-url", base, "--max-warnings", "0", "--quiet", "--ignore", "DuplicateUpdated"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]


@pytest.mark.slow
@pytest.mark.parametrize(("tool", "pattern"), [("validate_jsonfeed.py", "feed.json"), ("validate_opml.py", "*.opml")])
def test_json_feeds_and_opml_are_valid(real: SmallSite, shared: Path, tool: str, pattern: str) -> None:
    paths = [str(path) for path in sorted(real.output.rglob(pattern))[::3]]
    command = [sys.executable, str(shared / "tools" / tool), *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert " 0 errors" in done.stdout, done.stdout[-3000:] + done.stderr[-500:]


@pytest.mark.parametrize("scorer", ["score_citations.py", "score_urls.py"])
def test_the_scorers_reach_their_goals(real: SmallSite, shared: Path, scorer: str) -> None:
    if scorer == "score_urls.py":
        arguments = [str(shared / "data/dev/urls.tsv")]
    else:
        check = real.root / "check.json"
        check.write_text(run_feeds(real.root, "check", "--json").stdout, encoding="utf-8")
        arguments = [str(shared / "data/dev/citations.jsonl"), str(check)]
    command = [sys.executable, str(ROOT / "benchmarks" / scorer), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:]
