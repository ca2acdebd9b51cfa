"""Looks for words in a whole database, wherever they may have been kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text


def rows_with(owner: Any, words: str) -> list[str]:
    """Return the tables of the whole database in which the words stand, in any column."""
    found = []
    with owner.session() as session:
        columns = session.execute(
            text(
                "SELECT table_name, column_name, udt_name FROM information_schema.columns"
                " JOIN information_schema.tables USING (table_schema, table_name)"
                " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            )
        ).all()
        for table, column, kind in columns:
            if kind == "bytea":
                holds = f"position(convert_to(:words, 'UTF8') IN \"{column}\") > 0"
            else:
                holds = f'position(:words IN "{column}"::text) > 0'
            if session.execute(
                text(f'SELECT 1 FROM "{table}" WHERE {holds} LIMIT 1'), {"words": words}
            ).first():
                found.append(f"{table}.{column}")
    return found
