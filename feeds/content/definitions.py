"""Take the definitions of footnotes out of a text, with the headings that then stand over nothing; read their blocks.

A definition that is more than one paragraph (code, lists, quotations, tables) is indented by four columns from its
second line on, as in goldmark and pandoc.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from feeds.content.markers import mask_code

_DEFINITION = re.compile(r"[ \t]*(?:>[ \t]?|[*+-][ \t]+)?\[\^([^\[\]]{1,200})\][:：][ \t]*")
_ARTICLE_TAG = re.compile(r" {0,3}</?article(?:\s[^<>]*)?>[ \t]*")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|\Z)")
#: Also the underline of a heading.
_RULE = re.compile(r" {0,3}(?:=+|([-*_])(?:[ \t]*\1)+)[ \t]*")
_SOURCES = re.compile(
    r"[#*_\s]*(?:[一二三四五六七八九十\d]{1,3}[、.．]\s*)?"
    r"(?:引用|引文|参考|參考|文献|文獻|信息|資訊|资料|資料|数据|链接|來源|来源|出处|注释|註釋|脚注|列表|部分|与|和|及|"
    r"references?|sources?|citations?|footnotes?|notes?|bibliography|works cited|and|[ &/])+"
    r"[#*_:：\s]*",
    re.IGNORECASE,
)
#: A heading is not longer; bounds what ``_SOURCES`` looks at.
_LONGEST_HEADING = 60


def take_out(lines: list[str], definition_lines: Sequence[tuple[int, int]]) -> None:
    """Blank the definitions and the headings that then stand over nothing; line numbers stay."""
    for start, end in definition_lines:
        lines[start:end] = [""] * (end - start)
    previous_end = 0
    for start, end in definition_lines:
        above = _filled_before(lines, start, previous_end)
        if above is not None and _heads_nothing(lines, above, end):
            lines[above] = ""
        previous_end = end
    while (last := _filled_before(lines, len(lines), 0)) is not None and _is_hollow_end(lines, last, definition_lines):
        lines[last] = ""


def blank_wrapper(lines: list[str]) -> None:
    """``<article>`` in a line of its own starts an HTML block and takes the heading below for text."""
    for number, line in enumerate(mask_code("\n".join(lines)).split("\n")):
        if _ARTICLE_TAG.fullmatch(line):
            lines[number] = ""


def _filled_before(lines: list[str], number: int, stop: int) -> int | None:
    """The last line before ``number``, not before ``stop``, that is not blank."""
    return next((each for each in range(number - 1, stop - 1, -1) if lines[each].strip()), None)


def _heads_nothing(lines: list[str], above: int, end: int) -> bool:
    """Is this line a heading whose section held only the definitions that ended at ``end``?"""
    if _names_sources(lines[above]):
        return True
    following = next((line for line in lines[end:] if line.strip()), None)
    return _HEADING.match(lines[above]) is not None and (following is None or _HEADING.match(following) is not None)


def _is_hollow_end(lines: list[str], last: int, definition_lines: Sequence[tuple[int, int]]) -> bool:
    if _names_sources(lines[last]):
        return True
    return bool(definition_lines) and bool(_HEADING.match(lines[last]) or _RULE.fullmatch(lines[last]))


def _names_sources(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and _SOURCES.fullmatch(line) is not None


# --- one definition --------------------------------------------------------------------------------------------------


class NoteText(NamedTuple):
    """The text of one definition, without ``[^label]:`` and its indentation."""

    label: str
    markdown: str
    #: 0-based line of the body on which it begins.
    line: int
    #: It holds more than a paragraph.
    has_blocks: bool


#: What begins a block of its own below the first line of a definition.
_BEGINS_BLOCK = re.compile(
    r" {0,3}(?:[*+-][ \t]|\d{1,9}[.)][ \t]|>|`{3}|~{3}|#{1,6}[ \t]|\||:?-+:?[ \t]*\||<(?:div|p|pre|ul|ol|dl|table|"
    r"figure|blockquote|details|h[1-6]|hr|img|video|audio|iframe)\b)",
    re.IGNORECASE,
)
_INDENT = re.compile(r"(?: {4}| {0,3}\t)")
_QUOTE = re.compile(r" {0,3}>[ \t]?")


def read_definition(lines: Sequence[str], line: int) -> NoteText:
    """The definition that stands on these lines of the body, the first of which is number ``line``."""
    head = _DEFINITION.match(lines[0])
    label = head[1].strip() if head else ""
    first = lines[0][head.end() :] if head else lines[0]
    if len(lines) == 1:
        return NoteText(label, first, line, has_blocks=False)
    rest = list(lines[1:])
    if head is not None and lines[0].lstrip()[:1] == ">":
        rest = [_QUOTE.sub("", each, count=1) for each in rest]
    rest = [each[indent.end() :] if (indent := _INDENT.match(each)) else each for each in rest]
    has_blocks = any(not each.strip() or _BEGINS_BLOCK.match(each) for each in rest)
    return NoteText(label, "\n".join((first, *rest)), line, has_blocks)
