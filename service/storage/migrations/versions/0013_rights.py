"""Changes of rights until they are confirmed, leaders' words on what aides entered, dates of decrees."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the column."""
    run_sql_file("0013_rights.sql")
    protect("permission_change", "SELECT, INSERT, UPDATE (decision, decided_at, decided_by_id, reason)")
    protect("task_confirmation", "SELECT, INSERT")
