"""Real articles and real feeds of their sources: one run polls, matches, and writes what that touches."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tests.real_site import real_site
from tests.servers import Server, serving
from tests.sites import SmallSite

FIRST_SEED, SECOND_SEED = "seeds/000_531c2599e4544a32.txt", "seeds/003_35631813ba00b28f.txt"
WIRED_STORY = "https://www.wired.com/story/sam-altman-meta-ai-talent-poaching-spree-leaked-messages/"
VIDEO = "atXyXP3yYZ4"
DOCUMENTS = ("rss.xml", "atom.xml", "feed.json")

PLAYLIST = f"""<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom">
<id>yt:playlist:x</id><title>Episodes</title><updated>2025-07-01T15:00:00+00:00</updated>
<entry><id>yt:video:{VIDEO}</id><yt:videoId>{VIDEO}</yt:videoId>
<title>The second episode of the podcast, as YouTube has it</title>
<link rel="alternate" href="https://www.youtube.com/watch?v={VIDEO}"/><published>2025-07-01T15:00:00+00:00</published>
<updated>2025-07-01T15:00:00+00:00</updated></entry></feed>"""

SOURCES = """
sources:
  - {{name: Wired, feed: "{wired}", site: "https://www.wired.com/", allow_private: true}}
  - {{name: OpenAI Podcast, feed: "{video}", aliases: [OpenAI], allow_private: true}}
  - {{name: Core Memory, feed: "{talk}", allow_private: true}}
"""


@dataclass(frozen=True)
class Story:
    """The site before and after its first run with sources."""

    site: SmallSite
    before: dict[str, tuple[int, int]]
    report: dict[str, Any]

    def item(self, seed: str) -> dict[str, Any]:
        """A seed's item in the feed of the site's articles of seeds."""
        stem = Path(seed).stem
        items: dict[str, dict[str, Any]] = {
            json.dumps(item): item
            for path in self.site.output.rglob("feed.json")
            for item in json.loads(path.read_bytes())["items"]
            if stem in str(item.get("url"))
        }
        (found,) = items.values()
        return found


def entries_of(shared: Path, article: str) -> list[dict[str, Any]]:
    """The entries that people have judged about an article, and how."""
    lines = (shared / "data/dev/matches.jsonl").read_text("utf-8").splitlines()
    return [judged for line in lines if (judged := json.loads(line))["article"] == article]


def rss(entries: list[dict[str, Any]]) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{one['entry_id']}</guid><title>{escape(one['entry']['title'])}</title>"
        f"<description>{escape(one['entry'].get('summary') or '')}</description>"
        f"<pubDate>{one['entry']['published']}T12:00:00Z</pubDate></item>"
        for one in entries
    )
    return f"<rss version='2.0'><channel><title>Core Memory</title><link>https://x.example/</link>{items}</channel></rss>".encode()


@pytest.fixture(scope="module")
def story(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The corpus and the seeds, rebuilt; then their sources are named, and one run polls them."""
    root = tmp_path_factory.mktemp("real") / "site"
    with serving() as server:
        serve(server, shared)
        urls = {name: server.url(f"/{name}") for name in ("wired", "video", "talk")}
        site = real_site(shared, root, SOURCES.format(**urls))
        assert site.run("rebuild").returncode == 0
        before = site.stats()
        done = site.run("run", "--json")
        assert done.returncode == 0, done.stderr
        yield Story(site, before, json.loads(done.stdout))


def serve(server: Server, shared: Path) -> None:
    kind = {"Content-Type": "application/rss+xml"}
    snapshot = shared / "data/sources/wired_2025-07-02T0733Z_first-with-altman.xml"
    server.conditional("/wired", snapshot.read_bytes(), {"ETag": '"1"', **kind})
    server.conditional("/video", PLAYLIST.encode(), {"ETag": '"1"', **kind})
    judged = entries_of(shared, f"seed:{Path(SECOND_SEED).name}")
    server.conditional("/talk", rss(judged), {"ETag": '"1"', **kind})


def test_the_first_seed_shows_both_its_sources_verified_with_their_own_titles_and_dates(story: Story) -> None:
    wired, video, *covered = story.item(FIRST_SEED)["_feeds"]["citations"]
    assert (wired["url"], wired["verified"], wired["source"]) == (WIRED_STORY, True, "Wired")
    assert wired["published"] == "2025-07-01"
    assert wired["title"] != wired["cited_title"]
    assert all(one["covered"] for one in covered)
    assert (video["url"], video["verified"], video["source"]) == (
        f"https://www.youtube.com/watch?v={VIDEO}",
        True,
        "OpenAI Podcast",
    )
    assert (video["title"], video["published"]) == (
        "The second episode of the podcast, as YouTube has it",
        "2025-07-01",
    )


def test_the_second_seed_meets_its_episode_and_no_talk_in_which_its_guest_merely_speaks(
    story: Story, shared: Path
) -> None:
    judged = entries_of(shared, f"seed:{Path(SECOND_SEED).name}")
    titles = {one["title"] for one in story.item(SECOND_SEED)["_feeds"]["citations"] if one.get("covered")}
    by_label = {
        label: {one["entry"]["title"] for one in judged if one["label"] == label} for label in ("covers", "not-covers")
    }
    (episode,) = [one["entry"]["title"] for one in judged if one["entry_id"] == "core-mc"]
    assert episode in titles
    assert titles <= by_label["covers"]
    assert not titles & by_label["not-covers"]


def test_exactly_the_feeds_that_matches_touch_are_written(story: Story) -> None:
    after = story.site.stats()
    changed = {path for path, stat in after.items() if story.before.get(path) != stat}
    feeds = {folder_of(path) for path in after if path.endswith("feed.json")}
    touched = {folder for folder in feeds if is_touched(story.site.output / folder / "feed.json")}
    assert {folder_of(path) for path in changed - {"index.html", "feeds.opml"}} == touched
    assert all(f"{folder}/{name}".removeprefix("./") in changed for folder in touched for name in DOCUMENTS)
    assert story.report["rebuild"]["written"] == len(changed)
    assert json.loads(story.site.run("rebuild", "--json").stdout)["written"] == 0


def folder_of(path: str) -> str:
    """The folder of a document: of a feed, or of an archive page."""
    return str(Path(path).parent)


def is_touched(path: Path) -> bool:
    """Whether a document holds an item with a verified source, or is the editor's."""
    items = json.loads(path.read_bytes())["items"]
    verified = any(one["verified"] for item in items for one in item.get("_feeds", {}).get("citations", ()))
    return verified or path.parent.name == "coverage-gaps"


def test_the_audit_contradicts_the_first_seeds_dates(story: Story) -> None:
    findings = json.loads(story.site.run("audit", "--json").stdout)["findings"]
    wired = next(one for one in findings if one["path"] == FIRST_SEED and one["claims"]["url"] == WIRED_STORY)
    assert wired["verdict"] == "contradicted"
    assert "title" in {one["field"] for one in wired["differences"]}
    said = {one["field"]: (one["claimed"], one["found"]) for one in wired["differences"] if one["is_contradiction"]}
    assert said.keys() >= {"author", "date"}
    assert said["date"] == ("2024-05-28", "2025-07-01")
