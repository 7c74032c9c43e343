"""Make one article ready to publish: read it, find its terms, render its entry once in each format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds.content.articles import NOTHING, read_article
from feeds.errors import PublishError
from feeds.model import Article, Met, Problem, Scope, Severity
from feeds.publish import select
from feeds.publish.cited import SourceBook
from feeds.publish.render import check_item, render_fragments
from feeds.publish.terms import Term, fold, terms_of, unlisted_topics
from feeds.rebuild.likeness import FRONT_MATTER, sketch_of
from feeds.rebuild.moments import as_of, said_of_moments
from feeds.rebuild.values import Card, Job, Plan, Prepared, Site
from feeds.store.packs import PackWriter

if TYPE_CHECKING:
    from feeds.meet.pieces import PieceCutter
    from feeds.store.feed_rows import Place, Topic


class Preparer:
    """Prepares articles; holds what is worth making once for all of them."""

    def __init__(self, plan: Plan, packs: PackWriter) -> None:
        self._site = plan.site
        self._now = plan.now
        self._packs = packs
        self._withdrawals = plan.withdrawals
        self._book = SourceBook(plan.site.sources)
        self._cutter = _cutter(plan.site.words) if plan.wants_pieces else None

    def prepare(self, job: Job) -> Prepared:
        """Never raises for what a file holds; what is wrong with it is in ``problems``."""
        root = self._site.roots[job.file.root]
        inherits = replace(job.inherits or NOTHING, known=job.known)
        reading = read_article(job.file, job.path, root, self._site.facts, inherits)
        if reading.article is None:
            return Prepared(path=job.path, digest=reading.digest, problems=tuple(reading.problems))
        try:
            card, problems = self._card(job, reading.article)
        except PublishError as error:
            return Prepared(
                path=job.path, digest=reading.digest, problems=(*reading.problems, _refused(job.path, error))
            )
        return Prepared(path=job.path, digest=reading.digest, problems=(*reading.problems, *problems), card=card)

    def prepare_all(self, jobs: Sequence[Job]) -> list[Prepared]:
        """Prepare a batch; its entries can be read by others afterwards."""
        prepared = [self.prepare(job) for job in jobs]
        self._packs.flush()
        return prepared

    def _card(self, job: Job, as_read: Article) -> tuple[Card, list[Problem]]:
        site = self._site
        article = as_of(as_read, self._now)
        terms = terms_of(article.tags, article.topics, site.rules) if job.inferred is None else job.inferred
        verbatim = select.named_iri(article)
        minted = verbatim or select.mint_id(site.publication, article)
        uid = verbatim or job.uid or minted
        revived = max(filter(None, (job.revived, self._withdrawals.get(uid))), default=None)
        edition = site.publication.own_edition(article.edition)
        own = site.publication.of(edition)
        item = select.make_item(own, article, terms, uid=uid, revived=revived, met=job.met)
        stored = None
        if not article.draft:
            fragments = render_fragments(item, site.publication.filenames)
            check_item(fragments)
            stored = self._packs.append(list(fragments.values()))
        wants_terms = article.termless and site.infer_terms and job.inferred is None
        card = Card(
            uid=uid,
            named_id=article.named_id,
            is_id_verbatim=verbatim is not None,
            url=article.url,
            title=article.title,
            published=article.published,
            updated=item.updated,
            appears=article.appears,
            expires=article.expires,
            renews=None if article is as_read or article.draft else as_read.updated,
            draft=article.draft,
            revived=revived,
            termless=article.termless and site.infer_terms,
            edition=edition,
            terms=memberships(site, self._book, article, terms, job.met),
            named=own_terms(site, article, terms) if job.inferred is None else {},
            stored=stored,
            text=(article.title, article.text) if wants_terms else None,
            references=article.references,
            piece=self._cutter.cut(article) if self._cutter else None,
            minted=minted,
            is_dated=article.date_from == FRONT_MATTER,
            sketch=sketch_of(article.html),
        )
        return card, [*said_of_moments(as_read, self._now), *said_of_terms(site, article, job.inferred)]


def _cutter(words: Mapping[str, tuple[str, ...]]) -> PieceCutter:
    from feeds.meet.pieces import PieceCutter  # noqa: PLC0415 (0.1 s, only where sources are polled)

    return PieceCutter(words)


def memberships(
    site: Site, book: SourceBook, article: Article, terms: Sequence[Term], met: Sequence[Met] = ()
) -> tuple[Place, ...]:
    """Every feed that holds the article; all are of its own language."""
    named = {*book.cited_by(article.citations), *(one.source for one in met)}
    sources = [spec.name for spec in site.sources if spec.name in named] if named else []
    found = [(str(Scope.SITE), "", "")]
    found += [(str(term.scope), term.key, term.spelling) for term in terms]
    found += [(str(Scope.SOURCE), fold(name), name) for name in sources]
    if site.combined:
        facts = _facts(article, terms, sources)
        found += [(str(Scope.COMBINED), fold(c.name), c.name) for c in site.combined if c.where.matches(facts, fold)]
    edition = site.publication.own_edition(article.edition)
    return tuple((edition, *term) for term in found)


def own_terms(site: Site, article: Article, terms: Sequence[Term]) -> dict[Topic, str]:
    """Which term of the site's generator each of the terms is, by its feed; those that are none are missing."""
    if site.term_pages is None or not terms:
        return {}
    edition = site.publication.own_edition(article.edition)
    keys = {
        Scope.TAG: dict(zip(article.tags, article.tag_keys, strict=False)),
        Scope.TOPIC: dict(zip(article.topics, article.topic_keys, strict=False)),
    }
    found = ((term, site.term_pages.named(keys[term.scope].get(term.label, ""), term.label)) for term in terms)
    return {(edition, str(term.scope), term.key): named for term, named in found if named}


def _facts(article: Article, terms: Sequence[Term], sources: Sequence[str]) -> dict[str, list[str]]:
    """What a condition may ask for, by field."""
    return {
        "tag": [term.spelling for term in terms if term.scope is Scope.TAG],
        "topic": [term.spelling for term in terms if term.scope is Scope.TOPIC],
        "source": list(sources),
        "section": [article.section],
        "author": [person.name for person in article.authors],
        "language": [article.language],
        "title": [article.title],
    }


def said_of_terms(site: Site, article: Article, inferred: Sequence[Term] | None) -> list[Problem]:
    """What an author wants to know of the terms: inferred ones, and topics outside the closed list."""
    said = [
        _note(article.path, Severity.WARNING, "topics", f"{topic!r} is not in the list of topics of sources.yaml")
        for topic in unlisted_topics(article.topics, site.rules)
    ]
    if inferred:
        names = "、".join(term.spelling for term in inferred)
        said.append(_note(article.path, Severity.NOTE, "tags", f"names none; inferred from its text: {names}"))
    return said


def _note(path: str, severity: Severity, what: str, why: str) -> Problem:
    return Problem(path=path, severity=severity, what=what, why=why)


def _refused(path: str, error: PublishError) -> Problem:
    return Problem(path=path, what="rendering", why=str(error), fix="please report this: no text should do that")
