"""The ways from a person to documents, each written once and read in both directions.

From one document a way asks whether it leads to the person; from the person it leads to all their documents.
A list of few among very many begins at the person, a list of most and a single reading begin at the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, literal, or_, select, true
from sqlalchemy.sql.elements import ColumnClause

from service.queries import task_ways
from service.queries.task_visibility import SCOPES, TASK
from service.storage.models import (
    AccessGrant,
    Assignment,
    AssignmentParty,
    Document,
    DocumentReader,
    DocumentRecipient,
    DossierItem,
    Draft,
    DraftCosigner,
    SubmissionSlip,
    Unit,
    table_of,
)
from service.storage.unit_of_work import UnitOfWork

DOCUMENT: Final = table_of(Document)
GRANT: Final = table_of(AccessGrant)
_ASSIGNMENT = table_of(Assignment)
_DRAFT = table_of(Draft)
_COSIGNER = table_of(DraftCosigner)
_ITEM = table_of(DossierItem)
_PARTY = table_of(AssignmentParty)
_READER = table_of(DocumentReader)
_RECIPIENT = table_of(DocumentRecipient)
_SLIP = table_of(SubmissionSlip)
_UNIT = table_of(Unit)

_SENT: Final = ("issued", "completed", "replaced", "corrected")


Keys = Select[UUID, bool]
"""Selects ids of documents, or of their processes, and which of the two they are."""


@dataclass(frozen=True, slots=True)
class RowWay:
    """What a document's own row tells."""

    condition: ColumnElement[bool]

    def leads_from(self) -> ColumnElement[bool]:
        """Return the condition on a row of ``document``."""
        return self.condition

    def leads_to(self) -> list[Keys]:
        """Return selections of the keys of all the documents."""
        return [select(DOCUMENT.c.id, literal(value=False)).where(self.condition)]


@dataclass(frozen=True, slots=True)
class TableWay:
    """What rows of other tables tell.

    Attributes:
        source: the tables.
        key: the column of ``source`` that names the document, or its process.
        conditions: when a row is the person's; one is enough. From the person's side each goes by its own
            index.
        of: the column of ``document`` that ``key`` names.
        only: what else must hold of the document.
        starts: the same as ``conditions`` for going from the person, where other indexes lead there.
    """

    source: FromClause
    key: ColumnElement[UUID]
    conditions: tuple[ColumnElement[bool], ...]
    of: ColumnClause[UUID] = DOCUMENT.c.id
    only: ColumnElement[bool] | None = None
    starts: tuple[ColumnElement[bool], ...] = ()

    def leads_from(self) -> ColumnElement[bool]:
        """Return the condition on a row of ``document``.

        OFFSET keeps PostgreSQL from gathering all of the person's rows first, where it is asked of few
        documents: it reckons with the whole table and not with the page.
        """
        rows = select(1).select_from(self.source).where(self.key == self.of, or_(false(), *self.conditions))
        found = rows.offset(0).correlate(DOCUMENT).exists()
        return found if self.only is None else and_(self.only, found)

    def leads_to(self) -> list[Keys]:
        """Return selections of the keys of all the documents; ``only`` is not asked, so of some more."""
        is_process = literal(self.of is not DOCUMENT.c.id)
        starts = self.starts or self.conditions
        return [select(self.key, is_process).select_from(self.source).where(one) for one in starts]


Way = RowWay | TableWay


def theirs(unit: UnitOfWork) -> tuple[ColumnElement[bool], ...]:
    """Return conditions on ``user_task``: the actor has or had it, or may take it while it is open."""
    return (*_had(unit), *_may_take(unit))


def _had(unit: UnitOfWork) -> list[ColumnElement[bool]]:
    columns = (TASK.c.owner_id, TASK.c.completed_by_id, TASK.c.delegator_id, TASK.c.on_behalf_of_id)
    return [column == unit.actor.account_id for column in columns]


def _may_take(unit: UnitOfWork) -> list[ColumnElement[bool]]:
    open_ones = [and_(TASK.c.is_open, SCOPES["groups"](unit))]
    if unit.actor.assists:
        open_ones.append(and_(TASK.c.is_open, SCOPES["assisted"](unit)))
    if unit.actor.mandates:
        open_ones.append(and_(TASK.c.is_open, SCOPES["delegated"](unit)))
    return open_ones


def ways(unit: UnitOfWork) -> Mapping[str, tuple[Way, ...]]:
    """Return, for each relation of the permission table, the ways that make it; cheap ones come first."""
    me = unit.actor.account_id
    return {
        "entrant": (RowWay(DOCUMENT.c.created_by_id == me),),
        "audience": (RowWay(DOCUMENT.c.is_public),),
        "drafter": (TableWay(_DRAFT, _DRAFT.c.document_id, (_DRAFT.c.drafter_id == me,)),),
        "signer": (
            TableWay(_DRAFT, _DRAFT.c.document_id, (_DRAFT.c.signer_id == me,)),
            TableWay(_COSIGNER, _COSIGNER.c.document_id, (_COSIGNER.c.account_id == me,)),
        ),
        "directed": (
            _named(unit.actor.references),
            _addressed(unit),
            _assigned(unit.actor.references),
        ),
        "handler": _handled(unit),
        "visitor": _granted(unit, true()),
        "downloader": _granted(unit, GRANT.c.may_download),
    }


def is_in_force(now: datetime) -> ColumnElement[bool]:
    """Return the condition on ``access_grant``: neither ended nor outside its time."""
    return and_(GRANT.c.ended_at.is_(None), GRANT.c.from_at <= now, GRANT.c.until_at > now)


def _handled(unit: UnitOfWork) -> tuple[Way, ...]:
    """A task of the document's process, or of a slip about it."""
    conditions = theirs(unit)
    within_reach = TASK.c.id.in_(task_ways.select_reached(unit, task_ways.theirs(unit.actor)))
    starts = (*_had(unit), and_(within_reach, or_(*_may_take(unit))))
    of_slips = TASK.join(_SLIP, _SLIP.c.instance_id == TASK.c.instance_id)
    return (
        TableWay(TASK, TASK.c.instance_id, conditions, of=DOCUMENT.c.instance_id, starts=starts),
        TableWay(of_slips, _SLIP.c.document_id, conditions, starts=starts),
    )


def _named(references: Iterable[str]) -> Way:
    """A direction names the actor's unit, which they receive for, or a notice went to them or their unit."""
    return TableWay(_READER, _READER.c.document_id, (_READER.c.reference.in_(sorted(references)),))


def _addressed(unit: UnitOfWork) -> Way:
    """An issued document of the agency names the actor or the actor's unit as a receiver."""
    codes = sorted(ref.removeprefix("unit:") for ref in unit.actor.references if ref.startswith("unit:"))
    units = select(_UNIT.c.id).where(_UNIT.c.code.in_(codes))
    receivers = (_RECIPIENT.c.account_id == unit.actor.account_id, _RECIPIENT.c.unit_id.in_(units))
    sent = and_(DOCUMENT.c.direction != "incoming", DOCUMENT.c.status.in_(_SENT))
    return TableWay(_RECIPIENT, _RECIPIENT.c.document_id, receivers, only=sent)


def _assigned(references: Iterable[str]) -> Way:
    """It is the source of work that the actor has a part in (S0-11g3), unless it is secret.

    Whoever gives the work must see the document, of a secret one perhaps no more than its cover; that goes on
    by a direction only, never by an assignment.
    """
    of_work = _PARTY.join(_ASSIGNMENT, _ASSIGNMENT.c.id == _PARTY.c.assignment_id)
    mine = and_(_PARTY.c.reference.in_(sorted(references)), _ASSIGNMENT.c.document_id.is_not(None))
    return TableWay(of_work, _ASSIGNMENT.c.document_id, (mine,), only=DOCUMENT.c.secrecy == "none")


def _granted(unit: UnitOfWork, wanted: ColumnElement[bool]) -> tuple[Way, ...]:
    """A grant in force covers the document alone, or a dossier that it lies in."""
    mine = and_(GRANT.c.account_id == unit.actor.account_id, is_in_force(unit.now), wanted)
    filed = GRANT.join(_ITEM, _ITEM.c.dossier_id == GRANT.c.dossier_id)
    return (TableWay(GRANT, GRANT.c.document_id, (mine,)), TableWay(filed, _ITEM.c.document_id, (mine,)))


def leads(found: Iterable[Way]) -> ColumnElement[bool]:
    """Return the condition on a row of ``document``: one of these ways leads from it."""
    return or_(false(), *(way.leads_from() for way in found))


def key_selections(found: Iterable[Way]) -> list[Keys]:
    """Return selections of the keys of all documents that these ways lead to."""
    return [one for way in found for one in way.leads_to()]
