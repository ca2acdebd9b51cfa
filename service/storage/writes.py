"""Row writes that go to the database together, as one statement.

A step of a process writes to half a dozen tables. Each statement of its own costs a round trip and the
building of its text; data-modifying common table expressions carry all of them at once, and the text for a
combination of tables and columns is built once. PostgreSQL checks foreign keys when the whole statement is
done, so the order of the parts does not matter; no row may be written twice in one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from psycopg.types.json import Jsonb
from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from service.storage.json_text import dump_json

MOST_PARTS: Final = 60
"""Parts in one statement; more go in further statements."""

MOST_ROWS: Final = 1_000
"""Rows in one part: PostgreSQL's protocol counts a statement's values in 16 bits."""


@dataclass(frozen=True, slots=True)
class RowInsert:
    """One new row; columns that are null or left out take the model's plain default, else the database's."""

    table: Table
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowsInsert:
    """New rows with the same columns, whose numbering by the database follows their order.

    Parts of one statement run in no order that PostgreSQL promises (in fact backwards); rows of one part do.

    Attributes:
        skips_known: a row whose key is there already is left out, instead of ending the transaction.
    """

    table: Table
    rows: Sequence[Mapping[str, Any]]
    skips_known: bool = False


@dataclass(frozen=True, slots=True)
class RowUpdate:
    """New values for the rows whose columns equal ``key``."""

    table: Table
    key: Mapping[str, Any]
    values: Mapping[str, Any]


RowWrite = RowInsert | RowsInsert | RowUpdate

_Shape = tuple[str, Table, tuple[str, ...], tuple[str, ...], int]
"""Kind, table, columns written, columns of the key, rows: what the statement's text depends on."""


def run_writes(session: Session, writes: Sequence[RowWrite]) -> None:
    """Carry the writes out, as few statements as may be."""
    for start in range(0, len(writes), MOST_PARTS):
        part = writes[start : start + MOST_PARTS]
        shapes, values = [], []
        for write in part:
            shape, parameters = _shape(write)
            shapes.append(shape)
            values += parameters
        session.connection().exec_driver_sql(_statement(tuple(shapes)), tuple(values))


def _shape(write: RowWrite) -> tuple[_Shape, list[Any]]:
    if isinstance(write, RowInsert):
        return _insert_shape(write.table, (write.row,))
    if isinstance(write, RowsInsert):
        return _insert_shape(write.table, write.rows, "insert_new" if write.skips_known else "insert")
    columns, keys = tuple(write.values), tuple(write.key)
    adapt = _adapters(write.table, columns)
    values = [use(value) for use, value in zip(adapt, write.values.values(), strict=True)]
    return ("update", write.table, columns, keys, 1), [*values, *write.key.values()]


def _insert_shape(
    table: Table, rows: Sequence[Mapping[str, Any]], kind: str = "insert"
) -> tuple[_Shape, list[Any]]:
    """Leave out the columns that are null in every row."""
    defaults = _defaults(table)
    filled = [defaults | {name: value for name, value in row.items() if value is not None} for row in rows]
    columns = tuple(filled[0]) if len(filled) == 1 else tuple(dict.fromkeys(chain.from_iterable(filled)))
    adapt = _adapters(table, columns)
    values = [use(row.get(name)) for row in filled for use, name in zip(adapt, columns, strict=True)]
    return (kind, table, columns, (), len(filled)), values


@lru_cache(maxsize=2_000)
def _statement(shapes: tuple[_Shape, ...]) -> str:
    parts = [_part(*shape) for shape in shapes]
    if len(parts) == 1:
        return parts[0]
    named = ", ".join(f"w{number} AS ({part})" for number, part in enumerate(parts))
    return f"WITH {named} SELECT 1"


def _part(kind: str, table: Table, columns: tuple[str, ...], keys: tuple[str, ...], rows: int) -> str:
    names = [_quoted(table.c[name]) for name in columns]
    if kind != "update":
        places = ", ".join([f"({', '.join(['%s'] * len(names))})"] * rows)
        known = " ON CONFLICT DO NOTHING" if kind == "insert_new" else ""
        return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {places}{known}"  # noqa: S608 - our own names
    changes = ", ".join(f"{name} = %s" for name in names)
    where = " AND ".join(f"{_quoted(table.c[name])} = %s" for name in keys)
    return f"UPDATE {table.name} SET {changes} WHERE {where}"  # noqa: S608 - our own names


def _quoted(column: Column[Any]) -> str:
    return f'"{column.name}"'


@lru_cache(maxsize=200)
def _defaults(table: Table) -> dict[str, Any]:
    return {
        column.name: column.default.arg
        for column in table.c
        if isinstance(column.default, ScalarElementColumnDefault)
    }


@lru_cache(maxsize=2_000)
def _adapters(table: Table, columns: tuple[str, ...]) -> tuple[Callable[[Any], Any], ...]:
    return tuple(_as_json if isinstance(table.c[name].type, JSONB) else _as_is for name in columns)


def _as_is(value: Any) -> Any:
    return value


def _as_json(value: Any) -> Any:
    return None if value is None else Jsonb(value, dumps=dump_json)
