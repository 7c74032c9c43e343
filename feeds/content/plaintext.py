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
#: A word of Latin letters, a number, an address: what has no place inside to be cut at.
_LATIN = re.compile(r"[A-Za-z0-9À-ɏ_'’.,:/@-]+\Z")
_GOES_ON = re.compile(r"[.,:/@]?[A-Za-z0-9À-ɏ_'’-]")
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
    if limit <= 0:
        return ""
    boundaries = _grapheme_boundaries(text, limit - 1)
    end = _sentence_end(text, boundaries)
    if end is None:
        good = _word_end(text, boundaries[-1])
        end = max(boundary for boundary in boundaries if boundary <= good)
    return f"{text[:end].rstrip()}…"


def _grapheme_boundaries(text: str, room: int) -> list[int]:
    """Where user-perceived characters end, from 0 to ``room``."""
    boundaries = [0]
    # Looking a little beyond shows whether the cluster at the cut goes on.
    for cluster in _graphemes().finditer(text[: room + 64]):
        if cluster.end() > room:
            break
        boundaries.append(cluster.end())
    return boundaries


def _sentence_end(text: str, boundaries: list[int]) -> int | None:
    """The last end of a sentence in the second half."""
    room = boundaries[-1]
    # One character more shows whether a full stop is followed by a space.
    found = (match.end() for match in _SENTENCE_END.finditer(text, 0, room + 1))
    ends = {end for end in found if room // 2 <= end <= room}
    return max(ends.intersection(boundaries), default=None)


def _word_end(text: str, room: int) -> int:
    """Before an entity or a Latin word that goes on after the cut, unless the word is most of what there is."""
    head = text[:room]
    if _HALF_ENTITY.search(head) and _REST_OF_ENTITY.match(text, room):
        return head.rindex("&")
    word = _LATIN.search(head)
    if word is None or word.start() <= room // 2 or not _GOES_ON.match(text, room):
        return room
    return word.start()


@cache
def _graphemes() -> Any:
    import regex  # noqa: PLC0415 - 20 ms, and only articles without a summary of their own need it

    return regex.compile(r"\X")
