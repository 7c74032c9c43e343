"""All that is done with hubs, in one go: take in what they sent, tell ours what changed, ask others to tell us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, field

from feeds.poll.hubs import HubAsked, subscribe_due
from feeds.poll.ping import Pinged, ping_due
from feeds.poll.push import Pushed, take_pushed
from feeds.poll.spool import Spool
from feeds.polled import Subscription
from feeds.sources.post import Posts
from feeds.sources.sandbox import Sandbox
from feeds.store.sql import Store


class Exchanged(Struct, frozen=True, kw_only=True):
    """What came of it."""

    pushed: list[Pushed] = field(default_factory=list)
    pinged: Pinged = field(default_factory=Pinged)
    asked: list[HubAsked] = field(default_factory=list)

    @property
    def has_news(self) -> bool:
        """Whether there is something to match and to publish."""
        return any(one.new or one.changed or one.withdrawn for one in self.pushed)


def exchange(  # noqa: PLR0913 (what hubs have to do with)
    store: Store,
    ask: Posts,
    spool: Spool,
    sandbox: Sandbox,
    subscriptions: Sequence[Subscription],
    *,
    public: str | None,
    now: datetime,
) -> Exchanged:
    """One go; it asks the state three short questions when there is nothing to do. Raises StoreError, SourceError.

    Args:
        store: Belongs to this thread.
        ask: Likewise.
        spool: Where our callbacks put what hubs say.
        sandbox: Starts nothing unless something was pushed.
        subscriptions: As sources.yaml has them.
        public: The address at which the world sees ``feeds serve``; None, and no hub is asked to call us.
        now: When it is.
    """
    return Exchanged(
        pushed=take_pushed(store, spool, sandbox, now=now),
        pinged=ping_due(store, ask, now),
        asked=subscribe_due(store, ask, subscriptions, public=public, now=now) if public else [],
    )
