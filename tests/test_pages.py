from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest
from hypothesis import given, settings

from feeds.model import Person, Scope
from feeds.publish.pages import SCOPE_ORDER, Listed, list_feeds, render_index
from feeds.publish.render import FORMATS
from feeds.publish.select import SITE, FeedSpec, Publication, folder_of
from tests.strategies import people_text

SITE_URL = "https://example.org/"
BASE = "https://feeds.example.org/out/"
PUBLICATION = Publication(
    title="示例站",
    url=SITE_URL,
    base_url=BASE,
    description="",
    language="zh-CN",
    author=Person(name="编辑部"),
    layout={scope: "" if scope is Scope.SITE else f"{scope}s/:slug/" for scope in Scope},
    filenames={name: form.filename for name, form in FORMATS.items()},
    limit=30,
    archived_scopes=frozenset(),
)
SPECS = (
    SITE,
    FeedSpec(Scope.COMBINED, "digest", "周报", "digest"),
    FeedSpec(Scope.TOPIC, "ai伦理", "AI伦理", "ai伦理"),
    FeedSpec(Scope.TOPIC, "r&d", "R&D", "r&d"),
    FeedSpec(Scope.SOURCE, "wired", "Wired", "wired"),
    FeedSpec(Scope.TAG, "c#", "C#", "c#"),
)


def listed(spec: FeedSpec, publication: Publication = PUBLICATION, members: int = 3) -> Listed:
    return list_feeds(publication, [(spec, members)])[0]


def parse(page: bytes) -> ET.Element:
    """As a browser reads it; strict, so that a mistake in the markup is an error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    document: ET.Element = parser.parse(page)
    return document


def render(*specs: FeedSpec, publication: Publication = PUBLICATION) -> ET.Element:
    return parse(render_index(publication, [listed(spec, publication) for spec in specs], opml="feeds.opml"))


def heads(document: ET.Element, rel: str) -> list[dict[str, str]]:
    return [link.attrib for link in document.iter("link") if link.get("rel") == rel]


def texts(document: ET.Element, tag: str) -> list[str]:
    return ["".join(element.itertext()) for element in document.iter(tag)]


def test_every_feed_is_linked_in_every_format() -> None:
    document = render(*SPECS)
    links = {link.get("href"): link for link in document.iter("a")}
    for spec in SPECS:
        for name, form in FORMATS.items():
            path = folder_of(PUBLICATION, spec) + form.filename
            (found,) = [href for href in links if href and unquote(urlsplit(href).path) == f"/out/{path}"]
            assert urlsplit(found).fragment == ""
            assert found.isascii()
            assert found.startswith(BASE)
            assert links[found].get("type") == form.media_type, name
    assert len(links) == len(SPECS) * len(FORMATS) + 2


def test_only_the_formats_of_the_site_are_linked() -> None:
    document = render(*SPECS, publication=replace(PUBLICATION, filenames={"json": "feed.json"}))
    assert [link.get("href") for link in document.iter("a")][2:3] == [f"{BASE}feed.json"]
    assert len(list(document.iter("a"))) == len(SPECS) + 2
    assert [link["type"] for link in heads(document, "alternate")] == ["application/feed+json"]


def test_a_page_leads_to_the_site_and_to_the_opml() -> None:
    first = list(render(*SPECS).iter("a"))[:2]
    assert [(link.get("href"), link.text) for link in first] == [
        (f"{BASE}feeds.opml", "全部订阅（OPML）"),
        (SITE_URL, "网站首页"),
    ]


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


def test_feeds_stand_below_the_heading_of_their_kind_with_their_counts() -> None:
    document = render(*SPECS)
    assert texts(document, "h2") == ["全站", "组合", "主题", "引用来源", "标签"]
    sections = [[item[0].text for item in section.iter("li")] for section in document.iter("section")]
    assert sections == [["示例站"], ["周报"], ["AI伦理", "R&D"], ["Wired"], ["C#"]]
    assert {count.text for count in document.iter("span") if count.get("class") == "count"} == {"3"}


def test_every_kind_of_feed_has_its_place() -> None:
    assert set(SCOPE_ORDER) == set(Scope)
    assert SCOPE_ORDER[0] is Scope.SITE


@pytest.mark.parametrize(
    ("language", "title", "headings"),
    [
        ("zh-Hant", "订阅 · 示例站", ["全站", "标签"]),
        ("en-GB", "Feeds · 示例站", ["Whole site", "Tags"]),
        ("fr", "Feeds · 示例站", ["Whole site", "Tags"]),
    ],
)
def test_a_page_speaks_the_language_of_the_site(language: str, title: str, headings: list[str]) -> None:
    document = render(SITE, SPECS[-1], publication=replace(PUBLICATION, language=language))
    assert document.get("lang") == language
    assert texts(document, "title") == [title]
    assert texts(document, "h2") == headings


HOSTILE = "</title></li><script>alert('x')</script>&amp;\"'"


def test_what_people_call_things_never_becomes_markup() -> None:
    publication = replace(PUBLICATION, title=HOSTILE)
    document = render(SITE, FeedSpec(Scope.TAG, "x", HOSTILE, "x"), publication=publication)
    assert list(document.iter("script")) == []
    assert texts(document, "h1") == [HOSTILE]
    assert [item[0].text for item in document.iter("li")] == [HOSTILE, HOSTILE]
    assert heads(document, "alternate")[0]["title"] == f"{HOSTILE} (RSS)"


@settings(max_examples=40)
@given(people_text)
def test_a_name_is_shown_as_it_is(name: str) -> None:
    document = render(SITE, FeedSpec(Scope.TAG, "x", name, "x"))
    shown = [item[0].text for item in document.iter("li")][1]
    assert shown == name


@pytest.mark.parametrize("slug", ["智能体", "c++", "a b", "100%", "a?b", "a#b", '"><b>', "r&d"])
def test_a_link_leads_to_the_file_whatever_its_name(slug: str) -> None:
    document = render(FeedSpec(Scope.TAG, "x", "X", slug))
    first = list(document.iter("a"))[2].get("href") or ""
    parts = urlsplit(first)
    assert unquote(parts.path) == f"/out/tags/{slug}/rss.xml"
    assert (parts.query, parts.fragment) == ("", "")


def test_a_site_without_any_feed_has_a_page() -> None:
    document = render()
    assert heads(document, "alternate") == []
    assert list(document.iter("li")) == []
    assert texts(document, "h1") == ["示例站"]


def test_the_same_feeds_give_the_same_bytes() -> None:
    some = [listed(spec) for spec in SPECS]
    assert render_index(PUBLICATION, some, opml="feeds.opml") == render_index(PUBLICATION, some, opml="feeds.opml")


def test_a_page_needs_nothing_from_elsewhere_and_no_script() -> None:
    """DESIGN 6: no framework, no CDN, works without JavaScript."""
    document = render(*SPECS)
    assert [element.get("src") for element in document.iter() if element.get("src")] == []
    assert heads(document, "stylesheet") == []
    assert "url(" not in "".join(texts(document, "style"))


def test_the_template_engine_is_loaded_only_to_write_a_page() -> None:
    code = "import sys, feeds.publish.pages; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
