"""Identity: whose word counts, and what happens when a feed gives one id to several entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feeds.polled import Entry
from feeds.sources.entry_ids import identify, repair_ids

DAY = datetime(2025, 7, 1, tzinfo=UTC)


def entry(key: str, url: str | None = None, title: str = "", day: int | None = None) -> Entry:
    published = None if day is None else DAY + timedelta(days=day)
    return Entry(id=key, url=url, title=title, published=published, hash=f"{url} {title}")


ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from(["g", "h", "g https://a.example/", "h https://b.example/"]),
        st.sampled_from([None, "https://a.example/", "https://b.example/", "https://c.example/"]),
        st.sampled_from(["", "A", "B"]),
        st.sampled_from([None, 1, 2]),
    ),
    max_size=9,
)


def test_the_feeds_own_id_counts_first_then_the_link_then_the_words() -> None:
    """STANDARDS M5."""
    said = {"url": "http://www.a.example/x/?utm_source=rss", "title": "A", "date": "today", "text": "words"}
    assert identify(given="urn:x", **said) == ("urn:x", "id")
    assert identify(given="", **said) == ("https://a.example/x", "link")
    assert identify(given="", url=None, title="A", date="today", text="words")[1] == "hash"


def test_a_hash_is_of_title_and_date_else_of_title_and_text() -> None:
    def hashed(title: str, date: str, text: str) -> str:
        return identify(given="", url=None, title=title, date=date, text=text)[0]

    assert hashed("A", "today", "one") == hashed("A", "today", "two")
    assert (
        len({hashed("A", "today", ""), hashed("A", "", "today2"), hashed("B", "today", ""), hashed("A", "", "x")}) == 4
    )


def test_long_ids_are_cut_and_stay_different() -> None:
    first, second = (identify(given="g" * 5000 + end, url=None, title="", date="", text="")[0] for end in "ab")
    assert first != second
    assert len(first) < 1100


def test_unique_ids_stay_as_they_are() -> None:
    entries = (entry("1"), entry("2"), entry("3"))
    assert repair_ids(entries) == entries


def test_the_oldest_keeps_the_id_and_others_get_their_url() -> None:
    """A new entry on top must not take the id under which another one is stored."""
    repaired = repair_ids([entry("g", "https://b.example/", "B", 2), entry("g", "https://a.example/", "A", 1)])
    assert [(each.id, each.id_from) for each in repaired] == [("g https://b.example/", "repaired"), ("g", "id")]


def test_entries_with_one_id_and_one_url_differ_by_their_titles() -> None:
    repaired = repair_ids([entry("g", "https://a.example/", title, day) for day, title in enumerate("ABC")])
    assert len({each.id for each in repaired}) == 3
    assert repaired[0].id == "g"


def test_an_entry_that_the_feed_repeats_stays_once() -> None:
    assert repair_ids([entry("g", "https://a.example/", "A")] * 3) == (entry("g", "https://a.example/", "A"),)


@given(ENTRIES)
def test_ids_are_unique_afterwards_and_stay(entries: list[Entry]) -> None:
    repaired = repair_ids(entries)
    assert len({each.id for each in repaired}) == len(repaired)
    assert repair_ids(repaired) == repaired


@given(ENTRIES)
def test_no_entry_is_lost(entries: list[Entry]) -> None:
    told_apart = {(each.id, each.url, each.title or each.hash) for each in entries}
    assert len(repair_ids(entries)) == len(told_apart)


@given(
    st.lists(st.tuples(st.sampled_from("gh"), st.integers(0, 9)), max_size=8, unique=True),
    st.randoms(use_true_random=False),
)
def test_the_order_of_entries_changes_no_id(pairs: list[tuple[str, int]], random: object) -> None:
    entries = [entry(key, f"https://a.example/{number}", "T", number) for key, number in pairs]
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert {each.id: each.url for each in repair_ids(entries)} == {each.id: each.url for each in repair_ids(shuffled)}
