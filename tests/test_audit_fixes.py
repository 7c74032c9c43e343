from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.audit.claims import compare
from feeds.audit.fixes import corrected_line
from feeds.audit.values import Said
from feeds.content.citations import extract_citations
from feeds.model import Citation

URL = "https://harbor-daily.press/story/2025-robot/"
SAID = Said(
    titles=("Robot [still] sorts parcels",),
    url=URL,
    authors=("Tomás Okafor",),
    published=datetime(2025, 6, 5, 8, tzinfo=UTC),
    source="Harbor Daily",
    aliases=("港湾日报",),
)
WRITTEN = date(2025, 7, 2)


def read(line: str) -> Citation:
    (citation,) = extract_citations(f"a[^1]\n\n[^1]: {line}\n").citations
    return citation


def fixed(line: str, **values: Any) -> str | None:
    said = replace(SAID, **values)
    return corrected_line(read(line), said, written=WRITTEN)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            f"[Robot sorts the parcels]({URL})·Harbor Daily·Jane Miller (2024/05/28)·检索日期2024/05/29",
            rf"[Robot \[still\] sorts parcels]({URL})·Harbor Daily·Tomás Okafor (2025/06/05)·检索日期2025/07/02",
        ),
        (
            f"Miller, J.（2024年5月28日）。[Robot sorts the parcels]({URL})。港湾日报。检索日期2025年7月。",
            rf"Tomás Okafor（2025年6月5日）。[Robot \[still\] sorts parcels]({URL})。港湾日报。检索日期2025年7月。",
        ),
        (
            f'Miller, J. (2024, May 28). "[Robot still sorts parcels]({URL})". Harbor Daily. Retrieved May 29, 2024.',
            f'Tomás Okafor (2025, June 5). "[Robot still sorts parcels]({URL})". Harbor Daily. Retrieved July 2, 2025.',
        ),
        (
            f"[机器人仍在分拣包裹]({URL}) · 港湾日报 · (2024-05-28) · 检索日期：2025-07-01",
            f"[机器人仍在分拣包裹]({URL}) · 港湾日报 · (2025-06-05) · 检索日期：2025-07-01",
        ),
        (
            f'<a href="{URL}">Robot sorts the &quot;parcels&quot;</a>·Harbor Daily（2024/5）·检索日期2025/7/1',
            f'<a href="{URL}">Robot [still] sorts parcels</a>·Harbor Daily（2025/6/5）·检索日期2025/7/1',
        ),
        (
            r"Robot sorts the \"parcels\"·Harbor Daily（2024）·检索日期2025/7/1",
            r"Robot \[still\] sorts parcels·Harbor Daily（2025/6/5）·检索日期2025/7/1",
        ),
        (
            "[Robot still sorts parcels](https://example.com/a)·Harbor Daily（2025/6/5）·检索日期2025/7/1",
            f"[Robot still sorts parcels]({URL})·Harbor Daily（2025/6/5）·检索日期2025/7/1",
        ),
        (
            f"[Robot still sorts parcels]({URL})·Harbor Daily（2025/6/5）·检索日期2026/7/1",
            f"[Robot still sorts parcels]({URL})·Harbor Daily（2025/6/5）·检索日期2025/7/2",
        ),
        (
            f"[Robot still sorts parcels]({URL})·Oasis Weekly（2025/6/5）·检索日期2025/7/1",
            f"[Robot still sorts parcels]({URL})·Harbor Daily（2025/6/5）·检索日期2025/7/1",
        ),
    ],
)  # fmt: skip
def test_a_line_keeps_its_form_and_gets_the_truth(line: str, expected: str) -> None:
    assert fixed(line) == f"[^1]: {expected}"


@pytest.mark.parametrize(
    "line",
    [
        f"[Robot still sorts parcels]({URL})·Harbor Daily·Okafor, T.（2025/6/5）·检索日期2025/7/1",
        f"[Robot still sorts parcels]({URL})·Harbor Daily（2025/6）·检索日期2025/7/1",
        f"[机器人仍在分拣包裹]({URL})·港湾日报·奥卡福（2025/6/6）·检索日期2025/7/1",
    ],
)
def test_what_is_right_is_let_be(line: str) -> None:
    assert fixed(line) is None


def test_a_title_in_pieces_makes_the_line_anew() -> None:
    line = f"Robot，[sorts the parcels]({URL})·Harbor Daily·Jane Miller（2024/5/28）·检索日期2024/5/29"
    citation = Citation(
        label="1",
        raw=line,
        title="Robot sorts the parcels",
        url=URL,
        key=URL.rstrip("/"),
        publisher="Harbor Daily",
        author="Jane Miller",
        published="2024-05-28",
        accessed="2024-05-29",
    )
    expected = rf"[Robot \[still\] sorts parcels]({URL})·Harbor Daily·Tomás Okafor（2025/6/5）·检索日期2025/7/2"
    corrected = corrected_line(citation, SAID, written=WRITTEN)
    assert corrected == f"[^1]: {expected}"


@pytest.mark.parametrize(
    ("raw", "accessed", "expected"),
    [
        ("J. Miller。机器人。Harbor Daily。", None, "Tomás Okafor（2025/6/5）。机器人。Harbor Daily。"),
        ("机器人·Harbor Daily·J. Miller", "2025-07", "机器人·Harbor Daily·Tomás Okafor（2025/6/5）·检索日期2025/7"),
        ("机器人·Harbor Daily·Jane Miller（去年）", None, "机器人·Harbor Daily·Tomás Okafor（2025/6/5）"),
        ("机器人·Harbor Daily·Jane Miller（2023/1/1）", None, "机器人·Harbor Daily·Tomás Okafor（2025/6/5）"),
    ],
)
def test_a_claim_that_stands_nowhere_makes_the_line_anew(raw: str, accessed: str | None, expected: str) -> None:
    citation = Citation(
        label="1",
        raw=raw,
        title="机器人",
        publisher="Harbor Daily",
        author="Jane Miller",
        published="2024-05-28",
        accessed=accessed,
    )
    assert corrected_line(citation, SAID, written=WRITTEN) == f"[^1]: {expected}"


def test_an_accessed_date_stays_where_the_source_may_have_dated_anew() -> None:
    line = f"[Robot still sorts parcels]({URL})·Harbor Daily（2025/5/28）·检索日期2025/5/29"
    assert fixed(line) == f"[^1]: {line.replace('2025/5/28', '2025/6/5')}"


def test_without_the_day_of_the_article_the_accessed_date_stays() -> None:
    line = f"[Robot still sorts parcels]({URL})·Harbor Daily（2024/5/28）·检索日期2024/5/29"
    corrected = corrected_line(read(line), SAID)
    assert corrected == f"[^1]: [Robot still sorts parcels]({URL})·Harbor Daily（2025/6/5）·检索日期2024/5/29"


def test_a_source_list_has_no_form() -> None:
    assert corrected_line(Citation(label=None, raw=URL, url=URL, published="2024"), SAID) is None


@given(st.dates(date(2000, 1, 1), date(2024, 12, 31)), st.sampled_from(["/", "-", "."]), st.booleans())
def test_a_corrected_line_reads_as_its_source_says(day: date, mark: str, padded: bool) -> None:
    spelt = mark.join(f"{part:0{2 if padded else 1}}" for part in (day.year, day.month, day.day))
    line = fixed(f"[Robot sorts the parcels]({URL})·Harbor Daily·Jane Miller（{spelt}）·检索日期{spelt}")
    assert line is not None
    again = read(line.removeprefix("[^1]: "))
    assert (again.published, again.accessed, again.author) == ("2025-06-05", "2025-07-02", "Tomás Okafor")
    assert [difference.field for difference in compare(again, SAID)] == []
