"""What a person who leaves has open, and handing it to another: tasks, drafts, dossiers (S4-12.3, S0-9.3g3).

A finished task keeps the one who did it; only what is open moves.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, func, or_, select, update

from handlers.accounts.assignment_parts import hand_over_parts, open_parts
from handlers.accounts.care import kept_accounts, lock_agency_account, take_care
from service.domain.errors import Conflict
from service.storage.models import Account, Document, Dossier, Draft, ProcessInstance, UserTask, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_ACCOUNT: Final = table_of(Account)
_DOCUMENT: Final = table_of(Document)
_DOSSIER: Final = table_of(Dossier)
_DRAFT: Final = table_of(Draft)
_INSTANCE: Final = table_of(ProcessInstance)
_TASK: Final = table_of(UserTask)
_CLOSED: Final = ("issued", "completed", "cancelled", "recall_pending", "recalled", "replaced", "corrected")
"""Statuses of a document that its drafter has no more work with."""
_MOST_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class Leaver:
    """Whose work it is."""

    id: UUID
    login: str

    @property
    def reference(self) -> str:
        """The owner reference that tasks name the person by."""
        return f"user:{self.login}"


@dataclass(frozen=True, slots=True)
class Item:
    """Something open: ``kind`` is task, assignment, draft, dossier or care (of the agency's account).

    ``key`` names it among all of them; ``share`` is with what it is handed over.
    """

    kind: str
    id: UUID
    name: str

    @property
    def key(self) -> str:
        """``task:<id>`` and so on."""
        return f"{self.kind}:{self.id}"

    @property
    def share(self) -> str:
        """``tasks``, ``drafts`` and so on; parts in assignments go with the tasks."""
        return "tasks" if self.kind == "assignment" else f"{self.kind}s"


def find_person(unit: UnitOfWork, login: str, *, is_enabled: bool = False) -> Leaver | None:
    """Return the agency's account of a login, or None; optionally only if it is enabled."""
    statement = select(_ACCOUNT.c.id, _ACCOUNT.c.login).where(_ACCOUNT.c.login == login)
    if is_enabled:
        statement = statement.where(_ACCOUNT.c.disabled_at.is_(None), _ACCOUNT.c.kind != "guest")
    row = unit.session.execute(statement).first()
    return Leaver(row.id, row.login) if row is not None else None


def list_open_work(unit: UnitOfWork, person: Leaver) -> list[Item]:
    """Return what the person has open: tasks that are theirs alone or in their hands, drafts, dossiers.

    And their parts in open assignments, and the agency's account, if they answer for it (S1-4.2d1).
    """
    tasks = select(_TASK.c.id, _TASK.c.name, _TASK.c.subject).where(*_tasks_of(person)).order_by(_TASK.c.id)
    drafts = (
        select(_DOCUMENT.c.id, _DOCUMENT.c.subject)
        .join(_DRAFT, _DRAFT.c.document_id == _DOCUMENT.c.id)
        .where(*_drafts_of(person))
        .order_by(_DOCUMENT.c.id)
    )
    dossiers = select(_DOSSIER).where(*_dossiers_of(person)).order_by(_DOSSIER.c.year, _DOSSIER.c.notation)
    unit.flush_writes()
    rows = unit.session.execute
    items = [Item("task", row.id, f"Việc: {row.name} – {row.subject}") for row in rows(tasks)]
    items += [Item("assignment", one, f"Nhiệm vụ: {text}") for one, text in open_parts(unit, person.login)]
    items += [Item("draft", row.id, f"Dự thảo: {row.subject}") for row in rows(drafts)]
    items += [Item("dossier", row.id, f"Hồ sơ {row.notation}: {row.title}") for row in rows(dossiers)]
    items += [
        Item("care", row["id"], f"Phụ trách tài khoản cơ quan: {row['login']}")
        for row in kept_accounts(unit, person.id)
    ]
    return items


def in_words(items: Collection[Item]) -> str | None:
    """Return the items as lines for a form; None when there are none."""
    lines = [item.name for item in items][:_MOST_LINES]
    if len(items) > _MOST_LINES:
        lines.append(f"… và {len(items) - _MOST_LINES} mục khác")
    return "\n".join(lines) or None


def hand_over(unit: UnitOfWork, person: Leaver, heir: Leaver, items: Collection[Item]) -> int:
    """Give open items of a person to another; return how many moved.

    A task from which the heir is excluded stays: whoever made something does not approve it. So does the
    agency's account, unless the heir is a clerk.
    """
    kinds = ("task", "assignment", "draft", "dossier")
    wanted = {kind: [item.id for item in items if item.kind == kind] for kind in kinds}
    moved = _hand_over_tasks(unit, person, heir, wanted["task"])
    people = (person.id, person.login), (heir.id, heir.login)
    moved += hand_over_parts(unit, *people, wanted["assignment"])
    moved += _give(unit, _DRAFT, _DRAFT.c.document_id.in_(wanted["draft"]), {"drafter_id": heir.id})
    moved += _give(unit, _DOSSIER, _DOSSIER.c.id.in_(wanted["dossier"]), {"creator_id": heir.id})
    if any(item.kind == "care" for item in items):
        moved += _hand_over_care(unit, person, heir)
    details = {"from": person.login, "to_login": heir.login, "count": moved}
    unit.audit(AuditRecord("account.hand_over", "account", person.id, details))
    return moved


def _hand_over_tasks(unit: UnitOfWork, person: Leaver, heir: Leaver, ids: list[UUID]) -> int:
    """Move tasks; their instances are locked first, in one order, as the engine does."""
    instances = select(_TASK.c.instance_id).where(_TASK.c.id.in_(ids))
    unit.session.execute(
        select(_INSTANCE.c.id).where(_INSTANCE.c.id.in_(instances)).order_by(_INSTANCE.c.id).with_for_update()
    )
    which = (
        *_tasks_of(person),
        _TASK.c.id.in_(ids),
        func.array_position(_TASK.c.excluded, heir.reference).is_(None),
    )
    tasks = unit.session.execute(select(_TASK).where(*which).with_for_update()).mappings().all()
    for task in tasks:
        values = _heirs_columns(task, person, heir)
        unit.session.execute(update(_TASK).where(_TASK.c.id == task["id"]).values(**values))
        facts = {"element": task["element_id"], "from_login": person.login, "to": heir.reference}
        unit.audit(AuditRecord("user_task.hand_over", "user_task", task["id"], facts))
    return len(tasks)


def _hand_over_care(unit: UnitOfWork, person: Leaver, heir: Leaver) -> int:
    moved = 0
    for account in kept_accounts(unit, person.id):
        try:
            with unit.nested():
                take_care(unit, lock_agency_account(unit, account["login"]), heir.login)
        except Conflict:
            continue
        moved += 1
    return moved


def _heirs_columns(task: Any, person: Leaver, heir: Leaver) -> dict[str, Any]:
    owners = list(dict.fromkeys(heir.reference if one == person.reference else one for one in task["owners"]))
    values: dict[str, Any] = {"owners": owners, "version": task["version"] + 1}
    if task["owner_id"] == person.id:
        values |= {"owner_id": heir.id, "draft": None}
    if task["delegator_id"] == person.id:
        values["delegator_id"] = None if task["owner_id"] == heir.id else heir.id
    if task["assigner"] == person.reference:
        values["assigner"] = heir.reference
    return values


def _give(unit: UnitOfWork, table: Table, which: Any, values: dict[str, Any]) -> int:
    keys = list(table.primary_key.columns)
    return len(unit.session.execute(update(table).where(which).values(**values).returning(*keys)).all())


def _tasks_of(person: Leaver) -> tuple[Any, ...]:
    theirs = or_(
        _TASK.c.owner_id == person.id,
        _TASK.c.delegator_id == person.id,
        func.array_position(_TASK.c.owners, person.reference).is_not(None),
    )
    return _TASK.c.is_open, theirs


def _drafts_of(person: Leaver) -> tuple[Any, ...]:
    return _DRAFT.c.drafter_id == person.id, _DOCUMENT.c.status.not_in(_CLOSED)


def _dossiers_of(person: Leaver) -> tuple[Any, ...]:
    return _DOSSIER.c.creator_id == person.id, _DOSSIER.c.closed_on.is_(None)
