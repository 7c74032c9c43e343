"""How Jekyll reads a content tree: which files are posts and documents, what they inherit, where they live. Pure.

After Jekyll 4.3: lib/jekyll/{reader,entry_filter,document,collection,frontmatter_defaults}.rb. Plain pages are left
out, as jekyll-feed leaves them out; documents of collections without a date are, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from feeds.content.fields import text_of
from feeds.content.generator import AddressFacts, Branches, DateRules, Listing, Place
from feeds.content.permalinks import pattern_url
from feeds.content.plain_tree import UNREAD, extension_of, stem_of
from feeds.sites.globs import matches, matches_freely
from feeds.sites.jekyll_paths import STYLES, Document, document_path, name_parts, slugify, titleized

_POSTS = "_posts"
_HTML = frozenset({"html", "htm"})
_SPECIAL = (".", "_", "#", "~")
#: What a document's ``date`` is read from; its name comes after its front matter.
DATES = DateRules(published=("date", ":filename"), updated=("lastmodifiedat",), appears=(), expires=())
#: A time without a zone, which YAML takes for one in UTC (Psych).
_ZONELESS = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|[ \t]+)\d{1,2}:\d\d:\d\d(?:\.\d*)?")
_DATE_KEYS = ("date", "last_modified_at")
#: Categories as they stand in the address, where a comma was taken off their terms.
_IN_PATH = "categories of the address"


class Collection(Struct, frozen=True, kw_only=True):
    """A collection whose documents are written as pages."""

    label: str
    pattern: str
    #: jekyll-feed has a feed of it, so that also what has no date is an article.
    has_feed: bool = False


class Defaults(Struct, frozen=True, kw_only=True):
    """A set of ``defaults``."""

    path: str = ""
    #: ``posts``, or the label of a collection; None for all of them.
    type: str | None = None
    values: Mapping[str, Any]


class JekyllTree(Struct, frozen=True, kw_only=True):
    """``Generator`` of a Jekyll site; one for its whole source folder."""

    posts: str = STYLES["date"]
    collections: tuple[Collection, ...] = ()
    #: POSIX path of the folder of collections and posts, without slashes at its ends; empty for the source folder.
    collections_dir: str = ""
    #: Extensions of Markdown, in lower case.
    markdown: tuple[str, ...] = ("markdown", "mkdown", "mkdn", "mkd", "md")
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    #: Path of the folder that Jekyll writes to.
    destination: str = "_site"
    defaults: tuple[Defaults, ...] = ()
    dates: DateRules = DATES

    def with_dates(self, dates: DateRules) -> JekyllTree:
        """The same with other rules for dates."""
        return replace(self, dates=dates)

    def select(self, folder: str, files: Sequence[str], folders: Sequence[str], absolute: str = "") -> Listing:  # noqa: ARG002 (protocol)
        """Posts by their names, documents of collections by their front matter, and no other pages."""
        parts = tuple(filter(None, folder.split("/")))
        collection = self._collection(parts)
        if collection:
            base = parts[len(self._above) :]
            entries = [name for name in files if self._is_taken(base[1:], name, base[:1])]
            texts = [name for name in entries if self._markup(name)]
            return Listing((), (), self._walked(base[1:], folders, base[:1]), texts, tuple(self._unread(entries)))
        if _POSTS in parts:
            base, below = parts[: parts.index(_POSTS) + 1], parts[parts.index(_POSTS) + 1 :]
            entries = [name for name in files if self._is_taken(below, name, base)]
            pages = [name for name in entries if self._markup(name) and name_parts(name)]
            unnamed = [(n, "the name of a post begins with its date (2024-03-05-title.md)") for n in entries]
            unread = [(n, why) for n, why in unnamed if self._markup(n) and n not in pages]
            return Listing(pages, (), self._walked(below, folders, base), (), (*unread, *self._unread(entries)))
        return self._of_pages(parts, files, folders)

    def _of_pages(self, parts: tuple[str, ...], files: Sequence[str], folders: Sequence[str]) -> Listing:
        """A folder of plain pages: only posts are looked for below it."""
        leading = [name for name in folders if self._leads_to_collection((*parts, name))]
        if not all(self._is_taken((), name, parts[:above]) for above, name in enumerate(parts)):
            return Listing((), (), leading)
        walked = [name for name in folders if self._is_taken((), name, parts) and not self._is_destination(parts, name)]
        walked += [name for name in folders if name == _POSTS and self._may_hold_posts(parts)]
        walked = list(dict.fromkeys([*walked, *leading]))
        stray = [name for name in files if self._markup(name) == "markdown" and name_parts(name)]
        return Listing((), (), walked, (), [(name, "it lies in no _posts folder") for name in stray])

    def _walked(self, below: tuple[str, ...], folders: Sequence[str], base: tuple[str, ...]) -> list[str]:
        """Folders inside posts or a collection: hidden ones are none, and what begins with _ is special at the top."""
        return [name for name in folders if not name.startswith(".") and (below or self._is_taken((), name, base))]

    def _is_taken(self, below: tuple[str, ...], name: str, base: tuple[str, ...]) -> bool:
        """EntryFilter: ``below`` and ``name`` are the entry, ``base`` the folder that it is relative to."""
        entry = "/".join((*below, name))
        if entry.endswith("."):
            return False
        is_included = any(_stands_for(pattern, one) for pattern in self.included for one in (entry, name))
        whole = "/".join((*base, entry))
        if any(_stands_for(pattern, whole) for pattern in self.excluded) and not is_included:
            return False
        return is_included or not (entry.startswith(_SPECIAL) or name.startswith(_SPECIAL) or entry.endswith("~"))

    def _is_destination(self, parts: tuple[str, ...], name: str) -> bool:
        return "/".join((*parts, name)) == self.destination

    @property
    def _above(self) -> tuple[str, ...]:
        return tuple(filter(None, self.collections_dir.split("/")))

    def _may_hold_posts(self, parts: tuple[str, ...]) -> bool:
        return "/".join(parts).startswith(self.collections_dir)

    def _collection(self, parts: tuple[str, ...]) -> Collection | None:
        """The collection that a folder is in."""
        above = self._above
        if parts[: len(above)] != above or len(parts) <= len(above):
            return None
        name = parts[len(above)]
        return next((one for one in self.collections if f"_{one.label}" == name), None)

    def _leads_to_collection(self, parts: tuple[str, ...]) -> bool:
        above = self._above
        return bool(self.collections) and (
            parts == above[: len(parts)] or (len(parts) == len(above) + 1 and self._collection(parts) is not None)
        )

    def _markup(self, name: str) -> str:
        """``markdown``, ``html``, or empty."""
        extension = extension_of(name)
        return "markdown" if extension in self.markdown else "html" if extension in _HTML else ""

    @staticmethod
    def _unread(names: Sequence[str]) -> Iterator[tuple[str, str]]:
        for name in names:
            if (extension := extension_of(name)) in UNREAD:
                yield name, UNREAD[extension]

    def place(self, relative: str) -> Place:
        """The folders of a post are those above ``_posts``, those of a document begin with its collection."""
        *folders, file = relative.split("/")
        parts = tuple(folders)
        above = len(self._above)
        collection = self._collection(parts)
        dated, slug = name_parts(file) or ("", stem_of(file).rstrip("."))
        return Place(
            folders=(collection.label, *parts[above + 1 :]) if collection else self._superfolders(relative),
            name=slug or stem_of(file),
            filename=stem_of(file),
            markup=self._markup(file) or "markdown",
            path=relative,
            dated=dated if _is_day(dated) else "",
            title=titleized(slug),
            needs_date=collection is not None and not collection.has_feed,
        )

    def _superfolders(self, relative: str) -> tuple[str, ...]:
        """The folders above ``_posts``, which are categories."""
        return tuple(filter(None, self._in_collections(relative).partition(_POSTS)[0].split("/")))

    def _in_collections(self, relative: str) -> str:
        return relative.removeprefix(f"{self.collections_dir}/") if self.collections_dir else relative

    def prepared(self, text: str) -> str:
        """As it is."""
        return text

    def inherited(self, place: Place, branches: Branches) -> Mapping[str, Any]:  # noqa: ARG002 (protocol)
        """``defaults``: what is for the longer path wins, then what names a type, then what stands later."""
        found: dict[str, Any] = {}
        best: Defaults | None = None
        for one in self.defaults:
            if not self._applies(one, place):
                continue
            if best is None or _precedes(one, best):
                found = {**found, **one.values}
                best = one
            else:
                found = {**one.values, **found}
        return found

    def _applies(self, defaults: Defaults, place: Place) -> bool:
        collection = self._collection(tuple(place.path.split("/")[:-1]))
        if defaults.type is not None and defaults.type != (collection.label if collection else "posts"):
            return False
        path, wanted = self._in_collections(place.path), self._in_collections(defaults.path)
        if "*" not in wanted:
            return path.startswith(wanted)
        parts = path.split("/")
        return any(matches("/".join(parts[:end]), [wanted.rstrip("/")]) for end in range(1, len(parts) + 1))

    def meant(self, place: Place, own: Mapping[str, Any], inherited: Mapping[str, Any]) -> Mapping[str, Any]:
        """Categories with those of the folders, tags of words, times without a zone in UTC, redirects as aliases."""
        values = {key: value for key, value in own.items() if value is not None}
        in_path = self._categories(place, values, inherited)
        categories = [term.strip(",") or term for term in in_path]
        tags = _plural(values, inherited, "tag", "tags")
        for key in ("category", "tag"):
            values.pop(key, None)
        for key in _DATE_KEYS:
            value = values.get(key)
            if isinstance(value, str) and _ZONELESS.fullmatch(value):
                values[key] = f"{value.replace('t', 'T')}Z"
        if "redirect_from" in values:
            values.setdefault("aliases", values["redirect_from"])
        values |= {"categories": categories, "tags": [tag.strip(",") or tag for tag in tags]}
        if in_path != categories:
            values[_IN_PATH] = in_path
        return values

    def _categories(self, place: Place, own: Mapping[str, Any], inherited: Mapping[str, Any]) -> list[str]:
        """Of the folders, of ``defaults``, of the front matter, then ``category``, each once."""
        is_post = self._collection(tuple(place.path.split("/")[:-1])) is None
        found = [*place.folders] if is_post else []
        for values in (inherited, own):
            found += _words(values.get("categories"))
        singular = own.get("category", inherited.get("category"))
        found += _flat(singular)
        return list(dict.fromkeys(found))

    def hidden(self, values: Mapping[str, Any]) -> str:  # noqa: ARG002 (protocol)
        """``published: false`` and ``draft`` are asked for anyway."""
        return ""

    def term_slug(self, term: str) -> str:
        """What stands for a term in the address of its page."""
        return slugify(term)

    def address(self, page: AddressFacts) -> str | None:
        """``permalink`` of the front matter, else that of the collection or of the site."""
        place, values = page.place, page.values
        site = page.site_url.rstrip("/")
        if page.pattern:
            return pattern_url(page.pattern, page, page.site_url)
        collection = self._collection(tuple(place.path.split("/")[:-1]))
        own = text_of(values.get("permalink")) or ""
        slug = text_of(values.get("slug"))
        label = collection.label if collection else "posts"
        above = self._in_collections(place.path).removeprefix(f"_{label}")
        document = Document(
            collection=label,
            path=above.rpartition(".")[0].rstrip("."),
            basename=place.filename,
            slug=(name_parts(place.path.rpartition("/")[2]) or ("", place.name))[1] if slug is None else slug,
            categories=values.get(_IN_PATH) or values.get("categories") or (),
            date=page.published.astimezone(page.zone),
            extension=_extension(own) or ".html",
        )
        return site + document_path(own or (collection.pattern if collection else self.posts), document)


def _is_day(date: str) -> bool:
    try:
        return bool(date) and bool(datetime.fromisoformat(date) + timedelta(0))
    except ValueError:
        return False


def _extension(path: str) -> str:
    """Ruby's ``File.extname``, of a permalink that names a file."""
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return f".{extension}" if dot and stem.strip(".") and extension else ""


@lru_cache(maxsize=4096)
def _stands_for(pattern: str, entry: str) -> bool:
    """``File.fnmatch?``, or the beginning of the path."""
    pattern = pattern.removeprefix("/")
    return entry.startswith(pattern) or f"{entry}/" == pattern or matches_freely(entry, [pattern])


def _precedes(new: Defaults, old: Defaults) -> bool:
    if len(new.path) != len(old.path):
        return len(new.path) > len(old.path)
    return new.type is not None or old.type is None


def _plural(own: Mapping[str, Any], inherited: Mapping[str, Any], singular: str, plural: str) -> list[str]:
    """The one under the singular key, else the words or members of the plural one."""
    for key, read in ((singular, _flat), (plural, _words)):
        value = own.get(key, inherited.get(key))
        if value is not None and value is not False:
            return read(value)
    return []


def _words(value: Any) -> list[str]:
    """A text has as many terms as words."""
    return value.split() if isinstance(value, str) else _flat(value)


def _flat(value: Any) -> list[str]:
    if isinstance(value, list):
        return [term for one in value for term in _flat(one)]
    text = text_of(value)
    return [] if text is None else [text]
