"""Sites of Jekyll beside real Jekyll: what is an article, where it lives, when it was published, what it is about."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from feeds.content.fields import clean_line
from feeds.sites.jekyll import read_jekyll
from feeds.sites.recognise import recognise
from tests.generators import articles, readings, same_address, write_site
from tests.jekyll import JekyllPage, build
from tests.odd_names import NAMES

_BASE = "https://example.org/base"
_CONFIG: dict[str, Any] = {"title": "J", "url": "https://example.org", "baseurl": "/base"}

_TOKENS = (
    "year", "short_year", "month", "i_month", "short_month", "long_month", "day", "i_day", "y_day", "w_year", "week",
    "w_day", "short_day", "long_day", "hour", "minute", "second", "title", "slug", "categories",
    "slugified_categories", "name", "path", "collection", "output_ext",
)  # fmt: skip
_PATTERNS = (
    *(f"/t/{token}/:{token}/" for token in _TOKENS),
    "/:year/:month/:day/:title/", "/:year_:month_:day_:title", "/:categories/:title:output_ext", ":title", "/x/:slug",
    "/x.html", "/x.htm", "/:title.php", "pretty", "date", "/a b/:title/", "/é/:title/", "/中文/:title.html", "/a%20b/",
    "/../up/", "/a/../b/", "/a./b/", "/a//b//", "/:categories/", "/:slugified_categories/:i_day/", "/a+b/&c=d/",
    "/:title-:year:month:output_ext", "/:year/W:week/:short_day/:title:output_ext", "/index.html", "/x/index.html",
)  # fmt: skip
_CATEGORIES = (
    "[]", "one", "one two", "[One, TWO]", "[A b, c/d, C#]", "[R & D]", "[人工智能, 机器 学习]", "[a, a, b]",
    "[2024, 1.0]", "[é, É]", "'x  y'", "[ΑΣ, İ]", "[a.b, ..x]", "[100%]", "~",
)  # fmt: skip


def post(**values: Any) -> str:
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in values.items()) + "---\nText.\n"


def usable(name: str) -> bool:
    """Control characters are in no article path, and Ruby reads no name that ends in a dot."""
    return name.isprintable() and not name.endswith(".")


def terms(theirs: list[Any]) -> tuple[str, ...]:
    """To Jekyll a number and its digits are two terms, and blanks at the end are part of one."""
    return tuple(dict.fromkeys(clean_line(str(one).lower() if isinstance(one, bool) else str(one)) for one in theirs))


def compare(folder: Path, above: str = "", *, without: frozenset[str] = frozenset()) -> list[JekyllPage]:
    """Hold every article to Jekyll's; gives what Jekyll says.

    Args:
        folder: The site.
        above: ``collections_dir`` with a slash.
        without: Files that may differ in any way.
    """
    theirs = [page for page in build(folder, above=above) if page.written and page.file not in without]
    ours = {path: one for path, one in articles(folder).items() if path not in without}
    wanted = {page.file: page for page in theirs if page.draft is not True}
    assert set(ours) == set(wanted)
    for file, page in wanted.items():
        one = ours[file]
        assert same_address(one.url) == same_address(_BASE + page.url), file
        assert one.published.replace(microsecond=0) == datetime.fromisoformat(page.date), file
        assert one.updated == max(datetime.fromisoformat(page.updated or page.date), one.published), file
        assert one.topics == terms(page.categories), file
        assert one.tags == terms(page.tags), file
    return theirs


def test_names_of_all_kinds_have_the_addresses_of_jekyll(tmp_path: Path) -> None:
    names = [name for name in NAMES if usable(name)]
    files = {f"_posts/2024-03-{n % 28 + 1:02}-{name}.md": post(title="T") for n, name in enumerate(names)}
    files |= {
        f"F {n}/{name}/_posts/2024-02-01-x.md": post()
        for n, name in enumerate(NAMES[:90])
        if usable(name) and not set("“[{'\"") & set(name)
    }
    write_site(tmp_path, files | {"_config.yml": json.dumps(_CONFIG)})
    assert len(compare(tmp_path)) > 200


@pytest.mark.parametrize(
    "style",
    ["date", "pretty", "ordinal", "weekdate", "none", "/blog/:categories/:title/", "/:year/:slug", ":title:output_ext"],
)
def test_styles_of_the_site(tmp_path: Path, style: str) -> None:
    collections = {"notes": {"output": True}, "own": {"output": True, "permalink": "/o/:title/"}, "dark": {}}
    config = _CONFIG | {"permalink": style, "collections": collections}
    files = {f"_posts/2024-12-30-a{n}.md": post(categories=one) for n, one in enumerate(_CATEGORIES)}
    files |= {
        "_notes/2024-01-02-dated.md": post(),
        "_notes/sub/deep/b.md": post(date="2024-05-06"),
        "_notes/plain.md": post(date="2024-05-07", slug="own-slug"),
        "_own/x y.html": post(date="2024-05-08"),
        "_dark/z.md": post(date="2024-05-09"),
        "_posts/2024-01-03-page.html": post(tag="one tag"),
        "en/news/_posts/2024-01-04-x.markdown": post(category="Top"),
    }
    compare(write_site(tmp_path, files | {"_config.yml": json.dumps(config)}))


def test_every_token_in_front_matter(tmp_path: Path) -> None:
    dates = ["2024-01-01 00:30:05 +0000", "2025-12-29T23:59:59+09:00", "2020-02-29", "2024-07-04 18:05"]
    files = {
        f"_posts/20{n % 30 + 10}-11-0{d + 1}-P q{n}.md": post(
            permalink=json.dumps(pattern), date=date, categories="[One, Two b]", title="T"
        )
        for n, pattern in enumerate(_PATTERNS)
        for d, date in enumerate(dates)
    }
    write_site(tmp_path, files | {"_config.yml": json.dumps(_CONFIG | {"timezone": "Asia/Shanghai"})})
    assert len(compare(tmp_path)) == len(_PATTERNS) * len(dates)


def test_dates_terms_and_slugs(tmp_path: Path) -> None:
    matters = [
        {"date": "2024-03-05 20:00:00"}, {"date": "2024-03-05T20:00:00"}, {"date": "2024-03-05 20:00"},
        {"date": "2024-03-05 20:00:00 -0800"}, {"date": "2024-03-05 20:00:00 Z"}, {"date": "2024-03-05T20:00:00.25Z"},
        {"date": "2024-3-5"}, {"date": "'2024-03-05'"}, {"date": "2024-3-5 7:05:06 +0800"},
        {"date": "March 5, 2024"}, {"date": "5 Mar 2024 10:00 +0100"}, {"last_modified_at": "2024-06-01 12:00:00"},
        {"last_modified_at": "2024-06-01T12:00:00-04:00"}, {"slug": "My Slug!"}, {"slug": "été.d"}, {"slug": "ÀB"},
        {"tags": "a b c"}, {"tags": "[a b, c]"}, {"tag": "a b"}, {"tag": "x", "tags": "[y, z]"}, {"tags": "[[a], [b]]"},
        {"category": "One Two"}, {"categories": "One Two", "category": "Three"}, {"category": "[A, B]"},
        {"published": "true"}, {"published": "false"}, {"published": "no"},
        {"draft": "true"}, {"draft": "false"}, {"layout": "", "permalink": ""}, {"title": "X", "tags": ""},
        {"tags": "[1, 2.5, true]"}, {"categories": "[1, 2024]"},
    ]  # fmt: skip
    files = {f"_posts/2024-02-{n % 28 + 1:02}-p{n}.md": post(**matter) for n, matter in enumerate(matters)}
    files |= {f"_posts/{name}.md": post() for name in ("24-1-2-short", "2024-1-2-one", "99-12-31-old", "2024-01-02-")}
    config = _CONFIG | {"timezone": "America/New_York", "permalink": "/:year/:month/:day/:hour/:slug:output_ext"}
    compare(write_site(tmp_path, files | {"_config.yml": json.dumps(config)}))


def test_what_jekyll_takes_for_a_post(tmp_path: Path) -> None:
    files = dict.fromkeys(
        [
            "_posts/2024-01-01-a.md", "_posts/sub/2024-01-02-b.md", "_posts/_hidden/2024-01-03-c.md",
            "_posts/sub/_x/2024-01-04-d.md", "_posts/.dot/2024-01-05-e.md", "_posts/sub/.dot/2024-01-06-f.md",
            "_posts/#x/2024-01-07-g.md", "_posts/2024-01-08-h.md~", "_posts/.2024-01-09-i.md", "_posts/j.md",
            "_posts/2024-01-10.md", "_drafts/k.md", "_drafts/2024-01-11-l.md", "m/_posts/2024-01-12-m.md",
            "m/_drafts/2024-01-13-n.md", "_inc/_posts/2024-01-14-o.md", "_pages/_posts/2024-01-15-p.md",
            ".x/_posts/2024-01-16-q.md", "gone/_posts/2024-01-17-r.md", "gone2/_posts/2024-01-18-s.md",
            "node_modules/a/_posts/2024-01-19-t.md", "vendor/bundle/_posts/2024-01-20-u.md",
            "vendor/x/_posts/2024-01-21-v.md", "_posts/2024-01-22-w.mkd", "_posts/2024-01-23-x.mdown",
            "_posts/2024-01-24-secret-y.md", "2024-01-25-z.md", "out/_posts/2024-01-26-aa.md", "about.md", "index.html",
            "_notes/a.md", "_notes/_b.md", "_notes/sub/_c.md", "_notes/.d.md", "my_posts/_posts/2024-01-27-bb.md",
            "_posts/2024-01-28-cc.MD", "a.b/_posts/2024-01-29-dd.md", "A B/c/_posts/2024-01-30-ee.md",
            "notes~/_posts/2024-01-31-ff.md", "a~b/_posts/2024-01-31-gg.md",
        ],
        post(date="2024-02-03"),
    )  # fmt: skip
    files |= {"_posts/2024-02-01-bare.md": "no front matter", "_notes/bare.md": "no front matter"}
    config = _CONFIG | {
        "include": ["_pages"], "exclude": ["gone", "_posts/*secret*", "Gemfile"], "destination": "out",
        "collections": {"notes": {"output": True}}, "markdown_ext": "md,mkd",
    }  # fmt: skip
    write_site(tmp_path, files | {"_config.yml": json.dumps(config)})
    # Of another extension than Markdown's: Jekyll copies it, with a post's address.
    compare(tmp_path, without=frozenset({"_posts/2024-01-23-x.mdown"}))
    _, unread = readings(tmp_path)
    assert set(unread) == {"2024-01-25-z.md", "_posts/j.md", "_posts/2024-01-10.md", "_notes/bare.md"}


def test_defaults_are_inherited(tmp_path: Path) -> None:
    sets: list[tuple[dict[str, str], dict[str, Any]]] = [
        ({"path": ""}, {"tags": "all of them", "categories": "base"}),
        ({"path": "", "type": "posts"}, {"permalink": "/p/:title/"}),
        ({"path": "_posts/hidden"}, {"published": False}),
        ({"path": "_posts/dated", "type": "posts"}, {"date": "2020-01-02 03:04:05 +0000"}),
        ({"path": "_posts/dated/deep"}, {"permalink": "/deep/:title/", "categories": ["Deep"], "tags": ["x y"]}),
        ({"path": "_posts/*/star"}, {"category": "Star"}),
        ({"path": "/_posts/slash/"}, {"slug": "by-default"}),
        ({"path": "", "type": "notes"}, {"tags": "note"}),
        ({"path": "_notes/a"}, {"permalink": "/na/:title"}),
        ({"path": "news", "type": "post"}, {"tags": ["news"]}),
        ({"path": "", "type": "pages"}, {"published": False}),
    ]
    config = _CONFIG | {
        "collections": {"notes": {"output": True}},
        "defaults": [{"scope": scope, "values": values} for scope, values in sets],
    }
    files = dict.fromkeys(
        [
            "_posts/2024-01-01-a.md", "_posts/hidden/2024-01-01-b.md", "_posts/hidden2/2024-01-01-c.md",
            "_posts/dated/2024-01-01-d.md", "_posts/dated/deep/2024-01-01-e.md", "_posts/q/star/2024-01-01-f.md",
            "_posts/slash/2024-01-01-g.md", "news/_posts/2024-01-01-h.md", "_posts/q/w/star/2024-01-01-i.md",
        ],
        post(title="T"),
    )  # fmt: skip
    files |= dict.fromkeys(["_notes/a.md", "_notes/ab.md", "_notes/b/a.md"], post(date="2024-02-03"))
    files |= {
        "_posts/hidden/2024-01-02-shown.md": post(published="true"),
        "_posts/dated/2024-01-02-own.md": post(date="2024-09-09 10:00:00 +0000", tags="[own]", categories="More"),
        "_posts/dated/deep/2024-01-03-own.md": post(permalink="/own/", category="Single"),
    }
    compare(write_site(tmp_path, files | {"_config.yml": json.dumps(config)}))


@pytest.mark.parametrize("folder", ["col", "_col", "a/b"])
def test_a_folder_of_collections(tmp_path: Path, folder: str) -> None:
    config = _CONFIG | {"collections_dir": folder, "collections": {"notes": {"output": True}}}
    config |= {"defaults": [{"scope": {"path": f"{folder}/_posts/x"}, "values": {"tags": ["by path"]}}]}
    files = dict.fromkeys(
        [
            f"{folder}/_posts/2024-01-01-a.md", f"{folder}/_posts/x/2024-01-01-b.md",
            f"{folder}/news/_posts/2024-01-01-c.md", "_posts/2024-01-01-d.md", "other/_posts/2024-01-01-e.md",
            f"{folder}/_notes/n.md", "_notes/m.md",
        ],
        post(date="2024-02-03"),
    )  # fmt: skip
    compare(write_site(tmp_path, files | {"_config.yml": json.dumps(config)}), f"{folder}/")


def test_an_undated_document_is_an_article_only_where_jekyll_has_a_feed_of_it(tmp_path: Path) -> None:
    config = _CONFIG | {"collections": {"docs": {"output": True}, "talks": {"output": True}}}
    files = {
        "_docs/a.md": post(),
        "_talks/b.md": post(),
        "_config.yml": json.dumps(config | {"feed": {"collections": ["talks"]}}),
    }
    write_site(tmp_path, files)
    assert set(articles(tmp_path)) == {"_talks/b.md"}
    read, _ = readings(tmp_path)
    assert any("a page and no article" in problem.why for problem in read["_docs/a.md"].problems)


def test_commas_are_no_part_of_terms(tmp_path: Path) -> None:
    """Jekyll's members are ``a,`` and ``b``, in the address as well; nobody means that."""
    write_site(
        tmp_path, {"_config.yml": json.dumps(_CONFIG), "_posts/2024-01-01-a.md": post(tags="a, b", categories="c, d")}
    )
    (one,) = articles(tmp_path).values()
    assert (one.tags, one.topics) == (("a", "b"), ("c", "d"))
    (theirs,) = build(tmp_path)
    assert same_address(one.url) == same_address(_BASE + theirs.url) == f"{_BASE}/c,/d/2024/01/01/a.html"


def test_what_a_configuration_says(tmp_path: Path) -> None:
    config = _CONFIG | {
        "author": {"name": "Jo", "email": "jo@example.org"}, "description": "About it", "timezone": "Asia/Tokyo",
        "lang": "ja", "show_drafts": True, "future": True, "plugins": ["jekyll-archives"], "source": "src",
        "jekyll-archives": {"enabled": ["tags"], "permalinks": {"tag": "/about/:name/"}},
        "excerpt_separator": "<!--x-->",
        "collections": {"talks": {"output": False}},
    }  # fmt: skip
    write_site(tmp_path, {"_config.yml": json.dumps(config), "src/_posts/2024-01-01-a.md": post()})
    site = read_jekyll(tmp_path)
    assert site is not None
    says = site.describe()
    assert (says.kind, says.title, says.url, says.language) == ("jekyll", "J", "https://example.org/base/", "ja")
    assert (says.author, says.email, says.description) == ("Jo", "jo@example.org", "About it")
    assert [tree.path for tree in says.trees] == ["src"]
    assert (says.tags[0].page, says.topics[0].page) == ("about/:slug/", "")
    assert len(says.notes) == 4
    assert set(articles(tmp_path)) == {"src/_posts/2024-01-01-a.md"}


@pytest.mark.parametrize(
    ("files", "is_jekyll"),
    [
        ({"_config.yml": "title: x"}, True),
        ({"_config.yaml": "title: x"}, True),
        ({"_config.toml": "title = 'x'"}, True),
        ({"_posts/2024-01-01-a.md": "x"}, True),
        ({"_posts/hello-world.md": "x", "package.json": "{}"}, False),
        ({"_config.yml": "title: x", "_toc.yml": "root: intro"}, False),
    ],
)
def test_by_what_a_site_is_known(tmp_path: Path, files: dict[str, str], is_jekyll: bool) -> None:
    found = recognise(write_site(tmp_path, files))
    assert (found is not None and found[1].describe().kind == "jekyll") is is_jekyll
