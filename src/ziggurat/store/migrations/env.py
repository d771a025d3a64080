"""Alembic's entry: migrates over the connection it is given, inside that connection's transaction."""

from __future__ import annotations

from alembic import context

from ziggurat.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
