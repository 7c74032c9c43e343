"""Let the daemon live through 30 simulated days with 300 modelled sources, and see whether anything grows or is missed.

    python benchmarks/soak.py                        # 300 sources, 30 days
    python benchmarks/soak.py --sources 20 --days 2  # seconds

The daemon's own methods, over a real state, a real site of 100 articles and real parser processes, are called in the
order in which its scheduler calls them; the clock jumps from one tick at which something is due to the next. Sources
and hubs are modelled (``politeness_servers.py``): they publish, fail, redirect and answer conditionally.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import itertools
import json
import os
import random
import sys
import tempfile
import threading
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parent))

from politeness_servers import DAY, HOUR, MINUTE, START, Server, town

from feeds.app import App, Tools
from feeds.daemon import TICK, Daemon
from feeds.poll.record import Polled, read_memory
from feeds.poll.run import Options as PollOptions
from feeds.poll.run import Round
from feeds.polled import Failed, FeedRequest, Fetched, NotModified, Outcome
from feeds.sources.decide import due_at, is_due
from feeds.sources.domains import domain_key, spacing
from feeds.sources.post import Posted
from feeds.sources.sandbox import Sandbox
from feeds.sources.state import FeedState
from feeds.store import source_rows
from feeds.store.metric_rows import read_figures
from feeds.store.sql import Store

#: How many the site has; each day some are changed, written and taken away.
ARTICLES = 100
#: Hours of the day at which somebody edits an article.
EDITED_AT = (7, 10, 15, 21)
SHORTEST = timedelta(seconds=TICK)
#: News of sources are published after so long at the latest. The real daemon waits 2 s: 1,500 rebuilds a day.
GATHERED = timedelta(hours=2)
HUB = "https://hub.example.org/"
#: From this day on nothing may grow: all kinds of work have been done by then, caches are full.
SETTLED = 3
#: MiB and share that the memory may vary by.
SLACK_MIB, SLACK = 6.0, 0.04


class Clock:
    """Time as it passes, and jumps on demand."""

    def __init__(self) -> None:
        self._skipped = START - timedelta(seconds=time.monotonic())

    def __call__(self) -> datetime:
        """What time it is."""
        return self._skipped + timedelta(seconds=time.monotonic())

    def jump(self, span: timedelta) -> None:
        """Be another time, all at once."""
        self._skipped += span

    def next_tick(self, moment: datetime, tick: timedelta) -> None:
        """Jump to the first tick at or after the moment; some time on."""
        moment = max(moment, self() + SHORTEST)
        ticks = -((START - moment) // tick)
        self.jump(START + ticks * tick - self())


# -- the sources -----------------------------------------------------------------------------------------------------


class World:
    """All servers; stands where the daemon fetches."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self.servers = {server.url: server for server in servers}
        self._places = dict(self.servers)
        for server in servers:
            if server.redirect:
                self._places[server.redirect.target] = server
        self._documents: dict[str, tuple[int, bytes]] = {}
        self.outcomes: Counter[str] = Counter()
        self._lock = threading.Lock()

    def fetch(self, request: FeedRequest, *, now: datetime) -> Outcome:
        """Ask once."""
        server = self._places[request.url]
        with self._lock:
            outcome = server.answer(request.url, request.validators, now)
            if isinstance(outcome, Fetched):
                outcome = replace(outcome, body=self._document(server, now), content_type="application/rss+xml")
            self.outcomes[outcome.kind if isinstance(outcome, Failed) else type(outcome).__name__] += 1
        return outcome

    def close(self) -> None:
        """Nothing is held."""

    def _document(self, server: Server, now: datetime) -> bytes:
        seen = bisect_right(server.times, now)
        known = self._documents.get(server.url)
        if known is None or known[0] != seen:
            known = self._documents[server.url] = (seen, document(server, seen))
        return known[1]


def document(server: Server, seen: int) -> bytes:
    """The newest entries of those that have appeared, as RSS."""
    first = max(0, seen - server.window)
    items = "".join(_item(server, number) for number in range(seen - 1, first - 1, -1))
    hints = server.hints
    ttl = f"<ttl>{int(hints.interval / MINUTE)}</ttl>" if hints.interval else ""
    hours = "".join(f"<hour>{hour}</hour>" for hour in sorted(hints.skip_hours))
    hub = f'<atom:link rel="hub" href="{HUB}"/><atom:link rel="self" href="{_xml(server.url)}"/>'
    return (
        "<?xml version='1.0'?><rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel>"
        f"<title>{server.kind}</title><link>{_xml(server.url)}</link><description>d</description>"
        f"{hub if 'YouTube' in server.kind else ''}{ttl}{f'<skipHours>{hours}</skipHours>' if hours else ''}{items}"
        "</channel></rss>"
    ).encode()


def page_of(server: Server, number: int) -> str:
    """The address of an entry."""
    return f"https://{urlsplit(server.url).netloc}/story/{abs(hash_of(server.url))}-{number}"


def hash_of(text: str) -> int:
    """The same in each run."""
    return random.Random(text).randrange(10**6)


_SYLLABLES = ("ba", "cor", "del", "fi", "gam", "hu", "jor", "ka", "lin", "mo", "nar", "pe", "quil", "ro", "sal", "tu")


def title_of(server: Server, number: int) -> str:
    """Five words that few other entries have."""
    rng = random.Random(f"{server.url} {number}")
    return " ".join("".join(rng.choices(_SYLLABLES, k=4)) for _ in range(5)).capitalize()


def _item(server: Server, number: int) -> str:
    date, page = format_datetime(server.times[number]), page_of(server, number)
    title = title_of(server, number)
    return (
        f"<item><guid>{page}</guid><title>{title}</title><link>{page}</link><pubDate>{date}</pubDate>"
        f"<description>{title}, as was told by those who were there. {title.lower()} once more.</description></item>"
    )


def _xml(text: str) -> str:
    return text.replace("&", "&amp;")


class Hub:
    """Stands where the daemon posts: one in ten requests meets a hub that is not well."""

    def __init__(self) -> None:
        self.count = 0

    def post(self, _url: str, _form: Sequence[tuple[str, str]], *, allow_private: bool, now: datetime) -> Posted:  # noqa: ARG002 (Posts)
        """Send once."""
        self.count += 1
        return Posted(status=503, sentence="HTTP 503") if self.count % 10 == 0 else Posted(status=204)

    def close(self) -> None:
        """Nothing is held."""


def _some(servers: Sequence[Server], count: int) -> list[Server]:
    """So many of a town, which has one of each kind at least."""
    return [servers[number * len(servers) // count] for number in range(count)]


# -- the site --------------------------------------------------------------------------------------------------------


@dataclass
class Site:
    """A folder with sources.yaml and articles, each with a tag of its own, so that what is published of it is found."""

    root: Path
    world: World
    articles: int = ARTICLES
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    edits: Counter[int] = field(default_factory=Counter)

    def make(self, now: datetime) -> None:
        """Write it all."""
        (self.root / "posts").mkdir(parents=True)
        sources = "".join(
            f'  - {{name: "Source {number}", feed: "{url}", site: "https://{urlsplit(url).netloc}/s{number}/"}}\n'
            for number, url in enumerate(self.world.servers)
        )
        (self.root / "sources.yaml").write_text(
            'site: {title: 小站, url: "https://example.org/", language: zh-CN, author: 编辑部, '
            f'timezone: Asia/Shanghai, hub: "{HUB}"}}\n'
            'content: [{path: posts, url: "/posts/:slugorfilename/"}]\n'
            'serve: {url: "https://feeds.example.org/"}\n'
            'notify: {command: "true", after: 2}\n'
            f"sources:\n{sources}",
            encoding="utf-8",
        )
        for number in range(self.articles):
            self.write(number, now - number * 7 * HOUR, now)

    def write(self, number: int, date: datetime, now: datetime) -> str:
        """An article, or its next version; gives the words that tell it from the others."""
        self.edits[number] += 1
        mark = f"稿{number}第{self.edits[number]}版"
        server = self.rng.choice(list(self.world.servers.values()))
        seen = max(1, bisect_right(server.times, now))
        page, title = page_of(server, seen - 1), title_of(server, seen - 1)
        tags = [f"t{number}", f"甲{number % 7}", f"乙{number % 23}"]
        self._path(number).write_text(
            f"---\ntitle: 题目{number}\ndate: {date.isoformat()}\n"
            f"tags: {json.dumps(tags, ensure_ascii=False)}\n---\n\n"
            f"{mark}。{'这里写了一些话，说的是别的事。' * 30}[^1]\n\n[^1]: [{title}]({page})·Source\n",
            encoding="utf-8",
        )
        return mark

    def remove(self, number: int) -> None:
        """Take an article away."""
        self._path(number).unlink()

    def published(self, number: int) -> str:
        """What an article's own feed says; empty when there is none."""
        path = self.root / f"output/tags/t{number}/feed.json"
        return path.read_text("utf-8") if path.exists() else ""

    def _path(self, number: int) -> Path:
        return self.root / f"posts/{number}.md"


class SoakApp(App):
    """The real one, but for what would go out into the world."""

    def __init__(self, config: str, world: World, hub: Hub) -> None:
        super().__init__(config)
        self._world = world
        self._hub = hub
        #: Whether a feed is due whose domain has its pause.
        self.has_waiting = False

    def poll(self, options: PollOptions, **more: Any) -> Round:
        """Without waiting for the pauses of domains, which the modelled clock cannot shorten: the next tick goes on."""
        found = super().poll(replace(options, patience=timedelta(0)), **more)
        self.has_waiting = bool(found.waiting)
        return found

    @contextlib.contextmanager
    def tools(self) -> Iterator[Tools]:
        """A modelled world, and real parser processes."""
        with Sandbox(processes=os.cpu_count() or 1) as sandbox:
            yield Tools(self._world, self._hub, sandbox)  # type: ignore[arg-type] # what is used of a Poster


# -- the daemon ------------------------------------------------------------------------------------------------------


class Events:
    """A log that counts, and keeps what went wrong."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []

    def info(self, event: str, **_: Any) -> None:
        """Something happened as it should."""
        self.counts[event] += 1

    warning = info

    def error(self, event: str, **fields: Any) -> None:
        """It did not."""
        self.counts[event] += 1
        self.failures.append(f"{event}: {fields}")


class Rehearsal(Daemon):
    """The daemon with its scheduler and its publisher played by the caller; all else is as it is."""

    def __init__(self, open_site: Callable[[], App], log: Events, *, clock: Clock) -> None:
        super().__init__(open_site, log, clock=clock)
        #: Hears of each poll.
        self.heard: Callable[[Polled], None] = lambda _: None

    @property
    def has_news(self) -> bool:
        """Whether the publisher would begin."""
        return self._changed.is_set()

    def begin(self) -> None:
        """As ``run`` begins."""
        self._changed.set()
        self._tools = self._holding.enter_context(self._site.tools())

    def tick(self) -> None:
        """The jobs of one tick."""
        self._guarded("tick", self._tick)
        self._guarded("hubs", self._exchange)

    def see_files(self) -> None:
        """As the watcher does."""
        self._on_files()

    def publish(self) -> None:
        """As the publisher does once its patience is over."""
        self._changed.clear()
        self._guarded("rebuild", self._publish)

    def night(self) -> None:
        """The job of the night."""
        self._guarded("night", self._tidy)

    def end(self) -> None:
        """As ``run`` ends."""
        self._stopping.set()
        self._notifier.close()
        self._holding.close()

    def _heard(self, polled: Polled, done: int, total: int) -> None:
        self.heard(polled)
        super()._heard(polled, done, total)


# -- thirty days -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One day."""

    day: int
    polls: int
    not_modified: int
    new: int
    rebuilds: int
    #: Seconds by which the latest poll began too late, and how many that is too much for; due ones that were left.
    latest: float
    late: int
    missed: int
    #: Changes of articles that were not published in the same tick.
    unpublished: int
    rss: float
    child_rss: float
    files: int
    threads: int
    children: int
    state: float
    packs: float
    output: int
    entries: int
    seconds: float


class Soak:
    """A life in fast motion."""

    def __init__(  # noqa: PLR0913 (how large a life is)
        self, folder: Path, *, sources: int, days: int, tick: timedelta, articles: int = ARTICLES, seed: int = 1
    ) -> None:
        self.clock = Clock()
        self._tick = tick
        self.world = World(_some(town(sources, days=days, seed=seed), sources))
        self.site = Site(folder, self.world, articles)
        self.site.make(START)
        self.log = Events()
        self.hub = Hub()
        config = str(folder / "sources.yaml")
        self._app = SoakApp(config, self.world, self.hub)
        self.daemon = Rehearsal(lambda: self._app, self.log, clock=self.clock)
        self.daemon.heard = self._heard
        self.rows: list[Row] = []
        self._numbers = itertools.count(articles)
        #: Domain -> when it may be asked again; how late the polls of the turn are.
        self._free: dict[str, datetime] = {}
        self._late: list[tuple[float, float]] = []
        self._counts: Counter[str] = Counter()
        self._latest = 0.0
        self._news_since: datetime | None = None
        self._is_built = False
        #: Article -> the words that are to be found in its feed; None when it is to be gone.
        self._wanted: dict[int, str | None] = {}
        #: When articles appear by themselves, with the same of them.
        self._coming: list[tuple[datetime, int, str]] = []

    def run(self, days: int) -> list[Row]:
        """Live so many days; hands back what each of them was like."""
        self.daemon.begin()
        try:
            for day in range(days):
                started = time.monotonic()
                self._live(START + day * DAY)
                self.rows.append(self._row(day + 1, time.monotonic() - started))
                print(line_of(self.rows[-1]), flush=True)
        finally:
            self.daemon.end()
        return self.rows

    def _live(self, morning: datetime) -> None:
        plan: list[tuple[datetime, Callable[[], None]]] = [(morning + hour * HOUR, self._edit) for hour in EDITED_AT]
        # 03:17 where the site is.
        plan.append((morning + 19 * HOUR + 17 * MINUTE, self.daemon.night))
        plan.sort(key=lambda one: one[0])
        while (moment := self._next(plan)) < morning + DAY:
            self.clock.next_tick(moment, SHORTEST if self._app.has_waiting else self._tick)
            self._app.has_waiting = False
            while plan and plan[0][0] <= self.clock():
                plan.pop(0)[1]()
            self._turn()

    def _next(self, plan: Sequence[tuple[datetime, object]]) -> datetime:
        """The moment at which something is due."""
        now = self.clock()
        moments = self._app.moments(now=now)
        news = None if self._news_since is None else self._news_since + GATHERED
        planned = plan[0][0] if plan else now + DAY
        return max(now, min(moment for moment in (moments.poll, moments.article, news, planned) if moment))

    def _turn(self) -> None:
        """One tick, and what the publisher does after it."""
        started = time.monotonic()
        self._late.clear()
        self.daemon.tick()
        seconds = time.monotonic() - started
        self._latest = max([self._latest, *(late for late, _ in self._late)])
        self._counts["late"] += sum(late > self._tick.total_seconds() + pause + seconds for late, pause in self._late)
        self._publish()

    def _publish(self) -> None:
        if not self.daemon.has_news:
            return
        self._news_since = self._news_since or self.clock()
        now = self.clock()
        self._wanted |= {number: words for due, number, words in self._coming if due <= now}
        self._coming = [one for one in self._coming if one[0] > now]
        if not self._wanted and self._is_built and now - self._news_since < GATHERED:
            return
        self._news_since, self._is_built = None, True
        self.daemon.publish()
        self._counts["rebuilds"] += 1
        for number, words in self._wanted.items():
            said = self.site.published(number)
            is_there = words in said if words else "稿" not in said
            self._counts["unpublished"] += not is_there
        self._wanted.clear()

    def _edit(self) -> None:
        """Change an article, write one that appears in an hour, and take the oldest away."""
        now, number = self.clock(), next(self._numbers)
        old = self.site.rng.randrange(number - self.site.articles + 1, number)
        self._wanted[old] = self.site.write(old, now - DAY, now)
        self._coming.append((now + HOUR, number, self.site.write(number, now + HOUR, now)))
        self._wanted[number] = None
        self.site.remove(number - self.site.articles)
        self._wanted[number - self.site.articles] = None
        self.daemon.see_files()

    def _heard(self, polled: Polled) -> None:
        """Note how late a request was: after its time, and after the pause of its domain."""
        before, domain = polled.job.before, polled.job.domain
        self._counts["polls"] += 1
        self._counts["not_modified"] += isinstance(polled.asked.outcome, NotModified)
        self._counts["new"] += polled.new
        ready = max(before.next_poll or self.clock(), self._free.get(domain, START))
        opened = due_at(before, now=ready + self._tick)
        if opened is not None and opened > ready + self._tick:  # a tick later it asked not to be asked (skipHours)
            ready = opened
        self._late.append(((polled.asked.began - ready).total_seconds(), spacing(domain).total_seconds()))
        self._free[polled.asked.domain] = polled.domain_free

    def _is_overdue(self, state: FeedState) -> bool:
        """Whether a feed should have been asked by now, and was not."""
        free = self._free.get(domain_key(state.fetch_url), START)
        last = self.clock() - self._tick - spacing(domain_key(state.fetch_url))
        return not state.stopped and max(state.next_poll or START, free) < last and is_due(state, now=last)

    def _row(self, day: int, seconds: float) -> Row:
        """Measure, and begin to count anew."""
        counts, latest = self._counts, self._latest
        self._counts, self._latest = Counter(), 0.0
        gc.collect()
        rss = rss_mib(os.getpid())
        children = children_of(os.getpid())
        config = self._app.config
        store = Store(config.state, folder=config.folder)
        with contextlib.closing(store), store.snapshot() as connection:
            figures = read_figures(connection, now=self.clock())
            states = [read_memory(feed.learnt).state for feed in source_rows.active_feeds(connection)]
        return Row(
            day=day,
            **{name: counts[name] for name in ("polls", "not_modified", "new", "rebuilds")},
            latest=latest,
            late=counts["late"],
            missed=sum(map(self._is_overdue, states)),
            unpublished=counts["unpublished"],
            rss=rss,
            child_rss=sum(map(rss_mib, children)),
            files=sum(1 for _ in Path("/proc/self/fd").iterdir()) - 1,
            threads=threading.active_count(),
            children=len(children),
            state=size_mib(self.site.root / ".feeds", "state.db*"),
            packs=size_mib(self.site.root / ".feeds/entries", "*"),
            output=figures.files,
            entries=figures.entries,
            seconds=seconds,
        )


def rss_mib(process: int) -> float:
    """Resident memory of a process; 0 when it has gone."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text("ascii").split()[1]
    except OSError:
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def children_of(process: int) -> list[int]:
    """The processes that it has started and that are there, dead ones included that nobody has asked for."""
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(OSError):
            found += (task / "children").read_text("ascii").split()
    return [int(child) for child in found]


def size_mib(folder: Path, pattern: str) -> float:
    """What files of a folder take."""
    return sum(path.stat().st_size for path in folder.glob(pattern)) / 2**20


# -- the verdict -----------------------------------------------------------------------------------------------------


def complaints(rows: Sequence[Row], log: Events) -> list[str]:
    """What is not as it should be; empty when all is well."""
    found = [f"{len(log.failures)} failures, the first: {log.failures[0]}"] if log.failures else []
    for name in ("late", "missed", "unpublished"):
        total = sum(getattr(row, name) for row in rows)
        if total:
            found.append(f"{name}: {total}")
    settled = rows[min(SETTLED, len(rows) // 2) :]
    first, last = settled[: len(settled) // 2 + 1], settled[len(settled) // 2 :]
    for name in ("files", "threads", "children"):
        before, after = (max(getattr(row, name) for row in some) for some in (first, last))
        if after > before:
            found.append(f"{name}: {before} grew to {after}")
    before, after = (median(row.rss for row in some) for some in (first, last))
    if after > before * (1 + SLACK) + SLACK_MIB:
        found.append(f"memory: {before:.1f} MiB grew to {after:.1f}")
    return found


_COLUMNS: Mapping[str, str] = {
    "day": "day",
    "polls": "polls",
    "not_modified": "304",
    "new": "new",
    "rebuilds": "rebuilds",
    "latest": "latest s",
    "late": "late",
    "missed": "missed",
    "unpublished": "unpublished",
    "rss": "MiB",
    "child_rss": "children MiB",
    "files": "open files",
    "threads": "threads",
    "children": "children",
    "state": "state MiB",
    "packs": "packs MiB",
    "output": "files",
    "entries": "entries",
    "seconds": "seconds",
}


def line_of(row: Row) -> str:
    """One line of the table."""
    cells = (getattr(row, name) for name in _COLUMNS)
    return "| " + " | ".join(f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |"


def main() -> int:
    """Run, print, judge; 1 when something is not as it should be."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--sources", type=int, default=300)
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--tick", type=float, default=1800, help="seconds; the real daemon's are 2")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="feeds-soak-") as folder:
        tick = timedelta(seconds=given.tick)
        soak = Soak(Path(folder) / "site", sources=given.sources, days=given.days, tick=tick, seed=given.seed)
        print("| " + " | ".join(_COLUMNS.values()) + " |", f"|{' --- |' * len(_COLUMNS)}", sep="\n")
        rows = soak.run(given.days)
    found = complaints(rows, soak.log)
    print(f"\n{dict(soak.world.outcomes)} {dict(soak.log.counts)}, {soak.hub.count} requests to hubs")
    print(*(f"- {complaint}" for complaint in found), sep="\n")
    print("not as it should be" if found else "nothing grows, nothing is missed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
