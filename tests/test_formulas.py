"""Formulas stay as they are written; prices and escaped brackets are none."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.content.markdown import render_markdown
from feeds.content.rules import MathRules, PageFacts, RenderRules

PAGE = "https://example.org/a/"
CONFIGURED = MathRules()
NONE = RenderRules(dialect="hugo", math=None)


def content(source: str, rules: RenderRules | None = None) -> str:
    page = PageFacts(PAGE, rules=rules or RenderRules())
    return render_markdown(source, page, definition_lines=(), labels=()).html


def formulas(source: str, rules: RenderRules | None = None) -> list[str]:
    return [
        html.unescape(each)
        for each in re.findall(r'<code class="math">(.*?)</code>', content(source, rules), re.DOTALL)
    ]


@pytest.mark.parametrize(
    "formula",
    [
        r"$a*b*c$",
        r"$\{u, v\}$",
        r"$x$",
        r"$2n + 1$",
        r"$\text{若 } x > 0$",
        r"$E = mc^2$",
        r"$$\underbrace{1}_{2} \\ \{x\}$$",
        "$$\n\\begin{aligned}\na &= b_1 \\\\\n\nc &< *d*\n\\end{aligned}\n$$",
        r"\(a_b\)",
        r"\(\alpha * \beta * \gamma\)",
        r"\[\sum_{i} x_i\]",
        "\\[\nx = 1\n\\]",
    ],
)
@pytest.mark.parametrize("around", ["{}", "字{}字", "- {}", "**{}**", "| {} |\n|---|", "> {}"])
def test_a_formula_is_verbatim_wherever_it_stands(formula: str, around: str) -> None:
    if "\n" in formula and around != "{}":
        formula = " ".join(formula.split())
    assert formulas(around.format(formula)) == [formula]


@pytest.mark.parametrize(
    "text",
    [
        "It is $5 and $10.",
        "From $5, or 10$ for two.",
        "US$ 3 and A$ 4",
        "赚$5亿，亏$3亿，共$8亿",
        "10$到20$之间",
        "$HOME/$USER and $PATH",
        "$20M–$30M",
        "a $ b $ c",
        "cost $100 million and the price$ of it",
    ],
)
def test_prices_and_variables_are_text(text: str) -> None:
    assert formulas(text) == []
    assert html.unescape(re.sub("<.*?>", "", content(text))) == text


@pytest.mark.parametrize(
    ("escaped", "text"), [(r"\[注\]", "[注]"), (r"\[^1\]", "[^1]"), (r"\(见下\)", "(见下)"), (r"\[x\](y)", "[x](y)")]
)
def test_escaped_brackets_are_brackets(escaped: str, text: str) -> None:
    assert content(escaped) == f"<p>{text}</p>"


@pytest.mark.parametrize("code", ["`$a*b*c$`", "```\n$a*b*c$\n```", "    $a*b*c$", "~~~\n$$a_b_c$$\n~~~"])
def test_code_holds_no_formula(code: str) -> None:
    assert formulas(code) == []
    assert re.search(r"\$a.b.c\$", content(code))


@pytest.mark.parametrize(
    "source", ["[x](https://a.example/$a$/$b$)", "https://a.example/?q=$a$b$", '<b title="$a_b$">x</b>']
)
def test_addresses_and_attributes_hold_no_formula(source: str) -> None:
    assert formulas(source) == []


def test_what_a_site_has_configured_holds_without_a_second_look() -> None:
    rules = RenderRules(dialect="hugo", math=CONFIGURED)
    assert formulas(r"\(见下\) \[注\]", rules) == [r"\(见下\)", r"\[注\]"]
    own = RenderRules(dialect="hugo", math=MathRules(block=(("$$", "$$"),), inline=(("@@", "@@"),)))
    assert formulas("@@a_b_c@@ $x_y_z$ \\(a_b\\)", own) == ["@@a_b_c@@"]


def test_a_site_without_formulas_reads_them_as_markdown() -> None:
    assert content("$a*b*c$", NONE) == "<p>$a<em>b</em>c$</p>"


def test_a_formula_runs_nothing() -> None:
    made = content("$<script>alert(1)</script>$ <a title='$x_y$' href='$x_y$'>$\\frac{<img src=x>}{2}$</a>")
    assert "<script" not in made
    assert "<img" not in made


@given(
    st.lists(st.sampled_from(["$", "$$", "\\(", "\\)", "\\[", "\\]", "a", "_", "*", " ", "\n", "`", "<b>", "字", "1"]))
)
def test_any_mixture_keeps_its_letters(pieces: list[str]) -> None:
    made = content("".join(pieces))
    assert made.count("字") == pieces.count("字")
    assert not re.search("[\ufdd0-\ufdef]", made)
