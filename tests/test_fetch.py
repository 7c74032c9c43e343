from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.polled import Failed, FailureKind, FeedRequest, Fetched, Hints, NotModified, Redirect, Validators
from feeds.sources.addresses import refusal
from feeds.sources.answers import read_hints
from feeds.sources.fetch import Caps, Fetcher
from tests.servers import Client, Server, answer_bytes, serving

NOW = datetime(2025, 7, 3, 12, 0, tzinfo=UTC)
AGENT = "feeds/1.0 (+https://example.org/about)"
FEED = b"<rss version='2.0'><channel><title>x</title></channel></rss>"
SOON = Caps(connect=timedelta(seconds=0.45), total=timedelta(seconds=0.45))
BOTH = Validators(etag='W/"a\xe9 b"', last_modified="Sometime, in  1970")

Outcome = Fetched | NotModified | Failed


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    fetcher = Fetcher(user_agent=AGENT)
    yield fetcher
    fetcher.close()


def ask(fetcher: Fetcher, url: str, **options: Any) -> Outcome:
    return fetcher.fetch(FeedRequest(url=url, **{"allow_private": True, **options}), now=NOW)


def fetched(outcome: Outcome) -> Fetched:
    assert isinstance(outcome, Fetched), outcome
    return outcome


def failed(outcome: Outcome) -> Failed:
    assert isinstance(outcome, Failed), outcome
    assert "\n" not in outcome.sentence
    assert "{" not in outcome.sentence
    return outcome


# What is sent


def test_a_first_request_says_who_asks_and_what_is_wanted_and_no_more(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", body=FEED)
    ask(fetcher, server.url("/feed"))
    (seen,) = server.requests
    assert seen.method == "GET"
    assert set(seen.headers) == {"host", "user-agent", "accept", "accept-encoding"}
    assert seen.headers["user-agent"] == AGENT
    assert "application/atom+xml" in seen.headers["accept"]
    assert seen.headers["accept-encoding"].startswith("gzip, deflate")


def test_validators_are_sent_byte_for_byte(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", 304)
    ask(fetcher, server.url("/feed"), validators=BOTH)
    (seen,) = server.requests
    assert b'\r\nIf-None-Match: W/"a\xe9 b"\r\n' in seen.raw + b"\r\n"
    assert b"\r\nIf-Modified-Since: Sometime, in  1970\r\n" in seen.raw + b"\r\n"


def test_a_validator_that_came_goes_back_as_it_came(server: Server, fetcher: Fetcher) -> None:
    server.conditional("/feed", FEED, {"ETag": 'W/"ÿ\t-gzip;"x', "Last-Modified": "yesterday;  maybe"})
    first = fetched(ask(fetcher, server.url("/feed")))
    assert isinstance(ask(fetcher, server.url("/feed"), validators=first.validators), NotModified)


def test_a_delta_is_asked_for_only_beside_an_etag(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", body=FEED)
    for validators in (Validators(), Validators(last_modified="x"), Validators(etag="x")):
        ask(fetcher, server.url("/feed"), validators=validators)
    assert [seen.headers.get("a-im") for seen in server.requests] == [None, None, "feed"]


def test_no_cookie_is_kept(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", body=FEED, headers={"Set-Cookie": "id=1; Path=/"})
    server.answers("/hop", 302, headers={"Set-Cookie": "id=2; Path=/", "Location": "/feed"})
    for path in ("/feed", "/hop", "/feed"):
        ask(fetcher, server.url(path))
    assert not [seen for seen in server.requests if {"cookie", "referer"} & set(seen.headers)]


@pytest.mark.parametrize(
    "target",
    [
        "/%e4%b8%ad%E6%96%87/",
        "/a//b/../c/./d",
        "/x?",
        "/x?a=%20+%2b&b[]=|&c='(\\^)'",
        "/~me;v=1/@x!$&*,",
        "/100%",
        "//double",
    ],
)
def test_the_target_on_the_wire_is_the_one_in_the_address(server: Server, fetcher: Fetcher, target: str) -> None:
    ask(fetcher, server.url(target) + "#fragment")
    assert server.targets() == [target]


def test_netrc_is_not_used(server: Server, fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    ask(fetcher, server.url("/feed"))
    assert "authorization" not in server.requests[0].headers


def test_user_and_password_of_the_address_are_sent_and_not_shown(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", body=FEED)
    with_secret = server.url("/feed", host="me:s%C3%A9%3Acret@127.0.0.1")
    outcome = fetched(ask(fetcher, with_secret))
    assert server.requests[0].headers["authorization"] == "Basic bWU6c8OpOmNyZXQ="
    assert outcome.url == server.url("/feed")


def test_headers_of_the_source_are_sent_and_win(server: Server, fetcher: Fetcher) -> None:
    ask(fetcher, server.url("/feed"), headers={"authorization": "Bearer x", "ACCEPT": "text/plain"})
    seen = server.requests[0].headers
    assert (seen["authorization"], seen["accept"]) == ("Bearer x", "text/plain")
    assert server.requests[0].raw.lower().count(b"accept:") == 1


@pytest.mark.parametrize("value", ["secret\r\nX: y", "secret\u4e2d"])
def test_a_header_that_cannot_be_sent_is_a_failure_that_does_not_show_it(
    server: Server, fetcher: Fetcher, value: str
) -> None:
    outcome = failed(ask(fetcher, server.url("/"), headers={"Authorization": value}))
    assert "secret" not in repr(outcome)
    assert server.requests == []


# What comes


def test_a_document_comes_with_all_that_was_said_of_it(server: Server, fetcher: Fetcher) -> None:
    headers = {"ETag": '"1"', "Last-Modified": "x", "Content-Type": "application/rss+xml", "Retry-After": "5"}
    server.answers("/feed", body=FEED, headers=headers)
    assert ask(fetcher, server.url("/feed")) == Fetched(
        url=server.url("/feed"),
        status=200,
        body=FEED,
        content_type="application/rss+xml",
        validators=Validators(etag='"1"', last_modified="x"),
        hints=Hints(retry_after=timedelta(seconds=5)),
        bytes_received=len(FEED),
    )


def test_a_validator_that_is_no_longer_sent_is_none(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", body=FEED, headers={"ETag": ""})
    assert fetched(ask(fetcher, server.url("/feed"), validators=BOTH)).validators == Validators()


def test_a_304_says_what_it_carries(server: Server, fetcher: Fetcher) -> None:
    server.answers("/bare", 304)
    server.answers("/new", 304, headers={"ETag": '"2"', "Cache-Control": "max-age=60"})
    bare = ask(fetcher, server.url("/bare"), validators=BOTH)
    new = ask(fetcher, server.url("/new"), validators=BOTH)
    assert bare == NotModified(url=server.url("/bare"))
    assert new == NotModified(
        url=server.url("/new"), validators=Validators(etag='"2"'), hints=Hints(fresh_for=timedelta(minutes=1))
    )


def test_a_304_to_an_unconditional_request_is_a_failure(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", 304)
    assert failed(ask(fetcher, server.url("/feed"))).kind is FailureKind.HTTP_STATUS


def test_a_226_is_partial_if_it_was_asked_for_and_else_a_failure(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", 226, FEED, {"IM": "feed"})
    assert fetched(ask(fetcher, server.url("/feed"), validators=Validators(etag="x"))).is_partial
    assert failed(ask(fetcher, server.url("/feed"))).status == 226


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (410, {}, FailureKind.GONE),
        (429, {}, FailureKind.RATE_LIMITED),
        (429, {"Retry-After": "604800"}, FailureKind.RATE_LIMITED),
        (503, {"Retry-After": "60"}, FailureKind.RATE_LIMITED),
        (503, {"Retry-After": "soon"}, FailureKind.HTTP_STATUS),
        (503, {}, FailureKind.HTTP_STATUS),
        (403, {}, FailureKind.HTTP_STATUS),
        (403, {"cf-mitigated": "challenge", "Content-Type": "text/html"}, FailureKind.CHALLENGE),
        (503, {"CF-Mitigated": "challenge", "Retry-After": "60"}, FailureKind.CHALLENGE),
        (202, {"x-amzn-waf-action": "challenge"}, FailureKind.CHALLENGE),
        (405, {"x-amzn-waf-action": "captcha"}, FailureKind.CHALLENGE),
        (429, {"x-vercel-mitigated": "challenge"}, FailureKind.CHALLENGE),
        (202, {}, FailureKind.HTTP_STATUS),
        (204, {}, FailureKind.HTTP_STATUS),
        (206, {}, FailureKind.HTTP_STATUS),
        (300, {}, FailureKind.HTTP_STATUS),
        (305, {"Location": "/feed"}, FailureKind.HTTP_STATUS),
        (404, {}, FailureKind.HTTP_STATUS),
        (500, {}, FailureKind.HTTP_STATUS),
        (599, {}, FailureKind.HTTP_STATUS),
        (999, {}, FailureKind.HTTP_STATUS),
    ],
)
def test_a_status_that_is_no_success_has_its_kind_and_a_sentence_with_the_host(
    server: Server, fetcher: Fetcher, status: int, headers: dict[str, str], kind: FailureKind
) -> None:
    server.answers("/feed", status, b"", headers)
    outcome = failed(ask(fetcher, server.url("/feed")))
    assert (outcome.kind, outcome.status) == (kind, status)
    assert outcome.sentence.startswith(f"127.0.0.1:{server.port} ")
    assert str(status) in outcome.sentence


def test_hints_come_with_failures_too(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", 429, b"", {"Retry-After": "604800", "Cache-Control": "max-age=30"})
    outcome = failed(ask(fetcher, server.url("/feed")))
    assert outcome.hints == Hints(fresh_for=timedelta(seconds=30), retry_after=timedelta(days=7))


def test_the_body_of_a_failure_is_not_read(server: Server, fetcher: Fetcher) -> None:
    sent = []

    def flood(client: Client) -> None:
        client.send(b"HTTP/1.1 500 Oops\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(1000):
            client.send(bytes(1 << 16))
            sent.append(1)

    server.plays("/feed", flood)
    assert failed(ask(fetcher, server.url("/feed"))).status == 500
    assert len(sent) < 500


# Hints (RFC 9111)

DATE = "Thu, 03 Jul 2025 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"Cache-Control": 'MAX-AGE="600"'}, 600),
        ({"Cache-Control": "max-age=600", "Date": DATE, "Expires": "Thu, 03 Jul 2025 20:00:00 GMT"}, 600),
        ({"Date": DATE, "Expires": "Thu, 03 Jul 2025 11:00:00 GMT"}, 3600),
        ({"Expires": "Thu, 03 Jul 2025 12:05:00 GMT"}, 300),
        ({"Date": DATE, "Expires": "Thursday, 03-Jul-25 11:00:00 GMT"}, 3600),
        ({"Date": DATE, "Expires": "Thu Jul  3 11:00:00 2025"}, 3600),
        ({"Cache-Control": "no-cache, max-age=600"}, None),
        ({"Cache-Control": "max-age=600,no-store"}, None),
        ({"Cache-Control": "no-cache", "Date": DATE, "Expires": "Thu, 03 Jul 2025 11:00:00 GMT"}, None),
        ({"Cache-Control": "max-age=0", "Date": DATE, "Expires": "Thu, 03 Jul 2025 11:00:00 GMT"}, None),
        ({"Cache-Control": "max-age=-5"}, None),
        ({"Cache-Control": "max-age=soon, x-max-age=7"}, None),
        ({"Cache-Control": "s-maxage=600"}, None),
        ({"Cache-Control": "max-age=٣"}, None),
        ({"Expires": "0"}, None),
        ({"Expires": "-1"}, None),
        ({"Expires": "Wed, 11 Jan 1984 05:00:00 GMT"}, None),
        ({"Expires": "Thu, 99 Jul 99999 11:00:00 GMT"}, None),
        ({"Cache-Control": "max-age=" + "9" * 5000}, 3650 * 86400),
    ],
)
def test_how_long_an_answer_is_fresh(headers: dict[str, str], seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert read_hints(headers, NOW).fresh_for == expected


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": " 0120 "}, 120),
        ({"Retry-After": "Thu, 03 Jul 2025 12:10:00 GMT"}, 600),
        ({"Retry-After": "Thu, 03 Jul 2025 12:10:00 GMT", "Date": DATE}, 7800),
        ({"Retry-After": "Thu, 03 Jul 2025 09:00:00 GMT", "Date": DATE}, None),
        ({"Retry-After": "0"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "later"}, None),
        ({"Retry-After": "9" * 9999}, 3650 * 86400),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 3650 * 86400),
    ],
)
def test_when_to_come_back(headers: dict[str, str], seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert read_hints(headers, NOW).retry_after == expected


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_no_header_breaks_the_reading_of_hints(cache_control: str, expires: str, date: str, retry_after: str) -> None:
    headers = {"Cache-Control": cache_control, "Expires": expires, "Date": date, "Retry-After": retry_after}
    hints = read_hints(headers, NOW)
    for length in (hints.fresh_for, hints.retry_after):
        assert length is None or length > timedelta(0)


# Redirects


def test_redirects_are_followed_and_told(server: Server, fetcher: Fetcher) -> None:
    server.answers("/a", 301, headers={"Location": "/b?x=%e4#top"})
    server.answers("/b?x=%e4", 302, headers={"Location": server.url("/c d/中".encode().decode("latin-1"))})
    server.answers("/c%20d/%E4%B8%AD", 307, headers={"Location": "//" + server.url("/d").partition("//")[2]})
    server.answers("/d", 308, headers={"Location": "e"})
    server.answers("/e", 303, headers={"Location": "?f"})
    server.answers("/e?f", body=FEED)
    outcome = fetched(ask(fetcher, server.url("/a")))
    assert outcome.url == server.url("/e?f")
    assert outcome.redirects == (
        Redirect(status=301, target=server.url("/b?x=%e4")),
        Redirect(status=302, target=server.url("/c%20d/%E4%B8%AD")),
        Redirect(status=307, target=server.url("/d")),
        Redirect(status=308, target=server.url("/e")),
        Redirect(status=303, target=server.url("/e?f")),
    )


def test_a_sixth_redirect_is_not_followed(server: Server, fetcher: Fetcher) -> None:
    for number in range(9):
        server.answers(f"/{number}", 302, headers={"Location": f"/{number + 1}"})
    assert failed(ask(fetcher, server.url("/0"))).kind is FailureKind.REDIRECT
    assert server.targets() == ["/0", "/1", "/2", "/3", "/4", "/5"]


def test_a_circle_ends_at_once(server: Server, fetcher: Fetcher) -> None:
    server.answers("/a", 302, headers={"Location": "/b"})
    server.answers("/b", 302, headers={"Location": "/a"})
    outcome = failed(ask(fetcher, server.url("/a")))
    assert (outcome.kind, server.targets()) == (FailureKind.REDIRECT, ["/a", "/b"])
    assert [redirect.target for redirect in outcome.redirects] == [server.url("/b"), server.url("/a")]


@pytest.mark.parametrize(
    "location", [None, "", "ftp://example.org/", "file:///etc/passwd", "javascript:0", "http://[/"]
)
def test_a_redirect_to_nowhere_is_a_failure(server: Server, fetcher: Fetcher, location: str | None) -> None:
    server.answers("/a", 302, headers={} if location is None else {"Location": location})
    assert failed(ask(fetcher, server.url("/a"))).kind is FailureKind.REDIRECT


def test_secrets_go_to_no_other_host_and_validators_do(server: Server, fetcher: Fetcher) -> None:
    """It was the other host that gave the validators; a feed that moved to https would else never be unchanged."""
    with serving() as other:
        server.answers("/a", 302, headers={"Location": other.url("/b", host="x:planted@127.0.0.1")})
        other.answers("/b", 304, headers={"ETag": "x"})
        address = server.url("/a", host="me:secret@127.0.0.1")
        outcome = ask(fetcher, address, headers={"X-Key": "secret"}, validators=BOTH)
        assert isinstance(outcome, NotModified)
        common = {"host", "user-agent", "accept", "accept-encoding"}
        assert set(other.requests[0].headers) == common | {"if-none-match", "if-modified-since", "a-im"}
        assert "secret" not in repr(outcome)
        assert outcome.redirects[0].target == other.url("/b")


def test_secrets_and_validators_go_along_within_the_host(server: Server, fetcher: Fetcher) -> None:
    server.answers("/a", 302, headers={"Location": "/b"})
    server.answers("/b", 304)
    outcome = ask(fetcher, server.url("/a"), headers={"X-Key": "secret"}, validators=BOTH)
    assert isinstance(outcome, NotModified)
    assert server.requests[1].headers["x-key"] == "secret"


def test_the_body_of_a_redirect_is_not_read(server: Server, fetcher: Fetcher) -> None:
    server.plays(
        "/a", lambda client: client.send(b"HTTP/1.1 302 X\r\nLocation: /b\r\nContent-Length: 999999\r\n\r\n...")
    )
    server.answers("/b", body=FEED)
    started = time.monotonic()
    assert fetched(ask(fetcher, server.url("/a"))).body == FEED
    assert time.monotonic() - started < 5


# The guard


def resolver_to(*answers: str) -> Callable[..., Any]:
    """Answers with each of the IPs in turn, then for ever with the last one."""
    waiting = list(answers)

    def resolve(host: str, port: int, *_: Any, **__: Any) -> Any:
        ip = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        calls.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))]

    calls: list[str] = []
    resolve.calls = calls  # type: ignore[attr-defined] # for the tests to look at
    return resolve


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "[::ffff:127.0.0.1]"]
)
def test_this_machine_is_not_asked(server: Server, fetcher: Fetcher, host: str) -> None:
    outcome = failed(ask(fetcher, server.url("/", host=host), allow_private=False))
    assert outcome.kind is FailureKind.BLOCKED
    assert server.connections == 0


def test_a_name_that_leads_to_a_private_address_is_blocked(server: Server) -> None:
    fetcher = Fetcher(user_agent=AGENT, resolver=resolver_to("127.0.0.1"))
    outcome = failed(ask(fetcher, server.url("/", host="public.example"), allow_private=False))
    assert outcome.kind is FailureKind.BLOCKED
    assert outcome.sentence.startswith("public.example leads to this machine")
    assert server.connections == 0


def test_what_was_checked_is_what_is_connected_to(server: Server) -> None:
    """DNS rebinding: the second answer of the resolver is this machine, but there is no second question."""
    resolver = resolver_to("198.18.0.1", "127.0.0.1")
    fetcher = Fetcher(user_agent=AGENT, resolver=resolver, caps=SOON)
    fetcher._guard = lambda ip: None if ip == "198.18.0.1" else refusal(ip)
    failed(ask(fetcher, server.url("/", host="rebind.example"), allow_private=False))
    assert resolver.calls == ["rebind.example"]  # type: ignore[attr-defined] # see resolver_to
    second = failed(ask(fetcher, server.url("/", host="rebind.example"), allow_private=False))
    assert second.kind is FailureKind.BLOCKED
    assert server.connections == 0


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest/", "http://0xa9fea9fe/", "http://[fd00:ec2::254]/"]
)
def test_a_redirect_into_a_private_network_is_blocked(server: Server, fetcher: Fetcher, location: str) -> None:
    fetcher._guard = lambda ip: None if ip == "127.0.0.1" else refusal(ip)
    server.answers("/a", 302, headers={"Location": location})
    outcome = failed(ask(fetcher, server.url("/a"), allow_private=False))
    assert outcome.kind is FailureKind.BLOCKED
    assert len(outcome.redirects) == 1


def test_a_connection_kept_for_a_private_source_serves_no_other(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", body=FEED)
    fetched(ask(fetcher, server.url("/feed")))
    assert failed(ask(fetcher, server.url("/feed"), allow_private=False)).kind is FailureKind.BLOCKED
    assert len(server.requests) == 1


# Proxies


@pytest.fixture
def proxied(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetcher]:
    """A fetcher whose environment names the server as proxy."""
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, server.url("", host="me:secret@127.0.0.1"))
    monkeypatch.setenv("no_proxy", "direct.example")
    fetcher = Fetcher(user_agent=AGENT, caps=SOON, resolver=resolver_to("127.0.0.1"))
    yield fetcher
    fetcher.close()


def test_a_proxy_of_the_environment_is_used_and_may_be_private(server: Server, proxied: Fetcher) -> None:
    server.answers("*", body=FEED)
    outcome = fetched(ask(proxied, "http://me:own@public.example/%e4?x=", allow_private=False))
    assert outcome.body == FEED
    assert server.targets() == ["http://public.example/%e4?x="]
    assert server.requests[0].headers["host"] == "public.example"
    assert server.requests[0].headers["proxy-authorization"].startswith("Basic ")


def test_behind_a_proxy_the_guard_looks_at_names(server: Server, proxied: Fetcher) -> None:
    server.answers("*", 302, headers={"Location": "http://2852039166/latest/"})
    assert failed(ask(proxied, "http://public.example/", allow_private=False)).kind is FailureKind.BLOCKED
    assert failed(ask(proxied, "http://metadata.internal/", allow_private=False)).kind is FailureKind.BLOCKED
    assert len(server.requests) == 1


def test_what_the_environment_exempts_goes_straight_and_is_guarded(server: Server, proxied: Fetcher) -> None:
    assert failed(ask(proxied, "http://direct.example/", allow_private=False)).kind is FailureKind.BLOCKED
    assert server.connections == 0


def test_a_proxy_that_refuses_is_named_without_its_password(server: Server, proxied: Fetcher) -> None:
    server.answers("*", 403)
    outcome = failed(ask(proxied, "https://public.example/", allow_private=False))
    assert outcome.kind is FailureKind.PROXY
    assert "secret" not in outcome.sentence
    assert server.requests[0].method == "CONNECT"


def test_a_proxy_that_drips_is_cut_off(server: Server, proxied: Fetcher) -> None:
    server.plays("*", lambda client: client.drip(b"HTTP/1.1 200 OK" + b" " * 50, every=0.1))
    started = time.monotonic()
    outcome = failed(ask(proxied, "https://public.example/", allow_private=False))
    assert outcome.kind in {FailureKind.PROXY, FailureKind.TIMEOUT}
    assert time.monotonic() - started < 3


# Connections


def test_a_connection_is_kept_for_the_next_request(server: Server, fetcher: Fetcher) -> None:
    server.conditional("/feed", FEED, {"ETag": '"1"'})
    server.answers("/gone", 410)
    server.plays("/chunked", lambda client: client.send(chunked(FEED)))
    server.answers(
        "/gzip", body=gzip.compress(FEED, mtime=0) + b"trailing garbage", headers={"Content-Encoding": "gzip"}
    )
    for path in ("/feed", "/feed", "/gone", "/chunked", "/gzip", "/feed"):
        ask(fetcher, server.url(path), validators=Validators(etag='"1"'))
    assert len(server.requests) == 6
    assert server.connections == 1


def test_each_thread_has_its_own_connection(server: Server, fetcher: Fetcher) -> None:
    barrier = threading.Barrier(3)
    server.answers("/feed", body=FEED)

    def two(_: int) -> None:
        for _ in range(2):
            fetched(ask(fetcher, server.url("/feed")))
            barrier.wait(5)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(two, range(3)))
    assert (len(server.requests), server.connections) == (6, 3)


def test_a_kept_connection_that_had_ended_is_no_failure(server: Server, fetcher: Fetcher) -> None:
    """Some servers reset a connection that lay idle only when they are asked again."""

    def once(client: Client) -> None:
        if server.requests[-1].connection == 0 and len(server.requests) == 2:
            client.reset()
        else:
            client.answer(200, FEED)

    server.plays("/feed", once)
    fetched(ask(fetcher, server.url("/feed")))
    fetched(ask(fetcher, server.url("/feed")))
    assert [seen.connection for seen in server.requests] == [0, 0, 1]


def test_a_new_connection_that_ends_is_not_tried_again(server: Server, fetcher: Fetcher) -> None:
    server.plays("/feed", Client.reset)
    assert failed(ask(fetcher, server.url("/feed"))).kind is FailureKind.CUT_OFF
    assert len(server.requests) == 1


def test_after_close_new_connections_are_opened(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", body=FEED)
    for _ in range(2):
        fetched(ask(fetcher, server.url("/feed")))
        fetcher.close()
    assert server.connections == 2


def test_leftovers_of_one_answer_are_not_the_next(server: Server, fetcher: Fetcher) -> None:
    server.plays(
        "/early", lambda client: client.send(b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
    )
    server.answers("/feed", body=FEED)
    failed(ask(fetcher, server.url("/early")))
    assert fetched(ask(fetcher, server.url("/feed"))).body == FEED


def test_where_nobody_listens_there_is_no_connection(fetcher: Fetcher) -> None:
    with serving() as gone:
        url = gone.url("/")
    outcome = failed(ask(fetcher, url))
    assert (outcome.kind, outcome.is_unreached) == (FailureKind.CONNECT, True)
    assert "refused" in outcome.sentence


def test_the_next_address_is_tried_when_one_does_not_answer(server: Server) -> None:
    with serving() as gone:
        closed = gone.port
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in (closed, server.port)]
    server.answers("/", body=FEED)
    fetcher = Fetcher(user_agent=AGENT, resolver=lambda *_, **__: both)
    assert fetched(ask(fetcher, "http://two.example/")).body == FEED
    fetcher.close()


def test_an_unknown_name_is_a_failure_of_dns() -> None:
    def nobody(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    outcome = failed(ask(Fetcher(user_agent=AGENT, resolver=nobody), "http://me:secret@nowhere.example/"))
    assert (outcome.kind, outcome.is_unreached) == (FailureKind.DNS, True)
    assert "nowhere.example" in outcome.sentence
    assert "secret" not in outcome.sentence


@pytest.mark.parametrize("answer", [[], [("nonsense",)], None, [(99, 1, 6, "", ("socket",))]])
def test_whatever_a_resolver_says_is_a_value(answer: Any) -> None:
    fetcher = Fetcher(user_agent=AGENT, resolver=lambda *_, **__: answer)
    failed(ask(fetcher, "http://odd.example/", allow_private=False))


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://example.org/", "http://", "http://a:b/", "http://[/"])
def test_what_is_no_address_is_not_asked(fetcher: Fetcher, url: str) -> None:
    assert failed(ask(fetcher, url)).kind is FailureKind.URL


# Caps


def chunked(body: bytes, size: int = 7) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def drip(prefix: bytes) -> Callable[[Client], None]:
    def script(client: Client) -> None:
        client.send(prefix)
        client.drip(b"x" * 40, every=0.2)

    return script


@pytest.mark.parametrize(
    "prefix",
    [
        b"",
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n28\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n28;",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
    ],
)
def test_what_drips_in_does_not_outlast_the_deadline(server: Server, prefix: bytes) -> None:
    server.plays("/feed", drip(prefix))
    fetcher = Fetcher(user_agent=AGENT, caps=SOON)
    started = time.monotonic()
    outcome = failed(ask(fetcher, server.url("/feed")))
    assert time.monotonic() - started < 1.5
    assert outcome.kind is FailureKind.TIMEOUT


def test_redirects_share_one_deadline(server: Server) -> None:
    def slow_hop(client: Client) -> None:
        time.sleep(0.2)
        client.answer(302, headers={"Location": client.request.target + "x"})

    server.plays("*", slow_hop)
    started = time.monotonic()
    assert failed(ask(Fetcher(user_agent=AGENT, caps=SOON), server.url("/"))).kind is FailureKind.TIMEOUT
    assert time.monotonic() - started < 1.5


def test_hundreds_of_continues_do_not_outlast_the_deadline(server: Server) -> None:
    def for_ever(client: Client) -> None:
        while True:
            client.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)

    server.plays("/feed", for_ever)
    started = time.monotonic()
    assert failed(ask(Fetcher(user_agent=AGENT, caps=SOON), server.url("/feed"))).kind is FailureKind.TIMEOUT
    assert time.monotonic() - started < 2


def test_a_body_beyond_the_cap_is_not_read(server: Server) -> None:
    small = Fetcher(user_agent=AGENT, caps=Caps(body_bytes=100_000))
    server.answers("/exact", body=bytes(100_000))
    server.answers("/said", body=bytes(100_001))
    server.plays("/unsaid", lambda client: client.send(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(10**7)))
    server.plays("/chunked", lambda client: client.send(chunked(bytes(10**6), 50_000)))
    assert len(fetched(ask(small, server.url("/exact"))).body) == 100_000
    for path in ("/said", "/unsaid", "/chunked"):
        outcome = failed(ask(small, server.url(path)))
        assert (outcome.kind, outcome.status) == (FailureKind.TOO_LARGE, 200)
    small.close()


def zip_all(codings: str, body: bytes) -> bytes:
    for coding in codings.split(", "):
        body = ENCODERS[coding](body)
    return body


def _raw_deflate(body: bytes) -> bytes:
    encoder = zlib.compressobj(9, zlib.DEFLATED, -15)
    return encoder.compress(body) + encoder.flush()


def _brotli(body: bytes) -> bytes:
    return bytes(pytest.importorskip("brotli").compress(body, quality=3))


def _zstd(body: bytes) -> bytes:
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415 (Python 3.14)
    except ImportError:
        zstd = pytest.importorskip("backports.zstd")
    return bytes(zstd.compress(body))


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": lambda body: gzip.compress(body[:9], mtime=0) + gzip.compress(body[9:], mtime=0),
    "deflate": zlib.compress,
    "Deflate": _raw_deflate,
    "br": _brotli,
    "zstd": _zstd,
}
CODINGS = [*ENCODERS, "deflate, gzip", "gzip, br"]
LONG = bytes(range(256)) * 700 + b"end"


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("body", [b"", b"x", FEED, LONG])
def test_an_encoded_body_is_decoded(server: Server, fetcher: Fetcher, coding: str, body: bytes) -> None:
    packed = zip_all(coding, body)
    server.answers("/feed", body=packed, headers={"Content-Encoding": coding})
    outcome = fetched(ask(fetcher, server.url("/feed")))
    assert outcome.body == body
    assert outcome.bytes_received == len(packed)


@pytest.mark.parametrize("coding", CODINGS)
def test_an_encoded_body_that_breaks_off_is_never_taken_for_a_whole(
    server: Server, fetcher: Fetcher, coding: str
) -> None:
    packed = zip_all(coding, LONG)
    for end in {0, 1, 2, 9, len(packed) // 2, len(packed) - 1}:
        if coding == "x-gzip" and end < len(packed) - 1:
            continue  # where the first member ends, the file is whole
        server.answers("/feed", body=packed[:end], headers={"Content-Encoding": coding})
        outcome = failed(ask(fetcher, server.url("/feed")))
        assert outcome.kind in {FailureKind.CUT_OFF, FailureKind.ENCODING}, end


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_is_stopped(server: Server, coding: str) -> None:
    fetcher = Fetcher(user_agent=AGENT, caps=Caps(body_bytes=2 << 20, ratio=10**9))
    server.answers("/feed", body=zip_all(coding, bytes(20 << 20)), headers={"Content-Encoding": coding})
    assert failed(ask(fetcher, server.url("/feed"))).kind is FailureKind.TOO_LARGE
    fetcher.close()


def test_what_is_blown_up_out_of_nothing_is_stopped_below_the_cap(server: Server, fetcher: Fetcher) -> None:
    server.answers("/bomb", body=gzip.compress(bytes(2 << 20)), headers={"Content-Encoding": "gzip"})
    server.answers("/small", body=gzip.compress(bytes(1 << 20)), headers={"Content-Encoding": "gzip"})
    assert failed(ask(fetcher, server.url("/bomb"))).kind is FailureKind.TOO_LARGE
    assert len(fetched(ask(fetcher, server.url("/small"))).body) == 1 << 20


def test_countless_empty_members_are_stopped(server: Server, fetcher: Fetcher) -> None:
    server.answers("/feed", body=gzip.compress(b"", mtime=0) * 2000, headers={"Content-Encoding": "gzip"})
    assert failed(ask(fetcher, server.url("/feed"))).kind is FailureKind.ENCODING


@pytest.mark.parametrize(
    ("coding", "body", "kind"),
    [
        ("gzip", FEED, FailureKind.ENCODING),
        ("deflate", FEED, FailureKind.ENCODING),
        ("br", b"\xff" * 50, FailureKind.ENCODING),
        ("zstd", FEED, FailureKind.ENCODING),
        ("compress", FEED, FailureKind.ENCODING),
        ("gzip, gzip, gzip", FEED, FailureKind.ENCODING),
        ("gzip", gzip.compress(FEED, mtime=0)[:-8] + bytes(8), FailureKind.ENCODING),
    ],
)
def test_a_body_that_is_not_encoded_as_it_says_is_a_failure(
    server: Server, fetcher: Fetcher, coding: str, body: bytes, kind: FailureKind
) -> None:
    server.answers("/feed", body=body, headers={"Content-Encoding": coding})
    assert failed(ask(fetcher, server.url("/feed"))).kind is kind


@pytest.mark.parametrize("coding", ["identity", "", "utf-8", "none", "UTF-8, identity"])
def test_a_word_that_is_no_coding_is_none(server: Server, fetcher: Fetcher, coding: str) -> None:
    server.answers("/feed", body=FEED, headers={"Content-Encoding": coding})
    assert fetched(ask(fetcher, server.url("/feed"))).body == FEED


# Broken answers


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", FailureKind.CUT_OFF),
        (b"HTTP/1.1 200", FailureKind.CUT_OFF),
        (b'HTTP/1.1 200 OK\r\nETag: "ha', FailureKind.CUT_OFF),
        (b"HTTP/1.1 200 OK\r\nETag: x\r\n", FailureKind.CUT_OFF),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", FailureKind.CUT_OFF),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", FailureKind.CUT_OFF),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", FailureKind.CUT_OFF),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabcde\r\n0\r\n\r\n", FailureKind.CUT_OFF),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n0\r\n\r\n", FailureKind.CUT_OFF),
        (b"\x16\x03\x01\x02\x00nonsense\r\n\r\n", FailureKind.NOT_A_FEED),
        (b"SSH-2.0-OpenSSH_9.6\r\n", FailureKind.NOT_A_FEED),
        (b"HTTP/1.1 abc OK\r\n\r\n", FailureKind.NOT_A_FEED),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", FailureKind.NOT_A_FEED),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\n\r\n", FailureKind.NOT_A_FEED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nabcde", FailureKind.NOT_A_FEED),
    ],
)
def test_half_an_answer_is_a_failure(server: Server, fetcher: Fetcher, answer: bytes, kind: FailureKind) -> None:
    def script(client: Client) -> None:
        client.send(answer)
        client.hang_up()

    server.plays("/feed", script)
    assert failed(ask(fetcher, server.url("/feed"))).kind is kind


def test_a_reset_in_the_middle_is_a_failure(server: Server, fetcher: Fetcher) -> None:
    def script(client: Client) -> None:
        client.send(b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + bytes(1000))
        time.sleep(0.1)
        client.reset()

    server.plays("/feed", script)
    outcome = failed(ask(fetcher, server.url("/feed")))
    assert (outcome.kind, outcome.status, outcome.is_unreached) == (FailureKind.CUT_OFF, 200, False)


def test_a_body_that_ends_with_the_connection_is_whole(server: Server, fetcher: Fetcher) -> None:
    def script(client: Client) -> None:
        client.send(b"HTTP/1.0 200 OK\r\n\r\n" + FEED)
        client.hang_up()

    server.plays("/feed", script)
    assert fetched(ask(fetcher, server.url("/feed"))).body == FEED


def test_whatever_bytes_answer_the_outcome_is_a_value() -> None:
    """The status line is kept half the time, so that headers and bodies get their share of nonsense."""
    with serving() as server:
        fetcher = Fetcher(user_agent=AGENT, caps=SOON)

        @given(
            st.sampled_from(
                [b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 X\r\nLocation: ", answer_bytes(200)]
            ),
            st.binary(max_size=80),
        )
        @settings(max_examples=80)
        def check(start: bytes, rest: bytes) -> None:
            def script(client: Client) -> None:
                client.send(start + rest)
                client.hang_up()

            server.plays("/feed", script)
            assert isinstance(ask(fetcher, server.url("/feed"), allow_private=False), Failed)
            fetcher._guard = lambda ip: None if ip == "127.0.0.1" else refusal(ip)
            assert isinstance(ask(fetcher, server.url("/feed"), validators=BOTH), Fetched | NotModified | Failed)

        check()
        fetcher.close()


# TLS


@pytest.fixture(scope="module")
def authority() -> Any:
    return pytest.importorskip("trustme").CA()


def tls_for(authority: Any, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetcher]:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    fetcher = Fetcher(user_agent=AGENT, resolver=resolver_to("127.0.0.1"), caps=SOON)
    yield fetcher
    fetcher.close()


def test_a_certificate_nobody_vouches_for_is_refused(authority: Any, fetcher: Fetcher) -> None:
    with serving(tls=tls_for(authority, "127.0.0.1")) as server:
        outcome = failed(ask(fetcher, server.url("/feed")))
        assert (outcome.kind, outcome.is_unreached) == (FailureKind.TLS, False)
        assert server.requests == []


def test_the_certificate_is_checked_for_the_name_and_not_for_the_address(authority: Any, trusting: Fetcher) -> None:
    context = tls_for(authority, "good.example")
    asked: list[str | None] = []
    context.sni_callback = lambda _sock, name, _context: asked.append(name)
    with serving(tls=context) as server:
        server.answers("/feed", body=FEED)
        assert fetched(ask(trusting, server.url("/feed", host="good.example"))).body == FEED
        assert failed(ask(trusting, server.url("/feed", host="bad.example"))).kind is FailureKind.TLS
        assert asked == ["good.example", "bad.example"]
        assert len(server.requests) == 1


def test_secrets_are_not_sent_from_https_to_http(authority: Any, trusting: Fetcher, server: Server) -> None:
    with serving(tls=tls_for(authority, "good.example")) as secure:
        secure.answers("/feed", 302, headers={"Location": server.url("/feed", host="good.example")})
        ask(trusting, secure.url("/feed", host="me:secret@good.example"), headers={"X-Key": "secret"})
        assert not {"authorization", "x-key"} & set(server.requests[0].headers)


def test_a_handshake_that_hangs_does_not_outlast_the_deadline(trusting: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        outcome = failed(ask(trusting, f"https://good.example:{silent.getsockname()[1]}/"))
        assert outcome.kind is FailureKind.TIMEOUT
        assert time.monotonic() - started < 2.5


def test_a_secure_body_that_drips_does_not_outlast_the_deadline(authority: Any, trusting: Fetcher) -> None:
    with serving(tls=tls_for(authority, "good.example")) as server:
        server.plays("/feed", drip(b"HTTP/1.1 200 OK\r\n\r\n"))
        started = time.monotonic()
        assert failed(ask(trusting, server.url("/feed", host="good.example"))).kind is FailureKind.TIMEOUT
        assert time.monotonic() - started < 2.5


def test_a_server_without_tls_is_a_failure_of_tls(server: Server, trusting: Fetcher) -> None:
    server.plays("*", lambda client: client.send(b"no"))
    outcome = failed(ask(trusting, f"https://good.example:{server.port}/"))
    assert outcome.kind in {FailureKind.TLS, FailureKind.TIMEOUT}
