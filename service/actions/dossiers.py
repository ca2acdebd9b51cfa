"""Work dossiers: opened, and closed when the matter is done (S4-2.2, S0-8.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict, Finding, InvalidInput, NotFound
from service.domain.ids import new_id
from service.domain.permissions import Subject, require
from service.domain.records import clean_text
from service.queries.documents import DOSSIER, UNIT, DossierView, read_dossier
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_LENGTHS: Final = {
    "notation": ("Ký hiệu hồ sơ", "The notation", 20),
    "title": ("Tiêu đề hồ sơ", "The title", 500),
    "retention": ("Thời hạn bảo quản", "The retention period", 30),
}


@dataclass(frozen=True, slots=True)
class NewDossier:
    """A dossier to open; lengths as NĐ30 Phụ lục VI. ``unit_code`` None = of the whole agency."""

    year: int
    notation: str
    title: str
    retention: str
    unit_code: str | None = None


def open_dossier(unit: UnitOfWork, new: NewDossier) -> DossierView:
    """Open a dossier.

    Raises:
        Forbidden: the actor handles no documents.
        InvalidInput: a field is missing or too long; no such unit.
        Conflict: the year has this notation already.
    """
    require(unit.actor, "dossier.open")
    texts = {name: clean_text(getattr(new, name)) for name in _LENGTHS}
    _check(texts)
    dossier_id = new_id(unit.now)
    values = texts | {
        "id": dossier_id,
        "agency_id": unit.actor.agency_id,
        "year": new.year,
        "unit_id": _unit_id(unit, new.unit_code),
        "creator_id": unit.actor.account_id,
        "opened_on": unit.now.astimezone(OFFICE_ZONE).date(),
    }
    made = unit.session.execute(
        insert(DOSSIER).values(values).on_conflict_do_nothing().returning(DOSSIER.c.id)
    ).scalar_one_or_none()
    if made is None:
        vi, en = "Đã có hồ sơ mang ký hiệu này trong năm.", "The year already has a dossier of this notation."
        raise Conflict("dossier.exists", vi, en)
    details = {"year": new.year, "notation": texts["notation"]}
    unit.audit(AuditRecord("dossier.open", "dossier", dossier_id, details))
    return read_dossier(unit, dossier_id)


def close_dossier(unit: UnitOfWork, dossier_id: UUID) -> DossierView:
    """Close a dossier: nothing is added any more.

    Raises:
        NotFound: no such dossier.
        Forbidden: neither its maker nor a clerk or head asks.
        Conflict: it is closed already.
    """
    statement = select(DOSSIER).where(DOSSIER.c.id == dossier_id).with_for_update()
    row = unit.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("dossier.not_found", "Không có hồ sơ này.", "There is no such dossier.")
    relations = {"creator"} if row.creator_id == unit.actor.account_id else set()
    require(unit.actor, "dossier.close", Subject("open", frozenset(relations)))
    if row.closed_on is not None:
        raise Conflict("dossier.closed", "Hồ sơ đã kết thúc.", "The dossier is closed already.")
    today = unit.now.astimezone(OFFICE_ZONE).date()
    unit.session.execute(update(DOSSIER).where(DOSSIER.c.id == dossier_id).values(closed_on=today))
    unit.audit(AuditRecord("dossier.close", "dossier", dossier_id))
    return read_dossier(unit, dossier_id)


def _check(texts: dict[str, str]) -> None:
    findings = []
    for name, (vi, en, length) in _LENGTHS.items():
        if not texts[name]:
            findings.append(Finding("dossier.required", f"Thiếu: {vi}.", f"{en} is missing.", f"/{name}"))
        elif len(texts[name]) > length:
            words = f"{vi} dài quá {length} ký tự.", f"{en} has more than {length} characters."
            findings.append(Finding("dossier.too_long", *words, f"/{name}"))
    if findings:
        raise InvalidInput("dossier.invalid", "Hồ sơ chưa nhập đúng.", "The dossier is not right.", findings)


def _unit_id(unit: UnitOfWork, code: str | None) -> UUID | None:
    if code is None:
        return None
    found = unit.session.execute(select(UNIT.c.id).where(UNIT.c.code == code)).scalar_one_or_none()
    if found is None:
        vi, en = f"Không có đơn vị “{code}”.", f"There is no unit “{code}”."
        raise InvalidInput("unit.unknown", vi, en, [Finding("unit.unknown", vi, en, "/unit_code")])
    return UUID(str(found))
