"""The citations of all articles, by the pages, ids and titles that they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from feeds.match.imprint import Marks
from feeds.match.keys import cited_page, pages_of, story_ids
from feeds.match.shelf import LEVEL_BITS, Shelf
from feeds.match.titles import likeness, read_title, same_source, slug_titles, title_words
from feeds.match.values import Piece, Rule, Standing, Story
from feeds.model import Citation
from feeds.urls import host_of


class Cited(NamedTuple):
    """A citation and the article that it stands in."""

    path: str
    published: datetime | None
    citation: Citation
    #: Which of the article's citations it is, from 0.
    place: int


class Meeting(NamedTuple):
    """A citation that names an entry."""

    cited: Cited
    rule: Rule
    standing: Standing
    score: float
    evidence: tuple[str, ...]


#: How alike titles of one source must be ...
_SAME_SOURCE = 0.85
#: ... and of whom nobody says where it is from, or of two addresses at one source: a paraphrase could be another story.
_ANY_SOURCE = 0.93
#: From here on an editor may want to see it.
_WORTH_A_LOOK = 0.85
#: Days from the entry to the article; of one source, and else (fewer). A feed may re-date its entries for two weeks.
DAYS_SAME_SOURCE = (-14.0, 400.0)
_DAYS_ANY_SOURCE = (-3.0, 60.0)
#: So telling is a title that stands for itself.
_TELLING_SAME_SOURCE, _TELLING_ANY_SOURCE = 3, 5
#: A title that one host bears on so many cited pages is a column's.
_COLUMN_PAGES = 3
_COLUMN = f"a title that {_COLUMN_PAGES} or more cited pages of one host bear"
#: The rarest words of a title lead to those that may be like it, but not beyond so many.
_LEADING_WORDS, _MOST_LED_TO = 4, 120


class Citations:
    """The index of rules 1 to 3."""

    def __init__(self) -> None:
        self._by_key: dict[str, list[Cited]] = {}
        self._titles = Shelf()
        self._titled: dict[int, Cited] = {}
        #: Path -> what its citations are found by.
        self._numbers: dict[str, list[int]] = {}
        self._keys: dict[str, frozenset[str]] = {}

    def add(self, piece: Piece, marks: Sequence[Marks]) -> None:
        """Take the citations of an article, each with what it is found by."""
        published = None if piece.guessed_date else piece.published
        numbers: list[int] = []
        for place, (citation, (keys, words)) in enumerate(zip(piece.citations, marks, strict=True)):
            cited = Cited(piece.path, published, citation, place)
            for key in keys:
                self._by_key.setdefault(key, []).append(cited)
            if citation.title:
                number = self._titles.add({1: words})
                self._titled[number] = cited
                numbers.append(number)
        self._numbers[piece.path] = numbers
        self._keys[piece.path] = frozenset(chain.from_iterable(keys for keys, _ in marks))

    def remove(self, path: str) -> None:
        """Forget the citations of an article."""
        for key in self._keys.pop(path):
            self._by_key[key] = [cited for cited in self._by_key[key] if cited.path != path]
            if not self._by_key[key]:
                del self._by_key[key]
        for number in self._numbers.pop(path):
            self._titles.remove(number)
            del self._titled[number]

    def keys_of(self, path: str) -> frozenset[str]:
        """The pages and known ids that an article cites."""
        return self._keys[path]

    def numbers_of(self, path: str) -> Sequence[int]:
        """The titles that an article cites."""
        return self._numbers[path]

    def words_of(self, number: int) -> Sequence[str]:
        """The words of a cited title."""
        return self._titles.signals_of(number)

    def meet(self, story: Story) -> dict[str, Meeting]:
        """The articles that cite an entry, each by its surest citation."""
        found: dict[str, Meeting] = {}
        for meeting in (*self._by_keys(story), *self._by_titles(story, own_titles(story))):
            known = found.get(meeting.cited.path)
            if known is None or _surer(meeting, known):
                found[meeting.cited.path] = meeting
        return {path: self._checked(meeting) for path, meeting in found.items()}

    def meet_at(self, path: str, story: Story) -> Meeting | None:
        """Whether one article cites an entry, and how."""
        best: Meeting | None = None
        own = own_titles(story)
        for meeting in (
            *self._by_keys(story),
            *(meet_by_title(self._titled[number], story, own) for number in self._numbers.get(path, ())),
        ):
            if meeting and meeting.cited.path == path and (best is None or _surer(meeting, best)):
                best = meeting
        return self._checked(best) if best else None

    def _by_keys(self, story: Story) -> Iterator[Meeting]:
        pages = pages_of(story.urls)
        for rule, keys in ((Rule.PAGE, pages), (Rule.IDENTITY, story_ids(story, pages))):
            for key in keys:
                for cited in self._by_key.get(key, ()):
                    yield Meeting(cited, rule, Standing.MATCH, 1.0, (f"{rule}: {key}",))

    def _by_titles(self, story: Story, own: Sequence[str]) -> Iterator[Meeting]:
        for number in dict.fromkeys([number for title in own for number in self.like(title)]):
            meeting = meet_by_title(self._titled[number], story, own)
            if meeting:
                yield meeting

    def _checked(self, meeting: Meeting) -> Meeting:
        """A match by a title that is a column's is no more than a suggestion."""
        if meeting.rule is not Rule.TITLE or meeting.standing is not Standing.MATCH:
            return meeting
        if not self._is_column(meeting.cited.citation.title or ""):
            return meeting
        return meeting._replace(standing=Standing.SUGGESTION, evidence=(*meeting.evidence, _COLUMN))

    def _is_column(self, title: str) -> bool:
        """Whether one host bears a cited title on several pages: a column's name tells nothing of its editions."""
        words = title_words(title)
        twins = [self._titled[other].citation for other in self.like(title) if self.words_of(other) == words]
        pages = {page for twin in twins if (page := cited_page(twin))}
        return max(Counter(map(host_of, pages)).values(), default=0) >= _COLUMN_PAGES

    def leading_words(self, title: str) -> list[tuple[int, str]]:
        """The rarest of its words that cited titles have, and how many have each."""
        postings = self._titles.postings
        return sorted([(len(postings[word]), word) for word in title_words(title) if word in postings])[:_LEADING_WORDS]

    def like(self, title: str) -> list[int]:
        """The cited titles that have at least two of its rarest words (or its one, if only one is known)."""
        postings, known = self._titles.postings, self.leading_words(title)
        hits: list[int] = []
        for _, word in known:
            if hits and len(hits) + len(postings[word]) > _MOST_LED_TO:
                break
            hits += postings[word]
        wanted = min(2, len(known))
        return [packed >> LEVEL_BITS for packed, times in Counter(hits).items() if times >= wanted]


def _surer(one: Meeting, other: Meeting) -> bool:
    """The first rule that holds wins; of two by title the sure one, then the more alike."""
    return one.rule is other.rule and (one.standing, -one.score) < (other.standing, -other.score)


def own_titles(story: Story) -> tuple[str, ...]:
    """The titles that a citation may bear, the words of the entry's addresses included."""
    return (*story.titles, *slug_titles(story.urls))


def meet_by_title(cited: Cited, story: Story, own: Iterable[str]) -> Meeting | None:
    """Whether a citation bears one of an entry's ``own_titles``."""
    words = cited.citation.title or ""
    read = read_title(words)
    telling = read.weight
    if telling < _TELLING_SAME_SOURCE - 1 or not _fits(cited.published, story.published, DAYS_SAME_SOURCE):
        return None
    liked = [(likeness(read, read_title(title), at_least=_WORTH_A_LOOK), title) for title in own]
    alike, title = max(liked, default=(0.0, ""))
    if not alike:
        return None
    source = same_source(cited.citation, story)
    if source:
        is_other_page = source.startswith("host") and cited_page(cited.citation) is not None
        is_sure = alike >= (_ANY_SOURCE if is_other_page else _SAME_SOURCE) and telling >= _TELLING_SAME_SOURCE
        days = DAYS_SAME_SOURCE
    else:
        is_sure = alike >= _ANY_SOURCE and telling >= _TELLING_ANY_SOURCE
        days = _DAYS_ANY_SOURCE
    if not _fits(cited.published, story.published, days):
        return None
    evidence = (f"cited title “{words}” is {alike:.0%} like “{title}”", source or "another source, or none named")
    return Meeting(cited, Rule.TITLE, Standing.MATCH if is_sure else Standing.SUGGESTION, alike, evidence)


def _fits(article: datetime | None, entry: datetime | None, days: tuple[float, float]) -> bool:
    """By the article's own date and the entry's; what a citation claims of dates is often invented and never counts."""
    if article is None or entry is None:
        return True
    return days[0] <= (article - entry).total_seconds() / 86400 <= days[1]


#: What would have to differ for a title to be the entry's.
TITLES_WANTED = f"{_SAME_SOURCE:.0%} of one source and {_ANY_SOURCE:.0%} of any would be enough"


def closest_title(story: Story, citations: Iterable[Citation]) -> tuple[float, str] | None:
    """How like an entry's title the nearest cited title is, and which; None where there is none to compare."""
    pairs = [(citation.title, own) for citation in citations if citation.title for own in own_titles(story)]
    alike = [(likeness(read_title(cited), read_title(own), at_least=0.0), cited) for cited, own in pairs]
    return max(alike, default=None)
