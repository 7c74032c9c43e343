"""Audit every citation of every article against what the sources' own feeds, and the pages themselves, say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection

from feeds.audit.claims import compare
from feeds.audit.fixes import corrected_line
from feeds.audit.report import audit_article, audit_site
from feeds.audit.values import Coverage, Field, Finding, Level, Said, Verdict
from feeds.match.keys import cited_ids, pages_of, story_ids
from feeds.match.values import Rule, story_of_entry
from feeds.meet.links import LinkRound, SeenPage, seen_pages
from feeds.model import Article, Citation, SourceSpec
from feeds.polled import Entry
from feeds.publish.cited import SourceBook
from feeds.store import article_rows, entry_rows, match_rows
from feeds.store.entry_rows import KeyedEntry
from feeds.store.match_rows import MetRow
from feeds.urls import canonical

_entry = msgspec.json.Decoder(Entry)


class Audited(Struct, frozen=True, kw_only=True):
    """The audit of a site."""

    #: By path, then line.
    findings: tuple[Finding, ...]
    #: The footnote as it should be, of the findings that can be corrected.
    corrections: Mapping[Finding, str]
    #: What looking for the cited pages did just before; None when nobody looked.
    links: LinkRound | None = None

    def count(self, verdict: Verdict) -> int:
        """Citations with this verdict."""
        return sum(finding.verdict is verdict for finding in self.findings)

    @property
    def has_errors(self) -> bool:
        """Whether something cannot be so."""
        return any(finding.level is Level.ERROR for finding in self.findings)


def audit(articles: Sequence[Article], specs: Sequence[SourceSpec], connection: Connection | None) -> Audited:
    """Audit all citations; without a state only by what needs no source."""
    known = _read(articles, specs, connection) if connection else _Known()
    shared = audit_site(articles)
    book = SourceBook(specs)
    findings: list[Finding] = []
    corrections: dict[Finding, str] = {}
    for article in sorted(articles, key=lambda one: one.path):
        said = dict(_said(article, known))
        coverage = {n: _coverage(book, citation, known.reach) for n, citation in enumerate(article.citations)}
        found = audit_article(
            article,
            said=said,
            coverage=coverage,
            links=known.pages,
            shared=shared.get(article.path, {}),
            undefined=article.undefined,
            repeated=article.repeated,
        )
        findings += found
        corrections |= _corrections(article, found, said)
    return Audited(findings=tuple(findings), corrections=corrections)


# -- what is known -----------------------------------------------------------------------------------------------------


class _Met(Struct, frozen=True):
    """An entry that a citation met otherwise than by its address."""

    rule: str
    entry: Entry
    said: Said


class _Known(Struct, frozen=True, kw_only=True):
    """All that the state knows of what the articles cite."""

    #: Key of a page -> what the source's feed says of it.
    entries: Mapping[str, Said] = field(default_factory=dict)
    #: Name of a source -> the date of its oldest entry.
    reach: Mapping[str, datetime] = field(default_factory=dict)
    #: Key of a page -> what looking for it has shown.
    pages: Mapping[str, SeenPage] = field(default_factory=dict)
    #: Path of an article, index of its citation -> the entries that it met by title or known id.
    met: Mapping[tuple[str, int], Sequence[_Met]] = field(default_factory=dict)
    #: Path of an article -> keys of pages of which a person has said that it does not cite them.
    denied: Mapping[str, Collection[str]] = field(default_factory=dict)


def _read(articles: Sequence[Article], specs: Sequence[SourceSpec], connection: Connection) -> _Known:
    keys = {citation.key for article in articles for citation in article.citations if citation.key}
    aliases = {spec.name: spec.aliases for spec in specs}
    paths = {known.id: path for path, known in article_rows.known_files(connection).items()}
    entries = entry_rows.entries_by_keys(connection, keys)
    return _Known(
        entries={key: _said_of(row, aliases.get(row.source, ())) for key, row in entries.items()},
        reach=entry_rows.reach(connection),
        pages=seen_pages(connection, keys),
        met=_read_met(connection, specs, paths),
        denied=_read_denied(connection, paths),
    )


#: By its address a citation is looked up anew.
_BY_OTHER_THAN_PAGE = frozenset({str(Rule.TITLE), str(Rule.IDENTITY)})


def _read_met(
    connection: Connection, specs: Iterable[SourceSpec], paths: Mapping[int, str]
) -> dict[tuple[str, int], list[_Met]]:
    rows = [row for row in match_rows.published(connection) if row.rule in _BY_OTHER_THAN_PAGE]
    past = entry_rows.past_of(connection, {row.entry_id for row in rows})
    sources = {url: spec for spec in specs for url in spec.feeds}
    found: dict[tuple[str, int], list[_Met]] = {}
    for row in rows:
        spec, path = sources.get(row.feed), paths.get(row.article_id)
        if spec is not None and path is not None and row.citation is not None:
            titles = tuple(title for title, _ in past.get(row.entry_id, ()))
            found.setdefault((path, row.citation), []).append(_met_of(row, spec, titles))
    return found


def _met_of(row: MetRow, spec: SourceSpec, past_titles: tuple[str, ...]) -> _Met:
    keyed = KeyedEntry(source=spec.name, said=row.said, past_titles=past_titles)
    said = replace(_said_of(keyed, spec.aliases), is_by_title=row.rule == Rule.TITLE)
    return _Met(row.rule, _entry.decode(row.said), said)


def _read_denied(connection: Connection, paths: Mapping[int, str]) -> dict[str, set[str]]:
    verdicts = match_rows.verdicts(connection)
    pairs = [pair for pair, word in verdicts.items() if word == match_rows.DENIED]
    keys = {
        stored.id: {*pages_of(_addresses(_entry.decode(stored.said))), *pages_of(url for _, url in stored.past if url)}
        for stored in match_rows.stored_entries(connection, {entry_id for entry_id, _ in pairs})
    }
    found: dict[str, set[str]] = {}
    for entry_id, article_id in pairs:
        if article_id in paths:
            found.setdefault(paths[article_id], set()).update(keys.get(entry_id, ()))
    return found


def _addresses(entry: Entry) -> tuple[str, ...]:
    return (*((entry.url,) if entry.url else ()), *entry.links)


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


# -- one article -------------------------------------------------------------------------------------------------------


def _said(article: Article, known: _Known) -> Iterator[tuple[int, Said]]:
    """Index of a citation, and what the source's feed says of its page: by its address, else by title or known id."""
    denied = known.denied.get(article.path, ())
    for number, citation in enumerate(article.citations):
        at_address = known.entries.get(citation.key or "") if citation.key not in denied else None
        met = known.met.get((article.path, number), ())
        # The article may have been edited since it was matched: then another citation stands in the place.
        by_title = next((one.said for one in met if _still_holds(citation, one)), None)
        if at_address is not None and (by_title is None or not _is_other_title(citation, at_address)):
            yield number, at_address
        elif by_title is not None:
            yield number, _placed(citation, by_title, at_address, known.pages)


def _still_holds(citation: Citation, met: _Met) -> bool:
    if met.rule == Rule.TITLE:
        return bool(citation.title) and not _is_other_title(citation, met.said)
    story = story_of_entry(met.entry)
    return not set(cited_ids(citation)).isdisjoint(story_ids(story, pages_of(story.urls)))


def _is_other_title(citation: Citation, said: Said) -> bool:
    return any(found.field is Field.TITLE and found.is_contradiction for found in compare(citation, said))


def _placed(citation: Citation, said: Said, at_address: Said | None, pages: Mapping[str, SeenPage]) -> Said:
    """What is known of the cited address beside: another story stands there, or it leads to the right page."""
    page = pages.get(citation.key or "")
    if said.url and page and page.moved_to and canonical(page.moved_to) == canonical(said.url):
        return replace(said, is_by_title=False)
    return replace(said, elsewhere=at_address.titles[0]) if said.is_by_title and at_address else said


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
