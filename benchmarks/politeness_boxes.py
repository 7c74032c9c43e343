"""Every box of politeness as a function of the request log: each gives the requests that break it, as sentences."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from politeness_servers import DAY, HOUR, MINUTE, START, Server

from feeds.polled import Failed, FailureKind, Fetched, NotModified, Validators
from feeds.sources.score import LoggedRequest, politeness_score
from feeds.sources.state import FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request with its answer, as the server's own log would have it."""

    server: Server
    request: LoggedRequest
    #: What was asked for.
    address: str
    sent: Validators
    outcome: Fetched | NotModified | Failed
    #: We died before the answer was stored.
    is_lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A whole run."""

    exchanges: Sequence[Exchange]
    #: By registered address, at the end.
    states: dict[str, FeedState]
    end: datetime
    #: Stretches in which we were offline.
    offline: Sequence[tuple[datetime, datetime]] = ()

    def by_feed(self) -> Iterator[list[Exchange]]:
        """The exchanges of each feed, in order."""
        found: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in self.exchanges:
            found[exchange.server.url].append(exchange)
        return iter(found.values())

    def pairs(self) -> Iterator[tuple[Exchange, Exchange]]:
        """Each exchange with the next one of its feed."""
        for feed in self.by_feed():
            yield from pairwise(feed)


def say(exchange: Exchange) -> str:
    """Name a request in a complaint."""
    return f"{exchange.server.kind}: {exchange.address} at {exchange.request.at:%j %H:%M:%S}"


def gap(pair: tuple[Exchange, Exchange]) -> timedelta:
    """From one request to the next."""
    return pair[1].request.at - pair[0].request.at


def validators_go_back_byte_for_byte(history: History) -> list[str]:
    """Those of the last 200, both or what it had, and those that a 304 carries."""
    broken = []
    for feed in history.by_feed():
        held = Validators()
        for exchange in feed:
            if exchange.sent != held:
                broken.append(say(exchange))
            if isinstance(exchange.outcome, Fetched) and not exchange.is_lost:
                held = exchange.outcome.validators
    return broken


def the_log_is_polite(history: History) -> list[str]:
    """Hourly, daily, max-age, Retry-After by domain, spacing: what ``feeds status`` checks."""
    politeness = politeness_score([exchange.request for exchange in history.exchanges])
    return [f"{count} x {name}" for name, count in politeness.offences.items() if count]


def ttl_is_kept(history: History) -> list[str]:
    """Ttl and sy:updatePeriod, up to a day."""
    return [
        say(pair[1])
        for pair in history.pairs()
        if isinstance(pair[0].outcome, Fetched | NotModified)
        and not pair[0].is_lost
        and gap(pair) < min(pair[0].server.hints.interval or timedelta(), DAY)
    ]


def skip_hours_and_days_are_kept(history: History) -> list[str]:
    """After the first document, which says them."""
    return [
        say(later)
        for _, later in history.pairs()
        if later.request.at.hour in later.server.hints.skip_hours
        or later.request.at.weekday() in later.server.hints.skip_days
    ]


def failures_back_off(history: History) -> list[str]:
    """The n-th failure in a row is followed by 2^(n-1) hours, at most 7 days; YouTube's 404 is none for a week."""
    broken = []
    for feed in history.by_feed():
        count = 0
        for exchange, later in pairwise(e for e in feed if not e.is_lost):
            count = count + 1 if isinstance(exchange.outcome, Failed) else 0
            wait = min(HOUR * 2 ** max(count - 1, 0), 7 * DAY)
            if count and later.request.at - exchange.request.at < wait and "YouTube" not in exchange.server.kind:
                broken.append(say(later))
    return broken


def gone_is_asked_twice_a_day_apart(history: History) -> list[str]:
    """And then no more."""
    broken = []
    for feed in history.by_feed():
        gone = [e for e in feed if isinstance(e.outcome, Failed) and e.outcome.kind is FailureKind.GONE]
        if gone and (len(gone) > 2 or gone[-1] is not feed[-1]):
            broken.append(f"{len(gone)} requests: {say(gone[0])}")
        if len(gone) == 2 and gone[1].request.at - gone[0].request.at < DAY:
            broken.append(say(gone[1]))
    return broken


def nothing_but_a_410_is_given_up(history: History) -> list[str]:
    """Each feed is asked again within 7 days (a tenth of jitter), or Retry-After."""
    broken = []
    for url, state in history.states.items():
        if state.stopped and state.last_status != 410:
            broken.append(f"{url} stopped with {state.last_status}")
        if not state.stopped and (state.next_poll is None or state.next_poll > history.end + 8 * DAY):
            broken.append(f"{url} next asked {state.next_poll}")
    return broken


def addresses_are_exact(history: History) -> list[str]:
    """The registered address, or where a 301 led for days; never a 302's target, a private host, another query."""
    broken = []
    for feed in history.by_feed():
        hops: list[datetime] = []
        for exchange in feed:
            hop = exchange.server.redirect
            may_move = hop is not None and hop.status == 301 and len(hops) >= 5 and hops[-1] - hops[0] >= 3 * DAY
            is_there = hop is not None and exchange.address == hop.target and "://10." not in hop.target
            if exchange.address != exchange.server.url and not (may_move and is_there):
                broken.append(say(exchange))
            if not isinstance(exchange.outcome, Failed) and exchange.outcome.redirects and not exchange.is_lost:
                hops.append(exchange.request.at)
    return broken


def permanent_redirects_are_stored(history: History) -> list[str]:
    """In the end the new address is asked."""
    return [
        say(feed[-1])
        for feed in history.by_feed()
        if feed[-1].server.kind == "301" and history.end - START > 10 * DAY and feed[-1].address == feed[-1].server.url
    ]


def polls_are_spread(history: History) -> list[str]:
    """No minute of the hour has more than a tenth of all requests: feeds that were added together drift apart."""
    minutes = Counter(e.request.at.minute for e in history.exchanges if e.request.at - START > DAY)
    minute, most = max(minutes.items(), key=lambda item: item[1], default=(0, 0))
    return [f"minute {minute} has {most} requests"] if most > max(20, sum(minutes.values()) / 10) else []


def offline_hours_are_not_held_against_feeds(history: History) -> list[str]:
    """Once the line is back, every feed that was due meanwhile is asked within the hour."""
    broken = []
    for began, ended in history.offline:
        asked = {e.server.url for e in history.exchanges if ended <= e.request.at < ended + HOUR + 10 * MINUTE}
        for feed in history.by_feed():
            is_due = feed[0].server.kind.startswith("hourly news") and ended - began > 2 * HOUR
            if is_due and ended + 2 * HOUR < history.end and feed[0].server.url not in asked:
                broken.append(f"{feed[0].server.url} not asked after {ended}")
    return broken


#: By what a box asks.
BOXES: dict[str, Callable[[History], list[str]]] = {
    "validators byte for byte, replaced after every 200, dropped when the server drops them": (
        validators_go_back_byte_for_byte
    ),
    "hourly, daily without validators, max-age, Expires, Retry-After by domain, serial, spaced": the_log_is_polite,
    "ttl and sy kept": ttl_is_kept,
    "skipHours and skipDays kept": skip_hours_and_days_are_kept,
    "4xx and 5xx back off, doubling to 7 days": failures_back_off,
    "410 asked twice, a day apart, then stopped": gone_is_asked_twice_a_day_apart,
    "nothing else is given up": nothing_but_a_410_is_given_up,
    "exact addresses; 301 stored after 5 answers over 3 days, 302 and private hosts never": addresses_are_exact,
    "301 stored in the end": permanent_redirects_are_stored,
    "polls spread over the hour": polls_are_spread,
    "offline hours not held against the feeds": offline_hours_are_not_held_against_feeds,
}
