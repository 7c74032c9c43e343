"""Tell our hub which of our documents changed, some time after they did: nothing waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urlsplit

from msgspec import Struct, field

from feeds.sources.post import Posted, Posts
from feeds.store import websub_rows
from feeds.store.sql import Store
from feeds.store.websub_rows import PingRow

#: Parameter for several topics in one request, and how many of them, by the hub's host. Others are told of one at a
#: time: the Recommendation leaves it open how publishers speak to their hub, and one ``hub.url`` is what all read.
#: https://pubsubhubbub.appspot.com/ ("may be repeated"), https://documentation.superfeedr.com/publishers.html.
_SEVERAL = {"pubsubhubbub.appspot.com": ("hub.url", 50), "superfeedr.com": ("hub.url[]", 50)}
_ONE = ("hub.url", 1)

#: Requests to hubs in one go; what is left is due in the next one, a tick later.
MOST_REQUESTS = 40
#: Topics that are looked at in one go.
_MOST_TOPICS = 1_000
#: Who takes a topic has it for so long: all requests of one go, each at its longest.
_LEASE = timedelta(minutes=15)
#: 1 min after the first failure, doubled with each ...
_FIRST_PAUSE = timedelta(minutes=1)
#: ... up to this. Readers who poll have the news by then anyway.
_LONGEST_PAUSE = timedelta(hours=6)
#: A hub that would not hear of a document for so long will not; the document's next change tells it again.
GIVEN_UP_AFTER = timedelta(days=3)


class Pinged(Struct, kw_only=True):
    """What came of it."""

    #: Topics that their hub knows of now.
    told: list[str] = field(default_factory=list)
    #: (topic, why) that will be tried again.
    failed: list[tuple[str, str]] = field(default_factory=list)
    #: Topics that will not.
    given_up: list[str] = field(default_factory=list)
    requests: int = 0


def ping_due(store: Store, ask: Posts, now: datetime) -> Pinged:
    """Tell hubs of all that is due, as far as one go reaches. Raises StoreError; a hub's faults are values."""
    with store.snapshot() as connection:
        first = websub_rows.next_ping(connection)
    if first is None or first > now:
        return Pinged()
    with store.transaction() as connection:
        rows = websub_rows.claim_pings(connection, now=now, until=now + _LEASE, limit=_MOST_TOPICS)
    go = _Go(store, ask, now)
    # In between nothing is held: a hub may take its time.
    for hub, some in groupby(rows, key=lambda row: row.hub):
        go.tell(hub, list(some))
    return go.done


class _Go:
    def __init__(self, store: Store, ask: Posts, now: datetime) -> None:
        self._store = store
        self._ask = ask
        self._now = now
        self.done = Pinged()

    def tell(self, hub: str, rows: Sequence[PingRow]) -> None:
        """All topics of one hub. One that is not well is left alone with all of them."""
        waiting = list(_batches(hub, rows))
        while waiting and self.done.requests < MOST_REQUESTS:
            name, batch = waiting.pop(0)
            answer = self._post(hub, name, batch)
            if answer.is_accepted:
                self._finish(batch)
            elif answer.is_about_us and len(batch) > 1:
                # It does not like one of them, or several at once.
                waiting = [(_ONE[0], [row]) for row in batch] + waiting
            elif answer.is_about_us:
                self._delay(batch, answer)
            else:
                self._delay([*batch, *_rest(waiting)], answer)
                return
        # What one go does not reach is due at once.
        with self._store.transaction() as connection:
            websub_rows.delay_pings(connection, _rest(waiting), until=self._now, error="", is_tried=False)

    def _post(self, hub: str, name: str, batch: Sequence[PingRow]) -> Posted:
        self.done.requests += 1
        form = [("hub.mode", "publish"), *((name, row.topic) for row in batch)]
        # The owner of the site chose the hub, which may stand beside it.
        return self._ask.post(hub, form, allow_private=True, now=self._now)

    def _finish(self, batch: Sequence[PingRow]) -> None:
        with self._store.transaction() as connection:
            websub_rows.finish_pings(connection, batch, self._now)
        self.done.told += [row.topic for row in batch]

    def _delay(self, rows: Sequence[PingRow], answer: Posted) -> None:
        hopeless = {row.topic for row in rows if self._now - row.first_due >= GIVEN_UP_AFTER}
        with self._store.transaction() as connection:
            websub_rows.drop_pings(connection, hopeless)
            for row in rows:
                pause = max(_pause(row.attempts + 1), answer.retry_after or timedelta())
                websub_rows.delay_pings(
                    connection, [row], until=self._now + pause, error=answer.sentence, is_tried=True
                )
        self.done.given_up += sorted(hopeless)
        self.done.failed += [(row.topic, answer.sentence) for row in rows if row.topic not in hopeless]


def _batches(hub: str, rows: Sequence[PingRow]) -> Iterator[tuple[str, list[PingRow]]]:
    host = urlsplit(hub).hostname or ""
    name, size = next((how for end, how in _SEVERAL.items() if host == end or host.endswith(f".{end}")), _ONE)
    for start in range(0, len(rows), size):
        batch = list(rows[start : start + size])
        yield (name if len(batch) > 1 else _ONE[0]), batch


def _rest(waiting: Sequence[tuple[str, Sequence[PingRow]]]) -> list[PingRow]:
    return [row for _, batch in waiting for row in batch]


def _pause(attempts: int) -> timedelta:
    factor: int = 2 ** min(attempts - 1, 10)
    return min(_FIRST_PAUSE * factor, _LONGEST_PAUSE)
