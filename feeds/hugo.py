"""Read what a Hugo site says of itself, for ``feeds init``: title, address, language, folders, permalinks.

Understands ``hugo.*`` and ``config.*`` (TOML, YAML, JSON) beside ``config/_default/*`` with ``config/production/*`` on
top, keys in any case, and the settings of the default language before those of the site, as Hugo does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from os.path import relpath
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from feeds.errors import ConfigError

#: Hugo's own order; the first file that is there counts.
_NAMES = tuple(f"{stem}.{ending}" for stem in ("hugo", "config") for ending in ("toml", "yaml", "yml", "json"))
_FOLDERS = ("config/_default", "config/production")
#: In a folder of settings the file of this name holds the root; another's name is the key of what it holds.
_ROOT_NAMES = frozenset({"hugo", "config"})
_ARTICLE_ENDINGS = frozenset({".md", ".markdown"})
#: Folders of tools and of Synology boxes, which no author wrote.
_FOREIGN = (".", "@")
#: Front matter keys of taxonomies that name no topics.
_NO_TOPICS = frozenset({"tags", "authors", "author", "series", "keywords"})
#: Hugo's taxonomies when the site names none.
_TAXONOMIES = {"category": "categories", "tag": "tags"}

Settings = dict[str, Any]


class Section(Struct, frozen=True, kw_only=True):
    """A folder of articles."""

    #: POSIX path relative to the site.
    path: str
    name: str
    #: Permalink pattern relative to ``HugoSite.url``.
    permalink: str


class HugoSite(Struct, frozen=True, kw_only=True):
    """What the configuration says; empty where it says nothing."""

    #: The file or folder that was read, relative to the site.
    read_from: str
    title: str = ""
    #: ``baseURL`` as written.
    url: str = ""
    language: str = ""
    author: str = ""
    email: str = ""
    description: str = ""
    timezone: str = ""
    sections: tuple[Section, ...] = ()
    static: tuple[str, ...] = ()
    #: Front matter keys of the taxonomies.
    tag_keys: tuple[str, ...] = ()
    topic_keys: tuple[str, ...] = ()
    #: What could not be taken over, one sentence each.
    notes: tuple[str, ...] = field(default=())


def read_hugo(folder: Path) -> HugoSite | None:
    """What the Hugo site in ``folder`` says of itself; None when there is none.

    Raises:
        ConfigError: a file of its configuration cannot be read.
    """
    settings: Settings = {}
    sources = list(_config_files(folder))
    for path in sources:
        settings = _merge(settings, _load(path, folder))
    if not sources:
        return None
    return _describe(folder, sources[0].relative_to(folder).as_posix(), settings)


def plain_site(folder: Path) -> HugoSite:
    """What a folder without Hugo's configuration shows: the folders of articles in ``content``, if there are any."""
    sections, _ = _sections(folder, {}, "")
    return HugoSite(read_from="", sections=sections, static=_static_folders(folder, {}))


def _config_files(folder: Path) -> Iterator[Path]:
    """The files in the order in which later ones win."""
    yield from [folder / name for name in _NAMES if (folder / name).is_file()][:1]
    for name in _FOLDERS:
        yield from sorted(
            (path for path in (folder / name).glob("*") if path.suffix.lstrip(".") in _LOADERS and path.is_file()),
            key=lambda path: (path.stem not in _ROOT_NAMES, path.name),
        )


def _load(path: Path, folder: Path) -> Settings:
    """One file, under the key that its name stands for, with its keys in lower case."""
    try:
        values = _LOADERS[path.suffix.lstrip(".")](path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise _unreadable(path, folder, error) from error
    if path.parent == folder or path.stem in _ROOT_NAMES:
        return _lowered(values) if isinstance(values, dict) else {}
    # params.zh-cn.toml holds the params of one language.
    key, _, language = path.stem.lower().partition(".")
    return {"languages": {language: {key: _lowered(values)}}} if language else {key: _lowered(values)}


def _unreadable(path: Path, folder: Path, error: Exception) -> ConfigError:
    why = " ".join(str(error).split())
    return ConfigError(f"{path.relative_to(folder).as_posix()}: Hugo's settings: {why} (mend the file)")


def _load_toml(text: str) -> Any:
    import tomllib  # noqa: PLC0415 - each of the three is rarely needed

    return tomllib.loads(text)


def _load_yaml(text: str) -> Any:
    import yaml  # noqa: PLC0415 - each of the three is rarely needed

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _load_json(text: str) -> Any:
    import json  # noqa: PLC0415 - each of the three is rarely needed

    return json.loads(text)


_LOADERS: Mapping[str, Callable[[str], Any]] = {
    "toml": _load_toml,
    "yaml": _load_yaml,
    "yml": _load_yaml,
    "json": _load_json,
}


def _lowered(value: Any) -> Any:
    """Keys in lower case at every level: Hugo reads baseURL, baseurl and BaseURL alike."""
    if isinstance(value, dict):
        return {str(key).lower(): _lowered(inner) for key, inner in value.items()}
    return value


def _merge(below: Settings, above: Settings) -> Settings:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(merged.get(key), dict) and isinstance(value, dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _describe(folder: Path, read_from: str, settings: Settings) -> HugoSite:
    code = _text(settings.get("defaultcontentlanguage")) or "en"
    chosen = _table(_table(settings.get("languages")).get(code.lower()))
    site = _merge(settings, chosen)
    params = _table(site.get("params"))
    author, email = _author(params.get("author") or site.get("author") or params.get("authors"))
    sections, notes = _sections(folder, site, code)
    tag_keys, topic_keys = _term_keys(_table(site.get("taxonomies")))
    return HugoSite(
        read_from=read_from,
        title=_text(site.get("title")),
        url=_text(site.get("baseurl")),
        language=_text(chosen.get("locale") or site.get("locale") or site.get("languagecode")) or code,
        author=author,
        email=email,
        description=_text(params.get("description") or site.get("description")),
        timezone=_text(site.get("timezone")),
        sections=sections,
        static=_static_folders(folder, site),
        tag_keys=tag_keys,
        topic_keys=topic_keys,
        notes=notes,
    )


def _text(value: Any) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _table(value: Any) -> Settings:
    return value if isinstance(value, dict) else {}


def _author(value: Any) -> tuple[str, str]:
    """Name and e-mail address of ``author = "Name"``, ``[author] name = …`` or the first of several."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        return _text(value.get("name")), _text(value.get("email"))
    return _text(value), ""


def _static_folders(folder: Path, site: Settings) -> tuple[str, ...]:
    """``staticDir`` and its numbered siblings, each a name or a list of names, as far as they are there."""
    values = [value for key, value in sorted(site.items()) if key.startswith("staticdir")] or ["static"]
    several = [name for value in values for name in (value if isinstance(value, list) else [value])]
    return tuple(name for name in dict.fromkeys(map(_text, several)) if name and (folder / name).is_dir())


def _term_keys(taxonomies: Settings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Front matter keys of tags and of topics: the plural names of the taxonomies."""
    names = [_text(name) for name in (taxonomies or _TAXONOMIES).values()]
    tags = tuple(name for name in names if name.lower() in ("tags", "keywords"))
    topics = tuple(name for name in names if name and name.lower() not in _NO_TOPICS)
    return tags, topics


def _sections(folder: Path, site: Settings, code: str) -> tuple[tuple[Section, ...], tuple[str, ...]]:
    """The folders of the content tree that hold articles, and notes on what Hugo does and we do not."""
    content = _text(site.get("contentdir")) or "content"
    prefix = f"/{code.lower()}" if site.get("defaultcontentlanguageinsubdir") is True else ""
    patterns = _permalinks(site)
    sections = tuple(
        Section(
            path=relpath(path, folder).replace("\\", "/"),
            name=path.name,
            permalink=prefix + _pattern(patterns.get(path.name.lower()), ugly=_is_ugly(site, path.name)),
        )
        for path in sorted((folder / content).glob("*"))
        if path.is_dir() and not path.name.startswith(_FOREIGN) and _holds_articles(path)
    )
    keeps_case = site.get("disablepathtolower") is True
    return sections, ("disablePathToLower: the URLs of feeds are in lower case",) * keeps_case


def _is_ugly(site: Settings, section: str) -> bool:
    """``uglyURLs = true``, or a table of sections."""
    value = site.get("uglyurls")
    return value is True or _table(value).get(section.lower()) is True


def _holds_articles(folder: Path) -> bool:
    files = (path for path in folder.rglob("*") if path.suffix.lower() in _ARTICLE_ENDINGS)
    return any(not path.stem.startswith("_index") for path in files)


def _permalinks(site: Settings) -> dict[str, str]:
    """Patterns by section, from ``[permalinks]`` and from ``[permalinks.page]``, which wins."""
    table = _table(site.get("permalinks"))
    return {key: _text(value) for key, value in (table | _table(table.get("page"))).items() if isinstance(value, str)}


def _pattern(pattern: str | None, *, ugly: bool) -> str:
    """The section's own pattern, else Hugo's default: the path of the file, its name replaced by a slug."""
    return f"/{(pattern or ':sections/:slugorfilename').strip('/')}" + (".html" if ugly else "/")
