"""Sites of other generators, and what we make of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from feeds.config import load_config
from feeds.content.articles import Reading, read_article
from feeds.content.files import scan
from feeds.model import Article
from feeds.rebuild.inheritance import read_inheritances
from feeds.scaffold import scaffold
from feeds.unpack import unpack


def write_site(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files by their paths below the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def readings(folder: Path, settings: str | None = None) -> tuple[dict[str, Reading], dict[str, str]]:
    """What is read of each file by its path below the folder, and why the others are not.

    Args:
        folder: The site.
        settings: Text of sources.yaml; that of ``feeds init`` when None.
    """
    path = folder / "sources.yaml"
    path.write_text(settings or scaffold(str(folder)).text, encoding="utf-8")
    site = unpack(load_config(str(path), {}))
    path.unlink()
    found = scan(site.roots)
    above = read_inheritances(site, found)
    read = {
        name: read_article(file, name, site.roots[file.root], site.facts, above.of(name, file))
        for name, file in found.files.items()
    }
    return read, dict(found.unread)


def articles(folder: Path, settings: str | None = None) -> dict[str, Article]:
    """The articles that the public may see, by their paths below the folder."""
    read, _ = readings(folder, settings)
    return {path: one.article for path, one in read.items() if one.article and not one.article.draft}


def same_address(url: str) -> str:
    """An address in one spelling: what needs no escape has none."""
    head, sep, path = url.partition("://")
    return head + sep + quote(unquote(path), safe="/~!$&'()*+,;=:@#?[]")
