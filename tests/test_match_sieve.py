"""A few articles against many entries: whatever is sifted out, no rule would have found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.match import Found, Matcher, Piece, Story, near_dates
from feeds.match.keys import story_keys
from feeds.model import Citation
from feeds.urls import canonical

DAY = datetime(2025, 7, 1, 12, tzinfo=UTC)
WORDS = """
Avocet Bittern's Curlew Dunlin-4.5 Gemini 3 Motors motor machine learning open source Erdős café the of in 7 $200m
2亿美元 9,000 30% 法院 版权 机器学习 奥塞伊 港口，静音马达 “soup” don’t IPO ｗｉｄｅ copyright court
""".split()  # noqa: SIM905 (reads as a text)
URLS = [f"https://tern.example/{name}" for name in ("a", "b", "harbour-robots-learn-to-moor", "2025/07/arXiv")]

texts = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
titles = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)
moments = st.integers(-420, 420).map(lambda days: DAY + timedelta(days=days / 2))


@st.composite
def citations(draw: st.DrawFn) -> Citation:
    """A citation by title, by address, or by both."""
    url = draw(st.none() | st.sampled_from(URLS))
    title = draw(st.none() | titles | st.just("Harbour robots learn to moor"))
    return Citation(label="1", title=title, url=url, key=canonical(url) if url else None)


@st.composite
def pieces(draw: st.DrawFn) -> Piece:
    """An article about any of the words."""
    return Piece(
        path="",
        title=draw(titles),
        text=draw(texts),
        published=draw(moments),
        guessed_date=draw(st.integers(0, 5)) == 0,
        citations=tuple(draw(st.lists(citations(), max_size=2))),
    )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """An entry about any of the words."""
    return Story(
        id="",
        titles=tuple(draw(st.lists(titles, max_size=2))),
        urls=tuple(draw(st.lists(st.sampled_from(URLS), max_size=1))),
        summary=draw(texts),
        published=draw(st.none() | moments),
        sources=tuple(draw(st.lists(st.sampled_from(["Avocet", "Gemini 3", "港口"]), max_size=1))),
    )


def site_of(some: list[Piece]) -> Matcher:
    """A site with these articles, and others, without which nothing would be rare."""
    matcher = Matcher()
    for number, piece in enumerate(some):
        matcher.add_article(renamed(piece, str(number)))
    for number in range(30):
        matcher.add_article(Piece(path=f"other-{number}", title=f"鸟 {number}", published=DAY))
    return matcher


def renamed(piece: Piece, path: str) -> Piece:
    """The article under another path."""
    return Piece(
        path=path,
        title=piece.title,
        text=piece.text,
        published=piece.published,
        guessed_date=piece.guessed_date,
        citations=piece.citations,
    )


def by_pair(found: list[Found]) -> list[Found]:
    """In one order."""
    return sorted(found, key=lambda one: (one.entry_id, one.article_path))


@given(st.lists(pieces(), min_size=1, max_size=6), st.lists(stories(), max_size=10), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_a_few_articles_meet_the_entries_that_meet_them(some: list[Piece], entries: list[Story], count: int) -> None:
    site = site_of(some)
    paths = {str(number) for number in range(min(count, len(some)))}
    named = [
        Story(
            id=str(number),
            titles=story.titles,
            urls=story.urls,
            summary=story.summary,
            published=story.published,
            sources=story.sources,
        )
        for number, story in enumerate(entries)
    ]
    wanted = [found for story in named for found in site.match_entry(story) if found.article_path in paths]
    assert by_pair(site.match_articles(paths, named)) == by_pair(wanted)
    keys = {key for path in paths for key in site.keys_of(path)}
    citable = {story.id for story in named if keys & set(story_keys(story))}
    assert by_pair(site.match_articles(paths, named, citable=citable)) == by_pair(wanted)


@given(pieces(), stories())
@settings(max_examples=40, deadline=None)
def test_without_a_citation_of_its_page_an_entry_of_another_time_meets_nothing(piece: Piece, story: Story) -> None:
    dates = near_dates(piece)
    assert (dates is None) == piece.guessed_date
    site = site_of([piece])
    is_far = dates and story.published and not dates[0] <= story.published <= dates[1]
    if is_far and not site.keys_of("0") & set(story_keys(story)):
        assert [found for found in site.match_entry(story) if found.article_path == "0"] == []


def test_articles_that_are_not_known_meet_nothing() -> None:
    assert site_of([]).match_articles(["unknown.md"], [Story(id="1", titles=("x",))]) == []
