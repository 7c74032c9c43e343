"""Read every article and say what is wrong with it, without writing anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from feeds.content.articles import read_article
from feeds.content.files import scan
from feeds.model import Article, Citation, Problem, Scope, Severity
from feeds.publish.select import distinguish_id, mint_id, named_iri, with_terms
from feeds.publish.terms import Term, TermFinder, display_name, terms_of
from feeds.rebuild.identity import same_address, same_id
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

    @property
    def errors(self) -> int:
        """How many problems keep something from being published."""
        return sum(problem.severity is Severity.ERROR for problem in self.problems)


def check_site(site: Site, store: Store | None, *, progress: Progress) -> Findings:
    """Read everything. Ids are those of the store, where it knows the article; otherwise those that it would get."""
    files, found, *_ = scan(site.roots)
    problems, articles = list(found), []
    for done, (path, file) in enumerate(files.items(), 1):
        reading = read_article(file, path, site.roots[file.root], site.facts)
        problems += reading.problems
        if reading.article is not None:
            articles.append(reading.article)
        progress("articles", done, len(files))
    articles, said = _with_terms(site, articles)
    pairs, clashes = _with_ids(site, articles, _known_ids(store))
    problems += [*said, *clashes]
    problems.sort(key=lambda problem: (problem.path, problem.line or 0))
    return Findings(problems=tuple(problems), articles=tuple(pairs))


def _known_ids(store: Store | None) -> dict[str, str]:
    if store is None:
        return {}
    with store.snapshot() as connection:
        return article_rows.all_uids(connection)


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
        uid = named_iri(article) or known.get(article.path) or mint_id(site.publication, article)
        if uid in taken:
            problems.append(_clash(article, uid, taken[uid]))
            uid = distinguish_id(uid, article.path)
        taken[uid] = article.path
        pairs.append((article, uid))
    return pairs, problems


def _clash(article: Article, uid: str, other: str) -> Problem:
    if article.named_id:
        return same_id(article.path, uid, other)
    return same_address(article.path, article.url, other)


def article_values(article: Article, uid: str) -> dict[str, Any]:
    """An article as JSON-ready values."""
    return {
        "path": article.path,
        "id": uid,
        "url": article.url,
        "title": article.title,
        "published": article.published.isoformat(),
        "updated": article.updated.isoformat(),
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
