"""Which entries of a document are new or changed, by our own hash of what a reader would notice.

Dates and ETags claim changes that are none, and hide some that are. An entry that is missing is not gone: it left the
window, or the document is a part (226).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from feeds.polled import Entry

#: An entry whose text differs at every poll (a counter, an advertisement) would be rewritten for ever; reader stops at
#: the same number. Another ``updated`` opens it again.
MOST_SILENT_UPDATES = 24


class KnownEntry(Struct, frozen=True, kw_only=True):
    """What is needed of a stored entry to tell whether another version came."""

    #: ``Entry.hash`` of the version that is stored now, not of any version ever seen: A, B, A are three versions.
    hash: str
    #: Updates in a row without another ``updated``.
    updates: int = 0
    #: As the stored version says; None when it does not.
    updated: datetime | None = None


class Changes(Struct, frozen=True, kw_only=True):
    """What one document brings. Entries are in the order of the document."""

    new: tuple[Entry, ...] = ()
    #: Each is to be stored with ``updates[entry.id]``.
    changed: tuple[Entry, ...] = ()
    unchanged: tuple[Entry, ...] = ()
    #: Other versions that are not stored, since the entry changed too often; among ``unchanged`` too.
    capped: tuple[str, ...] = ()
    #: ``KnownEntry.updates`` of the new and changed entries, by id.
    updates: Mapping[str, int]

    def __bool__(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.new or self.changed)


def plan_changes(known: Mapping[str, KnownEntry], entries: Sequence[Entry], *, now: datetime) -> Changes:
    """Compare a document's entries with the stored ones. Nothing is ever deleted.

    Args:
        known: The stored entries of this feed by id; those that the document may hold suffice.
        entries: Each id once.
        now: An ``updated`` in the future moves nothing on.
    """
    updates = {entry.id: _updates(known.get(entry.id), entry, now) for entry in entries}
    kept = {identity: count for identity, count in updates.items() if count is not None}
    return Changes(
        new=tuple(entry for entry in entries if entry.id not in known),
        changed=tuple(entry for entry in entries if entry.id in known and entry.id in kept),
        unchanged=tuple(entry for entry in entries if entry.id not in kept),
        capped=tuple(e.id for e in entries if e.id not in kept and known[e.id].hash != e.hash),
        updates=kept,
    )


def _updates(known: KnownEntry | None, entry: Entry, now: datetime) -> int | None:
    """Count the silent updates including this one; None when there is nothing to store."""
    if known is None:
        return 0
    if known.hash == entry.hash:
        return None
    if _has_moved_on(known, entry, now):
        return 0
    return known.updates + 1 if known.updates < MOST_SILENT_UPDATES else None


def _has_moved_on(known: KnownEntry, entry: Entry, now: datetime) -> bool:
    if entry.updated is None or entry.updated > now:
        return False
    return known.updated is None or entry.updated > known.updated
