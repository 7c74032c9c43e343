"""See without any network what is wrong with a citation: dates that cannot be, addresses that were made up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from feeds.audit.addresses import Dated, began, date_of, faults_of
from feeds.audit.spans import GRACE, RE_DATED, Span, span_of
from feeds.audit.values import Difference, Field, Rule, Said
from feeds.model import NOWHERE, Article, Citation

#: Our articles are about what is new; whoever claims to have read a page so long before was not there.
_LONG_BEFORE_ARTICLE = timedelta(days=60)
#: A source may date a page anew some weeks later, but it does not wait for half a year.
_LONG_BEFORE_PAGE = timedelta(days=180)
#: Drafts, embargoes, and the first version in another place.
_ABOUT_A_WEEK = timedelta(days=7)

Remarks = Iterator[tuple[Rule, str]]


class Days(NamedTuple):
    """All that is known of the days of one citation."""

    published: Span | None
    accessed: Span | None
    #: First and last day on which the article was written; None when only the time of its file is known.
    written: Span | None
    #: By the address of the page.
    dated: Dated | None
    #: By its source.
    said: date | None
    site: tuple[str, date] | None


def days_of(citation: Citation, article: Article, said: Said | None) -> Days:
    """Gather the days."""
    is_known = article.date_from not in {"file time", NOWHERE}
    url = citation.url
    return Days(
        published=span_of(citation.published),
        accessed=span_of(citation.accessed),
        written=Span(article.published.date(), article.updated.date()) if is_known else None,
        dated=date_of(url) if url else None,
        said=said.published.date() if said and said.published else None,
        site=began(url) if url else None,
    )


def remarks_of(citation: Citation, days: Days) -> Remarks:
    """Rules that fire on one citation, dates first."""
    yield from _impossible_dates(citation)
    yield from _published(days)
    yield from _accessed(days)
    yield from _page(days)
    yield from faults_of(citation)
    if citation.label is not None and not citation.referenced:
        yield Rule.UNREFERENCED, f"nothing in the text refers to [^{citation.label[:40]}]"


def date_by_address(citation: Citation, days: Days) -> Difference | None:
    """The claimed date beside the one that the address holds, if they differ."""
    if days.published is None or days.dated is None or days.published.days_from(days.dated.span) <= GRACE.days:
        return None
    if days.dated.is_earliest and days.published.first > days.dated.span.last:
        return None
    return Difference(
        field=Field.DATE,
        claimed=citation.published or "",
        found=_words_of(days.dated.span),
        distance=days.published.days_from(days.dated.span),
        is_contradiction=_is_unlike_address(days.published, days.dated),
    )


# -- dates -----------------------------------------------------------------------------------------------------------


def _published(days: Days) -> Remarks:
    published = days.published
    if published is None:
        return
    if days.written and published.is_after(days.written.last):
        yield (
            Rule.PUBLISHED_AFTER_ARTICLE,
            f"it claims to be of {_words_of(published)}, the article is of {days.written.last}",
        )
    if days.site and published.is_before(days.site[1]):
        yield (
            Rule.PUBLISHED_BEFORE_SITE,
            f"it claims to be of {_words_of(published)}, {days.site[0]} began in {days.site[1]:%Y-%m}",
        )
    if days.dated and _is_unlike_address(published, days.dated):
        words = f"it claims to be of {_words_of(published)}, its address says {_words_of(days.dated.span)}"
        yield Rule.PUBLISHED_UNLIKE_ADDRESS, words
    elif days.said and published.is_before(days.said, by=_LONG_BEFORE_PAGE):
        distance = (days.said - published.last).days
        words = f"it claims to be of {_words_of(published)}, {distance} days before the page ({days.said})"
        yield Rule.PUBLISHED_LONG_BEFORE_PAGE, words


def _is_unlike_address(published: Span, dated: Dated) -> bool:
    if dated.is_earliest:
        return published.is_before(dated.span.first, by=_ABOUT_A_WEEK)
    return published.days_from(dated.span) > _ABOUT_A_WEEK.days


def _accessed(days: Days) -> Remarks:
    """At most one rule says that it was read too early: the one with the best evidence."""
    accessed = days.accessed
    if accessed is None:
        return
    if days.written and accessed.is_after(days.written.last):
        yield (
            Rule.ACCESSED_AFTER_ARTICLE,
            f"it claims to have been read on {_words_of(accessed)}, the article is of {days.written.last}",
        )
    if days.published and accessed.is_before(days.published.first):
        yield (
            Rule.ACCESSED_BEFORE_PUBLISHED,
            f"it claims to have been read on {_words_of(accessed)} and published on {_words_of(days.published)}",
        )
    elif (existed := _existed_after(accessed, days)) is not None:
        words = f"{(existed - accessed.last).days} days before the page existed ({existed})"
        yield Rule.ACCESSED_BEFORE_PAGE, f"it claims to have been read on {_words_of(accessed)}, {words}"
    elif days.written and accessed.is_before(days.written.first, by=_LONG_BEFORE_ARTICLE):
        words = f"{(days.written.first - accessed.last).days} days before the article"
        yield Rule.ACCESSED_LONG_BEFORE_ARTICLE, f"it claims to have been read on {_words_of(accessed)}, {words}"


def _existed_after(accessed: Span, days: Days) -> date | None:
    """The day on which the page came to be, by its source, else by its address; None when it was there before."""
    if days.said and accessed.is_before(days.said, by=RE_DATED):
        return days.said
    first = days.dated.span.first if days.dated else None
    return first if first and accessed.is_before(first) else None


def _page(days: Days) -> Remarks:
    if days.dated and days.written and days.dated.span.is_after(days.written.last):
        yield (
            Rule.PAGE_AFTER_ARTICLE,
            f"its address says {_words_of(days.dated.span)}, the article is of {days.written.last}",
        )


def _words_of(span: Span) -> str:
    """The date as precise as it is."""
    if span.first == span.last:
        return span.first.isoformat()
    return f"{span.first:%Y-%m}" if span.first.month == span.last.month else f"{span.first:%Y}"


#: A whole date, as people spell it: not a part of a longer number, nor of an address.
_WRITTEN = re.compile(
    r"(?<![\d/.\-])((?:19|20)\d\d)\s*([/.\-年])\s*(\d{1,2})\s*([/.\-月])\s*(\d{1,2})(?![\d/]|[.\-]\d)"
)
_ADDRESS = re.compile(r"https?://[^\s<>\"）)】]+", re.IGNORECASE)
#: A definition has two dates; beyond this it is data.
_LONGEST_RAW = 8_000


def _impossible_dates(citation: Citation) -> Remarks:
    for found in _WRITTEN.finditer(_ADDRESS.sub(" ", citation.raw[:_LONGEST_RAW])):
        try:
            date(int(found[1]), int(found[3]), int(found[5]))
        except ValueError:
            if _is_one_separator(found[2], found[4]):
                yield Rule.IMPOSSIBLE_DATE, f"“{found[0]}” is no day of any calendar"


def _is_one_separator(one: str, two: str) -> bool:
    return one == two or (one, two) == ("年", "月")
