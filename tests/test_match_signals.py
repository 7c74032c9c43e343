"""What texts are about, in signals that survive between Chinese and English."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.match.imprint import by_level
from feeds.match.lexicon import Lexicon, glosses_in
from feeds.match.outline import HEAD, outline, piece_signals
from feeds.match.shelf import LEVEL_BITS, Shelf, level_in
from feeds.match.signals import fold, latin_in, numbers_in, stem
from feeds.match.values import Piece, Story

LEXICON = Lexicon({"Lina Osei": ["莉娜", "Osei"], "潮汐计划": ["Project Tide"]})


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("$200m", "2亿美元"),
        ("$200 million", "２亿美元"),
        ("4tn", "4万亿"),
        ("£3.5bn", "35亿英镑"),
        ("9,000 jobs", "裁员9000人"),
        ("30 percent", "30%"),
        ("1.2 million users", "120万用户"),
        ("€40k", "4万欧元"),
        ("500 million yuan", "5亿元"),
    ],
)
def test_a_number_is_the_same_in_both_languages(english: str, chinese: str) -> None:
    assert {number for number, _ in numbers_in(fold(english))} & {number for number, _ in numbers_in(fold(chinese))}


def test_other_currencies_share_only_the_bare_value() -> None:
    dollars, euros = ({number for number, _ in numbers_in(text)} for text in ("$5m", "500万欧元"))
    assert dollars & euros == {"#5e+06"}


@pytest.mark.parametrize("text", ["in 2025", "2025年", "3 models", "gpt-4.5", "v2.0.1", "a4tn", "3天"])
def test_years_versions_and_small_change_are_no_numbers(text: str) -> None:
    assert list(numbers_in(text)) == []


@pytest.mark.parametrize(
    "forms",
    [
        "charge charged charging charges",
        "hire hires hired hiring",
        "study studies",
        "run running runs",
        "robot robot's robots",
    ],
)
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Lina Osei and Ruben", {"lina osei"}),
        ("莉娜（Lina Osei）与Motor 7、Motor8", {"lina osei", "motor 7"}),
        ("Tern, Gull and the Heron", set()),
        ("Tern  Gull", set()),
    ],
)
def test_neighbours_may_be_a_name_and_punctuation_parts_them(text: str, pairs: set[str]) -> None:
    assert {signal for signal in latin_in(fold(text)) if " " in signal} == pairs


@given(st.text(max_size=60))
@settings(max_examples=100)
def test_an_entry_says_no_word_that_an_article_of_the_same_text_does_not_say(text: str) -> None:
    said = outline(Story(id="1", titles=(text,)), LEXICON)
    assert {*said.words, *said.pairs} <= piece_signals(piece(text=text, title=""), LEXICON).keys()


def test_hostile_texts_take_no_longer_than_their_length() -> None:
    for piece in ("a-" * 500_000, "1," * 500_000, "$" * 1_000_000, "9" * 1_000_000, "·（A " * 200_000, "a'" * 500_000):
        latin_in(fold(piece))
        glosses_in(piece)
        LEXICON.count_chinese(piece)


def test_a_chinese_word_counts_as_its_english_counterpart() -> None:
    assert LEXICON.count_chinese("法院裁定版权")["copyright"] == 1
    assert LEXICON.count_chinese("莉娜说，莉娜做")[LEXICON.signal("lina osei")] == 2


def test_one_character_is_a_word_only_where_it_stands_alone() -> None:
    assert LEXICON.count_chinese("她送了汤。")["soup"] == 1
    assert LEXICON.count_chinese("汤姆与汤森")["soup"] == 0


def test_names_of_the_user_join_both_languages_whichever_comes_first() -> None:
    assert LEXICON.count_chinese("潮汐计划")["project tid"] == 1
    assert LEXICON.signal("osei") == LEXICON.signal("lina osei")


def test_a_gloss_teaches_the_family_name_after_the_dot() -> None:
    assert glosses_in("工程师莉娜·奥塞伊（Lina Osei）与海德（Hyde）") == {"奥塞伊": "Osei"}


def piece(**values: object) -> Piece:
    """An article."""
    given: dict[str, object] = {"path": "a.md", "title": "题", "published": datetime(2025, 7, 1, tzinfo=UTC)}
    return Piece(**{**given, **values})  # type: ignore[arg-type] # test values


def test_what_stands_in_the_head_is_loudest_and_repetition_raises_the_text() -> None:
    levels = piece_signals(piece(title="Tern", text="Gull Gull Heron。苹果"), Lexicon({}))
    assert levels["tern"] == HEAD > levels["gull"] > levels["heron"] == levels["appl"]


def test_a_glossed_name_counts_as_often_as_its_chinese_form() -> None:
    once = piece_signals(piece(text="莉娜·奥塞伊（Lina Osei）"), Lexicon({}))
    often = piece_signals(piece(text="莉娜·奥塞伊（Lina Osei）。奥塞伊说，奥塞伊想"), Lexicon({}))
    assert often["osei"] > once["osei"]


def test_an_entry_is_outlined_by_title_before_summary() -> None:
    said = outline(Story(id="1", titles=("Tern Motor wins $5m",), summary="The motor by Lina Osei"), Lexicon({}))
    assert said.words["motor"] == (1.0, "motor")
    assert said.words["osei"][0] < 1
    assert "tern motor" in said.pairs
    assert list(said.numbers) == [("#5e+06 usd", "#5e+06")]


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 255), max_size=4), max_size=12))
def test_a_shelf_answers_as_a_table_would(things: list[dict[str, int]]) -> None:
    shelf = Shelf()
    table = {shelf.add(by_level(signals)): signals for signals in things}
    for number in [number for number in table if number % 3 == 0]:
        shelf.remove(number)
        del table[number]
    assert len(shelf) == len(table)
    for signal in "abcd":
        assert [packed >> LEVEL_BITS for packed in shelf.posting(signal)] == [n for n in table if signal in table[n]]
        assert all(level_in(shelf.posting(signal), n) == table[n].get(signal, 0) for n in table)


READ = """\
import sys
from datetime import UTC, datetime
from feeds.match import Matcher, Piece
text = sys.stdin.read()
piece = Piece(path="a.md", title=text[:60], terms=("气球",), published=datetime(2025, 7, 1, tzinfo=UTC), text=text)
sys.stdout.write(Matcher().imprint_of(piece).hex())
"""


def test_an_article_leaves_the_same_imprint_in_every_process() -> None:
    """One that differs would have it compared with all entries again."""
    text = "拉克斯珀项目将把气球送上平流层。Miriam Vogelsang 宣布，Larkspur 的 417 颗气球耗资 $3 million。" * 3
    command = [sys.executable, "-c", READ]
    env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    seen = {
        subprocess.run(
            command, input=text, capture_output=True, encoding="utf-8", check=True, env=env | {"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1
    assert len(seen.pop()) > 200
