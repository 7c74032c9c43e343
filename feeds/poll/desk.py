"""What status.html shows, from the state alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, Row

from feeds.desk.values import Broken, DayOfPolls, Followed, Health, Manners, Rebuilt
from feeds.model import Severity, SourceSpec
from feeds.poll.status import SCORED, FeedStatus, Status, read_status
from feeds.store import desk_rows, source_rows
from feeds.store.desk_rows import LAST_REBUILD
from feeds.store.sql import read_meta

#: Words of the log -> how a day counts them; every other word is a failure.
_OUTCOMES = {"fetched": "fetched", "not-modified": "unchanged"}


def read_health(connection: Connection, specs: Sequence[SourceSpec], *, zone: tzinfo) -> Health:
    """All that status.html shows. The same state gives the same: the days end with the last one on which we asked."""
    asked = desk_rows.last_poll(connection)
    now = asked or datetime.fromtimestamp(0, UTC)
    status = read_status(connection, specs, now=now)
    return Health(
        feeds=tuple(map(_feed, status.feeds)),
        asked=asked,
        without_feed=status.without_feed,
        days=tuple(_days(source_rows.polls_since(connection, now - SCORED), now, zone)) if asked else (),
        manners=_manners(status),
        broken=tuple(_broken(desk_rows.broken_articles(connection))),
        rebuilt=_rebuilt(read_meta(connection, LAST_REBUILD)),
    )


def _feed(feed: FeedStatus) -> Followed:
    state = feed.state
    return Followed(
        source=feed.source,
        url=feed.url,
        word=feed.word,
        asked=state.last_attempt,
        answered=state.last_answer,
        due=state.next_poll,
        rule=str(state.rule),
        rule_said=state.rule_said,
        failures=state.failures,
        entries=feed.entries,
        newest=feed.newest,
        remark=feed.remark,
    )


def _manners(status: Status) -> Manners:
    score = status.politeness
    return Manners(
        requests=score.requests,
        score=score.score,
        conditional_share=score.conditional_share,
        offences=dict(score.offences),
    )


def _days(log: Iterable[Row[Any]], last: datetime, zone: tzinfo) -> Iterator[DayOfPolls]:
    """Each day of the log in the zone of the site, those without a request too."""
    counts: Counter[tuple[int, str]] = Counter()
    first = (last - SCORED).astimezone(zone).date() + timedelta(days=1)
    for row in log:
        day = row.at.astimezone(zone).date().toordinal()
        counts[day, _OUTCOMES.get(row.outcome, "failed")] += 1
        counts[day, "new"] += row.new
    for day in range(first.toordinal(), last.astimezone(zone).date().toordinal() + 1):
        sums = {name: counts[day, name] for name in ("fetched", "unchanged", "failed", "new")}
        yield DayOfPolls(day=first.fromordinal(day), **sums)


def _broken(rows: Iterable[Row[Any]]) -> Iterator[Broken]:
    """What keeps each article from being read; one that names no error all the same."""
    for row in rows:
        problems = json.loads(row.problems)
        errors = [one for one in problems if one.get("severity", Severity.ERROR) == Severity.ERROR] or problems
        for one in errors or [{"what": "file", "why": "cannot be read"}]:
            yield Broken(
                path=row.path,
                line=one.get("line"),
                what=one["what"],
                why=one["why"],
                fix=one.get("fix", ""),
                last_good=row.title or "",
            )


def _rebuilt(said: str) -> Rebuilt | None:
    if not said:
        return None
    values = json.loads(said)
    return Rebuilt(**{**values, "at": datetime.fromisoformat(values["at"])})
