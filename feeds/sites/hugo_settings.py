"""Read the configuration of a Hugo site into one map, as Hugo merges it.

``hugo.*`` or ``config.*`` (TOML, YAML, JSON; the first that is there) beside ``config/_default/*``, with
``config/production/*`` on top; keys in any case. https://gohugo.io/configuration/introduction/
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from feeds.sites.values import LOADERS, Settings, read_file

#: Hugo's own order; the first file that is there counts.
_NAMES = tuple(f"{stem}.{ending}" for stem in ("hugo", "config") for ending in ("toml", "yaml", "yml", "json"))
_FOLDERS = ("config/_default", "config/production")
#: In a folder of settings the file of this name holds the root; another's name is the key of what it holds.
_ROOT_NAMES = frozenset({"hugo", "config"})
#: What shows that a ``config.*`` is Hugo's.
_HUGO_KEYS = frozenset({
    "baseurl", "title", "languagecode", "locale", "theme", "module", "params", "menu", "menus", "markup", "permalinks",
    "taxonomies", "languages", "defaultcontentlanguage", "outputs", "contentdir", "publishdir", "cascade",
    "ignorefiles",
})  # fmt: skip
_HUGO_FOLDERS = ("content", "archetypes", "layouts")
#: Files of a language that hold a part of its settings (config/configLoader.go).
_PARTS_OF_LANGUAGE = {"menu": "menus", "menus": "menus", "params": "params"}


def read_settings(folder: Path) -> tuple[Settings, tuple[Path, ...]]:
    """The merged settings, keys in lower case, and the files that they come from; none where there is no Hugo site.

    Raises:
        ConfigError: a file of the configuration cannot be read.
    """
    settings: Settings = {}
    sources = tuple(_config_files(folder))
    for path in sources:
        settings = merge(settings, _load(path, folder))
    is_anybodys = len(sources) == 1 and sources[0].parent == folder and sources[0].stem == "config"
    return ({}, ()) if is_anybodys and not _is_hugos(settings, folder) else (settings, sources)


def _is_hugos(settings: Settings, folder: Path) -> bool:
    """Whether a ``config.*`` is Hugo's: many programs have a file of that name."""
    if is_of_zola(settings):
        return False
    return bool(_HUGO_KEYS & set(settings)) or any((folder / name).is_dir() for name in _HUGO_FOLDERS)


def is_of_zola(settings: Settings) -> bool:
    """Whether a ``config.toml`` is Zola's, which older sites of it have: it cannot do without its ``base_url``."""
    return "base_url" in settings and "baseurl" not in settings


def _config_files(folder: Path) -> Iterator[Path]:
    """The files in the order in which later ones win."""
    yield from [folder / name for name in _NAMES if (folder / name).is_file()][:1]
    for name in _FOLDERS:
        # Also in folders below, each by the name of its file alone.
        paths = (folder / name).rglob("*")
        yield from sorted(path for path in paths if path.suffix.lstrip(".") in LOADERS and path.is_file())


def _load(path: Path, folder: Path) -> Settings:
    """One file, under the key that its name stands for, with its keys in lower case."""
    values = read_file(path, folder, "Hugo's")
    lowered = _lowered(values)
    if path.parent == folder or path.stem in _ROOT_NAMES:
        return lowered if isinstance(values, dict) else {}
    key, _, language = path.stem.lower().partition(".")
    if isinstance(values, dict) and values.keys() == {path.stem.partition(".")[0]}:
        # TOML cannot begin with a list: cascade.toml may hold [[cascade]]. Hugo wants the case to be the same.
        lowered = lowered[key]
    if not language:
        return {key: lowered}
    # languages.zh-cn.toml and any other name hold settings of one language; these two hold what they are named for.
    own = {_PARTS_OF_LANGUAGE[key]: lowered} if key in _PARTS_OF_LANGUAGE else lowered
    return {"languages": {language: own}}


def _lowered(value: Any) -> Any:
    """Keys in lower case at every level: Hugo reads baseURL, baseurl and BaseURL alike."""
    if isinstance(value, dict):
        return {str(key).lower(): _lowered(inner) for key, inner in value.items()}
    return [_lowered(one) for one in value] if isinstance(value, list) else value


def merge(below: Settings, above: Settings) -> Settings:
    """``above`` over ``below``, maps within maps likewise."""
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(merged.get(key), dict) and isinstance(value, dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged
