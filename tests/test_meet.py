"""An audit as a story: a site cites a page, its source is polled, and the two are compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from feeds.app import App
from feeds.audit.values import Verdict
from feeds.meet.audit import Audited, audit
from feeds.sources.sandbox import Sandbox
from feeds.store.sql import Store
from tests.polling import World
from tests.servers import Server
from tests.sites import NOW, SmallSite

PAGE = "https://www.wired.com/story/talent-spree/"
#: An author, a day and a title that are not the page's; read a year before it was written.
FALSE = f"[^1]: [My summer with penguins]({PAGE})·Wired·Paul Smith（2024/05/28）·检索日期2024/05/29"
TRUE = f"[^2]: [Altman slams the talent spree]({PAGE}?utm_source=x)·Wired·Zoe Miller（2025/07/01）·检索日期2025/07/02"
FEED = f"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Wired</title>
<link>https://www.wired.com/</link><description>d</description>
<item><guid isPermaLink="false">1</guid><title>Altman slams the talent spree</title><link>{PAGE}</link>
<dc:creator>Zoe Miller</dc:creator><pubDate>Tue, 01 Jul 2025 17:46:26 +0000</pubDate></item></channel></rss>"""


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    site = SmallSite.make(tmp_path / "site")
    date = "2025-07-02T17:10:00+08:00"
    site.write("false", date=date, body=f"正文[^1]。\n\n{FALSE}\n")
    site.write("true", date=date, body=f"正文[^2]。\n\n{TRUE}\n")
    return site


def audited(site: SmallSite, store: Store) -> Audited:
    """What ``feeds audit`` finds with this state."""
    app = App(str(site.root / "sources.yaml"))
    articles = [article for article, _ in app.check(now=NOW, progress=lambda *_: None).articles]
    with store.snapshot() as connection:
        return audit(articles, app.config.source_specs, connection)


def polled(server: Server, store: Store, sandbox: Sandbox, feed: str = FEED) -> World:
    world = World(server, store, sandbox).follows("/feed")
    server.answers("/feed", body=feed.encode())
    subscriptions = [one.url for one in world.subscriptions]
    world.poll()
    assert len(subscriptions) == 1
    return world


def test_a_claim_that_the_source_contradicts_is_found_and_corrected(
    site: SmallSite, server: Server, store: Store, sandbox: Sandbox
) -> None:
    polled(server, store, sandbox)
    found = audited(site, store)
    false, true = found.findings
    assert (false.verdict, true.verdict) == (Verdict.CONTRADICTED, Verdict.VERIFIED)
    assert {difference.field.value for difference in false.contradictions} == {"title", "author", "date"}
    assert found.has_errors
    correction = found.corrections[false]
    assert "Altman slams the talent spree" in correction
    assert "Zoe Miller（2025/07/01）" in correction
    assert correction.startswith(f"[^1]: [Altman slams the talent spree]({PAGE})·Wired")
    assert true not in found.corrections


def test_a_title_that_the_page_once_had_is_no_contradiction(
    site: SmallSite, server: Server, store: Store, sandbox: Sandbox
) -> None:
    """One in ten of a big site's titles is edited later."""
    world = polled(server, store, sandbox)
    other = FEED.replace("Altman slams the talent spree", "What the leaked memo says of loyalty and money")
    server.answers("/feed", body=other.encode())
    world.later(days=2).poll()
    assert audited(site, store).findings[1].verdict is Verdict.VERIFIED


def test_without_a_poll_only_what_cannot_be_is_found(site: SmallSite, store: Store) -> None:
    false, true = audited(site, store).findings
    assert (false.verdict, true.verdict) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert "accessed-long-before-article" in {remark.rule.value for remark in false.remarks}


def test_the_command_prints_lines_json_and_sarif(site: SmallSite) -> None:
    done = site.run("audit")
    assert done.returncode == 0
    assert "content/posts/false.md:" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("2 citations: 0 contradicted")
    findings = json.loads(site.run("audit", "--json").stdout)["findings"]
    assert [finding["label"] for finding in findings] == ["1", "2"]
    assert json.loads(site.run("audit", "--sarif").stdout)["version"] == "2.1.0"
    assert not (site.root / ".feeds" / "state.db").exists()


def test_strict_fails_for_what_cannot_be(site: SmallSite) -> None:
    wrong = FALSE.replace("2024/05/29", "2024/05/01")
    site.write("false", date="2025-07-02T17:10:00+08:00", body=f"正文[^1]。\n\n{wrong}\n")
    assert site.run("audit", "--strict").returncode == 1


# -- matching --------------------------------------------------------------------------------------------------------


def test_entries_of_a_file_are_matched_and_nothing_is_stored(site: SmallSite, tmp_path: Path) -> None:
    file = tmp_path / "entries.jsonl"
    entry = {"title": "Altman slams the talent spree", "url": PAGE, "published": "2025-07-01", "feed": "Wired"}
    other = {"entry": {"title": "How to grow tea", "url": "https://tea.example/grow"}}
    file.write_text("".join(f"{json.dumps(one)}\n" for one in (entry, entry, other)), encoding="utf-8")
    found = json.loads(site.run("match", "--entries", str(file), "--json").stdout)["entries"]
    assert [len(one["matches"]) for one in found] == [2, 0]
    assert "2 matching articles" in site.run("match", "--entries", str(file)).stdout
    assert not (site.root / ".feeds" / "state.db").exists()


def test_a_line_that_is_no_entry_is_named(site: SmallSite, tmp_path: Path) -> None:
    file = tmp_path / "entries.jsonl"
    file.write_text('{"title": "x"}\n[]\n', encoding="utf-8")
    done = site.run("match", "--entries", str(file))
    assert done.returncode == 2
    assert done.stderr.startswith(f"feeds: {file}:2: entry: ")
