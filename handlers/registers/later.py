"""What a register tells of a document that its number's day did not know yet (NĐ 30/2020 Phụ lục IV).

Of a document that went out: the day it left, whether all have received it, how many copies on paper; of one
that came in: the documents that answer it. Read while the line is open, kept when it is printed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select

from handlers.records.description import document_code
from service.domain.clock import OFFICE_ZONE
from service.domain.delivery import ARRIVED
from service.storage.models import Delivery, Document, Draft, table_of
from service.storage.unit_of_work import UnitOfWork

_DELIVERY = table_of(Delivery)
_DOCUMENT = table_of(Document)
_DRAFT = table_of(Draft)
_ANSWERING: Final = ("issued", "completed", "replaced", "corrected")


def later_facts(unit: UnitOfWork, document_ids: Collection[UUID]) -> dict[UUID, dict[str, str | None]]:
    """Return columns of a register by document: ``transferred_on``, ``receipt``, ``copies``, ``reply``."""
    found: dict[UUID, dict[str, str | None]] = {}
    for row in _deliveries(unit, document_ids):
        found[row.document_id] = {
            "transferred_on": _office_day(row.left_at),
            "receipt": f"Đủ {row.electronic} nơi nhận" if row.electronic == row.arrived > 0 else None,
            "copies": str(row.paper) if row.paper else None,
        }
    for document_id, codes in _answers(unit, document_ids).items():
        found.setdefault(document_id, {})["reply"] = "; ".join(codes)
    return found


def _deliveries(unit: UnitOfWork, document_ids: Collection[UUID]) -> list[Row[Any]]:
    is_paper = _DELIVERY.c.channel == "paper"
    statement = (
        select(
            _DELIVERY.c.document_id,
            func.min(func.coalesce(_DELIVERY.c.sent_at, _DELIVERY.c.arrived_at)).label("left_at"),
            func.count().filter(is_paper).label("paper"),
            func.count().filter(~is_paper).label("electronic"),
            func.count().filter(~is_paper, _DELIVERY.c.state.in_(sorted(ARRIVED))).label("arrived"),
        )
        .where(_DELIVERY.c.document_id.in_(document_ids), _DELIVERY.c.state != "cancelled")
        .group_by(_DELIVERY.c.document_id)
    )
    return list(unit.session.execute(statement))


def _answers(unit: UnitOfWork, document_ids: Collection[UUID]) -> Mapping[UUID, list[str]]:
    statement = (
        select(_DRAFT.c.answers_id, _DOCUMENT.c.code_number, _DOCUMENT.c.code_notation)
        .join(_DOCUMENT, _DOCUMENT.c.id == _DRAFT.c.document_id)
        .where(_DRAFT.c.answers_id.in_(document_ids), _DOCUMENT.c.status.in_(_ANSWERING))
        .order_by(_DOCUMENT.c.issued_on, _DOCUMENT.c.id)
    )
    found: dict[UUID, list[str]] = {}
    for row in unit.session.execute(statement):
        found.setdefault(row.answers_id, []).append(document_code(row.code_number, row.code_notation))
    return found


def _office_day(at: datetime | None) -> str | None:
    return at.astimezone(OFFICE_ZONE).date().isoformat() if at else None
