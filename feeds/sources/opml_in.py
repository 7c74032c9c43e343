"""Read OPML: the subscription list that another reader exported."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, lookup
from collections.abc import Iterable

from listparser.opml import OpmlMixin
from lxml import etree
from msgspec import Struct

from feeds.errors import ParseError
from feeds.sources.discover import Discovery, How
from feeds.urls import clean_url, host_of


class ListedFeed(Struct, frozen=True, kw_only=True):
    """One feed of the list."""

    #: Absolute http(s), ASCII.
    url: str
    #: One line; ``url`` when the list gives none.
    title: str
    #: The page that the feed is about; None when not said, or no http(s) address.
    site: str | None = None
    #: The groups that it stands in, from the outside in, joined by ``/``; empty at the top.
    group: str = ""


class OpmlList(Struct, frozen=True, kw_only=True):
    """A subscription list: what can be used, and what is wrong with the rest."""

    #: In the order of the list, each feed once.
    subscriptions: tuple[ListedFeed, ...]
    #: One sentence each.
    problems: tuple[str, ...] = ()


#: Lists of some thousands of feeds have 2 MB; beyond this a file is something else.
MOST_BYTES = 16 * 1024 * 1024
#: Readers have two or three levels; outlines deeper than this are left out, since each costs as much as all above it.
_DEEPEST = 50
#: Problems beyond these are counted, not told.
_MOST_TOLD = 100
_LONGEST_SHOWN = 120
#: Some readers write these for ``http:`` and before ``https:``.
_FEED_SCHEME = re.compile(r"feed:(?://(?=[^/])|(?=https?:))", re.IGNORECASE)
_CREDENTIALS = re.compile(r"[a-z]+://[^/?#]*@", re.IGNORECASE)


def read_opml(data: bytes) -> OpmlList:
    """Read a list of any version and most qualities; a group in a group becomes one, ``outer/inner``.

    Raises:
        ParseError: it is too large, or no OPML.
    """
    if len(data) > MOST_BYTES:
        raise ParseError(f"OPML: the file: is larger than {MOST_BYTES >> 20} MiB (split it)")
    reader = _Reader()
    # As HTML, as listparser does: real lists have bare ampersands and outlines without an end, and no entity of a DTD
    # is expanded.
    parser = etree.HTMLParser(target=reader, encoding="utf-8", recover=True, no_network=True, huge_tree=True)
    try:
        etree.fromstring(_decoded(data, reader).encode("utf-8", "replace"), parser)
    except Exception as error:  # whatever a stranger's file makes the libraries do
        raise ParseError(f"OPML: the file: cannot be read: {_shown(str(error))} (export it again)") from error
    if not reader.harvest.get("version"):
        raise ParseError("OPML: the file: holds no <opml> (export the subscriptions of your reader as OPML)")
    return OpmlList(subscriptions=tuple(reader.found.values()), problems=reader.told())


def discoveries_of(feeds: Iterable[ListedFeed]) -> list[Discovery]:
    """The feeds as sources; those with one title and one site are one source."""
    sources: dict[tuple[str, str | None], list[str]] = {}
    for feed in feeds:
        sources.setdefault((feed.title, feed.site), []).append(feed.url)
    return [
        Discovery(
            host=host_of(site or urls[0]),
            citations=0,
            name=title,
            site=site or "",
            feeds=tuple(urls),
            how=How.CONFIGURED,
            said="stands in a subscription list",
        )
        for (title, site), urls in sources.items()
    ]


class _Reader(OpmlMixin):
    """Walks the outlines with listparser, which keeps the groups, and takes from each what listparser drops."""

    def __init__(self) -> None:
        super().__init__()
        self.harvest.update(version="", feeds=[], lists=[], opportunities=[], meta={})
        self.found: dict[str, ListedFeed] = {}
        self.problems: list[str] = []
        self._untold = 0

    def start_opml_outline(self, attrs: dict[str, str]) -> None:
        """A feed, a group, or something else that is only noted."""
        if len(self.hierarchy) >= _DEEPEST:
            self.note(f"{_name_of(attrs)}: is more than {_DEEPEST} groups deep, and left out")
        elif "xmlurl" not in attrs and attrs.get("type", "").strip().lower() not in _NO_GROUPS:
            super().start_opml_outline(_without_noise(attrs))
            return
        else:
            self._take(attrs)
        self.hierarchy.append("")  # its end takes one off

    def _take(self, attrs: dict[str, str]) -> None:
        kind = attrs.get("type", "").strip().lower()
        written = attrs.get("xmlurl", "").strip()
        if kind in _LISTS:
            self.note(f"{_name_of(attrs)}: is another list, which was not read")
        elif not written:
            self.note(f"{_name_of(attrs)}: has no address of a feed")
        else:
            self._subscribe(attrs, _FEED_SCHEME.sub(_http, written))

    def _subscribe(self, attrs: dict[str, str], written: str) -> None:
        url = clean_url(written)
        if url is None:
            self.note(f"{_name_of(attrs)}: {_shown(written)} is no http(s) address")
        elif url in self.found:
            self.note(f"{_name_of(attrs)}: {_shown(url)} stands twice{_also_in(self.found[url].group, self._group())}")
        else:
            if _CREDENTIALS.match(written):
                self.note(f"{_name_of(attrs)}: the user name and password of its address were left out")
            site = clean_url(attrs.get("htmlurl", ""))
            self.found[url] = ListedFeed(url=url, title=_title(attrs) or url, site=site, group=self._group())

    def _group(self) -> str:
        return "/".join(_line(name) for name in self.hierarchy if name)

    def note(self, problem: str) -> None:
        """Keep one sentence for the person who imports."""
        if len(self.problems) < _MOST_TOLD:
            self.problems.append(problem)
        else:
            self._untold += 1

    def told(self) -> tuple[str, ...]:
        """All problems, those beyond the first hundred as a number."""
        rest = (f"and {self._untold} more",) if self._untold else ()
        return (*self.problems, *rest)


#: ``type`` of an outline that names another list (OPML 2.0 "inclusion"; "source" is Radio UserLand's).
_LISTS = frozenset({"include", "link", "source"})
#: ... and of one that is no group, whatever it lacks.
_NO_GROUPS = _LISTS | {"rss", "atom", "rss1", "feed"}


def _http(match: re.Match[str]) -> str:
    return "http://" if match[0].endswith("//") else ""


def _without_noise(attrs: dict[str, str]) -> dict[str, str]:
    """What makes a group: listparser would take an address of a page for an opportunity."""
    return {"text": _title(attrs)}


def _title(attrs: dict[str, str]) -> str:
    return _line(attrs.get("text", "")) or _line(attrs.get("title", ""))


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _shown(text: str) -> str:
    line = _CREDENTIALS.sub("//…@", _line(text[: 2 * _LONGEST_SHOWN]))
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"


def _name_of(attrs: dict[str, str]) -> str:
    return _shown(_title(attrs)) or "an outline without a title"


def _also_in(first: str, second: str) -> str:
    return "" if first == second else f', in "{_shown(first)}" and in "{_shown(second)}"; the first was taken'


# -- decoding --------------------------------------------------------------------------------------------------------

_BOMS = ((BOM_UTF8, "utf-8-sig"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})[\"']")
#: Python has codecs that are no charsets (punycode, idna, zlib ...); some are slow on purpose-made input.
_CHARSETS = re.compile(r"utf-8|ascii|iso8859-\d\d?|cp\d{3,4}|gb2312|gbk|gb18030|big5|shift_jis|euc_\w\w|koi8-[ru]")


def _decoded(data: bytes, reader: _Reader) -> str:
    charset = next((name for mark, name in _BOMS if data.startswith(mark)), "")
    text = data.decode(charset or _declared(data, reader), "replace").replace("\0", " ")
    if "\ufffd" in text and b"\xef\xbf\xbd" not in data:
        reader.note("the file: some characters are not in the encoding that it declares, and were replaced")
    return text


def _declared(data: bytes, reader: _Reader) -> str:
    found = _DECLARED.match(data)
    name = found[1].decode("ascii", "replace") if found else "utf-8"
    try:
        codec = lookup(name).name
    except LookupError:
        codec = ""
    if not _CHARSETS.fullmatch(codec):
        reader.note(f"the file: its encoding {name} is not known, so it was read as UTF-8")
        return "utf-8"
    return "gb18030" if codec.startswith("gb") else codec  # the superset of all three
