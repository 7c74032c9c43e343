"""What an article says, and how loudly; what an entry says, and in which words. Both as signals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct, field

from feeds.match.lexicon import Lexicon, glosses_in
from feeds.match.signals import JOINTS, fold, latin_in, numbers_in, read_word, stem, tokens_in
from feeds.match.values import Piece, Story

#: How loudly an article says something (a level of 1 to 255). In its title, summary or terms ...
HEAD = 200
#: ... in the title of something that it cites ...
CITED = 120
#: ... so many times in its text, or more often.
_BODY, _LOUDEST_BODY = {1: 70, 2: 90, 3: 110, 4: 130, 5: 150}, 160

#: An entry's title says what it is about, its summary a little less so.
TITLE_WEIGHT, SUMMARY_WEIGHT, SOURCE_WEIGHT, CHINESE_WEIGHT = 1.0, 0.7, 0.7, 0.5
#: Beyond this a summary is a text, whose details say less and less.
_LONGEST_SUMMARY = 400
_LONGEST_TITLE = 400
_HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")


def piece_signals(piece: Piece, lexicon: Lexicon) -> dict[str, int]:
    """Each signal of an article with its level."""
    head = fold(" \n".join((piece.title, *piece.terms, piece.summary)))
    cited = fold(" \n".join(citation.title for citation in piece.citations if citation.title))
    levels = {signal: _BODY.get(times, _LOUDEST_BODY) for signal, times in _count_body(piece, lexicon).items()}
    for signal in (*_count(cited, lexicon), *chinese_pairs(cited)):
        levels[signal] = max(CITED, levels.get(signal, 0))
    levels.update(dict.fromkeys(_count(head, lexicon), HEAD))
    levels.update(dict.fromkeys(chinese_pairs(head), HEAD))
    return levels


def _count(folded: str, lexicon: Lexicon) -> Counter[str]:
    counts = Counter(lexicon.translate(latin_in(folded)))
    for signal, times in lexicon.count_chinese(folded).items():
        counts[signal] = counts.get(signal, 0) + times
    return counts


def _count_body(piece: Piece, lexicon: Lexicon) -> Counter[str]:
    """What its text says; a name glossed once counts as often as its Chinese form stands there."""
    body = fold(piece.text)
    counts = _count(body, lexicon)
    glosses = glosses_in(piece.text)
    for chinese, latin in glosses.items():
        counts[lexicon.signal(stem(latin.lower()))] += body.count(chinese) - 1
    return +counts if glosses else counts


def chinese_pairs(folded: str) -> set[str]:
    """Neighbouring Chinese characters: what Chinese texts are compared by where the lexicon has no word."""
    return {run[place : place + 2] for run in _HAN_RUN.findall(folded) for place in range(len(run) - 1)}


class Outline(Struct):
    """What an entry says."""

    #: Signal -> weight and how the entry writes it.
    words: dict[str, tuple[float, str]] = field(default_factory=dict)
    #: Pair -> the signals of its parts, weight, and how the entry writes both.
    pairs: dict[str, tuple[str, str, float, str, str]] = field(default_factory=dict)
    #: The forms of one number ("#2e+08 usd", "#2e+08"), weight, and how the entry writes it.
    numbers: dict[tuple[str, ...], tuple[float, str]] = field(default_factory=dict)
    #: Neighbouring Chinese characters.
    chinese: set[str] = field(default_factory=set)
    #: Signals of the names of its source, and the names: an article that names it says where it has its story from.
    sources: dict[str, str] = field(default_factory=dict)


def outline(story: Story, lexicon: Lexicon) -> Outline:
    """What an entry says, whichever titles it had."""
    result = Outline()
    for text, weight in texts_of(story):
        _outline_text(text, weight, lexicon, result)
    for name in story.sources:
        signal = name_signal(name, lexicon)
        # A name of which the entry says a part (Mistral AI News on Mistral) would count that part twice.
        if signal and result.words.keys().isdisjoint(signal.split()) and signal not in result.pairs:
            result.sources[signal] = name
    return result


def texts_of(story: Story) -> Iterator[tuple[str, float]]:
    """What an entry is outlined from, folded, each with its weight."""
    for title in story.titles:
        yield fold(title[:_LONGEST_TITLE]), TITLE_WEIGHT
    yield fold(story.summary[:_LONGEST_SUMMARY]), SUMMARY_WEIGHT


@lru_cache(maxsize=4096)
def name_signal(name: str, lexicon: Lexicon) -> str:
    """What a source is called in a text: its first two words, or its only one; empty for a Chinese name."""
    said = Outline()
    _outline_words(fold(name), 1.0, lexicon, said)
    return next(iter(said.pairs), next(iter(said.words)) if len(said.words) == 1 else "")


def _outline_text(folded: str, weight: float, lexicon: Lexicon, result: Outline) -> None:
    _outline_words(folded, weight, lexicon, result)
    forms: dict[str, list[str]] = {}
    for number, shown in numbers_in(folded):
        forms.setdefault(shown, []).append(number)
    for shown, numbers in forms.items():
        result.numbers.setdefault(tuple(numbers), (weight, shown))
    if not folded.isascii():
        for signal in lexicon.count_chinese(folded):
            result.words.setdefault(signal, (weight, signal))
        if weight == TITLE_WEIGHT:
            result.chinese |= chinese_pairs(folded)


def _outline_words(folded: str, weight: float, lexicon: Lexicon, result: Outline) -> None:
    """Words, pairs and phrases; a word waits until the next one shows that it begins no phrase."""
    signals, phrases, found, pairs = lexicon.signals, lexicon.phrases, result.words, result.pairs
    before, waiting, its_signal = "", "", ""
    for gap, written in tokens_in(folded):
        root, is_telling, is_second = read_word(written)
        signal = signals.get(root, root)
        if is_second and before and gap in JOINTS:
            pair = f"{before} {root}"
            if pair in phrases:
                found.setdefault(signals[pair], (weight, f"{waiting} {written}"))
                before = waiting = ""
                continue
            if pair not in pairs:
                pairs[pair] = (its_signal, signal, weight, waiting, written)
        if waiting:
            found.setdefault(its_signal, (weight, waiting))
        before, waiting, its_signal = (root, written, signal) if is_telling else ("", "", "")
    if waiting:
        found.setdefault(its_signal, (weight, waiting))
