"""Which articles an entry meets, and which entries an article: the four rules in order, the first that holds wins.

Nothing is guessed silently. What is sure is a match; what is likely is a suggestion, and has its reasons with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nlargest
from types import MappingProxyType

from feeds.match.cited import TITLES_WANTED, Citations, Meeting, closest_title
from feeds.match.covers import Telling, Tellings, standing, wanting
from feeds.match.imprint import imprint_of, pack, unpack
from feeds.match.keys import cited_ids, cited_page, pages_of, story_ids, story_keys
from feeds.match.lexicon import lexicon_of
from feeds.match.outline import outline
from feeds.match.sieve import Sieve
from feeds.match.values import Found, Piece, Rule, Standing, Story

_NO_WORDS: Mapping[str, Sequence[str]] = MappingProxyType({})
#: So many shared things are named in the evidence.
_MOST_SHOWN = 8
#: The titles that so many articles cite are compared when the nearest are looked for.
_CLOSELY = 30


class Matcher:
    """The articles of a site, ready to be met by entries. Same articles and same entry, same answer, in any order."""

    def __init__(self, *, words: Mapping[str, Sequence[str]] = _NO_WORDS) -> None:
        """``words`` has names and terms with their other names, in Chinese and English, beside those built in."""
        self._lexicon = lexicon_of(words)
        self._citations = Citations()
        self._tellings = Tellings(self._lexicon)
        self._pieces: dict[str, Piece] = {}
        self._numbers: dict[str, int] = {}
        self._paths: dict[int, str] = {}

    def __len__(self) -> int:
        """How many articles it has."""
        return len(self._pieces)

    def imprint_of(self, piece: Piece) -> bytes:
        """What the matcher reads off an article's text and citations, worth storing: the same give the same."""
        return pack(imprint_of(piece, self._lexicon))

    def add_article(self, piece: Piece) -> None:
        """Take an article in; one of the same path is replaced."""
        self.remove_article(piece.path)
        imprint = imprint_of(piece, self._lexicon) if piece.imprint is None else unpack(piece.imprint)
        number = self._tellings.add(imprint.levels, piece.published, is_guessed=piece.guessed_date)
        self._citations.add(piece, imprint.cited)
        self._pieces[piece.path] = piece
        self._numbers[piece.path] = number
        self._paths[number] = piece.path

    def remove_article(self, path: str) -> None:
        """Forget an article; one that is not known is no error."""
        piece = self._pieces.pop(path, None)
        if piece is not None:
            number = self._numbers.pop(path)
            self._citations.remove(path)
            self._tellings.remove(number)
            del self._paths[number]

    def match_entry(self, story: Story) -> list[Found]:
        """All articles that an entry meets: matches before suggestions, the surer rule first, then the better score."""
        met = self._citations.meet(story)
        found = [_found_citation(story, meeting) for meeting in met.values()]
        saying = self._tellings.read(outline(story, self._lexicon))
        for telling in self._tellings.look(saying, story.published):
            path = self._paths[telling.number]
            if path not in met:
                found.append(self._found_covers(story, path, telling))
        return sorted(found, key=_order)

    def nearest(self, story: Story, *, count: int, without: Collection[str]) -> list[str]:
        """Of the other articles those that tell most of an entry, or cite what is called most like it; best first."""
        saying = self._tellings.read(outline(story, self._lexicon))
        scores: dict[str, tuple[float, float]] = {}
        for path, number in self._numbers.items():
            if path not in without:
                telling = self._tellings.weigh(number, saying, story.published)
                scores[path] = (telling.score, telling.share)
        for path in nlargest(_CLOSELY, scores, key=scores.__getitem__):
            alike, _ = closest_title(story, self._pieces[path].citations) or (0.0, "")
            scores[path] = (max(alike, scores[path][0]), scores[path][1])
        return [path for path in nlargest(count, scores, key=scores.__getitem__) if any(scores[path])]

    def match_articles(
        self, paths: Collection[str], stories: Iterable[Story], *, citable: Collection[str] | None = None
    ) -> list[Found]:
        """What a few articles meet among many entries: what ``match_entry`` says of each entry and these articles.

        ``citable`` are the ids of the entries that have a page or id which one of the articles cites (``keys_of``), if
        the caller knows them from an index; else the addresses of each entry are read, which takes most of the time.
        """
        wanted = self._pieces.keys() & set(paths)
        if not wanted:
            return []
        articles = [(self._pieces[path], self._numbers[path]) for path in sorted(wanted)]
        sieve = Sieve(self._lexicon, self._tellings, self._citations, articles)
        keys = frozenset().union(*(self.keys_of(path) for path in wanted))
        found: list[Found] = []
        for story in stories:
            is_cited = story.id in citable if citable is not None else not keys.isdisjoint(story_keys(story))
            if is_cited or sieve.may_meet(story):
                found += [one for one in self.match_entry(story) if one.article_path in wanted]
        return sorted(found, key=_order)

    def keys_of(self, path: str) -> frozenset[str]:
        """The pages and known ids that an article cites; an entry has its own from ``story_keys``."""
        return self._citations.keys_of(path)

    def _telling(self, story: Story, path: str) -> Telling:
        saying = self._tellings.read(outline(story, self._lexicon))
        return self._tellings.weigh(self._numbers[path], saying, story.published)

    def _found_covers(self, story: Story, path: str, telling: Telling) -> Found:
        return Found(
            entry_id=story.id,
            article_path=path,
            rule=Rule.COVERS,
            standing=standing(telling) or Standing.SUGGESTION,
            score=round(telling.score, 3),
            evidence=tuple(self._reasons(telling)),
        )

    def _reasons(self, telling: Telling) -> Iterable[str]:
        shown = [
            f"{unit.shown} (in {len(unit.forms[0].posting)} of {len(self)})" for unit in telling.common[:_MOST_SHOWN]
        ]
        if shown:
            yield f"both say {', '.join(shown)}"
        yield f"the article says {telling.share:.0%} of what the entry says, {telling.rare} rare things among it"
        if telling.days is not None:
            yield f"the article came out {_days(telling.days)} (nearness {telling.nearness:.2f})"

    # -- why ---------------------------------------------------------------------------------------------------------

    def why(self, story: Story, path: str) -> list[str]:
        """The rules in order, what each compared, and what would have to differ; one sentence for each."""
        piece = self._pieces.get(path)
        if piece is None:
            return [f"{path}: no article of that path"]
        meeting = self._citations.meet_at(path, story)
        lines = [*_why_keys(story, piece, meeting), *_why_titles(story, piece, meeting)]
        return lines if meeting else [*lines, *self._why_covers(self._telling(story, path))]

    def _why_covers(self, telling: Telling) -> Iterable[str]:
        verdict = standing(telling)
        said = "; ".join(self._reasons(telling))
        yield f"{Rule.COVERS}: {verdict or 'no'} (score {telling.score:.2f}): {said}"
        if verdict is not Standing.MATCH:
            yield from wanting(telling)


def _why_keys(story: Story, piece: Piece, meeting: Meeting | None) -> Iterable[str]:
    pages = pages_of(story.urls)
    cited = [page for citation in piece.citations if (page := cited_page(citation))]
    ids = story_ids(story, pages)
    named = [one for citation in piece.citations for one in cited_ids(citation)]
    for rule, own, theirs in ((Rule.PAGE, pages, cited), (Rule.IDENTITY, ids, named)):
        if meeting and meeting.rule is rule:
            yield f"{rule}: match: {_where(meeting)}: {meeting.evidence[0]}"
            return
        yield f"{rule}: no: the entry has {_list(own)}, the article cites {_list(theirs)}"


def _why_titles(story: Story, piece: Piece, meeting: Meeting | None) -> Iterable[str]:
    if meeting and meeting.rule is not Rule.TITLE:
        return
    if meeting:
        said = "; ".join(meeting.evidence)
        yield f"{Rule.TITLE}: {meeting.standing} ({meeting.score:.2f}): {_where(meeting)}: {said}"
        return
    nearest = closest_title(story, piece.citations)
    if nearest is None:
        yield f"{Rule.TITLE}: no: the article cites nothing by title"
    else:
        alike = f"the nearest cited title is {nearest[0]:.0%} like it: “{nearest[1]}”"
        yield f"{Rule.TITLE}: no: {alike}; {TITLES_WANTED}"


def _where(meeting: Meeting) -> str:
    label = meeting.cited.citation.label
    return f"[^{label}] in line {meeting.cited.citation.line}" if label else f"line {meeting.cited.citation.line}"


def _list(things: Sequence[str]) -> str:
    shown = ", ".join(dict.fromkeys(things[:_MOST_SHOWN]))
    return shown + (f" and {len(things) - _MOST_SHOWN} more" if len(things) > _MOST_SHOWN else "") if things else "none"


def _days(days: float) -> str:
    if abs(days) < 1:
        return "within a day of the entry"
    count = f"{abs(days):.0f} day{'' if round(abs(days)) == 1 else 's'}"
    return f"{count} {'after' if days > 0 else 'before'} the entry"


def _found_citation(story: Story, meeting: Meeting) -> Found:
    citation = meeting.cited.citation
    return Found(
        entry_id=story.id,
        article_path=meeting.cited.path,
        rule=meeting.rule,
        standing=meeting.standing,
        score=round(meeting.score, 3),
        evidence=meeting.evidence,
        citation=meeting.cited.place,
        citation_label=citation.label,
        citation_line=citation.line,
    )


_RULE_ORDER = {rule: place for place, rule in enumerate(Rule)}


def _order(found: Found) -> tuple[str, int, float, str, str]:
    return found.standing, _RULE_ORDER[found.rule], -found.score, found.article_path, found.entry_id
