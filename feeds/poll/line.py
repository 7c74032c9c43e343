"""Feeds that wait to be asked: one at a time for each domain, when its pause is over."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime

from feeds.store.source_rows import FeedRow


class Line:
    """Belongs to one thread, and keeps no time of its own."""

    def __init__(self, feeds: Iterable[FeedRow], *, now: datetime) -> None:
        """All domains are free from ``now`` on; feeds of one domain keep their order."""
        self._waiting: dict[str, deque[FeedRow]] = defaultdict(deque)
        for feed in feeds:
            self._waiting[feed.domain].append(feed)
        #: (free from, domain) of domains that have feeds waiting and none under way.
        self._free = [(now, domain) for domain in self._waiting]
        heapq.heapify(self._free)

    def take(self, count: int, *, now: datetime) -> list[FeedRow]:
        """At most so many feeds that may be asked now; their domains are busy until ``free`` says otherwise."""
        taken: list[FeedRow] = []
        while len(taken) < count and self._free and self._free[0][0] <= now:
            _, domain = heapq.heappop(self._free)
            taken.append(self._waiting[domain].popleft())
        return taken

    def put_back(self, feed: FeedRow) -> None:
        """It was taken, but could not be asked; ``free`` says when it may be tried again."""
        self._waiting[feed.domain].appendleft(feed)

    def free(self, domain: str, at: datetime) -> None:
        """The domain may be asked again from then on."""
        if self._waiting.get(domain):
            heapq.heappush(self._free, (at, domain))

    @property
    def next_free(self) -> datetime | None:
        """When the next feed may be asked; None while none waits, or all that do wait for one under way."""
        return self._free[0][0] if self._free else None

    def rest(self) -> list[FeedRow]:
        """Those that were not taken."""
        return [feed for feeds in self._waiting.values() for feed in feeds]
