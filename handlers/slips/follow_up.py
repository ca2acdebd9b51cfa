"""``slip.follow_up``: what an agreed slip leads to (flow D3, step 6), stated with the slip and begun once."""

from __future__ import annotations

from typing import ClassVar, Final

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.slips.slip_row import SLIP_ID, lock_slip
from service.domain.errors import Conflict
from service.domain.slips import FOLLOWED_RESULTS, follow_up_of
from service.storage.unit_of_work import AuditRecord

CHANNEL: Final = "slip_follow_up"
"""Channel of the outbox that begins what follows, after the slip's own step."""

GIVEN_IN: Final = "follow_up_instance"
"""Member of a slip's content: the process by which the assignment that followed is given."""


class FollowUpSlip:
    """Has begun what the slip announced: a draft or an assignment; once, however often it is asked."""

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
        is_begun = slip.document_id is not None if follow_up == "outgoing" else GIVEN_IN in slip.content
        if follow_up != "end" and not is_begun:
            unit.send(CHANNEL, str(slip.id), {"slip_id": str(slip.id)}, f"{CHANNEL}:{slip.id}")
            details = {"follow_up": follow_up}
            unit.audit(AuditRecord("slip.follow_up", "submission_slip", slip.id, details))
        return {"follow_up": follow_up}


__all__ = ["CHANNEL", "GIVEN_IN", "FollowUpSlip"]
