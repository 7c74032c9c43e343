"""All entries, so that a new or edited article finds those that it may meet without asking each."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nlargest
from math import log

from feeds.match.cited import own_titles
from feeds.match.keys import citation_keys, story_keys
from feeds.match.lexicon import Lexicon
from feeds.match.outline import outline_signals
from feeds.match.shelf import LEVEL_BITS, Shelf
from feeds.match.titles import title_words
from feeds.match.values import Piece, Story

#: Of the entries that share something with an article, so many are looked at closely.
_CLOSELY = 400
#: A signal of more entries than this leads to none of them: it would lead to all.
_COMMON_SHARE, _COMMON_LEAST = 0.02, 50
#: Within so many days of the article an entry's overlap counts so many times: its date speaks for it.
_DAYS_AROUND, _TIMELY = 6, 3.0


class Stories:
    """Entries by the pages, ids, titles and signals that they have."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._stories: dict[int, Story] = {}
        self._numbers: dict[str, int] = {}
        self._by_key: dict[str, list[int]] = {}
        self._signals = Shelf()
        self._titles = Shelf()

    def __len__(self) -> int:
        """How many entries it has."""
        return len(self._stories)

    def add(self, story: Story) -> None:
        """Take an entry in; one of the same id is replaced."""
        self.remove(story.id)
        number = self._signals.add({1: list(outline_signals(story, self._lexicon))})
        words = {word for title in own_titles(story) for word in title_words(title)}
        if self._titles.add({1: list(words)}) != number:
            raise AssertionError("both shelves count alike")
        self._numbers[story.id] = number
        self._stories[number] = story
        for key in story_keys(story):
            self._by_key.setdefault(key, []).append(number)

    def remove(self, story_id: str) -> None:
        """Forget an entry; one that is not known is no error."""
        number = self._numbers.pop(story_id, None)
        if number is not None:
            self._signals.remove(number)
            self._titles.remove(number)
            for key in story_keys(self._stories.pop(number)):
                self._by_key[key].remove(number)

    def near(self, piece: Piece, signals: Iterable[str]) -> list[Story]:
        """The entries that an article may meet, in the order of coming. Cheap and generous: the rules decide."""
        found: set[int] = set()
        for citation in piece.citations:
            for key in citation_keys(citation):
                found.update(self._by_key.get(key, ()))
            if citation.title:
                found.update(_sharing(self._titles, title_words(citation.title), _CLOSELY // 4))
        gains = _gains(self._signals, signals)
        for number in gains:
            published = self._stories[number].published
            if published and abs((piece.published - published).days) <= _DAYS_AROUND:
                gains[number] *= _TIMELY
        found.update(nlargest(_CLOSELY, gains, key=gains.__getitem__))
        return [self._stories[number] for number in sorted(found)]


def _sharing(shelf: Shelf, signals: Iterable[str], most: int) -> list[int]:
    gains = _gains(shelf, signals)
    return nlargest(most, gains, key=gains.__getitem__)


def _gains(shelf: Shelf, signals: Iterable[str]) -> dict[int, float]:
    """How much rarity each thing shares; what is common to many leads nowhere."""
    gains: dict[int, float] = {}
    limit = max(_COMMON_LEAST, _COMMON_SHARE * len(shelf))
    for signal in signals:
        posting = shelf.posting(signal)
        if posting and len(posting) <= limit:
            rarity = log(len(shelf) / len(posting) + 1)
            for packed in posting:
                number = packed >> LEVEL_BITS
                gains[number] = gains.get(number, 0.0) + rarity
    return gains
