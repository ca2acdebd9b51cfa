"""Who may take each open task, kept ready for lists."""

from __future__ import annotations

from service.storage.migrations.operations import protect, run_sql_file

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the owners of tasks as rows, and the indexes that lists of tasks, instances and slips go by."""
    run_sql_file("0019_task_owners.sql")
    protect("user_task_owner", "SELECT")
