from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from feeds.audit.report import audit_article, audit_site
from feeds.audit.sarif import sarif
from feeds.audit.values import RULES, Coverage, Field, Finding, Level, Rule, Said, Verdict, finding_values
from feeds.content.articles import SiteFacts, read_article
from feeds.content.citations import extract_citations
from feeds.content.files import ContentRoot, scan
from feeds.model import Article, Citation
from feeds.urls import canonical, encode_path

DATA = Path(__file__).parent / "data" / "audit"
DAY = datetime(2025, 7, 2, 12, tzinfo=UTC)


def read_articles() -> dict[str, Article]:
    root = ContentRoot(path=str(DATA), name="")
    files = scan([root]).files
    facts = SiteFacts(url="https://site.example/", language="zh-CN")
    read = (read_article(file, path, root, facts).article for path, file in files.items())
    return {article.path: article for article in read if article}


def article_of(*citations: Citation, path: str = "a.md") -> Article:
    url = f"https://site.example/{path}"
    return Article(path=path, url=url, title="t", published=DAY, updated=DAY, appears=DAY, citations=citations)


def cite(title: str | None = "A parcel robot", url: str | None = None, **claims: Any) -> Citation:
    key = canonical(url) if url else None
    claims = {"label": "1", "referenced": True, "line": 7, "raw": f"{title} {url}", **claims}
    return Citation(title=title, url=url, key=key, **claims)


def only(article: Article, **known: Any) -> Finding:
    (finding,) = audit_article(article, **known)
    return finding


# -- whole articles ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.stem for path in DATA.glob("*.md")))
def test_an_article_is_audited_as_its_pair_says(name: str) -> None:
    expected = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    said = {int(number): msgspec.convert(values, Said) for number, values in expected["said"].items()}
    findings = audit_article(read_articles()[f"{name}.md"], said=said, undefined=map(tuple, expected["undefined"]))
    told = [
        [
            finding.label,
            finding.verdict.value,
            [difference.field.value for difference in finding.contradictions],
            [remark.rule.value for remark in finding.remarks],
        ]
        for finding in findings
    ]
    assert told == expected["findings"]


def test_every_finding_stands_on_the_line_of_its_definition() -> None:
    text = (DATA / "lighthouse.md").read_text("utf-8").splitlines()
    for finding in audit_article(read_articles()["lighthouse.md"]):
        assert text[finding.line - 1].startswith(f"[^{finding.label}]:")


def test_a_real_article_that_invented_its_dates_is_contradicted_by_them(shared: Path) -> None:
    text = next((shared / "data" / "seeds").glob("000_*.txt")).read_text("utf-8")
    published = datetime(2025, 7, 2, 17, 40, tzinfo=timezone(timedelta(hours=8)))
    citations = extract_citations(text).citations
    article = replace(article_of(*citations), published=published, updated=published)
    said = Said(
        titles=("Sam Altman Slams Meta’s AI Talent-Poaching Spree: ‘Missionaries Will Beat Mercenaries’",),
        url=citations[0].url,
        published=datetime(2025, 7, 1, 18, tzinfo=UTC),
        source="WIRED",
    )
    first, second = audit_article(article, said={0: said})
    assert (first.verdict, [difference.field for difference in first.contradictions]) == (
        Verdict.CONTRADICTED,
        [Field.DATE],
    )
    assert [remark.rule for remark in first.remarks] == [
        Rule.SOURCE_DISAGREES,
        Rule.PUBLISHED_LONG_BEFORE_PAGE,
        Rule.ACCESSED_BEFORE_PAGE,
    ]
    assert [remark.rule for remark in second.remarks] == [Rule.ACCESSED_LONG_BEFORE_ARTICLE]


# -- verdicts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    """What asking for a page has shown."""

    is_gone: bool = False
    moved_to: str | None = None
    sentence: str = "the server says so"


URL = "https://harbor-daily.press/story/robot/"
SAID = Said(titles=("A parcel robot",), url=URL, published=DAY, source="Harbor Daily")


@pytest.mark.parametrize(
    ("citation", "known", "verdict", "words"),
    [
        (cite(url=URL), {}, Verdict.UNKNOWN, "none of ours"),
        (cite(url=URL), {"coverage": {0: Coverage(source="Harbor")}}, Verdict.UNKNOWN, "has not been polled"),
        (
            cite(url=URL, published="2024"),
            {"coverage": {0: Coverage(source="Harbor", is_polled=True, since=date(2025, 6, 1))}},
            Verdict.UNKNOWN,
            "since 2025-06-01",
        ),
        (
            cite(url=URL, published="2025-07-01"),
            {"coverage": {0: Coverage(source="Harbor", is_polled=True, since=date(2025, 6, 1))}},
            Verdict.UNKNOWN,
            "has not brought it",
        ),
        (cite(), {}, Verdict.UNRESOLVABLE, "names no page"),
        (
            cite(published="2025-07-01"),
            {"coverage": {0: Coverage(source="Harbor", is_polled=True, since=date(2025, 6, 1))}},
            Verdict.UNRESOLVABLE,
            "Harbor's feed has nothing of this title",
        ),
        (cite(title=None), {}, Verdict.UNRESOLVABLE, "neither page nor title"),
        (cite(url="https://example.com/a"), {}, Verdict.UNRESOLVABLE, "host for examples"),
        (cite(url=URL), {"links": {canonical(URL): Page(is_gone=True)}}, Verdict.DEAD, "the server says so"),
        (cite(url=URL), {"said": {0: SAID}}, Verdict.VERIFIED, "Harbor Daily's own feed has this page"),
        (
            cite(url=URL, title="A robot for parcels"),
            {"said": {0: SAID}},
            Verdict.VERIFIED,
            "title may well mean the same",
        ),
        (cite(url=URL, published="2023-01-01"), {"said": {0: SAID}}, Verdict.CONTRADICTED, "913 days"),
        (
            cite(url=URL, published="2023-01-01"),
            {"said": {0: SAID}, "links": {canonical(URL): Page(is_gone=True)}},
            Verdict.CONTRADICTED,
            "913 days",
        ),
        (cite(url=URL, published="2025-08-01"), {}, Verdict.CONTRADICTED, "the article is of 2025-07-02"),
    ],
)
def test_a_verdict_says_what_is_known_and_why(
    citation: Citation, known: dict[str, Any], verdict: Verdict, words: str
) -> None:
    finding = only(article_of(citation), **known)
    assert (finding.verdict, words in finding.why) == (verdict, True), finding.why


def test_a_contradiction_and_a_dead_page_are_errors() -> None:
    dead = only(article_of(cite(url=URL)), links={canonical(URL): Page(is_gone=True)})
    assert (dead.level, [remark.rule for remark in dead.remarks]) == (Level.ERROR, [Rule.PAGE_GONE])
    assert only(article_of(cite(url=URL, published="2025-08-01"))).level is Level.ERROR


def test_a_source_without_entries_reaches_nowhere() -> None:
    finding = only(article_of(cite(url=URL)), coverage={0: Coverage(source="Harbor", is_polled=True)})
    assert finding.why == "Harbor's feed has not brought it"


def test_a_page_that_moved_is_a_note() -> None:
    finding = only(article_of(cite(url=URL)), links={canonical(URL): Page(moved_to="https://b.press/")})
    assert [remark.rule for remark in finding.remarks] == [Rule.PAGE_MOVED]
    assert finding.level is Level.NOTE


def test_a_second_definition_is_remarked_on_its_own_line() -> None:
    article = article_of(cite(url=URL, line=7), cite(url="https://b.press/s/1", line=9))
    first, second = audit_article(article, repeated=[("1", 9)])
    assert (first.level, second.remarks[0].rule, second.remarks[0].line) == (None, Rule.DEFINED_TWICE, 9)


def test_the_date_of_a_file_proves_nothing() -> None:
    article = replace(article_of(cite(url=URL, published="2025-08-01", accessed="2020")), date_from="file time")
    assert only(article).verdict is Verdict.CONTRADICTED  # read before it was published
    assert [remark.rule for remark in only(article).remarks] == [Rule.ACCESSED_BEFORE_PUBLISHED]


# -- all articles ------------------------------------------------------------------------------------------------------

LIST_PAGE = "https://m.portal.press/list/7.html"


def test_one_address_under_two_titles_is_remarked_at_both() -> None:
    articles = [
        article_of(cite("机器人学会分拣包裹", LIST_PAGE), path="a.md"),
        article_of(cite("屋顶上的菜园正在变多", LIST_PAGE, line=3), path="b.md"),
    ]
    found = audit_site(articles)
    assert "“屋顶上的菜园正在变多” in b.md:3" in found["a.md"][0][0].why
    finding = only(articles[0], shared=found["a.md"])
    assert [remark.rule for remark in finding.remarks] == [Rule.SEVERAL_TITLES]


def test_of_many_the_odd_one_alone_is_remarked() -> None:
    usual = [article_of(cite("机器人学会分拣包裹", LIST_PAGE), path=f"{number}.md") for number in range(3)]
    assert list(audit_site([*usual, article_of(cite("屋顶上的菜园正在变多", LIST_PAGE), path="odd.md")])) == ["odd.md"]


@pytest.mark.parametrize(
    ("one", "two", "url"),
    [
        ("Robot sorts parcels - Harbor", "Robot sorts parcels", LIST_PAGE),
        ("Robot learns to sort parcels by ...", "Robot learns to sort parcels by touch alone", LIST_PAGE),
        ("Robot sorts parcels", "机器人学会分拣包裹", LIST_PAGE),
        ("X帖子", "某位工程师的推文", "https://x.com/a/status/1934291648542126580"),
        ("Robot sorts parcels", None, LIST_PAGE),
    ],
)
def test_shortened_translated_and_described_titles_are_one(one: str, two: str | None, url: str) -> None:
    assert audit_site([article_of(cite(one, url)), article_of(cite(two, url), path="b.md")]) == {}


# -- for machines ------------------------------------------------------------------------------------------------------


def all_findings() -> list[Finding]:
    articles = read_articles()
    found = [finding for article in articles.values() for finding in audit_article(article)]
    return [*found, *audit_article(article_of(path="一 篇.md"), undefined=[("9", 3)])]


def test_sarif_names_rule_level_file_and_line_of_every_remark() -> None:
    findings = all_findings()
    (run,) = sarif(findings, version="1.2.3")["runs"]
    remarks = [(finding, remark) for finding in findings for remark in finding.remarks]
    assert len(run["results"]) == len(remarks) > 5
    for result, (finding, remark) in zip(run["results"], remarks, strict=True):
        place = result["locations"][0]["physicalLocation"]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == remark.rule
        assert result["level"] == RULES[remark.rule].level
        assert place["artifactLocation"]["uri"] == encode_path(finding.path)
        assert place["region"]["startLine"] == remark.line >= 1
        assert remark.why in result["message"]["text"]


def test_a_fingerprint_survives_a_move_and_no_two_results_share_one() -> None:
    def prints(line: int) -> list[str]:
        article = article_of(cite(url=URL, published="2025-08-01", accessed="2020", line=line), cite(line=line + 1))
        (run,) = sarif(audit_article(article), version="1")["runs"]
        return [result["partialFingerprints"]["citation/v1"] for result in run["results"]]

    assert prints(7) == prints(70)
    assert len(set(prints(7))) == len(prints(7)) == 2


def test_findings_are_ready_for_json() -> None:
    values = [finding_values(finding) for finding in all_findings()]
    assert json.loads(json.dumps(values)) == values
    assert values[-1]["claims"] is None


def test_every_rule_has_a_stance() -> None:
    assert set(RULES) == set(Rule)
