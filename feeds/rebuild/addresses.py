"""Articles of one address: told at every run, whichever of them was read."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import Connection

from feeds.model import Problem, Severity
from feeds.store import article_rows
from feeds.store.sql import read_meta, write_meta

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


def same_address(path: str, url: str, other: str) -> Problem:
    """Two articles have one address."""
    why = f"{url} is also the address of {other}; both are published, with different ids"
    fix = "give one of them another slug, or use :slugorfilename in the content's url"
    return Problem(path=path, severity=Severity.WARNING, what="url", why=why, fix=fix)
