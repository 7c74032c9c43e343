"""When an article that claims a future modification is to be rendered again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column, and what finds articles that share an address; everything is read again, which fills it."""
    op.add_column("article", sa.Column("renews", sa.BigInteger))
    op.create_index("ix_article_url", "article", ["url"])
    op.execute("delete from meta where key = 'fingerprint'")
