"""Drafts that more than one person or body signs."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what joint documents need."""
    run_sql_file("0018_cosigners.sql")
    protect("draft_cosigner", "SELECT, INSERT, DELETE")
