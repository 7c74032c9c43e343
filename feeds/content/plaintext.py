"""Reduce HTML to the words that a person reads, and cut them to a summary."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import Any

#: Code blocks and what is no text; one that nobody closes runs to the end, as in HTML.
_UNREAD = re.compile(r"<(pre|script|style|template)\b(?s:.*?)(?:</\1\s*>|\Z)|<!--(?s:.*?)(?:-->|\Z)", re.IGNORECASE)
#: Footnote markers, as markdown.py writes them.
_MARKER = re.compile(r"<sup>(?:<a [^<>]*>)?\[[^<>]*\](?:</a>)?</sup>")
#: Tags within a line; all others stand between words.
_WITHIN_WORDS = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|rp|rt|ruby|s|samp|small|span|strike|strong"
    r"|sub|sup|time|tt|u|var|wbr)(?:\s[^<>]*)?>"
)
_TAG = re.compile(r"<[/!a-zA-Z][^<>]*>")

#: A sentence ends here; the closing quotes and brackets that follow belong to it. A full stop also stands in 3.5.
_SENTENCE_END = re.compile(r"(?:[。！？!?…]|\.(?=[\s”’\"')]))[”’」』）)\"'》]*")
_LATIN = re.compile(r"[A-Za-z0-9À-ɏ_'’-]+\Z")
_HALF_ENTITY = re.compile(r"&[#\w]{0,31}\Z", re.ASCII)
_REST_OF_ENTITY = re.compile(r"[#\w]{0,31};", re.ASCII)


def plain_text(html_text: str) -> str:
    """The visible words on one line, without code blocks and footnote markers; one space between blocks."""
    html_text = _MARKER.sub("", _UNREAD.sub(" ", html_text))
    text = _TAG.sub(" ", _WITHIN_WORDS.sub("", html_text))
    return " ".join(html.unescape(text).split())


def summarise(text: str, limit: int = 200) -> str:
    """Cut plain text to at most ``limit`` characters, the ``…`` at the cut included.

    Cuts after a sentence if one ends in the second half, else between words, never inside a grapheme.
    """
    if len(text) <= limit:
        return text
    room = max(limit - 1, 0)
    return f"{_cut(text, room).rstrip()}…" if limit > 0 else ""


def _cut(text: str, room: int) -> str:
    """The longest good beginning of at most ``room`` characters."""
    head = text[: _grapheme_boundary(text, room)]
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, room + 1) if room // 2 <= match.end() <= len(head)]
    if ends:
        return head[: ends[-1]]
    if _HALF_ENTITY.search(head) and _REST_OF_ENTITY.match(text, len(head)):
        return head[: head.rindex("&")]
    return _without_half_word(head, text[len(head) : len(head) + 1])


def _without_half_word(head: str, following: str) -> str:
    """A Latin word that goes on after the cut is left out, unless it is all there is."""
    if not _LATIN.match(following):
        return head
    word = _LATIN.search(head)
    return head[: word.start()] if word is not None and word.start() > len(head) // 2 else head


def _grapheme_boundary(text: str, room: int) -> int:
    """The last boundary between user-perceived characters at or before ``room``."""
    boundary = 0
    # Looking a little beyond shows whether the cluster at the cut goes on.
    for cluster in _graphemes().finditer(text[: room + 64]):
        if cluster.end() > room:
            break
        boundary = cluster.end()
    return boundary


@cache
def _graphemes() -> Any:
    import regex  # noqa: PLC0415 - 20 ms, and only articles without a summary of their own need it

    return regex.compile(r"\X")
