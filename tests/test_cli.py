"""The command line as its user meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from feeds.cli import hoist_common_options
from tests.sites import SmallSite, run_feeds


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    """One article."""
    site = SmallSite.make(tmp_path / "site")
    site.write("one")
    return site


def test_a_rebuild_reports_in_one_line(site: SmallSite) -> None:
    done = site.run("rebuild")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "17 of 17 written, 0 unchanged, 0 removed, 0 articles quarantined\n"


def test_a_rebuild_as_json_has_figures_and_nothing_else(site: SmallSite) -> None:
    report = json.loads(site.run("rebuild", "--json").stdout)
    assert (report["written"], report["articles"], report["quarantined"]) == (17, 1, [])
    assert report["seconds"] > 0


def test_an_article_that_cannot_be_read_is_named_and_the_exit_code_says_so(site: SmallSite) -> None:
    (site.posts / "bad.md").write_text("+++\ntitle = \n+++\n", encoding="utf-8")
    done = site.run("rebuild")
    assert done.returncode == 1
    assert done.stderr.startswith("content/posts/bad.md:2: front matter: ")
    assert done.stdout.endswith("1 article quarantined\n")
    assert site.run("check").returncode == 1


def test_check_writes_nothing(site: SmallSite) -> None:
    before = sorted(site.root.rglob("*"))
    assert site.run("check").returncode == 0
    assert sorted(site.root.rglob("*")) == before


def test_a_remark_that_stands_in_many_places_is_shown_once(site: SmallSite) -> None:
    for number in range(6):
        text = f"---\ntitle: T{number}\ndate: 2024-01-0{number + 1}\ntags: [a]\n---\n<object></object>\n"
        (site.posts / f"many-{number}.md").write_text(text, encoding="utf-8")
    (site.posts / "other.md").write_text("---\ntitle: O\ndate: 2024-01-01\n---\n<svg></svg>\n", encoding="utf-8")
    lines = site.run("check").stderr.splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["content/posts/many-0.md:6", "content/posts/other.md:5"]
    assert lines[0].endswith("was left out, and so in 5 more places (-v shows each) [warning]")
    assert len([line for line in site.run("-v", "check").stderr.splitlines() if "<object>" in line]) == 6
    (site.posts / "many-5.md").unlink()
    (site.posts / "many-4.md").unlink()
    (site.posts / "many-3.md").unlink()
    assert len(site.run("check").stderr.splitlines()) == 4, "three are not many"


def test_errors_are_never_put_together(site: SmallSite) -> None:
    for number in range(5):
        (site.posts / f"bad-{number}.md").write_text("+++\ntitle = \n+++\n", encoding="utf-8")
    assert len(site.run("check").stderr.splitlines()) == 5


def test_check_as_json_names_the_ids_that_a_rebuild_gives(site: SmallSite) -> None:
    before = json.loads(site.run("check", "--json").stdout)["articles"]
    site.run("rebuild")
    assert [a["id"] for a in before] == [i["id"] for i in site.items("feed.json")]
    (site.posts / "one.md").rename(site.posts / "uno.md")
    site.run("rebuild")
    after = json.loads(site.run("check", "--json").stdout)["articles"]
    assert [(a["path"], a["id"]) for a in after] == [("content/posts/uno.md", before[0]["id"])]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["rebuild"], 2, "feeds init"),
        (["--config", "nowhere.yaml", "check"], 2, "nowhere.yaml"),
        (["rebuild", "--jobs", "0"], 2, "--jobs"),
        (["unknown"], 2, "No such command"),
    ],
)
def test_a_wrong_call_is_explained_without_a_traceback(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    done = run_feeds(tmp_path, *arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named_with_its_line(site: SmallSite) -> None:
    config = site.root / "sources.yaml"
    config.write_text(config.read_text(encoding="utf-8") + "outputs: {}\n", encoding="utf-8")
    done = site.run("check")
    assert done.returncode == 2
    assert done.stderr.startswith("feeds: sources.yaml:8: ")
    assert '"output"' in done.stderr


def test_a_clock_that_is_no_number_is_explained(site: SmallSite) -> None:
    done = site.run("rebuild", env={"SOURCE_DATE_EPOCH": "yesterday"})
    assert done.returncode == 2
    assert "SOURCE_DATE_EPOCH" in done.stderr


def test_a_state_that_is_no_state_is_explained_and_nothing_is_written(site: SmallSite) -> None:
    state = site.root / ".feeds/state.db"
    state.parent.mkdir()
    state.write_text("this is no database, and long enough to be looked at as one" * 40, encoding="utf-8")
    done = site.run("rebuild")
    assert done.returncode == 1
    assert "state.db: is not a state file" in done.stderr
    assert not site.output.exists()


def test_init_writes_a_configuration_that_works_and_never_overwrites_one(tmp_path: Path) -> None:
    site = tmp_path / "new"
    (site / "content/posts").mkdir(parents=True)
    (site / "content/posts/a.md").write_text("# 题\n\n正文\n", encoding="utf-8")
    assert run_feeds(tmp_path, "init", "new").returncode == 0
    assert run_feeds(site, "check").returncode == 0
    before = (site / "sources.yaml").read_bytes()
    again = run_feeds(tmp_path, "init", "new")
    assert (again.returncode, "sources.yaml: is there already" in again.stderr) == (2, True)
    assert (site / "sources.yaml").read_bytes() == before


def test_a_second_run_at_the_same_time_is_told_to_wait(site: SmallSite) -> None:
    site.run("rebuild")
    script = (
        "import sys, time; from feeds.store.sql import Store\n"
        "store = Store('sqlite:///.feeds/state.db', folder='.')\n"
        "with store.lock(): print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=site.root, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        done = site.run("rebuild")
        assert (done.returncode, done.stderr.count("\n")) == (75, 1)
        assert "another run" in done.stderr
        holder.kill()
    assert site.run("rebuild").returncode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_killed_run_with_several_processes_leaves_no_lock(tmp_path: Path) -> None:
    site = SmallSite.make(tmp_path / "site")
    for n in range(400):
        site.write(f"a{n}", tags=[f"t{n}"], body="正文。" * 200)
    command = [sys.executable, "-m", "feeds", "rebuild", "--jobs", "2"]
    with subprocess.Popen(command, cwd=site.root) as run:
        while not (site.root / ".feeds/entries/000002-2.pack").exists():
            time.sleep(0.02)
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while site.run("rebuild").returncode == 75:
        assert time.monotonic() < deadline, "the lock outlived its holder"
        time.sleep(0.2)
    assert len(list((site.output / "tags").iterdir())) == 400


def test_common_options_may_stand_after_the_command() -> None:
    assert hoist_common_options(["check", "-v", "--config", "x.yaml", "--json"]) == [
        "-v",
        "--config",
        "x.yaml",
        "check",
        "--json",
    ]
    assert hoist_common_options(["check", "--config=x", "--", "-v"]) == ["--config=x", "check", "--", "-v"]


def test_a_rebuild_loads_no_network_and_without_work_no_renderer(site: SmallSite) -> None:
    """What cron pays every few minutes; imports are most of it."""
    code = (
        "import sys; sys.argv = ['feeds', 'rebuild']\n"
        "from feeds.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sorted(name for name in sys.modules if '.' not in name))\n"
    )
    unwanted = {"requests", "feedparser", "apscheduler", "tldextract", "urllib3", "alembic"}
    command = [sys.executable, "-c", code]
    loaded = [
        set(subprocess.run(command, cwd=site.root, capture_output=True, text=True, check=True).stdout.split())
        for _ in range(2)
    ]
    assert unwanted - {"alembic"} == unwanted - {"alembic"} - loaded[0]
    assert not (unwanted | {"feedgen", "lxml", "jinja2", "comrak", "rich", "pydantic"}) & loaded[1]


def test_ctrl_c_ends_with_one_line(tmp_path: Path) -> None:
    """A FIFO in place of sources.yaml keeps the command waiting, so that there is something to interrupt."""
    fifo = tmp_path / "sources.yaml"
    os.mkfifo(fifo)
    command = [sys.executable, "-m", "feeds", "--config", str(fifo), "check"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        writer = os.open(fifo, os.O_WRONLY)  # goes on when the command has opened it, too
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    os.close(writer)
    assert process.returncode == 130
    assert said == "feeds: interrupted; what was done is kept, run it again to go on\n"
