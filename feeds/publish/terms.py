"""Tags and topics: which spellings are one term, and which terms a text without any names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from feeds.model import Scope

#: Spaces, hyphens, underscores and the dots inside foreign names (山姆·奥特曼) tell no two terms apart,
#: but between digits they do: GPT-4-5 is not GPT-45.
_SEPARATORS = re.compile(r"(\d?)[\s\-_‐-―·・]+(?=(\d?))")
#: The English gloss of a Chinese term: ``机器人与具身智能 (Robotics & Embodied AI)``.
_GLOSS = re.compile(r"^(?P<name>.*[\u3400-\u9fff].*?)\s*[(（][\x20-\x27\x2a-\x7e\u2010-\u2027]+[)）]\s*$")
#: A term inferred for a text must be this long in Latin script; one letter is no name.
_MIN_LATIN = 2
#: An article without terms gets at most this many; 8 is the mode of real articles' tags.
_MAX_INFERRED = 10


@dataclass(frozen=True, slots=True)
class Term:
    """One term of one article."""

    scope: Scope
    #: What makes two spellings one (``fold``).
    key: str
    #: What counts towards the name people read.
    spelling: str
    #: What the author wrote.
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRules:
    """What sources.yaml says of terms: aliases, and the closed list of topics if there is one."""

    #: Folded alias -> canonical name.
    tag_aliases: Mapping[str, str] = field(default_factory=dict)
    topic_aliases: Mapping[str, str] = field(default_factory=dict)
    #: Folded names of the topics that may have feeds; None when any topic may.
    closed_topics: frozenset[str] | None = None


def fold(name: str) -> str:
    """Key under which spellings meet: NFKC, case folded, without gloss, spaces, hyphens and middle dots."""
    gloss = _GLOSS.match(name)
    text = unicodedata.normalize("NFKC", gloss["name"] if gloss else name).casefold().strip()
    return _SEPARATORS.sub(lambda m: f"{m[1]}-" if m[1] and m[2] else m[1], text) or text


def strip_gloss(name: str) -> str:
    """``前沿模型与算法 (Frontier Models)`` -> ``前沿模型与算法``; anything else as it is."""
    match = _GLOSS.match(name)
    return match["name"].strip() if match else name.strip()


def terms_of(tags: Sequence[str], topics: Sequence[str], rules: TermRules) -> tuple[Term, ...]:
    """The distinct terms of an article in the author's order, tags first; topics outside a closed list are left out."""
    found: dict[tuple[Scope, str], Term] = {}
    for scope, names, aliases in ((Scope.TAG, tags, rules.tag_aliases), (Scope.TOPIC, topics, rules.topic_aliases)):
        for name in names:
            spelling = aliases.get(fold(name)) or strip_gloss(name)
            key = fold(spelling)
            if key and (scope is Scope.TAG or rules.closed_topics is None or key in rules.closed_topics):
                found.setdefault((scope, key), Term(scope, key, spelling, name))
    return tuple(found.values())


def unlisted_topics(topics: Sequence[str], rules: TermRules) -> tuple[str, ...]:
    """Topics that a closed list does not know."""
    known = {term.label for term in terms_of((), topics, rules)}
    keys = {fold(label) for label in known}
    return tuple(name for name in topics if name not in known and fold(name) not in keys)


def display_name(spellings: Mapping[str, int]) -> str:
    """The most used spelling; among equals the first in code point order, so that it never flickers."""
    return min(spellings, key=lambda spelling: (-spellings[spelling], spelling))


class TermFinder:
    """Find the terms of a vocabulary in running text: Latin names as whole words, the longest name at each place."""

    def __init__(self, vocabulary: Iterable[tuple[Scope, str, str]]) -> None:
        """``vocabulary`` holds (scope, key, name)."""
        self._by_start: dict[str, list[tuple[str, Scope, str, str]]] = {}
        for scope, key, name in sorted(vocabulary):
            needle = _searchable(name)
            if len(needle) >= _MIN_LATIN:
                self._by_start.setdefault(needle[:2], []).append((needle, scope, key, name))
        for bucket in self._by_start.values():
            bucket.sort(key=lambda entry: (-len(entry[0]), entry[0]))

    def find(self, title: str, text: str) -> tuple[Term, ...]:
        """The terms that a text names clearly: in its title, or at least twice; most frequent first, ten at most."""
        in_title = self._count(_searchable(title))
        in_text = self._count(_searchable(text))
        clear = [term for term, count in (in_text + in_title).items() if count > 1 or term in in_title]
        clear.sort(key=lambda term: (-in_text[term], term.scope, term.key))
        return tuple(clear[:_MAX_INFERRED])

    def _count(self, text: str) -> Counter[Term]:
        counts: Counter[Term] = Counter()
        place, end = 0, len(text)
        while place < end:
            length = 1
            for needle, scope, key, name in self._by_start.get(text[place : place + 2], ()):
                if text.startswith(needle, place) and _is_whole(text, place, place + len(needle)):
                    counts[Term(scope, key, name, name)] += 1
                    length = len(needle)
                    break
            place += length
        return counts


def _searchable(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _is_whole(text: str, start: int, end: int) -> bool:
    """Latin letters and digits on both sides of an edge mean that the edge cuts a word."""
    return not (_joins(text, start - 1, start) or _joins(text, end - 1, end))


def _joins(text: str, left: int, right: int) -> bool:
    return left >= 0 and right < len(text) and _is_latin(text[left]) and _is_latin(text[right])


def _is_latin(char: str) -> bool:
    return char.isalnum() and char < "\u2e80"


def make_rules(
    tag_aliases: Mapping[str, Collection[str]], topics: Sequence[tuple[str, Collection[str]]] | None
) -> TermRules:
    """Rules from what a person writes: ``{name: [alias, …]}``, and the closed list [(name, aliases)] or None."""
    return TermRules(
        tag_aliases=_alias_table(tag_aliases.items()),
        topic_aliases=_alias_table(topics or ()),
        closed_topics=None if topics is None else frozenset(fold(name) for name, _ in topics),
    )


def _alias_table(entries: Iterable[tuple[str, Collection[str]]]) -> dict[str, str]:
    return {fold(spelling): name for name, aliases in entries for spelling in (name, *aliases)}
