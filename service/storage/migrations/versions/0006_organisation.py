"""Posts, issuing bodies, kinds of account, changes of rights to confirm."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0006_organisation.sql")
    protect("issuing_body", "SELECT, INSERT, UPDATE")
    protect("issuing_body_term", "SELECT, INSERT, UPDATE")
    protect("post", "SELECT, INSERT, UPDATE")
    protect("post_holding", "SELECT, INSERT, UPDATE")
