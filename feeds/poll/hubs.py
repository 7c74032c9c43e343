"""Which hubs feeds name, and asking them to tell us of changes: learnt at a poll, asked for when it is due."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from feeds.poll.ask import Asked, Job
from feeds.polled import Fetched, Subscription
from feeds.sources import websub
from feeds.sources.domains import is_private_host
from feeds.sources.post import Posted, Posts
from feeds.sources.websub import State, Subscribed
from feeds.store import websub_rows
from feeds.store.sql import Store, read_meta, write_meta
from feeds.store.websub_rows import SubscriptionRow

#: Where callbacks are, below the public address of ``feeds serve``.
CALLBACK_PATH = "websub/"
#: Requests to hubs in one go.
MOST_REQUESTS = 40
#: Who takes a subscription has it for so long: all requests of one go, each at its longest.
_LEASE = timedelta(minutes=15)
#: Name of the fact in the state: the address that hubs were told to call.
_CALLED = "callbacks"
#: 256 bits: nobody guesses it; 43 characters.
_TOKEN_BYTES = 32

_FIELDS = Subscribed.__struct_fields__


def known_of(row: SubscriptionRow) -> Subscribed:
    """A row as the rules see it."""
    return Subscribed(**{name: getattr(row, name) for name in _FIELDS} | {"state": State(row.state)})


def values_of(sub: Subscribed) -> dict[str, Any]:
    """And back."""
    return {name: getattr(sub, name) for name in _FIELDS} | {"state": str(sub.state)}


# -- learning --------------------------------------------------------------------------------------------------------


def learn(connection: Connection, job: Job, asked: Asked, *, has_new: bool) -> bool:
    """Keep what a document says of its hub; say whether pushes make polling this feed a mere precaution.

    They do from the first push on that told us something, while the hub's promise lasts, until a poll finds an entry
    that no push has told (``has_new``).
    """
    now = asked.ended
    rows = websub_rows.subscriptions_of(connection, job.feed_id)
    if _tells(job, asked):
        rows = _bring_in_step(connection, job.feed_id, rows, _named(job, asked), now)
    pushes = False
    for row in rows:
        if row.works and has_new:
            websub_rows.save_subscription(connection, row.id, {"works": False})
        elif row.works:
            pushes |= known_of(row).is_live(now)
    return pushes


def _tells(job: Job, asked: Asked) -> bool:
    """Whether a whole document came of a feed that a hub may know of: none that wants a password."""
    is_secret = bool(job.subscription.headers) or "@" in urlsplit(job.subscription.url).netloc
    feed = asked.reading.feed if asked.reading else None
    return isinstance(asked.outcome, Fetched) and feed is not None and not feed.cut and not is_secret


def _named(job: Job, asked: Asked) -> tuple[str, str] | None:
    assert isinstance(asked.outcome, Fetched)  # noqa: S101 (_tells)
    assert asked.reading is not None  # noqa: S101 (likewise)
    feed = asked.reading.feed
    addresses = (asked.outcome.url, asked.request.url, job.subscription.url)
    return websub.discover(asked.outcome.links, hubs=feed.hubs, self_url=feed.self_url, addresses=addresses)


def _bring_in_step(
    connection: Connection,
    feed_id: int,
    rows: Sequence[SubscriptionRow],
    named: tuple[str, str] | None,
    now: datetime,
) -> list[SubscriptionRow]:
    """One subscription that is wanted, the one that is named now; the others are ended."""
    for row in rows:
        is_named, is_wanted = (row.hub, row.topic) == named, row.state != State.UNWANTED
        if is_named != is_wanted:
            state = State.WANTED if is_named else State.UNWANTED
            changed = replace(known_of(row), state=state, attempts=0, next_try=now, works=False)
            websub_rows.save_subscription(connection, row.id, values_of(changed))
    if named is not None and all((row.hub, row.topic) != named for row in rows):
        websub_rows.add_subscription(connection, _new_row(feed_id, *named, now))
    elif all(((row.hub, row.topic) == named) == (row.state != State.UNWANTED) for row in rows):
        return list(rows)
    return websub_rows.subscriptions_of(connection, feed_id)


def _new_row(feed_id: int, hub: str, topic: str, now: datetime) -> SubscriptionRow:
    token, secret = secrets.token_urlsafe(_TOKEN_BYTES), secrets.token_urlsafe(_TOKEN_BYTES)
    sub = Subscribed(hub=hub, topic=topic, token=token, secret=secret, next_try=now)
    return SubscriptionRow(feed_id=feed_id, **values_of(sub))


# -- asking ----------------------------------------------------------------------------------------------------------


class HubAsked(Struct, frozen=True, kw_only=True):
    """What came of one request to a hub."""

    hub: str
    topic: str
    #: ``subscribe`` or ``unsubscribe``.
    mode: str
    #: Empty when the hub agreed to ask back.
    error: str


def callback_url(public: str, token: str) -> str:
    """Where a hub is to call; ``public`` is the address at which the world sees ``feeds serve``."""
    return f"{public.rstrip('/')}/{CALLBACK_PATH}{token}"


def subscribe_due(
    store: Store, ask: Posts, subscriptions: Iterable[Subscription], *, public: str, now: datetime
) -> list[HubAsked]:
    """Ask hubs for what is wanted, renew what ends soon, end what is not wanted. Raises StoreError.

    A hub's faults are values: nothing is lost by them, since polling goes on as before.
    """
    with store.snapshot() as connection:
        is_due = websub_rows.is_hub_due(connection, unwanted=State.UNWANTED, now=now)
        if not is_due and read_meta(connection, _CALLED) == public:
            return []
    private = {one.url for one in subscriptions if one.allow_private}
    with store.transaction() as connection:
        _note_address(connection, public, now)
        websub_rows.leave_inactive(connection, unwanted=State.UNWANTED, now=now)
        due = _take(connection, now)
        urls = {row.feed_id: websub_rows.feed_url(connection, row.feed_id) for row, _ in due}
    done: list[HubAsked] = []
    unwell: dict[str, Posted] = {}
    for row, sub in due:
        if row.hub in unwell:  # what one request has met, the next one would
            answer = unwell[row.hub]
        else:
            form = websub.form_for(sub, callback=callback_url(public, sub.token))
            is_private = urls[row.feed_id] in private or _was_private(sub)
            answer = ask.post(row.hub, form, allow_private=is_private, now=now)
        if not answer.is_accepted and not answer.is_about_us:
            unwell[row.hub] = answer
        _keep(store, row, sub, answer, now)
        mode = "unsubscribe" if sub.state is State.UNWANTED else "subscribe"
        done.append(HubAsked(hub=row.hub, topic=row.topic, mode=mode, error=answer.sentence))
    return done


def _was_private(sub: Subscribed) -> bool:
    """A hub in a private network that has verified a subscription was allowed to be asked, and may be told good-bye.

    By then sources.yaml may name the feed no longer.
    """
    is_over = sub.state is State.UNWANTED and sub.lease_until is not None
    return is_over and is_private_host(urlsplit(sub.hub).hostname or "")


def _note_address(connection: Connection, public: str, now: datetime) -> None:
    """Hubs go on calling an address that is no longer ours: each is told the new one."""
    before = read_meta(connection, _CALLED)
    if before == public:
        return
    write_meta(connection, _CALLED, public)
    for row in websub_rows.all_subscriptions(connection) if before else ():
        if row.state in {State.PENDING, State.ACTIVE}:
            again = replace(known_of(row), state=State.WANTED, attempts=0, next_try=now, works=False)
            websub_rows.save_subscription(connection, row.id, values_of(again))


def _take(connection: Connection, now: datetime) -> list[tuple[SubscriptionRow, Subscribed]]:
    """What is due, each noted as asked: some hubs ask back before they answer."""
    rows = websub_rows.due_subscriptions(connection, now=now, until=now + _LEASE, limit=MOST_REQUESTS)
    found = []
    for row in rows:
        if row.state == State.UNWANTED and (row.asked is None or row.attempts >= websub.MOST_GOODBYES):
            websub_rows.drop_subscription(connection, row.id)
            continue
        sub = websub.asking(known_of(row), now=now)
        websub_rows.save_subscription(connection, row.id, values_of(sub))
        found.append((row, sub))
    return found


def _keep(store: Store, row: SubscriptionRow, sub: Subscribed, answer: Posted, now: datetime) -> None:
    after = websub.answered(
        sub, is_accepted=answer.is_accepted, sentence=answer.sentence, retry_after=answer.retry_after, now=now
    )
    with store.transaction() as connection:
        current = websub_rows.subscription_by_token(connection, row.token)
        # It may have asked back and been answered meanwhile, which says more.
        if current is not None and known_of(current) == sub:
            changed: Mapping[str, Any] = {"next_try": after.next_try, "last_error": after.last_error}
            websub_rows.save_subscription(connection, row.id, changed)
