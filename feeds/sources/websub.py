"""WebSub as a subscriber decides it: which hub and topic, what to answer a hub, whom to believe. Values in, values out.

W3C Recommendation of 23 January 2018. A subscription goes from ``wanted`` (a document names a hub) over ``pending``
(the hub was asked) to ``active`` (it asked back, and we agreed), and back when its lease is over.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from feeds.polled import Link
from feeds.urls import canonical, host_of

if TYPE_CHECKING:
    from tldextract import TLDExtract


class State(StrEnum):
    """How far a subscription has come. The value is the word in tables and in ``--json``."""

    #: A document names the hub.
    WANTED = "wanted"
    #: The hub was asked, and has not asked back.
    PENDING = "pending"
    ACTIVE = "active"
    #: The hub will not (WebSub §5.2).
    DENIED = "denied"
    #: Another hub or topic has taken its place, or sources.yaml no longer names the feed.
    UNWANTED = "unwanted"


class Subscribed(Struct, frozen=True, kw_only=True):
    """What is known of one subscription."""

    hub: str
    topic: str
    #: The part of our callback's address that nobody can guess.
    token: str
    #: What the hub signs with.
    secret: str
    state: State = State.WANTED
    #: When the hub was last asked; None before.
    asked: datetime | None = None
    #: Requests in a row that came to nothing.
    attempts: int = 0
    #: When the hub is to be asked (again).
    next_try: datetime
    lease_until: datetime | None = None
    last_push: datetime | None = None
    #: A push has told us something, and no poll since has found what no push had told.
    works: bool = False
    last_error: str = ""

    def is_live(self, now: datetime) -> bool:
        """Whether the hub has promised to tell us now."""
        return self.state is State.ACTIVE and self.lease_until is not None and self.lease_until > now


# -- discovery -------------------------------------------------------------------------------------------------------

#: Hubs that documents still name by http; they are asked by https, so that the secret is one.
_SECURE_HUBS = frozenset({"pubsubhubbub.appspot.com", "pubsubhubbub.superfeedr.com", "websubhub.com"})

#: Hubs that no document names: address of the feed, hub, topic.
#: https://developers.google.com/youtube/v3/guides/push_notifications
_UNNAMED = (
    (
        re.compile(
            r"https?://(?:www\.)?youtube\.com/(?:xml/)?feeds/videos\.xml\?(?:[^#]*&)?channel_id=([\w-]{1,64})(?:[&#]|$)"
        ),
        "https://pubsubhubbub.appspot.com/",
        "https://www.youtube.com/xml/feeds/videos.xml?channel_id={0}",
    ),
)


def discover(
    links: Sequence[Link], *, hubs: Sequence[str], self_url: str | None, addresses: Sequence[str]
) -> tuple[str, str] | None:
    """Find (hub, topic) of a document: what its ``Link`` headers say comes first (WebSub §4); None without a hub.

    A topic is a claim, often wrong (templates are copied, caches move): it is believed when it is at home where the
    document came from, else the document's own address is the topic. A wrong topic does no harm but that nothing is
    ever pushed, and a subscription that pushes nothing changes nothing about polling.

    Args:
        links: Of the answer.
        hubs: As the document names them.
        self_url: As the document names it.
        addresses: Where the document came from in the end, then where it was asked for.
    """
    named = [link.url for link in links if link.rel == "hub"] or list(hubs)
    if not named:
        return next(filter(None, map(_unnamed, addresses)), None)
    own = [link.url for link in links if link.rel == "self"]
    claimed = urldefrag(own[0] if own else self_url or "").url
    topic = claimed if claimed and _is_at_home(claimed, addresses) else urldefrag(addresses[0]).url
    return _secure(named[0]), topic


def _unnamed(url: str) -> tuple[str, str] | None:
    found = ((pattern.match(url), hub, topic) for pattern, hub, topic in _UNNAMED)
    return next(((hub, topic.format(*match.groups())) for match, hub, topic in found if match), None)


def _is_at_home(claimed: str, addresses: Sequence[str]) -> bool:
    """The same address in another spelling, or one of the same owner."""
    return any(canonical(claimed) == canonical(url) or _owner(claimed) == _owner(url) for url in addresses)


def _owner(url: str) -> str:
    """The registrable domain, by private suffixes too: each blog on github.io is somebody else's."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return _registrable(host) or parts.netloc.rpartition("@")[2].lower()


@lru_cache(maxsize=4096)
def _registrable(host: str) -> str:
    return _suffixes().extract_str(host).top_domain_under_public_suffix


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    """The list that comes with the library: no download."""
    from tldextract import TLDExtract  # noqa: PLC0415 (0.2 s, and only feeds with a hub need it)

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def _secure(hub: str) -> str:
    scheme, mark, rest = hub.partition("://")
    return f"https{mark}{rest}" if scheme == "http" and host_of(hub) in _SECURE_HUBS else hub


# -- asking a hub ----------------------------------------------------------------------------------------------------

#: What is asked for; Google's hub gives no more.
LEASE = timedelta(days=10)
#: What counts when a hub does not say: it may be shorter than its own lease, never longer.
_LEASE_UNSAID = timedelta(days=1)
_LONGEST_LEASE = timedelta(days=30)
#: The part of a lease after which it is renewed; the rest is for retries.
RENEWED_AFTER = 0.8
#: No hub is asked for one topic more often, however short its leases.
SHORTEST_PAUSE = timedelta(minutes=5)
#: A hub that agreed to ask back and did not is asked again after this.
PATIENCE = timedelta(hours=1)
_LONGEST_PAUSE = timedelta(days=7)
_NONE = timedelta()
#: A hub that said no is asked again: its rules may have changed.
DENIED_FOR = timedelta(days=7)
#: Requests to end a subscription; its lease ends anyway, and what comes meanwhile is answered 410.
MOST_GOODBYES = 3


def form_for(sub: Subscribed, *, callback: str) -> list[tuple[str, str]]:
    """Make the request to a hub (WebSub §5.1).

    The secret is sent to hubs without TLS too, against the letter of a SHOULD: it then keeps out those who only learnt
    the callback's address, and without it nothing would.
    """
    fields = [("hub.callback", callback), ("hub.topic", sub.topic)]
    if sub.state is State.UNWANTED:
        return [("hub.mode", "unsubscribe"), *fields]
    lease = str(int(LEASE.total_seconds()))
    return [("hub.mode", "subscribe"), *fields, ("hub.lease_seconds", lease), ("hub.secret", sub.secret)]


def asking(sub: Subscribed, *, now: datetime) -> Subscribed:
    """Record that a hub is about to be asked. Stored before it is: some ask back before they answer.

    Until more is known it counts as asked in vain.
    """
    attempts = sub.attempts + 1
    stays = sub.state is State.UNWANTED or sub.is_live(now)
    state = sub.state if stays else State.PENDING
    return replace(sub, state=state, asked=now, attempts=attempts, next_try=now + _pause(attempts))


def answered(
    sub: Subscribed, *, is_accepted: bool, sentence: str, retry_after: timedelta | None, now: datetime
) -> Subscribed:
    """Record what the hub answered; accepted means that it will ask back, for which it is given time.

    While a lease runs, less of it, so that several tries fit into what is left.
    """
    if not is_accepted:
        return replace(sub, next_try=now + max(_pause(sub.attempts), retry_after or _NONE), last_error=sentence)
    patience = SHORTEST_PAUSE if sub.is_live(now) else PATIENCE
    return replace(sub, next_try=now + max(_pause(sub.attempts), patience), last_error="")


def _pause(attempts: int) -> timedelta:
    """5 min after the first, doubled with each, at most a week."""
    factor: int = 2 ** min(max(attempts - 1, 0), 11)
    return min(SHORTEST_PAUSE * factor, _LONGEST_PAUSE)


# -- being asked back ------------------------------------------------------------------------------------------------


class Intent(Struct, frozen=True, kw_only=True):
    """A hub's question (WebSub §5.3) or its refusal (§5.2), by GET."""

    mode: str
    topic: str
    #: Empty in a refusal.
    challenge: str = ""
    lease: timedelta | None = None


def read_intent(query: Mapping[str, str]) -> Intent | None:
    """Read the parameters of a GET; None when it is no question of a hub."""
    mode, topic = query.get("hub.mode", ""), query.get("hub.topic", "")
    if mode not in {"subscribe", "unsubscribe", "denied"} or not topic:
        return None
    seconds = query.get("hub.lease_seconds", "").strip()
    lease = timedelta(seconds=int(seconds)) if re.fullmatch("[0-9]{1,9}", seconds) else None
    return Intent(mode=mode, topic=topic, challenge=query.get("hub.challenge", ""), lease=lease)


def agrees(sub: Subscribed, intent: Intent) -> bool:
    """Say whether a hub does what it was asked to: only then is its challenge echoed."""
    if intent.topic != sub.topic or sub.asked is None:
        return False
    if intent.mode == "denied":
        return sub.state is not State.UNWANTED
    if not intent.challenge:
        return False
    is_leaving = sub.state is State.UNWANTED
    return intent.mode == ("unsubscribe" if is_leaving else "subscribe")


def agreed(sub: Subscribed, intent: Intent, *, now: datetime) -> Subscribed | None:
    """Record a question that we agreed to; None when the subscription is over and may be forgotten."""
    if intent.mode == "unsubscribe":
        return None
    if intent.mode == "denied":
        return replace(
            sub, state=State.DENIED, works=False, lease_until=None, attempts=0, next_try=now + DENIED_FOR,
            last_error="the hub denied it",
        )  # fmt: skip
    lease = min(intent.lease or _LEASE_UNSAID, _LONGEST_LEASE)
    return replace(
        sub,
        state=State.ACTIVE,
        attempts=0,
        lease_until=now + lease,
        next_try=now + max(lease * RENEWED_AFTER, SHORTEST_PAUSE),
        last_error="",
    )


def is_open(sub: Subscribed) -> bool:
    """Say whether what its hub pushes is wanted: the hub was asked, by us, and nothing has ended it."""
    return sub.asked is not None and sub.state in {State.WANTED, State.PENDING, State.ACTIVE}


# -- being told ------------------------------------------------------------------------------------------------------

#: WebSub §5.4.1. SHA-1 is what Google's hub signs with; as a keyed hash it holds.
_METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})


def is_signed(body: bytes, header: str, *, secret: str) -> bool:
    """Say whether ``X-Hub-Signature`` was made with the secret; takes as long for a near miss as for a far one."""
    method, _, given = header.strip().partition("=")
    method = method.strip().lower()
    if method not in _METHODS:
        return False
    right = hmac.new(secret.encode(), body, method).hexdigest()
    return hmac.compare_digest(right.encode(), given.strip().lower().encode("utf-8", "replace"))


#: RFC 6721. YouTube's hub tells so of videos that were taken away.
_DELETED = re.compile(
    rb"<(?:[A-Za-z][\w.-]{0,30}:)?deleted-entry\b[^<>]{0,4096}?\sref\s{0,9}=\s{0,9}[\"']([^\"'<>]{1,1000})[\"']"
)
_MOST_DELETED = 100


def deleted_ids(body: bytes) -> tuple[str, ...]:
    """Ids of the entries that a pushed document declares deleted."""
    from html import unescape  # noqa: PLC0415 (beside its only use)

    if b"deleted-entry" not in body:
        return ()
    refs = (unescape(ref.decode("utf-8", "replace")) for ref in _DELETED.findall(body))
    return tuple(dict.fromkeys(refs))[:_MOST_DELETED]
