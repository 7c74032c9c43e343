"""JSON Feed: what is one, what its versions differ in. What its fields become stands in tests/data/feeds/json."""

from __future__ import annotations

import json
from typing import Any

import pytest

from feeds.errors import ParseError
from feeds.sources.json_feed import is_json, read_json

VERSION = "https://jsonfeed.org/version/1.1"


def document(**more: Any) -> str:
    return json.dumps({"version": VERSION, "items": [], **more})


@pytest.mark.parametrize("text", ['{"a": 1}', ' \r\n\t{"a": 1}', '\ufeff{"a": 1}'])
def test_json_is_told_by_its_first_character(text: str) -> None:
    assert is_json(text)


@pytest.mark.parametrize("text", ["", "<rss/>", "[1]", "x{"])
def test_other_text_is_no_json_feed(text: str) -> None:
    assert not is_json(text)


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("https://jsonfeed.org/version/1", "json1"),
        ("https://jsonfeed.org/version/1.0", "json1"),
        ("https://jsonfeed.org/version/1.1", "json11"),
        ("http://jsonfeed.org/version/1.1/", "json11"),
    ],
)
def test_versions_have_names(version: str, name: str) -> None:
    assert read_json(document(version=version)).version == name


@pytest.mark.parametrize(
    "version", [None, 1.1, "", "1.1", "https://example.org/version/1", ["https://jsonfeed.org/version/1"]]
)
def test_without_its_version_it_is_another_json(version: Any) -> None:
    with pytest.raises(ParseError, match="no JSON Feed"):
        read_json(document(version=version))


@pytest.mark.parametrize("text", ["{", '{"a": NaN', "{" + '"a":{' * 100_000, '{"version": ' + "9" * 5000 + "}"])
def test_json_that_cannot_be_read_is_a_parse_error(text: str) -> None:
    with pytest.raises(ParseError, match="cannot be read"):
        read_json(text)


@pytest.mark.parametrize("items", [None, {}, "x", 5, [None, 1, "x", []]])
def test_items_that_are_none_make_an_empty_feed(items: Any) -> None:
    assert read_json(document(items=items)).drafts == []


def test_the_feeds_authors_are_those_of_items_without_any() -> None:
    read = read_json(
        document(authors=[{"name": "All"}], items=[{"id": "1"}, {"id": "2", "authors": [{"name": "Own"}]}])
    )
    assert [draft.authors for draft in read.drafts] == [[("All", "", "")], [("Own", "", "")]]


def test_html_stands_before_text() -> None:
    (draft,) = read_json(
        document(items=[{"id": "1", "content_html": "<p>a</p>", "content_text": "b, and longer"}])
    ).drafts
    assert [content.value for content in draft.contents] == ["<p>a</p>"]
