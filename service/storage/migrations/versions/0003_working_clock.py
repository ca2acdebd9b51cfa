"""The working clock: hours by season, inherited calendars, the deadline ledger, reminders."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ALL = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    """Add the tables and the functions that look upwards."""
    run_sql_file("0003_working_clock.sql")
    protect("calendar_season", _ALL)
    protect("deadline_entry", "SELECT, INSERT")
    protect("reminder_ladder", _ALL)
    protect("task_reminder", _ALL)
