"""What articles refer to: other articles, and the addresses that they were linked to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column; it is filled as articles are read, and a new version of feeds reads all of them."""
    op.add_column("article", sa.Column("references", sa.Text))
    has_any = sa.text('"references" IS NOT NULL')
    op.create_index("ix_article_references", "article", ["id"], sqlite_where=has_any, postgresql_where=has_any)
