from __future__ import annotations

import pickle
import re
import unicodedata
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.errors import ConfigError
from feeds.where import FIELDS, And, Not, Or, Term, Where, parse_where

ARTICLE = {
    "tag": ["Agent", "AI for Science", "C++"],
    "topic": ["AI伦理与治理"],
    "source": ["Wired", "OpenAI Podcast"],
    "section": ["insights"],
    "author": ["温故智新"],
    "language": ["zh-CN"],
    "title": ["智能体走进实验室：GPT-5 的一天"],
}


def fold(text: str) -> str:
    """Much like the fold of terms: NFKC, case, spaces and hyphens."""
    return re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", text).casefold())


@pytest.mark.parametrize(
    "text",
    [
        "tag:Agent",
        "TAG:agent",
        "tag:Agent and topic:AI伦理与治理 not tag:广告",
        "tag:Agent AND NOT tag:广告",
        "not tag:广告",
        "not not tag:agent",
        'tag:"AI for Science"',
        "tag:'ai-for-science'",
        "tag:“AI for Science”",
        "tag：Agent and （topic：AI伦理与治理 or tag：广告）",
        "tag:C++",
        "tag:Ag*",
        'tag:"AI for"*',
        "tag:*",
        "title:gpt5",
        "title:实验室",
        "tag:广告 or tag:Agent",
        "tag:广告 and tag:x or tag:Agent",
        "tag:Agent or tag:广告 and tag:x",
        "(tag:Agent or tag:x) not (tag:y or section:morningnews)",
        "source:openai-podcast and language:zh-cn and author:温故智新 and section:insights",
    ],
)
def test_a_condition_that_holds(text: str) -> None:
    assert parse_where(text).matches(ARTICLE, fold)


@pytest.mark.parametrize(
    "text",
    [
        "tag:Agents",
        "tag:Age",
        "not tag:Agent",
        "tag:Agent not topic:AI伦理与治理",
        "tag:x or tag:y",
        "(tag:Agent or tag:x) and tag:y",
        "tag:Agent and (tag:x or tag:y)",
        "topic:Agent",
        "title:不在题中",
        'tag:"Ag*"',
        "source:Wir and source:wired",
    ],
)
def test_a_condition_that_does_not_hold(text: str) -> None:
    assert not parse_where(text).matches(ARTICLE, fold)


def test_any_tag_at_all_needs_one() -> None:
    assert not parse_where("tag:*").matches({"tag": []})
    assert not parse_where("tag:*").matches({})


def test_a_condition_travels_to_another_process() -> None:
    where = parse_where("tag:Agent not (title:x or topic:y*)")
    assert pickle.loads(pickle.dumps(where)) == where  # noqa: S301 - our own bytes


def test_without_a_fold_only_case_is_ignored() -> None:
    assert parse_where("tag:agent").matches(ARTICLE)
    assert not parse_where("tag:ai-for-science").matches(ARTICLE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'column 1: expected a condition such as tag:Name, "not" or "(", found the end'),
        ("tag:a tag:b", 'column 7: expected "and", "or" or "not", found "tag:b"'),
        ("tag:a and", 'column 10: expected a condition such as tag:Name, "not" or "(", found the end'),
        ("tag:a or and tag:b", 'column 10: expected a condition such as tag:Name, "not" or "(", found "and"'),
        ("(tag:a or tag:b", 'column 16: expected ")" for the "(" in column 1, found the end'),
        ("tag:a)", 'column 6: expected "and", "or" or "not", found ")"'),
        ("()", 'column 2: expected a condition such as tag:Name, "not" or "(", found ")"'),
        ("tag:a and tags:b", 'column 11: unknown field "tags" (did you mean "tag"?)'),
        ("colour:red", f'column 1: unknown field "colour" (fields are {", ".join(FIELDS)})'),
        ("c++:red", f'column 1: unknown field "c++" (fields are {", ".join(FIELDS)})'),
        ("Agent", f'column 1: expected field:value, found "Agent" (fields are {", ".join(FIELDS)})'),
        ("tag: Agent", "column 1: expected a value right after tag:"),
        ('tag:"AI for', "column 1: the quote after tag: is not closed"),
        ('tag:""', "column 1: the value of tag: is empty"),
        ("tag:a and tag:' '", "column 11: the value of tag: is empty"),
        ("not " * 51 + "tag:a", "column 201: more than 50 conditions inside each other"),
    ],
)
def test_an_error_names_the_column_and_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_where(text)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "text", ["(" * 500_000, "not " * 250_000, 'tag:"' + "\\" * 999_999, "tag:" * 250_000, ":" * 999_999]
)
def test_a_megabyte_of_nonsense_is_refused_at_once(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_where(text + "(")


VALUES = st.sampled_from(["agent", "ai for science", "广告", 'a"b', "a\\b", "(x)", "and", "*", "“q”", "a*", "'"])
TERMS = st.builds(Term, st.sampled_from(FIELDS), VALUES, st.booleans())
NODES = st.recursive(
    TERMS,
    lambda nodes: st.one_of(
        st.builds(Not, nodes),
        st.builds(And, st.lists(nodes, min_size=2, max_size=3).map(tuple)),
        st.builds(Or, st.lists(nodes, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=12,
)
FACTS = st.dictionaries(st.sampled_from(FIELDS), st.lists(VALUES, max_size=3))


@settings(deadline=None, max_examples=120)
@given(root=NODES)
def test_a_condition_reads_back_from_its_own_text(root: Term) -> None:
    assert parse_where(str(root)) == Where(root)


@settings(deadline=None, max_examples=120)
@given(a=NODES, b=NODES, facts=FACTS)
def test_words_mean_what_they_mean_in_logic(a: Term, b: Term, facts: Mapping[str, list[str]]) -> None:
    def holds(text: str) -> bool:
        return parse_where(text).matches(facts)

    one, two = holds(str(a)), holds(str(b))
    assert holds(f"{a} and {b}") == (one and two)
    assert holds(f"{a} or {b}") == (one or two)
    assert holds(f"{a} not {b}") == (one and not two)
    assert holds(f"not ({a} or {b})") == holds(f"not {a} and not {b}")


@settings(deadline=None, max_examples=300)
@given(text=st.text(st.sampled_from("tag:title()（） andorn\"'“”*\\AI广：\n"), max_size=30))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        where, refusal = parse_where(text), "column 0: "
    except ConfigError as error:
        where, refusal = None, str(error)
    assert re.match(r"column \d+: [^\n]+$|column 0: $", refusal) or "\n" in text
    assert where is None or parse_where(str(where)) == where


def test_renaming_reaches_every_value_but_prefixes() -> None:
    where = parse_where("(tag:a or not topic:b) and tag:c*")
    renamed = where.renamed(lambda field, value: f"{field}-{value}")
    assert str(renamed) == str(parse_where("(tag:tag-a or not topic:topic-b) and tag:c*"))
