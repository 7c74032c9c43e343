"""What WebSub asks of a subscriber, decided on values (STANDARDS: W3C Recommendation of 23 January 2018; issue 5)."""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.polled import Link
from feeds.sources.answers import read_links
from feeds.sources.websub import (
    DENIED_FOR,
    Intent,
    State,
    Subscribed,
    agreed,
    agrees,
    answered,
    asking,
    deleted_ids,
    discover,
    form_for,
    is_signed,
    read_intent,
)

NOW = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)
FEED = "https://blog.example.com/feed"
HUB = "https://hub.example.net/"
SUB = Subscribed(hub=HUB, topic=FEED, token="t" * 43, secret="s" * 43, next_try=NOW)
ASKED = asking(SUB, now=NOW)
SUBSCRIBE = Intent(mode="subscribe", topic=FEED, challenge="c", lease=timedelta(hours=10))
ACTIVE = agreed(ASKED, SUBSCRIBE, now=NOW)


# -- links -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "links"),
    [
        (f'<{HUB}>; rel="hub", <{FEED}>; rel="self"', [("hub", HUB), ("self", FEED)]),
        (f"<{HUB}>;rel=hub,<{FEED}>;rel=self", [("hub", HUB), ("self", FEED)]),
        (f'<{HUB}> ; REL = "HUB"', [("hub", HUB)]),
        ('</hub>; rel="hub"', [("hub", "https://blog.example.com/hub")]),
        (f'<{HUB}>; title="a, b; rel=self"; rel=hub', [("hub", HUB)]),
        (f'<{HUB}>; rel="alternate hub"', [("hub", HUB)]),
        (f'<{HUB}>; rel="hub self"', [("hub", HUB), ("self", HUB)]),
        (f'<{HUB}>; rel=hub; anchor="https://other.example/"', []),
        (f"<{HUB}>; rel=hub; rel=self", [("hub", HUB)]),
        ("<javascript:alert(1)>; rel=hub", []),
        (f"<{HUB}>", []),
        ("<https://wp.example/>; rel=shortlink, </style.css>; rel=preload; as=style", []),
        (f'<{FEED}?a=1,2>; rel="self"', [("self", f"{FEED}?a=1,2")]),
        ("", []),
    ],
)
def test_link_headers_are_read(header: str, links: list[tuple[str, str]]) -> None:
    """RFC 8288: quoted commas, names in any case, the first rel, relative targets."""
    assert [(link.rel, link.url) for link in read_links({"Link": header} if header else {}, FEED)] == links


@pytest.mark.parametrize("piece", ["<", "<a>;", "<a>; rel=", '<a>; rel="', "; ", " \t", "<a>;rel=hub,", ',"', "\\"])
def test_hostile_link_headers_cost_nothing(piece: str) -> None:
    began = time.perf_counter()
    assert len(read_links({"Link": piece * (1_000_000 // len(piece))}, FEED)) <= 20
    assert time.perf_counter() - began < 1


# -- discovery -------------------------------------------------------------------------------------------------------


def found(*links: Link, hubs: tuple[str, ...] = (), self_url: str | None = None, came_from: str = FEED) -> object:
    return discover(links, hubs=hubs, self_url=self_url, addresses=(came_from, FEED))


def test_the_headers_come_before_the_document() -> None:
    """M4: Link header first, then the document."""
    links = (Link(rel="hub", url="https://one.example/"), Link(rel="self", url=f"{FEED}?header"))
    assert found(*links, hubs=("https://two.example/",), self_url=f"{FEED}?document") == (
        "https://one.example/",
        f"{FEED}?header",
    )


def test_the_document_counts_where_the_headers_are_silent() -> None:
    assert found(hubs=(HUB, "https://second.example/"), self_url=f"{FEED}?canonical") == (HUB, f"{FEED}?canonical")
    assert found(Link(rel="hub", url=HUB), self_url=f"{FEED}?canonical") == (HUB, f"{FEED}?canonical")


def test_without_a_hub_there_is_nothing_to_subscribe() -> None:
    assert found(Link(rel="self", url=FEED), self_url=FEED) is None


@pytest.mark.parametrize(
    ("claim", "topic"),
    [
        ("https://blog.example.com/feed/atom", "https://blog.example.com/feed/atom"),
        ("http://www.example.com/feed", "http://www.example.com/feed"),
        ("https://example.com/", "https://example.com/"),
        # DeepMind's feed names example.com, copied templates name their author's site.
        ("https://www.example.org/rss.xml", FEED),
        ("https://someone.github.io/feed.xml", FEED),
        ("", FEED),
    ],
)
def test_a_topic_is_believed_where_it_is_at_home(claim: str, topic: str) -> None:
    assert found(hubs=(HUB,), self_url=claim or None) == (HUB, topic)


def test_neighbours_on_a_shared_host_are_strangers() -> None:
    here, there = "https://me.github.io/feed.xml", "https://you.github.io/feed.xml"
    assert discover((), hubs=(HUB,), self_url=there, addresses=(here,)) == (HUB, here)


def test_a_document_that_came_from_elsewhere_is_at_home_there_too() -> None:
    burner = "https://feeds.feedburner.com/blog"
    assert found(hubs=(HUB,), self_url="http://feeds.feedburner.com/Blog", came_from=burner) == (
        HUB,
        "http://feeds.feedburner.com/Blog",
    )
    assert found(hubs=(HUB,), came_from=burner) == (HUB, burner)


def test_known_hubs_are_asked_by_https() -> None:
    """YouTube's documents name its hub by http."""
    topic = "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UC1"
    feed = "https://www.youtube.com/feeds/videos.xml?channel_id=UC1"
    hubs = ("http://pubsubhubbub.appspot.com",)
    assert discover((), hubs=hubs, self_url=topic, addresses=(feed,)) == ("https://pubsubhubbub.appspot.com", topic)
    assert found(hubs=("http://hub.example.net/",)) == ("http://hub.example.net/", FEED)


def test_youtube_names_its_hub_in_its_manual_only() -> None:
    feed = "https://www.youtube.com/feeds/videos.xml?channel_id=UC-1_x"
    hub, topic = "https://pubsubhubbub.appspot.com/", "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UC-1_x"
    assert discover((), hubs=(), self_url=feed, addresses=(feed,)) == (hub, topic)
    assert discover((), hubs=(), self_url=None, addresses=(f"{feed}&hl=zh",)) == (hub, topic)
    playlist = "https://www.youtube.com/feeds/videos.xml?playlist_id=PL1"
    assert discover((), hubs=(), self_url=None, addresses=(playlist,)) is None
    assert discover((), hubs=(), self_url=None, addresses=(f"https://mirror.example/?{feed}",)) is None


# -- asking ----------------------------------------------------------------------------------------------------------


def test_a_request_has_what_the_recommendation_wants() -> None:
    form = dict(form_for(SUB, callback="https://us.example/websub/x"))
    assert form == {
        "hub.mode": "subscribe",
        "hub.topic": FEED,
        "hub.callback": "https://us.example/websub/x",
        "hub.lease_seconds": "864000",
        "hub.secret": SUB.secret,
    }
    goodbye = dict(form_for(replace(SUB, state=State.UNWANTED), callback="https://us.example/websub/x"))
    assert goodbye == {
        "hub.mode": "unsubscribe",
        "hub.topic": FEED,
        "hub.callback": "https://us.example/websub/x",
    }


def test_requests_in_vain_come_less_and_less_often() -> None:
    sub, now, pauses = SUB, NOW, []
    for _ in range(14):
        sub = asking(sub, now=now)
        sub = answered(sub, is_accepted=False, sentence="down", retry_after=None, now=now)
        pauses.append(sub.next_try - now)
        now = sub.next_try
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=5)
    assert pauses[-1] == timedelta(days=7)


def test_a_hub_that_agreed_is_given_an_hour_to_ask_back() -> None:
    sub = answered(ASKED, is_accepted=True, sentence="", retry_after=None, now=NOW)
    assert (sub.state, sub.next_try, sub.last_error) == (State.PENDING, NOW + timedelta(hours=1), "")


def test_a_lease_is_renewed_at_four_fifths_and_again_before_it_ends() -> None:
    """M4: renew before the lease ends."""
    assert ACTIVE is not None
    assert ACTIVE.next_try == NOW + timedelta(hours=8)
    assert ACTIVE.lease_until == NOW + timedelta(hours=10)
    sub, tries = ACTIVE, 0
    while sub.next_try < NOW + timedelta(hours=10):
        now = sub.next_try
        sub, tries = answered(asking(sub, now=now), is_accepted=True, sentence="", retry_after=None, now=now), tries + 1
        assert sub.state is State.ACTIVE
    assert tries >= 4
    late = asking(sub, now=NOW + timedelta(hours=11))
    assert late.state is State.PENDING
    assert not late.is_live(NOW + timedelta(hours=11))


@given(seconds=st.none() | st.integers(0, 10**9 - 1))
@settings(max_examples=60)
def test_whatever_lease_a_hub_gives_it_is_asked_again_in_time_and_not_too_often(seconds: int | None) -> None:
    intent = replace(SUBSCRIBE, lease=None if seconds is None else timedelta(seconds=seconds))
    sub = agreed(ASKED, intent, now=NOW)
    assert sub is not None
    assert sub.lease_until is not None
    assert sub.lease_until <= NOW + timedelta(days=30)
    assert sub.next_try >= NOW + timedelta(minutes=5)
    if seconds is None or seconds > 375:
        assert sub.next_try < sub.lease_until


# -- being asked back ------------------------------------------------------------------------------------------------


def test_only_what_was_asked_for_is_agreed_to() -> None:
    assert agrees(ASKED, SUBSCRIBE)
    assert not agrees(SUB, SUBSCRIBE)
    assert not agrees(ASKED, replace(SUBSCRIBE, topic=FEED.upper()))
    assert not agrees(ASKED, replace(SUBSCRIBE, challenge=""))
    assert not agrees(ASKED, replace(SUBSCRIBE, mode="unsubscribe"))
    leaving = replace(ASKED, state=State.UNWANTED)
    assert not agrees(leaving, SUBSCRIBE)
    assert agrees(leaving, replace(SUBSCRIBE, mode="unsubscribe"))
    assert agreed(leaving, replace(SUBSCRIBE, mode="unsubscribe"), now=NOW) is None


def test_a_denial_ends_a_subscription_for_a_week() -> None:
    assert ACTIVE is not None
    denial = Intent(mode="denied", topic=FEED)
    assert agrees(ACTIVE, denial)
    sub = agreed(ACTIVE, denial, now=NOW)
    assert sub is not None
    assert (sub.state, sub.next_try, sub.is_live(NOW)) == (State.DENIED, NOW + DENIED_FOR, False)


@pytest.mark.parametrize(
    ("query", "lease"),
    [
        ({"hub.mode": "subscribe", "hub.topic": FEED, "hub.lease_seconds": "60"}, timedelta(minutes=1)),
        ({"hub.mode": "subscribe", "hub.topic": FEED, "hub.lease_seconds": "-60"}, None),
        ({"hub.mode": "subscribe", "hub.topic": FEED, "hub.lease_seconds": "٣"}, None),
        ({"hub.mode": "subscribe", "hub.topic": FEED, "hub.lease_seconds": "9" * 10}, None),
        ({"hub.mode": "subscribe", "hub.topic": FEED}, None),
    ],
)
def test_a_lease_is_a_number_of_seconds(query: dict[str, str], lease: timedelta | None) -> None:
    intent = read_intent(query)
    assert intent is not None
    assert intent.lease == lease


@pytest.mark.parametrize("query", [{}, {"hub.mode": "publish", "hub.topic": FEED}, {"hub.mode": "subscribe"}])
def test_other_questions_are_no_hubs(query: dict[str, str]) -> None:
    assert read_intent(query) is None


# -- signatures ------------------------------------------------------------------------------------------------------


@given(body=st.binary(max_size=200), method=st.sampled_from(["sha1", "sha256", "sha384", "sha512"]))
@settings(max_examples=60)
def test_a_signature_is_right_or_wrong(body: bytes, method: str) -> None:
    """M4: sha1/256/384/512."""
    digest = hmac.new(b"secret", body, getattr(hashlib, method)).hexdigest()
    assert is_signed(body, f"{method}={digest}", secret="secret")  # noqa: S106 (made up)
    assert is_signed(body, f"{method.upper()}={digest.upper()}", secret="secret")  # noqa: S106
    assert not is_signed(body + b"x", f"{method}={digest}", secret="secret")  # noqa: S106
    assert not is_signed(body, f"{method}={digest}", secret="other")  # noqa: S106
    assert not is_signed(body, f"{method}={digest[:-1]}", secret="secret")  # noqa: S106


@given(header=st.text(max_size=100))
@settings(max_examples=100)
def test_no_made_up_signature_is_right(header: str) -> None:
    assert not is_signed(b"body", header, secret="secret")  # noqa: S106
    assert not is_signed(b"body", f"sha256={header}", secret="secret")  # noqa: S106


# -- tombstones ------------------------------------------------------------------------------------------------------


def test_deleted_entries_are_found() -> None:
    body = (
        b"<feed><at:deleted-entry ref=\"yt:video:1\" when='x'/><deleted-entry when='x' ref='a&amp;b'></deleted-entry>"
        b"<at:deleted-entry ref='yt:video:1'/><at:deleted-entry when='x'/></feed>"
    )
    assert deleted_ids(body) == ("yt:video:1", "a&b")
    assert deleted_ids(b"<feed/>") == ()


@pytest.mark.parametrize(
    "piece", [b"<deleted-entry ", b"<a:deleted-entry ref ", b"<deleted-entry ref='", b"deleted-entry "]
)
def test_hostile_tombstones_cost_nothing(piece: bytes) -> None:
    began = time.perf_counter()
    assert deleted_ids(piece * (1_000_000 // len(piece))) == ()
    assert time.perf_counter() - began < 1
