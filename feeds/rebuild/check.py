"""Read every article and say what is wrong with it, without writing anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from feeds.content.articles import read_article
from feeds.content.files import scan
from feeds.model import Article, Citation, Problem, Scope, Severity
from feeds.publish.select import distinguish_id, mint_id, named_iri, with_terms
from feeds.publish.terms import Term, TermFinder, display_name, terms_of
from feeds.rebuild.identity import same_address, same_id
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
    )


def read_site(site: Site, store: Store | None, *, progress: Progress) -> Findings:
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
    return Findings(problems=tuple(sorted(problems, key=_place)), articles=tuple(pairs))


def _place(problem: Problem) -> tuple[str, int]:
    return problem.path, problem.line or 0


def _shared_addresses(articles: Iterable[Article]) -> list[Problem]:
    """A warning for each article whose address another one has."""
    first: dict[str, Article] = {}
    owners = [(first.setdefault(one.url.rstrip("/"), one), one) for one in sorted(articles, key=lambda one: one.path)]
    return [same_address(one.path, owner.url, owner.path) for owner, one in owners if owner is not one]


def _known_ids(store: Store | None) -> dict[str, str]:
    if store is None:
        return {}
    with store.snapshot() as connection:
        return article_rows.all_uids(connection)


def _with_terms(site: Site, articles: Sequence[Article]) -> tuple[list[Article], list[Problem]]:
    """Terms inferred where an article names none, and what is to be said of the terms of all."""
    named = [(article, terms_of(article.tags, article.topics, site.rules)) for article in articles]
    finder = TermFinder(_vocabulary(terms for article, terms in named if not article.termless))
    result, said = [], []
    for article, _ in named:
        is_inferred = article.termless and site.infer_terms
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
            problems += [same_id(article.path, uid, taken[uid])] if article.named_id else []
            uid = distinguish_id(uid, article.path)
        taken[uid] = article.path
        pairs.append((article, uid))
    return pairs, problems


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
