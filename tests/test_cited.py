from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.model import Citation, CitedSource, Met, Note, SourceSpec
from feeds.publish.cited import SourceBook, cited_sources, sources_html
from feeds.urls import canonical

WIRED = SourceSpec(name="Wired", site="https://www.wired.com/", feeds=("https://www.wired.com/feed/rss",))
ALPHA = SourceSpec(name="阿尔法新闻", site="https://alpha.example/news/", aliases=("Alpha News", "Alpha"))
CAST = SourceSpec(name="Beta Podcast", site="https://www.youtube.com/@BetaCast", aliases=("贝塔播客",))
FEED_ONLY = SourceSpec(name="Gamma", feeds=("https://gamma.example/feed.xml", "https://other.example/rss"))
NAME_ONLY = SourceSpec(name="德尔塔周刊")
BOOK = SourceBook([WIRED, ALPHA, CAST, FEED_ONLY, NAME_ONLY])


def cite(url: str | None = None, title: str | None = None, publisher: str | None = None) -> Citation:
    key = canonical(url) if url else None
    return Citation(label="1", url=url, key=key, title=title, publisher=publisher)


def owners(url: str | None = None, title: str | None = None, publisher: str | None = None) -> tuple[str, ...]:
    return BOOK.cited_by([cite(url, title, publisher)])


# -- which source a citation belongs to --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://www.wired.com/story/a/",
        "http://wired.com",
        "https://WIRED.com:443/story/a?utm_source=x#top",
        "https://m.wired.com/story/a",
        "https://events.wired.com/2025",
        "//www.wired.com/story/a",
    ],
)
def test_a_page_on_a_sources_own_host_is_its_own(url: str) -> None:
    assert owners(url) == ("Wired",)


@pytest.mark.parametrize(
    "url",
    [
        "https://rewired.com/story/a",
        "https://wired.com.example/story/a",
        "https://example.org/?url=https://www.wired.com/",
        "https://example.org/wired.com/",
        "ftp://wired.com/a",
        "wired",
        "https://com/",
    ],
)
def test_a_page_elsewhere_is_not(url: str) -> None:
    assert owners(url) == ()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://alpha.example/news/", ("阿尔法新闻",)),
        ("https://alpha.example/news", ("阿尔法新闻",)),
        ("https://alpha.example/news/2025/a.html", ("阿尔法新闻",)),
        ("https://alpha.example/newsletter/a", ()),
        ("https://alpha.example/", ()),
        ("https://alpha.example/sports/", ()),
    ],
)
def test_a_site_below_a_path_has_only_what_is_below_it(url: str, expected: tuple[str, ...]) -> None:
    assert owners(url) == expected


def test_a_source_known_by_its_feed_has_the_host_of_the_first_one() -> None:
    assert owners("https://gamma.example/any/page") == ("Gamma",)
    assert owners("https://other.example/any/page") == ()


@pytest.mark.parametrize("publisher", ["Alpha News", "alpha-news", "ALPHA", "阿尔法新闻", "阿尔法新闻 (Alpha News)"])
def test_a_source_is_known_by_its_names(publisher: str) -> None:
    assert owners("https://mirror.example/x", publisher=publisher) == ("阿尔法新闻",)
    assert owners(publisher=publisher) == ("阿尔法新闻",)


def test_a_publisher_that_only_contains_a_name_is_another_one() -> None:
    assert owners(publisher="Alpha News Brasil") == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=abcdefghijk",
        "https://m.youtube.com/watch?v=abcdefghijk",
        "https://youtu.be/abcdefghijk",
    ],
)
def test_on_a_shared_host_the_text_must_name_the_source(url: str) -> None:
    assert owners(url) == ()
    assert owners(url, title="Beta Podcast #12: the year of agents") == ("Beta Podcast",)
    assert owners(url, title="第12期 | 贝塔播客") == ("Beta Podcast",)
    assert owners(url, publisher="贝塔播客") == ("Beta Podcast",)
    assert owners(url, title="Another show", publisher="YouTube") == ()


@pytest.mark.parametrize("path", ["@BetaCast", "@betacast/videos"])
def test_on_a_shared_host_a_sources_own_path_is_its_own(path: str) -> None:
    assert owners(f"https://www.youtube.com/{path}") == ("Beta Podcast",)


def test_on_a_shared_host_another_path_is_not() -> None:
    assert owners("https://www.youtube.com/@BetaCaster") == ()


def test_a_source_whose_site_is_a_whole_shared_host_owns_none_of_it() -> None:
    book = SourceBook([SourceSpec(name="视频站", site="https://www.bilibili.com/")])
    assert book.cited_by([cite("https://www.bilibili.com/video/BV1")]) == ()
    assert book.cited_by([cite("https://www.bilibili.com/video/BV1", publisher="视频站")]) == ("视频站",)


def test_the_owner_of_a_domain_has_no_part_in_its_shared_hosts() -> None:
    """mp.weixin.qq.com carries everybody's articles."""
    book = SourceBook([SourceSpec(name="腾讯网", site="https://www.qq.com/")])
    assert book.cited_by([cite("https://mp.weixin.qq.com/s/abc")]) == ()
    assert book.cited_by([cite("https://news.qq.com/rain/a/1")]) == ("腾讯网",)


def test_without_an_address_the_title_may_name_the_source() -> None:
    assert owners(title="德尔塔周刊：十年") == ("德尔塔周刊",)
    assert owners(title="The Wired World in 2025") == ("Wired",)


@pytest.mark.parametrize("title", ["Rewired brains", "Unwired2", "show i red", "Alphabet News"])
def test_a_title_must_name_the_source_in_whole_words(title: str) -> None:
    assert owners(title=title) == ()


def test_with_an_address_of_its_own_the_title_says_nothing() -> None:
    assert owners("https://blog.example/x", title="What Wired got wrong") == ()


def test_a_name_too_short_names_nothing_in_a_title() -> None:
    book = SourceBook([SourceSpec(name="量子位", site="https://www.qbitai.com/")])
    assert book.cited_by([cite(title="量子位与比特")]) == ()
    assert book.cited_by([cite(publisher="量子位")]) == ("量子位",)


def test_sources_come_once_each_in_the_order_of_sources_yaml() -> None:
    pages = [
        cite(publisher="德尔塔周刊"),
        cite("https://wired.com/b"),
        cite("https://wired.com/a"),
        cite(publisher="Alpha"),
    ]
    assert BOOK.cited_by(pages) == ("Wired", "阿尔法新闻", "德尔塔周刊")
    assert BOOK.cited_by([]) == ()


def test_one_page_may_belong_to_two_sources() -> None:
    book = SourceBook([WIRED, SourceSpec(name="Wired Japan", site="https://wired.com/jp/", aliases=("Wired",))])
    assert book.cited_by([cite("https://wired.com/jp/a")]) == ("Wired", "Wired Japan")
    assert book.cited_by([cite(publisher="WIRED")]) == ("Wired", "Wired Japan")


def test_a_citation_that_says_nothing_belongs_to_nobody() -> None:
    assert owners() == ()
    assert SourceBook([]).cited_by([cite("https://wired.com/")]) == ()


@settings(max_examples=200)
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_any_text_at_all_has_an_answer(url: str, title: str, publisher: str) -> None:
    assert set(owners(url or None, title, publisher)) <= {"Wired", "阿尔法新闻", "Beta Podcast", "Gamma", "德尔塔周刊"}


# -- how an item names its sources -------------------------------------------------------------------------------------


def test_sources_keep_their_order_and_the_first_link_is_what_the_item_is_about() -> None:
    pages = [cite(title="A talk"), cite("https://a.example/1", "One"), cite("https://b.example/2", "Two")]
    assert [(source.title, source.url, source.rel) for source in cited_sources(pages)] == [
        ("A talk", None, "related"),
        ("One", "https://a.example/1", "via"),
        ("Two", "https://b.example/2", "related"),
    ]


def test_one_page_is_named_once_however_it_is_spelt() -> None:
    pages = [
        cite("https://www.wired.com/a", "First"),
        cite("http://wired.com/a/?utm_source=x", "Second"),
        cite("https://www.wired.com/b", "First"),
    ]
    assert [source.url for source in cited_sources(pages)] == ["https://www.wired.com/a", "https://www.wired.com/b"]


def test_unlinked_sources_are_one_when_title_and_publisher_agree() -> None:
    pages = [cite(title="A", publisher="P"), cite(title="A", publisher="P"), cite(title="A", publisher="Q")]
    assert [source.publisher for source in cited_sources(pages)] == ["P", "Q"]


def test_a_source_without_address_and_title_is_left_out() -> None:
    assert cited_sources([cite(), cite(publisher="P"), cite("javascript:alert(1)"), cite("/relative")]) == ()


def test_an_address_that_cannot_be_used_is_dropped_and_its_title_kept() -> None:
    (source,) = cited_sources([cite("javascript:alert(1)", "A title")])
    assert (source.url, source.title, source.rel) == (None, "A title", "related")


def test_two_pages_with_useless_addresses_are_told_apart_by_their_titles() -> None:
    found = cited_sources([cite("javascript:1", "A"), cite("javascript:1", "B")])
    assert [source.title for source in found] == ["A", "B"]


def test_addresses_go_out_absolute_and_ascii() -> None:
    (source,) = cited_sources([cite("https://user:geheim@例子.example/路径 a?q=“x”", "T")])
    assert source.url
    assert source.url.isascii()
    assert "geheim" not in source.url
    assert " " not in source.url


@pytest.mark.parametrize(
    ("title", "publisher", "shown"),
    [("T", "P", "T"), (None, "P", "P"), (None, None, "https://a.example/")],
)
def test_a_source_has_a_title_in_any_case(title: str | None, publisher: str | None, shown: str) -> None:
    (source,) = cited_sources([cite("https://a.example/", title, publisher)])
    assert source.title == shown


def test_claims_travel_along() -> None:
    claim = Citation(
        label="1", title="T", publisher="P", author="A", published="2024-08", accessed="2025-01-02", referenced=True
    )
    assert cited_sources([claim]) == (
        CitedSource(
            url=None, title="T", publisher="P", author="A", published="2024-08", accessed="2025-01-02", label="1"
        ),
    )


# -- what the sources' own feeds say -----------------------------------------------------------------------------------

STORY = "https://www.wired.com/story/a/"
JULY = datetime(2025, 7, 1, 20, 5, tzinfo=UTC)


def said(citation: int | None = 0, title: str = "The true title", **more: Any) -> Met:
    return Met(**{"citation": citation, "source": "Wired", "title": title, "url": STORY, "rule": "page", **more})


def test_a_verified_citation_says_what_the_sources_feed_says() -> None:
    claim = replace(cite(f"{STORY}?utm_source=x", "A title", "WIRED"), author="P. D.", published="2024-05-28")
    truth = said(author="Z. S.", published=JULY)
    assert cited_sources([replace(claim, accessed="2024-05-29")], [truth]) == (
        CitedSource(
            url=STORY,
            title="The true title",
            publisher="WIRED",
            author="Z. S.",
            published="2025-07-01",
            accessed="2024-05-29",
            rel="via",
            verified=True,
            source="Wired",
            cited_title="A title",
            label="1",
        ),
    )


def test_a_claim_never_stands_among_truths() -> None:
    """What the feed leaves open stays open, although the article says something."""
    claim = replace(cite(STORY, "T"), author="P. D.", published="2024")
    (source,) = cited_sources([claim], [said()])
    assert (source.author, source.published, source.verified) == (None, None, True)


@pytest.mark.parametrize("title", ["the TRUE  title", "The-True-Title", None])
def test_a_title_that_only_is_spelt_otherwise_is_no_other_title(title: str | None) -> None:
    (source,) = cited_sources([cite(STORY, title)], [said()])
    assert (source.title, source.cited_title) == ("The true title", None)


def test_a_story_without_title_or_address_keeps_what_the_article_says() -> None:
    (source,) = cited_sources([cite(STORY, "T")], [said(title="", url=None)])
    assert (source.title, source.cited_title, source.url) == ("T", None, STORY)
    (nameless,) = cited_sources([cite(publisher="P")], [said(title="", url=None)])
    assert (nameless.title, nameless.url) == ("Wired", None)


def test_of_several_sources_that_know_a_page_the_first_counts() -> None:
    (source,) = cited_sources([cite(STORY, "T")], [said(title="One"), said(title="Two")])
    assert source.title == "One"


def test_a_page_is_verified_by_whichever_of_its_citations_was_met() -> None:
    (source,) = cited_sources([cite(STORY, "T"), cite(f"{STORY}#x", "T2")], [said(1)])
    assert (source.verified, source.label) == (True, "1")


def test_two_pages_that_are_one_story_keep_their_own_addresses() -> None:
    """An item links no page twice."""
    pages = [cite("https://a.example/1", "One"), cite("https://b.example/1", "Two"), cite(title="Three")]
    found = cited_sources(pages, [said(0), said(1), said(2)])
    assert [source.url for source in found] == [STORY, "https://b.example/1", None]
    assert [source.rel for source in found] == ["via", "related", "related"]
    assert all(source.verified for source in found)


def test_a_citation_without_an_address_gets_the_stories() -> None:
    found = cited_sources([cite(title="A talk"), cite("https://a.example/")], [said()])
    assert [(source.url, source.rel) for source in found] == [(STORY, "via"), ("https://a.example/", "related")]


def test_an_address_of_a_feed_that_cannot_be_used_is_dropped() -> None:
    (source,) = cited_sources([cite(title="T")], [said(url="javascript:alert(1)")])
    assert source.url is None


def test_what_is_said_of_a_citation_that_is_gone_is_left_out() -> None:
    """The article may have lost it since."""
    assert cited_sources([cite(STORY, "T")], [said(7)]) == cited_sources([cite(STORY, "T")])


def test_what_an_article_covers_uncited_comes_last() -> None:
    found = cited_sources([cite("https://a.example/", "A")], [said(None, author="Z. S.", published=JULY)])
    assert found[1:] == (
        CitedSource(
            url=STORY,
            title="The true title",
            author="Z. S.",
            published="2025-07-01",
            verified=True,
            source="Wired",
            covered=True,
        ),
    )
    assert found[0].rel == "via"


def test_the_only_source_of_an_article_is_what_it_is_about() -> None:
    two = [said(None), said(None, title="Another", url="https://www.wired.com/b")]
    assert [source.rel for source in cited_sources([], two[:1])] == ["via"]
    assert [source.rel for source in cited_sources([], two)] == ["related", "related"]
    assert [source.rel for source in cited_sources([cite(title="A talk")], two[:1])] == ["related", "related"]


@pytest.mark.parametrize(
    "again",
    [
        said(None, title="Other words", url=f"{STORY}?utm_source=feed"),
        said(None, title="the true title", url="https://www.youtube.com/watch?v=abcdefghijk"),
        said(None, title="the true title", url=None),
    ],
)
def test_one_story_is_told_once(again: Met) -> None:
    """The same episode comes from a podcast's own feed and from its playlist."""
    assert len(cited_sources([], [said(None), again])) == 1
    assert [source.covered for source in cited_sources([cite(STORY, "T")], [said(None), said(0), again])] == [False]


def test_one_title_of_two_sources_is_two_stories() -> None:
    other = said(None, source="Gamma", url="https://gamma.example/1")
    assert [source.source for source in cited_sources([], [said(None), other])] == ["Wired", "Gamma"]


def test_a_cited_page_is_not_covered_as_well_although_its_story_has_another_address() -> None:
    video = "https://www.youtube.com/watch?v=abcdefghijk"
    found = cited_sources([cite("https://youtu.be/abcdefghijk", "T")], [said(0), said(None, title="Clip", url=video)])
    assert [source.url for source in found] == [STORY]


# -- the list at the end -----------------------------------------------------------------------------------------------


def listed(*notes: Note, sources: Sequence[CitedSource] = (), language: str = "zh-CN") -> str:
    return sources_html(notes, sources, language=language)


def source(url: str | None, title: str = "T") -> CitedSource:
    return CitedSource(url=url, title=title)


def test_footnotes_come_first_then_pages_that_none_of_them_links() -> None:
    notes = [Note(label="1", html='<a href="https://a.example/?x=1&amp;y=2">A</a>·P'), Note(label="GS", html="no link")]
    sources = [source("https://a.example/?x=1&y=2", "A"), source("https://b.example/", "B"), source(None, "talk")]
    assert listed(*notes, sources=sources) == (
        "\n<h2>引用来源</h2>\n<ul>\n"
        '<li>[1] <a href="https://a.example/?x=1&amp;y=2">A</a>·P</li>\n'
        "<li>[GS] no link</li>\n"
        '<li><a href="https://b.example/">B</a></li>\n'
        "</ul>"
    )


def test_a_page_is_shown_although_another_ones_address_begins_alike() -> None:
    shown = listed(
        Note(label="1", html='<a href="https://a.example/one/two">x</a>'), sources=[source("https://a.example/one")]
    )
    assert 'href="https://a.example/one"' in shown


def test_an_address_that_is_only_text_is_linked() -> None:
    shown = listed(Note(label="1", html="https://a.example/"), sources=[source("https://a.example/")])
    assert '<a href="https://a.example/">' in shown


def test_an_address_with_a_quote_mark_is_not_shown_twice() -> None:
    shown = listed(
        Note(label="1", html='<a href="https://a.example/it\'s">x</a>'), sources=[source("https://a.example/it's")]
    )
    assert shown.count("a.example") == 1


def test_without_sources_there_is_no_heading() -> None:
    assert listed() == ""
    assert listed(sources=[source(None, "a talk")]) == ""


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("zh-CN", "引用来源"),
        ("zh", "引用来源"),
        ("ZH-Hant", "引用来源"),
        ("en-GB", "Sources"),
        ("de", "Sources"),
        ("", "Sources"),
    ],
)
def test_the_heading_is_in_the_language_of_the_article(language: str, heading: str) -> None:
    assert f"<h2>{heading}</h2>" in listed(sources=[source("https://a.example/")], language=language)


VERIFIED = CitedSource(
    url=STORY, title="True <title>", author="Z. S.", published="2025-07-01", verified=True, source="Wired", label="1"
)


def test_a_footnote_keeps_its_words_and_gets_what_the_sources_feed_says() -> None:
    notes = [Note(label="1", html='<a href="https://x.example/">A</a> (2024)'), Note(label="2", html="B")]
    assert listed(*notes, sources=[VERIFIED]) == (
        "\n<h2>引用来源</h2>\n<ul>\n"
        '<li>[1] <a href="https://x.example/">A</a> (2024)<br>✓ 已核对：'
        f'<a href="{STORY}">True &lt;title&gt;</a> · Wired · Z. S. · 2025-07-01</li>\n'
        "<li>[2] B</li>\n"
        "</ul>"
    )


def test_what_the_feed_does_not_say_leaves_no_gap() -> None:
    bare = replace(VERIFIED, author=None, published=None, url=None, title="T")
    assert "<br>✓ verified: T · Wired</li>" in listed(Note(label="1", html="A"), sources=[bare], language="en")
    assert "Wired · Wired" not in listed(Note(label="1", html="A"), sources=[replace(bare, author="Wired")])


def test_a_verified_page_without_a_footnote_has_a_line_of_its_own() -> None:
    line = f'✓ 已核对：<a href="{STORY}">True &lt;title&gt;</a> · Wired · Z. S. · 2025-07-01</li>'
    assert f"<li>{line}" in listed(sources=[replace(VERIFIED, label=None)])
    assert f"<li>Cited &amp; so<br>{line}" in listed(sources=[replace(VERIFIED, label=None, cited_title="Cited & so")])
    assert f"<li>{line}" in listed(Note(label="2", html="B"), sources=[VERIFIED])
    assert "<li>✓ 已核对：T · " in listed(sources=[replace(VERIFIED, label=None, title="T", url=None)])


def test_a_story_that_is_told_uncited_has_a_line_of_its_own() -> None:
    told = replace(VERIFIED, label=None, covered=True, author=None)
    line = f'<a href="{STORY}">True &lt;title&gt;</a> · Wired · 2025-07-01</li>'
    assert f"</h2>\n<ul>\n<li>相关报道：{line}" in listed(sources=[told])
    assert f"<li>Covers: {line}" in listed(sources=[told], language="en")


def test_what_feeds_say_never_becomes_markup() -> None:
    hostile = "</a><script>alert(1)</script>\"'&lt;"
    every = replace(VERIFIED, title=hostile, source=hostile, author=f"{hostile}.", cited_title=hostile)
    shown = listed(Note(label="1", html="n"), sources=[every, replace(every, label=None), replace(every, covered=True)])
    document = html5lib.parse(shown, namespaceHTMLElements=False)
    tags = {element.tag for element in document.iter() if isinstance(element.tag, str)}
    assert tags == {"html", "head", "body", "h2", "ul", "li", "a", "br"}
    assert {link.text for link in document.iter("a")} == {hostile}


def test_the_list_reads_well_as_plain_text() -> None:
    told = replace(VERIFIED, label=None, covered=True, title="Other", url="https://www.wired.com/b")
    shown = listed(Note(label="1", html="《旧题》，Wired，2024"), sources=[VERIFIED, told])
    document = html5lib.parse(shown.replace("<br>", "\n"), namespaceHTMLElements=False)
    assert [line for line in "".join(document.itertext()).split("\n") if line] == [
        "引用来源",
        "[1] 《旧题》，Wired，2024",
        "✓ 已核对：True <title> · Wired · Z. S. · 2025-07-01",
        "相关报道：Other · Wired · Z. S. · 2025-07-01",
    ]


def test_what_authors_write_never_becomes_markup() -> None:
    hostile = "</a><script>alert(1)</script>\"'&lt;"
    shown = listed(Note(label=hostile, html="n"), sources=[source('https://a.example/"><b>', hostile)])
    document = html5lib.parse(shown, namespaceHTMLElements=False)
    assert [element.tag for element in document.iter() if isinstance(element.tag, str)] == [
        "html", "head", "body", "h2", "ul", "li", "li", "a",
    ]  # fmt: skip
    (link,) = document.iter("a")
    assert (link.text, link.get("href")) == (hostile, 'https://a.example/"><b>')
