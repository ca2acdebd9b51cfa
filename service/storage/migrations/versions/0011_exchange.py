"""Deliveries by receiver, packets of the exchange axis, recalls."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0011_exchange.sql")
    protect("exchange_link", "SELECT, INSERT, UPDATE, DELETE")
    protect("exchange_axis", "SELECT, INSERT, UPDATE, DELETE")
    protect("delivery", "SELECT, INSERT, UPDATE")
    protect("exchange_packet", "SELECT, INSERT, UPDATE (outcome, document_id, delivery_id)")
