"""Find the bytes of each entry of an RSS or Atom document, and what stands around them. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator
from hashlib import sha256
from xml.parsers import expat

from msgspec import Struct

#: Larger documents are not taken apart (the largest of 1,275 real feeds has 2.7 MB, the second 1.9). It bounds what
#: expat takes for hostile ones: 45 bytes of memory for each byte of ``<a><a><a>``.
_MAX_BYTES = 2 << 20
#: Of a SHA-256, which is faster than BLAKE2 where the processor knows it: 96 bits. A collision would hide a change.
_DIGEST_BYTES = 12


class TakenApart(Struct, frozen=True, kw_only=True):
    """A document as its entries and the rest."""

    #: The document from its first byte that is not white space.
    body: bytes
    #: Where each entry begins and ends in ``body``.
    ranges: tuple[tuple[int, int], ...]
    #: The hash of each entry's bytes.
    digests: tuple[bytes, ...]
    #: Hash of the rest, without what is volatile: as long as it is the same, equal bytes are equal entries.
    context: str

    #: The first entry is read differently for what the feed says of itself, and so must come first and be read again
    #: when it does no more.
    is_first_special: bool

    @property
    def is_each_once(self) -> bool:
        """No two entries are equal byte for byte."""
        return len(set(self.digests)) == len(self.digests)

    def kept(self, known: Container[bytes]) -> list[bytes]:
        """The digests of the entries that stay when known ones are cut."""
        first = self.digests[:1] if self.is_first_special else ()
        return [digest for digest in self.digests if digest not in known or digest in first]

    def only(self, kept: Container[bytes]) -> bytes:
        """The document less all other entries."""
        cut = [place for place, digest in zip(self.ranges, self.digests, strict=True) if digest not in kept]
        return b"".join(_between(self.body, cut))


def take_apart(body: bytes, *, setting: str) -> TakenApart | None:
    """Take a document apart; None unless it is plain: well-formed XML in UTF-8, no DOCTYPE, entries side by side.

    Args:
        body: The document.
        setting: Whatever else an entry's reading depends on; a part of the context.
    """
    body = body.lstrip()
    if len(body) > _MAX_BYTES or body.startswith(_OTHER_ENCODINGS):
        return None
    places = _Places(body)
    try:
        places.find()
    except (expat.ExpatError, UnicodeError, _NotPlainError):
        return None
    if not places.entries:
        return None
    return TakenApart(
        body=body,
        ranges=tuple(places.entries),
        digests=tuple(_digests(places)),
        context=_context(places, setting),
        is_first_special=places.is_first_special,
    )


def _between(body: bytes, cut: list[tuple[int, int]]) -> Iterator[bytes]:
    """The pieces that remain. ``cut`` is in order."""
    position = 0
    for start, end in cut:
        yield body[position:start]
        position = end
    yield body[position:]


def _digests(places: _Places) -> Iterator[bytes]:
    for position, (start, end) in enumerate(places.entries):
        mark = b"first " if places.is_first_special and position == 0 else b""
        yield sha256(mark + places.body[start:end]).digest()[:_DIGEST_BYTES]


def _context(places: _Places, setting: str) -> str:
    rest = _between(places.body, sorted(places.entries + places.volatile))
    # XML holds no NUL, so nothing moves across the seams unseen; white space between entries comes and goes with them.
    pieces = [setting.encode(), str(places.entry_depth).encode(), *filter(None, map(bytes.strip, rest))]
    return sha256(b"\0".join(pieces)).hexdigest()[:32]


class _NotPlainError(Exception):
    """The document has something that makes entries depend on each other, or that we do not try to understand."""


#: UTF-16 and UTF-32, marked or not, whose reader does not ask what we tell expat.
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"\0", b"<\0")
#: What a document may call itself while its bytes are UTF-8, which is what it is then read as (charsets.py). A document
#: that is not UTF-8 might be without one of its entries, so it is not taken apart.
_HARMLESS_ENCODINGS = ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-", "windows-125")
_ENTRIES = frozenset({"item", "entry"})
#: ``/rdf/item`` and ``/feed/entry`` or ``/rss/channel/item``.
_ENTRY_DEPTHS = frozenset({2, 3})
#: What a feed says of itself that changes with each document and that no entry depends on: dates, and RDF's list of
#: the items that follow.
_VOLATILE = frozenset({"lastbuilddate", "pubdate", "updated", "modified", "date", "updatebase", "items"})
#: After a feed's own ``itunes:summary`` and ``description``, feedparser 6.0.14 takes the first entry for one that has
#: content already (``hasContent`` is reset where an entry ends), and puts its second text elsewhere.
_SPECIAL_BEFORE_FIRST = frozenset({"summary", "content", "encoded", "fullitem"})


class _Places:
    """Where the entries are, and where what is volatile around them.

    Inside an entry only the ends of elements are heard, which halves the cost. Names are ``namespace local``.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.entries: list[tuple[int, int]] = []
        #: Dates and comments outside of entries.
        self.volatile: list[tuple[int, int]] = []
        self.entry_depth = 0
        self.is_first_special = False
        self._entry_name = ""
        self._start = 0
        self._depth = 0
        #: Of the volatile element that is open; 0 when none is.
        self._volatile_depth = 0
        self._namespaces = _Namespaces()
        self._parser = expat.ParserCreate("utf-8", " ")

    def find(self) -> None:
        """Read the document once.

        Raises:
            _NotPlainError, expat.ExpatError: It cannot be taken apart.
        """
        parser = self._parser
        parser.XmlDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartNamespaceDeclHandler = self._declare_namespace
        self._listen_outside()
        try:
            parser.Parse(self.body, True)
        finally:
            del self._parser  # it and its handlers hold each other
        if self._depth:
            raise _NotPlainError  # an entry within an entry

    def _listen_outside(self) -> None:
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler = self._open, self._close
        parser.CommentHandler = self._pass_comment

    def _listen_inside(self) -> None:
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler = None, self._close_inside
        parser.CommentHandler = None

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if not (encoding or "utf-8").lower().startswith(_HARMLESS_ENCODINGS):
            raise _NotPlainError

    def _refuse(self, *_args: object) -> None:
        raise _NotPlainError

    def _declare_namespace(self, prefix: str | None, uri: str | None) -> None:
        if not self._namespaces.declare(prefix, uri, is_root=self._depth == 0):
            raise _NotPlainError

    def _open(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        local = name.rpartition(" ")[2].lower()
        if local in _ENTRIES and self._depth <= max(_ENTRY_DEPTHS):
            self._open_entry(name)
        elif local in _VOLATILE and self._depth in _ENTRY_DEPTHS and not self._volatile_depth:
            self._volatile_depth = self._depth
            self._start = self._parser.CurrentByteIndex
        elif local in _SPECIAL_BEFORE_FIRST:
            self.is_first_special = True

    def _open_entry(self, name: str) -> None:
        if self._depth not in _ENTRY_DEPTHS or self._volatile_depth:
            raise _NotPlainError
        if self.entries and (name, self._depth) != (self._entry_name, self.entry_depth):
            raise _NotPlainError  # feedparser might take one kind for entries and not the other
        self._entry_name, self.entry_depth = name, self._depth
        self._start = self._parser.CurrentByteIndex
        self._listen_inside()

    def _close_inside(self, name: str) -> None:
        if name == self._entry_name:
            end = self._end_of_tag()
            if end is None:
                raise _NotPlainError  # <item/>: nothing to be saved there
            self.entries.append((self._start, end))
            self._depth -= 1
            self._listen_outside()

    def _close(self, _name: str) -> None:
        if self._depth == self._volatile_depth:
            end = self._end_of_tag()
            self.volatile += [] if end is None else [(self._start, end)]
            self._volatile_depth = 0
        self._depth -= 1

    def _end_of_tag(self) -> int | None:
        """Behind the end tag that is being read; None for ``<item/>``, whose attributes may hold a ``>``."""
        index = self._parser.CurrentByteIndex
        return self.body.index(b">", index) + 1 if self.body.startswith(b"</", index) else None

    def _pass_comment(self, _text: str) -> None:
        if not self._volatile_depth:
            start = self._parser.CurrentByteIndex
            self.volatile.append((start, self.body.index(b"-->", start) + 3))


class _Namespaces:
    """feedparser keeps one table of namespaces for the whole document, so one entry's declarations reach the next.

    They do no harm as long as each prefix has one namespace and each namespace one prefix, wherever declared.
    """

    def __init__(self) -> None:
        self._of_root: set[str | None] = set()
        self._uris: dict[str, str | None] = {}
        self._prefixes: dict[str | None, str | None] = {}

    def declare(self, prefix: str | None, uri: str | None, *, is_root: bool) -> bool:
        """Whether the declaration agrees with all before. The root's hold everywhere: they agree by themselves."""
        if is_root:
            self._of_root.add(uri)
        if prefix is not None and self._uris.setdefault(prefix, uri) != uri:
            return False
        return uri in self._of_root or self._prefixes.setdefault(uri, prefix) == prefix
