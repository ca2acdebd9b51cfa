"""Lists of documents and dossiers; who may read which is said by :mod:`service.queries.document_access`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on

from handlers.records.description import document_code
from service.domain.errors import NotFound
from service.domain.numbering import arrival_code
from service.queries.clearance import SCAN, shown_state
from service.queries.document_access import DOCUMENT, are_named, may_read_seen, may_see, standing_of
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import DocumentFile, Dossier, DossierItem, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

DOCUMENT_FILE = table_of(DocumentFile)
DOSSIER = table_of(Dossier)
DOSSIER_ITEM = table_of(DossierItem)
UNIT = table_of(Unit)

_HIDDEN: Final = "(Văn bản mật, trích yếu không hiển thị)"
"""Stands for the abstract where its reader has no right to it."""

_HIDDEN_FIELDS: Final = {"subject": _HIDDEN, "description": "", "to_places": "", "signer_name": ""}
_OPEN_STATUSES: Final = ("arrived", "received", "transferred", "in_progress", "waiting")


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """What to list; None = any.

    Attributes:
        text: part of the abstract, the code or the issuing body.
        status: of S3-12.4f.
        channel: paper, upload, email or exchange.
        urgency: normal, urgent, very_urgent or flash.
        arrived_from: arrival date, included.
        arrived_to: arrival date, included.
        dossier_id: filed in this dossier.
        is_overdue: open and past its due time.
    """

    direction: str = "incoming"
    text: str | None = None
    status: str | None = None
    channel: str | None = None
    urgency: str | None = None
    arrived_from: date | None = None
    arrived_to: date | None = None
    dossier_id: UUID | None = None
    is_overdue: bool | None = None


@dataclass(frozen=True, slots=True)
class FileView:
    """The newest version of one file of a document; ``scan_state`` as of :mod:`service.queries.clearance`."""

    id: UUID
    ordinal: int
    version: int
    role: str
    file_name: str
    size_bytes: int
    media_type: str
    sha256: str
    signature_report: Mapping[str, Any] | None
    scan_state: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document's metadata as its reader sees it; ``files`` and ``trace`` only when read alone.

    Attributes:
        addressed_organ_id: which of the agency and its bodies an exchanged document was sent to (S3-16).
        is_abstract_hidden: the reader may know that the document is there, not what it is about.
        rights: what the reader may do with its files: actions of the permission table.
    """

    id: UUID
    direction: str
    status: str
    channel: str
    type_name: str
    code: str
    code_number: str
    code_notation: str
    issued_on: date | None
    organ_id: str | None
    organ_name: str
    subject: str
    urgency: str
    secrecy: str
    category: str
    signer_position: str
    signer_name: str
    to_places: str
    page_amount: int | None
    description: str
    arrival_number: int | None
    arrival_code: str | None
    arrival_on: date | None
    received_at: datetime | None
    due_at: datetime | None
    is_overdue: bool
    legal_value: str | None
    is_public: bool
    attested_at: datetime | None
    instance_id: UUID | None
    version: int
    created_at: datetime
    addressed_organ_id: str | None = None
    addressed_name: str | None = None
    is_abstract_hidden: bool = False
    rights: tuple[str, ...] = ()
    trace: tuple[Mapping[str, Any], ...] = ()
    files: tuple[FileView, ...] = ()
    dossiers: tuple[DossierView, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class DossierView:
    """A work dossier."""

    id: UUID
    year: int
    notation: str
    title: str
    retention: str
    unit_code: str | None
    opened_on: date
    closed_on: date | None
    document_count: int


_SHOWN: Final = tuple(
    name for name in DocumentView.__dataclass_fields__ if name in DOCUMENT.c and name != "trace"
)


def list_documents(
    unit: UnitOfWork,
    wanted: DocumentFilter,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[DocumentView]:
    """Return the documents that the actor may see, newest first.

    Raises:
        InvalidInput: an unknown cursor.
    """
    size = page_size(limit)
    is_read = may_read_seen(unit)
    columns: list[ColumnElement[Any]] = [*(DOCUMENT.c[name] for name in _SHOWN), is_read.label("may_read")]
    statement = select(*columns).where(
        are_named(unit), may_see(unit), *_conditions(wanted, unit.now, is_read)
    )
    if cursor:
        statement = statement.where(tuple_(DOCUMENT.c.created_at, DOCUMENT.c.id) < tuple_(*_before(cursor)))
    statement = statement.order_by(DOCUMENT.c.created_at.desc(), DOCUMENT.c.id.desc()).limit(size + 1)
    rows = unit.session.execute(statement).all()
    views = [document_view(row, unit.now, may_read=row.may_read) for row in rows[:size]]
    following = None
    if len(rows) > size:
        following = encode_cursor(views[-1].created_at.isoformat(), str(views[-1].id))
    return Page(views, following)


def find_document(unit: UnitOfWork, document_id: UUID) -> Row[Any]:
    """Return a document's row if the actor may see it.

    Raises:
        NotFound: absent, or not the actor's to see; the answer is the same.
    """
    return standing_of(unit, document_id).row


def document_view(row: Row[Any], now: datetime, *, may_read: bool) -> DocumentView:
    """Return a document's row as it is shown; without the right to read it, its abstract is left out."""
    facts = {name: getattr(row, name) for name in _SHOWN}
    return DocumentView(
        **(facts if may_read else facts | _HIDDEN_FIELDS),
        is_abstract_hidden=not may_read,
        code=document_code(row.code_number, row.code_notation),
        arrival_code=arrival_code(row.arrival_number) if row.arrival_number else None,
        is_overdue=row.due_at is not None and row.status in _OPEN_STATUSES and now > row.due_at,
    )


def files_of(unit: UnitOfWork, document_id: UUID, *, is_scanned: bool = False) -> tuple[FileView, ...]:
    """Return the newest version of each file, in order; ``is_scanned``: whether there is a scanner."""
    same = (SCAN.c.agency_id == DOCUMENT_FILE.c.agency_id) & (SCAN.c.sha256 == DOCUMENT_FILE.c.sha256)
    statement = (
        select(DOCUMENT_FILE, SCAN.c.state.label("scan"))
        .outerjoin(SCAN, same)
        .where(DOCUMENT_FILE.c.document_id == document_id)
        .ext(distinct_on(DOCUMENT_FILE.c.ordinal))
        .order_by(DOCUMENT_FILE.c.ordinal, DOCUMENT_FILE.c.version.desc())
    )
    names = [name for name in FileView.__dataclass_fields__ if name not in {"sha256", "scan_state"}]
    return tuple(
        FileView(
            **{name: getattr(row, name) for name in names},
            sha256=bytes(row.sha256).hex(),
            scan_state=shown_state(row.scan, is_scanned=is_scanned),
        )
        for row in unit.session.execute(statement)
    )


def list_dossiers(
    unit: UnitOfWork,
    *,
    year: int | None = None,
    text: str | None = None,
    is_open: bool | None = None,
) -> list[DossierView]:
    """Return the agency's dossiers by year and notation."""
    statement = _select_dossiers()
    if year is not None:
        statement = statement.where(DOSSIER.c.year == year)
    if text:
        statement = statement.where(_contains(text, DOSSIER.c.title, DOSSIER.c.notation))
    if is_open is not None:
        closed = DOSSIER.c.closed_on.is_(None)
        statement = statement.where(closed if is_open else ~closed)
    rows = unit.session.execute(statement.order_by(DOSSIER.c.year.desc(), DOSSIER.c.notation))
    return [DossierView(**row) for row in rows.mappings()]


def dossiers_of(unit: UnitOfWork, document_id: UUID) -> tuple[DossierView, ...]:
    """Return the dossiers that a document lies in."""
    held = exists().where(
        DOSSIER_ITEM.c.dossier_id == DOSSIER.c.id, DOSSIER_ITEM.c.document_id == document_id
    )
    rows = unit.session.execute(_select_dossiers().where(held).order_by(DOSSIER.c.notation))
    return tuple(DossierView(**row) for row in rows.mappings())


def read_dossier(unit: UnitOfWork, dossier_id: UUID) -> DossierView:
    """Return one dossier.

    Raises:
        NotFound: the agency has no such dossier.
    """
    row = unit.session.execute(_select_dossiers().where(DOSSIER.c.id == dossier_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("dossier.not_found", "Không có hồ sơ này.", "There is no such dossier.")
    return DossierView(**row)


def _select_dossiers() -> Select[Any]:
    counted = select(func.count()).where(DOSSIER_ITEM.c.dossier_id == DOSSIER.c.id).scalar_subquery()
    names = ("id", "year", "notation", "title", "retention", "opened_on", "closed_on")
    columns = [DOSSIER.c[name] for name in names]
    return select(*columns, UNIT.c.code.label("unit_code"), counted.label("document_count")).outerjoin(
        UNIT, UNIT.c.id == DOSSIER.c.unit_id
    )


def _conditions(
    wanted: DocumentFilter, now: datetime, is_read: ColumnElement[bool]
) -> list[ColumnElement[bool]]:
    """Return what the filter asks; a hidden abstract is not searched, or a search would tell of it."""
    found: list[ColumnElement[bool]] = [DOCUMENT.c.direction == wanted.direction]
    for name in ("status", "channel", "urgency"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(DOCUMENT.c[name] == value)
    if wanted.text:
        in_line, in_subject = (
            _has(DOCUMENT.c.search_line, wanted.text),
            _has(DOCUMENT.c.search_subject, wanted.text),
        )
        found += [or_(in_line, in_subject), or_(in_line, is_read)]
    if wanted.arrived_from is not None:
        found.append(DOCUMENT.c.arrival_on >= wanted.arrived_from)
    if wanted.arrived_to is not None:
        found.append(DOCUMENT.c.arrival_on <= wanted.arrived_to)
    if wanted.dossier_id is not None:
        item = DOSSIER_ITEM.c
        found.append(exists().where(item.document_id == DOCUMENT.c.id, item.dossier_id == wanted.dossier_id))
    if wanted.is_overdue is not None:
        late = and_(DOCUMENT.c.due_at < now, DOCUMENT.c.status.in_(_OPEN_STATUSES))
        found.append(late if wanted.is_overdue else ~func.coalesce(late, False))
    return found


def _contains(text: str, *columns: Any) -> ColumnElement[bool]:
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _has(small_letters: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Say whether a column that is kept in small letters holds the text, in letters of any size."""
    escaped = re.sub(r"([/%_])", r"/\1", text)
    return small_letters.like(func.lower(f"%{escaped}%"), escape="/")


def _before(cursor: str) -> tuple[Any, Any]:
    created, document_id = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(created), UUID(document_id)
    except ValueError as error:
        raise bad_cursor() from error
