"""Rows of the sources' feeds, in both databases."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, update

from feeds.store import source_rows
from feeds.store.article_rows import CHUNK
from feeds.store.schema import source_feed
from feeds.store.source_rows import FeedRow
from feeds.store.sql import Store

NOON = datetime(2025, 7, 3, 12, 0, tzinfo=UTC)
SOON = NOON + timedelta(minutes=5)
HOUR = timedelta(hours=1)


def feed_of(name: str, **changes: str) -> Mapping[str, str]:
    return {
        "url": f"https://{name}.example/feed",
        "source": name,
        "domain": f"{name}.example",
        "learnt": '{"n":0}',
    } | changes


def sync(connection: Connection, *feeds: Mapping[str, str]) -> None:
    """Bring the rows in step with these feeds."""
    new = {feed["url"]: {name: feed[name] for name in ("domain", "learnt")} for feed in feeds}
    source_rows.sync_feeds(connection, {feed["url"]: feed["source"] for feed in feeds}, new.__getitem__)


def follow(connection: Connection, *names: str) -> dict[str, int]:
    """Name -> id of feeds that sources.yaml names, and no others."""
    sync(connection, *(feed_of(name) for name in names))
    return {feed.source: feed.id for feed in source_rows.active_feeds(connection)}


def save(connection: Connection, id_: int, **changes: Any) -> None:
    values = {
        "next_poll": NOON,
        "stopped": False,
        "domain": "a.example",
        "domain_free": None,
        "learnt": "{}",
        "claimed_by": None,
        "claimed_until": None,
    }
    source_rows.save_feeds(connection, [{"id": id_, **values, **changes}])


def names(feeds: Sequence[FeedRow]) -> list[str]:
    return [feed.source for feed in feeds]


def claim(connection: Connection, ids: Sequence[int], owner: str, now: datetime = NOON) -> set[int]:
    until = now + timedelta(minutes=5)
    return set(source_rows.claim(connection, ids, owner=owner, now=now, until=until))


# -- in step with sources.yaml ---------------------------------------------------------------------------------------


def test_new_feeds_are_added_and_known_ones_stay_as_they_are(connection: Connection) -> None:
    ids = follow(connection, "a")
    save(connection, ids["a"], learnt='{"n":7}')
    sync(connection, feed_of("a", learnt="{}", domain="other.example"), feed_of("机器之心"))
    first, second = sorted(source_rows.active_feeds(connection), key=lambda feed: feed.id)
    assert (first.id, first.learnt, first.domain, first.next_poll) == (ids["a"], '{"n":7}', "a.example", NOON)
    assert (second.source, second.learnt, second.next_poll, second.slices) == ("机器之心", '{"n":0}', None, None)


def test_a_feed_that_is_no_longer_named_is_left_out_and_comes_back_as_it_was(connection: Connection) -> None:
    ids = follow(connection, "a", "b")
    save(connection, ids["b"], learnt='{"n":7}')
    assert follow(connection, "a").keys() == {"a"}
    assert follow(connection) == {}
    assert follow(connection, "b") == {"b": ids["b"]}
    (feed,) = source_rows.active_feeds(connection)
    assert feed.learnt == '{"n":7}'


def test_a_feed_keeps_its_row_when_its_source_gets_another_name(connection: Connection) -> None:
    ids = follow(connection, "a", "b")
    sync(connection, feed_of("a", source="A"), feed_of("b"))
    assert {feed.source: feed.id for feed in source_rows.active_feeds(connection)} == {"A": ids["a"], "b": ids["b"]}


def test_to_bring_in_step_twice_is_once(connection: Connection) -> None:
    ids = follow(connection, "a", "b")
    assert follow(connection, "a", "b") == ids


def test_thousands_of_feeds_are_in_step(connection: Connection) -> None:
    many = [f"n{number}" for number in range(2 * CHUNK + 3)]
    ids = follow(connection, *many)
    assert len(ids) == len(many)
    assert len(follow(connection, *many[1:])) == len(many) - 1
    assert claim(connection, list(ids.values()), "one") == set(ids.values()) - {ids["n0"]}
    busy = source_rows.busy_domains(connection, [f"{name}.example" for name in many], owner="two", now=NOON)
    assert len(busy) == len(many) - 1
    source_rows.release(connection, list(ids.values()), owner="one")
    assert claim(connection, list(ids.values()), "two") == set(ids.values()) - {ids["n0"]}


def test_feeds_come_in_the_order_in_which_they_are_due(connection: Connection) -> None:
    ids = follow(connection, "late", "early", "never", "early-too")
    save(connection, ids["late"], next_poll=NOON + HOUR)
    save(connection, ids["early"], next_poll=NOON)
    save(connection, ids["early-too"], next_poll=NOON)
    assert names(source_rows.active_feeds(connection)) == ["never", "early-too", "early", "late"]


# -- claims ----------------------------------------------------------------------------------------------------------


def test_of_two_owners_one_gets_a_feed(connection: Connection) -> None:
    ids = follow(connection, "a", "b", "c")
    assert claim(connection, [ids["a"], ids["b"]], "one") == {ids["a"], ids["b"]}
    assert claim(connection, [ids["b"], ids["c"]], "two") == {ids["c"]}


def test_who_has_a_feed_may_claim_it_again(connection: Connection) -> None:
    ids = follow(connection, "a")
    assert claim(connection, [ids["a"]], "one") == {ids["a"]}
    assert claim(connection, [ids["a"]], "one", NOON + timedelta(minutes=4)) == {ids["a"]}
    assert claim(connection, [ids["a"]], "two", NOON + timedelta(minutes=6)) == set()


def test_a_dead_owner_has_a_feed_no_longer_than_it_said(connection: Connection) -> None:
    ids = follow(connection, "a")
    claim(connection, [ids["a"]], "dead")
    assert claim(connection, [ids["a"]], "two", SOON - timedelta(microseconds=1)) == set()
    assert claim(connection, [ids["a"]], "two", SOON) == {ids["a"]}


def test_a_feed_that_is_given_back_is_anybodys_and_only_its_owner_gives_it_back(connection: Connection) -> None:
    ids = follow(connection, "a")
    claim(connection, [ids["a"]], "one")
    source_rows.release(connection, [ids["a"]], owner="two")
    assert claim(connection, [ids["a"]], "two") == set()
    source_rows.release(connection, [ids["a"]], owner="one")
    assert claim(connection, [ids["a"]], "two") == {ids["a"]}


def test_stopped_feeds_and_such_as_nobody_names_are_never_claimed(connection: Connection) -> None:
    ids = follow(connection, "a", "b")
    save(connection, ids["a"], stopped=True, next_poll=None)
    follow(connection, "a")
    assert claim(connection, list(ids.values()), "one") == set()


def test_a_claim_brings_the_row_as_it_is_now(connection: Connection) -> None:
    """Somebody may have polled it since it was seen to be due."""
    ids = follow(connection, "a")
    save(connection, ids["a"], learnt='{"n":7}', slices=b"\x00\xff")
    rows = source_rows.claim(connection, [ids["a"]], owner="one", now=NOON, until=SOON)
    feed = rows[ids["a"]]
    assert (feed.learnt, feed.slices, feed.next_poll) == ('{"n":7}', b"\x00\xff", NOON)


def test_saving_without_slices_keeps_them(connection: Connection) -> None:
    ids = follow(connection, "a")
    save(connection, ids["a"], slices=b"\x00")
    save(connection, ids["a"], learnt='{"n":8}')
    feed = source_rows.claim(connection, [ids["a"]], owner="one", now=NOON, until=SOON)[ids["a"]]
    assert (feed.learnt, feed.slices) == ('{"n":8}', b"\x00")


def test_to_save_or_claim_nothing_is_nothing(connection: Connection) -> None:
    source_rows.save_feeds(connection, [])
    source_rows.log_polls(connection, [])
    source_rows.release(connection, [], owner="one")
    assert claim(connection, [], "one") == set()
    assert source_rows.busy_domains(connection, [], owner="one", now=NOON) == {}


def test_two_processes_that_claim_at_once_never_get_the_same_feed(store: Store) -> None:
    """Each in a transaction of its own, at the same time."""
    with store.transaction() as connection:
        ids = list(follow(connection, *(f"n{number}" for number in range(40))).values())
    place = store.url.render_as_string(hide_password=False)
    together, got = threading.Barrier(4), dict[str, set[int]]()

    def run(owner: str) -> None:
        other = Store(place, folder=".")
        together.wait(10)
        try:
            for some in (ids[:25], ids[15:], ids):
                with other.transaction() as connection:
                    got[owner] = got.get(owner, set()) | claim(connection, some, owner)
        finally:
            other.close()

    threads = [threading.Thread(target=run, args=[owner]) for owner in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(map(len, got.values())) == len(ids)
    assert set.union(*got.values()) == set(ids)


# -- busy domains ----------------------------------------------------------------------------------------------------


def busy(connection: Connection, *domains: str, owner: str = "one", now: datetime = NOON) -> dict[str, Any]:
    return source_rows.busy_domains(connection, domains, owner=owner, now=now)


def test_a_domain_is_busy_until_its_pause_is_over(connection: Connection) -> None:
    ids = follow(connection, "a", "b")
    end = NOON + timedelta(seconds=2)
    save(connection, ids["a"], domain_free=end)
    assert busy(connection, "a.example", "b.example", "never.example") == {"a.example": end}
    assert busy(connection, "b.example") == {}
    assert busy(connection, "a.example", now=end) == {}


def test_of_several_ends_the_last_one_counts(connection: Connection) -> None:
    ids = follow(connection, "a", "b")
    save(connection, ids["a"], domain_free=NOON + 2 * HOUR)
    save(connection, ids["b"], domain_free=NOON + HOUR)
    assert busy(connection, "a.example") == {"a.example": NOON + 2 * HOUR}


def test_a_domain_that_somebody_else_asks_has_no_end(connection: Connection) -> None:
    ids = follow(connection, "a", "b")
    claim(connection, [ids["a"]], "one")
    assert busy(connection, "a.example", "b.example", owner="two") == {"a.example": None}
    assert busy(connection, "a.example", owner="one") == {}
    assert busy(connection, "a.example", owner="two", now=SOON) == {}


def test_being_asked_now_says_more_than_the_end_of_a_pause(connection: Connection) -> None:
    ids = follow(connection, "a")
    save(connection, ids["a"], domain_free=NOON + HOUR, claimed_by="one", claimed_until=SOON)
    assert busy(connection, "a.example", owner="two") == {"a.example": None}
    assert busy(connection, "a.example", owner="one") == {"a.example": NOON + HOUR}


def test_a_closing_holds_though_its_feed_is_followed_no_more(connection: Connection) -> None:
    """The server asked to be left alone, whatever sources.yaml says since."""
    ids = follow(connection, "a")
    save(connection, ids["a"], domain_free=NOON + HOUR)
    follow(connection)
    assert busy(connection, "a.example") == {"a.example": NOON + HOUR}


# -- the log ---------------------------------------------------------------------------------------------------------


def request(feed_id: int, at: datetime, **changes: Any) -> dict[str, Any]:
    return {
        "feed_id": feed_id,
        "at": at,
        "ended": at + timedelta(seconds=1),
        "domain": "a.example",
        "outcome": "fetched",
        "status": 200,
        "conditional": True,
        "had_validators": True,
        "retry_after": None,
        "fresh_for": 10 * 365 * 86_400,
        "bytes": 5_000_000_000,
        "new": 1,
        "changed": 0,
    } | changes


def test_requests_come_in_their_order_with_the_address_of_their_feed(connection: Connection) -> None:
    ids = follow(connection, "a", "b")
    source_rows.log_polls(
        connection, [request(ids["a"], NOON + HOUR), request(ids["b"], NOON, status=None, outcome="timeout")]
    )
    source_rows.log_polls(connection, [request(ids["a"], NOON, retry_after=604_800)])
    rows = source_rows.polls_since(connection, NOON)
    assert [(row.url, row.at, row.status) for row in rows] == [
        ("https://b.example/feed", NOON, None),
        ("https://a.example/feed", NOON, 200),
        ("https://a.example/feed", NOON + HOUR, 200),
    ]
    assert (rows[1].retry_after, rows[1].bytes, rows[1].fresh_for) == (604_800, 5_000_000_000, 315_360_000)
    assert [row.at for row in source_rows.polls_since(connection, NOON + timedelta(seconds=1))] == [NOON + HOUR]


def test_requests_of_feeds_that_are_followed_no_more_are_told(connection: Connection) -> None:
    ids = follow(connection, "a")
    source_rows.log_polls(connection, [request(ids["a"], NOON)])
    follow(connection)
    assert len(source_rows.polls_since(connection, NOON)) == 1


def test_old_requests_are_forgotten_and_no_others(connection: Connection) -> None:
    ids = follow(connection, "a")
    source_rows.log_polls(connection, [request(ids["a"], NOON + number * HOUR) for number in range(4)])
    source_rows.forget_polls(connection, NOON + 2 * HOUR)
    assert [row.at for row in source_rows.polls_since(connection, NOON)] == [NOON + 2 * HOUR, NOON + 3 * HOUR]


def test_a_moment_keeps_its_microseconds(connection: Connection) -> None:
    ids = follow(connection, "a")
    moment = NOON + timedelta(microseconds=123_457)
    save(connection, ids["a"], next_poll=moment)
    assert source_rows.active_feeds(connection)[0].next_poll == moment
    connection.execute(update(source_feed).values(next_poll=None))
    assert source_rows.active_feeds(connection)[0].next_poll is None


def test_who_looks_while_somebody_claims_sees_the_claim(store: Store) -> None:
    """Else two processes would ask one domain at once, each for another of its feeds."""
    with store.transaction() as connection:
        ids = follow(connection, "a", "b")
        save(connection, ids["b"])
    seen: list[dict[str, Any]] = []

    def look() -> None:
        other = Store(store.url.render_as_string(hide_password=False), folder=".")
        with other.transaction() as connection:
            seen.append(busy(connection, "a.example", owner="two"))
        other.close()

    thread = threading.Thread(target=look)
    with store.transaction() as connection:
        assert busy(connection, "a.example") == {}
        thread.start()
        claim(connection, [ids["a"]], "one")
        thread.join(0.5)
    thread.join(30)
    assert seen == [{"a.example": None}]
