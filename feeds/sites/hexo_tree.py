"""How Hexo reads its posts: which files are posts, what their front matter means, where they live. Pure.

After Hexo 8: hexo/lib/plugins/processor/post.ts, hexo/lib/models/post.ts, hexo-front-matter/lib/front_matter.ts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from feeds.content.dates import parse_date
from feeds.content.fields import text_of
from feeds.content.generator import AddressFacts, Branches, DateRules, Listing, Place
from feeds.content.permalinks import pattern_url
from feeds.content.plain_tree import MARKDOWN, UNREAD, extension_of, stem_of
from feeds.content.yaml_values import YamlError, read_yaml
from feeds.sites.globs import matches
from feeds.sites.hexo_paths import PATTERN, Post, category_slug, date_in, encoded, name_values, post_path, slugize

#: What hexo-renderer-marked renders.
_MARKDOWN = frozenset({"md", "markdown", "mkd", "mkdn", "mdwn", "mdtxt", "mdtext"})
_HTML = frozenset({"html", "htm"})
DATES = DateRules(published=("date", ":filename"), updated=("updated",), appears=(), expires=())
_DATE_KEYS = ("date", "updated")

#: Front matter between lines of hyphens or semicolons (JSON); without the first line in Hexo's own scaffolds of old.
_FENCED = re.compile(r"(-{3,}|;{3,})\n")
_FENCE = re.compile(r"^(?:-{3,}|;{3,})(?:\n|\Z)", re.MULTILINE)
_FIRST_KEY = re.compile(r"""["']?[A-Za-z_][\w-]{0,63}["']?[ \t]*:(?:[ \t\n]|$)""")
#: Longest front matter that is looked for, in characters; as in frontmatter.py.
_MAX_CHARS = 128 * 1024
#: What YAML takes for a time with a zone (js-yaml).
_ZONED = re.compile(
    r"\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?)", re.ASCII
)
_TABS = re.compile(r"(?<=\n)\t+")


class HexoTree(Struct, frozen=True, kw_only=True):
    """``Generator`` of the posts of a Hexo site; its top is ``_posts``."""

    permalink: str = PATTERN
    permalink_defaults: Mapping[str, Any] = {}
    new_post_name: str = ":title.md"
    #: ``post_asset_folder``: only files of the extension of ``new_post_name`` are posts.
    has_assets: bool = False
    default_category: str = "uncategorized"
    category_map: Mapping[str, str] = {}
    filename_case: int = 0
    #: ``pretty_urls``: addresses end in ``index.html``, or in ``.html``.
    keeps_index: bool = True
    keeps_html: bool = True
    #: Patterns on paths below the source folder, and on absolute paths.
    skip_render: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    dates: DateRules = DATES

    def with_dates(self, dates: DateRules) -> HexoTree:
        """The same with other rules for dates."""
        return replace(self, dates=dates)

    def select(self, folder: str, files: Sequence[str], folders: Sequence[str], absolute: str = "") -> Listing:
        """What the renderers of Hexo make a page of."""
        kept = [name for name in files if not self._is_left_out(folder, name, absolute)]
        pages = [name for name in kept if self._is_post(name)]
        unread = [(name, UNREAD[kind]) for name in kept if (kind := extension_of(name)) in UNREAD]
        others = [name for name in kept if _looks_like_text(name) and name not in pages]
        unread += [(name, "Hexo renders no such file" + " here" * self.has_assets) for name in others]
        skipped = [name for name in files if name not in kept and _looks_like_text(name) and not _is_hidden(name)]
        unread += [(name, "skip_render or ignore leaves it out") for name in skipped]
        walked = [n for n in folders if not _is_hidden(n) and not matches(f"{absolute}/{n}", self.ignore)]
        return Listing(pages, (), walked, (), unread)

    def _is_post(self, name: str) -> bool:
        if self.has_assets and extension_of(name) != extension_of(self.new_post_name):
            return False
        return _is_text(name)

    def _is_left_out(self, folder: str, name: str, absolute: str) -> bool:
        if _is_hidden(name) or name.endswith(("%", "~")):
            return True
        path = "/".join(filter(None, ("_posts", folder, name)))
        return matches(path, self.skip_render) or matches(f"{absolute}/{name}", self.ignore)

    def place(self, relative: str) -> Place:
        """Its folders are part of its name to Hexo."""
        *folders, file = relative.split("/")
        return Place(
            folders=tuple(folders),
            name=stem_of(file),
            filename=stem_of(file),
            markup="html" if extension_of(file) in _HTML else "markdown",
            path=relative,
            dated=date_in(name_values(self.new_post_name, relative)),
        )

    def prepared(self, text: str) -> str:
        """Front matter without its first line, and JSON between semicolons, as all others write them."""
        if text.startswith("---\n") and "\n\t" not in text[:_MAX_CHARS]:
            return text
        text = text.removeprefix("\ufeff").replace("\r\n", "\n")
        opening = _FENCED.match(text)
        if opening:
            return _as_json(text, opening.end()) if opening[1].startswith(";") else _hyphens(text, opening[1])
        if not _FIRST_KEY.match(text):
            return text
        fence = _FENCE.search(text, 0, _MAX_CHARS)
        if fence is None:
            return text
        if fence[0].startswith(";"):
            return _as_json(f"\n{text}", 1)
        matter = _indented(text[: fence.start()])
        return f"---\n{matter}---\n{text[fence.end() :]}" if _is_map(matter) else text

    def inherited(self, place: Place, branches: Branches) -> Mapping[str, Any]:  # noqa: ARG002 (protocol)
        """Nothing: posts have what they say."""
        return {}

    def meant(self, place: Place, own: Mapping[str, Any], inherited: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 (protocol)
        """What the file name says, terms under their usual keys, times with a zone by their clock in UTC."""
        values = {**own, **self._named(place)}
        paths = _category_paths(values.get("categories") or values.get("category"))
        for singular, plural in (("category", "categories"), ("tag", "tags")):
            value = values.get(plural) or values.get(singular)
            values.pop(singular, None)
            values[plural] = _flat(value)
        for key in _DATE_KEYS:
            if key in values:
                values[key] = _clock(values[key])
        values[_PATHS] = paths
        return values

    def _named(self, place: Place) -> dict[str, str]:
        """Values of the file name that are no part of a date."""
        if self.new_post_name == ":title.md":
            return {}
        named = name_values(self.new_post_name, place.path)
        return {key: value for key, value in named.items() if key not in _DATE_PARTS}

    def hidden(self, values: Mapping[str, Any]) -> str:  # noqa: ARG002 (protocol)
        """``published: false`` is asked for anyway."""
        return ""

    def term_slug(self, term: str) -> str:
        """What stands for a term in the address of its page."""
        return slugize(term, self.filename_case)

    def address(self, page: AddressFacts) -> str | None:
        """``permalink`` of the front matter, else that of the site."""
        site = page.site_url.rstrip("/")
        if page.pattern:
            return pattern_url(page.pattern, page, page.site_url)
        path = text_of(page.values.get("permalink")) or post_path(self.permalink, self._post(page))
        if self.has_assets and not path.endswith(("/", ".html")):
            path += "/"
        return site + encoded(self._pretty(path))

    def _post(self, page: AddressFacts) -> Post:
        paths = page.values.get(_PATHS) or ()
        category = category_slug(paths[-1], self.category_map, self.filename_case) if paths else self.default_category
        return Post(
            slug=name_values(self.new_post_name, page.place.path)["title"],
            title=text_of(page.values.get("title")) or "",
            date=page.published.astimezone(page.zone),
            category=category,
            values={**self.permalink_defaults, **page.values},
        )

    def _pretty(self, path: str) -> str:
        if path.endswith("index.html"):
            return path if self.keeps_index else path.removesuffix("index.html")
        return path if self.keeps_html else path.removesuffix(".html")


_DATE_PARTS = frozenset({"title", "year", "month", "day", "i_month", "i_day", "hash"})
#: Key of the categories with those above each.
_PATHS = "paths of categories"


def _is_text(name: str) -> bool:
    """By its extension, whose case matters."""
    return name.rpartition(".")[2] in _MARKDOWN | _HTML


def _looks_like_text(name: str) -> bool:
    return extension_of(name) in MARKDOWN | _MARKDOWN


def _is_hidden(name: str) -> bool:
    return name.startswith(("_", "."))


def _hyphens(text: str, fence: str) -> str:
    """More than three hyphens as three, tabs that indent as blanks."""
    end = text.find(f"\n{fence}\n", 0, _MAX_CHARS)
    end = len(text) - len(fence) - 1 if end < 0 and text.endswith(f"\n{fence}") else end
    if end < 0:
        return text
    return f"---{_indented(text[len(fence) : end])}\n---{text[end + 1 + len(fence) :]}"


def _indented(matter: str) -> str:
    return _TABS.sub(lambda found: "  " * len(found[0]), matter) if "\t" in matter else matter


def _as_json(text: str, start: int) -> str:
    """``;;;`` around the members of an object as braces."""
    fence = _FENCE.search(text, start, _MAX_CHARS)
    if fence is None or not fence[0].startswith(";"):
        return text
    return f"{{\n{text[start : fence.start()]}}}\n{text[fence.end() :]}"


def _is_map(text: str) -> bool:
    try:
        return bool(read_yaml(text).values)
    except YamlError:
        return False


def _clock(value: Any) -> Any:
    """Of a time with a zone Hexo takes the clock in UTC for that of the site."""
    moment = parse_date(value, UTC) if isinstance(value, str) and _ZONED.fullmatch(value) else None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() if moment else value


def _flat(value: Any) -> list[str]:
    """A text is one term, whatever it holds; lists in lists are paths of terms."""
    if isinstance(value, list):
        return list(dict.fromkeys(term for one in value for term in _flat(one)))
    text = text_of(value)
    return [text] if text else []


def _category_paths(value: Any) -> tuple[tuple[str, ...], ...]:
    """Each category with those above it: a list is one path, a list of lists several."""
    if not isinstance(value, list):
        value = [value]
    if any(isinstance(one, list) for one in value):
        return tuple(filter(None, (tuple(_flat(one)) for one in value)))
    path = tuple(_flat(value))
    return (path,) if path else ()
