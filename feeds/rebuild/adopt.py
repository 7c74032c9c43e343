"""Items made of sources' entries: entries beside the articles that cite them, and the feeds for the editor.

They are rows among the articles, so they are rendered, listed and withdrawn on the same road.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection, Row

from feeds.content.branches import BranchIndex
from feeds.meet.gaps import Desk, find_gaps
from feeds.meet.pieces import followed, read_entry, stories
from feeds.model import Item, Scope
from feeds.polled import Entry
from feeds.publish.adopt import change_item, entry_item, gap_item
from feeds.publish.terms import fold
from feeds.rebuild.membership import Standing, sync_memberships
from feeds.rebuild.term_names import TermNames
from feeds.rebuild.values import Plan
from feeds.rebuild.workers import Crew
from feeds.store import adopt_rows, article_rows, change_rows, feed_rows, match_rows
from feeds.store.adopt_rows import TO_ADOPT, FullEntry, PageChange
from feeds.store.change_rows import EntryChange
from feeds.store.feed_rows import Place
from feeds.store.packs import Stored
from feeds.store.sql import write_meta

#: RFC 6721 §3: what comes back is newer than its tombstone.
_AFTER = timedelta(seconds=1)


class _Wanted(Struct, frozen=True, kw_only=True):
    """An item that is to stand in feeds."""

    #: The kind and a number: "entry:12", "gap:12", "change:3".
    path: str
    terms: tuple[Place, ...]
    #: Hash of all that it is made of but its terms.
    source: str
    make: Callable[[], Item]

    @property
    def digest(self) -> str:
        """Hash of all that it is made of."""
        return _hash(self.source, self.terms)


class Adopter:
    """One pass over all items made of entries, within one transaction."""

    def __init__(self, connection: Connection, plan: Plan, team: Crew, sections: BranchIndex, *, now: datetime) -> None:
        self._connection = connection
        self._plan = plan
        self._site = plan.site
        self._team = team
        self._names = TermNames(plan.site, sections)
        self._now = now
        self._edition = plan.site.publication.default
        self._feeds = followed(plan.site.sources)
        self._known = adopt_rows.adopted(connection)
        #: What articles cite and cover: article id -> entry ids, and the other way round.
        self._by_article: dict[int, set[int]] = {}
        self._by_entry: dict[int, set[int]] = {}
        for row in match_rows.published(connection):
            if row.feed in self._feeds:
                self._by_article.setdefault(row.article_id, set()).add(row.entry_id)
                self._by_entry.setdefault(row.entry_id, set()).add(row.article_id)

    def adopt(self) -> bool:
        """Bring the items up to date; True when the list of feeds changed."""
        wanted = {one.path: one for one in self._wanted()}
        changed = [one for one in wanted.values() if self._is_changed(one)]
        leaving = [row for path, row in self._known.items() if path not in wanted]
        # Another entry of the same story may take the place of one that leaves, and its id.
        article_rows.update_rows(self._connection, [{"id": row.id, "uid": None} for row in leaving])
        standings = [*self._keep(changed), *map(_leaving, leaving)]
        is_list_changed = False
        if standings:
            is_list_changed = sync_memberships(
                self._connection, self._site, standings, self._names, now=self._now, is_full=self._plan.is_full
            )
        article_rows.delete_rows(self._connection, [row.id for row in leaving])
        write_meta(self._connection, TO_ADOPT, "")
        return is_list_changed

    def _is_changed(self, one: _Wanted) -> bool:
        row = self._known.get(one.path)
        return self._plan.is_full or row is None or row.digest != one.digest or row.entry_hash is None

    # -- what is wanted ----------------------------------------------------------------------------------------------

    def _wanted(self) -> Iterator[_Wanted]:
        if self._site.entries:
            yield from self._entries()
        if Scope.GAPS in self._site.editor:
            yield from self._gaps()
        if Scope.CHANGES in self._site.editor:
            yield from self._changes()

    def _entries(self) -> Iterator[_Wanted]:
        """Entries that stand among articles, each story once: the one seen first, in the feeds of all its twins."""
        terms = self._terms_of_entries()
        fulls = [full for full in adopt_rows.full_entries(self._connection, terms.keys()) if full.feed in self._feeds]
        for twins in stories(fulls, self._feeds):
            together = dict.fromkeys(term for twin in twins for term in sorted(terms[twin.id]))
            yield _Wanted(
                path=f"entry:{twins[0].id}",
                terms=tuple(together),
                source=_hash(twins[0].hash, twins[0].at),
                make=self._maker(entry_item, twins[0]),
            )

    def _terms_of_entries(self) -> dict[int, set[Place]]:
        """Entry id -> the feeds that it is to stand in."""
        found: dict[int, set[Place]] = {}
        places = adopt_rows.places(self._connection, self._by_article, self._site.entries)
        for article_id, place in places:
            for entry_id in self._by_article[article_id]:
                found.setdefault(entry_id, set()).add(place)
        for entry_id, term in self._terms_of_all():
            found.setdefault(entry_id, set()).add(term)
        return found

    def _terms_of_all(self) -> Iterator[tuple[int, Place]]:
        """Of scopes that take all entries: the site's; a source's own; those of a category that is a term of ours.

        Where the site has several languages, what no article decides stands in feeds of the default one.
        """
        every = {scope for scope, which in self._site.entries.items() if which == "all"}
        if not every:
            return
        terms = self._terms_by_key(every)
        for full in adopt_rows.full_entries(self._connection, adopt_rows.entry_ids(self._connection)):
            if full.feed not in self._feeds:
                continue
            if Scope.SITE in every:
                yield full.id, (self._edition, str(Scope.SITE), "", "")
            if Scope.SOURCE in every:
                name = self._feeds[full.feed].spec.name
                yield full.id, (self._edition, str(Scope.SOURCE), fold(name), name)
            for category in read_entry(full.said).categories if terms else ():
                for term in terms.get(fold(category), ()):
                    yield full.id, term

    def _terms_by_key(self, scopes: Collection[Scope]) -> dict[str, list[Place]]:
        """Folded name or alias -> the tags and topics that our articles have under it."""
        found: dict[str, list[Place]] = {}
        wanted = [scope for scope in (Scope.TAG, Scope.TOPIC) if scope in scopes]
        for place in feed_rows.vocabulary(self._connection, wanted):
            found.setdefault(place[2], []).append(place)
        for alias, name in (*self._site.rules.tag_aliases.items(), *self._site.rules.topic_aliases.items()):
            found.setdefault(alias, found.get(fold(name), []))
        return found

    # -- the editor's feeds ------------------------------------------------------------------------------------------

    def _gaps(self) -> Iterator[_Wanted]:
        """Entries that no article covers. What was listed once stays until it is covered or has grown old."""
        listed = {int(path.partition(":")[2]) for path in self._known if path.startswith("gap:")}
        publication = self._site.publication.of(self._edition)
        desk = Desk(feeds=self._feeds, language=publication.language, limit=publication.limit)
        for gap in find_gaps(self._connection, desk, covered=self._by_entry.keys(), listed=listed):
            yield _Wanted(
                path=f"gap:{gap.full.id}",
                terms=((self._edition, str(Scope.GAPS), "", ""),),
                source=_hash(gap.full.hash, gap.full.at, gap.reasons),
                make=self._maker(gap_item, gap.full, reasons=gap.reasons),
            )

    def _changes(self) -> Iterator[_Wanted]:
        """What became of entries that articles cite or cover, and of their pages; the newest."""
        happened = change_rows.changes_of(self._connection, self._by_entry)
        changes: dict[str, EntryChange | PageChange] = {str(one.id): one for some in happened.values() for one in some}
        pages = adopt_rows.lost_pages(self._connection, self._by_entry)
        changes |= {f"{page.kind}-{page.entry_id}": page for page in pages}
        newest = sorted(changes.items(), key=lambda pair: (pair[1].at, pair[0]), reverse=True)
        limit = self._site.publication.limit
        # What was told once stays told: older ones leave the document by its limit, without a tombstone.
        told = [pair for n, pair in enumerate(newest) if n < limit or f"change:{pair[0]}" in self._known]
        ids = {change.entry_id for _, change in told}
        fulls = {full.id: full for full in adopt_rows.full_entries(self._connection, ids)}
        named = adopt_rows.articles_of(self._connection, {id_: self._by_entry[id_] for id_ in ids})
        for name, change in told:
            full, articles = fulls[change.entry_id], named[change.entry_id]
            said = {"word": change.kind, "before": change.before, "after": change.after, "articles": articles}
            yield _Wanted(
                path=f"change:{name}",
                terms=((self._edition, str(Scope.CHANGES), "", ""),),
                source=_hash(full.title, change.at, said),
                make=self._maker(change_item, replace(full, at=change.at), **said),
            )

    def _maker(self, make: Callable[..., Item], full: FullEntry, **said: Any) -> Callable[[], Item]:
        name = self._feeds[full.feed].spec.name
        origin = {"source": name, "feed_url": full.feed, "feed_title": name, "at": full.at}
        return lambda: make(self._site.publication.of(self._edition), self._whole(full), **origin, **said)

    def _whole(self, full: FullEntry) -> Entry:
        return replace(read_entry(full.said), content=adopt_rows.content_of(self._connection, full.id))

    # -- keeping -----------------------------------------------------------------------------------------------------

    def _keep(self, changed: Sequence[_Wanted]) -> list[Standing]:
        """Render items and keep their rows; one whose id another item has already is left out."""
        pairs = self._own([(one, self._revived(one.make())) for one in changed])
        rendered = self._team.render([item for _, item in pairs])
        next_id = article_rows.last_id(self._connection)
        inserts: list[dict[str, Any]] = []
        updates: list[dict[str, Any]] = []
        standings = []
        for (one, item), stored in zip(pairs, rendered, strict=True):
            row = self._known.get(one.path)
            next_id += row is None
            id_ = next_id if row is None else row.id
            (inserts if row is None else updates).append(_values(id_, one, item, stored))
            standings.append(_standing(id_, one, item, stored, row))
        article_rows.update_rows(self._connection, updates)
        article_rows.insert_rows(self._connection, inserts)
        return standings

    def _own(self, pairs: Sequence[tuple[_Wanted, Item]]) -> list[tuple[_Wanted, Item]]:
        """Those whose id no other item has: feeds give one id to several entries, or syndicate our own articles."""
        owners = article_rows.owners_of(self._connection, {item.id for _, item in pairs})
        taken = {uid for uid, id_ in owners.items() if id_ not in {row.id for row in self._known.values()}}
        own = []
        for one, item in pairs:
            if item.id not in taken:
                taken.add(item.id)
                own.append((one, item))
        return own

    def _revived(self, item: Item) -> Item:
        withdrawn = self._plan.withdrawals.get(item.id)
        return item if withdrawn is None else replace(item, updated=max(item.updated, withdrawn + _AFTER))


def _values(id_: int, one: _Wanted, item: Item, stored: Stored) -> dict[str, Any]:
    return {
        "id": id_,
        "kind": one.path.partition(":")[0],
        "path": one.path,
        "mtime_ns": 0,
        "size": 0,
        "digest": one.digest,
        "uid": item.id,
        "url": item.url,
        "title": item.title,
        "published": item.published,
        "updated": item.updated,
        "appears": item.published,
        "live": True,
        **article_rows.place_values(stored),
    }


def _standing(id_: int, one: _Wanted, item: Item, stored: Stored, row: Row[Any] | None) -> Standing:
    return Standing(
        article_id=id_,
        uid=item.id,
        live=True,
        appeared=item.published or item.updated,
        terms=one.terms,
        is_revised=row is None or row.entry_hash != stored.digest,
        is_new=row is None,
    )


def _leaving(row: Row[Any]) -> Standing:
    return Standing(
        article_id=row.id, uid=row.uid, live=False, appeared=row.published, terms=(), is_revised=True, is_new=False
    )


def _hash(*parts: object) -> str:
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
