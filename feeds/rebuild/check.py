"""Read every article and say what is wrong with it, without writing anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from feeds.content.articles import Reading, read_article
from feeds.content.files import FileStat, scan
from feeds.content.references import KnownPage, PageIndex
from feeds.model import NOWHERE, UNDATED, Article, Citation, Problem, Scope, Severity
from feeds.publish.select import distinguish_id, mint_id, named_iri, with_terms
from feeds.publish.terms import Term, TermFinder, display_name, terms_of
from feeds.rebuild.addresses import same_address
from feeds.rebuild.article_ids import recognise, same_id, same_name
from feeds.rebuild.inheritance import Inheritances, read_inheritances
from feeds.rebuild.likeness import face_of_article
from feeds.rebuild.moments import as_of, is_public, said_of_moments
from feeds.rebuild.prepare import said_of_terms
from feeds.rebuild.run import Progress
from feeds.rebuild.values import Site
from feeds.store import article_rows
from feeds.store.sql import Store


class Findings(Struct, frozen=True, kw_only=True):
    """What a check found."""

    #: In the order of paths and lines.
    problems: tuple[Problem, ...]
    #: (article, its id), in the order of paths.
    articles: tuple[tuple[Article, str], ...]
    #: (path, why) of what looks like an article and was not read.
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def errors(self) -> int:
        """How many problems keep something from being published."""
        return sum(problem.severity is Severity.ERROR for problem in self.problems)


def check_site(site: Site, store: Store | None, *, now: datetime, progress: Progress) -> Findings:
    """Read everything, and say what is wrong with it at the moment ``now``."""
    found = read_site(site, store, progress=progress)
    said = [problem for article, _ in found.articles for problem in said_of_moments(article, now)]
    said += _shared_addresses([article for article, _ in found.articles if is_public(article, now)])
    return Findings(
        problems=tuple(sorted([*found.problems, *said], key=_place)),
        articles=tuple((as_of(article, now), uid) for article, uid in found.articles),
        unread=found.unread,
    )


def read_site(site: Site, store: Store | None, *, progress: Progress) -> Findings:
    """Read everything. Ids are those of the store, where it knows the article; otherwise those that it would get."""
    scanned = scan(site.roots)
    files, found = scanned.files, scanned.problems
    inheritances = read_inheritances(site, scanned)
    readings: dict[str, Reading] = {}
    for done, (path, file) in enumerate(files.items(), 1):
        readings[path] = read_article(file, path, site.roots[file.root], site.facts, inheritances.of(path, file))
        progress("articles", done, len(files))
    _link(site, files, readings, inheritances)
    digests = {path: reading.digest for path, reading in readings.items()}
    problems = [*found, *inheritances.problems]
    problems += [problem for reading in readings.values() for problem in reading.problems]
    articles = [reading.article for reading in readings.values() if reading.article is not None]
    articles, said = _with_terms(site, articles)
    pairs, clashes = _with_ids(site, articles, _known_ids(site, store, articles, digests))
    problems += [*said, *clashes]
    return Findings(problems=tuple(sorted(problems, key=_place)), articles=tuple(pairs), unread=scanned.unread)


def _place(problem: Problem) -> tuple[str, int]:
    return problem.path, problem.line or 0


def _shared_addresses(articles: Iterable[Article]) -> list[Problem]:
    """A warning for each article whose address another one has."""
    first: dict[str, Article] = {}
    owners = [(first.setdefault(one.url.rstrip("/"), one), one) for one in sorted(articles, key=lambda one: one.path)]
    return [same_address(one.path, owner.url, owner.path) for owner, one in owners if owner is not one]


def _link(site: Site, files: Mapping[str, FileStat], readings: dict[str, Reading], inheritances: Inheritances) -> None:
    """Read again the articles that refer to others, now that these are known."""
    articles = [reading.article for reading in readings.values() if reading.article is not None]
    asking = [article for article in articles if article.references]
    if not asking:
        return
    pages = (KnownPage(article.path, article.url, article.title) for article in articles if not article.draft)
    index = PageIndex(pages, (root.name for root in site.roots))
    for article in asking:
        known = index.answers((reference for reference, _ in article.references), article.path)
        file = files[article.path]
        inherits = replace(inheritances.of(article.path, file), known=known)
        readings[article.path] = read_article(file, article.path, site.roots[file.root], site.facts, inherits)


def _known_ids(
    site: Site, store: Store | None, articles: Sequence[Article], digests: Mapping[str, str]
) -> dict[str, str]:
    """Path -> the id that the store has for the article, wherever its file was when it was last read."""
    if store is None:
        return {}
    faces = (face_of_article(one, digests[one.path], _new_id(site, one)) for one in articles)
    with store.snapshot() as connection:
        rows = article_rows.all_rows(connection)
        found = recognise(faces, rows, partial(article_rows.former_articles, connection))
    return {path: row.uid for path, row in found.rows.items() if row.uid} | found.former


def _with_terms(site: Site, articles: Sequence[Article]) -> tuple[list[Article], list[Problem]]:
    """Terms inferred where an article names none, and what is to be said of the terms of all."""
    named = [(article, terms_of(article.tags, article.topics, site.rules)) for article in articles]
    finders: dict[str, TermFinder] = {}
    for edition in site.publication.editions or ("",):
        own = (pair for pair in named if site.publication.own_edition(pair[0].edition) == edition)
        finders[edition] = TermFinder(_vocabulary(terms for article, terms in own if not article.termless))
    result, said = [], []
    for article, _ in named:
        is_inferred = article.termless and site.infer_terms
        finder = finders[site.publication.own_edition(article.edition)]
        inferred = finder.find(article.title, article.text) if is_inferred else None
        result.append(with_terms(article, inferred) if inferred else article)
        said += said_of_terms(site, article, inferred)
    return result, said


def _vocabulary(terms: Iterable[Sequence[Term]]) -> list[tuple[Scope, str, str]]:
    spellings: dict[tuple[Scope, str], dict[str, int]] = {}
    for some in terms:
        for term in some:
            counts = spellings.setdefault((term.scope, term.key), {})
            counts[term.spelling] = counts.get(term.spelling, 0) + 1
    return [(scope, key, display_name(counts)) for (scope, key), counts in spellings.items()]


def _with_ids(
    site: Site, articles: Sequence[Article], known: dict[str, str]
) -> tuple[list[tuple[Article, str]], list[Problem]]:
    taken: dict[str, str] = {}
    pairs, problems = [], []
    for article in articles:
        uid = named_iri(article) or known.get(article.path) or _new_id(site, article)
        if uid in taken:
            problems += _said_of_id(article, uid, taken[uid])
            uid = distinguish_id(uid, article.path)
        taken[uid] = article.path
        pairs.append((article, uid))
    return pairs, problems


def _new_id(site: Site, article: Article) -> str:
    return named_iri(article) or mint_id(site.publication, article)


def _said_of_id(article: Article, uid: str, other: str) -> list[Problem]:
    if named_iri(article):
        return [same_id(article.path, uid, other)]
    return [same_name(article.path, article.named_id, other)] if article.named_id else []


def article_values(article: Article, uid: str) -> dict[str, Any]:
    """An article as JSON-ready values."""
    return {
        "path": article.path,
        "id": uid,
        "url": article.url,
        "title": article.title,
        "published": article.published.isoformat() if article.date_from != NOWHERE else None,
        "updated": article.updated.isoformat() if article.updated > UNDATED else None,
        "date_from": article.date_from,
        "draft": article.draft,
        "expires": article.expires.isoformat() if article.expires else None,
        "language": article.language,
        "tags": list(article.tags),
        "topics": list(article.topics),
        "citations": [citation_values(citation) for citation in article.citations],
    }


def citation_values(citation: Citation) -> dict[str, Any]:
    """A citation as JSON-ready values."""
    names = "label kind line title url key publisher author published accessed referenced raw".split()  # noqa: SIM905 (reads as a list)
    return {name: getattr(citation, name) for name in names}


#: So many paths are named for one reason.
_NAMED = 3


def unread_lines(unread: Sequence[tuple[str, str]]) -> list[str]:
    """What looks like an article and was not read, for people: how many files, and for each reason some of them."""
    if not unread:
        return []
    reasons: dict[str, list[str]] = {}
    for path, why in unread:
        reasons.setdefault(why, []).append(path)
    are = "file looks like an article and was" if len(unread) == 1 else "files look like articles and were"
    lines = [f"{len(unread):,} {are} not read:"]
    for why, paths in sorted(reasons.items(), key=lambda pair: -len(pair[1])):
        more = f" and {len(paths) - _NAMED:,} more" if len(paths) > _NAMED else ""
        lines.append(f"  {why}: {', '.join(paths[:_NAMED])}{more}")
    return lines
