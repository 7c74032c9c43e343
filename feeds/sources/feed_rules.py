"""Tell the feeds of well-known sites from the address of a page alone, without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from feeds.sources.feed_sites import NO_FEEDS, SITES
from feeds.sources.feed_table import RULES, Clue, FeedRule
from feeds.urls import canonical, clean_url, host_of


class KnownFeed(NamedTuple):
    """What the tables say of one page."""

    #: None: there is none (``is_none``), or the address does not tell which.
    feed: str | None
    why: str
    is_none: bool
    #: The publisher's own page, on a host of many publishers; empty where the whole site is one publisher.
    site: str
    #: The page that would tell the feed; empty when no page would.
    page: str
    clue: Clue | None

    def found_in(self, text: str) -> str | None:
        """The feed that the text of ``page`` tells."""
        if self.clue is None:
            return None
        found = re.search(self.clue.pattern, text)
        return clean_url(self.clue.feed.format(found[1].replace("\\/", "/"))) if found else None


def known_feed(url: str) -> KnownFeed | None:
    """Say what is known of the feed of a page; None when its site is in no table."""
    written = _known(clean_url(url) or "")
    if written is not None and not written.is_none:
        return written
    return _known(canonical(url)) or written  # the key sees through redirectors and mobile hosts


def _known(address: str) -> KnownFeed | None:
    host = host_of(address)
    if not host:
        return None
    parts = urlsplit(address)
    path = (parts.path.rstrip("/") or "/") + (f"?{parts.query}" if parts.query else "")
    for pattern, rule in _rules_of(host):
        match = pattern.match(path)
        if match is not None:
            return _filled(rule, match.groups(default=""), host, address)
    return None


def _filled(rule: FeedRule, groups: tuple[str, ...], host: str, address: str) -> KnownFeed:
    def fill(template: str) -> str:
        return template.format(*groups, host=host)

    site = fill(rule.site)
    page = (fill(rule.clue.page) or site or address) if rule.clue else ""
    return KnownFeed(fill(rule.feed) or None, rule.why, rule.is_none, site, page, rule.clue)


@lru_cache(maxsize=4096)
def _rules_of(host: str) -> tuple[tuple[re.Pattern[str], FeedRule], ...]:
    return tuple((re.compile(rule.path), rule) for name in _names_of(host) for rule in _table().get(name, ()))


def _names_of(host: str) -> Iterator[str]:
    """Give the names under which rules for a host may stand, the nearest first."""
    yield host
    labels = host.split(".")
    yield from (f"*.{'.'.join(labels[start:])}" for start in range(1, len(labels)))
    yield "*"


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[FeedRule, ...]]:
    sites = {hosts: (FeedRule("", feed, "the site's feed"),) for hosts, feed in SITES.items()}
    none = {hosts: (FeedRule("", "", why, is_none=True),) for hosts, why in NO_FEEDS.items()}
    tables = {**sites, **none, **RULES}
    return {host: rules for hosts, rules in tables.items() for host in hosts.split()}
