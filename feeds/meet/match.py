"""Match entries, from a file or from the state, against the articles; nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from feeds.errors import ConfigError
from feeds.match import Matcher, piece_of, story_of_entry
from feeds.match.plain import entry_values, story_of
from feeds.model import Article, SourceSpec
from feeds.polled import Entry
from feeds.store import entry_rows, source_rows
from feeds.urls import host_of

_entry = msgspec.json.Decoder(Entry)


def match_file(
    articles: Iterable[Article], words: Mapping[str, Sequence[str]], lines: Iterable[str], *, name: str
) -> Iterator[dict[str, Any]]:
    """What each entry of a file of JSON lines meets; ``name`` is the file's, for errors.

    A line is an entry, or holds one under ``entry``; one that stands there again is passed over.

    Raises:
        ConfigError: a line is none.
    """
    matcher = _matcher(articles, words)
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


def match_stored(
    articles: Iterable[Article],
    words: Mapping[str, Sequence[str]],
    connection: Connection,
    specs: Sequence[SourceSpec],
) -> Iterator[dict[str, Any]]:
    """What each stored entry meets, newest first within its feed; entries that meet nothing are left out."""
    matcher = _matcher(articles, words)
    by_name = {spec.name: spec for spec in specs}
    for feed in source_rows.active_feeds(connection):
        spec = by_name.get(feed.source)
        rows = entry_rows.entries_of(connection, feed.id)
        past = entry_rows.past_of(connection, {row.id for row in rows})
        for row in rows:
            entry = _entry.decode(row.said)
            story = story_of_entry(
                entry,
                sources=(feed.source, *(spec.aliases if spec else ())),
                host=host_of(spec.site) if spec and spec.site else "",
                titles=tuple(title for title, _ in past.get(row.id, ())),
            )
            found = matcher.match_entry(story)
            if found:
                values = {"title": entry.title, "url": entry.url, "feed": feed.source}
                yield entry_values(values | {"published": row.at.isoformat()}, found)


def _matcher(articles: Iterable[Article], words: Mapping[str, Sequence[str]]) -> Matcher:
    matcher = Matcher(words=words)
    for article in articles:
        matcher.add_article(piece_of(article))
    return matcher
