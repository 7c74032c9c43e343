"""Write status.html: how the sources are, when they are asked, what the last rebuild cost."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import attrgetter

from markupsafe import Markup

from feeds.desk.charts import Bar, draw_bars
from feeds.desk.layout import STATUS, Voice, write_page
from feeds.desk.values import DayOfPolls, Followed, Front, Health

#: In the order in which somebody should look at them; how each is coloured.
_MARKS = {"failing": "bad-word", "stopped": "warn-word", "new": "", "ok": "good-word"}
_UNITS = ("B", "KB", "MB", "GB", "TB")


def render_status(front: Front, health: Health) -> bytes:
    """The page."""
    voice = Voice(front)
    return write_page(
        "status.html",
        front,
        voice,
        beside=STATUS,
        tiles=_tiles(health, voice),
        broken=[(path, list(some)) for path, some in groupby(health.broken, key=attrgetter("path"))],
        days=health.days,
        polls_chart=_polls_chart(health.days, voice),
        new_chart=_new_chart(health.days, voice),
        feeds=sorted(health.feeds, key=_worst_first),
        asked=health.asked,
        marks=_MARKS,
        without_feed=health.without_feed,
        manners=health.manners,
        score=_score(health),
        share=f"{100 * health.manners.conditional_share:.0f} %",
        rebuilt=health.rebuilt,
        took=voice.say("seconds", count=f"{health.rebuilt.seconds:.1f}") if health.rebuilt else "",
        size=in_bytes(health.rebuilt.bytes) if health.rebuilt else "",
    )


def in_bytes(size: int) -> str:
    """A size with three digits: ``1.23 MB``."""
    amount, unit = float(size), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{size} B" if unit == 0 else f"{amount:.3g} {_UNITS[unit]}"


def _worst_first(feed: Followed) -> int:
    return list(_MARKS).index(feed.word)


def _score(health: Health) -> str:
    """Full marks only for no offence at all."""
    return f"{health.manners.score:.1f}" if health.manners.score < 100 else "100"


def _tiles(health: Health, voice: Voice) -> list[tuple[str, str, str]]:
    """(class, number, what it is): what does not occur is left out, but for good news."""
    counts = Counter(feed.word for feed in health.feeds)
    tiles = [("ok", f"{counts['ok']:,}", voice.say("feeds_well"))]
    tiles += [
        (word, f"{counts[word]:,}", voice.say(f"feeds_{word}")) for word in _MARKS if word != "ok" and counts[word]
    ]
    articles = len({one.path for one in health.broken})
    tiles.append(("failing" if articles else "ok", f"{articles:,}", voice.say("quarantined")))
    return [*tiles, ("ok", _score(health), voice.say("politeness"))]


def _polls_chart(days: tuple[DayOfPolls, ...], voice: Voice) -> Markup:
    bars = [
        Bar(
            day=one.day,
            parts=(one.fetched, one.unchanged, one.failed),
            said=f"{one.day}: "
            + voice.joined([f"{voice.say(key)} {getattr(one, key)}" for key in ("fetched", "unchanged", "failed")]),
        )
        for one in days
    ]
    sums = {"polls": sum(one.polls for one in days), "failed": sum(one.failed for one in days)}
    said = voice.say("polls_sum", most=max((one.polls for one in days), default=0), **sums)
    return draw_bars(bars, name=said, colours="abc")


def _new_chart(days: tuple[DayOfPolls, ...], voice: Voice) -> Markup:
    bars = [Bar(day=one.day, parts=(one.new,), said=f"{one.day}: {voice.say('new')} {one.new}") for one in days]
    most = max((one.new for one in days), default=0)
    return draw_bars(bars, name=voice.say("new_sum", new=sum(one.new for one in days), most=most), colours="a")
