"""WebSub on the roads that it joins: a rebuild queues pings, a poll learns of hubs (issue 5)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import feedparser
import pytest

from feeds.sources.sandbox import Sandbox
from feeds.sources.state import Rule
from feeds.store import websub_rows
from feeds.store.sql import Store, write_meta
from tests.hub import Hub, hubbing
from tests.polling import World, rss
from tests.pushing import PushedWorld, pushing
from tests.servers import Server
from tests.sites import CONFIG, NOW, SmallSite

HUB = "https://hub.example.net/"


@pytest.fixture
def small(tmp_path: Path) -> SmallSite:
    site = SmallSite.make(tmp_path / "site", CONFIG.replace("timezone:", f'hub: "{HUB}", timezone:'))
    site.write("one", tags=("甲",))
    site.write("two", tags=("乙",))
    return site


@contextmanager
def state(site: SmallSite) -> Iterator[Store]:
    store = Store("sqlite:///.feeds/state.db", folder=str(site.root))
    try:
        yield store
    finally:
        store.close()


def take_queue(site: SmallSite) -> list[str]:
    """The topics that wait; none does afterwards."""
    with state(site) as store, store.transaction() as connection:
        topics = sorted(row.topic for row in websub_rows.waiting_pings(connection))
        websub_rows.drop_pings(connection, topics)
    return topics


def changed_files(site: SmallSite, before: dict[str, bytes]) -> list[str]:
    """Feed documents that are not what they were."""
    after = site.tree()
    names = [name for name, data in after.items() if before.get(name) != data]
    return sorted(name for name in names if name.rpartition("/")[2] in {"rss.xml", "atom.xml", "feed.json"})


def self_of(site: SmallSite, name: str) -> str:
    """What the document says of its own address (M2)."""
    data = (site.output / name).read_bytes()
    if name.endswith(".json"):
        return str(json.loads(data)["feed_url"])
    (link,) = [link.href for link in feedparser.parse(data).feed.links if link.rel == "self"]
    return str(link)


def test_a_rebuild_queues_exactly_the_documents_whose_bytes_changed(small: SmallSite) -> None:
    """M2, M3: each format is a topic of its own, which is what the document calls itself."""
    small.rebuild()
    assert take_queue(small) == sorted(self_of(small, name) for name in changed_files(small, {}))
    small.rebuild(now=NOW + timedelta(minutes=1))
    assert take_queue(small) == []
    small.rebuild(now=NOW + timedelta(minutes=2), full=True)
    assert take_queue(small) == []
    before = small.tree()
    small.write("one", tags=("甲",), body="另一段正文。")
    small.rebuild(now=NOW + timedelta(minutes=3))
    names = changed_files(small, before)
    assert 3 <= len(names) < len(changed_files(small, {}))
    assert take_queue(small) == sorted(self_of(small, name) for name in names)


def test_every_document_names_its_hub_and_itself_once(small: SmallSite) -> None:
    """M1."""
    small.rebuild()
    for name in changed_files(small, {}):
        data = (small.output / name).read_bytes()
        if name.endswith(".json"):
            assert json.loads(data)["hubs"] == [{"type": "WebSub", "url": HUB}]
        else:
            rels = [(link.rel, link.href) for link in feedparser.parse(data).feed.links if link.rel in {"hub", "self"}]
            assert sorted(rels) == [("hub", HUB), ("self", self_of(small, name))]


def test_a_dry_run_tells_nobody(small: SmallSite) -> None:
    small.rebuild()
    take_queue(small)
    small.write("three", tags=("甲",))
    small.rebuild(dry_run=True)
    assert take_queue(small) == []


def test_a_site_without_a_hub_tells_nobody(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    site.write("one")
    site.rebuild()
    assert take_queue(site) == []


def test_what_a_killed_run_wrote_is_told_by_the_next_one(small: SmallSite) -> None:
    """It had written its files and died before it recorded them: the next run finds them as they should be."""
    small.rebuild()
    take_queue(small)
    with state(small) as store:
        copy = (small.root / ".feeds/state.db").read_bytes()
    small.write("one", tags=("甲",), body="另一段正文。")
    small.rebuild()
    topics = take_queue(small)
    (small.root / ".feeds/state.db").write_bytes(copy)
    for name in ("state.db-wal", "state.db-shm"):
        (small.root / ".feeds" / name).unlink(missing_ok=True)
    with state(small) as store, store.transaction() as connection:
        write_meta(connection, "writing", "yes")
    small.rebuild()
    assert set(topics) <= set(take_queue(small))
    small.rebuild()
    assert take_queue(small) == []


@pytest.fixture
def hub() -> Iterator[Hub]:
    with hubbing() as hub:
        hub.lease_seconds = 864_000
        yield hub


@pytest.fixture
def pushed(server: Server, store: Store, sandbox: Sandbox, hub: Hub, tmp_path: Path) -> Iterator[PushedWorld]:
    with pushing(World(server, store, sandbox).follows("/feed"), hub, tmp_path) as pushed:
        yield pushed


def rule(pushed: PushedWorld) -> Rule:
    """Which rule set the next poll, at the last one."""
    found: list[Rule] = []
    pushed.world.poll(report=lambda polled, *_: found.append(polled.state.rule))
    (only,) = found
    return only


def test_polling_becomes_a_precaution_while_pushes_work(pushed: PushedWorld, hub: Hub, server: Server) -> None:
    """A Link header of the answer names the hub; the document does not."""
    links = f'<{hub.url}>; rel="hub", <{server.url("/feed")}>; rel="self"'
    items = [(f"e{n}", f"E{n}") for n in range(12)]

    def serve(count: int) -> None:
        server.answers("/feed", body=rss(*items[-count:]), headers={"Link": links, "ETag": f'"{count}"'})

    serve(6)
    assert rule(pushed) is Rule.RHYTHM
    assert (pushed.row.hub, pushed.row.topic) == (hub.url, server.url("/feed"))
    pushed.subscribe()
    pushed.take()
    serve(7)
    hub.publish(server.url("/feed"))
    assert [one.new for one in pushed.take()] == [1]
    pushed.world.later(days=1)
    assert rule(pushed) is Rule.PUSH
    pushed.world.later(hours=20)
    assert pushed.world.poll().polled == []
    serve(9)
    pushed.world.later(days=2)
    assert rule(pushed) is Rule.RHYTHM
