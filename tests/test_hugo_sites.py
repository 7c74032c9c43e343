"""Whole sites, as real Hugo lists them and as we do: what is hidden, what is content, dates, languages, terms."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

from feeds.app import App
from feeds.model import Article
from feeds.rebuild.run import Options
from feeds.scaffold import scaffold
from feeds.sites.hugo import read_hugo
from tests.hugo import HugoPage, build

NOW = datetime(2026, 11, 1, tzinfo=UTC)
NONE = "0001-01-01"


class Listed(NamedTuple):
    """What both sides say of a page."""

    file: str
    url: str
    date: str
    lang: str
    tags: tuple[str, ...]


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def article(title: str, *lines: str, body: str = "Text.") -> str:
    front = "\n".join(
        [f"title: {title}", *(lines if any("date" in line for line in lines) else ("date: 2024-03-05", *lines))]
    )
    return f"---\n{front}\n---\n{body}\n"


def ours(folder: Path) -> list[Article]:
    """The articles that are in feeds now."""
    (folder / "sources.yaml").write_text(scaffold(str(folder)).text, encoding="utf-8")
    findings = App(str(folder / "sources.yaml")).check(now=NOW, progress=lambda *_: None)
    return [
        one
        for one, _ in findings.articles
        if not one.draft and one.appears <= NOW and (one.expires is None or one.expires > NOW)
    ]


def by_hugo(pages: list[HugoPage], several: bool) -> Iterator[Listed]:
    for page in pages:
        if page.kind == "page" and page.url:  # one that is not rendered has no address
            date = page.date if not page.date.startswith(NONE) else "none"
            tags = page.params.get("tags") or []
            yield Listed(page.file, page.url, date, page.lang.lower() if several else "", tuple(tags))


def by_us(articles: list[Article], tops: tuple[str, ...]) -> Iterator[Listed]:
    for one in articles:
        date = one.published.isoformat().replace("+00:00", "Z") if one.date_from != "nowhere" else "none"
        file = next((one.path.removeprefix(top) for top in tops if one.path.startswith(top)), one.path)
        yield Listed(file, one.url, date, one.edition, one.tags)


def compare(folder: Path, files: Mapping[str, str], *, tops: tuple[str, ...] = ("content/",)) -> list[Listed]:
    """Both lists, which must be equal; returns one of them."""
    write(folder, files)
    articles = ours(folder)
    mine = sorted(by_us(articles, tops))
    theirs = sorted(by_hugo(build(folder), any(one.edition for one in articles)))
    assert mine == theirs
    return mine


HEAD = 'baseURL = "https://e.example/base/"\ntitle = "T"\nlocale = "en"\n'
#: Hugo 0.168 refuses HTML unless the site allows it.
ALLOW_HTML = "[security]\nallowContent = ['.*']\n"
SECTION = "---\ntitle: Section\n{}\n---\n"

TOML = "+++\ntitle = 'Section'\n[[cascade]]\n{}\n+++\n"

CASCADES = {
    "yaml": SECTION.format("cascade:\n  draft: true"),
    "list": SECTION.format("cascade:\n- draft: true"),
    "target path": SECTION.format("cascade:\n- target: {path: '/posts/sec/**'}\n  draft: true"),
    "target one": SECTION.format("cascade:\n- target: {path: '/posts/sec/p'}\n  draft: true"),
    "target star": SECTION.format("cascade:\n- target: {path: '/posts/*/p'}\n  build: {list: never, render: always}"),
    "target braces": SECTION.format("cascade:\n- _target: {path: '/{a,posts/sec}/{p,q}'}\n  draft: true"),
    "target kind": SECTION.format("cascade:\n- target: {kind: section}\n  draft: true"),
    "target page": SECTION.format("cascade:\n- target: {kind: '{page,home}'}\n  draft: true"),
    "target environment": SECTION.format("cascade:\n- target: {environment: production}\n  draft: true"),
    "target development": SECTION.format("cascade:\n- target: {environment: development}\n  draft: true"),
    "first wins": SECTION.format("cascade:\n- target: {path: '**/p'}\n  draft: false\n- draft: true"),
    "upper case": SECTION.format("cascade:\n  Draft: true"),
    "params": SECTION.format("cascade:\n  params: {draft: true}"),
    "build": SECTION.format("cascade:\n  build: {list: never}"),
    "build flags": SECTION.format("cascade:\n  build: {list: false, render: true}"),
    "headless": SECTION.format("cascade:\n  headless: true"),
    "dates": SECTION.format("cascade:\n  publishDate: 2099-01-01"),
    "expired": SECTION.format("cascade:\n  expiryDate: 2020-01-01"),
    "tags": SECTION.format("cascade:\n  tags: [inherited, two]"),
    "date": SECTION.format("cascade:\n  date: 2020-02-03"),
    "toml": "+++\ntitle = 'Section'\n[cascade]\ndraft = true\n+++\n",
    "toml list": TOML.replace("{}", "draft = true\n[cascade.target]\npath = '{/posts/sec,/posts/sec/**}'"),
    "toml params": TOML.format("[cascade.params]\ntags = ['a', 'b']\n[cascade.target]\npath = '**'"),
    "json": '{"title": "Section", "cascade": {"draft": true}}\n',
    "json list": '{"title": "Section", "cascade": [{"target": {"path": "/posts/**/deep"}, "draft": true}]}\n',
    "url": SECTION.format("cascade:\n  slug: same"),
    "draft section": SECTION.format("draft: true"),
    "hidden section": SECTION.format("build: {list: never, render: never}"),
    "never render": SECTION.format("cascade:\n  build: {render: link}"),
}


@pytest.mark.parametrize("name", CASCADES)
def test_what_pages_inherit(tmp_path: Path, name: str) -> None:
    compare(
        tmp_path,
        {
            "hugo.toml": HEAD,
            "content/posts/sec/_index.md": CASCADES[name],
            "content/posts/sec/p.md": article("P"),
            "content/posts/sec/own.md": article("Own", "draft: false", "tags: [mine]", "build: {list: always}"),
            "content/posts/sec/q r/deep.md": article("Deep"),
            "content/posts/sec/bundle/index.md": article("Bundle"),
            # Hugo 0.168 would give it the slug of "sec", as the beginning of its name.
            **({} if name == "url" else {"content/posts/section/x.md": article("X")}),
            "content/posts/y.md": article("Y"),
            "content/z.md": article("Z"),
        },
    )


SITE_CASCADES = {
    "map": "[cascade]\ndraft = true\n[cascade.target]\npath = '/posts/**'\n",
    "list": "[[cascade]]\ndraft = true\n[cascade.target]\npath = '/posts/a*'\n[[cascade]]\ntags = ['x']\n",
    "all": "[cascade]\ntags = ['site']\n",
    "kind": "[[cascade]]\nheadless = true\n[cascade._target]\nkind = 'page'\npath = '{/posts,/posts/**}'\n",
    "params": "[[cascade]]\n[cascade.params]\ntags = ['p']\n",
}


@pytest.mark.parametrize("name", SITE_CASCADES)
def test_what_the_site_lets_pages_inherit(tmp_path: Path, name: str) -> None:
    compare(
        tmp_path,
        {
            "hugo.toml": HEAD + SITE_CASCADES[name],
            "content/posts/_index.md": SECTION.format("cascade:\n  tags: [near]"),
            "content/posts/a.md": article("A"),
            "content/posts/b.md": article("B", "tags: [own]"),
            "content/posts/deep/_index.md": SECTION.format("cascade:\n- target: {path: '**/ac'}\n  draft: false"),
            "content/posts/deep/ac.md": article("Ac"),
            "content/posts/deep/c.md": article("C"),
            "content/other/a.md": article("Other"),
        },
    )


def test_what_a_page_hides_by_itself(tmp_path: Path) -> None:
    options = [
        "draft: true", "draft: false", "draft: 'true'", "headless: true", "headless: false", "build: {list: never}",
        "build: {list: local}", "build: {list: always}", "build: {render: never}", "build: {render: link}",
        "build: {list: false}", "build: {list: true}",
        "build:\n  list: never\n  publishResources: false", "publishDate: 2099-05-05", "publishDate: 2001-05-05",
        "date: 2099-01-01", "date: 9999-12-31", "date: 2020-01-01\nexpiryDate: 9999-12-31",
        "expiryDate: 2021-01-01",
        "date: 2020-01-01\nexpiryDate: 2099-01-01",
        "date: 2099-01-01\npublishDate: 2020-01-01",
        "unpublishdate: 2020-01-01", "pubdate: 2099-01-01", "DRAFT: true",
        "params: {headless: true}", "date: 0001-01-01", "Build: {List: never}",
    ]  # fmt: skip
    files = {f"content/posts/p{n}.md": article(f"P{n}", option) for n, option in enumerate(options)}
    # "date" stands in the text of some options only.
    files |= {
        f"content/posts/d{n}.md": f"---\ntitle: D{n}\ndate: 2024-01-01\n{o}\n---\nx\n"
        for n, o in enumerate(options)
        if not o.startswith("date")
    }
    compare(tmp_path, {"hugo.toml": HEAD} | files)


def test_what_is_content(tmp_path: Path) -> None:
    text = article("T")
    names = [
        "a.md", "b.markdown", "c.mdown", "d.MD", "e.html", "f.htm", "C#/g.md", "@angular/h.md", "x~/i.md", "j.md~",
        "#k.md", "l.md#", ".m.md", ".n/o.md", "p.bak/q.md", "r.tmp/s.md", "t.bak.md", "bundle/index.md",
        "bundle/resource.md", "bundle/deep/more.md", "bundle.html/index.html", "bundle.html/x.md", "two/index.md",
        "two/index.html", "_index.md", "branch/_index.md", "branch/u.md", "branch/sub/index.md", "branch/_index.html",
        "node_modules/v.md", "ignored/w.md", "x.draft.md", "index.en.md", "deep/a/b/c/d.md", "y.mkd", "z.txt",
        "index/one.md", "_x.md", "-y.md", "sec/INDEX.md", "sec/other.md", "lang.en.md", "lang.de.md",
    ]  # fmt: skip
    files = {f"content/posts/{name}": text for name in names}
    files |= {f"content/top/{name}/index.md": text for name in ("C++", "1", "a b")}
    files |= {"content/bundle/index.md": text, "content/bundle/r.md": text, "content/flat.md": text}
    del files["content/posts/index.en.md"]
    ignored = """ignoreFiles = ['/ignored/', '\\.draft\\.md$']\n"""
    compare(tmp_path, {"hugo.toml": HEAD + ignored + ALLOW_HTML} | files)


@pytest.mark.parametrize("index", ["index.md", "index.en.md", "index.html"])
def test_an_index_at_the_top_of_the_tree(tmp_path: Path, index: str) -> None:
    files = {f"content/{name}": article("T") for name in (index, "a.md", "posts/b.md")}
    compare(tmp_path, {"hugo.toml": HEAD + ALLOW_HTML} | files)


DATES = [
    "",
    'date = [":filename", ":default"]',
    'date = ["lastmod", ":default"]',
    'date = ["publishDate"]',
    'date = [":default", ":filename"]',
    'lastmod = ["date"]',
    'publishDate = ["my_date"]',
    'date = ["another-date", "date"]',
    'expiryDate = ["gone", ":default"]',
    "date = []",
]


@pytest.mark.parametrize("rule", DATES)
def test_which_keys_are_dates(tmp_path: Path, rule: str) -> None:
    fronts = [
        "date: 2024-01-02", "publishDate: 2024-02-03", "lastmod: 2024-03-04", "pubdate: 2024-04-05",
        "modified: 2024-05-06", "my_date: 2024-06-07\ndate: 2023-01-01",
        "another-date: 2099-01-01\ndate: 2023-01-01", "gone: 2020-01-01\ndate: 2019-01-01",
        "date: 2024-01-02\nlastmod: 2024-02-03\npublishDate: 2024-03-04", "weight: 1",
        "date: 2024-01-02T03:04:05+08:00",
        "date: 2024-01-02 03:04:05", "Date: 2024-01-02", "slug: own",
    ]  # fmt: skip
    files: dict[str, str] = {}
    for number, front in enumerate(fronts):
        text = f"---\ntitle: T{number}\n{front}\n---\nx\n"
        files |= {f"content/posts/p{number}.md": text, f"content/posts/2022-10-11-name-{number}.md": text}
        files |= {f"content/posts/2022-10-11-12-13-14-bundle-{number}/index.md": text}
    settings = (
        f"{HEAD}timeZone = 'Asia/Shanghai'\n[permalinks]\nposts = '/:year/:month/:day/:slug/'\n[frontmatter]\n{rule}\n"
    )
    listed = compare(tmp_path, {"hugo.toml": settings} | files)
    assert len(listed) > 30


LANGUAGES = {
    "by name": ("[languages.en]\nweight = 1\n[languages.zh-cn]\nweight = 2\n", ("content/",)),
    "subdir": ("defaultContentLanguageInSubdir = true\n[languages.en]\n[languages.zh-cn]\n", ("content/",)),
    "default zh": ("defaultContentLanguage = 'zh-cn'\n[languages.en]\n[languages.zh-cn]\n", ("content/",)),
    "hosts": (
        "[languages.en]\nbaseURL = 'https://en.example/'\n[languages.zh-cn]\nbaseURL = 'https://zh.example/x/'\n",
        ("content/",),
    ),
    "disabled": ("[languages.en]\n[languages.zh-cn]\ndisabled = true\n[languages.de]\n", ("content/",)),
    "disableLanguages": (
        "disableLanguages = ['de']\n[languages.en]\n[languages.zh-cn]\n[languages.de]\n",
        ("content/",),
    ),
    "permalinks": (
        "[languages.en]\n[languages.zh-cn]\n[languages.zh-cn.permalinks]\nposts = '/w/:year/:slug/'\n",
        ("content/",),
    ),
    "one": ("[languages.en]\n", ("content/",)),
    "one in a folder": ("defaultContentLanguageInSubdir = true\n", ("content/",)),
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_languages_by_file_name(tmp_path: Path, name: str) -> None:
    settings, tops = LANGUAGES[name]
    names = [
        "posts/a.md", "posts/a.zh-cn.md", "posts/b.en.md", "posts/c.zh-CN.md", "posts/d.de.md", "posts/e.v1.md",
        "posts/x/index.md", "posts/x/index.zh-cn.md", "posts/y/index.zh-cn.md", "top.zh-cn.md", "posts/deep/f.zh-cn.md",
    ]  # fmt: skip
    files = {f"content/{one}": article("T", f"tags: [{one[6]}]") for one in names}
    files["content/posts/_index.zh-cn.md"] = SECTION.format("cascade: {tags: [zh]}")
    files["content/posts/g.zh-cn.md"] = article("G")
    files["content/posts/own.zh-cn.md"] = article("Own", "url: /own/path/")
    files["content/posts/rel.zh-cn.md"] = article("Own", "url: rel/path/")
    files["content/posts/g.md"] = article("G")
    if name == "default zh":  # two files of one page and language: which one Hugo takes is by chance
        files = {one: text for one, text in files.items() if one.replace(".md", ".zh-cn.md") not in files}
    compare(tmp_path, {"hugo.toml": HEAD + settings} | files, tops=tops)


MOUNT = "[[module.mounts]]\nsource = '{}'\ntarget = '{}'\n"

MOUNTS = {
    "contentDir": (
        "[languages.en]\ncontentDir = 'content/en'\n[languages.zh-cn]\ncontentDir = 'content/zh'\n",
        ("content/en/", "content/zh/"),
    ),
    "one has its own": (
        "contentDir = 'content/en'\n[languages.en]\n[languages.zh-cn]\ncontentDir = 'other'\n",
        ("content/en/", "other/"),
    ),
    "mounts": (
        MOUNT.format("content/en", "content") + MOUNT.format("other", "content/blog"),
        ("content/en/",),
    ),
    "mounts of languages": (
        "[languages.en]\n[languages.zh-cn]\n"
        + MOUNT.format("content/en", "content")
        + "[module.mounts.sites.matrix]\nlanguages = ['en']\n"
        + MOUNT.format("content/zh", "content")
        + "[module.mounts.sites.matrix]\nlanguages = ['zh-cn']\n",
        ("content/en/", "content/zh/"),
    ),
    "mounts without some files": (
        MOUNT.format("content/en", "content")
        + "files = ['! **/b.md', '! x/**']\n"
        + MOUNT.format("other", "content/blog")
        + "files = ['**/a.md', 'a.md']\n",
        ("content/en/",),
    ),
    "plain": ("contentDir = 'content/en'\n", ("content/en/",)),
    "theme": ("contentDir = 'other'\ntheme = 'mine'\n", ("other/", "themes/mine/content/")),
}


@pytest.mark.parametrize("name", MOUNTS)
def test_folders_of_content(tmp_path: Path, name: str) -> None:
    settings, tops = MOUNTS[name]
    folders = ("content/en", "content/zh", "other", "themes/mine/content")
    files = {
        f"{folder}/{one}": article("T")
        for folder in folders
        for one in ("posts/a.md", f"posts/{folder[-5:].replace('/', '')}.md", "x/index.md")
    }
    write(tmp_path, {"hugo.toml": HEAD + settings} | files)
    mine = sorted((one.url, one.edition) for one in ours(tmp_path))
    several = any(edition for _, edition in mine)
    theirs = sorted((page.url, page.lang if several else "") for page in build(tmp_path) if page.kind == "page")
    assert mine == theirs
    assert tops


CONFIGURATIONS = {
    "folder": {"config/_default/hugo.toml": HEAD, "config/_default/permalinks.toml": "posts = '/p/:slug/'\n"},
    "production": {"hugo.yaml": "baseURL: https://e.example/\n", "config/production/hugo.toml": "uglyURLs = true\n"},
    "languages": {
        "config/_default/config.yaml": "baseURL: https://e.example/\n",
        "config/_default/languages.en.toml": "weight = 1\n",
        "config/_default/languages.toml": "[zh-cn]\nweight = 2\ntitle = 'Z'\n",
    },
    "a file for each language": {
        "config/_default/config.yaml": "baseURL: https://e.example/\n",
        "config/_default/languages.en.toml": "weight = 1\ndisabled = false\n",
        "config/_default/languages.zh-cn.yaml": "weight: 2\npermalinks: {page: {/: '/s/:slug/'}}\n",
        "config/_default/languages.de.yaml": "disabled: true\n",
        "config/_default/anything.en.toml": "uglyURLs = true\nlocale = 'en-GB'\n",
        "config/_default/params.zh-cn.toml": "weight = 'none'\n",
    },
    "a file of one table": {
        "config/_default/config.yaml": "baseURL: https://e.example/\ncascade: {tags: [x]}\n",
        "config/_default/permalinks.toml": "[permalinks]\nposts = '/p/:slug/'\n",
        "config/_default/cascade.toml": "[[cascade]]\ntags = ['a', 'b']\n[cascade.target]\npath = '/posts/**'\n",
        "config/_default/more/uglyURLs.toml": "[uglyURLs]\nn = true\n",
    },
    "maps of a language": {
        "hugo.toml": HEAD + "[languages.en]\n[languages.zh-cn.uglyURLs]\nn = true\n",
    },
    "json": {
        "config.json": '{"baseURL": "https://e.example/", "permalinks": {"page": {"posts": "/:contentbasename/"}}}'
    },
    "development": {"hugo.toml": HEAD, "config/development/hugo.toml": "uglyURLs = true\n"},
    "list of permalinks": {
        "hugo.toml": HEAD + "[[permalinks]]\npattern = '/n/:slug/'\n[permalinks.target]\npath = '/posts/a'\n"
        "[[permalinks]]\npattern = '/m/:slug/'\n[permalinks.target]\nkind = 'page'\n"
    },
    "ugly by section": {"hugo.toml": HEAD + "[uglyURLs]\nposts = true\n"},
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_configurations(tmp_path: Path, name: str) -> None:
    files = {
        f"content/{one}": article("A & B")
        for one in ("posts/a.md", "posts/b.zh-cn.md", "c.md", "posts/d/index.md", "n/e.md")
    }
    compare(tmp_path, CONFIGURATIONS[name] | files)


def test_a_description_with_markup_becomes_plain_text(tmp_path: Path) -> None:
    described = "[params]\ndescription = \"We &amp; <a href='https://e.example/'>you</a>: a < b\"\n"
    write(tmp_path, {"hugo.toml": HEAD + described, "content/a.md": article("A")})
    site = read_hugo(tmp_path)
    assert site is not None
    assert site.describe().description == "We & you: a < b"


def test_html_has_no_markers(tmp_path: Path) -> None:
    body = "<pre>[^0-9]+</pre> [^x]"
    write(tmp_path, {"hugo.toml": HEAD + ALLOW_HTML, "content/a.html": article("A", body=body)})
    write(tmp_path, {"content/b.md": article("B", body="Text[^x].")})
    (tmp_path / "sources.yaml").write_text(scaffold(str(tmp_path)).text, encoding="utf-8")
    findings = App(str(tmp_path / "sources.yaml")).check(now=NOW, progress=lambda *_: None)
    assert [one.path for one in findings.problems if one.what == "citation"] == ["content/b.md"]


def test_feeds_of_each_language_speak_it(tmp_path: Path) -> None:
    settings = "[languages.en]\ntitle = 'English'\nweight = 1\n[languages.zh-cn]\ntitle = '中文'\nweight = 2\n"
    files = {"content/a.md": article("A", "tags: [x]"), "content/a.zh-cn.md": article("甲", "tags: [x]")}
    write(tmp_path, {"hugo.toml": 'baseURL = "https://e.example/"\n' + settings} | files)
    config = tmp_path / "sources.yaml"
    config.write_text(scaffold(str(tmp_path)).text, encoding="utf-8")
    App(str(config)).rebuild(Options(), now=NOW, progress=lambda *_: None)
    for folder, title, item in (("", "English", "A"), ("zh-cn/", "中文", "甲")):
        feed = json.loads((tmp_path / "output" / folder / "tags/x/feed.json").read_text(encoding="utf-8"))
        assert feed["title"].endswith(title)
        assert feed["home_page_url"] == f"https://e.example/{folder}tags/x/"
        (only,) = feed["items"]
        assert (only["title"], only["authors"]) == (item, [{"name": title}])
    head = etree.parse(tmp_path / "output/atom.xml").getroot()
    others = {link.get("hreflang"): link.get("href") for link in head.iterfind("{*}link[@hreflang]")}
    assert others["zh-CN"] == "https://e.example/zh-cn/atom.xml"
