from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.audit.claims import compare
from feeds.audit.spans import RE_DATED, day_span, span_of
from feeds.audit.texts import script_of, title_likeness, words_of
from feeds.audit.values import Field, Said
from feeds.model import Citation
from feeds.urls import canonical

URL = "https://www.harbor-daily.press/story/robot/"
PUBLISHED = datetime(2025, 7, 1, 18, tzinfo=UTC)


def cite(url: str | None = URL, **claims: Any) -> Citation:
    return Citation(label="1", url=url, key=canonical(url) if url else None, **claims)


def said(**values: Any) -> Said:
    values = {"titles": ("Robot sorts parcels",), "url": URL, "source": "Harbor Daily", **values}
    return Said(**values)


def outcome(citation: Citation, source: Said, field: Field) -> str:
    """``same``, ``shown`` or ``contradicted``."""
    for difference in compare(citation, source):
        if difference.field is field:
            return "contradicted" if difference.is_contradiction else "shown"
    return "same"


# -- titles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "own", "expected"),
    [
        ("Robot sorts parcels", "Robot Sorts Parcels", "same"),
        ("“Robot” sorts parcels!", "Robot sorts 'parcels'", "same"),
        ("Ｒｏｂｏｔ sorts parcels", "Robot sorts parcels", "same"),
        ("Robot sorts parcels - Harbor Daily", "Robot sorts parcels", "shown"),
        ("Okafor on robots: 'Parcels Feel'", "Okafor Defends Robots: 'Parcels Do Feel'", "shown"),
        ("Robot learns to sort by ...", "Robot learns to sort by touch, says Lighthouse", "shown"),
        ("机器人学会分拣包裹", "Robot sorts parcels", "shown"),
        ("机器人学会分拣包裹", "机器人学会了分拣包裹，工程师说", "shown"),
        ("Harbor Daily", "Robot sorts parcels", "shown"),
        ("Gardens on roofs are getting greener", "Robot sorts parcels by touch", "contradicted"),
        ("屋顶上的菜园正在变多", "机器人学会分拣包裹", "contradicted"),
        ("", "Robot sorts parcels", "same"),
        ("Robot sorts parcels", "…", "same"),
    ],
)
def test_a_paraphrase_or_translation_is_shown_and_another_story_contradicts(
    claimed: str, own: str, expected: str
) -> None:
    assert outcome(cite(title=claimed), said(titles=(own,)), Field.TITLE) == expected


def test_any_title_that_the_page_ever_had_will_do_and_the_newest_is_told() -> None:
    source = said(titles=("A garden on every roof", "Robot sorts parcels"))
    assert outcome(cite(title="Robot sorts parcels"), source, Field.TITLE) == "same"
    (difference,) = compare(cite(title="Robot sorts the parcels"), source)
    assert (difference.found, difference.is_contradiction) == ("A garden on every roof", False)


def test_a_translation_has_no_distance() -> None:
    (difference,) = compare(cite(title="机器人学会分拣包裹"), said())
    assert difference.distance is None


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Robot", "latin"),
        ("OpenAI Codex SDK 更新", "chinese"),
        ("ロボットが分類", "japanese"),
        ("로봇", "hangul"),
        ("2025", ""),
    ],
)
def test_two_characters_tell_the_script(text: str, script: str) -> None:
    assert script_of(text) == script


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=300)
def test_likeness_is_a_share_and_whole_for_equals(one: str, two: str) -> None:
    assert 0 <= title_likeness(one, two) <= 1
    assert title_likeness(one, one) == float(bool(words_of(one)))


# -- dates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        ("2025-07-01", "same"),
        ("2025-07-02", "same"),  # +08:00
        ("2025-06-30", "same"),
        ("2025-07", "same"),
        ("2025", "same"),
        ("2025-06", "same"),  # its last day is the day before
        ("2025-06-28", "shown"),
        ("2025-07-15", "shown"),
        ("2025-07-16", "contradicted"),
        ("2024-05-28", "contradicted"),
        ("2024", "contradicted"),
        (None, "same"),
    ],
)
def test_a_date_has_a_day_of_grace_and_two_weeks_of_patience(claimed: str | None, expected: str) -> None:
    assert outcome(cite(published=claimed), said(published=PUBLISHED), Field.DATE) == expected


@given(st.integers(-400, 400), st.integers(-12, 14))
def test_a_date_contradicts_exactly_beyond_the_patience(days: int, hours: int) -> None:
    moment = PUBLISHED.astimezone(timezone(timedelta(hours=hours)))
    claimed = (moment + timedelta(days=days)).date().isoformat()
    found = [d for d in compare(cite(published=claimed), said(published=moment)) if d.field is Field.DATE]
    assert bool(found) == (abs(days) > 1)
    assert [d.is_contradiction for d in found] in ([], [abs(days) > RE_DATED.days])
    assert [d.distance for d in found] in ([], [abs(days)])


@given(st.dates(), st.dates())
def test_days_between_two_days_are_what_a_calendar_says(one: Any, two: Any) -> None:
    assert day_span(one).days_from(day_span(two)) == abs((one - two).days)


@pytest.mark.parametrize(
    ("claimed", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-02-03", "2024-02-03", "2024-02-03"),
    ],
)
def test_a_partial_date_is_all_days_that_it_may_mean(claimed: str, first: str, last: str) -> None:
    span = span_of(claimed)
    assert span is not None
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last)


@pytest.mark.parametrize("claimed", [None, "", "2024-13", "2024-02-30", "soon", "0000"])
def test_what_is_no_date_is_none(claimed: str | None) -> None:
    assert span_of(claimed) is None


# -- authors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "own", "expected"),
    [
        ("Jane Miller", ["Jane Miller"], "same"),
        ("Miller, J.", ["Jane Miller"], "same"),
        ("Miller, J., & Okafor, T.", ["Tomás Okafor"], "same"),
        ("Jane Miller", ["Tomás Okafor", "Jane Miller"], "same"),
        ("Miller Jane", ["Jane Miller"], "same"),
        ("Tomas Okafor", ["Tomás Okafor"], "same"),
        ("By Jane Miller", ["Jane Miller"], "same"),
        ("萨拉", ["Sara Lindqvist"], "shown"),
        ("闻月 发自 港城", ["闻月"], "same"),
        ("编辑：闻月", ["闻月"], "same"),
        ("Jane Miller", ["Harbor Daily"], "same"),
        ("Jane Miller", ["Harbor Daily Staff"], "same"),
        ("Harbor Daily", ["Jane Miller"], "same"),
        ("Jane Miller", ["admin"], "same"),
        ("Jane Miller", [], "same"),
        (None, ["Jane Miller"], "same"),
        ("关注机器人前沿的人们", ["闻月"], "shown"),
        ("Robot Watch 2025", ["Jane Miller"], "shown"),
        ("Jane Miller", ["Tomás Okafor"], "contradicted"),
        ("Jane Miller", ["Jane Doe"], "contradicted"),
        ("闻月", ["林小满"], "contradicted"),
    ],
)
def test_an_author_may_be_spelt_in_many_ways_but_not_be_another(
    claimed: str | None, own: list[str], expected: str
) -> None:
    assert outcome(cite(author=claimed), said(authors=tuple(own)), Field.AUTHOR) == expected


# -- publisher and address ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claimed", "expected"),
    [
        ("Harbor Daily", "same"),
        ("harbor daily", "same"),
        ("Harbor", "same"),
        ("港湾日报", "same"),
        ("www.harbor-daily.press", "same"),
        ("Jane Miller", "same"),
        (None, "same"),
        ("海港", "shown"),
        ("Oasis Weekly", "contradicted"),
    ],
)
def test_a_publisher_is_known_by_name_alias_host_or_author(claimed: str | None, expected: str) -> None:
    source = said(aliases=("港湾日报",), authors=("Jane Miller",))
    if claimed == "海港":
        source = said()
    assert outcome(cite(publisher=claimed), source, Field.PUBLISHER) == expected


def test_initials_stand_for_a_name() -> None:
    source = said(source="The New Harbor Times", url="https://nht.press/a")
    assert outcome(cite(url="https://nht.press/a", publisher="NHT"), source, Field.PUBLISHER) == "same"


def test_elsewhere_than_at_the_sources_own_host_the_publisher_may_be_another() -> None:
    page = "https://www.youtube.com/watch?v=abcdefghijk"
    assert outcome(cite(page, publisher="Oasis Weekly"), said(url=page), Field.PUBLISHER) == "shown"


def test_another_address_is_shown_and_a_spelling_of_the_same_is_none() -> None:
    assert outcome(cite("https://reprints.press/robot"), said(), Field.URL) == "shown"
    assert outcome(cite("http://m.harbor-daily.press/story/robot?utm_source=x"), said(), Field.URL) == "same"
    assert outcome(cite(None), said(), Field.URL) == "same"
