"""Wiping a spill reaches what was said on slips and assignments about the document, and of entered words."""

from __future__ import annotations

from service.storage.migrations.operations import run_sql_file

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the function that forgets the words of answers."""
    run_sql_file("0022_answers.sql")
