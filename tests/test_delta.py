"""Reading what is new says the same as reading all."""

from __future__ import annotations

import random
import tarfile
import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.errors import ParseError
from feeds.polled import Entry, ParsedFeed
from feeds.sources.delta import MOST_SLICES, Known, Reading, dump, load, read_feed
from feeds.sources.parse import parse_feed
from feeds.sources.taken_apart import take_apart

URL = "https://example.org/feed"
NOW = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)

NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def rss(*items: str, head: str = "<title>Ours</title>", built: str = "Fri, 01 Aug 2025 10:00:00 GMT") -> bytes:
    """A document of these items."""
    between = "\n  ".join(items)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" {NAMESPACES}><channel>{head}'
        f"<lastBuildDate>{built}</lastBuildDate>\n  {between}\n</channel></rss>"
    ).encode()


def item(number: int, title: str = "", more: str = "") -> str:
    return (
        f"<item><title>{title or f'Entry {number}'}</title><link>https://example.org/{number}</link>"
        f'<guid isPermaLink="false">id-{number}</guid>{more}</item>'
    )


class Parser:
    """parse_feed, with what it was given."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def __call__(self, body: bytes) -> ParsedFeed:
        """Parse and note."""
        self.bodies.append(body)
        return parse_feed(body, url=URL, now=NOW)


def read(
    body: bytes,
    known: Known | None = None,
    *,
    now: datetime = NOW,
    shadow: bool = False,
    parse: Callable[[bytes], ParsedFeed] | None = None,
) -> Reading:
    return read_feed(body, url=URL, content_type="", now=now, known=known, shadow=shadow, parse=parse)


def titles(reading: Reading) -> list[str]:
    return [entry.title for entry in reading.feed.entries]


def test_the_first_document_of_a_feed_is_read_in_full() -> None:
    reading = read(rss(item(1), item(2)))
    assert not reading.is_delta
    assert titles(reading) == ["Entry 1", "Entry 2"]
    assert reading.known.last_full == NOW
    assert sorted(reading.known.slices.values()) == ["id-1", "id-2"]


def test_a_document_without_anything_new_is_not_parsed_at_all() -> None:
    known = read(rss(item(1), item(2))).known
    parser = Parser()
    reading = read(rss(item(2), item(1), built="Sat, 02 Aug 2025 10:00:00 GMT"), known, parse=parser)
    assert parser.bodies == []
    assert reading.is_delta
    assert reading.known is known
    assert (reading.feed.entries, reading.feed.count, reading.feed.title) == ((), 2, "Ours")


def test_only_the_new_entry_is_given_to_the_parser() -> None:
    known = read(rss(item(1), item(2), item(3))).known
    parser = Parser()
    reading = read(rss(item(4), item(1), item(2), item(3)), known, parse=parser)
    assert reading.is_delta
    assert titles(reading) == ["Entry 4"]
    assert reading.feed.count == 4
    assert len(parser.bodies) == 1
    assert b"Entry 4" in parser.bodies[0]
    assert b"Entry 2" not in parser.bodies[0]


def test_a_title_that_goes_back_to_what_it_was_is_read_again() -> None:
    """Known is the version that is stored now, not any version ever seen."""
    first, second = rss(item(1, "A"), item(2)), rss(item(1, "B"), item(2))
    reading = read(first)
    for body, title in ((second, "B"), (first, "A"), (second, "B")):
        reading = read(body, reading.known)
        assert reading.is_delta
        assert titles(reading) == [title]


def test_an_entry_that_comes_back_unchanged_is_not_read_again() -> None:
    known = read(rss(item(1), item(2), item(3))).known
    known = read(rss(item(4), item(2), item(3)), known).known
    assert titles(read(rss(item(1), item(4), item(5), item(2)), known)) == ["Entry 5"]


@pytest.mark.parametrize(
    "body",
    [
        rss(item(1), item(2), item(9), head="<title>Renamed</title>"),
        rss(item(1), item(2), item(9), head="<title>Ours</title><language>zh-CN</language>"),
        rss(item(1), item(2), item(9)).replace(b'version="2.0"', b'version="2.0" xml:base="https://example.com/"'),
        rss(item(1), item(2), item(9)).replace(b'version="2.0"', b'version="2.0" xml:lang="zh"'),
        rss(item(1), item(2), item(9)).replace(b"<channel>", b"<channel><image>").replace(b"</chan", b"</image></chan"),
    ],
)
def test_another_head_is_read_with_all_its_entries(body: bytes) -> None:
    reading = read(body, read(rss(item(1), item(2))).known)
    assert not reading.is_delta
    assert reading.feed == parse_feed(body, url=URL, now=NOW)


def test_the_address_and_the_parser_are_part_of_what_is_known() -> None:
    body = rss(item(1), item(2))
    known = read(body).known
    other = read_feed(body, url="https://example.com/", content_type="", now=NOW, known=known, shadow=False)
    assert not other.is_delta


@pytest.mark.parametrize(
    "head",
    [
        "<pubDate>{0}</pubDate>",
        "<!-- made in {0} ms --><title>Ours</title>",
        "<dc:date>2025-08-0{0}</dc:date><title>Ours</title>",
        "<atom:updated>2025-08-0{0}</atom:updated><pubDate/>",
    ],
)
def test_dates_and_comments_of_the_feed_do_not_count(head: str) -> None:
    known = read(rss(item(1), item(2), head=head.format(1))).known
    assert read(rss(item(3), item(1), item(2), head=head.format(2)), known).is_delta


def test_a_list_of_the_items_in_an_rdf_feed_does_not_count() -> None:
    def rdf(*numbers: int) -> bytes:
        base = "https://example.org/"
        listed = "".join(f'<rdf:li rdf:resource="{base}{n}"/>' for n in numbers)
        items = "".join(f'<item rdf:about="{base}{n}"><title>{n}</title><link>{base}{n}</link></item>' for n in numbers)
        return (
            '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            f"<channel><title>Ours</title><items><rdf:Seq>{listed}</rdf:Seq></items></channel>{items}</rdf:RDF>"
        ).encode()

    reading = read(rdf(3, 2, 1), read(rdf(2, 1)).known)
    assert reading.is_delta
    assert titles(reading) == ["3"]


TWICE = '<x:y xmlns:x="urn:a"/>', '<x:y xmlns:x="urn:b"/>'
NOT_PLAIN = {
    "a DOCTYPE": b'<!DOCTYPE rss [<!ENTITY a "b">]>' + rss(item(1), item(2)).partition(b"\n")[2],
    "UTF-16": rss(item(1), item(2)).decode().replace("utf-8", "utf-16").encode("utf-16"),
    "GB 18030": rss(item(1, "中文"), item(2)).decode().replace("utf-8", "gb18030").encode("gb18030"),
    "7-bit": rss(item(1, "中文"), item(2)).decode().replace("utf-8", "iso-2022-jp").encode("iso-2022-jp"),
    "windows-1252 that calls itself UTF-8": rss(item(1, "é"), item(2)).decode().encode("cp1252"),
    "broken XML": rss(item(1, "a & b"), item(2)),
    "an undeclared prefix": rss(item(1, more="<foo:bar/>"), item(2)),
    "an entry in an entry": rss(item(1, more=item(3)), item(2)),
    "an empty entry": rss(item(1), item(2), "<item/>"),
    "two kinds of entries": rss(item(1), item(2), "<atom:entry><atom:id>x</atom:id></atom:entry>"),
    "an entry twice": rss(item(1), item(1), item(2)),
    "an id twice": rss(item(1), item(1, "Other"), item(2)),
    "a prefix with two namespaces": rss(item(1, more=TWICE[0]), item(2, more=TWICE[1])),
    "a namespace with two prefixes": rss(item(1, more=TWICE[0]), item(2, more='<z:y xmlns:z="urn:a"/>')),
    "an entry as document": b'<entry xmlns="http://www.w3.org/2005/Atom"><id>a</id><title>b</title></entry>',
    "no entries": rss(),
    "JSON Feed": b'{"version": "https://jsonfeed.org/version/1.1", "title": "a", "items": [{"id": "1"}]}',
}


@pytest.mark.parametrize("body", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_is_not_plain_is_always_read_in_full(body: bytes) -> None:
    known = None
    for _ in range(3):
        reading = read(body, known)
        assert not reading.is_delta
        assert reading.feed == parse_feed(body, url=URL, now=NOW)
        known = reading.known


@pytest.mark.parametrize("body", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_a_plain_document_that_ceases_to_be_plain_is_read_in_full(body: bytes) -> None:
    reading = read(body, read(rss(item(1), item(2))).known)
    assert not reading.is_delta
    assert reading.feed == parse_feed(body, url=URL, now=NOW)


def test_a_new_entry_with_the_id_of_one_beside_it_is_read_with_all() -> None:
    reading = read(rss(item(1, "Other"), item(1), item(2)), read(rss(item(1), item(2))).known)
    assert not reading.is_delta
    assert len({entry.id for entry in reading.feed.entries}) == 3


def test_a_blank_line_before_the_declaration_does_no_harm() -> None:
    known = read(b"\n\n" + rss(item(1), item(2))).known
    assert read(b"\n\n" + rss(item(3), item(1), item(2)), known).is_delta


def test_a_byte_order_mark_does_no_harm() -> None:
    known = read(b"\xef\xbb\xbf" + rss(item(1, "中"), item(2))).known
    reading = read(b"\xef\xbb\xbf" + rss(item(3, "文"), item(1, "中"), item(2)), known)
    assert reading.is_delta
    assert titles(reading) == ["文"]


def test_an_entry_of_tomorrow_is_read_until_tomorrow_has_come() -> None:
    """A date that lies ahead is cut to the moment of reading, so the same bytes are another entry an hour later."""
    ahead = item(1, more="<pubDate>Sat, 02 Aug 2025 11:00:00 GMT</pubDate>")
    far = item(2, more="<pubDate>Mon, 01 Sep 2025 11:00:00 GMT</pubDate>")
    body = rss(ahead, far, item(3))
    known = None
    for hours in (0, 1, 24, 24 * 30, 24 * 40, 24 * 41):
        now = NOW + timedelta(hours=hours)
        reading = read(body, known, now=now)
        expected = parse_feed(body, url=URL, now=now).entries
        assert {entry.id: entry for entry in expected}.items() >= {e.id: e for e in reading.feed.entries}.items()
        known = reading.known
    assert reading.feed.entries == ()


def test_the_first_entry_of_a_podcast_is_read_again_when_it_is_the_first_no_more() -> None:
    """Feedparser reads it differently after a summary and a description of the feed."""
    head = "<title>P</title><itunes:summary>s</itunes:summary><description>d</description>"
    texts = "<description>One &amp; all.</description><itunes:summary>&lt;p&gt;Two&lt;/p&gt;</itunes:summary>"
    store: dict[str, Entry] = {}
    known = None
    for first in range(2, 8):
        body = rss(*(item(number, more=texts) for number in range(first, 0, -1)), head=head)
        reading = read(body, known)
        assert reading.is_delta == (first > 2)
        store.update((entry.id, entry) for entry in reading.feed.entries)
        assert store == {entry.id: entry for entry in parse_feed(body, url=URL, now=NOW).entries}
        known = reading.known


def test_a_document_that_is_no_feed_is_an_error_as_ever() -> None:
    with pytest.raises(ParseError):
        read(b"<html><body>Access denied</body></html>", read(rss(item(1), item(2))).known)


def test_reading_in_the_shadow_finds_nothing_in_a_sound_feed() -> None:
    known = read(rss(item(1), item(2))).known
    reading = read(rss(item(3), item(1), item(2)), known, shadow=True, now=NOW + timedelta(days=1))
    assert not reading.is_delta
    assert reading.difference == ""
    assert reading.known.is_trusted
    assert reading.known.last_full == NOW + timedelta(days=1)
    assert len(reading.feed.entries) == 3


def forged(parse: Callable[[bytes], ParsedFeed], body: bytes) -> ParsedFeed:
    """A parser to which an entry is another one when it stands alone."""
    feed = parse(body)
    if feed.count > 1:
        return feed
    return replace(feed, entries=tuple(replace(entry, summary="alone") for entry in feed.entries))


def stale(known: Known) -> Known:
    """As if another version of an entry had been stored."""
    return replace(known, marks={**known.marks, "id-1": "00000000"})


def swapped(known: Known) -> Known:
    """As if entries had been taken for each other."""
    one, other = known.slices
    return replace(known, slices={one: known.slices[other], other: known.slices[one]})


PARSE = partial(parse_feed, url=URL, now=NOW)


@pytest.mark.parametrize(
    ("known", "parse", "said"),
    [
        (stale(read(rss(item(1), item(2))).known), PARSE, "'id-1' differs"),
        (swapped(read(rss(item(1), item(2))).known), PARSE, "was taken for"),
        (read(rss(item(1), item(2))).known, partial(forged, PARSE), "'id-3' differs"),
    ],
    ids=["stale", "swapped", "alone"],
)
def test_a_difference_ends_the_trust_until_the_head_is_another(
    known: Known, parse: Callable[[bytes], ParsedFeed], said: str
) -> None:
    body = rss(item(3), item(1), item(2))
    reading = read(body, known, shadow=True, parse=parse)
    assert said in reading.difference
    assert not reading.known.is_trusted
    again = read(body, reading.known)
    assert (again.is_delta, again.known.is_trusted, again.difference) == (False, False, "")
    renamed = rss(item(3), item(1), item(2), head="<title>New</title>")
    reading = read(renamed, again.known)
    assert reading.known.is_trusted
    assert read(renamed, reading.known).is_delta


def test_a_document_that_cannot_be_taken_apart_restores_no_trust() -> None:
    known = Known(context="c", is_trusted=False)
    assert not read(NOT_PLAIN["a DOCTYPE"], known).known.is_trusted


def test_known_survives_the_store() -> None:
    known = read(
        rss(item(1), item(2), head="<title>Ours</title><ttl>60</ttl><skipHours><hour>3</hour></skipHours>")
    ).known
    assert load(dump(known)) == known
    assert known.head is not None
    assert known.head.hints.interval == timedelta(hours=1)


@pytest.mark.parametrize("blob", [None, b"", b"damaged", dump(Known())[:-3], zlib.compress(b"\x81\xa1a\x01\xc1")])
def test_what_cannot_be_loaded_is_not_known(blob: bytes | None) -> None:
    assert load(blob) is None


def test_what_is_kept_of_a_large_feed_is_bounded() -> None:
    slices = {number.to_bytes(12, "big"): f"https://example.org/{number}" for number in range(MOST_SLICES)}
    before = read(rss(item(1), item(2))).known
    known = replace(before, slices={**slices, **before.slices})
    after = read(rss(item(3), item(1), item(2)), known)
    assert after.is_delta
    assert sorted(after.known.slices.values()) == ["id-1", "id-2", "id-3"]
    hashes = random.Random(1)  # noqa: S311 (reproducible)
    full = {hashes.randbytes(12): f"https://example.org/{n}" for n in range(MOST_SLICES)}
    marks = {identity: hashes.randbytes(4).hex() for identity in full.values()}
    assert len(dump(replace(before, slices=full, marks=marks))) < 64 << 10


def test_a_document_of_unclosed_elements_is_given_up_at_once() -> None:
    assert take_apart(b"<a>" * 600_000, setting="") is None
    assert take_apart(rss(*[item(1)] * 20_000), setting="") is None


# What a document may hold, in all combinations.

FRAGMENTS = [
    "<description>Plain.</description>",
    "<description><![CDATA[<p>a</p> </item><item> ]]></description>",
    "<description>&lt;b&gt;b&lt;/b&gt; &#20013; &amp;amp;</description>",
    "<!-- </item> <item> -->",
    "<?php </item> ?>",
    "<content:encoded><![CDATA[<p>all</p>]]></content:encoded>",
    "<itunes:summary>short</itunes:summary>",
    "<dc:creator>Ann</dc:creator>",
    "<author>ann@example.org (Ann)</author>",
    '<category domain="a>b">c</category>',
    "<pubDate>Tue, 01 Jul 2025 17:46:26 +0000</pubDate>",
    '<source url="https://example.com/feed">Else</source>',
    '<media:group><media:title>t</media:title><media:content url="https://example.org/a.mp4"/></media:group>',
    '<atom:link rel="related" href="/b" xml:base="https://example.com/"/>',
    '<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="zh"><p>x</p></div>',
    '<x:y xmlns:x="urn:a">z</x:y>',
    '<x:y xmlns:x="urn:b">z</x:y>',
    '<title xmlns="urn:a">other</title>',
    "<image><url>https://example.org/i.png</url></image>",
    "<textInput><title>search</title></textInput>",
    "<atom:content type='xhtml'><svg xmlns='http://www.w3.org/2000/svg'><a/></svg></atom:content>",
    "<atom:author><atom:name>Bob</atom:name></atom:author>",
    "<language>de</language>",
    "<item><title>nested</title></item>",
    "<entry><title>nested</title></entry>",
    "<foo:bar/>",
    "&nbsp;",
    "</item><item>",
]
HEADS = [
    "<title>Ours</title>",
    "<description>d</description>",
    "<itunes:summary>s</itunes:summary>",
    "<language>en</language>",
    "<image><title>i</title><url>https://example.org/i.png</url></image>",
    "<textInput><title>t</title></textInput>",
    "<atom:link rel='self' href='https://example.org/feed'/>",
    "<item_list/>",
    "<ttl>5</ttl>",
]
TAGS = [("<item>", "</item>"), ("<item >", "</item\n>"), ("<item a='>'>", "</item>"), ("<ITEM>", "</ITEM>")]


@st.composite
def series(draw: st.DrawFn) -> list[bytes]:
    """Documents of one feed, each with some of the same entries in some order."""
    head = "".join(draw(st.lists(st.sampled_from(HEADS), max_size=4)))
    fragments = st.lists(st.sampled_from(FRAGMENTS[: draw(st.sampled_from([15, 23, len(FRAGMENTS)]))]), max_size=4)
    opening, closing = draw(st.sampled_from(TAGS))
    pool = [
        item(number, draw(st.sampled_from(["", "T"])), "".join(draw(fragments)))
        .replace("<item>", opening, 1)
        .removesuffix("</item>")
        + closing
        for number in draw(st.lists(st.integers(1, 6), min_size=2, max_size=8))
    ]
    documents = draw(st.lists(st.lists(st.sampled_from(pool), max_size=7, unique=True), min_size=2, max_size=5))
    return [rss(*items, head=head) for items in documents]


def replay(bodies: Iterable[bytes]) -> None:
    """After each document the store is what full parsing makes of it."""
    by_delta: dict[str, Entry] = {}
    by_full: dict[str, Entry] = {}
    known: Known | None = None
    for number, body in enumerate(bodies):
        now = NOW + timedelta(hours=number)
        try:
            full = parse_feed(body, url=URL, now=now)
        except ParseError:
            with pytest.raises(ParseError):
                read(body, known, now=now)
            continue
        shadow = read(body, known, now=now, shadow=True)
        assert shadow.difference == ""
        assert shadow.feed == full
        reading = read(body, known, now=now)
        assert reading.feed.count == full.count
        known = load(dump(reading.known))
        by_full.update((entry.id, entry) for entry in full.entries)
        by_delta.update((entry.id, entry) for entry in reading.feed.entries)
        assert by_delta == by_full


@settings(max_examples=70)
@given(series())
def test_the_store_is_that_of_full_parsing_after_each_document(bodies: list[bytes]) -> None:
    replay(bodies)


@settings(max_examples=60)
@given(series(), st.data())
def test_so_it_is_when_bytes_are_damaged_on_the_way(bodies: list[bytes], data: st.DataObject) -> None:
    damaged = bytearray(bodies[-1])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place : place + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from(
                [b"", b"<", b">", b"&", b"\xff", b"]]>", b"<!--", b"<![CDATA[", b"</item>", b"<item>", b"x"]
            )
        )
    replay([*bodies[:-1], bytes(damaged), bodies[-1]])


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_no_bytes_are_taken_apart_and_put_together_differently(body: bytes) -> None:
    apart = take_apart(rss(item(1)) + body, setting="")
    assert apart is None or apart.only(set(apart.digests)) == (rss(item(1)) + body).lstrip()


# Real feeds.


def feeds_in(folder: Path) -> list[Path]:
    """The XML files, without a few very large ones."""
    others = {".html", ".json", ".tsv", ".bin", ".gz"}
    return [path for path in sorted(folder.iterdir()) if path.suffix not in others and path.stat().st_size < 400_000]


@pytest.mark.slow
def test_each_entry_of_real_feeds_is_the_same_when_others_are_cut(shared: Path) -> None:
    """One entry, the last one, and a random third, of every feed."""
    chance = random.Random(7)  # noqa: S311 (reproducible)
    deltas = 0
    for path in feeds_in(shared / "data" / "feeds"):
        try:
            reading = read(path.read_bytes(), now=datetime(2027, 1, 1, tzinfo=UTC))
        except ParseError:
            continue
        slices = reading.known.slices
        digests = list(slices)
        sets = [digests[-1:], [chance.choice(digests)], [d for d in digests if chance.random() < 0.3]] if slices else []
        expected = {entry.id: entry for entry in reading.feed.entries}
        for kept in sets:
            known = replace(reading.known, slices={d: i for d, i in slices.items() if d not in kept})
            new = read(path.read_bytes(), known, now=datetime(2027, 1, 1, tzinfo=UTC))
            assert {entry.id: entry for entry in new.feed.entries}.items() <= expected.items(), path.name
            assert {slices[digest] for digest in kept} <= {entry.id for entry in new.feed.entries} or not kept
            deltas += new.is_delta
    assert deltas > 600  # or the fallbacks have swallowed the rule


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wired", "techcrunch"])
def test_the_store_is_that_of_full_parsing_after_each_snapshot_of_a_fortnight(shared: Path, name: str) -> None:
    (path,) = (shared / "data" / "sources").glob(f"{name}_series*.tar.gz")
    by_delta: dict[str, Entry] = {}
    by_full: dict[str, Entry] = {}
    known: Known | None = None
    parsed = total = 0
    with tarfile.open(path) as archive:
        for member in sorted(archive.getmembers(), key=lambda each: each.name):
            content = archive.extractfile(member)
            assert content is not None
            body = content.read()
            reading = read(body, known)
            known = reading.known
            by_delta.update((entry.id, entry) for entry in reading.feed.entries)
            by_full.update((entry.id, entry) for entry in parse_feed(body, url=URL, now=NOW).entries)
            assert by_delta == by_full
            parsed += len(reading.feed.entries)
            total += reading.feed.count
    assert parsed < total * {"wired": 0.1, "techcrunch": 0.35}[name]
