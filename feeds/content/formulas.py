r"""Which parts of a text are formulas: ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]``, or what a site has configured.

A formula is TeX, not Markdown: its backslashes, underscores and stars stay as they are. Readers of feeds do not set it,
so it is shown as code, delimiters and all.
"""

from __future__ import annotations

import re
from functools import cache

from feeds.content.rules import MathRules

#: No formula is longer; bounds the search for the end of one.
_LONGEST_BLOCK = 10_000
_LONGEST_INLINE = 1_000
#: pandoc's rule for a single dollar: something stands right within both, and no digit or letter right outside.
_DOLLAR = rf"\$(?<![\\$A-Za-z0-9]\$)(?=[^\s$])(?:[^$\\]|\\.){{1,{_LONGEST_INLINE}}}+(?<=\S)\$(?![$A-Za-z0-9])"
#: At most 20 configured pairs are looked for.
_MOST_PAIRS = 20

_BLANK_LINE = re.compile(r"\n[ \t>]*\n")
_WORDS_IN_TEX = re.compile(r"\\(?:text|mathrm|mbox|textbf|textit|operatorname)\s*\{[^{}]*\}")
_CJK = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uff00-\uffef]")
_TEX_SIGN = re.compile(r"[\\_^={}]")
#: ``\[`` before a formula, not before a bracket that somebody escaped.
_TEX_COMMAND = re.compile(r"\\[A-Za-z{}\\]|[_^=]")
#: ``2n + 1``, not ``5, or 10``.
_SUM = re.compile(r"[+*/<>-]")
_NO_SUM = re.compile(r"[A-Za-z]{2}|[,.;:] ")
_WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3,}")


@cache
def formula_pattern(rules: MathRules) -> str:
    """A pattern without groups for all that may be a formula; see ``is_formula``. Linear."""
    pairs = [(*pair, _LONGEST_BLOCK) for pair in rules.block] + [(*pair, _LONGEST_INLINE) for pair in rules.inline]
    pairs = [pair for pair in pairs if pair[0] and pair[1]][:_MOST_PAIRS]
    pairs.sort(key=lambda pair: -len(pair[0]))  # ``$$`` before ``$``
    return "|".join(dict.fromkeys(_pair_pattern(*pair) for pair in pairs)) or r"(?!)"


def holds_formula(text: str, rules: MathRules) -> bool:
    """Does the text hold any, be it in code?"""
    for first, opening in _openings(rules):
        # One character is looked for in a tenth of the time that two take.
        if first in text and opening in text:
            return any(is_formula(found[0], rules) for found in _search(rules).finditer(text))
    return False


@cache
def _openings(rules: MathRules) -> tuple[tuple[str, str], ...]:
    """The first character of each opening, and the whole."""
    openings = dict.fromkeys(opening for opening, closing in (*rules.block, *rules.inline) if opening and closing)
    # Who holds ``$$`` holds ``$``.
    needed = (one for one in openings if not any(other != one and one.startswith(other) for other in openings))
    return tuple((opening[0], opening) for opening in needed)


@cache
def _search(rules: MathRules) -> re.Pattern[str]:
    return re.compile(formula_pattern(rules))


def is_formula(written: str, rules: MathRules) -> bool:
    """Is what the pattern found one? ``written`` has its delimiters."""
    if written[:2] == "$$":
        return bool(written.strip("$").strip())
    is_block = any(written.startswith(opening) for opening, _ in rules.block)
    if not is_block and _BLANK_LINE.search(written):
        return False
    return not rules.careful or _looks_like_tex(written)


def _pair_pattern(opening: str, closing: str, longest: int) -> str:
    if opening == closing == "$":
        return _DOLLAR
    # Neither delimiter within: so a search that fails ends at the next opening, and all of them together are linear.
    begin, end = re.escape(opening), re.escape(closing)
    return rf"{begin}(?<!\\{begin})(?:(?!{begin}|{end})(?s:.)){{1,{longest}}}+{end}"


def _looks_like_tex(written: str) -> bool:
    """Nobody configured formulas: is this one, or a price, or brackets that somebody escaped?"""
    is_dollar = written[0] == "$"
    inner = written[1:-1] if is_dollar else written[2:-2]
    inner = _WORDS_IN_TEX.sub("", inner)
    if _CJK.search(inner) or inner[:1] == "^":
        return False
    if not is_dollar:
        return _TEX_COMMAND.search(inner) is not None
    if _TEX_SIGN.search(inner):
        return True
    if inner[:1].isdigit() and " " in inner:
        return _SUM.search(inner) is not None and _NO_SUM.search(inner) is None
    return len(_WORD.findall(inner)) < 2
