"""Which of many entries may meet a few articles: told from their bare words, so that the rules look at few of them.

Nothing that a rule would find is sifted out. Of each entry this takes the most that an article can have in common with
it and the least that it says in all: where even those do not make a suggestion, the truth does not either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeVar

from feeds.match.cited import DAYS_SAME_SOURCE, Citations, own_titles
from feeds.match.covers import DAYS_TOLD, ROUNDING, SUGGEST, Tellings
from feeds.match.lexicon import Lexicon
from feeds.match.outline import CHINESE_WEIGHT, HEAD, SUMMARY_WEIGHT, TITLE_WEIGHT, chinese_pairs, name_signal, texts_of
from feeds.match.shelf import level_in
from feeds.match.signals import LATIN, numbers_in, read_word, stem
from feeds.match.values import Piece, Story

_T = TypeVar("_T")

#: A name may take two words with it, and then counts as the rarer of them.
_LEAST_OF_KNOWN = SUMMARY_WEIGHT / 2


def near_dates(piece: Piece) -> tuple[datetime, datetime] | None:
    """From when to when an entry must be for an article to bear its title or to tell it; None when any date will do.

    An entry without a date, and one whose page or id the article cites, may meet it in any case.
    """
    if piece.guessed_date:
        return None
    soonest, latest = min(DAYS_SAME_SOURCE[0], DAYS_TOLD[0]), max(DAYS_SAME_SOURCE[1], DAYS_TOLD[1])
    return piece.published - timedelta(days=latest), piece.published - timedelta(days=soonest)


class _Memory(dict[str, _T]):
    """What each word comes to, worked out once."""

    def __init__(self, work_out: Callable[[str], _T]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, word: str) -> _T:
        self[word] = result = self._work_out(word)
        return result


class Sieve:
    """A few articles, against many entries. Good until an article comes or goes."""

    def __init__(
        self, lexicon: Lexicon, tellings: Tellings, citations: Citations, articles: Iterable[tuple[Piece, int]]
    ) -> None:
        """``articles`` have their numbers among the tellings."""
        pieces, numbers = zip(*articles, strict=True)
        self._lexicon = lexicon
        self._words = _Words(lexicon, tellings, numbers)
        self._titles = _Titles(citations, pieces)

    def may_meet(self, story: Story) -> bool:
        """Whether one of the articles may bear the title of an entry or tell it."""
        return self._titles.may_bear(story) or self._words.may_tell(story)


class _Titles:
    """The titles that some articles cite."""

    def __init__(self, citations: Citations, pieces: Iterable[Piece]) -> None:
        self._citations = citations
        self._numbers = frozenset(number for piece in pieces for number in citations.numbers_of(piece.path))
        self._words = frozenset(word for number in self._numbers for word in citations.words_of(number))
        spans = [near_dates(piece) for piece in pieces]
        known = [span for span in spans if span]
        self._span = (min(known)[0], max(last for _, last in known)) if len(known) == len(spans) else None

    def may_bear(self, story: Story) -> bool:
        if not self._numbers or not self._is_near(story.published):
            return False
        for title in own_titles(story):
            leading = self._citations.leading_words(title)
            shared = sum(word in self._words for _, word in leading)
            if shared and shared >= min(2, len(leading)) and not self._numbers.isdisjoint(self._citations.like(title)):
                return True
        return False

    def _is_near(self, published: datetime | None) -> bool:
        return published is None or self._span is None or self._span[0] <= published <= self._span[1]


#: Small Latin letters and digits stay, all else parts words.
_LETTERS = bytes(byte if chr(byte).isalnum() and LATIN.fullmatch(chr(byte)) else 32 for byte in range(256))


def _tokens(folded: str) -> list[bytes]:
    """The parts of Latin words, in a fifth of the time that it takes to find the words."""
    return folded.encode("latin-1", "replace").translate(_LETTERS).split()


class _Glance:
    """Whether an entry may say one of some rare things, at the first glance; most do not."""

    def __init__(self, lexicon: Lexicon, rare: set[str]) -> None:
        self._lexicon, self._rare = lexicon, rare
        self._numbers = {signal for signal in rare if signal.startswith("#")}
        written = [key for key, signal in lexicon.signals.items() if signal in rare]
        written += [signal for signal in rare - self._numbers if LATIN.search(signal)]
        #: One part of each, in any of its forms.
        self._parts = {max(_tokens(each), key=len, default=b"") for each in written}
        #: Parts of words that lead to none of them, as they turn up.
        self._idle: set[bytes] = set()

    def may_share(self, story: Story) -> bool:
        """Whether an entry may say one of them."""
        if not self._rare.isdisjoint([name_signal(name, self._lexicon) for name in story.sources]):
            return True
        for text, weight in texts_of(story):
            tokens = _tokens(text)
            if not self._idle.issuperset(tokens) and any(map(self._may_lead, tokens)):
                return True
            if self._numbers and self._has_number(text):
                return True
            if not text.isascii() and self._may_share_chinese(text, weight):
                return True
        return False

    def _may_lead(self, token: bytes) -> bool:
        if token in self._idle:
            return False
        if token in self._parts or stem(token.decode("latin-1")).encode("latin-1") in self._parts or b"" in self._parts:
            return True
        self._idle.add(token)
        return False

    def _has_number(self, text: str) -> bool:
        return not self._numbers.isdisjoint([number for number, _ in numbers_in(text)])

    def _may_share_chinese(self, text: str, weight: float) -> bool:
        if not self._rare.isdisjoint(self._lexicon.count_chinese(text)):
            return True
        return weight == TITLE_WEIGHT and not self._rare.isdisjoint(chinese_pairs(text))


class _Words:
    """What some articles say."""

    def __init__(self, lexicon: Lexicon, tellings: Tellings, numbers: Iterable[int]) -> None:
        self._lexicon, self._tellings = lexicon, tellings
        self._days = tellings.days_to_tell(numbers)
        #: Signal -> the articles that have it, and how much each then says of an entry at most.
        self._gains: dict[str, list[tuple[int, float]]] = {}
        #: Second word of a name or phrase -> its first word, and its signal.
        self._seconds: dict[str, list[tuple[str, str]]] = {}
        for number in numbers:
            self._take(number)
        for pair in {*self._gains, *lexicon.phrases}:
            if " " in pair:
                self._list_pair(pair)
        self._glance = _Glance(lexicon, {each for each in self._gains if tellings.is_rare(tellings.rarity(each))})
        self._has_numbers = any(signal.startswith("#") for signal in self._gains)
        self._shared, self._shared_seconds = frozenset(self._gains), frozenset(self._seconds)
        self._roots: _Memory[str] = _Memory(lambda word: read_word(word)[0])
        self._signals: _Memory[str] = _Memory(self._signal)
        self._amounts: _Memory[float] = _Memory(self._amount)
        # What is no word, and what may have become part of a phrase.
        self._amounts.update(
            dict.fromkeys((lexicon.signal(root) for key in lexicon.phrases for root in key.split()), 0)
        )
        self._amounts[""] = 0.0

    def _take(self, number: int) -> None:
        for signal in self._tellings.shelf.signals_of(number):
            rarity = self._tellings.rarity(signal)
            level = level_in(self._tellings.shelf.posting(signal), number)
            self._gains.setdefault(signal, []).append((number, rarity * level / HEAD))

    def _list_pair(self, pair: str) -> None:
        signal = self._lexicon.signal(pair)
        if signal in self._gains:
            first, _, second = pair.partition(" ")
            self._seconds.setdefault(second, []).append((first, signal))

    def _signal(self, word: str) -> str:
        root, is_telling, _ = read_word(word)
        return self._lexicon.signal(root) if is_telling else ""

    def _amount(self, signal: str) -> float:
        rarity = self._tellings.rarity(signal)
        return rarity * _LEAST_OF_KNOWN if rarity else self._tellings.unknown * SUMMARY_WEIGHT

    def may_tell(self, story: Story) -> bool:
        if not (self._is_timely(story.published) or self._glance.may_share(story)):
            return False
        said, roots, others, pairs = self._read(story)
        amount = sum(map(self._amounts.__getitem__, said))
        amount += CHINESE_WEIGHT / SUMMARY_WEIGHT * sum(map(self._amounts.__getitem__, pairs))
        least = SUGGEST * self._tellings.at_least(amount) * ROUNDING
        return any(
            gain * self._tellings.nearness_to(number, story.published) >= least
            for number, gain in self._most(said | others | pairs, roots).items()
        )

    def _is_timely(self, published: datetime | None) -> bool:
        return published is not None and published.toordinal() in self._days

    def _read(self, story: Story) -> tuple[set[str], set[str], set[str], set[str]]:
        """The signals of an entry's words, the roots of them, its numbers and sources, and its Chinese pairs."""
        words: set[str] = set()
        chinese: set[str] = set()
        others = {name_signal(name, self._lexicon) for name in story.sources}
        pairs: set[str] = set()
        for text, weight in texts_of(story):
            words.update(LATIN.findall(text))
            if self._has_numbers:
                others.update(number for number, _ in numbers_in(text))
            if not text.isascii():
                chinese.update(self._lexicon.count_chinese(text))
                pairs.update(chinese_pairs(text) if weight == TITLE_WEIGHT else ())
        said = set(map(self._signals.__getitem__, words))
        return said | chinese, set(map(self._roots.__getitem__, words)), others, pairs

    def _most(self, signals: set[str], roots: set[str]) -> dict[int, float]:
        """The most that each article has in common with an entry."""
        names = [
            signal
            for second in roots & self._shared_seconds
            for first, signal in self._seconds[second]
            if first in roots
        ]
        gains: dict[int, float] = {}
        for signal in chain(signals & self._shared, names):
            for number, gain in self._gains[signal]:
                gains[number] = gains.get(number, 0.0) + gain
        return gains
