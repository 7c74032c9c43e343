"""Read what a document says of its feed: how often it changes, its hubs, its page. Malformed hints are none. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from feeds.polled import FeedHints
from feeds.sources.clean import web_url
from feeds.sources.xml_entries import Node, hrefs, text_of

#: More than a year is no rhythm but a mistake.
_LONGEST = timedelta(days=366)
_MAX_HUBS = 10

#: RSS 1.0 syndication module; ``daily`` is its default.
_PERIODS = {
    "hourly": timedelta(hours=1),
    "": timedelta(days=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: feedparser keeps the last hour only.
_SKIPPED = re.compile(r"<skip(hours|days)\b[^<>]{0,99}>(.{0,4000}?)</skip\1", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour\b[^<>]{0,99}>\s{0,99}(\d{1,2})\s{0,99}</hour", re.IGNORECASE)
_DAY = re.compile(r"<day\b[^<>]{0,99}>\s{0,99}([a-z]{6,9})\s{0,99}</day", re.IGNORECASE)


def hints_of(feed: Node, text: str) -> FeedHints:
    """RSS 2.0 ttl, skipHours, skipDays; sy:updatePeriod and sy:updateFrequency."""
    intervals = [each for each in (_ttl(feed), _syndication(feed)) if each is not None]
    interval = max(intervals, default=None)
    hours, days = _skipped(text) if {"skiphours", "skipdays"} & feed.keys() else (set(), set())
    return FeedHints(
        interval=interval,
        skip_hours=frozenset(hours) if len(hours) < 24 else frozenset(),
        skip_days=frozenset(days) if len(days) < 7 else frozenset(),
    )


def _ttl(feed: Node) -> timedelta | None:
    minutes = _whole(text_of(feed, "ttl"))
    return _believable(timedelta(minutes=minutes)) if minutes else None


def _syndication(feed: Node) -> timedelta | None:
    period = text_of(feed, "sy_updateperiod").strip().lower()
    frequency = text_of(feed, "sy_updatefrequency").strip()
    times = _whole(frequency) if frequency else 1
    if not (period or frequency) or period not in _PERIODS or not times:
        return None
    return _believable(_PERIODS[period] / times)


def _whole(text: str) -> int:
    text = text.strip()
    return int(text) if len(text) <= 9 and text.isascii() and text.isdigit() else 0


def _believable(interval: timedelta) -> timedelta | None:
    return interval if interval <= _LONGEST else None


def _skipped(text: str) -> tuple[set[int], set[int]]:
    """Hours and days; 24 is midnight, as the first RSS had it."""
    hours: set[int] = set()
    days: set[int] = set()
    for kind, inside in _SKIPPED.findall(text):
        if kind.lower() == "hours":
            hours |= {int(hour) % 24 for hour in _HOUR.findall(inside) if int(hour) <= 24}
        else:
            days |= {_DAYS.index(day.lower()) for day in _DAY.findall(inside) if day.lower() in _DAYS}
    return hours, days


def page_of(feed: Node, base: str) -> str | None:
    """The page that a feed is about; YouTube's playlists name none in ``link``."""
    return first_url([text_of(feed, "link"), *hrefs(feed, "alternate")], base)


def hubs_of(feed: Node, base: str) -> tuple[str, ...]:
    """WebSub §4: links with rel=hub."""
    return all_urls(hrefs(feed, "hub"), base)


def self_of(feed: Node, base: str) -> str | None:
    """RFC 4287 §4.2.7.2: rel=self, in RSS too."""
    return first_url(hrefs(feed, "self"), base)


def all_urls(raws: Iterable[str], base: str) -> tuple[str, ...]:
    """Those that are http(s), absolute, each once."""
    return tuple(dict.fromkeys(url for raw in raws if (url := web_url(raw, base)) is not None))[:_MAX_HUBS]


def first_url(raws: Iterable[str], base: str) -> str | None:
    """The first that is http(s), absolute."""
    return next(iter(all_urls(raws, base)), None)
