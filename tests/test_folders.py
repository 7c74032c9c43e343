"""Folders of programs whose rules we do not have: read as Markdown, without what is no article, and said so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feeds.scaffold import scaffold
from feeds.sites.folders import LAYOUTS
from feeds.sites.recognise import _MARKS_OF_FOLDERS, recognise
from tests.generators import articles, readings, write_site

_PAGE = "---\ntitle: T\ndate: 2024-02-03\n---\nText.\n"
_BASE = "https://example.org"


def addresses(folder: Path, settings: str | None = None) -> dict[str, str]:
    return {path: one.url.removeprefix(_BASE) for path, one in articles(folder, settings).items()}


@pytest.mark.parametrize(
    ("files", "taken", "said"),
    [
        (
            {".obsidian/app.json": "{}", "Note.md": _PAGE, "Templates/t.md": _PAGE, "sub/b.md": _PAGE,
             ".trash/x.md": _PAGE, "README.md": _PAGE},
            {"Note.md", "sub/b.md"}, "Obsidian is read as Markdown",
        ),
        (
            {".obsidian/templates.json": json.dumps({"folder": "Meta/Forms"}), "a.md": _PAGE, "Meta/Forms/f.md": _PAGE,
             "Meta/g.md": _PAGE},
            {"a.md", "Meta/g.md"}, "Obsidian",
        ),
        (
            {".obsidian/plugins/templater-obsidian/data.json": json.dumps({"templates_folder": "T"}), "a.md": _PAGE,
             "T/f.md": _PAGE},
            {"a.md"}, "Obsidian",
        ),
        (
            {"eleventy.config.mjs": "", "a.md": _PAGE, "_site/b.md": _PAGE, "_includes/c.md": _PAGE,
             "node_modules/x/README.md": _PAGE, "CHANGELOG.md": _PAGE, "posts/d.md": _PAGE},
            {"a.md", "posts/d.md"}, "Eleventy",
        ),
        ({".eleventy.js": "", "src/a.md": _PAGE, "b.md": _PAGE}, {"src/a.md"}, "Eleventy"),
        (
            {"astro.config.ts": "", "src/content/blog/a.md": _PAGE, "src/pages/b.md": _PAGE, "README.md": _PAGE,
             "src/content/blog/c.mdx": _PAGE},
            {"src/content/blog/a.md", "src/pages/b.md"}, "MDX files and components are not understood",
        ),
        (
            {"docusaurus.config.js": "", "blog/a.md": _PAGE, "docs/b.md": _PAGE, "src/pages/c.md": _PAGE},
            {"blog/a.md", "docs/b.md"}, "Docusaurus",
        ),
        ({"docs/.vitepress/config.ts": "", "docs/a.md": _PAGE, "README.md": _PAGE}, {"docs/a.md"}, "VitePress"),
        ({"gatsby-config.js": "", "content/a.md": _PAGE, "README.md": _PAGE}, {"content/a.md"}, "Gatsby"),
        ({"quartz.config.ts": "", "content/a.md": _PAGE, "content/private/b.md": _PAGE}, {"content/a.md"}, "Quartz"),
    ],
)  # fmt: skip
def test_what_a_program_publishes(tmp_path: Path, files: dict[str, str], taken: set[str], said: str) -> None:
    write_site(tmp_path, files)
    assert said in scaffold(str(tmp_path)).text
    assert set(articles(tmp_path)) == taken


def test_a_project_has_files_about_itself(tmp_path: Path) -> None:
    names = ("README.md", "LICENSE.md", "CONTRIBUTING.markdown", "themes/x/README.md", "public/a.md", "dist/b.md")
    write_site(tmp_path, dict.fromkeys([*names, "a.md", "notes/README.md", "_drafts/x.md", "Templates/t.md"], _PAGE))
    assert set(articles(tmp_path)) == {"a.md", "notes/README.md"}
    _, unread = readings(tmp_path)
    folders = {"themes/", "public/", "dist/", "Templates/"}
    assert set(unread) == {"README.md", "LICENSE.md", "CONTRIBUTING.markdown"} | folders


def test_a_folder_of_articles_within_a_project_is_about_nothing_else(tmp_path: Path) -> None:
    names = ("content/README.md", "content/public/a.md", "content/notes/templates/b.md")
    write_site(tmp_path, dict.fromkeys([*names, "content/templates/t.md", "README.md"], _PAGE))
    assert set(articles(tmp_path)) == set(names)
    assert set(readings(tmp_path)[1]) == {"content/templates/"}


def test_mkdocs_has_the_addresses_of_mkdocs(tmp_path: Path) -> None:
    config = "site_name: M\nsite_url: https://example.org/m/\nsite_description: About\ntheme:\n  language: de\n"
    config += (
        "markdown_extensions:\n- pymdownx.emoji:\n    emoji_index: !!python/name:material.extensions.emoji.twemoji\n"
    )
    config += "exclude_docs: |\n  drafts/\n  *.skip.md\n  /api/x.md\nextra: !ENV [A, b]\n"
    names = ("index.md", "A b/C d.md", "x/index.md", "y/README.md", "z/README.md", "z/index.md", "drafts/p.md",
             "q/drafts/r.md", "s.skip.md", "api/x.md", "api/y.md", "ü.md")  # fmt: skip
    write_site(tmp_path, {"mkdocs.yml": config, "README.md": _PAGE} | {f"docs/{name}": _PAGE for name in names})
    assert addresses(tmp_path) == {
        "docs/index.md": "/m/", "docs/A b/C d.md": "/m/A%20b/C%20d/", "docs/x/index.md": "/m/x/",
        "docs/y/README.md": "/m/y/", "docs/z/index.md": "/m/z/", "docs/api/y.md": "/m/api/y/",
        "docs/ü.md": "/m/%C3%BC/",
    }  # fmt: skip
    text = scaffold(str(tmp_path)).text
    assert all(one in text for one in ("title: M", "language: de", "description: About", "macros"))


def test_mkdocs_without_folders_and_with_a_blog(tmp_path: Path) -> None:
    config = "site_name: M\nsite_url: https://example.org/\nuse_directory_urls: false\ndocs_dir: d\nplugins:\n- blog\n"
    post = "---\ndate:\n  created: 2024-03-05\n  updated: 2024-04-05\n---\n# Über uns: 1 & 2\n"
    write_site(tmp_path, {"mkdocs.yml": config, "d/a/index.md": _PAGE, "d/b.md": _PAGE, "d/blog/posts/p.md": post})
    assert addresses(tmp_path) == {
        "d/a/index.md": "/a/index.html", "d/b.md": "/b.html",
        "d/blog/posts/p.md": "/blog/2024/03/05/%C3%BCber-uns-1--2.html",
    }  # fmt: skip


def test_folders_of_sources_yaml_keep_their_sections(tmp_path: Path) -> None:
    write_site(tmp_path, {".obsidian/app.json": "{}", "content/a.md": _PAGE})
    settings = "site: {title: T, url: 'https://example.org/', language: en}\ncontent: [{path: content}]\n"
    assert addresses(tmp_path, settings) == {"content/a.md": "/a/"}


def test_a_generator_comes_before_a_program(tmp_path: Path) -> None:
    write_site(
        tmp_path, {"hugo.toml": "baseURL = 'https://example.org/'", ".obsidian/app.json": "{}", "content/a.md": _PAGE}
    )
    found = recognise(tmp_path)
    assert found is not None
    assert found[1].describe().kind == "hugo"


def test_drafts_of_jekyll_are_no_articles(tmp_path: Path) -> None:
    files = {"_config.yml": "title: J\n", "_drafts/idea.md": "---\ntitle: Draft idea\n---\nx\n"}
    assert articles(write_site(tmp_path, files)) == {}


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("hexo", {"_config.yml": "title: H\n", "package.json": '{"hexo": {}}', "scaffolds/post.md": _PAGE}),
        ("hexo", {"_config.yml": "title: H\n", "source/_posts/a.md": _PAGE, "source/_drafts/b.md": _PAGE,
                  "themes/x/README.md": _PAGE}),
        ("jekyll", {"_config.yml": "title: J\n", "_posts/2024-01-01-a.md": _PAGE, "README.md": _PAGE,
                    "_layouts/x.md": _PAGE, "sub/_drafts/2024-01-02-b.md": _PAGE}),
        ("zola", {"zola.toml": "base_url = 'https://example.org'\n", "content/a.md": _PAGE,
                  "themes/t/content/b.md": _PAGE, "README.md": _PAGE}),
    ],
)  # fmt: skip
def test_only_content_is_read(tmp_path: Path, kind: str, files: dict[str, str]) -> None:
    write_site(tmp_path, files)
    found = recognise(tmp_path)
    assert found is not None
    assert found[1].describe().kind == kind
    assert {path.rpartition("/")[2] for path in articles(tmp_path)} <= {"a.md", "2024-01-01-a.md"}


def test_every_program_that_is_known_by_its_looks_is_looked_for() -> None:
    for layout in LAYOUTS:
        assert {mark.partition("/")[0] for mark in layout.marks} <= set(_MARKS_OF_FOLDERS)
