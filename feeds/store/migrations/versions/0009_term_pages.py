"""Which page of the site a tag or topic has, and what it is called there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns; everything is read again, which fills them."""
    op.add_column("membership", sa.Column("named", sa.Text))
    op.add_column("feed", sa.Column("title", sa.Text, nullable=False, server_default=""))
    op.add_column("feed", sa.Column("home", sa.Text, nullable=False, server_default=""))
    op.execute("delete from meta where key = 'fingerprint'")
