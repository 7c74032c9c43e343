from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import requests
from requests.exceptions import RequestException

from feeds.polled import Failed, FailureKind, FeedRequest
from feeds.sources.fetch import Fetcher
from feeds.sources.links import Answer, Gatekeeper, LinkState, LinkWord, check_link
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


def check(url: str, *, allows: Callable[[str], bool] = lambda _: True) -> LinkState:
    return check_link(url, head=asker("HEAD"), get=asker("GET"), allows=allows)


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
    state = check_link("https://a.press/b", head=lambda _: failed, get=lambda _: failed, allows=lambda _: True)
    assert (state.word, state.sentence, state.status) == (word, "so it is", status)


@pytest.mark.parametrize("kind", [FailureKind.DNS, FailureKind.RATE_LIMITED, FailureKind.TIMEOUT, FailureKind.BLOCKED])
def test_nobody_is_asked_twice_in_vain(kind: FailureKind) -> None:
    asked: list[str] = []

    def get(url: str) -> Answer:
        asked.append(url)
        return 200, url

    failed = Failed(kind=kind, sentence="no")
    check_link("https://a.press/b", head=lambda _: failed, get=get, allows=lambda _: True)
    assert asked == []


def test_what_robots_txt_forbids_is_not_asked_for(server: Server) -> None:
    server.answers("/robots.txt", 200, b"User-agent: *\nDisallow: /private/\n", {"Content-Type": "text/plain"})
    server.answers("/a", 200)
    fetcher = Fetcher(user_agent="feeds/1 (+https://site.example/)")
    keeper = Gatekeeper(lambda url: fetcher.fetch(FeedRequest(url=url, allow_private=True), now=NOW))
    states = [check(server.url(path), allows=keeper.allows) for path in ("/private/a", "/a", "/private/b")]
    fetcher.close()
    assert [state.word for state in states] == [LinkWord.FORBIDDEN, LinkWord.ALIVE, LinkWord.FORBIDDEN]
    assert server.targets() == ["/robots.txt", "/a"]


def test_a_site_without_robots_txt_forbids_nothing_and_one_in_trouble_everything() -> None:
    outcomes = {"https://a.press/robots.txt": 404, "https://b.press/robots.txt": 500}

    def ask(url: str) -> Failed:
        return Failed(kind=FailureKind.HTTP_STATUS, sentence="no", status=outcomes[url])

    keeper = Gatekeeper(ask)
    assert (keeper.allows("https://a.press/x"), keeper.allows("https://b.press/x")) == (True, False)


def test_what_may_be_a_mishap_is_asked_again_sooner() -> None:
    fresh = {word: LinkState(url="u", word=word, sentence="s").fresh_for for word in LinkWord}
    assert fresh[LinkWord.UNREACHABLE] < fresh[LinkWord.GONE] < fresh[LinkWord.ALIVE]
    assert fresh[LinkWord.ALIVE] >= timedelta(weeks=3)
