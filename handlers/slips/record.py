"""``slip.record``: an opinion on a slip, with both names where an aide enters it (S0-3.3, S0-10.2).

Who gave it is read from the user task that this very transaction completed, never from what a form says.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Row, func, insert, select, update

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.slips.open import account_of
from handlers.slips.slip_page import short_opinions
from handlers.slips.slip_row import OPINION, SLIP, SLIP_ID, lock_slip, tell
from handlers.task_acts import TaskAct, completed_now, unanswered
from service.domain.ids import new_id
from service.storage.unit_of_work import AuditRecord

_RETURNING = frozenset({"return", "ask_more", "revise"})


class RecordOpinion:
    """Adds an opinion; one that sends the slip back also changes the slip's state."""

    operation: ClassVar[str] = "slip.record"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({"slip_unfit"})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        SLIP_ID,
        Parameter("step", True, "Bước: head, consulted, submitter, aide, leader.", "The step, as listed."),
        Parameter("asked", True, "Người hoặc đơn vị được hỏi.", "Reference of who was asked."),
        Parameter("view", True, "Ý kiến chọn.", "The view; silent = none in time."),
        Parameter("words", False, "Nội dung ý kiến.", "The opinion's words."),
        Parameter(
            "task", False, "Mã phần tử đã hoàn thành.", "Element of the completed task; null = nobody."
        ),
        Parameter("deadline", False, "Thời hạn đã qua.", "The deadline that passed, where nobody answered."),
        Parameter("next", False, "Tên đăng nhập người xử lý kế tiếp.", "Login of the next handler."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{ordinal, view, is_late, opinions}``, the last as the next one reads them.

        Raises:
            NotFound: no such slip.
            BpmnError: ``slip_unfit``, the next handler is nobody's login.
        """
        slip = lock_slip(context.unit, params["slip_id"])
        if params.get("next") is not None:
            account_of(context.unit, params["next"])
        view = params["view"]
        given = _given(params, context)
        ordinal, is_late = add_opinion(
            context,
            slip,
            given,
            step=params["step"],
            asked=params["asked"],
            view=view,
            words=params.get("words") or "",
        )
        if view in _RETURNING and slip.state == "submitted":
            values = {"state": "returned", "version": slip.version + 1}
            context.unit.session.execute(update(SLIP).where(SLIP.c.id == slip.id).values(values))
        given_so_far = short_opinions(context.unit, slip.id)
        return {"ordinal": ordinal, "view": view, "is_late": is_late, "opinions": given_so_far}


class GatherOpinions:
    """Reads what was said on a slip so far, for those who are asked next."""

    operation: ClassVar[str] = "slip.gather"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (SLIP_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{opinions}``.

        Raises:
            NotFound: no such slip.
        """
        return {"opinions": short_opinions(context.unit, lock_slip(context.unit, params["slip_id"]).id)}


class EscalateSlip:
    """Records that somebody is late with a slip and tells those who must act (S4-7b)."""

    operation: ClassVar[str] = "slip.escalate"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        SLIP_ID,
        Parameter("step", True, "Bước bị quá hạn.", "The step that is late."),
        Parameter("asked", True, "Người hoặc đơn vị bị quá hạn.", "Reference of who is late."),
        Parameter("task", True, "Mã phần tử của việc bị quá hạn.", "Element of the late task."),
        Parameter("recipients", True, "Những ai được báo.", "References of those who are told."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{step, clause}``.

        Raises:
            NotFound: no such slip.
        """
        slip = lock_slip(context.unit, params["slip_id"])
        step, asked = params["step"], params["asked"]
        given = unanswered(context, params["task"], asked)
        if _known(context, slip) is None:
            add_opinion(context, slip, given, step=step, asked=asked, view="late")
            facts = {
                name: str(given.deadline[name])
                for name in ("rule", "clause", "due_at", "derivation")
                if given.deadline.get(name)
            }
            tell(context, slip, "deadline_passed", params["recipients"], step=step, **facts)
        return {"step": step, "clause": given.clause}


def add_opinion(
    context: HandlerContext,
    slip: Row[Any],
    given: TaskAct,
    *,
    step: str,
    asked: str,
    view: str,
    words: str = "",
) -> tuple[int, bool]:
    """Add an opinion under the slip's lock, once for each call; return its ordinal and if it was late."""
    unit = context.unit
    known = _known(context, slip)
    if known is not None:
        return known.ordinal, known.is_late
    last = select(func.coalesce(func.max(OPINION.c.ordinal), 0)).where(OPINION.c.slip_id == slip.id)
    ordinal = unit.session.execute(last).scalar_one() + 1
    is_late = given.due_at is not None and unit.now > given.due_at
    row = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "slip_id": slip.id,
        "ordinal": ordinal,
        "submission_number": slip.submission_number,
        "step": step,
        "asked": asked,
        "view": view,
        "words": words,
        "given_by_id": given.by_id,
        "on_behalf_of_id": given.on_behalf_of_id,
        "given_at": unit.now,
        "due_at": given.due_at,
        "is_late": is_late or view in {"silent", "late"},
        "clause": given.clause,
        "task_id": given.task_id,
        "call_key": context.idempotency_key,
    }
    unit.session.execute(insert(OPINION).values(row))
    details = {"step": step, "asked": asked, "view": view, "submission_number": slip.submission_number}
    unit.audit(
        AuditRecord(
            "slip.opinion", "submission_slip", slip.id, details, on_behalf_of_id=given.on_behalf_of_id
        )
    )
    return ordinal, bool(row["is_late"])


def _known(context: HandlerContext, slip: Row[Any]) -> Row[Any] | None:
    statement = select(OPINION).where(
        OPINION.c.slip_id == slip.id, OPINION.c.call_key == context.idempotency_key
    )
    return context.unit.session.execute(statement).one_or_none()


def _given(params: Json, context: HandlerContext) -> TaskAct:
    """Return who completed the task just now; where nobody did, the open task and its due time."""
    if params["view"] == "silent":
        return unanswered(context, params["task"], params["asked"])
    return completed_now(context, params["task"]) or TaskAct(context.unit.actor.account_id)
