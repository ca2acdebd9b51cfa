"""Changes of rights: confirmed by a head, or undone, which is a change again (NĐ30 Phụ lục VI, III.3c).

A change counts from when it is made; until an authority who neither made it nor gained by it confirms it, the
heads are warned. Undoing writes the opposite and opens it for another's confirmation: nothing is erased.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from handlers.accounts.changes import ASSISTANCE, CHANGE, MEMBERSHIP, ChangeKind, note_change
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict, Finding, Forbidden, InvalidInput
from service.domain.permissions import Subject, require
from service.queries.permission_changes import ChangeView, is_concerned, read_change
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_OPPOSITE: Final[dict[str, ChangeKind]] = {
    "membership.grant": "membership.end",
    "membership.end": "membership.grant",
    "assistance.grant": "assistance.end",
    "assistance.end": "assistance.grant",
}


def confirm(unit: UnitOfWork, change_id: UUID) -> ChangeView:
    """Confirm a change of rights: the warning ends.

    Raises:
        NotFound: no such change for the actor.
        Forbidden: the actor is no head of the agency, made it, or it is about them.
        Conflict: it was decided on already.
    """
    _lock(unit, change_id)
    _decide(unit, change_id, "confirmed", None)
    return read_change(unit, change_id)


def undo(unit: UnitOfWork, change_id: UUID, reason: str) -> ChangeView:
    """Take a change of rights back and return the opposite change, which waits for another's confirmation.

    Raises:
        NotFound: no such change for the actor.
        Forbidden: the actor is no head of the agency, made it, or it is about them.
        Conflict: it was decided on already, the right has changed since, or a post brings it.
        InvalidInput: no reason.
    """
    change = _lock(unit, change_id)
    why = reason.strip()
    if not why:
        vi, en = "Phải nêu lý do.", "A reason is required."
        raise InvalidInput("reason.required", vi, en, [Finding("reason.required", vi, en, "/reason")])
    table = MEMBERSHIP if change["kind"].startswith("membership") else ASSISTANCE
    statement = select(table).where(table.c.id == change["object_id"]).with_for_update()
    held = unit.session.execute(statement).mappings().one()
    _check_untouched(change, held)
    to_on = _day_after_undoing(unit, change)
    unit.session.execute(update(table).where(table.c.id == held["id"]).values(to_on=to_on))
    kind = _OPPOSITE[change["kind"]]
    facts = {"to_on": to_on.isoformat() if to_on else None, "undoes": str(change_id), "reason": why}
    unit.audit(AuditRecord(kind, kind.partition(".")[0], held["id"], facts))
    _decide(unit, change_id, "undone", why)
    note_change(unit, kind, held["id"], old_to_on=held["to_on"], undoes_id=change_id)
    opposite = select(CHANGE.c.id).where(CHANGE.c.undoes_id == change_id)
    return read_change(unit, unit.session.execute(opposite).scalar_one())


def _lock(unit: UnitOfWork, change_id: UUID) -> Any:
    read_change(unit, change_id)
    statement = select(CHANGE).where(CHANGE.c.id == change_id).with_for_update()
    change = unit.session.execute(statement).mappings().one()
    require(unit.actor, "permission_change.decide", Subject(change["decision"] or "open"))
    if is_concerned(unit, change):
        vi = "Người khác phải xác nhận: thay đổi này do bạn làm hoặc là về quyền của bạn."
        en = "Somebody else must decide: you made this change, or it is about your rights."
        raise Forbidden("permission_change.own", vi, en)
    return change


def _decide(unit: UnitOfWork, change_id: UUID, decision: str, reason: str | None) -> None:
    values = {"decision": decision, "decided_at": unit.now, "decided_by_id": unit.actor.account_id}
    unit.session.execute(update(CHANGE).where(CHANGE.c.id == change_id).values(reason=reason, **values))
    facts = {"decision": decision} | ({"reason": reason} if reason else {})
    unit.audit(AuditRecord("permission_change.decide", "permission_change", change_id, facts))


def _check_untouched(change: Any, held: Any) -> None:
    """Refuse to undo what is not as the change left it."""
    if held.get("holding_id") is not None:
        vi = "Quyền này theo chức danh; hãy điều chỉnh việc giữ chức danh."
        raise Conflict(
            "permission_change.by_post", vi, "A post brings this right: change who holds the post."
        )
    now = held["to_on"].isoformat() if held["to_on"] else None
    if now != change["facts"].get("to_on"):
        vi, en = "Quyền này đã được thay đổi tiếp.", "The right has been changed since."
        raise Conflict("permission_change.overtaken", vi, en)


def _day_after_undoing(unit: UnitOfWork, change: Any) -> date | None:
    """Return the last day of the right once the change is undone; None = until further notice."""
    if change["kind"].endswith("grant"):
        return unit.now.astimezone(OFFICE_ZONE).date() - timedelta(days=1)
    old = change["facts"].get("old_to_on")
    return date.fromisoformat(old) if old else None
