"""The values of the road: what a run is told, what it prepares of an article, what the store keeps of it.

Only values, and none of what works with them, so that a run without work loads nothing of that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from feeds.model import Scope
from feeds.publish.select import FeedSpec

if TYPE_CHECKING:
    from sqlalchemy import Row

    from feeds.content.articles import Inheritance, SiteFacts
    from feeds.content.files import ContentRoot, FileStat
    from feeds.model import Met, Problem, SourceSpec
    from feeds.publish.select import Publication
    from feeds.publish.terms import Term, TermRules
    from feeds.sites.term_pages import TermPages
    from feeds.store.feed_rows import Place, Topic
    from feeds.store.packs import Stored
    from feeds.where import Where


class CombinedFeed(Struct, frozen=True, kw_only=True):
    """A feed that sources.yaml defines by a condition."""

    name: str
    slug: str
    where: Where


class Site(Struct, frozen=True, kw_only=True):
    """What sources.yaml says, unpacked: all that the road needs to know."""

    #: Folder of sources.yaml.
    folder: str
    roots: tuple[ContentRoot, ...]
    #: Absolute paths of the generator's configuration, which is read with sources.yaml.
    configuration: tuple[str, ...] = ()
    facts: SiteFacts
    publication: Publication
    rules: TermRules
    sources: tuple[SourceSpec, ...] = ()
    combined: tuple[CombinedFeed, ...] = ()
    #: (scope, key) -> slug, where sources.yaml names one.
    slugs: Mapping[tuple[str, str], str] = field(default_factory=dict)
    #: Which entries of sources stand in feeds of a scope: ``matched`` or ``all``; scopes that take none are missing.
    entries: Mapping[Scope, str] = field(default_factory=dict)
    #: The pages that the site's generator makes of tags and topics; None where there is none.
    term_pages: TermPages | None = None
    #: Which of the editor's feeds are written.
    editor: frozenset[Scope] = frozenset()
    #: Names and terms with their other names, as sources.yaml has them: what matching knows beside its own list.
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: The editor's pages are made from what is kept of articles for matching.
    has_desk: bool = False
    infer_terms: bool = True
    min_articles: int = 1
    output: str
    packs: str
    #: Hash of every setting that shapes the output.
    fingerprint: str


class Job(Struct, frozen=True, kw_only=True):
    """One file to prepare, with what the store knows of it."""

    path: str
    file: FileStat
    #: What is known of it besides its bytes.
    inherits: Inheritance | None = None
    #: The id that it has already; None for a file seen for the first time.
    uid: str | None = None
    #: When it was last withdrawn, if it was.
    revived: datetime | None = None
    #: Terms inferred for it; None while nobody has looked.
    inferred: tuple[Term, ...] | None = None
    #: What the sources' own feeds say of what it cites or covers.
    met: tuple[Met, ...] = ()
    #: Where its references to other articles lead.
    known: Mapping[str, str] = field(default_factory=dict)


class Prepared(Struct, frozen=True, kw_only=True):
    """What came of a Job: plain values, small enough to travel between processes by the thousand."""

    path: str
    digest: str
    problems: tuple[Problem, ...] = ()
    #: None when the article is quarantined; ``problems`` says why.
    card: Card | None = None


class Card(Struct, frozen=True, kw_only=True):
    """What the store keeps of a readable article."""

    uid: str
    named_id: str | None
    #: ``named_id`` is an IRI of its own, so it is the uid, now and ever.
    is_id_verbatim: bool
    url: str
    title: str
    published: datetime
    updated: datetime
    appears: datetime
    expires: datetime | None
    #: When the modification is reached that it claims, if that lies in the future.
    renews: datetime | None
    draft: bool
    revived: datetime | None
    termless: bool
    #: Key of the language that it is in, on a site of several.
    edition: str = ""
    #: Every feed that it belongs to while it is live.
    terms: tuple[Place, ...]
    #: Those of its feeds that are a term of the site's generator: which one.
    named: Mapping[Topic, str] = field(default_factory=dict)
    #: None for a draft, which is not rendered.
    stored: Stored | None
    #: Title and text of an article whose terms are to be inferred; None for all others.
    text: tuple[str, str] | None = None
    #: Other articles that it refers to, and where these references lead in what was rendered.
    references: tuple[tuple[str, str | None], ...] = ()
    #: What matching needs of it, as the store keeps it (said, imprint); None while no source was ever polled.
    piece: tuple[str, bytes] | None = None
    #: The id that it would get if it were new.
    minted: str
    #: The front matter has its date.
    is_dated: bool
    #: What its text is recognised by (``likeness.sketch_of``).
    sketch: bytes


class Plan(Struct, frozen=True):
    """What every worker is told at its start."""

    site: Site
    #: The moment of the run.
    now: datetime
    generation: int
    withdrawals: Mapping[str, datetime]
    is_dry: bool
    is_full: bool
    #: Entries of sources are there, or may be matched later: keep what matching needs of each article.
    wants_pieces: bool


def spec_of(row: Row[Any]) -> FeedSpec:
    """A row of the feed table as the publisher sees it."""
    return FeedSpec(Scope(row.scope), row.key, row.title or row.name, row.slug, row.edition, row.home)


def problem_values(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON-ready values."""
    return [
        {
            "path": problem.path,
            "line": problem.line,
            "severity": str(problem.severity),
            "what": problem.what,
            "why": problem.why,
            "fix": problem.fix,
        }
        for problem in problems
    ]
