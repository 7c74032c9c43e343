from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.content import claims
from feeds.content.cited_links import find_links
from feeds.content.claims import read_claims
from feeds.content.markers import mask_code, split_marker
from feeds.content.partial_dates import is_unknown, parse_date

PAIRS = sorted(Path(__file__).parent.glob("data/citations/*.json"))


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025/7/2", "2025-07-02"),
        ("2025年07月11日", "2025-07-11"),
        ("2024 年 7 月 24 日", "2024-07-24"),
        ("2025.6.3", "2025-06-03"),
        ("2025, June 5", "2025-06-05"),
        ("June 2, 2025", "2025-06-02"),
        ("2 June 2025", "2025-06-02"),
        ("Sept. 5, 2024", "2024-09-05"),
        ("2024-10-18T16:00:07+08:00", "2024-10-18"),
        ("发布于2025/7/1", "2025-07-01"),
        ("2025年5月", "2025-05"),
        ("2025/3", "2025-03"),
        ("June 2025", "2025-06"),
        ("2025/6/XX", "2025-06"),
        ("2024/12/--", "2024-12"),
        ("2024/?", "2024"),
        ("2024年", "2024"),
        ("2025/2/30", "2025-02"),
        ("2025/13/1", "2025"),
        ("2025-2032", None),
        ("20250", None),
        ("1600", None),
        ("版本 2025", None),
        ("", None),
    ],
)
def test_a_date_keeps_the_precision_it_was_given(text: str, date: str | None) -> None:
    assert parse_date(text) == date


@pytest.mark.parametrize(
    "text", ["未知", "无", "无作者", "无具体日期", "日期不详，推测近期", "n.d.", "N/A", "Undated", "佚名", "", "近期"]
)
def test_words_for_the_unknown_are_known(text: str) -> None:
    assert is_unknown(text)


@pytest.mark.parametrize("text", ["无锡日报", "未来周刊", "Date Palm Review", "近代史", "日报", "Unknownsworthy"])
def test_names_that_begin_alike_are_names(text: str) -> None:
    assert not is_unknown(text)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("^1", ("1",)),
        ("^2, ^3, ^6", ("2", "3", "6")),
        ("^2，^3", ("2", "3")),
        ("^2, 3", ("2", "3")),
        ("^RSS Snippet, ^3", ("RSS Snippet", "3")),
        ("^注：一句话，带逗号", ("注：一句话，带逗号",)),
        ("7", ("7",)),
        ("note", ()),
        ("^", ()),
        ("", ()),
    ],
)
def test_a_marker_may_hold_several_labels(text: str, labels: tuple[str, ...]) -> None:
    assert split_marker(text) == labels


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("[a](https://a.example/b_(c))", ["https://a.example/b_(c)"]),
        ('[a](https://a.example/b "title")', ["https://a.example/b"]),
        ("[a](<https://a.example/b>)", ["https://a.example/b"]),
        ("[a](https://a.example/破局「三难」/)", ["https://a.example/破局「三难」/"]),
        ("见 https://a.example/b，以及", ["https://a.example/b"]),
        ("（https://a.example/b）", ["https://a.example/b"]),
        ("(see https://a.example/b).", ["https://a.example/b"]),
        ("https://a.example/p/1检索日期", ["https://a.example/p/1"]),
        ("https://a.example/wiki/灯塔·灯报", ["https://a.example/wiki/灯塔"]),
        ("https://127.0.0.1:8080/a", ["https://127.0.0.1:8080/a"]),
        (
            "https://a.example/1,https://b.example/2;http://c.example",
            ["https://a.example/1", "https://b.example/2", "http://c.example"],
        ),
        ("https://a.example/1,2;3,见", ["https://a.example/1,2;3"]),
        ("[a](https://a.example/1), [b](https://b.example/2)", ["https://a.example/1", "https://b.example/2"]),
        (r"\[a](https://a.example/1)", ["https://a.example/1"]),
        ("![alt](https://a.example/1.png)", []),
        ("[a](#top) [b](原文链接) <https://…> https://", []),
        ("[a](javascript:alert(1)) [b](ftp://a.example/)", []),
    ],
)
def test_addresses_are_found_where_people_put_them(text: str, urls: list[str]) -> None:
    assert [link.url for link in find_links(text) if link.url] == urls


def test_code_is_blanked_in_place() -> None:
    text = "a `[^1]` b\n\n```\n[^2]\n```\n\n<!-- [^3]\n[^4] -->\n<pre>[^5]</pre>\n"
    masked = mask_code(text)
    assert "[^" not in masked
    assert [len(line) for line in masked.split("\n")] == [len(line) for line in text.split("\n")]


@pytest.mark.parametrize("text", ["a ` [^1] b", "- item\n\n    [^1]", "para\n    [^1]", "\\`[^1]", "``[^1]`"])
def test_what_only_looks_like_code_stays(text: str) -> None:
    assert "[^1]" in mask_code(text) or text.startswith("\\")


def test_an_open_fence_runs_to_the_end() -> None:
    assert mask_code("```\n[^1]\n").strip() == ""


def every_raw() -> list[str]:
    return [
        f"[{each['title']}]({each['url']})·{each['publisher']}·{each['author'] or ''}（2025/7/2）·检索日期2025/7/3"
        for path in PAIRS
        for each in json.loads(path.read_text(encoding="utf-8"))["citations"]
        if each["title"] and each["url"] and each["publisher"]
    ]


def test_the_short_cut_agrees_with_the_long_way() -> None:
    """Every fourth citation is read by one pattern; it must say what the rules say."""
    short = [(text, claims._read_commonest(text)) for text in every_raw()]
    taken = [(text, found) for text, found in short if found is not None]
    assert len(taken) > 20
    assert [found for _, found in taken] == [claims._read_at_length(text) for text, _ in taken]


NAMES = st.text(st.sampled_from("甲乙报社abcXYZ 019.,:：-—、，？|日月年无未&\u200b\u200d"), min_size=1, max_size=12)


@settings(deadline=None, max_examples=150)
@given(NAMES, NAMES, st.one_of(st.none(), NAMES))
def test_the_short_cut_agrees_for_any_names(title: str, publisher: str, author: str | None) -> None:
    by = f"·{author}" if author else ""
    text = f"[{title}](https://a.example/1)·{publisher}{by}（2025/7/2）·检索日期2025/7/3"
    line = claims._one_line(text)
    short = claims._read_commonest(line)
    assert short is None or short == claims._read_at_length(line)


@settings(deadline=None, max_examples=150)
@given(NAMES, NAMES, st.booleans())
def test_the_other_short_cut_agrees_for_any_names(title: str, author: str, linked: bool) -> None:
    named = f"[{title}](https://a.example/1)" if linked else title
    for text in (
        f"{author}（2025/6/17）。{named}。报社。检索日期2025/6/17。",
        f"{title}·{author}·某社（2025/7/7）·检索日期2025/7/7",
        f'{author}. (n.d.). "{named}". Daily. Retrieved June 10, 2024.',
    ):
        line = claims._one_line(text)
        short = claims._read_dated(line)
        assert short is None or short == claims._read_at_length(line)


@pytest.mark.parametrize("date", ["2025/7/2", "2025-07-02", "2025年7月", "2025", "n.d.", "未知日期", ""])
@pytest.mark.parametrize("by", ["报社·甲乙", "报社·未知作者", "未知", "【未知】·甲乙", "马克·扎克伯格"])
@pytest.mark.parametrize(
    "link", ["[标题](https://a.example/1?b=1&c=2)", '<a href="https://a.example/1" target="_blank">标题</a>']
)
def test_the_short_cuts_agree_where_date_or_names_are_unknown(link: str, by: str, date: str) -> None:
    text = f"{link}·{by}（{date}）·检索日期2025/7/3"
    assert claims.read_claims(text) == claims._read_at_length(text)


@pytest.mark.parametrize("unknown", ["未知", "无 ", "n.d. ", "佚名"])
def test_a_link_behind_the_word_unknown_is_still_read(unknown: str) -> None:
    found = read_claims(f"{unknown}[标题](https://a.example/1)·某报（2025/7/2）·检索日期2025/7/2")
    assert (found.url, found.published, found.accessed) == ("https://a.example/1", "2025-07-02", "2025-07-02")


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [
                "未知",
                "无",
                "[题](https://a.example/1)",
                "·",
                "。",
                "（2025/7/2）",
                "检索日期2025/7/2",
                " ",
                "https://b.example/x",
                "[^2]",
                "X. ",
            ]
        ),
        max_size=9,
    )
)
def test_any_order_of_the_parts_has_claims(parts: list[str]) -> None:
    read_claims("".join(parts))


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=80))
def test_any_text_has_claims(text: str) -> None:
    found = read_claims(text)
    assert found.title is None or found.title.strip()


@pytest.mark.parametrize("date", ["（2024）", "(2025/6/30)(2024)", "（2025/6/30）。（2024）", "（2024）·（2025/6/30）"])
def test_the_short_cuts_agree_where_there_are_two_dates(date: str) -> None:
    for text in (
        f"年报·灯会{date}·检索日期2025/7/3",
        f"灯会{date}。[年报（2024）](https://a.example/1)。灯报。检索日期2025/7/3。",
    ):
        assert claims.read_claims(text) == claims._read_at_length(text)


def test_a_title_survives_the_round_trip() -> None:
    for title in ("一、二和三", "What now?", "《灯》与塔", "Nine · Rules", "50% off", "A (B) C"):
        assert read_claims(f"[{title}](https://a.example/1)·灯报·（2025/7/2）·检索日期2025/7/3").title == title
