"""Requirements of writing sources into sources.yaml: what is new is there, and nothing else has changed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.errors import ConfigError
from feeds.sources.discover import Discovery, How
from feeds.sources.stanza import add_sources, stanza


def found(name: str = "量子位", *feeds: str, host: str = "a.example", site: str = "https://a.example/") -> Discovery:
    return Discovery(host=host, citations=3, name=name, site=site, feeds=feeds, how=How.KNOWN_RULE, said="why")


NEW = found("Wired", "https://www.wired.com/feed/rss", site="https://www.wired.com/")
NEW_VALUE = {"name": "Wired", "feed": "https://www.wired.com/feed/rss", "site": "https://www.wired.com/"}
NEW_LINES = """\
  - name: Wired
    feed: https://www.wired.com/feed/rss
    site: https://www.wired.com/
"""


def read(text: str) -> Any:
    """As sources.yaml is read: all values as text."""
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts, lists and mappings only


def test_a_stanza_names_the_feed_and_the_site() -> None:
    assert stanza(NEW) == "- name: Wired\n  feed: https://www.wired.com/feed/rss\n  site: https://www.wired.com/\n"


def test_a_source_without_a_feed_says_none() -> None:
    assert stanza(found()) == "- name: 量子位\n  feed: none\n  site: https://a.example/\n"


def test_several_feeds_stand_below_one_another() -> None:
    text = stanza(found("A", "https://a.example/1", "https://a.example/2"))
    assert read(text) == [
        {"name": "A", "feeds": ["https://a.example/1", "https://a.example/2"], "site": "https://a.example/"}
    ]
    assert "  feeds:\n    - https://a.example/1\n    - https://a.example/2\n" in text


@given(st.text(min_size=1, max_size=30), st.text(alphabet="az:/?#[]@!$&'()*+,;=%{}~-. ", max_size=30))
@settings(max_examples=100)
def test_any_name_and_address_is_read_back_as_it_was(name: str, tail: str) -> None:
    (value,) = read(stanza(found(name, f"https://a.example/{tail}")))
    assert value["feed"].replace("$${", "${") == " ".join(f"https://a.example/{tail}".split())
    if name.isprintable() and name.strip() and "${" not in name:
        assert value["name"] == " ".join(name.split())
    assert len(value["name"].splitlines()) == 1


@pytest.mark.parametrize(
    "name",
    [
        "1984",
        "no",
        "null",
        "~",
        "2024-13-45",
        "a: b",
        "a #b",
        "- a",
        "*a",
        "[a",
        "@a",
        "'",
        "Yes",
        "1e3",
        "=",
        "<<",
        "0x1f",
        "12:30",
    ],
)
def test_a_name_that_yaml_would_take_for_something_else_is_quoted(name: str) -> None:
    (value,) = yaml.safe_load(stanza(found(name)))
    assert value["name"] == name


def test_a_name_does_not_read_the_environment() -> None:
    (value,) = read(stanza(found("${HOME}")))
    assert value["name"] == "$${HOME}"


# -- where the list is -----------------------------------------------------------------------------------------------

#: (text before, text after), NEW added.
CASES = {
    "a block list": ("sources:\n  - name: A\n    feed: none\n", "sources:\n  - name: A\n    feed: none\n" + NEW_LINES),
    "a key behind it": (
        "sources:\n  - name: A\n    feed: none\n\n# 合并\nfeeds: []\n",
        "sources:\n  - name: A\n    feed: none\n" + NEW_LINES + "\n# 合并\nfeeds: []\n",
    ),
    "comments that belong to the last item": (
        "sources:\n  - name: A  # 一\n    feed: none\n    # every: 6h\n  # - name: B\nstatic: [a]\n",
        "sources:\n  - name: A  # 一\n    feed: none\n    # every: 6h\n  # - name: B\n" + NEW_LINES + "static: [a]\n",
    ),
    "a list that is not indented": (
        "sources:\n- name: A\n  feed: none\n# next\nstatic: [a]\n",
        "sources:\n- name: A\n  feed: none\n" + NEW_LINES.replace("\n  ", "\n")[2:] + "# next\nstatic: [a]\n",
    ),
    "wide dashes": (
        "sources:\n    -   name: A\n        feed: none\n",
        (
            "sources:\n    -   name: A\n        feed: none\n"
            "    -   name: Wired\n        feed: https://www.wired.com/feed/rss\n        site: https://www.wired.com/\n"
        ),
    ),
    "items in braces": (
        "sources:\n  - {name: A, feed: none}  # 一\nstatic: [a]\n",
        (
            "sources:\n  - {name: A, feed: none}  # 一\n"
            "  - {name: Wired, feed: https://www.wired.com/feed/rss, site: https://www.wired.com/}\nstatic: [a]\n"
        ),
    ),
    "no end of line": ("sources:\n  - name: A", "sources:\n  - name: A\n" + NEW_LINES),
    "Windows": (
        "sources:\r\n  - name: A\r\n    feed: none\r\nstatic: [a]\r\n",
        "sources:\r\n  - name: A\r\n    feed: none\r\n" + NEW_LINES.replace("\n", "\r\n") + "static: [a]\r\n",
    ),
    "an empty key": ("sources:\n\nstatic: [a]\n", "sources:\n" + NEW_LINES + "\nstatic: [a]\n"),
    "an empty key with a comment": (
        "sources:  # 来源\n  # - name: B\n",
        "sources:  # 来源\n" + NEW_LINES + "  # - name: B\n",
    ),
    "null": ("sources: ~ # 来源\nstatic: [a]\n", "sources:  # 来源\n" + NEW_LINES + "static: [a]\n"),
    "an empty list": ("sources: []\nstatic: [a]\n", "sources: \n" + NEW_LINES + "static: [a]\n"),
    "no key": ("site: {title: 站}\n", "site: {title: 站}\n\nsources:\n" + NEW_LINES),
    "no key, a comment at the end": (
        "site: {title: 站}\n#sources:\n#  - name: A",
        "site: {title: 站}\n#sources:\n#  - name: A\n\nsources:\n" + NEW_LINES,
    ),
    "an empty file": ("", "sources:\n" + NEW_LINES),
    "only a comment": ("# 空\n", "# 空\n\nsources:\n" + NEW_LINES),
    "a byte order mark": ("\ufeffsite: {title: 站}\n", "\ufeffsite: {title: 站}\n\nsources:\n" + NEW_LINES),
    "a flow list": (
        "sources: [{name: A, feed: none}]  # 一\n",
        (
            "sources: [{name: A, feed: none}, {name: Wired, feed: https://www.wired.com/feed/rss,"
            " site: https://www.wired.com/}]  # 一\n"
        ),
    ),
    "a flow list in lines": (
        "sources: [\n  {name: A, feed: none}  # 一\n]\n",
        (
            "sources: [\n  {name: A, feed: none},  # 一\n  {name: Wired, feed: https://www.wired.com/feed/rss,"
            " site: https://www.wired.com/}\n]\n"
        ),
    ),
    "a flow list in lines with a last comma": (
        "sources: [\n  {name: A, feed: none},  # 一\n]\n",
        (
            "sources: [\n  {name: A, feed: none},  # 一\n  {name: Wired, feed: https://www.wired.com/feed/rss,"
            " site: https://www.wired.com/},\n]\n"
        ),
    ),
    "a last item that ends in a list": (
        "sources:\n  - name: A\n    aliases:\n      - 甲\n      - 乙 # 二\n",
        "sources:\n  - name: A\n    aliases:\n      - 甲\n      - 乙 # 二\n" + NEW_LINES,
    ),
    "a last item that ends in an alias": (
        "x: &x [1,\n  2]\nsources:\n  - name: A\n    aliases: *x\nstatic: []\n",
        "x: &x [1,\n  2]\nsources:\n  - name: A\n    aliases: *x\n" + NEW_LINES + "static: []\n",
    ),
    "a last item that ends in a text block": (
        "sources:\n  - feed: none\n    name: >-\n      A\n      B\n\nstatic: []\n",
        "sources:\n  - feed: none\n    name: >-\n      A\n      B\n\n" + NEW_LINES + "static: []\n",
    ),
    "a last value that goes over lines": (
        'sources:\n  - feed: none\n    name: "A\n      B" # c\n',
        'sources:\n  - feed: none\n    name: "A\n      B" # c\n' + NEW_LINES,
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES.keys())
def test_sources_are_added_and_nothing_else_changes(before: str, after: str) -> None:
    assert add_sources(before, [NEW]) == after
    assert read(after)["sources"][-1] == NEW_VALUE


@pytest.mark.parametrize(
    "text",
    [
        "site: {title: 站}\n---\nsources: []\n",
        "{site: {title: 站}}\n",
        "- a\n- b\n",
        "站\n",
        "sources: many\n",
        "sources: {name: A}\n",
        "sources: *x\n",
        "sources: []\nsources: []\n",
        "sources: [\n",
        "sources: \t- a\n",
        "site: {title: 站}\n...\n",
        "a: \x01\n",
    ],
)
def test_what_cannot_be_added_to_safely_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^sources\.yaml: [^\n]+$"):
        add_sources(text, [NEW])


def test_nothing_new_changes_nothing() -> None:
    text = "sources:\n  - {name: Wired, feed: 'https://www.wired.com/feed/rss'}\n"
    assert add_sources(text, [NEW]) == text
    assert add_sources(text, []) == text
    added = add_sources("sources:\n", [NEW])
    assert add_sources(added, [NEW]) == added


@pytest.mark.parametrize("how", [How.NOT_TOLD, How.FORBIDDEN, How.UNREACHABLE])
def test_what_was_not_found_out_is_not_written(how: How) -> None:
    assert add_sources("sources: []\n", [replace(found(), how=how)]) == "sources: []\n"


@pytest.mark.parametrize("how", [How.NONE_KNOWN, How.NO_FEED])
def test_that_there_is_no_feed_is_written(how: How) -> None:
    assert read(add_sources("", [replace(found(), how=how)]))["sources"][0]["feed"] == "none"


def test_a_name_that_is_taken_is_told_apart_by_its_host() -> None:
    text = add_sources(
        "sources:\n  - {name: b b c, feed: none}\n", [found("BBC", "https://b.example/f", host="b.example")]
    )
    assert [source["name"] for source in read(text)["sources"]] == ["b b c", "BBC (b.example)"]


def test_of_two_sources_with_one_feed_the_first_has_it() -> None:
    text = add_sources(
        "", [found("A", "https://a.example/f"), found("B", "https://a.example/f", "https://a.example/g")]
    )
    assert [source["feed"] for source in read(text)["sources"]] == ["https://a.example/f", "https://a.example/g"]


# -- any list --------------------------------------------------------------------------------------------------------

_words = st.text(alphabet="ab甲乙 :#-'\"[]{},&*!|>%@`~0", min_size=1, max_size=12)
_comments = st.sampled_from(["", "  # 注", " # - name: X", "  # [", "  # ]}, \"'"])


@st.composite
def _lists(draw: st.DrawFn) -> str:
    """A sources.yaml in one of many styles, with comments wherever they may stand."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    items = draw(st.lists(st.tuples(_words, st.booleans(), _comments), max_size=4))
    indent = draw(st.sampled_from(["", "  ", "    "]))
    between = draw(st.sampled_from(["", "\n", "      # 甲\n", "# 乙\n"]))
    quoted = [
        (yaml.safe_dump(name, default_style='"', allow_unicode=True, width=999).strip(), flow, note)
        for name, flow, note in items
    ]
    if draw(st.booleans()):
        lines = [
            f"{indent}- {{name: {name}, feed: none}}{note}\n"
            if flow
            else f"{indent}- name: {name}{note}\n{indent}  feed: none{note}\n"
            for name, flow, note in quoted
        ]
        body = "sources:" + draw(_comments) + "\n" + between.join(lines)
    else:
        glue = draw(st.sampled_from([", ", ",\n  ", " ,  # 注\n  "]))
        inner = glue.join(f"{{name: {name}, feed: none}}" for name, _, _ in quoted)
        last = draw(
            st.sampled_from(
                ["", " ", "\n", "  # ]\n", ",", ", # ,\n", ",\n  # a\n  "] if items else ["", " ", "\n", " # ]\n"]
            )
        )
        body = f"sources: [{draw(st.sampled_from(['', ' ']))}{inner}{last} ]{draw(_comments)}\n"
    before = draw(st.sampled_from(["", "# 头\nsite: {title: 站}\n\n", "note: |\n  a\n\n  b\n", "\ufeff"]))
    after = draw(st.sampled_from(["", "\n# 尾\n", "feeds: []\n", "\n\n# 尾\nfeeds:\n  - a  # b\n", "# 尾"]))
    return (before + body + after).replace("\n", end)


@given(
    _lists(),
    st.lists(
        st.builds(found, _words, st.just("https://a.example/1"), host=_words),
        min_size=1,
        max_size=3,
        unique_by=lambda item: item.feeds,
    ),
)
@settings(max_examples=150)
def test_any_list_keeps_its_sources_and_comments(text: str, new: list[Discovery]) -> None:
    edited = add_sources(text, new)
    old_value, value = read(text), read(edited)
    old = old_value["sources"] or []
    assert value["sources"][: len(old)] == old
    assert [source["feed"] for source in value["sources"][len(old) :]] == ["https://a.example/1"]
    assert {**value, "sources": None} == {**old_value, "sources": None}
    # Every line that was there still is, in order; only a line with the list's own brackets may have grown.
    remaining = iter(edited.splitlines())
    for line in text.splitlines():
        assert any(_keeps(line, other) for other in remaining), (line, edited)
    assert ("\r\n" in text) == ("\r\n" in edited)


def _keeps(line: str, other: str) -> bool:
    letters = iter(other)
    return all(char in letters for char in line if char not in "[] ")
