from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.config import Config, load_config
from feeds.config import listing as table
from feeds.config.settings import Site
from feeds.scaffold import SCHEMA_FILE, scaffold
from feeds.unpack import unpack

ENVIRON = {"TOKEN": "t", "FEED_PASSWORD": "p"}


def load(folder: Path, text: str) -> Config:
    path = folder / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(str(path), ENVIRON)


def with_every_option(text: str) -> str:
    """The text as if a person had removed each ``#`` that hides an option."""
    return re.sub(r"^#(?=\w|  )", "", text, flags=re.MULTILINE)


def make_site(folder: Path, settings_text: str, *sections: str) -> None:
    (folder / "hugo.toml").write_text(settings_text, encoding="utf-8")
    for section in sections:
        (folder / "content" / section).mkdir(parents=True)
        (folder / "content" / section / "a.md").write_text("x", encoding="utf-8")


def test_without_hugo_it_is_a_sensible_example(tmp_path: Path) -> None:
    config = load(tmp_path, scaffold(str(tmp_path)).text)
    assert config.site.url == "https://example.org/"
    assert [content.path for content in config.content] == ["content"]
    assert config.output.formats == ("rss", "atom", "json")
    assert config.sources == ()


@pytest.mark.parametrize(
    ("files", "path", "glob"),
    [
        (["a.md", "b.txt"], ".", None),
        (["notes/2025/a.md"], ".", None),
        (["a.txt", ".venv/lib/a.md", "node_modules/x/README.md"], ".", "**/*.txt"),
        (["content/a.txt", "README.md"], "content", "**/*.txt"),
        (["content/a.md"], "content", None),
        ([], "content", None),
    ],
)
def test_any_folder_of_texts_is_a_site(tmp_path: Path, files: list[str], path: str, glob: str | None) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    (content,) = load(tmp_path, scaffold(str(tmp_path)).text).content
    assert (content.path, content.glob) == (path, glob)


def test_a_hugo_site_says_its_facts(tmp_path: Path) -> None:
    text = """
baseURL = "https://garden.example"
languageCode = "zh-cn"
title = "园艺: 周报 #1"
timeZone = "Asia/Shanghai"
[params]
author = "陈园丁"
description = "价格 ${PRICE}，[不] 变"
[permalinks.page]
news = "/n/:year/:slug/"
[taxonomies]
tag = "tags"
category = "categories"
"""
    make_site(tmp_path, text, "news", "essays")
    (tmp_path / "static").mkdir()
    config = load(tmp_path, scaffold(str(tmp_path)).text)
    assert config.site == Site(
        title="园艺: 周报 #1",
        url="https://garden.example/",
        language="zh-CN",
        author="陈园丁",
        description="价格 ${PRICE}，[不] 变",
        timezone="Asia/Shanghai",
    )
    site = unpack(config)
    assert config.generator == "hugo"
    assert [(root.name, root.section, root.url) for root in site.roots] == [("content", "", None)]
    assert site.facts.static == (str(tmp_path / "static"),)
    assert (site.facts.tag_keys, site.facts.topic_keys) == (("tags",), ("categories",))
    assert not site.infer_terms


def test_an_author_with_an_address_is_a_mapping(tmp_path: Path) -> None:
    make_site(tmp_path, "[params.author]\nname = 'A, B'\nemail = 'ab@garden.example'")
    config = load(tmp_path, scaffold(str(tmp_path)).text)
    assert (config.author.name, config.author.email) == ("A, B", "ab@garden.example")


def test_the_first_line_leads_editors_to_the_schema(tmp_path: Path) -> None:
    first = scaffold(str(tmp_path)).text.splitlines()[0]
    assert first == f"# yaml-language-server: $schema={SCHEMA_FILE}"
    assert not SCHEMA_FILE.startswith(("/", "http"))


@pytest.mark.parametrize("hugo", [False, True])
def test_every_option_is_shown_and_works_once_its_mark_is_removed(tmp_path: Path, hugo: bool) -> None:
    if hugo:
        make_site(tmp_path, "title = 'T'\nbaseURL = 'https://t.example/'", "posts", "news")
    text = with_every_option(scaffold(str(tmp_path)).text)
    config = load(tmp_path, text)
    assert not re.search(r"^#\w", text, re.MULTILINE)
    assert config.sources[0].name == "Wired"
    assert config.feeds[0].where.startswith("tag:")
    # "email" stands inside site.author only, which is shown as a text.
    last_names = set(re.findall(r"^ *(?:- )?(\w+):", text, re.MULTILINE))
    assert last_names == {row.key.rpartition(".")[2] for row in table.settings()} - {"email"}


@pytest.mark.parametrize("url", ["", "/", "http://", "garden.example", "ftp://garden.example/"])
def test_a_site_without_an_address_is_asked_for_it(tmp_path: Path, url: str) -> None:
    make_site(tmp_path, f"baseURL = '{url}'")
    text = scaffold(str(tmp_path)).text
    assert "# Note: write the address of your site below" in text
    assert load(tmp_path, text).site.url == "https://example.org/"


def test_what_sources_yaml_would_refuse_is_left_out(tmp_path: Path) -> None:
    make_site(
        tmp_path, "languageCode = 'chinese simplified'\ntimeZone = 'Mars/Olympus'\nbaseURL = 'https://t.example/'"
    )
    config = load(tmp_path, scaffold(str(tmp_path)).text)
    assert (config.site.language, config.language, config.site.timezone) == ("en", "en", "UTC")


def test_the_example_site_works_at_once(shared: Path) -> None:
    folder = shared / "data" / "corpus"
    text = scaffold(str(folder)).text
    assert "title: AI" in text
    assert "generator: hugo" in text
    assert "#content:" in text
    assert "#front_matter:" in text


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20).filter(str.strip)


@settings(deadline=None, max_examples=50)
@given(title=TEXTS, author=TEXTS, section=st.sampled_from(["posts", "园艺", "a b", "x #1", "no", "1984", "'q'", "-"]))
def test_any_name_of_a_site_is_written_so_that_it_reads_back(
    tmp_path_factory: pytest.TempPathFactory, title: str, author: str, section: str
) -> None:
    folder = tmp_path_factory.mktemp("site")
    quote = str.maketrans({"\\": "\\\\", '"': '\\"'})
    make_site(folder, f'title = "{title.translate(quote)}"\n[params]\nauthor = "{author.translate(quote)}"', section)
    config = load(folder, scaffold(str(folder)).text)
    assert config.site.title == " ".join(title.split())
    assert config.author.name == " ".join(author.split())
    assert unpack(config).roots[0].name == "content"
