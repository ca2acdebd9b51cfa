"""What revisions share: running SQL text and putting a tenant table under row-level security."""

from __future__ import annotations

from importlib import resources
from typing import Final

from alembic import op

RUNTIME_ROLE: Final = "congvan_app"
"""The role of web processes and workers: no owner, no superuser, rights table by table."""


def run_sql(sql: str) -> None:
    """Run SQL text of many statements on the migration's own connection, in its transaction."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(sql)


def run_sql_file(name: str) -> None:
    """Run ``versions/<name>``."""
    run_sql((resources.files("service.storage.migrations") / "versions" / name).read_text(encoding="utf-8"))


def protect(table: str, grants: str) -> None:
    """Show rows of ``table`` to their own agency only, and grant the runtime role what it needs.

    Args:
        table: a table with ``agency_id``.
        grants: privileges as SQL lists them, for example ``"SELECT, INSERT"``.
    """
    run_sql(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY tenant ON {table} USING (agency_id = current_agency())"
        " WITH CHECK (agency_id = current_agency());"
        f"GRANT {grants} ON {table} TO {RUNTIME_ROLE};",
    )
