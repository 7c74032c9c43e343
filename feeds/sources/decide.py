"""When to ask a feed again, and what its answers teach us. Values in, values out.

The road of one poll: ``is_due``, ``before_poll`` (stored before the request, so that a crash asks nothing early),
``request_for``, then ``after_poll`` with whatever came of it; offline.py takes it back where nobody could be reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from feeds.polled import Failed, FailureKind, FeedRequest, Fetched, NotModified, Outcome, ParsedFeed, Validators
from feeds.sources import moved, timing
from feeds.sources.domains import domain_key
from feeds.sources.state import MOVED, SENTENCES, FeedState, Rule
from feeds.sources.timing import Wait

#: Two 410 a day apart are the truth.
GONE_FOR = timedelta(days=1)
#: Statuses that come and go on a host and say nothing of the feed; believed after a week.
TRANSIENT: Mapping[str, frozenset[int]] = {"youtube.com": frozenset({404, 500})}
TRANSIENT_FOR = timedelta(days=7)
#: A 429 without Retry-After closes its domain for 1 h, doubled up to 16 h: longer, and one feed starves the others.
CLOSED_DOUBLINGS = 5
#: So many conditional requests since the last 304 brought the document that we had.
IGNORED_OFTEN = 5
#: Failures before anything was sent: no server has seen a request.
UNSENT = frozenset(
    {
        FailureKind.URL,
        FailureKind.BLOCKED,
        FailureKind.DNS,
        FailureKind.CONNECT,
        FailureKind.TLS,
        FailureKind.PROXY,
    }
)

# -- before a poll ---------------------------------------------------------------------------------------------------


def is_due(state: FeedState, *, now: datetime) -> bool:
    """Say whether the feed may be asked now, as far as it alone is concerned (its domain may be busy or closed)."""
    return due_at(state, now=now) == now


def due_at(state: FeedState, *, now: datetime) -> datetime | None:
    """Give the first moment from ``now`` on at which the feed is due; None when it is stopped."""
    if state.stopped:
        return None
    moment = max(now, state.next_poll or now, _earliest(state) or now)
    return timing.next_open(moment, hours=state.skip_hours, days=state.skip_days)


#: What a clock may differ by after it was set: no reason to think again.
CLOCKS_DIFFER = timedelta(minutes=2)
_MOMENTS = (
    "last_attempt",
    "last_sent",
    "last_answer",
    "last_change",
    "next_poll",
    "closed_until",
    "failing_since",
    "gone_at",
    "moved_since",
)


def rewound(state: FeedState, *, now: datetime) -> FeedState:
    """What was learnt by a clock that was ahead: moved back by as much, so that each pause is as long as it was."""
    ahead = (state.last_attempt or now) - now
    if ahead <= CLOCKS_DIFFER:
        return state
    moments: dict[str, datetime | None] = {name: getattr(state, name) for name in _MOMENTS}
    moved: dict[str, Any] = {name: at - ahead for name, at in moments.items() if at is not None and at > now}
    return replace(state, **moved)


def may_ask(state: FeedState, *, now: datetime) -> bool:
    """Say whether a poll asked for by hand is polite: floors and closings hold, rhythm and hints do not."""
    limits = (_earliest(state), state.closed_until)
    return all(limit is None or limit <= now for limit in limits)


def _earliest(state: FeedState) -> datetime | None:
    """A request counts even if no outcome was recorded."""
    if state.last_sent is None:
        return None
    return state.last_sent + timing.floor(can_be_conditional=bool(state.validators)).length


def before_poll(state: FeedState, *, now: datetime) -> FeedState:
    """Record that a request begins. Stored before it does: without an outcome the feed is not asked early.

    What it said of caching before is taken to hold still, and a feed that failed to fail again. A feed that kills us
    each time waits twice as long each time, up to 7 days.
    """
    count = state.unfinished + 1
    again = timing.backoff(state.failures) if state.failures else None
    known = timing.longest([*_bounds(state), timing.fresh(state.fresh_for), again])
    wait = timing.wait_by(Rule.UNFINISHED, timing.doubled(known.length, count), count=count)
    moment, said = _moment(state, wait, now=now, jitter=0.0)
    return replace(
        state, last_attempt=now, last_sent=now, unfinished=count, next_poll=moment, rule=wait.rule, rule_said=said
    )


def request_for(state: FeedState, *, headers: Mapping[str, str], allow_private: bool) -> FeedRequest:
    """Make the request: conditional whenever the server gave us something to recognise the document by.

    ``headers`` may hold a password, which a redirect must not carry to another host: such a feed is asked at its
    registered address.
    """
    stays = not headers or urlsplit(state.fetch_url).netloc == urlsplit(state.url).netloc
    return FeedRequest(
        url=state.fetch_url if stays else state.url,
        validators=state.validators,
        headers=headers,
        allow_private=allow_private,
    )


# -- after a poll ----------------------------------------------------------------------------------------------------


def after_poll(  # noqa: PLR0913 - all that one poll teaches; each is a different thing
    state: FeedState,
    outcome: Outcome,
    parsed: ParsedFeed | None,
    *,
    is_changed: bool,
    entry_times: Sequence[datetime],
    every: timedelta | None,
    pushes: bool,
    now: datetime,
    jitter: float,
) -> FeedState:
    """Record what came, and set the next poll.

    Args:
        state: As ``before_poll`` left it.
        outcome: A document that cannot be read is Failed too; a failure keeps the validators.
        parsed: None with a document when its bytes were known (``body_hash``) and it was not read again.
        is_changed: Entries are new or changed.
        entry_times: When the newest entries that we hold, new ones included, were published or else first seen; 11 do.
        every: The fixed interval of sources.yaml; None for the adaptive one.
        pushes: A hub tells us of changes.
        now: When the outcome came; waits count from here.
        jitter: In [0, 1); only delays.
    """
    begun = state if state.unfinished else before_poll(state, now=now)
    if isinstance(outcome, Failed):
        learnt = _failed(begun, outcome, now=now)
    else:
        learnt = _answered(begun, outcome, parsed, is_changed=is_changed, now=now)
    own = _own_interval(learnt, entry_times, every=every, pushes=pushes, now=now)
    wait = timing.longest(_waits(learnt, outcome, own))
    moment, said = _moment(learnt, wait, now=now, jitter=jitter)
    return replace(
        learnt,
        polls=state.polls + 1,
        unfinished=0,
        closed_until=_closed_until(learnt, outcome, now=now),
        next_poll=None if learnt.stopped else moment,
        rule=Rule.STOPPED if learnt.stopped else wait.rule,
        rule_said=SENTENCES[Rule.STOPPED] if learnt.stopped else said,
    )


def body_hash(body: bytes) -> str:
    """Recognise a document that came before, when its server does not."""
    return sha256(body).hexdigest()


def _answered(
    state: FeedState, outcome: Fetched | NotModified, parsed: ParsedFeed | None, *, is_changed: bool, now: datetime
) -> FeedState:
    answered = replace(
        state,
        last_answer=now,
        last_change=now if is_changed else state.last_change,
        fresh_for=outcome.hints.fresh_for or (state.fresh_for if isinstance(outcome, NotModified) else None),
        failures=0,
        failure=None,
        failure_said="",
        failing_since=None,
        gone_at=None,
    )
    seen = _not_modified(answered, outcome) if isinstance(outcome, NotModified) else _fetched(answered, outcome)
    if parsed is not None:
        seen = _read(replace(seen, halvings=_halvings(state, outcome, parsed)), parsed)
    return moved.follow(seen, outcome.redirects, now=now)


def _not_modified(state: FeedState, outcome: NotModified) -> FeedState:
    """A 304 updates what it carries and leaves the rest (RFC 9110 §15.4.5)."""
    carried = outcome.validators or Validators()
    return replace(
        state,
        last_status=304,
        answers_304=state.answers_304 + 1,
        ignored_in_a_row=0,
        validators=Validators(
            etag=carried.etag if carried.etag is not None else state.validators.etag,
            last_modified=(
                carried.last_modified if carried.last_modified is not None else state.validators.last_modified
            ),
        ),
    )


def _fetched(state: FeedState, outcome: Fetched) -> FeedState:
    """Both validators are replaced even if the body is the old one: else each later poll is a full download."""
    digest = "" if outcome.is_partial else body_hash(outcome.body)
    is_same = bool(digest) and digest == state.body_hash
    is_ignored = is_same and bool(state.validators)
    return replace(
        state,
        last_status=outcome.status,
        validators=outcome.validators,
        body_hash=digest,
        unchanged_200=state.unchanged_200 + is_same,
        conditional_200=state.conditional_200 + is_ignored,
        ignored_in_a_row=state.ignored_in_a_row + is_ignored,
    )


def _read(state: FeedState, parsed: ParsedFeed) -> FeedState:
    return replace(
        state,
        title=parsed.title or state.title,
        version=parsed.version,
        hub=next(iter(parsed.hubs), ""),
        hint_interval=parsed.hints.interval,
        skip_hours=tuple(sorted(parsed.hints.skip_hours)),
        skip_days=tuple(sorted(parsed.hints.skip_days)),
    )


def _halvings(before: FeedState, outcome: Outcome, parsed: ParsedFeed) -> int:
    """Count how often our interval is halved: once more when every entry of the window is younger than the last answer.

    Then others may have come and gone between. Once less when no more than a quarter of the window is.
    """
    is_whole = isinstance(outcome, Fetched) and not outcome.is_partial and parsed.count > 0
    last = before.last_answer
    if not is_whole or last is None:
        return before.halvings
    young = sum(1 for entry in parsed.entries if entry.published is not None and entry.published > last)
    if young >= parsed.count:
        return min(before.halvings + 1, timing.MOST_HALVINGS)
    return max(before.halvings - 1, 0) if young * 4 <= parsed.count else before.halvings


# -- failures --------------------------------------------------------------------------------------------------------


def _failed(state: FeedState, outcome: Failed, *, now: datetime) -> FeedState:
    is_gone = outcome.kind is FailureKind.GONE
    failed = replace(
        state,
        failures=state.failures + 1,
        failure=outcome.kind,
        failure_said=outcome.sentence,
        failing_since=state.failing_since or now,
        last_status=outcome.status,
        last_sent=None if is_unsent(outcome) else state.last_sent,
        gone_at=(state.gone_at or now) if is_gone else (state.gone_at if outcome.status is None else None),
    )
    failed = moved.come_back(failed, now=now)
    is_confirmed = is_gone and failed.gone_at is not None and now - failed.gone_at >= GONE_FOR
    return replace(failed, stopped=is_confirmed)


def is_unsent(outcome: Failed) -> bool:
    """No server has seen a request; the floor had passed before it, so no earlier one needs to be remembered."""
    return outcome.kind in UNSENT and not outcome.redirects


def conditional_remark(state: FeedState) -> str:
    """Say that a server has us download the same document again and again; empty when it does not."""
    if state.ignored_in_a_row < IGNORED_OFTEN:
        return ""
    count = state.ignored_in_a_row
    return f"server ignores conditional GET: {count} times the same document in full since the last 304"


# -- the next poll ---------------------------------------------------------------------------------------------------


def _own_interval(
    state: FeedState, entry_times: Sequence[datetime], *, every: timedelta | None, pushes: bool, now: datetime
) -> Wait:
    if every is not None:
        return timing.wait_by(Rule.EVERY, every)
    own = timing.rhythm(entry_times, halvings=state.halvings, now=now)
    return timing.pushed(own) if pushes else own


def _waits(state: FeedState, outcome: Outcome, own: Wait) -> list[Wait | None]:
    """List the rules that have a say; the longest wait counts."""
    asked = timing.retry_after(outcome.hints.retry_after)
    bounds = _bounds(state)
    if not isinstance(outcome, Failed):
        return [own, *bounds, timing.fresh(state.fresh_for), asked]
    if is_unsent(outcome):
        return [timing.backoff(state.failures)]
    return [_failure_wait(state, outcome, own), *bounds, timing.fresh(outcome.hints.fresh_for), asked]


def _bounds(state: FeedState) -> list[Wait | None]:
    return [timing.floor(can_be_conditional=bool(state.validators)), timing.ttl(state.hint_interval)]


def _failure_wait(state: FeedState, outcome: Failed, own: Wait) -> Wait:
    if outcome.kind is FailureKind.GONE and state.gone_at is not None:
        return timing.wait_by(Rule.GONE, GONE_FOR)
    if _is_transient(state, outcome):
        return timing.wait_by(Rule.TRANSIENT, own.length, status=outcome.status)
    return timing.backoff(state.failures)


def _is_transient(state: FeedState, outcome: Failed) -> bool:
    if outcome.status not in TRANSIENT.get(domain_key(state.fetch_url), ()):
        return False
    since, last = state.failing_since, state.last_attempt
    return since is not None and last is not None and last - since < TRANSIENT_FOR


def _moment(state: FeedState, wait: Wait, *, now: datetime, jitter: float) -> tuple[datetime, str]:
    """Give the moment of the next poll, and why it is then."""
    moment = timing.moment_after(now, wait.length, jitter=jitter)
    opened = timing.next_open(moment, hours=state.skip_hours, days=state.skip_days)
    if opened == moment:
        return moment, wait.said
    return timing.round_up(opened + timing.SKIP_JITTER * jitter), wait.said + MOVED


def _closed_until(state: FeedState, outcome: Outcome, *, now: datetime) -> datetime | None:
    """429, or 503 with Retry-After, is said to all that ask from here: the whole domain is left alone."""
    if not isinstance(outcome, Failed) or outcome.kind is not FailureKind.RATE_LIMITED:
        return None
    asked = timing.retry_after(outcome.hints.retry_after) or timing.backoff(min(state.failures, CLOSED_DOUBLINGS))
    return timing.round_up(now + asked.length)
