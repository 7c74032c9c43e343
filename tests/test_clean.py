"""What strangers wrote, made safe: plain text, allowed HTML, absolute addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.sources.clean import Written, clean_html, html_of_text, one_line, plain_text, web_url

BASE = "https://tea.example/a/b"


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("https://x.example/a", "https://x.example/a"),
        ("c?d=1&amp;e=2", "https://tea.example/a/c?d=1&e=2"),
        ("//x.example/a", "https://x.example/a"),
        ("/c d", "https://tea.example/c%20d"),
        ("#note", "https://tea.example/a/b#note"),
        ("", None),
        ("#", None),
        ("//", None),
        ("mailto:a@b.example", None),
        ("javascript:alert(1)", None),
        ("&#106;avascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("ftp://x.example/", None),
        ("https://x.example/" + "a" * 5000, None),
        ("https://me:secret@x.example/", "https://x.example/"),
    ],
)
def test_an_address_is_absolute_http_or_nothing(raw: str, url: str | None) -> None:
    assert web_url(raw, BASE) == url


@given(st.text(max_size=60))
def test_any_text_is_an_http_address_or_nothing(raw: str) -> None:
    url = web_url(raw, BASE)
    assert url is None or url.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>two<br>three</p>", "One two three"),
        ("<b>T</b>ea <a href='x'>time</a>", "Tea time"),
        ("a<script>b</script>c<style>d", "a c"),
        ("a<!-- b --><!-- c", "a"),
        ("3 < 4 &amp;&lt;b&gt; 5 > 4", "3 < 4 &<b> 5 > 4"),
        ("Caf&eacute;&nbsp;&#8217;&#x27;", "Café ’'"),
        ("a&#" + "9" * 5000 + ";b", "ab"),
    ],
)
def test_html_becomes_words(html: str, text: str) -> None:
    assert plain_text(Written(html, is_html=True), 100) == text


def test_text_stays_text() -> None:
    assert plain_text(Written("<b> &amp;", is_html=False), 100) == "<b> &amp;"


def test_a_title_that_may_be_either_loses_only_known_tags() -> None:
    assert plain_text(Written("List<String> &amp; <em>more</em><br/>now"), 100) == "List<String> & more now"


def test_marks_that_turn_the_direction_are_left_out() -> None:
    """U+202E reverses all that follows on the page."""
    assert one_line("a\u202eb\u2066c\u200bd\x07e\x00", 100) == "abcd e"


def test_emoji_stay_whole() -> None:
    assert one_line("👩\u200d🔬 ❤️", 100) == "👩\u200d🔬 ❤️"


def test_a_long_line_is_cut_with_a_mark() -> None:
    assert one_line("abc def", 5) == "abc…"
    assert one_line("abcde", 5) == "abcde"


def test_addresses_in_html_become_absolute() -> None:
    html = '<a href="c">x</a><img src="//x.example/i.png" onload="x"><blockquote cite="/q">y</blockquote>'
    assert clean_html(html, BASE) == (
        '<a href="https://tea.example/a/c">x</a><img src="https://x.example/i.png">'
        '<blockquote cite="https://tea.example/q">y</blockquote>'
    )


def test_without_a_base_relative_addresses_go() -> None:
    assert clean_html('<a href="c">x</a><a href="mailto:a@b.example">y</a>', None) == (
        '<a>x</a><a href="mailto:a@b.example">y</a>'
    )


def test_what_is_open_is_closed() -> None:
    assert clean_html("<p><b>x", BASE) == "<p><b>x</b></p>"


def test_text_as_html_keeps_its_lines() -> None:
    assert html_of_text(" 1 < 2 &\n3 ") == "1 &lt; 2 &amp;<br>\n3"


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_html(text, BASE)
    assert clean_html(once, BASE) == once
