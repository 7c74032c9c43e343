"""Find out which generator a site is built with, and where."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from feeds.content.generator import Generator
from feeds.sites.description import SiteDescription, Tree

#: How far above a folder of articles a site's configuration may lie.
_MOST_LEVELS = 6


class GeneratorSite(Protocol):
    """A site of a generator that we know."""

    def describe(self) -> SiteDescription:
        """What its configuration says."""

    def tree(self, url: str, tree: Tree) -> Generator:
        """How one of its folders of content is read, for a site served at ``url``."""


class _Reader(NamedTuple):
    """What reads the sites of one generator; loaded where something of it lies (6 to 15 ms each)."""

    module: str
    function: str
    #: Files or folders of which a site of it has one at least; ``*`` at the end stands for any ending.
    marks: tuple[str, ...]


#: In the order in which they are looked for: a folder may hold leftovers of the generator that a site moved from.
READERS: dict[str, _Reader] = {
    "hugo": _Reader("hugo", "read_hugo", ("hugo.*", "config.*", "config")),
    "zola": _Reader("zola", "read_zola", ("zola.toml", "config.toml")),
    "hexo": _Reader("hexo", "read_hexo", ("_config.*",)),
    "jekyll": _Reader("jekyll", "read_jekyll", ("_config.*", "_posts")),
}
#: Of the programs in ``folders.LAYOUTS``; a test holds them to those.
_MARKS_OF_FOLDERS = (
    "docusaurus.config.*", ".vitepress", "docs", "astro.config.*", ".eleventy.js", "eleventy.config.*",
    "gatsby-config.*", "quartz.config.ts", ".obsidian",
)  # fmt: skip
#: What is read as Markdown; known by itself only.
_OTHERS = (
    _Reader("mkdocs", "read_mkdocs", ("mkdocs.*",)),
    _Reader("folders", "read_layout", _MARKS_OF_FOLDERS),
)


def recognise(folder: Path, kind: str = "auto", below: Sequence[str] = ()) -> tuple[Path, GeneratorSite] | None:
    """The site in a folder and the folder; None when no generator is known there.

    Args:
        folder: Folder of sources.yaml.
        kind: ``auto``, ``none``, or a key of ``READERS``.
        below: Folders of articles, absolute or relative to ``folder``: the site may lie between them and it.

    Raises:
        ConfigError: a file of its configuration cannot be read.
    """
    if kind == "none":
        return None
    readers = (*READERS.values(), *_OTHERS) if kind == "auto" else (READERS[kind],)
    for place in _places(folder, below):
        names = _names(place)
        for reader in readers:
            if names and any(_has(names, mark) for mark in reader.marks) and (site := _read(reader, place)):
                return place, site
    return None


def _read(reader: _Reader, place: Path) -> GeneratorSite | None:
    read: Callable[[Path], GeneratorSite | None] = getattr(
        import_module(f"feeds.sites.{reader.module}"), reader.function
    )
    return read(place)


def _names(place: Path) -> list[str]:
    try:
        return os.listdir(place)  # noqa: PTH208 - names are enough
    except OSError:
        return []


def _has(names: Sequence[str], mark: str) -> bool:
    return mark in names if not mark.endswith("*") else any(name.startswith(mark[:-1]) for name in names)


def _places(folder: Path, below: Sequence[str]) -> list[Path]:
    """The folder itself, then what lies above each folder of articles, up to what lies above the folder as well."""
    own = folder.resolve()
    places = [folder]
    for name in below:
        for place in list((folder / name).resolve().parents)[:_MOST_LEVELS]:
            if place != own:
                places.append(place)
            if place == own or place in own.parents:
                break
    return list(dict.fromkeys(places))


def trees_for(path: str, trees: Sequence[Tree]) -> list[tuple[str, Tree]]:
    """The content of a generator that a folder of sources.yaml holds: (folder to walk, its place in the tree).

    Args:
        path: POSIX path relative to the folder of the site.
        trees: The content of the site.
    """
    wanted = PurePosixPath(path)
    found = []
    for tree in trees:
        own = PurePosixPath(tree.path)
        if wanted == own or own in wanted.parents:
            inner = str(wanted.relative_to(own)).strip(".").strip("/")
            below = "/".join(filter(None, (tree.below, inner)))
            found.append((path, replace(tree, path=path, below=below)))
        elif wanted in own.parents:
            found.append((tree.path, tree))
    return found
