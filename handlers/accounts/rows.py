"""What every change of the organisation shares: checked codes and names, audited inserts and updates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Never
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from service.domain.digests import digest_of
from service.domain.errors import Conflict, Finding, InvalidInput, NotFound
from service.domain.ids import new_id
from service.storage.models import Account, Base, Unit, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")

_account = table_of(Account)
_unit = table_of(Unit)


def add_row(
    unit: UnitOfWork,
    action: str,
    model: type[Base],
    row: Mapping[str, Any],
    details: Mapping[str, Any],
) -> UUID:
    """Insert and audit a row, and return its id.

    Args:
        unit: the open unit of work.
        action: of the permission table; its noun is the kind of object.
        model: of the row.
        row: its columns but ``agency_id``; without an ``id`` it gets a new one.
        details: for the audit; they begin with the input that names the row.

    Raises:
        Conflict: the agency has such a row already.
    """
    row_id: UUID = row.get("id") or new_id(unit.now)
    values = {"id": row_id, "agency_id": unit.actor.agency_id, **row}
    try:
        with unit.session.begin_nested():
            unit.session.execute(insert(table_of(model)), values)
    except IntegrityError as error:
        field, name = next(iter(details.items()))
        raise taken(f"/{field}", str(name)) from error
    kind = action.partition(".")[0]
    unit.audit(AuditRecord(action, kind, row_id, details, after_sha256=digest_of(_without_secret(values))))
    return row_id


def change_row(
    unit: UnitOfWork,
    action: str,
    model: type[Base],
    row_id: UUID,
    values: Mapping[str, Any],
    *,
    details: Mapping[str, Any],
) -> None:
    """Update and audit a row that exists, with the digests of what it was and what it became."""
    table = table_of(model)
    which = table.c.id == row_id
    before = unit.session.execute(select(table).where(which).with_for_update()).mappings().one()
    unit.session.execute(update(table).where(which).values(**values))
    record = AuditRecord(
        action,
        action.partition(".")[0],
        row_id,
        details,
        before_sha256=digest_of(_without_secret(before)),
        after_sha256=digest_of(_without_secret({**before, **values})),
    )
    unit.audit(record)


def account_id_of(unit: UnitOfWork, login: str) -> UUID:
    """Return the id of an account of the actor's agency.

    Raises:
        NotFound: the agency has no such account.
    """
    found: UUID | None = unit.session.execute(select(_account.c.id).where(_account.c.login == login)).scalar()
    if found is None:
        raise NotFound("account.not_found", "Không có tài khoản này.", "There is no such account.")
    return found


def unit_id_of(unit: UnitOfWork, code: str) -> UUID:
    """Return the id of an open unit of the actor's agency.

    Raises:
        NotFound: the agency has no such unit.
        Conflict: it is closed.
    """
    row = unit.session.execute(select(_unit.c.id, _unit.c.closed_at).where(_unit.c.code == code)).first()
    if row is None:
        raise NotFound("unit.not_found", "Không có đơn vị này.", "There is no such unit.")
    if row.closed_at is not None:
        raise Conflict("unit.closed", "Đơn vị này đã đóng.", "This unit is closed.")
    found: UUID = row.id
    return found


def check_code(code: str, pointer: str = "/code") -> None:
    """Refuse what is no code: a lower-case word that names a thing within its agency.

    Raises:
        InvalidInput: it is none.
    """
    if not _CODE.fullmatch(code):
        vi = "Mã gồm chữ thường không dấu, chữ số và gạch dưới, bắt đầu bằng chữ, dài nhất 40 ký tự."
        en = "A code is lower-case letters, digits and underscores, begins with a letter, at most 40 long."
        refuse("code.malformed", vi, en, pointer)


def check_days(from_on: date | None, to_on: date | None) -> None:
    """Refuse a last day before the first.

    Raises:
        InvalidInput: the days are turned round.
    """
    if from_on and to_on and to_on < from_on:
        vi, en = "Ngày kết thúc phải sau ngày bắt đầu.", "The last day lies before the first."
        refuse("days.turned", vi, en, "/to_on")


def plain(text: str) -> str:
    """Return text in NFC with single spaces."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def named(name: str, pointer: str = "/name") -> str:
    """Return a name in NFC with single spaces.

    Raises:
        InvalidInput: it is empty.
    """
    text = plain(name)
    if not text:
        refuse("name.required", "Phải nhập tên.", "A name is required.", pointer)
    return text


def refuse(code: str, vi: str, en: str, pointer: str) -> Never:
    """Raise one finding about an input.

    Raises:
        InvalidInput: always.
    """
    raise InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])


def taken(pointer: str, name: str) -> Conflict:
    """Return the refusal of a name that exists already."""
    vi, en = f"“{name}” đã tồn tại.", f"“{name}” exists already."
    return Conflict("name.taken", vi, en, [Finding("name.taken", vi, en, pointer)])


def _without_secret(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "password_hash"}
