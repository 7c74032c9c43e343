from __future__ import annotations

import threading
import time

import pytest

from feeds.dispatch import Threads


def drain(threads: Threads[int, int]) -> list[tuple[int, int]]:
    found = []
    while threads.under_way:
        found += threads.finished(5.0)
    return found


def test_every_job_comes_back_once_with_its_result() -> None:
    threads: Threads[int, int] = Threads(lambda number: number * number, workers=4)
    for number in range(50):
        threads.start(number)
    assert sorted(drain(threads)) == [(number, number * number) for number in range(50)]
    assert threads.under_way == 0
    threads.close()


def test_no_more_jobs_run_at_a_time_than_there_are_workers() -> None:
    lock = threading.Lock()
    running: set[int] = set()
    most = 0

    def work(number: int) -> int:
        nonlocal most
        with lock:
            running.add(number)
            most = max(most, len(running))
        time.sleep(0.02)
        with lock:
            running.remove(number)
        return number

    threads: Threads[int, int] = Threads(work, workers=3)
    for number in range(12):
        threads.start(number)
    assert len(drain(threads)) == 12
    assert most == 3
    threads.close()


def test_there_is_room_for_what_begins_at_once_and_for_half_as_much_more() -> None:
    threads: Threads[int, int] = Threads(lambda number: number, workers=4)
    assert threads.room == 6
    threads.start(1)
    assert threads.room == 5
    drain(threads)
    assert threads.room == 6
    threads.close()
    assert threads.room == 0


def test_jobs_begin_in_the_order_in_which_they_were_started() -> None:
    begun: list[int] = []
    threads: Threads[int, None] = Threads(begun.append, workers=1)
    for number in range(20):
        threads.start(number)
    while threads.under_way:
        threads.finished(5.0)
    assert begun == list(range(20))
    threads.close()


def test_no_thread_is_started_that_has_nothing_to_do() -> None:
    used: set[int] = set()
    threads: Threads[int, None] = Threads(lambda _: used.add(threading.get_ident()), workers=64)
    before = set(threading.enumerate())
    for number in range(3):
        threads.start(number)
        while threads.under_way:
            threads.finished(5.0)
    assert len(used) == 1
    assert len(set(threading.enumerate()) - before) <= 1
    threads.close()


def test_what_is_done_is_handed_back_together() -> None:
    threads: Threads[int, int] = Threads(lambda number: number, workers=1)
    for number in range(5):
        threads.start(number)
    time.sleep(0.2)  # they are all done long before
    assert len(threads.finished(0.0)) == 5
    threads.close()


def test_waiting_ends_when_its_time_is_over() -> None:
    go_on = threading.Event()
    threads: Threads[int, bool] = Threads(lambda _: go_on.wait(10), workers=1)
    threads.start(1)
    started = time.monotonic()
    assert threads.finished(0.1) == []
    assert 0.1 <= time.monotonic() - started < 2
    assert threads.under_way == 1
    go_on.set()
    assert threads.finished(5.0) == [(1, True)]
    threads.close()


def test_without_jobs_nothing_is_waited_for() -> None:
    started = time.monotonic()
    assert Threads(lambda number: number, workers=1).finished(60.0) == []
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_a_job_raises_is_raised_to_the_owner_and_the_others_go_on(error: type[BaseException]) -> None:
    def work(number: int) -> int:
        if number == 0:
            raise error("0")
        return number

    threads: Threads[int, int] = Threads(work, workers=1)
    for number in range(3):
        threads.start(number)
    with pytest.raises(error, match="0"):
        drain(threads)
    assert sorted(drain(threads)) == [(1, 1), (2, 2)]
    threads.close()


def test_closing_hands_back_what_no_thread_has_begun_and_the_rest_still_comes() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(number: int) -> int:
        begun.set()
        go_on.wait(10)
        return number

    before = set(threading.enumerate())
    threads: Threads[int, int] = Threads(work, workers=1)
    for number in range(4):
        threads.start(number)
    mine = set(threading.enumerate()) - before
    assert begun.wait(10)
    assert threads.close() == [1, 2, 3]
    assert threads.under_way == 1
    go_on.set()
    assert drain(threads) == [(0, 0)]
    for thread in mine:
        thread.join(5)
        assert not thread.is_alive()


def test_closing_twice_is_closing_once() -> None:
    threads: Threads[int, int] = Threads(lambda number: number, workers=2)
    threads.start(1)
    drain(threads)
    assert threads.close() == []
    assert threads.close() == []
    assert threads.under_way == 0


def test_a_thread_does_not_keep_the_process_alive() -> None:
    stuck = threading.Event()
    threads: Threads[int, bool] = Threads(lambda _: stuck.wait(30), workers=1)
    before = set(threading.enumerate())
    threads.start(1)
    assert all(thread.daemon for thread in set(threading.enumerate()) - before)
    stuck.set()
    threads.finished(5.0)
    threads.close()
