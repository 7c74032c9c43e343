"""Real Jekyll, and what it says of every document of a site: the other side of the differential tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.conftest import missing

#: A page that writes the list; ``null`` ends it.
_LIST = """\
---
layout: null
permalink: /list-of-test.json
---
[{% for collection in site.collections %}{% for one in collection.docs %}
{"file": {{ one.path | jsonify }}, "collection": {{ collection.label | jsonify }},
"written": {{ collection.output | jsonify }}, "url": {{ one.url | jsonify }}, "title": {{ one.title | jsonify }},
"date": {{ one.date | date_to_xmlschema | jsonify }}, "draft": {{ one.draft | jsonify }},
"updated": {{ one.last_modified_at | date_to_xmlschema | jsonify }},
"categories": {{ one.categories | jsonify }}, "tags": {{ one.tags | jsonify }}},
{% endfor %}{% endfor %}null]
"""


class JekyllPage(NamedTuple):
    """A document, as Jekyll's templates see it."""

    #: Relative to the source folder.
    file: str
    collection: str
    #: Its collection is written.
    written: bool | None
    #: Path below ``baseurl``.
    url: str
    title: str
    #: RFC 3339.
    date: str
    draft: bool | None
    #: None where it names none.
    updated: str | None
    categories: list[str]
    tags: list[str]


def build(folder: Path, zone: str = "UTC", above: str = "") -> list[JekyllPage]:
    """All documents that Jekyll reads in the site, sorted by file; skips without Jekyll, fails in CI.

    Args:
        folder: The site.
        zone: Of the machine.
        above: ``collections_dir`` with a slash; Jekyll leaves it out of the paths.
    """
    if shutil.which("jekyll") is None:
        missing("Jekyll (apt install jekyll)")
    (folder / "list-of-test.json").write_text(_LIST, encoding="utf-8")
    command = ["jekyll", "build", "--quiet"]
    variables = os.environ | {"TZ": zone, "LANG": "C.UTF-8", "JEKYLL_ENV": "production"}
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False
    )
    (folder / "list-of-test.json").unlink()
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (path,) = folder.rglob("list-of-test.json")
    entries = json.loads(path.read_text(encoding="utf-8"))
    return sorted(JekyllPage(**entry | {"file": above + entry["file"]}) for entry in entries if entry)
