"""Find out which generator a site is built with, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

from feeds.content.generator import Generator
from feeds.sites.description import SiteDescription, Tree
from feeds.sites.folders import read_layout
from feeds.sites.hexo import read_hexo
from feeds.sites.hugo import read_hugo
from feeds.sites.jekyll import read_jekyll
from feeds.sites.mkdocs import read_mkdocs
from feeds.sites.zola import read_zola

#: How far above a folder of articles a site's configuration may lie.
_MOST_LEVELS = 6


class GeneratorSite(Protocol):
    """A site of a generator that we know."""

    def describe(self) -> SiteDescription:
        """What its configuration says."""

    def tree(self, url: str, tree: Tree) -> Generator:
        """How one of its folders of content is read, for a site served at ``url``."""


#: In the order in which they are looked for: a folder may hold leftovers of the generator that a site moved from.
READERS: dict[str, Callable[[Path], GeneratorSite | None]] = {
    "hugo": read_hugo,
    "zola": read_zola,
    "hexo": read_hexo,
    "jekyll": read_jekyll,
}


#: What is read as Markdown; known by itself only.
_OTHERS = (read_mkdocs, read_layout)


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
        for read in readers:
            if site := read(place):
                return place, site
    return None


def _places(folder: Path, below: Sequence[str]) -> list[Path]:
    """The folder itself, then what lies above each folder of articles, from there upwards."""
    places = [folder]
    for name in below:
        path = (folder / name).resolve()
        for place in list(path.parents)[:_MOST_LEVELS]:
            places.append(place)
            if (place / ".git").exists():
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
            found.append((path, Tree(path=path, below=below, edition=tree.edition)))
        elif wanted in own.parents:
            found.append((tree.path, tree))
    return found
