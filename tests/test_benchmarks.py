"""The benchmarks run and their made-up site has the figures that it claims; how fast anything is, is not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import frontmatter
import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
ARTICLES = 200

#: Stands in for the command that rebuild.py measures: counts the articles that changed since its last run.
STUB = """
import json, pathlib, sys
state = pathlib.Path(".feeds/state.json")
before = json.loads(state.read_text()) if state.exists() else {}
now = {path.name: path.stat().st_size for path in pathlib.Path("content/posts").glob("*.md")}
for folder in (".feeds", "output"):
    pathlib.Path(folder).mkdir(exist_ok=True)
state.write_text(json.dumps(now))
pathlib.Path("output/feed.json").write_text("{}")
changed = len(now) if "--full" in sys.argv else sum(before.get(name) != size for name, size in now.items())
print(json.dumps({"written": changed, "seconds": 0.25}, indent=1))
"""


def write_corpus(folder: Path, articles: int, seed: int = 1) -> dict[str, Any]:
    command = [
        sys.executable,
        str(BENCHMARKS / "corpus.py"),
        str(folder),
        "--articles",
        str(articles),
        "--seed",
        str(seed),
    ]
    said: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return said


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "content" / "posts").iterdir()}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("corpus")
    return folder, write_corpus(folder, ARTICLES)


def test_the_same_seed_gives_the_same_bytes_and_a_smaller_site_begins_a_larger_one(
    corpus: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    write_corpus(tmp_path, 40)
    large = files(corpus[0])
    assert files(tmp_path).items() <= large.items()
    assert len(large) == ARTICLES


def test_another_seed_gives_another_site(corpus: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    write_corpus(tmp_path, 5, seed=2)
    assert not files(tmp_path).items() & files(corpus[0]).items()


def test_the_site_has_the_figures_of_a_real_one(corpus: tuple[Path, dict[str, Any]]) -> None:
    """Each within a tenth, as counted on 1,012 articles, or as the growth of names asks for at 200."""
    _, stats = corpus
    assert stats["body_bytes"] / ARTICLES == pytest.approx(7_800, rel=0.1)
    assert stats["tag_uses"] / ARTICLES == pytest.approx(7.3, rel=0.1)
    assert stats["topic_uses"] / ARTICLES == pytest.approx(2.4, rel=0.1)
    assert stats["citations"] / ARTICLES == pytest.approx(3.97, rel=0.1)
    assert stats["citations_without_url"] / stats["citations"] == pytest.approx(0.3, rel=0.2)
    assert stats["tags"] == pytest.approx(770, rel=0.1)
    assert stats["tags_used_once"] / stats["tags"] == pytest.approx(0.74, rel=0.1)
    assert stats["instants"] / ARTICLES == pytest.approx(0.66, rel=0.15)


def test_what_it_says_it_wrote_is_what_the_articles_hold(corpus: tuple[Path, dict[str, Any]]) -> None:
    folder, stats = corpus
    articles: list[Any] = [frontmatter.loads(text.decode()) for text in files(folder).values()]
    tags = Counter(tag for article in articles for tag in article["tags"])
    topics = {topic for article in articles for topic in article.get("main_topics", ())}
    definitions = sum(line.startswith("[^") for article in articles for line in article.content.splitlines())
    assert (len(tags), tags.total(), len(topics)) == (stats["tags"], stats["tag_uses"], stats["topics"])
    assert all(isinstance(tag, str) for tag in tags)
    assert all(article["date"].tzinfo for article in articles)
    assert definitions == stats["citations"]


def test_the_driver_measures_a_command_and_leaves_the_site_as_it_was(tmp_path: Path) -> None:
    """Fresh, full, changed and unchanged rebuilds are told apart; the changed articles are put back."""
    stub, figures = tmp_path / "stub.py", tmp_path / "figures.json"
    stub.write_text(STUB, encoding="utf-8")
    options = ["--articles", "10", "--runs", "1", "--hugo-runs", "0", "--changes", "2"]
    places = ["--work", str(tmp_path), "--json", str(figures), "--feeds", f"{sys.executable} {stub}"]
    driver = [sys.executable, str(BENCHMARKS / "rebuild.py"), *options, *places]
    printed = subprocess.run(driver, check=True, capture_output=True, text=True).stdout
    runs = json.loads(figures.read_text("utf-8"))["main"]["runs"]
    written = {label: [one["said"]["written"] for one in several] for label, several in runs.items()}
    assert written == {"feeds fresh": [10], "feeds full": [10], "one changed": [1, 1], "nothing changed": [0, 0]}
    assert all(one["cpu"] > 0 and 5 < one["peak_mib"] < 500 for several in runs.values() for one in several)
    assert "| `feeds rebuild`, one changed | 2 |" in printed
    assert "| 0.250 |" in printed
    write_corpus(tmp_path / "again", 10)
    assert files(tmp_path / "articles-10-seed-1") == files(tmp_path / "again")


def test_a_command_that_fails_ends_the_driver_with_one_line(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "rebuild.py"), "--articles", "2", "--feeds", f"{sys.executable} -c 1/0"]
    done = subprocess.run([*command, "--work", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert len(done.stderr.splitlines()) == 1
