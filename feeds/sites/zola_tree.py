"""How Zola reads a content tree: which files are pages, what their front matter means, where they live. Pure.

By its documentation (https://www.getzola.org/documentation/content/page/) and the code of 0.22: components/content
(page.rs, file_info.rs, front_matter/page.rs), components/utils/src/slugs.rs, components/site/src/{lib,feeds}.rs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from feeds.content.cascade import is_true
from feeds.content.fields import flag_of, text_of
from feeds.content.generator import AddressFacts, Branches, DateRules, Listing, Place
from feeds.content.permalinks import pattern_url
from feeds.content.plain_tree import MARKDOWN, UNREAD, extension_of
from feeds.sites.globs import matches_freely
from feeds.urls import encode_path

DATES = DateRules(published=("date", ":filename"), updated=("updated",), appears=(), expires=())
#: A day or a moment at the beginning of a name, and the slug behind it.
_DATED = re.compile(
    r"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[-+](?:[01]\d|2[0-3]):[0-5]\d))?)"
    r"(?:\s?[_-](.+))?"
)
_UNSAFE = re.compile(r'[<>:"/\\|?*]')
#: Readings of Chinese characters that the slugs of Zola (deunicode) have otherwise than text-unidecode.
_READINGS = {"么": "me ", "什": "shen ", "价": "jia ", "旅": "lv ", "术": "shu "}


class Rule(Struct, frozen=True, kw_only=True):
    """``[slugify]``: ``on``, ``safe`` or ``off`` each."""

    paths: str = "on"
    #: ``paths_keep_dates``.
    keeps_dates: bool = False
    taxonomies: str = "on"


class ZolaTree(Struct, frozen=True, kw_only=True):
    """``Generator`` of a Zola site."""

    #: Code of the default language; the others in ``languages``.
    default: str = "en"
    languages: tuple[str, ...] = ()
    slugify: Rule = Rule()
    #: Patterns on absolute paths.
    ignored: tuple[str, ...] = ()
    dates: DateRules = DATES

    def with_dates(self, dates: DateRules) -> ZolaTree:
        """The same with other rules for dates."""
        return replace(self, dates=dates)

    def select(self, folder: str, files: Sequence[str], folders: Sequence[str], absolute: str = "") -> Listing:  # noqa: ARG002 (protocol)
        """Every ``.md`` in whatever folder, but section pages (``_index.…``) and hidden files."""
        kept = [name for name in files if not name.startswith(".")]
        taken = [name for name in kept if name.endswith(".md") and not self._is_ignored(f"{absolute}/{name}")]
        pages = [name for name in taken if not name.startswith("_index.") and self._language(name) is not None]
        branches = [name for name in taken if name in self._section_names()]
        unread = [(name, UNREAD[kind]) for name in kept if (kind := extension_of(name)) in UNREAD]
        unread += [(name, why) for name in kept if name not in {*pages, *branches} and (why := self._why(name, taken))]
        return Listing(pages, branches, folders, (), unread)

    def _why(self, name: str, taken: Sequence[str]) -> str:
        """Why a text is no page."""
        if extension_of(name) not in MARKDOWN or name.startswith("_index."):
            return ""
        if not name.endswith(".md"):
            return "to Zola only .md is a page"
        return "its language is none of [languages]" if name in taken else "ignored_content leaves it out"

    def _is_ignored(self, path: str) -> bool:
        return bool(self.ignored) and matches_freely(path, self.ignored)

    def _section_names(self) -> set[str]:
        return {"_index.md", *(f"_index.{code}.md" for code in self.languages)}

    def _language(self, file: str) -> str | None:
        """The code in a file's name, the default one where there is none; None for one that the site does not have."""
        stem = file.removesuffix(".md")
        if not self.languages or "." not in stem:
            return self.default
        code = stem.partition(".")[2]
        return code if code in {*self.languages, self.default} else None

    def place(self, relative: str) -> Place:
        """An ``index.md`` is named by its folder; a section page of the default language counts for all."""
        *folders, file = relative.split("/")
        stem = file.removesuffix(".md")
        code = self._language(file) or self.default
        # Zola leaves the code of the default language in the name.
        filename = stem.partition(".")[0] if code != self.default else stem
        is_bundle = bool(folders) and stem.partition(".")[0] == "index"
        is_named_by_folder = is_bundle and filename == "index"
        name = folders[-1] if is_named_by_folder else filename
        found = _DATED.match(name)
        is_section = stem.startswith("_index.") or stem == "_index"
        return Place(
            folders=tuple(folders[:-1] if is_bundle else folders),
            name=name,
            filename=filename,
            is_bundle=is_bundle,
            edition="" if not self.languages or (is_section and code == self.default) else code.lower(),
            language=code if self.languages else "",
            path=relative,
            dated=found[1] if found else "",
            needs_date=True,
        )

    def prepared(self, text: str) -> str:
        """As it is."""
        return text

    def inherited(self, place: Place, branches: Branches) -> Mapping[str, Any]:  # noqa: ARG002 (protocol)
        """The draft of a section: all below it is one."""
        return {"draft": True} if any(is_true(branch.values.get("draft")) for branch in branches) else {}

    def meant(self, place: Place, own: Mapping[str, Any], inherited: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 (protocol)
        """Terms of ``[taxonomies]`` beside the other keys, aliases from the root, ``[extra]`` as parameters."""
        values = dict(own)
        taxonomies = values.pop("taxonomies", None)
        for key in ("tags", "categories"):
            values.pop(key, None)
        values |= taxonomies if isinstance(taxonomies, dict) else {}
        aliases = values.get("aliases")
        if isinstance(aliases, list):
            values["aliases"] = [one if "://" in str(one) else f"/{str(one).lstrip('/')}" for one in aliases]
        if isinstance(extra := values.pop("extra", None), dict):
            values.setdefault("params", extra)
        values.update(inherited)
        return values

    def hidden(self, values: Mapping[str, Any]) -> str:
        """What is not rendered has no address."""
        return "render: false" if flag_of(values.get("render")) is False else ""

    def term_slug(self, term: str) -> str:
        """What stands for a term in the address of its page."""
        return slugged(term, self.slugify.taxonomies)

    def address(self, page: AddressFacts) -> str | None:
        """``path`` of the front matter, else its folders as they are and the slug, below the folder of its language."""
        place = page.place
        site = page.site_url.rstrip("/")
        if page.pattern:
            return pattern_url(page.pattern, page, page.site_url)
        own = (text_of(page.values.get("path")) or "").strip()
        return site + _encoded(own or self._path(place, page.values))

    def _path(self, place: Place, values: Mapping[str, Any]) -> str:
        slug = text_of(values.get("slug")) or ""
        if not slug:
            found = _DATED.match(place.name)
            slug = found[2] if found and found[2] and not self.slugify.keeps_dates else place.name
        is_home = place.filename == "index" and not place.is_bundle
        slug = "" if is_home else slugged(slug, self.slugify.paths)
        parts = [*place.folders, slug]
        is_default = not place.language or place.language == self.default
        return "/".join(parts if is_default else [place.language, *parts])


def _encoded(path: str) -> str:
    """A path below the site with a slash at both ends, which no ``..`` leaves."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(encode_path(segment))
    return f"/{'/'.join(segments)}/" if segments else "/"


@lru_cache(maxsize=4096)
def slugged(text: str, strategy: str) -> str:
    """A slug by ``slugify``: ``on`` letters and digits of ASCII, ``safe`` what file systems take, ``off`` as it is."""
    if strategy == "off":
        return text
    if strategy == "safe":
        return _UNSAFE.sub("", text.rstrip(" ."))
    return re.sub(r"[^a-z0-9]+", "-", _in_ascii(text).lower()).strip("-")


def _in_ascii(text: str) -> str:
    if text.isascii():
        return text
    from text_unidecode import unidecode  # noqa: PLC0415 (300 KB that only sites of Zola need)

    return "".join(
        char if char.isascii() else _READINGS.get(char) or unidecode(char) or _unknown(char) for char in text
    )


def _unknown(char: str) -> str:
    """What lies beyond the tables, such as an emoji, which Zola writes by its name."""
    return "-" if char > "\uffff" else ""
