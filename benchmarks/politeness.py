"""Run our schedule for 90 simulated days against 200 modelled servers, check every box, and print it beside others'.

    python benchmarks/politeness.py                         # 200 sources, 90 days
    python benchmarks/politeness.py --sources 60 --days 21  # seconds

Same seed, same table. Our own misfortunes are in the first column and in the boxes: offline hours, restarts, and a
crash loop that kills every poll before its outcome is stored. The others are spared them, and so is the second column.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from statistics import fmean, median

sys.path.insert(0, str(Path(__file__).parent))

from politeness_boxes import BOXES, Exchange, History
from politeness_peers import PEERS, Tally, run_peer
from politeness_servers import DAY, HOUR, MINUTE, START, Outcome, Server, town

from feeds.polled import Entry, Failed, FailureKind, Fetched, ParsedFeed
from feeds.sources import decide
from feeds.sources.domains import Domains, domain_key
from feeds.sources.offline import Reach, uncounted
from feeds.sources.score import LoggedRequest, politeness_score
from feeds.sources.state import FeedState, first_state

NO_LINE = Failed(kind=FailureKind.DNS, sentence="no address for the host")
#: (day, hours): the line is down.
OFFLINE = ((3.4, 3.0), (11.8, 9.0), (40.2, 30.0), (61.0, 0.2))
#: (day, hours): every poll kills us before its outcome is stored, and we are started again at once.
CRASHES = ((6.5, 6.0), (50.1, 3.0))
#: Besides, we are restarted so often.
RESTART_EVERY = 31 * HOUR
#: From, until.
Stretches = Sequence[tuple[datetime, datetime]]


@dataclass(slots=True)
class Simulation:
    """The daemon in small: wakes each minute, asks what is due, one request at a time per domain."""

    servers: Sequence[Server]
    days: int
    rng: random.Random
    offline: Stretches
    crashes: Stretches
    states: list[FeedState] = field(init=False)
    tallies: list[Tally] = field(init=False)
    held: list[list[datetime]] = field(init=False)
    domains: Domains = field(default_factory=Domains)
    reach: Reach = field(default_factory=Reach)
    exchanges: list[Exchange] = field(default_factory=list)
    #: (when, number of the server); older promises of one server are void.
    queue: list[tuple[datetime, int]] = field(default_factory=list)
    promised: dict[int, datetime] = field(default_factory=dict)
    numbers: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Register every feed at the start."""
        self.states = [first_state(server.url) for server in self.servers]
        self.tallies = [Tally.beginning(server) for server in self.servers]
        self.held = [[] for _ in self.servers]
        self.numbers = {server.url: number for number, server in enumerate(self.servers)}
        for number in range(len(self.servers)):
            self.promise(number, START)

    @property
    def end(self) -> datetime:
        """When the run is over."""
        return START + self.days * DAY

    def run(self) -> History:
        """Poll until the end."""
        tick, restart = START, START + RESTART_EVERY
        while self.queue and self.queue[0][0] < self.end:
            tick = max(self.queue[0][0], tick + MINUTE)
            if tick >= restart:
                self.restart()
                restart = tick + RESTART_EVERY
            self.wake(tick)
        states = {state.url: state for state in self.states}
        offline = [span for span in self.offline if span[1] < self.end]
        for server, tally in zip(self.servers, self.tallies, strict=True):
            tally.close(server, self.end)
        return History(exchanges=self.exchanges, states=states, end=self.end, offline=offline)

    def restart(self) -> None:
        """Lose all that is not stored."""
        self.domains = Domains.after_restart(self.states)
        self.reach = Reach()

    def promise(self, number: int, at: datetime) -> None:
        """Look at a feed again then."""
        self.promised[number] = at
        heappush(self.queue, (at, number))

    def wake(self, tick: datetime) -> None:
        """Ask what is due, in random order; what its domain lets wait beyond this minute waits."""
        due = []
        while self.queue and self.queue[0][0] <= tick:
            at, number = heappop(self.queue)
            if self.promised.get(number) == at:
                del self.promised[number]
                due.append(number)
        self.rng.shuffle(due)
        for number in due:
            again = self.attend(number, tick)
            if again is not None and number not in self.promised:
                self.promise(number, again)

    def attend(self, number: int, tick: datetime) -> datetime | None:
        """Poll one feed if it may be; gives when to look at it again."""
        state = self.states[number]
        due = decide.due_at(state, now=tick)
        if due is None or due > tick:
            return due
        ready = self.domains.ready_at(domain_key(state.fetch_url), now=tick)
        if ready is None or ready >= tick + MINUTE:
            return ready
        self.poll(number, ready)
        return decide.due_at(self.states[number], now=tick + MINUTE)

    def poll(self, number: int, at: datetime) -> None:
        """Make one request, and store what it teaches."""
        before, server = self.states[number], self.servers[number]
        domain = domain_key(before.fetch_url)
        self.domains.take(domain, now=at)
        state = self.states[number] = decide.before_poll(before, now=at)
        ended = at + timedelta(seconds=self.rng.uniform(0.2, 5))
        outcome, is_lost = self.ask(state, server, at, ended), _is_within(self.crashes, at)
        if is_lost:
            self.restart()
            return
        self.domains.release(domain, now=ended)
        self.states[number] = self.decide(number, outcome, ended)
        closed = self.states[number].closed_until
        if closed is not None:
            self.domains.close(domain, closed)
        for again in self.reach.note(before, outcome):
            other = self.numbers[again.url]
            self.states[other] = uncounted(again, now=ended)
            self.promise(other, decide.due_at(self.states[other], now=ended) or self.end)

    def ask(self, state: FeedState, server: Server, at: datetime, ended: datetime) -> Outcome:
        """Send the request, and log it if a server has seen it."""
        if _is_within(self.offline, at):
            return NO_LINE
        request = decide.request_for(state, headers={}, allow_private=False)
        outcome = server.answer(request.url, request.validators, at)
        if isinstance(outcome, Failed) and outcome.kind is FailureKind.DNS:
            return outcome
        failure = outcome if isinstance(outcome, Failed) else None
        is_lost = _is_within(self.crashes, at)
        logged = LoggedRequest(
            url=state.url,
            domain=domain_key(request.url),
            at=at,
            ended=ended,
            is_conditional=bool(request.validators),
            had_validators=bool(state.validators),
            status=failure.status if failure else 200,
            retry_after=None if is_lost else outcome.hints.retry_after,  # nobody can keep what he never heard
            fresh_for=outcome.hints.fresh_for,
        )
        self.exchanges.append(
            Exchange(
                server=server,
                request=logged,
                address=request.url,
                sent=request.validators,
                outcome=outcome,
                is_lost=is_lost,
            )
        )
        return outcome

    def decide(self, number: int, outcome: Outcome, now: datetime) -> FeedState:
        """Read the document as far as the schedule needs it, and decide."""
        server, tally, held = self.servers[number], self.tallies[number], self.held[number]
        parsed, is_changed = None, False
        if isinstance(outcome, Fetched) and decide.body_hash(outcome.body) != self.states[number].body_hash:
            first = tally.see(server, now)
            young = server.times[first : tally.seen]
            held[:] = [*held, *young][-11:]
            is_changed = bool(young)
            entries = tuple(Entry(id=str(time), published=time) for time in young)
            count = min(tally.seen, server.window)
            parsed = ParsedFeed(version="rss20", hints=server.hints, entries=entries, count=count)
        return decide.after_poll(
            self.states[number],
            outcome,
            parsed,
            is_changed=is_changed,
            entry_times=held,
            every=None,
            pushes=False,
            now=now,
            jitter=self.rng.random(),
        )


def _spans(stretches: Sequence[tuple[float, float]]) -> Stretches:
    return [(START + day * DAY, START + day * DAY + hours * HOUR) for day, hours in stretches]


def _is_within(stretches: Stretches, at: datetime) -> bool:
    return any(began <= at < ended for began, ended in stretches)


# -- the table -------------------------------------------------------------------------------------------------------


def simulate(
    sources: int, days: int, seed: int, *, misfortunes: bool = True
) -> tuple[list[Server], History, list[Tally]]:
    """Run our schedule; the tallies are in the order of the servers."""
    servers = town(sources, days=days, seed=seed)
    offline, crashes = (_spans(OFFLINE), _spans(CRASHES)) if misfortunes else ((), ())
    simulation = Simulation(servers, days, random.Random(seed), offline, crashes)
    history = simulation.run()
    for exchange in history.exchanges:
        simulation.tallies[simulation.numbers[exchange.server.url]].requests += 1
    return servers, history, simulation.tallies


def tables(servers: Sequence[Server], columns: dict[str, list[Tally]], days: int) -> str:
    """Set one row per kind of server, and the sums."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for number, server in enumerate(servers):
        kinds[server.kind].append(number)
    rows = [(kind, numbers) for kind, numbers in sorted(kinds.items())]
    rows.append(("**all**", list(range(len(servers)))))
    head = ["requests per source and day · median delay · entries missed", "sources", *columns]
    lines = [head, ["---"] * len(head)]
    for kind, numbers in rows:
        cells = [_cell([tallies[number] for number in numbers], days) for tallies in columns.values()]
        lines.append([kind, str(len(numbers)), *cells])
    lines.append(["**mean delay**", "", *(_mean_delay(tallies) for tallies in columns.values())])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(tallies: Sequence[Tally], days: int) -> str:
    requests = sum(tally.requests for tally in tallies) / len(tallies) / days
    delays = [delay / HOUR for tally in tallies for delay in tally.delays]
    missed = sum(tally.missed for tally in tallies)
    words = f"{requests:.2f}" + (f" · {median(delays):.1f} h" if delays else "")
    return words + (f" · {missed:,}" if missed else "")


def _mean_delay(tallies: Sequence[Tally]) -> str:
    delays = [delay / HOUR for tally in tallies for delay in tally.delays]
    return f"{fmean(delays):.1f} h" if delays else "-"


def main() -> int:
    """Run, check, print; 1 when a box is broken."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--sources", type=int, default=200)
    options.add_argument("--days", type=int, default=90)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    servers, history, tallies = simulate(given.sources, given.days, given.seed)
    broken = {name: box(history) for name, box in BOXES.items()}
    politeness = politeness_score([exchange.request for exchange in history.exchanges])
    print(f"{len(servers)} sources, {given.days} days, {len(history.exchanges):,} requests;", end=" ")
    print(f"score {politeness.score:.1f}, conditional where possible {politeness.conditional_share:.1%}.\n")
    for name, complaints in broken.items():
        print(f"- [{' ' if complaints else 'x'}] {name}", *complaints[:5], sep="\n      ")
    columns = {"feeds": tallies}
    columns["feeds, spared"] = simulate(given.sources, given.days, given.seed, misfortunes=False)[2]
    for name, formula in PEERS.items():
        columns[name] = [run_peer(formula, server, days=given.days, seed=given.seed) for server in servers]
    print(f"\n{tables(servers, columns, given.days)}")
    return 1 if any(broken.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
