"""Tasks that arise for somebody who has left: a diagram named the person before.

What was open when they left is handed over by their head (:mod:`handlers.accounts.open_work`); what comes
later goes to that head by itself, so that no step waits for nobody (S0-9.3g3, S4-12.3).
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from handlers.accounts.holdings import today_of
from handlers.accounts.rights import is_held
from service.domain.clock import OFFICE_ZONE
from service.storage.models import Account, Membership, ProcessInstance, Unit, UserTask, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_ACCOUNT: Final = table_of(Account)
_INSTANCE: Final = table_of(ProcessInstance)
_MEMBERSHIP: Final = table_of(Membership)
_TASK: Final = table_of(UserTask)
_UNIT: Final = table_of(Unit)
OFFICE_HEAD: Final = "role:head_of_office"


def forward_stray(unit: UnitOfWork, task_id: UUID) -> bool:
    """Give a task whose owners have all left to the head of the first one's unit; return whether it was."""
    found = select(_TASK.c.instance_id).where(_TASK.c.id == task_id)
    instance_id = unit.session.execute(found).scalar_one()
    unit.session.execute(select(_INSTANCE.c.id).where(_INSTANCE.c.id == instance_id).with_for_update())
    statement = select(_TASK).where(_TASK.c.id == task_id).with_for_update()
    task = unit.session.execute(statement).mappings().one()
    logins = [one.removeprefix("user:") for one in task["owners"]]
    people = select(_ACCOUNT).where(_ACCOUNT.c.login.in_(logins), _ACCOUNT.c.disabled_at.is_not(None))
    left = unit.session.execute(people.order_by(_ACCOUNT.c.disabled_at)).mappings().all()
    if not task["is_open"] or task["owner_id"] is not None or len(left) < len(logins):
        return False
    person = left[0]
    head = head_over(unit, person["id"], person["disabled_at"].astimezone(OFFICE_ZONE).date())
    values = {"owners": [head], "version": task["version"] + 1}
    unit.session.execute(update(_TASK).where(_TASK.c.id == task_id).values(**values))
    facts = {"element": task["element_id"], "from_login": person["login"], "to": head}
    unit.audit(AuditRecord("user_task.forward", "user_task", task_id, facts))
    return True


def head_over(unit: UnitOfWork, person_id: UUID, on: date) -> str:
    """Return who today heads a unit that the person worked in on a day, or the head of office."""
    units = select(_MEMBERSHIP.c.unit_id).where(_MEMBERSHIP.c.account_id == person_id, is_held(on))
    headed = (
        select(_UNIT.c.code)
        .join(_MEMBERSHIP, _MEMBERSHIP.c.unit_id == _UNIT.c.id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _MEMBERSHIP.c.account_id)
        .where(
            _UNIT.c.id.in_(units),
            _MEMBERSHIP.c.role == "unit_head",
            is_held(today_of(unit)),
            _ACCOUNT.c.id != person_id,
            _ACCOUNT.c.disabled_at.is_(None),
        )
        .order_by(_UNIT.c.code)
    )
    code = unit.session.execute(headed.limit(1)).scalar()
    return f"role:unit_head@unit:{code}" if code else OFFICE_HEAD
