"""Real Hexo, and what it says of every post of a site: the other side of the differential tests."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.conftest import missing

#: Its folder ``node_modules`` holds hexo and hexo-renderer-marked.
_VARIABLE = "FEEDS_HEXO"
_LIST = """\
const Hexo = require(process.argv[1] + '/node_modules/hexo');
const site = new Hexo(process.cwd(), {silent: true});
site.init().then(() => site.source.process()).then(() => {
  site.locals.invalidate();
  const posts = site.locals.get('posts').map(post => ({
    file: post.source, url: post.permalink, title: post.title, slug: post.slug, date: post.date.toISOString(),
    updated: post.updated ? post.updated.toISOString() : null, draft: post.draft === true,
    tags: post.tags.map(tag => tag.name), categories: post.categories.map(one => one.name)
  }));
  require('fs').writeFileSync('list-of-test.json', JSON.stringify(posts));
  return site.exit();
}).catch(error => { console.error(error); process.exit(1); });
"""


class HexoPost(NamedTuple):
    """A post, as Hexo's templates see it."""

    #: Relative to the source folder.
    file: str
    #: Absolute.
    url: str
    title: str
    slug: str
    #: RFC 3339.
    date: str
    #: None where it has none.
    updated: str | None
    draft: bool
    #: In the order of Hexo's database.
    tags: list[str]
    categories: list[str]


def build(folder: Path, zone: str = "UTC") -> list[HexoPost]:
    """All posts that Hexo publishes of the site, sorted by file; skips without Hexo, fails in CI.

    Args:
        folder: The site; its ``package.json`` is written here.
        zone: Of the machine; to Hexo it is that of the dates in addresses.
    """
    home = os.environ.get(_VARIABLE, "")
    if not (Path(home) / "node_modules" / "hexo").is_dir():
        missing(f"Hexo (npm install --prefix FOLDER hexo hexo-renderer-marked, {_VARIABLE}=FOLDER)")
    package = {"name": "x", "hexo": {"version": ""}, "dependencies": {"hexo": "*", "hexo-renderer-marked": "*"}}
    (folder / "package.json").write_text(json.dumps(package), encoding="utf-8")
    modules = folder / "node_modules"
    modules.symlink_to(Path(home) / "node_modules")
    done = subprocess.run(
        ["node", "-e", _LIST, home],
        cwd=folder, env=os.environ | {"TZ": zone}, capture_output=True, text=True, encoding="utf-8", timeout=300,
        check=False,
    )  # fmt: skip
    modules.unlink()
    (folder / "db.json").unlink(missing_ok=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    path = folder / "list-of-test.json"
    entries = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    return sorted(HexoPost(**entry) for entry in entries)
