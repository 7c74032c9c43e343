"""What audit.html shows, from the state alone: no article is read for it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from feeds.audit.values import RULES, Difference, Finding, Rule
from feeds.desk.values import Audit, Became, Cited, Compared, Noted, Page, Suggested, Uncovered
from feeds.match import Standing
from feeds.meet.audit import audit
from feeds.meet.gaps import Desk, find_gaps
from feeds.meet.pieces import Followed, followed, read_entry
from feeds.model import Article, Citation, SourceSpec
from feeds.publish.cited import SourceBook
from feeds.store import adopt_rows, change_rows, desk_rows, match_rows
from feeds.store.adopt_rows import PageChange
from feeds.store.change_rows import EntryChange
from feeds.store.match_rows import MatchedPair
from feeds.urls import host_of


class _Kept(Struct, frozen=True, kw_only=True):
    """What an audit needs of a piece (match/values.py, Piece)."""

    citations: tuple[Citation, ...] = ()
    undefined: tuple[tuple[str, int], ...] = ()
    repeated: tuple[tuple[str, int], ...] = ()
    guessed_date: bool = False


_kept = msgspec.json.Decoder(_Kept)


def articles_of_pieces(connection: Connection) -> list[Article]:
    """Articles as far as the state has kept them: without text, terms and summary; by path."""
    return [
        Article(
            path=row.path,
            url=row.url or "",
            title=row.title or "",
            published=row.published,
            updated=row.updated or row.published,
            appears=row.published,
            date_from="file time" if kept.guessed_date else "front matter",
            citations=kept.citations,
            undefined=kept.undefined,
            repeated=kept.repeated,
        )
        for row in desk_rows.pieced_articles(connection)
        if row.published is not None and (kept := _kept.decode(row.said))
    ]


def read_audit(connection: Connection, specs: Sequence[SourceSpec], *, language: str, limit: int) -> Audit:
    """All that audit.html shows; ``limit`` is how many gaps are listed at a time."""
    articles = articles_of_pieces(connection)
    pages = {article.path: _page(article) for article in articles}
    reader = _Reader(connection, followed(specs), pages)
    return Audit(
        cited=tuple(_cited(connection, specs, articles, pages)),
        uncovered=tuple(reader.uncovered(language, limit)),
        suggested=tuple(reader.suggested()),
        became=tuple(reader.became()),
        newest=desk_rows.newest_change(connection),
    )


def _page(article: Article) -> Page:
    return Page(path=article.path, title=article.title, url=article.url or None, day=article.published.date())


# -- citations ---------------------------------------------------------------------------------------------------------


def _cited(
    connection: Connection, specs: Sequence[SourceSpec], articles: Sequence[Article], pages: Mapping[str, Page]
) -> Iterator[Cited]:
    book = SourceBook(specs)
    audited = audit(articles, specs, connection)
    for finding in audited.findings:
        citation = finding.citation
        yield Cited(
            article=pages[finding.path],
            line=finding.line,
            label=finding.label,
            title=(citation.title if citation else None) or "",
            url=citation.url if citation else None,
            source=_source_of(book, citation) if citation else "",
            verdict=str(finding.verdict),
            level=str(finding.level or ""),
            why=finding.why,
            compared=tuple(map(_compared, finding.differences)),
            noted=tuple(_noted(finding)),
            correction=audited.corrections.get(finding),
        )


def _source_of(book: SourceBook, citation: Citation) -> str:
    """Ours by name; else the host, which ``feeds discover`` knows it by."""
    names = book.cited_by([citation])
    if names:
        return names[0]
    return host_of(citation.url) if citation.url else ""


def _compared(difference: Difference) -> Compared:
    return Compared(
        field=str(difference.field),
        claimed=difference.claimed,
        found=difference.found,
        distance=difference.distance,
        is_contradiction=difference.is_contradiction,
    )


def _noted(finding: Finding) -> Iterator[Noted]:
    """The rules that fired, each sentence once."""
    for remark in {remark.why: remark for remark in finding.remarks}.values():
        why = _unrepeated(remark.why) if remark.rule is Rule.SOURCE_DISAGREES else remark.why
        yield Noted(rule=str(remark.rule), level=str(RULES[remark.rule].level), why=why)


_OTHERWISE, _ELSEWHERE = "own feed says otherwise", "; at the cited address stands "


def _unrepeated(why: str) -> str:
    """Without the values: they stand beside each other below it."""
    whose, _, what = why.partition(_OTHERWISE)
    _, elsewhere, title = what.partition(_ELSEWHERE)
    return whose + _OTHERWISE + elsewhere + title


# -- the rest ----------------------------------------------------------------------------------------------------------


class _Reader:
    """What is known of the entries of followed feeds."""

    def __init__(self, connection: Connection, feeds: Mapping[str, Followed], pages: Mapping[str, Page]) -> None:
        self._connection = connection
        self._feeds = feeds
        self._pages = pages
        #: Entry id -> articles that cite or cover it.
        self._by_entry: dict[int, set[int]] = {}
        for row in match_rows.published(connection):
            if row.feed in feeds:
                self._by_entry.setdefault(row.entry_id, set()).add(row.article_id)

    def uncovered(self, language: str, limit: int) -> Iterator[Uncovered]:
        """The gaps, as their feed ranks them."""
        listed = adopt_rows.listed_gaps(self._connection)
        desk = Desk(feeds=self._feeds, language=language, limit=limit)
        for gap in find_gaps(self._connection, desk, covered=self._by_entry.keys(), listed=listed):
            yield Uncovered(
                title=gap.full.title,
                url=read_entry(gap.full.said).url,
                source=self._name(gap.full.feed),
                at=gap.full.at,
                reasons=gap.reasons,
            )

    def suggested(self) -> Iterator[Suggested]:
        """Pairs of which the rules are not sure and nobody has said anything; the newest entries first."""
        for pair in match_rows.matched_pairs(self._connection):
            is_open = pair.verdict is None and pair.standing == Standing.SUGGESTION
            if is_open and pair.feed in self._feeds:
                yield self._suggestion(pair)

    def _suggestion(self, pair: MatchedPair) -> Suggested:
        return Suggested(
            number=pair.entry_id,
            title=pair.title,
            url=pair.url,
            source=self._name(pair.feed),
            at=pair.at,
            article=self._pages.get(pair.path) or Page(path=pair.path, title=""),
            rule=pair.rule,
            score=pair.score,
            evidence=tuple(json.loads(pair.evidence)),
        )

    def became(self) -> Iterator[Became]:
        """What happened to cited entries and their pages; the newest first."""
        happened = change_rows.changes_of(self._connection, self._by_entry)
        changes: list[EntryChange | PageChange] = [one for some in happened.values() for one in some]
        changes += adopt_rows.lost_pages(self._connection, self._by_entry)
        ids = {change.entry_id for change in changes}
        fulls = {full.id: full for full in adopt_rows.full_entries(self._connection, ids)}
        articles = self._articles_of(ids)
        for change in sorted(changes, key=_newest_first):
            full = fulls.get(change.entry_id)
            if full is not None and full.feed in self._feeds:
                yield Became(
                    at=change.at,
                    kind=change.kind,
                    source=self._name(full.feed),
                    title=full.title,
                    url=read_entry(full.said).url,
                    before=change.before,
                    after=change.after,
                    articles=articles[change.entry_id],
                )

    def _articles_of(self, ids: Iterable[int]) -> dict[int, tuple[Page, ...]]:
        pairs: dict[int, Collection[int]] = {id_: self._by_entry[id_] for id_ in ids}
        named = adopt_rows.articles_of(self._connection, pairs)
        return {id_: tuple(Page(path="", title=title, url=url) for title, url in some) for id_, some in named.items()}

    def _name(self, feed: str) -> str:
        return self._feeds[feed].spec.name


def _newest_first(change: EntryChange | PageChange) -> tuple[float, int, str]:
    moment: datetime = change.at
    return -moment.timestamp(), change.entry_id, change.kind
