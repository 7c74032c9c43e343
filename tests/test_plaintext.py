from __future__ import annotations

import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.plaintext import plain_text, summarise

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>甲<strong>乙</strong></p>\n<p>丙</p>", "甲乙 丙"),
        ("<h2>题</h2><ul><li>一</li><li>二</li></ul>", "题 一 二"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ("一<br>二", "一 二"),
        ("a <a href='x'>b</a>c", "a bc"),
        ("<p>甲</p><pre><code>x &lt; y</code></pre><p>乙</p>", "甲 乙"),
        ("<p>用 <code>x</code></p>", "用 x"),
        ('<p>甲<sup><a href="https://x.example/#fn:1">[1]</a></sup><sup>[9]</sup>。x<sup>2</sup></p>', "甲。x2"),
        ("&lt;b&gt; &amp;amp; &nbsp;x", "<b> &amp; x"),
        ("<!-- <p>x</p> -->甲<script>y</script><style>z", "甲"),
        ("1 < 2 > 0", "1 < 2 > 0"),
        ("", ""),
    ],
)
def test_only_the_words_stay(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize("html", ["<" * 300_000, "<pre>" * 60_000, "<!--" * 70_000, "<sup>[" * 50_000, "<a " * 100_000])
def test_hostile_html_takes_linear_time(html: str) -> None:
    started = time.process_time()
    plain_text(html)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("text", "limit", "summary"),
    [
        ("短", 10, "短"),
        ("一二三四五六七八九十", 10, "一二三四五六七八九十"),
        ("一二三四五六七八九十零", 10, "一二三四五六七八九…"),
        ("一二三四五。六七八九十零", 10, "一二三四五。…"),
        ("他说：“一二三。”六七八九十", 10, "他说：“一二三。”…"),
        ("一。二三四五六七八九十零", 10, "一。二三四五六七八…"),
        ("版本3.5比3.4快得多了啊", 8, "版本3.5比…"),
        ("请大家都访问网站见example.com/path?", 17, "请大家都访问网站见…"),
        ("The quick brown fox jumps", 18, "The quick brown…"),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
        ("It ends. And goes on and on", 14, "It ends.…"),
        ("价格 &amp; 成本", 7, "价格…"),
        (FAMILY * 3, 12, f"{FAMILY}…"),
        ("e\u0301" * 5, 6, "e\u0301e\u0301…"),
        ("字", 0, ""),
    ],
)
def test_a_summary_is_cut_where_a_reader_would(text: str, limit: int, summary: str) -> None:
    assert summarise(text, limit) == summary


@given(
    st.text(alphabet=st.sampled_from(list("字句。！a b.&;e\u0301\u200d👨👩🇨🇳\U00020000")), max_size=60),
    st.integers(1, 40),
)
def test_a_summary_is_a_beginning_of_whole_graphemes_within_its_limit(text: str, limit: int) -> None:
    summary = summarise(text, limit)
    assert len(summary) <= limit or summary == text
    if summary != text:
        head = summary.removesuffix("…")
        boundaries = [0, *(cluster.end() for cluster in regex.finditer(r"\X", text))]
        assert text.startswith(head)
        assert any(text[:boundary].rstrip() == head for boundary in boundaries)
