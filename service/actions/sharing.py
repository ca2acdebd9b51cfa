"""Sharing a document that the agency made with another agency of the installation, for a time (S2-3.6b).

The share is a row of the giver. Row-level security keeps every other agency from it and from the document;
the receiver sees both through ``shared_documents()`` alone (:mod:`service.queries.shares`), which asks again
each time whether the share and the document still allow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, select, text, update

from handlers.accounts.rows import plain, refuse
from handlers.records.document_row import lock_document
from handlers.records.publish import check_publication
from service.domain.errors import Conflict, NotFound
from service.domain.ids import new_id
from service.domain.permissions import Subject, require
from service.domain.step_up import require_step_up
from service.queries.document_access import standing_of
from service.queries.shares import SHARE, ShareView, list_shares
from service.storage.unit_of_work import AuditRecord, UnitOfWork

LONGEST: Final = timedelta(days=366)
SHAREABLE: Final = ("issued", "completed")
"""Statuses of a document that is out and was not taken back."""


@dataclass(frozen=True, slots=True)
class NewShare:
    """Whom to share with.

    Attributes:
        receiver: code of the other agency.
        until_at: when it ends by itself, a year from now at most.
        reason: why, for both agencies' records.
        may_download: whether they may take the files along, or look at their pages only.
    """

    receiver: str
    until_at: datetime
    reason: str
    may_download: bool = False


def share_document(unit: UnitOfWork, document_id: UUID, new: NewShare) -> ShareView:
    """Open a document of our own to another agency.

    Raises:
        NotFound: the document is absent or not the actor's to see, or there is no such agency.
        Forbidden: the actor may not share it, or has not proved a second factor a moment ago.
        PolicyRefusal: it is secret, or of a kind that is not spread.
        Conflict: the agency did not make it, it is not issued or was recalled, or they have it already.
        InvalidInput: no reason, an end that is past or too far away, or the agency itself.
    """
    standing = standing_of(unit, document_id)
    require(unit.actor, "document.share")
    document = lock_document(unit, document_id)
    check_publication(document)
    require(unit.actor, "document.share", Subject(document.secrecy, standing.relations))
    _check_ours(document)
    require_step_up(unit.actor, unit.now)
    reason = plain(new.reason)
    if not reason:
        refuse("reason.required", "Phải nêu lý do.", "A reason is required.", "/reason")
    if not unit.now < new.until_at <= unit.now + LONGEST:
        vi = "Thời điểm kết thúc phải sau hiện tại và không quá một năm."
        refuse("share.end", vi, "The end lies in the future, a year away at most.", "/until")
    receiver = _receiver(unit, new.receiver)
    _refuse_twice(unit, document_id, receiver.agency_id)
    row = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "document_id": document_id,
        "receiver_id": receiver.agency_id,
        "reason": reason,
        "may_download": new.may_download,
        "from_at": unit.now,
        "until_at": new.until_at,
        "given_by_id": unit.actor.account_id,
    }
    unit.session.execute(insert(SHARE), row)
    details = {"share": str(row["id"]), "receiver": receiver.agency_code, "until": new.until_at.isoformat()}
    unit.audit(AuditRecord("document.share", "document", document_id, details | {"reason": reason}))
    return next(one for one in list_shares(unit, document_id) if one.id == row["id"])


def end_share(unit: UnitOfWork, document_id: UUID, share_id: UUID, reason: str) -> None:
    """Take a share back, at once.

    Raises:
        NotFound: no such document or share, or not the actor's to see.
        Forbidden: the actor may not share.
        InvalidInput: no reason.
        Conflict: it has ended.
    """
    standing_of(unit, document_id)
    require(unit.actor, "document.share")
    words = plain(reason)
    if not words:
        refuse("reason.required", "Phải nêu lý do.", "A reason is required.", "/reason")
    which = (SHARE.c.id == share_id, SHARE.c.document_id == document_id)
    share = unit.session.execute(select(SHARE).where(*which).with_for_update()).one_or_none()
    if share is None:
        raise NotFound("share.not_found", "Không có chia sẻ này.", "There is no such share.")
    if share.ended_at is not None or share.until_at <= unit.now:
        raise Conflict("share.over", "Chia sẻ này đã kết thúc.", "This share has ended.")
    values = {"ended_at": unit.now, "ended_by_id": unit.actor.account_id, "end_reason": words}
    unit.session.execute(update(SHARE).where(*which).values(**values))
    details = {"share": str(share_id), "reason": words}
    unit.audit(AuditRecord("document.end_share", "document", document_id, details))


def _check_ours(document: Row[Any]) -> None:
    if document.direction == "incoming":
        vi = "Chỉ chia sẻ được văn bản do cơ quan mình tạo ra."
        raise Conflict("share.not_ours", vi, "An agency shares only what it made itself.")
    if document.status not in SHAREABLE:
        vi = "Văn bản chưa phát hành hoặc đã bị thu hồi, không chia sẻ được."
        raise Conflict("share.not_issued", vi, "The document is not issued, or was recalled.")


def _receiver(unit: UnitOfWork, code: str) -> Row[Any]:
    statement = text("SELECT agency_id, agency_code, name FROM find_agency_by_code(:code)")
    found = unit.session.execute(statement, {"code": code}).one_or_none()
    if found is None:
        raise NotFound("agency.not_found", "Không có cơ quan này.", "There is no such agency.")
    if found.agency_id == unit.actor.agency_id:
        refuse("share.own", "Đây là cơ quan mình.", "This is one's own agency.", "/receiver")
    return found


def _refuse_twice(unit: UnitOfWork, document_id: UUID, receiver_id: UUID) -> None:
    same = select(SHARE.c.id).where(
        SHARE.c.document_id == document_id,
        SHARE.c.receiver_id == receiver_id,
        SHARE.c.ended_at.is_(None),
        SHARE.c.until_at > unit.now,
    )
    if unit.session.execute(same).first() is not None:
        vi = "Văn bản đang được chia sẻ với cơ quan này."
        raise Conflict("share.same", vi, "The document is shared with this agency already.")
