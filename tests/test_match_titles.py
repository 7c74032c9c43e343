"""When two titles are one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.match.titles import likeness, read_title, same_source, slug_titles
from feeds.match.values import Story
from feeds.model import Citation

PAIRS = [
    line.split("\t")
    for line in (Path(__file__).parent / "data/match/titles.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("cited", "own", "verdict"), PAIRS)
def test_titles_are_told_apart_as_the_table_says(cited: str, own: str, verdict: str) -> None:
    alike = likeness(read_title(cited), read_title(own), at_least=0.93)
    assert (alike >= 0.93) == (verdict == "same")


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=150)
def test_likeness_is_a_share_whatever_the_texts(one: str, two: str) -> None:
    assert 0 <= likeness(read_title(one), read_title(two), at_least=0.0) <= 1


@given(st.lists(st.sampled_from(["reef", "tide", "motor", "harbour", "港", "口", "船", "42"]), min_size=4, max_size=12))
def test_punctuation_and_case_tell_no_two_titles_apart(words: list[str]) -> None:
    plain, dressed = " ".join(words), " — ".join(word.upper() for word in words) + "!"
    assert read_title(plain).forms[0] == read_title(dressed).forms[0]


def test_a_million_dots_and_bars_are_read_at_once() -> None:
    for hostile in ("…" * 1_000_000, " - " * 400_000, "|" * 1_000_000, "'" * 1_000_000):
        assert read_title(hostile).weight == 0


def test_an_address_repeats_its_title_when_it_has_five_words() -> None:
    urls = ["https://port.example/2025/07/harbour-robots-learn-to-moor/", "https://port.example/about-us", "nonsense"]
    assert slug_titles(urls) == ["harbour robots learn to moor"]


def story(**values: object) -> Story:
    """An entry of Port Weekly."""
    given: dict[str, object] = {
        "id": "1",
        "titles": ("x",),
        "urls": ("https://port.example/a",),
        "sources": ("Port Weekly",),
    }
    return Story(**{**given, **values})  # type: ignore[arg-type] # test values


def test_a_source_is_known_by_its_host_or_by_its_name() -> None:
    assert same_source(Citation(label="1", key="https://port.example/b"), story()) == "host port.example"
    assert same_source(Citation(label="1", publisher="《port weekly》"), story()) == "publisher 《port weekly》"
    assert same_source(Citation(label="1", key="https://else.example/b", publisher="Else"), story()) == ""


def test_a_host_of_many_publishers_says_nothing() -> None:
    video = story(urls=("https://www.youtube.com/watch?v=abcdefghijk",))
    assert same_source(Citation(label="1", key="https://youtube.com/watch?v=zzzzzzzzzzz"), video) == ""
