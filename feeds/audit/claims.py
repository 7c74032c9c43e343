"""Hold a citation, field by field, against what the source's own feed says of the page."""

from __future__ import annotations

import re
from collections.abc import Callable

from feeds.audit.spans import GRACE, RE_DATED, day_span, span_of
from feeds.audit.texts import (
    are_comparable,
    are_unlike,
    is_name_among,
    script_of,
    squashed,
    title_likeness,
    wording_likeness,
    words_of,
)
from feeds.audit.values import Difference, Field, Said
from feeds.model import Citation
from feeds.urls import canonical, host_of


def compare(citation: Citation, said: Said) -> tuple[Difference, ...]:
    """All that differs, in the order title, author, date, publisher, address; what is not claimed never does."""
    found = (compares(citation, said) for compares in _COMPARISONS)
    return tuple(difference for difference in found if difference is not None)


# -- titles and dates ------------------------------------------------------------------------------------------------


def _title(citation: Citation, said: Said) -> Difference | None:
    claimed = citation.title or ""
    own = [title for title in said.titles if words_of(title)]
    if not words_of(claimed) or not own:
        return None
    if squashed(claimed) in map(squashed, own):
        return None
    comparable = [title for title in own if are_comparable(claimed, title)]
    if not comparable:
        return _difference(Field.TITLE, claimed, own[0], None)
    likeness = max(title_likeness(claimed, title) for title in comparable)
    distance = 1 - max(wording_likeness(claimed, title) for title in comparable)
    is_name = is_name_among(claimed, _names(said))  # the link leads from the source's name
    is_contradiction = are_unlike(likeness, script_of(claimed)) and not is_name
    return _difference(Field.TITLE, claimed, own[0], distance, is_contradiction=is_contradiction)


def _date(citation: Citation, said: Said) -> Difference | None:
    claimed = span_of(citation.published)
    if claimed is None or said.published is None:
        return None
    days = claimed.days_from(day_span(said.published.date()))
    if days <= GRACE.days:
        return None
    found = said.published.date().isoformat()
    return _difference(Field.DATE, citation.published or "", found, days, is_contradiction=days > RE_DATED.days)


# -- authors ---------------------------------------------------------------------------------------------------------

#: What stands beside names: roles, places of reporting, and words for "nobody in particular".
_ROLES = re.compile(
    r"\b(?:by|editor|edited|reported|written|et al|and|with|posted|author|staff|writer|reporter|team|editors?)\b"
    r"|(?:责任编辑|责编|编辑|作者|记者|撰文|文|译者|翻译|出品|整理|报道|编译)\s*[:：|｜丨]|发自.*|整理.*|(?:编辑部|作者)$",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    [
        "admin",
        "administrator",
        "editor",
        "editors",
        "editorial",
        "editorialteam",
        "staff",
        "newsroom",
        "team",
        "anonymous",
        "unknown",
        "guest",
        "news",
        "press",
        "pressrelease",
        "编辑",
        "编辑部",
        "小编",
        "本刊",
        "记者",
        "官方",
        "新闻",
    ]
)
#: Between several authors.
_BETWEEN = re.compile(r"\s*(?:[、,，;；/|｜&＆+]|\band\b|\bwith\b|和|与)\s*")
#: A longer one is a sentence or a slogan.
_LONGEST_CHINESE_NAME = 4


#: Forty authors; what is longer is no list of names.
_LONGEST_NAMES = 800


def _author(citation: Citation, said: Said) -> Difference | None:
    claimed = (citation.author or "").strip()[:_LONGEST_NAMES]
    own = [name[:_LONGEST_NAMES] for name in said.authors if _is_person(name[:_LONGEST_NAMES], said)]
    if not own or not _is_person(claimed, said):
        return None
    if _share_a_name(claimed, own):
        return None
    found = ", ".join(own)
    if not any(are_comparable(claimed, name) for name in own):
        return _difference(Field.AUTHOR, claimed, found, None)
    return _difference(Field.AUTHOR, claimed, found, 1.0, is_contradiction=_are_plain_names(claimed, own))


def _is_person(name: str, said: Said) -> bool:
    """A source that names itself, or nobody in particular, says nothing of who wrote."""
    plain = squashed(_ROLES.sub(" ", name))
    return bool(plain) and plain not in _GENERIC and not is_name_among(name, _names(said))


def _share_a_name(claimed: str, own: list[str]) -> bool:
    """Whether one of many is among many: ``Isaac, M.`` is Mike Isaac, 闻乐 发自 凹非寺 is 闻乐."""
    words = set(words_of(_ROLES.sub(" ", claimed)))
    for name in own:
        if is_name_among(_ROLES.sub(" ", claimed), [name]) or squashed(name) in squashed(claimed):
            return True
        last = _family_names(name)
        if last & words or _family_names(claimed) & set(words_of(name)):
            return True
    return False


def _family_names(names: str) -> set[str]:
    """The last word of each name, or of ``Isaac, M.`` the one before the comma; never an initial."""
    found = set()
    for name in _BETWEEN.split(_ROLES.sub(" ", names)):
        words = [word for word in words_of(name) if len(word) > 1]
        found.update(words[-1:])
    return found


def _are_plain_names(claimed: str, own: list[str]) -> bool:
    """Whether both sides are names of people beyond doubt, so that the other one is somebody else."""
    return _is_plain_name(claimed) and all(_is_plain_name(name) for name in own)


def _is_plain_name(names: str) -> bool:
    for name in _BETWEEN.split(_ROLES.sub(" ", names)):
        words = words_of(name)
        if script_of(name) == "chinese":
            if not 2 <= len(squashed(name)) <= _LONGEST_CHINESE_NAME:
                return False
        elif not 1 <= len(words) <= 4 or any(word.isdigit() for word in words):
            return False
    return len(words_of(names)) > 1


# -- publisher and address -------------------------------------------------------------------------------------------


#: Names of two publishers may have half of their letters in common (Oasis Weekly, Harbor Daily).
_LIKE_NAMES = 0.6


def _publisher(citation: Citation, said: Said) -> Difference | None:
    claimed = (citation.publisher or "")[:_LONGEST_NAMES]
    if not squashed(claimed) or _is_publisher(claimed, citation, said):
        return None
    names = [name for name in _names(said) if are_comparable(claimed, name)]
    if not names:
        return _difference(Field.PUBLISHER, claimed, said.source, None)
    # Elsewhere than at the source's own host the page may be anybody's: a reprint, a channel, somebody's account.
    is_at_home = _is_host_of(said.url or "", _names(said)) and citation.key == canonical(said.url or "")
    likeness = max(title_likeness(claimed, name) for name in names)
    is_contradiction = is_at_home and likeness < _LIKE_NAMES
    return _difference(Field.PUBLISHER, claimed, said.source, 1 - likeness, is_contradiction=is_contradiction)


def _is_publisher(claimed: str, citation: Citation, said: Said) -> bool:
    if is_name_among(claimed, (*_names(said), *said.authors)):
        return True
    return any(_is_host_of(url, (claimed,)) for url in (citation.url or "", said.url or ""))


def _is_host_of(url: str, names: tuple[str, ...]) -> bool:
    """Whether a label of the host is one of these names: wired.com of Wired, news.mit.edu of MIT News."""
    labels = [label for label in host_of(url).split(".")[:-1] if len(label) > 2]
    return any(
        label == name or (len(min(label, name, key=len)) > 3 and (label in name or name in label))
        for name in map(squashed, names)
        for label in map(squashed, labels)
        if name
    )


def _url(citation: Citation, said: Said) -> Difference | None:
    """Another address for the same story is shown: a reprint has one, and sources move their pages."""
    if not citation.url or not said.url or citation.key == canonical(said.url):
        return None
    is_contradiction = said.is_by_title and (said.elsewhere is not None or _are_two_pages(citation.url, said.url))
    return _difference(Field.URL, citation.url, said.url, None, is_contradiction=is_contradiction)


#: Digits in a row that number a page; a year has four.
_NUMBER = re.compile(r"\d{5,}")


def _are_two_pages(one: str, two: str) -> bool:
    """Whether two addresses of one site lead to two pages: neither number nor name in common. A home page is none."""
    first, second = canonical(one), canonical(two)
    if host_of(first) != host_of(second) or not first.partition("://")[2].partition("/")[2]:
        return False
    if set(_NUMBER.findall(first)) & set(_NUMBER.findall(second)):
        return False
    names = [set(words_of(address.rstrip("/").rpartition("/")[2])) for address in (first, second)]
    return 2 * len(names[0] & names[1]) <= min(map(len, names))


def _names(said: Said) -> tuple[str, ...]:
    return (said.source, *said.aliases)


def _difference(
    field: Field, claimed: str, found: str, distance: float | None, *, is_contradiction: bool = False
) -> Difference:
    rounded = None if distance is None else round(distance, 2)
    return Difference(field=field, claimed=claimed, found=found, distance=rounded, is_contradiction=is_contradiction)


_COMPARISONS: tuple[Callable[[Citation, Said], Difference | None], ...] = (_title, _author, _date, _publisher, _url)
