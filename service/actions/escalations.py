"""An agency that lost its administration, or cannot mend a fault itself, turns to the agency above (S3-7.2c).

The agency's own administrator keeps all of its accounts and nobody else's. Where that right is lost, somebody
who answers for the office says so: the administrators above are told at once, by a notice in their agency.
Nothing of either agency is opened to the other by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from handlers.accounts.rows import plain, refuse
from service.domain.actors import system_actor
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict
from service.domain.permissions import require
from service.storage.database import Database
from service.storage.unit_of_work import AuditRecord, UnitOfWork

LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Escalation:
    """Where an agency turned to: code and name of the one above."""

    agency_code: str
    agency_name: str


def ask_parent(database: Database, unit: UnitOfWork, reason: str) -> Escalation:
    """Tell the administrators of the agency above that this one needs help with its administration.

    It is told once a day, however often it is asked; each asking is on record.

    Args:
        database: opens the other agency's unit of work.
        unit: of who answers for the office, or of its administrator.
        reason: what is lost or broken, and what is proposed.

    Raises:
        Forbidden: the actor does not answer for the office.
        InvalidInput: no reason, or one that is too long.
        Conflict: no agency stands above; the operator of the machine helps.
    """
    require(unit.actor, "administration.escalate")
    words = plain(reason)
    if not 0 < len(words) <= LONGEST:
        vi, en = f"Phải nêu lý do, tối đa {LONGEST} ký tự.", f"A reason of at most {LONGEST} characters."
        refuse("reason.required", vi, en, "/reason")
    above = unit.session.execute(text("SELECT * FROM parent_agency()")).one_or_none()
    if above is None:
        vi = "Không có cơ quan cấp trên trong hệ thống; hãy báo đơn vị vận hành máy chủ."
        en = "No agency stands above; turn to the operator of the machine."
        raise Conflict("agency.no_parent", vi, en)
    details = {"to_agency": above.agency_code, "reason": words}
    unit.audit(AuditRecord("administration.escalate", "agency", unit.actor.agency_id, details))
    apart = Database(database.engine, database.clock)  # a request's own session stays in its own agency
    with apart.unit_of_work(system_actor(above.agency_id, above.agency_code, unit.actor.request_id)) as there:
        asked = {"from_agency": unit.actor.agency_code, "by": unit.actor.login, "reason": words}
        there.audit(AuditRecord("administration.asked_for_help", "agency", unit.actor.agency_id, asked))
        _tell(there, unit, words)
    return Escalation(above.agency_code, above.name)


def _tell(there: UnitOfWork, unit: UnitOfWork, words: str) -> None:
    today = unit.now.astimezone(OFFICE_ZONE).date()
    key = f"notice:administration_lost:{unit.actor.agency_id}:{today.isoformat()}"
    known = text("SELECT 1 FROM outbox WHERE dedupe_key = :key")
    if there.session.execute(known, {"key": key}).first() is not None:
        return
    by = f"{unit.actor.full_name} ({unit.actor.agency_code})"
    payload = {"kind": "administration_lost", "name": words[:200], "by": by, "urgency": "urgent"}
    there.send("notice", "role:admin", payload, key)
