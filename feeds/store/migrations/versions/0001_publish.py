"""Tables of the publisher: articles, feeds, memberships, tombstones, manifest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "article",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("path", sa.Text, nullable=False, unique=True),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("problems", sa.Text, nullable=False),
        sa.Column("quarantined", sa.Boolean, nullable=False),
        sa.Column("uid", sa.Text, unique=True),
        sa.Column("url", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("published", sa.BigInteger),
        sa.Column("updated", sa.BigInteger),
        sa.Column("appears", sa.BigInteger),
        sa.Column("expires", sa.BigInteger),
        sa.Column("draft", sa.Boolean, nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("revived", sa.BigInteger),
        sa.Column("termless", sa.Boolean, nullable=False),
        sa.Column("entry_hash", sa.Text),
        sa.Column("pack", sa.Text),
        sa.Column("pack_offset", sa.BigInteger),
        sa.Column("pack_lengths", sa.Text),
    )
    op.create_index("ix_article_digest", "article", ["digest"])
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("members", sa.Integer, nullable=False),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column("archives", sa.Integer, nullable=False),
        sa.UniqueConstraint("scope", "key"),
        sa.UniqueConstraint("scope", "slug"),
    )
    op.create_table(
        "membership",
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("feed.id"), primary_key=True),
        sa.Column("article_id", sa.Integer, sa.ForeignKey("article.id"), primary_key=True),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("arrival", sa.BigInteger, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("archive", sa.Integer, nullable=False),
        sa.Column("spelling", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_membership_window", "membership", ["feed_id", "open", "published"])
    op.create_index("ix_membership_article", "membership", ["article_id"])
    op.create_table(
        "dirty",
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("feed.id"), primary_key=True),
        sa.Column("archive", sa.Integer, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tombstone",
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("feed.id"), primary_key=True),
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tombstone_ref", "tombstone", ["ref"])
    op.create_table(
        "manifest",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("feed.id")),
        sa.Column("archive", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_manifest_feed_id", "manifest", ["feed_id"])
