"""What people see: lines that fit a terminal of any width, colours where they are wanted, and what to do next."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from feeds.terminal import fold
from tests.polling import rss
from tests.servers import Server, serving
from tests.sites import SmallSite, run_feeds

if os.name != "posix":
    pytest.skip("needs pseudo-terminals", allow_module_level=True)

from tests.terminals import Shown, feeds_in_terminal, in_terminal

CONFIG = """\
site: {{title: 小站, url: "https://example.org/", language: zh-CN, author: 编辑部, timezone: Asia/Shanghai}}
content: [{{path: content/posts, url: "/posts/:slugorfilename/", section: posts}}]
sources:
  - {{name: 机器之心, feed: "{good}", site: "https://wired.example/", allow_private: true}}
  - {{name: 一个名字很长很长的来源：人工智能前沿论文与产业新闻周刊（中文版）, feed: "{also}", allow_private: true}}
  - {{name: Broken, feed: "{broken}", allow_private: true}}
"""
#: Read before it was published; a placeholder; none of the source's; a café in a GBK terminal.
BODY = """\
正文引用了三处，其中一处不可能如此，因为它说自己在发表之前就被读过。[^1][^2][^3]

[^1]: [Altman on café culture](https://wired.example/altman)·机器之心·某人（2025/06/20）·检索日期2025/06/01
[^2]: [Video](https://www.youtube.com/watch?v=xxxxxxxxxx)·OpenAI·（2025/06/01）·检索日期2025/06/02
[^3]: [Page](https://nobody.example/page)·Nobody·（2025/06/01）·检索日期2025/06/02
"""
WIDTHS = pytest.mark.parametrize("columns", [80, 200])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        kind = {"ETag": '"1"', "Content-Type": "application/rss+xml"}
        server.conditional("/good", rss(("altman", "Altman on café culture")), kind)
        server.conditional("/also", rss(("b", "B")), kind)
        server.answers("/broken", 500)
        yield server


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> SmallSite:
    """A site that was polled and built, with an article that cannot be read."""
    addresses = {name: server.url(f"/{name}") for name in ("good", "also", "broken")}
    site = SmallSite.make(tmp_path_factory.mktemp("terminal") / "site", CONFIG.format(**addresses))
    site.write("one", body=BODY)
    site.write("two", body="未定义的脚注[^9]。" * 3, tags=["甲", "乙"])
    (site.posts / "坏的.md").write_bytes(b"\x00\x01\x02" * 99)
    assert site.run("run").returncode == 1
    return site


def assert_fits(shown: Shown, columns: int) -> None:
    assert "Traceback" not in shown.text
    assert shown.wider_than(columns) == []


@WIDTHS
def test_a_status_fits_and_says_what_tells_more(site: SmallSite, columns: int) -> None:
    shown = feeds_in_terminal(site.root, columns, "status")
    assert_fits(shown, columns)
    assert shown.code == 1
    lines = shown.text.splitlines()
    assert lines[0].split()[:5] == ["source", "state", "last", "next", "entries"]
    assert ("rule" in lines[0]) is (columns == 200)
    assert re.search(r"^机器之心 +ok ", shown.text, re.MULTILINE)
    assert {"32", "33"} <= shown.colours  # ok in green, failing in yellow
    assert "\nnext: feeds why with the name of a source" in shown.text


@WIDTHS
def test_an_audit_lists_citations_below_their_articles(site: SmallSite, columns: int) -> None:
    shown = feeds_in_terminal(site.root, columns, "audit")
    assert_fits(shown, columns)
    assert shown.text.startswith("content/posts/one.md\n")
    assert re.search(r"^ +\d+  \[\^1\] +contradicted: ", shown.text, re.MULTILINE)
    assert "31" in shown.colours
    assert re.search(r"^next: --fix-suggestions prints \d+ corrected footnote", shown.text, re.MULTILINE)


def test_a_corrected_footnote_is_one_line_to_copy(site: SmallSite) -> None:
    shown = feeds_in_terminal(site.root, 40, "audit", "--fix-suggestions")
    (line,) = [line for line in shown.text.splitlines() if line.startswith("    [^1]: ")]
    assert line.strip() in run_feeds(site.root, "audit", "--fix-suggestions").stdout


def test_a_check_names_each_problem_and_says_what_is_next(site: SmallSite) -> None:
    shown = feeds_in_terminal(site.root, 80, "check")
    assert_fits(shown, 80)
    assert shown.code == 1
    assert re.search(r"^content/posts/坏的\.md", shown.text, re.MULTILINE)
    assert {"31", "33"} <= shown.colours
    assert "next: mend what is red" in " ".join(shown.text.split())


@WIDTHS
def test_discovery_shows_hosts_and_what_to_paste(site: SmallSite, columns: int) -> None:
    shown = feeds_in_terminal(site.root, columns, "discover", "--offline")
    table = Shown(shown.code, shown.raw.partition("for sources.yaml")[0])
    assert_fits(table, columns)
    assert "nobody.example" in table.text


def test_a_run_with_nothing_to_do_is_two_lines(site: SmallSite) -> None:
    shown = feeds_in_terminal(site.root, 80, "run")
    assert_fits(shown, 80)
    assert "0 feeds asked" in shown.text
    assert "1 article quarantined" in shown.text


def test_matches_name_the_rule_under_each_entry(site: SmallSite) -> None:
    shown = feeds_in_terminal(site.root, 80, "match")
    assert_fits(shown, 80)
    assert re.search(r"^#\d+ Altman on café culture <https://wired\.example/altman>$", shown.text, re.MULTILINE)
    assert re.search(r"^    match: content/posts/one\.md: ", shown.text, re.MULTILINE)


def test_the_first_steps_lead_from_one_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "hugo.toml").write_text('baseURL = "https://example.org/"\ntitle = "小站"\n', encoding="utf-8")
    SmallSite.make(tmp_path).write("one", body=BODY)
    (tmp_path / "sources.yaml").unlink()
    for command, code, said in (
        ("init", 0, ["next: read it, then run feeds check and feeds rebuild", "feeds discover finds the feeds"]),
        ("check", 0, ["next: feeds rebuild"]),
        ("rebuild", 0, ["next: feeds serve shows it in a browser; feeds daemon keeps it up to date"]),
        ("status", 0, ["0 feeds, 0 not well", "next: feeds discover finds the feeds of what the articles cite"]),
    ):
        shown = feeds_in_terminal(tmp_path, 80, command)
        assert_fits(shown, 80)
        assert shown.code == code, shown.text
        for words in said:
            assert words in " ".join(shown.text.split())


@pytest.mark.parametrize(
    ("command", "env"),
    [
        ("status", {"NO_COLOR": "1"}),
        ("audit", {"TERM": "dumb"}),
        ("check", {"NO_COLOR": "1"}),
        ("match", {"TERM": "dumb"}),
    ],
)
def test_who_wants_no_colours_gets_none_and_lines_that_fit(site: SmallSite, command: str, env: dict[str, str]) -> None:
    shown = feeds_in_terminal(site.root, 80, command, env=env)
    assert shown.colours == set()
    assert_fits(shown, 80)


@pytest.mark.parametrize("command", ["status", "audit", "check", "match", "run"])
def test_a_pipe_gets_whole_lines_without_colours_and_without_advice(site: SmallSite, command: str) -> None:
    done = run_feeds(site.root, command, env={"COLUMNS": "40"})
    assert "\x1b" not in done.stdout + done.stderr
    assert "next: feeds" not in done.stdout
    assert not [line for line in done.stdout.splitlines() if line.endswith(" ")]
    if command == "audit":
        assert re.search(r"^content/posts/one\.md:\d+: \[\^1\]: contradicted: ", done.stdout, re.MULTILINE)
    if command == "check":
        assert re.search(
            r"^content/posts/two\.md:\d+: citation: \[\^9\] has no definition \(.+\) \[warning\]$",
            done.stderr,
            re.MULTILINE,
        )


@pytest.mark.parametrize("command", ["status", "audit", "match"])
def test_a_chinese_terminal_shows_what_its_encoding_has(site: SmallSite, command: str) -> None:
    shown = feeds_in_terminal(
        site.root, 80, command, env={"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"}, encoding="gbk"
    )
    assert "internal error" not in shown.text
    if command == "status":
        assert "机器之心" in shown.text
    if command == "match":
        assert "Altman on caf" in shown.text  # GBK has "é"; what it lacks is a question mark


def test_json_is_whole_whatever_the_encoding(site: SmallSite) -> None:
    env = {"PYTHONUTF8": "0"}
    wide, narrow = (
        json.loads(run_feeds(site.root, "audit", "--json", env={**env, "PYTHONIOENCODING": name}).stdout)
        for name in ("utf-8", "ascii")
    )
    assert wide == narrow


SLOW = """\
import time
from feeds.progress import Progress
with Progress(quiet=False) as progress:
    for done in range(1, 26):
        time.sleep(0.07)
        progress("articles", done, 25)
"""


@WIDTHS
def test_long_work_shows_a_bar_with_its_rate_and_the_time_left(tmp_path: Path, columns: int) -> None:
    shown = in_terminal([sys.executable, "-c", SLOW], tmp_path, columns)
    assert re.search(r"articles +\S+ +\d+/25 +(?:1\d|[89]\.\d)(?:\.\d)?/s +\d s left", shown.text)
    assert max(map(cell_len, shown.pictures)) <= columns


def test_long_work_in_a_pipe_is_silent_until_ten_seconds_are_over() -> None:
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


# -- folding -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.text(st.sampled_from("ab 中，。/"), max_size=60), max_size=4), st.integers(0, 4), st.integers(0, 12))
def test_folding_loses_nothing_and_keeps_to_the_width(texts: list[str], indent: int, hang: int) -> None:
    pieces = [(text, style) for text, style in zip(texts, ["", "red", "bold", "dim"], strict=False)]
    lines = ["".join(text for text, _ in line) for line in fold(pieces, indent=indent, hang=hang, width=40)]
    assert "".join("".join(lines).split()) == "".join("".join(texts).split())
    longest = max((len(word) for word in re.findall(r"[ab/]+", "".join(texts))), default=0)
    for line in lines:
        assert cell_len(line) <= max(40, max(indent, hang) + longest + 2)
        assert line == line.rstrip()


def test_what_a_feed_says_moves_no_cursor() -> None:
    (line,) = fold([("a\x1b[2Jb\nc\td\x9b1m", "")], indent=0, hang=0, width=80)
    assert line == [("a\ufffd[2Jb c d\ufffd1m", "")]
