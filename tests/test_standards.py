"""The lines of the feed standards, each a test over every golden case, since no validator sees most of them.

The W3C validator, and validators of JSON Feed and OPML, are run besides where they are at hand.
"""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat

import feedparser
import msgspec
import pytest
from lxml import etree
from msgspec.structs import replace

from feeds.model import CitedSource, Feed, Item, Person
from feeds.publish.opml import OpmlFeed, render_opml
from feeds.publish.render import FORMATS, render_feed, render_item

CASES = Path(__file__).parent / "data" / "render"
SITE = "https://example.org/"
PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "fh": "http://purl.org/syndication/history/1.0",
    "at": "http://purl.org/atompub/tombstones/1.0",
}
RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d:\d\d [+-]\d\d00"
)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
#: Absolute, ASCII, without a space or credentials: what links of ours may be.
URL = re.compile(r"https?://[a-z0-9.-]+(:\d+)?(/[!-~]*)?")
IRI = re.compile(r"(tag:[a-z0-9.-]+,\d{4}(-\d\d(-\d\d)?)?:|urn:uuid:|https?://)[!-~]+")
MIME = re.compile(r"[a-z]+/[a-z0-9.+-]+")
BCP47 = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
#: What the W3C validator knows, without those that it reserves for feeds.
ENTRY_RELS = {"alternate", "enclosure", "via", "related"}
PAGING = {"current", "first", "last", "next", "previous", "prev-archive", "next-archive"}


@dataclass(frozen=True)
class Case:
    """One golden case in one format."""

    name: str
    format_name: str
    feed: Feed
    items: list[Item]
    data: bytes

    @property
    def root(self) -> Any:
        """Parsed anew: tests may do with it what they like."""
        return etree.fromstring(self.data)

    @property
    def json(self) -> dict[str, Any]:
        """Parsed anew, as ``root``."""
        loaded: dict[str, Any] = json.loads(self.data)
        return loaded

    def all(self, path: str) -> list[Any]:
        """Elements at a path from the root."""
        return list(self.root.iterfind(path, PREFIXES))

    def texts(self, path: str) -> list[str]:
        """Their text."""
        return [element.text for element in self.all(path)]


@cache
def case(name: str, format_name: str) -> Case:
    filename = FORMATS[format_name].filename
    said = json.loads((CASES / name / "input.json").read_text("utf-8").replace("{filename}", filename))
    feed, items = msgspec.convert(said["feed"], Feed), msgspec.convert(said["items"], list[Item])
    data = render_feed(feed, [render_item(item, format_name) for item in items], format_name)
    return Case(name, format_name, feed, items, data)


NAMES = sorted(path.name for path in CASES.iterdir())


def each(*format_names: str) -> Callable[[Any], Any]:
    """Run a test on every case in these formats, as ``doc``."""
    cases = [pytest.param(name, kind, id=f"{name}-{kind}") for name in NAMES for kind in format_names]

    def decorate(function: Callable[..., None]) -> Any:
        def run(name: str, kind: str) -> None:
            function(case(name, kind))

        run.__name__, run.__doc__ = function.__name__, function.__doc__
        return pytest.mark.parametrize(("name", "kind"), cases)(run)

    return decorate


def moment(text: str) -> datetime:
    return parsedate_to_datetime(text) if "," in text else datetime.fromisoformat(text)


def seconds(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(microsecond=0)


def once(found: list[Any]) -> Any:
    assert len(found) == 1
    return found[0]


# --- 1. every XML document ---


@each("rss", "atom")
def test_a_document_starts_with_its_declaration(doc: Case) -> None:
    """XML 1.0: the very first bytes, no byte order mark, nothing before it."""
    assert doc.data.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<')
    doc.data.decode("utf-8")


@each("rss", "atom")
def test_a_document_is_well_formed_for_a_parser_that_is_not_ours(doc: Case) -> None:
    assert expat.ParserCreate(namespace_separator=" ").Parse(doc.data, True) == 1


@each("rss", "atom", "json")
def test_no_document_holds_a_character_that_readers_refuse(doc: Case) -> None:
    """XML 1.0 Char; C1 controls and U+FFFD are the marks of a broken encoding."""
    text = doc.data.decode()
    assert not re.search("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffd-\uffff]", text)
    if doc.format_name == "json":
        assert not re.search(r"\\u(00[0189]|d[89a-f]|fff[def])", text, re.IGNORECASE)


@each("rss", "atom")
def test_no_document_has_a_doctype_or_an_entity(doc: Case) -> None:
    assert not re.search(rb"<!(DOCTYPE|ENTITY)", doc.data)
    assert not re.search(rb"&(?!amp;|lt;|gt;|quot;|#x26;|#x3C;)", doc.data)


@each("rss", "atom")
def test_namespaces_are_exact_and_have_their_usual_prefixes(doc: Case) -> None:
    """Media RSS ends in a slash; an Atom document has Atom as its default and declares no atom: prefix."""
    declared = dict(doc.root.nsmap)
    assert declared.pop(None, None) == {"rss": None, "atom": PREFIXES["atom"]}[doc.format_name]
    assert declared.items() <= PREFIXES.items()
    assert ("atom" in declared) == (doc.format_name == "rss")
    assert doc.data.count(b"xmlns") == len(doc.root.nsmap)


@each("rss", "atom")
def test_no_document_uses_a_prefix_that_it_does_not_need(doc: Case) -> None:
    """The tombstones' namespace is unknown to the validator: only documents that have some declare it."""
    assert ("at" in doc.root.nsmap) == (doc.format_name == "atom" and bool(doc.feed.tombstones))
    assert ("fh" in doc.root.nsmap) == doc.feed.links.is_archive


@each("rss", "atom")
def test_ids_dates_and_addresses_have_no_space_around_them(doc: Case) -> None:
    exact = {"id", "guid", "link", "pubDate", "lastBuildDate", "updated", "published", "url", "uri", "icon", "docs"}
    for element in doc.root.iter():
        if etree.QName(element).localname in exact and element.text:
            assert element.text == element.text.strip()
        for name in ("href", "url", "scheme", "term", "ref", "when"):
            assert element.get(name, "") == element.get(name, "").strip()


def test_text_comes_through_a_feed_reader_unchanged() -> None:
    title = "泛型 List<T> 与“R&D”]]> 👩‍👩‍👧 𠮷　全角 'x' \"y\""
    doc = case("full", "rss")
    for format_name in ("rss", "atom"):
        changed = render_item(replace(doc.items[0], title=title), format_name)
        parsed = feedparser.parse(render_feed(doc.feed, [changed], format_name))
        assert not parsed.bozo
        assert parsed.entries[0].title == title


# --- 2. RSS 2.0 channel ---


@each("rss")
def test_a_channel_is_one_and_has_what_it_must_have_once(doc: Case) -> None:
    assert doc.root.get("version") == "2.0"
    channel = once(list(doc.root))
    for name in ("title", "link", "description", "language", "lastBuildDate", "ttl", "generator", "docs"):
        assert once(doc.texts(f"channel/{name}")).strip()
    assert channel.tag == "channel"


@each("rss")
def test_a_channel_links_to_its_page_not_to_a_feed_or_a_hub(doc: Case) -> None:
    """By default feedgen makes the last link added the channel's."""
    assert doc.texts("channel/link") == [doc.feed.home_url]


@each("rss", "atom")
def test_a_document_names_itself_once_with_its_type(doc: Case) -> None:
    path = {"rss": "channel/atom:link[@rel='self']", "atom": "atom:link[@rel='self']"}[doc.format_name]
    link = once(doc.all(path))
    assert link.get("href") == doc.feed.self_url
    assert link.get("type") == FORMATS[doc.format_name].media_type


@each("rss", "atom")
def test_a_document_names_its_hub_in_each_format(doc: Case) -> None:
    """By default feedgen writes no hub into RSS."""
    path = {"rss": "channel/atom:link[@rel='hub']", "atom": "atom:link[@rel='hub']"}[doc.format_name]
    assert [link.get("href") for link in doc.all(path)] == ([doc.feed.hub] if doc.feed.hub else [])


@each("rss", "atom")
def test_metadata_comes_before_the_first_item(doc: Case) -> None:
    parent = doc.root[0] if doc.format_name == "rss" else doc.root
    names = [etree.QName(child).localname for child in parent]
    first = min((names.index(name) for name in ("item", "entry") if name in names), default=len(names))
    assert set(names[first:]) <= {"item", "entry"}


@each("rss")
def test_a_channels_language_is_a_tag_with_a_hyphen(doc: Case) -> None:
    assert BCP47.fullmatch(once(doc.texts("channel/language")))


@each("rss")
def test_lastbuilddate_is_the_newest_change_not_the_clock(doc: Case) -> None:
    """By default feedgen stamps the time of the build."""
    assert moment(once(doc.texts("channel/lastBuildDate"))) == seconds(doc.feed.updated)


@each("rss")
def test_ttl_and_syndication_module_agree(doc: Case) -> None:
    minutes = {"hourly": 60, "daily": 1440, "weekly": 10080}
    assert once(doc.texts("channel/ttl")) == str(doc.feed.ttl)
    periods, frequencies = doc.texts("channel/sy:updatePeriod"), doc.texts("channel/sy:updateFrequency")
    assert len(periods) == len(frequencies) <= 1
    for period, frequency in zip(periods, frequencies, strict=True):
        assert minutes[period] / int(frequency) == doc.feed.ttl


@each("rss")
def test_a_channels_image_is_gif_jpeg_or_png_and_repeats_title_and_link(doc: Case) -> None:
    icon = doc.feed.icon or ""
    images = doc.all("channel/image")
    assert len(images) == icon.endswith((".png", ".jpg", ".jpeg", ".gif"))
    for image in images:
        said = {child.tag: child.text for child in image}
        assert said == {"url": icon, "title": doc.texts("channel/title")[0], "link": doc.feed.home_url}


@each("rss")
def test_a_channel_names_its_editor_in_one_way(doc: Case) -> None:
    """An e-mail address and a name, `user@host (Name)`, or a name without an address as dc:creator; never both."""
    editors, creators = doc.texts("channel/managingEditor"), doc.texts("channel/dc:creator")
    assert len(editors) + len(creators) == 1
    assert all(re.fullmatch(r"[^\s@]+@[^\s@]+ \([^()]+\)", editor) for editor in editors)


@each("rss")
def test_a_channel_has_nothing_that_nobody_serves(doc: Case) -> None:
    assert doc.texts("channel/docs") == ["https://www.rssboard.org/rss-specification"]
    assert not {"cloud", "textInput", "rating", "webMaster"} & {child.tag for child in doc.root[0]}


# --- 3. RSS 2.0 item ---


@each("rss")
def test_an_item_has_title_and_description_and_nothing_twice(doc: Case) -> None:
    for item in doc.all("channel/item"):
        tags = [child.tag for child in item]
        assert {"title", "link", "description", "guid", "pubDate"} <= set(tags)
        dc = PREFIXES["dc"]
        repeatable = {"category", f"{{{dc}}}creator", f"{{{dc}}}relation", f"{{{PREFIXES['atom']}}}link"}
        repeatable.add(f"{{{PREFIXES['media']}}}content")
        assert all(tags.count(tag) == 1 for tag in set(tags) - repeatable)


@each("rss")
def test_a_guid_is_the_items_id_and_no_permalink(doc: Case) -> None:
    guids = doc.all("channel/item/guid")
    assert [guid.text for guid in guids] == [item.id for item in doc.items]
    assert all(guid.get("isPermaLink") == "false" and IRI.fullmatch(guid.text) for guid in guids)
    assert len({guid.text for guid in guids}) == len(guids)


@each("rss")
def test_an_items_link_is_absolute_and_ascii(doc: Case) -> None:
    assert doc.texts("channel/item/link") == [item.url for item in doc.items]
    assert all(URL.fullmatch(link) for link in doc.texts("channel/item/link"))


@each("rss")
def test_description_comes_before_content(doc: Case) -> None:
    """The summary in description, everything in content:encoded; without a summary everything in description."""
    for element, item in zip(doc.all("channel/item"), doc.items, strict=True):
        tags = [child.tag for child in element]
        encoded = f"{{{PREFIXES['content']}}}encoded"
        assert (encoded in tags) == bool(item.summary)
        if encoded in tags:
            assert tags.index("description") < tags.index(encoded)


@each("rss")
def test_an_enclosure_is_one_and_complete_and_never_the_lead_image(doc: Case) -> None:
    """Podcast clients take every enclosure for an episode."""
    for element, item in zip(doc.all("channel/item"), doc.items, strict=True):
        enclosures = [dict(enclosure.attrib) for enclosure in element.iterfind("enclosure")]
        named = [{"url": e.url, "length": str(e.length or 0), "type": e.type} for e in item.enclosures]
        assert enclosures == named[:1]
        assert all(URL.fullmatch(e["url"]) and MIME.fullmatch(e["type"]) for e in enclosures)


@each("rss")
def test_a_recording_says_how_long_it_is(doc: Case) -> None:
    for element, item in zip(doc.all("channel/item"), doc.items, strict=True):
        durations = [str(enclosure.duration) for enclosure in item.enclosures[:1] if enclosure.duration]
        assert [duration.text for duration in element.iterfind("itunes:duration", PREFIXES)] == durations


@each("rss")
def test_a_source_element_names_a_feed_and_never_a_cited_page(doc: Case) -> None:
    """RSS's source names a feed from which the item is a copy."""
    for element, item in zip(doc.all("channel/item"), doc.items, strict=True):
        origin = item.origin
        found = [(source.get("url"), source.text) for source in element.iterfind("source")]
        assert found == ([(origin.url, origin.title or origin.url)] if origin else [])


@each("rss")
def test_an_item_names_its_authors_by_mail_or_by_creator(doc: Case) -> None:
    for item in doc.all("channel/item"):
        authors, creators = item.findall("author"), item.findall("dc:creator", PREFIXES)
        assert not (authors and creators)
        assert all(re.fullmatch(r"[^\s@]+@[^\s@]+ \([^()]+\)", author.text) for author in authors)


@each("rss")
def test_an_item_says_nothing_twice_in_other_words(doc: Case) -> None:
    tags = {child.tag for item in doc.all("channel/item") for child in item}
    assert not {f"{{{PREFIXES['dc']}}}{name}" for name in ("date", "subject")} & tags
    assert not {f"{{{PREFIXES['atom']}}}{name}" for name in ("id", "title", "content", "published")} & tags


@each("rss")
def test_an_item_says_when_it_was_changed(doc: Case) -> None:
    """RSS has no element for it; readers take atom:updated."""
    found = [moment(text) for text in doc.texts("channel/item/atom:updated")]
    assert found == [seconds(item.updated) for item in doc.items]


# --- 4. plain text and HTML ---


@each("rss")
def test_plain_text_in_rss_is_written_with_numeric_references(doc: Case) -> None:
    """The RSS Advisory Board's profile: `&#x26;` and `&#x3C;`, which readers that decode twice still show."""
    for name in (b"title", b"category", b"dc:creator", b"author"):
        for text in re.findall(rb"<%b(?: [^>]*)?>([^<]*)</" % name, doc.data):
            assert not re.search(rb"&(?!#x26;|#x3C;|gt;)", text)


@each("rss", "atom")
def test_html_is_escaped_exactly_once(doc: Case) -> None:
    paths = {"rss": ("channel/item/content:encoded", "channel/item/description"), "atom": ("atom:entry/atom:content",)}
    items = {"rss": doc.all("channel/item"), "atom": doc.all("atom:entry")}[doc.format_name]
    for element, item in zip(items, doc.items, strict=True):
        found = [element.findtext(path.split("/")[-1], None, PREFIXES) for path in paths[doc.format_name]]
        content = next(text for text in found if text)
        if item.html and item.html.isprintable():
            assert content == item.html
        else:
            assert content.startswith("<p>")


@each("rss", "atom")
def test_summaries_are_html_that_shows_the_summary(doc: Case) -> None:
    path = {"rss": "channel/item", "atom": "atom:entry"}[doc.format_name]
    name = {"rss": "description", "atom": "atom:summary"}[doc.format_name]
    for element, item in zip(doc.all(path), doc.items, strict=True):
        if item.summary and item.summary.isprintable():
            assert unescape(element.findtext(name, None, PREFIXES)) == item.summary


@each("atom")
def test_atom_says_what_is_html(doc: Case) -> None:
    assert {e.get("type") for e in doc.all("atom:entry/atom:content")} <= {"html"}
    assert {e.get("type") for e in doc.all("atom:entry/atom:summary")} <= {"html"}
    assert {e.get("type") for e in doc.all("atom:entry/atom:title")} <= {None}


# --- 5. dates and identifiers ---


@each("rss")
def test_rss_dates_are_rfc_822_with_a_numeric_zone_of_whole_hours(doc: Case) -> None:
    dates = doc.texts("channel/lastBuildDate") + doc.texts("channel/item/pubDate")
    assert all(RFC822.fullmatch(date) for date in dates)
    assert all(moment(date).strftime("%a, %d %b") == date[:11] for date in dates)


@each("atom", "json")
def test_atom_and_json_dates_are_rfc_3339(doc: Case) -> None:
    if doc.format_name == "json":
        dates = [item[key] for item in doc.json["items"] for key in ("date_published", "date_modified")]
    else:
        dates = [e.text for e in doc.root.iter(*(f"{{{PREFIXES['atom']}}}{n}" for n in ("updated", "published")))]
    assert all(RFC3339.fullmatch(date) for date in dates)


@pytest.mark.parametrize("name", NAMES)
def test_an_item_has_the_same_instants_in_all_formats(name: str) -> None:
    rss, atom, said = (case(name, format_name) for format_name in FORMATS)
    published = [[moment(text) for text in rss.texts("channel/item/pubDate")]]
    published += [[moment(text) for text in atom.texts("atom:entry/atom:published")]]
    published += [[moment(item["date_published"]) for item in said.json["items"]]]
    assert published == [[seconds(item.published or item.updated) for item in rss.items]] * 3
    updated = [[moment(text) for text in rss.texts("channel/item/atom:updated")]]
    updated += [[moment(text) for text in atom.texts("atom:entry/atom:updated")]]
    updated += [[moment(item["date_modified"]) for item in said.json["items"]]]
    assert updated == [[seconds(item.updated) for item in rss.items]] * 3


@each("atom")
def test_ids_are_absolute_and_a_feeds_differs_from_its_entries(doc: Case) -> None:
    ids = doc.texts("atom:id") + doc.texts("atom:entry/atom:id")
    assert all(IRI.fullmatch(ident) for ident in ids)
    assert len(set(ids)) == len(ids)
    assert ids == [doc.feed.id, *(item.id for item in doc.items)]


# --- 6. Atom feed, 7. Atom entry ---


@each("atom")
def test_a_feed_has_what_it_must_have_once(doc: Case) -> None:
    for name in ("id", "title", "updated", "author", "generator", "subtitle"):
        once(doc.all(f"atom:{name}"))
    assert len(doc.all("atom:icon")) <= 1
    assert once(doc.texts("atom:author/atom:name")) == doc.feed.author.name.replace("\x02", "")


@each("atom")
def test_a_feed_has_one_page(doc: Case) -> None:
    link = once(doc.all("atom:link[@rel='alternate']"))
    assert (link.get("href"), link.get("type")) == (doc.feed.home_url, "text/html")


@each("atom")
def test_a_feed_is_as_new_as_its_newest_entry(doc: Case) -> None:
    updated = moment(once(doc.texts("atom:updated")))
    assert updated == seconds(doc.feed.updated)
    assert all(moment(text) <= updated for text in doc.texts("atom:entry/atom:updated"))


@each("atom")
def test_languages_stand_on_the_feed_and_on_each_entry(doc: Case) -> None:
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert doc.root.get(lang) == doc.feed.language
    assert [entry.get(lang) for entry in doc.all("atom:entry")] == [item.language or None for item in doc.items]


@each("atom")
def test_an_icon_is_absolute(doc: Case) -> None:
    assert doc.texts("atom:icon") == ([doc.feed.icon] if doc.feed.icon else [])
    assert all(URL.fullmatch(icon) for icon in doc.texts("atom:icon"))


@each("atom")
def test_an_entry_has_what_it_must_have_once(doc: Case) -> None:
    for entry in doc.all("atom:entry"):
        for name in ("id", "title", "updated", "published", "content"):
            once(entry.findall(f"atom:{name}", PREFIXES))
        assert len(entry.findall("atom:summary", PREFIXES)) <= 1
        once(entry.findall("atom:link[@rel='alternate']", PREFIXES))


@each("atom")
def test_one_instant_has_one_spelling(doc: Case) -> None:
    """Whole seconds, although the validator warns of two entries with the same text (DuplicateUpdated)."""
    times = doc.texts("atom:entry/atom:updated")
    assert [moment(time).isoformat() for time in times] == times


@each("rss", "atom")
def test_categories_name_the_term_as_people_read_it_and_its_kind_once(doc: Case) -> None:
    """Many readers show Atom's term and know no label."""
    path = {"rss": "channel/item", "atom": "atom:entry"}[doc.format_name]
    for entry, item in zip(doc.all(path), doc.items, strict=True):
        if doc.format_name == "rss":
            found = [(c.get("domain"), c.text) for c in entry.iterfind("category")]
        else:
            found = [(c.get("scheme"), c.get("term")) for c in entry.iterfind("atom:category", PREFIXES)]
        assert found == [(category.scheme, category.term.replace("\x03", "")) for category in item.categories]
        assert len(set(found)) == len(found)
        assert all(URL.fullmatch(scheme) for scheme, _ in found)


@each("rss", "atom")
def test_links_are_complete_and_their_relations_known(doc: Case) -> None:
    """`canonical` and `cite-as` are not known to the validator; paging belongs to the feed."""
    path = {"rss": "channel/item/atom:link", "atom": "atom:entry/atom:link"}[doc.format_name]
    for link in doc.all(path):
        assert URL.fullmatch(link.get("href"))
        assert link.get("rel") in ENTRY_RELS
        assert (link.get("length") or "0").isdigit()
        assert BCP47.fullmatch(link.get("hreflang") or "zh")


@each("atom")
def test_an_entry_is_published_before_it_is_updated(doc: Case) -> None:
    for entry in doc.all("atom:entry"):
        published, updated = (entry.findtext(f"atom:{name}", None, PREFIXES) for name in ("published", "updated"))
        assert moment(published) <= moment(updated)


@each("atom")
def test_an_author_is_a_name_without_an_address_in_it(doc: Case) -> None:
    for author in doc.root.iter(f"{{{PREFIXES['atom']}}}author"):
        assert author.findtext("atom:name", None, PREFIXES).strip()
        assert "@" not in author.findtext("atom:name", None, PREFIXES)
        assert URL.fullmatch(author.findtext("atom:uri", "https://example.org/", PREFIXES))


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_copied_from_another_feed_names_it(name: str) -> None:
    """RFC 4287 §4.2.11: id, title, updated and links of that feed; the entry keeps its own id and has an author."""
    atom, said = case(name, "atom"), case(name, "json")
    for entry, one, item in zip(atom.all("atom:entry"), said.json["items"], atom.items, strict=True):
        sources, origin = entry.findall("atom:source", PREFIXES), item.origin
        assert len(sources) == bool(origin)
        assert ("source" in one.get("_feeds", {})) == bool(origin)
        if origin:
            title = origin.title or origin.url
            assert sources[0].findtext("atom:id", None, PREFIXES) == (origin.id or origin.url)
            assert sources[0].findtext("atom:title", None, PREFIXES) == title
            assert moment(sources[0].findtext("atom:updated", None, PREFIXES)) == seconds(item.updated)
            assert dict(once(sources[0].findall("atom:link", PREFIXES)).attrib) == {"rel": "self", "href": origin.url}
            assert one["_feeds"]["source"] == {"title": title, "url": origin.url}
            assert entry.findall("atom:author", PREFIXES)


# --- 8. links to cited sources ---


@pytest.mark.parametrize("name", NAMES)
def test_each_cited_page_is_a_link_in_each_format(name: str) -> None:
    """The same set, in the same order; `via` is what the item is about."""
    rss, atom, said = (case(name, format_name) for format_name in FORMATS)
    wanted = [[(c.rel, c.url) for c in item.citations if c.url] for item in rss.items]
    assert [cited(item) for item in rss.all("channel/item")] == wanted
    assert [cited(entry) for entry in atom.all("atom:entry")] == wanted
    listed = [item.get("_feeds", {}).get("citations", []) for item in said.json["items"]]
    assert [[c["url"] for c in one if "url" in c] for one in listed] == [[url for _, url in one] for one in wanted]
    firsts = [one[0][1] if one else None for one in wanted]
    assert [item.get("external_url") for item in said.json["items"]] == firsts


def cited(element: Any) -> list[tuple[str, str]]:
    links = element.iterfind("atom:link", PREFIXES)
    return [(link.get("rel"), link.get("href")) for link in links if link.get("rel") in ("via", "related")]


@pytest.mark.parametrize("name", NAMES)
def test_json_tells_all_that_is_known_of_a_source(name: str) -> None:
    """A source without a page is told too; nothing unknown is claimed."""
    doc = case(name, "json")
    for said, item in zip(doc.json["items"], doc.items, strict=True):
        listed = said.get("_feeds", {}).get("citations", [])
        assert [c["verified"] for c in listed] == [c.verified for c in item.citations]
        assert [c.get("published") for c in listed] == [c.published for c in item.citations]
        assert all(value != "" and value is not None for c in listed for value in c.values())


@pytest.mark.parametrize("name", NAMES)
def test_what_a_sources_feed_says_of_a_page_is_told_in_each_format(name: str) -> None:
    """Title, source, author, date and address of a verified page; in XML as dc:relation, since a link has no place."""
    rss, atom, said = (case(name, format_name) for format_name in FORMATS)
    wanted = [[" · ".join(filter(None, told(c))) for c in item.citations if c.verified] for item in rss.items]
    for parent, doc in (("channel/item", rss), ("atom:entry", atom)):
        assert [[e.text for e in one.iterfind("dc:relation", PREFIXES)] for one in doc.all(parent)] == wanted
    for one, item in zip(said.json["items"], rss.items, strict=True):
        listed = one.get("_feeds", {}).get("citations", [])
        assert [c.get("source") for c in listed] == [c.source for c in item.citations]
        assert [c.get("cited_title") for c in listed] == [c.cited_title for c in item.citations]
        assert [c.get("covered", False) for c in listed] == [c.covered for c in item.citations]
        assert all(c.get("covered", True) for c in listed)


def told(cited: CitedSource) -> tuple[str | None, ...]:
    return cited.title, cited.source, cited.author, cited.published, cited.url


@pytest.mark.parametrize("name", ["full", "met"])
def test_what_is_said_of_cited_pages_changes_nothing_that_a_reader_takes_for_the_items_own(name: str) -> None:
    """To feedparser, which looks at names alone, another author or date within an entry would be the entry's."""
    for doc in (case(name, "rss"), case(name, "atom")):
        for entry, item in zip(feedparser.parse(doc.data).entries, doc.items, strict=True):
            assert entry.published_parsed == seconds(item.published or item.updated).utctimetuple()
            assert entry.updated_parsed == seconds(item.updated).utctimetuple()
            authors = [author.name for author in entry.get("authors", []) if author.get("name")]
            assert authors == [author.name for author in item.authors]
            assert (entry.id, entry.link) == (item.id, item.url)


# --- 9. images ---


@pytest.mark.parametrize("name", NAMES)
def test_the_lead_image_is_the_same_in_all_formats(name: str) -> None:
    rss, atom, said = (case(name, format_name) for format_name in FORMATS)
    wanted = [(i.image.url, i.image.type, i.image.length) if i.image else None for i in rss.items]
    for items in (rss.all("channel/item"), atom.all("atom:entry")):
        thumbnails = [item.find("media:thumbnail", PREFIXES) for item in items]
        shown = [None if t is None else contents(item)[0] for t, item in zip(thumbnails, items, strict=True)]
        assert shown == wanted
        assert [None if t is None else t.get("url") for t in thumbnails] == [one and one[0] for one in wanted]
    assert [item.get("image") for item in said.json["items"]] == [one and one[0] for one in wanted]


@pytest.mark.parametrize("name", NAMES)
def test_atom_links_the_lead_image_where_its_type_and_length_are_known(name: str) -> None:
    doc = case(name, "atom")
    for entry, item in zip(doc.all("atom:entry"), doc.items, strict=True):
        linked = links(entry)[len(item.enclosures) :]
        known = item.image is not None and item.image.type.startswith("image/") and item.image.length
        assert linked == ([(item.image.url, item.image.type, item.image.length)] if item.image and known else [])


@pytest.mark.parametrize("name", NAMES)
def test_the_files_that_an_author_names_are_the_same_in_all_formats(name: str) -> None:
    """In the same order; RSS has one enclosure, and media:content for the others."""
    rss, atom, said = (case(name, format_name) for format_name in FORMATS)
    wanted = [[(e.url, e.type, e.length) for e in item.enclosures] for item in rss.items]
    for files, element, item in zip(wanted, rss.all("channel/item"), rss.items, strict=True):
        first = [(e.get("url"), e.get("type"), int(e.get("length")) or None) for e in element.iterfind("enclosure")]
        assert first + contents(element)[1 if item.image else 0 :] == files
    for files, element in zip(wanted, atom.all("atom:entry"), strict=True):
        assert links(element)[: len(files)] == files
    attached = [item.get("attachments", []) for item in said.json["items"]]
    assert [[(a["url"], a["mime_type"], a.get("size_in_bytes")) for a in one] for one in attached] == wanted
    durations = [[e.duration for e in item.enclosures] for item in rss.items]
    assert [[a.get("duration_in_seconds") for a in one] for one in attached] == durations
    titles = [[e.title for e in item.enclosures] for item in rss.items]
    assert [[a.get("title") for a in one] for one in attached] == titles


def contents(element: Any) -> list[tuple[str, str, int | None]]:
    return [described(content, "url", "fileSize") for content in element.iterfind("media:content", PREFIXES)]


def links(element: Any) -> list[tuple[str, str, int | None]]:
    found = element.iterfind("atom:link[@rel='enclosure']", PREFIXES)
    return [described(link, "href", "length") for link in found]


def described(element: Any, url: str, length: str) -> tuple[str, str, int | None]:
    size = element.get(length)
    return element.get(url), element.get("type"), int(size) if size else None


@each("rss", "atom")
def test_media_rss_is_complete(doc: Case) -> None:
    """A thumbnail beside the image; alternative text as plain text; no group of one; no size of zero."""
    assert not doc.all(".//media:group")
    path = {"rss": "channel/item", "atom": "atom:entry"}[doc.format_name]
    for element, item in zip(doc.all(path), doc.items, strict=True):
        media = element.findall("media:content", PREFIXES)
        assert [m.get("medium") for m in media[: bool(item.image)]] == ["image"] * bool(item.image)
        assert {m.get("medium") for m in media} <= {"audio", "document", "image", "video"}
        assert len(element.findall("media:thumbnail", PREFIXES)) == bool(item.image)
        sizes = [m.get(name) for m in media for name in ("fileSize", "width", "height", "duration")]
        assert all(int(size) > 0 for size in sizes if size is not None)
        assert {e.get("type") for m in media for e in m.iterfind("media:description", PREFIXES)} <= {"plain"}


# --- 10. paging and archiving, 11. tombstones ---


@each("rss", "atom")
def test_paging_links_stand_on_the_feed_and_name_its_neighbours(doc: Case) -> None:
    path = {"rss": "channel/atom:link", "atom": "atom:link"}[doc.format_name]
    links = doc.feed.links
    wanted = {"current": links.current, "prev-archive": links.prev_archive, "next-archive": links.next_archive}
    found = {link.get("rel"): link.get("href") for link in doc.all(path) if link.get("rel") in PAGING}
    assert found == {rel: href for rel, href in wanted.items() if href}


@each("rss", "atom")
def test_other_languages_are_named_once_each_with_type_title_and_language(doc: Case) -> None:
    """RFC 4287 §4.1.1: no two alternates of one feed with the same type and language."""
    path = {"rss": "channel/atom:link", "atom": "atom:link"}[doc.format_name]
    found = [link for link in doc.all(path) if link.get("hreflang")]
    assert [(link.get("hreflang"), link.get("href")) for link in found] == [
        (other.language, other.url) for other in doc.feed.alternates
    ]
    assert {(link.get("rel"), link.get("type")) for link in found} <= {
        ("alternate", f"application/{doc.format_name}+xml")
    }


@each("rss", "atom")
def test_archives_and_only_they_say_so(doc: Case) -> None:
    path = {"rss": "channel/fh:archive", "atom": "fh:archive"}[doc.format_name]
    assert len(doc.all(path)) == doc.feed.links.is_archive


@each("atom")
def test_withdrawn_items_leave_tombstones(doc: Case) -> None:
    found = [(e.get("ref"), moment(e.get("when"))) for e in doc.all("at:deleted-entry")]
    assert found == [(tombstone.ref, tombstone.when) for tombstone in doc.feed.tombstones]
    assert len(set(found)) == len(found)
    assert all(RFC3339.fullmatch(e.get("when")) for e in doc.all("at:deleted-entry"))
    assert not {ref for ref, _ in found} & {item.id for item in doc.items}


# --- 14. JSON Feed 1.1 ---


@each("json")
def test_a_json_feed_is_strict_json(doc: Case) -> None:
    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in members}) == len(members)
        return dict(members)

    assert not doc.data.startswith(b"\xef\xbb\xbf")
    loaded = json.loads(doc.data, object_pairs_hook=pairs, parse_constant=pytest.fail)
    assert next(iter(loaded.items())) == ("version", "https://jsonfeed.org/version/1.1")
    assert isinstance(loaded["items"], list)


@each("json")
def test_a_json_feed_says_where_it_is_and_what_it_is_about(doc: Case) -> None:
    said, feed = doc.json, doc.feed
    assert said["title"].strip()
    assert (said["home_page_url"], said["feed_url"], said["language"]) == (feed.home_url, feed.self_url, feed.language)
    assert said.get("icon") == said.get("favicon") == feed.icon
    assert said.get("hubs", []) == ([{"type": "WebSub", "url": feed.hub}] if feed.hub else [])
    assert said.get("next_url") == feed.links.prev_archive != feed.self_url
    assert once(said["authors"])["name"]


@each("json")
def test_a_json_item_is_complete(doc: Case) -> None:
    said = doc.json["items"]
    assert [(item["id"], item["url"]) for item in said] == [(item.id, item.url) for item in doc.items]
    assert len({item["id"] for item in said}) == len(said)
    for item in said:
        assert item["content_html"].strip()
        assert moment(item["date_modified"]) >= moment(item["date_published"])
        assert len(set(item.get("tags", []))) == len(item.get("tags", []))
        assert all(author["name"] for author in item.get("authors", []))
        assert "author" not in item


@each("json")
def test_extensions_are_objects_and_say_once_what_they_are(doc: Case) -> None:
    assert URL.fullmatch(doc.json["_feeds"]["about"])
    assert doc.data.count(b'"about"') == 1
    for key in objects_keys(doc.json):
        assert "." not in key
        assert not key.startswith("_") or key == "_feeds"


@each("json")
def test_nothing_is_null_or_empty(doc: Case) -> None:
    assert not re.search(r":(null|\"\"|\{\})[,}]", doc.data.decode())
    assert doc.data.count(b":[]") == (doc.data.endswith(b'"items":[]}'))


def objects_keys(value: Any) -> Iterator[str]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield from value if isinstance(value, dict) else ()
    for child in children:
        yield from objects_keys(child)


# --- 15. OPML 2.0 ---


def opml() -> bytes:
    groups = [
        ("标签 <a> & “b”", [
            OpmlFeed(title="智能体 <Agent>", xml_url=f"{SITE}tags/agent/rss.xml", html_url=f"{SITE}tags/agent/",
                     description="说明 & 更多", language="zh-CN"),
            OpmlFeed(title="重复", xml_url=f"{SITE}tags/agent/rss.xml"),
            OpmlFeed(title="没有\n网页", xml_url=f"{SITE}tags/b/atom.xml?a=1&b=2"),
        ]),
        ("空组", []),
        ("", [OpmlFeed(title="全站", xml_url=f"{SITE}rss.xml", html_url=SITE)]),
    ]  # fmt: skip
    owner = Person(name="编辑部", email="editor@example.org", url=SITE)
    return render_opml("订阅 & 列表", groups, modified=datetime(2025, 7, 5, 1, 2, 3, tzinfo=UTC), owner=owner)


def test_opml_has_one_head_then_one_body() -> None:
    root = etree.fromstring(opml())
    assert (root.tag, dict(root.attrib)) == ("opml", {"version": "2.0"})
    assert [child.tag for child in root] == ["head", "body"]
    assert {child.tag: child.text for child in root[0]} == {
        "title": "订阅 & 列表",
        "dateModified": "Sat, 05 Jul 2025 01:02:03 +0000",
        "ownerName": "编辑部",
        "ownerEmail": "editor@example.org",
        "ownerId": SITE,
        "docs": "http://opml.org/spec2.opml",
    }


def test_opml_outlines_are_groups_of_feeds() -> None:
    """Empty groups are left out, a feed stands once in a group, a nameless group's feeds stand at the top."""
    body = etree.fromstring(opml())[1]
    assert [outline.get("text") for outline in body] == ["标签 <a> & “b”", "全站"]
    assert [outline.get("text") for outline in body[0]] == ["智能体 <Agent>", "没有 网页"]
    for outline in body.iter("outline"):
        assert outline.get("text") == outline.get("title")
        assert (outline.get("type") == "rss") == (len(outline) == 0)
    for feed in body.iter("outline"):
        assert len(feed) or (feed.get("xmlUrl").startswith(SITE) and feed.get("htmlUrl").startswith(SITE))


def test_opml_is_the_same_for_the_same_input_and_knows_no_clock() -> None:
    assert opml() == opml()
    assert b"date" not in render_opml("x", [("g", [OpmlFeed(title="a", xml_url=f"{SITE}a.xml")])])


def test_opml_of_nothing_is_still_valid() -> None:
    body = etree.fromstring(render_opml("", []))[1]
    assert [outline.get("text") for outline in body] == ["No feeds yet"]


# --- 20. across formats ---


@pytest.mark.parametrize("name", NAMES)
def test_all_formats_list_the_same_items_in_the_same_order(name: str) -> None:
    rss, atom, said = (case(name, format_name) for format_name in FORMATS)
    ids = [item.id for item in rss.items]
    assert rss.texts("channel/item/guid") == atom.texts("atom:entry/atom:id") == ids
    assert [item["id"] for item in said.json["items"]] == ids
    titles = [item["title"] for item in said.json["items"]]
    assert rss.texts("channel/item/title") == atom.texts("atom:entry/atom:title") == titles


@pytest.mark.parametrize("name", NAMES)
def test_all_formats_say_the_language_of_each_item(name: str) -> None:
    rss, _, said = (case(name, format_name) for format_name in FORMATS)
    languages = [item.language for item in rss.items]
    assert [item.findtext("dc:language", "", PREFIXES) for item in rss.all("channel/item")] == languages
    assert [item.get("language", "") for item in said.json["items"]] == languages


@each("rss", "atom", "json")
def test_a_feed_without_items_is_a_valid_feed(doc: Case) -> None:
    empty = dataclasses.replace(doc, data=render_feed(doc.feed, [], doc.format_name))
    if doc.format_name == "json":
        assert empty.json["items"] == []
    else:
        parsed = feedparser.parse(empty.data)
        assert not parsed.bozo
        assert parsed.feed.title
        assert parsed.entries == []


# --- what the validators say ---


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every case in every format, at the path of its own URL."""
    folder = tmp_path_factory.mktemp("published")
    for name in NAMES:
        for format_name in FORMATS:
            doc = case(name, format_name)
            path = folder / urlsplit(doc.feed.self_url).path.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(doc.data)
    (folder / "feeds.opml").write_bytes(opml())
    return folder


def validate(tool: Path, *arguments: object) -> str:
    command = [sys.executable, tool, *arguments, "--max-warnings", "0"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, encoding="utf-8", check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_w3c_validator_finds_nothing(published: Path, shared: Path, feedvalidator: Path) -> None:
    """Let pass: two articles of one instant; tombstones (RFC 6721), unknown to it; what Apple's directory asks.

    The last is asked of every feed that says how long a recording is.
    """
    tool = shared / "tools" / "validate_feeds.py"
    site = (tool, feedvalidator, published, "--base-url", SITE, "--ignore")
    instants, podcasts = "DuplicateUpdated", "MissingItunesElement,MissingItunesEmail"
    assert validate(*site, instants, "--exclude", "*/sources/*", "--exclude", "*/radio/*") == ""
    assert validate(*site, f"{instants},UnknownNamespace", "--exclude", "*/radio/*") == ""
    assert validate(*site, f"{instants},{podcasts}", "--exclude", "*/sources/*") == ""


def test_the_json_feed_validator_finds_nothing(published: Path, shared: Path) -> None:
    """Let pass: a feed that is empty, one without an icon, and a title that speaks of markup."""
    passed = "EmptyFeed,MissingIcon,HTMLInPlainText"
    tool = shared / "tools" / "validate_jsonfeed.py"
    assert validate(tool, published, "--base-url", SITE, "--ignore", passed) == ""


def test_the_opml_validator_finds_nothing(published: Path, shared: Path) -> None:
    assert validate(shared / "tools" / "validate_opml.py", published, "--glob", "*.opml") == ""
