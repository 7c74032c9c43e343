"""The short way for plain lines gives what the parser gives, and is taken for what authors mostly write."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.content.yaml_values import YamlError, YamlMapping, _OddError, _read_events, _read_lines, read_yaml

SCALARS = [
    "词", "a b", "a  b", "a, b", '"q"', "'q'", '"a, b"', "'it''s'", '"a\\n"', '"a" b', '"', "null", "~", "", '""',
    "Null", "a: b", "a:", "a #b", "a#b", ":a", "-a", "- a", "?a", "it's", "|", ">-", "&a b", "*a", "!t x", "!!str",
    "%a", "@a", "{a: b}", "---", "...", "<<", "2025-01-01", "http://x.example/a?b=c#d", "x # c", "1e3", "=",
    "\u3000x", "x\u2028y", "x\ty", "x\x85y", "\ud800",
    "[]", "[ ]", "[a, b]", '["a", b]', '["a, b"]', '["a",b]', "[a,]", "[,a]", "[a, , b]", "[a: b]", "[a:b]", "[a?]",
    "[~, null]", "[- a]", "[[a]]", '["]"]', '["a" "b"]', "[a #b]", "[#b]", "[a] b", "[",
]  # fmt: skip
KEYS = ["a", "b", "featured-image", "_x", "null", "<<", "中", "-a", "a b", '"q"', "1", "x" * 64, "x" * 65]

scalars = st.sampled_from(SCALARS) | st.text(alphabet="ab:,-?#[]{}\"' \\&*!|>%@`~.中1=", max_size=6)
indents = st.sampled_from(["", "", "  ", "    "])
key_lines = st.builds(
    "{}{}{}{}".format, st.sampled_from(KEYS), st.sampled_from([":", ": ", ":  "]), scalars, st.sampled_from(["", " "])
)
item_lines = st.builds("{}-{}{}".format, indents, st.sampled_from([" ", "  ", ""]), scalars)
odd_lines = st.sampled_from(["", "  ", "# c", "  x", "  k: v", "---", "...", "%YAML 1.1", "\r", "{"])
texts = st.lists(key_lines | item_lines | key_lines | item_lines | odd_lines, max_size=7).map("\n".join)


def parsed(text: str) -> YamlMapping | str:
    try:
        return _read_events(text)
    except YamlError as error:
        return error.why


@settings(deadline=None, max_examples=1000)
@given(texts)
def test_white_box_plain_lines_read_as_the_parser_reads_them(text: str) -> None:
    try:
        found = _read_lines(text)
    except _OddError:
        return
    assert found == parsed(text)


@pytest.mark.parametrize("value", SCALARS)
@pytest.mark.parametrize("form", ["k: {}", "k: {}\nl: x\n", "k:\n  - {}\n  - x\nl: y", "k:\n- {}\n", "k: [{}, x]"])
def test_white_box_each_scalar_reads_the_same_both_ways(form: str, value: str) -> None:
    text = form.format(value)
    try:
        found = _read_lines(text)
    except _OddError:
        return
    assert found == parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "title: 标题：一\ndate: 2025-07-03T20:10:00+08:00\ndraft: false\nsummary: \"A 'quoted' one\"\n",
        "tags: \n  - 人工智能\n  - \"GPT-4o\"\n  - 'B'\n\nmain_topics:\n- x\n- y & z\n",
        'tags: ["AI", 大模型, "B 2"]\ncover: ~\nimage: /img/a.png\nurl: https://a.example/b?c=d\n',
    ],
)
def test_white_box_what_authors_mostly_write_needs_no_parser(text: str) -> None:
    assert _read_lines(text) == parsed(text)


def test_white_box_a_text_too_long_for_plain_lines_meets_the_bound_of_the_parser() -> None:
    text = "a:\n" + "- x\n" * 10_001
    with pytest.raises(_OddError):
        _read_lines(text)
    with pytest.raises(YamlError, match="more than 10000 values"):
        read_yaml(text)
