"""The pairs in ``data/citations`` show one form each; dropping in a pair is a test."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.content.citations import Extraction, extract_citations
from feeds.model import Citation

PAIRS = sorted(Path(__file__).parent.glob("data/citations/*.md"))

#: Pieces of which broken citations are made, one a line; ⏎ is a line break.
PIECES_TEXT = """
[^1]:
[^1]: ⏎
[^1
[^2, ^3]
[1]
[a](
](
[
(
（
)
）
https://
https://a.example/x(
<a href=x>
</a>
<a
<!--
<pre>
```⏎
``
`
~~~⏎
检索日期
Retrieved
2025/
(2025/1/1)
(n.d.)
标题
36氪
 ·
·
。
A.
"
“
\\
&amp
**链接**:
**来源**:
**来源**: [甲](https://a.example/1)⏎
 | **链接**:
https://a.example/1,
，
｜
*
-
    x⏎
⏎
⏎⏎
"""
PIECES = [piece.replace("⏎", "\n") for piece in PIECES_TEXT.splitlines() if piece]


def fields(citation: Citation, names: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(citation, name) for name in names}


def normal(value: object) -> object:
    """Tuples as JSON has them."""
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_a_pair_is_read_as_its_json_says(path: Path) -> None:
    wanted = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    found = extract_citations(path.read_text(encoding="utf-8"))
    assert [
        fields(citation, like) for citation, like in zip(found.citations, wanted["citations"], strict=True)
    ] == wanted["citations"]
    assert normal(found.definition_lines) == wanted["definition_lines"]
    assert normal(found.dangling) == wanted["dangling"]
    assert normal(found.repeated) == wanted["repeated"]


def test_every_pair_is_complete() -> None:
    jsons = {path.stem for path in PAIRS[0].parent.glob("*.json")}
    assert jsons == {path.stem for path in PAIRS}


def test_a_text_without_markers_has_no_citations() -> None:
    assert extract_citations("没有出处，也没有 [链接](https://a.example/1)。") == Extraction()


def test_lines_are_those_of_the_file() -> None:
    found = extract_citations("正文[^9]。\n\n[^1]: 甲·乙报", first_line=12)
    assert [citation.line for citation in found.citations] == [14]
    assert found.dangling == (("9", 12),)
    assert found.definition_lines == ((2, 3),)


def test_windows_newlines_change_nothing() -> None:
    text = "正文[^1]。\n\n[^1]: [甲](https://a.example/1)·乙报·（2025/1/1）·检索日期2025/1/2\n<https://b.example/2>\n"
    assert extract_citations(text.replace("\n", "\r\n")) == extract_citations(text)


def test_the_raw_text_is_kept_without_its_label() -> None:
    (citation,) = extract_citations("[^1]: 甲报上的一篇文章\n    第二行 https://a.example/1\n").citations
    assert citation.raw == "甲报上的一篇文章\n    第二行 https://a.example/1"


def test_the_key_is_the_canonical_url() -> None:
    (citation,) = extract_citations("[^1]: [甲](https://www.a.example/1?utm_source=b#c)·乙报").citations
    assert citation.url == "https://www.a.example/1?utm_source=b#c"
    assert citation.key is not None
    assert "utm_source" not in citation.key


def test_labels_differing_in_case_are_one() -> None:
    found = extract_citations("见[^rss feed]。\n\n[^RSS  Feed]: 甲·乙报")
    assert found.citations[0].referenced
    assert found.dangling == ()


def test_a_number_defined_as_a_link_is_no_marker() -> None:
    found = extract_citations("见[1]。\n\n[1]: https://a.example/1\n\n[^1]: 甲·乙报")
    assert not found.citations[0].referenced


def test_a_reference_inside_a_definition_does_not_cite() -> None:
    found = extract_citations("正文。\n\n[^1]: 甲·乙报\n\n[^2]: 同[^1]")
    assert [citation.referenced for citation in found.citations] == [False, False]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_text_can_be_read(text: str) -> None:
    found = extract_citations(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end_before = 0
    for start, end in found.definition_lines:
        assert end_before <= start < end <= len(lines)
        end_before = end
    assert all(citation.url is None or citation.url.startswith("http") for citation in found.citations)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from(PAIRS), min_size=1, max_size=4, unique=True))
def test_definitions_do_not_depend_on_the_text_around_them(paths: list[Path]) -> None:
    texts = [path.read_text(encoding="utf-8") for path in paths]
    apart = [len(extract_citations(text).definition_lines) for text in texts]
    together = extract_citations("\n\n---\n\n".join(texts))
    assert len(together.definition_lines) == sum(apart)


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("prefix", ["", "[^1]: ", "[^1]: [a](https://a.example/"])
def test_hostile_text_takes_no_longer_than_its_length(piece: str, prefix: str) -> None:
    """Twice the text may take twice the time, not four times: 64 KB stay under a generous limit."""
    text = prefix + piece * (65_536 // len(piece))
    start = time.process_time()
    extract_citations(text)
    assert time.process_time() - start < 2


def test_real_articles_are_read_as_a_human_read_them(shared: Path) -> None:
    """The goals of the benchmark hold on the articles that a human has read."""
    truth_file = shared / "data" / "dev" / "citations.jsonl"
    truth = [json.loads(line) for line in truth_file.read_text(encoding="utf-8").splitlines()]
    right = wanted = 0
    for article in truth:
        path = shared / "data" / "corpus" / article["path"]
        if path.is_file():
            urls = {citation.url for citation in extract_citations(path.read_text(encoding="utf-8")).citations}
            expected = {citation["url"] for citation in article["citations"]}
            right += len(urls & expected)
            wanted += len(expected)
    assert wanted > 0
    assert right / wanted >= 0.98


@pytest.mark.parametrize(
    "definition",
    [
        "See:\n\n    ```sh\n    curl https://code.example/\n    ```\n\n    After, [题目](https://a.example/x).",
        "两点：\n    - 一\n    - [题目](https://a.example/x)",
        "一段。\n\n\n    又一段 [题目](https://a.example/x)",
        "\n    > 引 [题目](https://a.example/x)",
        "表：\n\n    | 甲 |\n    |---|\n    | [题目](https://a.example/x) |",
        "\n\n\t~~~\n\tx\n\t~~~\n\n\t[题目](https://a.example/x)",
    ],
)
def test_a_definition_with_blocks_is_read_whole(definition: str) -> None:
    found = extract_citations(f"字[^1]。\n\n[^1]: {definition}\n\n后面的正文。\n")
    (citation,) = found.citations
    assert citation.url == "https://a.example/x"
    ((start, end),) = found.definition_lines
    assert (start, end) == (2, 2 + definition.count("\n") + 1)
