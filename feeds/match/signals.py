"""What a text is about, in signals that survive between Chinese and English: words, names, numbers.

A signal is a short text: a stem (``robot``), two neighbours (``mark chen``), a number with its unit (``#2e+08 usd``).
Chinese words count as their English counterparts (lexicon.py), so both languages meet in one vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from feeds.match.words import STOPWORDS

#: A word of a Latin text; what joins its parts (GPT-4.5, o1-pro, AT&T, C++) belongs to it.
LATIN = re.compile(r"[a-z0-9\u00df-\u024f]+(?:[.'’&+-][a-z0-9\u00df-\u024f]+)*\+*")
_SPLIT = re.compile(f"({LATIN.pattern})")
#: Between two words of one name: "Mark Chen", "Jean-Luc", "比尔·Gates".
JOINTS = frozenset((" ", "-", "·", ""))
#: A longer word is none; it bounds what a hostile text puts into the index.
_LONGEST_WORD = 40
_SHORTEST_STEM = 3


@lru_cache(maxsize=1 << 13)
def stem(word: str) -> str:
    """A folded word without its English endings: two words are one when their stems are."""
    word = word.replace("’", "'").removesuffix("'s").removesuffix("'")
    if not word.isascii() or not word.isalpha() or len(word) <= _SHORTEST_STEM:
        return word
    word = _without_plural(word)
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = _without_doubling(word.removesuffix(ending))
            break
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > _SHORTEST_STEM + 1:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _without_doubling(word: str) -> str:
    """``runn`` is ``run``, but ``sell`` stays."""
    return word[:-1] if word[-1] == word[-2] and word[-1] not in "lsz" else word


#: Letters and digits of another width or style, and spaces that are none. Chinese punctuation is not among them: every
#: text has some, nothing is read from it, and normalising takes as long as all the rest.
_TO_BE_NORMALISED = re.compile("[\u00a0\u2000-\u200a\u3000０-９Ａ-Ｚａ-ｚ％＄￥￡．﹪\U0001d400-\U0001d7ff]")


def fold(text: str) -> str:
    """The text as signals are read from it: one width, one case."""
    if text.isascii():
        return text.lower()
    return (unicodedata.normalize("NFKC", text) if _TO_BE_NORMALISED.search(text) else text).lower()


def tokens_in(folded: str) -> Iterator[tuple[str, str]]:
    """The Latin words of a folded text, each after what stands between it and the one before."""
    parts = _SPLIT.split(folded)
    return zip(parts[::2], parts[1::2], strict=False)


@lru_cache(maxsize=1 << 13)
def read_word(written: str) -> tuple[str, bool, bool]:
    """The stem of a word, whether it says something by itself, and whether as the second word of a name ("Gemini 3").

    No stem for what is too long to be a word.
    """
    if len(written) > _LONGEST_WORD:
        return "", False, False
    root = stem(written)
    is_telling = not (written in STOPWORDS or written.isdigit() or len(root) < 2)
    return root, is_telling, is_telling or root.isdigit()


# -- numbers ---------------------------------------------------------------------------------------------------------

_SCALES = {
    **dict.fromkeys(("k", "thousand", "千"), 1e3),
    **dict.fromkeys(("m", "mn", "million", "百万"), 1e6),
    **dict.fromkeys(("b", "bn", "billion", "十亿"), 1e9),
    **dict.fromkeys(("t", "tn", "trillion", "万亿"), 1e12),
    "万": 1e4,
    "千万": 1e7,
    "亿": 1e8,
    "百亿": 1e10,
    "千亿": 1e11,
}
_UNITS = {
    **dict.fromkeys(("$", "usd", "dollar", "dollars", "美元", "美金"), "usd"),
    **dict.fromkeys(("€", "eur", "euro", "euros", "欧元"), "eur"),
    **dict.fromkeys(("£", "gbp", "pound", "pounds", "英镑"), "gbp"),
    **dict.fromkeys(("¥", "yuan", "rmb", "元", "人民币"), "cny"),
    **dict.fromkeys(("%", "percent", "per cent"), "%"),
}
#: Begins with the digits, so that a text without any is passed over at once; what stands before comes later.
_NUMBER = re.compile(
    r"([0-9][0-9]{0,14}(?:,[0-9]{3}){0,5}(?:\.[0-9]{1,4})?)(?![0-9,.]?[0-9])[ -]?"
    r"(万亿|千亿|百亿|十亿|千万|百万|[千万亿]|(?:thousand|million|billion|trillion|mn|bn|tn|[kmbt])(?![a-z]))? ?"
    r"(美元|美金|欧元|英镑|人民币|元|%|percent|per cent|(?:usd|dollars?|euros?|pounds?|yuan|rmb)(?![a-z]))?"
)
#: Not the beginning of a number, but the middle of a word or of another number.
_PART_OF_MORE = re.compile(r"[a-z0-9.,-]")
#: A bare number below this is a count that any text may hold ...
_SMALLEST_BARE = 20
#: ... and these are years.
_YEARS = range(1900, 2100)


def numbers_in(folded: str) -> Iterator[tuple[str, str]]:
    """The numbers of a folded text that are worth comparing, as value and unit, and as written.

    ``$200m`` and ``2亿美元`` are ``#2e+08 usd``. Money gives its bare value as well: many texts leave the currency out.
    """
    for match in _NUMBER.finditer(folded):
        start = match.start()
        before = folded[start - 1 : start]
        if _PART_OF_MORE.match(before):
            continue
        digits, scale, after = match.groups()
        value = float(digits.replace(",", "")) * _SCALES.get(scale or "", 1)
        unit = _UNITS.get(before) or _UNITS.get(after or "", "")
        shown = (before if before in _UNITS else "") + match[0].strip()
        if unit:
            yield f"#{value:g} {unit}", shown
        if unit != "%" and value >= _SMALLEST_BARE and not (value in _YEARS and not scale and not unit):
            yield f"#{value:g}", shown


# -- texts -----------------------------------------------------------------------------------------------------------


def latin_in(folded: str) -> list[str]:
    """The words of a folded text, its numbers, and the pairs of words that may be a name ("mark chen", "gemini 3")."""
    found: list[str] = []
    before = ""
    for gap, written in tokens_in(folded):
        root, is_telling, is_second = read_word(written)
        if is_second and before and gap in JOINTS:
            found.append(f"{before} {root}")
        if is_telling:
            found.append(root)
        before = root if is_telling else ""
    found += [number for number, _ in numbers_in(folded)]
    return found
