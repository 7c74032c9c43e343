from __future__ import annotations

from pathlib import Path

import pytest

from feeds.errors import ConfigError
from feeds.hugo import HugoSite, Section, plain_site, read_hugo


def write(folder: Path, **files: str) -> None:
    """``name__ext`` -> text; ``/`` in a name makes folders."""
    for name, text in files.items():
        path = folder / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def read(folder: Path, **files: str) -> HugoSite:
    write(folder, **files)
    site = read_hugo(folder)
    assert site is not None
    return site


TOML = """
BaseURL = "https://garden.example/blog/"
languageCode = "zh-hans"
title = "园艺周报"
timeZone = "Asia/Shanghai"
[params]
  Description = "写给种花的人"
  [params.author]
    name = "陈园丁"
    email = "chen@garden.example"
"""
YAML = """
baseurl: https://garden.example/blog/
languagecode: zh-hans
title: 园艺周报
timezone: Asia/Shanghai
params:
  description: 写给种花的人
author: {name: 陈园丁, email: chen@garden.example}
"""
JSON = """
{"baseURL": "https://garden.example/blog/", "languageCode": "zh-hans", "title": "园艺周报", "timeZone": "Asia/Shanghai",
 "params": {"description": "写给种花的人", "author": [{"name": "陈园丁", "email": "chen@garden.example"}]}}
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hugo.toml", TOML),
        ("hugo.yaml", YAML),
        ("hugo.yml", YAML),
        ("hugo.json", JSON),
        ("config.toml", TOML),
        ("config.json", "\ufeff" + JSON),
        ("config/_default/hugo.toml", TOML),
        ("config/_default/config.yaml", YAML),
    ],
)
def test_the_facts_of_a_site_come_from_any_of_its_files(tmp_path: Path, name: str, text: str) -> None:
    site = read(tmp_path, **{name: text})
    assert site == HugoSite(
        read_from=name,
        title="园艺周报",
        url="https://garden.example/blog/",
        language="zh-hans",
        author="陈园丁",
        email="chen@garden.example",
        description="写给种花的人",
        timezone="Asia/Shanghai",
        tag_keys=("tags",),
        topic_keys=("categories",),
    )


def test_a_folder_without_settings_is_no_hugo_site(tmp_path: Path) -> None:
    write(tmp_path, **{"config/notes.toml": "title = 'x'", "README.md": "x"})
    assert read_hugo(tmp_path) is None


def test_hugo_toml_comes_before_config_toml(tmp_path: Path) -> None:
    assert read(tmp_path, config__toml="title = 'old'", hugo__toml="title = 'new'").title == "new"


def test_a_file_of_a_settings_folder_holds_the_key_of_its_name(tmp_path: Path) -> None:
    site = read(
        tmp_path,
        **{
            "config/_default/hugo.toml": "title = 'T'\ndefaultContentLanguage = 'zh-cn'",
            "config/_default/params.toml": "description = 'D'",
            "config/_default/permalinks.yaml": "posts: /p/:slug/",
            "config/_default/languages.toml": "[zh-cn]\nlocale = 'zh-CN'\n[en]\ntitle = 'E'",
            "config/_default/params.zh-cn.toml": "author = 'A'",
            "config/production/hugo.toml": "baseURL = 'https://real.example/'",
            "content/posts/a.md": "x",
        },
    )
    assert (site.title, site.description, site.language, site.author) == ("T", "D", "zh-CN", "A")
    assert site.url == "https://real.example/"
    assert site.sections == (Section(path="content/posts", name="posts", permalink="/p/:slug/"),)


def test_the_default_language_comes_before_the_site(tmp_path: Path) -> None:
    text = """
baseURL = "https://a.example/"
title = "site"
defaultContentLanguage = "ZH"
defaultContentLanguageInSubdir = true
[languages.en]
title = "english"
[languages.zh]
title = "中文站"
baseURL = "https://zh.example/"
languageCode = "zh-tw"
contentDir = "inhalt/zh"
[languages.zh.params]
description = "d"
"""
    site = read(tmp_path, hugo__toml=text, **{"inhalt/zh/posts/a.md": "x", "inhalt/en/posts/a.md": "x"})
    assert (site.title, site.url, site.language, site.description) == ("中文站", "https://zh.example/", "zh-tw", "d")
    assert site.sections == (Section(path="inhalt/zh/posts", name="posts", permalink="/zh/:sections/:slugorfilename/"),)


def test_without_a_language_code_the_default_language_stands(tmp_path: Path) -> None:
    assert read(tmp_path, hugo__toml="defaultContentLanguage = 'fr'").language == "fr"
    assert read(tmp_path, hugo__toml="title = 'x'").language == "en"


def test_sections_are_the_folders_that_hold_articles(tmp_path: Path) -> None:
    site = read(
        tmp_path,
        **{
            "hugo.toml": "",
            "content/about.md": "x",
            "content/only-index/_index.md": "x",
            "content/images/a.png": "x",
            "content/notes/2025/a.markdown": "x",
            "content/essays/bundle/index.md": "x",
            "content/.trash/a.md": "x",
            "content/@eaDir/a.md": "x",
        },
    )
    assert [section.path for section in site.sections] == ["content/essays", "content/notes"]


def test_the_content_may_lie_outside_the_site(tmp_path: Path) -> None:
    write(tmp_path, **{"texts/posts/a.md": "x"})
    (tmp_path / "site").mkdir()
    for content in ("../texts", str(tmp_path / "texts")):
        site = read(tmp_path / "site", hugo__toml=f"contentDir = '{content}'")
        assert [section.path for section in site.sections] == ["../texts/posts"]


@pytest.mark.parametrize(
    ("text", "permalink"),
    [
        ("", "/:sections/:slugorfilename/"),
        ("[permalinks]\nposts = ':year/:slug'", "/:year/:slug/"),
        ("[permalinks]\nPosts = '/old/:slug/'\n[permalinks.page]\nposts = '/new/:slug/'", "/new/:slug/"),
        ("[permalinks.section]\nposts = '/s/'", "/:sections/:slugorfilename/"),
        ("uglyURLs = true", "/:sections/:slugorfilename.html"),
        ("[uglyURLs]\nposts = true", "/:sections/:slugorfilename.html"),
        ("[uglyURLs]\nother = true", "/:sections/:slugorfilename/"),
        ("uglyURLs = true\n[permalinks]\nposts = '/p/:slug/'", "/p/:slug.html"),
        ("defaultContentLanguageInSubdir = true", "/en/:sections/:slugorfilename/"),
    ],
)
def test_permalinks_are_those_of_hugo(tmp_path: Path, text: str, permalink: str) -> None:
    site = read(tmp_path, hugo__toml=text, **{"content/posts/a.md": "x"})
    assert [section.permalink for section in site.sections] == [permalink]


@pytest.mark.parametrize(
    ("text", "tags", "topics"),
    [
        ("", ("tags",), ("categories",)),
        ("[taxonomies]\ncategory = 'main_topics'\ntag = 'tags'\nauthor = 'authors'", ("tags",), ("main_topics",)),
        ("[taxonomies]\nkeyword = 'keywords'", ("keywords",), ()),
        ("[taxonomies]\na = 'areas'\nb = 'branches'\nseries = 'series'", (), ("areas", "branches")),
    ],
)
def test_taxonomies_name_the_keys_of_tags_and_topics(
    tmp_path: Path, text: str, tags: tuple[str, ...], topics: tuple[str, ...]
) -> None:
    site = read(tmp_path, hugo__toml=text)
    assert (site.tag_keys, site.topic_keys) == (tags, topics)


@pytest.mark.parametrize(
    ("text", "static"),
    [
        ("", ("static",)),
        ("staticDir = 'files'", ("files",)),
        ("staticDir = ['static', 'files', 'gone']", ("static", "files")),
        ("staticDir = 'static'\nstaticDir1 = 'files'", ("static", "files")),
    ],
)
def test_static_folders_are_those_that_are_there(tmp_path: Path, text: str, static: tuple[str, ...]) -> None:
    site = read(tmp_path, hugo__toml=text, **{"static/a.png": "x", "files/b.png": "x"})
    assert site.static == static


def test_what_we_do_otherwise_than_hugo_is_noted(tmp_path: Path) -> None:
    assert read(tmp_path, hugo__toml="disablePathToLower = true").notes == (
        "disablePathToLower: the URLs of feeds are in lower case",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [("hugo.toml", "title = "), ("hugo.yaml", "a: [\nb"), ("hugo.json", "{"), ("hugo.toml", "title = '\udcff'")],
)
def test_a_broken_file_is_named_in_one_line(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError) as error:
        read_hugo(tmp_path)
    assert str(error.value).startswith(f"{name}: Hugo's settings: ")
    assert str(error.value).endswith("(mend the file)")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "title: [a]\nbaseURL: {a: b}\nparams: x\nlanguages: []\npermalinks: 3\ntaxonomies: x\nstaticDir: {a: b}",
        "params: {author: []}\nlanguages: {en: 7}\npermalinks: {page: {posts: 7}}\nuglyURLs: x\ncontentDir: [a]",
        "- a\n- b",
        "",
    ],
)
def test_settings_of_other_shapes_are_as_if_they_were_not_there(tmp_path: Path, text: str) -> None:
    site = read(tmp_path, hugo__yaml=text)
    assert (site.title, site.url, site.description, site.sections) == ("", "", "", ())


def test_a_plain_folder_shows_its_articles(tmp_path: Path) -> None:
    write(tmp_path, **{"content/posts/a.md": "x", "static/x.png": "x"})
    assert plain_site(tmp_path) == HugoSite(
        read_from="",
        sections=(Section(path="content/posts", name="posts", permalink="/:sections/:slugorfilename/"),),
        static=("static",),
    )
