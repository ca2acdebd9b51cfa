"""How the files of a package to a partner office are encoded."""

from __future__ import annotations

from service.storage.migrations.operations import run_sql_file

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the encoding to each connection; packages go on as they went."""
    run_sql_file("0020_attachment_encoding.sql")
