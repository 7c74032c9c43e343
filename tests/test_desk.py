from __future__ import annotations

import string
import time
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.audit.values import Field, Level, Verdict
from feeds.desk import sentences, texts
from feeds.desk.audit_page import VERDICTS, command, render_audit
from feeds.desk.charts import Bar, draw_bars
from feeds.desk.layout import ASSETS, asset
from feeds.desk.sentences import in_chinese
from feeds.desk.status_page import in_bytes, render_status
from feeds.desk.values import Audit, Front, Health, Manners
from feeds.match import Rule as MatchRule
from feeds.publish.output import is_ours
from feeds.sources.alterations import Alteration
from feeds.sources.score import CHECKS
from feeds.sources.state import MOVED, SENTENCES
from tests.desks import (
    ARTICLE,
    AUDIT,
    CHINESE,
    CONTRADICTED,
    CORRECTION,
    DEAD,
    ENGLISH,
    HEALTH,
    NAMELESS,
    OLDER,
    UNKNOWN,
    VERIFIED,
)
from tests.strategies import people_text

NOTHING = Health(
    feeds=(),
    asked=None,
    without_feed=(),
    days=(),
    manners=Manners(requests=0, score=100.0, conditional_share=1.0, offences={}),
    broken=(),
    rebuilt=None,
)
BOTH = pytest.mark.parametrize("front", [CHINESE, ENGLISH], ids=["zh", "en"])


def parse(page: bytes) -> ET.Element:
    """As a browser reads it; strict, so that a mistake in the markup is an error."""
    document: ET.Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    return document


def audit_page(audit: Audit = AUDIT, front: Front = CHINESE) -> ET.Element:
    return parse(render_audit(front, audit)["audit.html"])


def words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def section(document: ET.Element, id_: str) -> ET.Element:
    (found,) = (one for one in document.iter("section") if one.get("aria-labelledby") == id_)
    return found


def tables(document: ET.Element, id_: str) -> dict[str, list[str]]:
    body = next(section(document, id_).iter("tbody"))
    return {words(row[0]): [words(cell) for cell in row[1:]] for row in body}


# -- both pages --------------------------------------------------------------------------------------------------------


@BOTH
def test_pages_are_sound_whatever_they_hold(front: Front) -> None:
    for audit, health in ((AUDIT, HEALTH), (Audit(cited=()), NOTHING)):
        for page in (*render_audit(front, audit).values(), render_status(front, health)):
            ids = [element.get("id") for element in parse(page).iter() if element.get("id")]
            assert len(ids) == len(set(ids))


@BOTH
def test_pages_are_in_the_language_of_the_site(front: Front) -> None:
    for page in (*render_audit(front, AUDIT).values(), render_status(front, HEALTH)):
        document = parse(page)
        assert document.get("lang") == front.language
        is_chinese = any("\u4e00" <= mark <= "\u9fff" for mark in words(next(document.iter("h1"))))
        assert is_chinese == (front is CHINESE)


def test_a_site_in_a_language_that_we_do_not_speak_has_english_pages() -> None:
    assert parse(render_status(replace(ENGLISH, language="fr"), HEALTH)).get("lang") == "en"


def test_links_within_the_pages_lead_somewhere() -> None:
    pages = {**render_audit(CHINESE, AUDIT), "status.html": render_status(CHINESE, HEALTH)}
    documents = {name: parse(page) for name, page in pages.items()}
    ids = {name: {one.get("id") for one in document.iter()} for name, document in documents.items()}
    for name, document in documents.items():
        for href in (link.get("href", "") for link in document.iter("a")):
            file, _, anchor = href.partition("#")
            if not file.startswith("http"):
                assert file in {"", *pages}
                assert not anchor or anchor in ids[file or name]


def test_nothing_is_loaded_from_elsewhere() -> None:
    for page in (*render_audit(CHINESE, AUDIT).values(), render_status(CHINESE, HEALTH)):
        document = parse(page)
        loaded = {link.get("href") for link in document.iter("link")} | {
            one.get("src") for one in document.iter("script")
        }
        assert loaded == {"data:,", *ASSETS}
        assert not any(name.startswith("on") or name == "style" for one in document.iter() for name in one.attrib)


def test_what_is_written_is_known_to_be_ours() -> None:
    for data in (*render_audit(CHINESE, AUDIT).values(), render_status(CHINESE, HEALTH), *map(asset, ASSETS)):
        assert is_ours(data)


# -- citations ---------------------------------------------------------------------------------------------------------


def test_verdicts_are_counted() -> None:
    document = audit_page()
    tiles = next(one for one in document.iter("ul") if one.get("class") == "tiles")
    assert {tile.get("class"): words(next(tile.iter("b"))) for tile in tiles} == dict.fromkeys(VERDICTS, "1")
    assert "2 篇文章的 5 条引用" in words(document)


def test_both_values_stand_beside_each_other_with_their_distance() -> None:
    card = section(audit_page(front=ENGLISH), "contradicted")
    rows = [[words(cell) for cell in row] for row in next(card.iter("tbody"))]
    assert rows == [
        ["date", "2024-05-28", "2025-07-01", "399 days"],
        ["title", "Robots sort", "A robot sorts by touch", "40 % unlike"],
    ]


def test_the_corrected_footnote_is_there_to_be_copied_as_it_is() -> None:
    (code,) = (one for one in section(audit_page(), "contradicted").iter("code") if one.get("class") == "copy")
    assert code.text == CORRECTION


def test_a_place_in_a_file_is_told_as_editors_take_it() -> None:
    assert "content/posts/robot.md:12" in words(section(audit_page(), "contradicted"))


def test_what_needs_nobody_is_a_line_that_can_be_opened() -> None:
    document = audit_page()
    for verdict in ("unknown", "verified"):
        (details,) = section(document, verdict).iter("details")
        assert len(list(details.iter("li"))) == 1
        assert details.get("open") is None
    assert not list(section(document, "contradicted").iter("details"))


def test_an_address_that_is_no_page_is_no_link() -> None:
    hrefs = [link.get("href") for link in audit_page().iter("a")]
    assert "javascript:alert(1)" not in hrefs
    assert CONTRADICTED.url in hrefs


def test_what_can_be_compared_comes_before_what_cannot_and_then_the_newest() -> None:
    bare = replace(CONTRADICTED, compared=(), correction=None, line=1)
    older = replace(bare, article=OLDER)
    (page,) = render_audit(CHINESE, Audit(cited=(older, bare, CONTRADICTED))).values()
    places = [words(card[0]) for card in section(parse(page), "contradicted").iter("li") if card.get("class") == "card"]
    assert [place.split()[1] for place in places] == [
        "content/posts/robot.md:12",
        "content/posts/robot.md:1",
        "content/posts/my",
    ]


def test_counts_by_source_name_each_source() -> None:
    assert tables(audit_page(), "counts_by_source") == {
        "Harbor Daily": ["1", "", "", "", "1", "2"],
        "gone.example": ["", "1", "", "1", "", "2"],
    }


def test_counts_by_article_name_those_that_need_somebody() -> None:
    fine = replace(VERIFIED, article=replace(OLDER, path="fine.md"))
    document = audit_page(replace(AUDIT, cited=(*AUDIT.cited, fine)))
    assert tables(document, "counts_by_article") == {
        f"{ARTICLE.title} {ARTICLE.path}": ["1", "1", "", "1", "1", "4"],
        f"{OLDER.title} {OLDER.path}": ["", "", "1", "", "", "1"],
    }
    assert "其余 1 篇" in words(section(document, "counts_by_article"))


def test_the_table_of_articles_ends_with_those_that_need_most() -> None:
    many = [replace(CONTRADICTED, article=replace(ARTICLE, path=f"{n:03}.md"), line=1) for n in range(520)]
    twice = replace(many[-1], line=2)
    document = audit_page(Audit(cited=(*many, twice)))
    rows = tables(document, "counts_by_article")
    assert len(rows) == 500
    assert next(iter(rows)).endswith("519.md")
    assert "另外 20 篇" in words(section(document, "counts_by_article"))


def test_sources_that_are_cited_seldom_are_summed_up() -> None:
    many = [replace(UNKNOWN, source=f"host-{n}.example", line=n) for n in range(1, 131)]
    document = audit_page(Audit(cited=tuple(many)))
    assert len(tables(document, "counts_by_source")) == 100
    assert "另有 30 个" in words(section(document, "counts_by_source"))


def test_a_long_list_goes_on_in_other_files_and_loses_nothing() -> None:
    many = Audit(cited=tuple(replace(one, line=n) for one in (CONTRADICTED, NAMELESS, VERIFIED) for n in range(1, 41)))
    pages = render_audit(CHINESE, many, part_bytes=20_000)
    assert list(pages) == ["audit.html", *(f"audit-{n}.html" for n in range(2, len(pages) + 1))]
    assert len(pages) > 2
    documents = [parse(page) for page in pages.values()]
    places = [code.text for one in documents for code in next(_found(one)).iter("code") if code.get("class") is None]
    assert len(places) == 120
    for document in documents:
        pager = next(nav for nav in document.iter("nav") if nav.get("class") == "pager")
        assert [link.get("href") for link in pager.iter("a")] == list(pages)
    assert all(len(words(next(_found(one)))) < 20_000 for one in documents)
    assert sum("等待裁定" in words(one) for one in documents) == 1


def _found(document: ET.Element) -> Any:
    return (one for one in document.iter("div") if one.get("id") == "found")


def test_the_order_of_the_findings_changes_no_byte() -> None:
    turned = replace(AUDIT, cited=tuple(reversed(AUDIT.cited)))
    assert render_audit(CHINESE, turned) == render_audit(CHINESE, AUDIT)


@settings(max_examples=40)
@given(people_text, people_text, people_text)
def test_any_text_stands_on_the_page_as_it_is(title: str, claimed: str, correction: str) -> None:
    compared = (replace(CONTRADICTED.compared[0], claimed=claimed),)
    one = replace(CONTRADICTED, title=title, source=claimed, compared=compared, correction=correction or "x")
    card = section(audit_page(Audit(cited=(one,)), ENGLISH), "contradicted")
    assert " ".join(title.split()) in words(card) or not title.strip()
    assert " ".join(claimed.split()) in words(next(card.iter("tbody")))


# -- suggestions, gaps, changes ----------------------------------------------------------------------------------------


def test_commands_are_as_a_shell_takes_them() -> None:
    (one,) = AUDIT.suggested
    assert command("confirm", one) == """feeds match confirm 17 'content/posts/my garden'"'"'s.md'"""
    assert command("deny", replace(one, article=ARTICLE)) == "feeds match deny 17 content/posts/robot.md"
    codes = [code.text for code in section(audit_page(), "suggestions").iter("code") if code.get("class") == "copy"]
    assert codes == [command("confirm", one), command("deny", one)]


def test_gaps_are_listed_with_their_reasons() -> None:
    said = words(section(audit_page(), "gaps"))
    assert "Ferries run on wind" in said
    assert "Harbor Daily被引用 12 次" in said


def test_changes_name_what_was_what_is_and_who_cites_it() -> None:
    said = words(section(audit_page(front=ENGLISH), "became"))
    assert "before Sleet" in said
    assert "now Snow" in said
    assert f"Cited in {ARTICLE.title}" in said


def test_a_moment_is_told_in_the_zone_of_the_site() -> None:
    times = [(one.get("datetime"), one.text) for one in section(audit_page(), "became").iter("time")]
    assert times[0] == ("2025-07-03T20:30:00Z", "2025-07-04 04:30")


# -- sources and rebuilds ----------------------------------------------------------------------------------------------


def status_page(health: Health = HEALTH, front: Front = ENGLISH) -> ET.Element:
    return parse(render_status(front, health))


def test_sources_are_listed_the_worst_first_with_the_rule_of_their_next_poll() -> None:
    rows = [words(row) for row in next(section(status_page(), "sources").iter("tbody"))]
    assert [row.split()[0] for row in rows] == ["Mill", "Quay", "Lantern", "Harbor"]
    assert "6 failures in a row" in rows[0]
    assert "answered 503" in rows[0]
    assert "not any more" in rows[1]
    assert "never" in rows[2]
    assert "at the next round" in rows[2]
    assert "2025-07-04 07:30" in rows[3]
    assert "half the median gap of its last 20 entries" in rows[3]


def test_a_quarantined_article_is_told_with_its_line_and_what_to_do() -> None:
    said = words(section(status_page(), "broken"))
    assert "content/posts/broken.md:4" in said
    assert "front matter: not readable as YAML: a <tab> stands here → put the value in quotes" in said
    assert "It was never readable" in said
    assert "“花园 & 账” stays" in said


def test_the_chart_has_a_table_with_the_same_days() -> None:
    document = status_page()
    rows = list(next(section(document, "days_told").iter("tbody")))
    assert [words(rows[0][0]), words(rows[-1][0])] == ["2025-07-03", "2025-06-04"]
    assert len(rows) == 30
    names = [one.get("aria-label") for one in document.iter() if one.get("role") == "img"]
    assert len(names) == 2
    assert all(names)


def test_a_state_without_polls_and_rebuilds_says_what_to_do() -> None:
    said = words(status_page(NOTHING))
    assert "feeds poll" in said
    assert "feeds rebuild" in said


def test_the_last_rebuild_is_told_with_its_cost() -> None:
    said = words(section(status_page(), "rebuilt"))
    assert all(part in said for part in ("2025-07-04 04:30", "9.9 s", "5,213", "81.2 MB"))


def test_a_score_is_full_only_without_any_offence() -> None:
    nearly = replace(HEALTH, manners=replace(HEALTH.manners, score=99.96))
    assert "100.0/100" in words(status_page(nearly))
    assert " 100/100" in words(status_page(NOTHING))


@pytest.mark.parametrize(
    ("size", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 KB"), (999_499, "999 KB"), (999_500, "1 MB"), (81_234_567, "81.2 MB")],
)
def test_sizes_have_three_digits(size: int, said: str) -> None:
    assert in_bytes(size) == said


# -- charts ------------------------------------------------------------------------------------------------------------


def drawn(*counts: tuple[int, ...]) -> ET.Element:
    bars = [
        Bar(day=date(2025, 7, 1) + timedelta(days=n), parts=parts, said=f"{parts}") for n, parts in enumerate(counts)
    ]
    return ET.fromstring(draw_bars(bars, name="n", colours="abc"[: len(counts[0]) if counts else 1]))  # noqa: S314 (ours)


def test_bars_are_as_high_as_their_numbers_and_stand_on_each_other() -> None:
    first, second, third = drawn((2, 1), (4, 0), (1, 1)).iter("g")
    heights = [[float(rect.get("height", 0)) for rect in group.iter("rect")] for group in (first, second, third)]
    assert heights[1][0] == pytest.approx(2 * heights[0][0], abs=0.2)
    lower, upper = first.iter("rect")
    assert float(upper.get("y", 0)) + float(upper.get("height", 0)) == pytest.approx(float(lower.get("y", 0)), abs=0.2)
    assert len(heights[1]) == 1


@pytest.mark.parametrize("most", [0, 1, 3, 7, 15, 99, 100, 101, 1234, 10**7])
def test_the_axis_has_a_few_round_numbers_and_room_for_the_highest_bar(most: int) -> None:
    values = [
        int((text.text or "").replace(",", "")) for text in drawn((most,)).iter("text") if "-" not in (text.text or "")
    ]
    assert values[0] == 0
    assert 2 <= len(values) <= 6
    assert values[-1] >= most
    step = values[1] - values[0]
    assert str(step).rstrip("0") in {"1", "2", "5"}


def test_a_chart_without_days_is_sound() -> None:
    assert not list(drawn().iter("rect"))


# -- words -------------------------------------------------------------------------------------------------------------


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_has_both_languages_with_the_same_places() -> None:
    assert {key: places(text) for key, text in texts._EN.items()} == {
        key: places(text) for key, text in texts._ZH.items()
    }


def test_every_word_of_the_values_has_a_text() -> None:
    shown = [*Verdict, *(f"{verdict}_means" for verdict in Verdict), *Level, *Field, *Alteration, "dead"]
    assert set(map(str, shown)) <= texts._EN.keys()
    assert tuple(sorted(VERDICTS)) == tuple(sorted(map(str, Verdict)))
    assert set(map(str, MatchRule)) <= texts._RULES.keys()


def test_every_form_of_a_sentence_is_told_in_chinese_with_all_that_differs() -> None:
    for english, chinese in sentences._FORMS:
        names = [name for _, name, _, _ in string.Formatter().parse(english) if name]
        assert set(names) == places(chinese), english
        said = in_chinese(english.format_map({name: f"<{n}>" for n, name in enumerate(names)}))
        assert said is not None
        assert all(f"<{n}>" in said for n in range(len(names))), english


def test_every_rule_of_polling_is_told_in_chinese() -> None:
    numbers = {"count": 3, "days": 20, "status": 503, "length": "1 d 8 h"}
    for sentence in SENTENCES.values():
        for said in (sentence.format(**numbers), sentence.format(**numbers) + MOVED):
            told = in_chinese(said) or ""
            assert "1 d" not in told
            assert any("\u4e00" <= mark <= "\u9fff" for mark in told), said
    assert all(in_chinese(name) for name in CHECKS)


def test_what_has_no_known_form_stands_as_it_is_and_says_its_language() -> None:
    odd = replace(DEAD, why="a sentence of tomorrow")
    spans = [one for one in section(audit_page(Audit(cited=(odd,))), "dead").iter("span") if one.get("lang") == "en"]
    assert [one.text for one in spans] == ["a sentence of tomorrow"]


def test_lengths_of_time_and_shares_of_articles_are_told_too() -> None:
    assert in_chinese("every 3 h 20 min, as sources.yaml says") == "每 3 小时 20 分钟，由 sources.yaml 指定"
    assert in_chinese("both say garden (in 2 of 40), 9,000") == "两边都提到：garden （40 篇中有 2 篇）, 9,000"
    assert in_chinese("Wired's own feed has this page; title and date may well mean the same") == (
        "Wired自己的订阅源里有这个页面；标题和日期写法不同，但可能是一个意思"
    )


@settings(max_examples=50)
@given(st.text(), st.sampled_from([english for english, _ in sentences._FORMS]))
def test_any_value_in_a_sentence_is_kept(value: str, form: str) -> None:
    said = in_chinese(form.format_map(dict.fromkeys(places(form), f"<{value}>")))
    assert said is not None


def test_a_hostile_sentence_takes_no_longer_than_its_length() -> None:
    hostile = "“" + "” stands as “" * 80_000
    began = time.process_time()
    assert in_chinese(hostile) is None
    assert time.process_time() - began < 1
