"""Kill the daemon, the server and the machine at random moments while things change, and look at what is left.

    python benchmarks/kills.py --times 200 --seed 1

Each time one thing is chosen: the daemon with all that it started, the server (with all that it started, alone, or one
of those that it started), or the machine, which is to say everything: all processes are stopped where they are
(SIGSTOP), the site's folder is copied as it is, state, log of the state and output in the middle of whatever they were
in, the processes are killed, and life goes on in the copy. Sometimes the daemon is told to stop instead.

Meanwhile articles are saved, sources come due (each once: its first poll) and push, and readers fetch. Nobody does
anything but to start again what is dead; two times of three it is killed again while it recovers. Checked are: that it
comes back; that every article stands on the wire as it was saved last; that every entry that was served is in the
state, and every push that was accepted on the wire; that no source is asked twice; that every document under output/ is
whole at the moment of death, and every document that is served.
The same seed chooses the same kills and the same delays; what they meet is up to the machine.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import corpus
import world_parts as parts
from world import quoted
from world_site import Human, sources_yaml
from world_sources import Source, World, make_sources
from world_wire import Change, Crawler, Reader, Watch, fault_of, quantile

from tests.hub import Hub, hubbing
from tests.servers import serving

#: What is killed -> how often, in parts.
KILLS = {"daemon": 8, "machine": 6, "server": 2, "server alone": 2, "server's worker": 2, "told to stop": 2}
#: Seconds after which it is killed: now and then while it starts, mostly while it works.
_DELAYS = (0.2, 3.5)
#: Sources that come due each time.
_DUE = 2
#: After so many kills it is given the time to come to rest; before, it is killed again while it recovers.
_REST = 3
#: How far it is is told after so many.
_TOLD = 20
#: Seconds without a word of the daemon after which nothing is under way.
_CALM = 3.0
#: What comes in one burst after a death must not fill the document: some would be older before anybody looks.
_LIMIT = 150
#: A source's first poll is put off so far.
_NEVER = datetime(2099, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How often, how large."""

    times: int = 200
    articles: int = 24
    seed: int = 1
    #: Each kind of death in turn, and not by chance.
    every: bool = False
    #: Told now and then how far it is.
    say: Callable[[str], None] = lambda _: None


@dataclass
class Findings:
    """What came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    #: Seconds from the start of what was dead until all was as it should be.
    recoveries: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Deaths:
    """One world whose processes die, again and again."""

    def __init__(self, folder: Path, options: Options) -> None:
        self.root = folder
        self.folder = folder / "0"
        self.options = options
        self.rng = random.Random(options.seed)
        self.found = Findings()
        self.port = parts.free_port()
        self.pages = corpus.Site(options.seed)
        self._due: Iterator[Source] = iter(())
        self.daemon: parts.Process | None = None
        self.serve: parts.Process | None = None
        #: Size of the daemon's log when it was started last.
        self._said = 0

    def run(self) -> Findings:
        """All of it."""
        with ExitStack() as stack:
            self.hub: Hub = stack.enter_context(hubbing())
            self.hub.lease_seconds = 864_000
            server = stack.enter_context(serving())
            say = lambda: self.pages.prose(2)  # noqa: E731 (it is one)
            # Three that push and are asked first, and enough others to be asked once each.
            self.sources = make_sources(_DUE * self.options.times + 10, say, self.hub.url, {"well": 1})
            for number, source in enumerate(self.sources):
                source.hub = self.hub.url if number < 3 else ""
            self.world = World(server, self.sources, self._told)
            self.folder.mkdir(parents=True)
            self.human = Human(self.folder / "content/posts", self.sources[:8], say, self.rng, calm=float("inf"))
            stack.callback(self._kill_all)
            self._prepare()
            readers = [Reader(self.port, self.found.faults, self.found.statuses, may_fail=True) for _ in range(2)]
            for reader in readers:
                stack.callback(reader.close)
            self.watch = Watch(readers[0], patience=90)
            crawler = Crawler(readers[1], self._walk(), every=0.02)
            for one in (self.watch, crawler):
                one.start()
            try:
                self._die_often()
            finally:
                for one in (self.watch, crawler):
                    one.stop()
            self.found.notes.append(f"{crawler.fetched} documents were fetched meanwhile")
        return self.found

    def _kill_all(self) -> None:
        for process in self.processes:
            process.kill()

    @property
    def processes(self) -> list[parts.Process]:
        """Those that were started, and may be dead."""
        return [one for one in (self.daemon, self.serve) if one is not None]

    # -- the beginning -----------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self.human.found(self.options.articles)
        base, serve = self.world.server.url("").rstrip("/"), f"http://127.0.0.1:{self.port}/"
        config = sources_yaml(self.sources, base, serve=serve, hub=self.hub.url, limit=_LIMIT)
        (self.folder / "sources.yaml").write_text(config, encoding="utf-8")
        parts.know_sources(self.folder, _NEVER)
        self._let_due(self.sources[:3])
        self._due = iter(self.sources[3:])
        self._start_serve()
        self._start_daemon()
        parts.wait_until(lambda: len(self.hub.subscribers) == 3, "the subscriptions")

    def _let_due(self, sources: list[Source]) -> None:
        now = datetime.now(UTC) - timedelta(seconds=1)
        parts.set_due(self.folder, {self.world.topic(one): now for one in sources})

    def _start_daemon(self) -> None:
        log = self.folder / "daemon.log"
        self._said = log.stat().st_size if log.exists() else 0
        self.daemon = parts.Process(self.folder, "daemon", "--log-json")

    def _has_begun(self) -> bool:
        said = self.daemon.log.read_bytes()[self._said :]
        return b'"started"' in said

    def _start_serve(self) -> None:
        self.serve = parts.Process(self.folder, "serve", "--port", str(self.port), "--workers", "2", "--log-json")

    # -- again and again ---------------------------------------------------------------------------------------------

    def _die_often(self) -> None:
        parts.wait_until(lambda: parts.is_answering(self.port), "feeds serve")
        for number in range(self.options.times):
            kind = self._choose(number)
            delay = self.rng.uniform(*_DELAYS)
            self._let_due([next(self._due) for _ in range(_DUE)])
            self._change_until(time.monotonic() + delay)
            self.found.kills[kind] += 1
            _KILLS[kind](self)
            self._look_for_torn(f"{number} {kind}")
            began = time.monotonic()
            self._revive()
            if number % _REST == _REST - 1 and not self._has_recovered(f"{number} {kind}", began):
                return
            if number % _TOLD == _TOLD - 1:
                self.options.say(f"{number + 1} times, {len(self.found.faults)} faults")
        if not self._has_recovered("the last", time.monotonic()):
            return
        self._judge_end()

    def _choose(self, number: int) -> str:
        kinds = list(KILLS)
        return kinds[number % len(kinds)] if self.options.every else self.rng.choices(kinds, list(KILLS.values()))[0]

    def _change_until(self, until: float) -> None:
        """Save, push, and let poll what is due."""
        while time.monotonic() < until:
            self.watch.expect(self.human.act(announces=0))
            self._push()
            time.sleep(min(0.4, max(0.0, until - time.monotonic())))

    def _push(self) -> None:
        source = self.rng.choice(self.sources[:3])
        source.publish()
        since = time.monotonic()
        with suppress(OSError, HTTPException):  # the server is dead, and the hub knows it
            marks, is_accepted = source.push(self.hub, self.world.topic(source))
            if is_accepted:
                self._expect("push", source, marks, since)

    def _told(self, source: Source, marks: list[str], at: float) -> None:
        """What a poller heard that died before it was stored comes with its next poll; only what was served is owed."""

    def _expect(self, kind: str, source: Source, marks: list[str], since: float) -> None:
        path = f"/sources/{source.name.lower()}/feed.json"
        wanted = tuple((path, mark, "") for mark in marks)
        self.watch.expect(Change(kind, source.name, since, wanted))

    def _walk(self) -> Iterator[str]:
        while True:
            some = parts.documents(self.folder)
            random.Random(len(some)).shuffle(some)
            yield from (quoted(path) for path in some[:20] or ["/rss.xml"])

    # -- dying -------------------------------------------------------------------------------------------------------

    def kill_daemon(self) -> None:
        """And the processes that it started."""
        self.daemon.kill()

    def kill_server(self) -> None:
        """And its workers."""
        self.serve.kill()

    def kill_server_alone(self) -> None:
        """Its workers are orphans, and must not keep its place."""
        self.serve.kill_alone()

    def kill_worker(self) -> None:
        """One of those that answer."""
        for pid in self.serve.children()[-1:]:
            parts.end(pid)

    def stop_daemon(self) -> None:
        """As it is meant to be done, but in the middle of everything."""
        has_begun = self._has_begun()
        code = self.daemon.stop()
        # Before it has begun it knows nothing of signals, and there is nothing to end.
        if code and (has_begun or code != -signal.SIGTERM):
            self.found.faults.append(f"daemon: told to stop, ended with {code}")
        faults = [one for one in parts.left_behind(self.folder, self.daemon.pid) if "claims" in one or "damaged" in one]
        self.found.faults += [f"daemon: told to stop: {fault}" for fault in faults]

    def kill_machine(self) -> None:
        """All stand still; what the disk would hold is copied; all die."""
        self.found.kills["of it: pushes in the spool"] += bool(list((self.folder / ".feeds/pushes").glob("*.push")))
        living = [process for process in self.processes if process.is_alive]
        for process in living:
            process.tell(signal.SIGSTOP)
        copy = self.root / str(int(self.folder.name) + 1)
        shutil.copytree(self.folder, copy)
        for process in living:
            process.kill()
        old, self.folder = self.folder, copy
        self.human.folder = copy / "content/posts"
        shutil.rmtree(old)

    def _look_for_torn(self, what: str) -> None:
        for path in parts.documents(self.folder):
            try:
                data = (self.folder / f"output{path}").read_bytes()
            except FileNotFoundError:  # somebody who is alive has just removed it
                continue
            fault = fault_of(path, data)
            if fault:
                self.found.faults.append(f"{what}: torn: {fault}")

    # -- living again ------------------------------------------------------------------------------------------------

    def _revive(self) -> None:
        if not self.serve.is_alive:
            self._start_serve()
        if not self.daemon.is_alive:
            self._start_daemon()

    def _has_recovered(self, what: str, began: float) -> bool:
        """Wait until all that was changed is on the wire; then look for what is owed."""
        try:
            parts.wait_until(self._is_well, "recovery")
        except TimeoutError:
            missing = [f"{one.kind} of {one.what} ({sorted(one.missing)})" for one in self.watch.waiting]
            self.found.faults.append(
                f"{what}: it never came back: daemon {self.daemon.is_alive}, serve {self.serve.is_alive}, {missing[:5]}"
            )
            return False
        self.human.settle()
        self.found.recoveries.append(time.monotonic() - began)
        never = [one for one in self.watch.done if one.seen is None]
        self.found.faults += [f"{what}: {one.kind} of {one.what} never came" for one in never]
        served = parts.titles_served(self.folder)
        lost = served - parts.titles_in(self.folder)
        self.found.faults += [f"{what}: {title} was served and is not in the state" for title in sorted(lost)]
        return True

    def _is_well(self) -> bool:
        """Both are there, and all that was changed is on the wire; the server is started again until it finds room."""
        if not self.serve.is_alive:
            self._start_serve()
            self.found.kills["of them: server started once more"] += 1
            time.sleep(1)
        return self.daemon.is_alive and not self.watch.waiting

    # -- the end -----------------------------------------------------------------------------------------------------

    def _judge_end(self) -> None:
        """No source was asked twice, however often we died; what is asked no more was asked."""
        times = Counter(one.path for one in self.world.asked)
        self.found.faults += [f"{path}: was asked {count} times" for path, count in times.items() if count > 1]
        self.found.notes.append(f"{len(times)} sources were asked, once each")
        if len(self.hub.subscribers) != 3:
            self.found.faults.append(f"hub: {len(self.hub.subscribers)} subscriptions are left of 3")
        # A poll that nobody looked for may have brought something a moment ago.
        parts.wait_until(lambda: time.time() - self.daemon.log.stat().st_mtime > _CALM, "calm")
        code = self.daemon.stop()
        if code:
            self.found.faults.append(f"daemon: ended with {code}")
        self.found.faults += parts.left_behind(self.folder, self.daemon.pid)
        said = parts.rebuilt(self.folder)
        if not said.startswith("0 of "):
            self.found.faults.append(f"the next rebuild: {said}")
        failed = [event for event in parts.events_of(self.daemon.log) if event["event"] == "failed"]
        self.found.notes += [f"a job failed: {event}" for event in failed[:5]]


_KILLS = {
    "daemon": Deaths.kill_daemon,
    "machine": Deaths.kill_machine,
    "server": Deaths.kill_server,
    "server alone": Deaths.kill_server_alone,
    "server's worker": Deaths.kill_worker,
    "told to stop": Deaths.stop_daemon,
}


def die(folder: Path, options: Options) -> Findings:
    """A world in a folder, whose processes die so often."""
    return Deaths(folder, options).run()


def main() -> None:
    """Kill, and tell."""
    defaults = Options()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=defaults.times)
    parser.add_argument("--articles", type=int, default=defaults.articles)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--keep", type=Path, help="live in this folder, which is new, and leave it there")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    folder = given.keep or Path(tempfile.mkdtemp(prefix="feeds-kills-"))
    began = time.monotonic()
    say = lambda text: print(text, flush=True)  # noqa: E731 (it is one)
    try:
        found = die(folder, Options(times=given.times, articles=given.articles, seed=given.seed, say=say))
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{dict(found.kills)} in {time.monotonic() - began:.0f} s")
    print(f"answers: {dict(sorted(found.statuses.items()))}")
    figures = [f"{quantile(found.recoveries, share):.2f}" for share in (0.5, 0.99, 1)]
    print(f"seconds until all was as it should be: median {figures[0]}, p99 {figures[1]}, max {figures[2]}")
    print(*found.notes, sep="\n")
    print(f"{len(found.faults)} faults", *found.faults[:40], sep="\n")
    sys.exit(1 if found.faults else 0)


if __name__ == "__main__":
    main()
