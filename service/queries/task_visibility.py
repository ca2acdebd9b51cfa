"""Which user tasks exist for a person, and what decides it, read where it matters.

The conditions here select what :func:`service.domain.user_tasks.may_see` allows; both follow the permission
table's row ``user_task.see``, in SQL for lists and in Python for one task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, exists, false, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from service.domain.actors import Mandate
from service.domain.clock import OFFICE_ZONE
from service.domain.permissions import PERMISSIONS, ROLES
from service.domain.user_tasks import OVERSEEING, Claimable, headed_units, is_supervisor
from service.storage.models import (
    Account,
    Document,
    Membership,
    ProcessInstance,
    TaskConfirmation,
    Unit,
    UserTask,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork

TASK = table_of(UserTask)
INSTANCE = table_of(ProcessInstance)
_DOCUMENT = table_of(Document)
_ACCOUNT = table_of(Account)
_MEMBERSHIP = table_of(Membership)
_UNIT = table_of(Unit)
_CONFIRMATION = table_of(TaskConfirmation)

_DECIDING: Final = ("state", "owners", "excluded", "owner_id", "delegator_id")
_ALSO_DECIDING: Final = (
    "completed_by_id",
    "on_behalf_of_id",
    "initiator_id",
    "process_key",
    "authority",
    "document_type",
    "assigner",
    "units",
    "is_secret",
)


def claimable(row: Mapping[Any, Any]) -> Claimable:
    """Return what decides the rights on a task's row (a mapping of column names)."""
    known = {name: row[name] for name in _ALSO_DECIDING if name in row}
    return Claimable(*(row[name] for name in _DECIDING), **known)


def with_deciding(unit: UnitOfWork, rows: Sequence[Mapping[Any, Any]]) -> list[Mapping[Any, Any]]:
    """Return the rows with what else decides the actor's rights, looked up only where it matters.

    That is the kind and secrecy of the process's document, where an order names kinds or the actor watches
    over others' work; and the units of those who have the task, where the actor heads one.
    """
    actor = unit.actor
    people = [(actor.references, actor.roles)]
    people += [(mandate.principal.references, mandate.roles) for mandate in actor.mandates]
    heads = any(headed_units(references) for references, _ in people)
    watches = heads or any(not OVERSEEING.isdisjoint(roles) for _, roles in people)
    found = list(rows)
    if rows and (watches or any(mandate.document_types for mandate in actor.mandates)):
        about = _documents_of(unit, found)
        found = [{**row, **about.get(row["instance_id"], {})} for row in found]
    if rows and heads:
        units = _units_of(unit, found)
        found = [{**row, "units": _units_behind(row, units)} for row in found]
    return found


def _documents_of(unit: UnitOfWork, rows: Iterable[Mapping[Any, Any]]) -> dict[UUID, dict[str, Any]]:
    wanted = select(_DOCUMENT.c.instance_id, _DOCUMENT.c.type_name, _DOCUMENT.c.secrecy).where(
        _DOCUMENT.c.instance_id.in_({row["instance_id"] for row in rows}),
    )
    found: dict[UUID, dict[str, Any]] = {}
    for row in unit.session.execute(wanted):
        is_secret = row.secrecy != "none" or found.get(row.instance_id, {}).get("is_secret", False)
        found[row.instance_id] = {"document_type": row.type_name, "is_secret": is_secret}
    return found


def _units_of(unit: UnitOfWork, rows: Iterable[Mapping[Any, Any]]) -> dict[str, set[str]]:
    """Return the codes of the units of those who have the tasks, by account id and by owner reference."""
    owners = {row["owner_id"] for row in rows if row["owner_id"] is not None}
    logins = {name.removeprefix("user:") for row in rows for name in row["owners"] if name[:5] == "user:"}
    wanted = _members(unit, _ACCOUNT.c.id, _ACCOUNT.c.login, _UNIT.c.code).where(
        or_(_ACCOUNT.c.id.in_(owners), _ACCOUNT.c.login.in_(logins)),
    )
    found: dict[str, set[str]] = {}
    for row in unit.session.execute(wanted):
        for key in (str(row.id), f"user:{row.login}"):
            found.setdefault(key, set()).add(row.code)
    return found


def _units_behind(row: Mapping[Any, Any], units: Mapping[str, set[str]]) -> frozenset[str]:
    keys = [str(row["owner_id"])] if row["owner_id"] is not None else list(row["owners"])
    return frozenset(code for key in keys for code in units.get(key, ()))


def _members(unit: UnitOfWork, *columns: ColumnElement[Any]) -> Select[Any]:
    today = unit.now.astimezone(OFFICE_ZONE).date()
    return (
        select(*columns)
        .select_from(_MEMBERSHIP)
        .join(_ACCOUNT, _ACCOUNT.c.id == _MEMBERSHIP.c.account_id)
        .join(_UNIT, _UNIT.c.id == _MEMBERSHIP.c.unit_id)
        .where(
            or_(_MEMBERSHIP.c.from_on.is_(None), _MEMBERSHIP.c.from_on <= today),
            or_(_MEMBERSHIP.c.to_on.is_(None), _MEMBERSHIP.c.to_on >= today),
        )
    )


def _any_of(column: ColumnElement[Any], references: Iterable[str]) -> ColumnElement[bool]:
    names = sorted(references)
    if not names:
        return false()
    return column.op("&&", is_comparison=True)(literal(names, ARRAY(Text)))


def _mine(unit: UnitOfWork) -> ColumnElement[bool]:
    return TASK.c.owner_id == unit.actor.account_id


def _groups(unit: UnitOfWork) -> ColumnElement[bool]:
    return _open_to(unit.actor.references)


def _open_to(references: frozenset[str]) -> ColumnElement[bool]:
    """Return the condition: nobody has it, and one with these references may take it."""
    may_take = _any_of(TASK.c.owners, references), ~_any_of(TASK.c.excluded, references)
    return and_(TASK.c.owner_id.is_(None), *may_take)


def _of_person(account_id: UUID, references: frozenset[str]) -> ColumnElement[bool]:
    return or_(TASK.c.owner_id == account_id, _open_to(references))


def _assisted(unit: UnitOfWork) -> ColumnElement[bool]:
    """The leaders' tasks, where neither the leader nor the aide is excluded."""
    actor = unit.actor
    theirs = [_of_person(leader.account_id, leader.references) for leader in actor.assists.values()]
    return and_(or_(false(), *theirs), ~_any_of(TASK.c.excluded, actor.references)) if theirs else false()


def _delegated(unit: UnitOfWork) -> ColumnElement[bool]:
    """The tasks that an order lets the actor do in the owner's place (S4-7c); no row is changed for it."""
    actor = unit.actor
    theirs = [
        and_(
            _of_person(mandate.principal.account_id, mandate.principal.references),
            TASK.c.authority.in_(sorted(mandate.authorities)),
            _within(mandate),
        )
        for mandate in actor.mandates
    ]
    if not theirs:
        return false()
    own_process = exists().where(
        INSTANCE.c.id == TASK.c.instance_id, INSTANCE.c.initiator_id == actor.account_id
    )
    return and_(or_(*theirs), ~_any_of(TASK.c.excluded, actor.references), ~own_process.correlate(TASK))


def _within(mandate: Mandate) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [literal(value=True)]
    if mandate.process_keys:
        conditions.append(TASK.c.process_key.in_(sorted(mandate.process_keys)))
    if mandate.document_types:
        of_kind = _DOCUMENT.c.type_name.in_(sorted(mandate.document_types))
        about = exists().where(_DOCUMENT.c.instance_id == TASK.c.instance_id, of_kind)
        conditions.append(about.correlate(TASK))
    return and_(*conditions)


def _watched(unit: UnitOfWork) -> ColumnElement[bool]:
    """What the actor watches over: by their own place, or by orders to supervise (S0-11g4, S1-4.2a, S4-7)."""
    actor = unit.actor
    found = [_watched_as(unit, actor.references, actor.roles)]
    found += [
        and_(
            _watched_as(unit, mandate.principal.references, mandate.roles),
            _within(mandate),
            ~_any_of(TASK.c.excluded, actor.references),
        )
        for mandate in actor.mandates
        if "supervise" in mandate.authorities
    ]
    return or_(*found)


def _watched_as(unit: UnitOfWork, references: frozenset[str], roles: frozenset[str]) -> ColumnElement[bool]:
    if not roles.isdisjoint(PERMISSIONS["user_task.supervise"].roles):
        return literal(value=True)
    open_ones: list[ColumnElement[bool]] = []
    if not roles.isdisjoint(OVERSEEING):
        open_ones.append(literal(value=True))
    codes = headed_units(references)
    if codes:
        open_ones.append(_in_units(unit, codes))
    secret = exists().where(_DOCUMENT.c.instance_id == TASK.c.instance_id, _DOCUMENT.c.secrecy != "none")
    watched = and_(or_(*open_ones), ~secret.correlate(TASK)) if open_ones else false()
    return or_(TASK.c.assigner.in_(sorted(references)), watched)


def _in_units(unit: UnitOfWork, codes: frozenset[str]) -> ColumnElement[bool]:
    """The task names one of the units, or one of their people has it or may take it.

    The people are selected once for the whole statement, not for each task.
    """
    accounts, references = (func.array(one.scalar_subquery()) for one in members_of(unit, codes))
    by_name = TASK.c.owners.op("&&", is_comparison=True)(references)
    return or_(
        _any_of(TASK.c.owners, unit_references(codes)),
        TASK.c.owner_id == any_(accounts),
        and_(TASK.c.owner_id.is_(None), by_name),
    )


def members_of(unit: UnitOfWork, codes: frozenset[str]) -> tuple[Select[Any], Select[Any]]:
    """Select account ids of the people in these units today, and their owner references."""
    columns = _ACCOUNT.c.id.label("name"), (literal("user:", Text) + _ACCOUNT.c.login).label("name")
    ids, names = (_members(unit, column).where(_UNIT.c.code.in_(sorted(codes))) for column in columns)
    return ids, names


def unit_references(codes: frozenset[str]) -> frozenset[str]:
    """Return the owner references that name these units, by themselves or by a role in them."""
    prefixes = ("", *(f"role:{role}@" for role in ROLES))
    return frozenset(f"{prefix}unit:{code}" for code in codes for prefix in prefixes)


def _to_confirm(unit: UnitOfWork) -> ColumnElement[bool]:
    """What an aide entered for the actor and the actor has not yet confirmed or corrected (S0-10.2)."""
    answered = exists().where(_CONFIRMATION.c.task_id == TASK.c.id)
    return and_(
        TASK.c.on_behalf_of_id == unit.actor.account_id,
        TASK.c.order_id.is_(None),
        TASK.c.state == "completed",
        ~answered.correlate(TASK),
    )


def _concerned(unit: UnitOfWork) -> ColumnElement[bool]:
    """What waits for the actor or went through their hands; a supervisor's work is the whole agency's."""
    actor = unit.actor
    if is_supervisor(actor) or actor.is_system:
        return literal(value=True)
    me = actor.account_id
    had = TASK.c.completed_by_id == me, TASK.c.delegator_id == me, TASK.c.on_behalf_of_id == me
    return or_(*had, _mine(unit), _groups(unit), _assisted(unit), _delegated(unit))


def visible_tasks(unit: UnitOfWork) -> ColumnElement[bool]:
    """Return the condition on ``user_task``: the tasks that exist for the actor, open and done."""
    return or_(_concerned(unit), _watched(unit))


SCOPES: Final[Mapping[str, Callable[[UnitOfWork], ColumnElement[bool]]]] = MappingProxyType(
    {
        "mine": _mine,
        "groups": _groups,
        "assisted": _assisted,
        "delegated": _delegated,
        "watched": _watched,
        "to_confirm": _to_confirm,
        "all": _concerned,
    },
)
"""What a list may be of → its condition on ``user_task``."""
