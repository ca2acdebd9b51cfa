"""People, units and what people may act as: kept by the administrator, ended rather than deleted.

An account is disabled and never removed, so that history keeps its names (S4-2.5, S4-12.3).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Never
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from service.actions.delegations import end_orders_of
from service.actions.sessions import end_sessions_of
from service.domain.digests import digest_of
from service.domain.endpoints import check_endpoint
from service.domain.errors import Conflict, Finding, InvalidInput, NotFound
from service.domain.ids import new_id
from service.domain.passwords import hash_password, initial_password
from service.domain.permissions import ROLES, require
from service.storage.models import Account, Assistance, Base, Membership, Partner, Unit, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_SIDES: Final = ("party", "state")
_ORGAN_ID_CHARACTERS: Final = 35

_account = table_of(Account)
_assistance = table_of(Assistance)
_membership = table_of(Membership)
_unit = table_of(Unit)
_partner = table_of(Partner)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A new account with its first password, which is shown once and must be changed."""

    account_id: UUID
    login: str
    password: str


def create_agency(unit: UnitOfWork, code: str, name: str, side: str, organ_id: str | None = None) -> UUID:
    """Found an agency under the actor's own one and return its id.

    Args:
        unit: of an administrator of the parent agency.
        code: lower-case word, unique in the installation.
        name: as the office writes it.
        side: ``party`` or ``state``.
        organ_id: its identifier on the exchange axis, at most 35 characters.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: a value is malformed.
        Conflict: the code is taken.
    """
    require(unit.actor, "agency.create")
    _check_code(code, "/code")
    if side not in _SIDES:
        _refuse("agency.side", "Khối phải là party hoặc state.", "The side is party or state.", "/side")
    agency_id = new_id(unit.now)
    values = {"id": agency_id, "code": code, "name": _named(name), "side": side, "organ_id": organ_id}
    statement = text("SELECT create_child_agency(:id, :code, :name, :side, :organ_id, :now)")
    try:
        with unit.session.begin_nested():
            unit.session.execute(statement, {**values, "now": unit.now})
    except IntegrityError as error:
        raise _taken("/code", code) from error
    unit.audit(AuditRecord("agency.create", "agency", agency_id, {"code": code}))
    return agency_id


def create_unit(unit: UnitOfWork, code: str, name: str, parent_code: str | None = None) -> UUID:
    """Add a unit to the agency and return its id.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: a value is malformed.
        Conflict: the code is taken.
        NotFound: there is no parent unit of that code.
    """
    require(unit.actor, "unit.create")
    _check_code(code, "/code")
    parent_id = _unit_id(unit, parent_code) if parent_code else None
    row = {"code": code, "name": _named(name), "parent_id": parent_id}
    return _add(unit, "unit.create", Unit, row, {"code": code})


def create_account(
    unit: UnitOfWork,
    login: str,
    full_name: str,
    position: str = "",
    *,
    password: str | None = None,
) -> NewAccount:
    """Add a person's account and return it with its first password.

    Args:
        unit: of an administrator.
        login: lower case letters, digits, dot, dash, underscore; unique in the installation.
        full_name: of the person.
        position: the official title.
        password: a first password that need not be changed (demonstrations only); None = a random one that
            must be changed at the first login.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: a value is malformed.
        Conflict: the login is taken.
    """
    require(unit.actor, "account.create")
    if not _LOGIN.fullmatch(login):
        vi = "Tên đăng nhập gồm 2–64 chữ thường, chữ số, dấu chấm, gạch nối hoặc gạch dưới."
        en = "A login is 2 to 64 lower-case letters, digits, dots, dashes or underscores."
        _refuse("login.malformed", vi, en, "/login")
    first = password or initial_password()
    row = {
        "login": login,
        "full_name": _named(full_name, "/full_name"),
        "position": unicodedata.normalize("NFC", position.strip()),
        "password_hash": hash_password(first),
        "must_change_password": password is None,
        "created_at": unit.now,
    }
    account_id = _add(unit, "account.create", Account, row, {"login": login})
    return NewAccount(account_id, login, first)


def disable_account(unit: UnitOfWork, login: str) -> None:
    """Shut an account; its sessions and the orders that it gives or holds end at once.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such account.
        Conflict: it is the actor's own.
    """
    require(unit.actor, "account.disable")
    account_id = account_id_of(unit, login)
    if account_id == unit.actor.account_id:
        raise Conflict(
            "account.own", "Không thể tự khóa tài khoản của mình.", "You cannot disable your own account."
        )
    _change_account(unit, "account.disable", account_id, login, disabled_at=unit.now)
    end_sessions_of(unit, account_id)
    end_orders_of(unit, account_id, "account.disable")


def enable_account(unit: UnitOfWork, login: str) -> None:
    """Open a disabled account again.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such account.
    """
    require(unit.actor, "account.enable")
    account_id = account_id_of(unit, login)
    _change_account(unit, "account.enable", account_id, login, disabled_at=None)


def reset_password(unit: UnitOfWork, login: str, *, password: str | None = None) -> NewAccount:
    """Give an account a new first password and end its sessions.

    Args:
        unit: of an administrator.
        login: of the account.
        password: as for :func:`create_account`.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such account.
    """
    require(unit.actor, "account.reset_password")
    account_id = account_id_of(unit, login)
    first = password or initial_password()
    values = {"password_hash": hash_password(first), "must_change_password": password is None}
    _change_account(unit, "account.reset_password", account_id, login, **values)
    end_sessions_of(unit, account_id)
    return NewAccount(account_id, login, first)


def grant_role(
    unit: UnitOfWork,
    login: str,
    role: str,
    unit_code: str | None = None,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
) -> UUID:
    """Let a person act in a role, in a unit or (None) in the whole agency, on those days inclusive.

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: no such role, or the last day lies before the first.
        NotFound: the agency has no such account or unit.
    """
    require(unit.actor, "membership.grant")
    if role not in ROLES:
        _refuse("role.unknown", f"Không có vai trò “{role}”.", f"There is no role “{role}”.", "/role")
    _check_days(from_on, to_on)
    row = {
        "account_id": account_id_of(unit, login),
        "unit_id": _unit_id(unit, unit_code) if unit_code else None,
        "role": role,
        "from_on": from_on,
        "to_on": to_on,
    }
    details = {"login": login, "role": role, "unit": unit_code}
    return _add(unit, "membership.grant", Membership, row, details)


def end_role(unit: UnitOfWork, membership_id: UUID, last_on: date) -> None:
    """Let a membership end after ``last_on``.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such membership.
    """
    require(unit.actor, "membership.end")
    _end_on(unit, Membership, membership_id, last_on)
    unit.audit(AuditRecord("membership.end", "membership", membership_id, {"to_on": last_on.isoformat()}))


def grant_assistance(
    unit: UnitOfWork,
    aide: str,
    leader: str,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
) -> UUID:
    """Let an aide enter a leader's words on the leader's behalf, both names shown (S0-10.2).

    Raises:
        Forbidden: the actor is no administrator.
        InvalidInput: aide and leader are the same, or the days are turned round.
        NotFound: the agency has no such account.
        Conflict: the aide assists this leader already.
    """
    require(unit.actor, "assistance.grant")
    _check_days(from_on, to_on)
    if aide == leader:
        vi, en = "Không thể tự giúp việc cho chính mình.", "Nobody is their own aide."
        _refuse("assistance.self", vi, en, "/aide")
    row = {
        "aide_id": account_id_of(unit, aide),
        "leader_id": account_id_of(unit, leader),
        "from_on": from_on,
        "to_on": to_on,
    }
    return _add(unit, "assistance.grant", Assistance, row, {"aide": aide, "leader": leader})


def end_assistance(unit: UnitOfWork, assistance_id: UUID, last_on: date) -> None:
    """Let an assistance end after ``last_on``.

    Raises:
        Forbidden: the actor is no administrator.
        NotFound: the agency has no such assistance.
    """
    require(unit.actor, "assistance.end")
    _end_on(unit, Assistance, assistance_id, last_on)
    unit.audit(AuditRecord("assistance.end", "assistance", assistance_id, {"to_on": last_on.isoformat()}))


def add_partner(
    unit: UnitOfWork,
    organ_id: str,
    name: str,
    *,
    endpoint: str | None = None,
    email: str | None = None,
) -> UUID:
    """Enter an office into the directory of receiving contact points (S0-9.2g2).

    Raises:
        Forbidden: the actor keeps no directory.
        InvalidInput: the organ id is empty or longer than 35 characters, or the endpoint no http(s) address.
        Conflict: the organ id is entered already.
    """
    require(unit.actor, "partner.keep")
    if not 1 <= len(organ_id) <= _ORGAN_ID_CHARACTERS:
        vi, en = "Mã định danh dài từ 1 đến 35 ký tự.", "An organ id has 1 to 35 characters."
        _refuse("organ_id.length", vi, en, "/organ_id")
    if endpoint is not None:
        check_endpoint(endpoint)
    row = {"organ_id": organ_id, "name": _named(name), "endpoint": endpoint, "email": email}
    return _add(unit, "partner.add", Partner, row, {"organ_id": organ_id})


def account_id_of(unit: UnitOfWork, login: str) -> UUID:
    """Return the id of an account of the actor's agency.

    Raises:
        NotFound: the agency has no such account.
    """
    found: UUID | None = unit.session.execute(select(_account.c.id).where(_account.c.login == login)).scalar()
    if found is None:
        raise NotFound("account.not_found", "Không có tài khoản này.", "There is no such account.")
    return found


def _unit_id(unit: UnitOfWork, code: str) -> UUID:
    found: UUID | None = unit.session.execute(select(_unit.c.id).where(_unit.c.code == code)).scalar()
    if found is None:
        raise NotFound("unit.not_found", "Không có đơn vị này.", "There is no such unit.")
    return found


def _add(
    unit: UnitOfWork,
    action: str,
    model: type[Base],
    row: dict[str, Any],
    details: dict[str, Any],
) -> UUID:
    """Insert and audit a row; ``details`` begin with the input that names it."""
    row_id = new_id(unit.now)
    values = {"id": row_id, "agency_id": unit.actor.agency_id, **row}
    try:
        with unit.session.begin_nested():
            unit.session.execute(insert(table_of(model)), values)
    except IntegrityError as error:
        field, name = next(iter(details.items()))
        raise _taken(f"/{field}", name) from error
    kind = action.partition(".")[0]
    unit.audit(AuditRecord(action, kind, row_id, details, after_sha256=digest_of(_without_secret(values))))
    return row_id


def _change_account(unit: UnitOfWork, action: str, account_id: UUID, login: str, **values: Any) -> None:
    """Update and audit an account, with the digests of what it was and what it became."""
    which = _account.c.id == account_id
    before = unit.session.execute(select(_account).where(which).with_for_update()).mappings().one()
    unit.session.execute(update(_account).where(which).values(**values))
    record = AuditRecord(
        action,
        "account",
        account_id,
        {"login": login},
        before_sha256=digest_of(_without_secret(before)),
        after_sha256=digest_of(_without_secret({**before, **values})),
    )
    unit.audit(record)


def _without_secret(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "password_hash"}


def _end_on(unit: UnitOfWork, model: type[Membership | Assistance], row_id: UUID, last_on: date) -> None:
    table = table_of(model)
    ended = unit.session.execute(
        update(table).where(table.c.id == row_id).values(to_on=last_on).returning(table.c.id),
    ).first()
    if ended is None:
        raise NotFound("membership.not_found", "Không có phân công này.", "There is no such assignment.")


def _check_code(code: str, pointer: str) -> None:
    if not _CODE.fullmatch(code):
        vi = "Mã gồm chữ thường không dấu, chữ số và gạch dưới, bắt đầu bằng chữ, dài nhất 40 ký tự."
        en = "A code is lower-case letters, digits and underscores, begins with a letter, at most 40 long."
        _refuse("code.malformed", vi, en, pointer)


def _check_days(from_on: date | None, to_on: date | None) -> None:
    if from_on and to_on and to_on < from_on:
        vi, en = "Ngày kết thúc phải sau ngày bắt đầu.", "The last day lies before the first."
        _refuse("days.turned", vi, en, "/to_on")


def _named(name: str, pointer: str = "/name") -> str:
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    if not plain:
        _refuse("name.required", "Phải nhập tên.", "A name is required.", pointer)
    return plain


def _refuse(code: str, vi: str, en: str, pointer: str) -> Never:
    raise InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])


def _taken(pointer: str, name: str) -> Conflict:
    vi, en = f"“{name}” đã tồn tại.", f"“{name}” exists already."
    return Conflict("name.taken", vi, en, [Finding("name.taken", vi, en, pointer)])
