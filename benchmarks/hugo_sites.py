"""Compare whole sites, as real Hugo lists them and as ``feeds`` publishes them.

    python benchmarks/hugo_sites.py DIR…                     # folders of Hugo sites: checkouts, none is changed
    python benchmarks/hugo_sites.py --differences 20 DIR…    # and up to so many differences of each kind

Hugo builds a copy without the site's templates: with its own modules and themes left out where they are not there, an
empty shortcode for each name that the content calls, and one template that lists all pages. ``feeds init`` and
``feeds rebuild`` then work on a second copy, whose limit is raised so that each feed holds all of its articles; what
they say is counted.

An article is compared by its file and language: address, dates, title, and that it is there at all. A term is compared
with the feed of its name: which articles it has, and whether they stand in the order of Hugo's dates; terms that
differ in hyphens or case share a feed. "missing" are pages of Hugo's that are no article of ours, "hidden" the
reverse. What ``feeds check`` says it did not read, and what only we take for a draft, is listed by itself.
Exit code 1: an article is missing, or a hidden one is published, or something else agrees in less than 99.5 %.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from feeds.app import App  # noqa: E402 (the checkout's own, wherever this is run)
from feeds.model import Article, Severity  # noqa: E402
from feeds.publish.terms import fold  # noqa: E402
from feeds.sites.hugo import HugoSite, read_hugo  # noqa: E402
from feeds.urls import slugify  # noqa: E402
from tests.hugo import HugoPage, build  # noqa: E402

#: The moment of both builds.
NOW = datetime(2026, 11, 1, tzinfo=UTC)
#: What shapes pages but not the list of them, and what wants files that are not there.
UNUSED = frozenset({"outputs", "outputformats", "minify", "enablegitinfo", "security", "build", "buildstats", "caches"})
#: Folders that hold no content of a site: Hugo's copy does without.
WITHOUT = frozenset({".git", "node_modules", "public", "resources", "static", "layouts", "assets", "output", ".feeds"})
CONFIGURATION = re.compile(r"(?:hugo|config|theme)\.(?:toml|ya?ml|json)")
SHORTCODE = re.compile(r"\{\{[<%]\s*(/?)\s*([A-Za-z0-9_][A-Za-z0-9_/.-]*)")
TEXTS = frozenset({".md", ".html", ".markdown", ".mdown"})
#: What Hugo called it until 0.145; it now refuses the whole site.
REMOVED = re.compile(r"^_build(?=\s*[:=])", re.MULTILINE)
#: The most that a feed may hold; of a term with more articles, the newest are compared.
LIMIT = 500
AGREEMENT = 0.995


@dataclass
class Site:
    """What was compared of one site."""

    name: str
    pages: int = 0
    articles: int = 0
    #: By kind: how many agree, and how many were compared.
    equal: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    #: By kind: one line each.
    differences: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    #: Lines that ``feeds check`` says, by level; seconds of ``feeds rebuild``.
    said: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    #: Path -> why it is no article; ``feeds check`` tells of them.
    unread: dict[str, str] = field(default_factory=dict)

    def compare(self, kind: str, ours: object, theirs: object, where: str) -> None:
        """Count one value."""
        self.compared[kind] += 1
        if ours == theirs:
            self.equal[kind] += 1
        else:
            self.differences[kind].append(f"{where}: ours {ours}, Hugo's {theirs}")

    def share(self, kind: str) -> float:
        """How much agrees, from 0 to 1; 1 where nothing was compared."""
        return self.equal[kind] / self.compared[kind] if self.compared[kind] else 1.0


class Key(NamedTuple):
    """A page: its file relative to the folder of content, and its language."""

    file: str
    language: str


def copy(site: Path, to: Path, without: frozenset[str] = frozenset({".git", "node_modules", "public"})) -> Path:
    """The files of a site, as links where that goes: they are only read."""

    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)

    def left_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if Path(folder) == site and name in without}

    shutil.copytree(site, to, copy_function=link, ignore=left_out, ignore_dangling_symlinks=True)
    return to


def hugo_copy(site: Path, to: Path) -> Path:
    """A copy that builds without templates and modules."""
    copy(site, to, WITHOUT)
    for path in sorted(
        [*to.glob("*"), *to.glob("config/**/*"), *to.glob("themes/*/*"), *to.glob("themes/*/config/**/*")]
    ):
        is_layout = path.is_dir() and path.name in {"layouts", "assets", "static", "resources", "exampleSite"}
        if is_layout and path.parent != to:
            shutil.rmtree(path)
        if path.is_file() and (CONFIGURATION.fullmatch(path.name) or "config" in path.relative_to(to).parts[:-1]):
            _without_modules(path, to)
    _write_shortcodes(to)
    return to


def _without_modules(path: Path, site: Path) -> None:
    text = path.read_text("utf-8")
    kind = path.suffix
    if kind not in {".toml", ".yaml", ".yml", ".json"}:
        return
    settings = tomllib.loads(text) if kind == ".toml" else yaml.load(text, Loader=yaml.CSafeLoader)
    if not isinstance(settings, dict):
        return
    is_whole = CONFIGURATION.fullmatch(path.name) is not None
    if is_whole:
        settings = {key: value for key, value in settings.items() if key.lower() not in UNUSED}
    themes = next((value for key, value in settings.items() if key.lower() == "theme"), None)
    if is_whole and themes:
        there = [one for one in (themes if isinstance(themes, list) else [themes]) if (site / "themes" / one).is_dir()]
        settings = {key: value for key, value in settings.items() if key.lower() != "theme"} | {"theme": there}
    module = settings if path.stem == "module" else settings.get("module")
    if isinstance(module, dict):
        for key in [key for key in module if key.lower() in {"imports", "hugoversion", "replacements"}]:
            del module[key]
    path.unlink()  # a link to the original
    if path.stem.startswith("outputs") or path.stem in {"outputFormats", "security", "minify"}:
        return
    path.with_suffix(".json").write_text(json.dumps(settings, default=str), encoding="utf-8")


def _write_shortcodes(site: Path) -> None:
    """An empty template for each shortcode that the content calls."""
    calls: set[tuple[str, str]] = set()
    for path in site.rglob("*"):
        if path.suffix.lower() in TEXTS and path.is_file():
            text = path.read_bytes().decode("utf-8", "surrogateescape")
            calls.update(SHORTCODE.findall(text))
            if "\n_build" in text:
                path.unlink()  # a link to the original
                text = REMOVED.sub("build", text, count=1)
                path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for _, name in calls:
        target = site / "layouts" / "_shortcodes" / f"{name}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        # Only one that speaks of ".Inner" may have an end, and it must.
        target.write_text("{{ .Inner }}" if ("/", name) in calls else "", encoding="utf-8")


def disabled_kinds(site: Path) -> list[str]:
    """What the site's configuration switches off, beside what no list needs."""
    found = {"sitemap", "robotsTXT", "404", "rss"}
    for path in [*site.glob("hugo.json"), *site.glob("config.json"), *site.glob("config/**/*.json")]:
        settings = json.loads(path.read_text("utf-8"))
        values = settings.get("disableKinds") or [] if isinstance(settings, dict) else []
        found.update(values if isinstance(values, list) else [values])
    return sorted(found)


def listed_by_hugo(site: Path, settings: dict[str, Any]) -> list[HugoPage]:
    """All pages; without those of content adapters where one of these wants partials or the network."""
    clock = ("--clock", NOW.strftime("%Y-%m-%dT%H:%M:%SZ"))
    adapters = list(site.rglob("_content.gotmpl"))
    if adapters:
        try:
            return build(site, settings, *clock)
        except AssertionError:
            for path in adapters:
                path.unlink()
    return build(site, settings, *clock)


def run_feeds(folder: Path, *words: str) -> str:
    """What a command of ours says."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "feeds", *words],
        cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode not in {0, 1}:
        raise SystemExit(f"feeds {' '.join(words)} in {folder}: {done.stderr[-2000:]}")
    return done.stdout + done.stderr


def ours(folder: Path, site: Site) -> list[Article]:
    """The articles that are in feeds at that moment; the feeds are written, too."""
    run_feeds(folder, "init")
    settings = folder / "sources.yaml"
    text = settings.read_text("utf-8").replace("\n#output:", f"\noutput:\n  limit: {LIMIT}\n#output:", 1)
    settings.write_text(text, encoding="utf-8")
    start = time.perf_counter()
    run_feeds(folder, "rebuild")
    site.seconds = time.perf_counter() - start
    findings = App(str(settings)).check(now=NOW, progress=lambda *_: None)
    site.said.update(str(one.severity) for one in findings.problems)
    site.differences["error"] += [str(one) for one in findings.problems if one.severity == Severity.ERROR]
    site.unread = dict(findings.unread)
    site.unread |= {one.path: "a draft to us" for one, _ in findings.articles if one.draft}
    return [
        one
        for one, _ in findings.articles
        if not one.draft and one.appears <= NOW and (one.expires is None or one.expires > NOW)
    ]


def key_of(article: Article, tops: Sequence[tuple[str, str]]) -> Key:
    """The file as Hugo names it: below ``content``, wherever it is mounted from."""
    for path, below in tops:
        if article.path.startswith(f"{path}/"):
            rest = article.path[len(path) + 1 :]
            return Key(f"{below}/{rest}" if below else rest, article.edition)
    return Key(article.path, article.edition)


def instant(text: str) -> datetime | None:
    """A date of Hugo's; None for none."""
    return None if text.startswith("0001-01-01") else datetime.fromisoformat(text)


def compare_pages(site: Site, mine: Mapping[Key, Article], theirs: Mapping[Key, HugoPage]) -> None:
    """Which there are, and what each is."""
    for key in sorted(theirs.keys() - mine.keys()):
        why = next((why for path, why in site.unread.items() if path.endswith(f"/{key.file}")), "")
        site.differences[f"not read: {why}" if why else "missing"].append(f"{key.language} {key.file}")
    for key in sorted(mine.keys() - theirs.keys()):
        site.differences["hidden"].append(f"{key.language} {key.file} {mine[key].url}")
    for key in sorted(mine.keys() & theirs.keys()):
        article, page = mine[key], theirs[key]
        where = " ".join(filter(None, (key.language, key.file)))
        site.compare("address", unquote(article.url), unquote(page.url), where)
        dated = article.published if article.date_from != "nowhere" else None
        site.compare("date", dated, instant(page.date), where)
        changed = max(filter(None, (instant(page.lastmod), instant(page.date))), default=None)
        site.compare("lastmod", article.updated if dated else None, changed if dated else None, where)
        if page.title:  # an item of a feed wants one, a page of Hugo's does not
            site.compare("title", " ".join(article.title.split()), " ".join(page.title.split()), where)


def compare_languages(
    site: Site, mine: Sequence[Article], theirs: Sequence[HugoPage], tops: Any, *, several: bool
) -> None:
    """Files by the languages that they are pages of."""
    found: dict[str, list[list[str]]] = defaultdict(lambda: [[], []])
    for one in mine:
        found[key_of(one, tops).file][0].append(one.edition)
    for page in theirs:
        found[page.file][1].append(page.lang.lower() if several else "")
    for file, (left, right) in found.items():
        if left and right:
            site.compare("language", sorted(left), sorted(right), file)


def feeds_of(folder: Path) -> dict[tuple[str, str, str], list[str]]:
    """(language folder, ``tags`` or ``topics``, folded name and slug) -> the addresses of the feed's items in order."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for path in sorted((folder / "output").rglob("feed.json")):
        *language, scope, slug = ("", "", *path.relative_to(folder / "output").parts[:-1])
        if scope in {"tags", "topics"}:
            document = json.loads(path.read_text("utf-8"))
            urls = [unquote(item["url"]) for item in document["items"]]
            for name in (slug, document["title"].rpartition(" · ")[0]):
                found.setdefault(("".join(language), scope, fold(name)), urls)
    return found


def compare_terms(
    site: Site, feeds: Mapping[tuple[str, str, str], list[str]], pages: Sequence[HugoPage], home: str
) -> None:
    """Members of each term, and their order by Hugo's dates. Terms that differ in hyphens or case share a feed here."""
    articles = {(page.lang, page.path): page for page in pages if page.kind == "page"}
    joined: dict[int, list[HugoPage]] = defaultdict(list)
    for term in pages:
        if term.kind == "term" and any((term.lang, path) in articles for path in term.members):
            _, taxonomy, name = term.path.split("/", 2)
            scope = "tags" if taxonomy in {"tags", "keywords"} else "topics"
            language = "" if term.lang == home else term.lang.lower()
            names = [fold(name), fold(term.title), fold(slugify(name)), fold(name.replace("/", "-"))]
            feed = next((one for n in names if (one := feeds.get((language, scope, n))) is not None), None)
            if feed is None:
                site.differences[f"no feed of a {taxonomy} term"].append(term.url)
            else:
                joined[id(feed)].append(term)
    by_identity = {id(feed): feed for feed in feeds.values()}
    for identity, terms in joined.items():
        feed = by_identity[identity]
        found = {path: articles.get((term.lang, path)) for term in terms for path in term.members}
        members = sorted(filter(None, found.values()), key=lambda one: instant_or_first(one.date), reverse=True)
        instants = {unquote(one.url): instant_or_first(one.date) for one in members[:LIMIT]}
        site.compare("members", sorted(set(feed) ^ set(instants)), [], " ".join(term.url for term in terms))
        listed = [instants[url] for url in feed if url in instants]
        site.compare("order", listed, sorted(listed, reverse=True), terms[0].url)


def instant_or_first(text: str) -> datetime:
    """A date of Hugo's, of whose pages those without one are the oldest."""
    return instant(text) or datetime(1, 1, 1, tzinfo=UTC)


def compare(folder: Path, work: Path) -> Site:
    """One site."""
    site = Site(folder.name)
    by_hugo = hugo_copy(folder, work / "hugo")
    settings = {"disableKinds": disabled_kinds(by_hugo), "security": {"allowContent": [".*"]}}
    if (by_hugo / "config").is_dir():
        # What stands in config/ is read over the files that --config names.
        for path in by_hugo.glob("config/*/*.json"):
            values = json.loads(path.read_text("utf-8"))
            if isinstance(values, dict):
                values.pop("disableKinds", None)
                path.write_text(json.dumps(values), encoding="utf-8")
    pages = listed_by_hugo(by_hugo, settings)
    articles = ours(copy(folder, work / "ours"), site)
    several = any(one.edition for one in articles)
    found = read_hugo(folder)
    tops = [(tree.path, tree.below) for tree in found.describe().trees] if found else []
    tops.sort(key=lambda top: -len(top[0]))
    listed = [page for page in pages if page.kind == "page"]
    theirs = {Key(page.file, page.lang.lower() if several else ""): page for page in listed}
    made = [page for page in listed if page.file.endswith("_content.gotmpl") or not page.file]
    site.differences["made by templates"] += [f"{page.lang} {page.url}" for page in made]
    theirs = {key: page for key, page in theirs.items() if page not in made}
    mine = {key_of(one, tops): one for one in articles}
    site.pages, site.articles = len(listed), len(articles)
    compare_pages(site, mine, theirs)
    compare_languages(site, articles, [page for page in listed if page not in made], tops, several=several)
    home = next((page.lang for page in pages if page.kind == "home" and page.lang.lower() == _default(found)), "")
    compare_terms(site, feeds_of(work / "ours"), pages, home if several else pages[0].lang)
    return site


def _default(site: HugoSite | None) -> str:
    editions = site.describe().editions if site else ()
    return editions[0].key if editions else ""


KINDS = ("address", "date", "lastmod", "language", "title", "members", "order")


def table(sites: Sequence[Site]) -> str:
    """One line for each site."""
    head = ("site", "Hugo lists", "ours", "missing", "hidden", *KINDS, "errors", "warnings", "rebuild")
    rows = [
        (
            one.name, str(one.pages), str(one.articles),
            str(len(one.differences["missing"])), str(len(one.differences["hidden"])),
            *(f"{one.share(kind):.2%}" if one.compared[kind] else "–" for kind in KINDS),
            str(one.said["error"]), str(one.said["warning"]), f"{one.seconds:.1f} s",
        )
        for one in sites
    ]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
    )


def differences(site: Site, most: int) -> Iterator[str]:
    """Each difference with its kind."""
    for kind, lines in site.differences.items():
        if lines:
            yield f"{site.name}: {kind}: {len(lines)}"
            yield from (f"  {line}" for line in lines[:most])


def agrees(site: Site) -> bool:
    """The targets."""
    is_whole = not site.differences["missing"] and not site.differences["hidden"]
    return is_whole and all(site.share(kind) >= AGREEMENT for kind in KINDS)


def main() -> int:
    """Compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sites", nargs="+", type=Path, metavar="DIR", help="folder of a Hugo site")
    parser.add_argument("--differences", type=int, default=5, metavar="N", help="how many of each kind to print")
    options = parser.parse_args()
    sites = []
    for folder in options.sites:
        with tempfile.TemporaryDirectory(prefix="hugo-sites-") as work:
            sites.append(compare(folder.resolve(), Path(work)))
        print(*differences(sites[-1], options.differences), sep="\n", flush=True)
    print(table(sites))
    return 0 if all(map(agrees, sites)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
