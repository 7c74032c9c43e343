from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from feeds.model import Tombstone
from feeds.store import article_rows, feed_rows, file_rows
from feeds.store.article_rows import Entry, KnownFile
from feeds.store.feed_rows import Member, Window
from feeds.store.packs import Stored
from feeds.store.schema import article, dirty, feed, manifest, membership, to_micros

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
#: More than two statements' worth.
MANY = range(1, 2 * article_rows.CHUNK + 4)


def article_values(id_: int, **changes: Any) -> dict[str, Any]:
    """A live article without an entry."""
    return {
        "id": id_,
        "path": f"content/{id_:05}.md",
        "mtime_ns": 10**18 + id_,
        "size": 5_000_000_000 + id_,
        "digest": f"digest {id_}",
        "problems": "[]",
        "quarantined": False,
        "uid": f"tag:example.org,2025:{id_}",
        "url": f"https://example.org/{id_}/",
        "title": f"文章 {id_}",
        "published": NOON,
        "updated": NOON,
        "appears": NOON,
        "expires": None,
        "renews": None,
        "draft": False,
        "live": True,
        "revived": None,
        "termless": False,
        "references": None,
        "kind": "article",
        "named_id": None,
        "sketch": None,
        "stale": False,
        **article_rows.place_values(None),
        **changes,
    }


def stored(id_: int, generation: int = 1) -> Stored:
    return Stored(f"{generation:06d}-0.pack", id_ * 6_000_000_000, (id_, 20, 0), f"hash {id_}")


def add_articles(connection: Connection, *rows: dict[str, Any]) -> None:
    article_rows.insert_rows(connection, rows)


def add_feeds(connection: Connection, ids: Iterable[int], **changes: Any) -> None:
    new = ("id", "edition", "scope", "key", "name", "slug", "members")
    rows: list[dict[str, Any]] = [
        {
            "id": n,
            "edition": "",
            "scope": "tag",
            "key": f"key {n}",
            "name": f"Name {n}",
            "slug": f"slug-{n}",
            "members": 0,
        }
        | changes
        for n in ids
    ]
    feed_rows.insert_feeds(connection, [(row["id"], *(row[column] for column in new[1:])) for row in rows])
    later = {column: value for column, value in changes.items() if column not in new}
    feed_rows.update_feeds(connection, [{"id": row["id"]} | later for row in rows] if later else [])


def member(feed_id: int, article_id: int, **changes: Any) -> dict[str, Any]:
    return {"feed_id": feed_id, "article_id": article_id, "appeared": NOON, "spelling": "AI"} | changes


def add_members(connection: Connection, rows: Iterable[dict[str, Any]]) -> None:
    new = [(r["feed_id"], r["article_id"], to_micros(r["appeared"]), r["spelling"], r.get("named")) for r in rows]
    feed_rows.insert_members(connection, new)


def paths(*ids: int) -> set[str]:
    return {f"content/{id_:05}.md" for id_ in ids}


# -- articles ----------------------------------------------------------------------------------------------------------


def test_articles_are_known_by_path_as_far_as_the_scan_needs(connection: Connection) -> None:
    assert article_rows.known_files(connection) == {}
    add_articles(connection, article_values(1), article_values(2))
    assert article_rows.known_files(connection) == {
        "content/00001.md": KnownFile(1, 10**18 + 1, 5_000_000_001),
        "content/00002.md": KnownFile(2, 10**18 + 2, 5_000_000_002),
    }


def test_more_articles_than_one_statement_takes_are_found_changed_and_forgotten(connection: Connection) -> None:
    add_articles(connection, *(article_values(id_, **article_rows.place_values(stored(id_))) for id_ in MANY))
    assert article_rows.rows_by_path(connection, paths(*MANY, 99_999)).keys() == paths(*MANY)
    assert article_rows.rows_by_id(connection, {*MANY, 99_999}).keys() == set(MANY)
    assert article_rows.entries_by_id(connection, {*MANY, 99_999}).keys() == set(MANY)
    uids = [f"tag:example.org,2025:{id_}" for id_ in MANY]
    assert article_rows.owners_of(connection, [*uids, "tag:none"]) == dict(zip(uids, MANY, strict=True))
    article_rows.update_rows(connection, [{"id": id_, "title": "neu"} for id_ in MANY])
    assert {row.title for row in article_rows.rows_by_id(connection, MANY).values()} == {"neu"}
    article_rows.delete_rows(connection, MANY[1:])
    assert article_rows.known_files(connection).keys() == paths(1)


def test_asking_for_nothing_finds_nothing(connection: Connection) -> None:
    add_articles(connection, article_values(1))
    assert article_rows.rows_by_path(connection, ()) == {}
    assert article_rows.rows_by_id(connection, ()) == {}
    assert article_rows.entries_by_id(connection, ()) == {}
    assert article_rows.owners_of(connection, ()) == {}


def test_changing_nothing_changes_nothing(connection: Connection) -> None:
    add_articles(connection, article_values(1))
    before = article_rows.rows_by_id(connection, [1])
    article_rows.insert_rows(connection, [])
    article_rows.update_rows(connection, [])
    article_rows.touch_files(connection, [])
    article_rows.delete_rows(connection, [])
    assert article_rows.rows_by_id(connection, [1]) == before


def test_a_whole_row_comes_back_as_it_was_written(connection: Connection) -> None:
    values = article_values(7, expires=NOON + HOUR, revived=NOON - HOUR, title="“引号” 'a' \\ % _ 𠮷")
    add_articles(connection, values)
    (row,) = article_rows.rows_by_path(connection, paths(7)).values()
    assert row._asdict() == values


def test_an_update_changes_the_named_columns_of_the_named_rows(connection: Connection) -> None:
    add_articles(connection, article_values(1), article_values(2))
    article_rows.update_rows(connection, [{"id": 2, "path": "moved.md", "uid": None}])
    rows = article_rows.rows_by_id(connection, [1, 2])
    assert rows[1]._asdict() == article_values(1)
    assert rows[2]._asdict() == article_values(2, path="moved.md", uid=None)


def test_touched_files_keep_all_but_their_look(connection: Connection) -> None:
    add_articles(connection, article_values(1), article_values(2))
    article_rows.touch_files(connection, [(2, 5, 6)])
    assert article_rows.known_files(connection)["content/00002.md"] == KnownFile(2, 5, 6)
    assert article_rows.rows_by_id(connection, [1])[1]._asdict() == article_values(1)


def test_the_last_id_is_the_highest_in_use(connection: Connection) -> None:
    assert article_rows.last_id(connection) == 0
    add_articles(connection, article_values(3), article_values(41), article_values(5))
    assert article_rows.last_id(connection) == 41


@pytest.mark.parametrize(
    ("changes", "is_due"),
    [
        ({"live": False, "appears": NOON}, True),
        ({"live": False, "appears": NOON + timedelta(microseconds=1)}, False),
        ({"live": False, "appears": NOON, "draft": True}, False),
        ({"live": False, "appears": NOON, "quarantined": True}, False),
        ({"live": False, "appears": NOON - HOUR, "expires": NOON}, False),
        ({"live": False, "appears": NOON - HOUR, "expires": NOON + HOUR}, True),
        ({"live": True, "expires": NOON}, True),
        ({"live": True, "expires": NOON + timedelta(microseconds=1)}, False),
        ({"live": True, "expires": None}, False),
        ({"live": True, "renews": NOON}, True),
        ({"live": True, "renews": NOON + HOUR}, False),
        ({"live": False, "renews": NOON, "appears": NOON + HOUR}, False),
        ({"live": True, "expires": NOON, "quarantined": True}, False),
        ({"live": False, "appears": None, "published": None, "uid": None, "quarantined": True}, False),
    ],
)
def test_an_article_is_due_when_its_time_has_come_or_gone(
    connection: Connection, changes: dict[str, Any], is_due: bool
) -> None:
    add_articles(connection, article_values(1, **changes))
    assert article_rows.paths_due(connection, NOON) == (paths(1) if is_due else set())


def test_the_next_due_moment_is_the_first_after_now(connection: Connection) -> None:
    assert article_rows.next_due(connection, NOON) is None
    add_articles(connection, article_values(1, expires=NOON), article_values(2, appears=NOON + 9 * HOUR, draft=True))
    assert article_rows.next_due(connection, NOON) is None
    add_articles(connection, article_values(3, live=False, appears=NOON + 3 * HOUR))
    assert article_rows.next_due(connection, NOON) == NOON + 3 * HOUR
    add_articles(connection, article_values(4, expires=NOON + 2 * HOUR))
    assert article_rows.next_due(connection, NOON) == NOON + 2 * HOUR
    assert article_rows.next_due(connection, NOON + 2 * HOUR) == NOON + 3 * HOUR


def test_termless_articles_are_those_that_are_readable_and_no_drafts(connection: Connection) -> None:
    add_articles(
        connection,
        article_values(1, termless=True),
        article_values(2, termless=True, draft=True),
        article_values(3, termless=True, quarantined=True),
        article_values(4),
    )
    assert article_rows.termless_paths(connection) == paths(1)


def test_an_entry_says_where_it_lies(connection: Connection) -> None:
    add_articles(
        connection, article_values(1, updated=NOON + HOUR, **article_rows.place_values(stored(1))), article_values(2)
    )
    assert article_rows.entries_by_id(connection, [1, 2]) == {
        1: Entry("tag:example.org,2025:1", NOON + HOUR, stored(1))
    }


def test_entries_move_and_are_lost(connection: Connection) -> None:
    add_articles(connection, *(article_values(n, **article_rows.place_values(stored(n))) for n in (1, 2, 3)))
    article_rows.place_entries(connection, {1: stored(1, generation=2), 2: None})
    found = article_rows.entries_by_id(connection, [1, 2, 3])
    assert {id_: entry.stored for id_, entry in found.items()} == {1: stored(1, generation=2), 3: stored(3)}
    article_rows.place_entries(connection, {})
    assert article_rows.entries_by_id(connection, [1, 2, 3]) == found


def test_entries_of_other_generations_are_found_by_their_packs(connection: Connection) -> None:
    add_articles(
        connection,
        article_values(1, **article_rows.place_values(stored(1, generation=1))),
        article_values(2, **article_rows.place_values(stored(2, generation=2))),
        article_values(3, **article_rows.place_values(stored(3, generation=12))),
        article_values(4),
    )
    assert article_rows.entries_outside(connection, "000002-").keys() == {1, 3}


def test_quarantined_paths_come_in_order_and_live_articles_are_counted(connection: Connection) -> None:
    add_articles(
        connection,
        article_values(2, quarantined=True),
        article_values(1, quarantined=True, live=False),
        article_values(3),
    )
    assert article_rows.quarantined_paths(connection) == sorted(paths(1, 2))
    assert article_rows.count_articles(connection) == 2


def test_all_rows_are_those_of_articles(connection: Connection) -> None:
    add_articles(connection, article_values(1), article_values(2, uid=None), article_values(3, kind="entry"))
    assert [row._asdict() for row in article_rows.all_rows(connection)] == [
        article_values(1),
        article_values(2, uid=None),
    ]


def uids(*numbers: int) -> list[str]:
    return [f"tag:example.org,2025:{n}" for n in numbers]


def leave(connection: Connection, *ids: int) -> None:
    rows = article_rows.rows_by_id(connection, ids)
    article_rows.delete_rows(connection, ids)
    article_rows.keep_former(connection, rows.values())


def test_an_id_is_an_articles_or_that_of_one_that_left_or_nobodys(connection: Connection) -> None:
    add_articles(connection, article_values(1), article_values(2), article_values(3, uid=None))
    leave(connection, 2, 3)
    owner_of = article_rows.owner_finder(connection, uids(1, 2))
    assert [owner_of(uid) for uid in uids(1, 2, 3)] == [1, 0, None]
    later = article_rows.owner_finder(connection, [])
    assert [later(uid) for uid in uids(1, 2, 3)] == [1, 0, None]


def test_what_left_is_found_by_all_that_it_was_called(connection: Connection) -> None:
    assert article_rows.former_articles(connection, ["content/00001.md"]) == []
    add_articles(connection, *(article_values(n, named_id=f"named {n}", sketch=b"1234") for n in MANY))
    leave(connection, *MANY)
    left = article_values(7)
    for name in (left["uid"], left["path"], left["digest"], left["url"], left["title"], "named 7"):
        (row,) = article_rows.former_articles(connection, [name])
        assert (row.uid, row.path, row.published, row.sketch) == (left["uid"], left["path"], NOON, b"1234")
    assert len(article_rows.former_articles(connection, paths(*MANY))) == len(MANY)
    assert article_rows.former_articles(connection, []) == []
    article_rows.forget_former(connection, [left["uid"]])
    assert article_rows.former_articles(connection, [left["path"], "unknown"]) == []
    assert len(article_rows.former_articles(connection, paths(*MANY))) == len(MANY) - 1


def test_what_leaves_again_is_kept_as_it_was_last(connection: Connection) -> None:
    for title in ("First", "Second"):
        add_articles(connection, article_values(1, title=title))
        leave(connection, 1)
    assert [row.title for row in article_rows.former_articles(connection, uids(1))] == ["Second"]


# -- feeds -------------------------------------------------------------------------------------------------------------


def test_feeds_are_found_by_scope_and_key(connection: Connection) -> None:
    add_feeds(connection, MANY)
    add_feeds(connection, [9000], scope="topic", key="key 1", slug="")
    add_feeds(connection, [9001], edition="zh-cn", key="key 1")
    wanted = [("", "tag", f"key {n}") for n in MANY]
    others = [("", "topic", "key 1"), ("zh-cn", "tag", "key 1")]
    found = feed_rows.feed_ids(connection, [*wanted, *others, ("", "topic", "key 2"), ("en", "tag", "key 1")])
    assert found == dict(zip([*wanted, *others], [*MANY, 9000, 9001], strict=True))
    assert feed_rows.feed_ids(connection, []) == {}


def test_a_new_feed_is_unpublished_and_empty(connection: Connection) -> None:
    assert feed_rows.last_feed_id(connection) == 0
    feed_rows.insert_feeds(connection, [])
    add_feeds(connection, [4])
    assert feed_rows.last_feed_id(connection) == 4
    row = feed_rows.feed_rows(connection)[4]
    assert (row.members, row.published, row.edition) == (0, False, "")
    assert feed_rows.all_feed_ids(connection) == {4}


def test_slugs_are_taken_in_their_scope(connection: Connection) -> None:
    add_feeds(connection, [1, 2])
    add_feeds(connection, [3], scope="topic", slug="ki")
    add_feeds(connection, [4], edition="en")
    assert feed_rows.taken_slugs(connection, "", "tag") == {"slug-1", "slug-2"}
    assert feed_rows.taken_slugs(connection, "en", "tag") == {"slug-4"}
    assert feed_rows.taken_slugs(connection, "", "source") == set()


def test_an_edition_is_renamed_unless_the_new_name_is_taken(connection: Connection) -> None:
    add_feeds(connection, [1, 2])
    add_feeds(connection, [3], edition="de")
    feed_rows.rename_edition(connection, "", "de")
    assert {id_: row.edition for id_, row in feed_rows.feed_rows(connection).items()} == {1: "", 2: "", 3: "de"}
    feed_rows.rename_edition(connection, "", "en")
    assert {id_: row.edition for id_, row in feed_rows.feed_rows(connection).items()} == {1: "en", 2: "en", 3: "de"}


def test_feed_rows_are_changed_and_read_by_id(connection: Connection) -> None:
    add_feeds(connection, MANY)
    feed_rows.update_feeds(connection, [{"id": n, "members": n} for n in MANY])
    feed_rows.update_feeds(connection, [])
    assert {id_: row.members for id_, row in feed_rows.feed_rows(connection).items()} == {n: n for n in MANY}
    assert feed_rows.feed_rows(connection, [*MANY[:700], 99_999]).keys() == set(MANY[:700])
    assert feed_rows.feed_rows(connection, []) == {}


def test_feeds_are_published_once_something_of_them_was_written(connection: Connection) -> None:
    add_feeds(connection, MANY)
    feed_rows.mark_published(connection, MANY[1:])
    feed_rows.mark_published(connection, [])
    assert [id_ for id_, row in feed_rows.feed_rows(connection).items() if not row.published] == [1]


def test_a_forgotten_feed_takes_its_tombstones_and_dirt_along(connection: Connection) -> None:
    add_feeds(connection, MANY)
    feed_rows.add_tombstones(connection, [(n, "tag:x") for n in MANY], NOON)
    feed_rows.mark_dirty(connection, [(n, 0) for n in MANY])
    feed_rows.delete_feeds(connection, MANY[1:])
    assert feed_rows.feed_rows(connection).keys() == {1}
    assert feed_rows.dirty_documents(connection) == [(1, 0)]
    assert feed_rows.tombstones_of(connection, MANY, limit=9) == {1: (Tombstone(ref="tag:x", when=NOON),)}


def test_the_vocabulary_is_what_authors_name_themselves(connection: Connection) -> None:
    """Or else inferred terms would beget themselves for ever."""
    add_articles(connection, article_values(1), article_values(2, termless=True))
    add_feeds(connection, [1, 2, 3])
    add_feeds(connection, [4], scope="topic")
    add_feeds(connection, [5], scope="source")
    members = [member(1, 1), member(1, 2), member(2, 2), member(4, 1), member(5, 1)]
    add_members(connection, members)
    assert feed_rows.vocabulary(connection, ["tag", "topic"]) == [
        ("", "tag", "key 1", "Name 1"),
        ("", "topic", "key 4", "Name 4"),
    ]


# -- members -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(connection: Connection) -> Connection:
    """Feeds 1 to 3 and articles 1 to 4."""
    add_articles(connection, *(article_values(n) for n in range(1, 5)))
    add_feeds(connection, [1, 2, 3])
    return connection


def test_new_members_are_found_by_article(crowd: Connection) -> None:
    feed_rows.insert_members(crowd, [])
    feed_rows.insert_members(crowd, [(1, 1, to_micros(NOON + HOUR), "Ai", "tags:Ai")])
    assert feed_rows.members_of_articles(crowd, [1, 2]) == [Member(1, 1, NOON + HOUR, "Ai", "tags:Ai")]


def test_a_member_is_changed_by_its_pair(crowd: Connection) -> None:
    add_members(crowd, [member(1, 1), member(1, 2), member(2, 1)])
    feed_rows.update_members(crowd, [(1, 1, NOON + HOUR, "KI", "tags:KI")])
    feed_rows.update_members(crowd, [])
    found = feed_rows.members_of_articles(crowd, [1, 2])
    assert sorted(found, key=lambda m: (m.feed_id, m.article_id)) == [
        Member(1, 1, NOON + HOUR, "KI", "tags:KI"),
        Member(1, 2, NOON, "AI"),
        Member(2, 1, NOON, "AI"),
    ]


def test_the_terms_of_the_generator_are_counted_beside_the_spellings(crowd: Connection) -> None:
    named = {1: "tags:AI", 2: "tags:A.I.", 3: "tags:AI"}
    add_members(crowd, [member(1, n, named=text) for n, text in named.items()])
    add_members(crowd, [member(1, 4), member(2, 1)])
    assert feed_rows.named_counts(crowd, [1, 2]) == {1: {"tags:AI": 2, "tags:A.I.": 1}}
    assert feed_rows.spelling_counts(crowd, [1, 2]) == {1: {"AI": 4}, 2: {"AI": 1}}


def test_a_member_is_removed_by_its_pair(crowd: Connection) -> None:
    add_members(crowd, [member(1, 1), member(1, 2), member(2, 1), member(2, 2)])
    feed_rows.delete_members(crowd, [(1, 2), (2, 1), (3, 4)])
    feed_rows.delete_members(crowd, [])
    found = feed_rows.members_of_articles(crowd, [1, 2, 3])
    assert sorted((m.feed_id, m.article_id) for m in found) == [(1, 1), (2, 2)]


def test_spellings_are_counted_by_feed(crowd: Connection) -> None:
    spellings = [(1, 1, "AI"), (1, 2, "AI"), (1, 3, "Ai"), (2, 1, "KI")]
    add_members(crowd, [member(f, a, spelling=s) for f, a, s in spellings])
    assert feed_rows.spelling_counts(crowd, {1, 2, 3}) == {1: {"AI": 2, "Ai": 1}, 2: {"KI": 1}}
    assert feed_rows.spelling_counts(crowd, {2, 3, *range(100, 1200)}) == {2: {"KI": 1}}
    assert feed_rows.spelling_counts(crowd, []) == {}


def test_moments_come_newest_first_since_one_or_up_to_a_number(crowd: Connection) -> None:
    add_members(
        crowd, [*(member(1, a, appeared=NOON + h * HOUR) for a, h in [(1, 2), (2, 0), (3, 3), (4, 2)]), member(2, 1)]
    )
    two, three = to_micros(NOON + 2 * HOUR), to_micros(NOON + 3 * HOUR)
    assert feed_rows.newest_moments(crowd, 1, since=two, limit=None) == [three, two, two]
    assert feed_rows.newest_moments(crowd, 1, since=0, limit=2) == [three, two]
    assert feed_rows.newest_moments(crowd, 3, since=0, limit=None) == []


# -- dirt --------------------------------------------------------------------------------------------------------------


def test_marking_twice_is_marking_once(crowd: Connection) -> None:
    feed_rows.mark_dirty(crowd, [(2, 0), (1, 0), (1, 3)])
    feed_rows.mark_dirty(crowd, {(1, 0), (3, 0)})
    feed_rows.mark_dirty(crowd, [(1, 0), (1, 0)])
    feed_rows.mark_dirty(crowd, [])
    assert feed_rows.dirty_documents(crowd) == [(1, 0), (1, 3), (2, 0), (3, 0)]


def test_documents_that_are_up_to_date_are_no_longer_dirty(crowd: Connection) -> None:
    documents = [(1, 0), (1, 1), (2, 0)]
    feed_rows.mark_dirty(crowd, documents)
    feed_rows.clear_dirty(crowd, [], all_of=3)
    assert feed_rows.dirty_documents(crowd) == documents
    feed_rows.clear_dirty(crowd, [(1, 1)], all_of=3)
    assert feed_rows.dirty_documents(crowd) == [(1, 0), (2, 0)]
    feed_rows.clear_dirty(crowd, [(1, 0), (2, 0)], all_of=2)
    assert feed_rows.dirty_documents(crowd) == []


# -- windows -----------------------------------------------------------------------------------------------------------

#: (feed, article) -> hour at which it appeared
standings = st.dictionaries(st.tuples(st.integers(1, 3), st.integers(1, 8)), st.integers(0, 3), max_size=24)
DOCUMENTS = [(feed_id, archive) for feed_id in (1, 2, 3) for archive in (0, 1, 2, 4)]
#: So many documents of feeds that have none that one pass over all memberships is the shorter way.
STRANGERS = [(feed_id, 0) for feed_id in range(1000, 1500)]


def expected_window(found: dict[tuple[int, int], int], feed_id: int, archive: int, limit: int, page: int) -> list[int]:
    """The rule itself: the newest up to the limit, or a page counted from the oldest."""
    newest = [a for _, a in sorted((-hour, a) for (f, a), hour in found.items() if f == feed_id)]
    return newest[::-1][(archive - 1) * page : archive * page][::-1] if archive else newest[:limit]


@settings(max_examples=60)
@given(standings, st.integers(1, 5), st.integers(1, 3))
def test_few_and_many_documents_get_the_same_windows(
    connection: Connection, found: dict[tuple[int, int], int], limit: int, page: int
) -> None:
    for table in (membership, article, feed):
        connection.execute(sa.delete(table))
    add_articles(connection, *(article_values(n) for n in range(1, 9)))
    add_feeds(connection, [1, 2, 3])
    add_members(connection, [member(f, a, appeared=NOON + hour * HOUR) for (f, a), hour in found.items()])
    expected = {(f, n): tuple(expected_window(found, f, n, limit, page)) for f, n in DOCUMENTS}
    few = feed_rows.windows(connection, DOCUMENTS, limit=limit, page=page)
    some = feed_rows.windows(connection, DOCUMENTS[2:7], limit=limit, page=page)
    many = feed_rows.windows(connection, [*DOCUMENTS, *STRANGERS], limit=limit, page=page)
    assert {(window.feed_id, window.archive): window.article_ids for window in few} == expected
    assert {(window.feed_id, window.archive): window.article_ids for window in some} == {
        document: expected[document] for document in DOCUMENTS[2:7]
    }
    assert {(window.feed_id, window.archive): window.article_ids for window in many} == expected | dict.fromkeys(
        STRANGERS, ()
    )


def test_no_documents_have_no_windows(crowd: Connection) -> None:
    assert list(feed_rows.windows(crowd, [], limit=3, page=1)) == []
    assert list(feed_rows.windows(crowd, [(1, 0)], limit=3, page=1)) == [Window(1, 0, ())]


# -- tombstones --------------------------------------------------------------------------------------------------------


def stones(connection: Connection, limit: int = 99) -> dict[int, list[tuple[str, datetime]]]:
    found = feed_rows.tombstones_of(connection, [1, 2, 3], limit=limit)
    return {feed_id: [(stone.ref, stone.when) for stone in some] for feed_id, some in found.items()}


def test_the_newest_tombstones_come_first_up_to_the_limit(crowd: Connection) -> None:
    feed_rows.add_tombstones(crowd, [(1, "b"), (1, "a"), (2, "b")], NOON)
    feed_rows.add_tombstones(crowd, [(1, "c")], NOON + HOUR)
    assert stones(crowd) == {1: [("c", NOON + HOUR), ("a", NOON), ("b", NOON)], 2: [("b", NOON)]}
    assert stones(crowd, limit=2) == {1: [("c", NOON + HOUR), ("a", NOON)], 2: [("b", NOON)]}
    assert feed_rows.tombstones_of(crowd, [], limit=9) == {}


def test_tombstones_of_one_moment_stand_in_the_same_order_in_every_database(crowd: Connection) -> None:
    """PostgreSQL's own order of text hangs on the locale that its folder was made with."""
    feed_rows.add_tombstones(crowd, [(1, ref) for ref in ("tag:b", "tag:B", "tag:-a", "tag:a", "tag:文")], NOON)
    assert [ref for ref, _ in stones(crowd)[1]] == ["tag:-a", "tag:B", "tag:a", "tag:b", "tag:文"]


def test_an_older_tombstone_of_the_same_item_is_replaced_in_its_own_feed_only(crowd: Connection) -> None:
    feed_rows.add_tombstones(crowd, [(1, "a"), (1, "b"), (2, "a"), (2, "b")], NOON)
    feed_rows.add_tombstones(crowd, [(1, "a"), (2, "b"), (2, "b")], NOON + HOUR)
    feed_rows.add_tombstones(crowd, [], NOON + HOUR)
    assert stones(crowd) == {1: [("a", NOON + HOUR), ("b", NOON)], 2: [("b", NOON + HOUR), ("a", NOON)]}


def test_an_item_that_is_back_loses_its_tombstones_everywhere(crowd: Connection) -> None:
    feed_rows.add_tombstones(crowd, [(1, "a"), (2, "a"), (2, "b")], NOON)
    assert feed_rows.remove_tombstones(crowd, {"a", *map(str, MANY)}) == {1, 2}
    assert feed_rows.remove_tombstones(crowd, []) == set()
    assert stones(crowd) == {2: [("b", NOON)]}


def test_a_withdrawal_is_remembered_by_its_last_moment(crowd: Connection) -> None:
    assert feed_rows.withdrawals(crowd) == {}
    feed_rows.add_tombstones(crowd, [(1, "a"), (2, "a"), (2, "b")], NOON)
    feed_rows.add_tombstones(crowd, [(3, "a")], NOON + HOUR)
    assert feed_rows.withdrawals(crowd) == {"a": NOON + HOUR, "b": NOON}


def test_more_tombstones_than_one_statement_takes(connection: Connection) -> None:
    add_feeds(connection, MANY)
    feed_rows.add_tombstones(connection, [(n, f"tag:{n}") for n in MANY], NOON)
    feed_rows.add_tombstones(connection, [(n, f"tag:{n}") for n in MANY], NOON + HOUR)
    assert feed_rows.tombstones_of(connection, MANY, limit=1) == {
        n: (Tombstone(ref=f"tag:{n}", when=NOON + HOUR),) for n in MANY
    }


# -- files -------------------------------------------------------------------------------------------------------------


def file(path: str, feed_id: int | None = None) -> tuple[str, int | None, int, str, int]:
    return (path, feed_id, 0, f"hash of {path}", 3_000_000_000)


def test_files_are_ours_once_they_are_recorded(crowd: Connection) -> None:
    file_rows.record_files(crowd, [file("rss.xml", 1), file("tags/ai/rss.xml", 2), file("index.html")], known=())
    file_rows.record_files(crowd, [], known={"rss.xml"})
    assert file_rows.all_paths(crowd) == {"rss.xml", "tags/ai/rss.xml", "index.html"}
    assert file_rows.count_files(crowd) == 3
    assert file_rows.file_of(crowd, "rss.xml") == ("hash of rss.xml", 3_000_000_000)
    assert file_rows.file_of(crowd, "other.xml") is None
    assert file_rows.files_of(crowd, [2, 3]) == {"tags/ai/rss.xml": ("hash of tags/ai/rss.xml", 3_000_000_000)}


def test_a_file_that_is_known_is_replaced(crowd: Connection) -> None:
    file_rows.record_files(crowd, [file("rss.xml", 1), file("atom.xml", 1)], known=())
    new: list[tuple[str, int | None, int, str, int]] = [("rss.xml", 2, 0, "new", 1), ("feed.json", 2, 3, "", 0)]
    file_rows.record_files(crowd, new, known=file_rows.all_paths(crowd))
    assert file_rows.file_of(crowd, "rss.xml") == ("new", 1)
    assert file_rows.files_of(crowd, [1]).keys() == {"atom.xml"}
    assert file_rows.files_of(crowd, [2]).keys() == {"rss.xml", "feed.json"}


def test_files_of_forgotten_feeds_are_still_ours(crowd: Connection) -> None:
    file_rows.record_files(crowd, [file("a.xml", 1), file("b.xml", 2)], known=())
    file_rows.release_files(crowd, [1, 3])
    feed_rows.delete_feeds(crowd, [1])
    assert file_rows.all_paths(crowd) == {"a.xml", "b.xml"}
    assert file_rows.files_of(crowd, [1, 2]).keys() == {"b.xml"}


def test_more_files_than_one_statement_takes_are_recorded_and_forgotten(connection: Connection) -> None:
    add_feeds(connection, MANY)
    names = {f"{n}.xml" for n in MANY}
    file_rows.record_files(connection, [file(f"{n}.xml", n) for n in MANY], known=())
    file_rows.record_files(connection, [file(f"{n}.xml", n) for n in MANY], known=names)
    assert file_rows.files_of(connection, MANY).keys() == names
    file_rows.release_files(connection, MANY)
    assert file_rows.files_of(connection, MANY) == {}
    file_rows.forget_files(connection, names - {"1.xml"})
    file_rows.forget_files(connection, [])
    assert file_rows.all_paths(connection) == {"1.xml"}


def test_columns_that_a_row_leaves_out_have_defaults(connection: Connection) -> None:
    connection.execute(sa.insert(article), [{"path": "a.md", "mtime_ns": 0, "size": 0, "digest": ""}])
    connection.execute(sa.insert(manifest), [{"path": "a.xml", "digest": "", "size": 0}])
    assert connection.execute(sa.select(article.c.problems, article.c.live)).one() == ("[]", False)
    assert connection.execute(sa.select(sa.func.count()).select_from(dirty)).scalar_one() == 0
