"""Raw values of front matter made into lines, terms, people, languages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.fields import (
    MAX_TERM_CHARS,
    MAX_TERMS,
    clean_line,
    flag_of,
    language_of,
    people_of,
    terms_of,
    text_of,
)
from feeds.model import Person


class Heard:
    """Remembers what it was warned of."""

    def __init__(self) -> None:
        self.whys: list[str] = []

    def __call__(self, why: str, fix: str) -> None:
        """Hear one warning, which must say what to do."""
        assert fix
        self.whys.append(why)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("  a \n\t b　c ", "a b c"),
        ("a\x00b\x08\ufeffc\ud800", "abc"),
        ("e\u0301", "é"),
        ("plain", "plain"),
        ("\u200b", "\u200b"),
    ],
)
def test_a_line_is_clean(text: str, wanted: str) -> None:
    assert clean_line(text) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(True, "true"), (1984, "1984"), (1.5, "1.5"), (date(2025, 7, 3), "2025-07-03"), (None, None), ([], None),
     ({}, None), (datetime(2025, 7, 3, tzinfo=UTC), "2025-07-03T00:00:00+00:00")],
)  # fmt: skip
def test_scalars_are_texts(value: Any, wanted: str | None) -> None:
    assert text_of(value) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("Yes", True), (True, True), ("off", False), (0, False), ("否", False), ("maybe", None), (None, None)],
)
def test_flags(value: Any, wanted: bool | None) -> None:
    assert flag_of(value) is wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("zh-cn", "zh-CN"), ("zh_Hans_CN", "zh-Hans-CN"), ("EN", "en"), ("de-1996", "de-1996"), ("Chinese!", None),
     ("", None), (None, None), ("a" * 2 + "-abcdefgh" * 5, None)],
)  # fmt: skip
def test_languages_are_tags_in_their_usual_case(value: Any, wanted: str | None) -> None:
    assert language_of(value) == wanted


@pytest.mark.parametrize(
    ("value", "wanted", "warned"),
    [
        (["a", "b", "a", " a "], ("a", "b"), []),
        ("a, b，c、d；e;f\ng", ("a", "b", "c", "d", "e", "f", "g"), []),
        ("AI Agent", ("AI Agent",), []),
        ("a, b (c, d), e", ("a", "b (c, d)", "e"), ["split inside brackets, put together: 'b (c, d)'"]),
        ([1984, True, None, "", "x, y"], ("1984", "true", "x, y"), []),
        (["融资 (Funding", "M&A & Insights)", "x"], ("融资 (Funding, M&A & Insights)", "x"),
         ["split inside brackets, put together: '融资 (Funding, M&A & Insights)'"]),
        (["a （b", "c", "d）"], ("a （b, c, d）",), ["split inside brackets, put together: 'a （b, c, d）'"]),
        (["sad :(", "b", "c"], ("sad :(", "b", "c"), []),
        (["a (b)", "(c)"], ("a (b)", "(c)"), []),
        (["a", ["b", ["c"]]], ("a", "b", "c"), ["a list inside the list was unfolded"]),
        ([{"AI": "the future"}], ("AI: the future",), ["holds a map, taken as 'AI: the future'"]),
        ([{"AI": None}], ("AI",), ["holds a map, taken as 'AI'"]),
        ({"name": "AI", "slug": "ai"}, ("AI",), ["holds a map, its name 'AI' was taken"]),
        (["“a”", "‘b’", "C'"], ("a", "b", "C'"), ["'“a”' was taken as 'a'", "'‘b’' was taken as 'b'"]),
        ("[[a]], [[Folder/b|B]]", ("a", "B"), ["'[[a]]' was taken as 'a'", "'[[Folder/b|B]]' was taken as 'B'"]),
        ("- a - b-c", ("a", "b-c"), []),
        (7, ("7",), []),
        (None, (), []),
        (["x" * (MAX_TERM_CHARS + 1), "y"], ("y",), [f"a term longer than {MAX_TERM_CHARS} characters was left out"]),
    ],
)  # fmt: skip
def test_terms(value: Any, wanted: tuple[str, ...], warned: list[str]) -> None:
    heard = Heard()

    assert terms_of(value, heard) == wanted
    assert heard.whys == warned


def test_an_article_has_not_thousands_of_terms() -> None:
    heard = Heard()

    assert len(terms_of([str(n) for n in range(5_000)], heard)) == MAX_TERMS
    assert heard.whys == ["only the first 100 of 5000 were taken"]


def test_nesting_is_searched_so_far_and_no_farther() -> None:
    value: Any = "deep"
    for _ in range(900):
        value = [value]

    assert terms_of(value, Heard()) == ()


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("Ann", (Person(name="Ann"),)),
        ("Ann、Bob；Cy & Di", (Person(name="Ann"), Person(name="Bob"), Person(name="Cy"), Person(name="Di"))),
        ("Smith, John", (Person(name="Smith, John"),)),
        ("Ann <ann@x.example>", (Person(name="Ann", email="ann@x.example"),)),
        ("ann@x.example (Ann)", (Person(name="ann@x.example (Ann)"),)),
        ("ann@x.example", (Person(name="ann", email="ann@x.example"),)),
        ("安 <安@x.example>", (Person(name="安"),)),
        (["Ann", "Ann", 7], (Person(name="Ann"), Person(name="7"))),
        ({"name": "Ann", "email": "ann@x.example", "url": "https://ann.example/我"},
         (Person(name="Ann", email="ann@x.example", url="https://ann.example/%E6%88%91"),)),
        ({"Name": "Ann <ann@x.example>", "homepage": "javascript:1"}, (Person(name="Ann", email="ann@x.example"),)),
        ([{"email": "bo@x.example"}], (Person(name="bo", email="bo@x.example"),)),
        (None, ()),
        ("", ()),
    ],
)  # fmt: skip
def test_people(value: Any, wanted: tuple[Person, ...]) -> None:
    heard = Heard()

    assert people_of(value, heard) == wanted
    assert heard.whys == []


def test_an_author_without_a_name_is_told() -> None:
    heard = Heard()

    assert people_of([{"url": "https://x.example/"}, "Ann"], heard) == (Person(name="Ann"),)
    assert heard.whys == ["an author without a name was left out"]


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=12,
)


@given(VALUES)
def test_any_value_gives_clean_terms_and_people(value: Any) -> None:
    terms = terms_of(value, lambda _why, _fix: None)
    people = people_of(value, lambda _why, _fix: None)

    assert len(set(terms)) == len(terms)
    for line in (*terms, *(person.name for person in people)):
        assert line == clean_line(line)
        line.encode()


@pytest.mark.parametrize(
    ("value", "terms"),
    [
        ("[@angular, react]", ("@angular", "react")),
        ("a, b]", ("a", "b")),
        ("[a", ("a",)),
        ("[a], b", ("a", "b")),
        ("(a, b)", ("a", "b")),
        ("【a，b】", ("a", "b")),
        ('"A", "B"', ("A", "B")),
        ("- a", ("a",)),
        (["“a”", "“b”"], ("a", "b")),
        (["[", "ok", "]"], ("ok",)),
        (["[早报] 天气", "arr[0]", "it's", "【早报】"], ("[早报] 天气", "arr[0]", "it's", "【早报】")),
    ],
)
def test_brackets_and_quotes_of_a_list_are_no_part_of_its_terms(value: object, terms: tuple[str, ...]) -> None:
    assert terms_of(value, lambda *_: None) == terms
