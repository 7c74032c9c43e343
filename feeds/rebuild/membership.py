"""Keep the memberships in step with the articles: who stands in which feed, what that makes dirty, what is sealed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Connection

from feeds.model import Scope
from feeds.publish.select import Publication, new_slug
from feeds.publish.terms import display_name, fold
from feeds.rebuild.values import Site
from feeds.store import feed_rows
from feeds.store.feed_rows import Member
from feeds.store.schema import to_micros
from feeds.store.sql import read_meta, write_meta


class Standing(Struct, frozen=True, kw_only=True):
    """An article that was read, appeared, expired or vanished, as the feeds see it."""

    article_id: int
    uid: str
    #: False for drafts, articles of the future, expired and vanished ones.
    live: bool
    published: datetime
    #: (scope, key, spelling); empty unless live.
    terms: tuple[tuple[str, str, str], ...]
    #: Its rendered entry differs from the one that stands in the feeds.
    is_revised: bool
    #: It was not in the store before.
    is_new: bool


class _Sync(Struct):
    """What one sync will write."""

    #: (feed id, article id, published in microseconds, arrival, spelling)
    inserts: list[tuple[int, int, int, int, str]] = field(default_factory=list)
    deletes: list[tuple[int, int]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    withdrawn: list[tuple[int, str]] = field(default_factory=list)
    returned: set[str] = field(default_factory=set)
    dirty: set[tuple[int, int]] = field(default_factory=set)
    #: Feeds that gained or lost a member: to be counted, named and perhaps sealed.
    touched: set[int] = field(default_factory=set)
    #: Feeds with a member that came back corrected: perhaps to be sealed.
    reopened: set[int] = field(default_factory=set)


def sync_memberships(
    connection: Connection, site: Site, standings: Sequence[Standing], *, now: datetime, is_full: bool
) -> bool:
    """Bring memberships, tombstones, archives, names and counts up to date; mark what that makes dirty.

    Returns True when the list of feeds (their names, their counts) changed. ``is_full`` recounts everything.
    """
    ids, created = _feed_ids(connection, site, standings)
    sync = _plan(connection, standings, ids)
    feed_rows.delete_members(connection, sync.deletes)
    feed_rows.insert_members(connection, sync.inserts)
    feed_rows.update_members(connection, sync.updates)
    feed_rows.remove_tombstones(connection, sync.returned)
    feed_rows.add_tombstones(connection, sync.withdrawn, now)
    if is_full:
        _forget_unwanted_archives(connection, site.publication)
    sync.dirty |= _seal(connection, site.publication, None if is_full else sync.touched | sync.reopened)
    counted = feed_rows.all_feed_ids(connection) if is_full else sync.touched
    renamed, is_recounted = _count_and_name(connection, counted - created)
    feed_rows.mark_dirty(connection, sync.dirty | {(id_, 0) for id_ in renamed})
    return is_recounted or bool(created)


def _plan(connection: Connection, standings: Sequence[Standing], ids: dict[tuple[str, str], int]) -> _Sync:
    old: dict[int, dict[int, Member]] = defaultdict(dict)
    for member in feed_rows.members_of_articles(connection, [s.article_id for s in standings if not s.is_new]):
        old[member.article_id][member.feed_id] = member
    sync = _Sync()
    arrival = int(read_meta(connection, "arrivals", "0"))
    # Oldest first: what is sealed first is then what was published first, as a build from nothing would have it.
    for standing in sorted(standings, key=lambda s: (s.published, s.uid)):
        arrival += 1
        _plan_article(sync, standing, ids, old[standing.article_id], arrival)
    write_meta(connection, "arrivals", str(arrival))
    return sync


def _plan_article(
    sync: _Sync, standing: Standing, ids: dict[tuple[str, str], int], old: dict[int, Member], arrival: int
) -> None:
    wanted = {ids[scope, key]: spelling for scope, key, spelling in standing.terms} if standing.live else {}
    if standing.live:
        sync.returned.add(standing.uid)
    for feed_id in sorted(old.keys() - wanted.keys()):
        member = old[feed_id]
        sync.deletes.append((feed_id, standing.article_id))
        sync.touched.add(feed_id)
        sync.dirty |= _documents(member)
        if not standing.live:
            sync.withdrawn.append((feed_id, standing.uid))
            sync.dirty.add((feed_id, 0))
    for feed_id in sorted(wanted.keys() & old.keys()):
        _plan_member(sync, standing, old[feed_id], wanted[feed_id], arrival)
    new = wanted.keys() - old.keys()
    published = to_micros(standing.published)
    sync.inserts += [(feed_id, standing.article_id, published, arrival, wanted[feed_id]) for feed_id in new]
    sync.touched |= new
    sync.dirty.update((feed_id, 0) for feed_id in new)


def _plan_member(sync: _Sync, standing: Standing, member: Member, spelling: str, arrival: int) -> None:
    """A member stays; a corrected one comes back to the subscription document (RFC 5005 §4: archives do not change)."""
    if spelling != member.spelling:
        sync.touched.add(member.feed_id)
    is_moved = standing.published != member.published
    if standing.is_revised or is_moved:
        sync.dirty.add((member.feed_id, 0))
    comes_back = standing.is_revised and not member.open
    if comes_back:
        sync.reopened.add(member.feed_id)
    if standing.is_revised or is_moved or spelling != member.spelling:
        change = {"feed_id": member.feed_id, "article_id": standing.article_id, "published": standing.published}
        change |= {"spelling": spelling, "open": member.open or comes_back}
        # A correction is not to be sealed into an archive before anybody has seen it.
        sync.updates.append(change | ({"arrival": arrival} if standing.is_revised else {}))


def _documents(member: Member) -> set[tuple[int, int]]:
    """The documents that hold a member."""
    documents = {(member.feed_id, 0)} if member.open else set()
    return documents | ({(member.feed_id, member.archive)} if member.archive else set())


def _feed_ids(
    connection: Connection, site: Site, standings: Iterable[Standing]
) -> tuple[dict[tuple[str, str], int], set[int]]:
    """Ids of the feeds that the articles want, and which of them are new.

    The site's and the combined ones always exist. New feeds get their name and their count: nothing else is in them.
    """
    # As ``_plan_article`` sees them: the last spelling of a term counts.
    live = ({(term[0], term[1]): term for term in standing.terms} for standing in standings if standing.live)
    counts = Counter(chain.from_iterable(terms.values() for terms in live))
    spellings: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    spellings[str(Scope.SITE), ""][""] = 0
    for combined in site.combined:
        spellings[str(Scope.COMBINED), fold(combined.name)][combined.name] = 0
    for (scope, key, spelling), count in counts.items():
        spellings[scope, key][spelling] = count
    ids = feed_rows.feed_ids(connection, spellings.keys())
    new = _create_feeds(connection, site, {term: spellings[term] for term in sorted(spellings.keys() - ids.keys())})
    return ids | new, set(new.values())


def _create_feeds(
    connection: Connection, site: Site, spellings: dict[tuple[str, str], dict[str, int]]
) -> dict[tuple[str, str], int]:
    if not spellings:
        return {}
    taken = {scope: feed_rows.taken_slugs(connection, scope) for scope in {scope for scope, _ in spellings}}
    id_ = feed_rows.last_feed_id(connection)
    rows, ids = [], {}
    for (scope, key), counts in spellings.items():
        id_ += 1
        name = display_name(counts)
        wanted = site.slugs.get((scope, key)) or name
        slug = "" if scope == Scope.SITE else new_slug(wanted, key, taken[scope])
        taken[scope].add(slug)
        rows.append((id_, scope, key, name, slug, sum(counts.values())))
        ids[scope, key] = id_
    feed_rows.insert_feeds(connection, rows)
    return ids


def _seal(connection: Connection, publication: Publication, ids: Collection[int] | None) -> set[tuple[int, int]]:
    """Move what has been open longest into archives until the window fits; returns the documents that this changes."""
    dirty: set[tuple[int, int]] = set()
    full = feed_rows.overfull(connection, ids, publication.limit)
    rows = feed_rows.feed_rows(connection, full)
    members: list[dict[str, Any]] = []
    counters: list[dict[str, Any]] = []
    for feed_id in full:
        if Scope(rows[feed_id].scope) not in publication.archived_scopes:
            continue
        changes, newest, documents = _seal_feed(connection, publication, feed_id, rows[feed_id].archives)
        members += changes
        counters.append({"id": feed_id, "archives": newest})
        dirty |= documents
    feed_rows.update_members(connection, members)
    feed_rows.update_feeds(connection, counters)
    return dirty


def _seal_feed(
    connection: Connection, publication: Publication, feed_id: int, newest: int
) -> tuple[list[dict[str, Any]], int, set[tuple[int, int]]]:
    changes: list[dict[str, Any]] = []
    # The archive that was the newest gains a link to the next one.
    dirty = {(feed_id, 0), (feed_id, newest)} if newest else {(feed_id, 0)}
    members = list(feed_rows.open_members(connection, feed_id))
    while len(members) > publication.limit:
        oldest, members = members[: publication.page], members[publication.page :]
        # A correction goes back to the archive that always held it; its set of entries never changes.
        homes = {article_id: archive for article_id, archive in oldest if archive}
        for some in _archives([article_id for article_id, archive in oldest if not archive], is_first=newest == 0):
            newest += 1
            homes |= dict.fromkeys(some, newest)
        changes += [{"feed_id": feed_id, "article_id": id_, "open": False, "archive": n} for id_, n in homes.items()]
        dirty |= {(feed_id, archive) for archive in homes.values()}
    return changes, newest, dirty


def _archives(ids: Sequence[int], *, is_first: bool) -> list[Sequence[int]]:
    """The members of new archives. The first page makes two: validators want every archive to have a neighbour."""
    half = (len(ids) + 1) // 2
    parts = [ids[:half], ids[half:]] if is_first else [ids]
    return [part for part in parts if part]


def _forget_unwanted_archives(connection: Connection, publication: Publication) -> None:
    """Archives were switched off for a scope: its members are all open again."""
    unwanted = [
        row.id
        for row in feed_rows.feed_rows(connection).values()
        if row.archives and Scope(row.scope) not in publication.archived_scopes
    ]
    feed_rows.reopen_all(connection, unwanted)


def _count_and_name(connection: Connection, ids: Collection[int]) -> tuple[set[int], bool]:
    """Feeds whose name changed, and whether any name or count did."""
    counts = feed_rows.spelling_counts(connection, ids)
    changes = []
    renamed = set()
    for id_, row in feed_rows.feed_rows(connection, ids).items():
        spellings = counts.get(id_, {})
        name = display_name(spellings) if spellings else row.name
        members = sum(spellings.values())
        if (name, members) != (row.name, row.members):
            changes.append({"id": id_, "name": name, "members": members})
        if name != row.name:
            renamed.add(id_)
    feed_rows.update_feeds(connection, changes)
    return renamed, bool(changes)
