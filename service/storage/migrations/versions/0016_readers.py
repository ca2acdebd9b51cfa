"""Who may see each document, kept ready for lists."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the readers, what a search looks through, and the indexes that lead from a person to documents."""
    run_sql_file("0016_readers.sql")
    protect("document_reader", "SELECT")
