"""Look whether the cited pages are still there: politely, each domain in its turn, what was found kept at once."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from msgspec import Struct, field
from sqlalchemy import Connection

from feeds.audit.addresses import is_made_up
from feeds.dispatch import GLANCE, Threads
from feeds.model import Citation
from feeds.polled import FeedRequest, Outcome
from feeds.sources.domains import Domains, domain_key, is_private_host, spacing
from feeds.sources.links import Answer, Gatekeeper, LinkState, LinkWord, answer_of, check_link
from feeds.store import link_rows, source_rows
from feeds.store.link_rows import LinkRow
from feeds.store.sql import Store
from feeds.urls import host_of

#: One request; never raises for what the world does.
Fetch = Callable[[FeedRequest], Outcome]
#: Hears the step, how many pages are done, of how many.
Report = Callable[[str, int, int], None]

#: So many domains in a row of which none is heard: it is we who are offline. Many an article cites a host or two that
#: never were.
OFFLINE_DOMAINS = 20
#: Seconds that checks under way are given when the round is broken off: robots.txt, HEAD and GET, two pauses between.
_LAST_WAIT = 60.0
#: Whoever polls a feed just now has claimed it for so long.
_LONGEST_CLAIM = timedelta(minutes=5)


class Options(Struct, frozen=True, kw_only=True):
    """How a round is to be done."""

    #: Checks at a time; most of their time they wait for the pause between two requests.
    workers: int = 32
    #: No check begins later; what is left is for the next round.
    patience: timedelta = timedelta(minutes=30)
    #: Hosts (as ``host_of`` names them) that may be asked although they are of a private network or of this machine.
    private_hosts: frozenset[str] = frozenset()


class LinkRound(Struct, kw_only=True):
    """What a round did."""

    #: Pages that were looked for, by what was found.
    found: Counter[LinkWord] = field(default_factory=Counter)
    #: Pages of which enough was known.
    fresh: int = 0
    #: Pages left for the next round: their domain is closed or busy, their host silent, the time over, or we offline.
    left: int = 0
    #: We are offline: nothing was held against any page.
    is_offline: bool = False


class _Page(Struct, frozen=True):
    key: str
    url: str
    domain: str

    @property
    def host(self) -> str:
        return host_of(self.url)


def checkable_pages(citations: Iterable[Citation], *, private_hosts: Collection[str] = ()) -> dict[str, str]:
    """Key -> address of the pages that can be looked for: http and https, none made up, none of a private network."""
    found: dict[str, str] = {}
    for citation in citations:
        url, key = citation.url, citation.key
        if url and key and url.lower().startswith(("http://", "https://")) and _may_be_asked(url, private_hosts):
            found.setdefault(key, url)
    return found


def _may_be_asked(url: str, private_hosts: Collection[str]) -> bool:
    try:
        urlsplit(url).port  # noqa: B018 (raises when it is no number; what cannot be split cannot be asked)
    except ValueError:
        return False
    host = host_of(url)
    return bool(host) and (host in private_hosts or not (is_private_host(host) or is_made_up(url)))


def _domain_of(url: str) -> str:
    """Whom a request burdens; a number or a private name is one server here, whatever the path."""
    return domain_key(urljoin(url, "/"))


class LinkChecker:
    """One round. Belongs to one thread, which alone touches the state.

    ``clock`` gives the time, ``pause`` lets it pass and is called by many threads.
    """

    def __init__(  # noqa: PLR0913 (what a round is made of)
        self,
        store: Store,
        fetch: Fetch,
        options: Options,
        *,
        clock: Callable[[], datetime],
        report: Report,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._fetch = fetch
        self._options = options
        self._clock = clock
        self._report = report
        self._pause = pause
        self._gate = Gatekeeper()
        self._threads: Threads[_Page, LinkState] = Threads(self._check, workers=options.workers)
        self._domains = Domains()
        #: Domain -> pages to be looked for, in the order of the articles.
        self._waiting: dict[str, deque[_Page]] = {}
        #: What nobody answered to, until somebody else does.
        self._unheard: list[tuple[_Page, LinkState]] = []
        self._silent_hosts: set[str] = set()
        self._is_heard = False
        self._round = LinkRound()
        self._total = 0

    def go(self, pages: Mapping[str, str]) -> LinkRound:
        """Look for pages (key -> address) of which too little is known.

        Ctrl-C lets what is under way end and be kept, then goes on up.
        """
        self._line_up(pages)
        deadline = self._clock() + self._options.patience
        try:
            while self._is_going(deadline):
                self._turn(self._wait())
        finally:
            self._finish()
        return self._round

    def _line_up(self, pages: Mapping[str, str]) -> None:
        now = self._clock()
        with self._store.transaction() as connection:
            known = link_rows.link_rows(connection, pages.keys())
            for key, url in pages.items():
                if key in known and known[key].fresh_until > now:
                    self._round.fresh += 1
                else:
                    page = _Page(key, url, _domain_of(url))
                    self._waiting.setdefault(page.domain, deque()).append(page)
            self._close_domains(connection, now)
        self._total = self._round.left = sum(map(len, self._waiting.values()))

    def _close_domains(self, connection: Connection, now: datetime) -> None:
        """What earlier rounds and polls were told to leave alone, or are asking just now."""
        busy = source_rows.busy_domains(connection, self._waiting.keys(), owner="", now=now)
        for domain, until in busy.items():
            self._domains.close(domain, until or now + _LONGEST_CLAIM)
        for key, until in link_rows.closings(connection, now).items():
            self._domains.close(_domain_of(key), until)

    # -- one check, in a thread ----------------------------------------------------------------------------------------

    def _check(self, page: _Page) -> LinkState:
        visit = _Visit(self._fetch, self._pause, allow_private=page.host in self._options.private_hosts)
        return check_link(
            page.url,
            head=visit.head,
            get=visit.get,
            gate=lambda url: self._gate.refusal(url, visit.document),
        )

    # -- the round -----------------------------------------------------------------------------------------------------

    def _is_going(self, deadline: datetime) -> bool:
        next_start = self._next_start()
        return bool(self._threads.under_way) or (next_start is not None and next_start < deadline)

    def _next_start(self) -> datetime | None:
        """When the next check may begin; None when it hangs on those under way, or there is none."""
        if self._round.is_offline or self._threads.room <= 0:
            return None
        now = self._clock()
        starts = (self._domains.ready_at(domain, now=now) for domain in self._waiting)
        return min(filter(None, starts), default=None)

    def _wait(self) -> list[tuple[_Page, LinkState]]:
        """Until something is done or may begin, but not for long; gives what is done."""
        next_start = self._next_start()
        seconds = None if next_start is None else (next_start - self._clock()).total_seconds()
        return self._threads.wait(seconds, pause=self._pause)

    def _turn(self, finished: Sequence[tuple[_Page, LinkState]]) -> None:
        """Keep what is done, and start what may begin."""
        if finished:
            self._keep(finished)
        for page in self._startable():
            self._threads.start(page)
        if finished:
            self._report("pages", self._total - self._round.left, self._total)

    def _startable(self) -> Iterator[_Page]:
        """Pages whose domain is free, as many as there is room; of a host that is silent no other page is tried."""
        now, room = self._clock(), 0 if self._round.is_offline else self._threads.room
        for domain in list(self._waiting):
            if room <= 0:
                return
            pages = self._waiting[domain]
            while pages and pages[0].host in self._silent_hosts:
                pages.popleft()
            if pages and self._domains.take(domain, now=now):
                room -= 1
                yield pages.popleft()
            if not pages:
                del self._waiting[domain]

    def _keep(self, finished: Sequence[tuple[_Page, LinkState]]) -> None:
        now = self._clock()
        heard = []
        for page, state in finished:
            self._domains.release(page.domain, now=now)
            if state.closed_for is not None:
                self._domains.close(page.domain, now + state.closed_for)
                self._waiting.pop(page.domain, None)
            if state.is_unreached:
                self._silent_hosts.add(page.host)
                self._unheard.append((page, state))
            else:
                heard.append((page, state))
        if heard:
            self._is_heard = True
            self._store_states([*self._unheard, *heard], now)
            self._unheard.clear()
        self._round.is_offline = len({page.domain for page, _ in self._unheard}) >= OFFLINE_DOMAINS

    def _store_states(self, states: Sequence[tuple[_Page, LinkState]], now: datetime) -> None:
        with self._store.transaction() as connection:
            link_rows.save_links(connection, (_row_of(page, state, now) for page, state in states))
        self._round.found.update(state.word for _, state in states)
        self._round.left -= len(states)

    def _finish(self) -> None:
        """Wait for what is under way; a second Ctrl-C does not. While nobody answers, it may be we who are offline."""
        self._threads.close()
        last = time.monotonic() + _LAST_WAIT
        while self._threads.under_way and time.monotonic() < last:
            if finished := self._threads.finished(GLANCE):
                self._keep(finished)
        self._round.is_offline |= bool(self._unheard) and not self._is_heard
        if self._unheard and not self._round.is_offline:
            self._store_states(self._unheard, self._clock())


class _Visit:
    """The requests of one check, with the domain's pause between two."""

    def __init__(self, fetch: Fetch, pause: Callable[[float], None], *, allow_private: bool) -> None:
        self._fetch = fetch
        self._pause = pause
        self._allow_private = allow_private
        self._has_asked = False

    def head(self, url: str) -> Answer:
        return answer_of(
            url, self._ask(FeedRequest(url=url, method="HEAD", is_probe=True, allow_private=self._allow_private))
        )

    def get(self, url: str) -> Answer:
        return answer_of(url, self._ask(FeedRequest(url=url, is_probe=True, allow_private=self._allow_private)))

    def document(self, url: str) -> Outcome:
        return self._ask(FeedRequest(url=url, allow_private=self._allow_private))

    def _ask(self, request: FeedRequest) -> Outcome:
        if self._has_asked:
            self._pause(spacing(_domain_of(request.url)).total_seconds())
        self._has_asked = True
        return self._fetch(request)


# -- what is known -----------------------------------------------------------------------------------------------------


class SeenPage(Struct, frozen=True, kw_only=True):
    """What looking for a page has shown, as the audit takes it."""

    is_gone: bool
    moved_to: str | None
    sentence: str


def seen_pages(connection: Connection, keys: Collection[str]) -> dict[str, SeenPage]:
    """Key -> what looking for the page has last shown, however long ago."""
    return {
        key: SeenPage(
            is_gone=row.word == LinkWord.GONE,
            moved_to=row.moved_to,
            sentence=f"{row.sentence}, as seen on {row.checked:%Y-%m-%d}",
        )
        for key, row in link_rows.link_rows(connection, keys).items()
    }


def _row_of(page: _Page, state: LinkState, now: datetime) -> LinkRow:
    return LinkRow(
        url=page.key,
        checked=now,
        fresh_until=now + state.fresh_for,
        word=str(state.word),
        sentence=state.sentence,
        status=state.status,
        moved_to=state.moved_to,
    )
