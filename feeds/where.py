"""Read the ``where`` of a combined feed: ``tag:Agent and topic:AI伦理与治理 not tag:广告``.

::

    any    = all ("or" all)*
    all    = one ("and" one | "not" one)*          a bare "not" after a term means "and not"
    one    = "not" one | "(" any ")" | field ":" value
    field  = tag | topic | source | section | author | language | title
    value  = a word, or "quoted text" ('…' and “…” too); with * at its end it matches what begins so

``title`` matches anywhere in the title, the other fields match the whole value. ``tag:*`` holds when there is any tag.
Words of the language are read in any case, and the full-width ``：（）`` as ``:()``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple, Protocol

from msgspec import Struct

from feeds.errors import ConfigError

FIELDS = ("tag", "topic", "source", "section", "author", "language", "title")

#: Fields whose values are sentences: a query names a part of them.
_SUBSTRING_FIELDS = frozenset({"title"})

#: Deeper nesting than anybody writes, and well below Python's own limit of recursion.
_MAX_DEPTH = 50

_WORDS = re.compile(
    r"""(?P<space>\s+)
      | (?P<open>[(（])
      | (?P<close>[)）])
      | (?P<term>\w+)[:：](?P<value>(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|“[^”]*”)\*?|[^\s()（）"'“][^\s()（）]*)
      | (?P<word>[^\s()（）]+)""",
    re.VERBOSE | re.DOTALL,
)
_QUOTES = frozenset("\"'“")
_WORD = re.compile(r"[^\s()（）\"'“*][^\s()（）*]*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_KEYWORDS = frozenset({"and", "or", "not"})

Facts = Mapping[str, Collection[str]]
Fold = Callable[[str], str]
#: (field, value) -> the value's own name.
Rename = Callable[[str, str], str]


class _Node(Protocol):
    """A condition; ``str`` of it parses to the same condition."""

    def matches(self, facts: Facts, fold: Fold) -> bool: ...

    def renamed(self, rename: Rename) -> _Node: ...


class Term(Struct, frozen=True):
    """``field:value``; with ``prefix``, what begins with the value."""

    field: str
    value: str
    prefix: bool = False

    def matches(self, facts: Facts, fold: Fold) -> bool:
        """Whether any value of the field fits."""
        values = facts.get(self.field, ())
        if not values:
            return False
        wanted = fold(self.value)
        return any(self._fits(wanted, fold(value)) for value in values)

    def renamed(self, rename: Rename) -> Term:
        """The same with the value's own name; the beginning of a value has none."""
        return self if self.prefix else Term(self.field, rename(self.field, self.value))

    def _fits(self, wanted: str, value: str) -> bool:
        if self.field in _SUBSTRING_FIELDS:
            return wanted in value
        return value.startswith(wanted) if self.prefix else value == wanted

    def __str__(self) -> str:
        """Parses to the same condition."""
        return f"{self.field}:{_quoted(self.value)}{'*' if self.prefix else ''}"


class Not(Struct, frozen=True):
    """The opposite of a condition."""

    one: _Node

    def matches(self, facts: Facts, fold: Fold) -> bool:
        """Whether the condition does not hold."""
        return not self.one.matches(facts, fold)

    def renamed(self, rename: Rename) -> Not:
        """The same with its values' own names."""
        return Not(self.one.renamed(rename))

    def __str__(self) -> str:
        """Parses to the same condition."""
        return f"not {self.one}"


class And(Struct, frozen=True):
    """All of several conditions."""

    parts: tuple[_Node, ...]

    def matches(self, facts: Facts, fold: Fold) -> bool:
        """Whether every condition holds."""
        return all(part.matches(facts, fold) for part in self.parts)

    def renamed(self, rename: Rename) -> And:
        """The same with its values' own names."""
        return And(tuple(part.renamed(rename) for part in self.parts))

    def __str__(self) -> str:
        """Parses to the same condition."""
        return "(" + " and ".join(map(str, self.parts)) + ")"


class Or(Struct, frozen=True):
    """Any of several conditions."""

    parts: tuple[_Node, ...]

    def matches(self, facts: Facts, fold: Fold) -> bool:
        """Whether some condition holds."""
        return any(part.matches(facts, fold) for part in self.parts)

    def renamed(self, rename: Rename) -> Or:
        """The same with its values' own names."""
        return Or(tuple(part.renamed(rename) for part in self.parts))

    def __str__(self) -> str:
        """Parses to the same condition."""
        return "(" + " or ".join(map(str, self.parts)) + ")"


class Where(Struct, frozen=True):
    """A condition on an article, ready to be asked; it can be pickled."""

    root: _Node

    def matches(self, facts: Facts, fold: Fold = str.casefold) -> bool:
        """Whether an article with these facts (field -> its values) belongs to the feed.

        Two spellings are one value when ``fold`` makes them equal.
        """
        return self.root.matches(facts, fold)

    def renamed(self, rename: Rename) -> Where:
        """The same condition on the values' own names, where some are known under several."""
        return Where(self.root.renamed(rename))

    def __str__(self) -> str:
        """Parses to the same condition."""
        return str(self.root)


class _Token(NamedTuple):
    """A piece of the text; ``kind`` is a keyword, ``(``, ``)``, ``term`` or ``end``."""

    kind: str
    text: str
    column: int
    term: Term | None = None

    def __str__(self) -> str:
        """As messages name it."""
        return "the end" if self.kind == "end" else f'"{self.text}"'


def parse_where(text: str) -> Where:
    """Read a condition.

    Raises:
        ConfigError: ``column 5: what was expected, and what is there``.
    """
    parser = _Parser(_tokens(text))
    root = parser.read_any()
    parser.expect("end", 'expected "and", "or" or "not"')
    return Where(root)


class _Parser:
    """Recursive descent over the tokens, one method for each line of the grammar."""

    def __init__(self, tokens: Iterator[_Token]) -> None:
        self.tokens = tokens
        #: The token that is looked at; the last one, ``end``, is never passed.
        self.next = next(tokens)
        self.depth = 0

    def take(self) -> _Token:
        token = self.next
        self.next = next(self.tokens, token)
        return token

    def expect(self, kind: str, message: str) -> None:
        if self.next.kind != kind:
            raise _error(self.next.column, f"{message}, found {self.next}")
        self.take()

    def read_any(self) -> _Node:
        parts = [self.read_all()]
        while self.next.kind == "or":
            self.take()
            parts.append(self.read_all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def read_all(self) -> _Node:
        parts = [self.read_one()]
        while self.next.kind in ("and", "not"):
            if self.next.kind == "and":
                self.take()
            parts.append(self.read_one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def read_one(self) -> _Node:
        token = self.take()
        if token.term is not None:
            return token.term
        if token.kind not in ("not", "("):
            raise _error(token.column, f'expected a condition such as tag:Name, "not" or "(", found {token}')
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise _error(token.column, f"more than {_MAX_DEPTH} conditions inside each other")
        node = Not(self.read_one()) if token.kind == "not" else self.read_group(token)
        self.depth -= 1
        return node

    def read_group(self, opening: _Token) -> _Node:
        node = self.read_any()
        self.expect(")", f'expected ")" for the "(" in column {opening.column}')
        return node


def _tokens(text: str) -> Iterator[_Token]:
    for match in _WORDS.finditer(text):
        if match.lastgroup != "space":
            yield _token(match)
    yield _Token("end", "", len(text) + 1)


def _token(match: re.Match[str]) -> _Token:
    text, column = match[0], match.start() + 1
    if match["open"] or match["close"]:
        return _Token("(" if match["open"] else ")", text, column)
    if match["term"]:
        return _Token("term", text, column, _term(match))
    if text.lower() in _KEYWORDS:
        return _Token(text.lower(), text, column)
    raise _error(column, _why_no_term(text))


def _term(match: re.Match[str]) -> Term:
    name, value, column = match["term"].lower(), match["value"], match.start() + 1
    if name not in FIELDS:
        raise _error(column, _unknown_field(match["term"]))
    prefix = value.endswith("*")
    wanted = _unquoted(value.removesuffix("*"))
    if not wanted.strip() and not prefix:
        raise _error(column, f"the value of {name}: is empty")
    return Term(name, wanted, prefix)


def _unquoted(value: str) -> str:
    if value[:1] not in _QUOTES or not value:
        return value
    return value[1:-1] if value[0] == "“" else _ESCAPED.sub(r"\1", value[1:-1])


def _why_no_term(text: str) -> str:
    name, colon, value = text.replace("：", ":").partition(":")
    if not colon:
        return f'expected field:value, found "{text}" (fields are {", ".join(FIELDS)})'
    if name.lower() not in FIELDS:
        return _unknown_field(name)
    if value[:1] in _QUOTES and value:
        return f"the quote after {name}: is not closed"
    return f"expected a value right after {name}:"


def _unknown_field(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for errors only

    near = get_close_matches(name.lower(), FIELDS, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"fields are {', '.join(FIELDS)}"
    return f'unknown field "{name}" ({hint})'


def _error(column: int, why: str) -> ConfigError:
    return ConfigError(f"column {column}: {why}")


def _quoted(value: str) -> str:
    if _WORD.fullmatch(value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
