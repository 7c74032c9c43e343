"""Rows of the articles: functions that take a connection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, update

from feeds.store.packs import Stored
from feeds.store.schema import article, former_article

T = TypeVar("T")

#: SQLite takes 32,766 variables in one statement, PostgreSQL 65,535; fewer keep the statement cache useful.
CHUNK = 500
#: Reference -> address, or None; as the column ``references`` holds it.
_References = dict[str, str | None]


class KnownFile(Struct, frozen=True):
    """An article's row as far as the scan needs it."""

    id: int
    mtime_ns: int
    size: int


def chunks(values: Sequence[T]) -> Iterable[Sequence[T]]:
    """Pieces small enough for one statement."""
    return (values[i : i + CHUNK] for i in range(0, len(values), CHUNK))


def known_files(connection: Connection) -> dict[str, KnownFile]:
    """Every article file that we know, by path."""
    columns = (article.c.path, article.c.id, article.c.mtime_ns, article.c.size)
    rows = connection.execute(select(*columns).where(article.c.kind == "article"))
    return {path: KnownFile(id_, mtime_ns, size) for path, id_, mtime_ns, size in rows}


def rows_by_path(connection: Connection, paths: Collection[str]) -> dict[str, Row[Any]]:
    """Whole rows of some articles."""
    found: dict[str, Row[Any]] = {}
    for some in chunks(sorted(paths)):
        found.update({row.path: row for row in connection.execute(select(article).where(article.c.path.in_(some)))})
    return found


def paths_due(connection: Connection, now: datetime) -> set[str]:
    """Articles whose time has come (to appear, expire or count as modified), and those that sources say others of."""
    is_over = article.c.expires <= now
    may_appear = (
        ~article.c.live & ~article.c.draft & (article.c.appears <= now) & (article.c.expires.is_(None) | ~is_over)
    )
    live_due = article.c.live & or_(is_over, article.c.renews <= now)
    due = or_(may_appear, live_due, article.c.stale) & (article.c.kind == "article")
    return set(connection.execute(select(article.c.path).where(~article.c.quarantined, due)).scalars())


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """The next moment at which an article appears, expires or counts as modified by itself."""
    appears = select(func.min(article.c.appears)).where(~article.c.draft, article.c.appears > now)
    expires = select(func.min(article.c.expires)).where(article.c.live, article.c.expires > now)
    renews = select(func.min(article.c.renews)).where(article.c.live, article.c.renews > now)
    moments = [connection.execute(query).scalar() for query in (appears, expires, renews)]
    return min((moment for moment in moments if moment is not None), default=None)


def references(connection: Connection) -> dict[str, dict[str, str | None]]:
    """Path -> what the article refers to, and where that led when it was rendered; of articles that refer to any."""
    query = select(article.c.path, article.c.references).where(article.c.references.is_not(None))
    return {path: msgspec.json.decode(stored, type=_References) for path, stored in connection.execute(query)}


def known_references(row: Row[Any]) -> dict[str, str]:
    """Where the references of an article led when it was rendered: reference -> address."""
    return led(msgspec.json.decode(row.references, type=_References)) if row.references else {}


def led(references: Mapping[str, str | None]) -> dict[str, str]:
    """Those of the references that led somewhere."""
    return {reference: address for reference, address in references.items() if address is not None}


def pages(connection: Connection) -> dict[str, tuple[str, str]]:
    """Path -> (address, title) of every article that stands in feeds."""
    query = select(article.c.path, article.c.url, article.c.title).where(article.c.kind == "article", article.c.live)
    return {path: (url, title) for path, url, title in connection.execute(query)}


def shared_addresses(connection: Connection, urls: Collection[str] | None) -> list[list[str]]:
    """[address, path, path …] of each of these addresses (or of all) that several articles in feeds have, in order."""
    ours = select(article.c.url, article.c.path).where(article.c.kind == "article", article.c.live)
    spellings = sorted({spelling for url in urls or () for spelling in (url.rstrip("/"), f"{url.rstrip('/')}/")})
    parts = [ours] if urls is None else [ours.where(article.c.url.in_(some)) for some in chunks(spellings)]
    owners: dict[str, list[str]] = {}
    for url, path in sorted(tuple(row) for part in parts for row in connection.execute(part)):
        owners.setdefault(url.rstrip("/"), [url]).append(path)
    return [[url, *sorted(paths)] for url, *paths in owners.values() if len(paths) > 1]


def touch_files(connection: Connection, stats: Iterable[tuple[int, int, int]]) -> None:
    """Keep (id, mtime_ns, size) of files whose content turned out to be the same."""
    values = [{"row": id_, "mtime_ns": mtime_ns, "size": size} for id_, mtime_ns, size in stats]
    if values:
        connection.execute(update(article).where(article.c.id == bindparam("row")), values)


def last_id(connection: Connection) -> int:
    """The highest id in use; new rows are numbered by the caller."""
    return int(connection.execute(select(func.coalesce(func.max(article.c.id), 0))).scalar_one())


def insert_rows(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add articles; every mapping has the same keys."""
    if rows:
        connection.execute(insert(article), list(rows))


def update_rows(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Change articles by ``id``; every mapping has the same keys."""
    values = [{"row": row["id"], **{key: value for key, value in row.items() if key != "id"}} for row in rows]
    if values:
        connection.execute(update(article).where(article.c.id == bindparam("row")), values)


def delete_rows(connection: Connection, ids: Collection[int]) -> None:
    """Forget articles; their memberships must be gone already."""
    for some in chunks(sorted(ids)):
        connection.execute(delete(article).where(article.c.id.in_(some)))


def owners_of(connection: Connection, uids: Collection[str]) -> dict[str, int]:
    """Article id by uid."""
    found: dict[str, int] = {}
    for some in chunks(sorted(uids)):
        rows = connection.execute(select(article.c.uid, article.c.id).where(article.c.uid.in_(some)))
        found.update((uid, id_) for uid, id_ in rows)
    return found


def owner_finder(connection: Connection, uids: Collection[str]) -> Callable[[str], int | None]:
    """Tells which article has an id: its number, 0 for one that left, None for no one.

    ``uids`` are looked up at once, others when they are asked for.
    """
    known: dict[str, int | None] = dict.fromkeys(uids)

    def look_up(some: Collection[str]) -> None:
        known.update(dict.fromkeys(_former_uids(connection, some), 0) | owners_of(connection, some))

    def owner_of(uid: str) -> int | None:
        if uid not in known:
            known[uid] = None
            look_up([uid])
        return known[uid]

    look_up(uids)
    return owner_of


def _former_uids(connection: Connection, uids: Collection[str]) -> set[str]:
    column = former_article.c.uid
    found = (connection.execute(select(column).where(column.in_(some))).scalars() for some in chunks(sorted(uids)))
    return {uid for some in found for uid in some}


#: What former articles are found by.
_FORMER_KEYS = tuple(former_article.c[key] for key in ("uid", "path", "digest", "named_id", "url", "title"))


def former_articles(connection: Connection, names: Collection[str]) -> list[Row[Any]]:
    """Articles that left and had one of these as id, named id, path, digest, address or title."""
    if not names or connection.execute(select(former_article.c.uid).limit(1)).first() is None:
        return []
    found: dict[str, Row[Any]] = {}
    for some in chunks(sorted(names)):
        for column in _FORMER_KEYS:
            rows = connection.execute(select(former_article).where(column.in_(some)))
            found.update((row.uid, row) for row in rows)
    return list(found.values())


def keep_former(connection: Connection, rows: Iterable[Row[Any]]) -> None:
    """Keep what is to be known of articles that leave."""
    names = [column.name for column in former_article.columns]
    values = [{name: getattr(row, name) for name in names} for row in rows if row.uid]
    forget_former(connection, [value["uid"] for value in values])
    if values:
        connection.execute(insert(former_article), values)


def forget_former(connection: Connection, uids: Collection[str]) -> None:
    """They are back."""
    for some in chunks(sorted(uids)):
        connection.execute(delete(former_article).where(former_article.c.uid.in_(some)))


def termless_paths(connection: Connection) -> set[str]:
    """Articles whose terms are inferred."""
    query = select(article.c.path).where(article.c.termless, ~article.c.quarantined, ~article.c.draft)
    return set(connection.execute(query).scalars())


class Entry(Struct, frozen=True):
    """What a document needs of an article: its id, its date and where its rendered entries lie."""

    uid: str
    updated: datetime
    stored: Stored


def entries_by_id(connection: Connection, ids: Collection[int] | None = None) -> dict[int, Entry]:
    """Rendered entries of some articles, or of all."""
    columns = (
        article.c.id,
        article.c.uid,
        article.c.updated,
        article.c.pack,
        article.c.pack_offset,
        article.c.pack_lengths,
        article.c.entry_hash,
    )
    query = select(*columns).where(article.c.entry_hash.is_not(None))
    parts = [query] if ids is None else [query.where(article.c.id.in_(some)) for some in chunks(sorted(ids))]
    found: dict[int, Entry] = {}
    for part in parts:
        for id_, uid, updated, pack, offset, lengths, digest in connection.execute(part):
            found[id_] = Entry(uid, updated, Stored(pack, offset, tuple(map(int, lengths.split())), digest))
    return found


def rendered_bytes(connection: Connection) -> int:
    """How long all rendered entries are that some feed may need."""
    lengths = connection.execute(select(article.c.pack_lengths).where(article.c.entry_hash.is_not(None))).scalars()
    return sum(sum(map(int, text.split())) for text in lengths)


def quarantined_paths(connection: Connection) -> list[str]:
    """The articles that cannot be read now."""
    return list(
        connection.execute(select(article.c.path).where(article.c.quarantined).order_by(article.c.path)).scalars()
    )


def rows_by_id(connection: Connection, ids: Collection[int]) -> dict[int, Row[Any]]:
    """Whole rows of some articles."""
    found: dict[int, Row[Any]] = {}
    for some in chunks(sorted(ids)):
        found.update({row.id: row for row in connection.execute(select(article).where(article.c.id.in_(some)))})
    return found


def entries_outside(connection: Connection, generation: str) -> dict[int, Entry]:
    """Rendered entries in packs of other generations; ``generation`` is what the names of its packs begin with."""
    query = select(article.c.id).where(article.c.entry_hash.is_not(None), ~article.c.pack.startswith(generation))
    return entries_by_id(connection, set(connection.execute(query).scalars()))


def place_entries(connection: Connection, places: Mapping[int, Stored | None]) -> None:
    """Keep where rendered entries lie now; None for those that are lost."""
    update_rows(connection, [{"id": id_, **place_values(stored)} for id_, stored in places.items()])


def place_values(stored: Stored | None) -> dict[str, Any]:
    """The columns that say where an entry lies."""
    return {
        "entry_hash": stored.digest if stored else None,
        "pack": stored.pack if stored else None,
        "pack_offset": stored.offset if stored else None,
        "pack_lengths": " ".join(map(str, stored.lengths)) if stored else None,
    }


def all_rows(connection: Connection) -> list[Row[Any]]:
    """Whole rows of all articles."""
    return list(connection.execute(select(article).where(article.c.kind == "article")))


def count_articles(connection: Connection) -> int:
    """Articles that stand in feeds."""
    ours = (article.c.kind == "article") & article.c.live
    return connection.execute(select(func.count()).select_from(article).where(ours)).scalar_one()


def newest_published(connection: Connection) -> datetime | None:
    """The date of the newest article that stands in feeds; None without any."""
    ours = (article.c.kind == "article") & article.c.live
    newest: datetime | None = connection.execute(select(func.max(article.c.published)).where(ours)).scalar_one()
    return newest
