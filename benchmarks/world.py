"""Run the daemon and the server in a made-up world of changing sources and a busy human, and look at the wire.

    python benchmarks/world.py --minutes 10
    FEEDVALIDATOR=/path/to/feedvalidator python benchmarks/world.py --minutes 1 --seed 7

Fifty sources on loopback (a quarter of them push, a fifth fail in five ways), sixty articles, ``feeds daemon`` and
``feeds serve --workers 2`` as real processes. No feed may be asked twice within an hour, so each is asked once two
days ago by a clock that is late, and once in the run, at a moment that is written into the state beforehand; pushes
come all the time. Printed is how long each change took from its poll, push or save until every document of it was
seen over HTTP. Exit code 1, and the faults, when anything was late, torn, invalid, lost, doubled or not logged.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import corpus
import world_parts as parts
from world_site import SECRETS, Human, sources_yaml
from world_sources import BEHAVIOURS, Source, World, make_sources
from world_wire import Change, Crawler, Reader, Subscriber, Watch, form_of, quantile

from tests.hub import Hub, hubbing
from tests.servers import serving

#: The first polls and changes come after so many seconds, the last ones so many before the end.
_LEAD, _TAIL = 4.0, 8.0
#: Documents of the output folder that the W3C's validator is shown.
_SAMPLE = 60


@dataclass(frozen=True, kw_only=True)
class Options:
    """How large, how long."""

    minutes: float = 10.0
    sources: int = 50
    articles: int = 60
    seed: int = 1
    #: Seconds between two things that the human does, and between two pushes; each varies by half.
    save_every: float = 3.0
    push_every: float = 4.0
    #: Seconds within which a change is to be on the wire.
    soon: float = 5.0
    #: What sources do -> their share.
    behaviours: Mapping[str, int] = field(default_factory=lambda: BEHAVIOURS)


@dataclass
class Findings:
    """What came of it."""

    changes: list[Change] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def late(self, limit: float) -> list[Change]:
        """Changes that took longer, or came before their time."""
        return [one for one in self.changes if not -0.05 <= one.took <= limit]


class Life:
    """One world, from its beginning to its end."""

    def __init__(self, folder: Path, options: Options) -> None:
        self.folder = folder
        self.options = options
        self.rng = random.Random(options.seed)
        self.found = Findings()
        self.port = parts.free_port()
        self.pages = corpus.Site(options.seed)
        self._accepted = 0

    def run(self) -> Findings:
        """All of it."""
        with ExitStack() as stack:
            self._open = stack
            self.hub: Hub = stack.enter_context(hubbing())
            server = stack.enter_context(serving())
            say = lambda: self.pages.prose(2)  # noqa: E731 (it is one)
            self.sources = make_sources(self.options.sources, say, self.hub.url, self.options.behaviours)
            self.world = World(server, self.sources, self._told)
            self.human = Human(self.folder / "content/posts", self.sources, say, self.rng)
            self.watch = Watch(self._reader())
            self._prepare()
            self._live()
        return self.found

    def _reader(self) -> Reader:
        reader = Reader(self.port, self.found.faults, self.found.statuses)
        self._open.callback(reader.close)
        return reader

    # -- the beginning -----------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self.human.found(self.options.articles)
        base, serve = self.world.server.url("").rstrip("/"), f"http://127.0.0.1:{self.port}/"
        config = sources_yaml(self.sources, base, serve=serve, hub=self.hub.url, limit=30)
        (self.folder / "sources.yaml").write_text(config, encoding="utf-8")
        parts.poll_long_ago(self.folder)
        self.first_asked = len(self.world.asked)
        for source in self.sources:
            source.untold.clear()
            source.is_awake = True
            source.publish()
            if self.rng.random() < 0.5:
                source.publish()
        parts.rebuilt(self.folder)

    def _spread(self) -> None:
        """One poll of each source, from now to the end."""
        span = self.options.minutes * 60 - _LEAD - _TAIL
        now = datetime.now(UTC) + timedelta(seconds=_LEAD)
        # Who says nothing is asked early: the poll takes half a minute.
        order = sorted(self.sources, key=lambda one: (one.behaviour != "silent", self.rng.random()))
        moments = {
            self.world.topic(one): now + timedelta(seconds=span * place / len(order)) for place, one in enumerate(order)
        }
        parts.set_due(self.folder, moments)

    # -- the middle --------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        self._spread()
        serve = parts.Process(self.folder, "serve", "--port", str(self.port), "--workers", "2", "--log-json")
        parts.wait_until(lambda: parts.is_answering(self.port), "feeds serve")
        daemon = parts.Process(self.folder, "daemon", "--log-json")
        try:
            parts.wait_until(lambda: any(e["event"] == "rebuild" for e in parts.events_of(daemon.log)), "the daemon")
            self._act()
            self._end(daemon, serve)
        finally:
            for process in (daemon, serve):
                if process.is_alive:
                    process.kill()

    def _act(self) -> None:
        """Everybody at once, until the time is over."""
        until = time.monotonic() + self.options.minutes * 60
        source = f"/sources/{self.sources[-1].name.lower()}/feed.json"
        paths = (
            "/rss.xml",
            "/atom.xml",
            "/feed.json",
            "/tags/共同/atom.xml".replace("共同", "%E5%85%B1%E5%90%8C"),
            source,
        )
        self.subscribers = [Subscriber(self._reader(), path) for path in paths]
        self.crawler = Crawler(self._reader(), self._walk(), every=0.1)
        for one in (self.watch, self.crawler, *self.subscribers):
            one.start()
        pushing = threading.Thread(target=self._push_until, args=(until - _TAIL,), daemon=True)
        pushing.start()
        while time.monotonic() < until - _TAIL:
            time.sleep(self.options.save_every * self.rng.uniform(0.5, 1.5))
            self.watch.expect(self.human.act())
        pushing.join()
        self._wait(until)

    def _wait(self, until: float) -> None:
        """Until all was seen that was changed; the last announced article appears a while after the end."""
        while self.watch.waiting or time.monotonic() < until:
            time.sleep(0.1)

    def _walk(self) -> Iterator[str]:
        while True:
            some = parts.documents(self.folder)
            self.rng.shuffle(some)
            yield from (quoted(path) for path in some[:50])

    def _push_until(self, until: float) -> None:
        rng = random.Random(self.options.seed + 1)
        while time.monotonic() < until:
            time.sleep(self.options.push_every * rng.uniform(0.5, 1.5))
            topics = {topic for topic, _ in self.hub.subscribers}
            ready = [one for one in self.sources if self.world.topic(one) in topics]
            if not ready:
                continue
            source = rng.choice(ready)
            if source.is_calm and rng.random() < 0.4:
                source.edit()
            else:
                source.publish()
            since = time.monotonic()
            marks, is_accepted = source.push(self.hub, self.world.topic(source))
            if is_accepted:
                self._accepted += 1
                self._expect("push", source, marks, since)
            else:
                self.found.faults.append(f"push of {source.name}: was not accepted")

    def _told(self, source: Source, marks: list[str], at: float) -> None:
        if source.is_awake and marks:
            self._expect("poll", source, marks, at)

    def _expect(self, kind: str, source: Source, marks: list[str], since: float) -> None:
        folder = f"/sources/{source.name.lower()}/"
        names = ("rss.xml", "atom.xml", "feed.json")
        wanted = [(at + name, mark, "") for mark in marks for at in ("/", folder) for name in names]
        self.watch.expect(Change(kind, f"{source.name} {' '.join(marks)}", since, tuple(wanted)))

    # -- the end -----------------------------------------------------------------------------------------------------

    def _end(self, daemon: parts.Process, serve: parts.Process) -> None:
        for one in (self.crawler, self.watch, *self.subscribers):
            one.stop()
        self.found.changes = self.watch.done
        self._judge_subscribers()
        health = self._reader().get("/healthz")
        if health is None or health.status != 200:
            self.found.faults.append(f"/healthz: {health}")
        secrets = [*SECRETS, *parts.secrets_in(self.folder)]
        began = time.monotonic()
        for process, name in ((daemon, "daemon"), (serve, "serve")):
            code = process.stop()
            self.found.notes.append(f"{name} ended with {code} {time.monotonic() - began:.1f} s after SIGTERM")
            if code:
                self.found.faults.append(f"{name}: exit code {code}")
        self._judge_rest(daemon, serve, secrets)

    def _judge_subscribers(self) -> None:
        for one in self.subscribers:
            missed = one.missed()
            self.found.notes.append(
                f"subscriber of {one.path}: {dict(one.statuses)}, {one.came} versions of {len(one.have)} items, "
                f"{len(one.repeated)} repeated, {len(one.missed())} missed"
            )
            self.found.faults += [f"subscriber of {one.path}: {ident} came again" for ident in one.repeated]
            self.found.faults += [f"subscriber of {one.path}: {ident} did not come" for ident in missed]
            if one.statuses[200] > 1:
                self.found.faults.append(f"subscriber of {one.path}: got all of it {one.statuses[200]} times")
        everything = ["\n".join(one.texts) for one in self.subscribers[:3]]
        latest = {article.mark for article in self.human.articles.values()}
        shown = (self.folder / "output/feed.json").read_text("utf-8")
        unseen = 0
        for change in self.found.changes:
            mark = change.wanted[0][1]
            if change.kind not in {"edit", "add", "appear", "mend"} or all(mark in text for text in everything):
                continue
            # An edit of what is older than the newest articles stands in an archive page.
            unseen += 1
            if change.kind in {"add", "appear"} or (mark in latest and mark in shown):
                self.found.faults.append(f"subscribers of the site: {change.kind} {mark} did not come")
        self.found.notes.append(f"changes of articles that are too old for the site's subscribers: {unseen}")

    def _judge_rest(self, daemon: parts.Process, serve: parts.Process, secrets: list[str]) -> None:
        self.found.faults += [
            f"{one.kind} of {one.what}: on the wire after {one.took:.2f} s, not on {sorted(one.missing)}"
            for one in self.found.late(self.options.soon)
        ]
        self.found.faults += parts.left_behind(self.folder, daemon.pid)
        said = parts.rebuilt(self.folder)
        self.found.notes.append(f"the next rebuild: {said}")
        if not said.startswith("0 of "):
            self.found.faults.append(f"the next rebuild: {said}")
        self._judge_polls(daemon)
        self._judge_log(daemon, serve, secrets)

    def _judge_polls(self, daemon: parts.Process) -> None:
        """The server's own log against politeness, and against ours."""
        asked = self.world.asked[self.first_asked :]
        again = [path for path, times in Counter(one.path for one in asked).items() if times > 1]
        self.found.faults += [f"{path}: was asked twice within an hour" for path in again]
        told = Counter(event["url"] for event in parts.events_of(daemon.log) if event["event"] == "poll")
        answered = Counter(self.world.topic(self.world.sources[one.path]) for one in asked)
        if told != answered:
            self.found.faults.append(f"the log tells of other polls: {told - answered} {answered - told}")
        never = {one.path for one in self.sources} - {one.path for one in asked}
        self.found.faults += [f"{path}: was due and not asked" for path in sorted(never)]
        statuses = Counter(one.status for one in asked)
        self.found.notes.append(f"polls: {len(asked)} of {len(self.sources)} sources, answered {dict(statuses)}")

    def _judge_log(self, daemon: parts.Process, serve: parts.Process, secrets: list[str]) -> None:
        events = parts.events_of(daemon.log)
        counts = Counter(event["event"] for event in events)
        self.found.notes.append(f"the daemon's log: {dict(counts)}")
        faults = [f"the daemon's log: {event}" for event in events if event["event"] in {"line", "failed"}]
        pushes = [event for event in events if event["event"] == "push" and event.get("kind") == "push"]
        if len(pushes) != self._accepted:
            faults.append(f"the log tells of {len(pushes)} pushes, {self._accepted} were accepted")
        told = [event for event in events if event["event"] == "problem"]
        broken = {one.what for one in self.found.changes if one.kind == "break"}
        unsaid = [name for name in broken if not any(f"{name}.md" in event["problem"] for event in told)]
        faults += [f"the log does not tell of {name}.md, which is broken" for name in unsaid]
        failing = {event["source"] for event in events if event["event"] == "poll" and event["level"] == "warning"}
        wanted = {one.name for one in self.sources if one.behaviour not in {"well", "pushes", "sloppy"}}
        if failing != wanted:
            faults.append(f"the log tells of failures of {sorted(failing)}, not {sorted(wanted)}")
        for log in (daemon.log, serve.log):
            text = log.read_text("utf-8", errors="replace")
            faults += [f"{log.name}: shows a secret ({secret})" for secret in secrets if secret in text]
        faults += [
            f"serve.log: {event}"
            for event in parts.events_of(serve.log)
            if event["event"] == "line" and not event["text"].startswith("serving ")
        ]
        self.found.faults += faults


def quoted(path: str) -> str:
    """As it is asked for."""
    from urllib.parse import quote  # noqa: PLC0415 (beside its only use)

    return quote(path)


# -- the W3C's validator ---------------------------------------------------------------------------------------------


def w3c_faults(folder: Path, base: str, rng: random.Random) -> tuple[int, list[str]]:
    """What the validator that FEEDVALIDATOR names says of a sample: (documents, errors)."""
    place = os.environ.get("FEEDVALIDATOR")
    if not place:
        return 0, []
    sys.path.insert(0, str(Path(place) / "src"))
    import feedvalidator  # noqa: PLC0415 (there or not)
    from feedvalidator.formatter.base import BaseFormatter  # noqa: PLC0415 (likewise)

    paths = [path for path in parts.documents(folder) if form_of(path) != "json"]
    faults = []
    some = rng.sample(paths, min(_SAMPLE, len(paths)))
    for path in some:
        data = io.BytesIO((folder / f"output{path}").read_bytes())
        events = feedvalidator.validateStream(data, base=base + quoted(path)[1:])["loggedEvents"]
        errors = [event for event in events if isinstance(event, feedvalidator.logging.Error)]
        faults += [f"{path}: {BaseFormatter([]).getMessage(event)}" for event in errors]
    return len(some), faults


# -- the table -------------------------------------------------------------------------------------------------------


def table(changes: list[Change]) -> Iterator[str]:
    """How long what took, in seconds."""
    kinds: dict[str, list[float]] = defaultdict(list)
    for change in changes:
        for kind in (change.kind, "all"):
            kinds[kind].append(change.took)
    yield "| change | count | median s | p99 s | max s |\n| --- | --- | --- | --- | --- |"
    for kind, taken in sorted(kinds.items(), key=lambda row: (row[0] == "all", row[0])):
        figures = (quantile(taken, 0.5), quantile(taken, 0.99), max(taken))
        yield f"| {kind} | {len(taken)} | " + " | ".join(f"{one:.2f}" for one in figures) + " |"


def live(folder: Path, options: Options) -> Findings:
    """A world in a folder, from its beginning to its end."""
    life = Life(folder, options)
    found = life.run()
    count, faults = w3c_faults(folder, f"http://127.0.0.1:{life.port}/", random.Random(options.seed))
    found.faults += faults
    found.notes.append(f"the W3C's validator: {count} documents, {len(faults)} errors")
    return found


def main() -> None:
    """Live, and tell."""
    defaults = Options()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=defaults.minutes)
    parser.add_argument("--sources", type=int, default=defaults.sources)
    parser.add_argument("--articles", type=int, default=defaults.articles)
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--keep", type=Path, help="live in this folder, which is new, and leave it there")
    given = parser.parse_args()
    options = Options(minutes=given.minutes, sources=given.sources, articles=given.articles, seed=given.seed)
    folder = given.keep or Path(tempfile.mkdtemp(prefix="feeds-world-"))
    folder.mkdir(exist_ok=True)
    try:
        found = live(folder, options)
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(*table(found.changes), sep="\n")
    print(f"\nanswers: {dict(sorted(found.statuses.items()))}")
    print(*found.notes, sep="\n")
    print(f"{len(found.faults)} faults", *itertools.islice(found.faults, 40), sep="\n")
    sys.exit(1 if found.faults else 0)


if __name__ == "__main__":
    main()
