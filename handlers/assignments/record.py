"""``assignment.record``: what a person did about an assignment, with who, when and in which words (S0-11g5).

Who did it is read from the user task that this very transaction completed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Row, func, insert, select

from handlers.assignments.assignment_row import (
    ASSIGNMENT_ID,
    ENTRY,
    PARTY,
    Step,
    is_taken,
    lock_assignment,
    parties_of,
    take_step,
)
from handlers.assignments.facts import describe_assignment, parties_by_part, party_rows, tell
from handlers.assignments.given import deadline_on
from handlers.assignments.people import find_party, works_in
from handlers.assignments.whole import count_open_parts, follow_parts, parts_of
from handlers.contract import BpmnError, HandlerContext, Json, Parameter, Runs
from handlers.deadlines.carry import CarryDeadline
from handlers.resources import resources_of
from handlers.task_acts import TaskAct, completed_now
from service.domain.assignments import share_of
from service.domain.clock import OFFICE_ZONE
from service.storage.models import Document, table_of
from service.storage.unit_of_work import UnitOfWork

_DOCUMENT = table_of(Document)

WORKING_STEPS: Final = ("receive_assignment", "work_on_assignment", "resume_assignment")
"""User tasks that are under the deadline of the assignment."""

Changes = dict[str, Any]


class RecordStep:
    """Takes a step of the assignment's life; what cannot be is a business error that the form shows."""

    operation: ClassVar[str] = "assignment.record"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({"assignment_unfit"})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        ASSIGNMENT_ID,
        Parameter(
            "verb", True, "Việc đã làm.", "accept, ask, decline, progress, wait, resume, report, redo."
        ),
        Parameter("task", True, "Mã phần tử đã hoàn thành.", "Element of the task just completed."),
        Parameter("words", False, "Nội dung.", "What was said."),
        Parameter("percent", False, "Tiến độ (%).", "Progress in percent."),
        Parameter(
            "handler", False, "Tên đăng nhập người thực hiện.", "Login of who works on it in the unit."
        ),
        Parameter(
            "products", False, "Số, ký hiệu văn bản sản phẩm.", "Codes or ids of documents made of it."
        ),
        Parameter("due_on", False, "Thời hạn mới.", "The new day, where it is to be done again."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the facts of :func:`describe_assignment`.

        Raises:
            NotFound: no such assignment.
            BpmnError: ``assignment_unfit``, what is wrong.
            Conflict: the step is not for an assignment in its state.
        """
        unit, verb = context.unit, params["verb"]
        assignment = lock_assignment(unit, params["assignment_id"])
        if is_taken(unit, assignment.id, context.idempotency_key):
            return describe_assignment(unit, assignment)
        act = completed_now(context, params["task"]) or TaskAct(unit.actor.account_id)
        changes = _CHANGES[verb](params, context, assignment)
        if verb != "redo":
            changes |= _deadline_of_work(context, assignment)
        percent = changes.get("percent") if verb in {"progress", "report"} else None
        step = Step(
            verb,
            context.idempotency_key,
            params.get("words") or "",
            percent,
            _details(assignment, params, changes),
            act.by_id,
            act.on_behalf_of_id,
            act.task_id,
        )
        assignment = take_step(unit, assignment, step, changes)
        if percent is not None:
            follow_parts(unit, assignment.parent_id)
        _tell(context, assignment, verb)
        return describe_assignment(unit, assignment)


def _accept(params: Json, context: HandlerContext, assignment: Row[Any]) -> Changes:
    unit, login = context.unit, params.get("handler")
    if login and assignment.lead_unit_id is not None:
        handler = find_party(unit, f"user:{login}")
        if handler is None or not works_in(unit, handler, assignment.lead_unit_id):
            vi = f"Người trực tiếp thực hiện: “{login}” không thuộc đơn vị được giao."
            raise BpmnError("assignment_unfit", vi)
        unit.session.execute(insert(PARTY), party_rows(unit, assignment.id, "handler", [handler]))
    return {"accepted_at": context.unit.now}


def _progress(params: Json, context: HandlerContext, assignment: Row[Any]) -> Changes:
    parts = [one.percent for one in parts_of(context.unit, assignment.id) if one.state != "cancelled"]
    told = params.get("percent")
    percent = share_of(parts) if parts else int(assignment.percent if told is None else told)
    return {"percent": percent}


def _wait(params: Json, context: HandlerContext, assignment: Row[Any]) -> Changes:
    del context, assignment
    return {"waiting_for": (params.get("words") or "")[:1000]}


def _resume(params: Json, context: HandlerContext, assignment: Row[Any]) -> Changes:
    del params, context, assignment
    return {"waiting_for": None}


def _report(params: Json, context: HandlerContext, assignment: Row[Any]) -> Changes:
    count = count_open_parts(context.unit, assignment.id)
    if count:
        vi = f"Chưa báo cáo kết quả được: còn {count} nhiệm vụ nhỏ chưa kết thúc."
        raise BpmnError("assignment_unfit", vi)
    products = [_product(context, one) for one in params.get("products") or []]
    return {
        "reported_at": context.unit.now,
        "result": params.get("words") or "",
        "percent": 100,
        "products": list(dict.fromkeys([*assignment.products, *products])),
    }


def _redo(params: Json, context: HandlerContext, assignment: Row[Any]) -> Changes:
    unit = context.unit
    told = (
        select(ENTRY.c.percent)
        .where(ENTRY.c.assignment_id == assignment.id, ENTRY.c.verb == "progress")
        .order_by(ENTRY.c.ordinal.desc())
        .limit(1)
    )
    percent = unit.session.execute(told).scalar_one_or_none() or 0
    return {"reported_at": None, "percent": percent} | new_deadline(unit, params.get("due_on"))


def _nothing(params: Json, context: HandlerContext, assignment: Row[Any]) -> Changes:
    del params, context, assignment
    return {}


_CHANGES: Final[Mapping[str, Callable[[Json, HandlerContext, Row[Any]], Changes]]] = {
    "accept": _accept,
    "ask": _nothing,
    "decline": _nothing,
    "progress": _progress,
    "wait": _wait,
    "resume": _resume,
    "report": _report,
    "redo": _redo,
}


def new_deadline(unit: UnitOfWork, due_on: Any) -> Changes:
    """Return the columns of a deadline on a day that somebody set anew; none where no day was named.

    Raises:
        BpmnError: ``assignment_unfit``, it has passed.
    """
    if not due_on:
        return {}
    day = due_on if isinstance(due_on, date) else date.fromisoformat(str(due_on))
    due_at, deadline = deadline_on(unit, day)
    if day < unit.now.astimezone(OFFICE_ZONE).date() or due_at <= unit.now:
        raise BpmnError("assignment_unfit", "Thời hạn: đã qua.")
    return {"due_at": due_at, "deadline": deadline, "overdue_at": None}


def _deadline_of_work(context: HandlerContext, assignment: Row[Any]) -> Changes:
    """Return where the work's deadline stands by now: extensions and pauses moved the task's (S0-11g5)."""
    if assignment.due_at is None:
        return {}
    given = {"deadline": {**assignment.deadline}, "steps": list(WORKING_STEPS)}
    kept = CarryDeadline()(given, context)
    due_at = datetime.fromisoformat(kept["due_at"])
    return {} if due_at == assignment.due_at else {"due_at": due_at, "deadline": kept}


def _details(assignment: Row[Any], params: Json, changes: Changes) -> Json:
    found: Json = {}
    if params.get("handler") and changes.get("accepted_at"):
        found["handler"] = params["handler"]
    if "due_at" in changes:
        old = assignment.due_at
        found["old_due_at"] = None if old is None else old.isoformat()
        found["new_due_at"] = changes["due_at"].isoformat()
    if "products" in changes:
        found["products"] = changes["products"]
    return found


def _product(context: HandlerContext, text: str) -> str:
    """Return the id of a document that the actor sees, named by its id or by its number and notation.

    Raises:
        BpmnError: ``assignment_unfit``, there is none.
    """
    unit = context.unit
    try:
        found = [UUID(text)]
    except ValueError:
        bare = text.replace("/", "").replace("-", "").replace(" ", "")
        code = _DOCUMENT.c.code_number.concat(_DOCUMENT.c.code_notation)
        plain = func.replace(func.replace(code, "/", ""), "-", "")
        newest = select(_DOCUMENT.c.id).where(plain == bare).order_by(_DOCUMENT.c.id.desc()).limit(20)
        found = list(unit.session.execute(newest).scalars())
    sees = resources_of(context).sees
    for one in found:
        if sees(unit, one):
            return str(one)
    raise BpmnError("assignment_unfit", f"Văn bản sản phẩm: không có văn bản “{text}”.")


_KINDS: Final = {
    "ask": "assignment_asked",
    "decline": "assignment_declined",
    "report": "assignment_reported",
    "redo": "assignment_redo",
}


def _tell(context: HandlerContext, assignment: Row[Any], verb: str) -> None:
    kind = _KINDS.get(verb)
    parts = ("lead", "handler") if verb == "redo" else ("assigner", "monitor")
    if kind is not None:
        tell(context, assignment, kind, parties_of(context.unit, assignment.id, parts))
    if verb == "accept":
        named = parties_by_part(context.unit, assignment.id).get("handler", [])
        tell(context, assignment, "assignment_given", [one.reference for one in named])


__all__ = ["WORKING_STEPS", "RecordStep", "new_deadline"]
