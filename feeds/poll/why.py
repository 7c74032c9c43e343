"""Tell in words how a feed of a source is: its answers, when and by which rule it is asked next, what it brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from feeds.match import Standing
from feeds.meet.why import Account, Line, account, count, fact, headed, when
from feeds.model import SourceSpec
from feeds.poll.status import FeedStatus, read_status
from feeds.publish.terms import fold
from feeds.sources.state import FeedState
from feeds.store import why_rows

#: So many of the last requests are shown.
_LAST = 5
#: The pause between two requests to one domain is no news.
_SOON = timedelta(minutes=1)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: What the words of ``feeds status`` mean.
_WORDS = {
    "new": "it was never asked",
    "ok": "it answers",
    "failing": "it cannot be had, or not be read, at the moment",
    "stopped": "it is gone for good",
}


def tell_source(
    connection: Connection | None, specs: Sequence[SourceSpec], name: str, *, now: datetime
) -> tuple[Account, ...]:
    """The feeds of a source, by its name or alias, or one by its address; none when nothing is called so."""
    found = [spec for spec in specs if name in spec.feeds or fold(name) in map(fold, (spec.name, *spec.aliases))]
    status = read_status(connection, found, now=now)
    without = [
        account(one, [fact("It has no feed in sources.yaml, so it is never asked.")]) for one in status.without_feed
    ]
    feeds = [one for one in status.feeds if one.url == name] or status.feeds
    spec_of = {spec.name: spec for spec in found}
    return (*(_tell(connection, spec_of[one.source], one, now=now) for one in feeds), *without)


def _tell(connection: Connection | None, spec: SourceSpec, status: FeedStatus, *, now: datetime) -> Account:
    state = status.state
    row = why_rows.source_feed_called(connection, status.url) if connection else None
    lines = [*_names(spec, status), *_next(status, now=now), *_answers(state), *_failures(state), *_hints(state)]
    if connection is not None and row is not None:
        lines += [*_domain(connection, row, state, now=now), *_push(connection, row)]
        lines += [*_entries(connection, row, status), *_requests(connection, row)]
    return account(f"{spec.name}: {status.url}", lines)


def _names(spec: SourceSpec, status: FeedStatus) -> Iterator[Line]:
    state = status.state
    if state.title:
        yield fact(f"calls itself “{state.title}” ({state.version})")
    if spec.aliases:
        yield fact(f"articles may call the source: {', '.join((spec.name, *spec.aliases))}")
    if spec.site:
        yield fact(f"site: {spec.site}")
    if state.fetch_url != state.url:
        yield fact(f"asked at {state.fetch_url}, where permanent redirects have led for days")
    elif state.moved_to:
        yield fact(f"permanent redirects lead to {state.moved_to}, {count(state.moved_count, 'time')} in a row by now")
    yield fact(f"state: {status.word}: {_WORDS[status.word]}")


def _next(status: FeedStatus, *, now: datetime) -> Iterator[Line]:
    state = status.state
    if status.due is None:
        yield fact(f"next poll: never: {state.rule_said}")
        return
    moment = "now, it is due" if status.due <= now else when(status.due)
    lines = [fact(f"rule “{state.rule}”: {state.rule_said}")]
    if state.next_poll and status.due > max(state.next_poll, now):
        lines.append(
            fact(f"it says {when(state.next_poll)}; the pause after a request, or hours without polls, move it")
        )
    yield from headed(f"next poll: {moment}", lines)


def _answers(state: FeedState) -> Iterator[Line]:
    if state.last_attempt is None:
        return
    yield fact(
        f"last asked: {when(state.last_attempt)}" + (f", status {state.last_status}" if state.last_status else "")
    )
    if state.last_answer:
        yield fact(f"last good answer: {when(state.last_answer)}")
    if state.last_change:
        yield fact(f"last new or changed entry: {when(state.last_change)}")
    yield fact(
        f"asked {count(state.polls, 'time')}: {state.answers_304:,} not modified (304), "
        f"{state.unchanged_200:,} sent in full and the same"
    )


def _failures(state: FeedState) -> Iterator[Line]:
    if state.failures:
        since = f" since {when(state.failing_since)}" if state.failing_since else ""
        said = [fact(f"{state.failure}: {state.failure_said}")]
        yield from headed(f"It failed {count(state.failures, 'time')} in a row{since}:", said)
    if state.unfinished:
        yield fact(f"We asked {count(state.unfinished, 'time')} and stopped before the answer was recorded.")


def _hints(state: FeedState) -> Iterator[Line]:
    """What the server and the feed ask of whoever polls."""
    validators = [("ETag", state.validators.etag), ("Last-Modified", state.validators.last_modified)]
    lines = [fact(f"{name}: {value}, sent back with each request") for name, value in validators if value]
    if state.last_answer and not lines:
        lines.append(fact("neither ETag nor Last-Modified, so each poll is a full download"))
    if state.fresh_for:
        lines.append(fact(f"its answer stays fresh for {_length(state.fresh_for)} (Cache-Control or Expires)"))
    if state.hint_interval:
        lines.append(fact(f"come every {_length(state.hint_interval)} (ttl or sy:updatePeriod)"))
    if state.skip_hours:
        lines.append(fact(f"not at these hours, GMT: {', '.join(map(str, state.skip_hours))} (skipHours)"))
    if state.skip_days:
        lines.append(fact(f"not on {', '.join(_DAYS[day] for day in state.skip_days)} (skipDays)"))
    if state.hub:
        lines.append(fact(f"a hub tells of its changes: {state.hub} (WebSub)"))
    if state.halvings:
        lines.append(fact(f"entries may have come and gone between two polls: interval halved {state.halvings} times"))
    yield from headed("What it asks for, and we obey:", lines)


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    units = ((minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    return " ".join(count(number, name) for number, name in units if number) or "less than a minute"


def _domain(connection: Connection, row: Row[Any], state: FeedState, *, now: datetime) -> Iterator[Line]:
    free = why_rows.domain_free(connection, row.domain)
    closed = state.closed_until
    if closed and closed > now:
        yield fact(f"{row.domain} asked us to wait: none of its feeds is asked before {when(closed)}.")
    elif free and free > now + _SOON:
        yield fact(f"{row.domain} is left alone until {when(free)}, for what was asked of it before.")
    else:
        yield fact(f"{row.domain}, whose server is asked, may be asked now.")


def _push(connection: Connection, row: Row[Any]) -> Iterator[Line]:
    for one in why_rows.subscriptions_of(connection, row.id):
        lines = [fact(f"promised until {when(one.lease_until)}")] if one.lease_until else []
        lines += [fact(f"last told: {when(one.last_push)}")] if one.last_push else []
        lines += [fact(f"last error: {one.last_error}")] if one.last_error else []
        lines += [fact("it is relied upon, so the feed is polled seldom")] if one.works else []
        yield from headed(f"hub {one.hub}: {one.state}", lines, otherwise=f"hub {one.hub}: {one.state}")


def _entries(connection: Connection, row: Row[Any], status: FeedStatus) -> Iterator[Line]:
    if not status.entries:
        yield fact("It has brought no entry yet.")
        return
    counts = why_rows.entries_by_standing(connection, row.id)
    lines = [fact(f"{count(counts.get(Standing.MATCH, 0), 'is', 'are')} cited or covered by an article")]
    lines.append(fact(f"{count(counts.get(Standing.SUGGESTION, 0), 'is', 'are')} suggested for an article"))
    if counts[""]:
        lines.append(
            fact(f"{count(counts[''], 'was', 'were')} not compared with the articles yet (feeds rebuild does)")
        )
    span = why_rows.entry_span(connection, {status.url})
    reach = f" from {span[0]:%Y-%m-%d} to {span[1]:%Y-%m-%d}" if span else ""
    yield from headed(f"{count(status.entries, 'entry', 'entries')}{reach}, of which", lines)


def _requests(connection: Connection, row: Row[Any]) -> Iterator[Line]:
    lines = []
    for one in why_rows.last_polls(connection, row.id, _LAST):
        status = f" ({one.status})" if one.status else ""
        lines.append(
            fact(f"{when(one.at)}: {one.outcome}{status}, {one.bytes:,} bytes, {one.new} new, {one.changed} changed")
        )
    yield from headed("Its last requests:", lines)
