"""The office itself: agencies under one another, units within an agency.

Nothing here is deleted: a unit is closed, and what happened in it keeps its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from handlers.accounts.rows import (
    add_row,
    change_row,
    check_code,
    named,
    refuse,
    taken,
    unit_id_of,
)
from service.actions.exports import EXPORT_RULES
from service.domain.actors import Actor, system_actor
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict, Finding, NotFound
from service.domain.ids import new_id
from service.domain.permissions import require
from service.storage.database import Database
from service.storage.models import Agency, Membership, Post, Unit, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

SIDES: Final = ("party", "state")
"""The Party's own offices, and those of the State."""
ORGAN_ID_CHARACTERS: Final = 35
_ORGAN_CLAIMS: Final = frozenset({"uq_organ_id", "uq_issuing_body_organ_id"})

_membership = table_of(Membership)
_post = table_of(Post)
_unit = table_of(Unit)


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
        Conflict: the code or the identifier is taken.
    """
    require(unit.actor, "agency.create")
    check_code(code)
    check_side(side)
    agency_id = new_id(unit.now)
    organ = check_organ_id(organ_id) if organ_id else None
    values = {"id": agency_id, "code": code, "name": named(name), "side": side, "organ_id": organ}
    statement = text("SELECT create_child_agency(:id, :code, :name, :side, :organ_id, :now)")
    try:
        with claiming_organ(unit, organ), unit.session.begin_nested():
            unit.session.execute(statement, {**values, "now": unit.now})
    except IntegrityError as error:
        raise taken("/code", code) from error
    unit.audit(AuditRecord("agency.create", "agency", agency_id, {"code": code}))
    return agency_id


def found_agency(owner: Database, code: str, name: str, side: str, organ_id: str | None = None) -> Actor:
    """Found an agency at the top of the tree and return its system's actor.

    Args:
        owner: units of work of the owner role, which alone may write into no agency yet.
        code: as for :func:`create_agency`.
        name: the same.
        side: the same.
        organ_id: the same.

    Raises:
        InvalidInput: a value is malformed.
        Conflict: the code or the identifier is taken.
    """
    check_code(code)
    check_side(side)
    now = owner.clock.now()
    actor = system_actor(new_id(now), code)
    row = {"id": actor.agency_id, "code": code, "name": named(name), "side": side, "parent_id": None}
    organ = check_organ_id(organ_id) if organ_id else None
    row |= {"organ_id": organ, "created_at": now}
    try:
        with owner.unit_of_work(actor) as unit:
            with claiming_organ(unit, organ):
                unit.session.execute(insert(table_of(Agency)), row)
            unit.audit(AuditRecord("agency.create", "agency", actor.agency_id, {"code": code}))
    except IntegrityError as error:
        raise taken("/code", code) from error
    return actor


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


def rename_unit(unit: UnitOfWork, code: str, name: str) -> None:
    """Give a unit another name; its code, and with it everything that names the unit, stays.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: the name is empty.
        NotFound: the agency has no such unit.
        Conflict: it is closed.
    """
    require(unit.actor, "unit.change")
    row = _lock_unit(unit, code)
    details = {"code": code, "from": row["name"], "to_name": named(name)}
    change_row(unit, "unit.rename", Unit, row["id"], {"name": details["to_name"]}, details=details)


def move_unit(unit: UnitOfWork, code: str, parent_code: str | None) -> None:
    """Put a unit under another one, or (None) at the top.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such unit.
        Conflict: one of them is closed, or the unit would stand under itself.
    """
    require(unit.actor, "unit.change")
    unit.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_lock_name(unit), 0))))
    row = _lock_unit(unit, code)
    parent_id = unit_id_of(unit, parent_code) if parent_code else None
    if parent_id is not None and parent_id in _subtree(unit, row["id"]):
        vi, en = "Đơn vị không thể trực thuộc chính nó.", "A unit cannot stand under itself."
        raise Conflict("unit.cycle", vi, en)
    details = {"code": code, "parent": parent_code}
    change_row(unit, "unit.move", Unit, row["id"], {"parent_id": parent_id}, details=details)


def close_unit(unit: UnitOfWork, code: str) -> None:
    """Close a unit in which nobody is and nothing stands any more; its name stays in history.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such unit.
        Conflict: it is closed already, or people, posts or units are left in it.
    """
    require(unit.actor, "unit.change")
    row = _lock_unit(unit, code)
    left = _left_in(unit, row["id"])
    if left:
        vi = "Đơn vị còn người, chức danh hoặc đơn vị trực thuộc; hãy chuyển hoặc kết thúc trước."
        en = "People, posts or units are left in the unit; move or end them first."
        raise Conflict("unit.not_empty", vi, en, extra={"left": left})
    change_row(unit, "unit.close", Unit, row["id"], {"closed_at": unit.now}, details={"code": code})


def change_agency(
    unit: UnitOfWork,
    *,
    name: str | None = None,
    organ_id: str | None = None,
    export_rule: str | None = None,
) -> None:
    """Change the actor's own agency; None = stays.

    Args:
        unit: of an administrator.
        name: as the office writes it.
        organ_id: its identifier on the exchange axis.
        export_rule: what happens when data is taken out as a file, ``warn`` or ``confirm`` (S1-8.3).

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: a value is malformed.
        Conflict: the identifier is another agency's, or an issuing body's.
    """
    require(unit.actor, "agency.change")
    agency = table_of(Agency)
    values = {}
    if name is not None:
        values["name"] = named(name)
    if organ_id is not None:
        values["organ_id"] = check_organ_id(organ_id)
    if export_rule is not None:
        values["export_rule"] = _checked_rule(export_rule)
    before = unit.session.execute(select(*[agency.c[key] for key in ("name", "organ_id", "export_rule")]))
    known = before.mappings().one()
    if values:
        with claiming_organ(unit, values.get("organ_id")):
            unit.session.execute(update(agency).where(agency.c.id == unit.actor.agency_id).values(**values))
    details = {key: [known[key], value] for key, value in values.items()}
    unit.audit(AuditRecord("agency.change", "agency", unit.actor.agency_id, details))


def _checked_rule(rule: str) -> str:
    if rule not in EXPORT_RULES:
        vi, en = "Cách xử lý phải là warn hoặc confirm.", "The rule is warn or confirm."
        refuse("export.rule", vi, en, "/export_rule")
    return rule


@contextmanager
def claiming_organ(unit: UnitOfWork, organ_id: str | None) -> Iterator[None]:
    """Write an exchange identifier; agencies and open bodies of the installation share none (S3-16).

    Raises:
        Conflict: ``organ_id.taken``: another one has it.
    """
    try:
        with unit.session.begin_nested():
            yield
    except IntegrityError as error:
        told: Any = getattr(error.orig, "diag", None)
        if told is None or told.constraint_name not in _ORGAN_CLAIMS:
            raise
        vi = f"Mã định danh “{organ_id}” đã thuộc cơ quan, tổ chức khác trong hệ thống."
        en = f"The identifier “{organ_id}” belongs to another office or body of this installation."
        finding = Finding("organ_id.taken", vi, en, "/organ_id")
        raise Conflict("organ_id.taken", vi, en, [finding]) from error


def check_side(side: str) -> None:
    """Refuse what is neither ``party`` nor ``state``.

    Raises:
        InvalidInput: it is neither.
    """
    if side not in SIDES:
        refuse("agency.side", "Khối phải là party hoặc state.", "The side is party or state.", "/side")


def _lock_unit(unit: UnitOfWork, code: str) -> Any:
    row = unit.session.execute(select(_unit).where(_unit.c.code == code).with_for_update()).mappings().first()
    if row is None:
        raise NotFound("unit.not_found", "Không có đơn vị này.", "There is no such unit.")
    if row["closed_at"] is not None:
        raise Conflict("unit.closed", "Đơn vị này đã đóng.", "This unit is closed.")
    return row


def _lock_name(unit: UnitOfWork) -> str:
    """Units of one agency move one after the other, so that two cannot close a circle together."""
    return f"units:{unit.actor.agency_id}"


def _subtree(unit: UnitOfWork, unit_id: UUID) -> set[UUID]:
    below = select(_unit.c.id).where(_unit.c.id == unit_id).cte("below", recursive=True)
    below = below.union(select(_unit.c.id).join(below, _unit.c.parent_id == below.c.id))
    return set(unit.session.execute(select(below.c.id)).scalars())


def _left_in(unit: UnitOfWork, unit_id: UUID) -> dict[str, int]:
    """Return what keeps a unit from being closed: open units and posts, roles from today on."""
    today = unit.now.astimezone(OFFICE_ZONE).date()
    holds = or_(_membership.c.to_on.is_(None), _membership.c.to_on >= today)
    questions = {
        "units": select(func.count()).where(_unit.c.parent_id == unit_id, _unit.c.closed_at.is_(None)),
        "posts": select(func.count()).where(_post.c.unit_id == unit_id, _post.c.closed_at.is_(None)),
        "roles": select(func.count()).where(_membership.c.unit_id == unit_id, holds),
    }
    counts = {name: unit.session.execute(statement).scalar_one() for name, statement in questions.items()}
    return {name: count for name, count in counts.items() if count}


def check_organ_id(organ_id: str) -> str:
    """Return an exchange identifier, 1 to 35 characters.

    Raises:
        InvalidInput: it is longer, or empty.
    """
    if not 1 <= len(organ_id) <= ORGAN_ID_CHARACTERS:
        vi, en = "Mã định danh dài từ 1 đến 35 ký tự.", "An organ id has 1 to 35 characters."
        refuse("organ_id.length", vi, en, "/organ_id")
    return organ_id
