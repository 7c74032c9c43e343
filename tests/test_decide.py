"""Every rule of the next poll, with a clock of our own; then the same rules for any history at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from feeds.polled import (
    Entry,
    Failed,
    FailureKind,
    FeedHints,
    Fetched,
    Hints,
    NotModified,
    Outcome,
    ParsedFeed,
    Redirect,
    Validators,
)
from feeds.sources import decide
from feeds.sources.changes import MOST_SILENT_UPDATES, Changes, KnownEntry, plan_changes
from feeds.sources.domains import Domains, domain_key, is_private_host, spacing
from feeds.sources.offline import Reach, is_offline_round, uncounted
from feeds.sources.score import LoggedRequest, politeness_score
from feeds.sources.state import MOVED, SENTENCES, FeedState, Rule, first_state
from feeds.sources.timing import doubled, next_open, round_up, say_length

NOW = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)  # a Friday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "https://news.example.com/feed"
ETAG = Validators(etag='W/"a"', last_modified="Fri, 01 Aug 2025 11:00:00 GMT")


def every_so_often(gap: timedelta, *, count: int = 11, newest: datetime = NOW) -> list[datetime]:
    return [newest - gap * number for number in range(count)]


def document(body: bytes = b"1", validators: Validators = ETAG, **more: Any) -> Fetched:
    return Fetched(url=URL, status=more.pop("status", 200), body=body, validators=validators, **more)


def refused(status: int, kind: FailureKind = FailureKind.HTTP_STATUS, wait: timedelta | None = None) -> Failed:
    return Failed(kind=kind, sentence=f"HTTP {status}", status=status, hints=Hints(retry_after=wait))


UNREACHED = Failed(kind=FailureKind.DNS, sentence="no address")
GONE = refused(410, FailureKind.GONE)
MISSING = refused(404)


@dataclass
class Feed:
    """A feed that is polled by hand."""

    state: FeedState = field(default_factory=lambda: first_state(URL))
    now: datetime = NOW
    entry_times: Sequence[datetime] = ()
    every: timedelta | None = None
    pushes: bool = False
    jitter: float = 0.0

    def brings(self, outcome: Outcome, parsed: ParsedFeed | None = None, *, is_changed: bool = False) -> Feed:
        """Poll now, with this outcome."""
        begun = decide.before_poll(self.state, now=self.now)
        self.state = decide.after_poll(
            begun,
            outcome,
            parsed,
            is_changed=is_changed,
            entry_times=self.entry_times,
            every=self.every,
            pushes=self.pushes,
            now=self.now,
            jitter=self.jitter,
        )
        return self

    def later(self) -> Feed:
        """Wait until it is due."""
        due = decide.due_at(self.state, now=self.now)
        assert due is not None
        self.now = due
        return self

    @property
    def wait(self) -> timedelta:
        """How long from now until the next poll."""
        assert self.state.next_poll is not None
        return self.state.next_poll - self.now


# -- when ------------------------------------------------------------------------------------------------------------


def test_a_feed_that_was_never_asked_is_due_at_once() -> None:
    assert decide.is_due(first_state(URL), now=NOW)
    assert decide.request_for(first_state(URL), headers={}, allow_private=False).validators == Validators()


@pytest.mark.parametrize(
    ("gap", "newest", "wait", "rule"),
    [
        (10 * MINUTE, NOW, HOUR, Rule.HOURLY),
        (2 * HOUR, NOW, HOUR, Rule.RHYTHM),
        (timedelta(hours=6, minutes=40), NOW, timedelta(hours=3, minutes=20), Rule.RHYTHM),
        (DAY, NOW, 12 * HOUR, Rule.RHYTHM),
        (7 * DAY, NOW, DAY, Rule.RHYTHM),
        (DAY, NOW - 14 * DAY, 12 * HOUR, Rule.RHYTHM),
        (DAY, NOW - 28 * DAY, DAY, Rule.QUIET),
        (7 * DAY, NOW - 42 * DAY, 3 * DAY, Rule.QUIET),
        (7 * DAY, NOW - 900 * DAY, 7 * DAY, Rule.QUIET),
    ],
)
def test_the_interval_is_half_the_median_gap_and_grows_with_silence(
    gap: timedelta, newest: datetime, wait: timedelta, rule: Rule
) -> None:
    feed = Feed(entry_times=every_so_often(gap, newest=newest)).brings(document())
    assert (feed.wait, feed.state.rule) == (wait, rule)


def test_the_rule_is_said_with_its_numbers() -> None:
    feed = Feed(entry_times=every_so_often(timedelta(hours=6, minutes=40), count=10)).brings(document())
    assert feed.state.rule_said == "half the median gap of its last 10 entries (3 h 20 min)"


def test_only_the_last_ten_gaps_count_and_equal_times_are_no_gap() -> None:
    times = every_so_often(4 * HOUR) + every_so_often(4 * HOUR) + every_so_often(30 * DAY, newest=NOW - 60 * DAY)
    assert Feed(entry_times=times).brings(document()).wait == 2 * HOUR


def test_entries_from_the_future_count_as_of_now() -> None:
    times = [NOW + 300 * DAY, *every_so_often(4 * HOUR)]
    assert Feed(entry_times=times).brings(document()).wait == 2 * HOUR


@pytest.mark.parametrize("times", [[], [NOW], [NOW, NOW]])
def test_a_feed_without_a_known_rhythm_is_asked_daily(times: list[datetime]) -> None:
    feed = Feed(entry_times=times).brings(document())
    assert (feed.wait, feed.state.rule) == (DAY, Rule.RHYTHM_UNKNOWN)


@pytest.mark.parametrize(
    ("hints", "document_hints", "wait", "rule"),
    [
        ({"fresh_for": 15 * MINUTE}, {}, 2 * HOUR, Rule.RHYTHM),
        ({"fresh_for": 5 * HOUR}, {}, 5 * HOUR, Rule.MAX_AGE),
        ({"fresh_for": timedelta(days=16 * 365)}, {}, DAY, Rule.MAX_AGE),
        ({"fresh_for": -HOUR}, {}, 2 * HOUR, Rule.RHYTHM),
        ({}, {"interval": 6 * HOUR}, 6 * HOUR, Rule.TTL),
        ({}, {"interval": 31 * DAY}, DAY, Rule.TTL),
        ({"fresh_for": 5 * HOUR}, {"interval": 6 * HOUR}, 6 * HOUR, Rule.TTL),
        ({"retry_after": 7 * DAY}, {"interval": 6 * HOUR}, 7 * DAY, Rule.RETRY_AFTER),
        ({"retry_after": 300 * DAY}, {}, 31 * DAY, Rule.RETRY_AFTER),
    ],
)
def test_hints_make_the_wait_longer_and_never_shorter(
    hints: dict[str, Any], document_hints: dict[str, Any], wait: timedelta, rule: Rule
) -> None:
    parsed = ParsedFeed(version="rss20", hints=FeedHints(**document_hints))
    feed = Feed(entry_times=every_so_often(4 * HOUR)).brings(document(hints=Hints(**hints)), parsed)
    assert (feed.wait, feed.state.rule) == (wait, rule)


def test_a_304_keeps_the_hints_of_the_document_and_takes_new_ones() -> None:
    parsed = ParsedFeed(version="rss20", hints=FeedHints(interval=6 * HOUR))
    feed = Feed(entry_times=every_so_often(4 * HOUR)).brings(document(hints=Hints(fresh_for=3 * HOUR)), parsed)
    assert feed.later().brings(NotModified(url=URL)).wait == 6 * HOUR
    assert feed.later().brings(NotModified(url=URL, hints=Hints(fresh_for=9 * HOUR))).wait == 9 * HOUR
    assert feed.state.fresh_for == 9 * HOUR


@pytest.mark.parametrize(
    ("every", "fresh_for", "wait", "rule"),
    [
        (30 * MINUTE, None, HOUR, Rule.HOURLY),
        (HOUR, None, HOUR, Rule.EVERY),
        (2 * DAY, None, 2 * DAY, Rule.EVERY),
        (HOUR, 2 * HOUR, 2 * HOUR, Rule.MAX_AGE),
    ],
)
def test_a_fixed_interval_replaces_the_rhythm_and_not_the_hints(
    every: timedelta, fresh_for: timedelta | None, wait: timedelta, rule: Rule
) -> None:
    feed = Feed(every=every, entry_times=every_so_often(7 * DAY)).brings(document(hints=Hints(fresh_for=fresh_for)))
    assert (feed.wait, feed.state.rule) == (wait, rule)


@pytest.mark.parametrize("gap", [HOUR, 7 * DAY])
def test_without_validators_a_feed_is_asked_once_a_day(gap: timedelta) -> None:
    feed = Feed(every=HOUR, entry_times=every_so_often(gap)).brings(document(validators=Validators()))
    assert (feed.wait, feed.state.rule) == (DAY, Rule.NO_VALIDATORS)
    assert not decide.may_ask(feed.state, now=NOW + 23 * HOUR + 59 * MINUTE)


def test_a_feed_that_pushes_is_polled_daily_to_weekly() -> None:
    feed = Feed(pushes=True, entry_times=every_so_often(HOUR)).brings(document())
    assert (feed.wait, feed.state.rule) == (DAY, Rule.PUSH)
    feed.entry_times = every_so_often(DAY, newest=NOW - 365 * DAY)
    assert feed.later().brings(document()).wait == 7 * DAY


@pytest.mark.parametrize(
    ("hours", "days", "opened"),
    [
        ({14}, set(), NOW.replace(hour=15)),
        ({14, 15, 16}, set(), NOW.replace(hour=17)),
        (set(range(12, 24)), {5, 6}, datetime(2025, 8, 4, tzinfo=UTC)),
        (set(), {4, 5}, datetime(2025, 8, 3, tzinfo=UTC)),
        (set(range(24)), set(), NOW + 2 * HOUR),  # no statement at all
    ],
)
def test_a_poll_moves_out_of_skip_hours_and_days(hours: set[int], days: set[int], opened: datetime) -> None:
    parsed = ParsedFeed(version="rss20", hints=FeedHints(skip_hours=frozenset(hours), skip_days=frozenset(days)))
    feed = Feed(entry_times=every_so_often(4 * HOUR)).brings(document(), parsed)
    assert feed.state.next_poll == opened
    assert feed.state.rule_said.endswith(MOVED) == (opened != NOW + 2 * HOUR)


def test_a_feed_that_fell_due_while_we_were_off_waits_for_the_end_of_its_skip_hours() -> None:
    state = replace(first_state(URL), next_poll=NOW - 5 * HOUR, skip_hours=(12,))
    assert not decide.is_due(state, now=NOW + 10 * MINUTE)
    assert decide.is_due(state, now=NOW + HOUR)


def test_jitter_only_delays_and_by_a_tenth_at_most() -> None:
    waits = [
        Feed(entry_times=every_so_often(4 * HOUR), jitter=jitter).brings(document()).wait
        for jitter in (0.0, 0.5, 0.999)
    ]
    assert waits == [2 * HOUR, 2 * HOUR + 6 * MINUTE, 2 * HOUR + 12 * MINUTE]


def test_fifty_nine_minutes_are_early() -> None:
    feed = Feed(now=NOW + timedelta(seconds=29.3), entry_times=every_so_often(MINUTE)).brings(document())
    assert feed.state.next_poll == NOW + 61 * MINUTE
    assert not decide.is_due(feed.state, now=feed.now + 59 * MINUTE)
    assert not decide.is_due(feed.state, now=feed.now + HOUR)
    assert decide.is_due(feed.state, now=NOW + 61 * MINUTE)


def test_a_busy_window_that_was_overrun_is_asked_for_more_often_and_then_less_again() -> None:
    feed = Feed(entry_times=every_so_often(16 * HOUR)).brings(document(), ParsedFeed(version="rss20"))
    assert feed.wait == 8 * HOUR

    def window(young: int, old: int) -> ParsedFeed:
        dates = [feed.now - MINUTE] * young + [NOW - DAY] * old
        entries = tuple(Entry(id=str(number), published=date) for number, date in enumerate(dates))
        return ParsedFeed(version="rss20", entries=entries, count=len(entries))

    assert feed.later().brings(document(b"2"), window(20, 0)).wait == 4 * HOUR
    assert feed.state.rule == Rule.WINDOW
    assert feed.later().brings(document(b"3"), window(20, 0)).wait == 2 * HOUR
    assert feed.later().brings(document(b"4"), window(10, 10)).wait == 2 * HOUR
    assert feed.later().brings(document(b"5"), window(5, 15)).wait == 4 * HOUR
    for _ in range(9):
        feed.later().brings(document(b"6"), window(20, 0))
    assert (feed.wait, feed.state.rule) == (HOUR, Rule.HOURLY)


def test_a_part_of_a_document_says_nothing_of_the_window() -> None:
    feed = Feed(entry_times=every_so_often(16 * HOUR)).brings(document())
    entries = (Entry(id="1", published=NOW + HOUR),)
    feed.later().brings(document(b"2", status=226), ParsedFeed(version="rss20", entries=entries, count=1))
    assert (feed.wait, feed.state.halvings, feed.state.body_hash) == (8 * HOUR, 0, "")


# -- validators ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"1", b"2"])
@pytest.mark.parametrize(
    "given_now", [Validators(etag='"b"'), Validators(last_modified="yesterday, about noon"), Validators()]
)
def test_every_200_replaces_both_validators_even_if_the_body_is_the_same(body: bytes, given_now: Validators) -> None:
    feed = Feed().brings(document()).later().brings(document(body, given_now))
    request = decide.request_for(feed.state, headers={}, allow_private=False)
    assert request.validators == given_now


@pytest.mark.parametrize(
    ("carried", "kept"),
    [
        (None, ETAG),
        (Validators(etag='"b"'), replace(ETAG, etag='"b"')),
        (Validators(last_modified="x"), replace(ETAG, last_modified="x")),
    ],
)
def test_a_304_replaces_the_validators_that_it_carries(carried: Validators | None, kept: Validators) -> None:
    feed = Feed().brings(document()).later().brings(NotModified(url=URL, validators=carried))
    assert feed.state.validators == kept


@pytest.mark.parametrize("failure", [MISSING, UNREACHED, refused(200, FailureKind.NOT_A_FEED)])
def test_a_failure_keeps_validators_hash_and_title(failure: Failed) -> None:
    feed = Feed().brings(document(), ParsedFeed(version="rss20", title="T")).later()
    before = feed.state
    after = feed.brings(failure).state
    assert (after.validators, after.body_hash, after.title) == (before.validators, before.body_hash, "T")


def test_a_server_that_ignores_conditional_requests_is_found_out() -> None:
    feed = Feed().brings(document())
    for _ in range(decide.IGNORED_OFTEN):
        assert decide.conditional_remark(feed.state) == ""
        feed.later().brings(document(validators=Validators(etag=f'"{feed.now}"')))
    assert "ignores conditional GET: 5 times" in decide.conditional_remark(feed.state)
    assert (feed.state.unchanged_200, feed.state.conditional_200) == (5, 5)
    assert decide.conditional_remark(feed.later().brings(NotModified(url=URL)).state) == ""
    assert feed.state.conditional_200 == 5


def test_equal_bodies_of_a_server_without_validators_are_counted_and_not_held_against_it() -> None:
    feed = Feed().brings(document(validators=Validators()))
    feed.later().brings(document(validators=Validators()))
    assert (feed.state.unchanged_200, feed.state.conditional_200) == (1, 0)


def test_a_password_is_not_carried_to_the_host_of_a_redirect() -> None:
    moved = replace(first_state(URL), fetch_url="https://other.example.org/feed")
    secret = {"Authorization": "Bearer x"}
    assert decide.request_for(moved, headers=secret, allow_private=False).url == URL
    assert decide.request_for(moved, headers={}, allow_private=True).url == "https://other.example.org/feed"


# -- failures --------------------------------------------------------------------------------------------------------


def test_failures_back_off_to_a_week_and_never_end() -> None:
    feed = Feed().brings(document())
    hours = [feed.later().brings(refused(500)).wait / HOUR for _ in range(12)]
    assert hours == [1, 2, 4, 8, 16, 32, 64, 128, 168, 168, 168, 168]
    assert (feed.state.rule, feed.state.failures, feed.state.stopped) == (Rule.BACKOFF, 12, False)
    assert feed.state.failing_since is not None
    after = feed.later().brings(NotModified(url=URL)).state
    assert (after.failures, after.failure, after.failing_since) == (0, None, None)


def test_a_full_download_that_fails_is_not_repeated_within_a_day_and_one_that_never_started_is() -> None:
    assert Feed().brings(refused(500)).wait == DAY
    feed = Feed().brings(UNREACHED)
    assert feed.wait == HOUR
    assert decide.is_due(feed.state, now=feed.now + HOUR)


def test_a_failure_behind_a_redirect_was_seen_by_the_first_server() -> None:
    outcome = replace(UNREACHED, redirects=(Redirect(status=302, target="https://nowhere.example/"),))
    assert Feed().brings(outcome).wait == DAY


@pytest.mark.parametrize(
    ("status", "wait", "next_wait"),
    [
        (429, 7 * DAY, 7 * DAY),
        (503, 3 * HOUR, 3 * HOUR),
        (429, 300 * DAY, 31 * DAY),
        (429, 5 * MINUTE, HOUR),
        (429, None, HOUR),
    ],
)
def test_429_and_503_wait_as_long_as_they_are_told(status: int, wait: timedelta | None, next_wait: timedelta) -> None:
    feed = Feed().brings(document()).later().brings(refused(status, FailureKind.RATE_LIMITED, wait))
    assert feed.wait == next_wait
    assert feed.state.rule == (Rule.RETRY_AFTER if next_wait != HOUR else Rule.BACKOFF)
    closed = feed.now + min(wait or HOUR, 31 * DAY)
    domains = Domains.after_restart([feed.state])
    assert domains.ready_at("example.com", now=feed.now) == closed
    assert not decide.may_ask(feed.state, now=closed - MINUTE)


def test_429_without_retry_after_doubles() -> None:
    feed = Feed().brings(document())
    waits = [feed.later().brings(refused(429, FailureKind.RATE_LIMITED)).wait for _ in range(3)]
    assert waits == [HOUR, 2 * HOUR, 4 * HOUR]


def test_a_failure_does_not_shorten_what_the_feed_asked_for() -> None:
    feed = Feed().brings(document(), ParsedFeed(version="rss20", hints=FeedHints(interval=9 * HOUR)))
    assert feed.later().brings(refused(500)).wait == 9 * HOUR


def test_410_is_confirmed_a_day_later_and_then_stops() -> None:
    feed = Feed().brings(document()).later().brings(GONE)
    assert (feed.wait, feed.state.rule, feed.state.stopped) == (DAY, Rule.GONE, False)
    feed.later().brings(GONE)
    assert (feed.state.stopped, feed.state.next_poll, feed.state.rule) == (True, None, Rule.STOPPED)
    assert decide.due_at(feed.state, now=NOW + 1000 * DAY) is None


def test_two_410_on_one_day_do_not_stop() -> None:
    feed = Feed().brings(GONE)
    feed.now += 5 * HOUR
    assert not feed.brings(GONE).state.stopped


@pytest.mark.parametrize(
    ("between", "stops"), [(document(), False), (refused(500), False), (UNREACHED, True), (NotModified(url=URL), False)]
)
def test_another_answer_in_between_takes_a_410_back(between: Outcome, stops: bool) -> None:
    feed = Feed().brings(document()).later().brings(GONE).later().brings(between).later().brings(GONE)
    assert feed.state.stopped is stops


@pytest.mark.parametrize(
    ("url", "status", "rule"),
    [
        ("https://www.youtube.com/feeds/videos.xml?channel_id=UC1", 404, Rule.TRANSIENT),
        ("https://www.youtube.com/feeds/videos.xml?channel_id=UC1", 500, Rule.TRANSIENT),
        ("https://www.youtube.com/feeds/videos.xml?channel_id=UC1", 403, Rule.BACKOFF),
        (URL, 404, Rule.BACKOFF),
    ],
)
def test_404_and_500_of_youtube_come_and_go(url: str, status: int, rule: Rule) -> None:
    feed = Feed(first_state(url), entry_times=every_so_often(12 * HOUR)).brings(document())
    waits = [feed.later().brings(refused(status)).wait for _ in range(5)]
    assert feed.state.rule == rule
    assert (waits == [6 * HOUR] * 5) == (rule == Rule.TRANSIENT)


def test_youtube_is_believed_after_a_week() -> None:
    feed = Feed(first_state("https://www.youtube.com/feeds/videos.xml?x"), entry_times=every_so_often(DAY))
    feed.brings(document())
    while feed.now < NOW + 9 * DAY:
        feed.later().brings(MISSING)
    assert (feed.state.rule, feed.wait) == (Rule.BACKOFF, 7 * DAY)


# -- redirects -------------------------------------------------------------------------------------------------------

THERE = "https://there.example.org/feed.xml"


def moved(*hops: tuple[int, str]) -> NotModified:
    return NotModified(url=URL, redirects=tuple(Redirect(status=status, target=target) for status, target in hops))


@pytest.mark.parametrize(
    ("hops", "stored"),
    [
        ([(301, THERE)], THERE),
        ([(308, THERE + "#top")], THERE),
        ([(301, "https://a.example.org/"), (308, THERE)], THERE),
        ([(301, THERE), (302, "https://cdn.example.org/x")], THERE),
        ([(302, THERE)], URL),
        ([(303, THERE)], URL),
        ([(307, THERE)], URL),
        ([(302, "https://a.example.org/"), (301, THERE)], URL),
        ([(301, "http://news.example.com/feed")], URL),
        ([(301, "https://192.168.0.1/feed")], URL),
        ([(301, "https://[::1]/feed")], URL),
        ([(301, "https://intranet/feed")], URL),
        ([(301, "https://[broken/")], URL),
        ([(301, "ftp://there.example.org/")], URL),
        ([], URL),
    ],
)
def test_only_a_permanent_redirect_to_a_place_as_good_is_stored(hops: list[tuple[int, str]], stored: str) -> None:
    feed = Feed(every=DAY).brings(document())
    for _ in range(8):
        feed.later().brings(moved(*hops))
    assert (feed.state.fetch_url, feed.state.url) == (stored, URL)


def test_a_redirect_is_stored_after_five_equal_answers_over_three_days() -> None:
    daily, hourly = Feed(every=DAY).brings(document()), Feed(every=HOUR).brings(document())
    for number in range(1, 6):
        assert daily.state.fetch_url == URL, number
        daily.later().brings(moved((301, THERE)))
        hourly.later().brings(moved((301, THERE)))
    assert (daily.state.fetch_url, hourly.state.fetch_url) == (THERE, URL)


@pytest.mark.parametrize("other", [moved(), moved((301, "https://elsewhere.example.org/"))])
def test_another_answer_starts_the_count_again(other: NotModified) -> None:
    feed = Feed(every=DAY).brings(document())
    for _ in range(4):
        feed.later().brings(moved((301, THERE)))
    feed.later().brings(other).later().brings(moved((301, THERE)))
    assert (feed.state.fetch_url, feed.state.moved_count) == (URL, 1)


def test_a_feed_that_fails_at_its_new_address_for_a_day_is_asked_at_the_old_one_in_full() -> None:
    feed = Feed(replace(first_state(URL), fetch_url=THERE), every=DAY).brings(document())
    for _ in range(5):
        assert feed.state.fetch_url == THERE
        feed.later().brings(MISSING)
    feed.later().brings(MISSING)
    assert (feed.state.fetch_url, feed.state.validators) == (URL, Validators())


def test_a_410_at_the_new_address_is_no_410_of_the_feed() -> None:
    feed = Feed(replace(first_state(URL), fetch_url=THERE)).brings(GONE)
    assert (feed.state.fetch_url, feed.state.gone_at, feed.state.stopped) == (URL, None, False)


# -- crashes and outages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("validators", "floor"), [(ETAG, HOUR), (Validators(), DAY)])
def test_an_attempt_without_a_recorded_outcome_counts(validators: Validators, floor: timedelta) -> None:
    state = decide.before_poll(replace(first_state(URL), validators=validators), now=NOW)
    assert not decide.is_due(state, now=NOW + floor - MINUTE)
    assert decide.is_due(state, now=NOW + floor)
    again = decide.before_poll(state, now=NOW + floor)
    assert again.rule == Rule.UNFINISHED
    assert again.next_poll == NOW + 3 * floor


def test_what_is_known_of_a_feed_holds_for_an_attempt_without_an_outcome() -> None:
    hinting = replace(first_state(URL), validators=ETAG, fresh_for=3 * HOUR, hint_interval=5 * HOUR)
    assert decide.before_poll(hinting, now=NOW).next_poll == NOW + 5 * HOUR
    assert decide.before_poll(replace(hinting, hint_interval=None), now=NOW).next_poll == NOW + 3 * HOUR
    assert decide.before_poll(replace(hinting, failures=4), now=NOW).next_poll == NOW + 8 * HOUR


def test_an_attempt_counts_even_if_the_next_poll_was_lost() -> None:
    state = replace(first_state(URL), last_sent=NOW, validators=ETAG)
    assert decide.due_at(state, now=NOW) == NOW + HOUR


def test_a_round_counts_unless_three_domains_or_more_are_all_unreached() -> None:
    hosts = ["https://a.example.com/", "https://b.example.org/", "https://c.example.net/"]
    down = [(host, UNREACHED) for host in hosts]
    assert is_offline_round(down)
    assert not is_offline_round(down[:2])
    assert not is_offline_round([*down[:2], ("https://x.example.com/", UNREACHED)])
    assert not is_offline_round([*down, ("https://d.example.de/", MISSING)])
    assert not is_offline_round([*down, ("https://d.example.de/", document())])
    assert not is_offline_round([])


def test_outcomes_since_a_host_last_answered_make_one_round() -> None:
    reach = Reach()
    states = [first_state(f"https://{name}.com/") for name in "abcd"]
    assert reach.note(states[0], UNREACHED) == ()
    assert reach.note(states[1], UNREACHED) == ()
    assert reach.note(states[2], UNREACHED) == tuple(states[:3])
    assert reach.note(states[0], UNREACHED) == (states[0],)
    assert reach.note(states[3], MISSING) == ()
    assert reach.note(states[0], UNREACHED) == ()


def test_an_offline_round_leaves_no_trace_but_a_try_soon() -> None:
    before = Feed().brings(document()).later().brings(refused(500)).later()
    after = uncounted(before.state, now=before.now)
    assert after.next_poll == before.now + 10 * MINUTE
    kept = {name.name for name in fields(FeedState)} - {"next_poll", "rule", "rule_said"}
    assert all(getattr(after, name) == getattr(before.state, name) for name in kept)


# -- any history -----------------------------------------------------------------------------------------------------

lengths = st.integers(0, 40 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
hints = st.builds(Hints, fresh_for=st.none() | lengths, retry_after=st.none() | lengths)
validators = st.sampled_from([Validators(), ETAG, Validators(etag='"b"')])
redirects = st.lists(
    st.builds(Redirect, status=st.sampled_from([301, 302, 308]), target=st.sampled_from([THERE, URL])), max_size=2
).map(tuple)
outcomes = st.one_of(
    st.builds(
        document, st.sampled_from([b"1", b"2"]), validators, status=st.sampled_from([200, 200, 226]),
        hints=hints, redirects=redirects,
    ),
    st.builds(NotModified, url=st.just(URL), validators=st.none() | validators, hints=hints, redirects=redirects),
    st.builds(
        Failed, kind=st.sampled_from(list(FailureKind)), sentence=st.just("x"),
        status=st.sampled_from([None, 404, 410, 429, 500, 503]), hints=hints, redirects=redirects,
    ),
)  # fmt: skip
parsed_feeds = st.none() | st.builds(
    ParsedFeed,
    version=st.just("rss20"),
    hints=st.builds(
        FeedHints,
        interval=st.none() | lengths,
        skip_hours=st.frozensets(st.integers(0, 23)),
        skip_days=st.frozensets(st.integers(0, 6), max_size=6),
    ),
    count=st.integers(0, 3),
)
steps = st.tuples(
    outcomes,
    parsed_feeds,
    st.lists(lengths.map(lambda length: NOW - length), max_size=11),
    st.none() | lengths,
    st.floats(0, 1, exclude_max=True),
    st.booleans(),
)


@given(st.lists(steps, max_size=12))
@settings(max_examples=150)
def test_whatever_happens_no_request_is_early(history: list[Any]) -> None:
    feed = Feed()
    sent: datetime | None = None
    for outcome, parsed, feed.entry_times, feed.every, feed.jitter, crashes in history:
        due = decide.due_at(feed.state, now=feed.now)
        if due is None:
            assert feed.state.stopped
            return
        before, feed.now = feed.state, due
        assert feed.now.hour not in before.skip_hours or len(before.skip_hours) == 24 or before.skip_days
        floor = HOUR if before.validators else DAY
        assert sent is None or feed.now - sent >= floor
        if crashes:
            feed.state = decide.before_poll(before, now=feed.now)
            sent = feed.now
            continue
        feed.brings(outcome, parsed if isinstance(outcome, Fetched) else None)
        is_unsent = isinstance(outcome, Failed) and outcome.kind in decide.UNSENT and not outcome.redirects
        sent = sent if is_unsent else feed.now
        assert feed.state.rule_said
        if not feed.state.stopped:
            asked = min(outcome.hints.retry_after or timedelta(), 31 * DAY)
            assert is_unsent or feed.wait >= asked
            assert feed.state.next_poll == round_up(feed.state.next_poll or NOW)


@given(st.integers(0, 10**7), st.frozensets(st.integers(0, 23)), st.frozensets(st.integers(0, 6)))
def test_a_moment_that_is_opened_is_open_or_nothing_is(
    minutes: int, hours: frozenset[int], days: frozenset[int]
) -> None:
    moment = NOW + minutes * MINUTE
    opened = next_open(moment, hours=tuple(hours), days=tuple(days))
    assert opened >= moment
    closed_for_good = len(hours) == 24 or len(days) == 7
    assert closed_for_good or (opened.hour not in hours and opened.weekday() not in days)
    assert opened - moment <= 7 * DAY


@given(st.integers(1, 10**6))
def test_doubling_has_an_end(times: int) -> None:
    assert HOUR <= doubled(HOUR, times) <= doubled(HOUR, times + 1) <= 7 * DAY


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=20), "20 s"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(hours=24), "1 d"),
        (timedelta(days=7, hours=2, minutes=3), "7 d 2 h"),
        (timedelta(days=2, minutes=3), "2 d"),
    ],
)
def test_lengths_are_said_with_two_units(length: timedelta, said: str) -> None:
    assert say_length(length) == said


def test_every_rule_has_a_sentence_and_no_other_has() -> None:
    assert set(SENTENCES) == set(Rule)
    assert all("\n" not in sentence for sentence in SENTENCES.values())


# -- changes ---------------------------------------------------------------------------------------------------------


def test_new_and_changed_are_told_by_our_hash_and_a_missing_entry_is_not_gone() -> None:
    known = {"a": KnownEntry(hash="1"), "b": KnownEntry(hash="1"), "gone": KnownEntry(hash="1")}
    entries = [Entry(id="c", hash="1"), Entry(id="a", hash="1"), Entry(id="b", hash="2")]
    changes = plan_changes(known, entries, now=NOW)
    assert [[e.id for e in part] for part in (changes.new, changes.changed, changes.unchanged)] == [["c"], ["b"], ["a"]]
    assert changes.updates == {"c": 0, "b": 1}
    assert changes
    assert not plan_changes(known, [], now=NOW)


def storm(updates: int, *, updated: datetime | None = None, known_updated: datetime | None = None) -> Changes:
    known = {"a": KnownEntry(hash="1", updates=updates, updated=known_updated)}
    return plan_changes(known, [Entry(id="a", hash="2", updated=updated)], now=NOW)


def test_an_edit_storm_ends_after_24_updates() -> None:
    assert storm(MOST_SILENT_UPDATES - 1).updates == {"a": MOST_SILENT_UPDATES}
    assert storm(MOST_SILENT_UPDATES).capped == ("a",)
    assert not storm(MOST_SILENT_UPDATES)


@pytest.mark.parametrize(
    ("updated", "known_updated", "is_stored"),
    [
        (NOW, NOW - DAY, True),
        (NOW, None, True),
        (NOW - DAY, NOW - DAY, False),
        (NOW - 2 * DAY, NOW - DAY, False),
        (NOW + DAY, NOW - DAY, False),
        (None, NOW - DAY, False),
    ],
)
def test_another_date_of_change_ends_the_storm(
    updated: datetime | None, known_updated: datetime | None, is_stored: bool
) -> None:
    changes = storm(MOST_SILENT_UPDATES, updated=updated, known_updated=known_updated)
    assert changes.updates == ({"a": 0} if is_stored else {})


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.builds(KnownEntry, hash=st.sampled_from("12"), updates=st.integers(0, 24))
    ),
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("12")),
)
def test_each_entry_is_new_changed_or_unchanged_and_storing_them_leaves_nothing(
    known: dict[str, KnownEntry], hashes: dict[str, str]
) -> None:
    entries = [Entry(id=identity, hash=digest) for identity, digest in hashes.items()]
    changes = plan_changes(known, entries, now=NOW)
    parts = [*changes.new, *changes.changed, *changes.unchanged]
    assert sorted(e.id for e in parts) == sorted(hashes)
    stored = {e.id: KnownEntry(hash=e.hash, updates=changes.updates[e.id]) for e in (*changes.new, *changes.changed)}
    assert not plan_changes({**known, **stored}, entries, now=NOW)


# -- domains ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.wired.com/feed/rss", "wired.com"),
        ("http://user:secret@blog.example.co.uk:8080/x", "example.co.uk"),
        ("https://one.tumblr.com/rss", "tumblr.com"),
        ("https://one.blogspot.com/feeds/posts/default", "blogspot.com"),
        ("https://www.reddit.com/r/python/.rss", "reddit.com"),
        ("https://新闻.中国/feed", "新闻.中国"),
        ("https://rsshub.app/twitter/user/a", "rsshub.app/twitter"),
        ("https://rsshub.example.com:1200/36kr/news?x", "rsshub.example.com:1200/36kr"),
        ("http://localhost:1200/bilibili/user/1", "localhost:1200/bilibili"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000/"),
        ("http://[::1]:8000/a/b", "[::1]:8000/a"),
        ("http://8.8.8.8/feed", "8.8.8.8/feed"),
        ("http://nas.local/feed/x", "nas.local/feed"),
        ("http://user:secret@nas.local/feed/x", "nas.local/feed"),
        ("https://[broken/x", "https://[broken/x"),
        ("no address", "no address"),
        ("https://example.com:port/", "https://example.com:port/"),
    ],
)
def test_the_key_of_a_domain(url: str, key: str) -> None:
    assert domain_key(url) == key


@pytest.mark.parametrize(
    ("host", "is_private"),
    [
        ("10.0.0.1", True), ("169.254.169.254", True), ("::1", True), ("[fd00::1]", True), ("100.64.0.1", True),
        ("localhost", True), ("LOCALHOST.", True), ("nas.local", True), ("x.internal", True), ("printer", True),
        ("8.8.8.8", False), ("2606:4700::1111", False), ("example.com", False), ("local.example.com", False),
    ],
)  # fmt: skip
def test_private_hosts(host: str, is_private: bool) -> None:
    assert is_private_host(host) is is_private


def test_a_domain_is_asked_by_one_at_a_time_and_spaced() -> None:
    domains = Domains()
    assert domains.take("reddit.com", now=NOW)
    assert domains.ready_at("reddit.com", now=NOW + HOUR) is None
    assert not domains.take("reddit.com", now=NOW + HOUR)
    assert domains.take("wired.com", now=NOW)
    domains.release("reddit.com", now=NOW + MINUTE)
    domains.release("wired.com", now=NOW + MINUTE)
    assert domains.ready_at("reddit.com", now=NOW + MINUTE) == NOW + 2 * MINUTE
    assert domains.ready_at("wired.com", now=NOW + MINUTE) == NOW + MINUTE + timedelta(seconds=2)
    assert spacing("example.com") >= timedelta(seconds=2)


def test_a_closed_domain_stays_closed_after_a_shorter_word_and_after_a_restart() -> None:
    domains = Domains()
    domains.close("example.com", NOW + 7 * DAY)
    domains.close("example.com", NOW + HOUR)
    assert not domains.take("example.com", now=NOW + DAY)
    asked = replace(first_state("https://www.reddit.com/r/a/.rss"), last_attempt=NOW)
    closed = replace(first_state(URL), closed_until=NOW + DAY)
    again = Domains.after_restart([asked, closed, first_state("https://example.org/")])
    assert again.ready_at("reddit.com", now=NOW) == NOW + timedelta(seconds=90)
    assert again.ready_at("example.com", now=NOW) == NOW + DAY
    assert again.ready_at("example.org", now=NOW) == NOW


# -- the score -------------------------------------------------------------------------------------------------------


def asked(at: datetime, **more: Any) -> LoggedRequest:
    values = {"url": URL, "domain": "example.com", "is_conditional": True, "had_validators": True, **more}
    return LoggedRequest(at=at, ended=at + timedelta(seconds=1), **values)


@pytest.mark.parametrize(
    ("first", "second", "offence"),
    [
        ({}, {"at": NOW + HOUR}, None),
        ({}, {"at": NOW + 59 * MINUTE}, "conditional within an hour"),
        ({}, {"at": NOW + 2 * DAY, "is_conditional": False}, "unconditional although a validator was known"),
        (
            {},
            {"at": NOW + 23 * HOUR, "is_conditional": False, "had_validators": False},
            "unconditional within a day",
        ),
        ({}, {"at": NOW + DAY, "is_conditional": False, "had_validators": False}, None),
        ({"fresh_for": 3 * HOUR}, {"at": NOW + 2 * HOUR}, "within max-age or Expires"),
        ({"fresh_for": 300 * DAY}, {"at": NOW + DAY}, None),
        ({"retry_after": 7 * DAY}, {"at": NOW + 6 * DAY, "url": URL + "2"}, "within Retry-After"),
        ({"retry_after": 7 * DAY}, {"at": NOW + 6 * DAY, "url": URL + "2", "domain": "x"}, None),
        ({}, {"at": NOW + timedelta(seconds=2), "url": URL + "2"}, "too close on one domain"),
        ({}, {"at": NOW + timedelta(seconds=3), "url": URL + "2"}, None),
    ],
)
def test_the_score_names_each_offence(first: dict[str, Any], second: dict[str, Any], offence: str | None) -> None:
    politeness = politeness_score([asked(**second), asked(NOW, **first)])
    assert [name for name, count in politeness.offences.items() if count] == ([offence] if offence else [])
    assert politeness.score == (50 if offence else 100)
    assert politeness.conditional_share == (0.5 if offence and "although" in offence else 1)


def test_an_empty_log_is_polite() -> None:
    politeness = politeness_score([])
    assert (politeness.requests, politeness.score, politeness.conditional_share) == (0, 100, 1)
