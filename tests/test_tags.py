"""Tags of Jekyll, Hexo, Zola and Obsidian: rendered, or their words kept, and said."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.markdown import Rendered, render_markdown
from feeds.content.rules import DIALECTS, PageFacts, RenderRules

KNOWN = {"b": "https://example.org/b/", "b\ttitle": "乙篇", "posts/b.md": "https://example.org/b/"}


def made(source: str, dialect: str = "") -> Rendered:
    page = PageFacts("https://example.org/sub/a/", "https://example.org/sub/", RenderRules(dialect=dialect), KNOWN)
    return render_markdown(source, page, definition_lines=(), labels=())


@pytest.mark.parametrize(
    ("dialect", "source", "html"),
    [
        ("jekyll", "{% comment %}x{% endcomment %}字", "<p>字</p>"),
        ("jekyll", "{%- raw -%}{{ x }}{%- endraw -%}", "<p>{{ x }}</p>"),
        ("jekyll", "{{ site.baseurl }}/x", "<p>{link}</p>"),
        ("jekyll", "![a]({{ '/a.png' | absolute_url }})", '<p><img src="https://example.org/sub/a.png" alt="a"></p>'),
        ("jekyll", "[b]({% link posts/b.md %})", '<p><a href="https://example.org/b/">b</a></p>'),
        (
            "jekyll",
            "[b]({{ site.url }}{{ site.baseurl }}{% post_url b %})",
            '<p><a href="https://example.org/b/">b</a></p>',
        ),
        ("jekyll", "段{: .lead}\n{: #id}", "<p>段</p>"),
        ("hexo", "{% post_link b %}", '<p><a href="https://example.org/b/">乙篇</a></p>'),
        ("hexo", "{% post_link b '话' true %}", '<p><a href="https://example.org/b/">话</a></p>'),
        ("hexo", "{% label primary @词 %}", "<p>{told}</p>"),
        (
            "zola",
            "{{ gist(url='https://gist.github.com/a/b') }}",
            '<p><a href="https://gist.github.com/a/b">GitHub Gist: a/b</a></p>',
        ),
        ("zola", "{{ x }} {% y %}", None),
        ("obsidian", "[[b|话]]", '<p><a href="https://example.org/b/">话</a></p>'),
        ("obsidian", "a %%x%% b", "<p>a  b</p>"),
        ("", "{{ youtube(id='abc') }}", '<p><a href="https://www.youtube.com/watch?v=abc">YouTube: abc</a></p>'),
        ("", "[[b]]", '<p><a href="https://example.org/b/">b</a></p>'),
        ("", "[b](@/posts/b.md)", None),
        ("", "array [[1, 2], [3, 4]] and [[1]](x)", None),
        ("hugo", "{{ x }} {% raw %} [[b]] %%y%%", "<p>{{ x }} {% raw %} [[b]] %%y%%</p>"),
    ],
)
def test_a_tag_is_what_its_generator_makes_of_it(dialect: str, source: str, html: str | None) -> None:
    link = '<a href="https://example.org/sub/x">https://example.org/sub/x</a>'
    if html is not None and "{told}" not in html:
        assert made(source, dialect).html == html.replace("{link}", link)
    if html is not None and "{told}" in html:
        assert made(source, dialect).problems


@pytest.mark.parametrize(
    ("dialect", "source", "kept"),
    [
        ("", '{{< tooltip text="Pod" >}}', "Pod"),
        ("", '{{< badge "New" >}}', "New"),
        ("", '{{< tip "两个词" />}}', "两个词"),
        ("", '{{< button href="/x" label="去" >}}', '<a href="https://example.org/x">去</a>'),
        ("", '{{< card title="题" >}}\n里\n{{< /card >}}', "<strong>题</strong>"),
        ("", "{{% wrap %}}**里**{{% /wrap %}}", "<strong>里</strong>"),
        ("hugo", '{{< abbr title="Feed" >}}RSS{{< /abbr >}}', "RSS"),
        ("jekyll", '{% include alert.html text="注意" %}', "注意"),
        ("jekyll", "{% if a %}有话{% endif %}", "有话"),
        ("hexo", "{% tabs a %}有话{% endtabs %}", "有话"),
        ("zola", '{{ tooltip(text="词") }}', "词"),
        ("zola", "{% box() %}有话{% end %}", "有话"),
        ("obsidian", "[[没有的笔记]]", "没有的笔记"),
        ("", "{% include x.html %}{{ page.title }}", "{{ page.title }}"),
        ("", "[[没有的笔记]]", "[[没有的笔记]]"),
    ],
)
def test_what_nobody_knows_keeps_its_words_and_is_told_once(dialect: str, source: str, kept: str) -> None:
    result = made(f"{source}\n\n{source}", dialect)
    assert result.html.count(kept) == 2
    assert result.problems
    assert len({why for _, why in result.problems}) == len(result.problems) or "no article" in result.problems[0][1]


@pytest.mark.parametrize(
    "source", ['{{< icon "github" >}}', '{{< param "x" >}}', "{{< toc >}}", '{{< img-grid "a/b.c" >}}']
)
def test_names_of_things_are_no_words(source: str) -> None:
    assert made(source).html == ""
    assert made(source).problems


def test_emoji_names_are_characters_where_the_site_has_them() -> None:
    def content(source: str, *, emoji: bool) -> str:
        page = PageFacts("https://example.org/", rules=RenderRules(emoji=emoji))
        return render_markdown(source, page, definition_lines=(), labels=()).html

    assert (
        content(":smile: 12:30:45 `:smile:` :nonesuch:", emoji=True)
        == "<p>😄 12:30:45 <code>:smile:</code> :nonesuch:</p>"
    )
    assert content(":smile:", emoji=False) == "<p>:smile:</p>"
    assert (
        content("[:+1:](https://a.example/:smile:)", emoji=True) == '<p><a href="https://a.example/:smile:">👍</a></p>'
    )


UNITS = (
    "{%", "{% raw %}", "{% a ", "{{ a|", "[[a", "%% a", "{: a", "{% highlight a %}\n", '{{ a(b="', "{% a(b='",
    "{% quote() %}", "{% end %}", "{% x %}{% endx %}", "{% blockquote https://a", "{{< quote >}}", "    {{< x >}}\n",
)  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_tags_take_linear_time(dialect: str) -> None:
    for unit in UNITS:
        started = time.process_time()
        made(unit * (60_000 // len(unit)), dialect)
        assert time.process_time() - started < 3, unit


PIECES = [
    "{%",
    "%}",
    "{{",
    "}}",
    "[[",
    "]]",
    "%%",
    "raw",
    "endraw",
    "end",
    " ",
    "(",
    ")",
    "|",
    '"',
    "a",
    "字",
    "\n",
    "`",
    "$",
]


@given(st.lists(st.sampled_from(PIECES)), st.sampled_from(DIALECTS))
def test_any_mixture_is_rendered(pieces: list[str], dialect: str) -> None:
    result = made("".join(pieces), dialect)
    assert result.html.count("字") <= pieces.count("字")
    assert all(line is None or 0 <= line <= pieces.count("\n") for line, _ in result.problems)
