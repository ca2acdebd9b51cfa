"""Second factors, passkeys, identities of another provider, tokens of programs."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = (
    "recovery_code",
    "passkey",
    "passkey_challenge",
    "login_challenge",
    "provider_identity",
    "provider_login",
)


def upgrade() -> None:
    """Add the tables, and tell a person's second factors in the answer to a token."""
    run_sql_file("0005_credentials.sql")
    for table in _TABLES:
        protect(table, "SELECT, INSERT, UPDATE, DELETE")
