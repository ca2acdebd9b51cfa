"""Notices to people, and how they want to be told by mail."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0004_notices.sql")
    protect("notice", "SELECT, INSERT, UPDATE (read_at, mailed_at)")
    protect("notice_preference", "SELECT, INSERT, UPDATE, DELETE")
