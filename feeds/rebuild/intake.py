"""Take articles into the store: see which files changed, prepare those, keep what came of it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection, Row

from feeds.content.articles import digest_of
from feeds.content.files import FileStat
from feeds.model import Met, Problem, Scope
from feeds.publish.terms import TermFinder
from feeds.rebuild.inheritance import Synced
from feeds.rebuild.membership import Standing, sync_memberships
from feeds.rebuild.term_names import TermNames, follow_sections
from feeds.rebuild.values import Card, Job, Plan, Prepared, problem_values
from feeds.rebuild.workers import Crew
from feeds.store import article_rows, feed_rows, match_rows
from feeds.store.article_rows import KnownFile
from feeds.store.sql import read_meta, write_meta

if TYPE_CHECKING:  # loaded when an article changed
    from feeds.content.references import PageIndex
    from feeds.rebuild.article_ids import Registrar

#: A file may change again within the granularity of its time stamp (2 s on FAT); one so young is read again next time.
_TOO_YOUNG_NS = 2_000_000_000
#: From so many articles on, what sources say is asked for of all at once.
_MANY_ARTICLES = 5_000


class Intake(Struct):
    """What one intake did."""

    #: Articles that were read.
    read: int = 0
    #: Problems of the articles that were read.
    problems: list[Problem] = field(default_factory=list)
    #: Their addresses.
    urls: set[str] = field(default_factory=set)
    #: True when an article came, changed or went.
    is_changed: bool = False
    #: True when the list of feeds changed.
    is_list_changed: bool = False


class Taker:
    """One intake, within one transaction."""

    def __init__(  # noqa: PLR0913 (what one intake works with)
        self,
        connection: Connection,
        plan: Plan,
        team: Crew,
        files: Mapping[str, FileStat],
        inherited: Synced,
        *,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._site = plan.site
        self._team = team
        self._now = now
        self._is_full = plan.is_full
        self._wants_pieces = plan.wants_pieces
        self._files = files
        self._inherited = inherited
        self._names = TermNames(plan.site, inherited.sections)
        #: Path of a file -> the row of its article; while files are looked for, path in the store -> row.
        self._rows: dict[str, Row[Any]] = {}
        #: Article id -> what the sources' own feeds say of what it cites or covers.
        self._mets: Mapping[int, tuple[Met, ...]] = {}
        #: Path -> where the references of that article lead, as this run found.
        self._linked: dict[str, dict[str, str]] = {}
        self._intake = Intake()

    def take_in(self, kept: tuple[str, ...], report: Callable[[int, int], None]) -> Intake:
        """Bring the store in step with the files; ``report`` hears (done, total) articles.

        Articles whose path begins as one of ``kept`` stay as they are when their file is not to be seen.
        """
        known = article_rows.known_files(self._connection)
        due = article_rows.paths_due(self._connection, self._now) | self._inherited.changed
        if self._wants_pieces:
            due |= match_rows.pieceless_paths(self._connection)
        suspects = self._suspects(known, due)
        gone = {path for path in known.keys() - self._files.keys() if not path.startswith(kept)}
        if suspects or gone or self._is_full:
            self._rows = article_rows.rows_by_path(self._connection, gone | (set(suspects) & known.keys()))
            self._take(self._changed(suspects, due), gone, report)
        if self._inherited.has_other_sections and not self._is_full:
            changed = follow_sections(self._connection, self._site, self._inherited.sections)
            self._intake.is_list_changed |= changed
        return self._intake

    def refresh(self) -> Intake:
        """Render again the articles that sources say another thing of now."""
        stale = match_rows.stale_paths(self._connection) & self._files.keys()
        self._rows = article_rows.rows_by_path(self._connection, stale)
        self._look_up_mets()
        self._settle_terms(self._prepare([self._job(path) for path in sorted(stale)]), ())
        return self._intake

    def _suspects(self, known: Mapping[str, KnownFile], due: Collection[str]) -> list[str]:
        """Paths to look at, in order: new, touched, or due to appear or expire."""
        if self._is_full:
            # Whatever changed shape must be told apart from what vanished, so every row is needed.
            return sorted(self._files)
        return sorted(p for p, f in self._files.items() if p in due or p not in known or _differs(f, known[p]))

    def _changed(self, suspects: Sequence[str], due: Collection[str]) -> list[str]:
        """Leave out files that were only touched."""
        if self._is_full:
            return list(suspects)
        touched = {p for p in suspects if p in self._rows and p not in due and self._is_same(p)}
        stats = [(self._rows[p].id, _trusted_mtime(self._files[p]), self._files[p].size) for p in sorted(touched)]
        article_rows.touch_files(self._connection, stats)
        return [p for p in suspects if p not in touched]

    def _is_same(self, path: str) -> bool:
        row = self._rows[path]
        return not row.quarantined and self._digest(path) == row.digest

    def _digest(self, path: str) -> str:
        return digest_of(self._files[path])

    def _take(self, changed: Sequence[str], gone: Collection[str], report: Callable[[int, int], None]) -> None:
        from feeds.rebuild.article_ids import moved_untouched, recognise  # noqa: PLC0415 (a run without changes)
        from feeds.rebuild.likeness import face_of  # noqa: PLC0415 (likewise)

        self._look_up_mets()
        known = [self._rows[path] for path in sorted({*changed, *gone} & self._rows.keys())]
        moved = moved_untouched([p for p in changed if p not in self._rows], gone, self._rows, self._digest)
        guessed = {path: self._rows.get(moved.get(path, path)) for path in changed}
        self._rows = {path: row for path, row in guessed.items() if row is not None}
        jobs = [self._job(path) for path in changed]
        prepared = self._prepare(jobs, report)
        faces = map(face_of, prepared)
        found = recognise(faces, known, partial(article_rows.former_articles, self._connection))
        self._rows = found.rows
        kept = {row.id for row in self._rows.values()}
        leaving = [row for row in known if row.id not in kept]
        settled = self._settle(jobs, prepared, self._registrar(prepared, found.former))
        settled = self._link(settled, gone)
        self._step_aside(settled, leaving)
        self._settle_terms(settled, leaving)

    def _settle_terms(self, prepared: Sequence[Prepared], leaving: Sequence[Row[Any]]) -> None:
        """Keep the articles that name terms; then give the others what those have made a vocabulary."""
        waiting = [one for one in prepared if one.card and one.card.text]
        self._keep([one for one in prepared if not (one.card and one.card.text)], leaving)
        if self._site.infer_terms:
            self._infer(waiting)

    def _look_up_mets(self) -> None:
        """What sources say of the articles at hand; of all in one query when there are many."""
        if self._wants_pieces and self._rows:
            from feeds.meet.pieces import followed, mets_of  # noqa: PLC0415 (0.1 s, only where sources are polled)

            ids = {row.id for row in self._rows.values()}
            rows = match_rows.published(self._connection, ids if len(ids) < _MANY_ARTICLES else None)
            self._mets = mets_of(rows, followed(self._site.sources))

    def _job(self, path: str) -> Job:
        row = self._rows.get(path)
        file = self._files[path]
        inherits = self._inherited.inheritances.of(path, file)
        if row is None:
            return Job(path=path, file=file, inherits=inherits, known=self._linked.get(path, {}))
        met = self._mets.get(row.id, ())
        known = self._linked[path] if path in self._linked else article_rows.known_references(row)
        return Job(path=path, file=file, inherits=inherits, uid=row.uid, revived=row.revived, met=met, known=known)

    def _prepare(self, jobs: Sequence[Job], report: Callable[[int, int], None] | None = None) -> list[Prepared]:
        prepared: list[Prepared] = []
        for some in self._team.prepare(jobs):
            prepared += some
            if report:
                report(len(prepared), len(jobs))
        self._intake.read += len(jobs)
        return prepared

    def _link(self, prepared: Sequence[Prepared], gone: Collection[str]) -> list[Prepared]:
        """Prepare again what refers to other articles and was rendered without knowing where these stand now.

        Those that did not change themselves are among them when what they refer to did.
        """
        asked = {one.path: dict(one.card.references) for one in prepared if one.card and one.card.references}
        if gone or any(map(self._stands_elsewhere, prepared)):
            read = {one.path for one in prepared}
            stored = article_rows.references(self._connection)
            asked |= {path: led for path, led in stored.items() if path in self._files and path not in read}
        if not asked:
            return list(prepared)
        index = self._page_index(prepared, gone)
        found = {path: index.answers(led, path) for path, led in asked.items()}
        self._linked = {path: answers for path, answers in found.items() if answers != article_rows.led(asked[path])}
        others = self._linked.keys() - {one.path for one in prepared}
        self._rows |= article_rows.rows_by_path(self._connection, others - self._rows.keys())
        self._look_up_mets()
        ids = {one.path: one.card.uid for one in prepared if one.card}
        jobs = [self._job(path) for path in sorted(self._linked)]
        jobs = [replace(job, uid=ids.get(job.path, job.uid)) for job in jobs]
        again = {one.path: one for one in self._prepare(jobs)}
        self._intake.read -= len(again.keys() - others)  # they were counted when they were read first
        return [*(again.pop(one.path, one) for one in prepared), *again.values()]

    def _stands_elsewhere(self, one: Prepared) -> bool:
        """Whether others that refer to the article must be asked again where it is."""
        row = self._rows.get(one.path)
        if one.card is None or row is None:
            return one.card is not None
        return row.path != one.path or (row.url, row.title, row.live) != (
            one.card.url,
            one.card.title,
            self._is_live(one.card),
        )

    def _page_index(self, prepared: Sequence[Prepared], gone: Collection[str]) -> PageIndex:
        """The articles that readers can see after this run: what nobody may see yet is not linked to."""
        from feeds.content.references import KnownPage, PageIndex  # noqa: PLC0415 (few articles refer to others)

        pages = article_rows.pages(self._connection)
        for path in gone:
            pages.pop(path, None)
        for one in prepared:
            if one.card is not None:
                pages.pop(one.path, None)
                if self._is_live(one.card):
                    pages[one.path] = (one.card.url, one.card.title)
        known = (KnownPage(path, url, title) for path, (url, title) in sorted(pages.items()))
        return PageIndex(known, (root.name for root in self._site.roots))

    def _settle(self, jobs: Sequence[Job], prepared: Sequence[Prepared], registrar: Registrar) -> list[Prepared]:
        """Give every article its id; those that turn out to be another's than they were read for are read again."""
        settled = [registrar.settle(one, self._rows.get(one.path)) for one in prepared]
        self._intake.problems += registrar.problems
        article_rows.forget_former(self._connection, registrar.returned)
        again: dict[str, Job] = {}
        for job, one, wanted in zip(jobs, prepared, settled, strict=True):
            if one.card and wanted.card:
                right = replace(self._job(one.path), uid=wanted.card.uid)
                is_same = (right.met, right.revived) == (job.met, job.revived)
                again |= {} if is_same and one.card.uid == wanted.card.uid else {one.path: right}
        anew = {one.path: one for one in self._prepare(list(again.values()))}
        return [anew.get(one.path, one) for one in settled]

    def _registrar(self, prepared: Sequence[Prepared], former: Mapping[str, str]) -> Registrar:
        from feeds.rebuild.article_ids import Registrar  # noqa: PLC0415 (a run without changes does without)

        uids = {one.card.minted for one in prepared if one.card} | {row.uid for row in self._rows.values() if row.uid}
        return Registrar(article_rows.owner_finder(self._connection, uids | set(former.values())), former)

    def _step_aside(self, settled: Sequence[Prepared], leaving: Sequence[Row[Any]]) -> None:
        """A file may have the path, or the id, that another row still has: those rows give theirs up first."""
        moved = [(one, self._rows[one.path]) for one in settled if one.path in self._rows]
        ids = [row.id for one, row in moved if one.path != row.path or (one.card and one.card.uid != row.uid)]
        ids += [row.id for row in leaving]
        article_rows.update_rows(self._connection, [{"id": id_, "path": f"\x7f{id_}", "uid": None} for id_ in ids])

    def _infer(self, waiting: Sequence[Prepared]) -> None:
        """Give articles without terms those of the site's own vocabulary that their text names clearly."""
        others = article_rows.termless_paths(self._connection) & self._files.keys() - {one.path for one in waiting}
        if not waiting and not (others and self._intake.is_list_changed):
            return
        vocabulary = feed_rows.vocabulary(self._connection, [Scope.TAG, Scope.TOPIC])
        is_same = not self._has_changed("vocabulary", vocabulary)
        if not is_same:
            self._rows |= article_rows.rows_by_path(self._connection, others - self._rows.keys())
            self._look_up_mets()
            waiting = [*waiting, *self._prepare([self._job(path) for path in sorted(others)])]
        finders = {
            edition: TermFinder((Scope(scope), key, name) for _, scope, key, name in some)
            for edition, some in groupby(vocabulary, itemgetter(0))
        }
        self._keep([self._with_terms(one, finders) for one in waiting], ())

    def _has_changed(self, key: str, values: Sequence[object]) -> bool:
        digest = blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        if read_meta(self._connection, key) == digest:
            return False
        write_meta(self._connection, key, digest)
        return True

    def _with_terms(self, one: Prepared, finders: Mapping[str, TermFinder]) -> Prepared:
        """The article with the terms of its own language's vocabulary."""
        if one.card is None or one.card.text is None:
            return one
        finder = finders.get(one.card.edition)
        inferred = finder.find(*one.card.text) if finder else ()
        job = replace(self._job(one.path), uid=one.card.uid, revived=one.card.revived, inferred=inferred)
        return self._prepare([job])[0]

    def _keep(self, prepared: Sequence[Prepared], leaving: Sequence[Row[Any]]) -> None:
        next_id = article_rows.last_id(self._connection)
        inserts: list[dict[str, Any]] = []
        updates: list[dict[str, Any]] = []
        standings: list[Standing] = []
        pieces: dict[int, tuple[str, bytes]] = {}
        for one in prepared:
            row = self._rows.get(one.path)
            if row is None:
                next_id += 1
            id_ = next_id if row is None else row.id
            (inserts if row is None else updates).append(self._values(one, id_))
            if one.card is not None:
                self._intake.urls.add(one.card.url)
                standings.append(self._standing(id_, one.card, row))
                pieces |= {id_: one.card.piece} if one.card.piece else {}
        self._intake.problems += [problem for one in prepared for problem in one.problems]
        for write, rows in ((article_rows.update_rows, updates), (article_rows.insert_rows, inserts)):
            for shape in _by_shape(rows):
                write(self._connection, shape)
        match_rows.save_pieces(self._connection, pieces)
        standings += [_leaving(row) for row in leaving if row.uid]
        is_list_changed = sync_memberships(
            self._connection, self._site, standings, self._names, now=self._now, is_full=self._is_full
        )
        self._intake.is_list_changed |= is_list_changed
        self._intake.is_changed |= bool(standings)
        match_rows.forget_articles(self._connection, [row.id for row in leaving])
        article_rows.delete_rows(self._connection, [row.id for row in leaving])
        article_rows.keep_former(self._connection, leaving)

    def _values(self, one: Prepared, id_: int) -> dict[str, Any]:
        file = self._files[one.path]
        values = {
            "id": id_,
            "path": one.path,
            "mtime_ns": _trusted_mtime(file),
            "size": file.size,
            "digest": one.digest,
            "problems": msgspec.json.encode(problem_values(one.problems)).decode(),
            "quarantined": one.card is None,
        }
        if one.card is not None:
            return values | self._card_values(one.card)
        # The last good state stays in the feeds; an update must not lose its id.
        row = self._rows.get(one.path)
        return values | {"uid": row.uid if row else None, "mtime_ns": 0}

    def _card_values(self, card: Card) -> dict[str, Any]:
        return {
            "uid": card.uid,
            "named_id": card.named_id,
            "url": card.url,
            "title": card.title,
            "published": card.published,
            "updated": card.updated,
            "appears": card.appears,
            "expires": card.expires,
            "renews": card.renews,
            "draft": card.draft,
            "live": self._is_live(card),
            "revived": card.revived,
            "termless": card.termless,
            "sketch": card.sketch,
            "stale": False,
            "references": msgspec.json.encode(dict(card.references)).decode() if card.references else None,
            **article_rows.place_values(card.stored),
        }

    def _is_live(self, card: Card) -> bool:
        has_come = card.appears <= self._now
        return not card.draft and has_come and (card.expires is None or card.expires > self._now)

    def _standing(self, id_: int, card: Card, row: Row[Any] | None) -> Standing:
        is_live = self._is_live(card)
        return Standing(
            article_id=id_,
            uid=card.uid,
            live=is_live,
            appeared=max(card.published, card.appears),
            terms=card.terms if is_live else (),
            named=card.named,
            is_revised=row is None or card.stored is None or row.entry_hash != card.stored.digest,
            is_new=row is None,
        )


def _differs(file: FileStat, known: KnownFile) -> bool:
    return (file.mtime_ns, file.size) != (known.mtime_ns, known.size)


def _trusted_mtime(file: FileStat) -> int:
    return 0 if file.mtime_ns > time.time_ns() - _TOO_YOUNG_NS else file.mtime_ns


def _by_shape(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows with the same keys together, as one statement wants them."""
    shapes: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        shapes[tuple(row)].append(row)
    return list(shapes.values())


def _leaving(row: Row[Any]) -> Standing:
    return Standing(
        article_id=row.id, uid=row.uid, live=False, appeared=row.published, terms=(), is_revised=True, is_new=False
    )
