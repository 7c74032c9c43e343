"""Addresses of pages and terms beside those of real Hugo, for names, patterns and settings of all kinds."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest

from feeds.content.page_paths import (
    default_path,
    own_path,
    page_url,
    pattern_path,
    section_path,
    term_path,
    term_place,
)
from feeds.content.page_places import PagePlace, PathStyle, content_name, names_a_page, path_text
from feeds.urlpaths import logical, unescaped
from feeds.urls import slugify
from tests.hugo import HugoPage, build
from tests.odd_names import NAMES, PATTERNS, SLUGS, TERMS, TITLES, URLS

_DATE = "2024-02-03T23:05:09-05:00"
_ZONE_DATE = "2025-11-30T01:02:03Z"


class Fact(NamedTuple):
    """A page that is written, and what it is to us."""

    file: str
    place: PagePlace
    pattern: str = ""
    url: str = ""

    def path(self, style: PathStyle) -> str:
        """What we make of it."""
        own = own_path(self.url, self.place, style) if self.url else None
        if own is not None:
            return own
        return pattern_path(self.pattern, self.place, style) if self.pattern else default_path(self.place, style)


def place(file: str, **changed: Any) -> PagePlace:
    """Of a file in folders that are no sections below the first."""
    *folders, name = file.split("/")
    is_bundle = name == "index.md"
    name = folders.pop() if is_bundle else name.rpartition(".")[0]
    values: dict[str, Any] = {
        "name": name,
        "folders": tuple(folders),
        "sections": tuple(folders[:1]),
        "section_slugs": tuple(folders[:1]),
        "is_bundle": is_bundle,
        "title": "T",
        "date": datetime.fromisoformat(_DATE),
    }
    return PagePlace(**values | changed)


def _named() -> Iterator[Fact]:
    for number, name in enumerate(NAMES):
        for file in (
            f"names/n{number}/{name}.md",
            f"bundles/n{number}/{name}/index.md",
            f"folders/n{number}/{name}/X y.md",
        ):
            yield Fact(file, place(file))
    taken = set()
    for name in NAMES:
        if (key := path_text(logical(name), PathStyle()).strip("/")) not in taken:
            taken.add(key)
            yield Fact(f"{name}/top.md", place(f"{name}/top.md"))


def _slugged() -> Iterator[Fact]:
    for number, slug in enumerate((*SLUGS, *TITLES, *NAMES)):
        for file in (f"slugs/s{number}/page.md", f"slugs/b{number}/page/index.md"):
            yield Fact(file, place(file, slug=slug))


#: Sections of the pages with patterns: folders, and the front matter of their ``_index.md``.
_DEEP = (
    ("One Two", {"title": "Uno & Dos"}),
    ("C++ & C#", {"slug": "Cee Sharp", "title": "-"}),
    ("Drei.vier", {"title": ""}),
)


def _patterned(prefix: str, pattern: str) -> Iterator[Fact]:
    names = ("Plain Name", "C# + F#", "été & Co", "v1.2", "人工 智能")
    for number, title in enumerate(TITLES):
        if number % 3 != len(pattern) % 3:  # a third of them with each, in turns
            continue
        depth = number % 4
        folders = [prefix, *(name for name, _ in _DEEP[:depth])]
        slugs = [f"S {prefix}", "Uno & Dos", "Cee Sharp", ""]
        slug = SLUGS[number % len(SLUGS)] if number % 2 else ""
        values: dict[str, Any] = {
            "sections": tuple(folders),
            "section_slugs": tuple(slugs[: depth + 1]),
            "title": title,
            "slug": slug,
        }
        values["date"] = datetime.fromisoformat(_ZONE_DATE if number % 2 else _DATE)
        tail = ["no section"] * (number % 5 == 0)
        name = f"{names[number % 5]} {number}"
        file = "/".join([*folders, *tail, *([name, "index.md"] if number % 7 == 0 else [f"{name}.md"])])
        yield Fact(file, place(file, **values), pattern)


def _own() -> Iterator[Fact]:
    for number, url in enumerate(URLS):
        file = f"own/u{number}/Some File.md"
        values: dict[str, Any] = {
            "section_slugs": ("Owns",),
            "title": f"A Title: {number}",
            "slug": "Own Slug" if number % 2 else "",
        }
        yield Fact(file, place(file, **values), url=url)


#: Slugs of sections; not those of which Hugo makes dot segments or empty ones, and addresses that no server has.
_SECTION_SLUGS = tuple(slug for slug in (*SLUGS, "-x-", "R&D & more", "50%", "É") if slug.strip("/") == slug != "")


def _in_slugged_sections() -> Iterator[Fact]:
    for number, slug in enumerate(_SECTION_SLUGS):
        for file in (f"q{number}/Sub One/not one/P q.md", f"q{number}/Sub One/b/index.md", f"q{number}/c.md"):
            page = place(file)
            slugs = (slug, slug, "")[: len(page.folders)]
            yield Fact(file, place(file, folder_slugs=slugs, slug="own" if number % 5 == 0 else ""))


def facts() -> list[Fact]:
    """Every page of the test's site."""
    patterned = [fact for number, pattern in enumerate(PATTERNS) for fact in _patterned(f"p{number}", pattern)]
    return [*_named(), *_slugged(), *_in_slugged_sections(), *patterned, *_own()]


def write_site(folder: Path, found: list[Fact]) -> None:
    content = folder / "content"
    for fact in found:
        matter = {
            "title": fact.place.title,
            "date": fact.place.date.isoformat(),
            "slug": fact.place.slug,
            "url": fact.url,
        }
        _write(content / fact.file, {key: value for key, value in matter.items() if value})
    for number in range(len(PATTERNS)):
        branch = content / f"p{number}"
        _write(branch / "_index.md", {"title": f"S p{number}"})
        for name, matter in _DEEP:
            branch /= name
            _write(branch / "_index.md", matter)
    for number, slug in enumerate(_SECTION_SLUGS):
        for folder_name in ("", "Sub One"):
            _write(content / f"q{number}" / folder_name / "_index.md", {"title": "S", "slug": slug})
    for number, term in enumerate(_terms()):
        _write(content / "terms" / f"t{number}.md", {"title": "T", "tags": [term]})


def _terms() -> tuple[str, ...]:
    """Of names that are one to Hugo, it takes one or another, so here is one of each."""
    return tuple({logical(term): term for term in (*TERMS, *NAMES)}.values())


def _write(path: Path, matter: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(matter) + "\n\nText.\n", encoding="utf-8")


_STYLES = {
    "plain": PathStyle(),
    "removePathAccents": PathStyle(remove_path_accents=True),
    "disablePathToLower": PathStyle(disable_path_to_lower=True),
    "both": PathStyle(remove_path_accents=True, disable_path_to_lower=True),
    "uglyURLs": PathStyle(ugly_urls=True),
    "language": PathStyle(language_prefix="/zh-cn"),
}


def settings_of(style: PathStyle) -> dict[str, Any]:
    settings = {
        "baseURL": _SITE,
        "removePathAccents": style.remove_path_accents,
        "disablePathToLower": style.disable_path_to_lower,
        "uglyURLs": style.ugly_urls,
        "permalinks": {"page": {f"p{number}": pattern for number, pattern in enumerate(PATTERNS)}},
    }
    if style.language_prefix:
        settings |= {
            "defaultContentLanguage": style.language_prefix.strip("/"),
            "defaultContentLanguageInSubdir": True,
            "languages": {style.language_prefix.strip("/"): {"weight": 1}, "en": {"weight": 2}},
        }
    return settings


#: Where the pages stand; its path is part of all addresses.
_SITE = "https://e.example/base/"


@pytest.fixture(scope="module", params=_STYLES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[PathStyle, list[HugoPage]]:
    """What Hugo makes of all pages in one style."""
    folder = tmp_path_factory.mktemp("site")
    write_site(folder, facts())
    style = _STYLES[request.param]
    return style, build(folder, settings_of(style))


def _is_nameless(fact: Fact, style: PathStyle) -> bool:
    """Hugo puts these on the page of their section, many on one; with us their file name or code points step in."""
    if fact.pattern or fact.url:
        return False
    name = fact.place.slug.strip("-")
    name = name or (fact.place.name if style.disable_path_to_lower else logical(fact.place.name))
    if name == "index" and (style.ugly_urls or not fact.place.is_bundle):
        return True
    return not names_a_page(path_text(name, style))


def test_pages_stand_where_hugo_has_them(built: tuple[PathStyle, list[HugoPage]]) -> None:
    style, pages = built
    links = {page.file: page.url for page in pages if page.file}
    ours = {fact: page_url(fact.path(style), site_url=_SITE) for fact in facts()}
    wrong = {fact: (links.get(fact.file), url) for fact, url in ours.items() if links.get(fact.file) != url}
    nameless = {fact: url for fact, url in ours.items() if _is_nameless(fact, style)}

    assert len({fact.place.name for fact in ours}) >= 200
    assert {fact: pair for fact, pair in wrong.items() if fact not in nameless} == {}
    # The exceptions are no more than they are said to be: few, none shared, each below its section.
    assert set(nameless) == set(wrong)
    assert 20 < len(nameless) < len(ours) // 20
    assert len(set(nameless.values())) == len(nameless)
    assert all(url.startswith(_SITE) and unquote(url).count("/") >= 5 for url in nameless.values())


def test_terms_and_sections_stand_where_hugo_has_them(built: tuple[PathStyle, list[HugoPage]]) -> None:
    style, pages = built
    links = {(page.kind, page.path): page.url for page in pages}
    terms = {logical(f"/tags/{term}"): term for term in _terms()}
    folders = {("", f"p{number}", *[logical(name) for name, _ in _DEEP[:2]]): f"p{number}" for number in range(9)}

    hugo = {path: links["term", path] for path in terms}
    assert {path: page_url(term_path("tags", term, style), site_url=_SITE) for path, term in terms.items()} == hugo
    for names, first in folders.items():
        wanted = section_path((first, "One Two", "C++ & C#"), style, slugs=("", "", "Cee Sharp"))
        assert links["section", "/".join(names)] == page_url(wanted, site_url=_SITE)
    assert links["taxonomy", "/tags"] == page_url(section_path(("tags",), style), site_url=_SITE)


def test_the_folder_of_a_terms_feed_is_that_of_its_page() -> None:
    """But for names that are not one folder everywhere: slashes, dots at the end, devices, escapes, other forms."""
    unlike = {term: slugify(term) for term in _terms() if unquote(term_path("tags", term)) != f"/tags/{slugify(term)}/"}
    reasons = re.compile(r"[/\\]|\.$|^(?:con|nul|aux\.x)$|%[0-9a-fA-F]{2}")
    left = [term for term in unlike if not reasons.search(term) and names_a_page(path_text(term, PathStyle()))]
    assert {term for term in left if unicodedata.is_normalized("NFC", term) and len(term.encode()) <= 120} <= _TRIMMED
    assert len(unlike) < 60


#: Blanks at the ends, which the reader takes away, and signs of which nothing is left but hyphens.
_TRIMMED = frozenset({" lead", "trail ", "a\u3000", "\u3000a", "-", "--", "& &"})


@pytest.mark.parametrize("pattern", ["/t/:slug/", "/:section/x/:title", "/:sections/y/", "/t/:contentbasename/"])
def test_terms_with_a_pattern_stand_where_hugo_has_them(pattern: str, tmp_path: Path) -> None:
    _write(tmp_path / "content/terms/a.md", {"title": "T", "tags": list(_terms())})
    pages = build(tmp_path, {"baseURL": _SITE, "permalinks": {"term": {"tags": pattern}}})
    links = {page.path: page.url for page in pages if page.kind == "term"}

    # Hugo writes the first letter of a term large, then all small (istanbul); a hash alone leaves nothing of it.
    for term in set(_terms()) - {"ıstanbul", "ſ", "#"}:
        path = pattern_path(pattern, term_place("tags", term))
        # Hugo has terms of which nothing is left on the page of the taxonomy, and those with a bare percent on "/./".
        if names_a_page(path_text(term.replace("+", " "), PathStyle())) and unescaped(term) is not None:
            assert links[logical(f"/tags/{term}")] == page_url(path, site_url=_SITE)


def test_names_are_read_as_hugo_reads_them(tmp_path: Path) -> None:
    """Extension, language and marks of one's own; what ``index`` is."""
    names = (
        "a.md", "b.markdown", "c.fr.md", "d.FR.md", "e.x.md", "f.x.fr.md", "g.fr.x.md", "h._b_.md", "i._b_.fr.md",
        "j.en-us.md", "k.md.md", "m.de.md", "n..md", "o..fr.md", "p._.md", "q.__.md", "r._b_.x.md",
        "fr.md", "fr.x.md",
    )  # fmt: skip
    for name in names:
        _write(tmp_path / "content" / "s" / name, {"title": "T"})
    pages = build(tmp_path, {"baseURL": _SITE, "languages": {"en": {"weight": 1}, "fr": {"weight": 2}}})
    hugo = {page.file: (page.url, page.lang) for page in pages if page.kind == "page"}
    ours = {}
    for name in names:
        base, language = content_name(name, ("en", "fr"))
        style = PathStyle(language_prefix=f"/{language}" if language == "fr" else "")
        url = page_url(default_path(place(f"s/{name}", name=base), style), site_url=_SITE)
        ours[f"s/{name}"] = (url, language or "en")
    assert ours == hugo
