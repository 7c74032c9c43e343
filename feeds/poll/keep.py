"""Keep the entries of one document: new ones, other versions and what they alter, and what was taken out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Row

from feeds.poll.ask import Asked, Job
from feeds.polled import Entry, Failed, Fetched
from feeds.sources import window as windows
from feeds.sources.alterations import Alteration, Version, document_alterations
from feeds.sources.changes import Changes, KnownEntry, plan_changes
from feeds.sources.delta import Reading
from feeds.sources.entry_ids import digest
from feeds.sources.window import Placed, Window
from feeds.store import change_rows, entry_rows
from feeds.store.entry_rows import is_long, url_key_of
from feeds.store.schema import to_micros

#: Versions in a row without another ``updated`` from which on a text is one that changes by itself (advertisements,
#: programmes): what is edited more often is told of so often.
_MOST_EDITS = 3

_encoder = msgspec.json.Encoder()


class _Said(msgspec.Struct):
    """What is compared of a stored entry's own words."""

    summary: str = ""


_said_decoder = msgspec.json.Decoder(_Said)


def keep_entries(connection: Connection, feed_id: int, reading: Reading, now: datetime) -> Changes:
    """Store what a document brings."""
    entries = [_storable(entry) for entry in reading.feed.entries]
    rows = entry_rows.known_entries(connection, feed_id, {entry.id for entry in entries})
    # A half entry is better than none, and worse than the whole one that came before.
    entries = [entry for entry in entries if entry.id != reading.feed.cut or entry.id not in rows]
    known = {key: KnownEntry(hash=row.hash, updates=row.updates, updated=row.updated) for key, row in rows.items()}
    changes = plan_changes(known, entries, now=now)
    entry_rows.insert_entries(connection, [_new_row(feed_id, entry, now) for entry in changes.new])
    versions = [(entry, rows[entry.id]) for entry in changes.changed]
    _keep_alterations(connection, versions, reading.feed.count, now)
    entry_rows.keep_past(connection, [_past_row(row) for entry, row in versions if _is_renamed(entry, row)], now)
    entry_rows.update_entries(connection, [_version(entry, row, changes.updates, now) for entry, row in versions])
    return changes


def _new_row(feed_id: int, entry: Entry, now: datetime) -> tuple[Any, ...]:
    seen = to_micros(now)
    at = _date(entry.published or entry.updated, seen)
    return (
        feed_id,
        entry.id,
        entry.url,
        url_key_of(entry.url),
        entry.title,
        at,
        seen,
        seen,
        entry.hash,
        None if entry.updated is None else to_micros(entry.updated),
        0,
        _said(entry),
        entry.content,
    )


def _version(entry: Entry, row: Row[Any], updates: Mapping[str, int], now: datetime) -> tuple[Any, ...]:
    """Another version; what it is sorted by stays where a feed re-dates what it edits (a tenth of Wired's stories)."""
    return (
        entry.url,
        url_key_of(entry.url),
        entry.title,
        to_micros(row.at),
        to_micros(now),
        entry.hash,
        None if entry.updated is None else to_micros(entry.updated),
        updates[entry.id],
        _said(entry),
        entry.content,
        False,  # to be compared with the articles again
        row.id,
    )


def _past_row(row: Row[Any]) -> tuple[int, str, str | None, str | None]:
    return row.id, row.title, row.url, row.url_key


def _is_renamed(entry: Entry, row: Row[Any]) -> bool:
    return (entry.title, entry.url) != (row.title, row.url)


def _date(moment: datetime | None, otherwise: int) -> int:
    """Never later than when it was seen, so that nothing sorts into the future."""
    return otherwise if moment is None else min(to_micros(moment), otherwise)


def _storable(entry: Entry) -> Entry:
    """With an id that can be looked up, and is as much its own as before."""
    return replace(entry, id=f"{entry.id[:500]} {digest(entry.id)}") if is_long(entry.id) else entry


def _said(entry: Entry) -> str:
    return _encoder.encode(replace(entry, content="")).decode()


# -- what became of them ---------------------------------------------------------------------------------------------


def _keep_alterations(
    connection: Connection, versions: Sequence[tuple[Entry, Row[Any]]], count: int, now: datetime
) -> None:
    if not versions:
        return
    texts = entry_rows.texts(connection, [row.id for _, row in versions])
    pairs = [(_before(row, *texts[row.id]), _after(entry)) for entry, row in versions]
    found = document_alterations(pairs, count=count)
    rows = [
        (row.id, str(one.kind), one.before, one.after)
        for (_, row), alterations in zip(versions, found, strict=True)
        for one in alterations
        if one.kind is not Alteration.EDITED or row.updates < _MOST_EDITS
    ]
    change_rows.add_changes(connection, rows, now)


def _before(row: Row[Any], said: str, content: str) -> Version:
    return Version(title=row.title, url=row.url, summary=_said_decoder.decode(said).summary, content=content)


def _after(entry: Entry) -> Version:
    return Version(title=entry.title, url=entry.url, summary=entry.summary, content=entry.content)


def keep_window(connection: Connection, job: Job, asked: Asked) -> Window:
    """Record what was taken out of a feed and what came back; gives what is to be kept of the document.

    To be called when its entries are stored.
    """
    window, reading = job.window, asked.reading
    if isinstance(asked.outcome, Failed) or (reading is None and not window.missing):
        return window
    if reading is None:  # the document that we had
        return _look(connection, job.feed_id, window, window.order, asked.ended)
    stamp = windows.stamp(reading.ids)
    if stamp == window.stamp and not window.missing and not window.withdrawn:
        return window
    window = _come_back(connection, job.feed_id, window, reading.ids, asked.ended)
    if not reading.ids or not _is_whole(asked.outcome, reading):
        return window
    order = windows.pack([windows.mark(key) for key in reading.ids])
    return replace(_look(connection, job.feed_id, window, order, asked.ended), stamp=stamp)


def _is_whole(outcome: object, reading: Reading) -> bool:
    """Whether what it does not have is not there. What is broken may have lost any of its entries."""
    feed = reading.feed
    is_all = isinstance(outcome, Fetched) and not outcome.is_partial and feed.count == len(reading.ids)
    return is_all and not feed.cut and not feed.warning


def _come_back(connection: Connection, feed_id: int, window: Window, ids: Sequence[str], now: datetime) -> Window:
    """Entries that were missing or gone and are in the document."""
    here = set(ids) if window.missing or window.withdrawn else set()
    returned = [key for key in window.withdrawn if key in here]
    if returned:
        rows = entry_rows.known_entries(connection, feed_id, returned)
        _keep_words(connection, rows.values(), Alteration.RETURNED, now)
    return replace(
        window,
        missing={key: since for key, since in window.missing.items() if key not in here},
        withdrawn=tuple(key for key in window.withdrawn if key not in here),
    )


def _look(connection: Connection, feed_id: int, window: Window, order: str, now: datetime) -> Window:
    """Entries that are missing in a whole document: noted at first, withdrawn when they are still missing later."""
    marks = windows.unpack(order)
    out = windows.taken_out(windows.unpack(window.order), frozenset(marks)) if order != window.order else frozenset()
    window = replace(window, order=order)
    moment = to_micros(now)
    long_ago = to_micros(now - windows.LONG_ENOUGH)
    due = {key for key, since in window.missing.items() if since <= long_ago}
    if not out and not due:
        return window
    # What is missing is older than what is new, and newer than the oldest of the document.
    rows = {windows.mark(row.key): row for row in entry_rows.newest(connection, feed_id, 2 * len(marks) + 100)}
    placed = {one: Placed(row.key, row.title, row.url_key, row.at) for one, row in rows.items()}
    document = [placed[one] for one in marks if one in placed]
    is_sorted = windows.is_sorted(document)
    missed = {
        one.key: rows[at]
        for at, one in placed.items()
        if (at in out or one.key in due) and is_sorted and windows.is_missed(one, document)
    }
    gone = {key: row for key, row in missed.items() if key in due}
    _keep_words(connection, gone.values(), Alteration.WITHDRAWN, now)
    waiting = {key: since for key, since in window.missing.items() if key not in due}
    noted = {key: moment for key in missed if key not in due and key not in window.withdrawn}
    return replace(window, missing=noted | waiting, withdrawn=(*window.withdrawn, *gone)[-windows.MOST_WITHDRAWN :])


def _keep_words(connection: Connection, rows: Iterable[Row[Any]], kind: Alteration, now: datetime) -> None:
    """Each once, however often the same poll is recorded."""
    rows = list(rows)
    last = change_rows.last_words(connection, [row.id for row in rows], (Alteration.WITHDRAWN, Alteration.RETURNED))
    added = [
        (row.id, str(kind), row.title, "") if kind is Alteration.WITHDRAWN else (row.id, str(kind), "", row.title)
        for row in rows
        if last.get(row.id) != kind
    ]
    change_rows.add_changes(connection, added, now)
