"""Read of a feed only what is new: feedparser gets the document less the bytes of the entries that are stored. Pure.

Nine in ten bytes of a poll have been read before. ``taken_apart.take_apart`` finds the bytes of each entry; those whose
hash is known are cut, and the rest, which has the same head, the same namespaces and the same parser, is parsed as if
it were the document. That holds as long as no entry depends on another one; every sign that one might leads to a full
parse, and so does whatever is unusual: a document that expat rejects, entries that repeat an id, another head.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from feeds.errors import ParseError
from feeds.polled import Entry, ParsedFeed
from feeds.sources.feed_dates import parse_date
from feeds.sources.revision import CONTEXT
from feeds.sources.taken_apart import TakenApart, take_apart

#: Reads a whole document: ``parse.parse_feed``, or the same in another process.
Parse = Callable[[bytes], ParsedFeed]


class Known(Struct, frozen=True, kw_only=True):
    """What the store keeps of one feed so that the next document need not be read in full."""

    #: Hash of all that an entry's reading depends on: the feed's own bytes, its URL, our parser's version. Empty when
    #: the document is to be read in full each time.
    context: str = ""
    #: Hash of an entry's bytes -> the entry's id. Of the version that is stored now, not of any version ever seen: a
    #: title that goes from A to B and back to A is read three times. At most ``MOST_SLICES``.
    slices: Mapping[bytes, str] = field(default_factory=dict)
    #: Id -> the beginning of its ``Entry.hash``, for ``shadow``.
    marks: Mapping[str, str] = field(default_factory=dict)
    #: The feed without its entries; None when there is no context.
    head: ParsedFeed | None = None
    #: When the document was last read in full.
    last_full: datetime | None = None
    #: False once a difference was found: full parses until the feed's head or our parser is another.
    is_trusted: bool = True


class Reading(Struct, frozen=True, kw_only=True):
    """What one document says."""

    #: Its ``entries`` are those that were parsed: new and changed ones when ``is_delta``, all of them otherwise.
    feed: ParsedFeed
    #: To be stored in one transaction with the entries; the very same object when nothing is new.
    known: Known
    #: Entries that were not parsed stand unchanged in the store.
    is_delta: bool
    #: The ids of all entries of the document, in its order, whether they were parsed or not.
    ids: tuple[str, ...] = ()
    #: Why the feed is read in full from now on; empty when all is well.
    difference: str = ""


#: Larger documents are read in full, as are documents of more entries: ``parse.py`` keeps the newest 2,000 only.
MOST_SLICES = 2_000
#: 32 bits find a difference as surely as 256: nobody wants to hide one.
_MARK_CHARS = 8
#: Of 2 MB of ids and hashes the first levels of zlib take as much off as the last.
_COMPRESSION = 1
#: A moment at which no date lies ahead. (``datetime.max`` leaves no room for what is added to it.)
_LAST = datetime(9000, 1, 1, tzinfo=UTC)


def read_feed(  # noqa: PLR0913 (the circumstances of one document)
    body: bytes,
    *,
    url: str,
    content_type: str,
    now: datetime,
    known: Known | None,
    shadow: bool,
    parse: Parse | None = None,
) -> Reading:
    """Read a document, in full or what is new of it.

    Args:
        body: The document, decoded (gzip, br ...).
        url: The feed's registered address: the base of relative ones.
        content_type: As the server said.
        now: Dates after it are not believed.
        known: What the last reading of this feed left; None at first sight.
        shadow: Read in full as well and compare: for a sample of polls, and at least once a day.
        parse: Reads a whole document; ``parse_feed`` here and now unless given. What it raises passes through.

    Raises:
        ParseError: The document is not a feed.
    """
    parse = parse or _parse_here(url, content_type, now)
    known = known or Known()
    # A document is taken apart here before it is parsed only if the feed has been parsed before, so that strangers'
    # documents are met first by the parser, which may run behind the limits of another process.
    setting = _setting(url)
    apart = take_apart(body, setting=setting) if known.context and known.is_trusted else None
    delta = _read_new(apart, known, parse, now) if apart is not None else None
    if delta is not None and not shadow:
        return delta
    feed = parse(body)
    apart = apart or take_apart(body, setting=setting)
    difference = _difference(delta, feed, apart, known)
    return Reading(
        feed=feed,
        known=_learn(feed, apart, known, now, difference),
        is_delta=False,
        ids=tuple(entry.id for entry in feed.entries),
        difference=difference,
    )


def _parse_here(url: str, content_type: str, now: datetime) -> Parse:
    from feeds.sources.parse import parse_feed  # noqa: PLC0415 (a parent of worker processes does without feedparser)

    return partial(parse_feed, url=url, content_type=content_type, now=now)


def _setting(url: str) -> str:
    """The content type is none of it: a document in UTF-8 is read as that whatever the server says."""
    return f"{CONTEXT} {url}"


def _read_new(apart: TakenApart, known: Known, parse: Parse, now: datetime) -> Reading | None:
    """Parse what is not known; None when that is all, or when it cannot be done apart from the rest."""
    if apart.context != known.context or known.head is None or not apart.is_each_once:
        return None
    count = len(apart.digests)
    if all(digest in known.slices for digest in apart.digests):
        ids = tuple(known.slices[digest] for digest in apart.digests)
        return Reading(feed=replace(known.head, count=count), known=known, is_delta=True, ids=ids)
    kept = apart.kept(known.slices)
    if len(kept) == count:
        return None
    try:
        feed = parse(apart.only(set(kept)))
    except ParseError:
        return None
    if not _is_sound(feed, len(kept)) or _head(feed) != known.head:
        return None
    entries = dict(zip(kept, feed.entries, strict=True))
    if _is_any_id_repeated(entries, apart, known):
        return None
    return Reading(
        feed=replace(feed, count=count),
        known=_with_new(known, apart, entries, now),
        is_delta=True,
        ids=tuple(entries[digest].id if digest in entries else known.slices[digest] for digest in apart.digests),
    )


def _is_sound(feed: ParsedFeed, slices: int) -> bool:
    """Each slice is one entry, and none got its id by looking at the others."""
    return (
        bool(feed.version)
        and feed.count == len(feed.entries) == slices
        and all(entry.id_from != "repaired" for entry in feed.entries)
    )


def _head(feed: ParsedFeed) -> ParsedFeed:
    """What the feed says of itself. Warnings may be about entries."""
    return replace(feed, entries=(), count=0, warning="")


def _is_any_id_repeated(entries: Mapping[bytes, Entry], apart: TakenApart, known: Known) -> bool:
    """Whether an entry that was parsed has the id of one that was cut."""
    cut = {known.slices[digest] for digest in apart.digests if digest not in entries}
    return any(entry.id in cut for entry in entries.values())


def _with_new(known: Known, apart: TakenApart, entries: Mapping[bytes, Entry], now: datetime) -> Known:
    """Put new versions in the place of old ones. Slices that left the document are kept: they often come back."""
    ids = {entry.id for entry in entries.values()}
    slices = {digest: identity for digest, identity in known.slices.items() if identity not in ids}
    slices |= _settled(entries, now)
    if len(slices) > MOST_SLICES:
        slices = {digest: slices[digest] for digest in apart.digests if digest in slices}
    marks = {**known.marks, **_marks(entries.values())}
    return replace(known, slices=slices, marks={identity: marks[identity] for identity in slices.values()})


def _settled(entries: Mapping[bytes, Entry], now: datetime) -> dict[bytes, str]:
    """The ids of those that will be read tomorrow as they are today: dates that lie ahead will not."""
    return {digest: entry.id for digest, entry in entries.items() if not _is_ahead(entry, now)}


def _is_ahead(entry: Entry, now: datetime) -> bool:
    """A date that is ahead is cut to ``now``, or is none until it comes nearer (feed_dates.py)."""
    dates = ((entry.published, entry.published_raw), (entry.updated, entry.updated_raw))
    return any(
        moment == now if moment else bool(raw) and parse_date(raw, now=_LAST) is not None for moment, raw in dates
    )


def _marks(entries: Iterable[Entry]) -> dict[str, str]:
    return {entry.id: entry.hash[:_MARK_CHARS] for entry in entries}


def _learn(feed: ParsedFeed, apart: TakenApart | None, known: Known, now: datetime, difference: str) -> Known:
    """What a full parse leaves for the next time."""
    context = apart.context if apart is not None else ""
    is_distrusted = bool(difference) or (not known.is_trusted and context in {known.context, ""})
    if is_distrusted:
        return Known(context=context or known.context, last_full=now, is_trusted=False)
    if apart is None or not apart.is_each_once or not _is_sound(feed, len(apart.digests)):
        return Known(last_full=now)
    slices = _settled(dict(zip(apart.digests, feed.entries, strict=True)), now)
    return Known(context=context, slices=slices, marks=_marks(feed.entries), head=_head(feed), last_full=now)


def _difference(delta: Reading | None, feed: ParsedFeed, apart: TakenApart | None, known: Known) -> str:
    """In what the store would differ had only the new entries been read; empty when in nothing."""
    if delta is None or apart is None:
        return ""
    if len(feed.entries) != len(apart.digests):
        return f"{len(feed.entries)} entries in {len(apart.digests)} slices"
    if _head(feed) != known.head:
        return "the feed's own fields differ"
    parsed = {entry.id: entry for entry in delta.feed.entries}
    for digest, entry in zip(apart.digests, feed.entries, strict=True):
        identity = delta.known.slices.get(digest, entry.id)
        if entry.id != identity:
            return f"entry {entry.id!r} was taken for {identity!r}"
        if parsed.get(identity, entry) != entry or not entry.hash.startswith(delta.known.marks.get(identity, "")):
            return f"entry {identity!r} differs"
    return ""


def dump(known: Known) -> bytes:
    """Known as a few bytes for the store: about 25 an entry beside its id."""
    return zlib.compress(msgspec.msgpack.encode(known), _COMPRESSION)


def load(blob: bytes | None) -> Known | None:
    """Known as it was dumped; None when there is none, or when it is another release's or damaged: it is no loss."""
    try:
        return msgspec.msgpack.decode(zlib.decompress(blob), type=Known) if blob else None
    except (zlib.error, msgspec.MsgspecError):
        return None
