"""Whatever front matter holds, every generator's rules read it and lose nothing: no article fails for its values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.content.articles import SiteFacts, read_article
from feeds.content.files import ContentRoot, FileStat
from feeds.content.generator import Generator
from feeds.sites.hexo_tree import HexoTree
from feeds.sites.jekyll_tree import Collection, Defaults, JekyllTree
from feeds.sites.mkdocs import Blog, MkDocsTree
from feeds.sites.zola_tree import ZolaTree

_KEYS = (
    "title", "date", "updated", "last_modified_at", "slug", "permalink", "path", "categories", "category", "tags",
    "tag", "taxonomies", "extra", "aliases", "alias", "redirect_from", "published", "draft", "render", "lang",
    "abbrlink", "id", "layout", "params", "author", "authors",
)  # fmt: skip
_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=12),
    st.sampled_from(["2024-03-05 10:00:00", "2024-03-05T10:00:00+09:00", "9999-12-31", "0001-01-01", "/a/:title/", "..",
                     "/:year/:nothing/", ":categories", "a b, c", "%zz", "../../x", "?", "#", " "]),
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
_TREES: list[tuple[str, Generator]] = [
    ("_posts/2024-03-05-a.md", JekyllTree(posts="/:categories/:year/:title:output_ext")),
    ("_notes/x/2024-3-5-a.md", JekyllTree(collections=(Collection(label="notes", pattern="/:collection/:path/"),))),
    ("b/_posts/24-3-5-a.md", JekyllTree(defaults=(Defaults(values={"tags": [1], "date": 5, "permalink": ["x"]}),))),
    ("sub/2024-03-05-a.md", HexoTree(permalink=":category/:year/:title/:abbrlink/:hash/:post_title.html")),
    ("2024-03-05-a.md", HexoTree(new_post_name=":year-:month-:day-:title.md", permalink=":lang/:tags/:timestamp/")),
    ("blog/2024-03-05-a.md", ZolaTree()),
    ("blog/a.fr.md", ZolaTree(languages=("fr",))),
    ("blog/posts/a.md", MkDocsTree(blog=Blog(folder="blog", posts="blog/posts", url="{date}/{categories}/{file}/{x}"))),
]  # fmt: skip


@pytest.mark.parametrize(("path", "generator"), _TREES)
@given(values=st.dictionaries(st.sampled_from(_KEYS), _VALUES, max_size=8))
@settings(max_examples=150)
def test_no_value_makes_reading_fail(
    tmp_path_factory: pytest.TempPathFactory, path: str, generator: Generator, values: dict[str, Any]
) -> None:
    file = Path(tmp_path_factory.getbasetemp()) / "any.md"
    file.write_text(f"{json.dumps(values)}\n\nText.\n", encoding="utf-8")
    root = ContentRoot(path=str(file.parent), name="", generator=generator)
    stat = FileStat(root=0, absolute=str(file), mtime_ns=0, size=1)
    reading = read_article(stat, path, root, SiteFacts(url="https://example.org/b/", language="en"))
    assert not [problem for problem in reading.problems if problem.what == "reading"]
    if reading.article:
        assert reading.article.url.startswith("https://example.org/b/")
        assert reading.article.url.isascii()
        assert "/../" not in reading.article.url
