"""Open the state database, SQLite or PostgreSQL: create or upgrade it, lock it, hand out transactions."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, Table, event, exc, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.util import LRUCache

from feeds.errors import BusyError, StoreError
from feeds.store.schema import meta

#: The newest migration in migrations/versions. A test compares it with the files.
REVISION = "0009"

#: Key of PostgreSQL's advisory lock: "feeds" in ASCII.
_ADVISORY_KEY = 0x6665656473


class Store:
    """The state of one site.

    Every method may raise StoreError. All datetimes are aware, in UTC. A Store belongs to one thread.
    """

    def __init__(self, url: str, *, folder: str) -> None:
        """Open the database at ``url``; ``folder`` is where a relative SQLite path starts and local files are kept."""
        self.url = _absolute(url, Path(folder))
        #: How messages name it: without password, which may also stand among the parameters.
        self.place = self.url.set(query={}).render_as_string(hide_password=True)
        self.engine = self._connect()
        try:
            self._migrate_if_needed()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: all of it is kept, or nothing."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except exc.SQLAlchemyError as error:
            raise StoreError(_explain(self.place, error)) from error

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One moment's view, to read only; others may write meanwhile."""
        try:
            with self.engine.connect().execution_options(**{_READS_ONLY: True}) as connection:
                yield connection
        except exc.SQLAlchemyError as error:
            raise StoreError(_explain(self.place, error)) from error

    def tidy(self) -> None:
        """Let SQLite renew its statistics and shorten its log; PostgreSQL sees to that itself."""
        if self.url.get_backend_name() != "sqlite":
            return
        # Not through SQLAlchemy, which would begin a transaction, and none of these may stand in one.
        with contextlib.closing(self.engine.raw_connection()) as connection:
            try:
                # The log is not worth a wait for those who read: nobody writes as long as it waits.
                for pragma in ("optimize", "busy_timeout=0", "wal_checkpoint(truncate)"):
                    connection.cursor().execute(f"pragma {pragma}").fetchall()
            except sqlite3.Error as error:
                raise StoreError(f"state: {self.place}: {error}") from error
            finally:
                connection.cursor().execute(f"pragma busy_timeout={_PATIENCE_MS}")

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the right to write, for as long as this process lives; raise BusyError when another holds it."""
        is_file = self.url.get_backend_name() == "sqlite"
        with _lock_file(f"{self.url.database}.lock") if is_file else _lock_database(self.engine, self.place):
            yield

    def _connect(self) -> Engine:
        if self.url.get_backend_name() == "sqlite":
            return self._connect_sqlite()
        try:
            return _engine(self.url)
        except ImportError as error:
            raise StoreError(
                f"state: {self.place}: the PostgreSQL driver is not installed (pip install 'feeds[postgresql]')"
            ) from error

    def _connect_sqlite(self) -> Engine:
        path = Path(str(self.url.database))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"state: {path}: cannot be used: {error.strerror} (check the folder)") from error
        engine = _engine(self.url)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _migrate_if_needed(self) -> None:
        try:
            with self.engine.connect() as connection:
                found = _revision(connection)
        except exc.SQLAlchemyError as error:
            raise StoreError(_explain(self.place, error)) from error
        if found == REVISION:
            return
        if found is not None and found > REVISION:
            raise StoreError(
                f"state: {self.place}: was written by a newer version (schema {found}, this one knows {REVISION}; "
                "upgrade feeds, or name another state)"
            )
        # Of two first runs at once, one makes the tables and the other is told that it is busy.
        with self.lock():
            _migrate(self.engine, self.place)


def has_state(url: str, *, folder: str) -> bool:
    """Whether there is a state to open; a server's is taken for granted, a file's is looked for."""
    place = _absolute(url, Path(folder))
    return place.get_backend_name() != "sqlite" or Path(str(place.database)).exists()


def read_meta(connection: Connection, key: str, default: str = "") -> str:
    """A single fact by name."""
    value = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return default if value is None else str(value)


def write_meta(connection: Connection, key: str, value: str) -> None:
    """Keep a single fact by name."""
    if connection.execute(meta.update().where(meta.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(meta.insert().values(key=key, value=value))


def insert_many(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert plain tuples, dates as microseconds.

    A first build inserts 240,000 rows; Core's own executemany spends 12 us on each beside the database's 3.
    """
    if not rows:
        return
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join([mark] * len(columns))
    connection.exec_driver_sql(f'insert into "{table.name}" ({names}) values ({marks})', list(rows))  # noqa: S608 (names are ours)


def _absolute(url: str, folder: Path) -> URL:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        # What stands before the last @ may be a password, and so may a parameter.
        shown = url.rpartition("@")[2].partition("?")[0]
        raise StoreError(f"state: {shown!r}: is not a database URL (try sqlite:///.feeds/state.db)") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return parsed.set(drivername="sqlite", database=str(folder / (parsed.database or ".feeds/state.db")))
    if backend != "postgresql":
        raise StoreError(f"state: {backend}: is not supported (use sqlite:///… or postgresql://…)")
    return parsed.set(drivername="postgresql+psycopg")


def _engine(url: URL) -> Engine:
    """An engine with connections of its own, which has the statements compiled that any before it had."""
    model, statements = _model(url)
    return Engine(model.pool.recreate(), model.dialect, url, execution_options={"compiled_cache": statements})


@lru_cache(maxsize=8)
def _model(url: URL) -> tuple[Engine, LRUCache[Any, Any]]:
    """Compiling takes longer than most statements, and a daemon opens the state several times a tick.

    What is compiled holds for one dialect object alone.
    """
    is_server = url.get_backend_name() != "sqlite"
    return sqlalchemy.create_engine(url, pool_pre_ping=is_server), LRUCache(_STATEMENTS)


#: Execution option of connections that only read.
_READS_ONLY = "feeds_reads_only"
#: How many compiled statements are kept; we have some two hundred.
_STATEMENTS = 500
#: How long a writer waits for its turn. A first build of 50,000 articles holds the state for two minutes.
_PATIENCE_MS = 300_000


def _prepare_sqlite(raw: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late for savepoints and DDL; SQLAlchemy's documentation says to take it over.
    raw.isolation_level = None
    # WAL with NORMAL loses at most the last transactions at a power cut, never consistency (sqlite.org/wal.html).
    for pragma in ("journal_mode=wal", "synchronous=normal", "foreign_keys=on", f"busy_timeout={_PATIENCE_MS}"):
        raw.execute(f"pragma {pragma}")
    # Negative: KiB. A daemon's memory grows until it is full, and four times as much made no rebuild faster: the
    # system keeps the file's pages, too.
    raw.execute("pragma cache_size=-8192")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then wants to write fails at once if another has written in between, however
    # long the timeout (sqlite.org/isolation.html); one that says so at its beginning waits for its turn.
    reads_only = connection.get_execution_options().get(_READS_ONLY)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _revision(connection: Connection) -> str | None:
    if connection.dialect.name == "sqlite":
        present = connection.exec_driver_sql("select 1 from sqlite_master where name = 'alembic_version'").scalar()
    else:
        present = inspect(connection).has_table("alembic_version")
    if not present:
        return None
    found = connection.exec_driver_sql("select version_num from alembic_version").scalar()
    return None if found is None else str(found)


def _migrate(engine: Engine, place: str) -> None:
    """Alembic takes 0.3 s to import, so it is loaded only here."""
    from alembic import command  # noqa: PLC0415 (see the docstring)
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    # The option is a pattern of ConfigParser, where a percent sign is doubled.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        with _references_unwatched(engine) as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except exc.SQLAlchemyError as error:
        raise StoreError(_explain(place, error)) from error
    except CommandError as error:
        raise StoreError(f"state: {place}: has a schema that no version knows (restore it, or delete it)") from error


@contextlib.contextmanager
def _references_unwatched(engine: Engine) -> Iterator[Connection]:
    """A connection on which SQLite does not take a table that is made anew for one that its references lost.

    SQLite changes a constraint by copying the whole table (sqlite.org/lang_altertable.html, 7), and heeds the pragma
    only outside of transactions.
    """
    with engine.connect() as connection:
        is_file = connection.dialect.name == "sqlite"
        raw: Any = connection.connection.driver_connection
        if is_file:
            raw.execute("pragma foreign_keys=off")
        try:
            yield connection
        finally:
            if is_file:
                raw.execute("pragma foreign_keys=on")


#: What the drivers say -> what happened and what to do.
_EXPLANATIONS = (
    ("file is not a database", "is not a state file (restore it, or delete it: the next rebuild makes it anew)"),
    ("malformed", "is damaged (restore it, or delete it: the next rebuild makes it anew)"),
    ("readonly", "cannot be written (check its permissions)"),
    ("unable to open", "cannot be opened (check the folder and its permissions)"),
    ("disk is full", "cannot grow: the disk is full (free some space and run again)"),
    ("disk I/O error", "cannot be read or written: disk I/O error (check the disk)"),
    ("locked", "is locked by another program (try again when it is done)"),
    ("authentication failed", "refuses the user or the password (check the URL)"),
    ("FATAL:  database", "names a database that does not exist (create it, or check the URL)"),
    ("connection", "cannot be reached (check the server and the URL)"),
)


def _explain(place: str, error: exc.SQLAlchemyError) -> str:
    cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    for sign, text in _EXPLANATIONS:
        if sign in cause:
            return f"state: {place}: {text}"
    return f"state: {place}: {cause}"


@contextlib.contextmanager
def _lock_file(path: str) -> Iterator[None]:
    """A lock that the kernel drops when the process and all that it forked are dead, so none is ever stale."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(f"state: {path}: cannot be written: {error.strerror} (check the folder)") from error
    try:
        _take(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: str) -> None:
    try:
        import fcntl  # noqa: PLC0415 (POSIX only)
    except ImportError:  # pragma: no cover (Windows)
        import msvcrt  # noqa: PLC0415

        lock: Any = lambda: msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # noqa: E731
    else:
        lock = lambda: fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # noqa: E731 (twin of the above)
    try:
        lock()
    except (BlockingIOError, PermissionError) as error:  # PermissionError: how Windows says it
        raise BusyError(f"lock: {path}: another run is at work (wait for it to end)") from error
    except OSError as error:
        raise StoreError(f"state: {path}: cannot be locked: {error.strerror} (keep it on a local disk)") from error


@contextlib.contextmanager
def _lock_database(engine: Engine, place: str) -> Iterator[None]:
    """PostgreSQL drops an advisory lock with its connection, should this process be killed."""
    try:
        # In a transaction the server would take the idle connection for a stuck one, and keep old rows for it.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            taken = connection.execute(select(sqlalchemy.func.pg_try_advisory_lock(_ADVISORY_KEY))).scalar()
            if not taken:
                raise BusyError(f"lock: {place}: another run is at work (wait for it to end)")
            try:
                yield
            finally:
                # The pool would keep the connection, and with it the lock.
                connection.execute(select(sqlalchemy.func.pg_advisory_unlock(_ADVISORY_KEY)))
    except exc.SQLAlchemyError as error:
        raise StoreError(_explain(place, error)) from error
