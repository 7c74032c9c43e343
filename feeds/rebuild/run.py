"""Bring the output up to date, once: take in what changed, deliver what is dirty, remove what nothing wants."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from sqlalchemy import Connection, Row

from feeds.content.files import FileStat, scan
from feeds.model import Problem, Scope, Severity
from feeds.publish.output import Outcome, Output, sync
from feeds.rebuild import upkeep
from feeds.rebuild.addresses import told_addresses
from feeds.rebuild.inheritance import Inheritances, Synced, sync_inheritances
from feeds.rebuild.intake import Intake, Taker
from feeds.rebuild.related import Relations
from feeds.rebuild.values import Plan, Site, spec_of
from feeds.rebuild.workers import Crew, calm_collector
from feeds.store import article_rows, entry_rows, feed_rows, file_rows, match_rows, websub_rows
from feeds.store.adopt_rows import TO_ADOPT
from feeds.store.desk_rows import LAST_REBUILD
from feeds.store.packs import drop_generation, drop_generations_before
from feeds.store.sql import Store, read_meta, write_meta

if TYPE_CHECKING:
    from feeds.rebuild.deliver import Batch, Delivered

#: Fact in the state: ``yes`` from before documents are written until they are recorded.
_WRITING = "writing"
#: Documents that travel together to a worker.
_BATCH = 200

#: How to reach the state.
_Access = Callable[[], contextlib.AbstractContextManager[Connection]]

#: (what is being done, done so far, of how many)
Progress = Callable[[str, int, int], None]


class Options(Struct, frozen=True, kw_only=True):
    """How a rebuild is to be done."""

    #: Trust no cache: read every article, render every entry, compare every byte.
    full: bool = False
    #: Say what would be done; change nothing.
    dry_run: bool = False
    #: Remove feeds without articles.
    prune: bool = False
    #: Processes; None for as many as there are processors.
    processes: int | None = None


class Report(Struct, kw_only=True):
    """What a rebuild did."""

    written: int = 0
    unchanged: int = 0
    removed: int = 0
    #: Articles that stand in feeds.
    articles: int = 0
    #: Articles that were read (the others had not changed).
    read: int = 0
    #: Paths of the articles that cannot be read; their last good state stays in the feeds.
    quarantined: list[str] = field(default_factory=list)
    #: What was wrong with the articles that were read, and with the output.
    problems: list[Problem] = field(default_factory=list)
    #: The first document that could not be written, and why; empty when all could.
    failure: str = ""

    @property
    def has_errors(self) -> bool:
        """Whether something could not be published."""
        found = any(problem.severity is Severity.ERROR for problem in self.problems)
        return found or bool(self.quarantined) or bool(self.failure)


def rebuild(store: Store, site: Site, options: Options, *, now: datetime, progress: Progress) -> Report:
    """One run. The caller holds the lock. Raises StoreError and PublishError; what was done until then is kept."""
    with calm_collector():
        return _Run(store, site, options, now, progress).go()


class _RehearsedError(Exception):
    """Rolls back the one transaction of a dry run."""


class _Run:
    def __init__(self, store: Store, site: Site, options: Options, now: datetime, progress: Progress) -> None:
        self._store = store
        self._site = site
        self._options = options
        self._now = now
        self._progress = progress
        self._report = Report()
        self._output = Output(site.output)
        #: The last run was cut off while it wrote, so files may have changed that nobody recorded.
        self._is_after_cut = False
        self._files: Mapping[str, FileStat] = {}
        self._inherited = Synced(Inheritances((), {}, {}))
        #: Paths of the files that this run has written.
        self._written: set[str] = set()

    def go(self) -> Report:
        if self._options.dry_run:
            self._rehearse()
        else:
            self._perform()
        return self._report

    def _perform(self) -> None:
        """Two commits: what we know, then what we wrote. A run that is cut between them is finished by the next one.

        What takes long to match is published first, and matched then: another two commits.
        """
        started = time.monotonic()
        self._output.prepare()
        with contextlib.ExitStack() as stack:
            stack.callback(self._output.finish)
            with self._store.transaction() as connection:
                plan = self._plan(connection)
                self._is_after_cut = self._begin_writing(connection) == "yes"
                team = stack.enter_context(contextlib.closing(Crew(plan, processes=self._options.processes)))
                intake = self._take_in(connection, team, plan)
                is_slow = not plan.is_full and plan.wants_pieces and match_rows.is_much(connection)
                if not is_slow:
                    self._meet(connection, team, plan, intake)
                self._settle(connection, team, plan, intake)
            if plan.is_full:
                drop_generations_before(self._site.packs, plan.generation)
            self._publish(team, plan, started)
            if is_slow:
                with self._store.transaction() as connection:
                    self._is_after_cut = False
                    self._begin_writing(connection)
                    self._meet(connection, team, plan, intake)
                    self._settle(connection, team, plan, intake)
                self._publish(team, plan, started)

    def _begin_writing(self, connection: Connection) -> str:
        """Note that files are about to change, for the hub's sake; returns what the last run left there."""
        if not self._site.publication.hub:
            return ""
        before = read_meta(connection, _WRITING)
        write_meta(connection, _WRITING, "yes")
        return before

    def _publish(self, team: Crew, plan: Plan, started: float) -> None:
        delivered = self._deliver(team, self._store.snapshot, self._store.transaction)
        is_changed = any(one.outcome is Outcome.WRITTEN for one in delivered)
        with self._store.transaction() as connection, _synced(self._site.output, is_changed):
            self._record(connection, delivered, plan)
            self._note_cost(connection, started)
            if self._site.publication.hub:
                write_meta(connection, _WRITING, "")

    def _rehearse(self) -> None:
        """The same in one transaction that is rolled back; the packs of its generation are thrown away."""
        with contextlib.suppress(_RehearsedError), self._store.transaction() as connection:
            plan = self._plan(connection)

            @contextlib.contextmanager
            def same() -> Iterator[Connection]:
                yield connection

            try:
                with contextlib.closing(Crew(plan, processes=self._options.processes)) as team:
                    intake = self._take_in(connection, team, plan)
                    self._meet(connection, team, plan, intake)
                    self._settle(connection, team, plan, intake)
                    self._record(connection, self._deliver(team, same, same), plan)
            finally:
                drop_generation(self._site.packs, plan.generation)
            raise _RehearsedError

    def _plan(self, connection: Connection) -> Plan:
        generation = int(read_meta(connection, "generation", "1"))
        is_full = self._options.full or read_meta(connection, "fingerprint") != self._site.fingerprint
        return Plan(
            site=self._site,
            now=self._now,
            generation=generation + 1 if is_full or self._options.dry_run else generation,
            withdrawals=feed_rows.withdrawals(connection),
            is_dry=self._options.dry_run,
            is_full=is_full,
            wants_pieces=self._site.has_desk or match_rows.has_entries(connection),
        )

    def _take_in(self, connection: Connection, team: Crew, plan: Plan) -> Intake:
        """What changed in the folders of articles."""
        if upkeep.is_state_lost(connection, self._site, self._output):
            self._report.problems.append(upkeep.lost_state(self._store.place))
        if plan.is_full:
            upkeep.follow_editions(connection, self._site.publication)
        found = scan(self._site.roots)
        emptied = [] if self._options.prune else upkeep.emptied(connection, found)
        kept = () if self._options.prune else (*found.unseen, *emptied)
        self._report.problems += map(_emptied, emptied)
        self._files = found.files
        self._inherited = sync_inheritances(connection, self._site, found, is_full=plan.is_full)
        taker = Taker(connection, plan, team, self._files, self._inherited, now=self._now)
        intake = taker.take_in(kept, lambda done, total: self._progress("articles", done, total))
        shared = told_addresses(connection, None if plan.is_full else intake.urls)
        self._report.problems += [*found.problems, *self._inherited.inheritances.problems, *intake.problems, *shared]
        return intake

    def _meet(self, connection: Connection, team: Crew, plan: Plan, intake: Intake) -> None:
        """Where articles and entries meet: what that says of articles, and items made of entries."""
        if not plan.wants_pieces:
            return
        if plan.is_full:
            entry_rows.renew_url_keys(connection)
        if self._options.full or match_rows.is_anything_pending(connection):
            from feeds.meet.link import link  # noqa: PLC0415 (0.1 s, only when there is something to match)

            link(connection, self._site.sources, self._site.words, anew=self._options.full)
        refreshed = Taker(connection, plan, team, self._files, self._inherited, now=self._now).refresh()
        intake.read += refreshed.read
        intake.is_list_changed |= refreshed.is_list_changed
        # What an author may want to mend was told when the article was read.
        errors = [problem for problem in refreshed.problems if problem.severity is Severity.ERROR]
        self._report.problems += [problem for problem in errors if problem not in self._report.problems]
        if plan.is_full or intake.is_changed or refreshed.is_changed or read_meta(connection, TO_ADOPT):
            from feeds.rebuild.adopt import Adopter  # noqa: PLC0415 (likewise)

            intake.is_list_changed |= Adopter(connection, plan, team, self._inherited.sections, now=self._now).adopt()

    def _settle(self, connection: Connection, team: Crew, plan: Plan, intake: Intake) -> None:
        """Note what is to be written."""
        self._report.read = intake.read
        is_everything = plan.is_full or upkeep.is_output_lost(connection, self._site, self._output)
        if is_everything:
            feed_rows.mark_dirty(connection, upkeep.documents_of(self._site, feed_rows.feed_rows(connection)))
        if is_everything or intake.is_list_changed:
            write_meta(connection, "list", "changed")
        if plan.is_full:
            upkeep.keep_last_good_entries(connection, team, plan.generation)
            write_meta(connection, "fingerprint", self._site.fingerprint)
            write_meta(connection, "generation", str(plan.generation))

    def _deliver(self, team: Crew, reading: _Access, writing: _Access) -> list[Delivered]:
        with reading() as connection:
            delivered = self._run_batches(team, connection, feed_rows.dirty_documents(connection))
        lost = {id_ for one in delivered for id_ in one.lost}
        if not lost:
            return delivered
        with writing() as connection:
            upkeep.restore_entries(connection, team, self._site, lost)
        again = {(one.feed_id, one.archive) for one in delivered if one.lost}
        good = [one for one in delivered if (one.feed_id, one.archive) not in again]
        with reading() as connection:
            return good + self._run_batches(team, connection, sorted(again))

    def _run_batches(self, team: Crew, connection: Connection, documents: Sequence[tuple[int, int]]) -> list[Delivered]:
        rows = feed_rows.feed_rows(connection, {feed_id for feed_id, _ in documents})
        there = upkeep.documents_of(
            self._site, {id_: row for id_, row in rows.items() if upkeep.is_wanted(self._site, row)}
        )
        wanted = [document for document in documents if document in there]
        delivered: list[Delivered] = []
        formats = len(self._site.publication.filenames)
        for some in team.deliver(self._batches(connection, wanted, rows), documents=len(wanted)):
            delivered += some
            self._progress("feeds", len(delivered) // formats, len(wanted))
        return delivered

    def _batches(
        self, connection: Connection, documents: Sequence[tuple[int, int]], rows: Mapping[int, Row[Any]]
    ) -> Iterator[Batch]:
        """The documents with all that is known of them, put together as they are asked for."""
        from feeds.rebuild.deliver import Batch  # noqa: PLC0415 (only when there is something to deliver)

        publication = self._site.publication
        limit = publication.limit
        windows = iter(feed_rows.windows(connection, documents, limit=limit, page=publication.page))
        is_big = len(documents) > _BATCH
        entries = article_rows.entries_by_id(connection) if is_big else None
        relations = self._relations(connection, None) if is_big else None
        editions = upkeep.named_editions(connection, self._site)
        while some := list(islice(windows, _BATCH)):
            feed_ids = {window.feed_id for window in some}
            ids = {id_ for window in some for id_ in window.article_ids}
            known = article_rows.entries_by_id(connection, ids) if entries is None else entries
            related = relations or self._relations(connection, some)
            stones = feed_rows.tombstones_of(connection, feed_ids, limit=limit)
            files = file_rows.files_of_documents(connection, [(window.feed_id, window.archive) for window in some])
            yield Batch(
                windows=some,
                specs={id_: spec_of(rows[id_]) for id_ in feed_ids},
                archives={id_: publication.archives(Scope(rows[id_].scope), rows[id_].members) for id_ in feed_ids},
                tombstones=stones,
                editions=editions,
                entries={id_: known[id_] for id_ in ids if id_ in known},
                files=files,
                related={w.feed_id: related.of(w) for w in some if w.archive == 0} if related else {},
            )

    def _relations(self, connection: Connection, windows: Sequence[feed_rows.Window] | None) -> Relations | None:
        """Which feeds share articles, for pages; nothing when there are none."""
        if not self._site.publication.has_pages:
            return None
        return Relations(connection, windows, min_articles=self._site.min_articles)

    def _record(self, connection: Connection, delivered: Sequence[Delivered], plan: Plan) -> None:
        """Keep what was written, then bring the pages and the list of ours in step with it."""
        dirty = feed_rows.dirty_documents(connection)
        stuck = {(one.feed_id, one.archive) for one in delivered if one.outcome in _STUCK}
        good = [one for one in delivered if one.outcome not in _STUCK]
        self._report.problems += [_stuck_problem(self._site.output, one) for one in delivered if one.outcome in _STUCK]
        self._report.failure = next((one.error for one in delivered if one.error), "")
        ids = {one.feed_id for one in good}
        rows = feed_rows.feed_rows(connection, ids)
        newly = [id_ for id_ in sorted(ids) if not rows[id_].published]
        feed_rows.mark_published(connection, newly)
        self._tell_hub(connection, good)
        file_rows.record_files(
            connection, [_file_values(one) for one in good], known=self._known_paths(connection, good)
        )
        surplus = upkeep.surplus_files(connection, self._site, dirty)
        feed_rows.clear_dirty(connection, [d for d in dirty if d not in stuck], all_of=len(dirty))
        self._written |= {one.path for one in good if one.outcome is Outcome.WRITTEN}
        if newly:
            write_meta(connection, "list", "changed")
        self._tidy(connection, plan, {one.path for one in delivered}, surplus)

    def _note_cost(self, connection: Connection, started: float) -> None:
        """What the editor's status page tells of the last run that changed anything."""
        report = self._report
        if report.read or report.written or report.removed:
            cost = {
                "at": self._now.isoformat(),
                "seconds": round(time.monotonic() - started, 2),
                "written": report.written,
                "removed": report.removed,
                "articles": report.articles,
                "files": file_rows.count_files(connection),
                "bytes": file_rows.total_bytes(connection),
            }
            write_meta(connection, LAST_REBUILD, json.dumps(cost))

    def _tell_hub(self, connection: Connection, delivered: Sequence[Delivered]) -> None:
        """Have it told of the documents whose bytes changed; nothing waits for it."""
        publication = self._site.publication
        changed = [one.path for one in delivered if one.outcome is Outcome.WRITTEN]
        if self._is_after_cut and publication.hub:
            known = file_rows.files_of(connection, {one.feed_id for one in delivered})
            changed += [one.path for one in delivered if known.get(one.path, ("", 0))[0] != one.digest]
        # Hubs are told of feeds, not of the pages beside them.
        topics = [publication.address(path) for path in changed if not path.endswith(".html")]
        websub_rows.queue_pings(connection, publication.hub, topics, self._now)

    def _known_paths(self, connection: Connection, delivered: Sequence[Delivered]) -> set[str]:
        """Those of the delivered paths that the manifest has already."""
        if len(delivered) > _BATCH:
            return file_rows.all_paths(connection)
        # By path and not by feed: a document may stand where that of a feed stood that is forgotten.
        return file_rows.known_among(connection, [one.path for one in delivered])

    def _tidy(self, connection: Connection, plan: Plan, delivered: Collection[str], surplus: Collection[str]) -> None:
        """Remove what nothing wants, and bring the lists of feeds in step."""
        unwanted: Collection[str] = ()
        if self._options.prune:
            unwanted = upkeep.prune_feeds(connection)
        if plan.is_full:
            from feeds.rebuild.lists import pages_of  # noqa: PLC0415 (seldom)

            # Everything that is wanted was delivered just now.
            unwanted = {*unwanted, *file_rows.all_paths(connection).difference(delivered, pages_of(self._site))}
        if unwanted or surplus:
            self._report.removed = upkeep.remove_files(
                connection, self._output, {*unwanted, *surplus}, is_dry=plan.is_dry
            )
        is_list_changed = read_meta(connection, "list") == "changed" or bool(unwanted)
        if is_list_changed or upkeep.is_date_stale(connection, self._site):
            from feeds.rebuild.lists import write_pages  # noqa: PLC0415 (only when a list changed)

            outcomes = write_pages(connection, self._site, self._output, is_dry=plan.is_dry)
            self._written |= {path for path, outcome in outcomes.items() if outcome is Outcome.WRITTEN}
            self._report.problems += [
                _foreign(self._site.output, p) for p, o in outcomes.items() if o is Outcome.FOREIGN
            ]
            write_meta(connection, "list", "")
        self._report.written = len(self._written)
        self._report.unchanged = file_rows.count_files(connection) - self._report.written
        self._report.quarantined = article_rows.quarantined_paths(connection)
        self._report.articles = article_rows.count_articles(connection)


@contextlib.contextmanager
def _synced(output: str, is_changed: bool) -> Iterator[None]:  # noqa: FBT001 (private)
    """Let the disk catch up with what was written while the state is brought in step; wait for it at the end.

    So a state that is kept never speaks of files that a power cut could take.
    """
    thread = threading.Thread(target=sync, args=(output,))
    if is_changed:
        thread.start()
    try:
        yield
    finally:
        if is_changed:
            thread.join()


#: Outcomes after which a document is still dirty.
_STUCK = frozenset({Outcome.FOREIGN, Outcome.LOST, Outcome.FAILED})


def _emptied(root: str) -> Problem:
    return Problem(
        path=root.rstrip("/") or ".",
        what="folder",
        why="is empty, and held many articles: they stay as they were published",
        fix="mount what belongs there; if they are gone for good, feeds rebuild --prune withdraws them",
    )


def _file_values(one: Delivered) -> tuple[str, int, int, str, int]:
    return one.path, one.feed_id, one.archive, one.digest, one.size


def _stuck_problem(output: str, one: Delivered) -> Problem:
    if one.outcome is Outcome.FOREIGN:
        return _foreign(output, one.path)
    why = one.error or "an entry of it cannot be read back"
    return Problem(path=f"{output}/{one.path}", what="output", why=why, fix="the last good file stays")


def _foreign(output: str, path: str) -> Problem:
    return Problem(
        path=f"{output}/{path}",
        what="output",
        why="a file that feeds did not write stands here; it was left alone",
        fix="move it away, or choose another output path or layout",
    )
