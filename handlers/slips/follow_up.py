"""``slip.follow_up``: what an agreed slip leads to (flow D3, step 6), stated with the slip and begun once.

A slip that stands alone may say that an outgoing document follows. What that draft cannot do without is asked
for when the slip is submitted, so that nothing is missing on the day the leaders agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from sqlalchemy import Row, select

from handlers.contract import BpmnError, HandlerContext, Json, Parameter, Runs
from handlers.slips.slip_row import SLIP_ID, lock_slip
from service.domain.clock import OFFICE_ZONE
from service.domain.document_profiles import DocumentType, profile_on
from service.domain.errors import Conflict
from service.domain.slips import FOLLOWED_RESULTS, follow_up_of
from service.storage.models import IssuingBody, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_BODY = table_of(IssuingBody)

CHANNEL: Final = "slip_follow_up"
"""Channel of the outbox that begins the draft in the submitter's name, after the slip's own step."""

USUAL_TYPE: Final = "CV"
"""The type of a draft whose slip names none: công văn, the commonest of both profiles."""


class FollowUpSlip:
    """Has the outgoing document begun that the slip announced; a slip has one, however often it is asked."""

    operation: ClassVar[str] = "slip.follow_up"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (SLIP_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{follow_up}``, ``end`` where the slip announced nothing.

        Raises:
            NotFound: no such slip.
            Conflict: ``slip.not_agreed``.
        """
        unit = context.unit
        slip = lock_slip(unit, params["slip_id"])
        if slip.result not in FOLLOWED_RESULTS:
            vi, en = "Phiếu trình chưa được đồng ý.", "The slip was not agreed to."
            raise Conflict("slip.not_agreed", vi, en)
        follow_up = follow_up_of(slip.content)
        if follow_up == "outgoing" and slip.document_id is None:
            unit.send(CHANNEL, str(slip.id), {"slip_id": str(slip.id)}, f"{CHANNEL}:{slip.id}")
            details = {"follow_up": follow_up}
            unit.audit(AuditRecord("slip.follow_up", "submission_slip", slip.id, details))
        return {"follow_up": follow_up}


def check_follow_up(unit: UnitOfWork, submission: Mapping[str, Any], *, stands_alone: bool) -> Json:
    """Return the members of a slip's content that say what its agreement leads to; none = it ends there.

    Raises:
        BpmnError: ``slip_unfit``, names the field that is not right.
    """
    if submission.get("follow_up") != "outgoing":
        return {}
    if not stands_alone:
        message = "Sau khi được đồng ý: phiếu trình này thuộc một hồ sơ đang xử lý, chỉ chọn được “Kết thúc”."
        raise BpmnError("slip_unfit", message)
    if submission.get("is_attested") is not True:
        message = "Xác nhận nội dung không chứa bí mật nhà nước: cần có để soạn văn bản đi từ phiếu trình."
        raise BpmnError("slip_unfit", message)
    body = _body_named(unit, submission.get("issuing_body") or "")
    kind = _type_named(unit, body, submission.get("document_type") or USUAL_TYPE)
    return {
        "follow_up": "outgoing",
        "issuing_body": body.code,
        "document_type": kind.key,
        "is_attested": True,
        "follow_up_name": f"Soạn văn bản đi: {kind.name}, {body.name}",
    }


def _body_named(unit: UnitOfWork, text: str) -> Row[Any]:
    """Return the open issuing body of a code or a name; where there is only one, it need not be named."""
    statement = select(_BODY).where(_BODY.c.closed_at.is_(None)).order_by(_BODY.c.code)
    bodies = unit.session.execute(statement).all()
    wanted = text.casefold()
    found = [one for one in bodies if not wanted or wanted in {one.code.casefold(), one.name.casefold()}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{one.code} ({one.name})" for one in bodies)
    fault = f"không có “{text}”" if wanted else "chưa ghi"
    raise BpmnError("slip_unfit", f"Cơ quan ban hành: {fault}; ghi một trong: {known}.")


def _type_named(unit: UnitOfWork, body: Row[Any], text: str) -> DocumentType:
    form = profile_on(body.side, unit.now.astimezone(OFFICE_ZONE).date())
    wanted = text.casefold()
    for kind in form.types.values():
        if wanted in {kind.key.casefold(), kind.name.casefold()}:
            return kind
    raise BpmnError("slip_unfit", f"Loại văn bản: {body.name} không ban hành loại “{text}”.")


__all__ = ["CHANNEL", "USUAL_TYPE", "FollowUpSlip", "check_follow_up"]
