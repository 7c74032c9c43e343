"""One go with hubs, as the daemon does it every two seconds, and the routes as they are served (issue 5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette

from feeds.app import App
from feeds.poll.exchange import Exchanged, exchange
from feeds.polled import Subscription
from feeds.sources.post import Poster
from feeds.sources.sandbox import Sandbox
from feeds.store import websub_rows
from feeds.store.sql import Store
from feeds.web.websub import Rate, routes_of
from tests.hub import Hub, hubbing, post
from tests.polling import World, rss
from tests.pushing import PushedWorld, pushing, running
from tests.servers import Client, Server
from tests.sites import SmallSite


@pytest.fixture
def state_url() -> str:
    return "sqlite:///.feeds/state.db"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with hubbing() as hub:
        yield hub


@pytest.fixture
def pushed(server: Server, store: Store, sandbox: Sandbox, hub: Hub, tmp_path: Path) -> Iterator[PushedWorld]:
    with pushing(World(server, store, sandbox).follows("/feed"), hub, tmp_path) as pushed:
        links = f"<{hub.url}>; rel=hub, <{server.url('/feed')}>; rel=self"
        server.answers("/feed", body=rss(("a", "A")), headers={"Link": links, "ETag": '"1"'})
        pushed.poll()
        yield pushed


def go(pushed: PushedWorld, *, public: str | None = "") -> Exchanged:
    """One go, now."""
    poster = Poster(user_agent="feeds/test (+https://example.org/)")
    world = pushed.world
    address = pushed.public if public == "" else public
    try:
        return exchange(
            world.store, poster, pushed.spool, world.sandbox, world.subscriptions, public=address, now=world.now
        )
    finally:
        poster.close()


def test_one_go_after_the_other_subscribes_takes_and_tells(pushed: PushedWorld, hub: Hub) -> None:
    topic = "https://example.org/rss.xml"
    with pushed.world.store.transaction() as connection:
        websub_rows.queue_pings(connection, hub.url, [topic], pushed.world.now)
    first = go(pushed)
    assert (first.pinged.told, [one.mode for one in first.asked], first.has_news) == ([topic], ["subscribe"], False)
    second = go(pushed)
    assert ([one.kind for one in second.pushed], second.has_news) == (["subscribe"], False)
    hub.distribute(pushed.row.topic, rss(("b", "B")))
    third = go(pushed)
    assert ([one.new for one in third.pushed], third.has_news) == ([1], True)
    assert go(pushed) == Exchanged()


def test_without_a_public_address_no_hub_is_asked(pushed: PushedWorld, hub: Hub) -> None:
    assert go(pushed, public=None) == Exchanged()
    assert hub.asked == []
    assert pushed.row.state == "wanted"


def test_the_hub_of_a_stranger_in_our_network_is_not_asked(pushed: PushedWorld, hub: Hub) -> None:
    """Its address stands in a document that anybody may write."""

    class Public(World):
        @property
        def subscriptions(self) -> list[Subscription]:
            return []

    world = pushed.world
    pushed.world = Public(world.server, world.store, world.sandbox, world.now)
    (asked,) = go(pushed).asked
    assert "this machine" in asked.error
    assert hub.asked == []


def test_one_hub_that_is_down_is_asked_once_for_all_its_topics(pushed: PushedWorld, server: Server, hub: Hub) -> None:
    paths = [f"/{n}" for n in range(5)]
    for path in paths:
        server.answers(path, body=rss((path, "A")), headers={"Link": f"<{hub.url}>; rel=hub", "ETag": '"1"'})
    pushed.world.follows(*paths)
    pushed.poll()
    hub.status = 503
    asked = go(pushed).asked
    assert len(hub.asked) == 1
    assert sum(one.mode == "subscribe" for one in asked) == 5


def test_the_callbacks_of_a_site_are_served(tmp_path: Path) -> None:
    """Without a state too, which serving must not create."""
    site = SmallSite.make(tmp_path / "site")
    app = App(str(site.root / "sources.yaml"))
    with running(Starlette(routes=list(routes_of(app)))) as public:
        assert post(f"{public}websub/nobody", b"x", {}) == 410
    assert not (site.root / ".feeds").exists()


def test_a_rate_fills_again_with_time() -> None:
    rate = Rate(burst=3, per_second=0.5)
    assert [rate.allows("t", 0.0) for _ in range(4)] == [True, True, True, False]
    assert rate.allows("other", 0.0)
    assert not rate.allows("t", 1.9)
    assert rate.allows("t", 4.0)
    assert [rate.allows("t", 1e6) for _ in range(4)] == [True, True, True, False]


def test_a_rate_remembers_so_many() -> None:
    rate = Rate(burst=1, per_second=0.0)
    for number in range(10_001):
        rate.allows(str(number), 0.0)
    assert rate.allows("0", 0.0)
    assert not rate.allows("10000", 0.0)


def test_a_poll_that_is_under_way_while_a_push_comes_loses_nothing(
    pushed: PushedWorld, server: Server, hub: Hub
) -> None:
    go(pushed)
    go(pushed)
    body = rss(("c", "C"), ("a", "A"))

    def while_asked(client: Client) -> None:
        hub.distribute(pushed.row.topic, rss(("b", "B")))
        assert go(pushed).has_news
        client.answer(200, body, {"ETag": '"2"'})

    server.plays("/feed", while_asked)
    pushed.world.later(days=2)
    pushed.poll()
    assert pushed.world.titles() == {"a": "A", "b": "B", "c": "C"}
    assert pushed.world.later(hours=1).poll().polled == []


def test_a_lease_ends_while_nobody_is_there_and_begins_anew(pushed: PushedWorld, hub: Hub) -> None:
    go(pushed)
    go(pushed)
    pushed.world.later(days=30)
    assert [one.mode for one in go(pushed).asked] == ["subscribe"]
    go(pushed)
    assert pushed.row.lease_until == pushed.world.now + timedelta(seconds=hub.lease_seconds or 0)
