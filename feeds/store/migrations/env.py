"""Run by Alembic with the connection that Store opened."""

from __future__ import annotations

from alembic import context

from feeds.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
