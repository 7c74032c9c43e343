"""Folders of other programs that publish Markdown: read as Markdown, with what is not understood said.

They are known by a file or folder of theirs; what they configure in program code is not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from feeds.content.plain_tree import PlainTree
from feeds.sites.description import SiteDescription, Tree
from feeds.sites.values import table_of, text_of

_SCRIPTS = ("js", "cjs", "mjs", "ts", "mts")
_ADDRESSES = "addresses are those of folders and files (content[].url changes them)"
_COMPONENTS = "MDX files and components are not understood"


class Layout(Struct, frozen=True, kw_only=True):
    """A program, and where it keeps its texts."""

    name: str
    #: Files or folders that only it has; ``*`` for any extension of a script.
    marks: tuple[str, ...]
    #: The folders of its content, those of them that are there; ``.`` where there is no other.
    folders: tuple[str, ...] = (".",)
    #: These folders are part of the addresses.
    is_named_by_folder: bool = False
    #: Folders below these that hold no articles: names.
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    dialect: str = ""


LAYOUTS = (
    Layout(
        name="Docusaurus",
        marks=("docusaurus.config.*",),
        folders=("blog", "docs"),
        is_named_by_folder=True,
        notes=(_COMPONENTS, _ADDRESSES),
    ),
    Layout(
        name="VitePress",
        marks=(".vitepress", "docs/.vitepress"),
        folders=("docs", "."),
        notes=("components are not understood", _ADDRESSES),
    ),
    Layout(
        name="Astro", marks=("astro.config.*",), folders=("src/content", "src/pages"), notes=(_COMPONENTS, _ADDRESSES)
    ),
    Layout(
        name="Eleventy",
        marks=(".eleventy.js", "eleventy.config.*"),
        folders=("src", "content", "."),
        skipped=("_includes", "_data", "_layouts"),
        notes=("its data files, permalinks in code and shortcodes are not understood", _ADDRESSES),
    ),
    Layout(
        name="Gatsby",
        marks=("gatsby-config.*",),
        folders=("content", "src/pages", "src/posts"),
        notes=(_COMPONENTS, _ADDRESSES),
    ),
    Layout(
        name="Quartz",
        marks=("quartz.config.ts",),
        folders=("content",),
        skipped=("private", "templates"),
        notes=("queries and embedded notes are not understood", _ADDRESSES),
        dialect="obsidian",
    ),
    Layout(
        name="Obsidian",
        marks=(".obsidian",),
        skipped=("Templates", "templates", "_templates"),
        notes=("queries (dataview), canvases and embedded notes are not understood", _ADDRESSES),
        dialect="obsidian",
    ),
)
#: Where Obsidian and a plugin of it say which folder holds templates.
_TEMPLATES = (("templates.json", "folder"), ("plugins/templater-obsidian/data.json", "templates_folder"))


class LayoutSite:
    """A folder of one of these programs."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self._folder = folder
        self._layout = layout

    def describe(self) -> SiteDescription:
        """Where its texts are, and what is not understood."""
        layout = self._layout
        return SiteDescription(
            read_from=f"the folder of {layout.name}",
            trees=tuple(Tree(path=path, below=path * layout.is_named_by_folder) for path in self._folders()),
            static=tuple(name for name in ("public", "static") if (self._folder / name).is_dir()),
            rendering={"dialect": layout.dialect} if layout.dialect else {},
            notes=tuple(f"{layout.name} is read as Markdown: {note}" for note in layout.notes),
        )

    def _folders(self) -> list[str]:
        found = [path for path in self._layout.folders if (self._folder / path).is_dir()]
        # The whole folder only where there is none within.
        return [path for path in found if path != "."] or found

    def tree(self, url: str, tree: Tree) -> PlainTree:  # noqa: ARG002 (protocol)
        """Every Markdown file, but those of the program."""
        return PlainTree(skipped=(*self._layout.skipped, *self._templates()), is_project=True)

    def _templates(self) -> Iterator[str]:
        """Folders of templates that Obsidian has in its settings."""
        for name, key in _TEMPLATES:
            path = self._folder / ".obsidian" / name
            try:
                found: Any = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError, RecursionError):
                continue
            if folder := text_of(table_of(found).get(key)).strip("/"):
                yield folder


def read_layout(folder: Path) -> LayoutSite | None:
    """The folder of a program that we know by its looks; None when it is none."""
    layout = next((one for one in LAYOUTS if any(_is_there(folder, mark) for mark in one.marks)), None)
    return LayoutSite(folder, layout) if layout else None


def _is_there(folder: Path, mark: str) -> bool:
    if not mark.endswith(".*"):
        return (folder / mark).exists()
    return any((folder / f"{mark[:-1]}{ending}").is_file() for ending in _SCRIPTS)
