"""What the configuration of a Hexo site means for its feeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath
from typing import Any

from feeds.sites.description import Obeyed, SiteDescription, Taxonomy, Tree
from feeds.sites.hexo_paths import PATTERN
from feeds.sites.hexo_tree import HexoTree
from feeds.sites.values import Settings, read_file, table_of, text_of, texts_of

_NAMES = ("_config.yml", "_config.yaml", "_config.json")
#: Keys that no other program with a ``_config.yml`` has.
_OWN_KEYS = frozenset({"source_dir", "public_dir", "new_post_name", "category_dir", "tag_dir", "post_asset_folder"})

#: Every setting of Hexo that shapes what a feed says, and what is made of it; the README's table is held to it.
SETTINGS = (
    Obeyed(setting="title, subtitle, description, author, language", meaning="site.title, site.description and so on"),
    Obeyed(setting="url (root is part of it)", meaning="site.url"),
    Obeyed(setting="timezone", meaning="zone of dates, and of those in addresses"),
    Obeyed(setting="source_dir", meaning="posts are in its _posts; _drafts, scaffolds and themes are never read"),
    Obeyed(setting="permalink, permalink_defaults, permalink: in front matter", meaning="addresses"),
    Obeyed(setting="new_post_name", meaning="dates and other values in file names"),
    Obeyed(setting="pretty_urls", meaning="index.html and .html at the end of addresses"),
    Obeyed(setting="post_asset_folder", meaning="which files are posts, the slash at the end of addresses"),
    Obeyed(setting="skip_render, ignore", meaning="files that are left out"),
    Obeyed(setting="date, updated", meaning="dates; a post without one stands last"),
    Obeyed(setting="categories, category (lists in lists are paths)", meaning="topics"),
    Obeyed(setting="tags, tag", meaning="tags"),
    Obeyed(setting="default_category, category_map, filename_case", meaning=":category in addresses"),
    Obeyed(setting="tag_dir, category_dir", meaning="addresses of the pages of terms"),
    Obeyed(setting="published, draft", meaning="what is hidden stays hidden"),
    Obeyed(setting="updated_option", meaning=""),
    Obeyed(setting="tag_map", meaning=""),
    Obeyed(setting="render_drafts", meaning=""),
    Obeyed(setting="future", meaning=""),
    Obeyed(setting="i18n_dir, language (several)", meaning=""),
    Obeyed(setting="relative_link", meaning=""),
    Obeyed(setting="plugins that add or change posts", meaning=""),
)
_SWITCHES = {
    "render_drafts": "render_drafts is not obeyed: drafts are in no feed",
    "tag_map": "tag_map is not obeyed: the page of a tag is found by its name",
}


class HexoSite:
    """A site of Hexo's, read once."""

    def __init__(self, folder: Path, settings: Settings, file: Path) -> None:
        self._folder = folder
        self._settings = settings
        self._file = file
        source = normpath(text_of(settings.get("source_dir")) or "source")
        self._source = "source" if source.startswith(("/", "..")) else source

    def describe(self) -> SiteDescription:
        """What the configuration says."""
        site = self._settings
        posts = f"{self._source}/_posts"
        languages = texts_of(site.get("language"))
        return SiteDescription(
            kind="hexo",
            read_from=self._file.name,
            title=text_of(site.get("title")),
            url=text_of(site.get("url")),
            language=next((one for one in languages if one != "default"), ""),
            author=text_of(site.get("author")),
            email=text_of(site.get("email")),
            description=text_of(site.get("description")) or text_of(site.get("subtitle")),
            timezone=text_of(site.get("timezone")),
            trees=(Tree(path=posts),) if (self._folder / posts).is_dir() else (),
            static=(self._source,) if (self._folder / self._source).is_dir() else (),
            tags=(Taxonomy(key="tags", page=self._term_page("tag_dir", "tags")),),
            topics=(Taxonomy(key="categories", page=self._term_page("category_dir", "categories")),),
            rendering={"dialect": "hexo"},
            notes=tuple(self._notes(languages)),
            files=(str(self._file),),
        )

    def tree(self, url: str, tree: Tree) -> HexoTree:  # noqa: ARG002 (protocol)
        """How the posts are read."""
        site = self._settings
        pretty = table_of(site.get("pretty_urls"))
        case = site.get("filename_case")
        return HexoTree(
            permalink=text_of(site.get("permalink")) or PATTERN,
            permalink_defaults=table_of(site.get("permalink_defaults")),
            new_post_name=text_of(site.get("new_post_name")) or ":title.md",
            has_assets=site.get("post_asset_folder") is True,
            default_category=text_of(site.get("default_category")) or "uncategorized",
            category_map={str(name): text_of(slug) for name, slug in table_of(site.get("category_map")).items()},
            filename_case=case if isinstance(case, int) else 0,
            keeps_index=pretty.get("trailing_index") is not False,
            keeps_html=pretty.get("trailing_html") is not False,
            skip_render=texts_of(site.get("skip_render")),
            ignore=texts_of(site.get("ignore")),
        )

    def _term_page(self, key: str, usual: str) -> str:
        folder = text_of(self._settings.get(key)) or usual
        return f"{folder.strip('/')}/:slug/".removeprefix("/")

    def _notes(self, languages: tuple[str, ...]) -> Iterator[str]:
        site = self._settings
        yield from (sentence for key, sentence in _SWITCHES.items() if site.get(key))
        if "updated_option" in site and site["updated_option"] not in {"date", "empty"}:
            yield "updated_option is not obeyed: the time of a file is no date of change (write updated:)"
        if site.get("future") is True:
            yield "future is not obeyed: an article of the future appears at its time"
        if site.get("relative_link") is True:
            yield "relative_link is not obeyed: addresses in feeds are absolute"
        if len(languages) > 1:
            yield "only the first language counts: Hexo's folders of languages are not told apart"
        if ":id" in f"{text_of(site.get('permalink'))}/".replace(":id_", ""):
            yield ":id in permalink is known only for posts that name an id"
        if ":lang" in text_of(site.get("permalink")) and not table_of(site.get("permalink_defaults")).get("lang"):
            yield ":lang in permalink needs lang: in each post"


def read_hexo(folder: Path) -> HexoSite | None:
    """The Hexo site in a folder; None when there is none, as where a ``_config.yml`` is Jekyll's.

    Raises:
        ConfigError: its configuration cannot be read.
    """
    file = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
    if file is None:
        return None
    if _has_package(folder / "package.json") or _has_posts(folder):
        return HexoSite(folder, table_of(read_file(file, folder, "Hexo's")), file)
    if (folder / "_posts").is_dir() or (folder / "Gemfile").is_file():
        return None
    settings = table_of(read_file(file, folder, "Hexo's"))
    return HexoSite(folder, settings, file) if _OWN_KEYS & set(settings) else None


def _has_package(path: Path) -> bool:
    """Whether a ``package.json`` names Hexo."""
    try:
        package: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    found = table_of(package)
    named = [found, *(table_of(found.get(key)) for key in ("dependencies", "devDependencies"))]
    return any("hexo" in one for one in named)


def _has_posts(folder: Path) -> bool:
    return (folder / "source" / "_posts").is_dir() and not (folder / "_posts").is_dir()
