from __future__ import annotations

import json
import locale
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Any

import feedparser
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from feeds.errors import PublishError
from feeds.model import CitedSource, Feed, Item, Origin, Person
from feeds.publish import fit, head, healed, healed_items, render
from feeds.publish.render import (
    FORMATS,
    check_document,
    check_item,
    render_checked,
    render_feed,
    render_fragments,
    render_item,
)
from tests.strategies import addresses, feeds, item_lists, items, moments, people_text, wild_text

CASES = Path(__file__).parent / "data" / "render"
SHANGHAI = timezone(timedelta(hours=8))
NS = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
}

AN_ITEM = Item(
    id="tag:example.org,2025:a",
    url="https://example.org/a/",
    title="标题",
    summary="",
    html="<p>正文</p>",
    published=datetime(2025, 7, 3, 20, 10, 47, tzinfo=SHANGHAI),
    updated=datetime(2025, 7, 3, 20, 10, 47, tzinfo=SHANGHAI),
)
A_FEED = Feed(
    id="tag:example.org,2025:feed",
    title="标题",
    description="说明",
    home_url="https://example.org/",
    self_url="https://example.org/feed",
    updated=AN_ITEM.updated,
    language="zh-CN",
    author=Person(name="编辑部"),
)


def document(feed: Feed, its: Sequence[Item], format_name: str) -> bytes:
    return render_feed(feed, [render_item(item, format_name) for item in its], format_name)


def met(its: st.SearchStrategy[Item], text: st.SearchStrategy[str]) -> st.SearchStrategy[Item]:
    """Items with all that matching may add: what sources' feeds say of cited pages, and where an item comes from."""
    optional = st.none() | text
    told = st.builds(
        CitedSource,
        url=st.none() | addresses,
        title=text,
        author=optional,
        published=st.sampled_from([None, "2025-07-01"]),
        verified=st.just(True),
        source=text,
        cited_title=optional,
        covered=st.booleans(),
    )
    origins = st.none() | st.builds(
        Origin, title=st.just("") | text, url=st.just("") | addresses, id=st.just("") | text
    )
    return st.builds(
        lambda item, told, origin: replace(item, citations=item.citations + told, origin=origin),
        its,
        st.lists(told, max_size=2).map(tuple),
        origins,
    )


def met_lists(text: st.SearchStrategy[str] = people_text) -> st.SearchStrategy[list[Item]]:
    """``item_lists`` of such items."""
    return st.lists(met(items(text), text), max_size=4, unique_by=(lambda item: item.id, lambda item: item.updated))


def forget_shells() -> None:
    for shells in (healed._rss_shell, healed._atom_shell, healed._entry_shell, healed._part_shell, healed._part):
        shells.cache_clear()


# --- golden files: a folder with an input.json is a test; GOLDEN=write writes what is rendered now ---


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_a_case_renders_to_its_golden_file(case: str, format_name: str) -> None:
    """Every byte that readers get is seen in a review before it changes."""
    filename = FORMATS[format_name].filename
    data = json.loads((CASES / case / "input.json").read_text("utf-8").replace("{filename}", filename))
    rendered = document(msgspec.convert(data["feed"], Feed), msgspec.convert(data["items"], list[Item]), format_name)
    golden = CASES / case / filename
    if os.environ.get("GOLDEN") == "write":
        golden.write_bytes(rendered)
    assert rendered == golden.read_bytes()


# --- feedgen, healed and cached ---


def directly(generator: Any, fill: Callable[[Item, str], Any], its: Sequence[Item]) -> Any:
    """feedgen, filled with items and real values: nothing cached, nothing spliced."""
    for item in its:
        generator.add_entry(fill(item, fit.html(item.html, fit.title(item))), order="append")
    return generator


@settings(deadline=None, max_examples=60)
@given(feeds(people_text | wild_text), met_lists(people_text | wild_text))
def test_the_cached_shells_equal_what_feedgen_writes(feed: Feed, its: list[Item]) -> None:
    rss = healed.rss_generator(head.rss_values(feed))
    directly(rss, lambda item, html: healed_items.rss_entry(head.rss_item_said(item, head.said_of(item)), html), its)
    assert document(feed, its, "rss") == healed.rss_document(rss)
    atom = healed.atom_generator(head.atom_values(feed))
    directly(atom, lambda item, html: healed_items.atom_entry(head.atom_item_said(item, head.said_of(item)), html), its)
    assert document(feed, its, "atom") == healed.atom_document(atom)


def test_rendering_never_touches_the_locale() -> None:
    """Of itself, feedgen formats RSS dates under setlocale, which every thread of the process feels."""
    called = set()
    forget_shells()

    def note(frame: FrameType, _event: str, _argument: object) -> None:
        called.add(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        for format_name in FORMATS:
            document(
                replace(A_FEED, description="another shape", icon="https://example.org/i.png"), [AN_ITEM], format_name
            )
        fit.rfc822(AN_ITEM.updated)
    finally:
        sys.setprofile(None)
    assert "rss_entry" in called
    assert not {"setlocale", "formatRFC2822"} & called


def test_dates_are_english_in_every_locale() -> None:
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "zh_CN.UTF-8")
    except locale.Error:
        pytest.skip("this system has no Chinese locale")
    try:
        assert b"<pubDate>Thu, 03 Jul 2025 20:10:47 +0800</pubDate>" in render_item(AN_ITEM, "rss")
    finally:
        locale.setlocale(locale.LC_ALL, before)


def test_threads_render_what_one_thread_renders() -> None:
    its = [replace(AN_ITEM, id=f"tag:example.org,2025:{n}", title=f"第 {n} 篇") for n in range(40)]
    shapes = [replace(A_FEED, title=f"标题 {n}", hub=[None, "https://hub.example.net/"][n % 2]) for n in range(40)]

    def work(n: int) -> list[bytes]:
        return [document(shapes[n], its[: n % 5], format_name) for format_name in FORMATS]

    alone = [work(n) for n in range(40)]
    forget_shells()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(40))) == alone


def test_importing_the_room_loads_no_heavy_library() -> None:
    """A rebuild that changes nothing must not pay for feedgen and lxml (140 ms)."""
    program = (
        "import sys, feeds.publish.render, feeds.publish.opml\n"
        "print(*sorted({'feedgen', 'lxml', 'dateutil', 'socket', 'email'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == ""


def test_rendering_is_quick() -> None:
    """18,600 feeds in three formats: a splice may cost a fraction of a millisecond, never a feedgen run of each."""
    entries = {format_name: [render_item(AN_ITEM, format_name)] * 2 for format_name in FORMATS}
    for format_name in FORMATS:
        render_feed(A_FEED, entries[format_name], format_name)
    took = []
    for _ in range(5):
        start = perf_counter()
        for format_name in FORMATS:
            for number in range(100):
                render_feed(replace(A_FEED, title=f"{number}"), entries[format_name], format_name)
        took.append((perf_counter() - start) / 300)
    assert min(took) < 0.0005  # seconds; 0.03 ms when the machine is idle


# --- items do not depend on feeds ---


@settings(deadline=None, max_examples=20)
@given(met(items(), people_text), feeds())
def test_an_item_stands_byte_for_byte_in_every_feed(item: Item, feed: Feed) -> None:
    for format_name in FORMATS:
        entry = render_item(item, format_name)
        assert entry in render_feed(feed, [entry], format_name)
        assert b"xmlns" not in entry


def test_the_same_input_gives_the_same_bytes() -> None:
    for format_name in FORMATS:
        first = document(A_FEED, [AN_ITEM], format_name)
        forget_shells()
        assert document(A_FEED, [AN_ITEM], format_name) == first


# --- any text ---


@settings(deadline=None, max_examples=25)
@given(feeds(wild_text), met_lists(wild_text))
def test_any_text_gives_a_document_that_passes_the_gate(feed: Feed, its: list[Item]) -> None:
    for format_name in FORMATS:
        rendered = document(feed, its, format_name)
        check_document(rendered, format_name, [item.id for item in its])
        text = rendered.decode()
        assert not any("\x7f" <= c <= "\x9f" or c in "\ufffd\ufffe\uffff" or "\ufdd0" <= c <= "\ufdef" for c in text)


@settings(deadline=None)
@given(wild_text, wild_text)
def test_cleaning_keeps_all_that_may_stay(before: str, after: str) -> None:
    kept = "人“—”　👩‍👩‍👧𠮷\u200d\ufeffé\n\t"
    assert kept in fit.clean(before + kept + after)
    assert fit.clean(fit.clean(before)) == fit.clean(before)


def test_what_python_calls_printable_is_fit_for_one_line() -> None:
    """All of Unicode: ``one_line`` takes a short cut for it."""
    printable = "".join(char for char in map(chr, range(sys.maxunicode + 1)) if char.isprintable() and char != "\ufffd")
    assert len(printable) > 140_000
    assert fit.clean(printable) == printable
    assert not fit._BREAKS.search(printable)
    assert fit.one_line("a\ufffdb") == "ab"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\x00b\x0bc\x1bd\x7f", "abcd"),
        ("a\r\nb\rc\n", "a\nb\nc\n"),
        ("\ud83d甲\udc00", "甲"),
        ("\ufffe乙\uffff\ufdd0\ufdef\ufffd", "乙"),
        ("丙\x85\x9f", "丙"),
    ],
)
def test_what_no_feed_may_hold_is_left_out(text: str, left: str) -> None:
    assert fit.clean(text) == left


def test_a_title_is_one_line() -> None:
    rendered = render_item(replace(AN_ITEM, title=" 第一行\r\n\t第二行 "), "atom").decode()
    assert "<title>第一行 第二行</title>" in rendered


def test_an_item_without_title_and_text_still_has_both() -> None:
    """Atom and feedgen demand a title, JSON Feed demands content."""
    blank = replace(AN_ITEM, title="\x00\ufffe", html=" \n")
    for format_name in FORMATS:
        rendered = render_item(blank, format_name)
        check_item({format_name: rendered})
        assert rendered.count(b"https://example.org/a/") == 3
        assert b"p>https://example.org/a/" in rendered or b"p&gt;https://example.org/a/" in rendered


# --- the three formats say the same (STANDARDS: across formats) ---


def rss_said(entry: Any) -> dict[str, Any]:
    return {"tags": [(tag.scheme, tag.term) for tag in entry.get("tags", [])], **xml_said(entry)}


def atom_said(entry: Any) -> dict[str, Any]:
    return {"tags": [(tag.scheme, tag.term) for tag in entry.get("tags", [])], **xml_said(entry)}


def xml_said(entry: Any) -> dict[str, Any]:
    links = [(link.rel, link.href) for link in entry.links if link.rel in ("via", "related")]
    image = entry.get("media_thumbnail", [{}])[0].get("url")
    files = [(e.href, e.type, int(e.get("length") or 0)) for e in entry.get("enclosures", [])]
    # RSS has one enclosure, and its further files beside the image; Atom has the image behind the files.
    files += [(m["url"], m["type"], int(m.get("filesize") or 0)) for m in entry.get("media_content", [])]
    return {
        "id": entry.id,
        "url": entry.link,
        "published": entry.published_parsed,
        "updated": entry.updated_parsed,
        "authors": len([author for author in entry.get("authors", []) if author.get("name")]),
        "sources": [href for _, href in links],
        "image": image,
        "files": [file for file in files if file[0] != image],
    }


def json_said(item: dict[str, Any]) -> dict[str, Any]:
    attachments = item.get("attachments", [])
    cited = item.get("_feeds", {}).get("citations", [])
    return {
        "id": item["id"],
        "url": item["url"],
        "published": datetime.fromisoformat(item["date_published"]).utctimetuple(),
        "updated": datetime.fromisoformat(item["date_modified"]).utctimetuple(),
        "authors": len(item.get("authors", [])),
        "sources": [c["url"] for c in cited if "url" in c],
        "image": item.get("image"),
        "files": [(a["url"], a["mime_type"], a.get("size_in_bytes", 0)) for a in attachments],
    }


@settings(deadline=None, max_examples=20)
@given(feeds(), item_lists())
def test_the_three_formats_say_the_same_to_a_feed_reader(feed: Feed, its: list[Item]) -> None:
    rss = [rss_said(entry) for entry in feedparser.parse(document(feed, its, "rss")).entries]
    atom = [atom_said(entry) for entry in feedparser.parse(document(feed, its, "atom")).entries]
    listed = [json_said(item) for item in json.loads(document(feed, its, "json"))["items"]]
    assert rss == atom
    for entry in atom:
        del entry["tags"]
    assert atom == listed
    assert [entry["id"] for entry in listed] == [item.id for item in its]


@settings(deadline=None, max_examples=25)
@given(met(items(people_text | wild_text), people_text | wild_text))
def test_the_three_formats_hold_the_same_text_to_the_letter(item: Item) -> None:
    """Compared without feedparser, which cleans titles as if they were HTML."""
    rss = etree.fromstring(document(A_FEED, [item], "rss")).find("channel/item")
    atom = etree.fromstring(document(A_FEED, [item], "atom")).find("a:entry", NS)
    said = json.loads(document(A_FEED, [item], "json"))["items"][0]

    assert rss.findtext("title") == atom.findtext("a:title", None, NS) == said["title"]
    content = rss.findtext("content:encoded", None, NS) or rss.findtext("description")
    assert content == atom.findtext("a:content", None, NS) == said["content_html"]
    summary = atom.findtext("a:summary", None, NS)
    assert (unescape(summary) if summary else None) == said.get("summary")
    assert summary in (None, rss.findtext("description"))

    names = [author["name"] for author in said.get("authors", [])]
    assert [name.text for name in atom.iterfind("a:author/a:name", NS)] == names
    creators = [creator.text for creator in rss.iterfind("dc:creator", NS)]
    mailboxes = {f"{author.email} ({name})" for author in item.authors for name in names[:1]}
    assert creators == names or rss.findtext("author") in mailboxes

    terms = [category.get("term") for category in atom.iterfind("a:category", NS)]
    assert [category.text for category in rss.iterfind("category")] == terms
    assert list(dict.fromkeys(terms)) == said.get("tags", [])

    cited = [(c["url"], c.get("title")) for c in said.get("_feeds", {}).get("citations", []) if "url" in c]
    assert [(e.get("href"), e.get("title")) for e in cited_links(rss)] == cited
    assert [(e.get("href"), e.get("title")) for e in cited_links(atom)] == cited
    relations = [relation.text for relation in atom.iterfind("dc:relation", NS)]
    assert [relation.text for relation in rss.iterfind("dc:relation", NS)] == relations
    assert len(relations) <= sum(c["verified"] for c in said.get("_feeds", {}).get("citations", []))

    source = said.get("_feeds", {}).get("source", {})
    assert (atom.findtext("a:source/a:title", None, NS), atom_self(atom)) == (source.get("title"), source.get("url"))
    assert (rss.findtext("source"), rss_url(rss)) == (source.get("title"), source.get("url"))


def atom_self(entry: Any) -> str | None:
    link = entry.find("a:source/a:link", NS)
    return None if link is None else str(link.get("href"))


def rss_url(item: Any) -> str | None:
    source = item.find("source")
    return None if source is None else str(source.get("url"))


def cited_links(element: Any) -> list[Any]:
    return [link for link in element.iterfind("a:link", NS) if link.get("rel") in ("via", "related")]


# --- dates ---


def test_one_instant_has_one_spelling() -> None:
    """The W3C validator warns of it (DuplicateUpdated); RSS Guard reads any other spelling as another time."""
    its = [replace(AN_ITEM, id=f"tag:example.org,2025:{n}") for n in range(12)]
    tree = etree.fromstring(document(A_FEED, its, "atom"))
    assert {e.text for e in tree.iterfind("a:entry/a:updated", NS)} == {"2025-07-03T20:10:47+08:00"}


@given(moments)
def test_dates_name_the_same_instant_in_both_spellings(moment: datetime) -> None:
    assert parsedate_to_datetime(fit.rfc822(moment)) == moment
    assert datetime.fromisoformat(fit.rfc3339(moment)) == moment


@pytest.mark.parametrize(
    ("moment", "rss", "atom"),
    [
        (AN_ITEM.published, "Thu, 03 Jul 2025 20:10:47 +0800", "2025-07-03T20:10:47+08:00"),
        (datetime(2024, 2, 29, 1, 2, 3, 999999, UTC), "Thu, 29 Feb 2024 01:02:03 +0000", "2024-02-29T01:02:03+00:00"),
        (
            datetime(1900, 1, 1, tzinfo=timezone(timedelta(hours=8, minutes=5, seconds=43))),
            "Sun, 31 Dec 1899 15:54:17 +0000",
            "1899-12-31T15:54:17+00:00",
        ),
        (
            datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            "Wed, 01 Jan 2025 03:30:00 +0000",
            "2025-01-01T03:30:00+00:00",
        ),
    ],
)
def test_dates_have_whole_seconds_and_a_zone_of_whole_hours(moment: datetime, rss: str, atom: str) -> None:
    assert (fit.rfc822(moment), fit.rfc3339(moment)) == (rss, atom)


def test_equal_moments_in_two_zones_keep_their_zones() -> None:
    """They are equal to Python, and to its caches."""
    there = AN_ITEM.published or AN_ITEM.updated
    here = there.astimezone(UTC)
    assert there == here
    assert (fit.rfc3339(there), fit.rfc3339(here)) == ("2025-07-03T20:10:47+08:00", "2025-07-03T12:10:47+00:00")
    assert (fit.rfc822(there)[-5:], fit.rfc822(here)[-5:]) == ("+0800", "+0000")


# --- authors ---


@pytest.mark.parametrize(
    ("authors", "rss"),
    [
        ((), []),
        ((Person(name="张三"),), [("creator", "张三")]),
        ((Person(name="张三", email="z@example.org"),), [("author", "z@example.org (张三)")]),
        ((Person(name="张三 (编辑)", email="z@example.org"),), [("creator", "张三 (编辑)")]),
        ((Person(name="张三", email="no address"),), [("creator", "张三")]),
        ((Person(name="甲", email="a@example.org"), Person(name="乙")), [("creator", "甲"), ("creator", "乙")]),
        ((Person(name=" "), Person(name="乙")), [("creator", "乙")]),
    ],
)
def test_an_rss_item_names_its_authors_in_one_way(authors: tuple[Person, ...], rss: list[tuple[str, str]]) -> None:
    item = etree.fromstring(document(A_FEED, [replace(AN_ITEM, authors=authors)], "rss")).find("channel/item")
    found = [(etree.QName(e).localname, e.text) for e in item if etree.QName(e).localname in ("author", "creator")]
    assert found == rss


# --- the gate ---


every_format = pytest.mark.parametrize("format_name", FORMATS)
IDS = ("tag:example.org,2025:a", "tag:example.org,2025:b")


def rendered(format_name: str) -> bytes:
    return document(A_FEED, [replace(AN_ITEM, id=ident) for ident in IDS], format_name)


@every_format
def test_the_gate_passes_what_we_render(format_name: str) -> None:
    check_document(rendered(format_name), format_name, IDS)
    check_document(document(A_FEED, [], format_name), format_name, [])


@every_format
def test_the_gate_refuses_another_order(format_name: str) -> None:
    with pytest.raises(PublishError, match="item 1 is"):
        check_document(rendered(format_name), format_name, IDS[::-1])


@every_format
def test_the_gate_refuses_another_number(format_name: str) -> None:
    with pytest.raises(PublishError, match="holds 2 items, not 1"):
        check_document(rendered(format_name), format_name, IDS[:1])


@every_format
@pytest.mark.parametrize("cut", [0, 1, 100, -1, -20])
def test_the_gate_refuses_half_a_document(format_name: str, cut: int) -> None:
    with pytest.raises(PublishError, match="cannot be read back"):
        check_document(rendered(format_name)[:cut], format_name, IDS)


@every_format
def test_the_gate_refuses_the_other_formats(format_name: str) -> None:
    for other in set(FORMATS) - {format_name}:
        with pytest.raises(PublishError, match="cannot be read back"):
            check_document(rendered(other), format_name, IDS)


@every_format
def test_the_gate_refuses_what_is_not_utf8(format_name: str) -> None:
    with pytest.raises(PublishError, match="cannot be read back"):
        check_document(rendered(format_name).replace("标".encode(), b"\xff"), format_name, IDS)


@every_format
def test_what_is_rendered_checked_is_what_is_rendered(format_name: str) -> None:
    entries = [render_item(replace(AN_ITEM, id=ident), format_name) for ident in IDS]
    for some in ([], entries):
        assert render_checked(A_FEED, some, format_name) == render_feed(A_FEED, some, format_name)


@settings(deadline=None, max_examples=50)
@given(feeds())
def test_a_shell_that_is_checked_in_pieces_is_a_document(feed: Feed) -> None:
    for format_name in FORMATS:
        shell = render_checked(feed, [], format_name)
        assert shell == render_feed(feed, [], format_name)
        check_document(shell, format_name, [])


@pytest.mark.parametrize("format_name", ["rss", "atom"])
@pytest.mark.parametrize("broken", ["<", ">", "&", "&nbsp;", "&amp", "&#x0;", "\x00", "\ufffe", "\ud800"])
def test_the_gate_refuses_a_text_that_could_change_a_shell(format_name: str, broken: str) -> None:
    pieces, texts = {"rss": healed.rss_shell, "atom": healed.atom_shell}[format_name](A_FEED)
    for place in range(len(texts)):
        spoilt = [*texts[:place], f"a{broken}b", *texts[place + 1 :]]
        with pytest.raises(PublishError, match="not escaped"):
            render._checked_xml_shell(format_name, pieces, spoilt)
    quoted = next(place for place, piece in enumerate(pieces) if piece.endswith('"'))
    with pytest.raises(PublishError, match="not escaped"):
        render._checked_xml_shell(format_name, pieces, [*texts[:quoted], '"', *texts[quoted + 1 :]])


@pytest.mark.parametrize("format_name", ["rss", "atom"])
def test_the_gate_refuses_pieces_that_are_no_shell(format_name: str) -> None:
    pieces, texts = {"rss": healed.rss_shell, "atom": healed.atom_shell}[format_name](A_FEED)
    for spoilt in (
        (pieces[0].replace("<", "", 1), *pieces[1:]),
        (*pieces[:-1], f"{pieces[-1]}<a/>"),
        (pieces[0] + "<a b='", *pieces[1:]),
    ):
        with pytest.raises(PublishError, match="cannot be read back"):
            render._checked_xml_shell(format_name, spoilt, texts)


def test_an_inert_text_takes_linear_time() -> None:
    for text in ("&amp;" * 200_000 + "<", "a" * 1_000_000 + "&", "a&amp;" * 100_000 + "<"):
        start = perf_counter()
        assert not fit.is_inert(text)
        assert perf_counter() - start < 0.5  # seconds; 0.01 when the machine is idle


def test_fragments_are_what_each_format_renders() -> None:
    assert render_fragments(AN_ITEM, FORMATS) == {name: render_item(AN_ITEM, name) for name in FORMATS}


@every_format
def test_the_gate_passes_an_item(format_name: str) -> None:
    check_item({format_name: render_item(AN_ITEM, format_name)})


@every_format
@pytest.mark.parametrize("fragment", [b"", b"<a></b>", b"null", b"{}"])
def test_the_gate_refuses_a_fragment_that_is_no_item(format_name: str, fragment: bytes) -> None:
    with pytest.raises(PublishError):
        check_item({format_name: fragment})


@every_format
def test_the_gate_refuses_two_items_for_one(format_name: str) -> None:
    item = render_item(AN_ITEM, format_name)
    with pytest.raises(PublishError):
        check_item({format_name: item + (b"," if format_name == "json" else b"") + item})


@pytest.mark.parametrize("format_name", ["rss", "atom"])
@pytest.mark.parametrize("broken", ["&nbsp;", "a & b", "]]>", "<p>", "\x01", "<!-- -->", "<![CDATA[a]]>", "</guid>"])
def test_the_gate_refuses_broken_content_in_either_format(format_name: str, broken: str) -> None:
    """The content is parsed in one format only when it is the same in both."""
    fragments = {name: render_item(AN_ITEM, name) for name in FORMATS}
    for both in (fragments.keys() - {"json"}, {format_name}):
        spoilt = {name: fragments[name].replace("正文".encode(), broken.encode()) for name in both}
        with pytest.raises(PublishError):
            check_item(fragments | spoilt)


@pytest.mark.parametrize(("opening", "closing"), [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?a ", b"?>")])
def test_the_gate_is_not_fooled_about_where_the_content_stands(opening: bytes, closing: bytes) -> None:
    """What may stand inside a comment does not become content that was parsed already."""
    whole = {"rss": render_item(AN_ITEM, "rss"), "atom": render_item(AN_ITEM, "atom")}
    tags = {"rss": b"<content:encoded>", "atom": b'<content type="html">'}
    broken = b"&nbsp;" + closing
    for first, second in (("rss", "atom"), ("atom", "rss")):
        trap = whole[first].replace(b"<title>", opening + tags[first] + broken + b"<title>", 1)
        spoilt = whole[second].replace("&lt;p&gt;正文&lt;/p&gt;".encode(), broken)
        assert FORMATS[first].set_content_aside(trap)[1] == FORMATS[second].set_content_aside(spoilt)[1] == broken
        with pytest.raises(PublishError):
            check_item({first: trap, second: spoilt})


@every_format
def test_the_gate_refuses_an_item_that_is_not_utf8(format_name: str) -> None:
    for place in ("标题", "正文"):
        with pytest.raises(PublishError, match="cannot be read back"):
            check_item({format_name: render_item(AN_ITEM, format_name).replace(place.encode(), b"\xff")})


@pytest.mark.parametrize("format_name", ["rss", "atom"])
def test_the_gate_refuses_an_item_without_its_one_id(format_name: str) -> None:
    whole = render_item(AN_ITEM, format_name)
    name = {"rss": b"guid", "atom": b"id"}[format_name]
    start, end = whole.index(b"<" + name), whole.index(b"</" + name) + len(name) + 3
    ident = whole[start:end]
    for other in (b"", ident * 2, ident.replace(AN_ITEM.id.encode(), b""), b"<" + name + b"/>"):
        with pytest.raises(PublishError):
            check_item({format_name: whole[:start] + other + whole[end:]})


FOREIGN = replace(
    AN_ITEM,
    id="https://news.example.com/?p=1",
    origin=Origin(title="News", url="https://news.example.com/feed", id="tag:news.example.com,2020:feed"),
)


def test_the_gate_tells_an_entrys_id_from_that_of_the_feed_it_comes_from() -> None:
    fragments = {format_name: render_item(FOREIGN, format_name) for format_name in FORMATS}
    check_item(fragments)
    ids = [FOREIGN.id, AN_ITEM.id, "tag:example.org,2025:c"]
    its = [FOREIGN, AN_ITEM, replace(FOREIGN, id=ids[2])]
    for format_name in FORMATS:
        check_document(document(A_FEED, its, format_name), format_name, ids)
        with pytest.raises(PublishError, match="item 1 is"):
            check_document(document(A_FEED, its, format_name), format_name, [ids[2], *ids[1:]])


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b"<id>https://news.example.com/?p=1</id>", b""),
        (b"<id>tag:news.example.com,2020:feed</id>", b""),
        (b"<id>tag:news.example.com,2020:feed</id>", b"<id>a</id><id>b</id>"),
        (b"<source>", b"<source/><source>"),
    ],
)
def test_the_gate_refuses_an_entry_and_a_source_that_have_not_one_id_each(there: bytes, instead: bytes) -> None:
    fragment = render_item(FOREIGN, "atom")
    assert there in fragment
    with pytest.raises(PublishError):
        check_item({"atom": fragment.replace(there, instead)})


def test_a_source_without_an_address_is_not_told() -> None:
    """RSS demands one."""
    for format_name in FORMATS:
        lost = render_item(replace(AN_ITEM, origin=Origin(title="News", id="tag:x")), format_name)
        assert lost == render_item(AN_ITEM, format_name)


def test_the_gate_reads_ids_as_xml_writes_them() -> None:
    awkward = replace(AN_ITEM, id="https://example.org/?a=1&b=<2>&amp;lt;\"'")
    fragments = {format_name: render_item(awkward, format_name) for format_name in FORMATS}
    check_item(fragments)
    for format_name, fragment in fragments.items():
        check_document(render_feed(A_FEED, [fragment], format_name), format_name, [awkward.id])


def test_the_gate_refuses_items_whose_ids_differ() -> None:
    fragments = {format_name: render_item(AN_ITEM, format_name) for format_name in FORMATS}
    check_item(fragments)
    with pytest.raises(PublishError, match="its ids differ"):
        check_item(fragments | {"rss": render_item(replace(AN_ITEM, id="tag:example.org,2025:b"), "rss")})


@pytest.mark.parametrize(
    "broken",
    [
        b"<!DOCTYPE rss []><rss version='2.0'><channel/></rss>",
        b"<rss version='2.0'><channel><dc:creator>undeclared</dc:creator></channel></rss>",
        b"<rss version='2.0'><channel>&nbsp;</channel></rss>",
        b"<channel/>",
    ],
)
def test_the_gate_refuses_xml_that_strict_readers_refuse(broken: bytes) -> None:
    with pytest.raises(PublishError, match="rss: it cannot be read back"):
        check_document(broken, "rss", [])


def test_the_gate_refuses_a_wrong_version_of_json_feed() -> None:
    old = document(A_FEED, [], "json").replace(b"version/1.1", b"version/1.0", 1)
    with pytest.raises(PublishError, match=r"version/1\.0"):
        check_document(old, "json", [])
