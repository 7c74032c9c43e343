from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.errors import StoreError
from feeds.store.packs import (
    PackReader,
    PackWriter,
    Stored,
    digest_of,
    drop_generation,
    drop_generations_before,
)

FRAGMENTS = (b"<item>\xe4\xb8\xad</item>", b"<entry/>", b'{"id":1}')


def put(folder: Path, *records: tuple[bytes, ...], generation: int = 1, number: int = 0) -> list[Stored]:
    """Append records with a writer of their own."""
    writer = PackWriter(str(folder), generation=generation, number=number)
    stored = [writer.append(record) for record in records]
    writer.close()
    return stored


def take(folder: Path, stored: Stored) -> tuple[bytes, ...] | None:
    """Read a record with a reader of its own."""
    reader = PackReader(str(folder))
    found = reader.read(stored)
    reader.close()
    return found


@settings(max_examples=60)
@given(st.lists(st.lists(st.binary(max_size=50), min_size=1, max_size=4).map(tuple), min_size=1, max_size=6))
def test_what_goes_in_comes_out(tmp_path: Path, records: list[tuple[bytes, ...]]) -> None:
    stored = put(tmp_path, *records)
    reader = PackReader(str(tmp_path))
    assert [reader.read(one) for one in stored] == records
    assert [reader.read(one) for one in reversed(stored)] == records[::-1]
    reader.close()


def test_the_same_record_has_the_same_digest_wherever_it_lies(tmp_path: Path) -> None:
    """It is the article's revision, so it may not depend on the place."""
    first, other, second = put(tmp_path, FRAGMENTS, (b"other",), FRAGMENTS)
    assert first.digest == second.digest == digest_of(b"".join(FRAGMENTS))
    assert first.offset != second.offset
    assert other.digest != first.digest


def test_a_record_can_be_read_after_a_flush(tmp_path: Path) -> None:
    writer = PackWriter(str(tmp_path), generation=1, number=0)
    stored = writer.append(FRAGMENTS)
    assert take(tmp_path, stored) is None
    writer.flush()
    assert take(tmp_path, stored) == FRAGMENTS
    writer.close()


def test_a_record_that_was_not_there_yet_is_found_by_the_same_reader_later(tmp_path: Path) -> None:
    writer = PackWriter(str(tmp_path), generation=1, number=0)
    stored = writer.append(FRAGMENTS)
    reader = PackReader(str(tmp_path))
    assert reader.read(stored) is None
    writer.close()
    assert reader.read(stored) == FRAGMENTS
    reader.close()


def test_a_truncated_record_is_lost_and_those_before_it_are_not(tmp_path: Path) -> None:
    first, second = put(tmp_path, FRAGMENTS, FRAGMENTS[:1])
    path = tmp_path / first.pack
    path.write_bytes(path.read_bytes()[:-1])
    assert take(tmp_path, first) == FRAGMENTS
    assert take(tmp_path, second) is None


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_flipped_bit_loses_the_record(tmp_path: Path, place: int) -> None:
    (stored,) = put(tmp_path, FRAGMENTS)
    path = tmp_path / stored.pack
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    assert take(tmp_path, stored) is None


def test_a_damaged_copy_is_not_trusted_because_another_one_is_whole(tmp_path: Path) -> None:
    first, second = put(tmp_path, FRAGMENTS, FRAGMENTS)
    path = tmp_path / first.pack
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    reader = PackReader(str(tmp_path))
    assert reader.read(first) == FRAGMENTS
    assert reader.read(second) is None
    reader.close()


def test_a_missing_pack_or_folder_loses_its_records(tmp_path: Path) -> None:
    (stored,) = put(tmp_path, FRAGMENTS)
    assert take(tmp_path / "elsewhere", stored) is None
    assert take(tmp_path, replace(stored, pack="000009-9.pack")) is None


def test_a_place_beyond_the_end_is_lost(tmp_path: Path) -> None:
    (stored,) = put(tmp_path, FRAGMENTS)
    assert take(tmp_path, replace(stored, offset=10_000)) is None
    assert take(tmp_path, replace(stored, offset=-1)) is None


def test_writers_with_different_numbers_do_not_meet(tmp_path: Path) -> None:
    one = PackWriter(str(tmp_path), generation=3, number=0)
    two = PackWriter(str(tmp_path), generation=3, number=1)
    stored = [(writer, writer.append((b"%d" % n, bytes([n])))) for n in range(20) for writer in (one, two)]
    one.close()
    two.close()
    assert {place.pack for _, place in stored} == {"000003-0.pack", "000003-1.pack"}
    assert [take(tmp_path, place) for writer, place in stored if writer is two] == [
        (b"%d" % n, bytes([n])) for n in range(20)
    ]


def test_a_later_writer_goes_on_where_the_earlier_one_ended(tmp_path: Path) -> None:
    (first,) = put(tmp_path, FRAGMENTS)
    (second,) = put(tmp_path, (b"second",))
    assert second.offset == sum(first.lengths)
    assert (take(tmp_path, first), take(tmp_path, second)) == (FRAGMENTS, (b"second",))


def test_what_a_killed_run_left_at_the_end_harms_nothing(tmp_path: Path) -> None:
    (first,) = put(tmp_path, FRAGMENTS)
    with (tmp_path / first.pack).open("ab") as file:
        file.write(b"<item>half of a rec")
    (second,) = put(tmp_path, (b"second",))
    assert (take(tmp_path, first), take(tmp_path, second)) == (FRAGMENTS, (b"second",))


def make_packs(folder: Path) -> None:
    for generation in (1, 2, 3):
        put(folder, FRAGMENTS, generation=generation, number=0)
        put(folder, FRAGMENTS, generation=generation, number=1)
    for name in ("notes.txt", "000001-0.pack.bak", "x000001-0.pack", "1-1.pack\n"):
        (folder / name).write_text("a stranger's")


def packs_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("0*.pack"))


def test_earlier_generations_are_dropped_and_nothing_else(tmp_path: Path) -> None:
    make_packs(tmp_path)
    drop_generations_before(str(tmp_path), 3)
    assert packs_in(tmp_path) == ["000003-0.pack", "000003-1.pack"]
    assert len(list(tmp_path.iterdir())) == 6


def test_one_generation_is_dropped_and_nothing_else(tmp_path: Path) -> None:
    make_packs(tmp_path)
    drop_generation(str(tmp_path), 2)
    assert packs_in(tmp_path) == ["000001-0.pack", "000001-1.pack", "000003-0.pack", "000003-1.pack"]


def test_where_there_are_no_packs_none_are_dropped(tmp_path: Path) -> None:
    drop_generation(str(tmp_path / "nowhere"), 1)
    drop_generations_before(str(tmp_path / "nowhere"), 1)
    assert list(tmp_path.iterdir()) == []


def test_a_pack_that_cannot_be_dropped_is_named(tmp_path: Path) -> None:
    (tmp_path / "000001-0.pack").mkdir()
    with pytest.raises(StoreError, match=r"state: .*000001-0\.pack: cannot be written: .+ \(check the folder"):
        drop_generation(str(tmp_path), 1)


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "entries").write_text("")
    with pytest.raises(StoreError, match=r"entries/000001-0\.pack: cannot be written: "):
        PackWriter(str(tmp_path / "entries"), generation=1, number=0)


def test_a_folder_that_may_not_be_written_is_named(read_only: Path) -> None:
    with pytest.raises(StoreError, match=r"000001-0\.pack: cannot be written: Permission denied"):
        PackWriter(str(read_only), generation=1, number=0)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_named_while_appending(tmp_path: Path) -> None:
    writer = PackWriter(str(tmp_path), generation=1, number=0)
    with pytest.raises(StoreError, match=r"000001-0\.pack: cannot be written: .+ \(check .* the free space\)"):
        writer.append((b"x" * (8 << 20),))
    writer.close()


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_named_while_flushing(tmp_path: Path) -> None:
    writer = PackWriter(str(tmp_path), generation=1, number=0)
    first = writer.append((b"fits",))
    writer.flush()
    writer.append((b"x" * (1 << 17),))
    with pytest.raises(StoreError, match="free space"):
        writer.flush()
    with pytest.raises(StoreError, match="free space"):
        writer.close()
    assert take(tmp_path, first) == (b"fits",)
