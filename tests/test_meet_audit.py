"""An audit of one site by what its state holds: entries, matches, people's verdicts, looks at pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, insert

from feeds.audit.values import Field, Finding, Rule, Verdict
from feeds.content.articles import SiteFacts, read_article
from feeds.content.files import ContentRoot, scan
from feeds.meet.audit import audit
from feeds.model import Article, Person, SourceSpec
from feeds.polled import Entry
from feeds.store import link_rows, match_rows, source_rows
from feeds.store.link_rows import LinkRow
from feeds.store.schema import article, entry, match
from feeds.store.sql import Store
from feeds.urls import canonical

FEED = "https://harbor-daily.press/feed"
SPECS = [SourceSpec(name="Harbor Daily", feeds=(FEED,), site="https://harbor-daily.press/")]
DAY = datetime(2025, 7, 1, 18, tzinfo=UTC)
ROBOT = "Lighthouse has taught a robot to sort parcels by touch"
ROBOT_URL = "https://harbor-daily.press/story/lighthouse-robot-parcels/"
GARDEN = "What a square metre of rooftop garden costs in winter"
GARDEN_URL = "https://harbor-daily.press/story/rooftop-garden-costs/"


@dataclass
class Desk:
    """One article, its row, and what the state holds."""

    connection: Connection
    folder: Path
    text: str = ""
    ids: dict[str, int] = field(default_factory=dict)

    def writes(self, body: str) -> Desk:
        """The article, anew; its row stays what it was."""
        self.text = f"---\ntitle: 机器人\ndate: 2025-07-02T12:00:00Z\n---\n{body}\n"
        (self.folder / "a.md").write_text(self.text, encoding="utf-8")
        return self

    def cites(self, title: str, url: str | None, claims: str = "Harbor Daily（2025/7/1）·检索日期2025/7/2") -> Desk:
        """An article with one footnote."""
        linked = f"[{title}]({url})" if url else title
        return self.writes(f"正文[^1]。\n\n[^1]: {linked}·{claims}")

    def polled(self, *entries: Entry) -> Desk:
        """Entries of Harbor Daily's feed, and a row for the article."""
        row = {"path": "a.md", "mtime_ns": 0, "size": 0, "digest": "", "uid": "tag:a"}
        self.connection.execute(insert(article), [row])
        source_rows.sync_feeds(
            self.connection, {FEED: "Harbor Daily"}, lambda _: {"domain": "harbor-daily.press", "learnt": "{}"}
        )
        feed_id = source_rows.active_feeds(self.connection)[0].id
        for number, one in enumerate(entries, 1):
            values = {"id": number, "feed_id": feed_id, "key": one.id, "title": one.title, "hash": "", "content": ""}
            times = {name: DAY + timedelta(minutes=number) for name in ("at", "first_seen", "changed")}
            key = canonical(one.url) if one.url else None
            said = msgspec.json.encode(one).decode()
            self.connection.execute(insert(entry), [values | times | {"url": one.url, "url_key": key, "said": said}])
            self.ids[one.id] = number
        return self

    def met(self, entry_id: str, rule: str = "same title", standing: str = "match", citation: int | None = 0) -> Desk:
        """A stored match of an entry with the article."""
        values = {"entry_id": self.ids[entry_id], "article_id": 1, "score": 1.0, "evidence": "[]"}
        self.connection.execute(insert(match), [values | {"rule": rule, "standing": standing, "citation": citation}])
        return self

    def told(self, entry_id: str, word: str) -> Desk:
        """What a person says of that."""
        match_rows.say_verdict(self.connection, self.ids[entry_id], "tag:a", word, DAY)
        return self

    def seen(self, url: str, word: str, moved_to: str | None = None) -> Desk:
        """What looking for a page has shown."""
        row = LinkRow(
            url=canonical(url), checked=DAY, fresh_until=DAY, word=word, sentence="so it is", moved_to=moved_to
        )
        link_rows.save_links(self.connection, [row])
        return self

    def article(self) -> Article:
        """As it is read."""
        root = ContentRoot(path=str(self.folder), name="")
        files = scan([root]).files
        facts = SiteFacts(url="https://site.example/", language="zh-CN")
        (found,) = (read_article(file, path, root, facts).article for path, file in files.items())
        assert found is not None
        return found

    def findings(self) -> tuple[Finding, ...]:
        """The audit."""
        return audit([self.article()], SPECS, self.connection).findings

    def only(self) -> Finding:
        """That of an article with one footnote."""
        (finding,) = self.findings()
        return finding

    def correction(self) -> str | None:
        """Its footnote as it should be."""
        return next(iter(audit([self.article()], SPECS, self.connection).corrections.values()), None)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """What asks the database is tested in both; what becomes of its answers knows of none."""
    with closing(Store("sqlite:///state.db", folder=str(tmp_path))) as store, store.transaction() as connection:
        yield desk_at(connection, tmp_path)


def desk_at(connection: Connection, folder: Path) -> Desk:
    content = folder / "content"
    content.mkdir()
    return Desk(connection, content)


def story(id_: str, title: str, url: str | None, **more: Any) -> Entry:
    values: Mapping[str, Any] = {"published": DAY, "authors": (Person(name="Tomás Okafor"),)} | more
    return Entry(id=id_, title=title, url=url, **values)


ROBOT_STORY = story("robot", ROBOT, ROBOT_URL)
GARDEN_STORY = story("garden", GARDEN, GARDEN_URL)

# -- by title ----------------------------------------------------------------------------------------------------------


def test_a_citation_without_address_is_verified_by_its_stored_match(desk: Desk) -> None:
    desk.cites(ROBOT, None).polled(ROBOT_STORY)
    assert desk.only().verdict is Verdict.UNRESOLVABLE
    finding = desk.met("robot").only()
    assert (finding.verdict, finding.why) == (Verdict.VERIFIED, "Harbor Daily's own feed has this title")


def test_a_false_date_is_contradicted_although_only_the_title_leads_to_the_entry(desk: Desk) -> None:
    desk.cites(ROBOT, None, "Harbor Daily（2024/5/28）").polled(ROBOT_STORY).met("robot")
    assert [found.field for found in desk.only().contradictions] == [Field.DATE]


@pytest.mark.parametrize(
    ("standing", "verdict", "expected"),
    [
        ("match", None, Verdict.VERIFIED),
        ("match", "denied", Verdict.UNRESOLVABLE),
        ("suggestion", None, Verdict.UNRESOLVABLE),
        ("suggestion", "confirmed", Verdict.VERIFIED),
        ("suggestion", "denied", Verdict.UNRESOLVABLE),
    ],
)
def test_people_overrule_the_rules(desk: Desk, standing: str, verdict: str | None, expected: Verdict) -> None:
    desk.cites(ROBOT, None).polled(ROBOT_STORY).met("robot", standing=standing)
    if verdict:
        desk.told("robot", verdict)
    assert desk.only().verdict is expected


def test_a_denied_pair_is_not_verified_by_its_address_either(connection: Connection, tmp_path: Path) -> None:
    desk = desk_at(connection, tmp_path)
    desk.cites(ROBOT, ROBOT_URL).polled(ROBOT_STORY).met("robot", rule="same page")
    assert desk.only().verdict is Verdict.VERIFIED
    assert desk.told("robot", "denied").only().verdict is Verdict.UNKNOWN


def test_a_right_title_with_the_address_of_another_story_is_contradicted_in_its_address(
    connection: Connection, tmp_path: Path
) -> None:
    desk = desk_at(connection, tmp_path)
    finding = desk.cites(ROBOT, GARDEN_URL).polled(ROBOT_STORY, GARDEN_STORY).met("robot").only()
    assert finding.verdict is Verdict.CONTRADICTED
    (difference,) = finding.contradictions
    assert (difference.field, difference.claimed, difference.found) == (Field.URL, GARDEN_URL, ROBOT_URL)
    assert f"at the cited address stands “{GARDEN}”" in finding.why
    correction = desk.correction()
    assert correction is not None
    assert correction.startswith(f"[^1]: [{ROBOT}]({ROBOT_URL})·Harbor Daily")


@pytest.mark.parametrize(
    ("url", "verdict", "rules"),
    [
        # another page of the same site
        ("https://harbor-daily.press/story/school-meals-in-autumn/", Verdict.CONTRADICTED, [Rule.SOURCE_DISAGREES]),
        ("https://www.harbor-daily.press/p/3354617890", Verdict.CONTRADICTED, [Rule.SOURCE_DISAGREES]),
        # the same page by another way
        ("https://harbor-daily.press/2025/07/lighthouse-robot-parcels", Verdict.VERIFIED, [Rule.OTHER_ADDRESS]),
        # a reprint, for all we know
        ("https://mp.weixin.qq.com/s/abcdefghijklmnopqrstuv", Verdict.VERIFIED, [Rule.OTHER_ADDRESS]),
        # its own
        (f"{ROBOT_URL}?utm_source=x", Verdict.VERIFIED, []),
    ],
)
def test_another_address_for_a_known_title(desk: Desk, url: str, verdict: Verdict, rules: list[Rule]) -> None:
    finding = desk.cites(ROBOT, url).polled(ROBOT_STORY).met("robot").only()
    assert (finding.verdict, [remark.rule for remark in finding.remarks]) == (verdict, rules)


def test_an_address_that_leads_to_the_right_page_is_right(desk: Desk) -> None:
    old = "https://harbor-daily.press/p/3354617890"
    desk.cites(ROBOT, old).polled(ROBOT_STORY).met("robot").seen(old, "redirected", moved_to=ROBOT_URL)
    finding = desk.only()
    assert (finding.verdict, [remark.rule for remark in finding.remarks]) == (Verdict.VERIFIED, [Rule.PAGE_MOVED])


def test_an_address_known_to_the_source_comes_before_a_match_by_title(desk: Desk) -> None:
    again = story("again", ROBOT, "https://harbor-daily.press/live/robot-again/")
    finding = desk.cites(ROBOT, ROBOT_URL).polled(ROBOT_STORY, again).met("again").only()
    assert (finding.verdict, finding.differences) == (Verdict.VERIFIED, ())


def test_a_match_of_what_stood_there_before_the_article_was_edited_does_not_count(desk: Desk) -> None:
    desk.cites(GARDEN, None).polled(ROBOT_STORY).met("robot")
    assert desk.only().verdict is Verdict.UNRESOLVABLE
    assert desk.writes("没有引用。").findings() == ()


def test_a_known_id_verifies_as_long_as_the_citation_names_it(desk: Desk) -> None:
    paper = story("paper", "Parcels by touch", "https://harbor-daily.press/papers/touch/", links=(ARXIV,))
    desk.cites("Parcels by touch", "https://huggingface.co/papers/2506.12345").polled(paper).met("paper", "known ids")
    assert desk.only().verdict is Verdict.VERIFIED
    desk.cites("Parcels by touch", "https://huggingface.co/papers/2506.99999")
    assert desk.only().verdict is Verdict.UNKNOWN


ARXIV = "https://arxiv.org/abs/2506.12345"

# -- what looking for the page has shown -------------------------------------------------------------------------------


def test_a_page_that_is_gone_makes_a_citation_dead(desk: Desk) -> None:
    finding = desk.cites(ROBOT, ROBOT_URL).seen(ROBOT_URL, "gone").only()
    assert (finding.verdict, [remark.rule for remark in finding.remarks]) == (Verdict.DEAD, [Rule.PAGE_GONE])
    assert finding.why == "so it is, as seen on 2025-07-01"


@pytest.mark.parametrize("word", ["alive", "blocked", "forbidden", "unreachable"])
def test_any_other_word_says_nothing_against_it(desk: Desk, word: str) -> None:
    finding = desk.cites(ROBOT, ROBOT_URL).seen(ROBOT_URL, word).only()
    assert (finding.verdict, finding.remarks) == (Verdict.UNKNOWN, ())


# -- markers and definitions -------------------------------------------------------------------------------------------


def test_markers_without_definition_and_labels_defined_twice_stand_on_their_lines(desk: Desk) -> None:
    lines = [
        "正文[^1]，又[^7]。",
        "",
        f"[^1]: [{ROBOT}]({ROBOT_URL})",
        f"[^1]: [{GARDEN}]({GARDEN_URL})",
        f"[^1]: [{ROBOT}]({ROBOT_URL})",
        "[^2]: [没有人提到](https://a.press/story/2)",
    ]
    findings = desk.writes("\n".join(lines)).findings()
    told = [(remark.rule, remark.line, finding.label) for finding in findings for remark in finding.remarks]
    assert sorted(told, key=lambda one: one[1]) == [
        (Rule.UNDEFINED, 5, "7"),
        (Rule.DEFINED_TWICE, 8, "1"),
        (Rule.DEFINED_TWICE, 9, "1"),
        (Rule.UNREFERENCED, 10, "2"),
    ]
    text = desk.text.splitlines()
    assert ("[^7]" in text[4], text[7].startswith("[^1]:"), text[9].startswith("[^2]:")) == (True, True, True)


def test_an_article_without_fault_has_neither(desk: Desk) -> None:
    article = desk.cites(ROBOT, ROBOT_URL).article()
    assert (article.undefined, article.repeated) == ((), ())
    assert desk.only().remarks == ()
