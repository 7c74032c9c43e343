"""Which articles an entry meets, by which rule, how surely, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.match import Found, Matcher, Piece, Rule, Standing, Story, piece_of, story_of_entry
from feeds.match.lexicon import lexicon_of
from feeds.match.outline import outline
from feeds.match.plain import entry_values, story_of
from feeds.model import Article, Citation
from feeds.polled import Entry
from feeds.urls import canonical

DAY = datetime(2025, 7, 1, 12, tzinfo=UTC)
PODCAST = Story(
    id="tern-35",
    titles=("Lina Osei on Quiet Motors — the Tern Show",),
    urls=("https://tern.example/show/35",),
    summary="Ruben Hale talks with Kestrel Labs' Lina Osei about the harbour accident, soup at midnight and Motor 7.",
    published=DAY,
    sources=("The Tern Show",),
)
TELLING = Piece(
    path="content/motors.md",
    title="Lina Osei 做客 Tern Show：静音马达背后的人",
    text="主持人 Ruben Hale 采访了 Kestrel Labs 的 Lina Osei。她谈到港口事故，深夜送了汤，以及 Motor 7。"
    "Ruben Hale 问 Motor 7 何时上市。",
    published=DAY + timedelta(days=1),
)
NAMING = Piece(
    path="content/patents.md",
    title="Kestrel Labs 申请新专利",
    text="Kestrel Labs 的 Lina Osei 表示，新专利将在秋天公布，投资者表示欢迎。",
    published=DAY + timedelta(days=1),
)


def fillers(count: int = 60) -> list[Piece]:
    """Other articles of the site, of all days."""
    names = ("Avocet", "Bittern", "Curlew", "Dunlin", "Egret", "Fulmar", "Gannet", "Heron", "Ibis", "Jacana")
    return [
        Piece(
            path=f"content/other-{number}.md",
            title=f"{names[number % 10]} 的一天",
            text=f"{names[number % 10]} 与 {names[number % 7]} 在港口讨论人工智能、市场与公司的未来。",
            published=DAY + timedelta(days=number % 20 - 10),
        )
        for number in range(count)
    ]


def matcher(*pieces: Piece) -> Matcher:
    """The site with these articles."""
    result = Matcher()
    for piece in (*fillers(), *pieces):
        result.add_article(piece)
    return result


def citing(path: str = "content/citing.md", **citation: Any) -> Piece:
    """An article that cites something, and says nothing else."""
    url = citation.get("url")
    made = Citation(**{"label": "1", "line": 9, "key": canonical(url) if url else None, **citation})
    return Piece(path=path, title="引文", published=DAY + timedelta(days=1), citations=(made,))


def only(found: list[Found], path: str) -> Found:
    """What was found of one article."""
    [one] = [each for each in found if each.article_path == path]
    return one


def test_a_citation_of_the_page_is_a_match_with_label_and_line() -> None:
    found = only(
        matcher(citing(url="http://www.tern.example/show/35?utm_source=x")).match_entry(PODCAST), "content/citing.md"
    )
    assert (found.rule, found.standing, found.score) == (Rule.PAGE, Standing.MATCH, 1.0)
    assert (found.citation, found.citation_label, found.citation_line) == (0, "1", 9)
    assert found.evidence == ("same page: https://tern.example/show/35",)


def test_every_address_that_an_entry_ever_had_counts() -> None:
    moved = replace(PODCAST, urls=(*PODCAST.urls, "https://old.example/35"))
    assert only(matcher(citing(url="https://old.example/35")).match_entry(moved), "content/citing.md").rule is Rule.PAGE


def test_a_video_is_known_by_its_id() -> None:
    video = replace(PODCAST, video="abcdefghijk")
    found = only(matcher(citing(url="https://youtu.be/abcdefghijk")).match_entry(video), "content/citing.md")
    assert found.rule is Rule.IDENTITY


def test_a_citation_without_address_is_known_by_its_title_and_publisher() -> None:
    piece = citing(title="Lina Osei on Quiet Motors: the Tern Show", publisher="Tern Show")
    found = only(matcher(piece).match_entry(PODCAST), "content/citing.md")
    assert (found.rule, found.standing) == (Rule.TITLE, Standing.MATCH)


def test_a_right_title_may_carry_another_pages_address_and_an_invented_date() -> None:
    piece = citing(title=PODCAST.titles[0], url="https://copy.example/x", published="2019-01-01", accessed="2018-01-01")
    assert only(matcher(piece).match_entry(PODCAST), "content/citing.md").rule is Rule.TITLE


def test_an_earlier_title_of_an_entry_counts() -> None:
    renamed = replace(PODCAST, titles=("Something Else Entirely Now", PODCAST.titles[0]))
    assert only(matcher(citing(title=PODCAST.titles[0])).match_entry(renamed), "content/citing.md").rule is Rule.TITLE


def test_a_like_title_of_nobody_knows_whom_is_a_suggestion() -> None:
    piece = citing(title="Lina Osei on Very Quiet Motors — a Tern Show")
    assert only(matcher(piece).match_entry(PODCAST), "content/citing.md").standing is Standing.SUGGESTION


def test_a_like_title_of_another_page_of_the_source_is_a_suggestion() -> None:
    piece = citing(title="Lina Osei on Loud Motors — the Tern Show", url="https://tern.example/show/36")
    assert only(matcher(piece).match_entry(PODCAST), "content/citing.md").standing is Standing.SUGGESTION


def test_a_title_that_many_pages_of_a_host_bear_is_a_columns() -> None:
    """Its editions are other stories, each of which an editor must tell apart."""
    editions = [
        citing(f"{n}.md", title="Harbour Market Talk of the Week", url=f"https://tern.example/{n}") for n in "abc"
    ]
    column = replace(
        PODCAST, titles=("Harbour Market Talk of the Week",), sources=("Tern",), urls=("https://t.example/z",)
    )
    both = matcher(*editions[:2]).match_entry(column)
    assert [found.standing for found in both] == [Standing.MATCH] * 2
    found = matcher(*editions).match_entry(column)
    assert [one.standing for one in found] == [Standing.SUGGESTION] * 3
    assert found[0].evidence[-1] == "a title that 3 or more cited pages of one host bear"


def test_a_title_does_not_reach_back_before_the_entry() -> None:
    early = replace(citing(title=PODCAST.titles[0]), published=DAY - timedelta(days=30))
    assert matcher(early).match_entry(PODCAST) == []


def test_the_first_rule_that_holds_wins() -> None:
    both = replace(
        TELLING,
        citations=(
            Citation(label="1", title=PODCAST.titles[0]),
            Citation(label="2", url=PODCAST.urls[0], key=canonical(PODCAST.urls[0])),
        ),
    )
    found = only(matcher(both).match_entry(PODCAST), TELLING.path)
    assert (found.rule, found.citation, found.citation_label) == (Rule.PAGE, 1, "2")


def test_an_article_that_tells_the_entry_is_published_without_a_citation() -> None:
    found = only(matcher(TELLING, NAMING).match_entry(PODCAST), TELLING.path)
    assert (found.rule, found.standing, found.citation_label) == (Rule.COVERS, Standing.MATCH, None)
    assert "lina osei" in found.evidence[0]


def test_one_shared_person_is_not_enough() -> None:
    assert [found.article_path for found in matcher(TELLING, NAMING).match_entry(PODCAST)] == [TELLING.path]


def test_another_show_in_which_the_person_merely_speaks_is_not_met() -> None:
    other = Story(
        id="gull-2",
        titles=("The Gull Hour, ep. 2: Lina Osei",),
        summary="Lina Osei of Kestrel Labs joins Mara Voss to discuss gardens.",
        published=DAY - timedelta(days=200),
    )
    assert matcher(TELLING).match_entry(other) == []


@pytest.mark.parametrize("days", [-30, 500])
def test_an_article_does_not_tell_what_came_out_later_or_long_before(days: int) -> None:
    far = replace(TELLING, published=DAY + timedelta(days=days))
    assert matcher(far).match_entry(PODCAST) == []


def test_the_time_of_a_file_is_no_reason_against_an_article() -> None:
    undated = replace(TELLING, published=DAY + timedelta(days=500), guessed_date=True)
    assert only(matcher(undated).match_entry(PODCAST), TELLING.path).rule is Rule.COVERS


def test_words_of_the_user_reach_across_languages() -> None:
    story = Story(id="1", titles=("Driftwood Ferries sinks Moonpool ahead of Gala",), published=DAY)
    piece = Piece(path="a.md", title="浮木渡轮搁置月池计划", text="盛典之前，浮木渡轮决定放弃月池。", published=DAY)
    assert matcher(piece).match_entry(story) == []
    taught = Matcher(words={"Driftwood Ferries": ["浮木渡轮"], "Moonpool": ["月池"], "Gala": ["盛典"]})
    for one in (*fillers(), piece):
        taught.add_article(one)
    assert [found.article_path for found in taught.match_entry(story)] == ["a.md"]


def test_an_entry_with_nothing_to_say_meets_nothing() -> None:
    assert matcher(TELLING).match_entry(Story(id="1", titles=())) == []
    assert Matcher().match_entry(PODCAST) == []


def test_an_article_meets_the_entries_that_meet_it() -> None:
    site = matcher(TELLING, citing(url=PODCAST.urls[0]), citing("b.md", title=PODCAST.titles[0]))
    others = [Story(id=str(n), titles=(f"Avocet {n} at the fair",), published=DAY) for n in range(20)]
    for path in (TELLING.path, "content/citing.md", "b.md"):
        assert site.match_articles([path], [*others, PODCAST]) == [only(site.match_entry(PODCAST), path)]
    assert site.match_articles([TELLING.path], others) == []
    assert site.match_articles(["unknown.md"], [PODCAST]) == []


def test_a_replaced_article_leaves_nothing_behind() -> None:
    site = matcher(replace(TELLING, citations=citing(url=PODCAST.urls[0], title=PODCAST.titles[0]).citations))
    site.add_article(replace(NAMING, path=TELLING.path, text=""))
    assert site.match_entry(PODCAST) == []
    site.remove_article(TELLING.path)
    site.remove_article(TELLING.path)
    assert len(site) == len(fillers())


def test_a_stored_imprint_gives_the_same_answer_as_the_text() -> None:
    site = matcher(TELLING)
    before = site.match_entry(PODCAST)
    site.add_article(replace(TELLING, text="", imprint=site.imprint_of(TELLING)))
    assert site.match_entry(PODCAST) == before


def test_a_stored_imprint_remembers_the_ids_of_a_definition_that_is_not_stored() -> None:
    piece = citing(raw="Tern, L. Quiet motors. arXiv:2501.01234")
    site = matcher(piece)
    site.add_article(replace(piece, citations=citing().citations, imprint=site.imprint_of(piece)))
    paper = Story(id="p", titles=("x",), urls=("https://arxiv.org/abs/2501.01234",))
    assert only(site.match_entry(paper), piece.path).rule is Rule.IDENTITY


@given(st.permutations([TELLING, NAMING, citing(url=PODCAST.urls[0]), citing("b.md", title=PODCAST.titles[0])]))
@settings(max_examples=15)
def test_the_order_of_articles_changes_nothing(pieces: list[Piece]) -> None:
    straight = matcher(TELLING, NAMING, citing(url=PODCAST.urls[0]), citing("b.md", title=PODCAST.titles[0]))
    assert matcher(*pieces).match_entry(PODCAST) == straight.match_entry(PODCAST)


@given(st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=60)
def test_any_texts_give_scores_between_nought_and_one(title: str, text: str) -> None:
    site = matcher(Piece(path="a.md", title=title, text=text, published=DAY))
    for found in site.match_entry(Story(id="1", titles=(title,), summary=text, published=DAY)):
        assert 0 <= found.score <= 1
        assert found.evidence


def test_why_tells_each_rule_and_what_would_have_to_differ() -> None:
    site = matcher(TELLING, NAMING, citing(title="Gannets of the north coast"), citing("b.md", url=PODCAST.urls[0]))
    refused = site.why(PODCAST, NAMING.path)
    assert [line.partition(":")[0] for line in refused[:4]] == ["same page", "known ids", "same title", "covers"]
    assert "to be published the score must be 0.35" in "\n".join(refused)
    assert "would be enough" in "\n".join(site.why(PODCAST, "content/citing.md"))
    assert site.why(PODCAST, "b.md") == ["same page: match: [^1] in line 9: same page: https://tern.example/show/35"]
    assert site.why(PODCAST, "c.md") == ["c.md: no article of that path"]


def test_why_agrees_with_what_is_found() -> None:
    site = matcher(TELLING, citing(title=PODCAST.titles[0]))
    for found in site.match_entry(PODCAST):
        assert any(line.startswith(f"{found.rule}: {found.standing}") for line in site.why(PODCAST, found.article_path))


def test_an_entry_of_a_file_is_read_and_answered_as_json() -> None:
    values = {
        "title": PODCAST.titles[0],
        "url": None,
        "published": "2025-07-01",
        "feed": "The Tern Show",
        "summary": None,
    }
    story = story_of(values)
    assert (story.id, story.urls, story.published) == (PODCAST.titles[0], (), datetime(2025, 7, 1, tzinfo=UTC))
    answer = entry_values(values, matcher(citing(title=PODCAST.titles[0])).match_entry(story))
    assert answer["entry"] == values
    assert [found["article"] for found in answer["matches"]] == ["content/citing.md"]
    assert answer["matches"][0]["rule"] == "same title"
    assert answer["suggestions"] == []


@pytest.mark.parametrize("values", [{}, {"title": " "}, {"title": "x", "published": "soon"}])
def test_an_entry_that_cannot_be_read_is_an_error_that_says_why(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"needs a title or a url|is no date"):
        story_of(values)


def test_articles_and_entries_are_taken_as_they_are_read() -> None:
    article = Article(
        path="a.md",
        url="https://x.example/a",
        title="t",
        published=DAY,
        updated=DAY,
        appears=DAY,
        tags=("T",),
        topics=("U",),
        date_from="file time",
    )
    assert (piece_of(article).terms, piece_of(article).guessed_date) == (("T", "U"), True)
    entry = Entry(id="e", url="https://x.example/e", title="now", links=("https://x.example/p",), video="v")
    story = story_of_entry(entry, sources=("S",), titles=("then", "now"))
    assert (story.titles, story.urls) == (("now", "then"), ("https://x.example/e", "https://x.example/p"))


def test_an_article_that_names_the_source_has_one_hint_more() -> None:
    terse = Story(id="1", titles=("EP 12 Lina Osei of Kestrel Labs",), published=DAY)
    named = replace(terse, sources=("The Tern Show",))
    site = matcher(TELLING)
    without, with_name = (only(site.match_entry(story), TELLING.path) for story in (terse, named))
    assert with_name.score > without.score
    assert "The Tern Show" in with_name.evidence[0]


def test_an_article_that_came_out_before_the_entry_is_no_more_than_a_suggestion() -> None:
    """Half a day's difference may be the zone's; who wrote the day before wrote of something else, or knew it early."""
    same_day = replace(TELLING, published=DAY - timedelta(hours=8))
    assert only(matcher(same_day).match_entry(PODCAST), TELLING.path).standing is Standing.MATCH
    day_before = replace(TELLING, published=DAY - timedelta(hours=20))
    found = only(matcher(day_before).match_entry(PODCAST), TELLING.path)
    assert found.standing is Standing.SUGGESTION
    wanted = matcher(day_before).why(PODCAST, TELLING.path)
    assert "to be published the article must not have come out before the entry" in wanted


COMMON = Story(
    id="layoffs",
    titles=("Kestrel Labs lawyers testify in court over layoffs, drones and copyright",),
    summary="A judge and a jury heard engineers, investors and a professor on the factory fire.",
    published=DAY,
)


def common_article(path: str, count: int = 11) -> Piece:
    """An article whose every word other articles of the site have, too."""
    told = ("法院", "律师", "裁员", "无人机", "版权", "法官", "陪审团", "工程师", "投资者", "教授", "工厂")
    words = told[:count]
    return Piece(path=path, title="、".join(words), text="，".join(words), published=DAY + timedelta(hours=6))


def test_much_that_is_common_is_a_suggestion_though_nothing_of_it_is_rare() -> None:
    """Each word stands in forty articles of long ago; all of them together in one article of that day."""
    old = [replace(common_article(f"content/old-{n}.md"), published=DAY - timedelta(days=300 + n)) for n in range(40)]
    site = matcher(*old, common_article("content/all.md"), common_article("content/some.md", 2))
    found = {one.article_path: one for one in site.match_entry(COMMON)}
    assert "content/some.md" not in found
    assert found["content/all.md"].standing is Standing.SUGGESTION
    assert "0 rare things" in found["content/all.md"].evidence[1]
    articles = ["content/all.md", "content/some.md"]
    assert [one.article_path for one in site.match_articles(articles, [COMMON])] == ["content/all.md"]


def test_a_sources_name_is_no_second_hint_when_the_entry_says_a_part_of_it() -> None:
    """“Kestrel News” on Kestrel: an article about Kestrel shares one thing with it, not two."""
    entry = Story(id="k", titles=("Kestrel opens an office",), published=DAY, sources=("Kestrel News",))
    article = Piece(path="k.md", title="Kestrel News 报道：Kestrel", text="Kestrel。", published=DAY)
    assert all(found.standing is Standing.SUGGESTION for found in matcher(article).match_entry(entry))
    told = outline(entry, lexicon_of({}))
    assert not told.sources
    assert outline(replace(entry, sources=("Harbour Post",)), lexicon_of({})).sources
