"""Turn the bytes of a feed into text: which character set to believe, and how sure to be of it. Pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from msgspec import Struct


class Decoded(Struct, frozen=True, kw_only=True):
    """Text, and what was wrong with its bytes in one clause (empty: nothing)."""

    text: str
    warning: str = ""


def decode(body: bytes, content_type: str) -> Decoded:
    """Decode a document by its byte order mark, else as UTF-8 if it is that, else as HTTP and it itself say.

    UTF-8 stands before HTTP's word: of 1,113 real feeds 54 come to harm when a server's ISO-8859-1 is believed, and
    text in another character set that happens to be UTF-8 hardly exists. Total: when nothing fits, the text carries
    U+FFFD or is taken for windows-1252, and ``warning`` says so.
    """
    marked = _marked(body)
    if marked is not None:
        return _decode_marked(*marked)
    body = body.removeprefix(codecs.BOM_UTF8)
    said = (_http_charset(content_type), _declared(body))
    for codec in [*(name for name in said if name.startswith(_SEVEN_BIT)), "utf-8"]:
        text = _try(body, codec)
        if text is not None:
            return Decoded(text=text)
    return _decode_legacy(body, *said)


#: What the first bytes prove (XML 1.0, appendix F): the mark, its codec, and how many bytes of it are no text.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le", 4),
    (codecs.BOM_UTF32_BE, "utf-32-be", 4),
    (codecs.BOM_UTF16_LE, "utf-16-le", 2),
    (codecs.BOM_UTF16_BE, "utf-16-be", 2),
    (b"\0\0\0<", "utf-32-be", 0),
    (b"<\0\0\0", "utf-32-le", 0),
    (b"\0<", "utf-16-be", 0),
    (b"<\0", "utf-16-le", 0),
    (b"\0{", "utf-16-be", 0),
    (b"{\0", "utf-16-le", 0),
    (b"Lo\xa7\x94", "cp037", 0),
)
#: Their bytes are ASCII, so they would pass as UTF-8.
_SEVEN_BIT = ("iso-2022-", "hz", "utf-7")
#: ``encoding`` of the XML declaration.
_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_PARAMETER = re.compile(r"\bcharset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
#: What is written under a name is often its larger successor (https://encoding.spec.whatwg.org/#names-and-labels).
_SUCCESSORS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "euc_cn": "gb18030",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
#: Python's own notations: no publisher writes them, and some take long to read.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-8-sig"})
#: Any bytes are text in these, and servers name them for want of knowledge: weak evidence.
_DEFAULTS = frozenset({"cp1252"})
_REPLACEMENT = "\ufffd"


def _marked(body: bytes) -> tuple[bytes, str] | None:
    return next(((body[length:], codec) for mark, codec, length in _MARKS if body.startswith(mark)), None)


def _decode_marked(body: bytes, codec: str) -> Decoded:
    text = body.decode(codec, "replace")
    damage = _damage(body, codec, text)
    return Decoded(text=text, warning=f"{damage} characters are not {codec.upper()}" if damage else "")


def _damage(body: bytes, codec: str, text: str) -> int:
    """How many replacement characters in the text are ours: some feeds hold such characters themselves."""
    return 0 if _try(body, codec) is not None else text.count(_REPLACEMENT)


def _declared(body: bytes) -> str:
    match = _DECLARATION.match(body)
    return match[1].decode("ascii").lower() if match else ""


def _http_charset(content_type: str) -> str:
    match = _PARAMETER.search(content_type)
    return match[1].lower() if match else ""


def _codec(name: str) -> str:
    """Python's name of a character set, or of its successor; empty when it is unknown or no character set."""
    try:
        codec = codecs.lookup(name).name
        "".encode(codec)
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if codec.replace("_", "-") in _NO_CHARSETS else _SUCCESSORS.get(codec, codec)


def _try(body: bytes, codec: str) -> str | None:
    """The text if every byte fits. Codecs like ``rot13`` or ``zip`` answer otherwise than text codecs do."""
    try:
        return body.decode(codec)
    except (LookupError, ValueError):
        return None


def _decode_legacy(body: bytes, http: str, declared: str) -> Decoded:
    codecs_said = list(_believed(_codec(http), _codec(declared)))
    for codec in codecs_said:
        text = _try(body, codec)
        if text is not None:
            return Decoded(text=text)
    for codec in [*codecs_said, "utf-8"]:
        text = body.decode(codec, "replace")
        if _is_slightly_damaged(text):
            return Decoded(text=text, warning=f"{text.count(_REPLACEMENT)} characters are not {codec.upper()}")
    codec = "gb18030" if _is_chinese(body) else "cp1252"
    text = body.decode(codec, "replace")
    return Decoded(text=text, warning=f"{declared or http or 'utf-8'} is not its character set; read as {codec}")


def _believed(http: str, declared: str) -> Iterator[str]:
    """HTTP before the XML declaration (RFC 7303), but what servers say by default after what the author says."""
    order = (declared, http) if http in _DEFAULTS and declared not in {"", "utf-8"} else (http, declared)
    yield from dict.fromkeys(codec for codec in order if codec)


def _is_slightly_damaged(text: str) -> bool:
    """One bad character among twenty that are not ASCII is damage; more, and it is another character set."""
    return text.count(_REPLACEMENT) * 20 <= len(text) - len(text.encode("ascii", "ignore"))


#: The characters of GB 2312: two bytes, both high.
_GB2312 = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_HIGH = re.compile(rb"[\x80-\xff]")


def _is_chinese(body: bytes) -> bool:
    """Undeclared GB 18030: it decodes, and its high bytes come in pairs, which they do not in Western text."""
    if _try(body, "gb18030") is None:
        return False
    pairs = len(_GB2312.findall(body))
    return pairs * 2 * 10 >= len(_HIGH.findall(body)) * 9
