from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.audit.addresses import date_of, is_made_up
from feeds.audit.plain_rules import days_of, remarks_of
from feeds.audit.report import audit_article
from feeds.audit.sites import BEGAN, CLOCKS, IDS, SEARCHES
from feeds.audit.values import RULES, Level, Rule, Said, Verdict
from feeds.content.citations import extract_citations
from feeds.model import Article, Citation
from feeds.urls import canonical

DAY = datetime(2025, 7, 2, 23, 30, tzinfo=timezone(timedelta(hours=8)))
STORY = "https://harbor-daily.press/story/robot/"


def cite(url: str | None = None, **claims: Any) -> Citation:
    values = {"label": "1", "referenced": True, "title": "Robot sorts parcels", **claims}
    return Citation(url=url, key=canonical(url) if url else None, **values)


def article_of(*citations: Citation) -> Article:
    page = "https://site.example/a/"
    return Article(path="a.md", url=page, title="t", published=DAY, updated=DAY, appears=DAY, citations=citations)


def rules(citation: Citation, said: Said | None = None, article: Article | None = None) -> list[str]:
    return [rule.value for rule, _ in remarks_of(citation, days_of(citation, article or article_of(), said))]


# -- dates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "accessed", "expected"),
    [
        ("2025-07-01", "2025-07-02", []),
        ("2025-07-02", "2025-07-01", []),  # another zone
        ("2025-07-02", "2025-06-30", ["accessed-before-published"]),
        ("2025-06-03", "2025-05", ["accessed-before-published"]),
        ("2025-06", "2025-06-01", []),
        ("2025", "2025-06-01", []),
        ("2025", "2024-12-30", ["accessed-before-published"]),
        ("2025-07-03", "2025-07-03", []),
        ("2025-07-04", "2025-07-02", ["published-after-article", "accessed-before-published"]),
        ("2025-08", None, ["published-after-article"]),
        ("2025-07", None, []),
        (None, "2025-07-04", ["accessed-after-article"]),
        (None, "2026", ["accessed-after-article"]),
        (None, "2025-05-03", []),
        (None, "2025-05-02", ["accessed-long-before-article"]),
        ("2024-05-01", "2024-05-02", ["accessed-long-before-article"]),
        ("2024-05-01", "2024", ["accessed-long-before-article"]),
        (None, "2025", []),
        (None, None, []),
        ("2024-13", "soon", []),
    ],
)  # fmt: skip
def test_claimed_dates_are_held_against_each_other_and_the_article(
    published: str | None, accessed: str | None, expected: list[str]
) -> None:
    assert rules(cite(STORY, published=published, accessed=accessed)) == expected


def test_an_article_that_was_updated_may_cite_what_came_later() -> None:
    later = replace(article_of(), updated=DAY + timedelta(days=30))
    assert rules(cite(STORY, published="2025-07-30", accessed="2025-07-30"), article=later) == []


@pytest.mark.parametrize(
    ("published", "accessed", "expected"),
    [
        ("2025-01-02", None, []),
        ("2025-01-02", "2025-06-17", []),  # the source may have dated it anew
        ("2025-01-02", "2025-06-16", ["accessed-before-page"]),
        ("2025-01-01", None, ["published-long-before-page"]),
        ("2024-05-28", "2024-05-29", ["published-long-before-page", "accessed-before-page"]),
        ("2024", None, ["published-long-before-page"]),
    ],
)
def test_the_sources_own_date_shows_what_cannot_be(published: str, accessed: str | None, expected: list[str]) -> None:
    said = Said(titles=("t",), source="Harbor", published=datetime(2025, 7, 1, 8, tzinfo=UTC))
    assert rules(cite(STORY, published=published, accessed=accessed), said) == expected


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.dates(date(2000, 1, 1), date(2040, 1, 1)))
def test_dates_within_a_day_of_each_other_never_contradict(one: date, two: date) -> None:
    found = rules(cite(STORY, published=one.isoformat(), accessed=two.isoformat()))
    assert ("accessed-before-published" in found) == (two < one - timedelta(days=1))
    assert ("published-after-article" in found) == (one > DAY.date() + timedelta(days=1))
    assert ("accessed-after-article" in found) == (two > DAY.date() + timedelta(days=1))


@pytest.mark.parametrize(
    ("raw", "is_impossible"),
    [
        ("标题·刊物（2025/2/30）·检索日期2025/7/2", True),
        ("标题·刊物（2025-13-01）", True),
        ("标题（2025年6月31日）", True),
        ("标题（2025/0/1）", True),
        ("标题（2025/2/28）·检索日期2025/7/2", False),
        ("标题（2025/6/XX）", False),
        ("[标题](https://a.press/2025/13/45/a)（2025/6/1）", False),
        ("报告 2024-2025-30（2025/6/1）", False),
        ("版本 2025.13.99.1（2025/6/1）", False),
        ("第 2025-99/88 号（2025/6/1）", False),
        ("A（2025/6/1/2）", False),
    ],
)
def test_a_day_that_no_calendar_has_is_impossible(raw: str, is_impossible: bool) -> None:
    (citation,) = extract_citations(f"a[^1]\n\n[^1]: {raw}\n").citations
    assert ("impossible-date" in rules(citation)) is is_impossible


# -- addresses that hold a date ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/2025/06/05/technology/a.html", "2025-06-05", "2025-06-05"),
        ("/news/2025-06-03/a", "2025-06-03", "2025-06-03"),
        ("/tech/2025-06-03/doc-abc.shtml", "2025-06-03", "2025-06-03"),
        ("/articles/2025-06-17-8", "2025-06-17", "2025-06-17"),
        ("/law/2025/jun/18/a", "2025-06-18", "2025-06-18"),
        ("/2025/Jun/16/a/", "2025-06-16", "2025-06-16"),
        ("/20250627/ai/a", "2025-06-27", "2025-06-27"),
        ("/rain/a/20250614A02I5800", "2025-06-14", "2025-06-14"),
        ("/news/232111/2025/0627/1098952.html", "2025-06-27", "2025-06-27"),
        ("/content/2017-07/20/content_5211996.htm", "2017-07-20", "2017-07-20"),
        ("/202410/t20241028_7409342.html", "2024-10-28", "2024-10-28"),
        ("/technology/a-deal-is-made-2025-06-30/", "2025-06-30", "2025-06-30"),
        ("/2025/07/307336.html", "2025-07-01", "2025-07-31"),
        ("/news/2025/06/a-slug/", "2025-06-01", "2025-06-30"),
    ],
)
def test_a_path_tells_the_day_or_the_month(path: str, first: str, last: str) -> None:
    dated = date_of(f"https://harbor-daily.press{path}")
    assert dated is not None
    assert (dated.span.first.isoformat(), dated.span.last.isoformat(), dated.is_earliest) == (first, last, False)


@pytest.mark.parametrize(
    "path",
    [
        "/story/robots-of-2025/",
        "/p/3339201481029381",
        "/newsroom/2025/a-deal.html",
        "/a/905428573_121956424",
        "/wp-content/uploads/2025/06/report.pdf",
        "/report/2019/08/05/study.pdf",
        "/2025/13/45/a",
        "/2025/02/30/a",
        "/news/2025061792470.html",
        "/guide-2025-06",
        "/list?date=2025-06-03",
        "/",
    ],
)
def test_a_number_is_not_a_day(path: str) -> None:
    assert date_of(f"https://harbor-daily.press{path}") is None


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://x.com/someone/status/1939739665239511499", "2025-06-30"),
        ("https://twitter.com/someone/status/1939739665239511499?s=20", "2025-06-30"),
        ("https://www.linkedin.com/posts/a_b-activity-7344955176937562112-aq0r", "2025-06-29"),
        ("https://www.tiktok.com/@someone/video/7106594312292453675", "2022-06-07"),
    ],
)
def test_an_id_may_be_a_clock(url: str, day: str) -> None:
    dated = date_of(url)
    assert dated is not None
    assert dated.span.first.isoformat() == dated.span.last.isoformat() == day


@pytest.mark.parametrize(
    ("url", "published", "expected"),
    [
        ("https://a.press/2025/06/20/a", "2025-06-20", []),
        ("https://a.press/2025/06/20/a", "2025-06-27", []),
        ("https://a.press/2025/06/20/a", "2025-06-28", ["published-unlike-address"]),
        ("https://a.press/2025/06/20/a", "2024-06-20", ["published-unlike-address"]),
        ("https://a.press/2025/06/20/a", "2025-06", []),
        ("https://a.press/2025/06/20/a", "2025", []),
        ("https://a.press/2025/06/a/", "2025-06-30", []),
        ("https://arxiv.org/abs/2506.01234", "2025-06-20", []),
        ("https://arxiv.org/abs/2405.01234v3", "2025-06-20", []),  # a later version
        ("https://arxiv.org/abs/2506.01234", "2025-05-30", []),  # handed in at the end of May
        ("https://arxiv.org/pdf/2506.01234", "2024-06-20", ["published-unlike-address"]),
        ("https://a.press/2025/08/20/a", "2025-08-20", ["published-after-article", "page-after-article"]),
        ("https://arxiv.org/abs/2509.01234", None, ["page-after-article"]),
    ],
)
def test_the_date_in_an_address_is_held_against_the_claim(url: str, published: str | None, expected: list[str]) -> None:
    assert rules(cite(url, published=published)) == expected


def test_the_date_of_an_address_is_told_as_a_difference() -> None:
    (finding,) = audit_article(article_of(cite("https://a.press/2025/06/20/a", published="2024-06-20")))
    (difference,) = finding.differences
    assert (difference.found, difference.distance, finding.verdict) == ("2025-06-20", 365, Verdict.CONTRADICTED)


def test_a_later_version_of_a_paper_is_no_difference() -> None:
    (finding,) = audit_article(article_of(cite("https://arxiv.org/abs/2405.01234v3", published="2025-06-20")))
    assert finding.differences == ()


@pytest.mark.parametrize("url", ["http://[::1", "https://", "mailto:a@b.press", "https://[broken]/a", "見出し"])
def test_what_is_no_address_has_no_faults(url: str) -> None:
    assert (rules(cite(url)), date_of(url), is_made_up(url)) == ([], None, False)


def test_a_nearby_date_of_an_address_is_shown_only() -> None:
    (finding,) = audit_article(article_of(cite("https://a.press/2025/06/20/a", published="2025-06-24")))
    (difference,) = finding.differences
    assert (difference.is_contradiction, finding.verdict) == (False, Verdict.UNKNOWN)


@pytest.mark.parametrize(
    ("url", "published", "is_older"),
    [
        ("https://www.youtube.com/watch?v=abcdefghijk", "2004-12-31", True),
        ("https://www.youtube.com/watch?v=abcdefghijk", "2005", False),
        ("https://help.openai.com/en/articles/1", "2014", True),
        ("https://notopenai.com/en/articles/1", "2014", False),
    ],
)
def test_no_page_is_older_than_its_site(url: str, published: str, is_older: bool) -> None:
    assert ("published-before-site" in rules(cite(url, published=published))) is is_older


# -- addresses that are none -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.youtube.com/watch?v=xxxxxxxxxx", "placeholder"),
        ("https://www.youtube.com/watch?v=XXXXXXXXXXX", "placeholder"),
        ("https://a.press/story/xxxx", "placeholder"),
        ("https://a.press/p/xxx-xx/", "placeholder"),
        ("https://a.press/story/...", "placeholder"),
        ("https://a.press/s/your-article", "placeholder"),
        ("https://a.press/s/123456789", "placeholder"),
        ("https://a.press/s/abc123", "placeholder"),
        ("https://a.press/s/[id]", "placeholder"),
        ("https://a.press/s/%7Bslug%7D", "placeholder"),
        ("https://example.com/article", "placeholder"),
        ("https://news.example.org/", "placeholder"),
        ("https://news.url.com/a", "placeholder"),
        ("http://localhost:1313/a/", "private-address"),
        ("http://127.0.0.1/a", "private-address"),
        ("http://192.168.1.20:8080/a", "private-address"),
        ("http://wiki.internal/a", "private-address"),
        ("https://www.youtube.com/watch?v=NKJcL84zeY", "impossible-id"),
        ("https://youtu.be/abcdefghijkl", "impossible-id"),
        ("https://www.youtube.com/shorts/abc", "impossible-id"),
        ("https://arxiv.org/abs/2025.02", "impossible-id"),
        ("https://arxiv.org/abs/2513.01234", "impossible-id"),
        ("https://arxiv.org/abs/2506.07927IneqMath", "impossible-id"),
        ("https://x.com/a/status/latest", "impossible-id"),
        ("https://doi.org/nature-2025", "impossible-id"),
        ("https://www.bilibili.com/video/BV1short", "impossible-id"),
        ("https://a.press/img/cover.png", "picture"),
        ("https://a.press/cover.jpg!large", "picture"),
        ("https://static001.geekbang.org/infoq/11/11c6.png", "picture"),
        ("https://www.36krcdn.com/hsossms/20250703/v2_3d0e@000000_img_000?x-oss-process=image/format,jpg", "picture"),
        ("https://www.google.com/search?q=robot", "search-page"),
        ("https://www.baidu.com/s?wd=robot", "search-page"),
    ],
)
def test_what_cannot_be_the_page_is_remarked_once(url: str, expected: str) -> None:
    assert rules(cite(url)) == [expected]
    assert is_made_up(url) is (expected in {"placeholder", "private-address", "impossible-id"})


@pytest.mark.parametrize(
    "url",
    [
        STORY,
        "https://www.youtube.com/watch?v=vV7YgnPUxcU&t=10",
        "https://www.youtube.com/watch?v=xxxxxxxxxx1",
        "https://www.youtube.com/@channel",
        "https://arxiv.org/abs/2506.06576v2",
        "https://arxiv.org/pdf/2506.06576.pdf",
        "https://arxiv.org/abs/0704.0001",
        "https://arxiv.org/abs/hep-th/9901001",
        "https://arxiv.org/list/cs.AI/recent",
        "https://x.com/someone",
        "https://x.com/someone/status/1939739665239511499",
        "https://doi.org/10.1000/182",
        "https://a.press/xxxl-sizes/",
        "https://a.press/mxxxxm/",
        "https://exxample.com/a",
        "https://commons.wikimedia.org/wiki/File:Robot.png",
        "https://github.com/a/b/blob/main/diagram.png",
        "https://a.press/report.pdf",
        "https://a.press/search/robots",
        "https://a.press/search?q=robot",
        "https://www.google.com/about",
        "https://8.8.8.8/a",
        "https://a.press/p/1234567891234",
        "https://images.press/story/1",
    ],
)
def test_what_may_be_a_page_is_let_be(url: str) -> None:
    assert rules(cite(url)) == []
    assert not is_made_up(url)


@pytest.mark.parametrize(
    ("url", "title", "is_remarked"),
    [
        ("https://lighthouse.ai/", "Lighthouse", False),
        ("https://lighthouse.ai/", "机器人公司官网", False),
        ("https://lighthouse.ai/", "Lighthouse | The company that teaches machines to feel parcels", False),
        ("https://lighthouse.ai/", None, False),
        ("https://lighthouse.ai/", "新的分拣机器人问世：它学会了用指尖感受包裹，工程师说这会改变物流业", True),
        ("https://lighthouse.ai", "A new robot learns to sort parcels by touch alone", True),
        ("https://lighthouse.ai/?p=12", "A new robot learns to sort parcels by touch alone", False),
    ],
)
def test_a_story_does_not_stand_on_a_home_page(url: str, title: str | None, is_remarked: bool) -> None:
    assert (rules(cite(url, title=title)) == ["home-page"]) is is_remarked


def test_a_definition_that_nothing_refers_to_is_a_note() -> None:
    citation = cite(STORY, referenced=False)
    assert rules(citation) == ["unreferenced"]
    assert RULES[Rule.UNREFERENCED].level is Level.NOTE
    assert rules(replace(citation, label=None)) == []


# -- whatever comes ----------------------------------------------------------------------------------------------------


@given(
    st.one_of(
        st.none(), st.text(max_size=80), st.from_regex(r"https?://[a-z.]{1,20}/[\w/.?=&%-]{0,40}", fullmatch=True)
    ),
    st.text(max_size=80),
    st.one_of(st.none(), st.text(max_size=12), st.dates().map(str)),
)
@settings(max_examples=300)
def test_nothing_that_a_citation_says_makes_an_audit_fail(url: str | None, text: str, day: str | None) -> None:
    citation = cite(url, title=text, raw=text, author=text, publisher=text, published=day, accessed=day)
    said = Said(titles=(text, "a"), url=url, authors=(text, "A. Writer"), published=DAY, source=text)
    (finding,) = audit_article(article_of(citation), said={0: said})
    assert finding.verdict in {Verdict.VERIFIED, Verdict.CONTRADICTED}


@pytest.mark.parametrize(
    "piece", ["x", "X-", "[", "2025/", "/2025-01-01", "20250101", ".png!", " ", "·", "(2025/1/", "."]
)
def test_hostile_citations_cost_little(piece: str) -> None:
    long = piece * (1 << 16)
    citation = cite(f"https://a.press/{long}", title=long, raw=long, author=long, publisher=long)
    short = cite(f"https://a.press/{piece * 400}", title=long, raw=piece * 2000, author=long, publisher=long)
    said = Said(titles=(long,), authors=(long, "A. Writer"), published=DAY, source=long)
    started = time.process_time()
    audit_article(article_of(citation, short), said={0: said, 1: said})
    assert time.process_time() - started < 2


def test_the_tables_name_hosts_as_canonical_addresses_do() -> None:
    for host in (*BEGAN, *SEARCHES):
        assert canonical(f"https://{host}/a/b") == f"https://{host}/a/b"
    assert len(IDS) >= 5
    assert len(CLOCKS) >= 3
