"""Feeds of editions; documents that follow from the list of members alone, without any state of archives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

#: The table of feeds as it was, without its constraints: those of SQLite have no names by which to drop them.
_FEED = sa.Table(
    "feed",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("members", sa.Integer, nullable=False),
    sa.Column("published", sa.Boolean, nullable=False),
    sa.Column("archives", sa.Integer, nullable=False),
)


def upgrade() -> None:
    """Forget which archive holds what; keep instead when each member appeared. Everything is to be written anew."""
    _upgrade_memberships()
    _upgrade_feeds()
    op.execute("delete from meta where key in ('arrivals', 'fingerprint')")


def _upgrade_memberships() -> None:
    op.drop_index("ix_membership_window", "membership")
    with op.batch_alter_table("membership", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.alter_column("published", new_column_name="appeared")
        for column in ("arrival", "open", "archive"):
            batch.drop_column(column)
    op.execute(
        "update membership set appeared = (select case when appears > published then appears else published end"
        " from article where article.id = membership.article_id)"
    )
    op.create_index("ix_membership_window", "membership", ["feed_id", "appeared"])


def _upgrade_feeds() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for columns in ("scope_key", "scope_slug"):
            op.drop_constraint(f"feed_{columns}_key", "feed")
    with op.batch_alter_table("feed", copy_from=_FEED) as batch:
        batch.drop_column("archives")
        batch.add_column(sa.Column("edition", sa.Text, nullable=False, server_default=""))
        for column in ("key", "slug"):
            batch.create_unique_constraint(f"uq_feed_{column}", ["edition", "scope", column])
