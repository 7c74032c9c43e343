"""How Hugo reads a content tree: which files are pages, what they inherit, where they live. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from feeds.content.cascade import branch_value, hidden_by_build, inherited_values, matches_page, matches_term
from feeds.content.generator import AddressFacts, Branches, DateRules, Listing, Place
from feeds.content.page_paths import default_path, page_url, pattern_path, term_names, term_path, term_place
from feeds.content.page_places import PagePlace, PathStyle, content_name, section_slug
from feeds.content.permalinks import own_url, pattern_url
from feeds.content.plain_tree import UNREAD, extension_of
from feeds.model import UNDATED
from feeds.sites.description import SectionPages, Taxonomy, TermPage
from feeds.sites.globs import matches
from feeds.urlpaths import logical

#: What Hugo renders with Goldmark.
_MARKDOWN = frozenset({"md", "mdown", "markdown"})
_HTML = frozenset({"html", "htm"})
#: What Hugo renders as well, and we cannot read.
_UNREAD = UNREAD | {"ad": "AsciiDoc is not read"}
#: Go's zero time, which Hugo shows where a page has no date.
_NO_DATE = datetime(1, 1, 1, tzinfo=UTC)
_ADAPTER = "_content.gotmpl"


class HugoLanguage(Struct, frozen=True, kw_only=True):
    """A language of the site, or the site itself where it has one only."""

    #: In lower case.
    key: str
    #: BCP 47.
    language: str
    #: Address that its paths are below, absolute, with a trailing slash.
    url: str
    #: ``/zh-cn``, or empty.
    prefix: str = ""
    #: (target, pattern) in order.
    permalinks: tuple[tuple[Mapping[str, Any], str], ...] = ()
    #: Sections with addresses such as ``/posts/a.html``; ``*`` for all of them.
    ugly: tuple[str, ...] = ()
    #: ``cascade`` of the configuration.
    cascade: Any = None


class HugoTree(Struct, frozen=True, kw_only=True):
    """``Generator`` of a Hugo site; one for each mounted folder."""

    #: The languages by their keys; the first is the default one.
    languages: Mapping[str, HugoLanguage]
    #: Several languages: pages carry the key of theirs.
    is_multilingual: bool = False
    #: Files in one of these are no pages.
    disabled: tuple[str, ...] = ()
    #: Language of the files of this folder that name none; empty for the default one.
    mounted: str = ""
    #: Regular expressions on the absolute path.
    ignored: tuple[str, ...] = ()
    #: See ``Tree``.
    filters: tuple[str, ...] = ()
    filtered_from: str = ""
    dates: DateRules = field(default_factory=DateRules)
    removes_accents: bool = False
    keeps_case: bool = False
    #: ``disableKinds`` names pages: the site has none.
    has_no_pages: bool = False

    def with_dates(self, dates: DateRules) -> HugoTree:
        """The same with other rules for dates."""
        return replace(self, dates=dates)

    def select(self, folder: str, files: Sequence[str], folders: Sequence[str], absolute: str = "") -> Listing:
        """As hugolib/pages_capture.go: an ``index.md`` makes its folder one page, all else in it are its resources."""
        if self.filters:
            files = [name for name in files if self._is_mounted(f"{folder}/{name}")]
        kept = [name for name in files if not self._is_ignored(name, absolute)]
        indexes = [
            name for name in kept if self._stem(name)[0].lower() == "index" and extension_of(name) in _MARKDOWN | _HTML
        ]
        if indexes and not folder:
            why = "an index at the top makes all of the site one page to Hugo (call it _index.md)"
            return Listing((), (), (), (), [(name, why) for name in kept if extension_of(name) in _MARKDOWN])
        if indexes:
            others = [(n, f"a resource of the page {folder or '.'}") for n in kept if self._is_text(n, indexes)]
            pages, candidates = self._parted(indexes)
            return Listing(pages, (), (), candidates, others)
        walked = [name for name in folders if not self._is_ignored(name, absolute)]
        pages, candidates = self._parted([name for name in kept if self._stem(name)[0].lower() != "_index"])
        branches = [name for name in kept if self._is_branch(name)]
        unread = [(name, _UNREAD[kind]) for name in kept if (kind := extension_of(name)) in _UNREAD]
        unread += [(name, "content adapters are not run") for name in kept if name == _ADAPTER]
        unread += [
            (name, "ignoreFiles leaves it out")
            for name in files
            if name not in kept and extension_of(name) in _MARKDOWN and not _is_hidden(name)
        ]
        return Listing(pages, branches, walked, candidates, unread)

    def _parted(self, names: Sequence[str]) -> tuple[list[str], list[str]]:
        """Pages, and those that are pages only with front matter; without those of a language that is switched off."""
        pages = [name for name in names if extension_of(name) in _MARKDOWN and self._stem(name)[1] not in self.disabled]
        known = {self._stem(name) for name in pages}  # of one page in two formats, Hugo takes Markdown
        html = [name for name in names if extension_of(name) in _HTML and self._stem(name) not in known]
        html = [name for name in html if self._stem(name)[1] not in self.disabled]
        return pages, html

    @staticmethod
    def _is_text(name: str, indexes: Sequence[str]) -> bool:
        return name not in indexes and (extension_of(name) in _MARKDOWN or extension_of(name) in _UNREAD)

    def _is_branch(self, name: str) -> bool:
        stem, language = self._stem(name)
        return stem.lower() == "_index" and extension_of(name) in _MARKDOWN | _HTML and language not in self.disabled

    def _is_mounted(self, path: str) -> bool:
        """By the globs of its mount: one that takes it, if there are any that take, and none that leaves it out."""
        below = path.strip("/").removeprefix(self.filtered_from).strip("/").lower()
        left_out = [glob[1:].strip().lower() for glob in self.filters if glob.startswith("!")]
        taken = [glob.lower() for glob in self.filters if not glob.startswith("!")]
        return not matches(below, left_out) and (not taken or matches(below, taken))

    def _is_ignored(self, name: str, absolute: str) -> bool:
        if _is_hidden(name):
            return True
        path = f"{absolute}/{name}"
        return any(_pattern(one).search(path) for one in self.ignored)

    def _stem(self, file: str) -> tuple[str, str]:
        """The name without extension and language, and the language: ``a.zh.md`` -> ``a``, ``zh``."""
        return content_name(file, self.codes)

    @property
    def codes(self) -> frozenset[str]:
        """The keys of all languages, also of those that are switched off."""
        return _codes(tuple(self.languages), self.disabled)

    def place(self, relative: str) -> Place:
        """Its language is that of its name, else of its folder's mount, else the default one."""
        *folders, file = relative.split("/")
        stem, key = self._stem(file)
        is_bundle = bool(folders) and stem.lower() == "index"
        name = folders.pop() if is_bundle else stem
        language = self.language(key or self.mounted)
        return Place(
            folders=tuple(folders),
            name=name,
            filename=stem,
            is_bundle=is_bundle,
            edition=language.key if self.is_multilingual else "",
            language=language.language,
            markup="html" if extension_of(file) in _HTML else "markdown",
        )

    def language(self, key: str) -> HugoLanguage:
        """The language of that key, else the default one."""
        return self.languages.get(key) or next(iter(self.languages.values()))

    def prepared(self, text: str) -> str:
        """As it is."""
        return text

    def meant(self, place: Place, own: Mapping[str, Any], inherited: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 (protocol)
        """As it is."""
        return own

    def inherited(self, place: Place, branches: Branches) -> Mapping[str, Any]:
        """``cascade`` of the section pages above it and of the configuration."""
        site = self.language(place.edition).cascade
        return inherited_values(place, branches, site) if branches or site else {}

    def hidden(self, values: Mapping[str, Any]) -> str:
        """By its build options."""
        return "disableKinds" if self.has_no_pages else hidden_by_build(values)

    def address(self, page: AddressFacts) -> str | None:
        """``url`` of the front matter, else the pattern of its section, else the path of its file."""
        language = self.language(page.place.edition)
        style = self._style(language, "".join(page.place.folders[:1]))
        where = page_place(page, language.cascade)
        own = page.values.get("url")
        if isinstance(own, str) and own.strip():
            return own_url(own.strip(), site_url=language.url, page=where, style=style)
        if page.pattern:
            return pattern_url(page.pattern, page, language.url)
        pattern = self._permalink(language, page.place)
        path = pattern_path(pattern, where, style) if pattern else default_path(where, style)
        return page_url(path, site_url=language.url)

    def _style(self, language: HugoLanguage, section: str) -> PathStyle:
        return PathStyle(
            remove_path_accents=self.removes_accents,
            disable_path_to_lower=self.keeps_case,
            ugly_urls="*" in language.ugly or section.lower() in language.ugly,
            language_prefix=language.prefix,
        )

    def term_page(self, taxonomy: Taxonomy, term: str, edition: str, sections: SectionPages) -> TermPage:
        """The page of a term, with what an ``_index.md`` of it says."""
        language = self.language(edition)
        style = self._style(language, taxonomy.key)
        names = term_names(taxonomy.key.lower(), term)
        paths = [logical("/" + "/".join(names[:depth])) for depth in range(1, len(names) + 1)]
        own = sections(paths[-1])
        title, slug, url = (_line(own.get(key)) for key in ("title", "slug", "url"))
        place = term_place(taxonomy.key.lower(), term, title=title, slug=slug)
        found = own_url(url, site_url=language.url, page=place, style=style) if url else None
        if found is None:
            rules = ((target, one) for target, one in language.permalinks if target.get("kind"))
            pattern = next((one for target, one in rules if matches_term(target, paths[-1], edition)), "")
            slugs = tuple(_line(sections(path).get("slug")) for path in paths)
            path = (
                pattern_path(pattern, place, style)
                if pattern
                else term_path(taxonomy.key.lower(), term, style, slugs=slugs)
            )
            found = page_url(path, site_url=language.url)
        return TermPage(found, title, slug)

    @staticmethod
    def _permalink(language: HugoLanguage, place: Place) -> str | None:
        return next((pattern for target, pattern in language.permalinks if matches_page(target, place)), None)


def page_place(page: AddressFacts, cascade: Any = None) -> PagePlace:
    """What Hugo makes an address of; ``cascade`` is that of the site's configuration."""
    folders = page.place.folders
    above = {branch.folders: branch.values for branch in page.branches}
    tops = [folders[:depth] for depth in range(1, len(folders) + 1)]
    depth = max((len(top) for top in tops if top in above), default=min(1, len(folders)))
    slugs = tuple(_line(branch_value("slug", top, page.branches, cascade)) for top in tops)
    titles = tuple(_line(above.get(top, {}).get("title")) for top in tops)
    return PagePlace(
        name=page.place.name,
        folders=folders,
        folder_slugs=slugs,
        sections=folders[:depth],
        section_slugs=tuple(
            section_slug(slug, title or (name if at == 0 else ""))
            for at, (slug, title, name) in enumerate(zip(slugs[:depth], titles, folders, strict=False))
        ),
        filename=page.place.name if page.place.is_bundle else page.place.filename,
        is_bundle=page.place.is_bundle,
        title=page.title,
        slug=page.slug,
        date=page.published if page.published != UNDATED else _NO_DATE,
    )


def _line(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _is_hidden(name: str) -> bool:
    """Hugo's own rule for files and folders (source/sourceSpec.go)."""
    return name.startswith((".", "#")) or name.endswith("~")


@lru_cache(maxsize=8)
def _codes(keys: tuple[str, ...], disabled: tuple[str, ...]) -> frozenset[str]:
    return frozenset((*keys, *disabled))


@lru_cache(maxsize=64)
def _pattern(expression: str) -> re.Pattern[str]:
    """One that is written wrongly, or for Go alone, matches nothing."""
    try:
        return re.compile(expression)
    except (re.error, RecursionError):
        return re.compile(r"(?!)")
