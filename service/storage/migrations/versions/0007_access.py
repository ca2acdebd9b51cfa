"""Timed access outside one's duty, download rights, scans and attestations of files, spills."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0007_access.sql")
    protect("access_request", "SELECT, INSERT, UPDATE")
    protect("access_grant", "SELECT, INSERT, UPDATE (ended_at)")
    protect("file_attestation", "SELECT, INSERT")
    protect("blob_scan", "SELECT, INSERT, UPDATE (state, finding, attempts, due_at, scanned_at)")
    decided = "state, masked, decided_by_id, decided_at, decision_reason, wiped_at"
    protect("spill", f"SELECT, INSERT, UPDATE ({decided})")
    protect("spill_file", "SELECT, INSERT, UPDATE (wiped_at, outcome)")
