from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feeds.poll.line import Line
from feeds.store.source_rows import FeedRow

NOON = datetime(2025, 7, 3, 12, 0, tzinfo=UTC)
PAUSE = timedelta(seconds=2)


def feed(number: int, domain: str = "a.example") -> FeedRow:
    url = f"https://{domain}/{number}"
    return FeedRow(id=number, url=url, source="S", domain=domain, next_poll=None, learnt="", slices=None)


def line_of(*domains: str) -> Line:
    return Line([feed(number, domain) for number, domain in enumerate(domains)], now=NOON)


def taken(line: Line, count: int = 9, now: datetime = NOON) -> list[int]:
    return [one.id for one in line.take(count, now=now)]


def test_one_feed_of_each_domain_is_taken() -> None:
    line = line_of("a", "b", "a", "c")
    assert sorted(taken(line)) == [0, 1, 3]
    assert taken(line) == []
    assert [one.id for one in line.rest()] == [2]


def test_no_more_are_taken_than_there_are_hands() -> None:
    line = line_of("a", "b", "c")
    assert len(taken(line, 2)) == 2
    assert len(taken(line, 2)) == 1
    assert taken(line, 0) == []


def test_the_next_feed_of_a_domain_waits_until_it_is_free() -> None:
    line = line_of("a", "a")
    assert taken(line) == [0]
    assert line.next_free is None
    line.free("a", NOON + PAUSE)
    assert line.next_free == NOON + PAUSE
    assert taken(line, now=NOON + PAUSE - timedelta(microseconds=1)) == []
    assert taken(line, now=NOON + PAUSE) == [1]
    assert line.rest() == []


def test_feeds_of_a_domain_keep_their_order() -> None:
    line = line_of("a", "a", "a")
    order = []
    for number in range(3):
        order += taken(line, now=NOON + number * PAUSE)
        line.free("a", NOON + (number + 1) * PAUSE)
    assert order == [0, 1, 2]
    assert line.next_free is None


def test_what_is_put_back_is_the_next_of_its_domain() -> None:
    line = line_of("a", "a")
    (first,) = line.take(9, now=NOON)
    line.put_back(first)
    assert [one.id for one in line.rest()] == [0, 1]
    assert taken(line) == []
    line.free("a", NOON)
    assert taken(line) == [0]


def test_a_domain_that_is_closed_for_a_week_holds_up_nobody() -> None:
    line = line_of("a", "b", "a", "b")
    assert sorted(taken(line)) == [0, 1]
    line.free("a", NOON + timedelta(days=7))
    line.free("b", NOON + PAUSE)
    assert line.next_free == NOON + PAUSE
    assert taken(line, now=NOON + PAUSE) == [3]
    assert line.next_free == NOON + timedelta(days=7)


def test_freeing_a_domain_with_nothing_left_is_nothing() -> None:
    line = line_of("a")
    assert taken(line) == [0]
    line.free("a", NOON)
    line.free("never.example", NOON)
    assert line.next_free is None
    assert taken(line) == []


def test_an_empty_line_has_nothing() -> None:
    line = line_of()
    assert (taken(line), line.rest(), line.next_free) == ([], [], None)


@given(st.lists(st.sampled_from("abc")), st.lists(st.integers(1, 4)))
def test_whatever_the_order_each_feed_is_taken_once_and_never_two_of_a_domain(
    domains: list[str], counts: list[int]
) -> None:
    line, now, found = line_of(*domains), NOON, list[int]()
    for count in counts + [1] * len(domains):
        some = line.take(count, now=now)
        assert len(some) <= count
        assert len({one.domain for one in some}) == len(some)
        found += [one.id for one in some]
        now += PAUSE
        for one in some:
            line.free(one.domain, now)
    assert sorted(found) == list(range(len(domains)))
    assert line.rest() == []
    for domain in "abc":
        mine = [number for number in found if domains[number] == domain]
        assert mine == sorted(mine)
