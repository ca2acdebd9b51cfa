"""The bodies in whose name an office issues documents: entered, changed, given a new term, closed.

One clerical office may issue for several bodies, each with its own notation, seal and number series
(S0-9.1g2; NĐ 30/2020 Điều 15). A State body numbers by calendar year; a Party body by the term of its
committee (HD 36-HD/VPTW), so that a new term lets its numbers begin again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from handlers.accounts.rows import add_row, change_row, check_code, named, plain, refuse
from service.actions.organisation import check_organ_id, check_side, claiming_organ
from service.actions.registers import close_books_of_term
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict
from service.domain.ids import new_id
from service.domain.permissions import require
from service.queries.issuing_bodies import BODY, TERM, IssuingBodyView, body_not_found, read_issuing_body
from service.storage.models import IssuingBody
from service.storage.unit_of_work import UnitOfWork

_NOTATION: Final = re.compile(r"[A-ZĐ][A-ZĐ0-9.\-]{0,19}(/[A-ZĐ0-9.\-]{1,19})?")


@dataclass(frozen=True, slots=True)
class NewBody:
    """A body to enter.

    Attributes:
        code: lower-case word, unique in the agency.
        name: as it stands in the heading of its documents.
        notation: what stands in the symbol of its documents: ``VPTU``, ``UBND``.
        side: ``party`` or ``state``; it decides how numbers run.
        place: named before the date: ``Hưng Yên``.
        superior_name: the body named above it in the heading; may be empty.
        term: of a Party body: ``2025-2030``; a State body has none.
        term_from_on: the first day of that term.
        organ_id: its own identifier on the exchange, for which this office is the contact point (S3-16);
            None = documents leave under the agency's.
    """

    code: str
    name: str
    notation: str
    side: str
    place: str = ""
    superior_name: str = ""
    term: str | None = None
    term_from_on: date | None = None
    organ_id: str | None = None


def add_issuing_body(unit: UnitOfWork, body: NewBody) -> UUID:
    """Enter a body that issues documents and return its id.

    Raises:
        Forbidden: the actor does not keep the bodies.
        InvalidInput: a value is malformed, a Party body has no term, or a State body has one.
        Conflict: the code is taken, or the identifier is another's.
    """
    require(unit.actor, "issuing_body.keep")
    check_code(body.code)
    check_side(body.side)
    _check_term_fits(body)
    row = {
        "code": body.code,
        "name": named(body.name),
        "notation": _notation(body.notation),
        "side": body.side,
        "place": plain(body.place),
        "superior_name": plain(body.superior_name),
        "term": plain(body.term) if body.term else None,
        "term_from_on": body.term_from_on,
        "organ_id": None,
    }
    details = {"code": body.code, "notation": row["notation"]}
    with unit.nested():
        body_id = add_row(unit, "issuing_body.add", IssuingBody, row, details)
        if body.organ_id:
            change_issuing_body(unit, body.code, {"organ_id": body.organ_id})
    if body.term and body.term_from_on:
        _open_term(unit, body_id, plain(body.term), body.term_from_on)
    return body_id


def change_issuing_body(unit: UnitOfWork, code: str, changes: Mapping[str, str | None]) -> IssuingBodyView:
    """Change ``name``, ``notation``, ``place``, ``superior_name`` or ``organ_id``; what is not named stays.

    Documents that were issued keep what stands in them. ``organ_id`` None takes the body's own identifier
    away: its documents leave under the agency's.

    Raises:
        Forbidden: the actor does not keep the bodies.
        InvalidInput: a value is malformed.
        NotFound: the agency has no such body.
        Conflict: it is closed, or the identifier is another's.
        KeyError: a change names something else.
    """
    require(unit.actor, "issuing_body.keep")
    unknown = changes.keys() - _READ.keys()
    if unknown:
        raise KeyError(min(unknown))
    body = _lock_open(unit, code)
    values = {name: _READ[name](text) for name, text in changes.items()}
    if values:
        details = {"code": code, "changes": {name: [body[name], values[name]] for name in sorted(values)}}
        with claiming_organ(unit, values.get("organ_id")):
            change_row(unit, "issuing_body.change", IssuingBody, body["id"], values, details=details)
    return read_issuing_body(unit, code)


def start_term(unit: UnitOfWork, code: str, term: str, from_on: date) -> IssuingBodyView:
    """Begin a new term of a Party body; the one before ends on the day before.

    The term is part of the key of a Party body's number series: its numbers begin again at 1 with the first
    document of the new term, and nothing is taken from the series of the old one: its books are closed, but
    those in which a number is still reserved.

    Args:
        unit: of who keeps the bodies.
        code: of the body.
        term: as people write it, ``2030-2035``.
        from_on: its first day, after the first day of the present term and not in the future.

    Raises:
        Forbidden: the actor does not keep the bodies.
        NotFound: the agency has no such body.
        InvalidInput: no term is named, or the day does not fit.
        Conflict: it is closed, a State body, or had this term already.
    """
    require(unit.actor, "issuing_body.keep")
    body = _lock_open(unit, code)
    name = named(term, "/term")
    if body["side"] != "party":
        raise Conflict(
            "issuing_body.no_term",
            "Cơ quan nhà nước đánh số theo năm, không theo nhiệm kỳ.",
            "A State body numbers by year and has no terms.",
        )
    _check_new_term(unit, body, name, from_on)
    unit.session.execute(
        update(TERM).where(TERM.c.body_id == body["id"], TERM.c.to_on.is_(None)).values(to_on=_eve(from_on)),
    )
    _open_term(unit, body["id"], name, from_on)
    details = {"code": code, "from": body["term"], "to_term": name, "from_on": from_on.isoformat()}
    values = {"term": name, "term_from_on": from_on}
    change_row(unit, "issuing_body.start_term", IssuingBody, body["id"], values, details=details)
    close_books_of_term(unit, code, body["term"])
    return read_issuing_body(unit, code)


def close_issuing_body(unit: UnitOfWork, code: str) -> IssuingBodyView:
    """Close a body: it issues nothing any more; what it issued stays under its name.

    Raises:
        Forbidden: the actor does not keep the bodies.
        NotFound: the agency has no such body.
        Conflict: it is closed already.
    """
    require(unit.actor, "issuing_body.keep")
    body = _lock_open(unit, code)
    values = {"closed_at": unit.now}
    change_row(unit, "issuing_body.close", IssuingBody, body["id"], values, details={"code": code})
    today = unit.now.astimezone(OFFICE_ZONE).date()
    unit.session.execute(
        update(TERM).where(TERM.c.body_id == body["id"], TERM.c.to_on.is_(None)).values(to_on=today),
    )
    return read_issuing_body(unit, code)


def _lock_open(unit: UnitOfWork, code: str) -> Any:
    body = unit.session.execute(select(BODY).where(BODY.c.code == code).with_for_update()).mappings().first()
    if body is None:
        raise body_not_found()
    if body["closed_at"] is not None:
        vi, en = "Cơ quan, tổ chức ban hành này đã đóng.", "This issuing body is closed."
        raise Conflict("issuing_body.closed", vi, en)
    return body


def _open_term(unit: UnitOfWork, body_id: UUID, term: str, from_on: date) -> None:
    row = {"id": new_id(unit.now), "agency_id": unit.actor.agency_id, "body_id": body_id}
    unit.session.execute(insert(TERM), {**row, "term": term, "from_on": from_on})


def _check_term_fits(body: NewBody) -> None:
    has_term = bool(body.term and body.term.strip()) and body.term_from_on is not None
    if body.side == "party" and not has_term:
        vi = "Cơ quan, tổ chức đảng phải có nhiệm kỳ và ngày bắt đầu nhiệm kỳ."
        en = "A Party body has a term and its first day."
        refuse("issuing_body.term_missing", vi, en, "/term")
    if body.side == "state" and (body.term or body.term_from_on):
        vi, en = "Cơ quan nhà nước không có nhiệm kỳ đánh số.", "A State body has no term of numbering."
        refuse("issuing_body.no_term", vi, en, "/term")


def _check_new_term(unit: UnitOfWork, body: Any, term: str, from_on: date) -> None:
    known = select(TERM.c.id).where(TERM.c.body_id == body["id"], TERM.c.term == term)
    if unit.session.execute(known).first() is not None:
        vi, en = f"Đã có nhiệm kỳ “{term}”.", f"There was a term “{term}” already."
        raise Conflict("issuing_body.term_taken", vi, en)
    if from_on <= body["term_from_on"] or from_on > unit.now.astimezone(OFFICE_ZONE).date():
        vi = "Nhiệm kỳ mới bắt đầu sau nhiệm kỳ hiện tại và không muộn hơn hôm nay."
        en = "A new term begins after the present one and not later than today."
        refuse("issuing_body.term_days", vi, en, "/from_on")


def _eve(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _organ_id(text: str | None) -> str | None:
    return check_organ_id(text) if text else None


def _words(text: str | None) -> str:
    return plain(text or "")


def _name(text: str | None) -> str:
    return named(text or "")


def _notation(text: str | None) -> str:
    notation = unicodedata.normalize("NFC", (text or "").strip())
    if not _NOTATION.fullmatch(notation):
        vi = "Ký hiệu gồm chữ in hoa, chữ số, dấu chấm hoặc gạch nối, ví dụ VPTU."
        en = "A notation is capital letters, digits, dots or dashes, such as VPTU."
        refuse("issuing_body.notation", vi, en, "/notation")
    return notation


_READ: Final[Mapping[str, Callable[[str | None], str | None]]] = {
    "name": _name,
    "notation": _notation,
    "place": _words,
    "superior_name": _words,
    "organ_id": _organ_id,
}
"""What may be changed, and how each is read."""
