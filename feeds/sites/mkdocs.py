"""Sites of MkDocs, also with the blog of Material for MkDocs: read as Markdown, at the addresses that MkDocs gives.

https://www.mkdocs.org/user-guide/configuration/ and https://squidfunk.github.io/mkdocs-material/plugins/blog/
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from posixpath import normpath
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from feeds.content.fields import text_of as line_of
from feeds.content.generator import AddressFacts, DateRules, Listing, Place
from feeds.content.plain_tree import PlainTree
from feeds.sites.description import SiteDescription, Tree
from feeds.sites.globs import matches
from feeds.sites.values import Settings, list_of, read_file, table_of, text_of
from feeds.urls import encode_path

_NAMES = ("mkdocs.yml", "mkdocs.yaml")
_NO_SLUG = re.compile(r"[^\w\s-]")
_DATE_PARTS = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d"}
_FORMAT_PART = re.compile("yyyy|yy|MM|dd")


class Blog(Struct, frozen=True, kw_only=True):
    """The plugin of Material for MkDocs."""

    #: POSIX path below the docs; empty for the docs themselves.
    folder: str
    posts: str
    url: str = "{date}/{slug}"
    date: str = "yyyy/MM/dd"


class MkDocsTree(PlainTree, frozen=True, kw_only=True):
    """``Generator`` of the docs of a MkDocs site."""

    #: ``use_directory_urls``: ``a/b.md`` is ``/a/b/``, and no ``/a/b.html``.
    has_folders: bool = True
    #: Patterns of ``exclude_docs`` and ``draft_docs``, on paths below the docs.
    left_out: tuple[str, ...] = ()
    blog: Blog | None = None

    def with_dates(self, dates: DateRules) -> MkDocsTree:
        """The same with other rules for dates."""
        return replace(self, dates=dates)

    def select(self, folder: str, files: Sequence[str], folders: Sequence[str], absolute: str = "") -> Listing:
        """Every Markdown file; a README is the index of its folder where there is no other."""
        found = super().select(folder, files, folders, absolute)
        pages = [name for name in found.pages if not matches("/".join(filter(None, (folder, name))), self.left_out)]
        if "index.md" in pages:
            pages = [name for name in pages if name != "README.md"]
        return found._replace(pages=[*pages, *found.branches], branches=())

    def place(self, relative: str) -> Place:
        """An ``index.md`` or ``README.md`` stands for its folder."""
        *folders, file = relative.split("/")
        stem = file.rpartition(".")[0]
        is_bundle = bool(folders) and stem in {"index", "README"}
        name = folders.pop() if is_bundle else stem
        return Place(folders=tuple(folders), name=name, filename=stem, is_bundle=is_bundle, path=relative)

    def address(self, page: AddressFacts) -> str | None:
        """By its path, with case and blanks as they are; a post of the blog by its date and title."""
        if page.pattern:
            return super().address(page)
        blog = self.blog
        is_post = blog is not None and page.place.path.startswith(f"{blog.posts}/")
        path = _post_path(blog, page) if blog is not None and is_post else page.place.path.rpartition(".")[0]
        parts = [part for part in path.split("/") if part not in {"", ".", ".."}]
        if parts and parts[-1] in {"index", "README"} and not is_post:
            parts[-1] = "" if self.has_folders else "index"
        end = "" if not parts or not parts[-1] else "/" if self.has_folders else ".html"
        return f"{page.site_url.rstrip('/')}/{encode_path('/'.join(parts))}{end}"


def _post_path(blog: Blog, page: AddressFacts) -> str:
    shape = _FORMAT_PART.sub(lambda found: _DATE_PARTS[found[0]], blog.date)
    slug = page.slug or _slug(page.title)
    categories = "/".join(_slug(line_of(one) or "") for one in list_of(page.values.get("categories"))[:1])
    values = {"date": page.published.strftime(shape), "slug": slug, "file": page.place.name, "categories": categories}
    path = re.sub(r"\{(\w{1,20})\}", lambda found: values.get(found[1], ""), blog.url)
    return f"{blog.folder}/{path}"


def _slug(text: str) -> str:
    text = unicodedata.normalize("NFC", text).strip().lower()
    return re.sub(r"\s", "-", _NO_SLUG.sub("", text))


class MkDocsSite:
    """A site of MkDocs, read once."""

    def __init__(self, folder: Path, settings: Settings, file: Path) -> None:
        self._folder = folder
        self._settings = settings
        self._file = file
        docs = normpath(text_of(settings.get("docs_dir")) or "docs")
        self._docs = "docs" if docs.startswith(("/", "..")) else docs

    def describe(self) -> SiteDescription:
        """What the configuration says."""
        site = self._settings
        return SiteDescription(
            read_from=self._file.name,
            title=text_of(site.get("site_name")),
            url=text_of(site.get("site_url")),
            language=text_of(table_of(site.get("theme")).get("language")),
            author=text_of(site.get("site_author")),
            description=text_of(site.get("site_description")),
            trees=(Tree(path=self._docs),) if (self._folder / self._docs).is_dir() else (),
            static=(self._docs,),
            notes=tuple(self._notes()),
            files=(str(self._file),),
        )

    def tree(self, url: str, tree: Tree) -> MkDocsTree:  # noqa: ARG002 (protocol)
        """How the docs are read."""
        site = self._settings
        ignored = [*_lines(site.get("exclude_docs")), *_lines(site.get("draft_docs"))]
        return MkDocsTree(
            has_folders=site.get("use_directory_urls") is not False,
            left_out=tuple(pattern for line in ignored for pattern in _globs(line)),
            blog=self._blog(),
        )

    def _plugins(self) -> dict[str, Settings]:
        """Names with their settings; a list has names alone, or maps of one."""
        given = self._settings.get("plugins")
        named = [given] if isinstance(given, dict) else list_of(given)
        maps = [one if isinstance(one, dict) else {text_of(one): {}} for one in named]
        return {str(name).removeprefix("material/"): table_of(inner) for one in maps for name, inner in one.items()}

    def _blog(self) -> Blog | None:
        plugins = self._plugins()
        if "blog" not in plugins:
            return None
        settings = plugins["blog"]
        folder = normpath(text_of(settings.get("blog_dir")) or "blog").strip(".")
        posts = (text_of(settings.get("post_dir")) or "{blog}/posts").replace("{blog}", folder).strip("/")
        return Blog(
            folder=folder,
            posts=posts,
            url=text_of(settings.get("post_url_format")) or "{date}/{slug}",
            date=text_of(settings.get("post_url_date_format")) or "yyyy/MM/dd",
        )

    def _notes(self) -> Iterator[str]:
        yield "MkDocs is read as Markdown: macros, snippets and what plugins add are not understood"
        if {"i18n", "mike"} & set(self._plugins()):
            yield "languages and versions of plugins are not told apart"


def read_mkdocs(folder: Path) -> MkDocsSite | None:
    """The MkDocs site in a folder; None when there is none.

    Raises:
        ConfigError: its configuration cannot be read.
    """
    file = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    return MkDocsSite(folder, table_of(read_file(file, folder, "MkDocs'")), file) if file else None


def _lines(value: Any) -> list[str]:
    lines = value.splitlines() if isinstance(value, str) else []
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith(("#", "!"))]


def _globs(pattern: str) -> Iterator[str]:
    """A pattern of ``.gitignore``: at any depth where it has no slash within, a folder with all that is in it."""
    is_anchored = "/" in pattern.rstrip("/")
    bare = pattern.strip("/")
    start = bare if is_anchored else f"**/{bare}"
    yield from (start, f"{start}/**")
