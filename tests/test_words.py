from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from feeds.poll.ask import Asked, Job
from feeds.poll.record import Polled
from feeds.poll.run import Round
from feeds.poll.words import poll_line, round_line, round_values
from feeds.polled import (
    Failed,
    FailureKind,
    FeedRequest,
    Fetched,
    NotModified,
    ParsedFeed,
    Subscription,
    Validators,
)
from feeds.sources.delta import Known, Reading
from feeds.sources.state import FeedState, Rule, first_state

NOON = datetime(2025, 7, 3, 12, 0, tzinfo=UTC)
URL = "https://wired.example/feed"
STATE = replace(first_state(URL), next_poll=NOON + timedelta(hours=2), rule=Rule.RHYTHM, rule_said="its rhythm (2 h)")
NAME = "机器之心 <https://wired.example/feed>"
PAGE = Fetched(url=URL, status=200, body=b"<rss/>", validators=Validators(), bytes_received=6)
UNCHANGED = NotModified(url=URL)
REFUSED = Failed(kind=FailureKind.TIMEOUT, sentence="wired.example did not answer in full in time")


def reading(**changes: Any) -> Reading:
    feed = ParsedFeed(version="rss20", **changes)
    return Reading(feed=feed, known=Known(), is_delta=False)


def polled(
    outcome: Fetched | NotModified | Failed = PAGE,
    *,
    read: Reading | None = None,
    state: FeedState = STATE,
    **counts: Any,
) -> Polled:
    subscription = Subscription(source="机器之心", url=URL, headers={"Authorization": "Bearer tiger-77"})
    job = Job(
        feed_id=1, subscription=subscription, domain="wired.example", state=STATE, before=STATE, slices=None, times=()
    )
    asked = Asked(request=FeedRequest(url=URL), outcome=outcome, reading=read, began=NOON, ended=NOON)
    return Polled(job=job, asked=asked, state=state, domain_free=NOON, **counts)


FAILED = polled(
    REFUSED,
    state=replace(
        STATE, failures=2, failure=FailureKind.TIMEOUT, failure_said=REFUSED.sentence, rule_said="2 in a row"
    ),
)


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (polled(UNCHANGED), f"{NAME}: not modified"),
        (polled(read=reading()), f"{NAME}: nothing new"),
        (polled(), f"{NAME}: nothing new"),
        (polled(read=reading(), new=1_234), f"{NAME}: 1,234 new"),
        (polled(read=reading(), changed=1), f"{NAME}: 1 changed"),
        (polled(read=reading(), new=2, changed=1), f"{NAME}: 2 new, 1 changed"),
        (
            polled(read=reading(), difference="entry 'a' differs"),
            f"{NAME}: read in full from now on (entry 'a' differs; please report it)",
        ),
        (
            polled(read=reading(warning="its XML is broken: no element found in line 3")),
            f"{NAME}: not well-formed: its XML is broken: no element found in line 3",
        ),
        (
            FAILED,
            (
                f"{NAME}: failed: timeout: wired.example did not answer in full in time; "
                "next 2025-07-03T14:00+00:00: 2 in a row"
            ),
        ),
    ],
)
def test_a_poll_in_one_line(one: Polled, line: str) -> None:
    assert poll_line(one, is_verbose=False) == line


def test_the_next_poll_and_its_rule_are_said_when_asked() -> None:
    said = poll_line(polled(UNCHANGED), is_verbose=True)
    assert said == f"{NAME}: not modified; next 2025-07-03T14:00+00:00: its rhythm (2 h)"


def test_a_feed_that_is_stopped_has_no_next_poll() -> None:
    gone = Failed(kind=FailureKind.GONE, sentence="wired.example says that the feed is gone for good", status=410)
    state = replace(STATE, failures=2, failure=gone.kind, next_poll=None, stopped=True)
    assert poll_line(polled(gone, state=state), is_verbose=True).endswith("gone for good")


def test_a_line_never_holds_what_is_secret() -> None:
    for one in (polled(read=reading(), new=1), FAILED, polled(UNCHANGED)):
        assert "tiger" not in poll_line(one, is_verbose=True)
    assert "tiger" not in str(round_values(Round(polled=[polled(), FAILED])))


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (Round(), "0 feeds asked: 0 read, 0 not modified, 0 failed; 0 new, 0 changed"),
        (
            Round(polled=[polled(read=reading(), new=3, changed=1)]),
            "1 feed asked: 1 read, 0 not modified, 0 failed; 3 new, 1 changed",
        ),
        (
            Round(polled=[polled(read=reading(), new=1_000), polled(UNCHANGED), FAILED]),
            "3 feeds asked: 1 read, 1 not modified, 1 failed; 1,000 new, 0 changed",
        ),
        (
            Round(waiting=["https://a.example/"], is_offline=True),
            (
                "0 feeds asked: 0 read, 0 not modified, 0 failed; 0 new, 0 changed; 1 left for the next round; "
                "no host could be reached: we seem to be offline"
            ),
        ),
    ],
)
def test_a_round_in_one_line(found: Round, line: str) -> None:
    assert round_line(found) == line


def test_a_round_as_values_names_every_feed() -> None:
    found = Round(
        polled=[polled(read=reading(), new=3), FAILED],
        declined=[("https://b.example/", "it was asked an hour ago")],
        waiting=["https://a.example/"],
    )
    values = round_values(found)
    assert values["declined"] == [{"url": "https://b.example/", "why": "it was asked an hour ago"}]
    assert values["waiting"] == ["https://a.example/"]
    assert values["offline"] is False
    first, second = values["feeds"]
    assert (first["source"], first["url"], first["outcome"], first["new"]) == ("机器之心", URL, "fetched", 3)
    assert (second["outcome"], second["failures"], second["said"]) == ("timeout", 2, REFUSED.sentence)
    assert (second["next_poll"], second["rule"]) == ("2025-07-03T14:00:00+00:00", "rhythm")


def test_every_feed_of_a_round_has_the_same_fields() -> None:
    stopped = polled(REFUSED, state=replace(STATE, next_poll=None))
    values = round_values(Round(polled=[polled(UNCHANGED), polled(), FAILED, stopped]))["feeds"]
    assert len({tuple(value) for value in values}) == 1
    assert values[-1]["next_poll"] is None
