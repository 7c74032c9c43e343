"""Turn items and feeds into bytes: a table of formats, and the gate that every document passes before it is written.

Each item is rendered once per format and spliced into every feed that carries it, so ``render_item`` knows no feed.
The page that people look at is one more row of the table: it is made on the same road and passes the same gate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from html import unescape
from types import ModuleType
from xml.parsers import expat

from msgspec import Struct

from feeds.errors import PublishError
from feeds.model import Feed, Item
from feeds.publish import fit, jsonfeed, page_items
from feeds.publish.head import Said, said_of
from feeds.publish.page_items import Around
from feeds.publish.select import FILENAMES, PAGE_NAME


class Format(Struct, frozen=True, kw_only=True):
    """One format of a feed."""

    #: The word in sources.yaml: ``rss``, ``atom`` or ``json``; ``page`` is what people look at.
    name: str
    #: What its documents are called, in the folder of their feed.
    filename: str
    #: What they are served as, and what links to them say.
    media_type: str
    #: What people read on a button.
    label: str
    #: One item, with ``said_of`` it; does not depend on the feed.
    render_item: Callable[[Item, Said], bytes]
    #: What stands before and after the items of a document.
    render_shell: Callable[[Feed, Around], tuple[bytes, bytes]]
    #: Likewise, proven to be a document without items; raises PublishError, which is a fault of ours.
    render_checked_shell: Callable[[Feed, Around], tuple[bytes, bytes]]
    #: Rendered items as they stand in one document, in the order in which it lists them.
    line_up: Callable[[Sequence[bytes]], Sequence[bytes]]
    #: What stands before and after one item in the smallest document of its own, to check the item alone.
    frame: Callable[[], tuple[bytes, bytes]]
    #: An item without its content, and the content as written; (item, b"") where it is not written as in other formats.
    set_content_aside: Callable[[bytes], tuple[bytes, bytes]]
    #: A document's item ids in order; raises one of _UNREADABLE when it is no document of this format.
    read_ids: Callable[[bytes], list[str]]


@cache
def _healed() -> ModuleType:
    """The room of feedgen and lxml, which cost 140 ms: entered only when there is something to render."""
    from feeds.publish import healed  # noqa: PLC0415 (see the docstring)

    return healed


_ATOM = "http://www.w3.org/2005/Atom"
#: What holds the id of the feed that an entry was copied from.
_SOURCE = f"{_ATOM} source"

#: Names of elements and attributes, shared by all parsers: saves a quarter of the time for a shell.
_INTERNED: dict[str, str] = {}


#: The one processing instruction that a document may have, at its beginning, where XML puts it.
_STYLED = re.compile(
    rb'(<\?xml version="1\.0" encoding="utf-8"\?>\n)<\?xml-stylesheet type="text/css" href="[^"<>&\s]*"\?>\n'
)


def _read_xml_ids(data: bytes, root: str, item: str, ident: str, *, own_ids: int) -> list[str]:
    """Parse with expat: a second opinion, since lxml wrote the elements, and the faster one (0.1 ms for 14 KB).

    Elements are named ``namespace name``, or ``name`` alone, so that an undeclared prefix is an error.
    """
    styled = _STYLED.match(data)
    if styled:
        data = styled[1] + data[styled.end() :]
    ended = _ended(data)
    if ended[-1] != root:
        raise ValueError(f"its root element is {ended[-1]!r}, not {root!r}")
    order = [name for name in ended if name in (ident, item, _SOURCE)]
    ids = [name for name in order if name == ident]
    end = b"</" + ident.rpartition(" ")[2].encode() + b">"
    texts = [text[text.rindex(b">") + 1 :] for text in data.split(end)[:-1]]
    if len(texts) != len(ids):
        raise ValueError(f"not every {end!r} ends an {ident!r}")
    if _SOURCE in order:
        order, texts = _without_sources(order, texts, ident)
    if order != [ident] * own_ids + [ident, item] * ended.count(item):
        raise ValueError(f"it has not one {ident!r} in each {item!r}")
    return [unescape(text.decode()) for text in texts[own_ids:]]


def _ended(data: bytes) -> list[str]:
    """The names of all elements in the order in which they end."""
    ended: list[str] = []
    parser = expat.ParserCreate(None, " ", _INTERNED)
    # In C: with a Python function for each element, a shell takes twice as long.
    parser.EndElementHandler = ended.append
    parser.StartDoctypeDeclHandler = parser.CommentHandler = _refuse
    parser.StartCdataSectionHandler = parser.ProcessingInstructionHandler = _refuse
    parser.Parse(data, True)
    return ended


#: How an item of a page begins.
_ARTICLE = re.compile(rb'<article data-id="([^"]*)"')


def _read_page_ids(data: bytes) -> list[str]:
    """Pages are written as XML would have them: no ``<`` stands in a text or a value there, so tags are found."""
    ended = _ended(data.removeprefix(page_items.START))
    ids = _ARTICLE.findall(data)
    if ended[-1] != "html" or ended.count("article") != len(ids) or ended.count("main") != 1:
        raise ValueError(f"it ends with {ended[-1]!r}, and not every article of it has an id")
    return [unescape(text.decode()) for text in ids]


def _without_sources(order: Sequence[str], texts: Iterable[bytes], ident: str) -> tuple[list[str], list[bytes]]:
    """Leave out the id in each atom:source: it is another feed's, and the last thing before the source ends."""
    pairs: list[tuple[str, bytes]] = []
    rest = iter(texts)
    for name in order:
        if name != _SOURCE:
            pairs.append((name, next(rest) if name == ident else b""))
        elif not pairs or pairs.pop()[0] != ident:
            raise ValueError(f"it has no {ident!r} in a {_SOURCE!r}")
    return [name for name, _ in pairs], [text for name, text in pairs if name == ident]


def _refuse(*_: object) -> None:
    raise ValueError("it has a DOCTYPE, a comment, a CDATA section or an instruction")


def _set_text_aside(entry: bytes, *tags: bytes) -> tuple[bytes, bytes]:
    """Cut out what follows the first of the tags that is there, up to the next tag."""
    for tag in tags:
        before, found, after = entry.partition(tag)
        if found:
            end = after.find(b"<")
            return before + found + after[end:], after[:end]
    return entry, b""


#: What stands around a document that stands alone.
_NOTHING = Around(root="./")


def _xml_shell(
    format_name: str, pieces: tuple[str, ...], texts: Sequence[str], around: Around = _NOTHING
) -> tuple[bytes, bytes]:
    end = FORMATS[format_name].frame()[1]
    whole: bytes = fit.write_marks(_healed().join_pieces(pieces, texts)).encode()
    return _styled(whole.removesuffix(end), around.style), end


def _rss_shell(feed: Feed) -> tuple[tuple[str, ...], Sequence[str]]:
    pieces, texts = _healed().rss_shell(feed)
    return pieces, texts


def _atom_shell(feed: Feed) -> tuple[tuple[str, ...], Sequence[str]]:
    pieces, texts = _healed().atom_shell(feed)
    return pieces, texts


def _styled(start: bytes, style: str) -> bytes:
    """Name the style sheet after the declaration (XML Style Sheets 1.0): browsers have dropped XSLT, and keep CSS."""
    if not style:
        return start
    declaration, line, rest = start.partition(b"\n")
    return (
        declaration
        + line
        + f'<?xml-stylesheet type="text/css" href="{fit.escape_attribute(style)}"?>\n'.encode()
        + rest
    )


def _checked_xml_shell(
    format_name: str, pieces: tuple[str, ...], texts: Sequence[str], around: Around = _NOTHING
) -> tuple[bytes, bytes]:
    """What feeds of one shape share is parsed once; texts without a bracket cannot change what it is.

    Parsing the shell of each of 18,600 feeds in two formats takes 0.02 ms each, and finds nothing else.
    """
    _check_pieces(format_name, pieces)
    in_attributes = "".join([text for piece, text in zip(pieces, texts, strict=False) if _opens_attribute(piece)])
    if '"' in in_attributes or not fit.is_inert(fit.write_marks("\n".join(texts))):
        raise _fault(format_name, f"a text of its shell is not escaped: {texts}")
    return _xml_shell(format_name, pieces, texts, around)


@lru_cache(maxsize=256)
def _check_pieces(format_name: str, pieces: tuple[str, ...]) -> None:
    # Quotes do no harm in an element and break an attribute, so each place is what it is taken for.
    texts = ["" if _opens_attribute(piece) else "\"'" for piece in pieces[:-1]]
    _checked_shell(format_name, _xml_shell(format_name, pieces, texts))


def _opens_attribute(piece: str) -> bool:
    return piece.endswith('"')


def _checked_shell(format_name: str, shell: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    found = _read_ids(b"".join(shell), format_name)
    if found:
        raise _fault(format_name, f"its shell holds {len(found)} items")
    return shell


#: What reading a document back can raise.
_UNREADABLE = (ValueError, TypeError, KeyError, expat.ExpatError)

_TABLE = (
    Format(
        name="rss",
        filename=FILENAMES["rss"],
        media_type="application/rss+xml",
        label="RSS",
        render_item=lambda item, both: _healed().render_rss_item(item, both),
        render_shell=lambda feed, around: _xml_shell("rss", *_rss_shell(feed), around),
        render_checked_shell=lambda feed, around: _checked_xml_shell("rss", *_rss_shell(feed), around),
        line_up=lambda items: items,
        frame=lambda: _healed().RSS_FRAME,
        set_content_aside=lambda item: _set_text_aside(item, b"<content:encoded>", b"<description>"),
        read_ids=lambda data: _read_xml_ids(data, "rss", "item", "guid", own_ids=0),
    ),
    Format(
        name="atom",
        filename=FILENAMES["atom"],
        media_type="application/atom+xml",
        label="Atom",
        render_item=lambda item, both: _healed().render_atom_item(item, both),
        render_shell=lambda feed, around: _xml_shell("atom", *_atom_shell(feed), around),
        render_checked_shell=lambda feed, around: _checked_xml_shell("atom", *_atom_shell(feed), around),
        line_up=lambda items: items,
        frame=lambda: _healed().ATOM_FRAME,
        set_content_aside=lambda item: _set_text_aside(item, b'<content type="html">'),
        read_ids=lambda data: _read_xml_ids(data, f"{_ATOM} feed", f"{_ATOM} entry", f"{_ATOM} id", own_ids=1),
    ),
    Format(
        name="json",
        filename=FILENAMES["json"],
        media_type=jsonfeed.MEDIA_TYPE,
        label="JSON Feed",
        render_item=lambda item, _: jsonfeed.render_item(item),
        render_shell=lambda feed, _: jsonfeed.render_shell(feed),
        render_checked_shell=lambda feed, _: _checked_shell("json", jsonfeed.render_shell(feed)),
        line_up=jsonfeed.line_up,
        frame=lambda: jsonfeed.FRAME,
        set_content_aside=lambda item: (item, b""),
        read_ids=jsonfeed.read_ids,
    ),
)

#: What people see of a feed; no format to subscribe to.
PAGE = Format(
    name=PAGE_NAME,
    filename=FILENAMES[PAGE_NAME],
    media_type="text/html",
    label="HTML",
    render_item=lambda item, _: page_items.render_item(item),
    render_shell=page_items.render_shell,
    render_checked_shell=lambda feed, around: _checked_shell("page", page_items.render_shell(feed, around)),
    line_up=lambda items: items,
    frame=lambda: (b"<html><main>", b"</main></html>"),
    set_content_aside=lambda item: (item, b""),
    read_ids=_read_page_ids,
)

#: The formats by name, in the order in which pages list them.
FORMATS = {form.name: form for form in _TABLE}
_ROWS = {**FORMATS, PAGE.name: PAGE}


def render_item(item: Item, format_name: str) -> bytes:
    """Render an item once for every feed that will carry it. Any text will do: what no feed may hold is left out."""
    return _ROWS[format_name].render_item(item, said_of(item))


def render_fragments(item: Item, format_names: Iterable[str]) -> dict[str, bytes]:
    """``render_item`` in several formats, which share what they say."""
    both = said_of(item)
    return {name: _ROWS[name].render_item(item, both) for name in format_names}


def render_feed(feed: Feed, entries: Sequence[bytes], format_name: str, *, around: Around = _NOTHING) -> bytes:
    """Make the document of a feed from items that ``render_item`` rendered in the same format, in the order given."""
    form = _ROWS[format_name]
    start, end = form.render_shell(feed, around)
    return b"".join((start, *form.line_up(entries), end))


def render_checked(feed: Feed, entries: Sequence[bytes], format_name: str, *, around: Around = _NOTHING) -> bytes:
    """``render_feed`` from items that passed ``check_item``: of the document, only its shell is checked.

    Raises:
        PublishError: The shell is not a document without items, which is a fault of ours.
    """
    form = _ROWS[format_name]
    start, end = form.render_checked_shell(feed, around)
    return b"".join((start, *form.line_up(entries), end))


def check_item(item_fragments: Mapping[str, bytes]) -> None:
    """Parse an item's fragments (format name -> bytes) back: each is one item, and all have the same id.

    The content is the same text in RSS and Atom and makes four fifths of them: it is parsed once (0.06 ms saved).

    Raises:
        PublishError: One of them is not, which is a fault of ours; the item should be left out.
    """
    ids = {}
    parsed = b""
    for format_name, fragment in item_fragments.items():
        form = _ROWS[format_name]
        start, end = form.frame()
        rest, text = form.set_content_aside(fragment)
        found = _read_ids(start + (rest if text == parsed else fragment) + end, format_name)
        if len(found) != 1 or not found[0]:
            raise _fault(format_name, f"it holds the items {found}, not one with an id")
        ids[format_name] = found[0]
        parsed = text or parsed
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
        return _ROWS[format_name].read_ids(data)
    except _UNREADABLE as error:
        raise _fault(format_name, f"it cannot be read back: {error}") from error


def _fault(which: str, why: str) -> PublishError:
    return PublishError(f"rendered document: {which}: {why} (a fault of feeds, please report it)")
