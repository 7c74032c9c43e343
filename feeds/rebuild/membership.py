"""Keep the memberships in step with the articles: who stands in which feed, and what that makes dirty."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import neg
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Connection, Row

from feeds.model import Scope
from feeds.publish.select import Publication, new_slug
from feeds.publish.terms import display_name, fold
from feeds.rebuild.term_names import TermNames
from feeds.rebuild.values import Site
from feeds.sites.description import TermPage
from feeds.store import feed_rows
from feeds.store.feed_rows import Member, Place, Topic
from feeds.store.schema import to_micros

_NO_PAGE = TermPage("")


class Standing(Struct, frozen=True, kw_only=True):
    """An article that was read, appeared, expired or vanished, as the feeds see it."""

    article_id: int
    uid: str
    #: False for drafts, articles of the future, expired and vanished ones.
    live: bool
    #: Its date or its publishDate, whichever is later: what feeds are sorted by.
    appeared: datetime
    #: The feeds that it belongs to; none unless live.
    terms: tuple[Place, ...]
    #: Those of them that are a term of the site's generator: which one.
    named: Mapping[Topic, str] = field(default_factory=dict)
    #: Its rendered entry differs from the one that stands in the feeds.
    is_revised: bool
    #: It was not in the store before.
    is_new: bool


class _Sync(Struct):
    """What one sync will write, and where feeds differ from before."""

    #: (feed id, article id, appeared in microseconds, spelling, named)
    inserts: list[tuple[int, int, int, str, str | None]] = field(default_factory=list)
    deletes: list[tuple[int, int]] = field(default_factory=list)
    #: (feed id, article id, appeared, spelling, named)
    updates: list[tuple[int, int, datetime, str, str | None]] = field(default_factory=list)
    withdrawn: list[tuple[int, str]] = field(default_factory=list)
    returned: set[str] = field(default_factory=set)
    #: Feeds to be counted and named anew.
    touched: set[int] = field(default_factory=set)
    #: Feed id -> the earliest moment (in microseconds) at which an item came, went or moved: all newer ones shift.
    shifted: dict[int, int] = field(default_factory=dict)
    #: Feed id -> moments of the items that stay where they are and say another thing.
    revised: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def shift(self, feed_id: int, moment: int) -> None:
        """An item came or went at a moment."""
        self.shifted[feed_id] = min(moment, self.shifted.get(feed_id, moment))


def sync_memberships(  # noqa: PLR0913 (what changed, and what it is judged by)
    connection: Connection,
    site: Site,
    standings: Sequence[Standing],
    names: TermNames,
    *,
    now: datetime,
    is_full: bool,
) -> bool:
    """Bring memberships, tombstones, names and counts up to date; mark the documents that this makes dirty.

    Returns True when the list of feeds (their names, their counts) changed. ``is_full`` recounts everything, and marks
    nothing: the caller has everything written.
    """
    ids, created = _feed_ids(connection, site, standings, names)
    sync = _plan(connection, standings, ids)
    feed_rows.delete_members(connection, sync.deletes)
    feed_rows.insert_members(connection, sync.inserts)
    feed_rows.update_members(connection, sync.updates)
    told = feed_rows.remove_tombstones(connection, sync.returned)
    feed_rows.add_tombstones(connection, sync.withdrawn, now)
    affected = None if is_full else sync.touched | sync.shifted.keys() | sync.revised.keys()
    rows = feed_rows.feed_rows(connection, affected)
    counted = (rows.keys() if is_full else sync.touched) - created
    renamed, counts = _count_and_name(connection, {id_: rows[id_] for id_ in counted}, names)
    if not is_full:
        dirty = {(feed_id, 0) for feed_id in told}
        for id_, row in rows.items():
            before = 0 if id_ in created else row.members
            size = Size(before, counts.get(id_, row.members))
            shifted = 0 if id_ in renamed or not row.published else sync.shifted.get(id_)
            dirty |= _changed_documents(
                connection, site.publication, row, size, shifted=shifted, revised=sync.revised[id_]
            )
        dirty |= _renamed_languages(connection, rows.values(), created, counts)
        feed_rows.mark_dirty(connection, dirty)
    return bool(created or renamed) or any(rows[id_].members != members for id_, members in counts.items())


def _plan(connection: Connection, standings: Sequence[Standing], ids: dict[Topic, int]) -> _Sync:
    old: dict[int, dict[int, Member]] = defaultdict(dict)
    for member in feed_rows.members_of_articles(connection, [s.article_id for s in standings if not s.is_new]):
        old[member.article_id][member.feed_id] = member
    sync = _Sync()
    for standing in standings:
        _plan_article(sync, standing, ids, old[standing.article_id])
    return sync


def _plan_article(sync: _Sync, standing: Standing, ids: dict[Topic, int], old: dict[int, Member]) -> None:
    named = standing.named
    places = standing.terms if standing.live else ()
    wanted = {ids[place[:3]]: (place[3], named.get(place[:3])) for place in places}
    if standing.live:
        sync.returned.add(standing.uid)
    for feed_id in old.keys() - wanted.keys():
        sync.deletes.append((feed_id, standing.article_id))
        sync.touched.add(feed_id)
        sync.shift(feed_id, to_micros(old[feed_id].appeared))
        if not standing.live:
            sync.withdrawn.append((feed_id, standing.uid))
    for feed_id in wanted.keys() & old.keys():
        _plan_member(sync, standing, old[feed_id], wanted[feed_id])
    new = wanted.keys() - old.keys()
    moment = to_micros(standing.appeared)
    for feed_id in new:
        sync.inserts.append((feed_id, standing.article_id, moment, *wanted[feed_id]))
        sync.shift(feed_id, moment)
    sync.touched |= new


def _plan_member(sync: _Sync, standing: Standing, member: Member, words: tuple[str, str | None]) -> None:
    """A member stays, perhaps at another place, perhaps with other words: spelling and ``named``."""
    is_moved = standing.appeared != member.appeared
    is_other = words != (member.spelling, member.named)
    if is_other:
        sync.touched.add(member.feed_id)
    if is_moved:
        sync.shift(member.feed_id, to_micros(min(standing.appeared, member.appeared)))
    if standing.is_revised:
        sync.revised[member.feed_id].add(to_micros(standing.appeared))
    if is_moved or is_other:
        sync.updates.append((member.feed_id, standing.article_id, standing.appeared, *words))


# -- which documents that changes --------------------------------------------------------------------------------------


class Size(Struct, frozen=True):
    """How many items a feed had, and has."""

    before: int
    now: int


def _changed_documents(  # noqa: PLR0913 (a feed, and what became of it)
    connection: Connection,
    publication: Publication,
    row: Row[Any],
    size: Size,
    *,
    shifted: int | None,
    revised: Collection[int],
) -> set[tuple[int, int]]:
    """The documents of a feed whose items or links differ from before; one that is no more is among them, too.

    Items of one moment stand in the order of their ids, which may have changed as well: all of them count as changed.
    """
    scope = Scope(row.scope)
    before, now = publication.archives(scope, size.before), publication.archives(scope, size.now)
    if shifted is None and not revised:
        return set()
    since = min([*revised, *([] if shifted is None else [shifted])])
    # Without archives only the subscription document asks, and only for what was revised.
    limit = None if before or now else publication.limit
    moments = feed_rows.newest_moments(connection, row.id, since=since, limit=limit) if limit is None or revised else []
    changed: set[int] = set()
    if shifted is not None:
        # Where it begins to differ, counted from the oldest; a page whose neighbour came or went differs, too.
        first = (size.now - _newer(moments, shifted - 1)) // publication.page + 1
        changed |= {0, *range(min(first, before or 1, now or 1) if before != now else first, max(before, now) + 1)}
    for moment in revised:
        newer, as_new = _newer(moments, moment), _newer(moments, moment - 1)
        changed |= {0} if newer < publication.limit else set()
        oldest, newest = (size.now - as_new) // publication.page, (size.now - newer - 1) // publication.page
        changed |= set(range(oldest + 1, min(newest + 1, now) + 1))
    return {(row.id, archive) for archive in changed}


def _renamed_languages(
    connection: Connection, rows: Iterable[Row[Any]], created: Collection[int], counts: Mapping[int, int]
) -> set[tuple[int, int]]:
    """The feeds of all articles, when one of a language comes to be: they name each other."""
    sites = [row for row in rows if row.edition and row.scope == Scope.SITE and not row.published]
    if not any(counts.get(row.id, row.members) and (row.id in created or not row.members) for row in sites):
        return set()
    return {(id_, 0) for id_, row in feed_rows.feed_rows(connection).items() if row.scope == Scope.SITE}


def _newer(moments: Sequence[int], moment: int) -> int:
    """How many of the moments, newest first, are later than one."""
    return bisect_left(moments, -moment, key=neg)


# -- which feeds there are ---------------------------------------------------------------------------------------------


def _feed_ids(
    connection: Connection, site: Site, standings: Sequence[Standing], names: TermNames
) -> tuple[dict[Topic, int], set[int]]:
    """Ids of the feeds that the articles want, and which of them are new.

    The site's and the combined ones always exist. New feeds get their name and their count: nothing else is in them.
    """
    # As ``_plan_article`` sees them: the last spelling of a term counts.
    live = ({place[:3]: place for place in standing.terms} for standing in standings if standing.live)
    counts = Counter(chain.from_iterable(places.values() for places in live))
    spellings: dict[Topic, dict[str, int]] = defaultdict(dict)
    for edition in site.publication.editions or ("",):
        spellings[edition, str(Scope.SITE), ""][""] = 0
        for combined in site.combined:
            spellings[edition, str(Scope.COMBINED), fold(combined.name)][combined.name] = 0
    for (edition, scope, key, spelling), count in counts.items():
        spellings[edition, scope, key][spelling] = count
    ids = feed_rows.feed_ids(connection, spellings.keys())
    created = {topic: spellings[topic] for topic in sorted(spellings.keys() - ids.keys())}
    new = _create_feeds(connection, site, created, _own_pages(standings, names, created))
    return ids | new, set(new.values())


def _own_pages(
    standings: Iterable[Standing], names: TermNames, created: Mapping[Topic, object]
) -> dict[Topic, TermPage]:
    """The pages that the site has of the terms of new feeds."""
    if names.are_ours or not created:
        return {}
    counts: dict[Topic, Counter[str]] = defaultdict(Counter)
    for standing in standings:
        for topic, named in standing.named.items() if standing.live else ():
            counts[topic][named] += 1
    return {topic: names.page(topic[0], counts[topic]) for topic in created.keys() & counts.keys()}


def _create_feeds(
    connection: Connection,
    site: Site,
    spellings: Mapping[Topic, dict[str, int]],
    pages: Mapping[Topic, TermPage],
) -> dict[Topic, int]:
    if not spellings:
        return {}
    taken = {at: feed_rows.taken_slugs(connection, *at) for at in {topic[:2] for topic in spellings}}
    id_ = feed_rows.last_feed_id(connection)
    rows, ids, found = [], {}, []
    for topic, counts in spellings.items():
        edition, scope, key = topic
        id_ += 1
        name = display_name(counts)
        page = pages.get(topic, _NO_PAGE)
        wanted = site.slugs.get((scope, key)) or page.slug or name
        slug = "" if scope == Scope.SITE else new_slug(wanted, key, taken[edition, scope])
        taken[edition, scope].add(slug)
        rows.append((id_, edition, scope, key, name, slug, sum(counts.values())))
        ids[topic] = id_
        if page != _NO_PAGE:
            found.append({"id": id_, "title": page.title, "home": page.url})
    feed_rows.insert_feeds(connection, rows)
    feed_rows.update_feeds(connection, found)
    return ids


def _count_and_name(
    connection: Connection, rows: Mapping[int, Row[Any]], names: TermNames
) -> tuple[set[int], dict[int, int]]:
    """Feeds whose name or page changed, and how many members each has now."""
    spellings = feed_rows.spelling_counts(connection, rows.keys())
    changes = []
    renamed = set()
    counts = {id_: sum(spellings.get(id_, {}).values()) for id_ in rows}
    for id_, row in rows.items():
        name = display_name(spellings[id_]) if id_ in spellings else row.name
        if (name, counts[id_]) != (row.name, row.members):
            changes.append({"id": id_, "name": name, "members": counts[id_]})
        if name != row.name:
            renamed.add(id_)
    feed_rows.update_feeds(connection, changes)
    pages = names.changes(connection, rows)
    feed_rows.update_feeds(connection, [{"id": id_, **values} for id_, values in pages.items()])
    return renamed | pages.keys(), counts
