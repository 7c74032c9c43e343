"""Read a list in brackets as its author meant it: ``[@angular, C #, it's "x"]``, one bracket or comma missing. Pure.

YAML reserves ``@ ` % & * ! | > #`` and some more at the beginning of a word; authors know none of this.
"""

from __future__ import annotations

import re

from feeds.content.yaml_quotes import in_quotes, text_meant

#: Deepest nesting that is mended.
_MAX_DEPTH = 4

_BLANKS = re.compile(r"[\s　]*+")
#: A member in quotes that ends where a member may end: before a comma, a bracket, or the next member in quotes.
_QUOTED = re.compile(r"""(?:"(?:[^"\\]|\\.)*+"|'(?:[^']|'')*+')(?=[\s　]*+(?:[,，、;；\]}"']|$))""")
#: A member without quotes, up to its comma or the bracket that closes the list; brackets inside it may be closed.
_PLAIN = {
    "]": re.compile(r"(?:[^,，\[\]]|\[[^,，\[\]]{0,200}\])++|\["),
    "}": re.compile(r"(?:[^,，{}]|\{[^,，{}]{0,200}\})++|\{"),
}
_SEPARATORS = re.compile(r"[\s　,，、;；]*+")
_CLOSERS = {"[": "]", "{": "}"}
#: What may follow the bracket that closes a value.
_END = re.compile(r"[\s　\],}]*+(?:#.*)?")
_COMMENT = re.compile(r"\s#\s")
_SAFE = re.compile(r"[^\W_][\w .+/()-]*+")
_PAIR = re.compile(r"(?P<key>[\w.-]+):\s+(?P<value>\S.*)")


def is_closed(value: str) -> bool:
    """Whether the bracket that begins a value is closed in it."""
    return _Members(value).end is not None


def mended_flow(value: str) -> str | None:
    """A list or map in brackets that YAML reads, with the members that were meant; None when it is none.

    ``[draft] hello`` is text, as is whatever goes on after the bracket that closes it.
    """
    found = _Members(value)
    if found.end is None:
        comment = _COMMENT.search(value)
        found = _Members(value[: comment.start()]) if comment and "," in value[: comment.start()] else found
    elif not _END.fullmatch(value, found.end):
        return None
    return found.yaml if found.is_clear else None


class _Members:
    """The members of a value that begins with a bracket, taken apart."""

    def __init__(self, text: str, start: int = 0, depth: int = 0) -> None:
        self._text = text
        self._closer = _CLOSERS[text[start]]
        self._depth = depth
        self._members: list[str] = []
        #: False when quotes leave open what a member is, or the nesting has no end.
        self.is_clear = depth < _MAX_DEPTH
        #: Where the text goes on after the bracket that closes it; None when none does.
        self.end: int | None = None
        #: False once a bracket inside it is closed by nothing: no other one after it can be.
        self._may_nest = True
        if self.is_clear:
            self._read(start + 1)

    @property
    def yaml(self) -> str:
        """The list as YAML reads it; a map where each member of braces is ``key: value``."""
        if self._closer == "}" and all(map(_PAIR.fullmatch, self._members)):
            return "{" + ", ".join(self._members) + "}"
        return "[" + ", ".join(self._members) + "]"

    def _read(self, at: int) -> None:
        text = self._text
        while True:
            at = _end_of(_SEPARATORS, text, at)
            if at >= len(text):
                return
            if text[at] == self._closer:
                self.end = at + 1
                return
            at = self._take(at)

    def _take(self, at: int) -> int:
        """Keep the member that begins here; returns where the text goes on."""
        text = self._text
        if quoted := _QUOTED.match(text, at):
            self._members.append(quoted[0])
            return quoted.end()
        if text[at] in _CLOSERS and self._may_nest:
            inner = _Members(text, at, self._depth + 1)
            self._may_nest = inner.end is not None
            after = _end_of(_BLANKS, text, inner.end) if inner.end is not None else len(text)
            if inner.end is not None and text[after : after + 1] in {"", ",", "，", self._closer}:
                self.is_clear &= inner.is_clear
                self._members.append(inner.yaml)
                return inner.end
        plain = _PLAIN[self._closer].match(text, at)
        end = plain.end() if plain else at + 1
        self._keep(text[at:end].strip())
        return end

    def _keep(self, member: str) -> None:
        member = member.removeprefix("- ").lstrip()
        pair = _PAIR.fullmatch(member) if self._closer == "}" else None
        meant = _meant(pair["value"] if pair else member)
        if meant is None:
            self.is_clear = False
        elif meant:
            self._members.append(f"{pair['key']}: {in_quotes(meant)}" if pair else _written(meant))


def _meant(member: str) -> str | None:
    """Without the quote that lacks its other half; None when several do."""
    if member[:1] in {'"', "'"}:
        return text_meant(member) if len(member) > 1 else ""
    if member.endswith('"') and member.count('"') == 1 and not member[-2:-1].isdigit():
        return member[:-1].rstrip()
    return member


def _written(text: str) -> str:
    return text if _SAFE.fullmatch(text) else in_quotes(text)


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
