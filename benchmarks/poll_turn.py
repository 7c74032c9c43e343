"""One pass over the feeds by one poller, in this process; prints what it cost as JSON. Started by ``poll.py``.

python benchmarks/poll_turn.py feeds FOLDER --workers 20 --days 30   # App.poll on FOLDER/sources.yaml
python benchmarks/poll_turn.py reader FOLDER --workers 20            # reader's update_feeds on FOLDER/reader.db
python benchmarks/poll_turn.py rows FOLDER --feeds 50000 --days 30   # our round alone, without any network
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # reader may live in an environment without feeds
    from feeds.poll.ask import Asked, Job
    from feeds.sources.delta import Reading


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass that is ready to begin: returns how many feeds were asked."""

    begin: Callable[[], int]


def clock_of(days: int) -> Callable[[], datetime]:
    """The time, so many days ahead: what is due then is asked now."""
    return lambda: datetime.now(UTC) + timedelta(days=days)


def feeds_pass(options: argparse.Namespace) -> Pass:
    """Ours, as ``feeds poll --jobs N`` does it."""
    from feeds.app import App  # noqa: PLC0415 (see above)
    from feeds.poll.run import Options  # noqa: PLC0415

    app = App(str(options.folder / "sources.yaml"))
    chosen = Options(workers=options.workers)
    clock = clock_of(options.days)
    return Pass(lambda: len(app.poll(chosen, clock=clock, report=lambda *_: None).polled))


def reader_pass(options: argparse.Namespace) -> Pass:
    """The peer, as its manual says; its own schedule is left out."""
    # By name: reader is a tool of the benchmark alone, and type checkers need not know it.
    known = import_module("reader").make_reader(str(options.folder / "reader.db"))
    for url in (options.folder / "urls.txt").read_text("utf-8").split():
        known.add_feed(url, exist_ok=True)

    def begin() -> int:
        known.update_feeds(workers=options.workers, scheduled=False)
        return int(known.get_feed_counts(broken=False).total or 0)

    return Pass(begin)


def rows_pass(options: argparse.Namespace) -> Pass:
    """Our round over so many feeds of which no entries are kept; nobody is asked, and all answer at once."""
    from feeds.poll.run import Options, Poller  # noqa: PLC0415 (see above)
    from feeds.polled import Subscription  # noqa: PLC0415
    from feeds.store.sql import Store  # noqa: PLC0415

    urls = [f"https://site-{number}.example/feed.xml" for number in range(options.feeds)]
    subscriptions = [Subscription(source=f"Site {number}", url=url) for number, url in enumerate(urls)]
    store, clock = Store("sqlite:///.feeds/state.db", folder=str(options.folder)), clock_of(options.days)
    chosen = Options(workers=options.workers)

    def begin() -> int:
        return len(Poller(store, answer, subscriptions, chosen, clock=clock, report=lambda *_: None).go().polled)

    return Pass(begin)


def answer(job: Job) -> Asked:
    """A document at first, 304 from then on."""
    from feeds.poll.ask import Asked  # noqa: PLC0415 (see above)
    from feeds.polled import Fetched, NotModified, Validators  # noqa: PLC0415
    from feeds.sources.decide import request_for  # noqa: PLC0415

    request = request_for(job.state, headers={}, allow_private=False)
    now = job.state.last_attempt or datetime.now(UTC)
    url = job.subscription.url
    if job.state.validators:
        return Asked(request=request, outcome=NotModified(url=url), reading=None, began=now, ended=now)
    held = Validators(etag='"0123456789abcdef0123"', last_modified="Sun, 01 Jun 2025 00:00:00 GMT")
    document = Fetched(url=url, status=200, body=url.encode(), validators=held)
    return Asked(request=request, outcome=document, reading=a_reading(url), began=now, ended=now)


def a_reading(url: str) -> Reading:
    """What reading leaves of a feed of 20 entries, the entries themselves left out."""
    from hashlib import blake2b  # noqa: PLC0415 (beside its only use)

    from feeds.polled import ParsedFeed  # noqa: PLC0415 (see above)
    from feeds.sources.delta import Known, Reading  # noqa: PLC0415

    feed = ParsedFeed(version="rss20", title="A site's feed", count=20)
    ids = [f"{url}/2025/06/{number}" for number in range(20)]
    slices = {blake2b(id_.encode(), digest_size=16).digest(): id_ for id_ in ids}
    known = Known(context="0123456789abcdef", slices=slices, marks=dict.fromkeys(ids, "01234567"), head=feed)
    return Reading(feed=feed, known=known, is_delta=False)


PASSES: dict[str, Callable[[argparse.Namespace], Pass]] = {
    "feeds": feeds_pass,
    "reader": reader_pass,
    "rows": rows_pass,
}


def cost() -> tuple[float, float]:
    """CPU seconds of this process, and of its children that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime


def peak_mib(who: int) -> float:
    """The largest resident memory so far."""
    return resource.getrusage(who).ru_maxrss / 1024


def measure(one: Pass) -> dict[str, Any]:
    """Do it; imports, configuration and the opening of the database were before."""
    own, children = cost()
    started = time.perf_counter()
    count = one.begin()
    seconds = time.perf_counter() - started
    own_after, children_after = cost()
    return {
        "feeds": count,
        "seconds": seconds,
        "rate": count / seconds,
        "own_ms": (own_after - own) / max(count, 1) * 1000,
        "cpu_ms": (own_after - own + children_after - children) / max(count, 1) * 1000,
        "own_mib": peak_mib(resource.RUSAGE_SELF),
        "child_mib": peak_mib(resource.RUSAGE_CHILDREN),
    }


def main() -> None:
    """Measure one pass."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("poller", choices=PASSES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=20)
    parser.add_argument("--days", type=int, default=0, help="ahead of the time")
    parser.add_argument("--feeds", type=int, default=0, help="of rows alone")
    options = parser.parse_args()
    print(json.dumps(measure(PASSES[options.poller](options))))


if __name__ == "__main__":
    main()
