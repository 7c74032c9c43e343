"""Entries of cited sources that no article covers yet: the editor's list, the likeliest stories first."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from heapq import heappush, heappushpop

from msgspec import Struct
from sqlalchemy import Connection

from feeds.meet.pieces import Followed, read_entry, stories
from feeds.model import Scope
from feeds.publish.terms import TermFinder, fold
from feeds.store import adopt_rows, feed_rows
from feeds.store.adopt_rows import FullEntry

#: What is older than the newest entry by more is no news to be covered.
_SPAN = timedelta(days=45)
#: A story counts half as much after so many days.
_HALF_LIFE = 10.0
#: Each term of the site's own vocabulary in its title or summary counts so much, up to so many.
_PER_TERM, _MOST_TERMS = 0.35, 6
#: An article that is only suggested for it may have covered it.
_PERHAPS = 0.5
#: So many are looked at closely for each that is listed; what was listed stays as long as it is among so many.
_CLOSELY, _STAYING = 8, 4

#: Why an entry is listed, by primary language subtag: source and how many articles cite it; terms; a likely article.
_REASONS = {
    "zh": ("{source}被{count}篇文章引用", "与本站共有的标签和主题：{terms}", "可能已由《{title}》涉及"),
    "en": (
        "{source} is cited by {count} articles",
        "Tags and topics of this site in it: {terms}",
        "“{title}” may cover it",
    ),
}


class Gap(Struct, frozen=True, kw_only=True):
    """An entry that no article covers."""

    full: FullEntry
    #: Higher is likelier to be worth an article.
    score: float
    #: In the language of the site.
    reasons: tuple[str, ...]


class Desk(Struct, frozen=True, kw_only=True):
    """What the editor's list is made for."""

    feeds: Mapping[str, Followed]
    #: BCP 47.
    language: str
    #: How many are listed at a time.
    limit: int


def find_gaps(connection: Connection, desk: Desk, *, covered: Collection[int], listed: Collection[int]) -> list[Gap]:
    """The best of what is not covered, and of what was listed before what is not much behind them; best first.

    Ranked by how often the source is cited, terms shared with the site, and age: from the newest entry back, since the
    same entries are to give the same list on any day.
    """
    counts = adopt_rows.cited_counts(connection)
    cited = {url: counts[fold(feed.spec.name)] for url, feed in desk.feeds.items() if fold(feed.spec.name) in counts}
    bases = _bases(connection, cited, covered=covered, listed=listed, limit=desk.limit * _CLOSELY)
    twins = stories(adopt_rows.full_entries(connection, bases), desk.feeds)
    # Of each story the entry that was listed before, else the one seen first.
    near = [min(some, key=lambda full: full.id not in listed) for some in twins]
    perhaps = adopt_rows.suggested(connection, [full.id for full in near])
    finder = TermFinder(_vocabulary(connection))
    gaps = []
    for full in near:
        terms = _terms(finder, full)
        score = bases[full.id] * (1 + _PER_TERM * min(len(terms), _MOST_TERMS))
        score *= _PERHAPS if full.id in perhaps else 1
        reasons = _reasons(desk, full, cited[full.feed], terms, perhaps.get(full.id, ""))
        gaps.append(Gap(full=full, score=round(score, 6), reasons=reasons))
    gaps.sort(key=lambda gap: (-gap.score, gap.full.id))
    staying = gaps[desk.limit : desk.limit * _STAYING]
    return [*gaps[: desk.limit], *(gap for gap in staying if gap.full.id in listed)]


def _bases(
    connection: Connection,
    cited: Mapping[str, int],
    *,
    covered: Collection[int],
    listed: Collection[int],
    limit: int,
) -> dict[int, float]:
    """Entry id -> what its source and its age are worth: the best that are not covered, and those listed before."""
    best: list[tuple[float, int]] = []
    kept: dict[int, float] = {}
    for id_, feed, days in adopt_rows.recent(connection, cited, _SPAN):
        if id_ in covered:
            continue
        one = (_base(cited[feed], days), -id_)
        if id_ in listed:
            kept[id_] = one[0]
        if len(best) < limit:
            heappush(best, one)
        else:
            heappushpop(best, one)
    return {-id_: base for base, id_ in best} | kept


def _base(cited: int, days: float) -> float:
    return float(math.log2(1 + cited) * 0.5 ** (days / _HALF_LIFE))


def _vocabulary(connection: Connection) -> list[tuple[Scope, str, str]]:
    rows = feed_rows.vocabulary(connection, [Scope.TAG, Scope.TOPIC])
    names: dict[tuple[str, str], str] = {}
    for _, scope, key, name in rows:
        # What two languages of the site have in common counts once.
        names.setdefault((scope, key), name)
    return [(Scope(scope), key, name) for (scope, key), name in names.items()]


def _terms(finder: TermFinder, full: FullEntry) -> list[str]:
    """Names of the site's terms in the title and the summary of an entry, each once."""
    found = finder.count(f"{full.title}\n{read_entry(full.said).summary}")
    return list(dict.fromkeys(term.spelling for term in sorted(found, key=lambda term: (-found[term], term.key))))


def _reasons(desk: Desk, full: FullEntry, cited: int, terms: Sequence[str], perhaps: str) -> tuple[str, ...]:
    by_source, by_terms, by_article = _REASONS.get(desk.language.partition("-")[0].lower(), _REASONS["en"])
    comma = "、" if desk.language.startswith("zh") else ", "
    reasons = [by_source.format(source=desk.feeds[full.feed].spec.name, count=cited)]
    if terms:
        reasons.append(by_terms.format(terms=comma.join(terms[:_MOST_TERMS])))
    if perhaps:
        reasons.append(by_article.format(title=perhaps))
    return tuple(reasons)
