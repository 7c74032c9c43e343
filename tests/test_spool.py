"""What hubs have sent waits in a folder: whole or not at all, in its order, and bounded (issue 5)."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.errors import StoreError
from feeds.poll import spool as module
from feeds.poll.spool import Message, Spool

NOW = datetime(2025, 8, 1, 12, 0, tzinfo=UTC)


def message(number: int = 0, body: bytes = b"x") -> Message:
    return Message(token="t", at=NOW + timedelta(seconds=number), kind="push", body=body)  # noqa: S106 (made up)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(str(tmp_path / "pushes"))


def test_messages_come_out_in_the_order_in_which_they_came(spool: Spool) -> None:
    for number in (2, 0, 1):
        assert spool.put(message(number))
    found = list(spool.take(10))
    assert [one for _, one in found] == [message(0), message(1), message(2)]
    spool.drop(found[0][0])
    spool.drop(found[0][0])
    assert [one for _, one in spool.take(1)] == [message(1)]
    assert len(spool) == 2


def test_an_empty_spool_makes_no_folder(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path / "pushes"))
    assert (list(spool.take(10)), len(spool)) == ([], 0)
    assert list(tmp_path.iterdir()) == []


def test_a_message_that_was_cut_off_is_not_seen(spool: Spool, tmp_path: Path) -> None:
    """A process that is killed while it writes leaves a file without its name."""
    spool.put(message())
    (name, _) = next(spool.take(1))
    whole = tmp_path / "pushes" / name
    whole.rename(whole.with_name(f".{whole.stem}"))
    assert list(spool.take(10)) == []


def test_a_message_of_another_version_is_none(spool: Spool, tmp_path: Path) -> None:
    spool.put(message())
    (tmp_path / "pushes" / "00-x.push").write_bytes(b"\xc1")
    assert [one for _, one in spool.take(10)] == [None, message()]


def test_there_is_room_for_so_much(spool: Spool) -> None:
    big = message(body=b"x" * (module.MOST_BYTES // 4 - 200))
    found = [spool.put(big) for _ in range(5)]
    assert found == [True] * 4 + [False]


def test_there_is_room_for_so_many(spool: Spool, tmp_path: Path) -> None:
    folder = tmp_path / "pushes"
    folder.mkdir()
    for number in range(module.MOST_FILES - 1):
        (folder / f"{number}.push").touch()
    assert [spool.put(message()) for _ in range(2)] == [True, False]


def test_many_may_put_at_once(spool: Spool) -> None:
    threads = [threading.Thread(target=lambda: [spool.put(message()) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(spool.take(1_000))) == 160


def test_a_folder_that_cannot_be_written_is_told(read_only: Path) -> None:
    with pytest.raises(StoreError, match=r"pushes: .*check the folder"):
        Spool(str(read_only / "pushes")).put(message())


def test_a_full_disk_is_told(full_disk: None, spool: Spool) -> None:  # noqa: ARG001 (a fixture)
    with pytest.raises(StoreError, match="pushes: "):
        spool.put(message(body=b"x" * 200_000))
    assert list(spool.take(10)) == []
