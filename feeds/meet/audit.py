"""Audit every citation of every article against what the sources' own feeds say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection

from feeds.audit.fixes import corrected_line
from feeds.audit.report import audit_article, audit_site
from feeds.audit.values import Coverage, Finding, Level, Said, Verdict
from feeds.model import Article, Citation, SourceSpec
from feeds.polled import Entry
from feeds.publish.cited import SourceBook
from feeds.store import entry_rows
from feeds.store.entry_rows import KeyedEntry

_entry = msgspec.json.Decoder(Entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The audit of a site."""

    #: By path, then line.
    findings: tuple[Finding, ...]
    #: The footnote as it should be, of the findings that can be corrected.
    corrections: Mapping[Finding, str]

    def count(self, verdict: Verdict) -> int:
        """Citations with this verdict."""
        return sum(finding.verdict is verdict for finding in self.findings)

    @property
    def has_errors(self) -> bool:
        """Whether something cannot be so."""
        return any(finding.level is Level.ERROR for finding in self.findings)


def audit(articles: Sequence[Article], specs: Sequence[SourceSpec], connection: Connection | None) -> Audited:
    """Audit all citations; without a state only by what needs no source."""
    keys = {citation.key for article in articles for citation in article.citations if citation.key}
    entries = entry_rows.entries_by_keys(connection, keys) if connection else {}
    reach = entry_rows.reach(connection) if connection else {}
    shared = audit_site(articles)
    aliases = {spec.name: spec.aliases for spec in specs}
    book = SourceBook(specs)
    findings: list[Finding] = []
    corrections: dict[Finding, str] = {}
    for article in sorted(articles, key=lambda one: one.path):
        said = _said(article.citations, entries, aliases)
        coverage = {n: _coverage(book, citation, reach) for n, citation in enumerate(article.citations)}
        found = audit_article(article, said=said, coverage=coverage, shared=shared.get(article.path, {}))
        findings += found
        corrections |= _corrections(article, found, said)
    return Audited(findings=tuple(findings), corrections=corrections)


def _said(
    citations: Sequence[Citation], entries: Mapping[str, KeyedEntry], aliases: Mapping[str, tuple[str, ...]]
) -> dict[int, Said]:
    """Index of a citation -> what the source's feed says of its page."""
    found = {}
    for number, citation in enumerate(citations):
        row = entries.get(citation.key or "")
        if row is not None:
            found[number] = _said_of(row, aliases.get(row.source, ()))
    return found


def _said_of(row: KeyedEntry, aliases: tuple[str, ...]) -> Said:
    entry = _entry.decode(row.said)
    return Said(
        titles=tuple(title for title in dict.fromkeys((entry.title, *row.past_titles)) if title),
        url=entry.url,
        authors=tuple(person.name for person in entry.authors),
        published=entry.published,
        source=row.source,
        aliases=aliases,
    )


def _coverage(book: SourceBook, citation: Citation, reach: Mapping[str, datetime]) -> Coverage:
    names = book.cited_by([citation])
    if not names:
        return Coverage()
    since: date | None = min((reach[name].date() for name in names if name in reach), default=None)
    return Coverage(source=names[0], is_polled=since is not None, since=since)


def _corrections(article: Article, findings: Iterable[Finding], said: Mapping[int, Said]) -> dict[Finding, str]:
    by_citation = {id(citation): number for number, citation in enumerate(article.citations)}
    lines = {}
    for finding in findings:
        if finding.citation is None or finding.verdict is not Verdict.CONTRADICTED:
            continue
        truth = said.get(by_citation[id(finding.citation)])
        line = corrected_line(finding.citation, truth, written=article.published.date()) if truth else None
        if line is not None:
            lines[finding] = line
    return lines
