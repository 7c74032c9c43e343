"""What a run does beside the road: restore lost entries, remove what nothing wants."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from feeds.content.files import Scan, scan
from feeds.model import Problem, Scope, Severity
from feeds.publish.output import Output, is_ours
from feeds.publish.select import Publication, folder_of, site_spec
from feeds.rebuild.inheritance import read_inheritances
from feeds.rebuild.values import Job, Site
from feeds.rebuild.workers import Crew
from feeds.store import article_rows, feed_rows, file_rows, match_rows
from feeds.store.adopt_rows import TO_ADOPT
from feeds.store.sql import read_meta, write_meta

#: An author takes so many articles away with their folder, or piece by piece; not all at once out of one that stays.
_MANY_AT_ONCE = 10


def is_date_stale(connection: Connection, site: Site) -> bool:
    """Whether the front door names another date than that of the newest article."""
    return site.publication.has_pages and read_meta(connection, "newest") != newest_text(connection)


def newest_text(connection: Connection) -> str:
    """When the newest article was published; empty without any."""
    newest = article_rows.newest_published(connection)
    return newest.isoformat() if newest else ""


def is_output_lost(connection: Connection, site: Site, output: Output) -> bool:
    """Whether somebody removed the output: its first document is known, and gone.

    Looking for all 56,000 files of a large site would cost more than everything else in a run without changes.
    """
    path = _first_document(site)
    return file_rows.file_of(connection, path) is not None and not Path(output.path_of(path)).exists()


def is_state_lost(connection: Connection, site: Site, output: Output) -> bool:
    """Whether the state is new although the output is not: its first document is there, and it is ours."""
    path = _first_document(site)
    place = Path(output.path_of(path))
    if article_rows.last_id(connection) or file_rows.file_of(connection, path) or not place.is_file():
        return False
    return is_ours(place.read_bytes())


def lost_state(place: str) -> Problem:
    """The warning of it; ``place`` is where the state is."""
    return Problem(
        path=place,
        severity=Severity.WARNING,
        what="state",
        why="is new, but the output is not; articles that were renamed since they were published get other ids",
        fix="if the state was lost by accident, stop, restore it and run again",
    )


def _first_document(site: Site) -> str:
    publication = site.publication
    return folder_of(publication, site_spec(publication.default)) + next(iter(publication.filenames.values()))


def emptied(connection: Connection, found: Scan) -> list[str]:
    """How the paths of articles begin whose root has nothing in it, and had many: its disk is rather not mounted."""
    known = article_rows.known_files(connection) if found.empty else {}
    return [name for name in found.empty if sum(path.startswith(name) for path in known) >= _MANY_AT_ONCE]


def keep_last_good_entries(connection: Connection, team: Crew, generation: int) -> None:
    """Carry entries that this run could not render again (their articles are quarantined) into the new packs."""
    stored = article_rows.entries_outside(connection, f"{generation:06d}-")
    moved = {id_: team.carry(entry.stored) for id_, entry in stored.items()}
    article_rows.place_entries(connection, moved)


def restore_entries(connection: Connection, team: Crew, site: Site, ids: Collection[int]) -> None:
    """Render again what is lost from the packs; what cannot be had any more leaves its feeds."""
    from feeds.meet.pieces import followed, mets_of  # noqa: PLC0415 (0.1 s, hardly ever)

    rows = article_rows.rows_by_id(connection, ids)
    found = scan(site.roots)
    files, inheritances = found.files, read_inheritances(site, found)
    mets = mets_of(match_rows.published(connection, ids), followed(site.sources))
    jobs = [
        Job(
            path=row.path,
            file=files[row.path],
            inherits=inheritances.of(row.path, files[row.path]),
            uid=row.uid,
            revived=row.revived,
            met=mets.get(row.id, ()),
        )
        for row in rows.values()
        if row.path in files
    ]
    by_path = {row.path: id_ for id_, row in rows.items()}
    placed = {by_path[one.path]: one.card.stored for some in team.prepare(jobs) for one in some if one.card}
    article_rows.place_entries(connection, {id_: placed.get(id_) for id_ in rows})
    # Items made of entries are made again by the next run.
    write_meta(connection, TO_ADOPT, "yes")


def documents_of(site: Site, rows: Mapping[int, Row[Any]]) -> set[tuple[int, int]]:
    """Every document that some feeds have: (feed id, archive)."""
    archives = site.publication.archives
    return {(id_, n) for id_, row in rows.items() for n in range(archives(Scope(row.scope), row.members) + 1)}


def surplus_files(connection: Connection, site: Site, dirty: Collection[tuple[int, int]]) -> set[str]:
    """Files of archive pages that are dirty since their feeds do not have them any longer."""
    pages = [document for document in dirty if document[1]]
    there = documents_of(site, feed_rows.feed_rows(connection, {feed_id for feed_id, _ in pages}))
    return set(file_rows.files_of_documents(connection, [page for page in pages if page not in there]))


def prune_feeds(connection: Connection) -> set[str]:
    """Forget the feeds without articles; returns their files."""
    keep = {Scope.SITE, Scope.COMBINED}
    empty = [id_ for id_, r in feed_rows.feed_rows(connection).items() if r.members == 0 and Scope(r.scope) not in keep]
    return _forget_feeds(connection, empty)


def follow_editions(connection: Connection, publication: Publication) -> None:
    """Keep the feeds of a site that gains or loses languages, and forget those of languages that it has no more.

    What it had in its only language, or in its default one, is what it has in its default one now.
    """
    before, now = read_meta(connection, _DEFAULT_EDITION), publication.default
    if before != now:
        feed_rows.rename_edition(connection, before, now)
        write_meta(connection, _DEFAULT_EDITION, now)
    keep = publication.editions or {""}
    strange = [id_ for id_, row in feed_rows.feed_rows(connection).items() if row.edition not in keep]
    if strange:
        feed_rows.forget_members(connection, strange)
        _forget_feeds(connection, strange)


#: Fact in the state: key of the language that a site of several is in first.
_DEFAULT_EDITION = "default edition"
#: Feeds of these scopes exist because articles do; they wait for ``min_articles``.
_GROWN_SCOPES = frozenset({Scope.TAG, Scope.TOPIC, Scope.SOURCE})


def is_wanted(site: Site, row: Row[Any]) -> bool:
    """Whether a feed is to be written: it was once, or it has enough articles. In its first language a site begins."""
    if row.published:
        return True
    if Scope(row.scope) in _GROWN_SCOPES:
        return bool(row.members >= max(1, site.min_articles))
    return bool(row.edition == site.publication.default or row.members)


def named_editions(connection: Connection, site: Site) -> tuple[str, ...]:
    """The languages that have a feed of all articles, in the site's order."""
    if not site.publication.editions:
        return ()
    topics = [(edition, str(Scope.SITE), "") for edition in site.publication.editions]
    rows = feed_rows.feed_rows(connection, feed_rows.feed_ids(connection, topics).values())
    wanted = {row.edition for row in rows.values() if is_wanted(site, row)}
    return tuple(edition for edition in site.publication.editions if edition in wanted)


def _forget_feeds(connection: Connection, ids: Collection[int]) -> set[str]:
    """Returns their files, which are still ours."""
    paths = set(file_rows.files_of(connection, ids))
    file_rows.release_files(connection, ids)
    feed_rows.delete_feeds(connection, ids)
    # feeds serve tells those who still ask for them that they are gone (410).
    gone = {*json.loads(read_meta(connection, "gone", "[]")), *paths}
    write_meta(connection, "gone", json.dumps(sorted(gone), ensure_ascii=False))
    return paths


def remove_files(connection: Connection, output: Output, paths: Collection[str], *, is_dry: bool) -> int:
    """Remove files of ours; returns how many were there."""
    removed = len(paths) if is_dry else sum(output.remove(path) for path in sorted(paths))
    file_rows.forget_files(connection, paths)
    return removed
