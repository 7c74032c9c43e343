from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from requests.exceptions import RequestException

from feeds.polled import Failed, FailureKind, FeedRequest, Fetched, Hints
from feeds.sources.fetch import Caps, Fetcher
from feeds.sources.links import Answer, Gatekeeper, LinkState, LinkWord, answer_of, check_link
from tests.servers import Client, Server, serving

NOW = datetime(2025, 8, 1, tzinfo=UTC)


def asker(method: str) -> Callable[[str], Answer]:
    def ask(url: str) -> Answer:
        try:
            answer = requests.request(method, url, timeout=2, headers={"Connection": "close"})
        except RequestException as error:
            return Failed(kind=FailureKind.CONNECT, sentence=type(error).__name__)
        return answer.status_code, answer.url

    return ask


def check(url: str, *, gate: Callable[[str], LinkState | None] = lambda _: None) -> LinkState:
    return check_link(url, head=asker("HEAD"), get=asker("GET"), gate=gate)


def by_method(**statuses: int) -> Callable[[Client], None]:
    return lambda client: client.answer(statuses[client.request.method], headers={"Content-Length": "0"})


@pytest.mark.parametrize(
    ("head", "get", "word", "requests_made"),
    [
        (200, 200, LinkWord.ALIVE, 1),
        (204, 200, LinkWord.ALIVE, 1),
        (404, 200, LinkWord.ALIVE, 2),
        (405, 200, LinkWord.ALIVE, 2),
        (403, 200, LinkWord.ALIVE, 2),
        (500, 200, LinkWord.ALIVE, 2),
        (404, 404, LinkWord.GONE, 2),
        (410, 410, LinkWord.GONE, 2),
        (405, 404, LinkWord.GONE, 2),
        (404, 503, LinkWord.UNREACHABLE, 2),
        (404, 403, LinkWord.BLOCKED, 2),
        (401, 401, LinkWord.BLOCKED, 2),
        (403, 403, LinkWord.BLOCKED, 2),
        (451, 451, LinkWord.BLOCKED, 2),
        (500, 502, LinkWord.UNREACHABLE, 2),
        (429, 200, LinkWord.BLOCKED, 1),
    ],
)
def test_a_page_is_dead_only_when_both_requests_say_so(
    server: Server, head: int, get: int, word: LinkWord, requests_made: int
) -> None:
    server.plays("/a", by_method(HEAD=head, GET=get))
    state = check(server.url("/a"))
    assert (state.word, len(server.requests)) == (word, requests_made)
    assert state.is_gone is (word is LinkWord.GONE)


@pytest.mark.parametrize(
    ("target", "word", "words"),
    [
        ("/b", LinkWord.REDIRECTED, "another page"),
        ("/", LinkWord.REDIRECTED, "the home page"),
        ("/a/", LinkWord.ALIVE, "has it"),
        ("/a?utm_source=feed", LinkWord.ALIVE, "has it"),
        ("/login?next=/a", LinkWord.BLOCKED, "a gate"),
        ("/captcha/check", LinkWord.BLOCKED, "a gate"),
    ],
)
def test_where_a_redirect_leads_decides(server: Server, target: str, word: LinkWord, words: str) -> None:
    server.answers("/a", 301, headers={"Location": target})
    server.answers(target, 200)
    state = check(server.url("/a"))
    assert (state.word, words in state.sentence) == (word, True), state
    assert state.moved_to == (server.url(target) if word is LinkWord.REDIRECTED else None)


def test_a_redirect_to_nothing_is_gone(server: Server) -> None:
    server.answers("/a", 301, headers={"Location": "/b"})
    assert check(server.url("/a")).is_gone


def test_a_server_that_does_not_answer_is_no_dead_page() -> None:
    with serving() as server:
        url = server.url("/a")
    state = check(url)
    assert (state.word, state.is_gone) == (LinkWord.UNREACHABLE, False)


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        (FailureKind.GONE, 410, LinkWord.GONE),
        (FailureKind.HTTP_STATUS, 404, LinkWord.GONE),
        (FailureKind.HTTP_STATUS, 403, LinkWord.BLOCKED),
        (FailureKind.HTTP_STATUS, 500, LinkWord.UNREACHABLE),
        (FailureKind.HTTP_STATUS, None, LinkWord.UNREACHABLE),
        (FailureKind.CHALLENGE, 403, LinkWord.BLOCKED),
        (FailureKind.RATE_LIMITED, 429, LinkWord.BLOCKED),
        (FailureKind.TOO_LARGE, 200, LinkWord.ALIVE),
        (FailureKind.DNS, None, LinkWord.UNREACHABLE),
        (FailureKind.BLOCKED, None, LinkWord.UNREACHABLE),
        (FailureKind.REDIRECT, None, LinkWord.UNREACHABLE),
    ],
)
def test_every_failure_has_a_word(kind: FailureKind, status: int | None, word: LinkWord) -> None:
    failed = Failed(kind=kind, sentence="so it is", status=status)
    state = check_link("https://a.press/b", head=lambda _: failed, get=lambda _: failed, gate=lambda _: None)
    assert (state.word, state.sentence, state.status, state.failed) == (word, "so it is", status, failed)


@pytest.mark.parametrize("kind", [FailureKind.DNS, FailureKind.RATE_LIMITED, FailureKind.TIMEOUT, FailureKind.BLOCKED])
def test_nobody_is_asked_twice_in_vain(kind: FailureKind) -> None:
    asked: list[str] = []

    def get(url: str) -> Answer:
        asked.append(url)
        return 200, url

    failed = Failed(kind=kind, sentence="no")
    check_link("https://a.press/b", head=lambda _: failed, get=get, gate=lambda _: None)
    assert asked == []


def test_what_robots_txt_forbids_is_not_asked_for(server: Server) -> None:
    server.answers("/robots.txt", 200, b"User-agent: *\nDisallow: /private/\n", {"Content-Type": "text/plain"})
    server.answers("/a", 200)
    keeper = Gatekeeper()
    with closing(Fetcher(user_agent="feeds/1 (+https://site.example/)")) as fetcher:

        def gate(url: str) -> LinkState | None:
            return keeper.refusal(url, lambda url: fetcher.fetch(FeedRequest(url=url, allow_private=True), now=NOW))

        states = [check(server.url(path), gate=gate) for path in ("/private/a", "/a", "/private/b")]
    assert [state.word for state in states] == [LinkWord.FORBIDDEN, LinkWord.ALIVE, LinkWord.FORBIDDEN]
    assert server.targets() == ["/robots.txt", "/a"]


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        (FailureKind.HTTP_STATUS, 404, None),
        (FailureKind.HTTP_STATUS, 403, None),
        (FailureKind.GONE, 410, None),
        (FailureKind.HTTP_STATUS, 500, LinkWord.UNREACHABLE),
        (FailureKind.TIMEOUT, None, LinkWord.UNREACHABLE),
        (FailureKind.TOO_LARGE, 200, LinkWord.UNREACHABLE),
        (FailureKind.RATE_LIMITED, 429, LinkWord.BLOCKED),
        (FailureKind.CHALLENGE, 403, LinkWord.BLOCKED),
    ],
)
def test_a_site_without_robots_txt_forbids_nothing_and_one_in_trouble_everything_for_a_while(
    kind: FailureKind, status: int | None, word: LinkWord | None
) -> None:
    failed = Failed(kind=kind, sentence="no", status=status)
    refusal = Gatekeeper().refusal("https://a.press/x", lambda _: failed)
    assert (refusal and refusal.word) == word
    assert refusal is None or refusal.fresh_for < LinkState(url="u", word=LinkWord.FORBIDDEN, sentence="s").fresh_for


def test_a_server_that_asks_to_be_left_alone_is_for_as_long_as_it_says() -> None:
    def state(kind: FailureKind, wait: timedelta | None) -> LinkState:
        failed = Failed(kind=kind, sentence="no", status=429, hints=Hints(retry_after=wait))
        return check_link("https://a.press/b", head=lambda _: failed, get=lambda _: failed, gate=lambda _: None)

    limited = FailureKind.RATE_LIMITED
    assert state(limited, timedelta(days=3)).closed_for == state(limited, timedelta(days=3)).fresh_for
    waits = [state(limited, wait).closed_for for wait in (timedelta(days=3), timedelta(seconds=1), None)]
    assert waits == [timedelta(days=3), timedelta(hours=1), timedelta(hours=1)]
    assert state(limited, timedelta(days=300)).closed_for == timedelta(days=31)
    assert state(FailureKind.CHALLENGE, None).closed_for is None


@pytest.mark.parametrize(
    ("kind", "is_unreached"),
    [
        (FailureKind.DNS, True),
        (FailureKind.CONNECT, True),
        (FailureKind.TIMEOUT, True),
        (FailureKind.BLOCKED, True),
        (FailureKind.TLS, False),
        (FailureKind.CUT_OFF, False),
        (FailureKind.HTTP_STATUS, False),
    ],
)
def test_only_what_no_server_was_heard_of_may_be_our_own_fault(kind: FailureKind, is_unreached: bool) -> None:
    failed = Failed(kind=kind, sentence="no")
    state = check_link("https://a.press/b", head=lambda _: failed, get=lambda _: failed, gate=lambda _: None)
    assert state.is_unreached is is_unreached
    assert not LinkState(url="u", word=LinkWord.UNREACHABLE, sentence="s").is_unreached


# -- through the fetcher -----------------------------------------------------------------------------------------------


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with closing(Fetcher(user_agent="feeds/1 (+https://site.example/)", caps=Caps(total=timedelta(seconds=5)))) as one:
        yield one


def probe(url: str, method: str = "HEAD", **more: Any) -> FeedRequest:
    return FeedRequest(url=url, method=method, is_probe=True, allow_private=True, **more)


def test_head_brings_status_and_headers_without_a_body_and_keeps_the_connection(
    server: Server, fetcher: Fetcher
) -> None:
    headers = {"Content-Type": "text/html", "Content-Length": "5000000000", "Content-Encoding": "gzip"}
    server.plays("/a", lambda client: client.answer(200, b"", headers))
    outcomes = [fetcher.fetch(probe(server.url("/a")), now=NOW) for _ in range(2)]
    assert [(one.status, one.body, one.content_type) for one in outcomes if isinstance(one, Fetched)] == [
        (200, b"", "text/html")
    ] * 2
    assert [seen.method for seen in server.requests] == ["HEAD", "HEAD"]
    assert server.connections == 1


def test_a_probe_asks_for_pages_and_leaves_their_body(server: Server, fetcher: Fetcher) -> None:
    sent: list[int] = []

    def endless(client: Client) -> None:
        client.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(2000):
            client.send(b"10000\r\n" + bytes(1 << 16) + b"\r\n")
            sent.append(1)

    server.answers("/old", 302, headers={"Location": "/a"})
    server.plays("/a", endless)
    outcome = fetcher.fetch(probe(server.url("/old"), "GET"), now=NOW)
    assert isinstance(outcome, Fetched)
    assert (outcome.status, outcome.body, outcome.url) == (200, b"", server.url("/a"))
    assert all("text/html" in seen.headers["accept"].split(",")[0] for seen in server.requests)
    assert len(sent) < 500


def test_a_feed_is_asked_for_as_ever(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", body=b"<rss/>")
    outcome = fetcher.fetch(FeedRequest(url=server.url("/feed"), allow_private=True), now=NOW)
    assert isinstance(outcome, Fetched)
    assert (outcome.body, server.requests[0].method) == (b"<rss/>", "GET")
    assert server.requests[0].headers["accept"].startswith("application/atom+xml")


def test_a_head_request_is_kept_out_of_private_networks(server: Server, fetcher: Fetcher) -> None:
    outcome = fetcher.fetch(FeedRequest(url=server.url("/a"), method="HEAD", is_probe=True), now=NOW)
    assert isinstance(outcome, Failed)
    assert (outcome.kind, server.requests) == (FailureKind.BLOCKED, [])


@pytest.mark.parametrize(
    ("status", "answer"), [(200, 200), (204, 204), (404, 404), (410, 410), (500, 500), (405, 405), (503, 503)]
)
def test_a_status_is_an_answer(server: Server, fetcher: Fetcher, status: int, answer: int) -> None:
    server.answers("/old", 301, headers={"Location": "/a"})
    server.answers("/a", status)
    url = server.url("/old")
    assert answer_of(url, fetcher.fetch(probe(url), now=NOW)) == (answer, server.url("/a"))


@pytest.mark.parametrize("headers", [{"Retry-After": "60"}, {"cf-mitigated": "challenge"}])
def test_a_wall_is_none(server: Server, fetcher: Fetcher, headers: dict[str, str]) -> None:
    server.answers("/a", 503, headers=headers)
    assert isinstance(answer_of(server.url("/a"), fetcher.fetch(probe(server.url("/a")), now=NOW)), Failed)


def test_what_may_be_a_mishap_is_asked_again_sooner() -> None:
    fresh = {word: LinkState(url="u", word=word, sentence="s").fresh_for for word in LinkWord}
    assert fresh[LinkWord.UNREACHABLE] < fresh[LinkWord.GONE] < fresh[LinkWord.ALIVE]
    assert fresh[LinkWord.ALIVE] >= timedelta(weeks=3)
