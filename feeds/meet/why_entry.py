"""Tell in words what is known of an entry: its names and dates, what it meets and why, and why not the nearest ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from feeds.match import Standing
from feeds.meet.gaps import Desk, find_gaps
from feeds.meet.link import load_matcher
from feeds.meet.pieces import read_entry, stories, story_of_stored
from feeds.meet.why import (
    Account,
    Line,
    account,
    count,
    entry_name,
    fact,
    headed,
    link_lines,
    pair_lines,
    when,
)
from feeds.polled import Entry
from feeds.publish.terms import fold
from feeds.store import adopt_rows, change_rows, match_rows, why_rows
from feeds.store.match_rows import CONFIRMED
from feeds.store.why_rows import Pair

#: So many of the articles that an entry does not meet are shown.
_NEAREST = 3
#: Where the id of an entry comes from (``Entry.id_from``), in words.
_ID_FROM = {
    "id": "as its feed gives it",
    "link": "the key of its address, since its feed gives none",
    "hash": "a hash, since its feed gives neither id nor address",
    "repaired": "with an addition of ours, since its feed gives one id to several entries",
}


def tell_entry(
    connection: Connection, row: Row[Any], desk: Desk, words: Mapping[str, Sequence[str]], *, lists_gaps: bool
) -> Account:
    """An entry of a source; ``lists_gaps`` tells whether the list of what no article covers is published at all."""
    said = read_entry(row.said)
    names = {url: feed.spec.name for url, feed in desk.feeds.items()}
    pairs = why_rows.pairs(connection, entry_id=row.id)
    lines = [*_origin(row, said, names), *_titles(connection, row), *_dates(row, said)]
    lines += [*_meetings(pairs), *_others(connection, row, desk, words, {pair.article_id for pair in pairs})]
    lines += [*_gap(connection, row, desk, pairs, lists_gaps=lists_gaps), *_places(connection, row)]
    return account(entry_name(row, names), [*lines, *_changes(connection, row)])


def _origin(row: Row[Any], said: Entry, names: Mapping[str, str]) -> Iterator[Line]:
    source = names.get(row.feed_url)
    yield fact(f"source: {source or row.source}, feed {row.feed_url}")
    if source is None:
        yield fact("sources.yaml does not name this feed any more: it is kept, compared with nothing, and not shown.")
    yield fact(f"id in its feed: {row.key} ({_ID_FROM.get(said.id_from, said.id_from)})")
    if row.url is None:
        yield fact("address: its feed gives none")
        return
    yield fact(f"address: {row.url}")
    yield fact(f"key, by which addresses are compared: {row.url_key}")
    if said.links:
        yield from headed("Other addresses of it:", map(fact, said.links))


def _titles(connection: Connection, row: Row[Any]) -> Iterator[Line]:
    yield fact(f"title: “{row.title}”" if row.title else "title: its feed gives none")
    past = [
        fact(f"until {when(one.until)}: “{one.title}”" + (f", {one.url}" if one.url != row.url else ""))
        for one in why_rows.past_of(connection, row.id)
    ]
    yield from headed("It was called otherwise before, and may be cited so:", past)


def _dates(row: Row[Any], said: Entry) -> Iterator[Line]:
    raw = f"“{said.published_raw}”" if said.published_raw else "nothing"
    if said.published is None:
        yield fact(f"published: its feed says {raw}, which is no date that can be believed")
    else:
        yield fact(f"published: its feed says {raw}, that is {when(said.published)}")
    if row.at == row.first_seen:
        yield fact(f"sorted by: {when(row.at)}, when it was first seen")
    elif row.at == said.published:
        yield fact(f"sorted by: {when(row.at)}, that date")
    else:
        yield fact(f"sorted by: {when(row.at)}, the date that it had when it was first seen")
    yield fact(f"first seen: {when(row.first_seen)}; this version came: {when(row.changed)}")


# -- what it meets, and what not ---------------------------------------------------------------------------------------


def _meetings(pairs: Sequence[Pair]) -> Iterator[Line]:
    lines = [line for pair in pairs for line in headed(f"{pair.path}: “{pair.title}”", pair_lines(pair))]
    yield from headed("Articles that it meets:", lines, otherwise="It meets no article.")


def _others(
    connection: Connection, row: Row[Any], desk: Desk, words: Mapping[str, Sequence[str]], met: Collection[int]
) -> Iterator[Line]:
    """The articles that come next, and what each of them lacks."""
    stored = next(match_rows.stored_entries(connection, {row.id}), None)
    if stored is None or stored.feed not in desk.feeds:
        return
    if not row.matched:
        yield fact("It was not compared since it came or changed: the next feeds rebuild does that.")
    matcher = load_matcher(connection, words)
    if not len(matcher):
        yield fact("Nothing is kept of any article to compare it with: the next feeds rebuild does that.")
        return
    story = story_of_stored(stored, desk.feeds[stored.feed])
    nearest = list(map(int, matcher.nearest(story, count=_NEAREST, without=set(map(str, met)))))
    lines: list[Line] = []
    for id_, article in why_rows.articles_by_id(connection, nearest).items():
        lines += headed(f"{article.path}: “{article.title}”", map(fact, matcher.why(story, str(id_))))
    heading = "The nearest articles that it does not meet, and the rules in order:"
    yield from headed(heading, lines, otherwise="No other article has anything in common with it.")


# -- what becomes of it ------------------------------------------------------------------------------------------------


def _is_published(pair: Pair) -> bool:
    return pair.verdict == CONFIRMED or (pair.verdict is None and pair.standing == Standing.MATCH)


def _gap(
    connection: Connection, row: Row[Any], desk: Desk, pairs: Sequence[Pair], *, lists_gaps: bool
) -> Iterator[Line]:
    """Whether it is listed among what no article covers, and why."""
    feed = desk.feeds.get(row.feed_url)
    if feed is None:
        return
    cited = adopt_rows.cited_counts(connection).get(fold(feed.spec.name), 0)
    if any(map(_is_published, pairs)):
        yield fact("It is no gap: an article has it.")
    elif not lists_gaps:
        yield fact("No article has it; gaps are not listed (output.editor in sources.yaml).")
    elif not cited:
        yield fact(f"No article has it, but it is no gap: no article has anything of {feed.spec.name} either.")
    else:
        yield from _rank(connection, row, desk, cited)


def _rank(connection: Connection, row: Row[Any], desk: Desk, cited: int) -> Iterator[Line]:
    covered = {one.entry_id for one in match_rows.published(connection) if one.feed in desk.feeds}
    listed = adopt_rows.listed_gaps(connection)
    gaps = find_gaps(connection, desk, covered=covered, listed=listed)
    mine = adopt_rows.full_entries(connection, {row.id})
    for place, gap in enumerate(gaps, start=1):
        if gap.full.id == row.id:
            start = "It is listed" if row.id in listed else "The next feeds rebuild lists it"
            reasons = [*map(fact, gap.reasons), fact(f"score {gap.score:.2f}, place {place} of {len(gaps)}")]
            yield from headed(f"{start} among the gaps, what cited sources published and no article has:", reasons)
            return
        if len(stories([gap.full, *mine], desk.feeds)) == 1:
            yield fact(f"No article has it; among the gaps #{gap.full.id} stands for the same story.")
            return
    span = why_rows.entry_span(connection, desk.feeds)
    days = (span[1] - row.at).days if span else 0
    ranked = [
        fact(f"how often its source is cited: by {count(cited, 'article')}"),
        fact(f"its age: {count(days, 'day')} before the newest entry of all"),
        fact("terms of this site in its title and summary"),
    ]
    likelier = count(len(gaps), "likelier one is", "likelier ones are")
    yield from headed(f"No article has it, but {likelier} listed as gaps, ranked by:", ranked)


def _places(connection: Connection, row: Row[Any]) -> Iterator[Line]:
    """The feeds of ours in which it stands as an item of its own."""
    item = why_rows.item_of(connection, f"entry:{row.id}")
    if item is not None:
        lines = [fact(f"{feed.scope} {feed.name}".strip()) for feed in why_rows.feeds_of(connection, item.id)]
        yield from headed(f"It stands itself in our feeds, as {item.uid}:", lines)


def _changes(connection: Connection, row: Row[Any]) -> Iterator[Line]:
    lines: list[Line] = []
    for change in change_rows.changes_of(connection, {row.id}).get(row.id, ()):
        sides = [fact(f"{name}: {text}") for name, text in (("before", change.before), ("after", change.after)) if text]
        lines += [fact(f"{when(change.at)}: {change.kind}"), *(Line(1, side.text) for side in sides)]
    yield from headed("What became of it:", lines, otherwise="Nothing became of it since it was first seen.")
    if row.url_key:
        yield from link_lines(connection, row.url_key)
