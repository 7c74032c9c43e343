from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import Scope
from feeds.publish.terms import (
    Term,
    TermFinder,
    TermRules,
    display_name,
    fold,
    make_rules,
    strip_gloss,
    terms_of,
    unlisted_topics,
)

#: What names are made of where their spellings differ.
PIECES = (
    "AI",
    "ai",
    "智能",
    "体",
    "4",
    "5",
    " ",
    "-",
    "_",
    "·",
    "・",
    "(",
    ")",
    "（",
    "）",
    "É",
    "ß",
    "ı",
    "\u0345",
    "\u0301",
    "&",
    "Ⅳ",
)
names = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=12)


def seconds(act: Callable[[], object]) -> float:
    """Processor time, which other programs on the machine do not change."""
    start = time.process_time()
    act()
    return time.process_time() - start


# -- folding -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spellings",
    [
        ("MiniMax", "Minimax"),
        ("AI for Science", "AI For Science", "AIforScience"),
        ("Robotaxi", "robotaxi"),
        ("山姆·奥特曼", "山姆奥特曼", "山姆・奥特曼"),
        ("产品市场契合", "产品-市场契合"),
        ("NVIDIA", "Nvidia"),
        ("iyO", "IYO"),
        ("DeepSeek-R1", "DeepSeek R1", "DeepSeek_R1", "deepseek‑r1"),
        ("LABUBU", "Labubu"),
        ("VSCode", "VS Code"),
        ("Qwen VLo", "Qwen-VLo"),
        ("AI 伦理与治理", "AI伦理与治理"),
        ("ＡＩ Agent", "AI Agent", " AI  Agent ", "AI\u3000Agent"),
        ("机器人与具身智能 (Robotics & Embodied AI)", "机器人与具身智能", "机器人与具身智能（Robotics）"),
        ("前沿模型 (Frontier – “New” Models)", "前沿模型"),
        ("ﬁne-tuning", "Fine-Tuning"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_of_one_term_meet(spellings: tuple[str, ...]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    "terms",
    [
        ("GPT-4-5", "GPT-45"),
        ("GPT-4.5", "GPT-45"),
        ("低代码/无代码", "无代码/低代码"),
        ("C", "C++", "C#"),
        ("AI Agent", "AI智能体"),
        ("投资 (Funding", "投资"),
        ("Robotics (Embodied AI)", "Robotics"),
        ("模型 (开源)", "模型"),
        ("(AI)", "AI"),
    ],
)
def test_different_terms_stay_apart(terms: tuple[str, ...]) -> None:
    assert len({fold(term) for term in terms}) == len(terms)


@pytest.mark.parametrize("name", ["-", "·", "---", "()", "(a)", "（）"])
def test_a_name_of_nothing_but_marks_has_a_key(name: str) -> None:
    assert fold(name)


@pytest.mark.parametrize("name", ["", "  ", "\u3000\n"])
def test_a_blank_name_has_none(name: str) -> None:
    assert fold(name) == ""


@settings(max_examples=400)
@given(names)
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@settings(max_examples=200)
@given(names)
def test_a_gloss_never_changes_the_key(name: str) -> None:
    assert fold(strip_gloss(name)) == fold(name)
    assert strip_gloss(strip_gloss(name)) == strip_gloss(name)


@pytest.mark.parametrize(
    ("name", "without"),
    [
        ("前沿模型与算法 (Frontier Models)", "前沿模型与算法"),
        ("前沿模型与算法（Frontier Models） ", "前沿模型与算法"),
        ("AI伦理 (AI Ethics) (2025)", "AI伦理"),
        (" AI Agent ", "AI Agent"),
        ("Robotics (Embodied AI)", "Robotics (Embodied AI)"),
        ("大模型（开源）", "大模型（开源）"),
        ("投融资 (Funding", "投融资 (Funding"),
        ("大模型 ( )", "大模型"),
        ("(GPT)大模型", "(GPT)大模型"),
    ],
)
def test_only_an_english_gloss_of_a_chinese_name_is_stripped(name: str, without: str) -> None:
    assert strip_gloss(name) == without


@pytest.mark.parametrize("unit", ["中(", "中 ", "中(a)", "(a)中", "4-", "- ", "(", "中（", "中)", "a) ", "\u0345"])
def test_a_million_characters_fold_in_a_moment(unit: str) -> None:
    name = unit * (1_000_000 // len(unit))
    assert seconds(lambda: fold(name + ")")) < 5


# -- the terms of an article -------------------------------------------------------------------------------------------


def test_the_terms_of_an_article_are_distinct_and_in_its_order_tags_first() -> None:
    found = terms_of(["OpenAI", "AI Agent", "ai-agent", "OPENAI"], ["AI 伦理", "AI伦理"], TermRules())
    assert found == (
        Term(Scope.TAG, "openai", "OpenAI", "OpenAI"),
        Term(Scope.TAG, "aiagent", "AI Agent", "AI Agent"),
        Term(Scope.TOPIC, "ai伦理", "AI 伦理", "AI 伦理"),
    )


def test_one_name_may_be_a_tag_and_a_topic() -> None:
    found = terms_of(["AI"], ["AI"], TermRules())
    assert [(term.scope, term.key) for term in found] == [(Scope.TAG, "ai"), (Scope.TOPIC, "ai")]


def test_blank_names_are_no_terms() -> None:
    assert terms_of(["", " "], ["\u3000"], TermRules()) == ()


def test_a_gloss_counts_towards_the_name_without_it_and_stays_on_the_label() -> None:
    (term,) = terms_of([], ["智能体 (Agents)"], TermRules())
    assert (term.spelling, term.label) == ("智能体", "智能体 (Agents)")


ALIASES = {"OpenAI": ["Open AI Inc", "欧派爱"], "Sam Altman": ["奥特曼", "山姆·奥特曼"]}


@pytest.mark.parametrize(
    ("label", "spelling"),
    [
        ("open-ai", "OpenAI"),
        ("Open AI, Inc", "Open AI, Inc"),
        ("OPEN AI INC", "OpenAI"),
        ("山姆奥特曼", "Sam Altman"),
        ("奥特曼 (Altman)", "Sam Altman"),
        ("sam altman", "Sam Altman"),
    ],
)
def test_an_alias_leads_to_the_name_that_a_person_chose(label: str, spelling: str) -> None:
    assert terms_of([label], [], make_rules(ALIASES, None)) == (Term(Scope.TAG, fold(spelling), spelling, label),)


def test_two_aliases_of_one_name_are_one_term() -> None:
    (term,) = terms_of(["奥特曼", "Sam Altman"], [], make_rules(ALIASES, None))
    assert (term.spelling, term.label) == ("Sam Altman", "奥特曼")


def test_aliases_of_tags_do_not_touch_topics() -> None:
    (term,) = terms_of([], ["奥特曼"], make_rules(ALIASES, None))
    assert term.spelling == "奥特曼"


def test_a_closed_list_leaves_out_the_other_topics_and_no_tag() -> None:
    rules = make_rules({}, [("AI伦理与治理", ["AI Ethics"]), ("智能体", [])])
    found = terms_of(["Agent"], ["AI ethics", "智能体 (Agents)", "投融资"], rules)
    assert [(str(term.scope), term.spelling) for term in found] == [
        ("tag", "Agent"),
        ("topic", "AI伦理与治理"),
        ("topic", "智能体"),
    ]


def test_topics_outside_a_closed_list_are_named_as_they_were_written() -> None:
    rules = make_rules({}, [("智能体", ["Agents"])])
    assert unlisted_topics(["智能体 (X)", "agents", "投融资 (Funding", "智能体", "", "M&A"], rules) == (
        "投融资 (Funding",
        "M&A",
    )


def test_an_open_list_and_an_empty_one_differ() -> None:
    assert unlisted_topics(["anything"], make_rules({}, None)) == ()
    assert unlisted_topics(["anything"], make_rules({}, [])) == ("anything",)
    assert terms_of([], ["anything"], make_rules({}, [])) == ()


def test_the_most_used_spelling_is_the_name() -> None:
    assert display_name({"Open AI": 2, "OpenAI": 3, "openai": 1}) == "OpenAI"


@given(st.permutations([("b", 2), ("a", 2), ("C", 2), ("d", 1)]))
def test_among_equals_the_name_does_not_hang_on_the_order(spellings: list[tuple[str, int]]) -> None:
    assert display_name(dict(spellings)) == "C"


# -- finding terms in a text -------------------------------------------------------------------------------------------


def finder(*names: str, scope: Scope = Scope.TAG) -> TermFinder:
    return TermFinder((scope, fold(name), name) for name in names)


def found(names: tuple[str, ...], title: str, text: str = "") -> list[str]:
    return [term.spelling for term in finder(*names).find(title, text)]


def test_a_term_is_found_in_the_title_or_twice_in_the_text() -> None:
    names = ("智能体", "机器人", "OpenAI", "Wired")
    assert found(names, "智能体的一年", "机器人遇见机器人。OpenAI 说。") == ["机器人", "智能体"]


def test_a_term_that_stands_once_in_the_title_and_once_in_the_text_is_found() -> None:
    assert found(("OpenAI",), "OpenAI", "openai") == ["OpenAI"]


@pytest.mark.parametrize("title", ["Meta 的 AI 野心", "“AI”", "AI-Agent", "AI", "用AI写诗", "ＡＩ时代", "GPT/AI"])
def test_a_latin_name_is_found_as_a_whole_word(title: str) -> None:
    assert found(("AI",), title) == ["AI"]


@pytest.mark.parametrize("title", ["Email", "xAI", "AI2", "Said", "ÉAI", "AIß", "OpenAI"])
def test_a_latin_name_inside_a_word_is_not_found(title: str) -> None:
    assert found(("AI",), title) == []


def test_a_name_that_ends_in_a_mark_is_found_beside_letters() -> None:
    assert found(("C++",), "C++20 来了") == ["C++"]


def test_a_chinese_name_needs_no_gap() -> None:
    assert found(("大模型",), "多模态大模型时代") == ["大模型"]


def test_the_longest_name_at_a_place_wins_and_is_not_counted_twice() -> None:
    assert found(("智能", "智能体", "人工智能"), "人工智能体") == ["人工智能"]
    assert found(("智能", "智能体"), "智能体", "智能 智能") == ["智能", "智能体"]


def test_a_shorter_name_steps_in_where_the_longer_one_is_cut() -> None:
    assert found(("GPT", "GPT-4"), "GPT-4o") == ["GPT"]


@pytest.mark.parametrize("title", ["DeepSeek-R1", "deepseek  r1", "DeepSeek‑R1", "DEEPSEEK_R1", "DeepSeek\nR1"])
def test_what_separates_the_words_of_a_name_does_not_matter(title: str) -> None:
    assert found(("DeepSeek R1",), title) == ["DeepSeek R1"]


def test_a_name_of_one_character_is_never_found() -> None:
    assert found(("C", "云", " "), "C 云 C 云") == []


def test_the_most_frequent_come_first_and_ten_are_enough() -> None:
    names = tuple(f"词条{letter}" for letter in "甲乙丙丁戊己庚辛壬癸子丑")
    text = " ".join(name for count, name in enumerate(names, 2) for _ in range(count))
    assert found(names, "", text) == list(reversed(names))[:10]


def test_a_tag_and_a_topic_of_one_name_are_both_found() -> None:
    both = TermFinder([(Scope.TOPIC, "ai伦理", "AI伦理"), (Scope.TAG, "ai伦理", "AI伦理")])
    assert [term.scope for term in both.find("AI伦理", "")] == [Scope.TAG, Scope.TOPIC]


@given(st.permutations(["AI", "智能体", "OpenAI", "GPT-4", "机器人"]))
def test_the_order_of_the_vocabulary_changes_nothing(names: list[str]) -> None:
    text = "AI 智能体 智能体 OpenAI OpenAI GPT-4 GPT 4 机器人 机器人 AI"
    assert found(tuple(names), "", text) == ["AI", "GPT-4", "OpenAI", "智能体", "机器人"]


def test_an_empty_vocabulary_finds_nothing() -> None:
    assert TermFinder([]).find("AI", "AI AI") == ()


@pytest.mark.parametrize("shape", ["词{:05}", "AI {:05}", "{:05} AI", "aiai{:05}"])
def test_twenty_thousand_terms_cost_time_in_step_with_the_text(shape: str) -> None:
    """Also when all of them begin alike."""
    many = finder(*(shape.format(number) for number in range(20_000)))
    unit = f"ai AI 词汇 {shape.format(123)} aiaiaiai "
    small, large = unit * 500, unit * 4000
    many.find("", small)
    times = sorted(seconds(lambda: many.find("", small)) for _ in range(3))
    assert seconds(lambda: many.find("", large)) < 8 * times[1] * 3 + 0.1
    assert [term.spelling for term in many.find("", small)] == [shape.format(123)]
