"""Which articles tell what an entry tells, without citing it (rule "covers")."""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import nlargest
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from msgspec import Struct

from feeds.match.lexicon import Lexicon
from feeds.match.outline import CHINESE_WEIGHT, CITED, HEAD, SOURCE_WEIGHT, Outline
from feeds.match.shelf import LEVEL_BITS, LEVEL_MASK, Posting, Shelf
from feeds.match.values import Standing

#: From here on a pair is listed for the editor, and from there on it is published; both of ``Telling.score``.
SUGGEST, PUBLISH = 0.2, 0.35
#: ... if they share one rare thing and come out together, only from here on, else from there.
_SUGGEST_BY_ONE, _SUGGEST_WITHOUT_RARE = 0.35, 0.5
#: ... unless what they share, common things together, is so much (in things that a single article has).
_TOLD = 1.2
#: An article that came out before the entry seldom tells it: so many days (an entry's date may be midnight of its day,
#: and the article's morning a zone further east), and what its nearness counts for then.
_SAME_DAY, _BEFORE = -0.35, 0.5
#: What is published shares at least so many independent hints: rare things, and the nearness of the dates (in days).
_HINTS, _NEAR_DAYS = 3, 3.0
#: So rare is rare: as a share of the rarity of what a single article has. In 400 articles that is 19 or fewer, in
#: 10,000 it is 80.
_RARE = 0.55
#: As if there were so many more articles, in which nothing of note stands: a site of three must not take every word
#: for rare ...
_IMAGINED = 30
#: ... but each common word of the language in so many of them.
_IMAGINED_WITH_WORD = 3
#: An entry says at least so much (in things that a single article has): a title of two words must not match by one.
_LEAST_SAID = 2.0
#: What no article has, counts against it by this: the words of headlines are mostly those.
_UNKNOWN = 0.42
#: A pair is a name when one of its parts seldom stands elsewhere; a part that often does remains a unit of its own.
_NAME, _PART = 0.5, 0.3
#: No article tells what came out this many days after it, none of ours took up anything older than that.
DAYS_TOLD = (-7.0, 365.0)
#: Articles of the days around an entry's date are looked at even if they share nothing rare.
_DAYS_BEFORE, _DAYS_AFTER = 2, 5
#: A day and an article's number in one number: no site has four thousand million articles.
_DAY_BITS = 32
_NUMBER = (1 << _DAY_BITS) - 1
#: Of all articles that share something rare, so many are looked at closely, if it is so much of what the entry says,
#: times the nearness of their dates; the rest must come from common things.
_CLOSELY, _RARE_PART = 32, 0.02
#: Sums in another order differ in their last digits.
ROUNDING = 1 - 1e-9
#: Of the things that are not rare, so much must be shared with the heads of articles of those days.
_COMMON_PART = 0.3


class Form(NamedTuple):
    """A signal among the articles."""

    signal: str
    #: 0 for one that none has.
    rarity: float
    posting: Posting


class Unit(NamedTuple):
    """Something that an entry says: one thing, in whichever of its forms an article has it."""

    forms: tuple[Form, ...]
    weight: float
    #: The rarity of the rarest form, times the weight.
    amount: float
    shown: str
    #: True for a hint of its own: rare, and no mere pair of Chinese characters.
    is_rare: bool


class Saying(NamedTuple):
    """What an entry says, each thing once."""

    #: Those things that some article may say as well.
    units: list[Unit]
    #: How much it says in all, what no article says included.
    amount: float


class Telling(Struct, frozen=True):
    """How far one article tells an entry."""

    number: int
    #: ``share`` times ``nearness``.
    score: float
    #: How much of what the entry says the article says, 0 to 1.
    share: float
    #: From their dates, 0 to 1.
    nearness: float
    #: From the entry to the article; None when a date is missing or guessed.
    days: float | None
    #: What both say, the rarest first.
    common: tuple[Unit, ...]
    #: How many of them are rare, and so independent hints.
    rare: int
    #: How much both say, times the nearness, in things that a single article has; mere pairs of characters left out.
    told: float


def nearness(days: float) -> float:
    """How well two dates fit: 1 up to a day apart, 0.35 after weeks; half if the article came first, 0 long before."""
    if not DAYS_TOLD[0] <= days <= DAYS_TOLD[1]:
        return 0.0
    apart = days if days >= 0 else -2 * days
    return (0.35 + 0.65 * math.exp(-max(0.0, apart - 1) / 8)) * (_BEFORE if days < _SAME_DAY else 1.0)


#: When one of the dates is not known; a file's time that fits better may count for more.
_NEARNESS_UNKNOWN = 0.6


class Tellings:
    """The articles, by what they tell."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.shelf = Shelf()
        #: What articles have, until one comes or goes: the signal, alone, and whether it is rare.
        self._known: dict[str, tuple[tuple[Form], bool]] = {}
        #: The rarity of what a single article has.
        self.rarest = self._rarity(1)
        self._lexicon = lexicon
        self._published: dict[int, datetime] = {}
        #: The same in seconds.
        self._seconds: dict[int, float] = {}
        #: The articles whose date is only the time of the file.
        self._guessed: set[int] = set()
        #: Signal -> the articles that say it in their heads, in the order of their days: ``day << _DAY_BITS | number``.
        self._heads: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, levels: Mapping[int, Sequence[str]], published: datetime, *, is_guessed: bool = False) -> int:
        """Put an article on the shelf; ``is_guessed`` when its date is only the time of a file."""
        number = self.shelf.add(levels)
        self._forget_rarities()
        self._published[number] = published
        self._seconds[number] = published.timestamp()
        if is_guessed:
            self._guessed.add(number)
        else:
            at = published.toordinal() << _DAY_BITS | number
            for signal in filter(str.isascii, levels.get(HEAD, ())):
                insort(self._heads[signal], at)
        return number

    def remove(self, number: int) -> None:
        """Take an article off the shelf."""
        del self._seconds[number]
        at = self._published.pop(number).toordinal() << _DAY_BITS | number
        for signal in self.shelf.signals_of(number):
            days = self._heads.get(signal, [])
            place = bisect_left(days, at)
            if days[place : place + 1] == [at]:
                del days[place]
        self._guessed.discard(number)
        self.shelf.remove(number)
        self._forget_rarities()

    def days_to_tell(self, numbers: Iterable[int]) -> set[int]:
        """The days of entries that articles may tell although they share nothing rare."""
        dated = [self._published[number].toordinal() for number in numbers if number not in self._guessed]
        return {day + apart for day in dated for apart in range(-_DAYS_AFTER, _DAYS_BEFORE + 1)}

    # -- rarity ------------------------------------------------------------------------------------------------------

    def _form(self, signal: str) -> Form:
        posting = self.shelf.posting(signal)
        imagined = _IMAGINED_WITH_WORD if self._lexicon.knows(signal) else 0
        return Form(signal, self._rarity(len(posting) + imagined) if posting else 0.0, posting)

    def rarity(self, signal: str) -> float:
        """How rare a signal is among the articles; 0 for one that none has."""
        alone = self._alone(signal)
        return alone[0][0].rarity if alone else 0.0

    def is_rare(self, rarity: float) -> bool:
        """Whether something so rare leads to the articles that have it."""
        return rarity >= _RARE * self.rarest

    @property
    def unknown(self) -> float:
        """What counts as the rarity of something that no article has."""
        return _UNKNOWN * self.rarest

    def at_least(self, amount: float) -> float:
        """How much an entry is taken to say."""
        return max(amount, _LEAST_SAID * self.rarest)

    def _alone(self, signal: str) -> tuple[tuple[Form], bool] | None:
        """A signal as the only form of a unit, and whether it is rare; None for one that no article has."""
        known = self._known.get(signal)
        if known is None and signal in self.shelf.postings:
            form = self._form(signal)
            known = self._known[signal] = ((form,), form.rarity >= _RARE * self.rarest)
        return known

    def _forget_rarities(self) -> None:
        self._known.clear()
        self.rarest = self._rarity(1)

    def _rarity(self, frequency: float) -> float:
        return math.log((len(self.shelf) + _IMAGINED) / (frequency + 0.5) + 1)

    def read(self, outline: Outline) -> Saying:
        """What an entry says, each thing once: names as one, words that none of the articles has included."""
        named: set[str] = set()
        postings = self.shelf.postings
        units = [
            unit
            for pair, written in outline.pairs.items()
            if pair in postings and (unit := self._name(pair, written, named))
        ]
        amounts = [unit.amount for unit in units]
        self._read_words(outline, named, units, amounts)
        others = [self._unit(forms, weight, shown) for forms, (weight, shown) in outline.numbers.items()]
        others += [
            self._unit((pair,), CHINESE_WEIGHT, pair)._replace(is_rare=False) for pair in sorted(outline.chinese)
        ]
        amounts += [unit.amount for unit in others]
        # Whoever names the source has one hint more; an entry does not say it, so it is no part of the amount.
        others += [self._unit((name,), SOURCE_WEIGHT, shown) for name, shown in outline.sources.items()]
        return Saying([*units, *others], self.at_least(sum(amounts)))

    def _read_words(self, outline: Outline, named: set[str], units: list[Unit], amounts: list[float]) -> None:
        """Nearly all that entries say are words, and half of them no article has; so this takes no detours."""
        known, unknown = self._known, self.unknown
        for signal, (weight, shown) in outline.words.items():
            if signal in named:
                continue
            alone = known.get(signal) or self._alone(signal)
            if alone:
                forms, is_rare = alone
                amount = forms[0].rarity * weight
                units.append(Unit(forms, weight, amount, shown, is_rare))
            else:
                amount = unknown * weight
            amounts.append(amount)

    def _name(self, pair: str, written: tuple[str, str, float, str, str], named: set[str]) -> Unit | None:
        """A pair as a unit, if it is a name; the parts that it takes with it are added to ``named``."""
        frequency = len(self.shelf.posting(pair))
        first, second, weight, *shown = written
        if first in named and second in named:
            return None
        counts = {part: len(self.shelf.posting(part)) for part in (first, second)}
        if frequency < _NAME * min(counts.values()):
            return None
        absorbed = [part for part, count in counts.items() if frequency >= _PART * count and part not in named]
        named.update(absorbed)
        return self._unit((pair, *absorbed), weight, " ".join(shown))

    def _unit(self, signals: tuple[str, ...], weight: float, shown: str) -> Unit:
        forms = tuple([self._form(signal) for signal in signals])
        rarity = max([form.rarity for form in forms])
        is_rare = rarity >= _RARE * self.rarest
        return Unit(forms, weight, (rarity or self.unknown) * weight, shown, is_rare)

    # -- looking ---------------------------------------------------------------------------------------------------

    def look(self, saying: Saying, published: datetime | None) -> list[Telling]:
        """The articles that tell an entry far enough to be suggested, the best first."""
        tellings = [self.weigh(number, saying, published) for number in self._candidates(saying, published)]
        return sorted((one for one in tellings if standing(one)), key=lambda one: (-one.score, one.number))

    def _candidates(self, saying: Saying, published: datetime | None) -> list[int]:
        """The articles that share something rare, and those of the same days that are about the same common things."""
        gains: dict[int, float] = {}
        common: list[tuple[str, float]] = []
        rare, said = _RARE * self.rarest, saying.amount * HEAD
        for unit in saying.units:
            for form in unit.forms:
                if form.rarity >= rare:
                    _add_gains(gains, form.posting, form.rarity * unit.weight)
                elif form.rarity:
                    common.append((form.signal, form.rarity * unit.weight * HEAD))
        least = _RARE_PART * said
        # Were all told that is common, it must do for a suggestion.
        most, enough = sum([gain for _, gain in common]), SUGGEST * said * ROUNDING
        at = _seconds(published)
        floor = max(least, enough - most)
        found = [
            number
            for number, gain in gains.items()
            if gain >= floor
            and gain * (near := self._nearness(number, self._days_between(number, at))) >= least
            and (gain + most) * near >= enough
        ]
        if len(found) > _CLOSELY:
            found = nlargest(_CLOSELY, found, key=gains.__getitem__)
        return found + (self._timely(common, published, said, gains) if common and published else [])

    def _timely(
        self, common: list[tuple[str, float]], published: datetime, said: float, seen: Container[int]
    ) -> list[int]:
        """The articles of the days around a date that are about the same common things."""
        gains: dict[int, float] = {}
        least, day = _COMMON_PART * said, published.toordinal()
        first, end = day - _DAYS_BEFORE << _DAY_BITS, day + _DAYS_AFTER + 1 << _DAY_BITS
        heads = sorted(
            [(gain, days) for signal, gain in common if (days := self._heads.get(signal))], key=itemgetter(0)
        )
        # The commonest, which together are too little, lead to most articles and need not be followed.
        rest = list(accumulate(gain for gain, _ in heads))
        followed = bisect_left(rest, least)
        for gain, days in heads[followed:]:
            for at in days[bisect_left(days, first) : bisect_left(days, end)]:
                gains[at] = gains.get(at, 0.0) + gain
        most = rest[followed - 1] if followed else 0.0
        gains = {at: gain for at, gain in gains.items() if gain + most >= least and at & _NUMBER not in seen}
        for gain, days in heads[:followed] if gains else ():
            for at in gains:
                place = bisect_left(days, at)
                if place < len(days) and days[place] == at:
                    gains[at] += gain
        return [at & _NUMBER for at, gain in gains.items() if gain >= least]

    def weigh(self, number: int, saying: Saying, published: datetime | None) -> Telling:
        """How far one article tells an entry."""
        told, pairs, rare, common = 0.0, 0.0, 0, []
        for unit in saying.units:
            gain, level = _gain(unit, number)
            if gain:
                told += gain
                pairs += gain if unit.weight == CHINESE_WEIGHT else 0.0
                # A word that only a cited English title has is rare for being English.
                rare += unit.is_rare and not (level == CITED and len(unit.forms) == 1)
                common.append((gain, unit))
        common.sort(key=lambda pair: -pair[0])
        days = self._days_between(number, _seconds(published))
        share, near = min(1.0, told / saying.amount), self._nearness(number, days)
        days = None if number in self._guessed else days
        units = tuple([unit for _, unit in common])
        return Telling(number, share * near, share, near, days, units, rare, (told - pairs) * near / self.rarest)

    def nearness_to(self, number: int, published: datetime | None) -> float:
        """How well the dates of an article and of an entry fit, 0 to 1."""
        return self._nearness(number, self._days_between(number, _seconds(published)))

    def _days_between(self, number: int, at: float | None) -> float | None:
        """``at`` in seconds."""
        return None if at is None else (self._seconds[number] - at) / 86400

    def _nearness(self, number: int, days: float | None) -> float:
        if days is None:
            return _NEARNESS_UNKNOWN
        return max(_NEARNESS_UNKNOWN, nearness(days)) if number in self._guessed else nearness(days)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _add_gains(gains: dict[int, float], posting: Posting, gain: float) -> None:
    for packed in posting:
        number = packed >> LEVEL_BITS
        gains[number] = gains.get(number, 0.0) + gain * (packed & LEVEL_MASK)


def _gain(unit: Unit, number: int) -> tuple[float, int]:
    """What an article says of a unit, in its loudest form, and how loudly."""
    best, loudest, first = 0.0, 0, number << LEVEL_BITS
    for _, rarity, posting in unit.forms:
        # ``level_in``, written out: a third of the time for each of a million looks.
        place = bisect_left(posting, first)
        if place < len(posting) and posting[place] >> LEVEL_BITS == number:
            level = posting[place] & LEVEL_MASK
            if rarity * level > best:
                best, loudest = rarity * level, level
    return best * unit.weight / HEAD, loudest


def standing(telling: Telling) -> Standing | None:
    """What becomes of it; None when it is too little even for the editor."""
    is_after = telling.days is None or telling.days >= _SAME_DAY
    if telling.score >= PUBLISH and is_after and telling.rare + _is_near(telling) >= _HINTS:
        return Standing.MATCH
    return Standing.SUGGESTION if telling.score >= _least_score(telling) else None


def _least_score(telling: Telling) -> float:
    """From where on it is suggested: one thing in common, be it ever so rare, is hardly a story in common."""
    if telling.rare > 1 or telling.told >= _TOLD:
        return SUGGEST
    return _SUGGEST_BY_ONE if telling.rare and _is_near(telling) else _SUGGEST_WITHOUT_RARE


def wanting(telling: Telling) -> Iterator[str]:
    """What would have to differ for it to be published, one sentence for each."""
    if telling.score < PUBLISH:
        yield f"to be published the score must be {PUBLISH} (to be suggested {SUGGEST})"
    if telling.days is not None and telling.days < _SAME_DAY:
        yield "to be published the article must not have come out before the entry"
    is_near = _is_near(telling)
    if telling.rare + is_near < _HINTS:
        date = "the date is one of them" if is_near else f"a date within {_NEAR_DAYS:.0f} days would be one"
        yield f"to be published {_HINTS} independent hints must agree; {telling.rare + is_near} do ({date})"


def _is_near(telling: Telling) -> bool:
    return telling.days is not None and abs(telling.days) <= _NEAR_DAYS
