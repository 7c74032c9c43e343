"""Take in what hubs have sent: the same parser, comparison and store as for what was polled.

A pushed document is a part of a feed (mostly the new entries alone): what is missing in it is not gone, and what it
leaves out of an entry is not taken away. Nothing of it changes how politely the feed is polled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Row

from feeds.errors import StoreError
from feeds.poll.hubs import known_of, values_of
from feeds.poll.keep import keep_entries
from feeds.poll.record import TIMES, read_memory, write_memory
from feeds.poll.spool import Message, Spool
from feeds.polled import Entry, Failed
from feeds.sources import websub
from feeds.sources.alterations import Alteration
from feeds.sources.changes import Changes
from feeds.sources.delta import Reading, dump, load
from feeds.sources.sandbox import Sandbox
from feeds.sources.websub import Intent
from feeds.sources.window import MOST_WITHDRAWN
from feeds.store import change_rows, entry_rows, websub_rows
from feeds.store.sql import Store
from feeds.store.websub_rows import PushedFeed, SubscriptionRow

#: Messages in one go; what is left is taken in the next.
MOST_MESSAGES = 200
#: A message that cannot be stored (the state is locked, the disk is full) keeps the ones behind it waiting so long.
GIVEN_UP_AFTER = timedelta(hours=1)

_decoder = msgspec.json.Decoder(Entry)


class Pushed(Struct, frozen=True, kw_only=True):
    """What came of one message of a hub."""

    hub: str
    topic: str
    #: ``push``, ``subscribe``, ``unsubscribe`` or ``denied``.
    kind: str
    new: int = 0
    changed: int = 0
    #: Entries that the hub declared deleted, and that we knew.
    withdrawn: int = 0
    #: Why it could not be used; empty when it could.
    error: str = ""


def take_pushed(store: Store, spool: Spool, sandbox: Sandbox, *, now: datetime) -> list[Pushed]:
    """Record what hubs have sent, in its order. Raises StoreError, and SourceError when no parser can be started.

    Taken twice (we were killed in between) it is the same as once.
    """
    return list(_taken(store, spool, sandbox, now))


def _taken(store: Store, spool: Spool, sandbox: Sandbox, now: datetime) -> Iterator[Pushed]:
    for name, message in spool.take(MOST_MESSAGES):
        if message is not None:
            try:
                pushed = _push(store, message, sandbox) if message.kind == "push" else _intent(store, message)
            except StoreError:
                if now - message.at < GIVEN_UP_AFTER:
                    raise
                pushed = None
            if pushed is not None:
                yield pushed
        spool.drop(name)


def _intent(store: Store, message: Message) -> Pushed | None:
    """A hub asked back, and was answered: so it is."""
    lease = None if message.lease_seconds is None else timedelta(seconds=message.lease_seconds)
    # The challenge was echoed already; that there was one is all that counts here.
    intent = Intent(mode=message.kind, topic=message.topic, challenge="echoed", lease=lease)
    with store.transaction() as connection:
        row = websub_rows.subscription_by_token(connection, message.token)
        if row is None or not websub.agrees(known_of(row), intent):
            return None
        after = websub.agreed(known_of(row), intent, now=message.at)
        if after is None:
            websub_rows.drop_subscription(connection, row.id)
        else:
            websub_rows.save_subscription(connection, row.id, values_of(after))
    return Pushed(hub=row.hub, topic=row.topic, kind=message.kind)


def _push(store: Store, message: Message, sandbox: Sandbox) -> Pushed | None:
    with store.snapshot() as connection:
        row = websub_rows.subscription_by_token(connection, message.token)
        url = websub_rows.feed_url(connection, row.feed_id) if row else None
    if row is None or url is None or not websub.is_open(known_of(row)):
        return None
    # In full, whatever of it is known: a hub's document is not the feed's, and teaches nothing of how that is cut.
    # Ids depend on the registered address, as with a poll.
    read = sandbox.read(
        message.body, url=url, content_type=message.content_type, now=message.at, known=None, shadow=True
    )
    deleted = websub.deleted_ids(message.body)
    pushed = Pushed(hub=row.hub, topic=row.topic, kind="push")
    if isinstance(read, Failed) and not deleted:
        return replace(pushed, error=read.sentence)
    with store.transaction() as connection:
        feed = websub_rows.lock_feed(connection, row.feed_id)
        if feed is None:
            return None
        return _record(connection, row, feed, None if isinstance(read, Failed) else read, deleted, message.at, pushed)


def _record(  # noqa: PLR0913, PLR0917 (what one push brings)
    connection: Connection,
    row: SubscriptionRow,
    feed: PushedFeed,
    reading: Reading | None,
    deleted: Collection[str],
    now: datetime,
    pushed: Pushed,
) -> Pushed:
    changes = Changes(updates={})
    if reading is not None:
        changes = keep_entries(connection, row.feed_id, _completed(connection, row.feed_id, reading), now)
    memory = read_memory(feed.learnt)
    withdrawn = _withdraw(connection, row.feed_id, deleted, now)
    if changes:
        times = tuple(entry_rows.newest_times(connection, row.feed_id, TIMES))
        memory = msgspec.structs.replace(memory, times=times, state=replace(memory.state, last_change=now))
    if withdrawn:
        gone = (*memory.window.withdrawn, *(key for key in withdrawn if key not in memory.window.withdrawn))
        memory = msgspec.structs.replace(memory, window=replace(memory.window, withdrawn=gone[-MOST_WITHDRAWN:]))
    if changes or withdrawn:
        slices = _without(feed.slices, {entry.id for entry in changes.changed})
        websub_rows.save_learnt(connection, row.feed_id, write_memory(memory), slices)
    tells = bool(withdrawn) or (reading is not None and bool(reading.feed.entries))
    websub_rows.save_subscription(connection, row.id, {"last_push": now, "works": row.works or tells})
    return replace(pushed, new=len(changes.new), changed=len(changes.changed), withdrawn=len(withdrawn))


def _without(slices: bytes | None, ids: Collection[str]) -> bytes | None:
    """Slices say that an entry stands in the store as it stood in a polled document: these do not any more."""
    known = load(slices) if ids else None
    if known is None:
        return slices
    kept = {mark: id_ for mark, id_ in known.slices.items() if id_ not in ids}
    marks = {id_: mark for id_, mark in known.marks.items() if id_ not in ids}
    return dump(replace(known, slices=kept, marks=marks))


# -- what is left out ------------------------------------------------------------------------------------------------


def _completed(connection: Connection, feed_id: int, reading: Reading) -> Reading:
    """With what the store knows of entries of which the hub says less: YouTube's has titles and dates only."""
    entries = reading.feed.entries
    rows = entry_rows.known_entries(connection, feed_id, {entry.id for entry in entries})
    texts = entry_rows.texts(connection, [row.id for row in rows.values()])
    filled = tuple(_filled(entry, rows.get(entry.id), texts) for entry in entries)
    return replace(reading, feed=replace(reading.feed, entries=filled))


#: What a hub may leave out.
_PARTS = (
    "summary",
    "content",
    "authors",
    "categories",
    "enclosures",
    "links",
    "image",
    "language",
    "video",
    "duration",
)


def _filled(entry: Entry, row: Row[Any] | None, texts: Mapping[int, tuple[str, str]]) -> Entry:
    if row is None:
        return entry
    said, content = texts[row.id]
    stored = replace(_decoder.decode(said), content=content)
    missing = {part: getattr(stored, part) for part in _PARTS if getattr(stored, part) and not getattr(entry, part)}
    if not missing:
        return entry
    whole = replace(entry, **missing)
    is_same = _told(whole) == _told(stored)
    # The stored version's own hash says that nothing changed; any other one that something did.
    return replace(whole, hash=stored.hash if is_same else entry.hash)


def _told(entry: Entry) -> tuple[object, ...]:
    """What a reader would notice."""
    return entry.title, entry.url, entry.summary, entry.content


# -- what is taken away ----------------------------------------------------------------------------------------------


def _withdraw(connection: Connection, feed_id: int, ids: Collection[str], now: datetime) -> list[str]:
    """Record what a hub declares deleted; gives the ids of those that we knew and that were not gone before."""
    rows = entry_rows.known_entries(connection, feed_id, ids) if ids else {}
    words = (Alteration.WITHDRAWN, Alteration.RETURNED)
    last = change_rows.last_words(connection, [row.id for row in rows.values()], words)
    gone = {key: row for key, row in rows.items() if last.get(row.id) != Alteration.WITHDRAWN}
    added = [(row.id, str(Alteration.WITHDRAWN), row.title, "") for row in gone.values()]
    change_rows.add_changes(connection, added, now)
    return list(gone)
