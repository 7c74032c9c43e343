"""Find the places where a text cites its footnotes: ``[^1]``, ``[^2, ^3]``, ``[^RSS]``, ``[1]``; never in code.

Footnote plugins know only ``[^label]``. Writers (and the models that write for them) also put several labels in one
pair of brackets, and forget the caret.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple


class Marker(NamedTuple):
    """One label cited at one place."""

    label: str
    #: 0-based line in the body.
    line: int


_GROUP = re.compile(r"\[[ \t]*(\^[^\[\]\n]{1,1000})\]")
_PARTS = re.compile(r"[,，、;；]")
_DIGITS = re.compile(r"\^?[ \t]*\d{1,4}")
#: ``[1]`` or ``[1][2]`` or ``[1, 2]``, but no link.
_BARE = re.compile(r"\[(\d{1,3}(?:[ \t]*[,，、][ \t]*\d{1,3}){0,9}(?:\]\[\d{1,3}){0,9})\](?![(\[:])")
#: After these a bare number is no marker: an escape, an image, a link's text, ``[text][1]``.
_BINDS = frozenset("\\![]")
_NUMBERS = re.compile(r"\d+")
#: ``[1]: https://…``: then ``[1]`` is a reference link of Markdown.
_LINK_DEFINITION = re.compile(r"^ {0,3}\[\d{1,3}\]:", re.MULTILINE)

_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})", re.MULTILINE)
_BACKTICKS = re.compile(r"`+")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_LIST_ITEM = re.compile(r"[ \t]*(?:[*+-]|\d{1,9}[.)])[ \t]")
_NOT_NEWLINE = re.compile(r"[^\n]")


def split_marker(text: str) -> tuple[str, ...]:
    """The labels in one pair of brackets: ``"^2, ^3"`` gives 2 and 3, ``"^RSS Snippet"`` one, ``"note"`` none.

    Without a caret only numbers are labels; whether a footnote of that number exists is for the caller to check.
    """
    if text[:1] == "^" and text[1:].isdecimal():
        return (text[1:],)
    parts = [part.strip() for part in _PARTS.split(text)]
    numbers = all(_DIGITS.fullmatch(part) for part in parts)
    if not numbers and not text.lstrip().startswith("^"):
        return ()
    if numbers or all(part.startswith("^") for part in parts):
        return tuple(label for part in parts if (label := part.lstrip("^").strip()))
    label = text.strip().lstrip("^").strip()
    return (label,) if label else ()


def fold_label(label: str) -> str:
    """Labels are equal when they differ only in case and white space (CommonMark's rule for link labels)."""
    return label if label.isdecimal() else " ".join(label.split()).casefold()


def footnote_markers(text: str) -> Iterator[Marker]:
    """Markers with a caret. ``text`` has neither code (see ``mask_code``) nor definitions."""
    line = position = 0
    for match in _GROUP.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        if text[position - 1 : position] != "\\":
            for label in split_marker(match[1]):
                yield Marker(label, line)


def footnote_labels(text: str) -> set[str]:
    """The folded labels of ``footnote_markers``: each label is taken apart once, which takes a third of the time."""
    if "\\[" in text:
        return {fold_label(marker.label) for marker in footnote_markers(text)}
    return {fold_label(label) for group in set(_GROUP.findall(text)) for label in split_marker(group)}


def bare_labels(text: str) -> Iterator[str]:
    """Numbers in brackets without a caret. ``text`` is that of ``footnote_markers``."""
    for match in _BARE.finditer(text):
        if text[match.start() - 1 : match.start()] not in _BINDS:
            yield from _NUMBERS.findall(match[1])


def defines_links(masked: str) -> bool:
    """Does the text define numbers as links of Markdown? Then a number in brackets is no marker."""
    return _LINK_DEFINITION.search(masked) is not None


# --- code ------------------------------------------------------------------------------------------------------------


def mask_code(body: str) -> str:
    """The text with code and comments blanked; every line and column stays where it is. Expects Unix newlines."""
    # A search for one character is five times faster than one for three, and most texts have none.
    if ("`" in body and "```" in body) or ("~" in body and "~~~" in body):
        body = _blank(body, fenced_code(body))
    if "<" in body:
        body = _blank(body, _between(body, "<!--", "-->"))
        body = _blank(body, _between(body, "<pre", "</pre>"))
    if "`" in body:
        body = _blank(body, _code_spans(body))
    if "\n    " in body or ("\t" in body and "\n\t" in body):
        body = _blank(body, indented_code(body))
    return body


def without_blocks_of_code(definition: str) -> str:
    """The text of a footnote without its fenced code: what stands in code is no claim about the source."""
    if "\n" not in definition or ("```" not in definition and "~~~" not in definition):
        return definition
    return _blank(definition, fenced_code(definition))


def _blank(body: str, spans: Iterator[tuple[int, int]]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += (body[position:start], _NOT_NEWLINE.sub(" ", body[start:end]))
        position = end
    return "".join((*pieces, body[position:])) if pieces else body


def fenced_code(body: str) -> Iterator[tuple[int, int]]:
    """Fenced blocks; one that nobody closes runs to the end, as in CommonMark."""
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(body):
        if opened is None:
            opened = fence
        elif fence[1].startswith(opened[1]):
            yield opened.start(), fence.end()
            opened = None
    if opened is not None:
        yield opened.start(), len(body)


def _between(body: str, opening: str, closing: str) -> Iterator[tuple[int, int]]:
    position = 0
    while (start := body.find(opening, position)) >= 0 and (end := body.find(closing, start)) >= 0:
        position = end + len(closing)
        yield start, position


def _code_spans(body: str) -> Iterator[tuple[int, int]]:
    """Pairs of equally long backtick runs within one paragraph; linear in the length of the text."""
    runs = [(match.start(), match.end()) for match in _BACKTICKS.finditer(body)]
    blanks = [match.start() for match in _BLANK_LINE.finditer(body)]
    partner: dict[int, int] = {}
    following: dict[int, int] = {}
    for index in range(len(runs) - 1, -1, -1):
        length = runs[index][1] - runs[index][0]
        if length in following:
            partner[index] = following[length]
        following[length] = index
    index = 0
    while index < len(runs):
        closing = partner.get(index)
        start = runs[index][0]
        if closing is None or bisect_right(blanks, start) != bisect_right(blanks, runs[closing][0]):
            index += 1
            continue
        yield start, runs[closing][1]
        index = closing + 1


def indented_code(body: str) -> Iterator[tuple[int, int]]:
    """Lines indented by four after a blank line, unless they may belong to a list or a footnote above."""
    position = 0
    in_code = may_nest = False
    blank_before = True
    for line in body.split("\n"):
        if not line.strip():
            blank_before = True
        elif line.startswith(("    ", "\t")):
            in_code = in_code or (blank_before and not may_nest)
            if in_code:
                yield position, position + len(line)
            blank_before = False
        else:
            in_code = blank_before = False
            may_nest = _LIST_ITEM.match(line) is not None or line.lstrip().startswith("[^")
        position += len(line) + 1
