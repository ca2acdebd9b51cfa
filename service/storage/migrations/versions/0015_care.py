"""Who answers for the agency's account, shares with other agencies, taking data out."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    run_sql_file("0015_care.sql")
    protect("account_care", "SELECT, INSERT, UPDATE (until_at)")
    protect("document_share", "SELECT, INSERT, UPDATE (ended_at, ended_by_id, end_reason)")
