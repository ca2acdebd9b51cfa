"""A leader confirms or corrects the words that an aide entered on the leader's behalf (S0-10.2).

Nothing is rewritten: what was entered stays in the history with both names, and the leader's word stands
beside it. What the process did with the words is not undone; a correction is told to the aide, who sees to
the rest.
"""

from __future__ import annotations

from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import insert, select

from service.actions.reminders import notify
from service.actions.task_locks import lock_visible, require_on_task
from service.domain.digests import digest_of
from service.domain.errors import Conflict, Finding, InvalidInput
from service.domain.ids import new_id
from service.queries.confirmations import CONFIRMATION, ConfirmationView, confirmations_of
from service.storage.models import Account, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_ACCOUNT = table_of(Account)

MAX_WORDS: Final = 4000


def answer(
    unit: UnitOfWork, task_id: UUID, outcome: Literal["confirmed", "corrected"], words: str
) -> ConfirmationView:
    """Keep the leader's word on a task that an aide did on the leader's behalf; once, for good.

    Args:
        unit: of the leader.
        task_id: the completed task.
        outcome: whether the words entered are right.
        words: the right ones, for a correction.

    Raises:
        NotFound: no such task for the actor.
        Forbidden: it was not done on the actor's behalf.
        Conflict: it is not completed, was done by order and not as an aide, or was answered already.
        InvalidInput: a correction without words, or with too many.
    """
    locked = lock_visible(unit, task_id)
    require_on_task(unit, locked, "user_task.confirm")
    if locked.task["order_id"] is not None:
        vi = "Việc này do người được ủy quyền quyết định, không phải nhập thay ý kiến."
        raise Conflict("confirmation.by_order", vi, "It was decided by order, not entered as an aide.")
    if confirmations_of(unit, [task_id]):
        vi, en = "Anh/chị đã xác nhận việc này.", "You have answered this already."
        raise Conflict("confirmation.answered", vi, en)
    text = _checked(outcome, words)
    row = {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "task_id": task_id,
        "account_id": unit.actor.account_id,
        "at": unit.now,
        "outcome": outcome,
        "words": text,
    }
    unit.session.execute(insert(CONFIRMATION), [row])
    aide = _login_of(unit, locked.task["completed_by_id"])
    facts = {"outcome": outcome, "entered_by": aide}
    unit.audit(AuditRecord("user_task.confirm", "user_task", task_id, facts, after_sha256=digest_of(row)))
    told = {"kind": f"words_{outcome}", "by": unit.actor.full_name}
    notify(unit, locked.task, [f"user:{aide}"], f"confirmation:{row['id']}", told)
    return confirmations_of(unit, [task_id])[task_id]


def _checked(outcome: str, words: str) -> str:
    text = words.strip() if outcome == "corrected" else ""
    if outcome == "corrected" and not 1 <= len(text) <= MAX_WORDS:
        vi = f"Ý kiến đính chính phải có từ 1 đến {MAX_WORDS} ký tự."
        en = f"The corrected words have 1 to {MAX_WORDS} characters."
        raise InvalidInput("confirmation.words", vi, en, [Finding("confirmation.words", vi, en, "/words")])
    return text


def _login_of(unit: UnitOfWork, account_id: Any) -> str:
    return str(unit.session.execute(select(_ACCOUNT.c.login).where(_ACCOUNT.c.id == account_id)).scalar_one())
