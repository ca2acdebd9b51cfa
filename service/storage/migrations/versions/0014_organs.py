"""The exchange identifiers of issuing bodies (S3-16)."""

from __future__ import annotations

from service.storage.migrations.operations import run_sql_file

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and let no identifier be claimed twice."""
    run_sql_file("0014_organs.sql")
