"""What people may act as: roles in a unit or in the whole agency, aides of leaders; ended, not deleted."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select, update

from handlers.accounts.changes import note_change
from handlers.accounts.holdings import staff_account
from handlers.accounts.rows import account_id_of, add_row, check_days, refuse, unit_id_of
from service.domain.errors import NotFound
from service.domain.permissions import ROLES, require
from service.storage.models import Assistance, Membership, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork


def grant_role(
    unit: UnitOfWork,
    login: str,
    role: str,
    unit_code: str | None = None,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
) -> UUID:
    """Let a person act in a role, in a unit or (None) in the whole agency, on those days inclusive.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: no such role, or the last day lies before the first.
        NotFound: the agency has no such account or unit.
    """
    require(unit.actor, "membership.grant")
    if role not in ROLES:
        refuse("role.unknown", f"Không có vai trò “{role}”.", f"There is no role “{role}”.", "/role")
    check_days(from_on, to_on)
    row = {
        "account_id": staff_account(unit, login),
        "unit_id": unit_id_of(unit, unit_code) if unit_code else None,
        "role": role,
        "from_on": from_on,
        "to_on": to_on,
    }
    details = {"login": login, "role": role, "unit": unit_code}
    membership_id = add_row(unit, "membership.grant", Membership, row, details)
    note_change(unit, "membership.grant", membership_id)
    return membership_id


def end_role(unit: UnitOfWork, membership_id: UUID, last_on: date) -> None:
    """Let a membership end after ``last_on``.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such membership.
    """
    require(unit.actor, "membership.end")
    old_to_on = _end_on(unit, Membership, membership_id, last_on)
    note_change(unit, "membership.end", membership_id, old_to_on=old_to_on)
    unit.audit(AuditRecord("membership.end", "membership", membership_id, {"to_on": last_on.isoformat()}))


def grant_assistance(
    unit: UnitOfWork,
    aide: str,
    leader: str,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
) -> UUID:
    """Let an aide enter a leader's words on the leader's behalf, both names shown (S0-10.2).

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: aide and leader are the same, or the days are turned round.
        NotFound: the agency has no such account.
        Conflict: the aide assists this leader already.
    """
    require(unit.actor, "assistance.grant")
    check_days(from_on, to_on)
    if aide == leader:
        vi, en = "Không thể tự giúp việc cho chính mình.", "Nobody is their own aide."
        refuse("assistance.self", vi, en, "/aide")
    row = {
        "aide_id": account_id_of(unit, aide),
        "leader_id": account_id_of(unit, leader),
        "from_on": from_on,
        "to_on": to_on,
    }
    assistance_id = add_row(unit, "assistance.grant", Assistance, row, {"aide": aide, "leader": leader})
    note_change(unit, "assistance.grant", assistance_id)
    return assistance_id


def end_assistance(unit: UnitOfWork, assistance_id: UUID, last_on: date) -> None:
    """Let an assistance end after ``last_on``.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such assistance.
    """
    require(unit.actor, "assistance.end")
    old_to_on = _end_on(unit, Assistance, assistance_id, last_on)
    note_change(unit, "assistance.end", assistance_id, old_to_on=old_to_on)
    unit.audit(AuditRecord("assistance.end", "assistance", assistance_id, {"to_on": last_on.isoformat()}))


def _end_on(
    unit: UnitOfWork, model: type[Membership | Assistance], row_id: UUID, last_on: date
) -> date | None:
    """Write the last day and return the one before."""
    table = table_of(model)
    which = table.c.id == row_id
    found = unit.session.execute(select(table.c.to_on).where(which).with_for_update()).one_or_none()
    if found is None:
        raise NotFound("membership.not_found", "Không có phân công này.", "There is no such assignment.")
    unit.session.execute(update(table).where(which).values(to_on=last_on))
    old_to_on: date | None = found.to_on
    return old_to_on
