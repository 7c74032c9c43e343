from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.model import Article, Citation, FeedLinks, Met, Note, Person, Scope, Tombstone
from feeds.publish.select import (
    SITE,
    Contents,
    FeedSpec,
    Publication,
    categories_of,
    describe_feeds,
    distinguish_id,
    feed_id,
    folder_of,
    folder_url,
    home_url,
    make_item,
    mint_id,
    named_iri,
    new_slug,
    short_hash,
    title_of,
    with_terms,
)
from feeds.publish.terms import Term
from feeds.urls import canonical, slugify

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
AUTHOR = Person(name="编辑部")
PUBLICATION = Publication(
    title="示例站",
    url="https://example.org/blog/",
    base_url="https://feeds.example.org/out/",
    description="",
    language="zh-CN",
    author=AUTHOR,
    icon="https://example.org/icon.png",
    hub="https://hub.example.org/",
    layout={
        Scope.SITE: "",
        Scope.TAG: "tags/:slug/",
        Scope.TOPIC: "topics/:slug",
        Scope.SOURCE: "/sources/:slug/",
        Scope.COMBINED: "feeds/:slug/all",
    },
    filenames={"rss": "rss.xml", "atom": "atom.xml", "json": "feed.json"},
    limit=30,
    archived_scopes=frozenset({Scope.SITE}),
)
AGENTS = FeedSpec(Scope.TAG, "ai智能体", "AI 智能体", "ai-智能体")


def article(**changes: Any) -> Article:
    one = Article(
        path="content/a.md",
        url="https://example.org/blog/a-%E6%96%87/?x=1#y",
        title="标题",
        published=NOON,
        updated=NOON,
        appears=NOON,
        html="<p>文</p>",
    )
    return replace(one, **changes)


def contents(archive: int = 0, newest: int = 0, **more: Any) -> Contents:
    return Contents(archive=archive, newest_archive=newest, updated=NOON, **more)


# -- where feeds live --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "folder"),
    [
        (Scope.SITE, ""),
        (Scope.TAG, "tags/c++/"),
        (Scope.TOPIC, "topics/c++/"),
        (Scope.SOURCE, "sources/c++/"),
        (Scope.COMBINED, "feeds/c++/all/"),
    ],
)
def test_a_feed_has_a_folder_by_its_scope_and_slug(scope: Scope, folder: str) -> None:
    spec = FeedSpec(scope, "c++", "C++", "c++")
    assert folder_of(PUBLICATION, spec) == folder
    assert folder_of(PUBLICATION, spec, 12) == f"{folder}archive/12/"


def test_a_slug_that_looks_like_the_pattern_does_no_harm() -> None:
    assert folder_of(PUBLICATION, FeedSpec(Scope.TAG, "x", "x", ":slug")) == "tags/:slug/"


WITH_PAGES = replace(PUBLICATION, filenames={**PUBLICATION.filenames, "page": "index.html"})
WIRED = FeedSpec(Scope.SOURCE, "wired", "Wired", "wired")
FRONT, OURS = "https://example.org/blog/", "https://feeds.example.org/out/tags/ai-%E6%99%BA%E8%83%BD%E4%BD%93/"
THEIRS = "https://example.org/blog/tags/ai/"


@pytest.mark.parametrize(
    ("publication", "spec", "home"),
    [
        (WITH_PAGES, SITE, FRONT),
        (WITH_PAGES, AGENTS, OURS),
        (PUBLICATION, SITE, FRONT),
        (PUBLICATION, AGENTS, FRONT),
        (PUBLICATION, WIRED, FRONT),
        (replace(WITH_PAGES, has_own_terms=True), replace(AGENTS, home=THEIRS), THEIRS),
        (replace(PUBLICATION, has_own_terms=True), replace(AGENTS, home=THEIRS), THEIRS),
        (replace(WITH_PAGES, has_own_terms=True), AGENTS, FRONT),
        (replace(WITH_PAGES, has_own_terms=True), WIRED, "https://feeds.example.org/out/sources/wired/"),
    ],
)
def test_a_feed_is_about_a_page_that_there_is(publication: Publication, spec: FeedSpec, home: str) -> None:
    assert home_url(publication, spec, folder_url(publication, spec)) == home


def test_a_feed_has_one_id_in_all_its_documents_wherever_they_move() -> None:
    every = [*describe_feeds(PUBLICATION, AGENTS, contents(0, 3)).values()]
    every += describe_feeds(PUBLICATION, AGENTS, contents(2, 3)).values()
    moved = replace(PUBLICATION, base_url="https://elsewhere.example/", layout={Scope.TAG: "t/:slug/"})
    every += describe_feeds(moved, replace(AGENTS, name="智能体", slug="other"), contents()).values()
    assert {feed.id for feed in every} == {feed_id(PUBLICATION, AGENTS)}
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", feed_id(PUBLICATION, AGENTS))


def test_feeds_of_one_key_in_two_scopes_or_sites_differ() -> None:
    specs = [AGENTS, replace(AGENTS, scope=Scope.TOPIC), replace(AGENTS, key="other"), SITE]
    ids = {feed_id(PUBLICATION, spec) for spec in specs}
    ids.add(feed_id(replace(PUBLICATION, url="https://example.org/"), AGENTS))
    assert len(ids) == 5


def test_a_third_of_the_window_is_sealed_at_once() -> None:
    assert [replace(PUBLICATION, limit=limit).page for limit in (1, 2, 3, 30, 100)] == [1, 1, 1, 10, 33]


# -- what a document says of itself ------------------------------------------------------------------------------------


def test_a_document_says_where_it_is_served() -> None:
    found = describe_feeds(PUBLICATION, AGENTS, contents())
    folder = "https://feeds.example.org/out/tags/ai-%E6%99%BA%E8%83%BD%E4%BD%93/"
    assert {name: feed.self_url for name, feed in found.items()} == {
        "rss": folder + "rss.xml",
        "atom": folder + "atom.xml",
        "json": folder + "feed.json",
    }
    assert {feed.home_url for feed in found.values()} == {FRONT}


def test_a_document_carries_what_the_site_says() -> None:
    feed = describe_feeds(PUBLICATION, SITE, contents())["atom"]
    assert (feed.language, feed.author, feed.icon, feed.hub, feed.updated) == (
        "zh-CN", AUTHOR, "https://example.org/icon.png", "https://hub.example.org/", NOON,
    )  # fmt: skip
    assert (feed.self_url, feed.home_url) == ("https://feeds.example.org/out/atom.xml", "https://example.org/blog/")


OUT = "https://feeds.example.org/out/"


@pytest.mark.parametrize(
    ("archive", "newest", "links"),
    [
        (0, 0, FeedLinks()),
        (0, 3, FeedLinks(prev_archive=f"{OUT}archive/3/rss.xml")),
        (1, 1, FeedLinks(current=f"{OUT}rss.xml")),
        (1, 3, FeedLinks(current=f"{OUT}rss.xml", next_archive=f"{OUT}archive/2/rss.xml")),
        (
            2,
            3,
            FeedLinks(
                current=f"{OUT}rss.xml",
                prev_archive=f"{OUT}archive/1/rss.xml",
                next_archive=f"{OUT}archive/3/rss.xml",
            ),
        ),
        (3, 3, FeedLinks(current=f"{OUT}rss.xml", prev_archive=f"{OUT}archive/2/rss.xml")),
    ],
)
def test_archives_are_linked_to_their_neighbours(archive: int, newest: int, links: FeedLinks) -> None:
    assert describe_feeds(PUBLICATION, SITE, contents(archive, newest))["rss"].links == links


@given(st.integers(0, 8))
def test_following_the_archives_from_the_subscription_document_passes_all_of_them_once(newest: int) -> None:
    """STANDARDS 10, S7."""
    found = [describe_feeds(PUBLICATION, AGENTS, contents(n, newest))["json"] for n in range(newest + 1)]
    by_url = {feed.self_url: feed for feed in found}
    seen = [found[0]]
    while seen[-1].links.prev_archive:
        seen.append(by_url[seen[-1].links.prev_archive])
        assert len(seen) <= len(found)
    assert [feed.self_url for feed in seen] == [found[0].self_url, *(feed.self_url for feed in found[:0:-1])]
    for older, newer in zip(seen[2:], seen[1:], strict=False):
        assert older.links.next_archive == newer.self_url


@given(st.integers(1, 40), st.integers(0, 200))
def test_archive_pages_are_full_have_a_neighbour_and_leave_out_nothing(limit: int, members: int) -> None:
    publication = replace(PUBLICATION, limit=limit)
    pages = publication.archives(Scope.SITE, members)
    assert publication.archives(Scope.TAG, members) == 0
    assert (pages > 1) == (members > limit)
    # The newest page ends within the document, and what is newer than it stands there, too.
    assert not pages or 0 <= members - pages * publication.page < min(limit, publication.page)


def test_tombstones_stand_in_the_subscription_document_alone() -> None:
    """Who asks for an archive page asks for what is in it, not for what was."""
    stones = (Tombstone(ref="tag:x", when=NOON),)
    assert describe_feeds(PUBLICATION, SITE, contents(0, 1, tombstones=stones))["rss"].tombstones == stones
    assert describe_feeds(PUBLICATION, SITE, contents(1, 1, tombstones=stones))["rss"].tombstones == ()


# -- what feeds are called ---------------------------------------------------------------------------------------------


def said(publication: Publication, spec: FeedSpec) -> tuple[str, str]:
    feed = describe_feeds(publication, spec, contents())["rss"]
    assert feed.title == title_of(publication, spec)
    return feed.title, feed.description


@pytest.mark.parametrize(
    ("scope", "title", "description"),
    [
        (Scope.SITE, "示例站", "示例站的全部文章"),
        (Scope.TAG, "Wired · 示例站", "示例站中标签为“Wired”的文章"),
        (Scope.TOPIC, "Wired · 示例站", "示例站中主题为“Wired”的文章"),
        (Scope.SOURCE, "引用Wired的文章 · 示例站", "示例站中引用“Wired”的文章"),
        (Scope.COMBINED, "Wired · 示例站", "示例站的组合订阅：Wired"),
    ],
)
def test_feeds_are_called_in_chinese_on_a_chinese_site(scope: Scope, title: str, description: str) -> None:
    assert said(PUBLICATION, FeedSpec(scope, "wired", "Wired", "wired")) == (title, description)


@pytest.mark.parametrize("language", ["en", "EN-gb", "de-AT", ""])
def test_feeds_are_called_in_english_everywhere_else(language: str) -> None:
    site = replace(PUBLICATION, language=language, title="Example")
    assert said(site, FeedSpec(Scope.SOURCE, "wired", "Wired", "wired")) == (
        "Citing Wired · Example",
        "Articles of Example that cite Wired",
    )
    assert said(site, SITE) == ("Example", "All articles of Example")


@pytest.mark.parametrize("name", ["{site}", "{name}", "{", "{0}", "{name!r}", "\\1", "%s"])
def test_a_name_with_braces_is_a_name(name: str) -> None:
    spec = FeedSpec(Scope.TAG, "x", name, "x")
    assert said(PUBLICATION, spec) == (f"{name} · 示例站", f"示例站中标签为“{name}”的文章")
    assert said(replace(PUBLICATION, title=name), SITE) == (name, f"{name}的全部文章")


def test_a_description_that_a_person_wrote_comes_first() -> None:
    site = replace(PUBLICATION, description="关于{name}", descriptions={(Scope.TAG, AGENTS.key): "手写"})
    assert said(site, SITE)[1] == "关于{name}"
    assert said(site, AGENTS)[1] == "手写"
    assert said(site, replace(AGENTS, scope=Scope.TOPIC))[1] != "手写"


# -- ids ---------------------------------------------------------------------------------------------------------------

#: RFC 4151 §2.1, for a host name and a whole date.
TAG_URI = re.compile(r"tag:[a-z0-9.-]+,[0-9]{4}-[0-9]{2}-[0-9]{2}:(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*")


def test_an_id_is_a_tag_of_host_date_and_path() -> None:
    assert mint_id(PUBLICATION, article()) == "tag:example.org,2025-06-01:/blog/a-%E6%96%87/"


def test_the_date_of_an_id_is_the_one_that_the_author_wrote() -> None:
    late = datetime(2025, 6, 2, 0, 30, tzinfo=timezone(timedelta(hours=8)))
    assert mint_id(PUBLICATION, article(published=late)).startswith("tag:example.org,2025-06-02:")


@pytest.mark.parametrize(
    ("named", "specific"),
    [("intro", "intro"), (" 2025/导论 (1) ", "2025/%E5%AF%BC%E8%AE%BA%20(1)"), ("50%", "50%25"), ("", "/blog/a/")],
)
def test_a_name_that_the_author_gives_stands_in_the_id(named: str, specific: str) -> None:
    one = article(named_id=named, url="https://example.org/blog/a/")
    assert mint_id(PUBLICATION, one) == f"tag:example.org,2025-06-01:{specific}"


def test_an_article_at_the_root_has_an_id() -> None:
    assert mint_id(PUBLICATION, article(url="https://example.org")) == "tag:example.org,2025-06-01:/"


def test_a_site_without_a_host_mints_ids_all_the_same() -> None:
    assert mint_id(replace(PUBLICATION, url="/"), article()).startswith("tag:localhost,2025-06-01:")


@settings(max_examples=150)
@given(st.text(max_size=30), st.datetimes(timezones=st.just(UTC)))
def test_every_id_is_one_of_rfc_4151(named: str, published: datetime) -> None:
    one = article(named_id=named, published=published)
    assert TAG_URI.fullmatch(mint_id(PUBLICATION, one))
    assert TAG_URI.fullmatch(distinguish_id(mint_id(PUBLICATION, one), "content/b.md"))


def test_an_id_hangs_neither_on_the_file_nor_on_the_title_nor_on_the_time_of_the_run() -> None:
    changed = article(path="content/b.md", title="Other", updated=NOON + timedelta(days=1), date_from="file name")
    assert mint_id(PUBLICATION, changed) == mint_id(PUBLICATION, article())


def test_an_article_dated_by_its_file_has_an_id_without_a_date() -> None:
    """A copy or a fresh checkout changes the file's time."""
    one = article(date_from="file time")
    copied = replace(one, published=NOON + timedelta(days=30))
    assert mint_id(PUBLICATION, one) == mint_id(PUBLICATION, copied)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", mint_id(PUBLICATION, one))
    assert mint_id(PUBLICATION, one) != mint_id(PUBLICATION, replace(one, named_id="intro"))
    assert mint_id(PUBLICATION, one) != mint_id(PUBLICATION, replace(one, url="https://example.org/other/"))


@pytest.mark.parametrize(
    "named",
    [
        "tag:example.org,2025:x",
        " urn:uuid:6a8bc3d2-0000-4000-8000-000000000000\n",
        "https://example.org/a?b=1#c",
        "https://例子.example/文",
    ],
)
def test_a_whole_iri_is_taken_verbatim(named: str) -> None:
    assert named_iri(article(named_id=named)) == named.strip()


@pytest.mark.parametrize(
    "named",
    [
        None, "", "intro", "tag:", "urn: x", "javascript:alert(1)", "mailto:a@example.org", "tag:a\x00b", "tag:a\x1bb",
        "tag:a\u0085b", "tag:a\u2028b", "tag:a<b>", 'https://example.org/"', "https://example.org/{x}", "tag:a\ud800",
        "TAG:x", "x https://example.org/",
    ],
)  # fmt: skip
def test_anything_else_is_a_name_at_most(named: str | None) -> None:
    assert named_iri(article(named_id=named)) is None


def test_two_articles_at_one_address_are_told_apart_by_their_paths() -> None:
    uid = "tag:example.org,2025-06-01:/a/"
    first, second = distinguish_id(uid, "content/a.md"), distinguish_id(uid, "content/b.md")
    assert len({uid, first, second}) == 3
    assert first == distinguish_id(uid, "content/a.md")
    assert first.startswith(uid)


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_a_short_hash_is_made_of_any_text(text: str) -> None:
    assert re.fullmatch("[0-9a-f]{8}", short_hash(text))
    assert short_hash(text) == short_hash(text)
    assert short_hash(text) != short_hash(text + "x")


# -- slugs -------------------------------------------------------------------------------------------------------------


def test_a_slug_is_made_of_the_name() -> None:
    assert new_slug("AI 智能体", "ai智能体", set()) == "ai-智能体"


def test_a_second_term_on_one_slug_gets_a_suffix_of_its_own_key() -> None:
    suffix = short_hash("a/b")
    assert new_slug("a b", "a/b", {"a-b"}) == f"a-b-{suffix}"
    assert new_slug("a b", "a/b", {"a-b", "other"}) == f"a-b-{suffix}"
    assert new_slug("a b", "a.b", {"a-b"}) != f"a-b-{suffix}"


def test_a_suffix_that_is_taken_too_is_no_end() -> None:
    taken = {"a-b"}
    for _ in range(5):
        slug = new_slug("a b", "a/b", taken)
        assert slug not in taken
        taken.add(slug)


@settings(max_examples=100)
@given(st.lists(st.text("aA /.-+人", min_size=1, max_size=4), max_size=12, unique=True))
def test_no_two_terms_share_a_slug_and_none_leaves_its_folder(names: list[str]) -> None:
    taken: set[str] = set()
    for name in names:
        slug = new_slug(name, name, taken)
        assert slug not in taken
        assert slug.startswith(slugify(name))
        assert "/" not in slug
        assert slug not in {"", ".", ".."}
        taken.add(slug)


# -- items -------------------------------------------------------------------------------------------------------------

TERMS = (Term(Scope.TAG, "ai智能体", "AI 智能体", "AI智能体"), Term(Scope.TOPIC, "c#", "C#", "C# (Sharp)"))


def item(one: Article, revived: datetime | None = None) -> Any:
    return make_item(PUBLICATION, one, TERMS, uid="tag:x", revived=revived)


def test_an_item_says_what_the_article_says() -> None:
    one = article(summary="要点", authors=(Person(name="甲"),), language="en")
    found = item(one)
    assert (found.id, found.url, found.title, found.summary, found.html) == (
        "tag:x", one.url, "标题", "要点", "<p>文</p>",
    )  # fmt: skip
    assert (found.published, found.updated, found.authors, found.language) == (NOON, NOON, one.authors, "en")


def test_what_the_article_leaves_open_the_site_says() -> None:
    found = item(article())
    assert (found.authors, found.language) == ((AUTHOR,), "zh-CN")


def test_terms_become_categories_with_a_scheme_and_the_authors_own_spelling() -> None:
    assert [(category.term, category.scheme) for category in item(article()).categories] == [
        ("AI智能体", "https://example.org/blog/tags/"),
        ("C# (Sharp)", "https://example.org/blog/topics/"),
    ]


def test_two_spellings_of_one_term_are_one_category() -> None:
    """An entry of a source stands beside several articles, each with its own spelling."""
    terms = [
        Term(Scope.TAG, "cafe\u0301", "Cafe\u0301", "Cafe\u0301"),
        Term(Scope.TAG, "cafe\u0301", "CAFE\u0301", "CAFE\u0301"),
        Term(Scope.TOPIC, "cafe\u0301", "Cafe\u0301", "Cafe\u0301"),
        Term(Scope.SOURCE, "wired", "Wired", "Wired"),
    ]
    assert [(category.term, category.scheme) for category in categories_of(PUBLICATION, terms)] == [
        ("Caf\xe9", "https://example.org/blog/tags/"),
        ("Caf\xe9", "https://example.org/blog/topics/"),
    ]


def test_sources_stand_on_the_item_and_visibly_at_the_end_of_its_text() -> None:
    url = "https://www.wired.com/a"
    one = article(
        citations=(Citation(label="1", url=url, key=canonical(url), title="A"),), notes=(Note(label="1", html="n"),)
    )
    found = item(one)
    assert [(source.url, source.rel) for source in found.citations] == [(url, "via")]
    assert found.html.startswith("<p>文</p>\n<h2>引用来源</h2>")
    assert url in found.html


def test_what_a_sources_feed_says_stands_on_the_item_and_in_its_text() -> None:
    url = "https://www.wired.com/a"
    one = article(
        citations=(Citation(label="1", url=url, key=canonical(url), title="A"),), notes=(Note(label="1", html="n"),)
    )
    met = (
        Met(citation=0, source="Wired", title="True", url=url, published=NOON, rule="page"),
        Met(citation=None, source="Wired", title="Told", url="https://www.wired.com/b", rule="covers"),
    )
    found = make_item(PUBLICATION, one, TERMS, uid="tag:x", revived=None, met=met)
    assert [(c.title, c.verified, c.covered) for c in found.citations] == [("True", True, False), ("Told", True, True)]
    assert "[1] n<br>✓ 已核对：" in found.html
    assert "相关报道：" in found.html
    assert found.updated == NOON


def test_an_update_before_the_publication_is_none() -> None:
    assert item(article(updated=NOON - timedelta(days=1))).updated == NOON
    assert item(article(updated=NOON + timedelta(days=1))).updated == NOON + timedelta(days=1)


@pytest.mark.parametrize("fraction", [0, 1, 999_999])
def test_an_item_that_came_back_is_newer_than_its_tombstone_even_in_whole_seconds(fraction: int) -> None:
    """RFC 6721: or else readers that saw the stone would not show it again."""
    withdrawn = NOON + timedelta(days=2, microseconds=fraction)
    assert item(article(), revived=withdrawn).updated.replace(microsecond=0) > withdrawn.replace(microsecond=0)


def test_an_item_that_was_edited_after_it_came_back_has_the_date_of_the_edit() -> None:
    edited = NOON + timedelta(days=9)
    assert item(article(updated=edited), revived=NOON + timedelta(days=2)).updated == edited


def test_an_article_can_be_told_its_terms() -> None:
    told = with_terms(article(tags=("old",), topics=("old",)), TERMS)
    assert (told.tags, told.topics) == (("AI智能体",), ("C# (Sharp)",))
    assert replace(told, tags=(), topics=()) == article()
