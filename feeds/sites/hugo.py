"""What the configuration of a Hugo site means for its feeds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from posixpath import normpath
from typing import Any

from feeds.content.cascade import matches_term
from feeds.content.fields import language_of
from feeds.content.generator import DateRules
from feeds.content.plaintext import plain_text
from feeds.sites.description import Edition, SiteDescription, Taxonomy, Tree
from feeds.sites.hugo_notes import notes_of
from feeds.sites.hugo_settings import merge, read_settings
from feeds.sites.hugo_tree import HugoLanguage, HugoTree
from feeds.sites.values import Settings, list_of, table_of, text_of

_MARKUP = re.compile(r"<[A-Za-z/]|&#?\w{1,31};")
#: Front matter keys of taxonomies that name no topics.
_NO_TOPICS = frozenset({"tags", "authors", "author", "series", "keywords"})
_TAGS = frozenset({"tags", "keywords"})
#: Hugo's taxonomies when the site names none.
_TAXONOMIES = {"category": "categories", "tag": "tags"}

#: Hugo's defaults of ``[frontmatter]``, and the other names of a key (resources/page/pagemeta).
_DATES = {
    "date": ("date", "publishdate", "lastmod"),
    "lastmod": (":git", "lastmod", "date", "publishdate"),
    "publishdate": ("publishdate", "date"),
    "expirydate": ("expirydate",),
}
_DATE_ALIASES = {"lastmod": ("modified",), "publishdate": ("pubdate", "published"), "expirydate": ("unpublishdate",)}


class HugoSite:
    """A site of Hugo's, read once."""

    def __init__(self, folder: Path, settings: Settings, files: tuple[Path, ...]) -> None:
        self._folder = folder
        self._files = files
        self._default = text_of(settings.get("defaultcontentlanguage")).lower() or "en"
        languages = table_of(settings.get("languages"))
        disabled = {text_of(one).lower() for one in list_of(settings.get("disablelanguages"))}
        disabled |= {key for key, one in languages.items() if table_of(one).get("disabled") is True}
        self._disabled = frozenset(disabled - {self._default})
        keys = [key for key in languages if key not in self._disabled] or [self._default]
        if self._default not in keys:
            keys.insert(0, self._default)
        #: Settings of each language over those of the site, the default one first, then by weight.
        self._settings = {key: merge(settings, _own_settings(languages.get(key))) for key in keys}
        ordered = sorted(keys, key=lambda key: (key != self._default, _weight(table_of(languages.get(key))), key))
        self._keys = ordered
        self._site = self._settings[self._default]
        self._is_multilingual = len(ordered) > 1
        #: Hugo takes English where nobody states a language; the articles tell better.
        self._states_language = self._is_multilingual or bool(
            {"locale", "languagecode", "defaultcontentlanguage"} & self._site.keys() or languages
        )

    def describe(self) -> SiteDescription:
        """What the configuration says."""
        site = self._site
        author, email = _author(site)
        tags, topics = self._taxonomies()
        return SiteDescription(
            kind="hugo",
            read_from=self._files[0].relative_to(self._folder).as_posix(),
            title=text_of(site.get("title")),
            url=text_of(site.get("baseurl")),
            language=_language(site, self._default) if self._states_language else "",
            author=author,
            email=email,
            description=_described(site),
            timezone=text_of(site.get("timezone")),
            trees=tuple(self._trees()),
            static=self._static(),
            tags=tags,
            topics=topics,
            editions=tuple(map(self._edition, self._keys)) if self._is_multilingual else (),
            rendering=_rendering(site),
            notes=tuple(notes_of(site, self._folder)),
            files=tuple(map(str, self._files)),
        )

    def _edition(self, key: str) -> Edition:
        settings = self._settings[key]
        return Edition(
            key=key,
            language=_language(settings, key),
            title=text_of(settings.get("title")),
            url=text_of(settings.get("baseurl")) if self._has_own_hosts() else "",
            folder=self._prefix(key).strip("/") + "/" if self._prefix(key) else "",
            description=_described(settings),
            author=_author(settings)[0],
        )

    def _has_own_hosts(self) -> bool:
        """A language has an address of its own, so none has a prefix."""
        urls = {
            key: text_of(table_of(self._site.get("languages", {})).get(key, {}).get("baseurl")) for key in self._keys
        }
        return self._is_multilingual and any(urls.values())

    def _prefix(self, key: str) -> str:
        is_plain = key == self._default and self._site.get("defaultcontentlanguageinsubdir") is not True
        return "" if is_plain or self._has_own_hosts() else f"/{key}"

    def tree(self, url: str, tree: Tree) -> HugoTree:
        """How a folder of content is read, for a site served at ``url``."""
        site = self._site
        return HugoTree(
            languages={key: self._hugo_language(key, url) for key in self._keys},
            is_multilingual=self._is_multilingual,
            disabled=tuple(sorted(self._disabled)),
            mounted=tree.edition,
            filters=tree.filters,
            filtered_from=tree.filtered_from,
            ignored=tuple(filter(None, map(text_of, list_of(site.get("ignorefiles"))))),
            dates=date_rules(site),
            removes_accents=site.get("removepathaccents") is True,
            keeps_case=site.get("disablepathtolower") is True,
            has_no_pages="page" in {text_of(one).lower() for one in list_of(site.get("disablekinds"))},
        )

    def _hugo_language(self, key: str, url: str) -> HugoLanguage:
        settings = self._settings[key]
        own = text_of(settings.get("baseurl")) if self._has_own_hosts() else url
        return HugoLanguage(
            key=key,
            language=_language(settings, key) if self._states_language else "",
            url=own.rstrip("/") + "/",
            prefix=self._prefix(key),
            permalinks=tuple(permalink_rules(settings.get("permalinks"))),
            ugly=_ugly(settings.get("uglyurls")),
            cascade=settings.get("cascade"),
        )

    def _trees(self) -> Iterator[Tree]:
        """The folders that are mounted as content; those that are not there are left out."""
        mounts = list(self._mounts()) or [*self._content_folders()]
        seen = set()
        for tree in [*mounts, *self._theme_folders()]:
            if (tree.path, tree.below, tree.edition) not in seen and (self._folder / tree.path).is_dir():
                seen.add((tree.path, tree.below, tree.edition))
                yield tree

    def _mounts(self) -> Iterator[Tree]:
        for mount in list_of(table_of(self._site.get("module")).get("mounts")):
            target = normpath(text_of(table_of(mount).get("target")) or ".")
            if target == "content" or target.startswith("content/"):
                languages = _mounted_languages(table_of(mount))
                path = normpath(text_of(mount.get("source")) or ".")
                below = target.removeprefix("content").strip("/")
                for language in languages or [""]:
                    yield Tree(
                        path=path, below=below, edition=language, filters=_file_globs(mount), filtered_from=below
                    )

    def _content_folders(self) -> Iterator[Tree]:
        """``contentDir`` of the site, and that of each language that has its own."""
        base = text_of(self._site_wide("contentdir")) or "content"
        for key in self._keys:
            path = text_of(self._settings[key].get("contentdir")) or base
            yield Tree(path=normpath(path), edition="" if path == base else key)

    def _site_wide(self, key: str) -> Any:
        """A setting of the site that no language has changed."""
        own = table_of(table_of(self._site.get("languages")).get(self._default))
        return None if key in own else self._site.get(key)

    def _theme_folders(self) -> Iterator[Tree]:
        folder = text_of(self._site.get("themesdir")) or "themes"
        for theme in map(text_of, list_of(self._site.get("theme"))):
            if theme and not theme.startswith(("/", ".")):
                yield Tree(path=normpath(f"{folder}/{theme}/content"))

    def _static(self) -> tuple[str, ...]:
        """``staticDir`` and its numbered siblings, each a name or a list of names; mounts of ``static``."""
        site = self._site
        values = [value for key, value in sorted(site.items()) if key.startswith("staticdir")] or ["static"]
        names = [text_of(name) for value in values for name in list_of(value)]
        for mount in map(table_of, list_of(table_of(site.get("module")).get("mounts"))):
            is_static = normpath(text_of(mount.get("target")) or ".") == "static"
            names += [normpath(text_of(mount.get("source")))] * is_static
        return tuple(name for name in dict.fromkeys(names) if name and (self._folder / name).is_dir())

    def _taxonomies(self) -> tuple[tuple[Taxonomy, ...], tuple[Taxonomy, ...]]:
        site = self._site
        given = table_of(site.get("taxonomies")) if "taxonomies" in site else _TAXONOMIES
        names = [name for name in map(text_of, given.values()) if name]
        disabled = {text_of(one).lower() for one in list_of(site.get("disablekinds"))}
        has_pages = "term" not in disabled
        rules = tuple(permalink_rules(site.get("permalinks")))
        found = [Taxonomy(key=name, page=_term_page(name, rules) if has_pages else "") for name in names]
        tags = tuple(one for one in found if one.key.lower() in _TAGS)
        topics = tuple(one for one in found if one.key.lower() not in _NO_TOPICS)
        return tags, topics


def read_hugo(folder: Path) -> HugoSite | None:
    """The Hugo site in a folder; None when there is none.

    Raises:
        ConfigError: a file of its configuration cannot be read.
    """
    settings, files = read_settings(folder)
    return HugoSite(folder, settings, files) if files else None


def date_rules(settings: Mapping[str, Any]) -> DateRules:
    """``[frontmatter]``: lists of keys, in which ``:default`` stands for Hugo's own."""
    given = table_of(settings.get("frontmatter"))
    has_git = settings.get("enablegitinfo") is True
    found = {key: _date_keys(given.get(key), default, has_git) for key, default in _DATES.items()}
    return DateRules(
        begins_name=True,
        published=found["date"],
        updated=found["lastmod"],
        appears=found["publishdate"],
        expires=found["expirydate"],
    )


def _date_keys(given: Any, default: tuple[str, ...], has_git: bool) -> tuple[str, ...]:  # noqa: FBT001 (private)
    names = [
        name
        for one in ([":default"] if given is None else list_of(given))
        for name in _expanded(text_of(one).lower(), default)
    ]
    with_aliases = [alias for name in names for alias in (name, *_DATE_ALIASES.get(name, ()))]
    folded = [name if name.startswith(":") else name.replace("_", "").replace("-", "") for name in with_aliases]
    return tuple(name for name in dict.fromkeys(folded) if has_git or name != ":git")


def _expanded(name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    return default if name == ":default" else (name,)


def permalink_rules(value: Any) -> Iterator[tuple[Mapping[str, Any], str]]:
    """(target, pattern) of ``[permalinks]`` in each of its forms: by section, by kind and section, or a list."""
    if isinstance(value, list):
        for one in map(table_of, value):
            if text_of(one.get("pattern")):
                yield table_of(one.get("target")), text_of(one.get("pattern"))
        return
    for key, inner in table_of(value).items():
        if isinstance(inner, str):
            # As in older Hugos: for pages and for terms.
            yield {"kind": "{page,term}", "path": _section_glob(key)}, inner.strip()
        for section, pattern in table_of(inner).items():
            if isinstance(pattern, str):
                yield {"kind": key, "path": _section_glob(section)}, pattern.strip()


def _section_glob(section: str) -> str:
    section = section.strip(" /").lower()
    return f"/{{{section},{section}/**}}" if section else "/*"


def _term_page(taxonomy: str, rules: tuple[tuple[Mapping[str, Any], str], ...]) -> str:
    path = f"/{taxonomy.lower()}/:term"
    pattern = next((p for target, p in rules if target.get("kind") and matches_term(target, path, "")), "")
    return pattern.strip("/") + "/" if pattern else f"{taxonomy.lower()}/:slug/"


def _own_settings(language: Any) -> Settings:
    """What a language may say for itself: of ``uglyURLs`` Hugo takes a map alone there (allconfig.go)."""
    own = table_of(language)
    return {key: value for key, value in own.items() if key != "uglyurls" or isinstance(value, dict)}


def _ugly(value: Any) -> tuple[str, ...]:
    if value is True or value == "true":
        return ("*",)
    return tuple(key for key, is_ugly in table_of(value).items() if is_ugly is True)


def _file_globs(mount: Mapping[str, Any]) -> tuple[str, ...]:
    """``files`` of a mount; ``includeFiles`` and ``excludeFiles`` of older sites."""
    taken = [*map(text_of, list_of(mount.get("files"))), *map(text_of, list_of(mount.get("includefiles")))]
    return tuple(filter(None, taken + [f"! {text_of(one)}" for one in list_of(mount.get("excludefiles"))]))


def _mounted_languages(mount: Mapping[str, Any]) -> list[str]:
    matrix = table_of(table_of(mount.get("sites")).get("matrix"))
    several = list_of(mount.get("lang")) + list_of(matrix.get("languages"))
    return [key for key in (text_of(one).lower() for one in several) if key and not set("*?[{") & set(key)]


def _rendering(site: Settings) -> dict[str, Any]:
    goldmark = table_of(table_of(site.get("markup")).get("goldmark"))
    passthrough = table_of(table_of(goldmark.get("extensions")).get("passthrough"))
    found: dict[str, Any] = {"dialect": "hugo", "emoji": site.get("enableemoji") is True}
    if passthrough.get("enable") is True:
        delimiters = table_of(passthrough.get("delimiters"))
        found["math"] = {
            kind: [tuple(map(text_of, pair)) for pair in list_of(delimiters.get(kind)) if len(list_of(pair)) == 2]
            for kind in ("block", "inline")
        }
    return found


def _language(settings: Settings, key: str) -> str:
    stated = text_of(settings.get("locale") or settings.get("languagecode"))
    return language_of(stated) or language_of(key) or stated or key


def _described(settings: Settings) -> str:
    """Templates show it as HTML; a feed takes plain text."""
    stated = text_of(table_of(settings.get("params")).get("description") or settings.get("description"))
    return plain_text(stated) if _MARKUP.search(stated) else stated


def _weight(language: Mapping[str, Any]) -> int:
    """Languages without a weight stand behind those with one."""
    weight = language.get("weight")
    return weight if isinstance(weight, int) and weight > 0 else 1 << 30


def _author(site: Settings) -> tuple[str, str]:
    """Name and e-mail address of ``author = "Name"``, ``[author] name = …`` or the first of several."""
    params = table_of(site.get("params"))
    value = params.get("author") or site.get("author") or params.get("authors")
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        return text_of(value.get("name")), text_of(value.get("email"))
    return text_of(value), ""
