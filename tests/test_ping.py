"""Tell our hub which documents changed: those and no others, again until it hears, and nothing waits (issue 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from feeds.poll.ping import GIVEN_UP_AFTER, MOST_REQUESTS, Pinged, ping_due
from feeds.sources.post import Posted, Poster
from feeds.store import websub_rows
from feeds.store.sql import Store
from tests.hub import Hub, hubbing

NOW = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)
HUB = "https://hub.example.net/"
GOOGLE = "https://pubsubhubbub.appspot.com/"
TOPICS = tuple(
    f"https://example.org/tags/{n}/{name}" for n in range(2) for name in ("rss.xml", "atom.xml", "feed.json")
)
OK, DOWN, REFUSED = Posted(status=204), Posted(sentence="down"), Posted(status=400, sentence="hub answered 400")


@dataclass
class FakeHub:
    """Answers as scripted, at the end always the last; keeps what it was asked."""

    answers: list[Posted] = field(default_factory=lambda: [OK])
    forms: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)

    def post(self, url: str, form: Sequence[tuple[str, str]], *, allow_private: bool, now: datetime) -> Posted:  # noqa: ARG002
        """Keep it, and give the next answer."""
        self.forms.append((url, list(form)))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def topics(self) -> list[str]:
        """All that it was told of."""
        return [value for _, form in self.forms for name, value in form if name.startswith("hub.url")]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with hubbing() as hub:
        yield hub


def queue(store: Store, *topics: str, hub: str | None = HUB, now: datetime = NOW) -> None:
    with store.transaction() as connection:
        websub_rows.queue_pings(connection, hub, topics, now)


def waiting(store: Store) -> list[str]:
    with store.snapshot() as connection:
        return [row.topic for row in websub_rows.waiting_pings(connection)]


def test_a_real_hub_hears_of_each_document_once(store: Store, hub: Hub) -> None:
    """M3: RSS, Atom and JSON are topics of their own."""
    hub.status = 204
    queue(store, *TOPICS, hub=hub.url)
    poster = Poster(user_agent="feeds/test (+https://example.org/)")
    done = ping_due(store, poster, NOW)
    poster.close()
    assert sorted(done.told) == sorted(TOPICS)
    assert sorted(dict(form)["hub.url"] for form in hub.asked) == sorted(TOPICS)
    assert {dict(form)["hub.mode"] for form in hub.asked} == {"publish"}
    assert waiting(store) == []


def test_without_a_hub_nobody_is_told(store: Store) -> None:
    queue(store, *TOPICS, hub=None)
    assert waiting(store) == []
    assert ping_due(store, FakeHub(), NOW) == Pinged()


def test_hubs_that_take_several_topics_get_them_in_one_request(store: Store) -> None:
    queue(store, *TOPICS, hub=GOOGLE)
    hub = FakeHub()
    assert sorted(ping_due(store, hub, NOW).told) == sorted(TOPICS)
    assert [name for name, _ in hub.forms[0][1]] == ["hub.mode", *["hub.url"] * 6]
    queue(store, *TOPICS, hub="https://us.superfeedr.com/")
    hub = FakeHub()
    ping_due(store, hub, NOW)
    assert [name for name, _ in hub.forms[0][1]] == ["hub.mode", *["hub.url[]"] * 6]


def test_a_hub_that_refuses_several_is_told_of_each(store: Store) -> None:
    """It may be only one of them that it does not like."""
    queue(store, *TOPICS[:3], hub=GOOGLE)
    hub = FakeHub([REFUSED, OK, REFUSED, OK])
    done = ping_due(store, hub, NOW)
    assert (len(done.told), len(done.failed), done.requests) == (2, 1, 4)
    assert waiting(store) == [topic for topic, _ in done.failed]


def test_a_hub_that_is_down_is_asked_once_and_later_again(store: Store) -> None:
    queue(store, *TOPICS)
    hub = FakeHub([DOWN])
    assert ping_due(store, hub, NOW).requests == 1
    assert ping_due(store, hub, NOW + timedelta(seconds=59)).requests == 0
    assert ping_due(store, hub, NOW + timedelta(seconds=61)).requests == 1
    assert ping_due(store, hub, NOW + timedelta(seconds=122)).requests == 0
    hub.answers = [OK]
    assert sorted(ping_due(store, hub, NOW + timedelta(minutes=4)).told) == sorted(TOPICS)


def test_retry_after_is_heeded(store: Store) -> None:
    queue(store, TOPICS[0])
    ping_due(store, FakeHub([Posted(status=503, sentence="busy", retry_after=timedelta(hours=1))]), NOW)
    assert ping_due(store, FakeHub(), NOW + timedelta(minutes=59)).told == []
    assert ping_due(store, FakeHub(), NOW + timedelta(minutes=61)).told == [TOPICS[0]]


def test_a_document_that_changes_while_its_hub_is_down_is_told_once(store: Store) -> None:
    hub = FakeHub([DOWN])
    queue(store, TOPICS[0])
    ping_due(store, hub, NOW)
    queue(store, TOPICS[0], now=NOW + timedelta(seconds=5))
    assert ping_due(store, hub, NOW + timedelta(seconds=10)).requests == 0
    hub = FakeHub()
    ping_due(store, hub, NOW + timedelta(minutes=2))
    assert hub.topics == [TOPICS[0]]
    assert waiting(store) == []


def test_a_change_while_the_hub_is_being_told_is_told_too(store: Store) -> None:
    queue(store, TOPICS[0])

    class Busy(FakeHub):
        def post(self, url: str, form: Sequence[tuple[str, str]], *, allow_private: bool, now: datetime) -> Posted:
            if not self.forms:
                queue(store, TOPICS[0], now=now)
            return super().post(url, form, allow_private=allow_private, now=now)

    hub = Busy()
    ping_due(store, hub, NOW)
    assert waiting(store) == [TOPICS[0]]
    ping_due(store, hub, NOW)
    assert hub.topics == [TOPICS[0]] * 2
    assert waiting(store) == []


def test_two_who_look_at_once_tell_once(store: Store) -> None:
    queue(store, TOPICS[0])

    class Curious(FakeHub):
        def post(self, url: str, form: Sequence[tuple[str, str]], *, allow_private: bool, now: datetime) -> Posted:
            assert ping_due(store, FakeHub(), now).requests == 0
            return super().post(url, form, allow_private=allow_private, now=now)

    assert ping_due(store, Curious(), NOW).told == [TOPICS[0]]


def test_one_who_died_while_telling_is_followed_by_another(store: Store) -> None:
    queue(store, TOPICS[0])

    class Killed(BaseException):
        pass

    class Deadly(FakeHub):
        def post(self, url: str, form: Sequence[tuple[str, str]], *, allow_private: bool, now: datetime) -> Posted:
            super().post(url, form, allow_private=allow_private, now=now)
            raise Killed

    with pytest.raises(Killed):
        ping_due(store, Deadly(), NOW)
    assert ping_due(store, FakeHub(), NOW + timedelta(minutes=14)).told == []
    assert ping_due(store, FakeHub(), NOW + timedelta(minutes=16)).told == [TOPICS[0]]


def test_one_go_makes_so_many_requests_and_the_next_one_the_rest(store: Store) -> None:
    topics = [f"https://example.org/{n}/rss.xml" for n in range(MOST_REQUESTS + 5)]
    queue(store, *topics)
    hub = FakeHub()
    assert ping_due(store, hub, NOW).requests == MOST_REQUESTS
    assert ping_due(store, hub, NOW).requests == 5
    assert sorted(hub.topics) == sorted(topics)


def test_a_hub_that_never_hears_is_given_up(store: Store) -> None:
    queue(store, TOPICS[0])
    hub, now, requests = FakeHub([DOWN]), NOW, 0
    while now < NOW + GIVEN_UP_AFTER + timedelta(days=1):
        requests += ping_due(store, hub, now).requests
        now += timedelta(hours=1)
    assert waiting(store) == []
    assert 10 < requests < 30


def test_another_hub_in_sources_yaml_is_told_instead(store: Store) -> None:
    queue(store, TOPICS[0])
    queue(store, TOPICS[0], hub=GOOGLE)
    hub = FakeHub()
    ping_due(store, hub, NOW)
    assert [url for url, _ in hub.forms] == [GOOGLE]


def test_nothing_is_queued_by_a_rebuild_that_is_rolled_back(store: Store) -> None:
    class Rehearsed(Exception):  # noqa: N818 (a signal)
        pass

    def rehearse() -> None:
        with store.transaction() as connection:
            websub_rows.queue_pings(connection, HUB, TOPICS, NOW)
            raise Rehearsed

    with pytest.raises(Rehearsed):
        rehearse()
    assert waiting(store) == []


def test_the_next_ping_is_known(store: Store) -> None:
    with store.snapshot() as connection:
        assert websub_rows.next_ping(connection) is None
    queue(store, TOPICS[0])
    with store.snapshot() as connection:
        assert websub_rows.next_ping(connection) == NOW
