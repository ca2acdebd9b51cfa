"""The bodies in whose name an office issues documents, with their terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from service.domain.errors import NotFound
from service.domain.permissions import require
from service.storage.models import IssuingBody, IssuingBodyTerm, table_of
from service.storage.unit_of_work import UnitOfWork

BODY = table_of(IssuingBody)
TERM = table_of(IssuingBodyTerm)


@dataclass(frozen=True, slots=True)
class TermView:
    """A term of a Party body; ``to_on`` is None while it runs."""

    term: str
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class IssuingBodyView:
    """A body that issues documents; a State body has no terms and numbers by calendar year.

    Attributes:
        notation: what stands in the symbol of a document.
        organ_id: its own identifier on the exchange; None = the agency's.
        term: the present one of a Party body.
        terms: oldest first.
    """

    id: UUID
    code: str
    name: str
    notation: str
    side: str
    place: str
    superior_name: str
    term: str | None
    term_from_on: date | None
    closed_at: datetime | None
    organ_id: str | None = None
    terms: Sequence[TermView] = ()

    @property
    def is_closed(self) -> bool:
        """Whether it issues nothing any more."""
        return self.closed_at is not None


def list_issuing_bodies(unit: UnitOfWork, *, with_closed: bool = False) -> list[IssuingBodyView]:
    """Return the agency's issuing bodies by code, the open ones or also those that were closed.

    Raises:
        Forbidden: the actor belongs to no office.
    """
    require(unit.actor, "organisation.read")
    statement = select(BODY).order_by(BODY.c.code)
    if not with_closed:
        statement = statement.where(BODY.c.closed_at.is_(None))
    rows = unit.session.execute(statement).mappings().all()
    terms = _terms(unit, [row["id"] for row in rows])
    return [_view(row, terms.get(row["id"], [])) for row in rows]


def read_issuing_body(unit: UnitOfWork, code: str) -> IssuingBodyView:
    """Return one issuing body, closed ones too.

    Raises:
        Forbidden: the actor belongs to no office.
        NotFound: the agency has no such body.
    """
    require(unit.actor, "organisation.read")
    row = unit.session.execute(select(BODY).where(BODY.c.code == code)).mappings().first()
    if row is None:
        raise body_not_found()
    return _view(row, _terms(unit, [row["id"]]).get(row["id"], []))


def body_not_found() -> NotFound:
    """Return the answer about a body that the agency does not have."""
    vi, en = "Không có cơ quan, tổ chức ban hành này.", "There is no such issuing body."
    return NotFound("issuing_body.not_found", vi, en)


def _terms(unit: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, list[TermView]]:
    found: dict[UUID, list[TermView]] = {}
    statement = select(TERM).where(TERM.c.body_id.in_(ids)).order_by(TERM.c.from_on)
    for row in unit.session.execute(statement).mappings():
        found.setdefault(row["body_id"], []).append(TermView(row["term"], row["from_on"], row["to_on"]))
    return found


def _view(row: Any, terms: Sequence[TermView]) -> IssuingBodyView:
    columns = {str(name): value for name, value in row.items() if name != "agency_id"}
    return IssuingBodyView(**columns, terms=tuple(terms))
