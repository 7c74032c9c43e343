from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from feeds.model import SourceSpec
from feeds.poll.seek import FirstDocuments, Memory, PacedFetch, discovery_values, seek
from feeds.polled import Failed, FailureKind, FeedRequest, Fetched
from feeds.sources.discover import CitedHost, Discovery, How
from feeds.sources.domains import SPACING
from tests.fakes import FakeFetcher

NOW = datetime(2025, 7, 3, 12, 0, tzinfo=UTC)
FEED = "<rss version='2.0'><channel><title>x</title><item><guid>1</guid></item></channel></rss>"
PAGE = "<html><head><link rel='alternate' type='application/rss+xml' href='/rss'></head></html>"


def host(name: str, citations: int = 1, **more: object) -> CitedHost:
    return CitedHost(
        host=name,
        citations=citations,
        name=name,
        site=f"https://{name}/",
        pages=((f"https://{name}/a", citations),),
        **more,  # type: ignore[arg-type]  # as the caller says
    )


def silent(*_: object) -> None:
    """Nobody wants to hear how far it is."""


def fresh() -> Memory:
    """Nothing was ever looked at."""
    return Memory("", now=NOW)


def with_feed(fetcher: FakeFetcher, name: str) -> None:
    fetcher.fails(f"https://{name}/robots.txt", 404)
    fetcher.serves(f"https://{name}/", PAGE)
    fetcher.serves(f"https://{name}/rss", FEED, "application/rss+xml")


# -- the pause -------------------------------------------------------------------------------------------------------


def test_two_requests_to_one_domain_have_a_pause_between_them_whoever_asks() -> None:
    times: list[tuple[float, float]] = []

    def fetch(request: FeedRequest) -> Failed:
        begun = time.monotonic()
        time.sleep(0.05)
        times.append((begun, time.monotonic()))
        return Failed(kind=FailureKind.TIMEOUT, sentence=request.url)

    paced = PacedFetch(fetch)
    urls = ["https://www.wired.com/a", "https://blog.wired.com/b"]
    threads = [threading.Thread(target=paced, args=[FeedRequest(url=url)]) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    (_, ended), (begun, _) = sorted(times)
    assert begun - ended >= SPACING.total_seconds() - 0.01


def test_other_domains_are_not_waited_for() -> None:
    fetcher = FakeFetcher()
    paced = PacedFetch(fetcher)
    started = time.monotonic()
    for number in range(20):
        paced(FeedRequest(url=f"https://n{number}.example/"))
    assert time.monotonic() - started < 1
    assert len(fetcher.requests) == 20


def test_a_fetch_that_raises_leaves_the_domain_to_the_next_one() -> None:
    def fetch(_: FeedRequest) -> Failed:
        raise KeyboardInterrupt

    paced = PacedFetch(fetch)
    for _ in range(2):
        try:
            paced(FeedRequest(url="http://127.0.0.1:1/x"))
        except KeyboardInterrupt:
            continue
        raise AssertionError


# -- hosts -----------------------------------------------------------------------------------------------------------


def test_hosts_are_looked_at_and_answered_in_their_order() -> None:
    fetcher = FakeFetcher()
    names = [f"n{number}.example" for number in range(20)]
    for name in names[:-1]:
        fetcher.serves(f"https://{name}/", "<html>", "text/html")
        fetcher.serves(f"https://{name}/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
    heard: list[tuple[int, int]] = []
    found = seek(
        [host(name, 9) for name in names], fetcher, fresh(), report=lambda _, done, total: heard.append((done, total))
    )
    assert [one.host for one in found.discoveries] == names
    assert {one.how for one in found.discoveries[:-1]} == {How.FORBIDDEN}
    assert found.citations == 9 * 20
    assert heard[-1] == (20, 20)
    assert heard == sorted(heard)


def test_a_host_is_asked_no_more_than_three_times_with_pauses() -> None:
    fetcher = FakeFetcher()
    with_feed(fetcher, "one.example")
    with_feed(fetcher, "two.example")
    times: dict[str, list[float]] = {}

    def fetch(request: FeedRequest) -> Fetched | Failed:
        times.setdefault(request.url.split("/")[2], []).append(time.monotonic())
        return fetcher(request)

    found = seek([host("one.example", 3), host("two.example", 2)], fetch, fresh(), report=silent)
    assert [one.feeds for one in found.discoveries] == [("https://one.example/rss",), ("https://two.example/rss",)]
    assert {name: len(moments) for name, moments in times.items()} == {"one.example": 3, "two.example": 3}
    for moments in times.values():
        assert all(later - before >= SPACING.total_seconds() - 0.01 for before, later in pairwise(moments))
    assert found.covered(["one.example"]) == 3
    assert found.covered(["one.example", "two.example", "never.example"]) == 5
    assert found.covered([]) == 0


def test_what_the_tables_know_is_asked_nobody() -> None:
    fetcher = FakeFetcher()
    wired = SourceSpec(name="Wired", feeds=("https://www.wired.com/feed/rss",))
    hosts = [
        host("wired.com", 5, source=wired),
        CitedHost(
            host="youtube.com/@OpenAI",
            citations=4,
            name="OpenAI",
            site="https://www.youtube.com/@OpenAI",
            pages=(("https://www.youtube.com/channel/UCXZCJLdBC09xxGZ6gcdrc6A", 4),),
        ),
    ]
    found = seek(hosts, fetcher, fresh(), report=silent)
    assert fetcher.requests == []
    assert [one.how for one in found.discoveries] == [How.CONFIGURED, How.KNOWN_RULE]
    assert "UCXZCJLdBC09xxGZ6gcdrc6A" in found.discoveries[1].feeds[0]


def test_offline_nobody_is_asked_and_what_is_unknown_is_said_to_be() -> None:
    wired = SourceSpec(name="Wired", feeds=("https://www.wired.com/feed/rss",))
    found = seek([host("wired.com", 5, source=wired), host("never.example", 2)], None, fresh(), report=silent)
    assert [one.how for one in found.discoveries] == [How.CONFIGURED, How.NOT_TOLD]
    assert not found.discoveries[1].is_settled
    assert "--offline" in found.discoveries[1].said
    assert found.citations == 7


def test_without_hosts_there_are_no_findings() -> None:
    found = seek([], FakeFetcher(), fresh(), report=silent)
    assert (found.discoveries, found.citations) == ((), 0)


def test_a_host_that_cannot_be_reached_has_an_answer_too() -> None:
    found = seek([host("down.example")], FakeFetcher().fails("https://down.example/robots.txt"), fresh(), report=silent)
    assert [one.how for one in found.discoveries] == [How.UNREACHABLE]


# -- what was fetched already ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def discovery() -> Discovery:
    """Of a host that was looked at."""
    fetcher = FakeFetcher()
    with_feed(fetcher, "one.example")
    (found,) = seek([host("one.example", 3)], fetcher, fresh(), report=silent).discoveries
    return found


def test_the_first_document_is_kept_for_the_first_poll(discovery: Discovery) -> None:
    first = FirstDocuments()
    first.add(discovery)
    assert first.found.keys() == {"https://one.example/rss"}
    document = first.fetch(FeedRequest(url="https://one.example/rss"), now=NOW)
    assert document.body == FEED.encode()


def test_what_brought_no_document_is_not_kept() -> None:
    first = FirstDocuments()
    for one in seek([host("never.example")], None, fresh(), report=silent).discoveries:
        first.add(one)
    assert first.found == {}


def test_a_discovery_as_values_has_no_document(discovery: Discovery) -> None:
    assert discovery_values(discovery) == {
        "host": "one.example",
        "name": "one.example",
        "site": "https://one.example/",
        "citations": 3,
        "feeds": ["https://one.example/rss"],
        "how": "autodiscovery",
        "said": "its page names the feed",
    }


# -- memory ----------------------------------------------------------------------------------------------------------


def test_a_host_is_looked_at_once_a_month() -> None:
    fetcher, memory = FakeFetcher(), fresh()
    with_feed(fetcher, "one.example")
    first = seek([host("one.example", 3)], fetcher, memory, report=silent)
    asked = len(fetcher.requests)
    for days in (1, 29):
        again = Memory(memory.text, now=NOW + timedelta(days=days))
        found = seek([host("one.example", 4)], fetcher, again, report=silent)
        assert [(one.feeds, one.how, one.citations) for one in found.discoveries] == [
            (one.feeds, one.how, 4) for one in first.discoveries
        ]
    assert len(fetcher.requests) == asked
    seek([host("one.example", 3)], fetcher, Memory(memory.text, now=NOW + timedelta(days=31)), report=silent)
    assert len(fetcher.requests) == 2 * asked


def test_a_host_that_nobody_answered_for_is_asked_again() -> None:
    fetcher, memory = FakeFetcher().fails("https://down.example/robots.txt"), fresh()
    seek([host("down.example")], fetcher, memory, report=silent)
    seek([host("down.example")], fetcher, Memory(memory.text, now=NOW), report=silent)
    assert len(fetcher.requests) == 2
