"""Timed access outside one's duty, download rights, scans and attestations of files."""

from __future__ import annotations

from service.storage.migrations.operations import run_sql_file

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0007_access.sql")
