from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.errors import PublishError
from feeds.model import CitedSource, Image, Item, Origin, Person, Scope
from feeds.publish.output import is_ours
from feeds.publish.page_items import START, readable
from feeds.publish.pages import (
    INDEX,
    LATEST,
    SCOPE_ORDER,
    XML_STYLE,
    Listed,
    around_of,
    list_feeds,
    paths_of,
    render_assets,
    render_index,
)
from feeds.publish.render import FORMATS, PAGE, check_document, check_item, render_checked, render_feed, render_item
from feeds.publish.select import SITE, Contents, FeedSpec, Publication, describe_feeds, folder_of
from tests.strategies import item_lists, people_text

SITE_URL = "https://example.org/"
BASE = "https://feeds.example.org/out/"
NEWEST = datetime(2025, 7, 3, 20, 10, tzinfo=timezone(timedelta(hours=8)))
PUBLICATION = Publication(
    title="示例站",
    url=SITE_URL,
    base_url=BASE,
    description="",
    language="zh-CN",
    author=Person(name="编辑部"),
    layout={scope: "" if scope is Scope.SITE else f"{scope}s/:slug/" for scope in Scope},
    filenames={form.name: form.filename for form in (*FORMATS.values(), PAGE)},
    limit=30,
    archived_scopes=frozenset(),
)
TAG = FeedSpec(Scope.TAG, "c#", "C#", "c#")
SPECS = (
    SITE,
    FeedSpec(Scope.TOPIC, "ai伦理", "AI伦理", "ai伦理"),
    FeedSpec(Scope.TOPIC, "r&d", "R&D", "r&d"),
    FeedSpec(Scope.COMBINED, "digest", "周报", "digest"),
    FeedSpec(Scope.SOURCE, "wired", "Wired", "wired"),
    TAG,
)
ENGLISH = replace(PUBLICATION, language="en-GB")
AN_ITEM = Item(
    id="tag:example.org,2025-07-03:/a/",
    url="https://example.org/a/",
    title="题目 <b> & 更多",
    summary="摘要 <i>",
    html="<p>正文</p>",
    published=NEWEST,
    updated=NEWEST,
    authors=(Person(name="甲"), Person(name="乙")),
    language="zh-CN",
    image=Image(url="https://example.org/a.png", type="image/png", alt="图", width=640, height=360),
    citations=(
        CitedSource(
            url="https://www.wired.com/x/",
            title="The Rumor",
            source="Wired",
            author="Z",
            published="2025-07-01",
            verified=True,
        ),
        CitedSource(url=None, title="内部材料", publisher="本站", published="2025"),
        CitedSource(url="https://www.wired.com/y/", title="Y", source="Wired", verified=True, covered=True),
    ),
)


def listed(spec: FeedSpec, publication: Publication = PUBLICATION, members: int = 3) -> Listed:
    return list_feeds(publication, [(spec, members)])[0]


def parse(page: bytes) -> ET.Element:
    """As a browser reads it; strict, so that a mistake in the markup is an error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    document: ET.Element = parser.parse(page)
    return document


def render(*specs: FeedSpec, publication: Publication = PUBLICATION) -> ET.Element:
    some = list_feeds(publication, [(spec, 3) for spec in specs])
    return parse(render_index(publication, some, opml="feeds.opml", newest=NEWEST))


def page_of(
    spec: FeedSpec, *its: Item, publication: Publication = PUBLICATION, related: tuple[FeedSpec, ...] = ()
) -> bytes:
    contents = Contents(archive=0, newest_archive=0, updated=NEWEST)
    around = around_of(publication, spec, related=related, updated=NEWEST if its else None)
    feed = describe_feeds(publication, spec, contents)[PAGE.name]
    return render_checked(feed, [render_item(item, PAGE.name) for item in its], PAGE.name, around=around)


def heads(document: ET.Element, rel: str) -> list[dict[str, str]]:
    return [link.attrib for link in document.iter("link") if link.get("rel") == rel]


def texts(document: ET.Element, tag: str) -> list[str]:
    return ["".join(element.itertext()) for element in document.iter(tag)]


def hrefs(element: ET.Element) -> list[str]:
    return [link.get("href") or "" for link in element.iter("a")]


def classed(document: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in document.iter() if element.get("class") == name]


def path_behind(link: str, base: str = BASE) -> str:
    """Where a browser goes, decoded, relative to the root of output/."""
    parts = urlsplit(urljoin(base, link))
    assert (parts.query, parts.fragment) == ("", "")
    assert parts.path.startswith("/out/")
    return unquote(parts.path).removeprefix("/out/")


# -- the front door ----------------------------------------------------------------------------------------------------


def test_every_feed_has_a_row_that_leads_to_its_page() -> None:
    document = render(*SPECS)
    rows = [row for group in classed(document, "feeds") for row in group]
    assert [path_behind(hrefs(row)[0]) for row in rows] == [folder_of(PUBLICATION, spec) for spec in SPECS[1:]]
    assert [row[0].text for row in rows] == [spec.name for spec in SPECS[1:]]
    assert {count.text for row in rows for count in row.iter("i")} == {"3"}


def test_feeds_stand_below_the_heading_of_their_kind_topics_first_and_heavy_tags_before_light_ones() -> None:
    light, heavy = FeedSpec(Scope.TAG, "a", "A", "a"), FeedSpec(Scope.TAG, "b", "B", "b")
    some = list_feeds(PUBLICATION, [(light, 1), (heavy, 9), *((spec, 3) for spec in reversed(SPECS[:-1]))])
    document = parse(render_index(PUBLICATION, some, opml="feeds.opml"))
    assert texts(document, "h2") == ["全站文章", "主题 2", "组合 1", "引用来源 1", "标签 2"]
    groups = [[row[0].text for row in group] for group in classed(document, "feeds")]
    assert groups == [["AI伦理", "R&D"], ["周报"], ["Wired"], ["B", "A"]]


def test_every_kind_of_feed_has_its_place_the_editors_last() -> None:
    assert set(SCOPE_ORDER) == set(Scope)
    assert SCOPE_ORDER[0] is Scope.SITE
    assert SCOPE_ORDER[-2:] == (Scope.GAPS, Scope.CHANGES)


def test_the_sites_own_feed_is_offered_in_full() -> None:
    document = render(*SPECS)
    box = classed(document, "subscribe")[0]
    assert [code.text for code in box.iter("code")] == [BASE + form.filename for form in FORMATS.values()]
    assert [path_behind(link) for link in hrefs(box)[:3]] == [form.filename for form in FORMATS.values()]
    assert path_behind(hrefs(box)[-1]) == LATEST


def test_the_head_offers_the_sites_own_feeds_and_the_opml() -> None:
    """STANDARDS 18 M1, S2, 15 B8: absolute addresses, types, and titles that differ."""
    document = render(*SPECS)
    offered = heads(document, "alternate")
    assert [(link["type"], link["href"]) for link in offered] == [
        (form.media_type, BASE + form.filename) for form in FORMATS.values()
    ]
    assert len({link["title"] for link in offered}) == len(FORMATS)
    assert all("示例站" in link["title"] for link in offered)
    assert heads(document, "outline") == [
        {"rel": "outline", "type": "text/x-opml", "title": "全部订阅（OPML）", "href": f"{BASE}feeds.opml"}
    ]


def test_only_the_formats_of_the_site_are_offered() -> None:
    publication = replace(PUBLICATION, filenames={"json": "feed.json", PAGE.name: PAGE.filename})
    document = render(*SPECS, publication=publication)
    assert [link["type"] for link in heads(document, "alternate")] == ["application/feed+json"]
    assert told(document)["formats"] == [["JSON", "feed.json"]]


def told(document: ET.Element) -> dict[str, Any]:
    (data,) = [script.text or "" for script in document.iter("script") if script.get("type") == "application/json"]
    found: dict[str, Any] = json.loads(data)
    return found


def test_the_front_door_counts_and_dates() -> None:
    document = render(*SPECS)
    assert (
        "".join(classed(document, "when")[0].itertext())
        == "6 个订阅源 · 3 篇文章 · 更新于 2025-07-03 · 名称后的数字是文章数"
    )
    assert [moment.get("datetime") for moment in document.iter("time")] == ["2025-07-03T20:10:00+08:00"]


@pytest.mark.parametrize(
    ("language", "title", "headings"),
    [
        ("zh-Hant", "订阅 · 示例站", ["全站文章", "标签 1"]),
        ("en-GB", "Feeds · 示例站", ["All articles", "Tags 1"]),
        ("fr", "Feeds · 示例站", ["All articles", "Tags 1"]),
    ],
)
def test_a_page_speaks_the_language_of_the_site(language: str, title: str, headings: list[str]) -> None:
    document = render(SITE, TAG, publication=replace(PUBLICATION, language=language))
    assert document.get("lang") == language
    assert texts(document, "title") == [title]
    assert texts(document, "h2") == headings


HOSTILE = "</title></li></script><script>alert('x')</script>&amp;\"'"


def test_what_people_call_things_never_becomes_markup() -> None:
    publication = replace(PUBLICATION, title=HOSTILE)
    document = render(SITE, FeedSpec(Scope.TAG, "x", HOSTILE, "x"), publication=publication)
    assert [script.get("src") or script.get("type") for script in document.iter("script")] == [
        "feeds-page.js",
        "application/json",
    ]
    assert texts(document, "h1") == [f"{HOSTILE} · 订阅"]
    assert classed(document, "feeds")[0][0][0].text == HOSTILE
    assert told(document)["site"] == HOSTILE
    assert heads(document, "alternate")[0]["title"] == f"{HOSTILE} (RSS)"


@settings(max_examples=40)
@given(people_text)
def test_a_name_is_shown_as_it_is(name: str) -> None:
    assert classed(render(SITE, FeedSpec(Scope.TAG, "x", name, "x")), "feeds")[0][0][0].text == name


@pytest.mark.parametrize("slug", ["智能体", "c++", "a b", "100%", "a?b", "a#b", '"><b>', "r&d", "a:b", "[x]"])
def test_a_link_leads_to_the_folder_whatever_its_name(slug: str) -> None:
    spec = FeedSpec(Scope.TAG, "x", "X", slug)
    plain = replace(PUBLICATION, layout={**PUBLICATION.layout, Scope.TAG: ":slug/"})
    for publication in (PUBLICATION, plain):
        document = render(spec, publication=publication)
        assert path_behind(hrefs(classed(document, "feeds")[0])[0]) == folder_of(publication, spec)
        page = parse(page_of(SITE, publication=publication, related=(spec,)))
        assert path_behind(hrefs(classed(page, "related")[0])[0]) == folder_of(publication, spec)


def test_a_site_without_any_feed_has_a_front_door() -> None:
    document = render()
    assert heads(document, "alternate") == []
    assert list(document.iter("li")) == []
    assert texts(document, "h1") == ["示例站 · 订阅"]


def test_the_front_door_of_three_thousand_terms_stays_under_300_kib() -> None:
    """Names as long as those of real articles: 5 characters in the middle, one in twenty over 12."""
    names = [f"{'大模型推理与训练成本之争'[: 3 + n % 9]}{n}" for n in range(3000)]
    some = [(FeedSpec(Scope.TAG, name, name, name), 3000 - n) for n, name in enumerate(names)]
    page = render_index(PUBLICATION, list_feeds(PUBLICATION, [(SITE, 9000), *some]), opml="feeds.opml", newest=NEWEST)
    assert len(page) < 300 * 1024
    assert page.count(b"<li><a href=") == 3000


def test_pages_need_nothing_from_elsewhere() -> None:
    """DESIGN 6: no framework, no CDN; every address that a browser loads by itself is beside the page."""
    for document in (render(*SPECS), parse(page_of(TAG, AN_ITEM))):
        loaded = [element.get("src") or "" for element in document.iter("script") if element.get("src")]
        loaded += [link["href"] for link in heads(document, "stylesheet")]
        assert {path_behind(address, BASE + "tags/x/") for address in loaded if address.startswith("../")} | {
            address for address in loaded if not address.startswith("../")
        } <= set(render_assets())
        assert not [name for element in document.iter() for name in element.attrib if name.startswith("on")]
        assert list(document.iter("style")) == []
    for data in render_assets().values():
        assert is_ours(data)
        assert not re.search(rb"url\(|@import|https?:", data)


def test_the_same_feeds_give_the_same_bytes() -> None:
    some = [listed(spec) for spec in SPECS]
    assert render_index(PUBLICATION, some, opml="feeds.opml") == render_index(PUBLICATION, some, opml="feeds.opml")


def test_the_template_engine_is_loaded_only_to_write_the_front_door() -> None:
    code = "import sys, feeds.publish.pages, feeds.publish.page_items; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# -- the page of a feed ------------------------------------------------------------------------------------------------


def test_a_page_shows_its_items_as_a_subscriber_will_see_them() -> None:
    document = parse(page_of(TAG, AN_ITEM))
    (article,) = document.iter("article")
    assert article.get("data-id") == AN_ITEM.id
    assert texts(article, "h3") == [AN_ITEM.title]
    assert hrefs(article)[0] == AN_ITEM.url
    assert "".join(classed(article, "when")[0].itertext()) == "2025-07-03 · 甲、乙"
    assert AN_ITEM.summary in texts(article, "p")
    (picture,) = article.iter("img")
    assert (picture.get("src"), picture.get("alt"), picture.get("width")) == ("https://example.org/a.png", "图", "640")


def test_each_item_names_its_sources_and_which_of_them_are_verified() -> None:
    document = parse(page_of(TAG, AN_ITEM))
    assert texts(document, "summary") == ["来源 3，其中 2 个已核对"]
    (details,) = document.iter("details")
    assert texts(details, "li") == [
        "✓ 已核对 The Rumor · Wired · Z · 2025-07-01",
        "内部材料 · 本站 · 2025",
        "✓ 已核对 相关报道 Y · Wired",
    ]
    assert hrefs(details) == ["https://www.wired.com/x/", "https://www.wired.com/y/"]
    english = parse(page_of(TAG, replace(AN_ITEM, language="en"), publication=ENGLISH))
    assert texts(english, "summary") == ["Sources 3, 2 verified"]


@pytest.mark.parametrize(
    "item",
    [
        replace(AN_ITEM, image=Image(url="https://cdn.example.net/a.png", type="image/png")),
        replace(AN_ITEM, origin=Origin(title="T", url="https://example.org/rss.xml")),
        replace(AN_ITEM, image=None),
    ],
    ids=["elsewhere", "adopted", "none"],
)
def test_pictures_of_others_are_not_shown(item: Item) -> None:
    """Whoever looks at a page of ours is seen by nobody else."""
    assert list(parse(page_of(TAG, item)).iter("img")) == []


def test_no_link_runs_a_script() -> None:
    item = replace(AN_ITEM, url="javascript:alert(1)", citations=(CitedSource(url="javascript:alert(1)", title="T"),))
    (article,) = parse(page_of(TAG, item)).iter("article")
    assert hrefs(article) == []


def test_a_page_offers_the_feed_in_all_formats_and_to_readers() -> None:
    document = parse(page_of(TAG, AN_ITEM))
    folder = f"{BASE}tags/c%23/"
    assert [(link["type"], link["href"]) for link in heads(document, "alternate")] == [
        (form.media_type, folder + form.filename) for form in FORMATS.values()
    ]
    links = hrefs(classed(document, "subscribe")[0])
    assert links[:3] == [form.filename for form in FORMATS.values()]
    assert links[3] == f"feed:{folder}rss.xml"
    assert all("https%3A%2F%2Ffeeds.example.org%2Fout%2Ftags%2Fc%2523%2Frss.xml" in link for link in links[4:])
    assert heads(document, "canonical")[0]["href"] == folder


def test_a_page_leads_back_to_all_feeds_and_on_to_related_ones() -> None:
    document = parse(page_of(TAG, AN_ITEM, related=(SPECS[1], SPECS[4])))
    ways = [path_behind(link, f"{BASE}tags/c%23/") for link in hrefs(classed(document, "related")[0])]
    assert ways == ["topics/ai伦理/", "sources/wired/"]
    assert path_behind(hrefs(document)[0], f"{BASE}tags/c%23/") == ""
    assert hrefs(document)[1] == SITE_URL


def test_an_empty_feed_says_so() -> None:
    assert [texts(document, "p")[-2] for document in (parse(page_of(TAG)),)] == ["目前没有文章。"]
    assert texts(parse(page_of(TAG, publication=ENGLISH)), "p")[-2] == "No articles at present."


@pytest.mark.parametrize(("url", "shown"), [
    ("https://a.example/tags/%E6%99%BA%E8%83%BD/rss.xml", "https://a.example/tags/智能/rss.xml"),
    ("https://a.example/c%23/rss.xml", "https://a.example/c%23/rss.xml"),
    ("https://a.example/a%20b%E6%99%BA/", "https://a.example/a%20b%E6%99%BA/"),
    ("https://a.example/%FF/", "https://a.example/%FF/"),
])  # fmt: skip
def test_addresses_are_shown_in_letters_unless_that_would_change_them(url: str, shown: str) -> None:
    assert readable(url) == shown


@settings(max_examples=25)
@given(st.one_of(item_lists(), item_lists(st.text())))
def test_any_item_makes_valid_html_that_passes_the_gate(its: list[Item]) -> None:
    data = page_of(TAG, *its)
    for item in its:
        check_item({PAGE.name: render_item(item, PAGE.name), "json": render_item(item, "json")})
    check_document(data, PAGE.name, [item.id for item in its])
    assert len(list(parse(data).iter("article"))) == len(its)


@pytest.mark.parametrize(
    "spoilt",
    [
        b"<article><p>x</p></article>",
        b'<article data-id="a"><p>x</article>',
        b'<article data-id="a"><p>&nbsp;</p></article>',
        b'<article data-id="a"></article><article data-id="b"></article>',
        b'<article data-id="a"><!-- x --></article>',
        b'<article data-id="a"></article></main><main>',
        b"",
    ],
)
def test_the_gate_refuses_what_is_no_item(spoilt: bytes) -> None:
    with pytest.raises(PublishError):
        check_item({PAGE.name: spoilt})


def test_the_gate_refuses_a_page_with_other_items() -> None:
    with pytest.raises(PublishError, match="holds 1 items, not 0"):
        check_document(page_of(TAG, AN_ITEM), PAGE.name, [])
    with pytest.raises(PublishError):
        check_document(page_of(TAG, AN_ITEM).replace(b"</main>", b""), PAGE.name, [AN_ITEM.id])


def test_a_page_is_ours_to_replace() -> None:
    assert page_of(TAG).startswith(START)
    assert is_ours(page_of(TAG))
    assert is_ours(render_index(PUBLICATION, [], opml="feeds.opml"))


# -- where pages are ---------------------------------------------------------------------------------------------------


def test_a_page_lies_beside_its_feed_and_the_sites_beside_the_front_door() -> None:
    assert paths_of(PUBLICATION, TAG)[PAGE.name] == "tags/c#/index.html"
    assert paths_of(PUBLICATION, SITE)[PAGE.name] == LATEST
    assert PAGE.name not in paths_of(PUBLICATION, TAG, 1)
    moved = replace(PUBLICATION, layout={**PUBLICATION.layout, Scope.SITE: "all/"})
    assert paths_of(moved, SITE)[PAGE.name] == "all/index.html"
    assert INDEX not in {*paths_of(PUBLICATION, SITE).values(), *paths_of(moved, SITE).values()}


def test_a_site_without_pages_has_none() -> None:
    publication = replace(PUBLICATION, filenames={name: form.filename for name, form in FORMATS.items()})
    assert set(paths_of(publication, TAG)) == set(FORMATS)
    assert around_of(publication, TAG).style == ""


@pytest.mark.parametrize("format_name", ["rss", "atom"])
@pytest.mark.parametrize("archive", [0, 2])
def test_a_feed_names_its_style_sheet_and_passes_the_gate(format_name: str, archive: int) -> None:
    """STANDARDS B13."""
    around = around_of(PUBLICATION, TAG, archive)
    feed = describe_feeds(PUBLICATION, TAG, Contents(archive=archive, newest_archive=2, updated=NEWEST))[format_name]
    data = render_feed(feed, [render_item(AN_ITEM, format_name)], format_name, around=around)
    second = data.split(b"\n")[1].decode()
    found = re.fullmatch(r'<\?xml-stylesheet type="text/css" href="(.*)"\?>', second)
    assert found
    assert path_behind(found[1], feed.self_url) == XML_STYLE
    check_document(data, format_name, [AN_ITEM.id])
    assert render_checked(feed, [render_item(AN_ITEM, format_name)], format_name, around=around) == data


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.replace(b"text/css", b"text/xsl"),
        lambda data: data.replace(b"<channel>", b'<channel><?xml-stylesheet type="text/css" href="x"?>'),
        lambda data: data.replace(b"<?xml-style", b"<?other-style"),
        lambda data: data.replace(b"\n<rss", b'\n<?xml-stylesheet type="text/css" href="x"?>\n<rss'),
        lambda data: data.replace(b'.css"', b'.css" <'),
    ],
)
def test_the_gate_refuses_every_other_instruction(spoil: Any) -> None:
    around = around_of(PUBLICATION, TAG)
    feed = describe_feeds(PUBLICATION, TAG, Contents(archive=0, newest_archive=0, updated=NEWEST))["rss"]
    data = render_feed(feed, [], "rss", around=around)
    check_document(data, "rss", [])
    with pytest.raises(PublishError):
        check_document(spoil(data), "rss", [])


def test_documents_without_pages_are_as_they_were() -> None:
    feed = describe_feeds(PUBLICATION, TAG, Contents(archive=0, newest_archive=0, updated=NEWEST.astimezone(UTC)))[
        "rss"
    ]
    assert b"<?xml-stylesheet" not in render_feed(feed, [], "rss")
