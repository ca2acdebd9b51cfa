"""Spills: what was reported, who had read it by then, what was decided; never the content itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select

from handlers.records.description import document_code
from service.domain.errors import NotFound
from service.queries.clearance import SPILL, SPILL_FILE
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Account, AuditEvent, Document, table_of
from service.storage.unit_of_work import UnitOfWork

ACCOUNT = table_of(Account)
AUDIT = table_of(AuditEvent)
DOCUMENT = table_of(Document)
REPORTER = ACCOUNT.alias("reporter")
DECIDER = ACCOUNT.alias("decider")

_READINGS: Final = (
    "document.read",
    "document.read_file",
    "document.view_page",
    "document.print_copy",
    "attachment.read",
)
_MOST_REQUESTS: Final = 50


@dataclass(frozen=True, slots=True)
class SpilledFile:
    """A content of a spill, and what became of its bytes: erased, or kept because another agency has it."""

    sha256: str
    size_bytes: int
    wiped_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class SpillView:
    """A spill; ``readers`` and ``files`` only when read alone.

    Attributes:
        code: number and notation of the document, which tell of no content.
        readers: ``login``, ``name``, ``actions``, ``first_at``, ``last_at`` and ``requests`` of each.
    """

    id: UUID
    document_id: UUID
    code: str
    secrecy: str
    reason: str
    state: str
    reported_by: str
    reported_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    wiped_at: datetime | None
    readers: Sequence[Mapping[str, Any]] = ()
    files: Sequence[SpilledFile] = ()


def list_spills(
    unit: UnitOfWork, cursor: str | None = None, limit: int | None = None, *, state: str | None = None
) -> Page[SpillView]:
    """Return the spills of the agency, newest first.

    Raises:
        InvalidInput: an unknown cursor.
    """
    size = page_size(limit)
    statement = _select()
    if state is not None:
        statement = statement.where(SPILL.c.state == state)
    if cursor:
        statement = statement.where(SPILL.c.id < _before(cursor))
    rows = unit.session.execute(statement.order_by(SPILL.c.id.desc()).limit(size + 1)).all()
    views = [_view(row) for row in rows[:size]]
    return Page(views, encode_cursor(str(views[-1].id)) if len(rows) > size else None)


def read_spill(unit: UnitOfWork, spill_id: UUID) -> SpillView:
    """Return one spill with who read it and what became of its files.

    Raises:
        NotFound: the agency has no such spill.
    """
    row = unit.session.execute(_select().where(SPILL.c.id == spill_id)).one_or_none()
    if row is None:
        raise spill_not_found()
    statement = select(SPILL_FILE).where(SPILL_FILE.c.spill_id == spill_id).order_by(SPILL_FILE.c.sha256)
    files = tuple(
        SpilledFile(bytes(one.sha256).hex(), one.size_bytes, one.wiped_at, one.outcome)
        for one in unit.session.execute(statement)
    )
    return _view(row, row.readers, files)


def readers_of(unit: UnitOfWork, document_id: UUID, notes: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return who read a document, its files or what was attached to its work, from the audit log.

    Args:
        unit: of the agency.
        document_id: the document.
        notes: ids of the attachments.
    """
    read = or_(AUDIT.c.object_id == document_id, AUDIT.c.object_id.in_(notes))
    statement = (
        select(
            ACCOUNT.c.login,
            ACCOUNT.c.full_name.label("name"),
            func.array_agg(AUDIT.c.action.distinct()).label("actions"),
            func.min(AUDIT.c.at).label("first_at"),
            func.max(AUDIT.c.at).label("last_at"),
            func.array_agg(AUDIT.c.request_id.distinct()).label("requests"),
        )
        .join(ACCOUNT, ACCOUNT.c.id == AUDIT.c.actor_id)
        .where(read, AUDIT.c.action.in_(_READINGS))
        .group_by(ACCOUNT.c.login, ACCOUNT.c.full_name)
        .order_by(ACCOUNT.c.login)
    )
    return [_reader(row) for row in unit.session.execute(statement)]


def spill_not_found() -> NotFound:
    """Return the answer for a spill that the agency does not have."""
    return NotFound("spill.not_found", "Không có sự cố này.", "There is no such spill.")


def _reader(row: Row[Any]) -> dict[str, Any]:
    return {
        "login": row.login,
        "name": row.name,
        "actions": sorted(row.actions),
        "first_at": row.first_at.isoformat(),
        "last_at": row.last_at.isoformat(),
        "requests": sorted(one for one in row.requests if one)[:_MOST_REQUESTS],
    }


def _select() -> Select[Any]:
    return (
        select(
            SPILL,
            DOCUMENT.c.code_number,
            DOCUMENT.c.code_notation,
            REPORTER.c.login.label("reported_by"),
            DECIDER.c.login.label("decided_by"),
        )
        .join(DOCUMENT, DOCUMENT.c.id == SPILL.c.document_id)
        .join(REPORTER, REPORTER.c.id == SPILL.c.reported_by_id)
        .outerjoin(DECIDER, DECIDER.c.id == SPILL.c.decided_by_id)
    )


def _view(
    row: Row[Any], readers: Sequence[Mapping[str, Any]] = (), files: Sequence[SpilledFile] = ()
) -> SpillView:
    names = [name for name in SpillView.__dataclass_fields__ if name not in {"code", "readers", "files"}]
    facts = {name: getattr(row, name) for name in names}
    code = document_code(row.code_number, row.code_notation)
    return SpillView(**facts, code=code, readers=tuple(readers), files=tuple(files))


def _before(cursor: str) -> UUID:
    (last,) = decode_cursor(cursor, 1)
    try:
        return UUID(last)
    except (TypeError, ValueError, AttributeError) as error:
        raise bad_cursor() from error
