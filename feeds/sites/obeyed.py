"""Which settings of which generator are obeyed: the table of the README."""

from __future__ import annotations

from feeds.sites import hexo, hugo_notes, jekyll, zola
from feeds.sites.description import Obeyed

GENERATORS: dict[str, tuple[Obeyed, ...]] = {
    "Hugo": hugo_notes.SETTINGS,
    "Jekyll": jekyll.SETTINGS,
    "Hexo": hexo.SETTINGS,
    "Zola": zola.SETTINGS,
}


def obeyed_markdown() -> str:
    """A row for each setting: generator, setting, and what is made of it."""
    rows = ["| generator | setting | what is made of it |", "| --- | --- | --- |"]
    for name, settings in GENERATORS.items():
        rows += [f"| {name} | {_cell(one.setting)} | {_cell(one.meaning) or 'not obeyed'} |" for one in settings]
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
