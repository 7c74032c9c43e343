"""What became of entries, on the polling road: a server on loopback, a real state, and nothing patched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from feeds.poll.ask import Asked, Job
from feeds.poll.record import read_memory, record
from feeds.sources.sandbox import Sandbox
from feeds.store import change_rows, source_rows
from feeds.store.sql import Store
from tests.polling import NOON, World
from tests.servers import Server

#: Guid -> title, path, text: the newest first.
_Items = dict[str, tuple[str, str, str]]


def items(letters: str = "abcdefgh") -> _Items:
    return {one: (f"Story {one}", one, f"What happened in {one * 3} on that day.") for one in letters}


def document(entries: _Items) -> bytes:
    """An entry is dated by its letter."""

    def date(guid: str) -> str:
        return f"{NOON - timedelta(days=ord(guid) - ord('a') + 1):%a, %d %b %Y %H:%M:%S} +0000"

    written = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title>"
        f"<link>https://wired.example/{path}</link><description>{text}</description>"
        f"<pubDate>{date(guid)}</pubDate></item>"
        for guid, (title, path, text) in entries.items()
    )
    head = "<title>Wired</title><link>https://wired.example/</link><description>d</description>"
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{written}</channel></rss>".encode()


class Story(World):
    """A world in which documents follow each other."""

    tag: int = 0

    def then(self, entries: _Items, **later: float) -> Story:
        """Some time passes, and this is the document."""
        self.tag += 1
        self.serves("/feed", document(entries), etag=f'"{self.tag}"')
        self.later(**(later or {"days": 2})).poll()
        return self

    def happened(self) -> list[tuple[str, str, str]]:
        """(word, before, after), oldest first."""
        with self.store.snapshot() as connection:
            found = change_rows.changes_of(connection, [row.id for row in self.entries()])
        changes = sorted((one for some in found.values() for one in some), key=lambda one: one.id)
        return [(one.kind, one.before, one.after) for one in changes]


@pytest.fixture
def story(server: Server, store: Store, sandbox: Sandbox) -> Story:
    story = Story(server, store, sandbox)
    story.follows("/feed")
    return story.then(items())


def without(*guids: str) -> _Items:
    return {guid: values for guid, values in items().items() if guid not in guids}


def test_what_comes_first_is_no_alteration(story: Story) -> None:
    story.then(items()).then({"Z": ("New", "z", "New text of Z."), **items("abcdefg")})
    assert story.happened() == []


def test_a_title_an_address_and_a_text(story: Story) -> None:
    story.then(items() | {"c": ("Story c, retold", "c", items()["c"][2])})
    story.then(items() | {"c": ("Story c, retold", "c2", items()["c"][2])})
    story.then(items() | {"c": ("Story c, retold", "c2", "What happened in ccc on that day. It was 5 metres wide.")})
    assert story.happened() == [
        ("retitled", "Story c", "Story c, retold"),
        ("moved", "https://wired.example/c", "https://wired.example/c2"),
        ("edited", "", "It was 5 metres wide."),
    ]


def test_withdrawn_twice(story: Story) -> None:
    for _ in range(2):
        story.then(without("c")).then(without("c")).then(items()).then(items())
    withdrawn, returned = ("withdrawn", "Story c", ""), ("returned", "", "Story c")
    assert story.happened() == [withdrawn, returned, withdrawn, returned]


def test_missing_once_is_a_hiccup(story: Story) -> None:
    story.then(without("c")).then(items()).then(without("c")).then(items()).then(items())
    assert story.happened() == []


def test_the_same_document_an_hour_later_confirms_that_an_entry_is_gone(story: Story) -> None:
    story.then(without("c"))
    assert story.happened() == []
    story.later(days=2).poll()
    assert story.happened() == [("withdrawn", "Story c", "")]
    story.later(days=2).poll()
    assert len(story.happened()) == 1


def test_what_leaves_at_the_end_is_not_withdrawn(story: Story) -> None:
    story.then({"A": ("One", "1", "One."), "B": ("Two", "2", "Two."), **items("abcdef")})
    story.then({"A": ("One", "1", "One."), "B": ("Two", "2", "Two."), **items("abcde")}).then(items("abcd"))
    assert story.happened() == []


def test_an_entry_under_another_id_is_not_withdrawn(story: Story) -> None:
    again = {guid if guid != "c" else "C": values for guid, values in items().items()}
    story.then(again).then(again).then(again)
    assert story.happened() == []


def test_a_document_that_breaks_off_withdraws_nothing(story: Story) -> None:
    whole = document(without("c"))
    for tag in "xyz":
        story.serves("/feed", whole[: whole.index(b"Story h") + 20], etag=f'"{tag}"')
        story.later(days=2).poll()
    assert story.happened() == []


def test_a_part_of_a_document_withdraws_nothing(story: Story, server: Server) -> None:
    for number in range(3):
        server.answers("/feed", 226, document(without("c", str(number))), {"ETag": f'"{number}p"', "IM": "feed"})
        story.later(days=2).poll()
    assert story.happened() == []


def test_advertisements_that_rotate_are_silent(story: Story) -> None:
    for number in range(5):
        advert = f"Buy {number} whales from Harbour number {number} today."
        story.then({guid: (title, path, f"{text} {advert}") for guid, (title, path, text) in items().items()})
    assert story.happened() == []


def test_a_text_that_changes_at_every_poll_is_told_of_three_times(story: Story) -> None:
    for number in range(9):
        story.then(items() | {"c": ("Story c", "c", f"What happened in ccc. Now showing film {number * 7}.")})
    assert [word for word, *_ in story.happened()] == ["edited"] * 3


def test_recording_a_poll_twice_tells_it_once(story: Story, store: Store) -> None:
    heard: list[tuple[Job, Asked]] = []

    def then(entries: _Items) -> None:
        story.tag += 1
        story.serves("/feed", document(entries), etag=f'"{story.tag}"')
        story.later(days=2).poll(report=lambda polled, *_: heard.append((polled.job, polled.asked)))

    changed = items() | {"e": ("Story e, retold", "e", "It has 7 lives, not 9.")}
    changed.pop("c")
    for entries in (changed, changed, items(), items()):
        then(entries)
        before = story.happened()
        with store.transaction() as connection:
            record(connection, heard[-1:], jitter=lambda: 0.0)
        assert story.happened() == before
    assert [word for word, *_ in story.happened()][:3] == ["retitled", "edited", "withdrawn"]
    assert ("returned", "", "Story c") in story.happened()


def test_what_is_kept_of_a_document_is_small(story: Story, store: Store) -> None:
    story.then(without("c"))
    with store.snapshot() as connection:
        (feed,) = source_rows.active_feeds(connection)
    window = read_memory(feed.learnt).window
    assert (list(window.missing), window.withdrawn) == (["c"], ())
    assert 0 < len(window.order) <= 6 * len(items())
