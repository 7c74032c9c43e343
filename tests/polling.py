"""A small world to poll: feeds on a loopback server, a state, and a clock that the test turns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from feeds.poll.ask import Asker
from feeds.poll.record import Polled
from feeds.poll.run import Options, Poller, Round
from feeds.polled import Subscription
from feeds.sources.fetch import Caps, Fetcher
from feeds.sources.sandbox import Sandbox
from feeds.store import entry_rows, source_rows
from feeds.store.sql import Store
from tests.servers import Server

NOON = datetime(2025, 7, 3, 12, 0, tzinfo=UTC)


def rss(*items: tuple[str, str], title: str = "Wired", extra: str = "") -> bytes:
    """An RSS document with items (guid, title), a day apart, the newest first."""
    entries = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{words}</title><link>https://wired.example/{guid}</link>"
        f"<pubDate>{(NOON - timedelta(days=n + 1)).strftime('%a, %d %b %Y %H:%M:%S +0000')}</pubDate></item>"
        for n, (guid, words) in enumerate(items)
    )
    head = f"<title>{title}</title><link>https://wired.example/</link><description>d</description>{extra}"
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{entries}</channel></rss>".encode()


@dataclass
class World:
    """Polls ``server`` into ``store``; ``now`` is the time that everybody goes by."""

    server: Server
    store: Store
    sandbox: Sandbox
    now: datetime = NOON
    caps: Caps = field(default_factory=Caps)
    paths: list[str] = field(default_factory=list)

    def follows(self, *paths: str) -> World:
        """Subscribe to these paths and no others."""
        self.paths = list(paths)
        return self

    def serves(self, path: str, body: bytes, etag: str = '"1"') -> None:
        """From now on this document, conditionally."""
        self.server.conditional(path, body, {"ETag": etag, "Content-Type": "application/rss+xml"})

    @property
    def subscriptions(self) -> list[Subscription]:
        """All of them, from private addresses."""
        return [Subscription(source=path, url=self.server.url(path), allow_private=True) for path in self.paths]

    def poll(self, *names: str, report: Callable[[Polled, int, int], None] = lambda *_: None, **options: Any) -> Round:
        """One round."""
        fetcher = Fetcher(user_agent="feeds/test (+https://example.org/)", caps=self.caps)
        asker = Asker(fetcher, self.sandbox, clock=lambda: self.now)
        chosen = Options(names=frozenset(names), patience=timedelta(0), **options)
        try:
            poller = Poller(self.store, asker.ask, self.subscriptions, chosen, clock=self.clock(), report=report)
            return poller.go()
        finally:
            fetcher.close()

    def clock(self) -> Callable[[], datetime]:
        """Time that goes on a little with each look, so that no deadline is met by standing still."""
        looks = itertools.count()
        return lambda: self.now + timedelta(microseconds=next(looks))

    def later(self, **span: float) -> World:
        """Let time pass."""
        self.now += timedelta(**span)
        return self

    def titles(self, path: str = "/feed") -> dict[str, str]:
        """Key -> title of what is stored of a feed."""
        return {row.key: row.title for row in self.entries(path)}

    def entries(self, path: str = "/feed") -> Sequence[Any]:
        """The stored rows of a feed."""
        with self.store.snapshot() as connection:
            rows = {row.url: row.id for row in source_rows.active_feeds(connection)}
            return entry_rows.entries_of(connection, rows[self.server.url(path)])

    def past(self, path: str = "/feed") -> list[tuple[str, str | None]]:
        """Earlier (title, url) of all entries of a feed."""
        ids = [row.id for row in self.entries(path)]
        with self.store.snapshot() as connection:
            return [past for some in entry_rows.past_of(connection, ids).values() for past in some]


@contextmanager
def parsing() -> Iterator[Sandbox]:
    """One parser process."""
    sandbox = Sandbox(processes=1)
    try:
        yield sandbox
    finally:
        sandbox.close()
