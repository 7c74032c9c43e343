"""Rows of the feeds that articles share: functions that take a connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from feeds.store.article_rows import chunks
from feeds.store.schema import article, feed, membership


def spellings_of_articles(connection: Connection, ids: Collection[int] | None) -> dict[int, dict[int, str]]:
    """Article id -> feed id -> spelling, of some articles or of all; what is adopted from elsewhere is left out.

    Three plain queries: joined in one, SQLite begins with the feeds and takes 80 times as long.
    """
    query = select(membership.c.article_id, membership.c.feed_id, membership.c.spelling)
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for part in _parts(query, membership.c.article_id, ids):
        for article_id, feed_id, spelling in connection.execute(part):
            found[article_id][feed_id] = spelling
    adopted = select(article.c.id).where(article.c.kind != "article")
    for part in _parts(adopted, article.c.id, ids):
        for article_id in connection.execute(part).scalars():
            found.pop(article_id, None)
    return found


def terms_of_feeds(connection: Connection, ids: Collection[int] | None) -> dict[int, tuple[str, str, str, str]]:
    """Feed id -> (edition, scope, key, slug), of some feeds or of all."""
    query = select(feed.c.id, feed.c.edition, feed.c.scope, feed.c.key, feed.c.slug)
    parts = _parts(query, feed.c.id, ids)
    return {id_: (edition, *term) for part in parts for id_, edition, *term in connection.execute(part)}


def _parts(query: Select[Any], column: ColumnElement[int], ids: Collection[int] | None) -> list[Select[Any]]:
    """The query in pieces that a database takes; whole without ids."""
    return [query] if ids is None else [query.where(column.in_(some)) for some in chunks(sorted(ids))]
