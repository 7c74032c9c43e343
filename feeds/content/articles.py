"""Read one Markdown file into an Article, or say why it cannot be one.

Whatever its bytes are, the outcome is a Reading. What would put the article before readers too early or too late (an
unreadable ``publishDate`` or ``expiryDate``) keeps it back; all else that is wrong is mended as well as it can be, and
said.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b

from msgspec import Struct, field

from feeds.content.files import ContentRoot, FileStat
from feeds.content.generator import Branches
from feeds.content.rules import RenderRules
from feeds.model import Article, Image, Person, Problem

#: Largest file that is read. The largest real article has 60 KB; beyond this it is no article but a slip (a dump, a
#: book), which would make every feed that carries it as large.
MAX_ARTICLE_BYTES = 10 * 1024 * 1024


class SiteFacts(Struct, frozen=True, kw_only=True):
    """What reading an article needs to know of its site."""

    #: Absolute; where the site is served.
    url: str
    #: BCP 47, of articles that name none.
    language: str
    #: Of articles that name none.
    author: Person | None = None
    #: Of dates that name none.
    zone: tzinfo = UTC
    #: Absolute folders of the files that are served from the root of the site.
    static: tuple[str, ...] = ()
    #: Lead image of articles that name none.
    default_image: Image | None = None
    #: Keys of the front matter that hold tags, and topics; all of them are read.
    tag_keys: tuple[str, ...] = ("tags",)
    topic_keys: tuple[str, ...] = ("main_topics",)
    #: What its generator makes of Markdown.
    rendering: RenderRules = RenderRules()


class Inheritance(Struct, frozen=True):
    """What is known of a file besides its bytes."""

    branches: Branches = ()
    #: Date of its last commit, where the site asks for it.
    committed: datetime | None = None
    #: Where its references to other articles lead: reference as it is written -> absolute address; nothing while nobody
    #: knows. ``Article.references`` tells which there are.
    known: Mapping[str, str] = field(default_factory=dict)


NOTHING = Inheritance()


class Reading(Struct, frozen=True, kw_only=True):
    """What came of a file: an article, or at least one ERROR that says why there is none."""

    article: Article | None
    problems: tuple[Problem, ...]
    #: BLAKE2b-128 of the file's bytes, in hex; empty when they were not read.
    digest: str


def digest_of(file: FileStat) -> str:
    """The digest that ``read_article`` would give; empty for a file that it would not read."""
    try:
        return _digest(read_bytes(file.absolute))
    except (OSError, ValueError):
        return ""


def read_article(
    file: FileStat, path: str, root: ContentRoot, site: SiteFacts, inherits: Inheritance = NOTHING
) -> Reading:
    """Read one file. Never raises for what it holds or for its being gone; ``path`` is its article path."""
    try:
        data = read_bytes(file.absolute)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        return _unread(Problem(path=path, what="file", why=why, fix="make it readable"))
    except ValueError as error:
        return _unread(Problem(path=path, what="file", why=str(error), fix="split it, or move it elsewhere"))
    try:
        # Loaded with the first article (0.15 s): a run that finds none changed only asks for digests.
        from feeds.content.reader import Reader  # noqa: PLC0415 - see above

        article, problems = Reader(file, path, root, site, inherits).read(data)
    except Exception as error:  # noqa: BLE001 - a fault of ours must cost this article only, and be told
        problem = Problem(path=path, what="reading", why=f"failed: {error!r}", fix="please report this file")
        article, problems = None, [problem]
    problems.sort(key=lambda problem: problem.line or 0)
    return Reading(article=article, problems=tuple(problems), digest=_digest(data))


def read_bytes(absolute: str) -> bytes:
    """The bytes of a file.

    Raises :
        OSError: it cannot be read.
        ValueError: it is too large to be an article.
    """
    with open(absolute, "rb", buffering=0) as opened:  # noqa: PTH123 - Path takes half as long again
        if os.fstat(opened.fileno()).st_size > MAX_ARTICLE_BYTES:
            raise ValueError(f"it is larger than {MAX_ARTICLE_BYTES >> 20} MiB")
        return opened.read()


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _unread(problem: Problem) -> Reading:
    return Reading(article=None, problems=(problem,), digest="")
