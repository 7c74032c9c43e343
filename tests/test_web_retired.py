"""What has become of feeds that are no longer there."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.app import App
from feeds.errors import StoreError
from feeds.model import Scope
from feeds.store.sql import Store, write_meta
from feeds.web.retired import Fates, Retired, moved_folders
from feeds.web.serve import GONE, fates_of

CONFIG = """
site: {title: T, url: 'https://example.org/'}
content: [{path: content}]
tags: {aliases: {AI Agent: [智能体, Old Agent, ai agent], Same: [same]}}
topics: [{name: Ethics, slug: moral, aliases: [Virtue]}]
"""


@pytest.fixture
def site(tmp_path: Path) -> App:
    """A site whose terms had other names once."""
    (tmp_path / "content").mkdir()
    (tmp_path / "sources.yaml").write_text(CONFIG, encoding="utf-8")
    return App(str(tmp_path / "sources.yaml"))


def test_a_term_that_became_an_alias_leads_to_its_new_name(site: App) -> None:
    fates = fates_of(site)
    assert fates.of("tags/智能体/rss.xml") == "tags/ai-agent/rss.xml"
    assert fates.of("tags/old-agent/") == "tags/ai-agent/"
    assert fates.of("topics/virtue/feed.json") == "topics/moral/feed.json"
    assert fates.of("tags/ai-agent/rss.xml") is None
    assert fates.of("tags/same/rss.xml") is None
    assert fates.of("rss.xml") is None


def test_a_pruned_file_is_gone(site: App, tmp_path: Path) -> None:
    store = Store(site.config.state, folder=str(tmp_path))
    with store.transaction() as connection:
        write_meta(connection, GONE, '["tags/没了/rss.xml"]')
    store.close()
    fates = fates_of(site)
    assert fates.of("tags/没了/rss.xml") == "gone"
    assert fates.of("tags/没了/atom.xml") is None


def test_the_slug_that_was_given_once_is_the_one_that_counts(site: App) -> None:
    publication = site.site.publication
    aliases = {Scope.TAG: [("AI Agent", ["old"])]}
    slugs = {("", "tag", "ai agent"): "kept", ("", "tag", "aiagent"): "kept"}
    assert moved_folders(publication, aliases, slugs) == {"tags/old/": "tags/kept/"}


def test_fates_are_read_once_a_minute_and_kept_when_they_cannot_be_read() -> None:
    moment = [0.0]
    first, last = Fates(gone=frozenset({"a"})), Fates(gone=frozenset({"b"}))
    answers: list[Fates | StoreError] = [first, StoreError("state: x"), last]

    def read() -> Fates:
        answer = answers.pop(0)
        if isinstance(answer, StoreError):
            raise answer
        return answer

    retired = Retired(read, timer=lambda: moment[0])
    assert (retired("a"), retired("b"), len(answers)) == ("gone", None, 2)
    moment[0] = 60.0
    assert (retired("a"), len(answers)) == ("gone", 1)
    moment[0] = 120.0
    assert (retired("a"), retired("b")) == (None, "gone")
