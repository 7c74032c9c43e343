"""What the configuration of a site says, whatever generator it is for: the one value that the readers of them give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from msgspec import Struct, field

from feeds.content.generator import Generator

#: Logical path of a section page in one language (``/tags/c#``) -> its front matter; empty without such a page.
SectionPages = Callable[[str], Mapping[str, Any]]


class Tree(Struct, frozen=True, kw_only=True):
    """A folder of content."""

    #: POSIX path relative to the folder of the site; ``.`` for that folder itself.
    path: str
    #: POSIX path from the top of the content tree to it; empty when it is the top.
    below: str = ""
    #: Key of its language where the folder decides it; empty where the names of files do, or there is one only.
    edition: str = ""
    #: Globs of its files, on paths below ``filtered_from`` in the content tree; those after ``!`` are left out.
    filters: tuple[str, ...] = ()
    filtered_from: str = ""


class Edition(Struct, frozen=True, kw_only=True):
    """One language of a site of several."""

    #: In lower case: ``zh-cn``.
    key: str
    #: BCP 47.
    language: str
    title: str
    #: Address of its front page, absolute, with a trailing slash; empty when the site names no address.
    url: str
    #: Folder of its pages below the site's address: empty, or with a trailing slash.
    folder: str
    description: str = ""
    author: str = ""


class Taxonomy(Struct, frozen=True, kw_only=True):
    """A way of grouping pages by terms."""

    #: Key of the front matter, as the site writes it: ``tags``.
    key: str
    #: Path of a term's page below the site's address, with ``:slug``; empty where terms have no page.
    page: str


class TermPage(NamedTuple):
    """The page of a term."""

    #: Absolute, ASCII; empty when there is none.
    url: str
    #: What the page is called; empty where only the term itself says.
    title: str = ""
    #: Which name it wants in addresses; likewise.
    slug: str = ""


class Obeyed(Struct, frozen=True, kw_only=True):
    """A setting of a generator: for the table in the README, and for the remarks of ``feeds init``."""

    #: As its documentation writes it: ``permalinks``, ``markup.goldmark.extensions.passthrough``.
    setting: str
    #: What is made of it, in a few words; empty when it is not obeyed although it would change a feed.
    meaning: str


class SiteDescription(Struct, frozen=True, kw_only=True):
    """What the configuration says; empty where it says nothing."""

    #: ``hugo``, ``jekyll``, ``hexo`` or ``zola``; empty for a folder of texts.
    kind: str = ""
    #: The file or folder that was read, relative to the site.
    read_from: str = ""
    title: str = ""
    #: As written.
    url: str = ""
    #: As written, or empty.
    language: str = ""
    author: str = ""
    email: str = ""
    description: str = ""
    timezone: str = ""
    trees: tuple[Tree, ...] = ()
    static: tuple[str, ...] = ()
    #: The taxonomies whose terms are tags, and those whose terms are topics.
    tags: tuple[Taxonomy, ...] = ()
    topics: tuple[Taxonomy, ...] = ()
    #: The languages, that of the site first; empty on a site of one.
    editions: tuple[Edition, ...] = ()
    #: How Markdown is rendered: ``dialect``, ``emoji``, ``math`` (delimiters), ``unsafe`` …
    rendering: Mapping[str, Any] = field(default_factory=dict)
    #: What was seen and is not obeyed, one sentence each.
    notes: tuple[str, ...] = ()
    #: Files whose change changes what this value says, absolute.
    files: tuple[str, ...] = ()


class SiteReader(Protocol):
    """A generator that we know."""

    def read(self, folder: str) -> SiteDescription | None:
        """What the site in the folder says of itself; None when it is no site of this generator.

        Raises:
            ConfigError: a file of its configuration cannot be read.
        """

    def generator(self, site: SiteDescription, url: str) -> Generator:
        """How its content tree is read, for a site served at ``url``."""
