"""MathML, which no feed reader shows: its text in place of the elements. Pure."""

from __future__ import annotations

import re

_OPENING = re.compile(r"<math\b[^<>]*>", re.IGNORECASE)
_CLOSING = re.compile(r"</math\s*>", re.IGNORECASE)
#: The same formula again, in another notation.
_NOTATION = re.compile(r"<(annotation(?:-xml)?)\b[^<>]*>[^<]*(?:</\1\s*>)?", re.IGNORECASE)
#: Elements of MathML; what else stands in a formula is the sanitiser's.
_ELEMENT = re.compile(r"</?(?:m[a-z]{1,15}|semantics|none)\b[^<>]*>", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")


def text_of_formulas(html: str) -> str:
    """The same with the text of each ``<math>`` in its place; the sanitiser would drop it with its elements."""
    if "<math" not in html and _OPENING.search(html) is None:
        return html
    parts: list[str] = []
    position = 0
    while (opening := _OPENING.search(html, position)) is not None:
        closing = _CLOSING.search(html, opening.end())
        if closing is None:
            break
        parts += [html[position : opening.start()], _text(html[opening.end() : closing.start()])]
        position = closing.end()
    return "".join([*parts, html[position:]])


def _text(formula: str) -> str:
    for pattern in (_NOTATION, _ELEMENT):
        formula = pattern.sub("", formula)
    return _BLANKS.sub(" ", formula)
