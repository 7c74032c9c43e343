from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.errors import PublishError
from feeds.model import Feed, Person
from feeds.publish.output import STAGING, Known, Outcome, Output, is_ours, sync
from feeds.publish.pages import render_index
from feeds.publish.render import FORMATS, render_feed
from feeds.publish.select import Publication

OURS = b"<rss><channel><generator>feeds</generator></channel></rss>"
FOREIGN = b"<rss><channel><generator>Hugo</generator><link>https://example.org/feeds/</link></channel></rss>"
KNOWN = Known("digest", 1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def output(root: Path) -> Output:
    """A prepared output folder."""
    output = Output(str(root))
    output.prepare()
    return output


def files(folder: Path) -> dict[str, bytes]:
    """Everything below a folder but the staging folder."""
    found = (path for path in folder.rglob("*") if path.is_file() and STAGING not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


# -- writing -----------------------------------------------------------------------------------------------------------


def test_a_new_document_is_written_with_its_folders(output: Output, root: Path) -> None:
    assert output.write("tags/智能体/rss.xml", b"one", known=None) is Outcome.WRITTEN
    assert output.write("index.html", b"", known=None) is Outcome.WRITTEN
    assert files(root) == {"tags/智能体/rss.xml": b"one", "index.html": b""}


def test_an_equal_document_keeps_its_inode_and_time(output: Output, root: Path) -> None:
    """DESIGN 4: web servers and syncing programs go by them."""
    output.write("rss.xml", OURS, known=None)
    os.utime(root / "rss.xml", ns=(1, 1))
    before = (root / "rss.xml").stat()
    assert output.write("rss.xml", OURS, known=KNOWN) is Outcome.UNCHANGED
    assert output.write("rss.xml", OURS, known=None) is Outcome.UNCHANGED
    after = (root / "rss.xml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_changed_document_is_replaced_in_one_step(output: Output, root: Path) -> None:
    """Whoever has it open reads the old one to its end."""
    output.write("rss.xml", b"old" * 1000, known=None)
    with (root / "rss.xml").open("rb") as reader:
        start = reader.read(5)
        assert output.write("rss.xml", b"new", known=KNOWN) is Outcome.WRITTEN
        assert start + reader.read() == b"old" * 1000
    assert (root / "rss.xml").read_bytes() == b"new"


def test_a_shorter_document_leaves_nothing_of_a_longer_one_before_it(output: Output, root: Path) -> None:
    output.write("long.xml", b"x" * 100_000, known=None)
    output.write("short.xml", b"y", known=None)
    assert (root / "short.xml").read_bytes() == b"y"


def test_a_document_may_be_read_by_a_web_server(output: Output, root: Path) -> None:
    before = os.umask(0o022)
    output.write("rss.xml", b"one", known=None)
    os.umask(before)
    assert (root / "rss.xml").stat().st_mode & 0o777 == 0o644


def test_a_strangers_file_is_left_alone(output: Output, root: Path) -> None:
    (root / "rss.xml").write_bytes(FOREIGN)
    assert output.write("rss.xml", OURS, known=None) is Outcome.FOREIGN
    assert files(root) == {"rss.xml": FOREIGN}


def test_a_file_of_ours_is_known_by_its_mark_when_the_state_is_lost(output: Output, root: Path) -> None:
    (root / "rss.xml").write_bytes(OURS + b"older")
    assert output.write("rss.xml", OURS, known=None) is Outcome.WRITTEN
    assert files(root) == {"rss.xml": OURS}


def test_a_file_that_the_manifest_knows_is_ours_whatever_it_says(output: Output, root: Path) -> None:
    (root / "rss.xml").write_bytes(b"touched by hand")
    assert output.write("rss.xml", OURS, known=KNOWN) is Outcome.WRITTEN
    assert files(root) == {"rss.xml": OURS}


def test_comparing_says_what_writing_would_do_and_does_nothing(root: Path) -> None:
    root.mkdir()
    (root / "foreign.xml").write_bytes(FOREIGN)
    (root / "same.xml").write_bytes(OURS)
    output = Output(str(root))
    outcomes = [output.compare(name, OURS, known=None) for name in ("foreign.xml", "same.xml", "new/one.xml")]
    assert outcomes == [Outcome.FOREIGN, Outcome.UNCHANGED, Outcome.WRITTEN]
    assert output.compare("foreign.xml", OURS, known=KNOWN) is Outcome.WRITTEN
    assert files(root) == {"foreign.xml": FOREIGN, "same.xml": OURS}
    assert len(list(root.iterdir())) == 2


def test_two_processes_write_side_by_side(output: Output, root: Path) -> None:
    other = Output(str(root), number=1)
    for number in range(20):
        output.write(f"a/{number}.xml", b"a" * number, known=None)
        other.write(f"b/{number}.xml", b"b" * number, known=None)
    assert files(root) == {f"{letter}/{n}.xml": letter.encode() * n for letter in "ab" for n in range(20)}


def test_a_folder_that_another_process_made_meanwhile_is_fine(output: Output, root: Path) -> None:
    (root / "tags/ai").mkdir(parents=True)
    assert output.write("tags/ai/rss.xml", b"x", known=None) is Outcome.WRITTEN


# -- what is current ---------------------------------------------------------------------------------------------------


def test_a_file_is_current_when_it_was_made_from_the_same_values_and_is_still_there(output: Output, root: Path) -> None:
    output.write("rss.xml", b"12345", known=None)
    assert output.is_current("rss.xml", Known("d", 5), "d")
    assert not output.is_current("rss.xml", None, "d")
    assert not output.is_current("rss.xml", Known("d", 5), "other")
    assert not output.is_current("rss.xml", Known("d", 6), "d")
    assert not output.is_current("gone.xml", Known("d", 5), "d")
    (root / "rss.xml").rename(root / "elsewhere.xml")
    (root / "rss.xml").symlink_to("elsewhere.xml")
    assert not output.is_current("rss.xml", Known("d", 5), "d")
    (root / "folder").mkdir()
    assert not output.is_current("folder", Known("d", (root / "folder").stat().st_size), "d")


# -- whose is it -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_bears_our_mark(name: str) -> None:
    feed = Feed(
        id="urn:x",
        title="T",
        description="描述" * 300,
        home_url="https://example.org/",
        self_url="https://example.org/rss.xml",
        updated=datetime(2025, 6, 1, tzinfo=UTC),
        language="zh-CN",
        author=Person(name="A"),
    )
    assert is_ours(render_feed(feed, [], name))


def test_the_page_of_all_feeds_bears_our_mark() -> None:
    site = Publication(
        title="T",
        url="https://example.org/",
        base_url="https://example.org/",
        description="",
        language="en",
        author=Person(name="A"),
        layout={},
        filenames={},
        limit=30,
        archived_scopes=frozenset(),
    )
    assert is_ours(render_index(site, [], opml="feeds.opml"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        FOREIGN,
        b'<meta name="generator" content="Hugo 0.148"><a href="/feeds/">feeds</a>',
        b'{"version":"https://jsonfeed.org/version/1.1","title":"_feeds"}',
        b"<generator>feedsmith</generator>",
        b" " * 5000 + OURS,
    ],
)
def test_what_others_made_is_theirs(data: bytes) -> None:
    assert not is_ours(data)


# -- paths -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "/", "/etc/passwd", "../a", "a/../../b", "a/..", "a/./b", "a//b", "a/", "a\\b", "..\\a",
        "C:\\a", "a\0b", "\0",
    ],
)  # fmt: skip
def test_a_name_never_leaves_the_folder(output: Output, root: Path, name: str) -> None:
    with pytest.raises(PublishError, match=r"would leave the output folder \(change its slug or layout\)") as caught:
        output.write(name, b"x", known=KNOWN)
    with pytest.raises(PublishError):
        output.remove(name)
    assert "\n" not in str(caught.value)
    assert "\0" not in str(caught.value)
    assert files(root.parent) == {}


@settings(max_examples=300)
@given(st.text("ab./\\\0~", max_size=9))
def test_every_name_stays_below_the_folder_or_is_refused(name: str) -> None:
    output = Output("/srv/output")
    try:
        path = output.path_of(name)
    except PublishError:
        return
    assert path == f"/srv/output/{name}"
    assert os.path.normpath(path) == path


@pytest.mark.parametrize("name", ["a..b", "...", ".hidden/a", "~/a", "c++/rss.xml", "%2e%2e/a", "-", " "])
def test_a_harmless_name_is_taken(output: Output, root: Path, name: str) -> None:
    assert output.write(name, b"x", known=None) is Outcome.WRITTEN
    assert files(root) == {name: b"x"}


# -- what can be in the way --------------------------------------------------------------------------------------------


def complaint(output: Output, name: str, data: bytes = b"x") -> str:
    """Why a document could not be written."""
    with pytest.raises(PublishError) as caught:
        output.write(name, data, known=KNOWN)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_file_where_a_folder_should_be_is_named(output: Output, root: Path) -> None:
    (root / "tags").write_text("a stranger's")
    assert complaint(output, "tags/ai/rss.xml") == (
        f"output: {root}/tags/ai: runs through a file where a folder should be (move that file away)"
    )
    assert (root / "tags").read_text() == "a stranger's"


def test_a_link_to_nowhere_where_a_folder_should_be_is_named(output: Output, root: Path) -> None:
    (root / "tags").symlink_to("nowhere")
    assert complaint(output, "tags/rss.xml") == (
        f"output: {root}/tags: is a file where a folder should be (move it away)"
    )


def test_a_folder_where_a_file_should_be_is_named(output: Output, root: Path) -> None:
    (root / "rss.xml").mkdir()
    expected = f"output: {root}/rss.xml: is a folder where a file should be (move it away)"
    for _ in range(2):
        assert complaint(output, "rss.xml") == expected
    assert (root / "rss.xml").is_dir()


def test_a_name_too_long_for_the_file_system_is_named(output: Output) -> None:
    message = complaint(output, f"tags/{'长' * 100}/rss.xml")
    assert "is too long a name for this file system (shorten the term with an alias)" in message


def test_a_link_that_leads_in_circles_is_named(output: Output, root: Path) -> None:
    (root / "rss.xml").symlink_to("rss.xml")
    assert f"{root}/rss.xml: " in complaint(output, "rss.xml")


def test_a_folder_that_may_not_be_written_is_named(read_only: Path) -> None:
    with pytest.raises(PublishError, match=r"may not be written \(check its owner and permissions\)") as caught:
        Output(str(read_only / "output")).prepare()
    assert str(read_only) in str(caught.value)


def test_a_file_where_the_output_folder_should_be_is_named(root: Path) -> None:
    root.write_text("")
    with pytest.raises(PublishError, match="where a folder should be"):
        Output(str(root)).prepare()


def test_a_full_disk_leaves_the_last_good_document(output: Output, root: Path, request: pytest.FixtureRequest) -> None:
    output.write("rss.xml", b"good", known=None)
    request.getfixturevalue("full_disk")
    assert f"output: {root}" in complaint(output, "rss.xml", b"x" * (1 << 17))
    assert (root / "rss.xml").read_bytes() == b"good"
    assert output.write("rss.xml", b"fits", known=KNOWN) is Outcome.WRITTEN
    output.finish()
    assert files(root) == {"rss.xml": b"fits"}
    assert [path.name for path in root.iterdir()] == ["rss.xml"]


# -- staging -----------------------------------------------------------------------------------------------------------


def test_what_a_killed_run_left_in_staging_is_cleared_away(root: Path) -> None:
    (root / STAGING / "deep").mkdir(parents=True)
    (root / STAGING / "7").write_text("half a docu")
    output = Output(str(root))
    output.prepare()
    assert list((root / STAGING).iterdir()) == []
    output.finish()
    assert list(root.iterdir()) == []


def test_nothing_is_left_in_staging_after_a_document(output: Output, root: Path) -> None:
    output.write("rss.xml", b"x", known=None)
    assert list((root / STAGING).iterdir()) == []


def test_finishing_twice_is_finishing_once(output: Output, root: Path) -> None:
    output.finish()
    output.finish()
    assert list(root.iterdir()) == []


def test_everything_can_be_brought_to_the_disk(output: Output, root: Path) -> None:
    output.write("rss.xml", b"x", known=None)
    sync(str(root))
    assert files(root) == {"rss.xml": b"x"}


# -- removing ----------------------------------------------------------------------------------------------------------


def test_a_removed_file_takes_the_folders_that_it_empties_along(output: Output, root: Path) -> None:
    output.write("tags/ai/archive/1/rss.xml", b"x", known=None)
    output.write("tags/other/rss.xml", b"x", known=None)
    assert output.remove("tags/ai/archive/1/rss.xml")
    assert not (root / "tags/ai").exists()
    assert files(root) == {"tags/other/rss.xml": b"x"}


def test_a_strangers_file_keeps_its_folder(output: Output, root: Path) -> None:
    output.write("tags/ai/rss.xml", b"x", known=None)
    (root / "tags/ai/notes.txt").write_text("mine")
    assert output.remove("tags/ai/rss.xml")
    assert files(root) == {"tags/ai/notes.txt": b"mine"}


def test_the_output_folder_itself_is_never_removed(output: Output, root: Path) -> None:
    output.write("rss.xml", b"x", known=None)
    output.write("a/rss.xml", b"x", known=None)
    output.finish()
    assert output.remove("rss.xml")
    assert output.remove("a/rss.xml")
    assert list(root.iterdir()) == []


def test_removing_what_is_gone_removes_nothing(output: Output, root: Path) -> None:
    (root / "empty").mkdir()
    (root / "tags").write_text("a stranger's, where our folder was")
    assert not output.remove("rss.xml")
    assert not output.remove("empty/rss.xml")
    assert not output.remove("tags/ai/rss.xml")
    assert (root / "empty").is_dir()
    assert files(root) == {"tags": b"a stranger's, where our folder was"}


def test_a_folder_is_not_removed_in_place_of_a_file(output: Output, root: Path) -> None:
    (root / "rss.xml").mkdir()
    with pytest.raises(PublishError, match=r"rss\.xml: "):
        output.remove("rss.xml")
    assert (root / "rss.xml").is_dir()


def test_a_folder_that_was_removed_is_made_again(output: Output, root: Path) -> None:
    for _ in range(2):
        assert output.write("tags/ai/rss.xml", b"x", known=None) is Outcome.WRITTEN
        assert output.remove("tags/ai/rss.xml")
    assert output.write("tags/ai/rss.xml", b"x", known=None) is Outcome.WRITTEN
    assert files(root) == {"tags/ai/rss.xml": b"x"}


@pytest.mark.parametrize("name", ["output", "output/", "./output", "."])
def test_the_folder_may_be_relative_and_end_in_a_slash(tmp_path: Path, name: str) -> None:
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        output = Output(name)
        output.prepare()
        output.write("tags/ai/rss.xml", b"x", known=None)
        output.write("rss.xml", b"x", known=None)
        assert output.remove("tags/ai/rss.xml")
        assert output.remove("rss.xml")
        output.finish()
        assert Path(name).is_dir()
        assert files(Path(name)) == {}
    finally:
        os.chdir(before)
