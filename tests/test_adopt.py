from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.model import Image, Item, Origin, Person, Scope
from feeds.polled import Enclosure, Entry
from feeds.publish.adopt import change_item, entry_item, gap_item
from feeds.publish.render import FORMATS, check_item, render_fragments
from feeds.publish.select import Publication
from feeds.publish.terms import Term
from tests.strategies import moments, wild_text

NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)
SEEN = NOON + timedelta(days=1)
FEED = "https://www.wired.com/feed/rss"
PUBLICATION = Publication(
    title="示例站",
    url="https://example.org/",
    base_url="https://example.org/feeds/",
    description="",
    language="zh-CN",
    author=Person(name="编辑部"),
    layout={},
    filenames={name: form.filename for name, form in FORMATS.items()},
    limit=30,
    archived_scopes=frozenset(),
)
ENGLISH = replace(PUBLICATION, language="en-GB")
ENTRY = Entry(
    id="https://www.wired.com/?p=1",
    url="https://www.wired.com/story/a/",
    title="A & <B>",
    published=NOON,
    summary="In short, 1 < 2.",
    content="<p>Everything.</p>",
    authors=(Person(name="Z. S."),),
    language="en-US",
)
OF_WIRED: dict[str, Any] = {"source": "Wired", "feed_url": FEED, "feed_title": "WIRED", "at": SEEN}


def adopted(entry: Entry = ENTRY, **more: Any) -> Item:
    return entry_item(PUBLICATION, entry, **{**OF_WIRED, **more})


def gap(entry: Entry = ENTRY, publication: Publication = PUBLICATION, **more: Any) -> Item:
    return gap_item(publication, entry, **{**OF_WIRED, "reasons": ["Wired 被引用 12 次"], **more})


def change(word: str = "retitled", publication: Publication = PUBLICATION, entry: Entry = ENTRY, **more: Any) -> Item:
    said = {"word": word, "before": "Old", "after": "New", "articles": [("文", "https://example.org/a/")]}
    return change_item(publication, entry, **{**OF_WIRED, **said, **more})


def lines(html: str) -> list[str]:
    """What a reader shows, line by line."""
    broken = html.replace("<br>", "\n").replace("</p>", "\n</p>").replace("</li>", "\n</li>")
    document = html5lib.parse(broken, namespaceHTMLElements=False)
    return [line for line in "".join(document.itertext()).split("\n") if line]


# -- an entry as it stands ---------------------------------------------------------------------------------------------


def test_an_entry_goes_out_as_its_source_says_it() -> None:
    assert adopted(feed_id="tag:wired.com,2020:feed") == Item(
        id=ENTRY.id,
        url="https://www.wired.com/story/a/",
        title="A & <B>",
        summary="In short, 1 < 2.",
        html="<p>Everything.</p>",
        published=NOON,
        updated=NOON,
        authors=ENTRY.authors,
        language="en-US",
        origin=Origin(title="WIRED", url=FEED, id="tag:wired.com,2020:feed"),
    )


def test_an_entry_stands_beside_the_articles_by_their_terms() -> None:
    terms = [Term(Scope.TAG, "ai", "AI", "AI"), Term(Scope.SOURCE, "wired", "Wired", "Wired")]
    assert [(c.scheme, c.term) for c in adopted(terms=terms).categories] == [("https://example.org/tags/", "AI")]


@pytest.mark.parametrize("kept", ["https://a.example/?p=1", "urn:uuid:1", "tag:a.example,2020:1"])
def test_an_entry_keeps_an_id_that_is_a_uri(kept: str) -> None:
    """RFC 4287 §4.2.6: a copy has the id of what it is a copy of."""
    assert adopted(replace(ENTRY, id=kept)).id == kept


@pytest.mark.parametrize(
    "other", ["1234", "yt:video:abc", "https://a.example/a b", "", "tag:\ud800", "https://例子.example/文"]
)
def test_any_other_id_becomes_one_by_the_feed_it_is_unique_in(other: str) -> None:
    entry = replace(ENTRY, id=other)
    assert adopted(entry).id.startswith("urn:uuid:")
    assert adopted(entry).id == adopted(replace(entry, title="x")).id
    assert adopted(entry).id != adopted(entry, feed_url="https://other.example/rss").id


def test_an_entry_without_a_date_has_the_time_it_was_first_seen() -> None:
    item = adopted(replace(ENTRY, published=None))
    assert (item.published, item.updated) == (SEEN, SEEN)


def test_an_entry_is_never_updated_before_it_was_published() -> None:
    assert adopted(replace(ENTRY, updated=NOON - timedelta(days=1))).updated == NOON
    assert adopted(replace(ENTRY, updated=NOON + timedelta(days=1))).updated == NOON + timedelta(days=1)
    assert adopted(replace(ENTRY, published=None, updated=NOON)).updated == SEEN


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"title": ""}, "In short, 1 < 2."),
        ({"title": "", "summary": "长" * 200}, "长" * 80 + "…"),
        ({"title": "", "summary": ""}, "https://www.wired.com/story/a/"),
        ({"title": "", "summary": "", "url": None}, FEED),
    ],
)
def test_an_entry_has_a_title_in_any_case(changes: dict[str, Any], title: str) -> None:
    assert adopted(replace(ENTRY, **changes)).title == title


def test_an_entry_without_a_link_leads_to_what_else_it_has() -> None:
    bare = replace(ENTRY, url=None)
    file = Enclosure(url="https://cdn.example/1.mp3")
    assert adopted(replace(bare, links=("https://b.example/",), enclosures=(file,))).url == "https://b.example/"
    assert adopted(replace(bare, enclosures=(file,))).url == "https://cdn.example/1.mp3"
    assert adopted(bare).url == FEED


def test_recordings_and_films_of_an_entry_go_out_with_it_and_pictures_do_not() -> None:
    files = (
        Enclosure(url="https://cdn.example/1.mp3", type="audio/mpeg", length=9),
        Enclosure(url="https://cdn.example/1.jpg", type="image/jpeg", length=9),
        Enclosure(url="https://cdn.example/1", length=9),
        Enclosure(url="https://cdn.example/1.mp4", type="video/mp4"),
    )
    item = adopted(replace(ENTRY, enclosures=files, duration=timedelta(minutes=2)))
    assert [(file.url, file.type, file.length, file.duration) for file in item.enclosures] == [
        ("https://cdn.example/1.mp3", "audio/mpeg", 9, 120),
        ("https://cdn.example/1.mp4", "video/mp4", None, 120),
    ]


def test_without_a_text_of_its_own_an_entry_shows_its_summary() -> None:
    assert adopted(replace(ENTRY, content="")).html == "<p>In short, 1 &lt; 2.</p>"
    assert adopted(replace(ENTRY, content="", summary="")).html == ""


def test_the_site_is_never_taken_for_the_author() -> None:
    """RFC 4287 §4.2.1: an entry without an author has that of the feed it stands in."""
    assert adopted(replace(ENTRY, authors=())).authors == (Person(name="Wired"),)
    assert adopted(replace(ENTRY, authors=(Person(name=" "),))).authors == (Person(name="Wired"),)


def test_a_feed_without_a_title_has_its_sources_name() -> None:
    assert adopted(feed_title="").origin == Origin(title="Wired", url=FEED)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://a.example/b.JPG", "image/jpeg"),
        ("https://a.example/b.webp?w=1.0#x", "image/webp"),
        ("https://a.example/b.php", None),
        ("https://a.example/png", None),
        (None, None),
    ],
)
def test_a_picture_goes_out_when_its_address_tells_its_type(url: str | None, kind: str | None) -> None:
    """RSS demands a type."""
    assert adopted(replace(ENTRY, image=url)).image == (Image(url=url, type=kind) if url and kind else None)


# -- gaps --------------------------------------------------------------------------------------------------------------


def test_a_gap_says_why_it_is_one() -> None:
    item = gap(reasons=["Wired 被引用 12 次", "共有词 <AI>"])
    assert lines(item.html) == ["Wired 被引用 12 次", "共有词 <AI>", "A & <B> · Wired", "In short, 1 < 2."]
    assert '<a href="https://www.wired.com/story/a/">' in item.html
    assert (item.title, item.summary) == ("A & <B>", "Wired 被引用 12 次；共有词 <AI>")
    assert (item.url, item.language, item.origin) == (ENTRY.url, "zh-CN", Origin(title="WIRED", url=FEED))
    assert gap(publication=ENGLISH, reasons=["a", "b"]).summary == "a; b"


def test_a_gap_without_reasons_is_the_entry() -> None:
    assert lines(gap(reasons=[]).html) == ["A & <B> · Wired", "In short, 1 < 2."]


def test_one_entry_is_another_item_as_a_gap_and_as_itself() -> None:
    plain = replace(ENTRY, id="1")
    ids = {adopted(plain).id, gap(plain).id, change(entry=plain).id, gap(plain, feed_url="https://other.example/").id}
    assert len(ids) == 4
    assert gap(plain).id == gap(replace(plain, title="x"), at=NOON, reasons=[]).id


# -- changes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "chinese", "english"),
    [
        ("retitled", "Wired 改了标题：Old → New", "Wired changed a title: Old → New"),
        ("edited", "Wired 修改了内容：A & <B>", "Wired edited: A & <B>"),
        ("moved", "Wired 已移动：A & <B>", "Wired moved: A & <B>"),
        ("withdrawn", "Wired 已撤下：A & <B>", "Wired withdrew: A & <B>"),
        ("returned", "Wired 重新上线：A & <B>", "Wired brought back: A & <B>"),
        ("dead", "Wired 已失效：A & <B>", "Wired, no longer there: A & <B>"),
        ("of another kind", "Wired 有变动：A & <B>", "Wired changed: A & <B>"),
    ],
)
def test_a_change_says_what_happened(word: str, chinese: str, english: str) -> None:
    assert change(word).title == chinese
    assert change(word, ENGLISH).title == english


def test_a_change_shows_both_versions_and_the_articles_concerned() -> None:
    item = change("edited", before="Gone.\nToo.", after="<New>")
    assert lines(item.html) == ["A & <B> · Wired", "原来：Gone.", "Too.", "现在：<New>", "引用它的文章", "文"]
    assert "<del>Gone.<br>Too.</del>" in item.html
    assert "<ins>&lt;New&gt;</ins>" in item.html
    assert '<a href="https://example.org/a/">文</a>' in item.html
    assert lines(change(publication=ENGLISH).html)[1:4] == ["Before: Old", "After: New", "Articles that cite it"]


def test_a_change_leaves_out_what_is_not_known() -> None:
    item = change("withdrawn", before="", after="", articles=[])
    assert lines(item.html) == ["A & <B> · Wired"]
    assert change(before="").title == "Wired 改了标题：A & <B> → New"


def test_a_new_address_is_a_link() -> None:
    html = change("moved", before="https://a.example/old", after="https://a.example/new").html
    assert '<ins><a href="https://a.example/new">https://a.example/new</a></ins>' in html
    assert "<ins>https://a.example/ &lt;b&gt;</ins>" in change(after="https://a.example/ <b>").html


def test_a_change_is_what_the_site_says_at_that_moment() -> None:
    item = change()
    assert (item.published, item.updated, item.authors) == (SEEN, SEEN, (PUBLICATION.author,))
    assert item.origin == Origin(title="WIRED", url=FEED)
    assert len({item.id, change("edited").id, change(at=NOON).id, change(before="other").id}) == 3


def test_braces_in_a_title_are_braces() -> None:
    assert change(before="{after}", after="{0!r}").title == "Wired 改了标题：{after} → {0!r}"


# -- any text ----------------------------------------------------------------------------------------------------------


entries = st.builds(
    Entry,
    id=wild_text,
    url=st.none() | st.just("https://a.example/"),
    title=wild_text,
    published=st.none() | moments,
    updated=st.none() | moments,
    summary=wild_text,
    authors=st.lists(st.builds(Person, name=wild_text), max_size=2).map(tuple),
)


@settings(deadline=None, max_examples=40)
@given(entries, wild_text, st.sampled_from([PUBLICATION, ENGLISH]))
def test_any_entry_makes_items_that_pass_the_gate(entry: Entry, text: str, publication: Publication) -> None:
    every = [
        adopted(entry),
        gap(entry, publication, reasons=[text]),
        change("edited", publication, entry, before=text, after=text, articles=[(text, "https://example.org/")]),
    ]
    for item in every:
        check_item(render_fragments(item, FORMATS))
        assert item.published
        assert item.updated >= item.published
        assert item.title
        assert item.authors


def test_what_sources_write_never_becomes_markup() -> None:
    hostile = "</a><script>alert(1)</script>\"'&lt;"
    entry = replace(ENTRY, title=hostile, summary=hostile, content="")
    named: dict[str, Any] = {"source": hostile, "feed_title": hostile}
    articles = [(hostile, "https://a.example/")]
    told = change("edited", entry=entry, before=hostile, after=hostile, articles=articles, **named)
    for item in (adopted(entry, **named), gap(entry, reasons=[hostile], **named), told):
        document = html5lib.parse(item.html, namespaceHTMLElements=False)
        tags = {element.tag for element in document.iter() if isinstance(element.tag, str)}
        assert tags <= {"html", "head", "body", "p", "a", "ul", "li", "del", "ins"}
        assert hostile in "".join(document.itertext())
