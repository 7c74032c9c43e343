"""The polling road over real feeds of many makers, and a podcast with two feeds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from feeds.polled import FailureKind, Subscription
from feeds.sources.sandbox import Sandbox
from feeds.store import entry_rows, source_rows
from feeds.store.sql import Store
from tests.polling import NOON, World, rss
from tests.servers import Server

#: A playlist as YouTube serves it: the newest 15 videos and no more.
_VIDEO = """<entry><id>yt:video:{id}</id><yt:videoId>{id}</yt:videoId><title>{title}</title>
<link rel="alternate" href="https://www.youtube.com/watch?v={id}"/><author><name>OpenAI</name></author>
<published>2025-0{month}-01T15:00:00+00:00</published><updated>2025-0{month}-02T15:00:00+00:00</updated>
<media:group><media:title>{title}</media:title><media:thumbnail url="https://i.ytimg.com/vi/{id}/hq.jpg"/>
<media:description>Episode {month} of the podcast.</media:description></media:group></entry>"""


def playlist(*videos: tuple[str, str]) -> bytes:
    entries = "".join(_VIDEO.format(id=id_, title=title, month=7 - n) for n, (id_, title) in enumerate(videos))
    head = (
        "<id>yt:playlist:PL1</id><yt:playlistId>PL1</yt:playlistId><title>The OpenAI Podcast</title>"
        "<published>2025-06-01T00:00:00+00:00</published>"
    )
    namespaces = 'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"'
    return (
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" {namespaces}>{head}{entries}</feed>'.encode()
    )


@pytest.fixture
def world(server: Server, store: Store, sandbox: Sandbox) -> World:
    return World(server, store, sandbox)


def test_a_podcast_has_a_playlist_and_a_feed_of_its_own(world: World, store: Store) -> None:
    """The playlist shows the newest videos only, the podcast's own feed all episodes."""
    world.serves("/playlist/videos.xml", playlist(("atXyXP3yYZ4", "Ep. 2"), ("DB9mjd", "Ep. 1")))
    world.serves("/show/feed", rss(("e2", "Episode 2"), ("e1", "Episode 1"), ("e0", "Trailer")))
    world.follows("/playlist/videos.xml", "/show/feed")
    paths = [Subscription(source="OpenAI Podcast", url=one.url, allow_private=True) for one in world.subscriptions]
    assert {one.source for one in paths} == {"OpenAI Podcast"}
    found = world.poll()
    assert sorted(one.new for one in found.polled) == [2, 3]
    videos = {row.key: row for row in world.entries("/playlist/videos.xml")}
    assert set(videos) == {"yt:video:atXyXP3yYZ4", "yt:video:DB9mjd"}
    assert videos["yt:video:atXyXP3yYZ4"].url == "https://www.youtube.com/watch?v=atXyXP3yYZ4"
    with store.snapshot() as connection:
        assert sum(count for count, _ in entry_rows.counts(connection).values()) == 5


def test_real_feeds_are_stored_once_and_asked_conditionally(shared: Path, world: World, store: Store) -> None:
    """Every file of two collections, HTML pages and captchas among them."""
    folders = (shared / "data" / "feeds", shared / "data" / "sources")
    files = [file for folder in folders for file in sorted(folder.iterdir()) if file.suffix not in {".gz", ".tsv"}]
    paths = [f"/{number}/feed" for number in range(len(files))]
    for path, file in zip(paths, files, strict=True):
        world.serves(path, file.read_bytes())
    # Later than all of them, so that nothing is of the future.
    world.now = NOON + timedelta(days=500)
    found = world.follows(*paths).poll()
    assert len(found.polled) == len(files)
    kinds = {one.state.failure for one in found.polled}
    assert kinds <= {None, FailureKind.NOT_A_FEED}
    with store.snapshot() as connection:
        before = entry_rows.counts(connection)
    # The hints and rhythms of some ask for more than a week.
    again = world.later(days=32).poll()
    good = {one.job.feed_id for one in found.polled if not one.state.failures}
    assert {one.job.feed_id for one in again.polled} == {one.job.feed_id for one in found.polled}
    assert all(one.asked.request.validators for one in again.polled if one.job.feed_id in good)
    assert sum(one.new + one.changed for one in again.polled) == 0
    with store.snapshot() as connection:
        assert entry_rows.counts(connection) == before
        assert {row.id for row in source_rows.active_feeds(connection)} >= good
