"""Permalinks: what Hugo 0.168 makes of the same patterns and titles, and what never leaves the site."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.content.page_paths import default_path, own_path, page_url, pattern_path, section_path, term_path
from feeds.content.page_places import PagePlace, PathStyle, path_text
from feeds.content.permalinks import own_url, permalink, site_page
from feeds.urlpaths import escaped
from feeds.urls import clean_url
from tests.odd_names import PATTERNS

#: Late on Wednesday in New York, Thursday already in UTC: Hugo counts in the date's own zone.
WEDNESDAY = datetime(2025, 7, 2, 23, 30, tzinfo=timezone(timedelta(hours=-5)))


def path_of(pattern: str, **changed: Any) -> str:
    values: dict[str, Any] = {
        "site_url": "https://site.example/",
        "section": "s",
        "sections": ("s", "Sub One", "deep"),
        "filename": "File Name",
        "title": "The Title",
        "slug": "My Slug",
        "published": WEDNESDAY,
    }
    url = permalink(pattern, **{**values, **changed})
    assert url.isascii()
    return unquote(url.removeprefix("https://site.example"))


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (
            "/:year/:month/:monthname/:day/:weekday/:weekdayname/:yearday/:title/",
            "/2025/07/july/02/3/wednesday/183/the-title/",
        ),
        ("/:section/:sections/:slug/", "/s/s/sub-one/deep/my-slug/"),
        ("/:sections[1:]/:filename/", "/sub-one/deep/file-name/"),
        ("/:sections[0]/:contentbasename/", "/s/file-name/"),
        ("/:sections[last]/:slugorfilename/", "/deep/my-slug/"),
        ("/:sections[:1]/:slugorcontentbasename/", "/s/my-slug/"),
        ("/:sections[1:last]/x/:title", "/sub-one/x/the-title/"),
        ("/:sections[7]/:slug/", "/my-slug/"),
        ("/:sections[5:]/:slug/", "/my-slug/"),
        ("/:sections[x]/:slug/", "/s/my-slug/"),
        ("/A Caps/:slug/", "/a-caps/my-slug/"),
        ("/:year-:month-:day/:title/", "/2025-07-02/the-title/"),
        ("/a/:slug.html", "/a/my-slug.html"),
        ("/:unknown/:slug/", "/unknown/my-slug/"),
        ("/:2006-:01/:Jan/:slug/", "/2025-07/jul/my-slug/"),
        ("/:sectionslug/:sectionslugs[1:]/:slug/", "/s/sub-one/deep/my-slug/"),
    ],
)
def test_tokens_mean_what_they_mean_to_hugo(pattern: str, wanted: str) -> None:
    assert path_of(pattern) == wanted


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("屋顶 Garden 的秘密：番茄，而非黄瓜", "屋顶-garden-的秘密番茄而非黄瓜"),
        (
            "C++ & C# -- AT&T: A/B test  100% (x) a.b_c~d @me +1 é É ß İ",
            "c-c#--att-a-b-test-100-x-a.b_c~d-@me-1-é-é-ß-i",
        ),
        ("-lead and trail-", "-lead-and-trail-"),
        ("  spaced - dash --  dd", "spaced-dash--dd"),
        ("AI（智能）“引号”—破折号·间隔号…", "ai智能引号破折号间隔号"),
        ("Ⅷ ① ２０２５ Ａ", "２０２５-ａ"),
        ("emoji 🚀 x", "emoji-x"),
    ],
)
def test_titles_become_what_hugo_makes_of_them(title: str, wanted: str) -> None:
    assert path_of("/:title/", title=title) == f"/{wanted}/"


@pytest.mark.parametrize(
    ("slug", "wanted"),
    [
        ("a/b/../../x", "a/b/x"),
        ("/lead/", "lead"),
        ("a//b", "a/b"),
        ("x.", "x."),
        (".x", ".x"),
        ("", "the-title"),
        ("..", "the-title"),
    ],
)
def test_slugs_keep_their_slashes_and_stay_where_they_are(slug: str, wanted: str) -> None:
    assert path_of("/:slug/", slug=slug) == f"/{wanted}/"


def test_without_a_slug_the_file_name_or_the_title_steps_in() -> None:
    assert path_of("/:slugorfilename/", slug="") == "/file-name/"
    assert path_of("/:slug/", slug="", title="！？") == "/file-name/"
    assert path_of("/:slug/", slug="", title="！？", filename="。") == "/3002/"


@pytest.mark.parametrize(
    ("filename", "wanted"),
    [
        ("Foo - Bar", "foo---bar"),
        ("R & D", "r--d"),
        ("C++ tips", "c++-tips"),
        ("learn-c#", "learn-c#"),
        ("İstanbul", "istanbul"),
        ("！？", "ff01-ff1f"),
    ],
)
def test_the_default_pattern_is_hugos_default_and_not_its_tokens(filename: str, wanted: str) -> None:
    """As tokens these would be one hyphen, and the plus signs blanks."""
    for folders, begin in (((), ""), (("R & D", "C++"), "/r--d/c++")):
        sections = {"section": "".join(folders[:1]), "sections": folders, "filename": filename, "slug": ""}
        assert path_of("/:sections/:slugorfilename/", **sections) == f"{begin}/{wanted}/"
        assert path_of("/en/:sections/:slugorfilename/", **sections) == f"/en{begin}/{wanted}/"
        assert path_of("/:sections/:slugorcontentbasename.html", **sections) == f"{begin}/{wanted}.html"


PLACE = PagePlace(name="File Name", folders=("s",), sections=("s",), title="A Title", slug="Own", date=WEDNESDAY)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("/:year/:slug/", "https://site.example/base/2025/own/"),
        (":sections/:title.html", "https://site.example/base/s/a-title.html"),
        ("/10\\:30/", "https://site.example/base/10:30/"),
        ("/a:b/", "https://site.example/base/a:b/"),
        ("/Some/Path", "https://site.example/base/Some/Path/"),
        ("/v1.0/x", "https://site.example/base/v1.0/x"),
        ("/a?b#c/", "https://site.example/base/a%3Fb%23c/"),
        ("/100%/:slug/", None),
        ("https://other.example/:x", "https://other.example/:x"),
    ],
)
def test_a_url_of_its_own_has_tokens(url: str, wanted: str | None) -> None:
    assert own_url(url, site_url="https://site.example/base/", page=PLACE) == wanted


def test_a_relative_url_stands_below_its_language() -> None:
    style = PathStyle(language_prefix="/zh-cn")
    assert own_path("x/", PLACE, style) == "/zh-cn/x/"
    assert own_path("/x/", PLACE, style) == "/x/"


def test_slugs_of_sections_and_settings_change_the_default() -> None:
    page = PagePlace(name="Été", folders=("Blog", "R & D"), folder_slugs=("", "Lab"), date=WEDNESDAY)
    assert default_path(page) == "/blog/lab/%C3%A9t%C3%A9/"
    assert default_path(page, PathStyle(remove_path_accents=True, ugly_urls=True)) == "/blog/lab/ete.html"
    assert default_path(page, PathStyle(disable_path_to_lower=True)) == "/Blog/Lab/%C3%89t%C3%A9/"
    assert section_path(page.folders, slugs=page.folder_slugs) == "/blog/lab/"
    assert section_path(()) == "/"
    assert term_path("tags", "AI & ML", slugs=("topics", "")) == "/topics/ai--ml/"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("/Some/Path Here/", "https://site.example/base/Some/Path%20Here/"),
        ("other/../../up/", "https://site.example/base/up/"),
        ("page.html", "https://site.example/base/page.html"),
        ("/关于", "https://site.example/base/%E5%85%B3%E4%BA%8E/"),
        ("https://other.example/x", "https://other.example/x"),
        ("//other.example/y", "https://other.example/y"),
        ("ftp://other.example/y", None),
    ],
)
def test_a_url_of_its_own_keeps_its_case(url: str, wanted: str | None) -> None:
    assert own_url(url, site_url="https://site.example/base/") == wanted


wild = st.text(st.characters(exclude_categories=()), max_size=20) | st.text("a/.\\ :%#?+2eF[]-é\x00", max_size=20)
names = wild.filter(bool).map(lambda text: text.replace("/", "_"))
styles = st.builds(
    PathStyle,
    remove_path_accents=st.booleans(),
    disable_path_to_lower=st.booleans(),
    ugly_urls=st.booleans(),
    language_prefix=st.sampled_from(["", "/zh-cn"]),
)
places = st.builds(
    PagePlace,
    name=names,
    folders=st.lists(names, max_size=3).map(tuple),
    folder_slugs=st.lists(wild, max_size=3).map(tuple),
    sections=st.lists(names, max_size=3).map(tuple),
    section_slugs=st.lists(wild, max_size=3).map(tuple),
    is_bundle=st.booleans(),
    title=wild,
    slug=wild,
    date=st.datetimes(timezones=st.just(WEDNESDAY.tzinfo)),
)


@given(page=places, pattern=wild | st.sampled_from(PATTERNS), style=styles)
def test_every_path_is_ascii_and_stays_below_the_site(page: PagePlace, pattern: str, style: PathStyle) -> None:
    paths = [default_path(page, style), pattern_path(pattern, page, style), own_path(pattern, page, style) or "/"]
    paths += [section_path(page.folders, style, slugs=page.folder_slugs), term_path("tags", page.name, style)]
    for path in paths:
        assert path.isascii()
        assert path.isprintable()
        assert path.startswith("/")
        assert not path.startswith("//")
        assert not set(path) & set(' #?\\<>"^`{|}')
        assert not re.search(r"%(?![0-9A-F]{2})", path, re.IGNORECASE)
        assert {".", ".."}.isdisjoint(re.split(r"[/\\]", unquote(path)))
        url = page_url(path, site_url="https://site.example/base/")
        assert url.startswith("https://site.example/base/")
        assert clean_url(url) == url or "[" in url or "]" in url


@given(page=places, style=styles)
def test_a_page_never_has_the_address_of_its_section(page: PagePlace, style: PathStyle) -> None:
    plain = replace(page, folder_slugs=())
    assert default_path(plain, style) != section_path(plain.folders, style)
    assert pattern_path("/s/:slug/", page, style).removesuffix(".html") != style.language_prefix + "/s/"


@given(wild)
def test_a_path_made_twice_is_the_same(text: str) -> None:
    """What has come out goes in again: a name that an author copies out of the address bar is that of the page."""
    for style in (PathStyle(), PathStyle(remove_path_accents=True)):
        once = path_text(text, style)
        assert path_text(once, style) == once
    assert escaped(escaped(text)) == escaped(text)


@given(st.text(alphabet="a/.\\ :%#?论", max_size=20))
def test_no_path_leaves_the_site(path: str) -> None:
    url = site_page(path, site_url="https://site.example/base")

    assert url.startswith("https://site.example/base/")
    assert urlsplit(url).query == urlsplit(url).fragment == ""
    assert ".." not in unquote(urlsplit(url).path).split("/")


@given(title=st.text(max_size=20), slug=st.text(max_size=20), filename=st.text(min_size=1, max_size=20))
def test_every_page_has_an_address_of_its_own_below_its_section(title: str, slug: str, filename: str) -> None:
    """Lone surrogates have been taken out before."""
    title, slug, filename = (text.encode("utf-8", "ignore").decode() for text in (title, slug, filename))
    url = permalink(
        "/s/:slug/",
        site_url="https://site.example",
        section="s",
        sections=("s",),
        filename=filename or "x",
        title=title,
        slug=slug,
        published=WEDNESDAY,
    )

    assert url.isascii()
    assert url.startswith("https://site.example/s/")
    assert len(url) > len("https://site.example/s/")
