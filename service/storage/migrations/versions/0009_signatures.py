"""Signing keys, consents, signatures of documents; reserved and voided numbers."""

from __future__ import annotations

from service.storage.migrations.operations import run_sql_file

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0009_signatures.sql")
