"""Push instead of poll: our callbacks, a real hub, the same road for what is pushed (WebSub; issue 5)."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from feeds.poll.record import read_memory
from feeds.polled import Subscription
from feeds.sources.sandbox import Sandbox
from feeds.store import source_rows
from feeds.store.sql import Store
from tests.hub import Hub, get, hubbing, post
from tests.polling import World, rss
from tests.pushing import PushedWorld, pushing
from tests.servers import Server

ATOM = "xmlns:atom='http://www.w3.org/2005/Atom'"


SQLITE = "sqlite:///.feeds/state.db"


@pytest.fixture
def state_url(request: pytest.FixtureRequest) -> str:
    """SQLite, but where a test asks for both: most of them are about HTTP."""
    url = getattr(request, "param", SQLITE)
    return str(request.getfixturevalue("empty_postgresql") if url == "postgresql" else url)


both = pytest.mark.parametrize("state_url", [SQLITE, "postgresql"], indirect=True)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with hubbing() as hub:
        yield hub


@pytest.fixture
def pushed(server: Server, store: Store, sandbox: Sandbox, hub: Hub, tmp_path: Path) -> Iterator[PushedWorld]:
    """One feed that names the hub, polled once."""
    world = World(server, store, sandbox).follows("/feed")
    with pushing(world, hub, tmp_path) as pushed:
        serve(pushed, ("b", "B"), ("a", "A"))
        pushed.poll()
        yield pushed


@pytest.fixture
def active(pushed: PushedWorld) -> PushedWorld:
    """... and subscribed."""
    pushed.subscribe()
    pushed.take()
    assert pushed.row.state == "active"
    return pushed


def document(pushed: PushedWorld, *items: tuple[str, str], topic: str = "", hub: str = "") -> bytes:
    """The feed with links to its hub and to itself."""
    topic, hub = topic or pushed.world.server.url("/feed"), hub or pushed.hub.url
    links = f"<atom:link {ATOM} rel='hub' href='{hub}'/><atom:link {ATOM} rel='self' href='{topic}'/>"
    return rss(*items, extra=links)


def serve(pushed: PushedWorld, *items: tuple[str, str], etag: str = '"1"', **links: str) -> None:
    """From now on this document."""
    pushed.world.serves("/feed", document(pushed, *items, **links), etag=etag)


def learnt(pushed: PushedWorld) -> str:
    with pushed.world.store.snapshot() as connection:
        return source_rows.active_feeds(connection)[0].learnt


@both
def test_a_feed_is_subscribed_verified_pushed_and_renewed(pushed: PushedWorld) -> None:
    """The whole story, with leases of ten minutes."""
    topic = pushed.world.server.url("/feed")
    assert [(one.mode, one.error) for one in pushed.subscribe()] == [("subscribe", "")]
    asked = dict(pushed.hub.asked[0])
    assert (asked["hub.mode"], asked["hub.topic"], asked["hub.callback"]) == ("subscribe", topic, pushed.callback)
    assert pushed.hub.verified == [200]
    assert [one.kind for one in pushed.take()] == ["subscribe"]
    assert pushed.row.lease_until == pushed.world.now + timedelta(minutes=10)

    serve(pushed, ("c", "C"), ("b", "B"), ("a", "A"), etag='"2"')
    assert pushed.hub.publish(topic) == [202]
    assert [(one.kind, one.new, one.changed) for one in pushed.take()] == [("push", 1, 0)]
    assert set(pushed.world.titles()) == {"a", "b", "c"}

    pushed.world.later(minutes=7)
    assert pushed.subscribe() == []
    pushed.world.later(minutes=1)
    assert [one.mode for one in pushed.subscribe()] == ["subscribe"]
    pushed.take()
    assert pushed.row.lease_until == pushed.world.now + timedelta(minutes=10)
    assert len(pushed.hub.subscribers) == 1


def test_a_push_of_the_new_entry_alone_takes_nothing_away(active: PushedWorld) -> None:
    active.hub.distribute(active.row.topic, rss(("c", "C")))
    assert [(one.new, one.changed, one.withdrawn) for one in active.take()] == [(1, 0, 0)]
    assert active.world.titles() == {"a": "A", "b": "B", "c": "C"}
    active.world.later(days=2)
    serve(active, ("c", "C"), ("b", "B"), ("a", "A"), etag='"2"')
    assert active.poll() == 0


def test_a_push_changes_nothing_about_how_the_feed_is_polled(active: PushedWorld) -> None:
    before = read_memory(learnt(active)).state
    active.hub.distribute(active.row.topic, rss(("c", "C")))
    active.take()
    after = read_memory(learnt(active)).state
    ours = (
        "validators",
        "body_hash",
        "next_poll",
        "last_sent",
        "last_attempt",
        "last_answer",
        "polls",
        "rule",
        "failures",
    )
    assert [getattr(after, name) for name in ours] == [getattr(before, name) for name in ours]
    assert after.last_change == active.world.now
    assert read_memory(learnt(active)).times != ()


@both
def test_a_push_that_is_taken_twice_is_the_same_as_one(active: PushedWorld) -> None:
    for _ in range(2):
        active.hub.distribute(active.row.topic, rss(("c", "C"), ("b", "B2")))
    assert [(one.new, one.changed) for one in active.take()] == [(1, 1), (0, 0)]
    assert active.world.past() == [("B", "https://wired.example/b")]


def test_a_change_that_was_pushed_and_taken_back_is_seen_by_the_next_poll(active: PushedWorld) -> None:
    """What is known of a document's slices must not outlive what the store holds."""
    active.hub.distribute(active.row.topic, rss(("b", "B2")))
    active.take()
    assert active.world.titles()["b"] == "B2"
    active.world.later(hours=14)
    serve(active, ("c", "C"), ("b", "B"), ("a", "A"), etag='"2"')
    active.poll()
    assert active.world.titles() == {"a": "A", "b": "B", "c": "C"}


ITEM = "<item><guid>v</guid><title>{}</title><link>https://wired.example/v</link>{}</item>"
WORDS = "<description>long and wise</description><category>x</category>"


def test_what_a_hub_leaves_out_of_an_entry_stays(active: PushedWorld) -> None:
    """YouTube's pushes have title and dates, its feed has the description and the picture too."""
    topic = active.row.topic
    active.hub.distribute(topic, rss(extra=ITEM.format("V", WORDS)))
    active.take()
    before = active.world.entries()[0]
    active.hub.distribute(topic, rss(extra=ITEM.format("V", "")))
    assert [(one.new, one.changed) for one in active.take()] == [(0, 0)]
    assert active.world.entries()[0] == before
    active.hub.distribute(topic, rss(extra=ITEM.format("W", "")))
    assert [(one.new, one.changed) for one in active.take()] == [(0, 1)]
    after = active.world.entries()[0]
    assert (after.title, "long and wise" in after.said, '"x"' in after.said) == ("W", True, True)
    active.hub.distribute(topic, rss(extra=ITEM.format("W", WORDS.replace("wise", "wiser"))))
    assert [(one.new, one.changed) for one in active.take()] == [(0, 1)]


def test_pushes_make_polling_a_precaution_until_a_poll_finds_more(active: PushedWorld) -> None:
    active.world.later(days=1)
    active.hub.lease_seconds = 864_000
    active.subscribe()
    active.take()
    active.poll()
    assert active.told == [False]
    active.hub.distribute(active.row.topic, rss(("c", "C")))
    active.take()
    active.world.later(days=2)
    serve(active, ("c", "C"), ("b", "B"), ("a", "A"), etag='"2"')
    active.poll()
    assert active.told == [True]
    active.world.later(days=2)
    serve(active, ("d", "D"), ("c", "C"), ("b", "B"), etag='"3"')
    assert active.poll() == 1
    assert active.told == [False]


def test_a_lease_that_has_ended_pushes_nothing_and_polling_knows(active: PushedWorld) -> None:
    active.hub.distribute(active.row.topic, rss(("c", "C")))
    active.take()
    active.world.later(days=2)
    active.poll()
    assert active.told == [False]


def test_a_hub_that_is_down_is_asked_less_and_less_and_polling_goes_on(pushed: PushedWorld) -> None:
    pushed.hub.status = 500
    asked = []
    for hour in range(48):
        asked += [hour] * len(pushed.subscribe())
        pushed.world.later(hours=1)
    assert 5 < len(asked) < 12
    assert pushed.row.state == "pending"
    assert "500" in pushed.row.last_error
    serve(pushed, ("c", "C"), ("b", "B"), etag='"2"')
    assert pushed.poll() == 1


def test_a_hub_that_asks_us_to_wait_is_left_alone(pushed: PushedWorld) -> None:
    pushed.hub.status, pushed.hub.retry_after = 503, "7200"
    pushed.subscribe()
    pushed.world.later(minutes=119)
    assert pushed.subscribe() == []
    pushed.world.later(minutes=2)
    assert len(pushed.subscribe()) == 1


def test_a_hub_may_deny_and_is_asked_again_after_a_week(pushed: PushedWorld) -> None:
    pushed.hub.denies = True
    pushed.subscribe()
    assert [one.kind for one in pushed.take()] == ["denied"]
    assert pushed.row.state == "denied"
    assert post(pushed.callback, b"", {}) == 410
    pushed.world.later(days=6)
    assert pushed.subscribe() == []
    pushed.hub.denies = False
    pushed.world.later(days=2)
    pushed.subscribe()
    pushed.take()
    assert pushed.row.state == "active"


def test_a_subscription_can_be_denied_long_after_it_was_agreed(active: PushedWorld) -> None:
    active.hub.denies = True
    active.hub.verify(dict(active.hub.asked[0]))
    active.take()
    assert active.row.state == "denied"


@pytest.mark.parametrize(
    "other",
    [
        {"hub_topic": "https://other.example/feed"},
        {"hub_mode": "unsubscribe"},
        {"hub_mode": "steal"},
        {"hub_challenge": ""},
        {"hub_topic": ""},
    ],
)
def test_only_what_was_asked_for_is_verified(pushed: PushedWorld, other: dict[str, str]) -> None:
    """M4: the challenge is echoed only for topics asked for."""
    pushed.hub.is_prompt = False
    pushed.subscribe()
    assert pushed.hub.verify(dict(pushed.hub.asked[0]), **other) == (404, b"")
    assert pushed.take() == []
    assert pushed.hub.verify(dict(pushed.hub.asked[0]))[0] == 200


def test_nothing_is_verified_before_anything_was_asked(pushed: PushedWorld) -> None:
    said = {"hub.mode": "subscribe", "hub.topic": pushed.row.topic, "hub.callback": pushed.callback}
    assert pushed.hub.verify(said)[0] == 404
    assert post(pushed.callback, b"x", {}) == 410


def test_a_challenge_comes_back_as_plain_text(pushed: PushedWorld) -> None:
    pushed.hub.is_prompt = False
    pushed.subscribe()
    challenge = "<script>alert(1)</script>"
    status, body = pushed.hub.verify(dict(pushed.hub.asked[0]), hub_challenge=challenge)
    assert (status, body) == (200, challenge.encode())


def test_an_unknown_callback_is_gone(pushed: PushedWorld) -> None:
    assert post(f"{pushed.public}websub/guessed", b"x", {}) == 410
    assert get(f"{pushed.public}websub/guessed?hub.mode=subscribe&hub.topic=x&hub.challenge=y")[0] == 404
    assert post(f"{pushed.public}websub/{'x' * 5_000}", b"x", {}) == 410


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_all_methods_of_signatures_are_read(active: PushedWorld, method: str) -> None:
    active.hub.method = method
    assert active.hub.distribute(active.row.topic, rss((method, "C"))) == [202]
    assert [one.new for one in active.take()] == [1]


def test_a_bad_or_absent_signature_is_ignored_and_not_told(active: PushedWorld) -> None:
    """M4, WebSub §7.1: 2xx, and nothing of it is stored."""
    body = rss(("evil", "Evil"))
    good = active.hub.signed(next(iter(active.hub.subscribers.values())), body)["X-Hub-Signature"]
    for header in ("", "sha256=", f"sha256={'0' * 64}", good[:-1], f"md5={good[7:]}", good.replace("sha256", "sha1")):
        assert post(active.callback, body, {"X-Hub-Signature": header} if header else {}) == 202
    assert post(active.callback, body + b" ", {"X-Hub-Signature": good}) == 202
    assert active.take() == []
    assert active.callbacks.received.ignored == 7
    assert post(active.callback, body, {"X-Hub-Signature": good}) == 202
    assert [one.new for one in active.take()] == [1]


def test_a_huge_body_is_refused_before_it_is_sent(active: PushedWorld) -> None:
    with _sending(active, "Content-Length", str((8 << 20) + 1)) as connection:
        assert connection.getresponse().status == 413
    assert active.callbacks.received.too_large == 1
    assert len(active.spool) == 0


def test_a_huge_body_of_unsaid_length_is_refused(active: PushedWorld) -> None:
    """Chunked, so that only counting tells; we hang up, perhaps before the hub has read why."""
    with _sending(active, "Transfer-Encoding", "chunked") as connection, suppress(OSError, http.client.HTTPException):
        for _ in range(12):
            connection.send(b"100000\r\n" + b"x" * (1 << 20) + b"\r\n")
        assert connection.getresponse().status == 413
    assert active.callbacks.received.too_large == 1
    assert len(active.spool) == 0


@contextmanager
def _sending(active: PushedWorld, name: str, value: str) -> Iterator[http.client.HTTPConnection]:
    """A push of which the head was sent."""
    connection = http.client.HTTPConnection(active.public.split("/")[2], timeout=10)
    connection.putrequest("POST", f"/websub/{active.row.token}")
    connection.putheader(name, value)
    connection.endheaders()
    try:
        yield connection
    finally:
        connection.close()


def test_a_compressed_body_is_not_guessed_at(active: PushedWorld) -> None:
    assert post(active.callback, b"x", {"Content-Encoding": "gzip"}) == 415


def test_a_hub_that_calls_too_often_is_told_to_wait(active: PushedWorld) -> None:
    found = [post(active.callback, b"x", {}) for _ in range(70)]
    assert found[:60] == [202] * 60
    assert 429 in found


def test_a_document_that_is_no_feed_is_left(active: PushedWorld) -> None:
    active.hub.distribute(active.row.topic, b"<html><p>hello</p></html>", "text/html")
    (found,) = active.take()
    assert (found.kind, found.new) == ("push", 0)
    assert found.error
    assert not active.row.works
    assert len(active.spool) == 0


@both
def test_a_feed_that_left_sources_yaml_is_unsubscribed(active: PushedWorld) -> None:
    active.world.follows()
    active.poll()
    assert [one.mode for one in active.subscribe()] == ["unsubscribe"]
    assert active.hub.subscribers == {}
    assert [one.kind for one in active.take()] == ["unsubscribe"]
    assert active.rows == []


def test_a_hub_that_does_not_let_us_go_is_asked_three_times(active: PushedWorld) -> None:
    active.world.follows()
    active.poll()
    active.hub.status = 500
    for _ in range(6):
        active.subscribe()
        active.world.later(days=1)
    assert [dict(form)["hub.mode"] for form in active.hub.asked] == ["subscribe", *["unsubscribe"] * 3]
    assert active.rows == []


def test_a_topic_that_has_moved_is_subscribed_and_the_old_one_left(active: PushedWorld) -> None:
    old, moved = active.row.topic, active.world.server.url("/feed?new")
    serve(active, ("b", "B"), ("a", "A"), etag='"2"', topic=moved)
    active.world.later(days=2)
    active.poll()
    assert [(one.mode, one.topic) for one in active.subscribe()] == [("unsubscribe", old), ("subscribe", moved)]
    active.take()
    assert [(row.topic, row.state) for row in active.rows] == [(moved, "active")]


def test_a_new_public_address_is_told_to_the_hub(active: PushedWorld) -> None:
    again = active.public.replace("127.0.0.1", "localhost")
    before, active.public = active.public, again
    active.subscribe()
    active.take()
    assert sorted(one.callback.partition("/websub")[0] for one in active.hub.subscribers.values()) == sorted(
        [before[:-1], again[:-1]]
    )
    assert active.row.state == "active"


VIDEO = """<entry><id>yt:video:{0}</id><yt:videoId>{0}</yt:videoId><yt:channelId>UC1</yt:channelId>
<title>{1}</title><link rel="alternate" href="https://www.youtube.com/watch?v={0}"/>
<author><name>N</name><uri>https://www.youtube.com/channel/UC1</uri></author>
<published>2025-07-01T10:00:00+00:00</published><updated>{2}</updated>{3}</entry>"""
GROUP = """<media:group><media:title>t</media:title><media:thumbnail url="https://i.ytimg.com/vi/a/hq.jpg" width="480"/>
<media:description>What the video is about, at length.</media:description></media:group>"""


def videos(*entries: str) -> bytes:
    spaces = "xmlns:yt='http://www.youtube.com/xml/schemas/2015' xmlns:media='http://search.yahoo.com/mrss/'"
    head = f"<feed {spaces} xmlns='http://www.w3.org/2005/Atom'><title>N</title><updated>2025-07-03T10:00:00Z</updated>"
    return f"<?xml version='1.0' encoding='UTF-8'?>{head}{''.join(entries)}</feed>".encode()


def test_what_youtube_pushes_agrees_with_what_it_serves(active: PushedWorld) -> None:
    """Its pushes have neither description nor picture, another title of the feed, and dates to the nanosecond."""
    older, newer = "2025-07-01T10:00:00+00:00", "2025-07-02T19:05:24.552394234+00:00"
    full = [VIDEO.format(name, f"Video {name}", older, GROUP) for name in "abc"]
    active.hub.distribute(active.row.topic, videos(*full), "application/atom+xml")
    assert [one.new for one in active.take()] == [3]
    before = active.world.entries()
    active.hub.distribute(active.row.topic, videos(VIDEO.format("a", "Video a", newer, "")), "application/atom+xml")
    assert [(one.new, one.changed, one.error) for one in active.take()] == [(0, 0, "")]
    assert active.world.entries() == before
    active.hub.distribute(active.row.topic, videos(VIDEO.format("a", "Renamed", newer, "")), "application/atom+xml")
    assert [(one.new, one.changed) for one in active.take()] == [(0, 1)]
    (renamed,) = [row for row in active.world.entries() if row.title == "Renamed"]
    assert "at length" in renamed.said
    assert "i.ytimg.com" in renamed.said


@both
def test_what_youtube_says_of_deleted_videos_is_recorded(active: PushedWorld) -> None:
    body = (
        b"<?xml version='1.0' encoding='UTF-8'?><feed xmlns:at='http://purl.org/atompub/tombstones/1.0' "
        b"xmlns='http://www.w3.org/2005/Atom'><at:deleted-entry ref='b' when='2025-07-03T10:00:00+00:00'>"
        b"<link href='https://www.youtube.com/watch?v=b'/><at:by><name>N</name></at:by></at:deleted-entry></feed>"
    )
    for _ in range(2):
        active.hub.distribute(active.row.topic, body, "application/atom+xml")
    assert [(one.withdrawn, one.error) for one in active.take()] == [(1, ""), (0, "")]
    assert active.world.titles() == {"a": "A", "b": "B"}
    active.hub.distribute(active.row.topic, body.replace(b"'b'", b"'unknown'"), "application/atom+xml")
    assert [one.withdrawn for one in active.take()] == [0]


def test_a_feed_with_a_password_is_not_shown_to_a_hub(
    server: Server, store: Store, sandbox: Sandbox, hub: Hub, tmp_path: Path
) -> None:
    class Secret(World):
        @property
        def subscriptions(self) -> list[Subscription]:
            return [replace(one, headers={"Authorization": "Basic eDp5"}) for one in super().subscriptions]

    with pushing(Secret(server, store, sandbox).follows("/feed"), hub, tmp_path) as pushed:
        serve(pushed, ("a", "A"))
        assert pushed.poll() == 1
        assert pushed.rows == []


def test_callbacks_cannot_be_guessed(active: PushedWorld) -> None:
    row = active.row
    assert len(row.token) >= 43
    assert len(row.secret) >= 43
    assert row.token != row.secret
    assert len(row.secret.encode()) < 200
