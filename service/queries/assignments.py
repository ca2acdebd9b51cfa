"""Assignments as those concerned see them: lists with content, executor, coordinators, progress, deadline.

That is what S0-11g1 wants shown; the link to the source document is S0-11g3. Who sees which is said by
:mod:`service.queries.assignment_access`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, cast, func, literal, or_, select, tuple_

from handlers.assignments.assignment_row import ASSIGNMENT, ENTRY
from service.domain.actors import Mandate
from service.domain.assignment_rights import allowed_verbs
from service.domain.assignments import VERB_NAMES, is_overdue
from service.queries.assignment_access import Standing, may_see, sights_of
from service.queries.assignment_filters import AssignmentFilter, matching
from service.queries.assignment_links import (
    DocumentLink,
    Links,
    PartyView,
    SlipLink,
    documents_of,
    parties_of,
    slips_of,
)
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.queries.task_visibility import SCOPES, TASK
from service.storage.models import Account, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_DUE: Final = func.coalesce(ASSIGNMENT.c.due_at, cast(literal("infinity"), ASSIGNMENT.c.due_at.type))
_TASK_SCOPES: Final = ("mine", "groups", "assisted", "delegated")


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """An assignment as lists show it; instants are aware UTC.

    Attributes:
        assigner: who gave it.
        lead: the person or unit that carries it out.
        handlers: whom the unit chose to do it.
        coordinators: who help.
        monitor: who watches over it for the assigner, or None.
        is_overdue: open and past its deadline.
        is_late: of a completed one, whether its result came after the deadline; else None.
        document: the source document, None where there is none for the reader.
        slip: the slip that it follows, likewise.
    """

    id: UUID
    instance_id: UUID
    parent_id: UUID | None
    state: str
    percent: int
    content: str
    urgency: str
    assigner: PartyView | None
    lead: PartyView | None
    handlers: Sequence[PartyView]
    coordinators: Sequence[PartyView]
    monitor: PartyView | None
    assigned_at: datetime
    first_due_at: datetime | None
    due_at: datetime | None
    is_overdue: bool
    waiting_for: str | None
    reported_at: datetime | None
    closed_at: datetime | None
    is_late: bool | None
    document: DocumentLink | None
    slip: SlipLink | None
    version: int


@dataclass(frozen=True, slots=True)
class EntryView:
    """One step of an assignment's life; both names where one person took it in another's place (S4-7c)."""

    ordinal: int
    verb: str
    verb_name: str
    at: datetime
    by: str | None
    by_name: str | None
    on_behalf_of: str | None
    on_behalf_of_name: str | None
    words: str
    percent: int | None
    details: Mapping[str, Any]
    task_id: UUID | None


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open user task of the assignment that the reader may work on."""

    id: UUID
    element_id: str
    name: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stand:
    """In whose place, and by which document, the reader acts by an order."""

    login: str
    full_name: str
    basis: str


@dataclass(frozen=True, slots=True)
class PartLine:
    """A part of an assignment, or the whole that it is a part of.

    ``may_read``: whether it exists for the reader by itself; who reads a whole sees the lines of its parts.
    """

    id: UUID
    state: str
    percent: int
    content: str
    lead: PartyView | None
    due_at: datetime | None
    is_overdue: bool
    is_late: bool | None
    may_read: bool


@dataclass(frozen=True, slots=True)
class ProductView:
    """What was made of it: a document that the reader may see, or what else was named."""

    document: DocumentLink | None
    text: str | None


@dataclass(frozen=True, slots=True)
class AssignmentDetail(AssignmentView):
    """An assignment with everything that was said and done about it.

    Attributes:
        deadline: clause and derivation of ``due_at``, in words.
        products: what was made of it; documents that the reader may not see are left out.
        parts: one level down, in the order in which they were given.
        tasks: what waits for the reader.
        verbs: what the reader may do outside the tasks: note, urge, cancel.
        acting_for: in whose place the reader sees it, None = by their own right.
    """

    description: str = ""
    expected_product: str = ""
    deadline: Mapping[str, Any] | None = None
    accepted_at: datetime | None = None
    overdue_at: datetime | None = None
    result: str | None = None
    products: Sequence[ProductView] = ()
    parties: Sequence[PartyView] = ()
    parent: PartLine | None = None
    parts: Sequence[PartLine] = ()
    entries: Sequence[EntryView] = ()
    tasks: Sequence[OpenTask] = ()
    verbs: Sequence[str] = ()
    acting_for: Stand | None = None


def list_assignments(
    unit: UnitOfWork, wanted: AssignmentFilter, cursor: str | None = None, limit: int | None = None
) -> Page[AssignmentView]:
    """Return the assignments that exist for the actor.

    Raises:
        InvalidInput: an unknown cursor.
    """
    size = page_size(limit)
    is_by_due = wanted.sort == "due"
    key = tuple_(_DUE if is_by_due else ASSIGNMENT.c.assigned_at, ASSIGNMENT.c.id)
    statement = select(ASSIGNMENT).where(*matching(unit, wanted)).limit(size + 1)
    if cursor:
        at = _place(cursor)
        statement = statement.where(key > at if is_by_due else key < at)
    order = (_DUE, ASSIGNMENT.c.id)
    newest = (ASSIGNMENT.c.assigned_at.desc(), ASSIGNMENT.c.id.desc())
    rows = unit.session.execute(statement.order_by(*(order if is_by_due else newest))).all()
    following = None
    if len(rows) > size:
        last = rows[size - 1]
        at_text = last.due_at if is_by_due else last.assigned_at
        following = encode_cursor(at_text.isoformat() if at_text else "infinity", str(last.id))
    return Page(views_of(unit, rows[:size]), following)


def views_of(unit: UnitOfWork, rows: Sequence[Row[Any]]) -> list[AssignmentView]:
    """Return rows as the actor sees them."""
    links = _links_of(unit, rows)
    return [AssignmentView(**_plain(row, links, unit.now)) for row in rows]


def assignment_detail(unit: UnitOfWork, standing: Standing) -> AssignmentDetail:
    """Return an assignment that exists for the actor, whole."""
    row = standing.row
    links = _links_of(unit, [row])
    names = ("description", "expected_product", "accepted_at", "overdue_at", "result")
    return AssignmentDetail(
        **_plain(row, links, unit.now),
        **{name: getattr(row, name) for name in names},
        deadline=_in_words(row.deadline),
        products=_products(unit, row),
        parties=links.parties.get(row.id, ()),
        parent=_whole(unit, row.parent_id),
        parts=_lines(unit, ASSIGNMENT.c.parent_id == row.id),
        entries=_entries(unit, row.id),
        tasks=_tasks(unit, row.instance_id),
        verbs=allowed_verbs(standing.concern, unit.actor),
        acting_for=_stand(standing.mandate),
    )


def _links_of(unit: UnitOfWork, rows: Sequence[Row[Any]]) -> Links:
    return Links(
        parties_of(unit, [row.id for row in rows]),
        documents_of(unit, {row.document_id for row in rows if row.document_id}),
        slips_of(unit, {row.slip_id for row in rows if row.slip_id}),
    )


_DERIVED: Final = frozenset(
    {"assigner", "lead", "handlers", "coordinators", "monitor", "is_overdue", "document", "slip"}
)


def _plain(row: Row[Any], links: Links, now: datetime) -> dict[str, Any]:
    kept = AssignmentView.__dataclass_fields__.keys() - _DERIVED
    return {name: getattr(row, name) for name in kept} | {
        "assigner": next(iter(links.of_part(row.id, "assigner")), None),
        "lead": next(iter(links.of_part(row.id, "lead")), None),
        "handlers": links.of_part(row.id, "handler"),
        "coordinators": links.of_part(row.id, "coordinator"),
        "monitor": next(iter(links.of_part(row.id, "monitor")), None),
        "is_overdue": is_overdue(row.state, row.due_at, row.reported_at, now),
        "document": links.documents.get(row.document_id),
        "slip": links.slips.get(row.slip_id),
    }


def _place(cursor: str) -> ColumnElement[Any]:
    at_text, id_text = decode_cursor(cursor, 2)
    try:
        at = "infinity" if at_text == "infinity" else datetime.fromisoformat(at_text).isoformat()
        return tuple_(cast(literal(at), ASSIGNMENT.c.due_at.type), literal(UUID(id_text)))
    except (TypeError, ValueError) as error:
        raise bad_cursor() from error


def _in_words(deadline: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not deadline:
        return None
    vi = deadline.get("derivation_vi") or deadline.get("derivation") or ""
    return {
        "clause": deadline.get("clause") or "",
        "derivation_vi": vi,
        "derivation_en": deadline.get("derivation_en") or vi,
    }


def _products(unit: UnitOfWork, row: Row[Any]) -> list[ProductView]:
    """Return the products in their order; a document that the reader may not see is left out."""
    ids = {str(one): found for one in row.products if (found := _id_in(one)) is not None}
    seen = documents_of(unit, set(ids.values()))
    return [
        ProductView(seen[ids[text]], None) if text in ids else ProductView(None, text)
        for text in map(str, row.products)
        if text not in ids or ids[text] in seen
    ]


def _id_in(product: Any) -> UUID | None:
    try:
        return UUID(str(product))
    except ValueError:
        return None


def _whole(unit: UnitOfWork, parent_id: UUID | None) -> PartLine | None:
    if parent_id is None:
        return None
    return next(iter(_lines(unit, ASSIGNMENT.c.id == parent_id, only_seen=True)), None)


def _lines(unit: UnitOfWork, which: ColumnElement[bool], *, only_seen: bool = False) -> list[PartLine]:
    seen = may_see(sights_of(unit))
    statement = select(ASSIGNMENT, seen.label("may_read")).where(which).order_by(ASSIGNMENT.c.id)
    rows = unit.session.execute(statement.where(seen) if only_seen else statement).all()
    parties = Links(parties_of(unit, [row.id for row in rows]), {}, {})
    names = ("id", "state", "percent", "content", "due_at", "is_late", "may_read")
    return [
        PartLine(
            **{name: getattr(row, name) for name in names},
            lead=next(iter(parties.of_part(row.id, "lead")), None),
            is_overdue=is_overdue(row.state, row.due_at, row.reported_at, unit.now),
        )
        for row in rows
    ]


def _entries(unit: UnitOfWork, assignment_id: UUID) -> list[EntryView]:
    doer, person = _ACCOUNT.alias("doer"), _ACCOUNT.alias("person")
    names = {
        "by": doer.c.login,
        "by_name": doer.c.full_name,
        "on_behalf_of": person.c.login,
        "on_behalf_of_name": person.c.full_name,
    }
    plain = [ENTRY.c[name] for name in ("ordinal", "verb", "at", "words", "percent", "details", "task_id")]
    statement = (
        select(*plain, *(column.label(name) for name, column in names.items()))
        .select_from(ENTRY)
        .outerjoin(doer, doer.c.id == ENTRY.c.by_id)
        .outerjoin(person, person.c.id == ENTRY.c.on_behalf_of_id)
        .where(ENTRY.c.assignment_id == assignment_id)
        .order_by(ENTRY.c.ordinal)
    )
    rows = unit.session.execute(statement).mappings()
    return [EntryView(**row, verb_name=VERB_NAMES[row["verb"]][0]) for row in rows]


def _tasks(unit: UnitOfWork, instance_id: UUID) -> list[OpenTask]:
    theirs = or_(*(SCOPES[name](unit) for name in _TASK_SCOPES))
    columns = (TASK.c.id, TASK.c.element_id, TASK.c.name, TASK.c.due_at)
    statement = select(*columns).where(TASK.c.instance_id == instance_id, TASK.c.is_open, theirs)
    rows = unit.session.execute(statement.order_by(TASK.c.created_at, TASK.c.id)).mappings()
    return [OpenTask(**row) for row in rows]


def _stand(mandate: Mandate | None) -> Stand | None:
    if mandate is None:
        return None
    return Stand(mandate.principal.login, mandate.principal.full_name, mandate.basis)
