"""``slip.conclude``: what came of a slip, told to its submitter (domain flow D3 step 6)."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import select, update

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import REASON
from handlers.slips.record import add_opinion
from handlers.slips.slip_row import SLIP, SLIP_ID, lock_slip, tell
from handlers.task_acts import TaskAct
from service.domain.errors import Conflict, InvalidInput
from service.domain.slips import RESULT_NAMES
from service.storage.models import Account, table_of
from service.storage.unit_of_work import AuditRecord

_ACCOUNT = table_of(Account)
_BY_SUBMITTER = {"withdrawn": "withdraw", "dropped": "drop"}


class ConcludeSlip:
    """Sets the result once; a second, other result is a conflict."""

    operation: ClassVar[str] = "slip.conclude"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        SLIP_ID,
        Parameter("result", True, "Kết quả của phiếu trình.", "The result of the slip."),
        REASON,
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{result, result_name}``.

        Raises:
            NotFound: no such slip.
            InvalidInput: no such result.
            Conflict: it has another result already.
        """
        unit, result, reason = context.unit, params["result"], params.get("reason") or ""
        if result not in RESULT_NAMES:
            raise InvalidInput("slip.result", "Kết quả không hợp lệ.", "There is no such result.")
        slip = lock_slip(unit, params["slip_id"])
        answer: Json = {"result": result, "result_name": RESULT_NAMES[result][0]}
        if slip.result == result:
            return answer
        if slip.result is not None:
            vi, en = "Phiếu trình đã có kết quả khác.", "The slip has another result already."
            raise Conflict("slip.decided", vi, en)
        login = unit.session.execute(
            select(_ACCOUNT.c.login).where(_ACCOUNT.c.id == slip.submitter_id)
        ).scalar_one()
        if result in _BY_SUBMITTER:
            view = _BY_SUBMITTER[result]
            given = TaskAct(unit.actor.account_id)
            add_opinion(
                context, slip, given, step="submitter", asked=f"user:{login}", view=view, words=reason
            )
        changes = {
            "state": "decided",
            "result": result,
            "decided_at": unit.now,
            "version": slip.version + 1,
        }
        unit.session.execute(update(SLIP).where(SLIP.c.id == slip.id).values(changes))
        unit.audit(AuditRecord("slip.conclude", "submission_slip", slip.id, {"result": result}))
        if result not in _BY_SUBMITTER:
            tell(context, slip, "slip_decided", [f"user:{login}"], note=answer["result_name"])
        return answer
