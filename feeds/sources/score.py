"""How polite we were, told from the request log alone: what ``feeds status`` shows and the simulation asserts.

Each check lists the requests that broke one rule. A request that no server has seen (no address, no connection) does
not belong in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from feeds.sources import timing
from feeds.sources.domains import spacing


class LoggedRequest(Struct, frozen=True, kw_only=True):
    """One request that a server saw, and what it asked of us."""

    #: The registered address of the feed.
    url: str
    #: ``domain_key`` of the address asked.
    domain: str
    #: When it began, and when it was over.
    at: datetime
    ended: datetime
    is_conditional: bool
    #: A validator from an earlier answer was at hand.
    had_validators: bool
    #: None without an answer.
    status: int | None = None
    #: ``Retry-After`` of a 429 or 503.
    retry_after: timedelta | None = None
    #: ``Hints.fresh_for`` of the answer.
    fresh_for: timedelta | None = None


class Politeness(Struct, frozen=True, kw_only=True):
    """The self-score."""

    requests: int
    #: 0 to 100: the share of requests that broke no rule.
    score: float
    #: Of the requests that could be conditional, the share that were; 1 when there were none.
    conditional_share: float
    #: How many requests broke each rule, by the rule's name; every rule is named.
    offences: Mapping[str, int]


Log = Sequence[LoggedRequest]


def politeness_score(log: Log) -> Politeness:
    """Score a request log; its order does not matter."""
    ordered = sorted(log, key=lambda request: request.at)
    broken = {name: check(ordered) for name, check in CHECKS.items()}
    offenders = {(request.url, request.at) for requests in broken.values() for request in requests}
    could = [request for request in ordered if request.had_validators]
    did = sum(request.is_conditional for request in could)
    return Politeness(
        requests=len(ordered),
        score=100 * (1 - len(offenders) / len(ordered)) if ordered else 100.0,
        conditional_share=did / len(could) if could else 1.0,
        offences={name: len(requests) for name, requests in broken.items()},
    )


def unconditional_with_validators(log: Log) -> list[LoggedRequest]:
    """List full downloads that a validator at hand could have saved."""
    return [request for request in log if request.had_validators and not request.is_conditional]


def conditional_within_the_hour(log: Log) -> list[LoggedRequest]:
    """List conditional requests less than an hour after the one before; 59 minutes are early."""
    return [later for before, later in _pairs(log) if later.is_conditional and _gap(before, later) < timing.HOUR]


def unconditional_within_the_day(log: Log) -> list[LoggedRequest]:
    """List unconditional requests less than 24 h after the one before."""
    return [later for before, later in _pairs(log) if not later.is_conditional and _gap(before, later) < timing.DAY]


def within_freshness(log: Log) -> list[LoggedRequest]:
    """List requests for what its server had called fresh (Cache-Control or Expires, taken seriously up to 24 h)."""
    return [later for before, later in _pairs(log) if _gap(before, later) < _believed(before.fresh_for)]


def within_retry_after(log: Log) -> list[LoggedRequest]:
    """List requests to a domain that had asked to be left alone until later (taken seriously up to 31 days)."""
    found, closed = [], dict[str, datetime]()
    for request in log:
        if request.at < closed.get(request.domain, request.at):
            found.append(request)
        if request.retry_after is not None:
            until = request.at + min(request.retry_after, timing.LONGEST_RETRY_AFTER)
            closed[request.domain] = max(until, closed.get(request.domain, until))
    return found


def too_close(log: Log) -> list[LoggedRequest]:
    """List requests to a domain while another was under way or before the pause after it was over."""
    found, free = [], dict[str, datetime]()
    for request in log:
        if request.at < free.get(request.domain, request.at):
            found.append(request)
        free[request.domain] = request.ended + spacing(request.domain)
    return found


def _pairs(log: Log) -> Iterator[tuple[LoggedRequest, LoggedRequest]]:
    """Give each request of a feed with the one before it."""
    last: dict[str, LoggedRequest] = {}
    for request in log:
        if request.url in last:
            yield last[request.url], request
        last[request.url] = request


def _gap(before: LoggedRequest, later: LoggedRequest) -> timedelta:
    return later.at - before.at


def _believed(fresh_for: timedelta | None) -> timedelta:
    return min(fresh_for or timing.ZERO, timing.LONGEST_HINT)


#: Each takes the log in order of time.
CHECKS: Mapping[str, Callable[[Log], list[LoggedRequest]]] = {
    "unconditional although a validator was known": unconditional_with_validators,
    "conditional within an hour": conditional_within_the_hour,
    "unconditional within a day": unconditional_within_the_day,
    "within max-age or Expires": within_freshness,
    "within Retry-After": within_retry_after,
    "too close on one domain": too_close,
}
