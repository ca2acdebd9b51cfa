"""Drafts: profile, fields, recipients and versions of outgoing documents."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0008_outgoing.sql")
    protect("draft", "SELECT, INSERT, UPDATE")
    protect("document_recipient", "SELECT, INSERT, UPDATE, DELETE")
