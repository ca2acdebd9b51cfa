"""Alembic's entry: run the pending revisions on the connection that the caller has opened."""

from __future__ import annotations

from alembic import context

from service.storage.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
