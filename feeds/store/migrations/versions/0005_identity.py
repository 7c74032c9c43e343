"""What articles are recognised by, and what is known of those that left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add it; the next full rebuild, which a new release makes once, fills the columns."""
    op.add_column("article", sa.Column("named_id", sa.Text))
    op.add_column("article", sa.Column("sketch", sa.LargeBinary))
    op.create_index("ix_article_url", "article", ["url"])
    op.create_table(
        "former_article",
        sa.Column("uid", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("named_id", sa.Text),
        sa.Column("url", sa.Text),
        sa.Column("title", sa.Text),
        sa.Column("published", sa.BigInteger),
        sa.Column("sketch", sa.LargeBinary),
    )
    for column in ("path", "digest", "named_id", "url", "title"):
        op.create_index(f"ix_former_article_{column}", "former_article", [column])
