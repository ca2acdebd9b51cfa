"""The lines of a register, as they stand now or as they were printed (NĐ 30/2020 Phụ lục IV).

What is known only later (who it went to, who took it, how far it is) is read from the document while the line
is open; printing keeps what was read, and from then on only addenda are added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select

from handlers.contract import Json
from handlers.registers.later import later_facts
from handlers.scanning.release import MASK, is_undecided
from service.domain.clock import OFFICE_ZONE
from service.domain.delivery import STATUS_NAMES
from service.domain.numbering import arrival_code
from service.domain.registers import PrintRange, RegisterForm
from service.storage.models import (
    Account,
    Document,
    NumberSeries,
    RegisterAddendum,
    RegistryEntry,
    Unit,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork

SERIES = table_of(NumberSeries)
ENTRY = table_of(RegistryEntry)
ADDENDUM = table_of(RegisterAddendum)
_DOCUMENT = table_of(Document)
_ACCOUNT = table_of(Account)
_UNIT = table_of(Unit)
_DOCUMENT_COLUMNS: Final = ("direction", "status", "due_at", "trace", "to_places", "secrecy")
_WORDS: Final = ("subject", "note", "reason")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a register.

    Attributes:
        entry_id: the registry entry.
        document_id: what was registered.
        number: within its series.
        registered_on: the day at the office.
        state: registered, reserved or voided.
        void_reason: why the number was voided; it stays taken.
        columns: values by the keys of the form's columns, and ``type_name`` and ``subject``; text or None.
        addenda: what was added afterwards, oldest first: at (ISO), by_name, columns, reason.
    """

    entry_id: UUID
    document_id: UUID
    number: int
    registered_on: date
    state: str
    void_reason: str | None
    columns: Mapping[str, str | None]
    addenda: tuple[Json, ...] = ()

    def as_json(self) -> Json:
        """Return the line as it is frozen."""
        return {
            "entry_id": str(self.entry_id),
            "document_id": str(self.document_id),
            "number": self.number,
            "registered_on": self.registered_on.isoformat(),
            "state": self.state,
            "void_reason": self.void_reason,
            "columns": dict(self.columns),
            "addenda": [dict(addendum) for addendum in self.addenda],
        }


def read_lines(
    unit: UnitOfWork,
    form: RegisterForm,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
) -> list[Line]:
    """Return the lines that meet the conditions on :data:`ENTRY`, by number.

    The words about a document that is locked by a spill are masked until that is decided.
    """
    is_masked = is_undecided(ENTRY.c.document_id).label("is_masked")
    rows = unit.session.execute(
        select(ENTRY, is_masked, *(_DOCUMENT.c[name] for name in _DOCUMENT_COLUMNS))
        .outerjoin(_DOCUMENT, _DOCUMENT.c.id == ENTRY.c.document_id)
        .where(*conditions)
        .order_by(ENTRY.c.number)
        .limit(limit),
    ).all()
    units = {row.code: row.name for row in unit.session.execute(select(_UNIT.c.code, _UNIT.c.name))}
    addenda = _addenda(unit, [row.id for row in rows])
    known = later_facts(unit, {row.document_id for row in rows})
    return [
        _line(row, form, _late(row, units) | known.get(row.document_id, {}), addenda.get(row.id, ()))
        for row in rows
    ]


def is_in(span: PrintRange) -> ColumnElement[bool]:
    """Return the condition that an entry was registered on one of these days at the office."""
    first = datetime.combine(span.from_on, time(), OFFICE_ZONE)
    after = datetime.combine(span.to_on + timedelta(days=1), time(), OFFICE_ZONE)
    return (ENTRY.c.registered_at >= first) & (ENTRY.c.registered_at < after)


def _addenda(unit: UnitOfWork, entry_ids: Iterable[UUID]) -> dict[UUID, tuple[Json, ...]]:
    found: dict[UUID, tuple[Json, ...]] = {}
    statement = (
        select(ADDENDUM, _ACCOUNT.c.full_name)
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == ADDENDUM.c.by_id)
        .where(ADDENDUM.c.entry_id.in_(list(entry_ids)))
        .order_by(ADDENDUM.c.id)
    )
    for row in unit.session.execute(statement):
        addendum = {
            "at": row.at.isoformat(),
            "by_name": row.full_name,
            "columns": row.columns,
            "reason": row.reason,
        }
        found[row.entry_id] = (*found.get(row.entry_id, ()), addendum)
    return found


def _line(
    row: Row[Any], form: RegisterForm, late: Mapping[str, str | None], addenda: tuple[Json, ...]
) -> Line:
    kept = row.columns | ({name: MASK for name in _WORDS if row.columns.get(name)} if row.is_masked else {})
    columns = {name: value if value is None else str(value) for name, value in kept.items()}
    columns |= {name: value for name, value in late.items() if not columns.get(name)}
    columns["title"] = _joined(": ", kept.get("type_name"), kept.get("subject"))
    is_arrival = "arrival_on" in kept
    columns["number_text"] = arrival_code(row.number) if is_arrival else str(row.number)
    if form == "handling":
        columns |= _handling(row, kept)
    return Line(
        entry_id=row.id,
        document_id=row.document_id,
        number=row.number,
        registered_on=row.registered_at.astimezone(OFFICE_ZONE).date(),
        state=_state(row),
        void_reason=row.void_reason,
        columns=columns,
        addenda=() if row.is_masked else addenda,
    )


def _state(row: Row[Any]) -> str:
    if row.voided_at is not None:
        return "voided"
    return str(getattr(row, "state", None) or "registered")


def _late(row: Row[Any], units: Mapping[str, str]) -> dict[str, str | None]:
    """Return what the document's trace tells: to whom and when it went, who took it up."""
    late: dict[str, str | None] = {}
    for line in row.trace or ():
        kind = line.get("kind")
        if kind == "direction" and line.get("lead_unit"):
            late["recipient"] = units.get(line["lead_unit"], line["lead_unit"])
            late["transferred_on"] = _office_day(line["at"])
        elif line.get("status") == "in_progress" and "receipt" not in late:
            late["receipt"] = line.get("by_name")
    if row.direction == "outgoing":
        late.setdefault("recipients", row.to_places or None)
    return late


def _handling(row: Row[Any], kept: Mapping[str, Any]) -> dict[str, str | None]:
    status = STATUS_NAMES.get(row.status or "", ("", ""))[0]
    due_on = row.due_at.astimezone(OFFICE_ZONE).date().isoformat() if row.due_at else None
    return {
        "source": _joined(
            ", ", _joined(" ", kept.get("type_name"), kept.get("code")), _day_words(kept), kept.get("author")
        ),
        "due_on": due_on,
        "progress": status or None,
    }


def _day_words(kept: Mapping[str, Any]) -> str | None:
    issued_on = kept.get("issued_on")
    return f"ngày {date.fromisoformat(issued_on):%d/%m/%Y}" if issued_on else None


def _office_day(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(OFFICE_ZONE).date().isoformat()


def _joined(separator: str, *parts: str | None) -> str | None:
    return separator.join(part for part in parts if part) or None
