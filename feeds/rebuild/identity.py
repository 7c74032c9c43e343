"""Whose row is it? Recognise renamed files, and give every article an id of its own."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Row

from feeds.model import Problem, Severity
from feeds.publish.select import distinguish_id
from feeds.rebuild.values import Card, Prepared
from feeds.store import article_rows
from feeds.store.sql import read_meta, write_meta

#: Whole rows of the articles at hand, by the path that they have in the store.
Rows = Mapping[str, Row[Any]]


def moved_untouched(
    new: Sequence[str], gone: Collection[str], rows: Rows, digest_of: Callable[[str], str]
) -> dict[str, str]:
    """New path -> old path of files that were renamed and nothing else."""
    lost: dict[str, list[str]] = defaultdict(list)
    for path in sorted(gone, reverse=True):
        lost[rows[path].digest].append(path)
    moved: dict[str, str] = {}
    for path in new if lost else ():
        candidates = lost.get(digest_of(path))
        if candidates:
            moved[path] = candidates.pop()
    return moved


def moved_and_edited(new: Sequence[Prepared], gone: Collection[str], rows: Rows) -> dict[str, str]:
    """New path -> old path of files that were renamed and edited: the same id, or alone with its title and date."""
    by_uid = {rows[path].uid: path for path in gone if rows[path].uid}
    by_face: dict[tuple[str, datetime], list[str]] = defaultdict(list)
    for path in gone:
        by_face[rows[path].title, rows[path].published].append(path)
    moved: dict[str, str] = {}
    for one in new if gone else ():
        if one.card is None:
            continue
        twins = by_face.get((one.card.title, one.card.published), [])
        old = by_uid.get(one.card.uid) or (twins[0] if len(twins) == 1 else None)
        if old and old not in moved.values():
            moved[one.path] = old
    return moved


class Registrar:
    """Hands out ids: the one an article had, the one it names, or one that tells it from its twin."""

    def __init__(self, owners: Mapping[str, int]) -> None:
        """``owners`` says which article of the store has an id (uid -> article id)."""
        self._owners = owners
        self._taken: dict[str, str] = {}

    def settle(self, one: Prepared, row: Row[Any] | None) -> Prepared:
        """The article with the id that it is to have; quarantined if it names another's."""
        if one.card is None:
            return one
        uid = self._wish(one.card, row)
        if not self._is_free(uid, row):
            if one.card.named_id:
                return self._refused(one, uid)
            uid = distinguish_id(uid, one.path)
        self._taken[uid] = one.path
        return replace(one, card=replace(one.card, uid=uid))

    def _wish(self, card: Card, row: Row[Any] | None) -> str:
        """What the author names now comes first; then what the article was given once."""
        if card.is_id_verbatim or row is None or not row.uid:
            return card.uid
        return str(row.uid)

    def _is_free(self, uid: str, row: Row[Any] | None) -> bool:
        owner = self._owners.get(uid)
        return uid not in self._taken and (owner is None or (row is not None and owner == row.id))

    def _refused(self, one: Prepared, uid: str) -> Prepared:
        problem = same_id(one.path, uid, self._taken.get(uid, "another article"))
        return replace(one, card=None, problems=(*one.problems, problem))


#: Fact in the state: the addresses that several articles have, as they were told last.
_SHARED = "shared_addresses"


def told_addresses(connection: Connection, changed: Collection[str] | None) -> list[Problem]:
    """A warning for each article in feeds whose address another one has.

    Only addresses that were shared before and those that ``changed`` are looked up; None looks for all.
    """
    known = "" if changed is None else read_meta(connection, _SHARED)
    before: list[list[str]] = json.loads(known) if known else []
    urls = {*(changed or ()), *(url for url, *_ in before)} if known else None
    shared = article_rows.shared_addresses(connection, urls)
    if not known or shared != before:
        write_meta(connection, _SHARED, json.dumps(shared))
    return [same_address(path, url, first) for url, first, *others in shared for path in others]


def same_id(path: str, uid: str, other: str) -> Problem:
    """An author gave an article the id of another one."""
    why, fix = f"{uid} is already the id of {other}", "give every article an id of its own"
    return Problem(path=path, what="id", why=why, fix=fix)


def same_address(path: str, url: str, other: str) -> Problem:
    """Two articles have one address."""
    why = f"{url} is also the address of {other}; both are published, with different ids"
    fix = "give one of them another slug, or use :slugorfilename in the content's url"
    return Problem(path=path, severity=Severity.WARNING, what="url", why=why, fix=fix)
