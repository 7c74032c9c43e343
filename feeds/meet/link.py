"""Compare what is new on either side with what is there on the other, and keep what was found.

A new entry meets all articles, an edited article all entries, and nothing else is looked at.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import Connection

from feeds.match import Found, Matcher, Piece, Story, near_dates
from feeds.match.keys import pages_of_key
from feeds.meet.pieces import Followed, followed, read_piece, story_of_stored
from feeds.model import SourceSpec
from feeds.store import match_rows
from feeds.store.adopt_rows import TO_ADOPT
from feeds.store.match_rows import MatchRow, StoredEntry
from feeds.store.sql import write_meta

#: (entry id, article id)
Pair = tuple[int, int]

#: From so many edited articles on it is cheaper to compare all entries with all articles (80 us for each entry and
#: article against 400 for each entry).
_MANY = 40


def link(
    connection: Connection, specs: Sequence[SourceSpec], words: Mapping[str, Sequence[str]], *, anew: bool = False
) -> int:
    """Match all that was not compared yet, or everything anew; returns how many articles are to be rendered again.

    People's verdicts stand beside what the rules find, and are never touched.
    """
    if anew:
        match_rows.mark_all_pending(connection)
    entries, articles = match_rows.pending_entries(connection), match_rows.pending_articles(connection)
    if not entries and not articles:
        return 0
    if not entries and not match_rows.has_entries(connection):
        match_rows.mark_matched(connection, entries, articles)
        return 0
    matcher = load_matcher(connection, words)
    if not len(matcher):
        # They wait for the first articles, and meet them all at once.
        return 0
    feeds = followed(specs)
    if len(articles) > _MANY:
        entries = {stored.id for stored in match_rows.stored_entries(connection)}
    old = {row[:2]: row for row in _concerned(connection, entries, articles)}
    new = {row[:2]: row for row in _find(connection, matcher, feeds, entries, articles)}
    changed = {pair for pair in old.keys() | new.keys() if old.get(pair) != new.get(pair)}
    match_rows.replace_matches(
        connection, [old[pair] for pair in sorted(changed & old.keys())], [new[p] for p in sorted(changed & new.keys())]
    )
    match_rows.mark_matched(connection, entries, articles)
    # What an entry says is shown with each article that it meets, so a new version of it touches them all.
    met = {article for entry, article in (*old, *new, *match_rows.verdicts(connection)) if entry in entries}
    touched = met | {article for _, article in changed}
    match_rows.mark_stale(connection, touched)
    write_meta(connection, TO_ADOPT, "yes")
    return len(touched)


def load_matcher(connection: Connection, words: Mapping[str, Sequence[str]]) -> Matcher:
    """All articles, each under its number in the store."""
    matcher = Matcher(words=words)
    for piece in _pieces(connection):
        matcher.add_article(piece)
    return matcher


def _pieces(connection: Connection) -> Iterator[Piece]:
    for id_, said, imprint in match_rows.pieces(connection):
        yield read_piece(said, path=str(id_), imprint=imprint)


def _concerned(connection: Connection, entries: Collection[int], articles: Collection[int]) -> Iterator[MatchRow]:
    """What was found so far of those that are compared now."""
    yield from match_rows.matches(connection, entries=entries)
    yield from match_rows.matches(connection, articles=articles)


def _find(
    connection: Connection,
    matcher: Matcher,
    feeds: Mapping[str, Followed],
    entries: AbstractSet[int],
    articles: Collection[int],
) -> Iterator[MatchRow]:
    """What is found of them now."""
    for story in _stories(match_rows.stored_entries(connection, entries), feeds):
        yield from map(_row, matcher.match_entry(story))
    if articles:
        names = [str(number) for number in sorted(articles)]
        keys = {page for name in names for key in matcher.keys_of(name) for page in pages_of_key(key)}
        citable = match_rows.entries_with_keys(connection, keys) - entries
        others = _near(connection, feeds, articles, citable=citable, without=entries)
        yield from map(_row, matcher.match_articles(names, others, citable={str(id_) for id_ in citable}))


def _near(
    connection: Connection,
    feeds: Mapping[str, Followed],
    articles: Collection[int],
    *,
    citable: AbstractSet[int],
    without: AbstractSet[int],
) -> Iterator[Story]:
    """The entries that these articles may meet: those that they cite by page or id, and those of their time."""
    yield from _stories(match_rows.stored_entries(connection, citable), feeds)
    pieces = [read_piece(said, path="", imprint=b"") for _, said, _ in match_rows.pieces(connection, articles)]
    spans = [near_dates(piece) for piece in pieces]
    known = [span for span in spans if span is not None]
    # A date that is only the file's bounds nothing.
    span = (min(since for since, _ in known), max(until for _, until in known)) if len(known) == len(spans) else None
    seen = citable | without
    timely = match_rows.stored_entries(connection, span=span)
    yield from _stories((stored for stored in timely if stored.id not in seen), feeds)


def _stories(entries: Iterable[StoredEntry], feeds: Mapping[str, Followed]) -> Iterator[Story]:
    return (story_of_stored(stored, feeds[stored.feed]) for stored in entries if stored.feed in feeds)


def _row(found: Found) -> MatchRow:
    return (
        int(found.entry_id),
        int(found.article_path),
        str(found.rule),
        str(found.standing),
        found.score,
        json.dumps(found.evidence, ensure_ascii=False),
        found.citation,
    )
