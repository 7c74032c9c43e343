"""Compare what is new on either side with what is there on the other, and keep what was found.

A new entry meets all articles, an edited article all entries, and nothing else is looked at.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from feeds.match import Found, Matcher, Piece, Story
from feeds.match.keys import citation_keys
from feeds.meet.pieces import Followed, followed, read_piece, story_of_stored
from feeds.model import SourceSpec
from feeds.store import match_rows
from feeds.store.adopt_rows import TO_ADOPT
from feeds.store.match_rows import MatchRow, StoredEntry
from feeds.store.sql import write_meta

#: (entry id, article id)
Pair = tuple[int, int]

#: An article tells what came out before it, seldom what is new a week later; a cited title may be a year old.
_BEFORE, _AFTER = timedelta(days=400), timedelta(days=14)
#: From so many edited articles on it is cheaper to compare all entries with all articles.
_MANY = 100


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
    entries: Collection[int],
    articles: Collection[int],
) -> Iterator[MatchRow]:
    """What is found of them now."""
    for stored in match_rows.stored_entries(connection, entries):
        if stored.feed in feeds:
            yield from map(_row, matcher.match_entry(story_of_stored(stored, feeds[stored.feed])))
    if articles:
        others = _near(connection, feeds, articles, without=entries)
        for number in sorted(articles):
            yield from map(_row, matcher.match_article(str(number), matcher.stories(others)))


def _near(
    connection: Connection, feeds: Mapping[str, Followed], articles: Collection[int], *, without: Collection[int]
) -> list[Story]:
    """The entries that these articles may meet: those at the pages that they cite, and those of their time."""
    found: dict[int, StoredEntry] = {}
    pieces = [read_piece(said, path="", imprint=b"") for _, said, _ in match_rows.pieces(connection, articles)]
    keys = {key for piece in pieces for citation in piece.citations for key in citation_keys(citation)}
    for stored in match_rows.stored_entries(connection, match_rows.entries_with_keys(connection, keys)):
        found[stored.id] = stored
    days = [piece.published for piece in pieces]
    for stored in match_rows.stored_entries(connection, span=(min(days) - _BEFORE, max(days) + _AFTER)):
        found[stored.id] = stored
    return [
        story_of_stored(stored, feeds[stored.feed])
        for id_, stored in sorted(found.items())
        if id_ not in without and stored.feed in feeds
    ]


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
