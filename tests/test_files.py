"""Walking content roots: which files are articles, what is left out, what is told."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from feeds.content.files import ContentRoot, scan
from feeds.model import Problem, Severity


def tree(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text", encoding="utf-8")
    return folder


def found(folder: Path, glob: str | None = None) -> list[str]:
    files, problems, *_ = scan([ContentRoot(path=str(folder), name="content", glob=glob)])
    assert problems == []
    return [path.removeprefix("content/") for path in files]


def told(*roots: ContentRoot) -> list[tuple[str, str, Severity]]:
    return [(problem.path, problem.what, problem.severity) for problem in scan(roots)[1]]


def test_articles_are_listed_by_path_with_time_and_size(tmp_path: Path) -> None:
    tree(tmp_path, "b.md", "a/z.md", "a.md")
    os.utime(tmp_path / "b.md", ns=(5, 7_000))

    files, problems, *_ = scan([ContentRoot(path=str(tmp_path), name="content/posts")])

    assert list(files) == ["content/posts/a.md", "content/posts/a/z.md", "content/posts/b.md"]
    last = files["content/posts/b.md"]
    assert (last.root, last.absolute, last.mtime_ns, last.size) == (0, str(tmp_path / "b.md"), 7_000, 4)
    assert problems == []


@pytest.mark.parametrize("name", ["", ".", "./"])
def test_the_project_folder_itself_can_be_a_root(tmp_path: Path, name: str) -> None:
    files = scan([ContentRoot(path=str(tree(tmp_path, "a.md")), name=name.removesuffix("/"))]).files

    assert list(files) == ["a.md"]


def test_what_no_author_wrote_is_left_out(tmp_path: Path) -> None:
    tree(
        tmp_path,
        *["a.md", "-b.md", "c d.md", "论.md", "_index.md", "s/_index.md", "s/_index.en.md", ".hidden.md", ".git/x.md"],
        *[
            "@eaDir/x.md",
            "@tmp/y.md",
            "node_modules/p/README.md",
            "x.md~",
            ".x.md.swp",
            "#x.md#",
            "y.txt",
            "s/@eaDir/z.md",
        ],
    )

    assert found(tmp_path) == ["-b.md", "a.md", "c d.md", "论.md"]
    assert found(tmp_path, "**/*") == ["-b.md", "a.md", "c d.md", "y.txt", "论.md"]


def test_a_folder_with_an_index_hides_nothing(tmp_path: Path) -> None:
    tree(
        tmp_path,
        "one/index.md",
        "one/note.md",
        "one/deep/more.md",
        "two/index.en.md",
        "two/index.md",
        "three/indexes.md",
    )

    assert found(tmp_path) == [
        "one/deep/more.md", "one/index.md", "one/note.md", "three/indexes.md", "two/index.en.md", "two/index.md",
    ]  # fmt: skip


def test_markdown_is_known_by_its_usual_extensions(tmp_path: Path) -> None:
    tree(tmp_path, "a.markdown", "b.mdown", "c.MD", "C#/d.md", "@angular/e.mkd", "old.bak/f.md", "g.txt", "h.md.bak")

    assert found(tmp_path) == [
        "@angular/e.mkd", "C#/d.md", "a.markdown", "b.mdown", "c.MD", "old.bak/f.md",
    ]  # fmt: skip


def test_texts_of_other_kinds_are_told(tmp_path: Path) -> None:
    tree(tmp_path, "a.md", "b.org", "s/c.rst", "d.adoc", "e.txt", "f.mdx", ".g.org")

    assert scan([ContentRoot(path=str(tmp_path), name="content")]).unread == (
        ("content/b.org", "Org mode is not read"),
        ("content/d.adoc", "AsciiDoc is not read"),
        ("content/f.mdx", "MDX is not read"),
        ("content/s/c.rst", "reStructuredText is not read"),
    )


def test_a_glob_leaves_out_and_takes_in(tmp_path: Path) -> None:
    tree(tmp_path, "a.md", "b.txt", "_index.md", "c.txt~", "s/d.md")
    root = ContentRoot(path=str(tmp_path), name="content", glob="*.{txt,md}")

    listed = scan([root])
    assert list(listed.files) == ["content/a.md", "content/b.txt"]
    assert listed.unread == (("content/s/d.md", "content[].glob does not name it"),)
    assert list(listed.branches) == ["content/_index.md"]


@pytest.mark.parametrize(
    ("glob", "wanted"),
    [
        ("**/*.md", ["a.md", "s/b.md", "s/t/c.md"]),
        ("./**/*.md", ["a.md", "s/b.md", "s/t/c.md"]),
        ("*.md", ["a.md"]),
        ("*/*.md", ["s/b.md"]),
        ("s/**/*.md", ["s/b.md", "s/t/c.md"]),
        ("s/**", ["s/b.md", "s/d.markdown", "s/t/c.md"]),
        ("**/?.md", ["a.md", "s/b.md", "s/t/c.md"]),
        ("**/[ab].md", ["a.md", "s/b.md"]),
        ("**/[!a-b].md", ["s/t/c.md"]),
        ("**/*.{md,markdown}", ["a.md", "s/b.md", "s/d.markdown", "s/t/c.md"]),
        ("(a|b).md", []),
        ("**/**/c.md", ["s/t/c.md"]),
    ],
)
def test_globs(tmp_path: Path, glob: str, wanted: list[str]) -> None:
    assert found(tree(tmp_path, "a.md", "s/b.md", "s/t/c.md", "s/d.markdown"), glob) == wanted


def test_overlapping_roots_take_a_file_once_for_the_first(tmp_path: Path) -> None:
    tree(tmp_path, "content/a.md", "content/news/b.md")
    (tmp_path / "again").symlink_to(tmp_path / "content")
    roots = [
        ContentRoot(path=str(tmp_path / "content" / "news"), name="content/news"),
        ContentRoot(path=str(tmp_path / "content"), name="content"),
        ContentRoot(path=str(tmp_path / "again"), name="again"),
    ]

    files, problems, *_ = scan(roots)

    assert {path: file.root for path, file in files.items()} == {"content/a.md": 1, "content/news/b.md": 0}
    assert problems == []


def test_symlinks_are_followed_once_under_the_real_name(tmp_path: Path) -> None:
    tree(tmp_path, "elsewhere/far.md", "content/real/a.md")
    content = tmp_path / "content"
    (content / "aaa").symlink_to(content / "real")
    (content / "linked").symlink_to(tmp_path / "elsewhere")
    (content / "alias.md").symlink_to(content / "real" / "a.md")
    (content / "single.md").symlink_to(tree(tmp_path, "other/single.md") / "other" / "single.md")
    (content / "notes.txt").symlink_to(tmp_path / "nowhere")

    assert found(content) == ["linked/far.md", "real/a.md", "single.md"]


def test_a_symlink_loop_is_told_once_and_a_broken_one_as_well(tmp_path: Path) -> None:
    tree(tmp_path, "a.md", "s/b.md")
    (tmp_path / "s" / "up").symlink_to(tmp_path)
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")
    (tmp_path / "self.md").symlink_to(tmp_path / "self.md")
    root = ContentRoot(path=str(tmp_path), name="content")

    assert told(root) == [
        ("content/gone.md", "symlink", Severity.WARNING),
        ("content/s/up", "symlink", Severity.WARNING),
        ("content/self.md", "symlink", Severity.WARNING),
    ]
    assert list(scan([root])[0]) == ["content/a.md", "content/s/b.md"]


def test_links_among_folders_end(tmp_path: Path) -> None:
    """Twelve folders that each link to all the others have more paths than can be walked."""
    names = [f"f{n}" for n in range(12)]
    tree(tmp_path, *(f"{name}/{name}.md" for name in names))
    for name in names:
        for other in names:
            if other != name:
                (tmp_path / name / other).symlink_to(tmp_path / other)

    assert found(tmp_path) == sorted(f"{name}/{name}.md" for name in names)


def test_a_root_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    [problem] = scan([ContentRoot(path=str(tmp_path / "none"), name="content/none")])[1]

    assert problem == Problem(
        path="content/none",
        severity=Severity.ERROR,
        what="folder",
        why="no such file or directory",
        fix="create it, or correct content[].path; until then its articles stay as they were",
    )


def test_names_that_are_not_utf_8_are_told(tmp_path: Path) -> None:
    tree(tmp_path, "ok.md", "folder/x.md")
    bad = os.fsencode(tmp_path) + b"/bad\xff"
    os.mkdir(bad)  # noqa: PTH102 - bytes are the point
    for name in (bad + b".md", bad + b"/inside.md", os.fsencode(tmp_path) + b"/Icon\r"):
        Path(os.fsdecode(name)).touch()
    Path(os.fsdecode(bad + b"-link.md")).symlink_to(tmp_path / "ok.md")
    root = ContentRoot(path=str(tmp_path), name="content")

    assert sorted(told(root)) == [
        ("content/bad\ufffd", "name", Severity.ERROR),
        ("content/bad\ufffd-link.md", "name", Severity.ERROR),
        ("content/bad\ufffd.md", "name", Severity.ERROR),
    ]
    assert list(scan([root])[0]) == ["content/folder/x.md", "content/ok.md"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    tree(tmp_path, "a.md", "closed/b.md")
    (tmp_path / "closed").chmod(0)

    assert told(ContentRoot(path=str(tmp_path), name="content")) == [("content/closed", "folder", Severity.ERROR)]
    (tmp_path / "closed").chmod(0o700)


def test_the_order_in_which_files_were_made_changes_nothing(tmp_path: Path) -> None:
    names = [f"{folder}/{number}.md" for folder in "abc" for number in range(20)]
    shuffled = random.Random(7).sample(names, len(names))  # noqa: S311 - reproducible
    first, second = tree(tmp_path / "1", *names), tree(tmp_path / "2", *shuffled)

    assert found(first) == found(second)


def test_thousands_of_files_cost_little_more_than_listing_them(tmp_path: Path) -> None:
    for number in range(3_000):
        (tmp_path / f"article-{number}.md").touch()
    root = ContentRoot(path=str(tmp_path), name="content")

    def plain() -> None:
        with os.scandir(tmp_path) as entries:
            for entry in entries:
                entry.stat()

    def cost(work: Callable[[], object]) -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    listing = min(cost(plain) for _ in range(3))
    assert min(cost(lambda: scan([root])) for _ in range(3)) < listing + 0.15
