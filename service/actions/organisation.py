"""The office itself: agencies under one another, units within an agency.

Nothing here is deleted: a unit is closed, and what happened in it keeps its name.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from service.actions.organisation_rows import add_row, check_code, named, refuse, taken, unit_id_of
from service.domain.ids import new_id
from service.domain.permissions import require
from service.storage.models import Unit
from service.storage.unit_of_work import AuditRecord, UnitOfWork

SIDES: Final = ("party", "state")
"""The Party's own offices, and those of the State."""


def create_agency(unit: UnitOfWork, code: str, name: str, side: str, organ_id: str | None = None) -> UUID:
    """Found an agency under the actor's own one and return its id.

    Args:
        unit: of an administrator of the parent agency.
        code: lower-case word, unique in the installation.
        name: as the office writes it.
        side: ``party`` or ``state``.
        organ_id: its identifier on the exchange axis, at most 35 characters.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: a value is malformed.
        Conflict: the code is taken.
    """
    require(unit.actor, "agency.create")
    check_code(code)
    check_side(side)
    agency_id = new_id(unit.now)
    values = {"id": agency_id, "code": code, "name": named(name), "side": side, "organ_id": organ_id}
    statement = text("SELECT create_child_agency(:id, :code, :name, :side, :organ_id, :now)")
    try:
        with unit.session.begin_nested():
            unit.session.execute(statement, {**values, "now": unit.now})
    except IntegrityError as error:
        raise taken("/code", code) from error
    unit.audit(AuditRecord("agency.create", "agency", agency_id, {"code": code}))
    return agency_id


def create_unit(unit: UnitOfWork, code: str, name: str, parent_code: str | None = None) -> UUID:
    """Add a unit to the agency and return its id.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: a value is malformed.
        Conflict: the code is taken.
        NotFound: there is no parent unit of that code.
    """
    require(unit.actor, "unit.create")
    check_code(code)
    parent_id = unit_id_of(unit, parent_code) if parent_code else None
    row = {"code": code, "name": named(name), "parent_id": parent_id}
    return add_row(unit, "unit.create", Unit, row, {"code": code})


def check_side(side: str) -> None:
    """Refuse what is neither ``party`` nor ``state``.

    Raises:
        InvalidInput: it is neither.
    """
    if side not in SIDES:
        refuse("agency.side", "Khối phải là party hoặc state.", "The side is party or state.", "/side")
