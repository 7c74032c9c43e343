"""The commands about sources, as their user meets them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from feeds.cli import app, hoist_common_options
from feeds.errors import FeedsError
from tests.polling import rss
from tests.servers import Server, serving
from tests.sites import SmallSite

LONG = "一个名字很长很长的来源：人工智能前沿论文与产业新闻周刊（中文版）"
HEAD = """\
# 我们的网站
site: {title: 小站, url: "https://example.org/", language: zh-CN, author: 编辑部, timezone: Asia/Shanghai}
content: [{path: content/posts, url: "/posts/:slugorfilename/", section: posts}]
sources:
"""
CITING = """\
正文引用。[^1][^2][^3]

[^1]: Wired, [Altman](https://www.wired.com/story/altman/), 2025-06-01.
[^2]: OpenAI, [Video](https://www.youtube.com/channel/UCXZCJLdBC09xxGZ6gcdrc6A), 2025-06-01.
[^3]: Nobody, [Page](https://nobody.example/page), 2025-06-01.
"""


def run(site: SmallSite, *arguments: str, env: Mapping[str, str] | None = None) -> CompletedProcess[str]:
    """As ``site.run``, but in this process: a second is saved each time, and ``main`` adds but what stands here."""
    with chdir(site.root):
        result = CliRunner().invoke(app, hoist_common_options(arguments), env=env)
    error = result.exception
    if error is not None and not isinstance(error, FeedsError | SystemExit):
        raise error
    said, code = (f"feeds: {error}\n", error.exit_code) if isinstance(error, FeedsError) else ("", result.exit_code)
    return CompletedProcess(arguments, code, result.stdout, result.stderr + said)


def source(name: str, url: str) -> str:
    return f'  - {{name: "{name}", feed: "{url}", allow_private: true}}  # von Hand\n'


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        headers = {"ETag": '"1"', "Content-Type": "application/rss+xml"}
        server.conditional("/zh/feed", rss(("a", "阿尔特曼"), ("b", "[bold]Meta[/bold]")), headers)
        server.conditional("/long/feed", rss(("a", "A")), headers)
        server.answers("/broken/feed", 500)
        server.answers("/page/feed", body=b"<html><body>Access denied</body></html>")
        yield server


@dataclass(frozen=True)
class Polled:
    """A site, and its first ``feeds poll``."""

    site: SmallSite
    done: CompletedProcess[str]


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Polled:
    sources = [
        source("机器之心", server.url("/zh/feed")),
        source(LONG, server.url("/long/feed")),
        source("[Broken] News", server.url("/broken/feed")),
        source("Page", server.url("/page/feed")),
        "  - {name: 无源之水, feed: none}\n",
    ]
    site = SmallSite.make(tmp_path_factory.mktemp("site"), HEAD + "".join(sources))
    site.write("one", body=CITING)
    return Polled(site, site.run("poll"))


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    """One source, never asked, and an article that cites three hosts."""
    site = SmallSite.make(tmp_path / "site", HEAD + source("机器之心", "http://127.0.0.1:9/feed"))
    site.write("one", body=CITING)
    return site


def assert_one_line(done: CompletedProcess[str], code: int, *words: str) -> None:
    """An error that a person understands, and nothing else."""
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("feeds: ")
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr


# -- poll ------------------------------------------------------------------------------------------------------------


def test_a_poll_says_one_line_for_each_source_and_one_for_all(polled: Polled, server: Server) -> None:
    lines = polled.done.stdout.splitlines()
    assert f"机器之心 <{server.url('/zh/feed')}>: 2 new" in lines
    assert f"{LONG} <{server.url('/long/feed')}>: 1 new" in lines
    (broken,) = [line for line in lines if line.startswith("[Broken] News <")]
    assert "failed: http-status: " in broken
    assert "500" in broken
    assert "; next 20" in broken
    (page,) = [line for line in lines if line.startswith("Page <")]
    assert "failed: not-a-feed: " in page
    assert lines[-1] == "4 feeds asked: 2 read, 0 not modified, 2 failed; 3 new, 0 changed"
    assert len(lines) == 5
    assert polled.done.stderr == ""


def test_a_feed_that_fails_makes_the_exit_code_one(polled: Polled) -> None:
    assert polled.done.returncode == 1


def test_what_is_not_due_is_not_asked(polled: Polled, server: Server) -> None:
    before = len(server.requests)
    done = run(polled.site, "poll", "--due")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "0 feeds asked: 0 read, 0 not modified, 0 failed; 0 new, 0 changed\n"
    assert len(server.requests) == before


def test_a_named_source_within_the_hour_is_declined_with_the_reason(polled: Polled, server: Server) -> None:
    before = len(server.requests)
    done = run(polled.site, "poll", "机器之心")
    assert done.returncode == 0
    assert done.stderr.startswith(f"{server.url('/zh/feed')}: not asked: it was asked at 20")
    assert len(server.requests) == before


def test_a_poll_as_json_is_json_and_nothing_else(polled: Polled, server: Server) -> None:
    done = run(polled.site, "poll", "--json", "机器之心")
    assert done.stderr == ""
    values = json.loads(done.stdout)
    assert values["feeds"] == []
    assert [one["url"] for one in values["declined"]] == [server.url("/zh/feed")]
    assert (values["waiting"], values["offline"]) == ([], False)


def test_an_unknown_name_suggests_the_nearest(polled: Polled) -> None:
    assert_one_line(run(polled.site, "poll", "机器之"), 2, "'机器之'", "did you mean '机器之心'?")


def test_a_name_unlike_any_other_says_where_the_names_are(polled: Polled) -> None:
    assert_one_line(run(polled.site, "poll", "zzz"), 2, "'zzz'", "feeds status")


def test_a_source_without_a_feed_cannot_be_polled(polled: Polled) -> None:
    assert_one_line(run(polled.site, "poll", "无源之水"), 2, "无源之水")


def test_due_and_names_exclude_each_other(polled: Polled) -> None:
    assert_one_line(run(polled.site, "poll", "--due", "机器之心"), 2, "--due")


def test_a_quiet_poll_says_nothing(site: SmallSite) -> None:
    """Its only source cannot be reached."""
    done = run(site, "poll", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_a_run_for_a_log_is_events_and_a_bad_source_is_told(tmp_path: Path, server: Server) -> None:
    told = tmp_path / "told"
    notice = f"notify: {{command: 'echo $FEEDS_EVENT $FEEDS_SOURCE >> {told}', after: 1}}\n"
    sources = source("机器之心", server.url("/zh/feed")) + source("Bad", server.url("/broken/feed"))
    site = SmallSite.make(tmp_path / "site", notice + HEAD + sources)
    site.write("one", body=CITING)
    done = site.run("run", "--log-json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert (done.returncode, done.stdout) == (0, "")
    assert sorted(event["event"] for event in events) == ["poll", "poll", "rebuild"]
    assert {event["source"]: event["level"] for event in events[:2]} == {"机器之心": "info", "Bad": "warning"}
    assert events[-1]["written"] > 0
    assert told.read_text("utf-8") == "bad Bad\n"


# -- status ----------------------------------------------------------------------------------------------------------


def test_a_status_into_a_pipe_has_whole_lines(polled: Polled) -> None:
    done = run(polled.site, "status", env={"COLUMNS": "80"})
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert lines[0].split() == ["source", "state", "last", "next", "entries", "rule"]
    rows = {line.partition("  ")[0].strip(): line for line in lines if "  " in line}
    assert {"机器之心", LONG, "[Broken] News", "Page"} <= rows.keys()
    assert re.search(r" ok +\d+ min ago +in .* 2 ", rows["机器之心"])
    assert " failing " in rows["[Broken] News"]
    assert "\x1b" not in done.stdout
    assert lines[-1].startswith("4 feeds, 2 not well, 3 entries; 1 source without a feed; politeness 100.0 of 100")


def test_a_verbose_status_has_addresses_and_sources_without_a_feed(polled: Polled, server: Server) -> None:
    done = run(polled.site, "status", "-v")
    assert server.url("/zh/feed") in done.stdout
    assert "无源之水: has no feed" in done.stdout


def test_a_status_as_json_has_every_feed(polled: Polled, server: Server) -> None:
    done = run(polled.site, "status", "--json")
    values = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(feed["source"], feed["state"], feed["entries"]) for feed in values["feeds"]] == [
        ("机器之心", "ok", 2),
        (LONG, "ok", 1),
        ("[Broken] News", "failing", 0),
        ("Page", "failing", 0),
    ]
    assert values["feeds"][0]["etag"] == '"1"'
    assert values["feeds"][3]["failure"] == "not-a-feed"
    assert values["without_feed"] == ["无源之水"]
    assert values["politeness"]["requests"] == len({seen.target for seen in server.requests})


def test_a_status_before_any_poll_writes_nothing(site: SmallSite) -> None:
    before = sorted(site.root.rglob("*"))
    done = run(site, "status")
    assert done.returncode == 0
    assert "never asked yet" in done.stdout
    assert done.stdout.endswith("\n1 feed, 0 not well, 0 entries\n")
    assert sorted(site.root.rglob("*")) == before


# -- discover --------------------------------------------------------------------------------------------------------


def test_discovery_without_the_network_answers_from_the_rules(site: SmallSite) -> None:
    done = run(site, "discover", "--offline")
    assert (done.returncode, done.stderr) == (0, "")
    assert "https://www.wired.com/feed" in done.stdout
    assert "UCXZCJLdBC09xxGZ6gcdrc6A" in done.stdout
    assert "nobody.example" in done.stdout
    assert "feeds for 2 of 3 citations of these hosts (67 %)" in done.stdout
    assert "\nsources:\n  - name: " in done.stdout


def test_discoveries_as_json_are_json_and_nothing_else(site: SmallSite) -> None:
    done = run(site, "discover", "--offline", "--json", "--limit", "2")
    values = json.loads(done.stdout)
    assert done.stderr == ""
    assert len(values["hosts"]) == 2
    assert values["added"] == []
    assert {"host", "feeds", "how", "citations"} <= values["hosts"][0].keys()


def test_what_was_found_is_added_once_and_the_comments_stay(site: SmallSite) -> None:
    config = site.root / "sources.yaml"
    before = config.read_text(encoding="utf-8")
    done = run(site, "discover", "--offline", "--write")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("added 2 sources to sources.yaml; next: feeds poll\n")
    after = config.read_text(encoding="utf-8")
    assert after.startswith(before.rstrip("\n"))
    assert "# von Hand" in after
    again = run(site, "discover", "--offline", "--write", "--json")
    assert json.loads(again.stdout)["added"] == []
    assert config.read_text(encoding="utf-8") == after
    assert run(site, "check").returncode == 0


# -- OPML ------------------------------------------------------------------------------------------------------------


def test_a_list_that_is_exported_can_be_imported_elsewhere(polled: Polled, tmp_path: Path, server: Server) -> None:
    written = run(polled.site, "opml", "export", "list.opml")
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "")
    other = SmallSite.make(tmp_path / "other", HEAD.replace("sources:\n", "sources: []\n"))
    done = run(other, "opml", "import", str(polled.site.root / "list.opml"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "added 4 sources to sources.yaml; next: feeds poll\n"
    exported = run(other, "opml", "export").stdout
    outlines = ET.fromstring(exported).iter("outline")  # noqa: S314 (our own document)
    found = {(one.get("text"), one.get("xmlUrl")) for one in outlines if one.get("xmlUrl")}
    assert found == {
        ("机器之心", server.url("/zh/feed")),
        (LONG, server.url("/long/feed")),
        ("[Broken] News", server.url("/broken/feed")),
        ("Page", server.url("/page/feed")),
    }
    again = run(other, "opml", "import", str(polled.site.root / "list.opml"))
    assert again.stdout == "added 0 sources to sources.yaml; next: feeds poll\n"


def test_what_is_wrong_with_a_list_is_said_and_the_rest_is_taken(site: SmallSite) -> None:
    (site.root / "list.opml").write_text(
        '<opml version="2.0"><body><outline text="好" xmlUrl="https://good.example/feed"/>'
        '<outline text="坏" xmlUrl="ftp://bad.example/feed"/></body></opml>',
        encoding="utf-8",
    )
    done = run(site, "opml", "import", "list.opml")
    assert done.returncode == 1
    assert done.stderr.startswith("list.opml: ")
    assert "坏" in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == "added 1 source to sources.yaml; next: feeds poll\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["opml", "import", "missing.opml"], 2, ["missing.opml: ", "No such file"]),
        (["opml", "import", "content"], 2, ["content: ", "directory"]),
        (["opml", "import", "sources.yaml"], 1, ["OPML: sources.yaml: holds no <opml>"]),
        (["opml", "export", "no/such/folder/list.opml"], 2, ["list.opml: ", "No such file"]),
        (["opml", "export", "content"], 2, ["content: ", "directory"]),
    ],
)
def test_a_file_that_cannot_be_used_is_named_in_one_line(
    site: SmallSite, arguments: list[str], code: int, words: list[str]
) -> None:
    before = (site.root / "sources.yaml").read_bytes()
    assert_one_line(run(site, *arguments), code, *words)
    assert (site.root / "sources.yaml").read_bytes() == before
