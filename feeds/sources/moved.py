"""Where permanent redirects lead, and when they are believed (RFC 9110 §15.4.2; RFC 7538)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urldefrag, urlsplit

from msgspec.structs import replace

from feeds.polled import FailureKind, Redirect, Validators
from feeds.sources.domains import is_private_host
from feeds.sources.state import FeedState

PERMANENT = frozenset({301, 308})
#: A permanent redirect is believed after so many equal answers ...
MOVED_ANSWERS = 5
#: ... over so long: hotel portals and mistakes last hours.
MOVED_FOR = timedelta(days=3)
#: After so many failures in a row at the new address the registered one is asked again.
MOVED_IN_VAIN = 3
#: ... and so long: a server that is down for a night has not taken the feed away.
MOVED_IN_VAIN_FOR = timedelta(days=1)


def follow(state: FeedState, redirects: Sequence[Redirect], *, now: datetime) -> FeedState:
    """Follow a permanent redirect for good after several equal answers over days."""
    target = _permanent_target(state.fetch_url, redirects)
    if not target and not state.moved_to:
        return state
    if not target:
        return replace(state, moved_to="", moved_count=0, moved_since=None)
    if target != state.moved_to or state.moved_since is None:
        return replace(state, moved_to=target, moved_count=1, moved_since=now)
    count = state.moved_count + 1
    if count < MOVED_ANSWERS or now - state.moved_since < MOVED_FOR:
        return replace(state, moved_count=count)
    return replace(state, fetch_url=target, moved_to="", moved_count=0, moved_since=None)


def _permanent_target(url: str, redirects: Sequence[Redirect]) -> str:
    """Find where the permanent hops before the first temporary one lead; empty when not to be stored."""
    target = ""
    for hop in redirects:
        if hop.status not in PERMANENT:
            break
        target = urldefrag(hop.target).url
    return target if target and target != url and _is_as_good(target, url) else ""


def _is_as_good(target: str, url: str) -> bool:
    """Same scheme or https, and no private network."""
    try:
        there, here = urlsplit(target), urlsplit(url)
        host = there.hostname or ""
    except ValueError:
        return False
    is_safe = there.scheme == "https" or (there.scheme == "http" and here.scheme == "http")
    return is_safe and bool(host) and not is_private_host(host)


def come_back(state: FeedState, *, now: datetime) -> FeedState:
    """Ask at the registered address again when the new one fails.

    What was learnt of the other document does not hold there.
    """
    if state.fetch_url == state.url or not _is_in_vain(state, now):
        return state
    return replace(state, fetch_url=state.url, validators=Validators(), body_hash="", gone_at=None)


def _is_in_vain(state: FeedState, now: datetime) -> bool:
    if state.failure is FailureKind.GONE:
        return True
    since = state.failing_since
    return state.failures >= MOVED_IN_VAIN and since is not None and now - since >= MOVED_IN_VAIN_FOR
