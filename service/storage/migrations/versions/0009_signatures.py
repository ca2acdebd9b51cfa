"""Signing keys, consents, signatures of documents; reserved and voided numbers."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and the state of a register's line."""
    run_sql_file("0009_signatures.sql")
    protect(
        "signing_key",
        "SELECT, INSERT, UPDATE (image_sha256, disabled_at, disabled_by_id, disable_reason)",
    )
    protect(
        "signing_consent",
        "SELECT, INSERT, UPDATE (prepared, signature, completed_sha256, level, used_at)",
    )
    protect("document_signature", "SELECT, INSERT, UPDATE (level, voided_at, void_reason)")
    protect("signature_archive", "SELECT, INSERT, UPDATE (level, raised_at, renew_at, fault), DELETE")
    protect("number_scheme", "SELECT, INSERT, UPDATE (is_per_type, basis, changed_at, changed_by_id)")
