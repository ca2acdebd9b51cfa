"""Alembic's entry: run the pending revisions on the connection that the caller has opened."""

from __future__ import annotations

from alembic import context

from service.storage.models import Base


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=True,
    include_name=_is_ours,
)
with context.begin_transaction():
    context.run_migrations()
