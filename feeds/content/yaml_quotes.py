"""What a value means whose quotes YAML cannot read: ``"A" and "B"``, ``"He said "no" again"``, ``'It's'``. Pure."""

from __future__ import annotations

import re

#: A word that begins with an apostrophe: ``'tis``, ``'90s``.
_CLIPPED = re.compile(r"'(?:t(?:is|was|il)|em|n|cause|round|\d\ds?)\b", re.IGNORECASE)
#: What may stand between two things in quotes, where no blanks tell: ``"苹果"和"香蕉"``.
_BETWEEN = frozenset({"和", "与", "與", "及", "或", "跟", "同", "对", "對", "到", "至", "vs", "or", "and", "&"})
#: A mark of inches or seconds closes nothing.
_INCHES = re.compile(r'\d"')


def in_quotes(text: str) -> str:
    """The text as a scalar of YAML that means it."""
    return "'" + text.replace("'", "''") + "'"


def text_meant(value: str) -> str | None:
    """The text that an unreadable scalar stands for; None when its quotes leave open what that is.

    Quotes around the whole are YAML's and go; quotes around single words of it are the author's and stay.
    """
    quote = value[0]
    if quote not in {'"', "'"}:
        return value
    if value.count(quote) == 1:
        return value if _CLIPPED.match(value) else value[1:].strip() or None
    text = value
    if value.endswith(quote) and not value.endswith("\\" + quote) and not _are_pairs(value[1:-1], quote):
        text = value[1:-1].replace("\\" + quote, quote)
    return None if _has_half_a_quote(text) else text


def _has_half_a_quote(text: str) -> bool:
    return bool((text.count('"') - len(_INCHES.findall(text))) % 2 and text.count('"') % 2)


def _are_pairs(inner: str, quote: str) -> bool:
    """Whether the first quote inside closes what the one before ``inner`` opens: ``A" and "B``."""
    marks = [at for at, char in enumerate(inner) if char == quote and not _is_escaped_or_apostrophe(inner, at)]
    if not marks or len(marks) % 2:
        return False
    first = marks[0]
    before, after = inner[first - 1 : first] or " ", inner[first + 1 : first + 2] or " "
    if before.isalnum() and after.isalnum():
        return inner[first + 1 : marks[1]].strip().lower() in _BETWEEN
    return not before.isspace() and not after.isalnum()


def _is_escaped_or_apostrophe(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    is_apostrophe = text[at] == "'" and before.isalnum() and after.isalnum()
    return before == "\\" or is_apostrophe
