"""What matching needs of articles and entries, as the store keeps it and as the matcher takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from feeds.match import Matcher, Piece, Rule, Story, piece_of, story_of_entry
from feeds.match.titles import read_title
from feeds.model import Article, Met, SourceSpec
from feeds.polled import Entry
from feeds.store.adopt_rows import FullEntry
from feeds.store.match_rows import MetRow, StoredEntry
from feeds.urls import host_of

#: What a person confirms and no rule finds comes after all that rules find.
_ORDER = {str(rule): place for place, rule in enumerate(Rule)}


@cache
def _decoder(kind: type) -> Any:
    return msgspec.json.Decoder(kind)


def read_entry(said: str) -> Entry:
    """An entry as the store keeps it, without its content."""
    entry: Entry = _decoder(Entry).decode(said)
    return entry


def write_piece(piece: Piece) -> str:
    """An article as the store keeps it for matching; its path may change, its imprint is kept beside it."""
    said = replace(piece, path="", text="")
    return msgspec.json.encode(said).decode()


def read_piece(said: str, *, path: str, imprint: bytes) -> Piece:
    """The article again, under the name that it has among others."""
    piece: Piece = _decoder(Piece).decode(said)
    return replace(piece, path=path, imprint=imprint)


class PieceCutter:
    """Takes of an article what matching needs; holds the words that it knows."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._matcher = Matcher(words=words)

    def cut(self, article: Article) -> tuple[str, bytes]:
        """As the store keeps it: (said, imprint)."""
        piece = piece_of(article)
        return write_piece(piece), self._matcher.imprint_of(piece)


class Followed(Struct, frozen=True, kw_only=True):
    """A feed that sources.yaml names."""

    spec: SourceSpec
    url: str
    #: Host of the source's site; empty when it has none.
    host: str

    @property
    def names(self) -> tuple[str, ...]:
        """How articles may call its source."""
        return (self.spec.name, *self.spec.aliases)


def followed(specs: Iterable[SourceSpec]) -> dict[str, Followed]:
    """Address of a feed -> whose it is; of two sources that name it the first."""
    found: dict[str, Followed] = {}
    for spec in specs:
        for url in spec.feeds:
            found.setdefault(url, Followed(spec=spec, url=url, host=host_of(spec.site) if spec.site else ""))
    return found


def story_of_stored(stored: StoredEntry, feed: Followed) -> Story:
    """An entry as the matcher needs it, under its number in the store and with all that it was ever called."""
    entry = read_entry(stored.said)
    story = story_of_entry(entry, sources=feed.names, host=feed.host, titles=tuple(title for title, _ in stored.past))
    past = tuple(url for _, url in stored.past if url and url not in story.urls)
    return replace(story, id=str(stored.id), urls=(*story.urls, *dict.fromkeys(past)))


def mets_of(rows: Sequence[MetRow], feeds: Mapping[str, Followed]) -> dict[int, tuple[Met, ...]]:
    """Article id -> what its sources say of it, the surest first; only feeds that sources.yaml names count."""
    found: dict[int, list[MetRow]] = {}
    for row in rows:
        if row.feed in feeds:
            found.setdefault(row.article_id, []).append(row)
    return {id_: tuple(_met(row, feeds[row.feed]) for row in sorted(some, key=_surest)) for id_, some in found.items()}


def _surest(row: MetRow) -> tuple[bool, int, int, float, str, int]:
    """By citation; of one citation the surer rule first, then the better score, then what was published first."""
    place = -1 if row.citation is None else row.citation
    return row.citation is None, place, _ORDER.get(row.rule, len(_ORDER)), -row.score, str(row.first_seen), row.entry_id


def _met(row: MetRow, feed: Followed) -> Met:
    entry = read_entry(row.said)
    return Met(
        citation=row.citation,
        source=feed.spec.name,
        title=entry.title,
        url=entry.url,
        author=", ".join(person.name for person in entry.authors) or None,
        published=entry.published,
        rule=row.rule,
    )


#: A podcast's feed and its playlist show an episode within so many days of each other; a weekly column bears one title
#: for years.
_TWIN_DAYS = timedelta(days=4)


def stories(fulls: Iterable[FullEntry], feeds: Mapping[str, Followed]) -> list[list[FullEntry]]:
    """Entries that are one story together: of one page, or of one title at one source at about one time."""
    found: list[list[FullEntry]] = []
    by_name: dict[str, list[FullEntry]] = {}
    for full in fulls:
        words = read_title(full.title).forms[:1]
        titled = f"{feeds[full.feed].spec.name}\n{words[0]}" if words else ""
        story = by_name.get(full.url_key or "", [])
        if not story:
            twins = by_name.get(titled, [])
            story = twins if twins and abs(twins[-1].at - full.at) <= _TWIN_DAYS else []
        if not story:
            found.append(story)
        story.append(full)
        by_name |= {name: story for name in (titled, full.url_key) if name}
    return found
