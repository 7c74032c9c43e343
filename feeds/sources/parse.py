"""Read a feed: bytes in, a ParsedFeed or a ParseError out, never anything else. The one place that calls feedparser.

feedparser keeps every entry of every format, but trusts its input and is not asked to clean it: its sanitiser lets 17
spellings of ``javascript:`` and markup in titles through, and costs more than half of its time.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime

import feedparser

from feeds.errors import ParseError
from feeds.polled import Entry, ParsedFeed
from feeds.sources.charsets import decode
from feeds.sources.clean import one_line, plain_text, web_url
from feeds.sources.drafts import MAX_LANGUAGE, MAX_TITLE, Draft, Surroundings, finish
from feeds.sources.entry_ids import repair_ids
from feeds.sources.feed_dates import parse_date
from feeds.sources.feed_hints import hints_of, hubs_of, page_of, self_of
from feeds.sources.json_feed import JsonFeed, is_json, read_json
from feeds.sources.prolog import prepare
from feeds.sources.xml_entries import OPAQUE_BASE, Node, draft_of, opaque_guids, text_of, written
from feeds.urls import host_of

#: The largest real feed has 599; of more the newest are kept.
MAX_ENTRIES = 2_000
_LONGEST_WARNING = 200
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def parse_feed(body: bytes, *, url: str, content_type: str = "", now: datetime) -> ParsedFeed:
    """Read an RSS, RDF, Atom, CDF or JSON feed.

    Broken XML is read as far as it goes, with a ``warning``. The same arguments give the same result, and an entry's
    result hangs on its own bytes and on what stands outside of entries, but for the repair of ids that are not unique.

    Args:
        body: The document, decompressed. Only ever data: nothing it names is opened.
        url: The address under which the feed is registered, not the one where a redirect led: the base of all others.
        content_type: HTTP's, as written; only its charset counts, and only for what is not UTF-8.
        now: No entry is later.

    Raises:
        ParseError: It is not a feed, or defeats us.
    """
    try:
        decoded = decode(body, content_type)
        read = _read_json if is_json(decoded.text) else _read_xml
        return read(decoded.text, decoded.warning, url, now)
    except ParseError as error:
        raise ParseError(f"feed: {_shown(url)}: {error}") from error
    except Exception as error:  # whatever strangers make our libraries raise, the poller goes on
        why = one_line(f"{type(error).__name__}: {error}", _LONGEST_WARNING)
        raise ParseError(f"feed: {_shown(url)}: it cannot be read, {why} (report it with the document)") from error


def _shown(url: str) -> str:
    """Without credentials, on one line."""
    return one_line(re.sub(r"//[^/?#]*@", "//", url), _LONGEST_WARNING)


# -- XML -------------------------------------------------------------------------------------------------------------


def _read_xml(text: str, warning: str, url: str, now: datetime) -> ParsedFeed:
    prepared = prepare(text)
    document = _parsed(prepared.text)
    version = text_of(document, "version")
    entries: list[Node] = document["entries"]
    rest = _cut_entry(prepared.text) if document.get("bozo") else ""
    if rest and not _is_recognisable(rest):
        entries = entries[:-1]
    if not version and not entries:
        raise ParseError(_why_no_feed(text))
    feed: Node = document["feed"]
    is_atom = version.startswith("atom")
    around = _surroundings(feed, _root_base(prepared.text, url), is_atom=is_atom, now=now)
    opaque = opaque_guids(prepared.text)
    drafts = [draft_of(entry, is_atom=is_atom, opaque=opaque) for entry in entries]
    if is_atom:
        _inherit_authors(drafts, feed)
    finished = _entries(drafts, around)
    return ParsedFeed(
        version="rss091n" if prepared.is_netscape else version,
        title=plain_text(written(feed, "title", is_atom=is_atom), MAX_TITLE),
        url=page_of(feed, around.base),
        language=around.language,
        hints=hints_of(feed, prepared.text),
        hubs=hubs_of(feed, url),
        self_url=self_of(feed, url),
        entries=finished,
        count=len(entries),
        cut=finished[-1].id if rest and finished and _is_recognisable(rest) else "",
        warning=_warning(warning, _what_is_broken(document, prepared.skipped), _too_many(entries)),
    )


def _parsed(text: str) -> Node:
    """Ask feedparser, and when it stumbles over broken markup once more for the elements that matter.

    An end tag without its start, a licence without an address, a reference to no character: it raises KeyError,
    TypeError, ValueError out of its handlers, and all entries of the document would be lost.
    """
    try:
        return _ask_feedparser(text)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, AssertionError) as error:
        kept = _UNIMPORTANT.sub("", _NO_NAMESPACE.sub("", text))
        document = _ask_feedparser(kept.replace("&#", "&amp;#").replace("://[", "://"))
        return document | {"bozo": True, "bozo_exception": f"only its main elements can be read ({error!r})"}


#: All tags but those of the elements that matter and that feedparser is safe with.
_UNIMPORTANT = re.compile(
    r"</?(?!(?:rss|rdf:RDF|feed|channel|item|entry|title|link|guid|id|description|summary|content|content:encoded"
    r"|pubDate|published|updated|dc:date|author|name|dc:creator|ttl|language)[\s/>])[A-Za-z_][^<>]*>",
    re.IGNORECASE,
)
#: A namespace with a blank in its name.
_NO_NAMESPACE = re.compile(r"\sxmlns(?::[\w.-]{1,50})?=([\"'])[^\"'<>\s]{0,300}\s[^\"'<>]{0,300}\1")


def _ask_feedparser(text: str) -> Node:
    """As a stream, since it opens bytes that name a file; as UTF-8, and told so."""
    document: Node = feedparser.parse(
        io.BytesIO(text.encode()),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": OPAQUE_BASE},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return document


_ENTRY_EDGE = re.compile(r"<(/?)(?:item|entry)(?=[\s/>])")


def _cut_entry(text: str) -> str:
    """What there is of the entry within which a document ends that was cut on its way; empty when it was not."""
    last = next(iter(deque(_ENTRY_EDGE.finditer(text), maxlen=1)), None)
    is_open = last is not None and not last[1] and not text.rstrip().endswith(("</rss>", "</feed>", "</rdf:RDF>"))
    return text[last.start() :] if last is not None and is_open else ""


def _is_recognisable(rest: str) -> bool:
    """Whether a cut entry has all that tells it from others; without, it would be taken for another one."""
    has_link = "</link>" in rest or re.search(r"<link\s[^<>]*>", rest) is not None
    return has_link and "</title>" in rest and ("</guid>" in rest or "</id>" in rest)


_HTML_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def _why_no_feed(text: str) -> str:
    if not text.strip():
        return "it is empty (try later)"
    if _HTML_PAGE.search(text[:2000]):
        return "it is an HTML page, not a feed (open it in a browser; the feed may have moved)"
    return "it is neither RSS, Atom nor JSON Feed (check the address)"


_ROOT_BASE = re.compile(r"<[A-Za-z][^<>]{0,4000}?\sxml:base\s?=\s?[\"']([^\"'<>]{1,1000})[\"']")


def _root_base(text: str, url: str) -> str:
    """The document's own base where its root names a relative one, which feedparser cannot resolve."""
    match = _ROOT_BASE.match(text)
    return (web_url(match[1], url) if match else None) or url


def _surroundings(feed: Node, url: str, *, is_atom: bool, now: datetime) -> Surroundings:
    """RSS has no rule for relative addresses: its site is where they lead somewhere."""
    language = one_line(text_of(feed, "language"), MAX_LANGUAGE)
    site = None if is_atom else web_url(text_of(feed, "link"))
    chinese = is_chinese(language, url, site or url)
    return Surroundings(base=site or url, now=now, language=language, chinese=chinese)


def is_chinese(language: str, *urls: str) -> bool:
    """By language, or by the country of a host when the language is not said."""
    if language:
        return language.lower().partition("-")[0] in {"zh", "cn", "chinese"}
    return any(host_of(url).endswith((".cn", ".tw", ".hk", ".mo")) for url in urls)


def _inherit_authors(drafts: Sequence[Draft], feed: Node) -> None:
    """RFC 4287 §4.2.1: an entry without an author has the feed's."""
    inherited = draft_of(feed, is_atom=True, opaque=frozenset()).authors
    for draft in drafts:
        if not any(any(author) for author in draft.authors):
            draft.authors = inherited


def _what_is_broken(document: Node, skipped: int) -> str:
    """The XML fault, by its line; feedparser puts one before ours. What it thinks of our headers is no fault."""
    error = document.get("bozo_exception") if document.get("bozo") else None
    if error is None:
        return ""
    line = getattr(error, "getLineNumber", lambda: None)()
    message = getattr(error, "getMessage", lambda: str(error))()
    return f"its XML is broken: {message}" + (f" in line {line - 1 + skipped}" if line else "")


# -- JSON ------------------------------------------------------------------------------------------------------------


def _read_json(text: str, warning: str, url: str, now: datetime) -> ParsedFeed:
    read: JsonFeed = read_json(text)
    language = one_line(read.language, MAX_LANGUAGE)
    site = web_url(read.home_page_url, url)
    around = Surroundings(base=url, now=now, language=language, chinese=is_chinese(language, url, site or url))
    return ParsedFeed(
        version=read.version,
        title=one_line(read.title, MAX_TITLE),
        url=site,
        language=language,
        hubs=tuple(hub for raw in read.hubs if (hub := web_url(raw, url)) is not None),
        self_url=web_url(read.feed_url, url),
        entries=_entries(read.drafts, around),
        count=len(read.drafts),
        warning=_warning(warning, read.warning, _too_many(read.drafts)),
    )


# -- both ------------------------------------------------------------------------------------------------------------


def _entries(drafts: Sequence[Draft], around: Surroundings) -> tuple[Entry, ...]:
    return repair_ids([finish(draft, around) for draft in _newest(drafts, around)])


def _newest(drafts: Sequence[Draft], around: Surroundings) -> Sequence[Draft]:
    """Those with the latest dates, in the document's order; those without a date count as oldest, the last first."""
    if len(drafts) <= MAX_ENTRIES:
        return drafts

    def age(position: int) -> datetime:
        raw = drafts[position].published or drafts[position].updated
        return parse_date(raw, now=around.now, chinese=around.chinese) or _LONG_AGO

    kept = sorted(range(len(drafts)), key=age, reverse=True)[:MAX_ENTRIES]
    return [drafts[position] for position in sorted(kept)]


def _too_many(entries: Sequence[object]) -> str:
    return f"it has {len(entries)} entries, the newest {MAX_ENTRIES} are read" if len(entries) > MAX_ENTRIES else ""


def _warning(*faults: str) -> str:
    return one_line("; ".join(filter(None, faults)), _LONGEST_WARNING)
