from __future__ import annotations

import time

import pytest

from feeds.content.claim_people import are_names, is_publisher_first
from feeds.content.claim_words import is_clause, is_name, is_no_name, names_host


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("潮汐见闻", "龙舸"),
        ("36氪", "新智元"),
        ("渔港报", "苏眉、白键"),
        ("Harbour Weekly", "Ada Wick"),
        ("The Verge", "Ada Wick, Bo Lamp"),
        ("潮汐杂谈", "作者：阿橙"),
        ("潮汐杂谈", "KingLH"),
        ("南湾大学", "龙舸"),
        ("arXiv", "Bo Lamp"),
        ("harbour.com", "守夜的老陈"),
    ],
)
def test_a_publisher_stands_before_its_author(first: str, last: str) -> None:
    assert is_publisher_first(first, last)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("南湾大学等团队", "arXiv"),
        ("Wick et al.", "Ada Wick"),
        ("苏眉", "雪球"),
        ("苏眉", "海洋志"),
        ("Ada Wick", "Joule"),
        ("Ada Wick", "Nature Lamps"),
        ("Bay University", "Lampwork"),
        ("新智元", "36氪"),
        ("龙舸", "港口日报"),
        ("守夜的老陈", "灯塔与雾号之友"),
    ],
)
def test_an_author_stands_before_the_publisher(first: str, last: str) -> None:
    assert not is_publisher_first(first, last)


@pytest.mark.parametrize(
    "text",
    [
        "编辑：阿橙",
        "甲乙，丙丁",
        "微信公众号：海洋科学观察家",
        "灯报，编辑：Ada 阿橙",
        "A. Bee, C. Dee, & E. F.",
        "路透社：龙舸",
        "36氪",
    ],
)
def test_names_may_hold_punctuation(text: str) -> None:
    assert are_names(text)
    assert not is_clause(text)
    assert not is_no_name(text)


@pytest.mark.parametrize(
    "text", ["灯塔熄了？", "灯塔：谁来守夜的一百年", "大雾来了，停电算什么", "What now ...", "一座灯塔…"]
)
def test_a_clause_is_no_name(text: str) -> None:
    assert is_clause(text)
    assert is_no_name(text)
    assert not is_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "Yahoo! Finance",
        "海图库|潮汐大全|航标手册与灯质表汇编|引航员之家与码头公告",
        "Proceedings of the Conference on Lamps and Foghorns",
        "南湾大学海洋与大气科学学院近岸波浪观测国家重点实验室",
        "微信公众号“灯报”",
    ],
)
def test_what_may_be_a_name_is_not_ruled_out(text: str) -> None:
    assert not is_no_name(text)


def test_an_account_wears_quotation_marks() -> None:
    assert is_name("微信公众号“灯报”")
    assert not is_name("守塔人“灯报”")


@pytest.mark.parametrize(
    ("name", "host", "named"),
    [
        ("The Register", "www.theregister.com", True),
        ("X", "x.com", True),
        ("X", "xueqiu.com", False),
        ("", "x.com", False),
        ("Bee-Notes", "beenotes.example", True),
    ],
)
def test_a_host_names_its_publisher(name: str, host: str, named: bool) -> None:
    assert names_host(name, host) is named


@pytest.mark.parametrize(
    "piece", ["A ", "A and ", "A, ", "A，Y ", "甲乙 ", "甲乙、", "编辑：", "编辑", "公众号：", "A & "]
)
def test_hostile_names_take_no_longer_than_their_length(piece: str) -> None:
    text = piece * (8_000 // len(piece)) + "!"
    start = time.process_time()
    are_names(text)
    is_publisher_first(text, "甲")
    is_publisher_first("甲", text)
    assert time.process_time() - start < 0.5
