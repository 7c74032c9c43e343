"""How a site generator reads a content tree: the values and the protocol that walking and reading go by. Pure.

Hugo, Jekyll, Hexo and Zola differ in which files are pages, in what a page inherits, in the keys of its dates and in
its address. What each of them means stands in ``feeds.sites``; ``plain_tree`` is the tree of a site without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple, Protocol

from msgspec import Struct, field


class Listing(NamedTuple):
    """What a folder of a content tree holds, as the generator sees it: names only."""

    #: Files that are pages.
    pages: Sequence[str]
    #: Section pages (``_index.md``): no articles, but what the pages below them inherit.
    branches: Sequence[str]
    #: Folders to walk.
    folders: Sequence[str]
    #: Files that are pages only if they begin with front matter (HTML).
    candidates: Sequence[str] = ()
    #: (name, why) of files that look like articles and are not read.
    unread: Sequence[tuple[str, str]] = ()


class Place(Struct, frozen=True, kw_only=True):
    """Where a page stands in its content tree; known without reading it."""

    #: Names of all folders from the top of the content tree to the file; a bundle's own folder is left out.
    folders: tuple[str, ...]
    #: File name without extension and language; of a bundle the name of its folder.
    name: str
    #: As ``name``; of a bundle the name of its file (``index``).
    filename: str
    is_bundle: bool = False
    #: Key of its language in lower case (``zh-cn``); empty on a site of one language.
    edition: str = ""
    #: BCP 47; empty for the site's own.
    language: str = ""
    #: ``markdown`` or ``html``.
    markup: str = "markdown"
    #: POSIX path below the top of the content tree, where the generator goes by it.
    path: str = ""
    #: The date that its name holds, as text; empty where it holds none, or ``DateRules`` say how it is read.
    dated: str = ""
    #: What the generator calls it where neither front matter nor text has a title; empty for its name.
    title: str = ""
    #: Without a date it is a page and no article.
    needs_date: bool = False


class Branch(Struct, frozen=True):
    """A section page above some pages."""

    #: Names of the folders from the top of the content tree to its own; empty at the top.
    folders: tuple[str, ...]
    #: Of its language; see ``Place``. Empty where it counts for all languages.
    edition: str
    #: Its front matter, keys in lower case.
    values: Mapping[str, Any]
    #: Its path, when what it says is unknown since its front matter cannot be read.
    unread: str = ""


#: Section pages above a page, nearest first.
Branches = tuple[Branch, ...]


class DateRules(Struct, frozen=True, kw_only=True):
    """Which keys of the front matter hold which date, folded, in the order in which they are asked.

    ``:filename``, ``:git`` (of the last commit) and ``:filemodtime`` are what Hugo's ``[frontmatter]`` calls so.
    """

    #: ``:filename`` is a date that the name begins with, and what follows it is the slug (Hugo, Jekyll); otherwise a
    #: date anywhere in the name.
    begins_name: bool = False

    published: tuple[str, ...] = (
        "date", "publishdate", "pubdate", "published", "created", "lastmod", "modified", "updated", ":filename",
    )  # fmt: skip
    updated: tuple[str, ...] = ("lastmod", "modified", "updated", "lastmodified")
    appears: tuple[str, ...] = ("publishdate", "pubdate")
    expires: tuple[str, ...] = ("expirydate", "unpublishdate")


class AddressFacts(Struct, frozen=True, kw_only=True):
    """What the address of a page may be made of."""

    place: Place
    branches: Branches
    title: str
    #: Where the site is served, as sources.yaml says.
    site_url: str
    #: ``slug`` of the front matter, or empty.
    slug: str
    #: In the zone that it is written in; ``UNDATED`` where there is none.
    published: datetime
    #: The front matter with what it inherits; keys in lower case.
    values: Mapping[str, Any] = field(default_factory=dict)
    #: ``content[].url`` of sources.yaml; None where the generator decides.
    pattern: str | None = None
    #: Of the site.
    zone: tzinfo = UTC


class Generator(Protocol):
    """What a site generator makes of a content tree. A value: it is sent to other processes."""

    @property
    def dates(self) -> DateRules:
        """Which keys are dates."""

    def with_dates(self, dates: DateRules) -> Generator:
        """The same with other rules for dates."""

    def select(self, folder: str, files: Sequence[str], folders: Sequence[str], absolute: str = "") -> Listing:
        """Tell pages from what is none.

        Args:
            folder: POSIX path below the top of the content tree; empty at the top.
            files: Names of the files in it.
            folders: Names of the folders in it.
            absolute: The folder on disk.
        """

    def place(self, relative: str) -> Place:
        """The place of a page that ``select`` named; ``relative`` is its POSIX path below the top of the tree."""

    def prepared(self, text: str) -> str:
        """The text of a file, its front matter in a form that all generators share; lines may be added at the top."""

    def meant(self, place: Place, own: Mapping[str, Any], inherited: Mapping[str, Any]) -> Mapping[str, Any]:
        """The front matter in the keys and shapes that reading goes by.

        Args:
            place: The page.
            own: What the page says; the very same map is given back where nothing is to be changed.
            inherited: What ``inherited`` gave for it.
        """

    def inherited(self, place: Place, branches: Branches) -> Mapping[str, Any]:
        """Values of the front matter that the page need not name itself (``cascade``); nearest first."""

    def hidden(self, values: Mapping[str, Any]) -> str:
        """Why the site lists no such page anywhere, in a few words; empty when it does.

        Args:
            values: The front matter with what it inherits; keys in lower case.
        """

    def address(self, page: AddressFacts) -> str | None:
        """The absolute ASCII URL of the page; None where the front matter names one that is unusable."""
