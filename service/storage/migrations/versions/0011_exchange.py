"""Deliveries by receiver, packets of the exchange axis, recalls."""

from __future__ import annotations

from service.storage.migrations.operations import run_sql_file

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    run_sql_file("0011_exchange.sql")
