"""An inverted index: which of many numbered things have a signal, and how strongly."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TypeAlias

#: 8 bytes for each thing: those that one thing is equally loud in share one number.
Posting: TypeAlias = list[int]

_EMPTY: Posting = []
#: The lower bits of what a posting holds are the level, the upper ones the number.
LEVEL_BITS = 8
LEVEL_MASK = (1 << LEVEL_BITS) - 1


class Shelf:
    """Things by their signals. Numbers are given in the order of coming and never again; levels are 1 to 255."""

    def __init__(self) -> None:
        self._postings: defaultdict[str, Posting] = defaultdict(list)
        #: Signal -> number and level of each thing that has it, as ``number << LEVEL_BITS | level``, in the order of
        #: numbers. To be read only; none is empty.
        self.postings: Mapping[str, Posting] = self._postings
        #: Number -> its signals as one text: a tenth of the room that each on its own takes.
        self._signals: dict[int, str] = {}
        self._next = 0

    def __len__(self) -> int:
        """How many things stand on it."""
        return len(self._signals)

    def add(self, levels: Mapping[int, Sequence[str]]) -> int:
        """Put a thing on the shelf, with the signals of each level, each signal once and of one line; its number."""
        number = self._next
        self._next += 1
        postings = self._postings
        for level, signals in levels.items():
            packed = number << LEVEL_BITS | level
            for signal in signals:
                postings[signal].append(packed)
        self._signals[number] = "\n".join(chain.from_iterable(levels.values()))
        return number

    def remove(self, number: int) -> None:
        """Take a thing off the shelf."""
        for signal in _lines(self._signals.pop(number)):
            posting = self._postings[signal]
            del posting[bisect_left(posting, number << LEVEL_BITS)]
            if not posting:
                del self._postings[signal]

    def posting(self, signal: str) -> Posting:
        """What has it; empty when nothing has."""
        return self._postings.get(signal, _EMPTY)

    def signals_of(self, number: int) -> Sequence[str]:
        """What a thing has."""
        return _lines(self._signals[number])


def _lines(text: str) -> Sequence[str]:
    return text.split("\n") if text else ()


def level_in(posting: Posting, number: int) -> int:
    """How strongly a thing has the signal of a posting; 0 when it has not."""
    place = bisect_left(posting, number << LEVEL_BITS)
    if place < len(posting) and posting[place] >> LEVEL_BITS == number:
        return posting[place] & LEVEL_MASK
    return 0
