"""What became of an entry after it was published: its title, its address, its text. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from feeds.sources.clean import words_of
from feeds.sources.wording import Difference, Sentence, difference, fold, is_substance, sentences, text_of
from feeds.urls import canonical


class Alteration(StrEnum):
    """The value is the word in tables, in feeds and in ``--json``."""

    RETITLED = "retitled"
    #: Another address, which is no spelling of the old one.
    MOVED = "moved"
    #: Its text says something else.
    EDITED = "edited"
    #: It is missing between others that are still there (sources/window.py).
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


class Version(Struct, frozen=True, kw_only=True):
    """One version of an entry."""

    title: str = ""
    url: str | None = None
    #: Plain text.
    summary: str = ""
    #: Clean HTML or plain text; empty when there is none beside the summary, or when it was let go.
    content: str = ""


class Altered(Struct, frozen=True, kw_only=True):
    """One alteration."""

    kind: Alteration
    #: What it was and what it is: titles, addresses; of an edit, the sentences that are gone and those that are new.
    before: str
    after: str


#: Characters of the sentences that are shown of an edit, on each side.
LONGEST_SHOWN = 500
#: A document whose entries change like this all at once has another template: from so many on, and from this share.
_MANY = 4
_SHARE = 0.5


def alterations(before: Version, after: Version) -> tuple[Altered, ...]:
    """What happened between two versions of one entry."""
    (found,) = document_alterations([(before, after)], count=1)
    return found


def document_alterations(pairs: Sequence[tuple[Version, Version]], *, count: int) -> list[tuple[Altered, ...]]:
    """What happened to each entry of one document, in the order of ``pairs``.

    Sentences that come or go in several entries at once are the site's, not theirs; and what happens to most entries of
    a document at once happened to its template.

    Args:
        pairs: The stored and the new version of each entry that changed.
        count: How many entries the document has, those that did not change included.
    """
    differences = _own(list(_differences(pairs)))
    found = [
        (*_retitled(*pair), *_moved(*pair), *_edited(differing))
        for pair, differing in zip(pairs, differences, strict=True)
    ]
    kinds = Counter(one.kind for each in found for one in each)
    # A move is a fact, however many move.
    template = {kind for kind, many in kinds.items() if many >= max(_MANY, _SHARE * count)} - {Alteration.MOVED}
    return [tuple(one for one in each if one.kind not in template) for each in found]


# -- titles and addresses --------------------------------------------------------------------------------------------

#: What sites append to their titles: " - Site", " | Site", "_Site". A number in it is part of the title.
_TAIL = re.compile(r"(?:\s[-–—·]\s|\s?[|｜_]\s?)[^-–—|｜_·\d]{2,32}$")
_CUT = re.compile(r"\s?(?:\.{3}|…)[.…]*\s?(?:$|(?=[-–—|｜_·]))")
#: Letters of a cut title from which on it is one.
_TELLING = 12


def _retitled(before: Version, after: Version) -> Iterable[Altered]:
    if before.title and after.title and not is_same_title(before.title, after.title):
        yield Altered(kind=Alteration.RETITLED, before=before.title, after=after.title)


def is_same_title(one: str, two: str) -> bool:
    """Whether two titles differ in nothing but typography, the name of a site, or the place where they were cut."""
    first, second = _folded(one), _folded(two)
    if first == second:
        return True
    if _folded(_TAIL.sub("", one)) == second or first == _folded(_TAIL.sub("", two)):
        return True
    return _is_cut_of(one, second) or _is_cut_of(two, first)


def _is_cut_of(title: str, whole: str) -> bool:
    match = _CUT.search(title)
    start = _folded(title[: match.start()]) if match else ""
    return len(start) >= _TELLING and whole.startswith(start)


def _folded(title: str) -> str:
    """Its words; of one that has none, itself."""
    return fold(title) or title.strip()


def _moved(before: Version, after: Version) -> Iterable[Altered]:
    if before.url and after.url and canonical(before.url) != canonical(after.url):
        yield Altered(kind=Alteration.MOVED, before=before.url, after=after.url)


# -- texts -----------------------------------------------------------------------------------------------------------


#: Characters of texts that are compared of one document, at 2 us each; where all of an archive changes, no more.
_MOST_TEXT = 2_000_000


def _differences(pairs: Iterable[tuple[Version, Version]]) -> Iterator[Difference]:
    left = _MOST_TEXT
    for before, after in pairs:
        left -= len(before.content) + len(after.content)
        yield _difference(before, after) if left > 0 else Difference()


def _difference(before: Version, after: Version) -> Difference:
    """Of contents if both have one: a feed that begins or ceases to give them has edited nothing."""
    found = Difference()
    if before.content and after.content:
        found = difference(text_of(before.content), text_of(after.content))
    if not (found.gone or found.new or (_is_repeated(before) and _is_repeated(after))):
        found = difference(before.summary, after.summary)
    return found.without(key for title in (before.title, after.title) for key in _keys(title))


#: Characters that tell whether two texts begin alike, and characters of markup that hold as many.
_BEGINNING, _MARKUP = 200, 10_000


def _is_repeated(version: Version) -> bool:
    """Whether the summary was cut from the content, and says nothing of its own."""
    return bool(version.content) and words_of(version.content[:_MARKUP]).startswith(version.summary[:_BEGINNING])


def _keys(title: str) -> list[str]:
    return [_folded(title), *(one.key for one in sentences(title))]


def _own(differences: Sequence[Difference]) -> list[Difference]:
    """Less what comes or goes in several entries at once."""
    gone = Counter(key for one in differences for key in one.gone)
    new = Counter(key for one in differences for key in one.new)
    common = {key for counter in (gone, new) for key, many in counter.items() if many > 1}
    return [one.without(common) for one in differences]


def _edited(found: Difference) -> Iterable[Altered]:
    if (found.gone or found.new) and is_substance(found):
        before, after = _shown(found.gone.values()), _shown(found.new.values())
        yield Altered(kind=Alteration.EDITED, before=before, after=after)


def _shown(many: Iterable[Sentence]) -> str:
    text = " ".join(one.text for one in many)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1].rstrip()}…"
