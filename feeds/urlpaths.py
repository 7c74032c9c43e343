"""Names as Hugo writes them into the paths of URLs. Pure; each function does what one of Hugo 0.168 does.

Hugo's own names stand in the docstrings: who looks for a difference finds the other side there.
"""

from __future__ import annotations

import re
import unicodedata

_PLAIN = re.compile(r"[A-Za-z0-9./\\_#+~@-]*+")
_TWO_HEX = re.compile(r"[0-9A-Fa-f]{2}")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
#: What Go's net/url leaves alone in a path that is written like this already.
_ESCAPED_PATH = re.compile(r"(?:[A-Za-z0-9._~/!$&'()*+,;=:@\[\]-]|%[0-9A-Fa-f]{2})*+")
#: What Go's net/url escapes when it writes a path itself.
_UNSAFE = re.compile(rb"[^A-Za-z0-9._~/$&+,;=:@-]+")
_ESCAPES = tuple(b"%%%02X" % byte for byte in range(256))
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_LETTERS_AND_DIGITS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Mn", "Mc", "Me"})
#: Blank to Python alone.
_NO_SPACE = frozenset("\x1c\x1d\x1e\x1f")


class _Kinds(dict[str, bool | None]):
    """Character -> whether it may stand in a path; None for white space. It fills itself as characters come along."""

    def __missing__(self, char: str) -> bool | None:
        kind: bool | None = char in "./\\_#+~-@" or unicodedata.category(char) in _LETTERS_AND_DIGITS
        if not kind and char.isspace() and char not in _NO_SPACE:
            kind = None
        self[char] = kind
        return kind


_KINDS = _Kinds()


def sanitised(text: str) -> str:
    """``paths.Sanitize``: letters, digits, marks and a few signs; white space between them as one hyphen.

    Escapes such as ``%41`` stay, a percent sign alone does not. No hyphen is put beside another.
    """
    if _PLAIN.fullmatch(text):
        return text
    kept: list[str] = []
    is_after_space = False
    for at, char in enumerate(text):
        kind = _KINDS[char]
        if kind or (char == "%" and _TWO_HEX.match(text, at + 1)):
            if is_after_space and char != "-":
                kept.append("-")
            is_after_space = False
            kept.append(char)
        elif kind is None and kept and kept[-1] != "-":
            is_after_space = True
    return "".join(kept)


def lowered(text: str) -> str:
    """``strings.ToLower`` of Go: one character for each, so that ``İ`` becomes ``i``, and ``Σ`` ``σ`` everywhere."""
    return text.lower() if text.isascii() else "".join([char.lower()[0] for char in text])


def logical(text: str) -> str:
    """``NormalizePathStringBasic``: what Hugo makes of the names of files and folders first of all."""
    return lowered(text).replace(" ", "-")


def without_accents(text: str) -> str:
    """``text.RemoveAccentsString``: ``é`` becomes ``e``, and marks of all other scripts vanish, too."""
    if text.isascii():
        return text
    plain = [char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn"]
    return unicodedata.normalize("NFC", "".join(plain))


def escaped(path: str) -> str:
    """``paths.PathEscape``: the path in ASCII, ``#`` and ``?`` escaped; what is written in escapes throughout stays."""
    path = path.replace("#", "%23").replace("?", "%3F")
    if _ESCAPED_PATH.fullmatch(path):
        return path
    return _UNSAFE.sub(_escape_run, _unquoted(_BARE_PERCENT.sub("%25", path))).decode("ascii")


def unescaped(text: str) -> str | None:
    """``url.QueryUnescape``: ``+`` is a blank; None when a percent sign begins no escape."""
    if "%" not in text:
        return text.replace("+", " ")
    if _BARE_PERCENT.search(text):
        return None
    return _unquoted(text.replace("+", " ")).decode("utf-8", "replace")


def cleaned(path: str) -> str:
    """``path.Clean`` of a path from the top: no empty or dot segments, no slash at the end; ``/`` for nothing."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    return "/" + "/".join(kept)


def _unquoted(text: str) -> bytes:
    # Not urllib's, which takes longer to load than most commands use it.
    if "%" not in text:
        return text.encode("utf-8", "surrogatepass")
    return _ESCAPE.sub(lambda match: bytes((int(match[1], 16),)), text.encode("utf-8", "surrogatepass"))


def _escape_run(match: re.Match[bytes]) -> bytes:
    return b"".join(map(_ESCAPES.__getitem__, match[0]))
