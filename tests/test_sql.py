from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

import feeds
from feeds.errors import BusyError, StoreError
from feeds.store import sql
from feeds.store.schema import UtcDateTime, meta, metadata
from feeds.store.sql import Store, read_meta, write_meta

PACKAGE = Path(feeds.__file__).parent
SECRET = "geheim"  # noqa: S105 (a word to look for in messages)

#: A program that takes the lock, says so, and holds it until its input ends.
HOLDER = """
import sys
from feeds.store.sql import Store
from feeds.errors import FeedsError
try:
    with Store(sys.argv[1], folder=sys.argv[2]).lock():
        print("held", flush=True)
        sys.stdin.read()
except FeedsError as error:
    print(error, flush=True)
    sys.exit(error.exit_code)
"""


def run(code: str, *arguments: str | Path, python_path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own."""
    environment = os.environ | ({"PYTHONPATH": str(python_path)} if python_path else {})
    command = [sys.executable, "-P", "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, input="", env=environment, timeout=60)


@contextmanager
def holder(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDER, url, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.communicate(timeout=60)


def complaint(url: str, folder: Path) -> str:
    """What opening a state says when it cannot be used."""
    with pytest.raises(StoreError) as caught:
        Store(url, folder=str(folder))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("state: ")
    return message


def write_facts(store: Store, facts: dict[str, str], error: Exception | None = None) -> None:
    """A transaction that keeps facts, or fails at its end."""
    with store.transaction() as connection:
        for key, value in facts.items():
            write_meta(connection, key, value)
        if error:
            raise error


# -- opening -----------------------------------------------------------------------------------------------------------


def test_opening_makes_every_table(store: Store) -> None:
    with store.transaction() as connection:
        assert {*metadata.tables, "alembic_version"} == set(sa.inspect(connection).get_table_names())


def test_the_default_state_lies_in_a_hidden_folder_beside_sources_yaml(tmp_path: Path) -> None:
    Store("sqlite://", folder=str(tmp_path)).close()
    assert (tmp_path / ".feeds" / "state.db").is_file()


def test_an_absolute_path_is_taken_as_it_is(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path}/deep/in/state.db", folder="/nonexistent").close()
    assert (tmp_path / "deep/in/state.db").is_file()


def test_reopening_finds_what_was_kept(state_url: str, tmp_path: Path) -> None:
    first = Store(state_url, folder=str(tmp_path))
    with first.transaction() as connection:
        write_meta(connection, "fingerprint", "指纹")
    first.close()
    second = Store(state_url, folder=str(tmp_path))
    with second.transaction() as connection:
        assert read_meta(connection, "fingerprint") == "指纹"
    second.close()


def test_reopening_loads_no_alembic(state_url: str, tmp_path: Path) -> None:
    """A run without changes must not pay 0.3 s for it."""
    code = "import sys; from feeds.store.sql import Store; Store(sys.argv[1], folder=sys.argv[2]); "
    code += "print([name for name in sys.modules if name.startswith(('alembic', 'mako'))])"
    first, second = run(code, state_url, tmp_path), run(code, state_url, tmp_path)
    assert "alembic" in first.stdout, first.stderr
    assert second.stdout == "[]\n", second.stderr


def test_a_store_with_a_percent_sign_in_its_path_is_made_and_migrated(tmp_path: Path) -> None:
    """ConfigParser, which Alembic keeps its paths in, takes it for the start of a reference."""
    shutil.copytree(PACKAGE, tmp_path / "100%/feeds", ignore=shutil.ignore_patterns("__pycache__"))
    code = "import sys, feeds; from feeds.store.sql import Store; Store('sqlite://', folder=sys.argv[1]); "
    code += "print(feeds.__file__)"
    done = run(code, tmp_path / "100%", python_path=tmp_path / "100%")
    assert "100%/feeds/__init__.py" in done.stdout, done.stderr
    assert (tmp_path / "100%/.feeds/state.db").stat().st_size > 0


def test_of_two_first_runs_at_once_each_works_or_says_that_it_is_busy(state_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, state_url, str(tmp_path)]
    both = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    codes = [process.returncode for process in both]
    assert set(codes) <= {0, 75}, said
    assert 0 in codes
    Store(state_url, folder=str(tmp_path)).close()


# -- the schema --------------------------------------------------------------------------------------------------------


def test_the_history_of_migrations_ends_at_the_revision_that_the_code_knows() -> None:
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "store" / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [sql.REVISION]


def test_the_migrations_make_what_the_code_expects(store: Store) -> None:
    with store.transaction() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_comparison_sees_a_missing_column(connection: Connection) -> None:
    """Lest the test above pass because it compares nothing."""
    connection.execute(sa.text("alter table feed drop column members"))
    differences = compare_metadata(MigrationContext.configure(connection), metadata)
    assert [difference[0] for difference in differences] == ["add_column"]


#: What stood in a state of revision 0004.
OLDER_STATE = (
    "insert into meta values ('arrivals', '9'), ('fingerprint', 'f'), ('generation', '3')",
    (
        "insert into article (id, path, mtime_ns, size, digest, problems, quarantined, published, appears, draft, live,"
        " termless) values (1, 'a.md', 0, 0, 'd', '[]', false, 5000, 9000, false, true, false),"
        " (2, 'b.md', 0, 0, 'd', '[]', false, 7000, 6000, false, true, false)"
    ),
    "insert into feed values (1, 'site', '', '', '', 2, true, 4), (2, 'tag', 'ai', 'AI', 'ai', 1, true, 0)",
    (
        "insert into membership values (1, 1, 5000, 1, false, 4, ''), (1, 2, 7000, 2, true, 0, ''),"
        " (2, 2, 7000, 3, true, 0, 'AI')"
    ),
    "insert into dirty values (1, 4)",
    "insert into tombstone values (2, 'urn:x:1', 8000)",
    "insert into manifest values ('archive/4/rss.xml', 1, 4, 'd', 9)",
)


def test_a_state_that_knew_archives_loses_nothing_but_these(state_url: str, tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(PACKAGE / "store" / "migrations"))
    (tmp_path / ".feeds").mkdir()
    engine = sa.create_engine(sql._absolute(state_url, tmp_path))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for statement in OLDER_STATE:
            connection.exec_driver_sql(statement)
    engine.dispose()
    store = Store(state_url, folder=str(tmp_path))
    with store.transaction() as connection:
        assert read_meta(connection, "fingerprint") == read_meta(connection, "arrivals") == ""
        assert read_meta(connection, "generation") == "3"
        members = connection.exec_driver_sql("select * from membership order by feed_id, article_id").all()
        assert members == [(1, 1, 9000, "", None), (1, 2, 7000, "", None), (2, 2, 7000, "AI", None)]
        feeds = connection.exec_driver_sql("select id, edition, scope, key, name, slug, members from feed").all()
        assert sorted(feeds) == [(1, "", "site", "", "", "", 2), (2, "", "tag", "ai", "AI", "ai", 1)]
        for table in ("dirty", "tombstone", "manifest"):
            assert connection.exec_driver_sql(f"select count(*) from {table}").scalar() == 1  # noqa: S608 (ours)
    # What the tables refer to is watched as before.
    with pytest.raises(StoreError), store.transaction() as connection:
        connection.exec_driver_sql("insert into dirty values (77, 0)")
    with pytest.raises(StoreError), store.transaction() as connection:
        connection.exec_driver_sql("insert into feed values (3, 'tag', 'ai', 'Ai', 'ai-2', 0, false, '')")
    store.close()


def test_a_migration_that_fails_leaves_nothing_behind(state_url: str, tmp_path: Path) -> None:
    place = sql._absolute(state_url, tmp_path)
    (tmp_path / ".feeds").mkdir()
    engine = sa.create_engine(place)
    with engine.begin() as connection:
        connection.execute(sa.text("create table manifest (path integer)"))
    assert "manifest" in complaint(state_url, tmp_path)
    assert sa.inspect(engine).get_table_names() == ["manifest"]
    engine.dispose()


# -- what can be wrong with it -----------------------------------------------------------------------------------------


def set_revision(url: str, folder: Path, revision: str) -> None:
    store = Store(url, folder=str(folder))
    with store.transaction() as connection:
        connection.execute(sa.text("update alembic_version set version_num = :new"), {"new": revision})
    store.close()


def test_a_state_of_a_newer_version_is_left_alone(state_url: str, tmp_path: Path) -> None:
    set_revision(state_url, tmp_path, "9999")
    message = complaint(state_url, tmp_path)
    assert "newer version (schema 9999, this one knows " in message
    assert "upgrade feeds" in message


def test_a_state_of_an_unknown_version_is_left_alone(state_url: str, tmp_path: Path) -> None:
    set_revision(state_url, tmp_path, "0000")
    assert "has a schema that no version knows (restore it" in complaint(state_url, tmp_path)


def test_a_text_file_is_no_state(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("# Dear diary\n" * 1000)
    message = complaint("sqlite:///state.db", tmp_path)
    assert "state.db: is not a state file (restore it, or delete it" in message
    assert (tmp_path / "state.db").read_text().startswith("# Dear")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    Store("sqlite:///state.db", folder=str(tmp_path)).close()
    path = tmp_path / "state.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    assert "state.db: is damaged (restore it" in complaint("sqlite:///state.db", tmp_path)


def test_damage_that_shows_later_is_named_too(tmp_path: Path) -> None:
    store = Store("sqlite:///state.db", folder=str(tmp_path))
    with store.transaction() as connection:
        for number in range(400):
            write_meta(connection, f"key {number}", "x" * 200)
    store.close()
    path = tmp_path / "state.db"
    whole = path.read_bytes()
    intact = len(whole) * 3 // 4
    path.write_bytes(whole[:intact] + b"\xff" * (len(whole) - intact))
    store = Store("sqlite:///state.db", folder=str(tmp_path))
    with pytest.raises(StoreError, match="is damaged"), store.transaction() as connection:
        connection.execute(sa.text("select count(*), max(length(value)) from meta")).all()
    store.close()


def test_a_folder_where_the_file_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    message = complaint("sqlite:///state.db", tmp_path)
    assert "state.db: cannot be opened (check the folder and its permissions)" in message


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / ".feeds").write_text("")
    message = complaint("sqlite:///.feeds/state.db", tmp_path)
    assert ".feeds/state.db: cannot be used: " in message
    assert message.endswith("(check the folder)")


@pytest.mark.parametrize("url", ["sqlite:///state.db", "sqlite:///.feeds/state.db"])
def test_a_folder_that_may_not_be_written_is_named(url: str, read_only: Path) -> None:
    message = complaint(url, read_only)
    assert str(read_only) in message
    assert "check the folder" in message


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root@localhost/feeds", "mysql: is not supported (use sqlite:///… or postgresql://…)"),
        ("http://example.org/state", "http: is not supported"),
        ("state.db", "'state.db': is not a database URL (try sqlite:///.feeds/state.db)"),
        ("", "'': is not a database URL"),
        (f"postgresql//u:{SECRET}@host/db", "'host/db': is not a database URL"),
        (f"postgresql://u:{SECRET}@host:port/db", "'host:port/db': is not a database URL"),
        (f"postgresql://u:{SECRET}@{SECRET}@host:port/db?password={SECRET}", "'host:port/db': is not a database URL"),
    ],
)
def test_a_url_that_cannot_be_used_says_what_can(url: str, words: str, tmp_path: Path) -> None:
    message = complaint(url, tmp_path)
    assert words in message
    assert SECRET not in message


@pytest.mark.parametrize(
    "url", [f"postgresql://u:{SECRET}@127.0.0.1:1/db", f"postgresql://127.0.0.1:1/db?user=u&password={SECRET}"]
)
def test_a_server_that_is_not_there_is_named_without_the_password(url: str, tmp_path: Path) -> None:
    message = complaint(url, tmp_path)
    assert "127.0.0.1:1/db: cannot be reached (check the server and the URL)" in message
    assert SECRET not in message


def test_a_database_that_is_not_there_is_named(postgresql: str, tmp_path: Path) -> None:
    url = make_url(postgresql).set(database="nowhere", password=SECRET)
    message = complaint(url.render_as_string(hide_password=False), tmp_path)
    assert "nowhere: names a database that does not exist" in message
    assert SECRET not in message


def test_a_missing_driver_says_how_to_get_it(tmp_path: Path) -> None:
    code = f"""
import sys
sys.modules["psycopg"] = None
from feeds.errors import StoreError
from feeds.store.sql import Store
try:
    Store("postgresql+psycopg2://u:{SECRET}@localhost/db", folder=sys.argv[1])
except StoreError as error:
    print(error)
"""
    said = run(code, tmp_path).stdout
    assert "the PostgreSQL driver is not installed (pip install 'feeds[postgresql]')" in said
    assert SECRET not in said


def test_a_full_disk_is_named_and_harms_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    store = Store("sqlite:///state.db", folder=str(tmp_path))
    with store.transaction() as connection:
        write_meta(connection, "before", "kept")
    request.getfixturevalue("full_disk")
    with pytest.raises(StoreError, match="disk"):
        write_facts(store, {"before": "lost", "after": "x" * (40 << 20)})
    with store.transaction() as connection:
        assert read_meta(connection, "before") == "kept"
    store.close()


def test_an_error_without_words_is_a_message_all_the_same() -> None:
    assert sql._explain("here", sa.exc.OperationalError("select", {}, Exception(""))).startswith("state: here: ")


# -- the lock ----------------------------------------------------------------------------------------------------------


def test_a_second_process_is_told_that_it_is_busy(state_url: str, tmp_path: Path) -> None:
    store = Store(state_url, folder=str(tmp_path))
    with store.lock():
        other = run(HOLDER, state_url, tmp_path)
    assert other.returncode == BusyError.exit_code == 75
    assert "another run is at work (wait for it to end)" in other.stdout
    store.close()


def test_while_another_process_is_at_work_this_one_may_only_read(state_url: str, tmp_path: Path) -> None:
    with holder(state_url, tmp_path):
        store = Store(state_url, folder=str(tmp_path))
        with pytest.raises(BusyError), store.lock():
            pytest.fail("two hold the lock")
        with store.transaction() as connection:
            assert read_meta(connection, "generation", "none") == "none"
        store.close()


def test_the_lock_is_free_again_when_its_holder_is_done(state_url: str, tmp_path: Path) -> None:
    """Although the store stays open, and its connections with it: a daemon's does."""
    store = Store(state_url, folder=str(tmp_path))
    with store.lock():
        pass
    other = run(HOLDER, state_url, tmp_path)
    assert (other.stdout, other.returncode) == ("held\n", 0)
    with store.lock():
        pass
    store.close()


def test_the_lock_is_free_again_after_an_error(store: Store) -> None:
    with pytest.raises(KeyError), store.lock():
        raise KeyError
    with store.lock():
        pass


def test_a_killed_holder_leaves_no_stale_lock(state_url: str, tmp_path: Path) -> None:
    with holder(state_url, tmp_path) as process:
        process.kill()
        process.wait()
        # The server notices a closed connection within a moment, the kernel at once.
        for _ in range(100):
            other = run(HOLDER, state_url, tmp_path)
            if other.returncode == 0:
                break
    assert other.stdout == "held\n"


def test_a_lock_that_cannot_be_made_is_no_busy_lock(tmp_path: Path) -> None:
    store = Store("sqlite:///state.db", folder=str(tmp_path))
    (tmp_path / "state.db.lock").unlink()
    (tmp_path / "state.db.lock").mkdir()
    with pytest.raises(StoreError, match=r"state\.db\.lock: cannot be written: .*\(check the folder\)"), store.lock():
        pytest.fail("there is no lock")
    store.close()


def test_a_file_system_without_locks_is_named(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    os.close(descriptor)
    with pytest.raises(StoreError, match="lock: cannot be locked: "):
        sql._take(descriptor, "lock")


def test_a_lost_server_is_named_when_the_lock_is_taken() -> None:
    engine = sa.create_engine("postgresql+psycopg://127.0.0.1:1/db")
    with pytest.raises(StoreError, match="state: db: cannot be reached"), sql._lock_database(engine, "db"):
        pytest.fail("there is no server")


# -- transactions ------------------------------------------------------------------------------------------------------


def test_an_error_undoes_the_whole_transaction(store: Store) -> None:
    with store.transaction() as connection:
        write_meta(connection, "a", "1")
    with pytest.raises(KeyError):
        write_facts(store, {"a": "2", "b": "2"}, KeyError())
    with store.transaction() as connection:
        assert (read_meta(connection, "a"), read_meta(connection, "b", "none")) == ("1", "none")


def test_an_undone_transaction_undoes_tables_too(store: Store) -> None:
    """SQLite's driver of old committed before each of them."""

    def make_and_fail() -> None:
        with store.transaction() as connection:
            connection.execute(sa.text("create table other (id integer)"))
            raise KeyError

    with pytest.raises(KeyError):
        make_and_fail()
    with store.transaction() as connection:
        assert not sa.inspect(connection).has_table("other")


def test_what_the_database_refuses_is_one_line(store: Store) -> None:
    with pytest.raises(StoreError) as caught, store.transaction() as connection:
        connection.execute(sa.insert(metadata.tables["meta"]), [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}])
    assert "\n" not in str(caught.value)
    assert store.place in str(caught.value)


def test_foreign_keys_are_kept(store: Store) -> None:
    with pytest.raises(StoreError), store.transaction() as connection:
        connection.execute(sa.insert(metadata.tables["dirty"]), [{"feed_id": 7, "archive": 0}])


def test_a_fact_is_kept_under_its_name_and_replaced(connection: Connection) -> None:
    assert read_meta(connection, "list") == ""
    write_meta(connection, "list", "changed")
    write_meta(connection, "list", "")
    write_meta(connection, "arrivals", "12")
    assert (read_meta(connection, "list", "default"), read_meta(connection, "arrivals")) == ("", "12")


def test_many_rows_are_inserted_as_they_are(connection: Connection) -> None:
    rows = [(f"key {number}", "“%s” ? :value {} \\ 'a'") for number in range(2000)]
    sql.insert_many(connection, meta, ("key", "value"), rows)
    sql.insert_many(connection, meta, ("key", "value"), [])
    assert {tuple(row) for row in connection.execute(sa.select(meta))} == set(rows)


# -- moments -----------------------------------------------------------------------------------------------------------

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-9, minutes=-30))])


def echo(connection: Connection, moment: datetime | None) -> datetime | None:
    """A moment there and back."""
    return connection.execute(sa.select(sa.literal(moment, UtcDateTime()))).scalar_one()


@settings(max_examples=60)
@given(st.lists(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=ZONES), min_size=1, max_size=9))  # noqa: DTZ001 (the zones follow)
def test_moments_keep_their_microseconds_and_come_back_in_utc(connection: Connection, moments: list[datetime]) -> None:
    found = [echo(connection, moment) for moment in moments]
    assert found == moments
    assert all(moment is not None and moment.tzinfo is UTC for moment in found)


def test_no_moment_comes_back_as_none(connection: Connection) -> None:
    assert echo(connection, None) is None


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="offset-naive"), store.transaction() as connection:
        echo(connection, datetime(2025, 1, 1))  # noqa: DTZ001 (that is the point)


# -- several at once ---------------------------------------------------------------------------------------------------


def test_a_transaction_that_reads_first_waits_for_the_one_that_writes(state_url: str, tmp_path: Path) -> None:
    """SQLite would refuse the second one's writes at once, did it not ask for the right to write at its beginning."""
    first, second = (Store(state_url, folder=str(tmp_path)) for _ in range(2))
    with first.transaction() as connection:
        write_meta(connection, "a", "0")
    begun = threading.Event()

    def add_one(store: Store) -> None:
        with store.transaction() as connection:
            number = int(read_meta(connection, "a"))
            begun.set()
            time.sleep(0.2)
            write_meta(connection, "a" if store is first else "b", str(number + 1))

    thread = threading.Thread(target=add_one, args=(first,))
    thread.start()
    begun.wait()
    add_one(second)
    thread.join()
    with first.snapshot() as connection:
        assert read_meta(connection, "a") == "1"
        assert read_meta(connection, "b") in {"1", "2"}
    first.close()
    second.close()


def test_a_snapshot_does_not_wait_for_a_writer(state_url: str, tmp_path: Path) -> None:
    first, second = (Store(state_url, folder=str(tmp_path)) for _ in range(2))
    with first.transaction() as writing:
        write_meta(writing, "a", "new")
        with second.snapshot() as reading:
            assert read_meta(reading, "a", "old") == "old"
    first.close()
    second.close()


def test_a_snapshot_keeps_nothing(tmp_path: Path) -> None:
    store = Store("sqlite:///state.db", folder=str(tmp_path))
    with store.snapshot() as connection:
        write_meta(connection, "a", "1")
    with store.snapshot() as connection:
        assert read_meta(connection, "a", "nothing") == "nothing"
    store.close()


def test_tidying_shortens_the_log_while_others_look(store: Store, tmp_path: Path) -> None:
    with store.transaction() as connection:
        for number in range(200):
            write_meta(connection, f"key {number}", "x" * 1000)
    other = Store(store.url.render_as_string(hide_password=False), folder=str(tmp_path))
    with other.snapshot() as connection:
        assert read_meta(connection, "key 7")
        store.tidy()
    other.close()
    store.tidy()
    log = tmp_path / ".feeds/state.db-wal"
    assert not log.exists() or log.stat().st_size == 0
