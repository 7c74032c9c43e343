"""What we learnt about one feed, and the rules that can set its next poll."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from feeds.polled import FailureKind, Validators


class Rule(StrEnum):
    """Which rule set the next poll. The value is the word in tables and in ``--json``."""

    NEW = "new"
    RHYTHM = "rhythm"
    RHYTHM_UNKNOWN = "rhythm-unknown"
    QUIET = "quiet"
    WINDOW = "window"
    EVERY = "every"
    PUSH = "push"
    HOURLY = "hourly"
    NO_VALIDATORS = "no-validators"
    MAX_AGE = "max-age"
    TTL = "ttl"
    RETRY_AFTER = "retry-after"
    BACKOFF = "backoff"
    TRANSIENT = "transient"
    GONE = "gone"
    STOPPED = "stopped"
    OFFLINE = "offline"
    UNFINISHED = "unfinished"


#: What ``feeds why`` and ``feeds status`` say of each rule; the names in braces are the numbers that it goes by.
SENTENCES: Mapping[Rule, str] = {
    Rule.NEW: "never asked yet",
    Rule.RHYTHM: "half the median gap of its last {count} entries ({length})",
    Rule.RHYTHM_UNKNOWN: "too few dated entries to know its rhythm ({length})",
    Rule.QUIET: "no entry for {days} days, so it is asked less often ({length})",
    Rule.WINDOW: "entries may have come and gone between two polls, so it is asked more often ({length})",
    Rule.EVERY: "every {length}, as sources.yaml says",
    Rule.PUSH: "it tells us when it changes; this is the poll in case a message is lost ({length})",
    Rule.HOURLY: "no feed is asked more than once an hour",
    Rule.NO_VALIDATORS: "its server gives neither ETag nor Last-Modified, so each poll is a full download: once a day",
    Rule.MAX_AGE: "its server says that the answer stays fresh (Cache-Control or Expires: {length})",
    Rule.TTL: "the feed says how often to come (ttl or sy:updatePeriod: {length})",
    Rule.RETRY_AFTER: "its server asked us to wait (Retry-After: {length})",
    Rule.BACKOFF: "{count} failures in a row: 1 h, doubled with each, at most 7 days ({length})",
    Rule.TRANSIENT: "status {status} comes and goes on this host, so it is asked in its own rhythm ({length})",
    Rule.GONE: "its server says that it is gone (410); asked once more after a day to be sure",
    Rule.STOPPED: "its server said twice that it is gone (410): not asked any more",
    Rule.OFFLINE: "no host could be reached, so it is we who were offline: tried again soon ({length})",
    Rule.UNFINISHED: "we asked and stopped before the answer was recorded ({count} in a row): {length} after the last",
}
#: Said after the sentence when skipHours or skipDays moved the poll.
MOVED = "; moved out of the hours or days in which the feed asks not to be asked"


class FeedState(Struct, frozen=True, kw_only=True):
    """What we learnt about one feed. One row per registered address, one column per field (validators: two)."""

    #: As sources.yaml has it; never changes.
    url: str
    #: What is asked for: ``url``, or where permanent redirects have led for days.
    fetch_url: str
    validators: Validators = field(default_factory=Validators)
    #: ``body_hash`` of the last full document; empty before, and after a partial one (226).
    body_hash: str = ""
    title: str = ""
    #: As ``ParsedFeed.version``.
    version: str = ""
    #: WebSub hub that the document names first; empty without.
    hub: str = ""

    #: When a request was last begun, recorded or not.
    last_attempt: datetime | None = None
    #: ... which a server may have seen: None when nothing was sent (no address, no connection).
    last_sent: datetime | None = None
    #: When a document or a 304 last came.
    last_answer: datetime | None = None
    #: When new or changed entries last came.
    last_change: datetime | None = None

    #: Not before this; None when never asked (due at once) and when stopped.
    next_poll: datetime | None = None
    rule: Rule = Rule.NEW
    #: The rule as a sentence, with its numbers.
    rule_said: str = SENTENCES[Rule.NEW]
    #: A confirmed 410: never due.
    stopped: bool = False

    #: Failures in a row, since the last document or 304.
    failures: int = 0
    failure: FailureKind | None = None
    failure_said: str = ""
    failing_since: datetime | None = None
    #: HTTP status of the last answer; None before, and when no server answered.
    last_status: int | None = None
    #: The first 410 in a row.
    gone_at: datetime | None = None
    #: Attempts in a row whose outcome was never recorded (killed, crashed).
    unfinished: int = 0

    #: Where permanent redirects lead now; empty when there are none, or when they are not to be followed for good.
    moved_to: str = ""
    #: Equal answers in a row that said so.
    moved_count: int = 0
    moved_since: datetime | None = None

    #: Outcomes recorded, failures included.
    polls: int = 0
    answers_304: int = 0
    #: 200 with the body that we had.
    unchanged_200: int = 0
    #: ... although the request was conditional.
    conditional_200: int = 0
    #: ... since the last 304.
    ignored_in_a_row: int = 0
    #: The own interval is halved so many times, since entries may have come and gone unseen.
    halvings: int = 0

    #: ``Hints.fresh_for`` of the last answer that had it: a 304 leaves out what has not changed (RFC 9110 §15.4.5).
    fresh_for: timedelta | None = None
    #: ``FeedHints.interval`` of the last document.
    hint_interval: timedelta | None = None
    #: Hours of the day, 0-23 GMT, in which not to ask; sorted.
    skip_hours: tuple[int, ...] = ()
    #: Days of the week, Monday 0, GMT; sorted.
    skip_days: tuple[int, ...] = ()
    #: Its whole domain is to be left alone until then (429, or 503 with Retry-After).
    closed_until: datetime | None = None


def first_state(url: str) -> FeedState:
    """What we know of a feed that was never asked: it is due at once."""
    return FeedState(url=url, fetch_url=url)
