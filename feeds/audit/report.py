"""Audit the citations of an article: what is known of each, in the order of the text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from feeds.audit.claims import compare
from feeds.audit.plain_rules import Days, date_by_address, days_of, remarks_of
from feeds.audit.texts import are_comparable, are_unlike, script_of, squashed, title_likeness
from feeds.audit.values import RULES, Coverage, Difference, Field, Finding, PageState, Remark, Rule, Said, Verdict
from feeds.model import Article, Citation
from feeds.urls import host_of

#: (label, line in the file) of a marker without a definition, or of a second definition.
Marked = tuple[str, int]


class _Known(Struct, frozen=True):
    """All that is known of one citation."""

    citation: Citation
    said: Said | None
    coverage: Coverage
    link: PageState | None
    days: Days


def audit_article(  # noqa: PLR0913 - each is another kind of knowledge, and most runs have but some
    article: Article,
    *,
    said: Mapping[int, Said] = {},
    coverage: Mapping[int, Coverage] = {},
    links: Mapping[str, PageState] = {},
    shared: Mapping[int, Sequence[Remark]] = {},
    undefined: Iterable[Marked] = (),
    repeated: Iterable[Marked] = (),
) -> list[Finding]:
    """One finding for each citation, then one for each marker without a definition.

    ``said``, ``coverage`` and ``shared`` (of ``audit_site``) go by the citation's index in the article, ``links`` by
    its key.
    """
    again = _places_of(repeated, article.citations)
    findings = []
    for number, citation in enumerate(article.citations):
        known = _Known(
            citation=citation,
            said=said.get(number),
            coverage=coverage.get(number, Coverage()),
            link=links.get(citation.key or ""),
            days=days_of(citation, article, said.get(number)),
        )
        findings.append(_finding(article.path, known, [*shared.get(number, ()), *again.get(number, ())]))
    return [*findings, *(_undefined(article.path, marked) for marked in undefined)]


def _finding(path: str, known: _Known, more: Iterable[Remark]) -> Finding:
    citation = known.citation
    differences = _differences(known)
    rules = (*_source_remarks(known, differences), *remarks_of(citation, known.days), *_link_remarks(known.link))
    remarks = (*(Remark(rule=rule, why=why, line=citation.line) for rule, why in rules), *more)
    verdict, why = _judge(known, differences, remarks)
    return Finding(
        path=path,
        line=citation.line,
        label=citation.label,
        citation=citation,
        verdict=verdict,
        why=why,
        differences=differences,
        remarks=remarks,
    )


def _differences(known: _Known) -> tuple[Difference, ...]:
    """Those from the source; without it, that from the address."""
    if known.said is not None:
        return compare(known.citation, known.said)
    by_address = date_by_address(known.citation, known.days)
    return (by_address,) if by_address else ()


# -- verdicts --------------------------------------------------------------------------------------------------------

#: Nothing stands at such an address.
_NO_PAGE = frozenset({Rule.PLACEHOLDER, Rule.IMPOSSIBLE_ID, Rule.PRIVATE_ADDRESS})


def _judge(known: _Known, differences: Sequence[Difference], remarks: Sequence[Remark]) -> tuple[Verdict, str]:
    """The verdict and one sentence for it."""
    refuted = next((remark.why for remark in remarks if RULES[remark.rule].refutes), "")
    if refuted:
        return Verdict.CONTRADICTED, refuted
    if known.link is not None and known.link.is_gone:
        return Verdict.DEAD, known.link.sentence
    if known.said is not None:
        return Verdict.VERIFIED, _confirmed(known.said, differences)
    made_up = next((remark.why for remark in remarks if remark.rule in _NO_PAGE), "")
    if made_up:
        return Verdict.UNRESOLVABLE, f"it leads to no page: {made_up}"
    return _unconfirmed(known)


def _confirmed(said: Said, differences: Sequence[Difference]) -> str:
    has_it = f"{said.source}'s own feed has this {'title' if said.is_by_title else 'page'}"
    if not differences:
        return has_it
    fields = " and ".join(difference.field for difference in differences)
    return f"{has_it}; {fields} may well mean the same"


def _unconfirmed(known: _Known) -> tuple[Verdict, str]:
    citation, coverage = known.citation, known.coverage
    if coverage.source is not None and not coverage.is_polled:
        return Verdict.UNKNOWN, f"{coverage.source} has not been polled"
    if coverage.source is not None and _is_older_than(coverage, known.days):
        return Verdict.UNKNOWN, f"older than what we hold of {coverage.source} (since {coverage.since})"
    if citation.url is None:
        return Verdict.UNRESOLVABLE, _unfound(citation, coverage)
    if coverage.source is None:
        return Verdict.UNKNOWN, "its source is none of ours"
    return Verdict.UNKNOWN, f"{coverage.source}'s feed has not brought it"


def _unfound(citation: Citation, coverage: Coverage) -> str:
    if not citation.title:
        return "it names neither page nor title"
    where = f"{coverage.source}'s feed has nothing of" if coverage.source else "no source of ours has"
    return f"it names no page, and {where} this title"


def _is_older_than(coverage: Coverage, days: Days) -> bool:
    """By the address, else by what it claims; of a page without any date by the article that cites it."""
    if coverage.since is None:
        return False
    span = (days.dated and days.dated.span) or days.published or days.written
    return span is not None and span.first < coverage.since


def in_words(difference: Difference) -> str:
    """``date 2025-07-01, not 2024-05-28 (399 days)``."""
    if difference.field is Field.DATE and difference.distance is not None:
        return f"date {difference.found}, not {difference.claimed} ({difference.distance:.0f} days)"
    return f"{difference.field} “{difference.found}”, not “{difference.claimed}”"


# -- remarks from elsewhere ------------------------------------------------------------------------------------------


def _source_remarks(known: _Known, differences: Sequence[Difference]) -> Iterator[tuple[Rule, str]]:
    contradictions = [difference for difference in differences if difference.is_contradiction]
    if known.said and contradictions:
        words = "; ".join(map(in_words, contradictions))
        if known.said.elsewhere is not None:
            words += f"; at the cited address stands “{known.said.elsewhere}”"
        yield Rule.SOURCE_DISAGREES, f"{known.said.source}'s own feed says otherwise: {words}"
    url = next((difference for difference in differences if difference.field is Field.URL), None)
    if known.said and known.said.is_by_title and url and not url.is_contradiction:
        yield Rule.OTHER_ADDRESS, f"{known.said.source}'s own feed has this title at {url.found}"


def _link_remarks(link: PageState | None) -> Iterator[tuple[Rule, str]]:
    if link is not None and link.is_gone:
        yield Rule.PAGE_GONE, link.sentence
    elif link is not None and link.moved_to is not None:
        yield Rule.PAGE_MOVED, link.sentence


def _places_of(repeated: Iterable[Marked], citations: Sequence[Citation]) -> dict[int, list[Remark]]:
    """Index of a citation -> what is wrong with its label. One that repeats all of another stands with that one."""
    found: dict[int, list[Remark]] = {}
    by_line = {citation.line: number for number, citation in enumerate(citations)}
    by_label = {citation.label: number for number, citation in reversed(list(enumerate(citations)))}
    for label, line in repeated:
        number = by_line.get(line, by_label.get(label))
        if number is not None:
            remark = Remark(rule=Rule.DEFINED_TWICE, why=f"[^{label[:40]}] is defined above as well", line=line)
            found.setdefault(number, []).append(remark)
    return found


def _undefined(path: str, marked: Marked) -> Finding:
    label, line = marked
    why = f"[^{label[:40]}] has no definition"
    return Finding(
        path=path,
        line=line,
        label=label,
        citation=None,
        verdict=Verdict.UNRESOLVABLE,
        why=why,
        remarks=(Remark(rule=Rule.UNDEFINED, why=why, line=line),),
    )


# -- all articles ----------------------------------------------------------------------------------------------------


class _Place(Struct, frozen=True):
    path: str
    number: int
    line: int
    title: str


def audit_site(articles: Iterable[Article]) -> dict[str, dict[int, list[Remark]]]:
    """Path -> index of citation -> what can be seen only beside the citations of other articles."""
    places: defaultdict[str, list[_Place]] = defaultdict(list)
    for article in articles:
        for number, citation in enumerate(article.citations):
            if citation.key and citation.title and not _is_post(citation.key):
                places[citation.key].append(_Place(article.path, number, citation.line, citation.title))
    found: dict[str, dict[int, list[Remark]]] = {}
    for cited in places.values():
        for place, other in _odd_ones(cited):
            why = f"“{place.title}” stands as “{other.title}” in {other.path}:{other.line}, at one address"
            remark = Remark(rule=Rule.SEVERAL_TITLES, why=why, line=place.line)
            found.setdefault(place.path, {}).setdefault(place.number, []).append(remark)
    return found


#: Posts have no titles: each who cites one describes it in other words.
_POSTS = frozenset(
    ["x.com", "weibo.com", "linkedin.com", "facebook.com", "threads.net", "threads.com", "bsky.app", "t.me"]
)


def _is_post(key: str) -> bool:
    return host_of(key) in _POSTS


def _odd_ones(places: Sequence[_Place]) -> Iterator[tuple[_Place, _Place]]:
    """Each whose title is unlike the most frequent one, with a place of that; without such a one, all."""
    counts = Counter(squashed(place.title) for place in places)
    if len(counts) < 2:
        return
    ranked = counts.most_common(2)
    usual = ranked[0][0] if ranked[0][1] > ranked[1][1] else None
    for place in places:
        if squashed(place.title) != usual:
            other = next((other for other in places if _is_rival(other, usual) and _are_two(place, other)), None)
            if other:
                yield place, other


def _is_rival(place: _Place, usual: str | None) -> bool:
    return usual is None or squashed(place.title) == usual


def _are_two(one: _Place, two: _Place) -> bool:
    if not are_comparable(one.title, two.title):
        return False
    return are_unlike(title_likeness(one.title, two.title), script_of(one.title))
