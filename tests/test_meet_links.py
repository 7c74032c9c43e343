"""Looking for cited pages: real requests to a server that plays many hosts, on a clock that only pauses move."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from feeds.meet.links import OFFLINE_DOMAINS, LinkChecker, LinkRound, Options, checkable_pages, seen_pages
from feeds.model import Citation
from feeds.polled import Failed, FailureKind, FeedRequest, Outcome
from feeds.sources.fetch import Caps, Fetcher
from feeds.sources.links import LinkWord
from feeds.store import source_rows
from feeds.store.link_rows import LinkRow, link_rows
from feeds.store.sql import Store
from feeds.urls import canonical, host_of
from tests.servers import Client, Server

NOON = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)


def resolve(host: str, port: int, **_: Any) -> list[Any]:
    """All hosts are this machine, but for those that never were."""
    if host.startswith("never-"):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@dataclass
class Web:
    """Many hosts on one server, and the log of who was asked for what, and when."""

    server: Server
    store: Store
    now: datetime = NOON
    #: (host, method, target, moment)
    log: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    statuses: dict[str, int | Callable[[Client], None]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    is_offline: bool = False

    def __post_init__(self) -> None:
        """Answer for all hosts."""
        self.server.plays("*", self._answer)

    def _answer(self, client: Client) -> None:
        host = client.request.headers["host"].partition(":")[0]
        request = client.request
        self.log.append((host, request.method, request.target, self.clock()))
        status = self.statuses.get(f"{request.method} {host}{request.target}") or self.statuses.get(
            f"{host}{request.target}", 404 if request.target == "/robots.txt" else 200
        )
        if callable(status):
            status(client)
        else:
            client.answer(status, headers={"Content-Length": "0"})

    def clock(self) -> datetime:
        """The moment that everybody goes by."""
        with self.lock:
            return self.now

    def pause(self, seconds: float) -> None:
        """Let time pass, from any thread."""
        with self.lock:
            self.now += timedelta(seconds=seconds)

    def later(self, **span: float) -> Web:
        """Let time pass between two rounds."""
        self.now += timedelta(**span)
        return self

    def look(self, *pages: str, report: Callable[[str, int, int], None] = lambda *_: None, **options: Any) -> LinkRound:
        """One round for these pages, ``host/path``."""
        urls = [f"http://{page.partition('/')[0]}:{self.server.port}/{page.partition('/')[2]}" for page in pages]
        hosts = frozenset(map(host_of, urls))
        citations = [Citation(label="1", url=url, key=canonical(url)) for url in urls]
        caps = Caps(connect=timedelta(seconds=2), total=timedelta(seconds=2))
        with closing(Fetcher(user_agent="feeds/1 (+https://example.org/)", caps=caps, resolver=resolve)) as fetcher:

            def fetch(request: FeedRequest) -> Outcome:
                if self.is_offline:
                    return Failed(kind=FailureKind.DNS, sentence="The name could not be resolved")
                return fetcher.fetch(request, now=self.clock())

            checker = LinkChecker(
                self.store,
                fetch,
                Options(private_hosts=hosts, **options),
                clock=self.clock,
                report=report,
                pause=self.pause,
            )
            return checker.go(checkable_pages(citations, private_hosts=hosts))

    def row(self, page: str) -> LinkRow | None:
        """What is stored of a page."""
        host, _, path = page.partition("/")
        key = canonical(f"http://{host}:{self.server.port}/{path}")
        with self.store.snapshot() as connection:
            return link_rows(connection, [key]).get(key)

    def words(self, *pages: str) -> list[str | None]:
        """What is stored of pages, in a word each."""
        return [row.word if (row := self.row(page)) else None for page in pages]

    def asked(self, host: str) -> list[str]:
        """Method and target of each request to a host, in order."""
        return [f"{method} {target}" for at, method, target, _ in self.log if at == host]


@pytest.fixture
def web(server: Server, tmp_path: Path) -> Iterator[Web]:
    """Rows and the closing of domains are tested in both databases; the rest of a round knows of none."""
    with closing(Store("sqlite:///state.db", folder=str(tmp_path))) as store:
        yield Web(server, store)


# -- one page ----------------------------------------------------------------------------------------------------------


def test_a_page_that_answers_head_is_asked_once_after_robots_txt(server: Server, store: Store) -> None:
    web = Web(server, store)
    done = web.look("a.press/x")
    assert web.asked("a.press") == ["GET /robots.txt", "HEAD /x"]
    assert (web.words("a.press/x"), done.found, done.left) == (["alive"], {LinkWord.ALIVE: 1}, 0)


@pytest.mark.parametrize(
    ("head", "get", "word"),
    [
        (405, 200, "alive"),
        (403, 200, "alive"),
        (404, 404, "gone"),
        (410, 410, "gone"),
        (404, 200, "alive"),
        (403, 403, "blocked"),
        (500, 500, "unreachable"),
    ],
)
def test_get_follows_where_head_tells_too_little(web: Web, head: int, get: int, word: str) -> None:
    web.statuses = {"HEAD a.press/x": head, "GET a.press/x": get}
    web.look("a.press/x")
    assert web.asked("a.press") == ["GET /robots.txt", "HEAD /x", "GET /x"]
    assert web.words("a.press/x") == [word]


def test_a_page_that_moved_is_kept_with_its_new_address(web: Web) -> None:
    target = f"http://a.press:{web.server.port}/new"
    web.statuses = {"a.press/old": lambda client: client.answer(301, headers={"Location": "/new"})}
    web.look("a.press/old")
    row = web.row("a.press/old")
    assert row is not None
    assert (row.word, row.moved_to, row.status) == ("redirected", target, 200)


def test_what_robots_txt_forbids_is_not_asked_for_and_robots_txt_only_once(web: Web) -> None:
    rules = b"User-agent: *\nDisallow: /private/\n"
    web.statuses = {"a.press/robots.txt": lambda client: client.answer(200, rules, {"Content-Type": "text/plain"})}
    web.look("a.press/private/1", "a.press/2", "a.press/private/3")
    assert web.asked("a.press") == ["GET /robots.txt", "HEAD /2"]
    assert web.words("a.press/private/1", "a.press/2", "a.press/private/3") == ["forbidden", "alive", "forbidden"]


def test_a_number_is_one_server_whatever_the_path(web: Web) -> None:
    web.look("127.0.0.1/a/1", "127.0.0.1/b/2", "127.0.0.1/c/3")
    assert web.asked("127.0.0.1") == ["GET /robots.txt", "HEAD /a/1", "HEAD /b/2", "HEAD /c/3"]


# -- politeness --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hosts", [("www.a.press", "blog.a.press"), ("b.press", "b.press")])
def test_a_domain_is_asked_one_thing_at_a_time_with_a_pause_between(web: Web, hosts: tuple[str, str]) -> None:
    pages = [f"{hosts[0]}/1", f"{hosts[0]}/2", f"{hosts[1]}/3"]
    web.statuses = {f"HEAD {pages[1]}": 405}
    web.look(*pages)
    moments = [moment for *_, moment in web.log]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert len(moments) == 3 + 1 + len(set(hosts))  # pages, a GET, robots.txt
    assert {round(gap.total_seconds()) for gap in gaps} == {2}
    assert web.words(*pages) == ["alive"] * 3


def test_domains_are_asked_side_by_side(web: Web) -> None:
    together = threading.Barrier(3)

    def wait(client: Client) -> None:
        together.wait(timeout=5)
        client.answer(200, headers={"Content-Length": "0"})

    web.statuses = {f"{host}.press/x": wait for host in "abc"}
    assert web.look("a.press/x", "b.press/x", "c.press/x").found == {LinkWord.ALIVE: 3}


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_to_be_left_alone_is_left_alone_in_this_round_and_the_next(web: Web, status: int) -> None:
    web.statuses = {"a.press/1": lambda client: client.answer(status, headers={"Retry-After": "7200"})}
    done = web.look("a.press/1", "a.press/2", "b.press/1")
    assert web.asked("a.press") == ["GET /robots.txt", "HEAD /1"]
    assert (done.left, web.words("a.press/1", "a.press/2", "b.press/1")) == (1, ["blocked", None, "alive"])
    web.later(hours=1).look("a.press/2")
    assert len(web.asked("a.press")) == 2
    web.later(hours=2).look("a.press/2")
    assert web.asked("a.press")[2:] == ["GET /robots.txt", "HEAD /2"]


def test_a_domain_that_polls_were_told_to_leave_alone_is_left_alone(server: Server, store: Store) -> None:
    web = Web(server, store)
    until = NOON + timedelta(hours=3)
    with web.store.transaction() as connection:
        source_rows.sync_feeds(
            connection, {"http://a.press/feed": "A"}, lambda _: {"domain": "a.press", "learnt": "{}"}
        )
        (feed,) = source_rows.active_feeds(connection)
        values = {"next_poll": until, "stopped": False, "domain": "a.press", "learnt": "{}", "claimed_by": None}
        source_rows.save_feeds(connection, [{"id": feed.id, "domain_free": until, "claimed_until": None, **values}])
    assert web.look("a.press/1").left == 1
    assert web.log == []
    assert web.later(hours=4).look("a.press/1").left == 0


def test_what_is_left_when_the_time_is_over_is_done_by_the_next_round(web: Web) -> None:
    pages = [f"a.press/{number}" for number in range(6)]
    first = web.look(*pages, patience=timedelta(seconds=7))
    assert 0 < first.left < 6
    second = web.look(*pages)
    assert (second.left, second.fresh) == (0, 6 - first.left)
    assert len([line for line in web.asked("a.press") if line.startswith("HEAD")]) == 6


def test_of_a_silent_host_only_one_page_is_tried(web: Web) -> None:
    done = web.look("never-was.press/1", "never-was.press/2", "never-was.press/3", "a.press/1")
    assert web.words("never-was.press/1", "never-was.press/2") == ["unreachable", None]
    assert (done.left, done.is_offline) == (2, False)


# -- what is known already ---------------------------------------------------------------------------------------------


def test_nobody_is_asked_again_until_it_is_time(web: Web) -> None:
    web.statuses = {"a.press/gone": 404}
    web.look("a.press/x", "a.press/gone")
    count = len(web.log)
    assert web.later(days=6).look("a.press/x", "a.press/gone").fresh == 2
    assert len(web.log) == count
    done = web.later(days=2).look("a.press/x", "a.press/gone")
    assert (done.fresh, done.found) == (1, {LinkWord.GONE: 1})
    web.later(weeks=4).look("a.press/x")
    assert web.asked("a.press").count("HEAD /x") == 2


def test_ctrl_c_loses_nothing_that_was_found(web: Web) -> None:
    pages = [f"a.press/{number}" for number in range(9)]

    def interrupt(_: str, done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        web.look(*pages, report=interrupt)
    asked = [f"a.press{line.removeprefix('HEAD ')}" for line in web.asked("a.press") if line.startswith("HEAD")]
    assert 3 <= len(asked) < 9
    assert web.words(*asked) == ["alive"] * len(asked)
    assert web.look(*pages).fresh == len(asked)


@pytest.mark.parametrize("hosts", [1, 3, OFFLINE_DOMAINS + 30])
def test_a_round_in_which_nobody_answers_keeps_nothing(web: Web, hosts: int) -> None:
    pages = [f"site-{number}.press/x" for number in range(hosts)]
    web.is_offline = True
    done = web.look(*pages, workers=2)
    assert (done.is_offline, done.left, done.found) == (True, hosts, {})
    assert set(web.words(*pages)) == {None}
    web.is_offline = False
    assert web.look(*pages[:3]).found.total() == min(hosts, 3)


def test_a_host_that_never_was_is_kept_when_others_answer_before_or_after(web: Web) -> None:
    done = web.look("never-1.press/x", "a.press/1", "never-2.press/x", workers=1)
    assert web.words("never-1.press/x", "a.press/1", "never-2.press/x") == ["unreachable", "alive", "unreachable"]
    assert not done.is_offline


# -- which pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.press/x",
        "javascript:alert(1)",
        "infoq.com/news/x",
        "http://localhost/x",
        "http://127.0.0.1/x",
        "http://10.0.0.1/x",
        "http://nas.local/x",
        "https://example.com/x",
        "https://www.youtube.com/watch?v=xxxxxxxxxx",
        "http://",
        "http://[::1",
        "http://[a]/x",
        "http://a[b].press/x",
        "http://a.press:99999/x",
        "http://a.press:port/x",
    ],
)
def test_what_is_no_page_or_nobodys_business_is_never_asked_for(url: str) -> None:
    assert checkable_pages([Citation(label="1", url=url, key=canonical(url))]) == {}


def test_spellings_of_one_page_are_one() -> None:
    urls = ["https://www.a.press/x?utm_source=rss", "http://a.press/x", "HTTPS://A.press/x#top"]
    pages = checkable_pages(Citation(label="1", url=url, key=canonical(url)) for url in urls)
    assert list(pages.values()) == urls[:1]
    assert checkable_pages([Citation(label="1")]) == {}
    assert checkable_pages([Citation(label="1", url="http://nas.local/x", key="k")], private_hosts={"nas.local"})


def test_the_audit_hears_of_what_was_seen_and_when(web: Web) -> None:
    web.statuses = {"a.press/x": 404}
    web.look("a.press/x")
    key = canonical(f"http://a.press:{web.server.port}/x")
    with web.store.snapshot() as connection:
        seen: Mapping[str, Any] = seen_pages(connection, [key, "https://b.press/"])
    assert list(seen) == [key]
    assert seen[key].is_gone
    assert seen[key].sentence == "a.press does not have it any more (404), as seen on 2025-08-01"
