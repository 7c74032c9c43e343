"""Turn items and feeds into bytes: a table of formats, and the gate that every document passes before it is written.

Each item is rendered once per format and spliced into every feed that carries it, so ``render_item`` knows no feed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from xml.parsers import expat

from feeds.errors import PublishError
from feeds.model import Feed, Item
from feeds.publish import fit, jsonfeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format of a feed."""

    #: The word in sources.yaml: ``rss``, ``atom`` or ``json``.
    name: str
    #: What its documents are called, in the folder of their feed.
    filename: str
    #: What they are served as, and what links to them say.
    media_type: str
    #: What people read on a button.
    label: str
    #: One item; does not depend on the feed.
    render_item: Callable[[Item], bytes]
    #: One document, from rendered items in the order in which it lists them.
    render_feed: Callable[[Feed, Sequence[bytes]], bytes]
    #: What stands before and after one item in the smallest document of its own, to check the item alone.
    frame: Callable[[], tuple[bytes, bytes]]
    #: A document's item ids in order; raises one of _UNREADABLE when it is no document of this format.
    read_ids: Callable[[bytes], list[str]]


def _healed() -> ModuleType:
    """The room of feedgen and lxml, which cost 140 ms: entered only when there is something to render."""
    from feeds.publish import healed  # noqa: PLC0415 (see the docstring)

    return healed


def _read_xml_ids(data: bytes, root: str, item: str, ident: str) -> list[str]:
    """Parse with expat: a second opinion, since lxml wrote the document, and the faster one (0.1 ms for 30 KB).

    Elements are named ``namespace name``, or ``name`` alone, so that an undeclared prefix is an error.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    ids: list[str] = []

    def start_root(name: str, _: Mapping[str, str]) -> None:
        if name != root:
            raise ValueError(f"its root element is {name!r}, not {root!r}")
        parser.StartElementHandler = start

    def start(name: str, _: Mapping[str, str]) -> None:
        if name == item:
            ids.append("")
        elif name == ident and ids:
            parser.CharacterDataHandler, parser.EndElementHandler = collect, stop

    def collect(text: str) -> None:
        ids[-1] += text

    def stop(_: str) -> None:
        parser.CharacterDataHandler = parser.EndElementHandler = None

    def refuse(*_: object) -> None:
        raise ValueError("it has a DOCTYPE")

    parser.StartElementHandler, parser.StartDoctypeDeclHandler = start_root, refuse
    parser.Parse(data, True)
    return ids


#: What reading a document back can raise.
_UNREADABLE = (ValueError, TypeError, KeyError, expat.ExpatError)

_ATOM = "http://www.w3.org/2005/Atom"

_TABLE = (
    Format(
        name="rss",
        filename="rss.xml",
        media_type="application/rss+xml",
        label="RSS",
        render_item=lambda item: _healed().render_rss_item(item),
        render_feed=lambda feed, items: _healed().render_rss_feed(feed, items),
        frame=lambda: _healed().RSS_FRAME,
        read_ids=lambda data: _read_xml_ids(data, "rss", "item", "guid"),
    ),
    Format(
        name="atom",
        filename="atom.xml",
        media_type="application/atom+xml",
        label="Atom",
        render_item=lambda item: _healed().render_atom_item(item),
        render_feed=lambda feed, items: _healed().render_atom_feed(feed, items),
        frame=lambda: _healed().ATOM_FRAME,
        read_ids=lambda data: _read_xml_ids(data, f"{_ATOM} feed", f"{_ATOM} entry", f"{_ATOM} id"),
    ),
    Format(
        name="json",
        filename="feed.json",
        media_type=jsonfeed.MEDIA_TYPE,
        label="JSON Feed",
        render_item=jsonfeed.render_item,
        render_feed=jsonfeed.render_feed,
        frame=lambda: jsonfeed.FRAME,
        read_ids=jsonfeed.read_ids,
    ),
)

#: The formats by name, in the order in which pages list them.
FORMATS = {form.name: form for form in _TABLE}


def render_item(item: Item, format_name: str) -> bytes:
    """Render an item once for every feed that will carry it. Any text will do: what no feed may hold is left out."""
    return FORMATS[format_name].render_item(item)


def render_feed(feed: Feed, entries: Sequence[bytes], format_name: str) -> bytes:
    """Make the document of a feed from items that ``render_item`` rendered in the same format, in the order given."""
    return FORMATS[format_name].render_feed(feed, entries)


def check_item(item_fragments: Mapping[str, bytes]) -> None:
    """Parse an item's fragments (format name -> bytes) back: each is one item, and all have the same id.

    Raises:
        PublishError: One of them is not, which is a fault of ours; the item should be left out.
    """
    ids = {}
    for format_name, fragment in item_fragments.items():
        start, end = FORMATS[format_name].frame()
        found = _read_ids(start + fragment + end, format_name)
        if len(found) != 1 or not found[0]:
            raise _fault(format_name, f"it holds the items {found}, not one with an id")
        ids[format_name] = found[0]
    if len(set(ids.values())) > 1:
        raise _fault("item", f"its ids differ: {ids}")


def check_document(data: bytes, format_name: str, ids: Sequence[str]) -> None:
    """Parse a document back: it holds exactly the items with these ids, in this order.

    Raises:
        PublishError: It does not, which is a fault of ours; the last good document should stay.
    """
    found, wanted = _read_ids(data, format_name), [fit.one_line(ident) for ident in ids]
    if len(found) != len(wanted):
        raise _fault(format_name, f"it holds {len(found)} items, not {len(wanted)}")
    for place, (there, due) in enumerate(zip(found, wanted, strict=True), start=1):
        if there != due:
            raise _fault(format_name, f"its item {place} is {there!r}, not {due!r}")


def _read_ids(data: bytes, format_name: str) -> list[str]:
    try:
        return FORMATS[format_name].read_ids(data)
    except _UNREADABLE as error:
        raise _fault(format_name, f"it cannot be read back: {error}") from error


def _fault(which: str, why: str) -> PublishError:
    return PublishError(f"rendered document: {which}: {why} (a fault of feeds, please report it)")
