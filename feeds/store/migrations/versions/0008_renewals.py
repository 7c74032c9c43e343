"""When an article that claims a future modification is to be rendered again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; everything is read again, which fills it."""
    op.add_column("article", sa.Column("renews", sa.BigInteger))
    op.execute("delete from meta where key = 'fingerprint'")
