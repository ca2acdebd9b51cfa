"""``assignment.split``, ``assignment.compile``: an assignment in parts, and the result of these (flow D4)."""

from __future__ import annotations

from typing import Any, ClassVar, Final
from uuid import uuid5

from sqlalchemy import Row

from handlers.assignments.assignment_row import (
    ASSIGNMENT_ID,
    Step,
    is_taken,
    lock_assignment,
    parties_of,
    take_step,
)
from handlers.assignments.facts import describe_assignment, reference_of, tell
from handlers.assignments.given import faults_of, read_given
from handlers.assignments.whole import count_open_parts, parts_of
from handlers.contract import BpmnError, HandlerContext, Json, Parameter, Runs
from handlers.resources import resources_of
from handlers.task_acts import TaskAct, completed_now
from service.domain.assignments import MAX_PARTS
from service.domain.errors import InvalidInput

GIVEN_MESSAGE: Final = "assignment_given"
"""The message that begins an assignment; its payload is the variable ``given``."""


class SplitAssignment:
    """Gives the same piece of work to each person and unit named, as a part of its own for each."""

    operation: ClassVar[str] = "assignment.split"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({"assignment_unfit"})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        ASSIGNMENT_ID,
        Parameter("task", True, "Mã phần tử đã hoàn thành.", "Element of the task just completed."),
        Parameter(
            "part",
            True,
            "Nội dung, nơi nhận phần việc.",
            "``content, description, expected_product, due_on, people, units``.",
        ),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the facts of :func:`describe_assignment`.

        Raises:
            NotFound: no such assignment.
            BpmnError: ``assignment_unfit``; nothing is given then.
            Conflict: the assignment is not being worked on.
        """
        unit = context.unit
        whole = lock_assignment(unit, params["assignment_id"])
        if is_taken(unit, whole.id, context.idempotency_key):
            return describe_assignment(unit, whole)
        act = completed_now(context, params["task"]) or TaskAct(unit.actor.account_id)
        giver = reference_of(unit, act.on_behalf_of_id or act.by_id)
        if giver is None:  # nobody's task: in the name of who carries the whole out
            giver = next(iter(describe_assignment(unit, whole)["doers"]), None)
        parts = _parts(params["part"], whole, giver)
        _check(context, whole, parts)
        details = {"announced": len(parts), "leads": [one["lead"] for one in parts]}
        who = act.by_id, act.on_behalf_of_id, act.task_id
        step = Step("split", context.idempotency_key, parts[0]["content"] or "", None, details, *who)
        whole = take_step(unit, whole, step)
        for part in parts:
            body = {"name": GIVEN_MESSAGE, "correlation_key": None, "payload": part}
            key = f"{GIVEN_MESSAGE}:{context.idempotency_key}:{part['lead']}"
            unit.send("message", GIVEN_MESSAGE, body, key)
        return describe_assignment(unit, whole)


class CompileParts:
    """Makes the result of an assignment out of those of its parts, once they are closed."""

    operation: ClassVar[str] = "assignment.compile"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (ASSIGNMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the facts of :func:`describe_assignment`.

        Raises:
            NotFound: no such assignment.
        """
        unit = context.unit
        whole = lock_assignment(unit, params["assignment_id"])
        if is_taken(unit, whole.id, context.idempotency_key):
            return describe_assignment(unit, whole)
        if whole.state == "waiting":
            again = Step("resume", uuid5(context.idempotency_key, "resume"))
            whole = take_step(unit, whole, again, {"waiting_for": None})
        done = [one for one in parts_of(unit, whole.id) if one.state == "completed"]
        result = "\n".join(f"– {one.content}: {one.result or ''}".rstrip(": ") for one in done)[:8000]
        products = [product for one in done for product in one.products]
        changes = {
            "reported_at": unit.now,
            "result": result,
            "percent": 100,
            "products": list(dict.fromkeys([*whole.products, *products])),
        }
        step = Step("report", context.idempotency_key, result, 100, {"parts": [str(one.id) for one in done]})
        whole = take_step(unit, whole, step, changes)
        tell(context, whole, "assignment_reported", parties_of(unit, whole.id, ("assigner", "monitor")))
        return describe_assignment(unit, whole)


def _parts(part: Json, whole: Row[Any], giver: str | None) -> list[Json]:
    people = [f"user:{login}" for login in part.get("people") or []]
    leads = dict.fromkeys([*(f"unit:{code}" for code in part.get("units") or []), *people])
    names = ("content", "description", "expected_product", "due_on")
    shared: Json = {name: part.get(name) for name in names}
    shared |= {
        "urgency": whole.urgency,
        "assigner": giver,
        "document_id": None if whole.document_id is None else str(whole.document_id),
        "parent_id": str(whole.id),
        "is_announced": True,
    }
    return [{**shared, "lead": lead} for lead in leads]


def _check(context: HandlerContext, whole: Row[Any], parts: list[Json]) -> None:
    """Refuse a split in which one part could not be given: it is mended before anybody is told."""
    unit = context.unit
    if not parts:
        raise BpmnError("assignment_unfit", "Phần việc: chưa chọn người hay đơn vị thực hiện.")
    if max(len(parts_of(unit, whole.id)), count_open_parts(unit, whole.id)) + len(parts) > MAX_PARTS:
        raise BpmnError("assignment_unfit", f"Phần việc: nhiều nhất {MAX_PARTS} phần.")
    sees = resources_of(context).sees
    for part in parts:
        checked = part | {"document_id": None}  # the whole's own source, which the parts take over
        try:
            read_given(unit, checked, sees, is_from_task=True)
        except InvalidInput as error:
            raise BpmnError("assignment_unfit", faults_of(error)) from None


__all__ = ["GIVEN_MESSAGE", "CompileParts", "SplitAssignment"]
