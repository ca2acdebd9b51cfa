"""What the malware scanner has said of stored contents, without their names: for those who keep the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from service.queries.clearance import SCAN
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Blob, table_of
from service.storage.unit_of_work import UnitOfWork

BLOB = table_of(Blob)


@dataclass(frozen=True, slots=True)
class ScanView:
    """A content and its verdict; ``state`` as it is kept: waiting, clean, infected or refused."""

    id: UUID
    sha256: str
    size_bytes: int
    media_type: str
    state: str
    finding: str | None
    attempts: int
    scanned_at: datetime | None
    due_at: datetime | None
    created_at: datetime


def list_scans(
    unit: UnitOfWork, cursor: str | None = None, limit: int | None = None, *, state: str | None = None
) -> Page[ScanView]:
    """Return the contents of the agency with their verdicts; ``counts`` holds how many are in each state.

    Raises:
        InvalidInput: an unknown cursor.
    """
    size = page_size(limit)
    names = [name for name in ScanView.__dataclass_fields__ if name in SCAN.c and name != "sha256"]
    columns = [*(SCAN.c[name] for name in names), SCAN.c.sha256, BLOB.c.size_bytes, BLOB.c.media_type]
    same = (BLOB.c.agency_id == SCAN.c.agency_id) & (BLOB.c.sha256 == SCAN.c.sha256)
    statement = select(*columns).join(BLOB, same).order_by(SCAN.c.id)
    if state is not None:
        statement = statement.where(SCAN.c.state == state)
    if cursor:
        statement = statement.where(SCAN.c.id > _after(cursor))
    rows = unit.session.execute(statement.limit(size + 1)).mappings().all()
    views = [ScanView(**{**row, "sha256": bytes(row["sha256"]).hex()}) for row in rows[:size]]
    following = encode_cursor(str(views[-1].id)) if len(rows) > size else None
    return Page(views, following, dict(_counts(unit)))


def _counts(unit: UnitOfWork) -> Mapping[str, int]:
    counted = select(SCAN.c.state, func.count()).group_by(SCAN.c.state)
    return {state: int(count) for state, count in unit.session.execute(counted)}


def _after(cursor: str) -> UUID:
    (last,) = decode_cursor(cursor, 1)
    try:
        return UUID(last)
    except (TypeError, ValueError, AttributeError) as error:
        raise bad_cursor() from error
