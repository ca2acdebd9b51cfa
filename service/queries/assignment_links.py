"""What assignments name beside themselves: their parties, and documents and slips that the reader may see.

Who may not see a document or a slip does not learn that there is one (S2-4.1, S3-19.2).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select

from handlers.assignments.assignment_row import PARTY
from handlers.records.description import document_code
from handlers.slips.slip_row import SLIP
from service.domain.assignments import PART_NAMES
from service.queries.document_access import DOCUMENT, may_read_seen, may_see
from service.queries.slips import may_see as may_see_slip
from service.storage.models import Account, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_UNIT = table_of(Unit)
_ORDER: Final = tuple(PART_NAMES)


@dataclass(frozen=True, slots=True)
class PartyView:
    """Who has a part: a person by ``login``, or a unit by ``unit_code``."""

    part: str
    login: str | None
    unit_code: str | None
    name: str
    position: str


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """The source document as its reader knows it; without the right to read it, ``subject`` is None."""

    id: UUID
    direction: str
    type_name: str
    code: str
    issued_on: date | None
    organ_name: str
    subject: str | None


@dataclass(frozen=True, slots=True)
class SlipLink:
    """The slip that the assignment follows."""

    id: UUID
    matter: str
    result: str | None


@dataclass(frozen=True, slots=True)
class Links:
    """Whatever some assignments name, by the ids that name it."""

    parties: Mapping[UUID, tuple[PartyView, ...]]
    documents: Mapping[UUID, DocumentLink]
    slips: Mapping[UUID, SlipLink]

    def of_part(self, assignment_id: UUID, *parts: str) -> tuple[PartyView, ...]:
        """Return the parties of an assignment that have one of the parts."""
        return tuple(one for one in self.parties.get(assignment_id, ()) if one.part in parts)


def parties_of(unit: UnitOfWork, assignment_ids: Collection[UUID]) -> dict[UUID, tuple[PartyView, ...]]:
    """Return the parties of assignments in the order of their parts, each once."""
    if not assignment_ids:
        return {}
    names = (
        _ACCOUNT.c.login,
        _ACCOUNT.c.full_name,
        _ACCOUNT.c.position,
        _UNIT.c.code,
        _UNIT.c.name.label("unit_name"),
    )
    statement = (
        select(PARTY.c.assignment_id, PARTY.c.part, *names)
        .select_from(PARTY)
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == PARTY.c.account_id)
        .outerjoin(_UNIT, _UNIT.c.id == PARTY.c.unit_id)
        .where(PARTY.c.assignment_id.in_(list(assignment_ids)))
        .order_by(_UNIT.c.name, _ACCOUNT.c.full_name, PARTY.c.reference)
    )
    found: dict[UUID, dict[PartyView, None]] = {}
    for row in unit.session.execute(statement):
        view = PartyView(
            row.part, row.login, row.code, row.full_name or row.unit_name or "", row.position or ""
        )
        found.setdefault(row.assignment_id, {})[view] = None
    return {key: tuple(sorted(some, key=lambda one: _ORDER.index(one.part))) for key, some in found.items()}


def documents_of(unit: UnitOfWork, document_ids: Collection[UUID]) -> dict[UUID, DocumentLink]:
    """Return those of the documents that exist for the actor."""
    if not document_ids:
        return {}
    names = ("id", "direction", "type_name", "code_number", "code_notation", "issued_on", "organ_name")
    columns = [DOCUMENT.c[name] for name in (*names, "subject")]
    statement = select(*columns, may_read_seen(unit).label("may_read"))
    rows = unit.session.execute(statement.where(DOCUMENT.c.id.in_(list(document_ids)), may_see(unit)))
    return {
        row.id: DocumentLink(
            row.id,
            row.direction,
            row.type_name,
            document_code(row.code_number, row.code_notation),
            row.issued_on,
            row.organ_name,
            row.subject if row.may_read else None,
        )
        for row in rows
    }


def slips_of(unit: UnitOfWork, slip_ids: Collection[UUID]) -> dict[UUID, SlipLink]:
    """Return those of the slips that exist for the actor."""
    if not slip_ids:
        return {}
    statement = select(SLIP.c.id, SLIP.c.matter, SLIP.c.result)
    rows = unit.session.execute(statement.where(SLIP.c.id.in_(list(slip_ids)), may_see_slip(unit.actor)))
    return {row.id: SlipLink(row.id, row.matter, row.result) for row in rows}
