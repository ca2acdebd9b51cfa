"""Who may read which document: the permission table's rows about documents, as one condition in SQL.

Each party of a row has its condition here; a row allows a document if its secrecy is among the row's states
and one of the conditions holds. Lists, searches and single readings take the same condition, so that what
one hides no other shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Uuid,
    and_,
    any_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from service.domain.document_permissions import IN_SERVICE, READING, SEEING
from service.domain.errors import NotFound
from service.domain.permissions import PERMISSIONS, Subject, is_allowed, require
from service.queries.document_ways import DOCUMENT, GRANT, is_in_force, key_selections, leads, theirs, ways
from service.queries.task_visibility import TASK
from service.storage.models import Assignment, DossierItem, Spill, SubmissionSlip, table_of
from service.storage.unit_of_work import UnitOfWork

_ASSIGNMENT = table_of(Assignment)
_ITEM = table_of(DossierItem)
_SLIP = table_of(SubmissionSlip)
_SPILL = table_of(Spill)

MOST_NAMED: Final = 2_000
"""Up to so many ways that lead to a person's documents, a list begins at the person and not at the newest."""

HIDDEN_STATUSES: Final = PERMISSIONS["document.open_withdrawn"].states
"""In these only the clerk opens the files (S0-6.5)."""

_LOCKED: Final = ("quarantined", "wiping")
_RELATIONS: Final = (*sorted(IN_SERVICE), "audience", "visitor", "downloader")


@dataclass(frozen=True, slots=True)
class Standing:
    """How the actor stands to one document that exists for them.

    Attributes:
        row: the document.
        relations: of the table's parties.
        may_read: whether abstract, trace and files are theirs to read; else only the line of a register.
        grant_id: the timed grant that lets them, None if they may without one.
    """

    row: Row[Any]
    relations: frozenset[str]
    may_read: bool
    grant_id: UUID | None

    def allows(self, unit: UnitOfWork, action: str) -> bool:
        """Say whether the actor may do ``action``, a row whose states are statuses of a document."""
        return is_allowed(unit.actor, action, Subject(self.row.status, self.relations))

    def require(self, unit: UnitOfWork, action: str) -> None:
        """Refuse unless the actor may do ``action``.

        Raises:
            Forbidden: they may not.
        """
        require(unit.actor, action, Subject(self.row.status, self.relations))

    def facts(self) -> dict[str, Any]:
        """Return what the audit notes of a reading: the grant, where there would be none without it."""
        return {} if self.grant_id is None else {"grant": str(self.grant_id)}


def may_see(unit: UnitOfWork) -> ColumnElement[bool]:
    """Return the condition on ``document``: it exists for the actor."""
    return _by_rows(unit, SEEING)


def may_read(unit: UnitOfWork) -> ColumnElement[bool]:
    """Return the condition on ``document``: its abstract, trace and files are the actor's to read."""
    return _by_rows(unit, READING)


def may_read_seen(unit: UnitOfWork) -> ColumnElement[bool]:
    """Return :func:`may_read` for documents that exist for the actor: most people read whatever they see."""
    is_same = _opened(unit, SEEING) == _opened(unit, READING)
    return literal(value=True) if is_same else may_read(unit)


def are_named(unit: UnitOfWork) -> ColumnElement[bool]:
    """Return a condition on ``document`` that names all those which may exist for the actor, if they are few.

    A list that begins at those need not ask every document of the agency. It must still ask :func:`may_see`:
    being named means only that a way leads here.
    """
    opened = _opened(unit, SEEING)
    if unit.actor.is_system or "" in opened:
        return literal(value=True)
    found = ways(unit)
    keys = key_selections(way for party in found if party in opened for way in found[party])
    key, is_process = (some := union_all(*keys).limit(MOST_NAMED + 1).subquery("some")).c
    is_few = func.count() <= MOST_NAMED
    lists = [func.array_agg(key.distinct()).filter(kind) for kind in (~is_process, is_process)]
    statement = select(is_few, *(case((is_few, one)) for one in lists)).select_from(some)
    is_few_now, documents, processes = unit.session.execute(statement).one()
    if not is_few_now:
        return literal(value=True)
    named = (DOCUMENT.c.id, documents or []), (DOCUMENT.c.instance_id, processes or [])
    return or_(*(column == any_(literal(ids, ARRAY(Uuid))) for column, ids in named))


def standing_of(unit: UnitOfWork, document_id: UUID) -> Standing:
    """Return how the actor stands to a document.

    Raises:
        NotFound: absent, or not the actor's to see; the answer is the same.
    """
    found = ways(unit)
    columns = [leads(found[name]).label(f"is_{name}") for name in _RELATIONS]
    grant = _select_grant(unit).label("grant_id")
    statement = select(DOCUMENT, _is_locked().label("is_locked"), *columns, grant)
    row = unit.session.execute(statement.where(DOCUMENT.c.id == document_id)).one_or_none()
    relations = frozenset(name for name in _RELATIONS if row is not None and getattr(row, f"is_{name}"))
    is_hidden = row is None or (row.is_locked and not unit.actor.is_system)
    if row is None or is_hidden or not _is_among(unit, SEEING, row.secrecy, relations):
        raise NotFound("document.not_found", "Không có văn bản này.", "There is no such document.")
    by_duty = relations - {"visitor", "downloader"}
    needs_grant = "visitor" in relations and not _is_among(unit, READING, row.secrecy, by_duty)
    may_read = _is_among(unit, READING, row.secrecy, relations)
    return Standing(row, relations, may_read, row.grant_id if needs_grant else None)


def sees(unit: UnitOfWork, document_id: UUID) -> bool:
    """Say whether a document exists for the actor."""
    found = select(DOCUMENT.c.id).where(DOCUMENT.c.id == document_id, may_see(unit))
    return unit.session.execute(found).one_or_none() is not None


def is_work_locked(unit: UnitOfWork, instance_id: UUID) -> bool:
    """Say whether a process works on a document that is locked by a spill, so that its variables are too."""
    put = select(_SLIP.c.document_id).where(_SLIP.c.instance_id == instance_id)
    given = select(_ASSIGNMENT.c.document_id).where(_ASSIGNMENT.c.instance_id == instance_id)
    about = or_(DOCUMENT.c.instance_id == instance_id, DOCUMENT.c.id.in_(put), DOCUMENT.c.id.in_(given))
    locked = exists().where(_SPILL.c.document_id == DOCUMENT.c.id, about, _SPILL.c.state.in_(_LOCKED))
    return bool(unit.session.execute(select(locked)).scalar_one())


def reads_work_of(unit: UnitOfWork, instance_id: UUID) -> bool:
    """Say whether what was brought to a process is the actor's to read: by a task, or by its document."""
    if unit.actor.is_system:
        return True
    mine = or_(*theirs(unit))
    worked = exists(select(1).select_from(TASK).where(TASK.c.instance_id == instance_id, mine))
    about = exists(
        select(1).select_from(DOCUMENT).where(DOCUMENT.c.instance_id == instance_id, may_read(unit))
    )
    return bool(unit.session.execute(select(or_(worked, about))).scalar_one())


def _is_among(unit: UnitOfWork, actions: Iterable[str], secrecy: str, relations: frozenset[str]) -> bool:
    """Say for one document what :func:`_by_rows` says in SQL for many."""
    parties = unit.actor.roles | relations | ({"system"} if unit.actor.is_system else frozenset())
    rows = (PERMISSIONS[action] for action in actions)
    return unit.actor.is_system or any(secrecy in row.states and parties & row.parties for row in rows)


def _by_rows(unit: UnitOfWork, actions: Sequence[str]) -> ColumnElement[bool]:
    if unit.actor.is_system:
        return literal(value=True)
    found, opened = ways(unit), _opened(unit, actions)
    allowed = []
    for states in dict.fromkeys(opened.values()):
        parties = [party for party in opened if opened[party] == states]
        holds = [true()] if "" in parties else [leads(found[party]) for party in found if party in parties]
        allowed.append(and_(DOCUMENT.c.secrecy.in_(sorted(states)), or_(*holds)))
    return and_(or_(false(), *allowed), ~_is_locked())


def _opened(unit: UnitOfWork, actions: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Return which secrecy levels each relation opens; "" stands for the roles that the actor has."""
    found: dict[str, frozenset[str]] = {}
    for row in (PERMISSIONS[action] for action in actions):
        names = row.parties & set(_RELATIONS)
        if not unit.actor.roles.isdisjoint(row.roles):
            names |= {""}
        for name in names:
            found[name] = found.get(name, frozenset()) | row.states
    return found


def _is_locked() -> ColumnElement[bool]:
    """Secret content was found in it: nobody reads it until that is decided."""
    locked = exists().where(_SPILL.c.document_id == DOCUMENT.c.id, _SPILL.c.state.in_(_LOCKED))
    return locked.correlate(DOCUMENT)


def _select_grant(unit: UnitOfWork) -> ScalarSelect[UUID]:
    """Select the longest of the actor's grants in force that cover a row of ``document``."""
    filed = exists().where(_ITEM.c.document_id == DOCUMENT.c.id, _ITEM.c.dossier_id == GRANT.c.dossier_id)
    covers = or_(GRANT.c.document_id == DOCUMENT.c.id, filed.correlate(DOCUMENT, GRANT))
    mine = GRANT.c.account_id == unit.actor.account_id, is_in_force(unit.now), covers
    longest = select(GRANT.c.id).where(*mine).order_by(GRANT.c.until_at.desc()).limit(1)
    return longest.correlate(DOCUMENT).scalar_subquery()


__all__ = [
    "DOCUMENT",
    "HIDDEN_STATUSES",
    "Standing",
    "are_named",
    "is_work_locked",
    "may_read",
    "may_read_seen",
    "may_see",
    "reads_work_of",
    "sees",
    "standing_of",
]
