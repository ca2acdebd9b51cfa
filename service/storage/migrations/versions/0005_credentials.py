"""Second factors, passkeys, identities of another provider, tokens of programs."""

from __future__ import annotations

from service.storage.migrations.operations import run_sql_file

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0005_credentials.sql")
