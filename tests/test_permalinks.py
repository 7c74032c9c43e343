"""Permalinks: what Hugo 0.168 makes of the same patterns and titles, and what never leaves the site."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.permalinks import own_url, permalink, site_page

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
        ("/:sections[x]/:slug/", "/my-slug/"),
        ("/A Caps/:slug/", "/a-caps/my-slug/"),
        ("/:year-:month-:day/:title/", "/2025-07-02/the-title/"),
        ("/a/:slug.html", "/a/my-slug.html"),
        ("/:unknown/:slug/", "/unknown/my-slug/"),
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
