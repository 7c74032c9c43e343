"""Take an address apart: what authors write -> scheme, host, port, path, query and fragment.

Lenient as browsers are, for people paste what they copied; None where nobody could make a web address of it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

#: What sticks to an address that was copied: white space, controls, zero-width marks, quotes and angle brackets.
_EDGES = (
    "".join(map(chr, range(0x21)))
    + "\x7f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
    + "".join(map(chr, range(0x2000, 0x2010)))
    + '"<>“”‘’«»「」『』'
)
#: Browsers drop these wherever they stand (https://url.spec.whatwg.org/#concept-basic-url-parser).
_NO_LINE_BREAKS = {ord(mark): None for mark in "\t\n\r"}
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_URL = re.compile(r"(?:(https?):)?//([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(?:.*@)?([^:@]+)(?::(\d{0,5}))?", re.DOTALL)
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")
#: RFC 1035: no name is longer.
_LONGEST_HOST = 253
#: Host, port and credentials; it bounds the work on punycode and what the caches hold.
_LONGEST_AUTHORITY = 1024

#: What may stand in a path as it is (RFC 3986).
_PATH_SAFE = r"A-Za-z0-9._~!$&'()*+,;=:@/\-"
VALID = re.compile(
    rf"https?://(?:[a-z0-9_-]{{1,63}}\.)+[a-z0-9_-]{{1,63}}(?:/(?:[{_PATH_SAFE}]|%[0-9A-Fa-f]{{2}})*+)?"
    rf"(?:\?(?:[{_PATH_SAFE}?]|%[0-9A-Fa-f]{{2}})*+)?(?:#(?:[{_PATH_SAFE}?]|%[0-9A-Fa-f]{{2}})*+)?"
)
UNSAFE_PATH = re.compile(rf"[^{_PATH_SAFE}%]+|%(?![0-9A-Fa-f]{{2}})")
UNSAFE_QUERY = re.compile(rf"[^{_PATH_SAFE}?%]+|%(?![0-9A-Fa-f]{{2}})")
UNSAFE_SLUG = re.compile(rf"[^{_PATH_SAFE}]+")


class Parts(NamedTuple):
    """An http(s) URL in pieces; query and fragment are None when their mark is absent."""

    scheme: str
    #: ASCII, lower case, without a trailing dot.
    host: str
    #: "" or ``:8080``.
    port: str
    path: str
    query: str | None
    fragment: str | None


def trimmed(text: str) -> str:
    """Take off what sticks to a copied address, and what browsers ignore within it."""
    if text.startswith("http") and text[-1].isalnum() and text.isprintable():
        return text  # nine in ten
    text = text.strip(_EDGES)
    while text.startswith("'"):
        text = text.strip("'").strip(_EDGES)
    return text if text.isprintable() else text.translate(_NO_LINE_BREAKS).strip(_EDGES)


def split(text: str) -> Parts | None:
    """Take a trimmed http(s) URL apart; None when it is none or has no host that can be."""
    match = _URL.fullmatch(text)
    if match is None:
        return None
    scheme, authority, path, query, fragment = match.groups()
    found = _host_and_port(authority) if len(authority) <= _LONGEST_AUTHORITY else None
    return found and Parts((scheme or "https").lower(), *found, path, query, fragment)


@lru_cache(maxsize=4096)
def _host_and_port(authority: str) -> tuple[str, str] | None:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        return None
    host = _ascii_host(match[1])
    port = int(match[2] or 0)
    if host is None or port > 0xFFFF:
        return None
    return host, f":{port}" if port else ""


def _ascii_host(host: str) -> str | None:
    labels = unicodedata.normalize("NFKC", host).lower().replace("。", ".").removesuffix(".").split(".")
    name = ".".join(map(_ascii_label, labels))
    return name if _HOST.fullmatch(name) and len(name) <= _LONGEST_HOST else None


def _ascii_label(label: str) -> str:
    """Encode one label as IDNA 2008 does: unlike Python's own codec it keeps ``ß`` and ``ss`` apart."""
    if label.isascii():
        return label
    if not label.isprintable() or "\ufffd" in label:  # U+FFFD stands for any character that was lost
        return ""
    return "xn--" + unicodedata.normalize("NFC", label).encode("punycode").decode("ascii")


def joined(base: str, reference: str) -> str:
    """Resolve a relative reference (RFC 3986 §5); "" when that is hopeless."""
    from urllib.parse import urljoin  # noqa: PLC0415 - most addresses are absolute

    try:
        return urljoin(trimmed(base), reference)
    except ValueError:
        return ""


_ESCAPES = tuple(f"%{byte:02X}" for byte in range(256))


def escape(match: re.Match[str]) -> str:
    """Percent-encode what a pattern of unsafe characters has found."""
    return "".join(map(_ESCAPES.__getitem__, match[0].encode("utf-8", "surrogatepass")))
