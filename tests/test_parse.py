"""What a document of any kind becomes: pairs of files with one fact each, the promises of the door, hostile input."""

from __future__ import annotations

import io
import json
import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.errors import ParseError
from feeds.polled import Entry, ParsedFeed
from feeds.sources.parse import MAX_ENTRIES, parse_feed
from feeds.sources.revision import CONTEXT

PAIRS = Path(__file__).parent / "data" / "feeds"
DOCUMENTS = sorted(path for path in PAIRS.glob("*/*") if path.suffix != ".json")
URL = "https://tea.example/feeds/all.xml"
NOW = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)


def parse(body: bytes | str, **options: Any) -> ParsedFeed:
    return parse_feed(body.encode() if isinstance(body, str) else body, **{"url": URL, "now": NOW, **options})


def rss(*items: str) -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel><title>Tea</title>{inside}</channel></rss>'


def only(items: str) -> Entry:
    (entry,) = parse(rss(items)).entries
    return entry


def built(value: object) -> Any:
    """The values that it is made of."""
    return msgspec.to_builtins(value, builtin_types=(datetime, timedelta), order="deterministic")


def plain(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime) else value


def pick(value: Any, expected: Any) -> Any:
    """What of the value is expected: other keys may say what they like."""
    if isinstance(expected, dict) and isinstance(value, dict):
        return {key: pick(value[key], each) for key, each in expected.items()}
    if isinstance(expected, list) and isinstance(value, list) and len(value) == len(expected):
        return [pick(*pair) for pair in zip(value, expected, strict=True)]
    return value


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_document_says_what_stands_beside_it(path: Path) -> None:
    """PARSING 5-6, STANDARDS M3-M7: drop a pair in, and it is a test."""
    expected = json.loads(path.with_suffix(".json").read_text())
    options = {"content_type": expected.get("content_type", "")}
    if "error" in expected:
        with pytest.raises(ParseError) as caught:
            parse(path.read_bytes(), **options)
        assert str(caught.value).startswith(f"feed: {URL}: {expected['error']}")
    else:
        feed = plain(built(parse(path.read_bytes(), **options)))
        assert pick(feed, expected["feed"]) == expected["feed"]


# -- the door --------------------------------------------------------------------------------------------------------


def test_a_body_that_names_a_file_is_not_opened(tmp_path: Path) -> None:
    """PARSING 5.1: feedparser opens the file that bytes name."""
    secret = tmp_path / "secret.xml"
    secret.write_text(rss("<title>secret</title>"))
    with pytest.raises(ParseError, match="neither RSS"):
        parse(str(secret))


@pytest.mark.parametrize("body", ["https://127.0.0.1:9/feed.xml", "file:///etc/passwd", "/dev/zero"])
def test_a_body_that_is_an_address_is_not_asked(body: str) -> None:
    with pytest.raises(ParseError, match="neither RSS"):
        parse(body)


def test_an_error_is_one_line_without_credentials() -> None:
    with pytest.raises(ParseError) as caught:
        parse(b"", url="https://me:secret@tea.example/feed\n.xml")
    assert str(caught.value) == "feed: https://tea.example/feed .xml: it is empty (try later)"


def test_the_context_names_what_shapes_the_result() -> None:
    assert feedparser.__version__ in CONTEXT
    assert "nh3" in CONTEXT


def test_the_same_bytes_give_the_same_result() -> None:
    body = rss("<title>a</title>", "<title>b</title><guid>1</guid>")
    assert parse(body) == parse(body)


def test_no_warning_of_feedparser_gets_out() -> None:
    """Its ``updated`` falls back to ``published`` with a DeprecationWarning, an error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert only("<guid>1</guid><pubDate>Tue, 01 Jul 2025 10:00:00 GMT</pubDate>").updated is None


def test_an_entry_reads_the_same_alone_and_among_others() -> None:
    """The delta parser cuts known entries out of a document; only identity repair looks at all."""
    items = [
        "<title>a</title><guid>1</guid><description>&lt;b&gt;x&lt;/b&gt;</description>",
        "<guid isPermaLink='false'>https://tea.example/2</guid><link>https://tea.example/b</link><category>c</category>",
        "<title>c</title><author>x@tea.example (X)</author><pubDate>2025-07-01</pubDate>",
    ]
    together = parse(rss(*items)).entries
    assert together == tuple(only(item) for item in items)


def test_only_the_newest_entries_of_too_many_are_kept_in_their_order() -> None:
    days = [NOW - timedelta(days=day % 1000, minutes=day) for day in range(MAX_ENTRIES + 50)]
    items = [f"<guid isPermaLink='false'>{n}</guid><pubDate>{day.isoformat()}</pubDate>" for n, day in enumerate(days)]
    feed = parse(rss(*items))
    newest = sorted(range(len(days)), key=days.__getitem__, reverse=True)[:MAX_ENTRIES]
    assert feed.count == MAX_ENTRIES + 50
    assert [int(entry.id) for entry in feed.entries] == sorted(newest)
    assert "2050 entries" in feed.warning


def test_too_many_entries_without_dates_keep_the_first() -> None:
    feed = parse(rss(*(f"<guid isPermaLink='false'>{n}</guid>" for n in range(MAX_ENTRIES + 1))))
    assert [entry.id for entry in feed.entries] == [str(n) for n in range(MAX_ENTRIES)]


# -- what is noticed -------------------------------------------------------------------------------------------------

BASE = "<title>Tea</title><link>https://tea.example/a</link><guid>1</guid>"
TEXT = '<description>&lt;p&gt;Some words &lt;a href="/b?utm_source=x"&gt;here&lt;/a&gt;&lt;/p&gt;</description>'


@pytest.mark.parametrize(
    "other",
    [
        BASE + TEXT.replace("Some words", "Some \n  words"),
        BASE + TEXT.replace("utm_source=x", "utm_source=y"),
        BASE + TEXT.replace("&lt;p&gt;", "&lt;div&gt;"),
        BASE.replace("/a<", "/a?utm_source=rss<") + TEXT,
        BASE + TEXT + "<pubDate>Tue, 01 Jul 2025 10:00:00 GMT</pubDate>",
    ],
)
def test_the_hash_overlooks_what_nobody_notices(other: str) -> None:
    assert only(BASE + TEXT).hash == only(other).hash


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace("Tea", "Cup") + TEXT,
        BASE.replace("/a<", "/b<") + TEXT,
        BASE + TEXT.replace("Some", "Other"),
        BASE + TEXT.replace("Some", "&lt;img src='/p.png'&gt;Some"),
        BASE + TEXT + "<enclosure url='https://tea.example/1.mp3'/>",
    ],
)
def test_the_hash_tells_what_a_reader_notices(other: str) -> None:
    assert only(BASE + TEXT).hash != only(other).hash


def test_the_hash_sees_all_words_though_the_summary_is_cut() -> None:
    words = "tea " * 3000
    first, second = (only(f"<guid>1</guid><description>{words}{end}</description>") for end in ("a", "b"))
    assert first.summary == second.summary
    assert first.hash != second.hash


def test_long_fields_are_cut() -> None:
    names = "".join(f"<category>c{n}</category><enclosure url='https://tea.example/{n}'/>" for n in range(300))
    entry = only(
        f"<title>{'t' * 5000}</title><guid>{'g' * 5000}</guid><description>{'word ' * 200_000}</description>{names}"
    )
    assert len(entry.title) == 1000
    assert len(entry.id) < 1100
    assert len(entry.summary) <= 5000
    assert len(entry.content) <= 500_000
    assert len(entry.categories) == 50
    assert len(entry.enclosures) == 50


# -- hostile input ---------------------------------------------------------------------------------------------------

#: PARSING 5.2: what got through feedparser's sanitiser or might get through another.
SCRIPTS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java&#10;script:alert(1)",
    "java&#x0A;script:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A;avascript:alert(1)",
    "&#0000106avascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "&Tab;javascript:alert(1)",
    "&NewLine;java&Tab;script:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "feed:javascript:alert(1)",
]


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("element", ["link", "guid"])
def test_no_script_becomes_a_link(script: str, element: str) -> None:
    entry = only(f"<title>x</title><{element}>{escaped(script)}</{element}><enclosure url='{escaped(script)}'/>")
    shown = [entry.url, *entry.links, *(each.url for each in entry.enclosures)]
    assert all(url is None or url.startswith(("http://", "https://")) for url in shown)


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("base", ["", "<link>https://tea.example/a</link>"])
@pytest.mark.parametrize("markup", ['<a href="{}">x</a>', "<img src='{}'>", '<video poster="{}"></video>'])
def test_no_script_stays_in_content(script: str, base: str, markup: str) -> None:
    entry = only(f"{base}<guid>1</guid><description>{escaped(markup.format(script))}</description>")
    for attribute in ("href=", "src=", "poster="):
        _, found, value = entry.content.partition(attribute)
        assert not found or value.startswith(('"http://', '"https://'))


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<svg onload=alert(1)>",
        "<img src=x onerror=alert(1)>",
        "<iframe src='https://evil.example/'></iframe>",
        "<style>@import 'https://evil.example/'</style>",
        "<p style='background:url(javascript:alert(1))'>x</p>",
        "<form action='https://evil.example/'><input name=x></form>",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
def test_nothing_active_stays(markup: str) -> None:
    entry = only(f"<guid>1</guid><title>{escaped(markup)}</title><description>{escaped(markup)}</description>")
    for word in ("script", "onload", "onerror", "iframe", "style", "form", "input"):
        assert f"<{word}" not in entry.content
        assert f" {word}=" not in entry.content
    assert "<script" not in entry.title


def test_small_documents_do_not_become_large() -> None:
    """PARSING 5: 500 bytes became a title of 3 MB."""
    entities = "".join(f'<!ENTITY {name} "{f"&{inner};" * 30}">' for name, inner in zip("bcd", "abc", strict=True))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "{"x" * 100}">{entities}]>'
    assert len(parse(head + rss("<title>&d;&d;</title><guid>1</guid>")).entries[0].title) < 20


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE rss [" + "<!--" * 200_000,
        "<!DOCTYPE rss [" + "'" * 500_001,
        "<!--" * 200_000,
        "<?" * 400_000,
        "{" * 500_000,
        "[" * 500_000,
        '{"version":"https://jsonfeed.org/version/1","items":' + "[" * 200_000,
        '{"version":"https://jsonfeed.org/version/1","items":' + "9" * 200_000 + "}",
    ],
    ids=lambda body: body[:20],
)
def test_what_is_not_left_to_feedparser_is_read_in_linear_time(body: str) -> None:
    start = time.process_time()
    with pytest.raises(ParseError):
        parse(body)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("piece", ["<", "<b>", "<!--", "<a href='", "&#", "<script>", "&amp;", '<p title="', "x<"])
def test_texts_are_cleaned_in_linear_time(piece: str) -> None:
    body = json.dumps(
        {"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "content_html": piece * 30_000}]}
    )
    start = time.process_time()
    parse(body)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("reference", ["&#99999999999999;", "&#xD800;", "&#x110000;", "&#0;", "&#" + "9" * 5000 + ";"])
def test_a_reference_to_nothing_costs_no_entry(reference: str) -> None:
    """The loose parser of feedparser raises on them; the naked ``&`` makes it the one that is used."""
    (entry,) = parse(rss(f"<title>a & b{reference}</title><guid>1</guid>")).entries
    assert entry.id == "1"
    assert entry.title.startswith("a & b")


@pytest.mark.parametrize(
    "broken",
    [
        "</category>",
        "</textinput>",
        "</media:thumbnail>",
        "</media:rating>",
        "<dcterms:valid>a=b=c</dcterms:valid><width>",
        '<a xml:base="http://[x">b</a>',
        '<a xmlns="b c"/>',
    ],
)
def test_markup_that_makes_feedparser_raise_costs_no_entry(broken: str) -> None:
    """STANDARDS M9: what can be read is read."""
    items = ["<title>a & b</title><link>https://tea.example/a</link><guid isPermaLink='false'>1</guid>", broken]
    entry, *_ = parse(rss(*items)).entries
    assert (entry.id, entry.title, entry.url) == ("1", "a & b", "https://tea.example/a")


def test_a_base_that_is_no_address_costs_no_entry() -> None:
    feed = parse('<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://[x"><entry><id>1</id></entry></feed>')
    assert [entry.id for entry in feed.entries] == ["1"]


def outcome(body: bytes, content_type: str = "") -> ParsedFeed | None:
    """Either a feed that keeps its promises, or ParseError; whatever else is raised fails the test."""
    try:
        feed = parse(body, content_type=content_type)
    except ParseError:
        return None
    ids = [entry.id for entry in feed.entries]
    assert len(set(ids)) == len(ids) <= MAX_ENTRIES
    for entry in feed.entries:
        assert entry.id
        assert entry.hash
        assert "\n" not in entry.title + entry.summary
        assert entry.published is None or datetime(1995, 1, 1, tzinfo=UTC) <= entry.published <= NOW
        for url in filter(None, [entry.url, entry.image, *entry.links, *(each.url for each in entry.enclosures)]):
            assert url.startswith(("http://", "https://"))
        json.dumps(plain(built(entry)), ensure_ascii=False).encode()  # no half characters
    return feed


@given(
    st.binary(max_size=400),
    st.sampled_from(["", "text/xml", "text/xml; charset=gbk", "x;charset=utf-7", ";charset=zip"]),
)
@settings(max_examples=150)
def test_any_bytes_are_a_feed_or_a_parse_error(body: bytes, content_type: str) -> None:
    outcome(body, content_type)


WORDS = st.sampled_from(
    [
        *(
            "<rss version='2.0'>",
            "<channel>",
            "</channel>",
            "<item>",
            "</item>",
            "<entry>",
            "</entry>",
            "<title>",
            "</title>",
        ),
        *(
            "<guid>",
            "</guid>",
            "<link>",
            "</link>",
            "<link rel='enclosure' href='x'/>",
            "<source url='x'>",
            "</source>",
        ),
        *(
            "<description>",
            "</description>",
            "<content type='xhtml'>",
            "<content type='html'>",
            "</content>",
            "<image>",
        ),
        *(
            "<feed xmlns='http://www.w3.org/2005/Atom'>",
            "</feed>",
            "<author>",
            "</author>",
            "<name>",
            "<category term='x'/>",
        ),
        *(
            "<media:thumbnail>",
            "</media:thumbnail>",
            "<media:rating>",
            "<itunes:keywords>",
            "</itunes:keywords>",
            "<svg>",
        ),
        *(
            "<![CDATA[",
            "]]>",
            "<!--",
            "-->",
            "&lt;",
            "&#x0;",
            "&#xfffff;",
            "&",
            "<",
            ">",
            "\0",
            "\x0b",
            "茶",
            "&nbsp;",
            "<div>",
        ),
        *(
            "<pubDate>",
            "</pubDate>",
            "2025-07-01",
            "<ttl>",
            "</ttl>",
            "<a:b c='d'>",
            "<psc:chapters version='1'>",
            "<georss:point>",
        ),
        *(
            "1 2",
            "</georss:point>",
            "<gml:posList>",
            "</gml:posList>",
            "<itunes:image href=''/>",
            "<creativeCommons:license/>",
        ),
        *(
            "<dcterms:valid>",
            "</dcterms:valid>",
            "start=1;x",
            "<tags>",
            "a,b",
            "</tags>",
            "<textinput>",
            "<cloud/>",
            "<generator>",
        ),
    ]
)


@given(st.lists(WORDS, max_size=40))
@settings(max_examples=250)
def test_any_order_of_elements_is_a_feed_or_a_parse_error(words: list[str]) -> None:
    outcome("".join(words).encode("utf-8", "replace"))


VALID = [path.read_bytes() for path in DOCUMENTS if path.parent.name != "broken"]


@given(st.data())
@settings(max_examples=120)
def test_any_damage_to_a_feed_leaves_a_feed_or_a_parse_error(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(VALID)))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(body)))
        length = data.draw(st.integers(0, 40))
        body[start : start + length] = data.draw(st.one_of(st.binary(max_size=8), WORDS.map(str.encode)))
    outcome(bytes(body))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_ITEM_KEYS = st.sampled_from(
    [
        *("id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "date_published"),
        *("authors", "author", "tags", "attachments", "language"),
    ]
)


@given(st.lists(st.dictionaries(_ITEM_KEYS, _JSON, max_size=8), max_size=4))
@settings(max_examples=60)
def test_any_values_in_a_json_feed_are_read(items: list[dict[str, Any]]) -> None:
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()
    assert outcome(body) is not None


# -- real feeds ------------------------------------------------------------------------------------------------------


def real_feeds(shared: Path, step: int) -> Iterator[tuple[str, bytes]]:
    """One in ``step``; the largest cost seconds each, and say nothing more."""
    folders = (shared / "data" / "feeds", shared / "data" / "sources")
    paths = sorted(path for folder in folders for path in folder.iterdir() if path.suffix not in {".tsv", ".gz"})
    yield from ((path.name, path.read_bytes()) for path in paths[::step] if path.stat().st_size < 100_000)


def test_real_feeds_keep_every_entry(shared: Path) -> None:
    """PARSING 3: feedparser keeps every entry; we drop none but what a document repeats word for word."""
    for name, body in real_feeds(shared, 4):
        feed = outcome(body)
        if feed is None:
            assert name.endswith((".html", ".bin")), name
        elif not feed.version.startswith("json"):
            theirs = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
            assert feed.count == len(theirs.entries), name
            assert len(feed.entries) >= feed.count - 1, name
            assert feed.version == theirs.version, name


@pytest.mark.parametrize(
    ("name", "entries", "title"),
    [
        ("openai-news_2025-07-26.xml", 599, None),
        ("wired_2025-07-02T0733Z_first-with-altman.xml", 50, "Sam Altman Slams Meta’s AI Talent-Poaching Spree"),
        ("youtube_channel_2026-08_shape.xml", 15, None),
    ],
)
def test_named_sources_are_whole(shared: Path, name: str, entries: int, title: str | None) -> None:
    feed = parse((shared / "data" / "sources" / name).read_bytes(), now=datetime(2026, 11, 1, tzinfo=UTC))
    assert len(feed.entries) == feed.count == entries
    assert all(entry.published for entry in feed.entries)
    assert title is None or any(entry.title.startswith(title) for entry in feed.entries)


def test_google_descriptions_are_not_the_alt_texts(shared: Path) -> None:
    """PARSING 6: media:description stands before the true one."""
    feed = parse((shared / "data" / "sources" / "google-ai-blog_2025-07-26.xml").read_bytes())
    assert sum(len(entry.summary) > 60 for entry in feed.entries) > 10


def test_real_feeds_in_a_legacy_charset_are_read_as_if_they_were_utf8(shared: Path) -> None:
    """PARSING 6's rule, over data: titles that GB 18030 and Big5 can hold survive the journey."""
    checked = 0
    for name, body in real_feeds(shared, 1):
        if not body.startswith(b"<?xml") or not name.endswith(".xml"):
            continue
        text = body.decode("utf-8", "replace")
        if "\ufffd" in text or 'encoding="' not in text[:60].lower():
            continue
        declared = text.replace('encoding="utf-8"', 'encoding="gb2312"', 1).replace(
            'encoding="UTF-8"', 'encoding="gb2312"', 1
        )
        here, there = parse(body), parse(declared.encode("gb18030"), content_type="text/xml; charset=iso-8859-1")
        assert here.entries == there.entries, name
        checked += 1
    assert checked > 10
