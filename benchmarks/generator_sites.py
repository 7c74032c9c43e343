"""Compare what we read of a real site of Jekyll or Hexo with what the generator itself reads.

python benchmarks/generator_sites.py CHECKOUT [--zone Asia/Shanghai] [--show 20]

Jekyll must be installed; Hexo is looked for in FEEDS_HEXO (see tests/hexo.py). The site is copied; its plugins, themes
and scripts are left out, so what they add or change is not compared.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from feeds.model import Article
from feeds.sites.recognise import recognise
from feeds.sites.values import read_file, table_of
from tests import hexo
from tests.generators import articles, same_address

_JEKYLL = """\
require "jekyll"
require "json"
site = Jekyll::Site.new(Jekyll.configuration("plugins" => [], "theme" => nil, "quiet" => true))
site.read
docs = site.collections.values.select(&:write?).flat_map(&:docs)
puts JSON.generate(docs.map { |one| {
  "dated" => one.data.key?("date"), "file" => one.relative_path, "url" => one.url, "date" => one.date.xmlschema,
  "draft" => one.data["draft"] == true, "collection" => one.collection.label,
  "tags" => one.data["tags"].to_a.map(&:to_s),
  "categories" => one.data["categories"].to_a.map(&:to_s) } })
"""
#: What a copy of a site does without.
_LEFT_OUT = shutil.ignore_patterns(
    ".git", "node_modules", "themes", "scripts", "_plugins", "_site", "public", "db.json"
)


class Page(NamedTuple):
    """An article, as the generator reads it."""

    url: str
    date: datetime | None
    tags: frozenset[str]
    categories: frozenset[str]


def jekyll_pages(folder: Path, zone: str, base: str) -> dict[str, Page]:
    """Posts, and documents with a date; by their paths below the folder."""
    done = subprocess.run(
        ["ruby", "-e", _JEKYLL],
        cwd=folder, env=os.environ | {"TZ": zone, "LANG": "C.UTF-8"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    entries: list[dict[str, Any]] = json.loads(done.stdout[done.stdout.index("[") :])
    wanted = [one for one in entries if not one["draft"] and (one["collection"] == "posts" or one["dated"])]
    return {
        one["file"]: Page(
            base + one["url"], datetime.fromisoformat(one["date"]), frozenset(one["tags"]), frozenset(one["categories"])
        )
        for one in wanted
    }


def hexo_pages(folder: Path, zone: str) -> dict[str, Page]:
    """Posts by their paths below the folder; one without a date has that of its file."""
    found = [one for one in hexo.build(folder, zone) if not one.draft]
    source = str(table_of(read_file(folder / "_config.yml", folder, "Hexo's")).get("source_dir") or "source")
    return {
        f"{source}/{one.file}": Page(
            one.url, datetime.fromisoformat(one.date), frozenset(one.tags), frozenset(one.categories)
        )
        for one in found
    }


def differences(ours: dict[str, Article], theirs: dict[str, Page]) -> Iterator[tuple[str, str]]:
    """(kind, what) of each difference."""
    for file in sorted(theirs.keys() - ours.keys()):
        yield "lacking", file
    for file in sorted(ours.keys() - theirs.keys()):
        yield "too many", file
    for file in sorted(theirs.keys() & ours.keys()):
        one, page = ours[file], theirs[file]
        if one.date_from == "nowhere":
            yield "undated", file
            continue
        if same_address(one.url) != same_address(page.url):
            yield "address", f"{file}: {one.url} is {page.url}"
        if page.date is not None and one.published.replace(microsecond=0) != page.date.replace(microsecond=0):
            yield "date", f"{file}: {one.published} is {page.date}"
        for kind, mine, terms in (("tags", one.tags, page.tags), ("categories", one.topics, page.categories)):
            if set(mine) != {" ".join(term.split()) for term in terms}:
                yield kind, f"{file}: {sorted(mine)} is {sorted(terms)}"


def main() -> int:
    """Print the number of articles, of differences by kind, and some of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--zone", default="UTC", help="of the machine; by default the site's, else UTC")
    parser.add_argument("--show", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(chosen.checkout, Path(scratch) / "site", ignore=_LEFT_OUT, symlinks=True))
        found = recognise(folder)
        says = found[1].describe() if found else None
        if says is None or says.kind not in {"jekyll", "hexo"}:
            print("neither a site of Jekyll nor of Hexo", file=sys.stderr)
            return 2
        zone = says.timezone or chosen.zone
        base = says.url.rstrip("/") or "https://example.org"
        site = {"title": "T", "url": f"{base}/", "language": "en", "timezone": zone}
        ours = articles(folder, json.dumps({"site": site}))
        theirs = jekyll_pages(folder, zone, base) if says.kind == "jekyll" else hexo_pages(folder, zone)
        found_differences = list(differences(ours, theirs))
    kinds = Counter(kind for kind, _ in found_differences)
    print(f"{says.kind}: {len(theirs):,} articles, {len(ours):,} of ours; differences: {dict(kinds) or 'none'}")
    for kind, what in found_differences[: chosen.show]:
        print(f"  {kind}: {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
