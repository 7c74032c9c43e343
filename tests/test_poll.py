"""The polling road, as a story: a server on loopback, a real state, and nothing patched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feeds.model import SourceSpec
from feeds.poll.ask import Asked, Job
from feeds.poll.record import Polled, read_memory, record, was_sent
from feeds.poll.status import read_status
from feeds.polled import FailureKind
from feeds.sources.sandbox import Sandbox
from feeds.sources.state import Rule
from feeds.store import source_rows
from feeds.store.sql import Store
from tests.polling import World, rss
from tests.servers import Client, Server


@pytest.fixture
def world(server: Server, store: Store, sandbox: Sandbox) -> World:
    world = World(server, store, sandbox).follows("/feed")
    world.serves("/feed", rss(("a", "Altman"), ("b", "Meta")))
    return world


def test_each_entry_is_stored_once(world: World) -> None:
    found = world.poll()
    assert [(one.new, one.changed) for one in found.polled] == [(2, 0)]
    assert world.titles() == {"a": "Altman", "b": "Meta"}


def test_a_second_run_makes_only_conditional_requests_and_stores_nothing(world: World, server: Server) -> None:
    world.poll()
    world.later(days=2).poll()
    assert [seen.headers.get("if-none-match") for seen in server.requests] == [None, '"1"']
    assert len(world.entries()) == 2


def test_nothing_is_asked_before_it_is_due(world: World, server: Server) -> None:
    world.poll()
    assert world.later(minutes=29).poll().polled == []
    assert len(server.requests) == 1


def test_a_changed_title_is_an_update_and_the_old_one_is_kept(world: World) -> None:
    world.poll()
    world.serves("/feed", rss(("a", "Altman slams"), ("b", "Meta")), etag='"2"')
    found = world.later(days=2).poll()
    assert [(one.new, one.changed) for one in found.polled] == [(0, 1)]
    assert world.titles() == {"a": "Altman slams", "b": "Meta"}
    assert world.past() == [("Altman", "https://wired.example/a")]


def test_a_title_that_comes_back_is_stored_again(world: World) -> None:
    """A, B, A: known means the version stored now, not any version ever seen."""
    for number, title in enumerate(("A", "B", "A")):
        world.serves("/feed", rss(("a", title), ("b", "Meta")), etag=f'"{number}"')
        world.later(days=2).poll()
        assert world.titles()["a"] == title


def test_an_entry_that_left_the_window_stays(world: World) -> None:
    world.poll()
    first_seen = {row.key: row.first_seen for row in world.entries()}
    world.serves("/feed", rss(("c", "New"), ("a", "Altman")), etag='"2"')
    world.later(days=2).poll()
    assert set(world.titles()) == {"a", "b", "c"}
    assert {row.key: row.first_seen for row in world.entries() if row.key != "c"} == first_seen


def test_validators_are_replaced_although_the_document_is_the_same(world: World, server: Server) -> None:
    """The classic bug: equal hash, old validators kept, unconditional for weeks."""
    body = rss(("a", "Altman"))
    for etag in ('"1"', 'W/"2"', '"3"'):
        world.serves("/feed", body, etag=etag)
        world.later(days=2).poll()
    assert [seen.headers.get("if-none-match") for seen in server.requests] == [None, '"1"', 'W/"2"']


def test_a_page_instead_of_the_feed_changes_nothing_in_the_store(world: World, server: Server) -> None:
    world.poll()
    server.answers("/feed", body=b"<html><body>Access Denied</body></html>", headers={"Content-Type": "text/html"})
    found = world.later(days=2).poll()
    assert [one.state.failure for one in found.polled] == [FailureKind.NOT_A_FEED]
    assert "HTML" in found.polled[0].state.failure_said
    assert world.titles() == {"a": "Altman", "b": "Meta"}
    world.serves("/feed", rss(("a", "Altman")))
    assert [one.state.failures for one in world.later(days=2).poll().polled] == [0]


def test_a_week_of_retry_after_is_kept(world: World, server: Server) -> None:
    server.answers("/feed", 429, headers={"Retry-After": "604800"})
    world.poll()
    assert world.later(days=6, hours=23).poll().polled == []
    world.serves("/feed", rss(("a", "Altman")))
    # Jitter only delays, by a tenth at most.
    assert len(world.later(hours=18).poll().polled) == 1


def test_a_closed_domain_closes_its_other_feeds(world: World, server: Server) -> None:
    """Numbers are keyed by host, port and first segment: two feeds of one site."""
    world.follows("/site/one", "/site/two")
    server.answers("*", 429, headers={"Retry-After": "3600"})
    found = world.poll()
    assert len(server.requests) == 1
    assert len(found.waiting) == 1
    assert len(world.later(minutes=50).poll().waiting) == 1
    assert len(server.requests) == 1


def test_one_domain_is_asked_one_after_the_other_with_a_pause(world: World, server: Server) -> None:
    world.follows("/site/one", "/site/two")
    world.serves("/site/one", rss(("a", "A")))
    world.serves("/site/two", rss(("b", "B")))
    found = world.poll()
    assert (len(found.polled), len(found.waiting)) == (1, 1)
    found = world.later(seconds=3).poll()
    assert (len(found.polled), len(found.waiting)) == (1, 0)
    assert {seen.target for seen in server.requests} == {"/site/one", "/site/two"}


def test_two_feeds_of_different_sites_are_asked_at_once(world: World) -> None:
    world.follows("/one/feed", "/two/feed")
    world.serves("/one/feed", rss(("a", "A")))
    world.serves("/two/feed", rss(("b", "B")))
    assert len(world.poll().polled) == 2


def test_a_feed_that_somebody_else_has_claimed_is_left_alone(world: World, server: Server, store: Store) -> None:
    world.poll()
    world.later(days=2)
    with store.transaction() as connection:
        ids = [row.id for row in source_rows.active_feeds(connection)]
        taken = source_rows.claim(connection, ids, owner="other", now=world.now, until=world.now + timedelta(minutes=5))
    assert len(taken) == 1
    found = world.poll()
    assert (found.polled, len(found.waiting)) == ([], 1)
    assert len(world.later(minutes=6).poll().polled) == 1
    assert len(server.requests) == 2


def test_a_round_that_was_killed_polls_nothing_early(world: World, server: Server) -> None:
    """The attempt is kept before the request; the claim and the rule hold until both are over."""

    class Killed(BaseException):
        pass

    def kill(client: Client) -> None:
        client.reset()

    server.plays("/feed", kill)

    def report(_polled: Polled, _done: int, _total: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        world.poll(report=report)
    assert world.later(minutes=4).poll().polled == []
    assert len(server.requests) == 1


def test_a_clock_that_was_a_year_ahead_costs_no_year(world: World, server: Server) -> None:
    """And no poll comes early for it: each pause is as long as it was."""
    world.serves("/feed", rss(("a", "Altman")))
    world.poll()
    assert len(world.later(days=365).poll().polled) == 1
    world.later(days=-365, minutes=10)
    assert world.poll().polled == []
    assert world.later(days=6, hours=23).poll().polled == []
    # With no entry for what seemed a year it was to be asked again after a week.
    assert len(world.later(days=1).poll().polled) == 1
    assert len(server.requests) == 3


def test_a_named_source_is_asked_although_it_is_not_due(world: World, server: Server) -> None:
    world.poll()
    found = world.later(minutes=61).poll("/feed")
    assert len(found.polled) == 1
    assert len(server.requests) == 2


def test_a_named_source_is_not_asked_twice_within_the_hour(world: World, server: Server) -> None:
    world.poll()
    found = world.later(minutes=59).poll("/feed")
    assert found.polled == []
    assert [why for _, why in found.declined] == [
        "it was asked at 2025-07-03T12:00+00:00; no feed is asked more than once an hour"
    ]
    assert len(server.requests) == 1


def test_being_offline_is_held_against_nobody(world: World, server: Server, store: Store) -> None:
    world.follows(*(f"/{n}/feed" for n in range(4)))
    server.close()
    found = world.poll(workers=1)
    assert found.is_offline
    assert len(found.waiting) == 1
    with store.snapshot() as connection:
        states = [read_memory(row.learnt).state for row in source_rows.active_feeds(connection)]
    assert [state.failures for state in states] == [0] * 4
    assert sum(state.rule is Rule.OFFLINE for state in states) == 3


def test_recording_a_poll_twice_equals_once(world: World, store: Store) -> None:
    heard: list[tuple[Job, Asked]] = []
    world.poll(report=lambda polled, *_: heard.append((polled.job, polled.asked)))
    before = [tuple(row) for row in world.entries()]
    with store.transaction() as connection:
        assert [(one.new, one.changed) for one in record(connection, heard, jitter=lambda: 0.0)] == [(0, 0)]
    assert [tuple(row) for row in world.entries()] == before
    assert world.past() == []


def test_a_source_that_is_no_longer_named_keeps_its_entries(world: World, store: Store) -> None:
    world.poll()
    world.follows()
    assert world.later(days=2).poll().polled == []
    with store.snapshot() as connection:
        assert source_rows.active_feeds(connection) == []
    world.follows("/feed").poll()
    assert len(world.entries()) == 2


def test_a_feed_that_two_polls_want_is_fetched_once(world: World, server: Server, store: Store) -> None:
    """The second round begins while the first one's request is under way."""
    rounds = []

    def slowly(client: Client) -> None:
        rounds.append(world.poll())
        client.answer(200, rss(("a", "A")), {"ETag": '"1"'})

    other = Store(str(store.url.render_as_string(hide_password=False)), folder=".")
    first = World(server, other, world.sandbox).follows("/feed")
    server.plays("/feed", slowly)
    found = first.poll()
    other.close()
    assert [len(one.polled) for one in rounds] == [0]
    assert len(found.polled) == 1
    assert len(server.requests) == 1


def test_the_status_tells_what_is_known(world: World, store: Store, server: Server) -> None:
    world.follows("/feed", "/broken")
    server.answers("/broken", 500)
    specs = [
        SourceSpec(name="Wired", feeds=(server.url("/feed"),)),
        SourceSpec(name="Broken", feeds=(server.url("/broken"), server.url("/never"))),
        SourceSpec(name="机器之心"),
    ]
    world.poll()
    with store.snapshot() as connection:
        status = read_status(connection, specs, now=world.now)
    assert [(feed.word, feed.entries) for feed in status.feeds] == [("ok", 2), ("failing", 0), ("new", 0)]
    assert status.without_feed == ("机器之心",)
    assert "500" in status.feeds[1].remark
    assert status.politeness.requests == 2
    assert status.politeness.score == 100.0
    assert status.failing == 1


def test_without_a_state_every_source_is_new() -> None:
    status = read_status(None, [SourceSpec(name="Wired", feeds=("https://wired.example/rss",))], now=World.now)
    assert [(feed.word, feed.due) for feed in status.feeds] == [("new", World.now)]


def test_a_request_that_no_server_saw_is_not_in_the_log(world: World, store: Store, server: Server) -> None:
    server.close()
    found = world.poll()
    assert [was_sent(one.asked) for one in found.polled] == [False]
    with store.snapshot() as connection:
        assert source_rows.polls_since(connection, world.now - timedelta(days=1)) == []


def test_old_contents_are_let_go_and_nothing_else(world: World, store: Store) -> None:
    item = "<item><guid>a</guid><title>A</title><description>&lt;p&gt;long&lt;/p&gt;</description></item>"
    world.serves("/feed", rss(extra=item))
    world.poll()
    before = world.entries()[0]
    assert "long" in before.content
    world.later(days=399).poll()
    assert world.entries()[0].content == before.content
    world.later(days=2).poll()
    after = world.entries()[0]
    assert (after.key, after.title, after.said, after.content) == (before.key, before.title, before.said, "")
    with store.snapshot() as connection:
        assert len(source_rows.polls_since(connection, world.now - timedelta(days=500))) == 1


def test_the_half_of_an_entry_changes_no_whole_one(world: World) -> None:
    """A document that ends too early, which nothing on the wire tells."""
    item = (
        "<item><guid>{0}</guid><title>{0}</title><link>https://wired.example/{0}</link><description>{1}</description>"
    )
    whole = rss(extra=item.format("a", "long and wise") + "</item>")
    world.serves("/feed", whole)
    world.poll()
    cut = whole[: whole.index(b" and wise")]
    world.serves("/feed", cut, etag='"2"')
    assert [(one.new, one.changed) for one in world.later(days=2).poll().polled] == [(0, 0)]
    assert "wise" in world.entries()[0].content + world.entries()[0].said
    world.serves("/feed", cut.replace(b"a<", b"b<").replace(b"/a", b"/b"), etag='"3"')
    assert [(one.new, one.changed) for one in world.later(days=2).poll().polled] == [(1, 0)]
