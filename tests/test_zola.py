"""Sites of Zola by its documentation: what is an article, where it lives, what it is about."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from feeds.sites.recognise import recognise
from feeds.sites.zola import read_zola
from feeds.sites.zola_tree import slugged
from tests.generators import articles, readings, write_site

_BASE = 'base_url = "https://example.org/z"\ntitle = "Z"\n'
_PAGE = "+++\ntitle = 'T'\ndate = 2024-02-03\n+++\nText.\n"


def page(*lines: str) -> str:
    return "+++\n" + "\n".join(lines) + "\n+++\nText.\n"


def addresses(folder: Path) -> dict[str, str]:
    """Paths below the site's address by the paths of files below the content folder."""
    found = articles(folder)
    return {path.removeprefix("content/"): one.url.removeprefix("https://example.org/z") for path, one in found.items()}


@pytest.mark.parametrize(
    ("file", "path"),
    [
        # From the documentation: "Page", "Overview", "Configuration".
        ("about.md", "/about/"),
        ("about/index.md", "/about/"),
        ("blog/hello-world.md", "/blog/hello-world/"),
        ("foo/bar/thing.md", "/foo/bar/thing/"),
        ("foo/bar/index.md", "/foo/bar/"),
        ("2018-10-10.md", "/2018-10-10/"),
        ("2018-10-10-hello-world.md", "/hello-world/"),
        ("2018-10-10_under.md", "/under/"),
        ("blog/2021-01-23 -hello new world.md", "/blog/hello-new-world/"),
        ("blog/2018-10-10-hello-world/index.md", "/blog/hello-world/"),
        ("2002-10-02T15:00:00Z-moment.md", "/moment/"),
        ("2002-10-02T15:00:00+08:00_moment2.md", "/moment2/"),
        ("2024-13-01-no-month.md", "/2024-13-01-no-month/"),
        ("2024-01-02no-dash.md", "/2024-01-02no-dash/"),
        ("Some Folder/élevage-chèvre.md", "/Some%20Folder/elevage-chevre/"),
        ("a/Hello, World! (2).md", "/a/hello-world-2/"),
        ("a/C++ & C#.md", "/a/c-c/"),
        ("a/x.y.md", "/a/x-y/"),
        ("日本.md", "/ri-ben/"),
        ("人工智能/什么是旅行价格.md", "/%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD/shen-me-shi-lv-xing-jia-ge/"),
        ("a/index/x.md", "/a/index/x/"),
    ],
)
def test_addresses_by_file(tmp_path: Path, file: str, path: str) -> None:
    write_site(tmp_path, {"zola.toml": _BASE, f"content/{file}": _PAGE})
    assert addresses(tmp_path) == {file: path}


@pytest.mark.parametrize(
    ("lines", "path"),
    [
        (['slug = "My Slug"'], "/blog/my-slug/"),
        (['slug = "élevage-chèvre-carrière-alternative"'], "/blog/elevage-chevre-carriere-alternative/"),
        (['path = "an/other"'], "/an/other/"),
        (['path = "/an/Other é/"'], "/an/Other%20%C3%A9/"),
        (['path = "p"', 'slug = "s"'], "/p/"),
        (['path = "../../up"'], "/up/"),
        (['aliases = ["/old"]'], "/blog/x/"),
    ],
)
def test_addresses_by_front_matter(tmp_path: Path, lines: list[str], path: str) -> None:
    write_site(tmp_path, {"zola.toml": _BASE, "content/blog/2024-01-02-x.md": page(*lines)})
    assert addresses(tmp_path) == {"blog/2024-01-02-x.md": path}


@pytest.mark.parametrize(
    ("setting", "name", "path"),
    [
        ('paths = "safe"', "日本 (hey)?", "/日本 (hey)/"),
        ('paths = "safe"', "2024-01-02-A: b. ", "/A b/"),
        ('paths = "off"', "héhé - X", "/héhé - X/"),
        ("paths_keep_dates = true", "2024-01-02-x", "/2024-01-02-x/"),
        ("paths_keep_dates = true", "2024-01-02_x", "/2024-01-02-x/"),
        ('paths = "on"', "test (hey)", "/test-hey/"),
    ],
)
def test_slugify(tmp_path: Path, setting: str, name: str, path: str) -> None:
    write_site(tmp_path, {"zola.toml": f"{_BASE}[slugify]\n{setting}\n", f"content/{name}.md": _PAGE})
    assert [unquote(one) for one in addresses(tmp_path).values()] == [path]


@pytest.mark.parametrize(
    ("text", "slug"),
    [("input", "input"), ("test ", "test"), ("tes t", "tes-t"), ("dot. ", "dot"), ("日本", "ri-ben"), ("héhé", "hehe"),
     ("Привет", "privet"), ("한국", "hangug"), ("a—b", "a-b"), ("a 🚀 b", "a-b"), ("Straße", "strasse"), ("--", "")],
)  # fmt: skip
def test_slugs(text: str, slug: str) -> None:
    assert slugged(text, "on") == slug


def test_dates_and_terms(tmp_path: Path) -> None:
    files = {
        "zola.toml": _BASE + 'taxonomies = [{name = "tags"}, {name = "categories"}, {name = "director"}]\n',
        "content/a.md": page("date = 2024-03-05T10:00:00+08:00", "updated = 2024-04-05", "[taxonomies]",
                             'tags = ["a b", "c"]', 'categories = ["K"]', 'director = ["D"]', "[extra]",
                             'image = "/x.png"'),
        "content/2024-03-06-b.md": page("title = 'B'"),
        "content/2024-03-06-c.md": page("date = 2023-01-02"),
        "content/d.md": "---\ntitle: D\ndate: 2024-05-06\ntaxonomies:\n  tags: [y]\ntags: [no]\n---\n",
    }  # fmt: skip
    found = articles(write_site(tmp_path, files))
    a, d = found["content/a.md"], found["content/d.md"]
    assert (a.tags, a.topics, a.image is not None) == (("a b", "c"), ("K", "D"), True)
    assert (a.published.isoformat(), a.updated.isoformat()) == (
        "2024-03-05T10:00:00+08:00",
        "2024-04-05T00:00:00+00:00",
    )
    assert found["content/2024-03-06-b.md"].published.isoformat() == "2024-03-06T00:00:00+00:00"
    assert found["content/2024-03-06-c.md"].published.isoformat() == "2023-01-02T00:00:00+00:00"
    assert d.tags == ("y",)


def test_what_is_no_article(tmp_path: Path) -> None:
    files = dict.fromkeys(
        ["a.md", "b.markdown", "c.MD", ".d.md", "_index.md", "s/_index.md", "s/_index.fr.md", "t/ignored/x.md",
         "t/e.md", "t/index.md", "t/other.md", "img.png", "t/y.org"],
        _PAGE,
    )  # fmt: skip
    files |= {
        "undated.md": page("title = 'x'"), "draft.md": page("date = 2024-01-01", "draft = true"),
        "unrendered.md": page("date = 2024-01-01", "render = false"),
        "hidden/_index.md": page("draft = true"), "hidden/deep/x.md": _PAGE,
        "hidden/own.md": page("date = 2024-01-01", "draft = false"),
        "quiet/_index.md": page("render = false"), "quiet/x.md": _PAGE,
    }  # fmt: skip
    write_site(tmp_path, {f"content/{name}": text for name, text in files.items()})
    write_site(tmp_path, {"zola.toml": f'{_BASE}ignored_content = ["*/ignored/*", "*.xlsx"]\n'})
    assert set(addresses(tmp_path)) == {"a.md", "t/e.md", "t/index.md", "t/other.md", "quiet/x.md"}
    _, unread = readings(tmp_path)
    names = {path.removeprefix("content/") for path in unread}
    assert names == {"b.markdown", "c.MD", "t/ignored/x.md", "t/y.org"}


def test_languages(tmp_path: Path) -> None:
    files = {
        "zola.toml": _BASE + 'default_language = "en"\n[languages.fr]\ntitle = "ZF"\n[languages.zh-CN]\n',
        "content/a.md": _PAGE, "content/a.fr.md": _PAGE, "content/a.en.md": _PAGE, "content/a.de.md": _PAGE,
        "content/b/index.md": _PAGE, "content/b/index.zh-CN.md": _PAGE,
        "content/c.fr.md": page("date = 2024-01-01", 'path = "fixe"'),
        "content/hidden/_index.md": page("draft = true"), "content/hidden/x.fr.md": _PAGE,
        "content/half/_index.fr.md": page("draft = true"), "content/half/x.fr.md": _PAGE, "content/half/x.md": _PAGE,
    }  # fmt: skip
    write_site(tmp_path, files)
    assert addresses(tmp_path) == {
        "a.md": "/a/", "a.fr.md": "/fr/a/", "a.en.md": "/a-en/", "b/index.md": "/b/", "b/index.zh-CN.md": "/zh-CN/b/",
        "c.fr.md": "/fixe/", "half/x.md": "/half/x/",
    }  # fmt: skip
    found = articles(tmp_path)
    assert {path: (one.edition, one.language) for path, one in found.items() if path.startswith("content/b")} == {
        "content/b/index.md": ("en", "en"), "content/b/index.zh-CN.md": ("zh-cn", "zh-CN"),
    }  # fmt: skip
    site = read_zola(tmp_path)
    assert site is not None
    says = site.describe()
    assert [(one.key, one.title, one.folder) for one in says.editions] == [
        ("en", "Z", ""), ("fr", "ZF", "fr/"), ("zh-cn", "Z", "zh-CN/"),
    ]  # fmt: skip


def test_aliases_are_below_the_root(tmp_path: Path) -> None:
    lines = ["date = 2024-01-01", 'aliases = ["old", "/old/b.html", "https://else.example/x"]']
    (one,) = articles(write_site(tmp_path, {"zola.toml": _BASE, "content/deep/a.md": page(*lines)})).values()
    assert one.aliases == (
        "https://example.org/z/old/", "https://example.org/z/old/b.html", "https://else.example/x",
    )  # fmt: skip


def test_what_a_configuration_says(tmp_path: Path) -> None:
    text = _BASE + (
        'description = "About"\nauthor = "Jo"\ndefault_language = "fr"\ngenerate_feeds = true\ntheme = "t"\n'
        'taxonomy_root = "blog"\n'
        'taxonomies = [{name = "tags"}, {name = "Le Sujet"}, {name = "authors"}, {name = "x", render = false}]\n'
    )
    site = read_zola(write_site(tmp_path, {"config.toml": text, "content/a.md": _PAGE, "static/x": ""}))
    assert site is not None
    says = site.describe()
    assert (says.title, says.url, says.language, says.author) == ("Z", "https://example.org/z", "fr", "Jo")
    assert [one.page for one in says.tags] == ["blog/tags/:slug/"]
    assert [(one.key, one.page) for one in says.topics] == [("Le Sujet", "blog/le-sujet/:slug/"), ("x", "")]
    assert (says.static, len(says.notes)) == (("static",), 3)


def test_a_configuration_of_others_is_none_of_hugos(tmp_path: Path) -> None:
    write_site(tmp_path, {"config.json": '{"port": 8080}', "a.md": _PAGE})
    assert recognise(tmp_path) is None
    write_site(tmp_path, {"archetypes/default.md": ""})
    assert recognise(tmp_path) is not None


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"zola.toml": _BASE}, "zola"),
        ({"config.toml": _BASE}, "zola"),
        ({"config.toml": 'baseURL = "https://example.org/"\n'}, "hugo"),
        ({"config.toml": 'title = "x"\n'}, "hugo"),
        ({"hugo.toml": 'base_url = "https://example.org/"\n'}, "hugo"),
        ({"config.toml": 'baseurl = "https://example.org/"\nbase_url = "https://example.org/"\n'}, "hugo"),
    ],
)
def test_it_is_told_from_hugo(tmp_path: Path, files: dict[str, str], kind: str) -> None:
    found = recognise(write_site(tmp_path, files))
    assert found is not None
    assert found[1].describe().kind == kind
