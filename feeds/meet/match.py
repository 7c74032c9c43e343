"""Show what entries and articles have to do with each other, and keep what people say of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from feeds.errors import ConfigError
from feeds.match import Matcher, Standing, piece_of
from feeds.match.plain import entry_values, story_of
from feeds.meet.pieces import followed
from feeds.model import Article, SourceSpec
from feeds.store import match_rows
from feeds.store.adopt_rows import TO_ADOPT
from feeds.store.match_rows import CONFIRMED, DENIED, MatchedPair
from feeds.store.sql import write_meta
from feeds.urls import canonical


def match_file(
    articles: Iterable[Article], words: Mapping[str, Sequence[str]], lines: Iterable[str], *, name: str
) -> Iterator[dict[str, Any]]:
    """What each entry of a file of JSON lines meets; ``name`` is the file's, for errors. Nothing is stored.

    A line is an entry, or holds one under ``entry``; one that stands there again is passed over.

    Raises:
        ConfigError: a line is none.
    """
    matcher = Matcher(words=words)
    for article in articles:
        matcher.add_article(piece_of(article))
    seen = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            values = values.get("entry", values)
            story = story_of(values)
        except (ValueError, AttributeError) as error:
            raise ConfigError(f"{name}:{number}: entry: {error} (one JSON object a line, with a title)") from error
        said = json.dumps(values, sort_keys=True)
        if said not in seen:
            seen.add(said)
            yield entry_values(values, matcher.match_entry(story))


def match_stored(connection: Connection, specs: Sequence[SourceSpec]) -> Iterator[dict[str, Any]]:
    """What was found between the stored entries and the articles, and what people said of it; newest entries first."""
    feeds = followed(specs)
    pairs = [pair for pair in match_rows.matched_pairs(connection) if pair.feed in feeds]
    for _, some in groupby(pairs, attrgetter("entry_id")):
        of_entry = list(some)
        first = of_entry[0]
        entry = {"number": first.entry_id, "title": first.title, "url": first.url}
        entry |= {"feed": feeds[first.feed].spec.name, "published": first.at.isoformat()}
        lists: dict[str, list[dict[str, Any]]] = {"matches": [], "suggestions": [], "denied": []}
        for pair in of_entry:
            lists[_list_of(pair)].append(_pair_values(pair))
        yield {"entry": entry, **lists}


def _list_of(pair: MatchedPair) -> str:
    """A person's word comes before the rules'."""
    if pair.verdict == DENIED:
        return "denied"
    is_match = pair.verdict == CONFIRMED or pair.standing == Standing.MATCH
    return "matches" if is_match else "suggestions"


def _pair_values(pair: MatchedPair) -> dict[str, Any]:
    return {
        "article": pair.path,
        "rule": pair.rule or None,
        "score": pair.score,
        "citation": pair.citation,
        "evidence": json.loads(pair.evidence),
        "verdict": pair.verdict,
    }


class Judged(Struct, frozen=True, kw_only=True):
    """A pair of which a person has said something."""

    title: str
    path: str


def judge(connection: Connection, entry: str, article: str, word: str | None, *, now: datetime) -> list[Judged]:
    """Keep what a person says of an entry and an article: confirmed, denied, or None to take it back.

    An address that several entries have means them all. The article is rendered again by the next rebuild.

    Raises:
        ConfigError: no entry, or no article, is called so.
    """
    entries = match_rows.entries_called(connection, entry.removeprefix("#"), canonical(entry))
    if not entries:
        raise ConfigError(
            f"entry {entry!r}: none is called so (give its number, address or id; feeds match lists them)"
        )
    row = match_rows.article_called(connection, article)
    if row is None:
        raise ConfigError(
            f"article {article!r}: none is called so (give its path as feeds check prints it, or its address; "
            "a new one is known after feeds rebuild)"
        )
    for id_ in sorted(entries):
        match_rows.say_verdict(connection, id_, row.uid, word, now)
    match_rows.mark_stale(connection, {row.id})
    write_meta(connection, TO_ADOPT, "yes")
    return [Judged(title=title, path=row.path) for _, title in sorted(entries.items())]
