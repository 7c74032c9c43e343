"""What the configuration of a Jekyll site means for its feeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath
from typing import Any

from feeds.sites.description import Obeyed, SiteDescription, Taxonomy, Tree
from feeds.sites.jekyll_paths import STYLES, collection_pattern, name_parts
from feeds.sites.jekyll_tree import Collection, Defaults, JekyllTree
from feeds.sites.values import Settings, list_of, read_file, table_of, text_of, texts_of

#: Jekyll's own order; the first file that is there counts.
_NAMES = ("_config.yml", "_config.yaml", "_config.toml")
#: What Jekyll leaves out besides ``exclude``.
_EXCLUDED = (
    ".sass-cache", ".jekyll-cache", "gemfiles", "Gemfile", "Gemfile.lock", "node_modules",
    "vendor/bundle/", "vendor/cache/", "vendor/gems/", "vendor/ruby/",
)  # fmt: skip
_OLD_TYPES = {"page": "pages", "post": "posts", "draft": "drafts"}
#: Files of another program that has a ``_config.yml`` as well: Jupyter Book.
_OF_OTHERS = ("_toc.yml",)

#: Every setting of Jekyll that shapes what a feed says, and what is made of it; the README's table is held to it.
SETTINGS = (
    Obeyed(setting="title (name), description, url, baseurl", meaning="site.title, site.description, site.url"),
    Obeyed(setting="author, email, lang (locale)", meaning="site.author, site.language"),
    Obeyed(setting="timezone", meaning="zone of dates that name none, and of those in addresses"),
    Obeyed(setting="source, collections_dir", meaning="where posts and collections are looked for"),
    Obeyed(setting="collections (output, permalink)", meaning="documents with a date are articles"),
    Obeyed(setting="feed.collections (jekyll-feed)", meaning="documents without a date are articles, too"),
    Obeyed(setting="permalink (styles and all tokens)", meaning="addresses, also permalink: in front matter"),
    Obeyed(setting="defaults", meaning="what articles inherit by path and type"),
    Obeyed(setting="include, exclude, destination, markdown_ext", meaning="which files are posts"),
    Obeyed(setting="published, draft, _drafts", meaning="what is hidden stays hidden"),
    Obeyed(setting="categories, category, folders above _posts", meaning="topics"),
    Obeyed(setting="tags, tag", meaning="tags; a text has as many as words"),
    Obeyed(setting="last_modified_at, redirect_from", meaning="date of change, former addresses"),
    Obeyed(setting="jekyll-archives (permalinks)", meaning="addresses of the pages of terms"),
    Obeyed(setting="excerpt_separator", meaning=""),
    Obeyed(setting="show_drafts", meaning=""),
    Obeyed(setting="unpublished", meaning=""),
    Obeyed(setting="future", meaning=""),
    Obeyed(setting="limit_posts", meaning=""),
    Obeyed(setting="plugins that add or change posts", meaning=""),
    Obeyed(setting="_data/authors", meaning=""),
)
_SWITCHES = {
    "show_drafts": "show_drafts is not obeyed: drafts are in no feed",
    "unpublished": "unpublished is not obeyed: what says published: false is in no feed",
    "future": "future is not obeyed: an article of the future appears at its time",
}
#: Plugins that make or readdress posts, and what that means.
_PLUGINS = {
    "jekyll-polyglot": "languages of jekyll-polyglot are not told apart",
    "jekyll-multiple-languages-plugin": "languages of jekyll-multiple-languages-plugin are not told apart",
}
_EXCERPTS = frozenset({"", "\n\n", "<!--more-->", "<!-- more -->"})


class JekyllSite:
    """A site of Jekyll's, read once."""

    def __init__(self, folder: Path, settings: Settings, file: Path | None) -> None:
        self._folder = folder
        self._settings = settings
        self._file = file
        source = normpath(text_of(settings.get("source")) or ".")
        #: POSIX path of the source folder below that of the configuration.
        self._source = "." if source.startswith(("/", "..")) else source
        self._style = text_of(settings.get("permalink")) or "date"

    def describe(self) -> SiteDescription:
        """What the configuration says."""
        site = self._settings
        author, email = _author(site)
        base = text_of(site.get("url")).rstrip("/")
        path = text_of(site.get("baseurl")).strip("/")
        return SiteDescription(
            kind="jekyll",
            read_from=self._file.name if self._file else "_posts",
            title=text_of(site.get("title")) or text_of(site.get("name")),
            url=f"{base}/{path}".rstrip("/") + "/" if base else "",
            language=text_of(site.get("lang") or site.get("locale") or site.get("language")),
            author=author,
            email=email,
            description=text_of(site.get("description")),
            timezone=text_of(site.get("timezone")),
            trees=(Tree(path=self._source),) if (self._folder / self._source).is_dir() else (),
            static=(self._source,),
            tags=(Taxonomy(key="tags", page=self._term_page("tag", "tags")),),
            topics=(Taxonomy(key="categories", page=self._term_page("category", "categories")),),
            rendering={"dialect": "jekyll", "emoji": "jemoji" in self._plugins()},
            notes=tuple(self._notes()),
            files=(str(self._file),) if self._file else (),
        )

    def tree(self, url: str, tree: Tree) -> JekyllTree:  # noqa: ARG002 (protocol)
        """How the source folder is read."""
        site = self._settings
        posts = table_of(self._collections().get("posts"))
        included = texts_of(site["include"]) if site.get("include") is not None else ()
        return JekyllTree(
            posts=text_of(posts.get("permalink")) or STYLES.get(self._style, self._style),
            collections=tuple(self._written()),
            collections_dir=text_of(site.get("collections_dir")).strip("/"),
            markdown=self._markdown_extensions(),
            included=included,
            excluded=tuple(one for one in (*texts_of(site.get("exclude")), *_EXCLUDED) if one not in included),
            destination=normpath(text_of(site.get("destination")) or "_site"),
            defaults=tuple(_defaults(site.get("defaults"))),
        )

    def _collections(self) -> Settings:
        """Labels with their settings; a list has labels alone."""
        given = self._settings.get("collections")
        return {label: {} for label in texts_of(given)} if isinstance(given, list) else table_of(given)

    def _written(self) -> Iterator[Collection]:
        feed = table_of(self._settings.get("feed")).get("collections")
        fed = set(feed) if isinstance(feed, dict) else set(texts_of(feed))
        for label, settings in self._collections().items():
            if str(label) in {"posts", "data"} or not table_of(settings).get("output"):
                continue
            pattern = text_of(table_of(settings).get("permalink")) or collection_pattern(self._style)
            yield Collection(label=str(label), pattern=pattern, has_feed=label in fed)

    def _markdown_extensions(self) -> tuple[str, ...]:
        given = text_of(self._settings.get("markdown_ext")) or "markdown,mkdown,mkdn,mkd,md"
        return tuple(one.strip().lower() for one in given.split(","))

    def _plugins(self) -> tuple[str, ...]:
        return texts_of(self._settings.get("plugins")) + texts_of(self._settings.get("gems"))

    def _term_page(self, kind: str, enabled: str) -> str:
        """The page of a term, where jekyll-archives makes such pages."""
        archives = table_of(self._settings.get("jekyll-archives"))
        if "jekyll-archives" not in self._plugins() or not {enabled, "all"} & set(texts_of(archives.get("enabled"))):
            return ""
        pattern = text_of(table_of(archives.get("permalinks")).get(kind)) or f"/{kind}/:name/"
        return pattern.strip("/").replace(":name", ":slug") + "/" * pattern.endswith("/")

    def _notes(self) -> Iterator[str]:
        site = self._settings
        yield from (sentence for key, sentence in _SWITCHES.items() if site.get(key))
        yield from filter(None, (_PLUGINS.get(name, "") for name in self._plugins()))
        if site.get("limit_posts"):
            yield "limit_posts is not obeyed: all posts are articles"
        if str(site.get("excerpt_separator") or "") not in _EXCERPTS:
            yield "excerpt_separator is not obeyed: summaries are description, excerpt or the beginning of the text"
        unwritten = [str(label) for label, one in self._collections().items() if not table_of(one).get("output")]
        if unwritten := [label for label in unwritten if label not in {"posts", "data"}]:
            yield f"collections without output have no pages, so no articles: {', '.join(unwritten)}"
        if any((self._folder / self._source / "_data").glob("authors.*")):
            yield "names of authors are not looked up in _data/authors"
        if isinstance(site.get("theme"), str) or site.get("remote_theme"):
            yield "the settings of the theme itself are not read"


def read_jekyll(folder: Path) -> JekyllSite | None:
    """The Jekyll site in a folder; None when there is none. Without a configuration the names of its posts show it.

    Raises:
        ConfigError: its configuration cannot be read.
    """
    file = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    if file is None:
        return JekyllSite(folder, {}, None) if _has_posts(folder) else None
    if any((folder / name).exists() for name in _OF_OTHERS):
        return None
    return JekyllSite(folder, table_of(read_file(file, folder, "Jekyll's")), file)


def _has_posts(folder: Path) -> bool:
    """Jekyll's names of posts; other generators have folders of that name, too."""
    posts = folder / "_posts"
    return posts.is_dir() and any(name_parts(path.name) for path in posts.glob("*.m*"))


def _defaults(value: Any) -> Iterator[Defaults]:
    for one in map(table_of, list_of(value)):
        scope = table_of(one.get("scope"))
        kind = text_of(scope.get("type")) if "type" in scope else None
        if values := table_of(one.get("values")):
            path = text_of(scope.get("path"))
            if path.startswith("/"):  # which stands for no path that Jekyll compares it with
                continue
            plain = {str(key).lower(): inner for key, inner in values.items()}
            yield Defaults(path=path, type=kind and _OLD_TYPES.get(kind, kind), values=plain)


def _author(site: Settings) -> tuple[str, str]:
    """``author: Name``, or a map; the e-mail address may stand beside it."""
    value = site.get("author")
    if isinstance(value, dict):
        return text_of(value.get("name")), text_of(value.get("email")) or text_of(site.get("email"))
    return text_of(value), text_of(site.get("email"))
