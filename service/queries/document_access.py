"""Who may read which document: the permission table's rows about documents, as one condition in SQL.

Each party of a row has its condition here; a row allows a document if its secrecy is among the row's states
and one of the conditions holds. Lists, searches and single readings take the same condition, so that what
one hides no other shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, cast, exists, false, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from service.domain.document_permissions import IN_SERVICE, READING, SEEING
from service.domain.errors import NotFound
from service.domain.permissions import PERMISSIONS, Subject, is_allowed, require
from service.queries.task_visibility import SCOPES, TASK
from service.storage.models import (
    AccessGrant,
    Document,
    DocumentRecipient,
    DossierItem,
    Draft,
    Spill,
    SubmissionSlip,
    Unit,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork

DOCUMENT: Final = table_of(Document)
_DRAFT = table_of(Draft)
_GRANT = table_of(AccessGrant)
_ITEM = table_of(DossierItem)
_RECIPIENT = table_of(DocumentRecipient)
_SLIP = table_of(SubmissionSlip)
_SPILL = table_of(Spill)
_UNIT = table_of(Unit)

HIDDEN_STATUSES: Final = PERMISSIONS["document.open_withdrawn"].states
"""In these only the clerk opens the files (S0-6.5)."""

_LOCKED: Final = ("quarantined", "wiping")
_SENT: Final = ("issued", "completed", "replaced", "corrected")
_RECEIVING: Final = ("role:unit_head@unit:", "role:unit_clerk@unit:")
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


def standing_of(unit: UnitOfWork, document_id: UUID) -> Standing:
    """Return how the actor stands to a document.

    Raises:
        NotFound: absent, or not the actor's to see; the answer is the same.
    """
    conditions = _conditions(unit)
    columns = [conditions[name].label(f"is_{name}") for name in _RELATIONS]
    grant = _grants(unit).with_only_columns(_GRANT.c.id).order_by(_GRANT.c.until_at.desc()).limit(1)
    statement = select(DOCUMENT, _is_locked().label("is_locked"), *columns, grant.label("grant_id"))
    row = unit.session.execute(statement.where(DOCUMENT.c.id == document_id)).one_or_none()
    relations = frozenset(name for name in _RELATIONS if row is not None and getattr(row, f"is_{name}"))
    is_hidden = row is None or (row.is_locked and not unit.actor.is_system)
    if row is None or is_hidden or not _is_among(unit, SEEING, row.secrecy, relations):
        raise NotFound("document.not_found", "Không có văn bản này.", "There is no such document.")
    by_duty = relations - {"visitor", "downloader"}
    needs_grant = "visitor" in relations and not _is_among(unit, READING, row.secrecy, by_duty)
    may_read = _is_among(unit, READING, row.secrecy, relations)
    return Standing(row, relations, may_read, row.grant_id if needs_grant else None)


def is_work_locked(unit: UnitOfWork, instance_id: UUID) -> bool:
    """Say whether a process works on a document that is locked by a spill, so that its variables are too."""
    about = DOCUMENT.c.instance_id == instance_id
    locked = exists().where(_SPILL.c.document_id == DOCUMENT.c.id, about, _SPILL.c.state.in_(_LOCKED))
    return bool(unit.session.execute(select(locked)).scalar_one())


def reads_work_of(unit: UnitOfWork, instance_id: UUID) -> bool:
    """Say whether what was brought to a process is the actor's to read: by a task, or by its document."""
    if unit.actor.is_system:
        return True
    worked = exists(select(1).select_from(TASK).where(TASK.c.instance_id == instance_id, _theirs(unit)))
    about = exists(
        select(1).select_from(DOCUMENT).where(DOCUMENT.c.instance_id == instance_id, may_read(unit))
    )
    return bool(unit.session.execute(select(or_(worked, about))).scalar_one())


def _is_among(unit: UnitOfWork, actions: Iterable[str], secrecy: str, relations: frozenset[str]) -> bool:
    """Say for one document what :func:`_by_rows` says in SQL for many."""
    parties = unit.actor.roles | relations | ({"system"} if unit.actor.is_system else frozenset())
    rows = (PERMISSIONS[action] for action in actions)
    return unit.actor.is_system or any(secrecy in row.states and parties & row.parties for row in rows)


def _by_rows(unit: UnitOfWork, actions: Iterable[str]) -> ColumnElement[bool]:
    if unit.actor.is_system:
        return literal(value=True)
    conditions, allowed = _conditions(unit), []
    for action in actions:
        row = PERMISSIONS[action]
        by_role = not unit.actor.roles.isdisjoint(row.roles)
        parties = [conditions[party] for party in sorted(row.parties & conditions.keys())]
        holds = true() if by_role else or_(false(), *parties)
        allowed.append(and_(DOCUMENT.c.secrecy.in_(sorted(row.states)), holds))
    return and_(or_(*allowed), ~_is_locked())


def _is_locked() -> ColumnElement[bool]:
    """Secret content was found in it: nobody reads it until that is decided."""
    locked = exists().where(_SPILL.c.document_id == DOCUMENT.c.id, _SPILL.c.state.in_(_LOCKED))
    return locked.correlate(DOCUMENT)


def _conditions(unit: UnitOfWork) -> Mapping[str, ColumnElement[bool]]:
    """Return, for each relation of the table, when the actor has it to a row of ``document``."""
    me, grants = unit.actor.account_id, _grants(unit)
    drafts = exists().where(_DRAFT.c.document_id == DOCUMENT.c.id).correlate(DOCUMENT)
    return {
        "entrant": DOCUMENT.c.created_by_id == me,
        "handler": _handled(unit),
        "directed": or_(_directed(unit), _addressed(unit)),
        "drafter": drafts.where(_DRAFT.c.drafter_id == me),
        "signer": drafts.where(_DRAFT.c.signer_id == me),
        "audience": DOCUMENT.c.is_public,
        "visitor": grants.exists(),
        "downloader": grants.where(_GRANT.c.may_download).exists(),
    }


def _handled(unit: UnitOfWork) -> ColumnElement[bool]:
    """The actor has or had a task of the document's process or of a slip about it, or may take one."""
    theirs = _theirs(unit)
    slips = select(_SLIP.c.instance_id).where(_SLIP.c.document_id == DOCUMENT.c.id).correlate(DOCUMENT)
    of_process = exists(
        select(1).select_from(TASK).where(TASK.c.instance_id == DOCUMENT.c.instance_id, theirs)
    )
    of_slip = exists(select(1).select_from(TASK).where(TASK.c.instance_id.in_(slips), theirs))
    return or_(of_process.correlate(DOCUMENT), of_slip.correlate(DOCUMENT))


def _theirs(unit: UnitOfWork) -> ColumnElement[bool]:
    """Return the condition on ``user_task``: the actor has or had it, or may take it while it is open."""
    me = unit.actor.account_id
    columns = (TASK.c.owner_id, TASK.c.completed_by_id, TASK.c.delegator_id, TASK.c.on_behalf_of_id)
    open_ones = [SCOPES[name](unit) for name in ("groups", "assisted", "delegated")]
    return or_(*(column == me for column in columns), and_(TASK.c.is_open, or_(*open_ones)))


def _directed(unit: UnitOfWork) -> ColumnElement[bool]:
    """A direction names the actor's unit, which they receive for, or a notice went to them or their unit.

    The trace is the record of both: ``direction`` lines name units, notices name owner references.
    """
    references = unit.actor.references
    codes = sorted(
        {ref.removeprefix(head) for ref in references for head in _RECEIVING if ref.startswith(head)}
    )
    line = func.jsonb_array_elements(DOCUMENT.c.trace).table_valued("value").alias("line")
    value = line.c.value
    told = value.op("->")("recipients").op("?|")(_texts(references))
    named = or_(
        value.op("->>")("lead_unit").in_(codes),
        value.op("->")("coordinating_units").op("?|")(_texts(codes)),
    )
    wanted = or_(told, and_(value.op("->>")("kind") == "direction", named)) if codes else told
    return exists(select(1).select_from(line).where(wanted)).correlate(DOCUMENT)


def _addressed(unit: UnitOfWork) -> ColumnElement[bool]:
    """An issued document of the agency names the actor or the actor's unit as a receiver."""
    codes = sorted(ref.removeprefix("unit:") for ref in unit.actor.references if ref.startswith("unit:"))
    units = select(_UNIT.c.id).where(_UNIT.c.code.in_(codes))
    receivers = or_(_RECIPIENT.c.account_id == unit.actor.account_id, _RECIPIENT.c.unit_id.in_(units))
    named = exists().where(_RECIPIENT.c.document_id == DOCUMENT.c.id, receivers).correlate(DOCUMENT)
    return and_(DOCUMENT.c.direction != "incoming", DOCUMENT.c.status.in_(_SENT), named)


def _grants(unit: UnitOfWork) -> Any:
    """Select the actor's grants in force that cover a row of ``document``, alone or in its dossier."""
    filed = exists().where(_ITEM.c.document_id == DOCUMENT.c.id, _ITEM.c.dossier_id == _GRANT.c.dossier_id)
    covers = or_(_GRANT.c.document_id == DOCUMENT.c.id, filed.correlate(DOCUMENT, _GRANT))
    return (
        select(1)
        .select_from(_GRANT)
        .where(_GRANT.c.account_id == unit.actor.account_id, _in_force(unit.now), covers)
        .correlate(DOCUMENT)
    )


def _in_force(now: datetime) -> ColumnElement[bool]:
    return and_(_GRANT.c.ended_at.is_(None), _GRANT.c.from_at <= now, _GRANT.c.until_at > now)


def _texts(words: Iterable[str]) -> ColumnElement[Any]:
    return cast(sorted(words), ARRAY(Text))


__all__ = [
    "DOCUMENT",
    "HIDDEN_STATUSES",
    "Standing",
    "is_work_locked",
    "may_read",
    "may_see",
    "reads_work_of",
    "standing_of",
]
