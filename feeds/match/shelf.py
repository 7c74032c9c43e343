"""An inverted index: which of many numbered things have a signal, and how strongly."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Posting: TypeAlias = "array[int]"

_EMPTY: Posting = array("Q")
#: The lower bits of what a posting holds are the level, the upper ones the number.
LEVEL_BITS = 8
LEVEL_MASK = (1 << LEVEL_BITS) - 1


class Shelf:
    """Things by their signals. Numbers are given in the order of coming and never again; levels are 1 to 255."""

    def __init__(self) -> None:
        #: Signal -> number and level of each thing that has it, packed, in the order of numbers: 8 bytes a piece,
        #: where a dict of dicts takes a hundred (10,000 articles have three million).
        self._postings: dict[str, Posting] = {}
        self._signals: dict[int, tuple[str, ...]] = {}
        self._next = 0

    def __len__(self) -> int:
        """How many things stand on it."""
        return len(self._signals)

    def add(self, signals: Mapping[str, int]) -> int:
        """Put a thing on the shelf; its number."""
        number = self._next
        self._next += 1
        for signal, level in signals.items():
            posting = self._postings.get(signal)
            if posting is None:
                posting = self._postings[signal] = array("Q")
            posting.append(number << LEVEL_BITS | level)
        self._signals[number] = tuple(signals)
        return number

    def remove(self, number: int) -> None:
        """Take a thing off the shelf."""
        for signal in self._signals.pop(number):
            posting = self._postings[signal]
            del posting[bisect_left(posting, number << LEVEL_BITS)]
            if not posting:
                del self._postings[signal]

    def frequency(self, signal: str) -> int:
        """How many things have it."""
        return len(self._postings.get(signal, _EMPTY))

    def posting(self, signal: str) -> Posting:
        """What has it, each thing as ``number << LEVEL_BITS | level``, in the order of numbers."""
        return self._postings.get(signal, _EMPTY)

    def signals_of(self, number: int) -> Sequence[str]:
        """What a thing has."""
        return self._signals[number]


def level_in(posting: Posting, number: int) -> int:
    """How strongly a thing has the signal of a posting; 0 when it has not."""
    place = bisect_left(posting, number << LEVEL_BITS)
    if place < len(posting) and posting[place] >> LEVEL_BITS == number:
        return posting[place] & LEVEL_MASK
    return 0
