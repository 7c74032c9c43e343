"""Documents taken apart, and the memory of what their versions held."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.publish.render import FORMATS
from feeds.web import delta
from feeds.web.delta import Versions, cut
from tests.web_site import make_document, make_item

A, B = frozenset({b"a" * 8, b"b" * 8}), frozenset({b"c" * 8})
NUMBERS = st.lists(st.integers(0, 20), unique=True, max_size=6)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=25)
@given(before=NUMBERS, after=NUMBERS, changed=st.sets(st.integers(0, 20)))
def test_what_is_left_out_is_what_was_there_before(
    form: str, before: list[int], after: list[int], changed: set[int]
) -> None:
    old = make_document(form, [make_item(n) for n in before])
    new = make_document(form, [make_item(n, "改过" if n in changed else "正文") for n in after])
    was, now = cut(old, form), cut(new, form)
    news = [n for n in after if n not in before or n in changed]
    if was is None or now is None:
        # XML without items cannot be cut; an Atom, RSS or JSON document with some always can.
        assert not (before and after)
        return
    assert now.joined(now.items) == new
    found = now.since(was.hashes())
    assert (found is None) == (not news)
    if found is not None:
        assert FORMATS[form].read_ids(found) == [make_item(n).id for n in news]


@pytest.mark.parametrize("form", FORMATS)
def test_text_that_looks_like_the_joints_is_only_text(form: str) -> None:
    items = [
        make_item(1, '</item><item></entry><entry>,"items":[ ]]&gt; {"a":[1]}'),
        make_item(2, '<b>"}],"items":[</b>'),
    ]
    data = make_document(form, items)
    pieces = cut(data, form)
    assert pieces is not None
    assert len(pieces.items) == 2
    only = pieces.since(frozenset([delta._hash(pieces.items[0])]))
    assert only is not None
    assert FORMATS[form].read_ids(only) == [items[1].id]


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40)
@given(data=st.binary(max_size=200), at=st.integers(0, 3000))
def test_any_bytes_are_cut_back_to_themselves_or_not_at_all(form: str, data: bytes, at: int) -> None:
    whole = make_document(form, [make_item(1), make_item(2)])
    for some in (data, whole[:at] + data + whole[at:], whole[:at]):
        pieces = cut(some, form)
        assert pieces is None or pieces.joined(pieces.items) == some


def test_other_files_are_not_cut() -> None:
    assert cut(make_document("rss", [make_item(1)]), "") is None
    assert cut(b"<rss><item></item></rss>", "rss") is None


# -- the memory -----------------------------------------------------------------------------------------------------


def test_a_version_is_known_once_it_was_served_and_by_every_process(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "served.db")
    first, second = Versions(path), Versions(path)
    assert first.known("v") is None
    first.remember("v", A)
    first.remember("empty", frozenset())
    assert (first.known("v"), second.known("v"), second.known("empty")) == (A, A, frozenset())
    second.remember("v", B)
    first.close()
    second.close()
    assert Versions(path).known("v") == A
    first.remember("w", B)
    assert first.known("w") == B


def test_it_keeps_the_latest_versions_only(tmp_path: Path) -> None:
    path = tmp_path / "served.db"
    versions = Versions(str(path))
    for number in range(5):
        versions.remember(f"v{number}", A)
    versions.close()
    with sqlite3.connect(path) as database:
        database.execute("update version set number = number + ? where version = 'v4'", (delta._VERSIONS,))
    database.close()
    versions = Versions(str(path))
    versions.remember("newest", A)
    versions.close()
    with sqlite3.connect(path) as database:
        assert [row[0] for row in database.execute("select version from version order by number")] == ["v4", "newest"]
    database.close()


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "served.db"
    path.write_bytes(b"this is no database at all" * 100)
    versions = Versions(str(path))
    versions.remember("v", A)
    versions.close()
    again = Versions(str(path))
    assert again.known("v") == A
    again.close()


def test_where_nothing_can_be_written_it_remembers_until_the_process_ends(read_only: Path) -> None:
    for path in (str(read_only / ".feeds" / "served.db"), str(read_only), None):
        versions = Versions(path)
        versions.remember("v", A)
        assert versions.known("v") == A
        versions.close()


def test_what_is_at_hand_is_bounded() -> None:
    versions = Versions(None)
    for number in range(delta._AT_HAND + 10):
        versions.remember(str(number), A)
    assert versions.known("0") is None
    assert versions.known(str(delta._AT_HAND)) == A


def test_several_threads_may_use_it(tmp_path: Path) -> None:
    versions = Versions(str(tmp_path / "served.db"))

    def work(start: int) -> None:
        for number in range(start, start + 100):
            versions.remember(str(number), A)
            assert versions.known(str(number)) == A

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 50, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(versions.known(str(number)) == A for number in range(200))
    versions.close()
