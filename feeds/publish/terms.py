"""Tags and topics: which spellings are one term, and which terms a text without any names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import add

from msgspec import Struct, field

from feeds.model import Scope

#: Spaces, hyphens, underscores and the dots inside foreign names (山姆·奥特曼) tell no two terms apart,
#: but between digits they do: GPT-4-5 is not GPT-45.
_SEPARATORS = re.compile(r"(\d?)[\s\-_‐-―·・]+(?=(\d?))")
#: A name with a Chinese character in it; only those have English glosses.
_CHINESE = re.compile(r"[\u3400-\u9fff]")
#: What stands between the parentheses of a gloss: ASCII, dashes and curly quotes, but no parentheses.
_GLOSS = re.compile(r"[\x20-\x27\x2a-\x7e\u2010-\u2027]*")
#: Beyond this a name is no name, and is left as it is; it bounds the work on a million parentheses.
_LONGEST_GLOSSED = 1000
_SEPARATOR_RUN = re.compile(r"[\s\-_‐-―·・]+")
#: A term inferred for a text must be this long; one character is no name.
_MIN_LENGTH = 2
#: An article without terms gets at most this many; 8 is the mode of real articles' tags.
_MAX_INFERRED = 10


class Term(Struct, frozen=True):
    """One term of one article."""

    scope: Scope
    #: What makes two spellings one (``fold``).
    key: str
    #: What counts towards the name people read.
    spelling: str
    #: What the author wrote.
    label: str


class TermRules(Struct, frozen=True, kw_only=True):
    """What sources.yaml says of terms: aliases, and the closed list of topics if there is one."""

    #: Folded alias -> canonical name.
    tag_aliases: Mapping[str, str] = field(default_factory=dict)
    topic_aliases: Mapping[str, str] = field(default_factory=dict)
    #: Folded names of the topics that may have feeds; None when any topic may.
    closed_topics: frozenset[str] | None = None

    def own_name(self, field_name: str, value: str) -> str:
        """What a tag or topic of a condition is called, should the condition use an alias."""
        aliases = {"tag": self.tag_aliases, "topic": self.topic_aliases}.get(field_name, {})
        return aliases.get(fold(value), value)


@lru_cache(maxsize=1 << 16)
def fold(name: str) -> str:
    """Key under which spellings meet: NFKC, case folded, without gloss, spaces, hyphens and middle dots. Idempotent."""
    text = bare = _plain(name).strip()
    # Most names have no separator, and to look for one takes a fifth of the time that it takes to replace none.
    if _SEPARATOR_RUN.search(text):
        bare = _SEPARATORS.sub(lambda m: f"{m[1]}-" if m[1] and m[2] else m[1], text)
    # A letter and an accent that a separator kept apart are one character now.
    return strip_gloss(unicodedata.normalize("NFKC", bare)) or text


def _plain(text: str) -> str:
    """Case folding undoes NFKC in places, and the other way round, so twice (Unicode 16, D146)."""
    if text.isascii():
        return text.lower()
    for _ in range(2):
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return text


def strip_gloss(name: str) -> str:
    """Without its English gloss: ``机器人与具身智能 (Robotics & Embodied AI)`` -> ``机器人与具身智能``."""
    name = name.strip()
    while name.endswith((")", "）")) and len(name) <= _LONGEST_GLOSSED:
        start = max(name.rfind("("), name.rfind("（"))
        is_gloss = start > 0 and _GLOSS.fullmatch(name, start + 1, len(name) - 1)
        if not is_gloss or not _CHINESE.search(name, 0, start):
            break
        name = name[:start].rstrip()
    return name


def terms_of(tags: Sequence[str], topics: Sequence[str], rules: TermRules) -> tuple[Term, ...]:
    """The distinct terms of an article in the author's order, tags first; topics outside a closed list are left out."""
    found: dict[tuple[Scope, str], Term] = {}
    for scope, names, aliases in ((Scope.TAG, tags, rules.tag_aliases), (Scope.TOPIC, topics, rules.topic_aliases)):
        for name in names:
            spelling = aliases.get(fold(name)) or strip_gloss(name)
            key = fold(spelling)
            if key and (scope is Scope.TAG or rules.closed_topics is None or key in rules.closed_topics):
                found.setdefault((scope, key), _term(scope, key, spelling, name))
    return tuple(found.values())


def unlisted_topics(topics: Sequence[str], rules: TermRules) -> tuple[str, ...]:
    """Topics that a closed list does not know."""
    return tuple(name for name in topics if fold(name) and not terms_of((), [name], rules))


def display_name(spellings: Mapping[str, int]) -> str:
    """The most used spelling; among equals the first in code point order, so that it never flickers."""
    return min(spellings, key=lambda spelling: (-spellings[spelling], spelling))


@lru_cache(maxsize=1 << 12)
def _term(scope: Scope, key: str, spelling: str, label: str) -> Term:
    """Articles share their terms: to find one takes a tenth of the time that it takes to make one."""
    return Term(scope, key, spelling, label)


class TermFinder:
    """Find the terms of a vocabulary in running text: Latin names as whole words, the longest name at each place."""

    def __init__(self, vocabulary: Iterable[tuple[Scope, str, str]]) -> None:
        """``vocabulary`` holds (scope, key, name); a name may be that of a tag and of a topic."""
        self._terms: dict[str, list[Term]] = defaultdict(list)
        for scope, key, name in vocabulary:
            self._terms[_searchable(name)].append(Term(scope, key, name, name))
        lengths: dict[str, set[int]] = defaultdict(set)
        for needle in self._terms:
            if len(needle) >= _MIN_LENGTH:
                lengths[needle[:_MIN_LENGTH]].add(len(needle))
        #: First characters of a name -> how long the names are that begin so, longest first.
        self._lengths = {start: sorted(found, reverse=True) for start, found in lengths.items()}

    def find(self, title: str, text: str) -> tuple[Term, ...]:
        """The terms that a text names clearly: in its title, or at least twice; most frequent first, ten at most."""
        in_title = self.count(title)
        in_text = self.count(text)
        clear = [term for term, count in (in_text + in_title).items() if count > 1 or term in in_title]
        clear.sort(key=lambda term: (-in_text[term], term.scope, term.key))
        return tuple(clear[:_MAX_INFERRED])

    def count(self, text: str) -> Counter[Term]:
        """How often a text names each term."""
        counts: Counter[Term] = Counter()
        text = _searchable(text)
        # Each two characters that stand together: so made, they cost a third of what slices do.
        pairs = map(add, text, text[1:])
        places = [place for place, pair in enumerate(pairs) if pair in self._lengths]
        end = 0
        for place in places:
            if place >= end and (found := self._longest_at(text, place)):
                counts.update(self._terms[found])
                end = place + len(found)
        return counts

    def _longest_at(self, text: str, place: int) -> str:
        for length in self._lengths[text[place : place + _MIN_LENGTH]]:
            name = text[place : place + length]
            if name in self._terms and _is_whole(text, place, place + length):
                return name
        return ""


def _searchable(text: str) -> str:
    """Whatever separates words is one space: ``DeepSeek-R1`` names ``DeepSeek R1``."""
    return _SEPARATOR_RUN.sub(" ", _plain(text)).strip()


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
