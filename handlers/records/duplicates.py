"""``record.check_duplicate``: warn of the same document again (NĐ30 Phụ lục VI, III.1 h)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ColumnElement, and_, func, or_, select

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import DOCUMENT, lock_document
from service.domain.numbering import arrival_code

_MOST_MATCHES = 10


class CheckDuplicate:
    """Looks for the same exchange identifier, or the same number, notation and issuing body."""

    operation: ClassVar[str] = "record.check_duplicate"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{has_matches, matches: [{document_id, subject, arrival_code, status, by}]}``."""
        document = lock_document(context.unit, params["document_id"])
        same = _same(document)
        if same is None:
            return {"has_matches": False, "matches": []}
        statement = (
            select(DOCUMENT)
            .where(DOCUMENT.c.direction == document.direction, DOCUMENT.c.id != document.id, same)
            .order_by(DOCUMENT.c.created_at.desc())
            .limit(_MOST_MATCHES)
        )
        matches = [
            {
                "document_id": str(row.id),
                "subject": row.subject if row.secrecy == "none" else None,
                "arrival_code": arrival_code(row.arrival_number) if row.arrival_number else None,
                "status": row.status,
                "by": "identifier" if row.exchange_id and row.exchange_id == document.exchange_id else "code",
            }
            for row in context.unit.session.execute(statement)
        ]
        return {"has_matches": bool(matches), "matches": matches}


def _same(document: Any) -> ColumnElement[bool] | None:
    conditions: list[ColumnElement[bool]] = []
    if document.exchange_id:
        conditions.append(DOCUMENT.c.exchange_id == document.exchange_id)
    if document.code_number and document.code_notation:
        conditions.append(
            and_(
                DOCUMENT.c.code_number == document.code_number,
                func.lower(DOCUMENT.c.code_notation) == document.code_notation.lower(),
                func.lower(DOCUMENT.c.organ_name) == document.organ_name.lower(),
                DOCUMENT.c.issued_on.is_not_distinct_from(document.issued_on),
            ),
        )
    return or_(*conditions) if conditions else None
