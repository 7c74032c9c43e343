"""Rows of WebSub: hubs that we have to tell, hubs that tell us. Functions that take a connection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from feeds.store.article_rows import chunks
from feeds.store.schema import ping, source_feed, subscription, to_micros

# -- telling our hub -------------------------------------------------------------------------------------------------


class PingRow(Struct, frozen=True, kw_only=True):
    """A document whose hub is to be told."""

    topic: str
    hub: str
    first_due: datetime
    changes: int
    attempts: int


_PING_COLUMNS = tuple(ping.c[name] for name in ("topic", "hub", "first_due", "changes", "attempts"))


def queue_pings(connection: Connection, hub: str | None, topics: Iterable[str], now: datetime) -> None:
    """Have the hub told that these documents changed; without a hub there is nobody to tell.

    A topic that waits already is told once, and not earlier: its hub may be resting.
    """
    moment = to_micros(now)
    values = [(topic, hub, moment, moment) for topic in dict.fromkeys(topics)] if hub else []
    if not values:
        return
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    connection.exec_driver_sql(
        "insert into ping (topic, hub, first_due, changes, attempts, next_try, last_error) "  # noqa: S608 (a mark)
        f"values ({mark}, {mark}, {mark}, 1, 0, {mark}, '') "
        "on conflict (topic) do update set hub = excluded.hub, changes = ping.changes + 1",
        values,
    )


def claim_pings(connection: Connection, *, now: datetime, until: datetime, limit: int) -> list[PingRow]:
    """Take what is due, the longest waiting first; nobody else does before ``until``."""
    c = ping.c
    query = select(*_PING_COLUMNS).where(c.next_try <= now).order_by(c.hub, c.first_due, c.topic).limit(limit)
    # SQLite lets only one write at a time; in PostgreSQL two that look at once take different rows.
    rows = [PingRow(**row) for row in connection.execute(query.with_for_update(skip_locked=True)).mappings()]
    for some in chunks([row.topic for row in rows]):
        connection.execute(update(ping).where(c.topic.in_(some)).values(next_try=until))
    return rows


def finish_pings(connection: Connection, rows: Iterable[PingRow], now: datetime) -> None:
    """The hub knows; what changed again meanwhile is due once more."""
    values = [{"row": row.topic, "seen": row.changes} for row in rows]
    if values:
        connection.execute(
            delete(ping).where(ping.c.topic == bindparam("row"), ping.c.changes == bindparam("seen")), values
        )
        again = [{"row": value["row"]} for value in values]
        changed = update(ping).where(ping.c.topic == bindparam("row"))
        connection.execute(changed.values(next_try=now, attempts=0, first_due=now, last_error=""), again)


def delay_pings(
    connection: Connection, rows: Iterable[PingRow], *, until: datetime, error: str, is_tried: bool
) -> None:
    """Try again then; ``is_tried`` tells whether it was their own request that came to nothing."""
    values = [{"row": row.topic, "until": until, "error": error, "more": int(is_tried)} for row in rows]
    if values:
        statement = update(ping).where(ping.c.topic == bindparam("row"))
        counted = ping.c.attempts + bindparam("more")
        connection.execute(
            statement.values(next_try=bindparam("until"), attempts=counted, last_error=bindparam("error")), values
        )


def drop_pings(connection: Connection, topics: Collection[str]) -> None:
    """Give up."""
    for some in chunks(sorted(topics)):
        connection.execute(delete(ping).where(ping.c.topic.in_(some)))


def waiting_pings(connection: Connection) -> Sequence[Row[Any]]:
    """All of them, the longest waiting first."""
    return connection.execute(select(ping).order_by(ping.c.first_due, ping.c.topic)).all()


def next_ping(connection: Connection) -> datetime | None:
    """When the next one is due; None when none waits."""
    return connection.execute(select(func.min(ping.c.next_try))).scalar()


# -- being told ------------------------------------------------------------------------------------------------------


class SubscriptionRow(Struct, frozen=True, kw_only=True):
    """A subscription as it is stored; ``sources.websub.Subscribed`` is what rules are about."""

    #: 0 of one that is not stored yet.
    id: int = 0
    feed_id: int
    hub: str
    topic: str
    token: str
    secret: str
    #: A word of ``State`` (sources/websub.py).
    state: str
    asked: datetime | None
    attempts: int
    next_try: datetime
    lease_until: datetime | None
    last_push: datetime | None
    works: bool
    last_error: str


_NAMES = SubscriptionRow.__struct_fields__
_COLUMNS = tuple(subscription.c[name] for name in _NAMES)
# Asked for at every poll.
_OF_FEED = select(*_COLUMNS).where(subscription.c.feed_id == bindparam("feed")).order_by(subscription.c.id)


def subscriptions_of(connection: Connection, feed_id: int) -> list[SubscriptionRow]:
    """A feed's, the oldest first."""
    return [SubscriptionRow(**row) for row in connection.execute(_OF_FEED, {"feed": feed_id}).mappings()]


def subscription_by_token(connection: Connection, token: str) -> SubscriptionRow | None:
    """The one that has this callback."""
    row = connection.execute(select(*_COLUMNS).where(subscription.c.token == token)).mappings().first()
    return None if row is None else SubscriptionRow(**row)


def all_subscriptions(connection: Connection) -> list[SubscriptionRow]:
    """For pages and figures."""
    return [SubscriptionRow(**row) for row in connection.execute(select(*_COLUMNS).order_by(_COLUMNS[0])).mappings()]


def is_hub_due(connection: Connection, *, unwanted: str, now: datetime) -> bool:
    """Whether any hub is to be asked now: one that is due, or one of a feed that is no longer followed."""
    c = subscription.c
    gone = (c.state != unwanted) & ~source_feed.c.active
    query = select(c.id).join(source_feed).where((c.next_try <= now) | gone).limit(1)
    return connection.execute(query).first() is not None


def due_subscriptions(connection: Connection, *, now: datetime, until: datetime, limit: int) -> list[SubscriptionRow]:
    """Take those whose hub is to be asked; nobody else does before ``until``."""
    c = subscription.c
    query = select(*_COLUMNS).where(c.next_try <= now).order_by(c.next_try, c.id).limit(limit)
    rows = [SubscriptionRow(**row) for row in connection.execute(query.with_for_update(skip_locked=True)).mappings()]
    for some in chunks([row.id for row in rows]):
        connection.execute(update(subscription).where(c.id.in_(some)).values(next_try=until))
    return rows


def add_subscription(connection: Connection, row: SubscriptionRow) -> None:
    """Store a new one."""
    connection.execute(insert(subscription).values({name: getattr(row, name) for name in _NAMES if name != "id"}))


def save_subscription(connection: Connection, id_: int, values: Mapping[str, Any]) -> None:
    """Keep what was learnt of one: columns by name."""
    connection.execute(update(subscription).where(subscription.c.id == id_).values(**values))


def drop_subscription(connection: Connection, id_: int) -> None:
    """Forget it; what is pushed to its callback from now on is nobody's."""
    connection.execute(delete(subscription).where(subscription.c.id == id_))


def leave_inactive(connection: Connection, *, unwanted: str, now: datetime) -> None:
    """End the subscriptions of feeds that sources.yaml no longer names."""
    c = subscription.c
    gone = select(source_feed.c.id).where(~source_feed.c.active)
    statement = update(subscription).where(c.feed_id.in_(gone), c.state != unwanted)
    connection.execute(statement.values(state=unwanted, next_try=now, attempts=0, works=False))


class PushedFeed(Struct, frozen=True, kw_only=True):
    """What a pushed document needs of its feed."""

    url: str
    learnt: str
    slices: bytes | None


def lock_feed(connection: Connection, feed_id: int) -> PushedFeed | None:
    """A feed that is still followed, kept from being recorded by others until the transaction ends."""
    c = source_feed.c
    query = select(c.url, c.learnt, c.slices).where(c.id == feed_id, c.active).with_for_update()
    row = connection.execute(query).mappings().first()
    return None if row is None else PushedFeed(**row)


def save_learnt(connection: Connection, feed_id: int, learnt: str, slices: bytes | None) -> None:
    """Keep what a push taught, beside what polls are recorded in."""
    statement = update(source_feed).where(source_feed.c.id == feed_id)
    connection.execute(statement.values(learnt=learnt, slices=slices))


def feed_url(connection: Connection, feed_id: int) -> str | None:
    """Its registered address, if it is still followed."""
    c = source_feed.c
    return connection.execute(select(c.url).where(c.id == feed_id, c.active)).scalar()
