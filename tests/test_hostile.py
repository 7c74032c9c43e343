"""A hostile server costs bounded time and memory, one clear line each, and no entry that we hold."""

from __future__ import annotations

import gzip
import itertools
import secrets
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from feeds.poll.ask import Asker
from feeds.poll.record import Polled
from feeds.poll.run import Options, Poller, Round
from feeds.poll.words import poll_line, round_line
from feeds.polled import FailureKind, Subscription
from feeds.sources.addresses import refusal
from feeds.sources.fetch import Caps, Fetcher
from feeds.sources.sandbox import Sandbox
from feeds.sources.state import Rule
from feeds.store.sql import Store
from tests.polling import World, rss
from tests.servers import Client, Script, Server, answer_bytes, serving

SECONDS = 2.0
CAPS = Caps(connect=timedelta(seconds=SECONDS), total=timedelta(seconds=SECONDS))
PARSING_SECONDS = 3.0
SECRET = "tiger-77"  # noqa: S105 (nobody's)
HEADERS = {"Authorization": f"Bearer {SECRET}"}
A_WEEK = timedelta(days=7)
TYPE = {"Content-Type": "application/rss+xml"}
ENTRIES = (("a", "阿尔特曼"), ("b", "Meta"))
FEED = rss(*ENTRIES)
#: More names, so that the parser has all it needs to guess a charset.
CHINESE = rss(*ENTRIES, title="机器之心：人工智能新闻").decode()

K = FailureKind


@dataclass(frozen=True)
class Hostile:
    """One way to be hostile, and what is to come of it."""

    script: Script
    #: Any of them; empty when it is answered as if it were honest.
    kinds: frozenset[FailureKind] = frozenset()
    #: Of which one word, at least, is said.
    words: str = ""
    #: Title of an entry that is stored beside those from before.
    more: str = ""


def says(status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None) -> Script:
    return lambda client: client.answer(status, body, TYPE | (headers or {}))


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: application/rss+xml", *lines, "", ""]).encode("latin-1")


def then_ends(data: bytes) -> Script:
    def script(client: Client) -> None:
        client.send(data)
        client.hang_up()

    return script


def reset_in_the_middle(client: Client) -> None:
    client.send(answer_bytes(200, FEED, TYPE)[:-50])
    time.sleep(0.1)  # or the reset would overtake the bytes
    client.reset()


def body_drips(client: Client) -> None:
    client.send(head("Content-Length: 9000"))
    client.drip(FEED * 9, every=0.05)


def silent(_client: Client) -> None:
    time.sleep(SECONDS * 2)


def a_gigabyte(client: Client) -> None:
    client.send(head("Connection: close") + FEED[:200])
    for _ in range(1024):
        client.send(b"x" * (1 << 20))
    client.hang_up()


def headers_without_end(client: Client) -> None:
    client.send(b"HTTP/1.1 200 OK\r\n")
    for number in itertools.count():
        client.send(f"X-{number}: {'x' * 1000}\r\n".encode())


def nothing_but_continue(client: Client) -> None:
    while True:
        client.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def to_a_longer_address(client: Client) -> None:
    client.answer(302, headers={"Location": f"{client.request.target}/x"})


def chunked(*chunks: bytes) -> bytes:
    return head("Transfer-Encoding: chunked") + b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in chunks)


def another_body_each_time(client: Client) -> None:
    extra = f"<lastBuildDate>{secrets.token_hex()}</lastBuildDate><!-- {secrets.token_hex()} -->"
    client.answer(200, rss(*ENTRIES, extra=extra), TYPE | {"ETag": f'"{secrets.token_hex()}"'})


def another_etag_each_time(client: Client) -> None:
    client.answer(200, FEED, TYPE | {"ETag": f'"{secrets.token_hex()}"'})


def json_feed(*items: str) -> bytes:
    return ('{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[' + ",".join(items) + "]}").encode()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ENTITY_BOMB = (
    f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{LAUGHS}]>'
    + rss(*ENTRIES, extra="<copyright>&l9;</copyright>").decode().partition("?>")[2]
).encode()
#: It takes feedparser 90 s.
ATTRIBUTE_BOMB = FEED.replace(b"<item>", b"<item " + b" ".join(b'a%d="x"' % n for n in range(95_000)) + b">", 1)
#: 64 MiB of blanks: 1,000 times as large as what is sent.
GZIP_BOMB = gzip.compress(FEED + b" " * (64 << 20), compresslevel=9, mtime=0)
LONG_ADDRESS = rss(("u", "An address")).replace(b"ple/u<", b"ple/" + secrets.token_hex(1900).encode() + b"<")
LONG_ITEM = LONG_ADDRESS[LONG_ADDRESS.index(b"<item>") : LONG_ADDRESS.index(b"</channel>")]
GZIP = {"Content-Encoding": "gzip"}

REFUSED = frozenset({K.NOT_A_FEED, K.MALFORMED, K.TOO_COSTLY})
TORN = frozenset({K.CUT_OFF, K.TIMEOUT})

HOSTILE: dict[str, Hostile] = {
    "body-drips": Hostile(body_drips, frozenset({K.TIMEOUT}), "in time"),
    "head-drips": Hostile(lambda client: client.drip(head() * 9, every=0.05), frozenset({K.TIMEOUT}), "in time"),
    "silent": Hostile(silent, frozenset({K.TIMEOUT}), "in time"),
    "reset": Hostile(reset_in_the_middle, frozenset({K.CUT_OFF}), "before its answer was whole"),
    "reset-at-once": Hostile(lambda client: client.reset(), frozenset({K.CUT_OFF}), "ended the connection"),
    "hangs-up": Hostile(then_ends(b""), frozenset({K.CUT_OFF}), "ended the connection"),
    "loop": Hostile(says(302, headers={"Location": "/loop/feed"}), frozenset({K.REDIRECT}), "in a circle"),
    "loop-of-two": Hostile(says(301, headers={"Location": "/loop-back/feed"}), frozenset({K.REDIRECT}), "in a circle"),
    "on-and-on": Hostile(to_a_longer_address, frozenset({K.REDIRECT}), "on and on"),
    "nowhere": Hostile(says(302), frozenset({K.REDIRECT}), "nowhere"),
    "to-a-file": Hostile(says(302, headers={"Location": "file:///etc/passwd"}), frozenset({K.REDIRECT}), "no http"),
    "to-metadata": Hostile(
        says(302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
        frozenset({K.BLOCKED}),
        "not asked",
    ),
    "to-metadata-in-hex": Hostile(
        says(307, headers={"Location": "http://0xa9fea9fe/"}), frozenset({K.BLOCKED}), "not asked"
    ),
    "gzip-bomb": Hostile(says(body=GZIP_BOMB, headers=GZIP), frozenset({K.TOO_LARGE}), "no honest feed"),
    "gzip-that-is-none": Hostile(says(body=FEED, headers=GZIP), frozenset({K.ENCODING}), "not encoded as it says"),
    "gzip-that-ends": Hostile(
        says(body=gzip.compress(FEED, mtime=0)[:-20], headers=GZIP), frozenset({K.CUT_OFF}), "before its end"
    ),
    "entity-bomb": Hostile(says(body=ENTITY_BOMB)),
    "entity-bomb-in-an-entry": Hostile(
        says(body=ENTITY_BOMB.replace(b"&l9;</c", b"</c").replace(b"</link>", b"</link>&l9;"))
    ),
    "attribute-bomb": Hostile(says(body=ATTRIBUTE_BOMB), frozenset({K.TOO_COSTLY}), "takes more than"),
    "gigabyte": Hostile(a_gigabyte, frozenset({K.TOO_LARGE}), "more than 8 MiB"),
    "gigabyte-announced": Hostile(
        then_ends(head(f"Content-Length: {1 << 30}") + FEED), frozenset({K.TOO_LARGE}), "more than 8 MiB"
    ),
    "too-short": Hostile(then_ends(head(f"Content-Length: {len(FEED) + 9}") + FEED), TORN, "before its answer"),
    "length-of-a-word": Hostile(then_ends(head("Content-Length: many") + FEED)),
    "negative-length": Hostile(then_ends(head("Content-Length: -1", "Connection: close") + FEED)),
    "too-long": Hostile(then_ends(head(f"Content-Length: {len(FEED) - 10}") + FEED)),
    "chunks-without-an-end": Hostile(then_ends(chunked(FEED)), TORN, "before its answer"),
    "chunks-of-a-word": Hostile(
        then_ends(head("Transfer-Encoding: chunked") + b"zz\r\n"), frozenset({K.CUT_OFF, K.NOT_A_FEED}), ""
    ),
    "charset-denied": Hostile(says(body=CHINESE.encode(), headers={"Content-Type": "text/xml; charset=gb2312"})),
    "charset-unknown": Hostile(says(body=CHINESE.encode(), headers={"Content-Type": "text/xml; charset=klingon"})),
    "charset-untold": Hostile(says(body=CHINESE.encode("gb18030"), headers={"Content-Type": "text/xml; charset=gbk"})),
    "html": Hostile(
        says(body=b"<!doctype html><html><body>Access denied</body></html>", headers={"Content-Type": "text/html"}),
        frozenset({K.NOT_A_FEED}),
        "HTML",
    ),
    "html-as-rss": Hostile(
        says(body=b"<!doctype html><html><body>Access denied</body></html>"), frozenset({K.NOT_A_FEED}), "HTML"
    ),
    "nothing": Hostile(says(body=b""), frozenset({K.NOT_A_FEED}), ""),
    "an-image": Hostile(says(body=b"\x89PNG\r\n\x1a\n" + bytes(2000)), frozenset({K.NOT_A_FEED}), ""),
    "a-week": Hostile(says(429, headers={"Retry-After": "604800"}), frozenset({K.RATE_LIMITED}), "7 d"),
    "a-week-at-503": Hostile(says(503, headers={"Retry-After": "604800"}), frozenset({K.RATE_LIMITED}), "7 d"),
    "a-million-years": Hostile(says(429, headers={"Retry-After": "9" * 30}), frozenset({K.RATE_LIMITED}), "alone"),
    "challenge": Hostile(says(403, headers={"cf-mitigated": "challenge"}), frozenset({K.CHALLENGE}), "a browser"),
    "broken": Hostile(says(500), frozenset({K.HTTP_STATUS}), "500"),
    "no-such-status": Hostile(says(999), frozenset({K.HTTP_STATUS}), "999"),
    "not-asked-for": Hostile(says(206, FEED), frozenset({K.HTTP_STATUS}), "a part"),
    "no-http": Hostile(then_ends(b"220 mail.example ESMTP\r\n"), frozenset({K.NOT_A_FEED, K.CUT_OFF}), ""),
    "endless-head": Hostile(headers_without_end, frozenset({K.NOT_A_FEED, K.CUT_OFF}), ""),
    "endless-continue": Hostile(nothing_but_continue, frozenset({K.TIMEOUT, K.NOT_A_FEED}), ""),
    "another-etag": Hostile(another_etag_each_time),
    "another-body": Hostile(another_body_each_time),
    "no-entries": Hostile(says(body=rss())),
    "zero-and-half-a-pair": Hostile(says(body=json_feed('{"id":"n\\u0000u\\ud800","title":"a\\u0000b"}')), more="ab"),
    "an-id-of-a-megabyte": Hostile(
        says(body=rss(("".join(map(chr, range(0x10000, 0x10000 + 60_000))), "An id"))), more="An id"
    ),
    "an-address-that-is-long": Hostile(says(body=LONG_ADDRESS), more="An address"),
    "a-million-dates": Hostile(
        says(body=rss(("old", "Old"), extra="<pubDate>Mon, 01 Jan 0001 00:00:00 GMT</pubDate>" * 9000)),
        more="Old",
    ),
}


class Town(World):
    """Feeds that are asked with a secret, from behind the guard, for which 127.0.0.1 is a public address here."""

    @property
    def subscriptions(self) -> list[Subscription]:
        """All of them."""
        return [replace(one, headers=HEADERS, allow_private=False) for one in super().subscriptions]

    def poll(self, *names: str, report: Callable[[Polled, int, int], None] = lambda *_: None, **options: Any) -> Round:
        """One round."""
        with closing(Fetcher(user_agent="feeds/test (+https://example.org/)", caps=self.caps)) as fetcher:
            fetcher._guard = lambda ip: None if ip == "127.0.0.1" else refusal(ip)
            asker = Asker(fetcher, self.sandbox, clock=lambda: self.now)
            chosen = Options(names=frozenset(names), patience=timedelta(0), **options)
            return Poller(self.store, asker.ask, self.subscriptions, chosen, clock=self.clock(), report=report).go()


def path_of(name: str) -> str:
    """Each has a domain of its own: host, port and first segment."""
    return f"/{name}/feed"


@dataclass
class Story:
    """What happened in the one round in which all were hostile."""

    asked_at: datetime
    polled: dict[str, Polled]
    #: As a user sees them.
    lines: dict[str, str]
    round_said: str
    seconds: float
    #: Highest memory that Python had at a time.
    peak: int
    #: Stored after it, and after the round in which all were honest again.
    titles: dict[str, dict[str, str]]
    healed: Round
    healed_titles: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(processes=1, seconds=PARSING_SECONDS, memory_mib=256) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, server: Server, sandbox: Sandbox) -> Story:
    store = Store("sqlite:///state.db", folder=str(tmp_path_factory.mktemp("hostile")))
    town = Town(server, store, sandbox, caps=CAPS, paths=[*map(path_of, HOSTILE)])
    for path in town.paths:
        town.serves(path, FEED)
    town.poll(workers=8)
    for name, hostile in HOSTILE.items():
        server.plays(path_of(name), hostile.script)
    server.plays("/loop-back/feed", says(302, headers={"Location": path_of("loop-of-two")}))
    server.plays("*", to_a_longer_address)
    town.later(days=2)
    tracemalloc.start()
    started = time.monotonic()
    found = town.poll(workers=len(HOSTILE))
    seconds, (_, peak) = time.monotonic() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    polled = {one.job.subscription.url.split("/")[3]: one for one in found.polled}
    lines = {name: poll_line(one, is_verbose=True) for name, one in polled.items()}
    titles = {name: town.titles(path_of(name)) for name in HOSTILE}
    asked_at = town.now
    for path in town.paths:
        town.serves(path, rss(("c", "New"), *ENTRIES), etag='"3"')
    healed = town.later(days=40).poll(workers=8)
    healed_titles = {name: town.titles(path_of(name)) for name in HOSTILE}
    store.close()
    return Story(asked_at, polled, lines, round_line(found), seconds, peak, titles, healed, healed_titles)


def test_each_feed_was_asked_once_and_has_an_outcome(story: Story) -> None:
    assert story.polled.keys() == HOSTILE.keys()
    assert story.round_said.startswith(f"{len(HOSTILE)} feeds asked: ")


def test_the_round_costs_bounded_time_and_memory(story: Story) -> None:
    """All at once: what waits for the network waits together; documents are parsed one after the other."""
    assert story.seconds < SECONDS + 3 * PARSING_SECONDS
    assert story.peak < 150 << 20


@pytest.mark.parametrize("name", HOSTILE)
def test_each_kind_of_hostility_has_a_name_and_a_line(story: Story, name: str) -> None:
    hostile, polled, line = HOSTILE[name], story.polled[name], story.lines[name]
    assert (polled.state.failure in hostile.kinds) if hostile.kinds else polled.state.failure is None, line
    assert hostile.words in polled.state.failure_said
    assert bool(polled.state.failure_said) == bool(hostile.kinds)
    assert line.isprintable()
    assert len(line) < 500
    assert SECRET not in line
    assert SECRET not in str(polled.asked.outcome)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_entry_is_lost(story: Story, name: str) -> None:
    stored = story.titles[name]
    assert dict(ENTRIES).items() <= stored.items()
    more = [title for key, title in stored.items() if key not in {"a", "b"}]
    assert more == ([HOSTILE[name].more] if HOSTILE[name].more else [])


def test_what_is_the_same_in_other_clothes_is_nothing_new(story: Story) -> None:
    for name in ("another-etag", "another-body", "charset-denied", "too-long", "no-entries"):
        assert (story.polled[name].new, story.polled[name].changed) == (0, 0), name


def test_a_week_is_waited_and_not_a_million_years(story: Story) -> None:
    for name in ("a-week", "a-week-at-503", "a-million-years"):
        state, wait = story.polled[name].state, A_WEEK if "week" in name else timedelta(days=31)
        assert state.rule is Rule.RETRY_AFTER
        assert state.next_poll is not None
        assert wait <= state.next_poll - story.asked_at <= wait * 1.1 + timedelta(minutes=1)


def test_the_cause_of_a_long_wait_is_told(story: Story) -> None:
    assert "its server asked us to wait (Retry-After: 7 d)" in story.lines["a-week"]


def test_when_all_are_honest_again_they_are_read_as_if_nothing_had_been(story: Story) -> None:
    assert {one.state.failure_said for one in story.healed.polled} == {""}
    assert len(story.healed.polled) == len(HOSTILE)
    for name, stored in story.healed_titles.items():
        assert stored == story.titles[name] | {"c": "New"}


def test_a_body_of_a_gigabyte_is_given_up_after_a_few_megabytes(
    server: Server, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = Store("sqlite:///state.db", folder=str(tmp_path))
    town = Town(server, store, sandbox, caps=CAPS).follows("/one/gigabyte", "/two/bomb")
    server.plays("/one/gigabyte", a_gigabyte)
    server.answers("/two/bomb", body=GZIP_BOMB, headers=TYPE | GZIP)
    town.poll()  # what is imported and connected once is no cost of the answer
    town.later(days=9)
    tracemalloc.start()
    started = time.monotonic()
    found = town.poll()
    seconds, (_, peak) = time.monotonic() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    store.close()
    assert [one.state.failure for one in found.polled] == [K.TOO_LARGE, K.TOO_LARGE]
    assert seconds < SECONDS + 2
    assert peak < 3 * CAPS.body_bytes


#: What a database, or an index of it, might not take: zero characters, half pairs, keys of many bytes.
AWKWARD = {
    "zero": json_feed('{"id":"n\\u0000ul","title":"a\\u0000b","url":"https://wired.example/\\u0000"}'),
    "half-a-pair": json_feed('{"id":"\\ud800","title":"\\udfff","content_text":"\\ud800"}'),
    "long-id": rss(("".join(map(chr, range(0x10000, 0x10000 + 60_000))), "x")),
    "long-address": LONG_ADDRESS,
    "one-id-for-two": LONG_ADDRESS.replace(b"</item>", b"</item>" + LONG_ITEM.replace(b"ple/", b"ple/v")),
    "old": rss(("x", "x")).replace(b"2025", b"0001"),
    "far": rss(("x", "x")).replace(b"2025", b"9999"),
}


def test_what_a_database_might_not_take_is_stored_once_and_stops_nobody(
    server: Server, sandbox: Sandbox, store: Store
) -> None:
    town = Town(server, store, sandbox).follows(*(f"/awkward-{name}/feed" for name in AWKWARD), "/plain/feed")
    for name, body in AWKWARD.items():
        town.serves(f"/awkward-{name}/feed", body, etag='"\xe9\x01"')
    town.serves("/plain/feed", FEED)
    town.poll()
    for name, body in AWKWARD.items():
        town.serves(f"/awkward-{name}/feed", body + b" ", etag='"2"')
    found = town.later(days=9).poll()
    assert {one.state.failure_said for one in found.polled} == {""}
    assert sum(one.new + one.changed for one in found.polled) == 0
    twos = {"/plain/feed": 2, "/awkward-one-id-for-two/feed": 2}
    assert {path: len(town.entries(path)) for path in town.paths} == dict.fromkeys(town.paths, 1) | twos


def test_a_title_that_changes_every_time_is_stored_two_dozen_times_and_then_left(
    server: Server, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A counter in a title; what is new beside it still comes."""
    store = Store("sqlite:///state.db", folder=str(tmp_path))
    town = Town(server, store, sandbox).follows("/storm/feed")
    changed = []
    for number in range(30):
        town.serves("/storm/feed", rss(("a", f"{number} readers"), (f"n{number}", "New")), etag=f'"{number}"')
        changed += [one.changed for one in town.later(days=8).poll().polled]
    assert changed == [0] + [1] * 24 + [0] * 5
    assert len(town.entries("/storm/feed")) == 31
    assert len(town.past("/storm/feed")) == 24
    store.close()


def test_an_answer_that_breaks_off_within_an_entry_adds_none_and_changes_none(
    server: Server, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A length that is too small: nothing on the wire tells it, but the document ends early."""
    store = Store("sqlite:///state.db", folder=str(tmp_path))
    cuts = [FEED.rindex(mark) + 12 for mark in (b"<guid", b"<title", b"<link", b"<pubDate")]
    town = Town(server, store, sandbox).follows(*(f"/cut-{cut}/feed" for cut in cuts))
    for path in town.paths:
        town.serves(path, FEED)
    town.poll()
    for path, cut in zip(town.paths, cuts, strict=True):
        server.answers(path, body=FEED[:cut], headers=TYPE | {"ETag": '"2"'})
    found = town.later(days=2).poll()
    store.close()
    assert [(one.new, one.changed) for one in found.polled] == [(0, 0)] * len(cuts)
