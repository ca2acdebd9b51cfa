"""Orders by which one person acts for another, second factors, tokens of programs."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns, and tell them in the answer to a token."""
    run_sql_file("0002_authority.sql")
    protect("delegation_order", "SELECT, INSERT, UPDATE")
    protect("second_factor", "SELECT, INSERT, UPDATE, DELETE")
