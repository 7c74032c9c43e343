"""A tree of Markdown files that no generator builds, as far as we know: every such file is a page. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from feeds.content.cascade import hidden_by_build, inherited_values, is_true
from feeds.content.generator import AddressFacts, Branches, DateRules, Listing, Place

#: What Hugo, Jekyll, Hexo and others take for Markdown, in lower case.
MARKDOWN = frozenset({"md", "markdown", "mdown", "mkd", "mkdn"})
#: Texts that other programs publish and that we cannot read.
UNREAD = {
    "org": "Org mode is not read",
    "adoc": "AsciiDoc is not read",
    "asciidoc": "AsciiDoc is not read",
    "rst": "reStructuredText is not read",
    "textile": "Textile is not read",
    "mdx": "MDX is not read",
    "pdc": "Pandoc's own format is not read",
    "pandoc": "Pandoc's own format is not read",
}
#: Folders of tools, which no author wrote, and of drafts; those that begin with a dot are left out as well.
FOREIGN_FOLDERS = frozenset(
    {
        "node_modules",
        "__pycache__",
        "lost+found",
        "#recycle",
        "$RECYCLE.BIN",
        "@eaDir",
        "@tmp",
        "@SynoResource",
        "_drafts",
    }
)
#: Files at the top of a project that are about it, in lower case.
_ABOUT_PROJECT = frozenset({
    "readme", "license", "licence", "changelog", "contributing", "code_of_conduct", "security", "authors", "support",
    "agents", "claude",
})  # fmt: skip
#: Folders at the top of a project that other programs write, and those of themes and templates.
_OUTPUT_FOLDERS = frozenset({
    "_site", "public", "dist", "build", "vendor", "themes", "scaffolds", "archetypes", "exampleSite", "venv", "target",
})  # fmt: skip
#: Folders at the top of a tree that hold what articles begin as, in lower case.
_TEMPLATE_FOLDERS = frozenset({"templates", "_templates"})
#: Backups and swap files of editors (``x.md~``, ``.x.md.swp``, ``#x.md#``).
_FOREIGN_FILE_END = ("~", ".swp", ".swo", ".bak", ".tmp", "#")
_HIDING = ("hidden", "unlisted")
DEFAULT_PATTERN = "/:sections/:slugorfilename/"


class PlainTree(Struct, frozen=True, kw_only=True):
    """``Generator`` of a site without one. A folder with an ``index.md`` is named by it; all others are pages, too."""

    dates: DateRules = DateRules()
    #: Folders without articles: names, or POSIX paths below the top.
    skipped: tuple[str, ...] = ()
    #: Its top is the folder of a project, with files about the project beside the articles.
    is_project: bool = False

    def with_dates(self, dates: DateRules) -> PlainTree:
        """The same with other rules for dates."""
        return replace(self, dates=dates)

    def select(self, folder: str, files: Sequence[str], folders: Sequence[str], absolute: str = "") -> Listing:  # noqa: ARG002 (protocol)
        """Every Markdown file but section pages, hidden files, backups, and what is about a project or its output."""
        is_project = not folder and (self.is_project or ".git" in folders)
        pages: list[str] = []
        branches: list[str] = []
        unread: list[tuple[str, str]] = []
        for name in files:
            if is_foreign_file(name):
                continue
            extension = extension_of(name)
            if is_project and stem_of(name).lower() in _ABOUT_PROJECT and extension in MARKDOWN | {""}:
                unread.append((name, "it is about the project"))
            elif extension in MARKDOWN:
                (branches if name.startswith("_index.") else pages).append(name)
            elif extension in UNREAD:
                unread.append((name, UNREAD[extension]))
        kept = [name for name in folders if not name.startswith(".") and name not in FOREIGN_FOLDERS]
        kept = [name for name in kept if name not in self.skipped and f"{folder}/{name}".strip("/") not in self.skipped]
        if not folder:
            passed = [(name, why) for name in kept if (why := _passed_over(name, is_project=is_project))]
            unread += [(f"{name}/", why) for name, why in passed]
            kept = [name for name in kept if name not in dict(passed)]
        return Listing(pages, branches, kept, (), unread)

    def place(self, relative: str) -> Place:
        """``index.md`` stands for its folder, also in one of several languages."""
        *folders, file = relative.split("/")
        stem = stem_of(file)
        is_bundle = bool(folders) and (stem == "index" or stem.startswith("index."))
        name = folders.pop() if is_bundle else stem
        return Place(folders=tuple(folders), name=name, filename=stem, is_bundle=is_bundle)

    def prepared(self, text: str) -> str:
        """As it is."""
        return text

    def meant(self, place: Place, own: Mapping[str, Any], inherited: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002 (protocol)
        """As it is."""
        return own

    def inherited(self, place: Place, branches: Branches) -> Mapping[str, Any]:
        """As in Hugo: whoever writes ``cascade`` means it, and what it keeps private stays so."""
        return inherited_values(place, branches)

    def hidden(self, values: Mapping[str, Any]) -> str:
        """As in Hugo; and ``unlisted`` (Docusaurus), ``hidden`` (hexo-hide-posts), not so in Hugo's themes."""
        return hidden_by_build(values) or next((key for key in _HIDING if is_true(values.get(key))), "")

    def address(self, page: AddressFacts) -> str | None:
        """By ``url`` of the front matter, else by the pattern of sources.yaml; every folder is a section."""
        from feeds.content.permalinks import own_url, pattern_url  # noqa: PLC0415 (only reading needs addresses)

        own = page.values.get("url")
        if isinstance(own, str) and own.strip():
            return own_url(own, site_url=page.site_url)
        return pattern_url(page.pattern or DEFAULT_PATTERN, page, page.site_url)


def _passed_over(name: str, *, is_project: bool) -> str:
    """Why a folder at the top holds no articles; empty when it may."""
    if name.lower() in _TEMPLATE_FOLDERS:
        return "a folder of templates"
    return "a folder that programs write" if is_project and name in _OUTPUT_FOLDERS else ""


def extension_of(name: str) -> str:
    """In lower case, without the dot; empty where there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def stem_of(name: str) -> str:
    """The name without its extension."""
    return name.rpartition(".")[0] or name


def is_foreign_file(name: str) -> bool:
    """Whether it is hidden, or what an editor left behind."""
    return name.startswith((".", "#")) or name.endswith(_FOREIGN_FILE_END)
