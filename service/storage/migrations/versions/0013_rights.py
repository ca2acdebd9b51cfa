"""Authorities of user tasks, confirmation of what an aide entered."""

from __future__ import annotations

from service.storage.migrations.operations import run_sql_file

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0013_rights.sql")
