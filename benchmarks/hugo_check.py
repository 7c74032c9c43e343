"""Build the feeds of a corpus with Hugo and check them: each document parses and holds its articles in full.

python benchmarks/hugo_check.py DIR three     # DIR from corpus.py; builds into DIR/hugo-three
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml
from hugo_peer import FILES, LIMIT, VARIANTS, PeerError, command, write_site
from lxml import etree

#: Runs of Chinese characters this long stand in the content as they stand in the Markdown.
RUN = re.compile("[\u4e00-\u9fff]{6,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the corpus asks for: the articles, and how many documents and items a full build must hold."""

    #: Address -> Markdown body.
    bodies: dict[str, str]
    feeds: int
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a build wrote, per format: documents, and those that were parsed, with their items."""

    documents: int
    parsed: int
    items: int
    bytes: int


def read_site(corpus: Path) -> Site:
    """What the front matter asks for, read without Hugo and without ``feeds``."""
    bodies: dict[str, str] = {}
    terms: Counter[tuple[str, str]] = Counter()
    for path in sorted((corpus / "content" / "posts").glob("*.md")):
        _, head, body = path.read_text("utf-8").split("---\n", 2)
        fields = yaml.load(head, Loader=yaml.CSafeLoader)
        bodies[f"https://example.org/posts/{path.stem}/"] = body
        terms.update((kind, term) for kind in ("tags", "main_topics") for term in fields.get(kind) or ())
    items = sum(min(LIMIT, uses) for uses in terms.values()) + min(LIMIT, len(bodies))
    return Site(bodies=bodies, feeds=len(terms) + 1, items=items)


def rss_items(document: bytes) -> Iterator[tuple[str, str]]:
    """(address, content) of each item."""
    for item in etree.fromstring(document).iter("item"):
        yield item.findtext("link"), item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")


def atom_items(document: bytes) -> Iterator[tuple[str, str]]:
    """(address, content) of each entry."""
    for entry in etree.fromstring(document).iter("{*}entry"):
        yield entry.findtext("{*}id"), entry.findtext("{*}content")


def json_items(document: bytes) -> Iterator[tuple[str, str]]:
    """(address, content) of each item."""
    items: list[dict[str, Any]] = json.loads(document)["items"]
    for item in items:
        yield item["url"], item["content_html"]


READERS: dict[str, Callable[[bytes], Iterator[tuple[str, str]]]] = {
    "rss": rss_items,
    "atom": atom_items,
    "jsonfeed": json_items,
}


def missing_run(body: str, content: str) -> str | None:
    """A run of Chinese text of the article that its content lacks; None when all are there.

    Footnote definitions are left out: Goldmark drops those that no marker points to.
    """
    text = "\n".join(line for line in body.splitlines() if not line.startswith("[^"))
    return next((run for run in RUN.findall(text) if run not in content), None)


def check_document(path: Path, name: str, site: Site) -> int:
    """The number of items of one document.

    Raises:
        PeerError: an item is of no article, or lacks a part of its article.
    """
    items = list(READERS[name](path.read_bytes()))
    for address, content in items:
        if address not in site.bodies:
            raise PeerError(f"{path}: {address}: no article has this address")
        run = missing_run(site.bodies[address], content)
        if run:
            raise PeerError(f"{path}: {address}: the content lacks {run}")
    return len(items)


def verify(corpus: Path, destination: Path, variant: str, *, every: int = 1) -> dict[str, Output]:
    """Check a build: its number of documents, and the items and full content of every n-th of them.

    Raises:
        PeerError: Something is missing, or something else was written, such as an HTML page.
    """
    site = read_site(corpus)
    formats = VARIANTS[variant]
    found: dict[str, Output] = {}
    for name in formats:
        paths = sorted(destination.rglob(FILES[name]))
        items = [check_document(path, name, site) for path in paths[::every]]
        size = sum(path.stat().st_size for path in paths)
        found[name] = Output(documents=len(paths), parsed=len(items), items=sum(items), bytes=size)
        wanted = site.items if every == 1 else found[name].items
        if (len(paths), found[name].items) != (site.feeds, wanted):
            raise PeerError(f"{destination}: {name}: {found[name]}, not {site.feeds} documents of {wanted} items")
    others = [path for path in destination.rglob("*") if path.is_file() and path.name not in FILES.values()]
    if others:
        raise PeerError(f"{destination}: {others[0]}: nobody asked for this file")
    return found


def main() -> None:
    """Build one variant, unless it is there, and print what it holds as one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("variant", choices=VARIANTS)
    parser.add_argument("--every", type=int, default=1, help="parse every n-th document only")
    options = parser.parse_args()
    destination = options.corpus / f"hugo-{options.variant}"
    if not destination.exists():
        write_site(options.corpus)
        subprocess.run(command(options.corpus, options.variant, destination), check=True, stdout=sys.stderr)
    found = verify(options.corpus, destination, options.variant, every=options.every)
    print(json.dumps({name: asdict(output) for name, output in found.items()}))


if __name__ == "__main__":
    main()
