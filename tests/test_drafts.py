"""Small readings in an entry that need no document around them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feeds.sources.clean import Written
from feeds.sources.drafts import Draft, Media, Surroundings, finish, parse_duration

AROUND = Surroundings(base="https://tea.example/", now=datetime(2025, 8, 1, tzinfo=UTC), language="de")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("61", 61), ("01:02", 62), ("1:02:03", 3723), ("90:00", 5400), (" 61.5 ", 61), ("100:00:00", 360_000)],
)
def test_a_duration_is_seconds_minutes_or_hours(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "0", "00:00:00", "-5", "1h", "1:2:3:4", "999:00:00", "٣", "9" * 5000, "one"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("length", "expected"), [("12", 12), ("0", None), ("-1", None), ("1 MB", None), ("9" * 19, None), ("²", None)]
)
def test_an_unbelievable_length_is_none(length: str, expected: int | None) -> None:
    (enclosure,) = finish(Draft(enclosures=[Media("/1.mp3", "audio/mpeg", length)]), AROUND).enclosures
    assert (enclosure.url, enclosure.length) == ("https://tea.example/1.mp3", expected)


def test_an_author_without_a_name_is_called_by_the_address() -> None:
    (person,) = finish(Draft(authors=[("", "zoe@tea.example", ""), ("", "", "https://tea.example/")]), AROUND).authors
    assert (person.name, person.email) == ("zoe", "zoe@tea.example")


def test_an_empty_entry_has_an_id_all_the_same() -> None:
    entry = finish(Draft(), AROUND)
    assert (entry.id_from, entry.language, entry.title, entry.url) == ("hash", "de", "", None)
    assert entry.id


def test_the_longest_of_several_contents_is_the_content() -> None:
    texts = [Written("<p>a</p>", is_html=True), Written("<p>a and b</p>", is_html=True)]
    assert finish(Draft(contents=texts), AROUND).content == "<p>a and b</p>"


def test_a_summary_that_says_it_all_is_no_content() -> None:
    assert finish(Draft(summaries=[Written("a &amp; b", is_html=True)]), AROUND).content == ""
