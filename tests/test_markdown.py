from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.content.citations import extract_citations
from feeds.content.engine import TABLES, comrak_engine, markdown_it_engine
from feeds.content.markdown import Rendered, plain_text, render_inline, render_markdown, summarise
from feeds.content.rules import PageFacts, RenderRules

PAGE = "https://example.com/insights/x/"
FOLDER = Path(__file__).parent / "data" / "markdown"
#: Those in a folder are of a generator of that name.
PAIRS = sorted(FOLDER.rglob("*.md"))
#: What references lead to in all pairs.
KNOWN = {
    "b.md": "https://example.com/insights/b/",
    "2024-01-01-b": "https://example.com/insights/b/",
    "_posts/2024-01-01-b.md": "https://example.com/insights/b/",
    "@/blog/b.md": "https://example.com/insights/b/",
    "b": "https://example.com/insights/b/",
    "b\ttitle": "乙篇",
    "乙 篇": "https://example.com/insights/b/",
}


def rendered(body: str, *, page_url: str = PAGE, rules: RenderRules | None = None) -> Rendered:
    """The way reader.py does it."""
    found = extract_citations(body)
    labels = list(dict.fromkeys(citation.label for citation in found.citations if citation.label is not None))
    page = PageFacts(page_url, "https://example.com/", rules or RenderRules(), KNOWN)
    return render_markdown(body, page, definition_lines=found.definition_lines, labels=labels)


def body_html(body: str) -> str:
    return rendered(body).html


def is_strict(html: str) -> bool:
    """The parser of the W3C validator finds no fault."""
    html5lib.HTMLParser(strict=True).parseFragment(html)
    return True


def addresses(html: str) -> Iterator[str]:
    tags = " ".join(re.findall(r"<[^>]*>", html))
    for name, value in re.findall(r'\s(href|src|cite|poster|srcset)="([^"]*)"', tags):
        yield from value.split(", ") if name == "srcset" else [value]


@pytest.mark.parametrize("source", PAIRS, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_pair_of_markdown_and_html_agrees(source: Path) -> None:
    """Drop NAME.md and NAME.html into tests/data/markdown; FEEDS_GOLDEN=1 writes the second."""
    dialect = source.parent.name if source.parent != FOLDER else ""
    made = rendered(source.read_text(encoding="utf-8"), rules=RenderRules(dialect=dialect))
    notes = "".join(f"<!-- {note.label} -->{note.html}\n" for note in made.notes)
    problems = "".join(f"<!-- line {line}: {sentence} -->\n" for line, sentence in made.problems)
    result = f"{made.html}\n{notes}{problems}"
    golden = source.with_suffix(".html")
    if os.environ.get("FEEDS_GOLDEN"):
        golden.write_text(result, encoding="utf-8")
    assert result == golden.read_text(encoding="utf-8")
    assert is_strict(result)
    assert all(re.match(r"(?:https?://|mailto:|[a-z]+:\S)", address) for address in addresses(result))


@pytest.mark.parametrize(
    ("marker", "html"),
    [
        ("[^1]", '<sup><a href="https://example.com/insights/x/#fn:1">[1]</a></sup>'),
        ("[^ghost]", "<sup>[ghost]</sup>"),
        ("`[^1]`", "<code>[^1]</code>"),
        (r"\[^1]", "[^1]"),
        (r"\[1]", "[1]"),
        ("[4]", "[4]"),
        ("[1](https://a.example/)", '<a href="https://a.example/">1</a>'),
    ],
)
def test_a_marker_becomes_a_link_to_the_anchor_on_the_page(marker: str, html: str) -> None:
    assert body_html(f"字{marker}\n\n[^1]: 甲\n") == f"<p>字{html}</p>"


def test_an_anchor_is_numbered_by_the_first_plain_marker_as_goldmark_does() -> None:
    """Hugo renders ``[^b]`` before ``[^a]`` as #fn:1 and #fn:2, whatever the labels and the order of definitions."""
    html = body_html("字[^b]，词[^a]，句[^b]\n\n[^a]: 甲\n[^b]: 乙\n")
    assert re.findall(r'#fn:([^"]+)">\[(\w+)\]', html) == [("1", "b"), ("2", "a"), ("1", "b")]


def test_a_combined_marker_gives_one_link_each_with_the_anchors_of_plain_markers() -> None:
    html = body_html("字[^a, ^2]，又见[^2]\n\n[^a]: 甲\n[^2]: 乙\n")
    assert re.findall(r'href="[^"]*/x/([^"]*)">\[(\w+)\]', html) == [("", "a"), ("#fn:1", "2"), ("#fn:1", "2")]


def test_a_marker_in_code_counts_for_no_anchor() -> None:
    html = body_html("`[^b]` 字[^a]\n\n[^a]: 甲\n[^b]: 乙\n")
    assert re.findall(r'#fn:([^"]+)">\[(\w+)\]', html) == [("1", "a")]


def test_a_label_that_is_no_digit_is_escaped() -> None:
    assert '#fn:1">[注&lt;]</a>' in body_html("字[^注<]\n\n[^注<]: 甲\n")


def test_every_definition_is_a_note_referenced_or_not_in_the_order_of_the_text() -> None:
    made = rendered("正文[^2]。\n\n[^2]: 二\n[^1]: 一 **粗**\n")
    assert [(note.label, note.html) for note in made.notes] == [("2", "二"), ("1", "一 <strong>粗</strong>")]
    assert "二" not in made.html


@pytest.mark.parametrize(
    ("definition", "url"),
    [
        ("题·https://a.example/x·社", "https://a.example/x"),
        ("题（https://a.example/x）", "https://a.example/x"),
        ("[题]问？](https://a.example/x)", "https://a.example/x"),
        ("题 <https://a.example/x>", "https://a.example/x"),
        ("题。https://a.example/x(1)。", "https://a.example/x(1)"),
        ("题 www.a.example/x。", "http://www.a.example/x"),
        ("题\n    *   [镜像](https://a.example/x)", "https://a.example/x"),
        ("[题](https://a.example/文)", "https://a.example/%E6%96%87"),
    ],
)
def test_an_address_in_a_definition_is_a_link(definition: str, url: str) -> None:
    (note,) = rendered(f"字[^1]\n\n[^1]: {definition}\n").notes
    assert f'href="{url}"' in note.html


@pytest.mark.parametrize(
    "heading", ["## 引用", "### References", "**参考资料：**", "引文\n---", "---", "## 结语", "引用："]
)
def test_a_heading_that_stands_over_nothing_but_definitions_goes_with_them(heading: str) -> None:
    assert body_html(f"正文\n\n{heading}\n\n[^1]: 甲\n") == "<p>正文</p>"


def test_a_heading_with_text_below_stays() -> None:
    html = body_html("## 结语\n\n[^1]: 甲\n\n最后一句。\n")
    assert html == "<h2>结语</h2>\n<p>最后一句。</p>"


def test_an_article_that_ends_with_a_heading_and_cites_nothing_keeps_it() -> None:
    assert body_html("# 题目\n") == "<h1>题目</h1>"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**粗体：**文字", "<strong>粗体：</strong>文字"),
        ("是**“引语”**的", "是<strong>“引语”</strong>的"),
        ("10~20万，30~40万", "10~20万，30~40万"),
        ("~~旧~~新 `a~b`", "<del>旧</del>新 <code>a~b</code>"),
        ("[x](/~me)", '<a href="https://example.com/~me">x</a>'),
        ("一\r\n二\r三", "一\n二\n三"),
        ("a\x00b\ufffec\x85d\ufdd0e", "abcde"),
        ("a\ud800b&#0;c&#x81;d&#xFDD0;", "abcd"),
    ],
)
def test_hard_cases_of_chinese_markdown(source: str, html: str) -> None:
    assert body_html(source) == f"<p>{html}</p>"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("甲 <math><mi>x</mi><mo>=</mo><mn>2</mn></math> 乙", "<p>甲 x=2 乙</p>"),
        (
            "<math><semantics><mi>y</mi> <mo>&lt;</mo> <mi>z</mi><annotation>y</annotation></semantics></math>",
            "<p>y &lt; z</p>",
        ),
        ("<p><MATH><mtext>where</mtext></MATH> <math>n</math></p>", "<p>where n</p>"),
        ("<math><mtext>open", "<p></p>"),
        ("<p><math><mtext><b>bold</b></mtext></math></p>", "<p><b>bold</b></p>"),
    ],
)
def test_mathml_leaves_its_text(source: str, html: str) -> None:
    assert body_html(source) == html


@pytest.mark.parametrize("mark", ["[TOC]", "[[TOC]]", "[[_TOC_]]", "[toc]"])
def test_the_mark_of_a_table_of_contents_goes(mark: str) -> None:
    assert body_html(f"{mark}\n\n甲\n\n乙 {mark}") == f"<p>甲</p>\n<p>乙 {mark.replace('_TOC_', '<em>TOC</em>')}</p>"


def test_a_removed_character_is_reported_with_its_line() -> None:
    assert rendered("一\n二\x07\n").problems == ((1, "a character that no feed may hold (U+0007) was removed"),)


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:alert(1))",
        "<a href='JaVaScRiPt:alert(1)'>x</a>",
        "<a href='java&#9;script:alert(1)'>x</a>",
        "<a href='vbscript:x'>x</a>",
        "![x](data:image/svg+xml,<svg/onload=alert(1)>)",
        "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
        "<p style='background:url(javascript:x)' onclick=alert(1)>x</p>",
        "<form action=/x><input formaction=javascript:x><button>b</button></form>",
        "<object data=x></object><embed src=x><link rel=x href=y><meta http-equiv=refresh><base href=//evil>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "{{< figure src='javascript:alert(1)' link=\"javascript:alert(1)\" >}}",
    ],
)
def test_nothing_that_runs_survives(source: str) -> None:
    for html in (body_html(source), render_inline(source, PAGE)):
        tags = " ".join(re.findall(r"<[^>]*>", html)).lower()
        assert not re.search(
            r"script|\son\w+=|style=|data:|<(?:svg|math|form|input|button|object|embed|link|meta|base)", tags
        )
        assert is_strict(html)


def test_an_unsafe_address_and_a_lost_element_are_reported_with_their_line() -> None:
    problems = rendered("一\n\n[x](javascript:a)\n\n<script>x</script>\n").problems
    assert problems == (
        (4, "<script> does not work in feed readers and was left out"),
        (2, "a javascript: address is not safe and was left out"),
    )


def test_tracking_goes_from_our_own_links_only() -> None:
    html = body_html("[我](/a/?utm_source=x&p=1) [他](https://other.example/?utm_source=x)")
    assert list(addresses(html)) == ["https://example.com/a/?p=1", "https://other.example/?utm_source=x"]


def test_an_anchor_leads_to_the_page() -> None:
    assert list(addresses(body_html("[节](#二)"))) == ["https://example.com/insights/x/#%E4%BA%8C"]


def test_the_text_has_neither_markers_nor_code_nor_markdown() -> None:
    text = rendered("## 题\n\n甲**乙**[^1][^9]。\n\n```\ncode\n```\n\n- a &amp; b\n- `c`\n\n[^1]: 丙\n").text
    assert text == "题 甲乙。 a & b c"


def test_an_inline_rendering_is_one_line_whatever_it_begins_with() -> None:
    for source in ("# 一", "- 一", "1. 一", "> 一", "    一", "| 一 |", "[一]: x", "```一"):
        assert not re.search(r"<(?:h1|ul|ol|blockquote|pre|p|table)", render_inline(source, PAGE))
        assert "一" in render_inline(source, PAGE)


def test_without_comrak_markdown_it_renders() -> None:
    """Windows has no wheel of comrak. Bold beside Chinese punctuation is the known limit."""
    engine = markdown_it_engine(frozenset({TABLES}))
    assert engine("**a** ~~b~~\n\n|a|\n|-|\n|b|\n").count("<td>b</td>") == 1
    assert engine("**粗**体") == "<p><strong>粗</strong>体</p>\n"
    assert "<table>" not in markdown_it_engine(frozenset())("|a|\n|-|\n|b|\n")


def test_where_comrak_cannot_be_imported_the_other_engine_is_taken() -> None:
    """In an interpreter of its own: engines are chosen once."""
    script = (
        "import sys; sys.modules['comrak'] = None\n"
        "from feeds.content.markdown import render_inline\n"
        "print(render_inline('**a** ~~b~~ https://a.example/', 'https://example.com/'))"
    )
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert made.stdout == '<strong>a</strong> <s>b</s> <a href="https://a.example/">https://a.example/</a>\n'


@pytest.mark.parametrize("extras", [frozenset(), frozenset({TABLES})])
def test_both_engines_agree_on_plain_commonmark(extras: frozenset[str]) -> None:
    source = "# 题\n\n段**粗**[x](https://a.example/)\n\n- 一\n- 二\n\n> 引\n\n```go\nx\n```\n"
    assert comrak_engine(extras)(source) == markdown_it_engine(extras)(source)


HOSTILE = {
    "brackets": "[" * 250_000,
    "parentheses": "(" * 250_000,
    "stars": "*a " * 75_000,
    "quotes": ">" * 250_000,
    "quotes with spaces": "> " * 125_000,
    "divs": "<div>" * 25_000,
    "divs in paragraphs": "<div>\n\n" * 25_000,
    "divs hidden by tables": "<div><table><tr><td></div></table>" * 7_000,
    "fonts": "".join(f"<font color={number}>" for number in range(15_000)),
    "bold paragraphs": "".join(f"<b id={number}>" for number in range(90)) + "<p>x" * 50_000,
    "wide table": "a|" * 12_500 + "\n" + "-|" * 12_500 + "\n" + "a|\n" * 1_000,
    "ampersands": "&" * 250_000,
    "closing brackets of an address": "http://a.example/" + ")" * 225_000,
    "addresses": "http://" * 35_000,
    "backslashes": "\\[" * 125_000,
    "spaces": " " * 250_000 + "x",
    "attributes": "<a " + 'href="x" ' * 27_500 + ">",
    "frames": "<iframe src=x" + " src=" * 50_000 + ">",
    "comments": "<!--" * 62_500,
    "headings": "# a {#" + "{#" * 125_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_quarter_of_a_megabyte_of_anything_ends(name: str) -> None:
    started = time.process_time()
    made = render_markdown(HOSTILE[name], PageFacts(PAGE), definition_lines=(), labels=("1",))
    assert time.process_time() - started < 10
    assert len(made.html) < 2500_000


def test_a_text_nested_beyond_reason_is_shown_as_it_stands() -> None:
    made = rendered("<div>" * 1_999 + "字")
    assert made.problems == (
        (None, "the text is nested too deeply, or all special characters, and is shown as it stands"),
    )
    assert made.html.endswith("&lt;div&gt;字</p>")


def test_a_text_beyond_a_million_characters_is_cut_between_paragraphs() -> None:
    made = rendered("段落。\n\n" * 210_000)
    assert made.html.endswith("<p>段落。</p>")
    assert len(made.text) < 1_000_000
    assert made.problems[0][1] == "the text after the first 999,998 characters was left out"


def test_a_table_too_wide_to_fill_is_shown_as_text() -> None:
    made = rendered("a|" * 1_000 + "\n" + "-|" * 1_000 + "\n" + "b|\n" * 1_000)
    assert made.problems == ((None, "a table is too wide or too long and is shown as text"),)


PIECES = (
    "字¦a¦ ¦    ¦\n¦\n\n¦\x00¦**¦_¦`¦```\n¦[¦](¦)¦(¦![¦\\¦- ¦> ¦# ¦|¦|-|\n¦[^1]¦[^1, ^2]¦https://a.example/b¦&amp;¦~¦~~¦“¦：¦<!--¦-->"
    "¦<b>¦</b>¦<div>¦</div>¦<a href=x>¦</a>¦<p>¦<table>¦<td>¦<br>¦<img src=a>¦<h2>¦<li>¦{{< youtube a >}}"
)
MARKDOWN = st.lists(st.sampled_from(PIECES.split("¦")), max_size=30).map("".join)


@given(MARKDOWN)
@settings(max_examples=400)
def test_whatever_is_written_the_html_is_strict_and_absolute(source: str) -> None:
    made = render_markdown(source, PageFacts(PAGE), definition_lines=(), labels=("1",))
    for html in (made.html, render_inline(source, PAGE)):
        assert is_strict(html)
        assert all(address.startswith(("http://", "https://")) for address in addresses(html))
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0\ufdd1\ufffd]", html)


@given(st.text(max_size=80))
def test_any_text_is_rendered(source: str) -> None:
    made = render_markdown(source, PageFacts(PAGE), definition_lines=(), labels=())
    made.html.encode("utf-8")
    assert is_strict(made.html)
    assert "\n" not in made.text


def test_real_articles_lose_no_note_no_link_and_no_marker(shared: Path) -> None:
    files = sorted((shared / "data" / "corpus" / "content").rglob("*.md"))
    assert len(files) > 300
    for file in files:
        body = file.read_text(encoding="utf-8").split("\n---", 1)[-1].partition("\n")[2]
        found = extract_citations(body)
        made = rendered(body)
        lines = body.split("\n")
        assert len(made.notes) == len(found.definition_lines), file
        for note, (start, end) in zip(made.notes, found.definition_lines, strict=True):
            assert is_strict(note.html), file
            assert "http" not in "".join(lines[start:end]) or '<a href="http' in note.html, file
        assert is_strict(made.html), file
        assert all(address.startswith("http") for address in addresses(made.html)), file
        assert "[^" not in re.sub(r"(?s)<(code|pre)>.*?</\1>", "", made.html), file
        for label in {citation.label for citation in found.citations if citation.label and citation.referenced}:
            assert f"[{label}]</a></sup>" in made.html, (file, label)
        assert not re.search(r"</h\d>\s*\Z", made.html), file


def test_the_face_of_the_room_is_complete() -> None:
    assert plain_text("<p>甲</p><p>乙</p>") == "甲 乙"
    assert summarise("甲乙丙丁", 3) == "甲乙…"


def test_a_long_table_of_few_columns_is_a_table() -> None:
    made = rendered("|a|b|\n|-|-|\n" + "|1|2|\n" * 500)
    assert made.html.count("<tr>") == 501
    assert made.problems == ()


def test_a_lone_pipe_in_each_of_many_lines_is_no_wide_table() -> None:
    assert rendered("a | b\n\n" * 1_000).problems == ()


def test_many_problems_are_counted() -> None:
    problems = rendered("".join(f"{{{{< mystery{number} >}}}}\n" for number in range(60))).problems
    assert len(problems) == 51
    assert problems[-1] == (None, "10 more problems of these kinds")


@pytest.mark.parametrize("text", ["https://…", "https://)", "http://[", "www.", "https://链接", "ahttp", "https://."])
def test_what_only_begins_like_an_address_stays_text(text: str) -> None:
    assert body_html(text) == f"<p>{text}</p>"


def test_a_footnote_beyond_reason_is_cut_and_reported() -> None:
    made = rendered("字[^1]\n\n[^1]: " + "长" * 30_000 + "\n")
    assert len(made.notes[0].html) < 21_000
    assert made.problems == ((2, "the text of a footnote after the first 20,000 characters was left out"),)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("> [!NOTE]\n> 字", "<p><strong>Note</strong><br>\n字</p>"),
        ("> [!tip]- 标题 *重*\n> 字", "<p><strong>标题 <em>重</em></strong><br>\n字</p>"),
        ("> [!warning] 只有标题", "<p><strong>只有标题</strong></p>"),
        ("> [!x](https://a.example/) 字", '<p><a href="https://a.example/">!x</a> 字</p>'),
    ],
)
def test_a_callout_is_a_quotation_under_its_title(source: str, html: str) -> None:
    assert body_html(source) == f"<blockquote>\n{html}\n</blockquote>"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("ftp://f.example/x", "ftp://f.example/x"),
        ("MAGNET:?xt=urn:btih:c12f", "MAGNET:?xt=urn:btih:c12f"),
        ("news:comp.lang.python", "news:comp.lang.python"),
        ("sms:+861234", "sms:+861234"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("https://i❤.ws/", "https://xn--i-7iq.ws/"),
    ],
)
def test_a_link_keeps_its_address_in_text_and_in_a_note(address: str, kept: str) -> None:
    made = rendered(f"[x]({address}) 字[^1]\n\n[^1]: [y]({address})\n")
    assert f'<a href="{kept}">x</a>' in made.html
    assert f'<a href="{kept}">y</a>' in made.notes[0].html
    assert made.problems == ()


@pytest.mark.parametrize(
    "address", ["javascript:x", "odd:x", "http://[::zz]/", "missing.md", "data:text/html,x", "file:///x"]
)
def test_a_link_that_loses_its_address_is_told_with_its_line(address: str) -> None:
    made = rendered(f"字\n\n[x]({address})[^1]\n\n[^1]: [y]({address})\n")
    assert "<a>x</a>" in made.html
    assert [line for line, _ in made.problems] == [2, 4]
