"""Prepare the text of a document for an XML parser: no DOCTYPE, no characters and references that XML forbids. Pure."""

from __future__ import annotations

import re

from msgspec import Struct


class Prepared(Struct, frozen=True, kw_only=True):
    """A document from its root element on."""

    text: str
    #: Lines that were cut, for messages.
    skipped: int = 0
    #: The name that RSS 0.91 of Netscape is told from Userland's by.
    is_netscape: bool = False


def prepare(text: str) -> Prepared:
    """Cut what stands before the root element, and what makes a strict parser refuse the rest.

    Without a DOCTYPE there are no entities to expand and no external ones to read: 500 bytes of declarations can
    make 3 MB, and of 1,275 real feeds 27 carry one, none with entities that its text needs. The names that HTML
    declares are text to us; feedparser knows them.
    """
    start, doctype = _end_of_prolog(text)
    skipped = text.count("\n", 0, start)
    return Prepared(text=_legal(text[start:]), skipped=skipped, is_netscape="netscape" in doctype.lower())


_MISC = re.compile(r"[\s\ufeff\0]+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
#: What may hold brackets that do not count.
_DECLARED = re.compile(r"\"[^\"]*\"|'[^']*'|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|\[|\]|>|(?=<[A-Za-z])", re.DOTALL)


def _end_of_prolog(text: str) -> tuple[int, str]:
    """Where the root element begins, and the DOCTYPE before it."""
    position, doctype = 0, ""
    while position < len(text):
        if misc := _MISC.match(text, position):
            position = misc.end()
        elif _DOCTYPE.match(text, position):
            end = _end_of_doctype(text, position)
            doctype, position = doctype or text[position:end], end
        else:
            break
    return position, doctype


def _end_of_doctype(text: str, start: int) -> int:
    """Behind its ``>``, or where the first element begins when it is never closed."""
    in_subset = False
    for match in _DECLARED.finditer(text, start + len("<!DOCTYPE")):
        mark = match[0]
        if mark == "" or (mark == ">" and not in_subset):
            return match.end()
        if mark in "[]":
            in_subset = mark == "["
    return len(text)


#: XML 1.0 §2.2; what is rare is looked for in bytes, which is ten times as fast.
_CONTROLS = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_NONCHARACTERS = re.compile(b"\xef\xbf[\xbe\xbf]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: References that may be to an illegal character or to none: few digits, many digits, surrogates, U+FFFE.
_DOUBTFUL = re.compile(
    r"&#(?:x0{0,9}([0-9a-f]{1,2}|d[89a-f][0-9a-f]{2}|fff[ef]|[0-9a-f]{6,40})(?![0-9a-f])"
    r"|0{0,9}(\d{1,2}|5[5-7]\d{3}|6553[45]|\d{7,40})(?!\d));?",
    re.IGNORECASE,
)


def _legal(text: str) -> str:
    raw = text.encode("utf-8", "replace")
    legal = _NONCHARACTERS.sub(b"", raw.translate(None, _CONTROLS))
    return _DOUBTFUL.sub(_legal_reference, text if len(legal) == len(raw) else legal.decode())


def _legal_reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    return match[0] if code <= 0x10FFFF and not _ILLEGAL.match(chr(code)) else ""
