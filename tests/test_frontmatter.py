"""Front matter in all its notations, its slips, and what must not be mistaken for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.frontmatter import MAX_CHARS, Matter, split_front_matter
from feeds.model import Severity


def warnings(matter: Matter) -> list[str]:
    assert all(problem.severity is Severity.WARNING for problem in matter.problems)
    return [str(problem) for problem in matter.problems]


def error(matter: Matter) -> str:
    [problem] = matter.problems
    assert problem.severity is Severity.ERROR
    assert matter.values == {}
    return str(problem)


@pytest.mark.parametrize(
    "text",
    ["", "Text.", "# Heading\n\nText.", "----\n\nText\n", "---\n\nA break above.\n\n---\n\nAnd below.", "---",
     "{{< tag >}}", "{ x }",
     "--\ntitle: x\n--\n", " text\n---\ntitle: x\n---\n", "+ item\n", "---\nJust a sentence\n---\nText."],
)  # fmt: skip
def test_a_text_without_front_matter_is_all_body(text: str) -> None:
    assert split_front_matter(text) == Matter(body=text)


def test_every_scalar_of_yaml_is_its_text() -> None:
    """``yes``, ``1984`` and dates mean what whoever asks for them takes them for."""
    matter = split_front_matter(
        "---\nyear: 1984\nflag: yes\nday: 2025-07-03 20:10:47\nquoted: 'null'\nnone: ~\nempty:\n"
        "tags: [1984, yes, null, on, 010, 1_000]\nmap: {a: 1.0}\n---\n"
    )

    assert matter.values == {
        "year": "1984",
        "flag": "yes",
        "day": "2025-07-03 20:10:47",
        "quoted": "null",
        "none": None,
        "empty": None,
        "tags": ["1984", "yes", None, "on", "010", "1_000"],
        "map": {"a": "1.0"},
    }
    assert matter.lines["map"] == 9
    assert matter.problems == ()


@pytest.mark.parametrize(
    ("text", "body", "body_line", "line"),
    [
        ("---\ntitle: x\n---\nBody\n\nEnd", "Body\n\nEnd", 4, 2),
        ("\ufeff---\r\ntitle: x\r\n---\r\n\r\nBody", "\nBody", 4, 2),
        ("\n\n \n---  \ntitle: x\n---\t\nBody", "Body", 7, 5),
        ("---\rtitle: x\r---\rBody", "Body", 4, 2),
        ("---\n# a comment\ntitle: x\n...\nBody", "Body", 5, 3),
        ("---\ntitle: x\n---\n    code first", "    code first", 4, 2),
        ("---\ntitle: x\n---", "", 3, 2),
        ("---\n{title: x}\n---\nBody", "Body", 4, 2),
        ("+++\n\ntitle = 'x'\n+++\nBody", "Body", 5, 3),
        ('{\n  "title": "x"\n}\n\nBody', "\nBody", 4, 2),
        ('{"title": "x"} Body', " Body", 1, 1),
    ],
)
def test_the_body_begins_where_the_front_matter_ends(text: str, body: str, body_line: int, line: int) -> None:
    matter = split_front_matter(text)

    assert matter == Matter(values={"title": "x"}, lines={"title": line}, body=body, body_line=body_line)


def test_empty_front_matter_has_no_values() -> None:
    for text in ("---\n---\nBody", "---\n\n---\nBody", "+++\n+++\nBody", "{}\nBody"):
        matter = split_front_matter(text)
        assert (matter.values, matter.body, matter.problems) == ({}, "Body", ())


def test_toml_keeps_its_types() -> None:
    matter = split_front_matter(
        '+++\ndate = 2025-07-03\nat = 2025-07-03T10:00:00Z\ntags = ["a", 1, true]\n[cover]\nimage = "x.png"\n+++\n'
    )

    assert matter.values == {
        "date": date(2025, 7, 3),
        "at": datetime(2025, 7, 3, 10, tzinfo=UTC),
        "tags": ["a", 1, True],
        "cover": {"image": "x.png"},
    }
    assert matter.lines == {"date": 2, "at": 3, "tags": 4, "image": 6}


def test_aliases_and_merge_keys_work() -> None:
    matter = split_front_matter(
        "---\nbase: &b {x: 1, y: 2}\nmine:\n  <<: *b\n  x: 3\nsame: *b\nall: &s a\nlast: *s\n---\n"
    )

    assert matter.values["mine"] == {"x": "3", "y": "2"}
    assert matter.values["same"] == matter.values["base"]
    assert matter.values["last"] == "a"


def test_several_merged_maps_and_what_is_no_map() -> None:
    matter = split_front_matter("---\na: &a {x: 1}\nb: &b {x: 2, y: 3}\nc: {<<: [*a, *b, z]}\n---\n")

    assert matter.values["c"] == {"x": "1", "y": "3"}


def test_a_key_that_stands_twice_is_told_with_its_line() -> None:
    assert warnings(split_front_matter("---\ntitle: a\ndate: x\ntitle: b\n---\n", path="p.md")) == [
        "p.md:4: front matter: the key `title` stands twice, the last one counts (delete one)"
    ]


def test_a_tag_of_ones_own_is_text() -> None:
    assert split_front_matter("---\na: !important read this\nb: !!str 12\nc: !bang\n---\n").values == {
        "a": "!important read this",
        "b": "12",
        "c": "!bang",
    }


def test_control_characters_are_left_out() -> None:
    assert split_front_matter("---\ntitle: a\x08b\x7f\ufeffc\n---\n").values == {"title": "abc"}


SLIPS: list[tuple[str, dict[str, Any], list[int]]] = [
    ("title: A: B\ndate: x", {"title": "A: B", "date": "x"}, [2]),
    ('title: "他说"好"了"', {"title": '他说"好"了'}, [2]),
    ('title: "A" and "B"', {"title": '"A" and "B"'}, [2]),
    ('title: "A" "B"', {"title": '"A" "B"'}, [2]),
    ('title: "A"/"B"', {"title": '"A"/"B"'}, [2]),
    ('title: "A": b', {"title": '"A": b'}, [2]),
    ('title: "苹果"和"香蕉"', {"title": '"苹果"和"香蕉"'}, [2]),
    ('title: "He said "no" to me"', {"title": 'He said "no" to me'}, [2]),
    ('title: "Learn "Go""', {"title": 'Learn "Go"'}, [2]),
    ('title: "27" screen"', {"title": '27" screen'}, [2]),
    ("title: 'A' & 'B'", {"title": "'A' & 'B'"}, [2]),
    ("title: 'dogs' tails'", {"title": "dogs' tails"}, [2]),
    ("title: 'tis the season", {"title": "'tis the season"}, [2]),
    ("title: `x` y", {"title": "`x` y"}, [2]),
    ("title: %x", {"title": "%x"}, [2]),
    ("title: 'it's'", {"title": "it's"}, [2]),
    ("title: [早报] 天气", {"title": "[早报] 天气"}, [2]),
    ("title: @name: `x`", {"title": "@name: `x`"}, [2]),
    ("title: **bold**", {"title": "**bold**"}, [2]),
    ("title: *nowhere", {"title": "*nowhere"}, [2]),
    ("title: 50%: half", {"title": "50%: half"}, [2]),
    ('summary: "never closed\ntitle: y', {"summary": "never closed", "title": "y"}, [2]),
    ("tags: [a, b\ntitle: x", {"tags": ["a", "b"], "title": "x"}, [2]),
    ("tags:\n\t- a\n\t- b", {"tags": ["a", "b"]}, [3, 4]),
    ("tags:\n  - a: b: c\n  - [x] y\n  - z", {"tags": [{"a": "b: c"}, "[x] y", "z"]}, [3, 4]),
    ("title：全角\ndate：2025", {"title": "全角", "date": "2025"}, [2, 3]),
    ("title:tight\nurl: http://a/b", {"title": "tight", "url": "http://a/b"}, [2]),
    ("title: ok\na: [x,\n  y]\nb: p: q", {"title": "ok", "a": ["x", "y"], "b": "p: q"}, [5]),
]


@pytest.mark.parametrize(("front", "values", "lines"), SLIPS, ids=[slip[0][:25] for slip in SLIPS])
def test_a_slip_in_one_line_is_mended_and_told(front: str, values: dict[str, Any], lines: list[int]) -> None:
    matter = split_front_matter(f"---\n{front}\n---\nBody")

    assert matter.values == values
    assert matter.body == "Body"
    assert [problem.line for problem in matter.problems] == lines
    assert all("taken as" in warning for warning in warnings(matter))


LISTS: list[tuple[str, object]] = [
    ("tags: [@angular, react]", ["@angular", "react"]),
    ("tags: [`a`, %b, &c, *d, !e, |, >f]", ["`a`", "%b", "&c", "*d", "!e", "|", ">f"]),
    ("tags: [C #, F#, #tag]", ["C #", "F#", "#tag"]),
    ("tags: [@a, b: c]", ["@a", "b: c"]),
    ("tags: [@a, b # a remark", ["@a", "b"]),
    ("tags: [@a, react] # a remark", ["@a", "react"]),
    ("tags: [@a, b", ["@a", "b"]),
    ("tags: [@a, [b, c]", ["@a", ["b", "c"]]),
    ("tags: [@a]]", ["@a"]),
    ("tags: [a,, b]", ["a", "b"]),
    ("tags: [@a, b,]", ["@a", "b"]),
    ("tags: [@a，b]", ["@a", "b"]),
    ('tags: ["a" b, "c"]', ['"a" b', "c"]),
    ('tags: ["a", "b]', ["a", "b"]),
    ("tags: ['it's', b]", ["it's", "b"]),
    ('tags: ["a" "b", @c]', ["a", "b", "@c"]),
    ('tags: ["a, b", @c]', ["a, b", "@c"]),
    ("tags: {@a, b}", ["@a", "b"]),
    ("tags: {image: @x, alt: a: b}", {"image": "@x", "alt": "a: b"}),
    ("tags: [- a, b]", ["a", "b"]),
    ("tags：[@a, b]", ["@a", "b"]),
    ("tags:[@a, b]", ["@a", "b"]),
    ("tags: [@a,\n  b,\n]", ["@a", "b"]),
    ("tags:\n  [@a, b]", ["@a", "b"]),
    ("tags:\n  - @a\n  - `b`", ["@a", "`b`"]),
    ("tags:\n  - #a\n  - b", ["#a", "b"]),
    ("tags: [&co, b]", ["&co", "b"]),
    ("tags: [人工智能，大模型, c]", ["人工智能", "大模型", "c"]),
    ("tags: [人工智能、大模型]", ["人工智能", "大模型"]),
]


@pytest.mark.parametrize(("front", "tags"), LISTS, ids=[pair[0] for pair in LISTS])
def test_a_list_is_read_as_it_was_meant_and_told(front: str, tags: object) -> None:
    matter = split_front_matter(f"---\ntitle: x\n{front}\ndate: y\n---\nBody", path="p.md")

    assert matter.values == {"title": "x", "tags": tags, "date": "y"}
    assert warnings(matter)
    assert all(warning.startswith(("p.md:3: ", "p.md:4: ", "p.md:5: ")) for warning in warnings(matter))


def test_what_chinese_means_as_one_word_stays_one() -> None:
    matter = split_front_matter('---\ntags: [投融资（Funding，M&A）, "a，b", 政治、经济]\n---\n')

    assert matter.values == {"tags": ["投融资（Funding，M&A）", "a，b", "政治、经济"]}
    assert matter.problems == ()


@pytest.mark.parametrize("title", ['"A" and "B', '"A" and B"', '"a \\"b\\" "c"'])
def test_half_a_quote_is_never_published(title: str) -> None:
    assert "p.md:2: front matter: not readable as YAML" in error(
        split_front_matter(f"---\ntitle: {title}\n---\nBody", path="p.md")
    )


def test_a_key_indented_below_a_value_stands_beside_it() -> None:
    for indent in ("\t", "  "):
        matter = split_front_matter(f"---\ntitle: A\n{indent}tags: [x]\n---\nBody")
        assert matter.values == {"title": "A", "tags": ["x"]}
        assert len(warnings(matter)) == 1


def test_a_title_that_yaml_takes_for_a_comment_is_read() -> None:
    matter = split_front_matter("---\ntitle: #1 tip\nimage: #none\n---\nBody", path="p.md")

    assert matter.values == {"title": "#1 tip", "image": None}
    assert warnings(matter) == [
        "p.md:2: front matter: taken as `#1 tip`, which YAML reads otherwise (use quotes)",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\ntitle: x\n<<<<<<< HEAD\nfoo: y\n---\n", "p.md:4: front matter: not readable as YAML: could not find"),
        ("---\n- title: x\nkey: y\n---\n", "p.md:2: front matter: not readable as YAML: it is not a list"),
        (
            "---\ntitle: x\n? [a]\n: b\n---\n",
            "p.md:3: front matter: not readable as YAML: a key is not a word (write each",
        ),
        ("---\n'title: x\nkey: y\n---\n", "p.md:"),
        ("---\nsome text\nkey: [\n---\n", "p.md:"),
        ("+++\ntitle = x\n+++\n", "p.md:2: front matter: not readable as TOML: Invalid value (mend the line)"),
        ("+++\ntitle = 'x'\n", "p.md:1: front matter: no line `+++` closes it (add one after its last key)"),
        ('{"title": "x",\n "a": [}', "p.md:2: front matter: not readable as JSON: Expecting value (mend the line)"),
        ('{"title": "x"', "p.md:1: front matter: not readable as JSON: "),
    ],
)
def test_what_cannot_be_read_is_one_error(text: str, message: str) -> None:
    assert error(split_front_matter(text, path="p.md")).startswith(message)


def test_two_documents_are_not_one_front_matter() -> None:
    assert "a second YAML document begins (keep one)" in error(split_front_matter("---\na: b\n--- # x\nc: d\n---\n"))


@pytest.mark.parametrize(
    ("text", "body", "body_line"),
    [
        ("---\ntitle: x\ntags:\n  - a\n\nBody: all of it.", "Body: all of it.", 6),
        ("---\ntitle: x\ntags: [a]\n\n正文。\n\n---\n\n## 引用", "正文。\n\n---\n\n## 引用", 5),
        ("---\ntitle: x", "", 2),
    ],
)
def test_without_its_closing_line_front_matter_ends_at_a_blank_one(text: str, body: str, body_line: int) -> None:
    matter = split_front_matter(text, path="p.md")

    assert matter.values["title"] == "x"
    assert (matter.body, matter.body_line) == (body, body_line)
    assert warnings(matter) == ["p.md:1: front matter: no line `---` closes it (add one after its last key)"]


def test_keys_after_a_blank_line_are_no_body() -> None:
    """Half of this front matter must not be taken for the text of the article."""
    assert "not readable as YAML" in error(split_front_matter("---\ntitle: x\n\n<<< date\ndraft: true\n---\nBody"))


def test_a_front_matter_without_end_is_told_as_such() -> None:
    assert f"longer than {MAX_CHARS:,} characters" in error(split_front_matter(f"---\ntitle: {'x' * MAX_CHARS}\n---\n"))


def test_problems_are_told_up_to_a_limit() -> None:
    assert len(split_front_matter("---\n" + "title: x\n" * 100 + "---\n").problems) == 20


def test_a_long_front_matter_with_a_slip_is_for_its_author() -> None:
    front = "".join(f"k{n}: v\n" for n in range(600))

    assert "not readable as YAML" in error(split_front_matter(f"---\n{front}title: a: b\n---\n"))


HOSTILE: dict[str, Callable[[], str]] = {
    "dotted TOML key": lambda: "+++\n" + "a." * 60_000 + "b = 1\n+++",
    "deep TOML": lambda: "+++\na = " + "[" * 60_000 + "\n+++",
    "deep JSON": lambda: '{"a":' + "[" * 1_000_000,
    "deep YAML flow": lambda: "---\na: " + "[" * 1_000_000 + "\n---",
    "deep YAML block": lambda: "---\na:\n " + "- " * 60_000 + "\n---",
    "brackets in brackets": lambda: "---\na: [@, " + "[a], [b] c, [[" * 9_000 + "\n---",
    "members in half quotes": lambda: "---\na: [@" + ", \"a, 'b" * 12_000 + "]\n---",
    "lists over many lines": lambda: "---\n" + "a: [@\n" * 490 + "---",
    "many YAML values": lambda: "---\na: [" + "a," * 60_000 + "]\n---",
    "YAML quotes": lambda: "---\na: " + "'" * 120_000 + "\n---",
    "dashes": lambda: "-" * 3_000_000,
    "words without end": lambda: "---\n" + "a" * 3_000_000,
    "unclosed keys": lambda: "---\n" + "a: b\n" * 200_000,
    "blank lines": lambda: "---\na: b\n" + " \n" * 300_000,
    "braces": lambda: "{" + " " * 3_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_bounded_in_time(name: str) -> None:
    text = HOSTILE[name]()
    start = time.process_time()

    split_front_matter(text)

    assert time.process_time() - start < 2


@given(
    st.text(alphabet="-+{}[]:'\"&*!|>#%@`~, \n\tab\u2028论：.\ufeff", max_size=60),
    st.sampled_from(["", "---\n", "---\na: b\n", "+++\n", '{"']),
)
def test_any_text_is_taken_apart(text: str, head: str) -> None:
    matter = split_front_matter(head + text)

    assert matter.body_line >= 1
    assert matter.body.strip() in head + text
    assert set(matter.lines.values()) <= set(range(1, (head + text).count("\n") + (head + text).count("\u2028") + 3))
