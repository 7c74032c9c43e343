"""Titles found in the text and in the names of files."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.headings import find_title, first_line, leading_heading, plain, title_in_name


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("# One\n\n## Two", "One"),
        ("Title\n=====\n\nText.", "Title"),
        ("# **Bold** and [link](https://x.example) `code`[^1]", "Bold and link code"),
        ("# One #", "One"),
        ("# One {#one .wide}", "One"),
        ("# One # {: .wide }", "One"),
        ("# Sets like {a, b}", "Sets like {a, b}"),
        ('<h1 align="center">Project</h1>\n\nText.', "Project"),
        ("Text.\n\n# Late", ""),
        ("Text.\n\nLate\n====", ""),
        ("## Part\n\nText.", ""),
        ("## Part\n\n# Late", ""),
        ("### Highlights", ""),
        ("Sub\n---\n\n# Late", ""),
        ("# \n\nText", ""),
        ("# References\n\nText", ""),
        ("# {{ page.title }}", ""),
        ("# <br>", ""),
        ("# ![](a.png)", ""),
        ("#tag is no heading", ""),
        ("```\ncode\n```\n# Late", ""),
        ("~~~~\n# a\n~~~\n# b\n~~~~\n# Late", ""),
        ("    # code\n\n# Late", ""),
        ("| a |\n|---|\n| b |\n\n# Late", ""),
        ("", ""),
    ],
)
def test_a_heading_of_the_first_level_that_begins_the_text_is_its_title(body: str, title: str) -> None:
    assert leading_heading(body) == title


@pytest.mark.parametrize(
    "before",
    [
        "\n \n", "<!-- toc -->", "<!--\n# one\n-->", "[TOC]", "[[_TOC_]]", "* TOC\n{:toc}", "{{< toc >}}", "{% toc %}",
        "import Card from './card'", "export const meta = {}", "![banner](a.png)", "[![b](c)](d) [![e](f)](g)", "---",
        "<p align='center'>\n  <img src='x'>\n</p>", "<script>\nlet x\n</script>", "<Card\n  of='x'\n/>", "%% draft %%",
        "<!-- a --><!-- b -->", "#note #idea", ":::info", "![[banner.png]]",
    ],
)  # fmt: skip
def test_what_is_no_text_may_stand_before_it(before: str) -> None:
    assert leading_heading(f"{before}\n\n# One\n\nText.") == "One"
    assert first_line(f"{before}\n\nReal first line.") == "Real first line."


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("#tag is no heading", "#tag is no heading"),
        ("> - 第一句话。第二句话。", "第一句话"),
        ("Really? Yes.", "Really?"),
        ("Real first line.", "Real first line."),
        ("\n\n<p>Markup</p>\n", "Markup"),
        ("短：\n下一行", "短"),
        ("# One\n\n## Part\n\nText.", "Text."),
        ("One\n===\n\nText.", "Text."),
        ("- [ ] buy milk", "buy milk"),
        ("Hello {{ name }} there", "Hello there"),
        ("| a |\n|---|\n| b |\n\nText.", "Text."),
        ("a | b\n--|--\n1 | 2\n\nText.", "Text."),
        ("```\ncode\n```\nText.", "Text."),
        ("    code\n\nText.", "Text."),
        ("$$\nx = 1\n$$\nText.", "Text."),
        ("[^1]: a note\n[x]: https://x.example\nText.", "Text."),
        ("<svg>\n<text>no</text>\n</svg>\nText.", "Text."),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("## Part", ""),
        ("![](a.png)\n\n***\n\n<br>", ""),
        ("", ""),
    ],
)
def test_the_first_line_is_the_first_that_is_text(body: str, line: str) -> None:
    assert first_line(body) == line


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("2024-01-01-my-post", "my post"),
        ("hello_world", "hello world"),
        ("Foo - Bar", "Foo - Bar"),
        ("C++ tips", "C++ tips"),
        ("202401011200 Some thought", "Some thought"),
        ("2024年1月1日 早报", "早报"),
        ("清华大学", "清华大学"),
        ("人工智能-20250701202025079-22", "人工智能"),
        ("01-intro", "intro"),
        ("1. Intro", "Intro"),
        ("top-10-tools", "top 10 tools"),
        ("2024-in-review", "2024 in review"),
        ("my-post-9f86d081", "my post"),
        ("about.zh-cn", "about"),
        ("2024-01-01-a", ""),
        ("2025-06-08-article-414", ""),
        ("note-20250709164004972-1", ""),
        ("9f86d081884c7d65", ""),
        ("1b4e28ba-2fa1-11d2-883f-0016d3cca427", ""),
        ("555", ""),
        ("index", ""),
        ("README", ""),
        ("未命名 2", ""),
        ("x", ""),
        ("", ""),
    ],
)
def test_a_name_tells_something_or_nothing(name: str, title: str) -> None:
    assert title_in_name(name) == title


@pytest.mark.parametrize(
    ("body", "name", "found"),
    [
        ("# One\n\nText.", "2024-01-01-my-post", ("One", "its text")),
        ("Text.\n\n## Highlights", "2024-01-01-my-post", ("my post", "the file name")),
        ("## Part\n\nText.", "小店开张", ("小店开张", "the file name")),
        ("<!-- toc -->\n\nReal first line.\n", "2024-01-01-a", ("Real first line.", "its text")),
        ("## Part\n", "2024-01-01-1", ("2024-01-01-1", "the file name")),
        ("关于量子计算\n\n## 亮点", "quantum-computing", ("关于量子计算", "its text")),
        ("О книге\n\nТекст.", "about-the-book", ("О книге", "its text")),
        ("Über Bücher.", "about-books", ("about books", "the file name")),
        ("## 亮点\n", "quantum-computing", ("quantum computing", "the file name")),
        ("", "", ("…", "the file name")),
    ],
)
def test_the_heading_comes_before_the_name_and_the_name_before_the_text(
    body: str, name: str, found: tuple[str, str]
) -> None:
    assert find_title(body, name) == found


def test_a_first_line_that_is_a_paragraph_is_shortened_at_a_comma() -> None:
    title = first_line("这是一段很长的开头" * 4 + "，" + "后面还有很多很多的字" * 10)

    assert title == "这是一段很长的开头" * 4 + "…"


def test_a_first_line_without_any_break_is_cut() -> None:
    assert first_line("字" * 500) == "字" * 60 + "…"


def test_plain_text_is_left_as_it_is() -> None:
    assert plain("a_b * c 2*3 [x] <3 f(x)") == "a_b * c 2*3 [x] <3 f(x)"


@given(st.text(alphabet="#=-`~<>!{}%|[]()*_ \n\ta中.:/$"), st.text(max_size=20))
def test_no_markup_is_ever_a_title(body: str, name: str) -> None:
    title, source = find_title(body, name)

    assert title
    assert source == "the file name" or not any(mark in title for mark in ("{{", "{%", "<a", "<!", "</a", "---"))


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "*",
        "**a",
        "<a",
        "`",
        "[](",
        "> ",
        "_",
        "![",
        "{{",
        "{%",
        "%%",
        "<!--",
        "- ",
        "|-",
        "#a",
        "![](",
        "a-1",
        "<!---->",
    ],
)
def test_hostile_lines_are_bounded_in_time(piece: str) -> None:
    start = time.process_time()

    find_title(piece * 300_000, piece * 80)
    find_title(f"{piece * 1_000}\n" * 200, "x")
    plain(piece * 40_000)

    assert time.process_time() - start < 1
