"""Whose server is asked: the key under which requests wait for each other, and when the next one may start."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from feeds.sources.state import FeedState

if TYPE_CHECKING:
    from tldextract import TLDExtract

#: Between the end of one request and the start of the next one to the same domain.
SPACING = timedelta(seconds=2)
#: Those that answer 429 to less.
SPACINGS = {"reddit.com": timedelta(seconds=60)}
#: No request takes longer (the deadline of a fetch); after a crash nobody knows when the last one ended.
LONGEST_REQUEST = timedelta(seconds=30)
#: Each path of these is another site's feed, made on demand: one that is refused says nothing of the others.
BRIDGES = frozenset({"rsshub.app", "rss-bridge.org", "kill-the-newsletter.com"})
#: Likewise any host with such a first label; people run them for themselves and for others.
BRIDGE_LABELS = frozenset({"rsshub", "rssbridge", "rss-bridge"})
#: Top names that the public DNS does not have (RFC 6761, 6762, 8375; ICANN's .internal).
PRIVATE_NAMES = ("localhost", "local", "internal", "lan", "home.arpa", "test", "invalid")


@lru_cache(maxsize=65536)  # asked several times a poll, 50 us each time
def domain_key(url: str) -> str:
    """Name whom a request to ``url`` burdens: the registrable domain.

    Bridges, numbers and private names serve many sites or are many servers: host, port and first segment of the path.
    """
    parts = _split(url)
    host = (parts.hostname or "").rstrip(".") if parts else ""
    if parts is None or not host:
        return url
    if _is_bridge(host) or is_private_host(host) or _address(host) is not None:
        return f"{parts.netloc.rpartition('@')[2].lower()}/{parts.path.lstrip('/').partition('/')[0]}"
    return _registrable(host)


def spacing(domain: str) -> timedelta:
    """Give the pause between two requests to a domain."""
    return SPACINGS.get(domain, SPACING)


def is_private_host(host: str) -> bool:
    """Say whether a name or number is of a private network or this machine, as far as can be seen without DNS."""
    address = _address(host)
    if address is not None:
        return not address.is_global
    name = host.lower().rstrip(".")
    return "." not in name or name.endswith(tuple(f".{top}" for top in PRIVATE_NAMES))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises when it is no number
    except ValueError:
        return None
    return parts


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def _is_bridge(host: str) -> bool:
    return host in BRIDGES or host.partition(".")[0] in BRIDGE_LABELS


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    """The list that comes with the library: no download, no cache folder.

    Private suffixes (blogspot.com, github.io) are not counted: their sites share one operator's servers.
    """
    from tldextract import TLDExtract  # noqa: PLC0415 - 0.2 s, and only polling needs it

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def _registrable(host: str) -> str:
    return _suffixes().extract_str(host).top_domain_under_public_suffix or host


class Domains:
    """When each domain may be asked next: one request at a time, spaced, none while it is closed.

    Not thread-safe: whoever shares it holds a lock. It keeps no time of its own.
    """

    def __init__(self) -> None:
        """Begin with all domains open."""
        self._free_at: dict[str, datetime] = {}
        self._busy: set[str] = set()

    @classmethod
    def after_restart(cls, states: Iterable[FeedState]) -> Domains:
        """Keep the pauses and closings that earlier runs have learnt."""
        domains = cls()
        for state in states:
            domain = domain_key(state.fetch_url)
            if state.last_attempt is not None:
                domains.close(domain, state.last_attempt + LONGEST_REQUEST + spacing(domain))
            if state.closed_until is not None:
                domains.close(domain, state.closed_until)
        return domains

    def ready_at(self, domain: str, *, now: datetime) -> datetime | None:
        """Give the first moment from ``now`` on at which a request may start; None while one is under way."""
        if domain in self._busy:
            return None
        return max(now, self._free_at.get(domain, now))

    def take(self, domain: str, *, now: datetime) -> bool:
        """Begin a request if one may start now."""
        if self.ready_at(domain, now=now) != now:
            return False
        self._busy.add(domain)
        return True

    def release(self, domain: str, *, now: datetime) -> None:
        """End the request; the pause begins."""
        self._busy.discard(domain)
        self.close(domain, now + spacing(domain))

    def close(self, domain: str, until: datetime) -> None:
        """Let no request start before ``until``; an earlier closing that lasts longer stays."""
        self._free_at[domain] = max(until, self._free_at.get(domain, until))
