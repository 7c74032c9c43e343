"""Settings of Hugo: which are obeyed, and what is to be said of those that are not. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feeds.sites.description import Obeyed

#: Every setting of Hugo that shapes what a feed says, and what is made of it; the README's table is held to it.
SETTINGS = (
    Obeyed(setting="baseURL, title, locale, languageCode", meaning="site.url, site.title, site.language"),
    Obeyed(setting="timeZone", meaning="zone of dates that name none"),
    Obeyed(setting="params.description, params.author", meaning="description and author of the feeds"),
    Obeyed(setting="contentDir, module.mounts (folders of content, with files)", meaning="the folders of articles"),
    Obeyed(setting="theme (its content folder)", meaning="read behind the site's own"),
    Obeyed(setting="staticDir, module.mounts (static)", meaning="where images and files are measured"),
    Obeyed(setting="ignoreFiles", meaning="files that are left out"),
    Obeyed(setting="permalinks (pages, terms)", meaning="addresses of articles, and of the pages of terms"),
    Obeyed(setting="uglyURLs, disablePathToLower, removePathAccents", meaning="addresses"),
    Obeyed(setting="frontmatter", meaning="which keys, file names, commits or file times are dates"),
    Obeyed(setting="enableGitInfo", meaning="the last commit is the date of change"),
    Obeyed(setting="taxonomies", meaning="tags and keywords are tags, the others topics"),
    Obeyed(setting="cascade", meaning="what articles inherit, also from _index.md"),
    Obeyed(setting="build, _build, headless, draft, dates in front matter", meaning="what is hidden stays hidden"),
    Obeyed(setting="languages, defaultContentLanguage, defaultContentLanguageInSubdir", meaning="feeds per language"),
    Obeyed(setting="disableLanguages, languages.….disabled", meaning="no feeds of that language"),
    Obeyed(setting="disableKinds (page, term)", meaning="no articles; terms without a page"),
    Obeyed(setting="enableEmoji", meaning=":smile: becomes a picture character"),
    Obeyed(setting="markup.goldmark.extensions.passthrough", meaning="mathematics is left as it is written"),
    Obeyed(setting="config/_default, config/production", meaning="read over the site's file"),
    Obeyed(setting="buildDrafts", meaning=""),
    Obeyed(setting="buildFuture", meaning=""),
    Obeyed(setting="buildExpired", meaning=""),
    Obeyed(setting="relativeURLs, canonifyURLs", meaning=""),
    Obeyed(setting="module.imports", meaning=""),
    Obeyed(setting="roles, versions", meaning=""),
    Obeyed(setting="segments", meaning=""),
)
_SWITCHES = {
    "builddrafts": "buildDrafts is not obeyed: drafts are in no feed",
    "buildfuture": "buildFuture is not obeyed: an article of the future appears at its time",
    "buildexpired": "buildExpired is not obeyed: an expired article is in no feed",
}


def notes_of(settings: dict[str, Any], folder: Path) -> Iterator[str]:
    """One sentence for each setting that is there, shapes what Hugo writes, and is not obeyed."""
    for key, sentence in _SWITCHES.items():
        if settings.get(key) is True:
            yield sentence
    yield from _notes_of_modules(settings.get("module"), folder)
    for key in ("roles", "versions"):
        if settings.get(key):
            yield f"{key} is not obeyed: every page counts as of the default one"
    taxonomies = settings.get("taxonomies")
    for name in taxonomies.values() if isinstance(taxonomies, dict) else []:
        if str(name).lower() in {"series", "authors", "author"}:
            yield f"the taxonomy {name} has no feeds (front_matter.topics takes it in)"


def _notes_of_modules(module: Any, folder: Path) -> Iterator[str]:
    """What comes from elsewhere, and files that are mounted by themselves."""
    for one in _maps(module, "imports"):
        path = one.get("path")
        if path and not (folder / "themes" / str(path)).is_dir():
            yield f"module.imports: content of {path} is not read (vendor it and mount it)"
    for one in _maps(module, "mounts"):
        source = str(one.get("source") or "")
        if source and str(one.get("target")).startswith("content") and (folder / source).is_file():
            yield f"module.mounts: {source} is not read (mount its folder, with files)"


def _maps(module: Any, key: str) -> list[dict[str, Any]]:
    found = module.get(key) if isinstance(module, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
