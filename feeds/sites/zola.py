"""What the configuration of a Zola site means for its feeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feeds.sites.description import Edition, Obeyed, SiteDescription, Taxonomy, Tree
from feeds.sites.hugo_settings import is_of_zola
from feeds.sites.values import Settings, list_of, read_file, table_of, text_of, texts_of
from feeds.sites.zola_tree import Rule, ZolaTree, slugged

#: The name of now, and that of before 0.22.
_NAMES = ("zola.toml", "config.toml")
_TAGS = frozenset({"tags", "keywords"})
#: Taxonomies that name no topics.
_NO_TOPICS = frozenset({"authors", "author", "series"})

#: Every setting of Zola that shapes what a feed says, and what is made of it; the README's table is held to it.
SETTINGS = (
    Obeyed(setting="base_url, title, description, author, default_language", meaning="site.url, site.title and so on"),
    Obeyed(setting="languages", meaning="feeds per language; addresses below /fr/"),
    Obeyed(setting="taxonomies (name, render), taxonomy_root", meaning="tags are tags, the others topics"),
    Obeyed(setting="slugify (paths, paths_keep_dates, taxonomies)", meaning="addresses of articles and terms"),
    Obeyed(setting="ignored_content", meaning="files that are left out"),
    Obeyed(setting="path, slug, aliases, dates in file names", meaning="addresses and dates"),
    Obeyed(setting="date, updated", meaning="dates; a page without one is no article, as in Zola's feeds"),
    Obeyed(setting="draft (of sections, too), render", meaning="what is hidden stays hidden"),
    Obeyed(setting="[taxonomies], [extra]", meaning="terms; pictures and other values"),
    Obeyed(setting="markdown.render_emoji", meaning=":smile: becomes a picture character"),
    Obeyed(setting="generate_feeds, feed_filenames, feed_limit", meaning=""),
    Obeyed(setting="weight, sort_by, transparent, paginate_by", meaning=""),
    Obeyed(setting="theme (its configuration)", meaning=""),
    Obeyed(setting="ignored_static", meaning=""),
    Obeyed(setting="markdown.smart_punctuation", meaning=""),
)


class ZolaSite:
    """A site of Zola's, read once."""

    def __init__(self, folder: Path, settings: Settings, file: Path) -> None:
        self._folder = folder
        self._settings = settings
        self._file = file
        self._default = text_of(settings.get("default_language")) or "en"
        self._languages = table_of(settings.get("languages"))
        self._others = tuple(code for code in map(str, self._languages) if code != self._default)
        slugify = table_of(settings.get("slugify"))
        self._slugify = Rule(
            paths=_strategy(slugify.get("paths")),
            keeps_dates=slugify.get("paths_keep_dates") is True,
            taxonomies=_strategy(slugify.get("taxonomies")),
        )

    def describe(self) -> SiteDescription:
        """What the configuration says."""
        site = self._language(self._default)
        tags, topics = self._taxonomies()
        codes = (self._default, *self._others) if self._others else ()
        return SiteDescription(
            kind="zola",
            read_from=self._file.name,
            title=text_of(site.get("title")),
            url=text_of(self._settings.get("base_url")),
            language=self._default,
            author=text_of(self._settings.get("author")),
            description=text_of(site.get("description")),
            trees=(Tree(path="content"),) if (self._folder / "content").is_dir() else (),
            static=("static",) if (self._folder / "static").is_dir() else (),
            tags=tags,
            topics=topics,
            editions=tuple(map(self._edition, codes)),
            rendering=self._rendering(),
            notes=tuple(self._notes()),
            files=(str(self._file),),
        )

    def tree(self, url: str, tree: Tree) -> ZolaTree:  # noqa: ARG002 (protocol)
        """How the content is read."""
        return ZolaTree(
            default=self._default,
            languages=self._others,
            slugify=self._slugify,
            ignored=texts_of(self._settings.get("ignored_content")),
        )

    def _language(self, code: str) -> Settings:
        """What is said of a language; of the default one at the top, too."""
        own = table_of(self._languages.get(code))
        return {**self._settings, **own} if code == self._default else own

    def _edition(self, code: str) -> Edition:
        own = self._language(code)
        return Edition(
            key=code.lower(),
            language=code,
            title=text_of(own.get("title")) or text_of(self._settings.get("title")),
            url="",
            folder="" if code == self._default else f"{code}/",
            description=text_of(own.get("description")),
            author=text_of(self._settings.get("author")),
        )

    def _taxonomies(self) -> tuple[tuple[Taxonomy, ...], tuple[Taxonomy, ...]]:
        """Those of all languages, each once."""
        found: dict[str, Taxonomy] = {}
        root = text_of(self._settings.get("taxonomy_root")).strip("/")
        for code in (self._default, *self._others):
            for one in map(table_of, list_of(self._language(code).get("taxonomies"))):
                name = text_of(one.get("name"))
                slug = slugged(name, self._slugify.taxonomies)
                page = "/".join(filter(None, (root, slug, ":slug"))) + "/"
                if name and slug:
                    found.setdefault(name, Taxonomy(key=name, page="" if one.get("render") is False else page))
        tags = tuple(one for one in found.values() if one.key.lower() in _TAGS)
        topics = tuple(one for one in found.values() if one.key.lower() not in _TAGS | _NO_TOPICS)
        return tags, topics

    def _rendering(self) -> dict[str, Any]:
        markdown = table_of(self._settings.get("markdown"))
        return {"dialect": "zola", "emoji": markdown.get("render_emoji") is True}

    def _notes(self) -> Iterator[str]:
        site = self._settings
        if theme := text_of(site.get("theme")):
            yield f"the configuration of the theme {theme} is not read"
        if site.get("generate_feeds") is True:
            yield "generate_feeds is not obeyed: Zola goes on writing feeds of its own"
        if texts_of(site.get("ignored_static")):
            yield "ignored_static is not obeyed"
        if table_of(site.get("markdown")).get("smart_punctuation") is True:
            yield "markdown.smart_punctuation is not obeyed"
        for one in map(table_of, list_of(site.get("taxonomies"))):
            if text_of(one.get("name")).lower() in _NO_TOPICS:
                yield f"the taxonomy {text_of(one.get('name'))} has no feeds (front_matter.topics takes it in)"


def read_zola(folder: Path) -> ZolaSite | None:
    """The Zola site in a folder; None when there is none, as where ``config.toml`` is Hugo's.

    Raises:
        ConfigError: its configuration cannot be read.
    """
    for name in _NAMES:
        file = folder / name
        if file.is_file():
            settings = table_of(read_file(file, folder, "Zola's"))
            if name == "zola.toml" or is_of_zola({str(key).lower(): value for key, value in settings.items()}):
                return ZolaSite(folder, settings, file)
    return None


def _strategy(value: Any) -> str:
    return value if value in {"on", "safe", "off"} else "on"
