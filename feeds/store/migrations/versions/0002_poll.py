"""Tables of the poller: feeds of sources, their entries, what those were once called, and a log of requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "source_feed",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("url", sa.Text, nullable=False, unique=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("next_poll", sa.BigInteger),
        sa.Column("stopped", sa.Boolean, nullable=False),
        sa.Column("domain_free", sa.BigInteger),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_until", sa.BigInteger),
        sa.Column("learnt", sa.Text, nullable=False),
        sa.Column("slices", sa.LargeBinary),
    )
    op.create_index("ix_source_feed_next_poll", "source_feed", ["next_poll"])
    op.create_index("ix_source_feed_domain", "source_feed", ["domain"])
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("source_feed.id"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("url_key", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("updated", sa.BigInteger),
        sa.Column("updates", sa.Integer, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("feed_id", "key"),
    )
    op.create_index("ix_entry_url_key", "entry", ["url_key"])
    op.create_index("ix_entry_newest", "entry", ["feed_id", "at"])
    op.create_table(
        "entry_past",
        sa.Column("entry_id", sa.Integer, sa.ForeignKey("entry.id"), primary_key=True),
        sa.Column("until", sa.BigInteger, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("url_key", sa.Text),
    )
    op.create_index("ix_entry_past_url_key", "entry_past", ["url_key"])
    op.create_table(
        "poll",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("source_feed.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("conditional", sa.Boolean, nullable=False),
        sa.Column("had_validators", sa.Boolean, nullable=False),
        sa.Column("retry_after", sa.BigInteger),
        sa.Column("fresh_for", sa.BigInteger),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
    )
    op.create_index("ix_poll_feed_id", "poll", ["feed_id"])
    op.create_index("ix_poll_at", "poll", ["at"])
