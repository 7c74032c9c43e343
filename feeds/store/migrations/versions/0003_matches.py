"""Tables of matching: pieces, matches, verdicts, what became of entries and of cited pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create them, and the columns that say what is still to be done."""
    no = sa.false()
    op.add_column("article", sa.Column("kind", sa.Text, nullable=False, server_default="article"))
    op.add_column("article", sa.Column("stale", sa.Boolean, nullable=False, server_default=no))
    op.add_column("entry", sa.Column("matched", sa.Boolean, nullable=False, server_default=no))
    op.create_table(
        "piece",
        sa.Column("article_id", sa.Integer, sa.ForeignKey("article.id"), primary_key=True),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("imprint", sa.LargeBinary, nullable=False),
        sa.Column("matched", sa.Boolean, nullable=False, server_default=no),
    )
    _index_where("article", "stale", "id", "stale")
    _index_where("entry", "unmatched", "id", "not matched")
    _index_where("piece", "unmatched", "article_id", "not matched")
    op.create_table(
        "match",
        sa.Column("entry_id", sa.Integer, sa.ForeignKey("entry.id"), primary_key=True),
        sa.Column("article_id", sa.Integer, sa.ForeignKey("article.id"), primary_key=True),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("citation", sa.Integer),
    )
    op.create_index("ix_match_article", "match", ["article_id"])
    op.create_table(
        "verdict",
        sa.Column("entry_id", sa.Integer, sa.ForeignKey("entry.id"), primary_key=True),
        sa.Column("article_uid", sa.Text, primary_key=True),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_verdict_article", "verdict", ["article_uid"])
    op.create_table(
        "entry_change",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("entry_id", sa.Integer, sa.ForeignKey("entry.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
    )
    op.create_index("ix_entry_change_entry_id", "entry_change", ["entry_id"])
    op.create_index("ix_entry_change_at", "entry_change", ["at"])
    op.create_table(
        "link_check",
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("checked", sa.BigInteger, nullable=False),
        sa.Column("fresh_until", sa.BigInteger, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("moved_to", sa.Text),
        sa.Column("since", sa.BigInteger, nullable=False),
    )


def _index_where(table: str, name: str, column: str, condition: str) -> None:
    """An index of the few rows that are still to be done."""
    where = sa.text(condition)
    op.create_index(f"ix_{table}_{name}", table, [column], sqlite_where=where, postgresql_where=where)
