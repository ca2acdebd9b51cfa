"""Work that leaders assign (nhiệm vụ), and what was done about it."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add assignments and their history."""
    run_sql_file("0017_assignments.sql")
    protect("assignment", "SELECT, INSERT, UPDATE")
    protect("assignment_party", "SELECT, INSERT, DELETE")
    protect("assignment_entry", "SELECT, INSERT")
