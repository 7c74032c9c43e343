"""The editor's pages of a small site, from what its state holds: no article is read for them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, insert, select, update

from feeds.app import App
from feeds.desk.audit_page import render_audit
from feeds.desk.values import Audit, Cited, Front, Health
from feeds.editor import DeskPlan, write_desk
from feeds.errors import PublishError
from feeds.meet.audit import audit
from feeds.meet.desk import articles_of_pieces, read_audit
from feeds.poll.desk import read_health
from feeds.poll.run import Options as PollOptions
from feeds.sources.alterations import Alteration
from feeds.store import change_rows, desk_rows, link_rows, match_rows
from feeds.store.link_rows import LinkRow
from feeds.store.schema import article, entry, match, poll
from feeds.store.sql import Store, write_meta
from feeds.urls import canonical
from tests.servers import Server, serving
from tests.sites import SmallSite

NOW = datetime(2025, 7, 10, 12, 0, tzinfo=UTC)
HARBOR = "https://harbor-daily.press"
CONFIG = """\
site: {{title: 小站, url: "https://example.org/", language: zh-CN, author: 编辑部, timezone: Asia/Shanghai}}
content: [{{path: content/posts, url: "/posts/:slugorfilename/", section: posts}}]
sources:
  - {{name: Harbor Daily, feed: "{feed}", site: "https://harbor-daily.press/", allow_private: true}}
  - {{name: Quay, feed: "{silent}", site: "https://quay.example/", allow_private: true}}
  - {{name: 无源, feed: none, site: "https://none.example/"}}
"""
STORIES = (
    ("robot", "Lighthouse has taught a robot to sort parcels by touch"),
    ("garden", "What a square metre of rooftop garden costs in winter"),
    ("ferry", "The night ferry that runs on nothing but wind and patience"),
)
ROBOT = f"""讲机器人的正文[^1]，还有一处没有定义[^9]。

[^1]: [{STORIES[0][1]}]({HARBOR}/robot)·Harbor Daily（2024/5/28）·检索日期2025/7/2
[^2]: [旧闻](https://elsewhere-news.press/1)·别处（2025/7/1）·检索日期2025/7/2
"""
GARDEN = f"花园[^1]。\n\n[^1]: [{STORIES[1][1]}]({HARBOR}/garden)·Harbor Daily（2025/7/1）·检索日期2025/7/2\n"
BROKEN = '---\ntitle: 坏\ndate: 2025-07-01\ntags: "A" and "B\n---\n'


@dataclass(frozen=True)
class World:
    """A site, polled and rebuilt once."""

    site: SmallSite
    app: App
    store: Store

    @property
    def plan(self) -> DeskPlan:
        """The desk beside the site."""
        return DeskPlan(
            folder=str(self.site.root / "desk"),
            title="小站",
            url="https://example.org/",
            language="zh-CN",
            zone=self.app.site.facts.zone,
            sources=self.app.site.sources,
            gaps=30,
        )

    def audit(self) -> Audit:
        """What audit.html shows."""
        with self.store.snapshot() as connection:
            return read_audit(connection, self.app.site.sources, language="zh-CN", limit=30)

    def health(self) -> Health:
        """What status.html shows."""
        with self.store.snapshot() as connection:
            return read_health(connection, self.app.site.sources, zone=self.app.site.facts.zone)

    def write(self) -> list[str]:
        """Bring the pages up to date."""
        return write_desk(self.store, self.plan)

    def poll(self, *, now: datetime) -> None:
        """One round."""
        self.app.poll(PollOptions(), clock=lambda: now, report=lambda *_: None)

    def change(self, statement: Any) -> None:
        """Something happens in the state."""
        with self.store.transaction() as connection:
            connection.execute(statement)

    def entry(self, name: str) -> int:
        """Number of a stored entry."""
        with self.store.snapshot() as connection:
            found: int = connection.execute(select(entry.c.id).where(entry.c.url == f"{HARBOR}/{name}")).scalar_one()
            return found

    def article(self, name: str) -> int:
        """Number of an article."""
        with self.store.snapshot() as connection:
            path = f"content/posts/{name}.md"
            found: int = connection.execute(select(article.c.id).where(article.c.path == path)).scalar_one()
            return found


def rss() -> bytes:
    items = "".join(
        f"<item><guid>{HARBOR}/{name}</guid><link>{HARBOR}/{name}</link><title>{title}</title>"
        f"<pubDate>{NOW - timedelta(days=9, hours=n):%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
        for n, (name, title) in enumerate(STORIES)
    )
    head = f"<title>Harbor Daily</title><link>{HARBOR}/</link><description>d</description>"
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A source that answers, and one that does not."""
    with serving() as server:
        server.conditional("/feed", rss(), {"ETag": '"1"', "Content-Type": "application/rss+xml"})
        server.answers("/silent", status=503)
        yield server


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Path:
    """Two articles that cite, one that cannot be read, one poll."""
    config = CONFIG.format(feed=server.url("/feed"), silent=server.url("/silent"))
    site = SmallSite.make(tmp_path_factory.mktemp("desk") / "site", config)
    site.write("robot", title="机器人", date="2025-07-02", body=ROBOT)
    site.write("garden", title="花园", date="2025-07-03", body=GARDEN)
    (site.posts / "broken.md").write_text(BROKEN, encoding="utf-8")
    App(str(site.root / "sources.yaml")).poll(PollOptions(), clock=lambda: NOW, report=lambda *_: None)
    site.rebuild(now=NOW)
    return site.root


@pytest.fixture
def world(tmp_path: Path, polled: Path) -> Iterator[World]:
    """The same, for one test to change."""
    shutil.copytree(polled, tmp_path / "site")
    site = SmallSite(tmp_path / "site")
    app = App(str(site.root / "sources.yaml"))
    with closing(Store(app.config.state, folder=app.config.folder)) as store:
        yield World(site, app, store)


def by_place(found: Audit) -> dict[tuple[str, str | None], Cited]:
    return {(Path(one.article.path).stem, one.label): one for one in found.cited}


def test_an_empty_state_has_an_empty_desk(connection: Connection) -> None:
    """In each of the two databases."""
    assert not desk_rows.pieced_articles(connection)
    assert not desk_rows.broken_articles(connection)
    assert desk_rows.last_poll(connection) is None
    assert desk_rows.newest_change(connection) is None
    for state in (desk_rows.state_of_audit, desk_rows.state_of_status):
        assert state(connection) == state(connection)
    assert read_audit(connection, (), language="en", limit=30) == Audit(cited=())
    assert read_health(connection, (), zone=UTC).days == ()


# -- audit -------------------------------------------------------------------------------------------------------------


def test_citations_are_audited_from_what_matching_keeps_of_articles(world: World) -> None:
    found = by_place(world.audit())
    robot = found["robot", "1"]
    assert (robot.verdict, robot.source, robot.line) == ("contradicted", "Harbor Daily", 9)
    assert [(one.field, one.claimed, one.found, one.distance) for one in robot.compared] == [
        ("date", "2024-05-28", "2025-07-01", 399)
    ]
    assert robot.correction is not None
    assert "2025/7/1" in robot.correction
    assert robot.article.title == "机器人"
    assert found["garden", "1"].verdict == "verified"
    assert (found["robot", "2"].verdict, found["robot", "2"].source) == ("unknown", "elsewhere-news.press")


def test_the_audit_from_the_state_is_that_of_the_articles(world: World) -> None:
    articles = world.app._articles(lambda *_: None)
    specs = world.app.site.sources
    with world.store.snapshot() as connection:
        kept = audit(articles_of_pieces(connection), specs, connection)
        read = audit(articles, specs, connection)
    assert [(one.path, one.line, one.verdict, one.why, one.differences) for one in kept.findings] == [
        (one.path, one.line, one.verdict, one.why, one.differences) for one in read.findings
    ]
    assert sorted(kept.corrections.values()) == sorted(read.corrections.values())


def test_what_stands_in_the_comparison_is_not_told_in_words_too(world: World) -> None:
    noted = by_place(world.audit())["robot", "1"].noted
    assert "Harbor Daily's own feed says otherwise" in [one.why for one in noted]
    assert not any("399" in one.why and one.rule == "source-disagrees" for one in noted)


def test_entries_that_nobody_covers_are_gaps(world: World) -> None:
    (gap,) = world.audit().uncovered
    assert (gap.title, gap.url, gap.source) == (STORIES[2][1], f"{HARBOR}/ferry", "Harbor Daily")
    assert gap.reasons


def test_a_suggestion_waits_until_somebody_has_said_something(world: World) -> None:
    row = {"entry_id": world.entry("ferry"), "article_id": world.article("garden"), "rule": "covers"}
    world.change(insert(match).values(**row, standing="suggestion", score=0.3, evidence='["both say wind"]'))
    (one,) = world.audit().suggested
    assert (one.number, one.article.path, one.evidence) == (
        row["entry_id"],
        "content/posts/garden.md",
        ("both say wind",),
    )
    with world.store.transaction() as connection:
        uid = connection.execute(select(article.c.uid).where(article.c.id == row["article_id"])).scalar_one()
        match_rows.say_verdict(connection, one.number, uid, match_rows.DENIED, NOW)
    assert not world.audit().suggested


def test_what_became_of_cited_entries_and_their_pages_is_told_newest_first(world: World) -> None:
    url = f"{HARBOR}/garden"
    with world.store.transaction() as connection:
        happened = [(world.entry("garden"), str(Alteration.RETITLED), "Old", "New")]
        uncited = [(world.entry("ferry"), str(Alteration.RETITLED), "Old", "New")]
        change_rows.add_changes(connection, [*happened, *uncited], NOW)
        later = NOW + timedelta(days=1)
        row = LinkRow(url=canonical(url), checked=later, fresh_until=later, word="gone", sentence="it is gone")
        link_rows.save_links(connection, [row])
    dead, retitled = world.audit().became
    assert (dead.kind, dead.source, dead.title) == ("dead", "Harbor Daily", STORIES[1][1])
    assert (retitled.kind, retitled.before, retitled.after) == ("retitled", "Old", "New")
    assert [page.title for page in retitled.articles] == ["花园"]
    assert by_place(world.audit())["garden", "1"].verdict == "dead"


def test_a_source_that_is_no_longer_followed_leaves_the_desk(world: World) -> None:
    with world.store.snapshot() as connection:
        found = read_audit(connection, (), language="en", limit=30)
    assert not found.uncovered
    assert not found.suggested


# -- sources -----------------------------------------------------------------------------------------------------------


def test_sources_are_told_with_their_rule_and_their_failures(world: World) -> None:
    harbor, quay = world.health().feeds
    assert (harbor.word, harbor.entries, harbor.failures) == ("ok", 3, 0)
    assert harbor.due is not None
    assert harbor.due > NOW
    assert (quay.word, quay.failures) == ("failing", 1)
    assert "503" in quay.remark
    assert world.health().without_feed == ("无源",)


def test_polls_are_counted_by_the_days_of_the_site(world: World) -> None:
    world.poll(now=NOW + timedelta(days=2, hours=5))
    days = world.health().days
    assert len(days) == 30
    assert {one.day.isoformat(): (one.fetched, one.unchanged, one.failed, one.new) for one in days if one.polls} == {
        "2025-07-10": (1, 0, 1, 3),
        # 17:00 in UTC is the next day in Shanghai.
        "2025-07-13": (0, 1, 1, 0),
    }


def test_no_request_is_lost_or_counted_twice_by_the_days(world: World) -> None:
    with world.store.snapshot() as connection:
        count = len(connection.execute(select(poll.c.id)).all())
    assert sum(one.polls for one in world.health().days) == count


def test_a_quarantined_article_is_told_with_its_line(world: World) -> None:
    (one,) = world.health().broken
    assert (one.path, one.line, one.last_good) == ("content/posts/broken.md", 4, "")
    assert one.what
    assert one.why


def test_an_article_that_broke_keeps_its_place_in_the_feeds_and_is_told(world: World) -> None:
    path = world.site.posts / "garden.md"
    path.write_text(BROKEN, encoding="utf-8")
    world.site.rebuild(now=NOW)
    broken = {Path(one.path).stem: one.last_good for one in world.health().broken}
    assert broken == {"broken": "", "garden": "花园"}
    assert ("garden", "1") not in by_place(world.audit())


def test_the_last_rebuild_is_what_it_noted(world: World) -> None:
    said = '{"at":"2025-07-10T12:00:00+00:00","seconds":1.5,"written":2,"removed":0,"articles":2,"files":9,"bytes":99}'
    with world.store.transaction() as connection:
        write_meta(connection, desk_rows.LAST_REBUILD, said)
    rebuilt = world.health().rebuilt
    assert rebuilt is not None
    assert (rebuilt.at, rebuilt.seconds, rebuilt.files) == (NOW, 1.5, 9)


# -- writing -----------------------------------------------------------------------------------------------------------

FILES = {"audit.html", "status.html", "desk.css", "desk.js"}


def test_pages_are_written_beside_the_output_and_then_left_alone(world: World) -> None:
    folder = world.site.root / "desk"
    assert set(world.write()) == FILES
    assert {path.name for path in folder.iterdir()} == FILES
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert world.write() == []
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_only_the_page_that_changes_is_written(world: World) -> None:
    world.write()
    world.change(update(article).where(article.c.path == "content/posts/broken.md").values(quarantined=False))
    assert world.write() == ["status.html"]


def test_what_a_poll_brings_is_on_the_pages(world: World) -> None:
    world.write()
    world.poll(now=NOW + timedelta(days=2))
    assert world.write() == ["status.html"]
    assert "2025-07-12" in (world.site.root / "desk/status.html").read_text(encoding="utf-8")


def test_another_setting_gives_other_pages(world: World) -> None:
    world.write()
    assert set(write_desk(world.store, replace(world.plan, language="en"))) == {"audit.html", "status.html"}


def test_pages_that_somebody_removed_are_written_again(world: World) -> None:
    world.write()
    (world.site.root / "desk/status.html").unlink()
    assert world.write() == ["status.html"]


def test_a_file_of_somebody_else_is_left_alone_and_told(world: World) -> None:
    folder = world.site.root / "desk"
    folder.mkdir()
    (folder / "audit.html").write_text("mine", encoding="utf-8")
    with pytest.raises(PublishError, match=r"desk/audit\.html: a file that feeds did not write"):
        world.write()
    assert (folder / "audit.html").read_text(encoding="utf-8") == "mine"
    assert (folder / "status.html").exists()


def test_parts_of_a_list_that_was_longer_are_removed_and_nothing_else(world: World) -> None:
    folder = world.site.root / "desk"
    world.write()
    front = Front(title="x", url="https://example.org/", language="en", zone=UTC)
    many = Audit(cited=tuple(replace(one, line=n) for n, one in enumerate(world.audit().cited * 30)))
    for name, page in render_audit(front, many, part_bytes=5_000).items():
        (folder / name).write_bytes(page)
    (folder / "audit-old.html").write_text("mine", encoding="utf-8")
    (folder / "audit.html").unlink()
    world.write()
    assert {path.name for path in folder.iterdir()} == {*FILES, "audit-old.html"}


def test_a_folder_that_cannot_be_made_is_told(world: World) -> None:
    (world.site.root / "desk").write_text("a file", encoding="utf-8")
    with pytest.raises(PublishError, match="desk"):
        world.write()
