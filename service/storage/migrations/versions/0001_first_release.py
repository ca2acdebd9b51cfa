"""The first release: tables, the runtime role, row-level security, functions, the job queue."""

from __future__ import annotations

from procrastinate.schema import SchemaManager

from service.storage.migrations.operations import protect, run_sql, run_sql_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND = "SELECT, INSERT"
_KEEP = "SELECT, INSERT, UPDATE"
_ALL = "SELECT, INSERT, UPDATE, DELETE"

_TENANT_TABLES = {
    "account": _KEEP,
    "assistance": _KEEP,
    "audit_event": _APPEND,
    "blob": "SELECT, INSERT, DELETE",
    "calendar_day": _ALL,
    "document": _KEEP,
    "document_file": _KEEP,
    "dossier": _KEEP,
    "dossier_item": _ALL,
    "history": _APPEND,
    "idempotency_key": _ALL,
    "incident": _KEEP,
    "job": _ALL,
    "login_session": _KEEP,
    "membership": _KEEP,
    "number_series": _KEEP,
    "outbox": _ALL,
    "partner": _ALL,
    "process_definition": "SELECT, INSERT, UPDATE (active)",
    "process_instance": _KEEP,
    "registry_entry": "SELECT, INSERT, UPDATE (columns, voided_at, void_reason)",
    "subscription": _ALL,
    "task_note": _APPEND,
    "timer": _ALL,
    "timer_start": _ALL,
    "unit": _KEEP,
    "user_task": _KEEP,
}


def upgrade() -> None:
    """Build everything from nothing."""
    run_sql_file("0001_tables.sql")
    run_sql_file("0001_runtime_role.sql")
    for table, grants in _TENANT_TABLES.items():
        protect(table, grants)
    run_sql_file("0001_functions.sql")
    run_sql_file("0001_audit.sql")
    run_sql(SchemaManager.get_schema())
    run_sql_file("0001_job_queue.sql")
