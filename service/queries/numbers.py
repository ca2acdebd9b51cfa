"""By which scheme a body numbers what it issues."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from handlers.numbering.subject import BODY, SCHEME
from service.domain.errors import NotFound
from service.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SchemeView:
    """How a body numbers: a Party body by type and term; a State body as its head decided."""

    body: str
    side: str
    is_per_type: bool
    basis: str


def read_scheme(unit: UnitOfWork, body_code: str) -> SchemeView:
    """Return how a body numbers.

    Raises:
        NotFound: the agency has no such body.
    """
    statement = (
        select(BODY.c.id, BODY.c.code, BODY.c.side, SCHEME.c.is_per_type, SCHEME.c.basis)
        .outerjoin(SCHEME, SCHEME.c.issuing_body_id == BODY.c.id)
        .where(BODY.c.code == body_code)
    )
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        raise _no_body()
    is_per_type = row.side == "party" or bool(row.is_per_type)
    return SchemeView(row.code, row.side, is_per_type, row.basis or "")


def _no_body() -> NotFound:
    vi, en = "Không có cơ quan ban hành này.", "There is no such issuing body."
    return NotFound("issuing_body.not_found", vi, en)
