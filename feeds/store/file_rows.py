"""Rows of the manifest, the files of ours under output/: functions that take a connection."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, func, select, update

from feeds.store.article_rows import chunks
from feeds.store.schema import manifest
from feeds.store.sql import insert_many


def files_of(connection: Connection, feed_ids: Collection[int]) -> dict[str, tuple[str, int]]:
    """Path -> (digest, size) of the documents of some feeds."""
    found: dict[str, tuple[str, int]] = {}
    columns = (manifest.c.path, manifest.c.digest, manifest.c.size)
    for some in chunks(sorted(feed_ids)):
        rows = connection.execute(select(*columns).where(manifest.c.feed_id.in_(some)))
        found.update({path: (digest, size) for path, digest, size in rows})
    return found


def files_of_documents(connection: Connection, documents: Collection[tuple[int, int]]) -> dict[str, tuple[str, int]]:
    """Path -> (digest, size) of some documents (feed id, archive)."""
    wanted = set(documents)
    found: dict[str, tuple[str, int]] = {}
    columns = (manifest.c.path, manifest.c.feed_id, manifest.c.archive, manifest.c.digest, manifest.c.size)
    for some in chunks(sorted({feed_id for feed_id, _ in wanted})):
        for path, feed_id, archive, digest, size in connection.execute(
            select(*columns).where(manifest.c.feed_id.in_(some))
        ):
            if (feed_id, archive) in wanted:
                found[path] = (digest, size)
    return found


def file_of(connection: Connection, path: str) -> tuple[str, int] | None:
    """(digest, size) of one file of ours."""
    row = connection.execute(select(manifest.c.digest, manifest.c.size).where(manifest.c.path == path)).first()
    return None if row is None else (row.digest, row.size)


def all_paths(connection: Connection) -> set[str]:
    """Every file of ours."""
    return set(connection.execute(select(manifest.c.path)).scalars())


def count_files(connection: Connection) -> int:
    """How many files of ours there are."""
    return connection.execute(select(func.count()).select_from(manifest)).scalar_one()


#: The columns of the manifest, in the order of ``record_files``.
FILE_COLUMNS = ("path", "feed_id", "archive", "digest", "size")


def record_files(
    connection: Connection, rows: Sequence[tuple[str, int | None, int, str, int]], *, known: Collection[str]
) -> None:
    """Keep what was written (path, feed id, archive, digest, size); ``known`` paths are replaced."""
    forget_files(connection, [row[0] for row in rows if row[0] in known])
    insert_many(connection, manifest, FILE_COLUMNS, rows)


def known_among(connection: Connection, paths: Collection[str]) -> set[str]:
    """Those of the paths that are in the manifest."""
    found: set[str] = set()
    for some in chunks(sorted(paths)):
        found.update(connection.execute(select(manifest.c.path).where(manifest.c.path.in_(some))).scalars())
    return found


def release_files(connection: Connection, feed_ids: Collection[int]) -> None:
    """These feeds are forgotten; their files are still ours."""
    for some in chunks(sorted(feed_ids)):
        connection.execute(update(manifest).where(manifest.c.feed_id.in_(some)).values(feed_id=None))


def forget_files(connection: Connection, paths: Collection[str]) -> None:
    """These files are no longer ours, or no longer there."""
    for some in chunks(sorted(paths)):
        connection.execute(delete(manifest).where(manifest.c.path.in_(some)))


def total_bytes(connection: Connection) -> int:
    """How large they are together."""
    return int(connection.execute(select(func.coalesce(func.sum(manifest.c.size), 0))).scalar_one())
