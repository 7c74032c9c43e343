"""Rows that the editor's pages show: functions that take a connection. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from feeds.store.schema import article, entry, entry_change, link_check, match, piece, poll, verdict

#: A fact of the state: what the last rebuild that changed anything did, as JSON (desk/values.py, Rebuilt).
LAST_REBUILD = "last rebuild"


def pieced_articles(connection: Connection) -> Sequence[Row[Any]]:
    """Articles that can be read, by path, with what matching keeps of them as JSON (``said``)."""
    names = ("path", "title", "url", "published", "updated")
    columns: list[Any] = [*(article.c[name] for name in names), piece.c.said]
    query = select(*columns).join(piece, piece.c.article_id == article.c.id)
    return connection.execute(query.where(~article.c.quarantined).order_by(article.c.path)).all()


def broken_articles(connection: Connection) -> Sequence[Row[Any]]:
    """Articles that cannot be read, by path: what is wrong with them as JSON, and the title that they had before."""
    columns: list[Any] = [article.c.path, article.c.problems, article.c.title]
    query = select(*columns).where(article.c.quarantined)
    return connection.execute(query.order_by(article.c.path)).all()


def last_poll(connection: Connection) -> datetime | None:
    """When a source was asked last."""
    moment: datetime | None = connection.execute(select(func.max(poll.c.at))).scalar()
    return moment


def newest_change(connection: Connection) -> datetime | None:
    """When an entry came or changed last."""
    moment: datetime | None = connection.execute(select(func.max(entry.c.changed))).scalar()
    return moment


def state_of_audit(connection: Connection) -> str:
    """Another text once anything may have changed that audit.html shows, beside what a rebuild notes of itself."""
    facts: tuple[Any, ...] = (
        select(func.max(entry.c.changed)),
        select(func.max(entry_change.c.id)),
        select(func.max(link_check.c.checked)),
        select(func.count(), func.max(verdict.c.at)).select_from(verdict),
        select(func.count(), func.sum(match.c.score)).select_from(match),
    )
    return _facts(connection, facts)


def state_of_status(connection: Connection) -> str:
    """Likewise status.html."""
    facts: tuple[Any, ...] = (
        select(func.max(poll.c.id)),
        select(func.max(entry.c.changed)),
        select(func.count()).select_from(article).where(article.c.quarantined),
    )
    return _facts(connection, facts)


def _facts(connection: Connection, queries: Iterable[Select[Any]]) -> str:
    return repr([tuple(connection.execute(query).one()) for query in queries])
