"""Forms that are sent to hubs: guarded, bounded, and never an exception (issue 5)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from feeds.sources.post import Poster
from tests.hub import Hub, hubbing
from tests.servers import Server

NOW = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)
FORM = (("hub.mode", "publish"), ("hub.url", "https://example.org/标签/rss.xml?a=b&c"))


@pytest.fixture
def poster() -> Iterator[Poster]:
    poster = Poster(user_agent="feeds/test (+https://example.org/)", total=timedelta(seconds=1))
    yield poster
    poster.close()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with hubbing() as hub:
        hub.status = 202
        yield hub


def test_a_form_is_sent_and_accepted(server: Server, poster: Poster) -> None:
    server.answers("/hub", 204)
    posted = poster.post(server.url("/hub"), FORM, allow_private=True, now=NOW)
    assert (posted.status, posted.is_accepted, posted.sentence) == (204, True, "")
    (seen,) = server.requests[:1]
    assert seen.method == "POST"
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert seen.headers["user-agent"] == "feeds/test (+https://example.org/)"
    assert seen.headers["content-length"] == "93"


@pytest.mark.parametrize("status", [307, 308])
def test_a_hub_that_has_moved_is_followed_with_the_same_request(hub: Hub, poster: Poster, status: int) -> None:
    """WebSub §5.1.1."""
    hub.moved["/old"] = status, "/new"
    assert poster.post(hub.url.replace("/hub", "/old"), FORM, allow_private=True, now=NOW).is_accepted
    assert hub.asked == [list(FORM)]


def test_a_hub_that_moves_on_and_on_is_left(hub: Hub, poster: Poster) -> None:
    hub.moved["/hub"] = 307, "/hub"
    posted = poster.post(hub.url, FORM, allow_private=True, now=NOW)
    assert (posted.status, "redirects" in posted.sentence) == (None, True)


def test_a_hub_that_sends_us_to_nowhere_is_a_value(hub: Hub, poster: Poster) -> None:
    hub.moved["/hub"] = 308, "javascript:alert(1)"
    assert "no http or https address" in poster.post(hub.url, FORM, allow_private=True, now=NOW).sentence


def test_private_networks_are_not_asked(server: Server, poster: Poster) -> None:
    """A stranger's document names the hub."""
    posted = poster.post(server.url("/hub"), FORM, allow_private=False, now=NOW)
    assert posted.status is None
    assert "this machine" in posted.sentence
    assert server.connections == 0


@pytest.mark.parametrize("url", ["ftp://example.org/", "https://", "javascript:alert(1)", "http://[::1", "x" * 9000])
def test_what_is_no_address_is_a_value(poster: Poster, url: str) -> None:
    assert poster.post(url, FORM, allow_private=True, now=NOW).sentence


def test_a_refusal_is_told_with_its_reason(hub: Hub, poster: Poster) -> None:
    hub.status, hub.said, hub.retry_after = 429, b"too many\x00 pings\n", "60"
    posted = poster.post(hub.url, FORM, allow_private=True, now=NOW)
    assert posted.sentence.endswith(" answered 429: too many pings")
    assert posted.retry_after == timedelta(minutes=1)
    assert not posted.is_about_us
    hub.status, hub.said = 400, b"<html>no</html>"
    posted = poster.post(hub.url, FORM, allow_private=True, now=NOW)
    assert posted.sentence.endswith(" answered 400")
    assert posted.is_about_us


def test_a_hub_that_says_nothing_has_a_second(server: Server, poster: Poster) -> None:
    server.plays("/hub", lambda client: client.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100, every=0.1))
    began = time.monotonic()
    posted = poster.post(server.url("/hub"), FORM, allow_private=True, now=NOW)
    assert posted.status is None
    assert "in time" in posted.sentence
    assert time.monotonic() - began < 3


def test_a_hub_that_is_not_there_is_a_value(server: Server, poster: Poster) -> None:
    url = server.url("/hub")
    server.close()
    posted = poster.post(url, FORM, allow_private=True, now=NOW)
    assert (posted.status, posted.is_about_us) == (None, False)
    assert posted.sentence


def test_a_hub_may_say_a_lot_and_little_is_read(hub: Hub, poster: Poster) -> None:
    hub.status, hub.said = 500, b"x" * 5_000_000
    posted = poster.post(hub.url, FORM, allow_private=True, now=NOW)
    assert 200 < len(posted.sentence) < 300
