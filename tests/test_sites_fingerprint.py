"""The same configuration of a generator is the same to each process, else every rebuild would be a full one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.generators import write_site

_PROGRAM = """\
from feeds.config import load_config
from feeds.unpack import unpack
print(unpack(load_config("sources.yaml", {})).fingerprint)
"""
_SETTINGS = "site: {title: T, url: 'https://example.org/', language: en}\n"
_HUGO = """\
baseURL = "https://example.org/"
disableLanguages = ["fr", "de", "it", "es"]
disableKinds = ["rss", "taxonomy", "term"]
[languages.en]
[languages.fr]
[languages.de]
[languages.it]
[languages.es]
[uglyURLs]
posts = true
notes = true
news = true
"""
_JEKYLL = """\
collections: {a: {output: true}, b: {output: true}}
defaults: [{scope: {path: ''}, values: {tags: [x, y], z: 1}}]
exclude: [a, b]
include: [c, d]
"""


@pytest.mark.parametrize(
    "files",
    [
        {"hugo.toml": _HUGO, "content/a.md": "x"},
        {"_config.yml": _JEKYLL, "_posts/2024-01-01-a.md": "x"},
        {"_config.yml": "skip_render: [a, b]\ncategory_map: {a: b, c: d}\n", "source/_posts/a.md": "x"},
        {"zola.toml": "base_url = 'https://example.org'\n[languages.fr]\n[languages.de]\n", "content/a.md": "x"},
        {"mkdocs.yml": "site_name: M\nplugins: [blog, search]\nexclude_docs: |\n  a\n  b\n", "docs/a.md": "x"},
        {".obsidian/app.json": "{}", "a.md": "x"},
    ],
)
def test_a_site_is_the_same_to_each_process(tmp_path: Path, files: dict[str, str]) -> None:
    write_site(tmp_path, files | {"sources.yaml": _SETTINGS})
    found = set()
    for seed in ("1", "2", "3", "4"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", _PROGRAM]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        found.add(done.stdout)
    assert len(found) == 1
