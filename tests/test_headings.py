"""Titles found in the text."""

from __future__ import annotations

import time

import pytest

from feeds.content.headings import plain, title_in


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("# One\n\n## Two", "One"),
        ("Text.\n\n## Two\n\n# One #", "One"),
        ("Text.\n\n## 背景\n\n### 细节", "背景"),
        ("Title\n=====\n\nText.", "Title"),
        ("Text.\n\n## 引用\n\n## References", "Text"),
        ("```\n# comment\n```\nText", "Text"),
        ("~~~~\n# a\n~~~\n# b\n~~~~\n# Real", "Real"),
        ("#tag is no heading", "#tag is no heading"),
        ("# **Bold** and [link](https://x.example) `code`[^1]", "Bold and link code"),
        ("> - 第一句话。第二句话。", "第一句话"),
        ("\n\n<p>Markup</p>\n", "Markup"),
        ("短：\n下一行", "短"),
        ("# \n\nText", "#"),
        ("", ""),
        ("\n \n", ""),
    ],
)
def test_the_first_heading_or_line_is_the_title(body: str, title: str) -> None:
    assert title_in(body) == title


def test_a_first_line_that_is_a_paragraph_is_shortened_at_a_comma() -> None:
    title = title_in("这是一段很长的开头" * 4 + "，" + "后面还有很多很多的字" * 10)

    assert title == "这是一段很长的开头" * 4 + "…"


def test_a_first_line_without_any_break_is_cut() -> None:
    assert title_in("字" * 500) == "字" * 60 + "…"


def test_plain_text_is_left_as_it_is() -> None:
    assert plain("a_b * c 2*3 [x] <3 f(x)") == "a_b * c 2*3 [x] <3 f(x)"


@pytest.mark.parametrize("piece", ["[", "*", "**a", "<a", "`", "[](", "> ", "_"])
def test_hostile_lines_are_bounded_in_time(piece: str) -> None:
    start = time.process_time()

    title_in(piece * 300_000)
    plain(piece * 40_000)

    assert time.process_time() - start < 1
