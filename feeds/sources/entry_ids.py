"""Give each entry an id of its own, the same at every poll: the feed's, else its link's, else its words'. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b

from msgspec.structs import replace

from feeds.polled import Entry
from feeds.urls import canonical

#: An id is compared, indexed and stored; what is longer is cut, and a digest of the whole put behind it.
MAX_ID = 1_000
_NEVER = datetime.max.replace(tzinfo=UTC)


def digest(*texts: str) -> str:
    """Hash of texts, told apart by their lengths: 32 hexadecimal digits."""
    state = blake2b(digest_size=16)
    for text in texts:
        raw = text.encode("utf-8", "surrogatepass")
        state.update(b"%d:" % len(raw))
        state.update(raw)
    return state.hexdigest()


def identify(*, given: str, url: str | None, title: str, date: str, text: str) -> tuple[str, str]:
    """The id and where it is from: ``id`` byte for byte as given, else ``link``, else ``hash``.

    Args:
        given: The feed's own id; empty when it has none.
        url: The entry's link.
        title: With ``date`` it makes the hash.
        date: As written, so that a better reader of dates changes no id.
        text: Stands in for a missing date.
    """
    if given:
        return _bounded(given), "id"
    if url:
        return _bounded(canonical(url)), "link"
    return digest(title, date or text), "hash"


def _bounded(text: str) -> str:
    return text if len(text) <= MAX_ID else f"{text[:MAX_ID]} {digest(text)}"


def repair_ids(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Make ids unique within a document, in its order; idempotent.

    Of entries with one id, url and title only the first stays: the feed repeats it. Of different ones the oldest
    keeps the plain id, since it is the one that was stored under it when the others came; these get a blank and their
    url behind it, or a digest of their words where the url does not tell them apart. Which is which depends on the
    entries alone, not on their order.
    """
    entries = _without_repetitions(entries)
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.id].append(entry)
    if len(groups) == len(entries):
        return tuple(entries)
    repaired = {key: ids for group in groups.values() if len(group) > 1 for key, ids in _repaired(group).items()}
    return _unique([repaired.get(_key(entry), entry) for entry in entries])


def _key(entry: Entry) -> tuple[str, str | None, str]:
    return entry.id, entry.url, entry.title or entry.hash


def _without_repetitions(entries: Sequence[Entry]) -> list[Entry]:
    first: dict[tuple[str, str | None, str], Entry] = {}
    for entry in entries:
        first.setdefault(_key(entry), entry)
    return list(first.values())


def _repaired(group: list[Entry]) -> dict[tuple[str, str | None, str], Entry]:
    """New entries of one id, by the keys of the old; the oldest is not among them."""
    oldest = min(group, key=lambda entry: (entry.published or _NEVER, entry.url or "", entry.title, entry.hash))
    urls = Counter(entry.url for entry in group)
    return {
        _key(entry): replace(entry, id=f"{entry.id} {_suffix(entry, urls)}", id_from="repaired")
        for entry in group
        if entry is not oldest
    }


def _suffix(entry: Entry, urls: Counter[str | None]) -> str:
    if entry.url and urls[entry.url] == 1:
        return entry.url
    return digest(entry.title or entry.hash)


def _unique(entries: list[Entry]) -> tuple[Entry, ...]:
    """A repaired id can be one that another entry really has; then it is repaired once more."""
    taken = Counter(entry.id for entry in entries)
    result = []
    for entry in entries:
        new = entry
        while taken[new.id] > 1 and new.id_from == "repaired":
            taken[new.id] -= 1
            new = replace(new, id=f"{new.id} {digest(*map(str, _key(new)))}")
            taken[new.id] += 1
        result.append(new)
    return tuple(result)
