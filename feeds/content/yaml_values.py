"""Read one YAML mapping into plain values: every scalar as its text, bounded in depth and size, with line numbers.

Built on PyYAML's events (libyaml's where it is there), not on its constructors: these would turn ``yes`` into True,
``1984`` into a number and a date without zone into a naive datetime, keep the last of two equal keys and say nothing,
and follow aliases and nesting as far as an attacker likes. It is also faster (0.08 ms instead of 0.16 ms a file). What
holds nothing but ``key: value`` lines and lists of words, as most front matter, needs no parser at all (0.03 ms).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml
from msgspec import Struct, field

#: libyaml where PyYAML was built with it, which all wheels are; ten times as fast as the loader in Python.
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Deepest nesting. Front matter has 3; libyaml takes quadratic time and the builder its stack for each level.
_MAX_DEPTH = 20

#: Most values, each use of an alias counted with all that it stands for: nine lines of aliases can stand for 10**9.
_MAX_VALUES = 10_000

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE_KEY = "<<"

#: A line with a key, a dash in its indent, or nothing; and what stands beside it.
_LINE = re.compile(r"^(?:([A-Za-z_][A-Za-z0-9_-]{0,63}):|( *-)|)(?: (.*))?$", re.MULTILINE)
#: What begins a scalar that is more than a word (YAML 1.1 §5.3).
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
#: What may begin, split or end something inside brackets; a question mark does for some releases of libyaml.
_FLOW_INDICATORS = re.compile(r"[\[\]{}:?，、；;]")

#: Commas that YAML does not know, between members of a list in brackets; the others only where there is no comma else.
_WIDE_COMMA, _ANY_COMMA = re.compile("\\s*，\\s*"), re.compile("\\s*[，、；;]\\s*")
#: A term that holds one of these may hold commas as well: ``投融资（Funding，M&A）``.
_BRACKETS = frozenset("()（）《》「」【】〈〉")
#: ``- #golang`` and ``title: #1``: to YAML a comment, to whoever wrote it without a blank a word.
_HASH = re.compile(r"(?:[ ]*- +|title: +)(#[^\s#!].*)", re.IGNORECASE)

_WRITE_PAIRS = "write each value as `key: value`"
_SIMPLIFY = "write it without aliases and deep nesting"


class _OddError(Exception):
    """This takes a parser."""


class YamlError(ValueError):
    """The text is not one readable YAML mapping. ``line`` is 0-based, None when no line is to blame."""

    def __init__(self, why: str, line: int | None = None, *, fix: str = "put the value in quotes") -> None:
        super().__init__(why)
        self.why = why
        self.line = line
        self.fix = fix


class YamlMapping(Struct):
    """What was read: values, the 0-based line of each top-level key, and what is to be told of it."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    #: Keys that stand twice, with their line.
    repeated: list[tuple[str, int]] = field(default_factory=list)
    #: What is no mistake to YAML and is read as its author meant it: (0-based line, as read).
    mended: list[tuple[int, str]] = field(default_factory=list)


def read_yaml(text: str) -> YamlMapping:
    """The mapping that ``text`` holds; empty text is an empty mapping. Of two equal keys the last one counts.

    Raises:
        YamlError: It is not YAML, not a mapping, too deep, too large, or a key is not a word.
    """
    try:
        return _read_lines(text)
    except _OddError:
        return _read_events(text)


def _read_lines(text: str) -> YamlMapping:
    """What holds but lines of ``key: value``, and of words below a key, each once. Raises _OddError for all else.

    Gives what _read_events would: whatever a YAML parser might take for more than a word counts as odd.
    """
    # Each value takes a character at least. Where all is printable, no tab is, and no line break of another kind.
    if len(text) > _MAX_VALUES or not text.replace("\n", "").isprintable():
        raise _OddError
    lines = _LINE.findall(text)
    if len(lines) <= text.count("\n"):
        raise _OddError
    found = YamlMapping()
    values = found.values
    key, dash = "", ""
    #: Of the key above; None when a value stands beside it.
    items: list[Any] | None = None
    for number, (name, own_dash, rest) in enumerate(lines):
        value = rest.strip(" ")
        if name:
            if name in values:
                raise _OddError
            key, items = name, None if value else []
            found.lines[key] = number
            values[key] = _words(value) if value[:1] == "[" else _word(value)
        elif own_dash:
            if items is None or (items and own_dash != dash):
                raise _OddError
            dash = own_dash
            items.append(_word(value))
            values[key] = items
        elif value:
            raise _OddError
    return found


def _word(text: str) -> str | None:
    """A plain scalar, or one in quotes without any inside."""
    if text in _NULLS:
        return None
    first = text[0]
    if first in {'"', "'"}:
        inner = text[1:-1]
        if len(text) == 1 or text[-1] != first or first in inner or "\\" in inner:
            raise _OddError
        return inner
    if first in _INDICATORS or text[-1] == ":" or ": " in text or " #" in text:
        raise _OddError
    return text


def _words(text: str) -> list[str | None]:
    """A list in brackets. One of words in quotes with commas inside is odd, as its pieces are."""
    inner = text[1:-1].strip(" ")
    if len(text) == 1 or text[-1] != "]" or _FLOW_INDICATORS.search(inner):
        raise _OddError
    pieces = [piece.strip(" ") for piece in inner.split(",")] if inner else []
    if "" in pieces:
        raise _OddError
    return [_word(piece) for piece in pieces]


def _read_events(text: str) -> YamlMapping:
    try:
        loader = _Loader(text)
    except (yaml.YAMLError, UnicodeError) as error:
        raise _explained(error) from error
    try:
        return _Builder(loader, text).mapping()
    except yaml.YAMLError as error:
        raise _explained(error) from error
    finally:
        loader.dispose()


def _explained(error: Exception) -> YamlError:
    """PyYAML's several lines as one, in words of its own."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    why = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return YamlError(" ".join(str(why).split()), mark.line if mark else None)


class _Builder:
    """Turns the events of one document into values. Any method may raise YamlError."""

    def __init__(self, loader: Any, text: str) -> None:
        self.next: Callable[[], Any] = loader.get_event
        self.text = text
        #: Of the text, once they are needed.
        self.lines: list[str] = []
        self.found = YamlMapping()
        self.seen = 0
        #: Name of an anchor -> its value, and how many values that stands for.
        self.anchors: dict[str, tuple[Any, int]] = {}

    def mapping(self) -> YamlMapping:
        self.next()  # the stream begins
        if isinstance(self.next(), yaml.StreamEndEvent):
            return self.found
        event = self.next()
        if isinstance(event, yaml.MappingStartEvent):
            self.found.values = self._dict(0)
        elif not isinstance(event, yaml.ScalarEvent) or event.value:
            raise YamlError("it is not a list of `key: value` lines", event.start_mark.line, fix=_WRITE_PAIRS)
        self.next()  # the document ends
        event = self.next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise YamlError("a second YAML document begins", event.start_mark.line, fix="keep one")
        return self.found

    def _value(self, event: Any, depth: int) -> Any:
        kind = type(event)
        before = self.seen
        self._count(1, event)
        value: Any
        if kind is yaml.ScalarEvent:
            value = _scalar(event)
        elif kind is yaml.AliasEvent:
            return self._alias(event)
        elif depth > _MAX_DEPTH:
            raise YamlError(
                f"lists and maps are nested deeper than {_MAX_DEPTH} levels", event.start_mark.line, fix=_SIMPLIFY
            )
        else:
            value = self._list(event, depth) if kind is yaml.SequenceStartEvent else self._dict(depth)
        if event.anchor:
            self.anchors[event.anchor] = value, self.seen - before
        return value

    def _count(self, more: int, event: Any) -> None:
        self.seen += more
        if self.seen > _MAX_VALUES:
            raise YamlError(f"it stands for more than {_MAX_VALUES} values", event.start_mark.line, fix=_SIMPLIFY)

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            raise YamlError(f"`*{event.anchor}` names no earlier `&{event.anchor}`", event.start_mark.line)
        value, size = self.anchors[event.anchor]
        self._count(size, event)
        return value

    def _list(self, start: Any, depth: int) -> list[Any]:
        values: list[Any] = []
        #: Numbers of the words, not in quotes, that hold a comma of Chinese.
        wide: set[int] = set()
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            value = self._value(event, depth + 1)
            if value is None:
                value = self._meant(event)
            elif start.flow_style and isinstance(event, yaml.ScalarEvent) and not event.style:
                wide |= {len(values)} if _ANY_COMMA.search(value) and _BRACKETS.isdisjoint(value) else set()
            values.append(value)
        return self._split(values, wide, start) if wide else values

    def _split(self, values: list[Any], wide: set[int], start: Any) -> list[Any]:
        """Take members apart at the commas of Chinese."""
        comma = _ANY_COMMA if len(values) == 1 else _WIDE_COMMA
        split: list[Any] = []
        for number, value in enumerate(values):
            split += filter(None, comma.split(value)) if number in wide else [value]
        if split != values:
            self.found.mended.append((_line(start), f"[{', '.join(map(str, split))}]"))
        return split

    def _meant(self, event: Any) -> str | None:
        """What an empty value stands for: an anchor or a comment that was meant as a word; None for nothing."""
        if not isinstance(event, yaml.ScalarEvent) or event.style or event.value:
            return None
        meant: str | None = None
        if event.anchor:
            meant = f"&{event.anchor}"
        elif "#" in self.text:
            self.lines = self.lines or self.text.split("\n")
            comment = _HASH.fullmatch(self.lines[_line(event)])
            meant = comment[1].rstrip() if comment else None
        if meant:
            self.found.mended.append((_line(event), meant))
        return meant

    def _dict(self, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: list[Any] = []
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlError("a key is not a word", event.start_mark.line, fix=_WRITE_PAIRS)
            key, line = event.value, _line(event)
            event = self.next()
            value = self._value(event, depth + 1)
            if value is None and depth == 0 and key.lower() == "title":
                value = self._meant(event)
            if key == _MERGE_KEY:
                merged += value if isinstance(value, list) else [value]
                continue
            if key in values:
                self.found.repeated.append((key, line))
            elif depth == 0:
                self.found.lines[key] = line
            values[key] = value
        for source in merged:
            if isinstance(source, dict):
                values = {**source, **values}
        return values


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line


def _scalar(event: Any) -> str | None:
    """Its text. A plain ``!important …`` is text too: a tag of one's own has no meaning in front matter."""
    value: str = event.value
    if event.style:
        return value
    tag = event.tag or ""
    if tag.startswith("!"):
        return f"{tag} {value}".strip()
    return None if value in _NULLS and not tag else value
