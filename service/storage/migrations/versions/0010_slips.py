"""Submission slips and their opinions."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0010_slips.sql")
    protect("submission_slip", "SELECT, INSERT, UPDATE")
    protect("slip_opinion", "SELECT, INSERT")
