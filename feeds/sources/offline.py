"""Tell that it is we who are offline, and take back what was held against the feeds meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from feeds.polled import Failed, Outcome
from feeds.sources import timing
from feeds.sources.domains import domain_key
from feeds.sources.state import SENTENCES, FeedState, Rule

#: Fewer hosts that fail together are a coincidence.
OFFLINE_HOSTS = 3


def is_offline_round(outcomes: Iterable[tuple[str, Outcome]]) -> bool:
    """Say whether (address, outcome) pairs are those of a dead line: three domains or more, none of them reached."""
    domains: set[str] = set()
    for url, outcome in outcomes:
        if not _is_unreached(outcome):
            return False
        domains.add(domain_key(url))
    return len(domains) >= OFFLINE_HOSTS


def uncounted(state: FeedState, *, now: datetime) -> FeedState:
    """Give what an offline round leaves of ``state``, as it was before the round: to be tried again soon.

    Nobody has seen our request.
    """
    moment = timing.round_up(now + timing.OFFLINE_WAIT)
    said = SENTENCES[Rule.OFFLINE].format(length=timing.say_length(timing.OFFLINE_WAIT))
    return replace(state, next_poll=max(moment, state.next_poll or moment), rule=Rule.OFFLINE, rule_said=said)


class Reach(Struct):
    """The round that a process which polls a feed here and there is in: all outcomes since a host last answered.

    Not thread-safe: whoever shares it holds a lock.
    """

    _unreached: dict[str, tuple[FeedState, Outcome]] = field(default_factory=dict)

    def note(self, before: FeedState, outcome: Outcome) -> tuple[FeedState, ...]:
        """Note one outcome, and give the states that are to be stored again, each as it was before its poll.

        ``uncounted`` makes of each what is to be stored.
        """
        if not _is_unreached(outcome):
            self._unreached.clear()
            return ()
        was_offline = self._is_offline()
        self._unreached.setdefault(before.url, (before, outcome))
        if was_offline:
            return (before,)
        return tuple(state for state, _ in self._unreached.values()) if self._is_offline() else ()

    def _is_offline(self) -> bool:
        return is_offline_round((state.fetch_url, outcome) for state, outcome in self._unreached.values())


def _is_unreached(outcome: Outcome) -> bool:
    return isinstance(outcome, Failed) and outcome.is_unreached and not outcome.redirects
