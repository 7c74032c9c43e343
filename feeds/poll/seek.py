"""Look at cited hosts for their feeds, politely: few requests each, a pause between them, none that is not needed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field

from feeds.dispatch import Threads
from feeds.polled import FeedRequest, Fetched, Outcome
from feeds.sources.discover import CitedHost, Discovery, Fetch, How, find_feeds, known_feeds
from feeds.sources.domains import domain_key, spacing
from feeds.sources.robots import Robots

#: Hears how many hosts are done, of how many.
Report = Callable[[str, int, int], None]

#: Sites seldom change their feeds.
_REMEMBERED = timedelta(days=30)
#: Hosts looked at a time; each is asked one thing after the other.
_WORKERS = 16


class Findings(Struct, frozen=True, kw_only=True):
    """What is known of the hosts that the articles cite, most cited first."""

    discoveries: tuple[Discovery, ...]
    #: Citations with an address, of all hosts.
    citations: int

    def covered(self, hosts: Iterable[str]) -> int:
        """Citations that lead to these hosts."""
        chosen = set(hosts)
        return sum(found.citations for found in self.discoveries if found.host in chosen)


class PacedFetch:
    """Asks with a pause between two requests to one domain, whoever asks."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        self._domains: dict[str, threading.Lock] = {}
        #: Domain -> monotonic seconds from which on it may be asked.
        self._free: dict[str, float] = {}

    def __call__(self, request: FeedRequest) -> Outcome:
        """Wait for the domain's turn, then ask."""
        domain = domain_key(request.url)
        with self._lock:
            turn = self._domains.setdefault(domain, threading.Lock())
        with turn:
            time.sleep(max(0.0, self._free.get(domain, 0.0) - time.monotonic()))
            try:
                return self._fetch(request)
            finally:
                self._free[domain] = time.monotonic() + spacing(domain).total_seconds()


class Memory:
    """What earlier looks at hosts have found, as one JSON value: nobody is asked again for a month."""

    def __init__(self, text: str, *, now: datetime) -> None:
        """``text`` as ``text`` gave it; empty at first."""
        self._now = now
        self._seen: dict[str, dict[str, Any]] = json.loads(text or "{}")

    def recall(self, host: CitedHost) -> Discovery | None:
        """What was found, if that is not too long ago."""
        seen = self._seen.get(host.host)
        if seen is None or self._now - datetime.fromisoformat(seen["at"]) >= _REMEMBERED:
            return None
        return Discovery(
            host=host.host,
            citations=host.citations,
            name=host.name,
            site=seen["site"],
            feeds=tuple(seen["feeds"]),
            how=How(seen["how"]),
            said=seen["said"],
        )

    def keep(self, found: Discovery) -> None:
        """Keep what a look has found, unless it found nobody at home."""
        if found.how is not How.UNREACHABLE:
            seen = {"site": found.site, "feeds": list(found.feeds), "how": str(found.how), "said": found.said}
            self._seen[found.host] = seen | {"at": self._now.isoformat()}

    @property
    def text(self) -> str:
        """To be stored."""
        return json.dumps(self._seen, ensure_ascii=False, sort_keys=True)


def seek(hosts: Sequence[CitedHost], fetch: Fetch | None, memory: Memory, *, report: Report) -> Findings:
    """Answer from the tables or from memory, else look at the host; without ``fetch`` nobody is asked."""
    answers: dict[str, Discovery] = {}
    robots: dict[str, Robots | None] = {}
    unknown: list[CitedHost] = []
    for host in hosts:
        known = known_feeds(host) or memory.recall(host)
        if known is None:
            unknown.append(host)
        else:
            answers[host.host] = known
    if fetch is not None:
        paced = PacedFetch(fetch)
        threads: Threads[CitedHost, Discovery] = Threads(
            lambda host: find_feeds(host, fetch=paced, robots=robots), workers=_WORKERS
        )
        for host in unknown:
            threads.start(host)
        try:
            while threads.under_way:
                for host, found in threads.finished(0.25):
                    answers[host.host] = found
                    memory.keep(found)
                report("hosts", len(unknown) - threads.under_way, len(unknown))
        finally:
            threads.close()
    return Findings(
        discoveries=tuple(answers.get(host.host) or _unasked(host) for host in hosts),
        citations=sum(host.citations for host in hosts),
    )


def _unasked(host: CitedHost) -> Discovery:
    said = "no rule knows it; without --offline its site is looked at"
    return Discovery(
        host=host.host, citations=host.citations, name=host.name, site=host.site, how=How.NOT_TOLD, said=said
    )


class FirstDocuments(Struct):
    """Documents that discovery has fetched already, so that the first poll need not ask again."""

    found: dict[str, Fetched] = field(default_factory=dict)

    def add(self, discovery: Discovery) -> None:
        """Keep the document of its first feed."""
        if discovery.first is not None and discovery.feeds:
            self.found[discovery.feeds[0]] = discovery.first

    def fetch(self, request: FeedRequest, *, now: datetime) -> Fetched:  # noqa: ARG002 (as Fetcher.fetch)
        """What a request for one of them would bring."""
        return self.found[request.url]


def discovery_values(found: Discovery) -> dict[str, Any]:
    """For ``--json``."""
    return {
        "host": found.host,
        "name": found.name,
        "site": found.site,
        "citations": found.citations,
        "feeds": list(found.feeds),
        "how": str(found.how),
        "said": found.said,
    }
