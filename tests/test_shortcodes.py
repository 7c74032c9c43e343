from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.engine import render
from feeds.content.expansion import Expanded, expand
from feeds.content.references import References
from feeds.content.rules import PageFacts, RenderRules
from feeds.content.shortcodes import Tools

PAGE = "https://example.org/posts/a/"


def expanded(body: str, *, dialect: str = "", known: dict[str, str] | None = None) -> Expanded:
    references = References(known or {})
    page = PageFacts(PAGE, "https://example.org/", RenderRules(dialect=dialect))
    return expand(body, page, Tools(_inline, references.address, references.title))


def _inline(markdown: str) -> str:
    return render(markdown).strip().removeprefix("<p>").removesuffix("</p>")


@pytest.mark.parametrize(
    ("shortcode", "becomes"),
    [
        ("{{< youtube abc >}}", '<a href="https://www.youtube.com/watch?v=abc">YouTube: abc</a>'),
        ('{{< youtube id="abc" title="讲座" >}}', '<a href="https://www.youtube.com/watch?v=abc">讲座</a>'),
        ("{{<youtube abc>}}", '<a href="https://www.youtube.com/watch?v=abc">YouTube: abc</a>'),
        ("{{< vimeo 146022717 />}}", '<a href="https://vimeo.com/146022717">Vimeo: 146022717</a>'),
        ("{{< bilibili BV1xx >}}", '<a href="https://www.bilibili.com/video/BV1xx">哔哩哔哩: BV1xx</a>'),
        ("{{< bilibili 170001 >}}", '<a href="https://www.bilibili.com/video/av170001">哔哩哔哩: av170001</a>'),
        ('{{< x user="me" id="12" >}}', '<a href="https://x.com/me/status/12">X: 12</a>'),
        ("{{< tweet 12 >}}", '<a href="https://x.com/i/status/12">X: 12</a>'),
        ("{{< gist me 12 file.go >}}", '<a href="https://gist.github.com/me/12">GitHub Gist: me/12</a>'),
        ("{{< instagram abc >}}", '<a href="https://www.instagram.com/p/abc/">Instagram: abc</a>'),
        ('{{< figure src="a.png" >}}', '<figure><img src="a.png" alt=""></figure>'),
        (
            '{{< figure src="a.png" caption="&" link="b" width=3 >}}',
            (
                '<figure><a href="b"><img src="a.png" alt="&amp;" width="3"></a>'
                "<figcaption><p>&amp;</p></figcaption></figure>"
            ),
        ),
        (
            r'{{< figure src="a.png" alt="\"x\"" title=`y` >}}',
            '<figure><img src="a.png" alt="&quot;x&quot;"><figcaption><h4>y</h4></figcaption></figure>',
        ),
        (
            '{{< video src="/v/a.mp4" poster="p.jpg" >}}',
            '<video controls src="/v/a.mp4" poster="p.jpg"><a href="/v/a.mp4">a.mp4</a></video>',
        ),
        ('{{< audio src="a.mp3" title="听" >}}', '<audio controls src="a.mp3"><a href="a.mp3">听</a></audio>'),
        ('{{< ref "#二" >}}', "#二"),
        ("{{< quote >}}x{{< /quote >}}", "\n\n<blockquote>\n\nx\n\n</blockquote>\n\n"),
        ("{{< rawhtml >}}<b>x</b>{{< /rawhtml >}}", "<b>x</b>"),
    ],
)
def test_a_shortcode_with_a_meaning_is_expanded(shortcode: str, becomes: str) -> None:
    made = expanded(f"前{shortcode}后")
    assert made.body == f"前{becomes}后"
    assert made.problems == ()


@pytest.mark.parametrize(
    ("source", "body", "problem"),
    [
        ('{{< param "x" >}}', "", "the shortcode param needs Hugo and was left out"),
        ('[x]({{< ref "other.md" >}})', "[x]()", "no article is known at 'other.md'; the link was left out"),
        ("{{< mystery >}}字{{< /mystery >}}", "字", "the shortcode mystery needs Hugo; its text was kept"),
        ("{{% mystery %}}字{{% /mystery %}}", "字", "the shortcode mystery needs Hugo; its text was kept"),
        ('{{< youtube "a b" >}}', "", "the shortcode youtube could not be read and was left out"),
        ("{{< figure >}}", "", "the shortcode figure could not be read and was left out"),
        ("{{< video >}}", "", "the shortcode video could not be read and was left out"),
        ("{{< bilibili >}}", "", "the shortcode bilibili could not be read and was left out"),
        ("{{< gist me >}}", "", "the shortcode gist could not be read and was left out"),
        ("{{< /figure >}}", "", "the shortcode figure has no inner text; its closing tag was left out"),
        ("{{< highlight go >}}x", "x", "the shortcode highlight is not closed and was left out"),
    ],
)
def test_one_without_is_left_out_and_reported_and_its_text_kept(source: str, body: str, problem: str) -> None:
    made = expanded(f"一\n{source}")
    assert made.body == f"一\n{body}"
    assert made.problems == ((1, problem),)


def test_problems_name_the_line_of_each() -> None:
    made = expanded("{{< a >}}\n\n{{< b >}} {{< c >}}\n")
    assert [line for line, _ in made.problems] == [0, 2, 2]


@pytest.mark.parametrize(
    "code",
    [
        "`{{< youtube a >}}`",
        "``a ` {{< youtube a >}}``",
        "```\n{{< youtube a >}}\n```",
        "~~~ text\n{{< youtube a >}}\n```\n~~~",
        "> ```\n> {{< youtube a >}}\n> ```",
        "```\n{{< youtube a >}} nobody closes this",
    ],
)
def test_code_stays_as_it_is(code: str) -> None:
    assert expanded(code).body == code


def test_what_follows_code_is_expanded() -> None:
    assert "youtube.com" in expanded("```\nx\n```\n`y` {{< youtube a >}}").body


def test_a_shortcode_that_is_only_shown_is_printed() -> None:
    assert expanded('{{</* ref "a.md" */>}}').body == '{{&lt; ref "a.md" &gt;}}'
    assert expanded("```\n{{%/* x */%}}\n```").body == "```\n{{% x %}}\n```"


def test_a_backslash_before_the_braces_shows_the_shortcode() -> None:
    assert expanded(r"\{{<youtube a>}}").body == r"\{{&lt;youtube a&gt;}}"


def test_highlighted_code_gets_a_fence_longer_than_any_inside() -> None:
    made = expanded('{{< highlight md "linenos=true" >}}\n```\n{{< youtube a >}}\n```\n{{< /highlight >}}')
    assert made.body == "\n\n````md\n```\n{{< youtube a >}}\n```\n````\n\n"
    assert made.problems == ()


def test_the_text_of_a_box_is_markdown_of_its_own() -> None:
    made = expanded('{{% notice tip "题" %}}\n**甲**\n{{% /notice %}}')
    lines = [line for line in made.body.split("\n") if line]
    assert lines == ["<blockquote>", "<p><strong>题</strong></p>", "**甲**", "</blockquote>"]
    assert "\n\n**甲**\n\n" in made.body


def test_details_fold() -> None:
    made = expanded('{{< details summary="题" >}}甲{{< /details >}}')
    assert made.body == "\n\n<details>\n<summary>题</summary>\n\n甲\n\n</details>\n\n"


@pytest.mark.parametrize(
    "source", ["", "{{", "{{<", "{{< >}}", "{{<>}}", "{{ .Title }}", "{ {< x >} }", "{{< x", "{{% x >}"]
)
def test_what_is_no_shortcode_loses_nothing(source: str) -> None:
    made = expanded(source)
    assert made.body.replace("&lt;", "<").replace("&gt;", ">") == source
    assert made.problems == ()


HOSTILE = [
    "{{<" * 100_000,
    "{{< highlight >}}" * 20_000,
    '{{< a "' + '"\\' * 100_000 + ">}}",
    "{{< a " + "a=" * 100_000 + ">}}",
    "{{</* " * 50_000,
    "` {{<" * 60_000,
    "".join("`" * (number % 500) + "a{{<" for number in range(1_500)),
]


@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_take_linear_time(source: str) -> None:
    started = time.process_time()
    expanded(source)
    assert time.process_time() - started < 5


@given(
    st.lists(
        st.sampled_from(
            ["{{<", ">}}", "{{%", "%}}", " ", "/", "/*", "*/", "figure", "details", "`", '"', "=", "字", "\n"]
        )
    )
)
def test_any_mixture_ends_in_text(pieces: list[str]) -> None:
    source = "".join(pieces)
    made = expanded(source)
    assert made.body.count("字") <= source.count("字")
    assert all(0 <= line <= source.count("\n") for line, _ in made.problems)
