"""History rows: one for each change of an instance, with the steps that it made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from service.engine.spiff.activities import Step
from service.engine.view import Cause
from service.storage.unit_of_work import UnitOfWork


def history_row(
    unit: UnitOfWork,
    instance_id: UUID,
    rev: int,
    cause: Cause,
    steps: Iterable[Step],
) -> dict[str, Any]:
    """Return the row of one change.

    ``steps`` becomes an array of ``[kind, element id, extra]``, ``extra`` left out where empty; names and
    types are the definition's and are added when the timeline is read. An automatic step that was entered and
    completed in the same change appears once, as completed.
    """
    listed = list(steps)
    completed = {step.token_id for step in listed if step.kind == "completed"}
    kept = [
        [step.kind, step.element_id] + ([step.extra] if step.extra else [])
        for step in listed
        if not (step.kind == "entered" and step.token_id in completed)
    ]
    facts = {"task": str(cause.completed_task) if cause.completed_task else None, "reason": cause.reason}
    head = {name: value for name, value in facts.items() if value} | (
        {"data": dict(cause.data)} if cause.data else {}
    )
    head |= {"order": dict(cause.delegation)} if cause.delegation else {}
    return {
        "agency_id": unit.actor.agency_id,
        "instance_id": instance_id,
        "rev": rev,
        "at": unit.now,
        "actor_id": unit.actor.account_id,
        "on_behalf_of_id": cause.on_behalf_of_id,
        "action": cause.action,
        "steps": [head, *kept],
    }
