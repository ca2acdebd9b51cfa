"""What another system was told is taken back, also where the row that was told stays as it is."""

from __future__ import annotations

from service.storage.migrations.operations import run_sql_file

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let what decides about the telling count as a change of what is told."""
    run_sql_file("0021_withdrawals.sql")
