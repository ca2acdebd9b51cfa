"""Printed ranges of registers, addenda, year-end books."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0012_registers.sql")
    protect(
        "register_print", "SELECT, INSERT, UPDATE (printed_on, signed_by, volume, marked_at, marked_by_id)"
    )
    protect("register_addendum", "SELECT, INSERT")
