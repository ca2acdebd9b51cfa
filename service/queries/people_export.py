"""The office's people as a table that can be changed in a spreadsheet and read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from service.domain.clock import OFFICE_ZONE
from service.domain.people_sheet import ACTIVE, COLUMNS, LEFT, WHOLE_AGENCY, WantedRole, role_text
from service.domain.permissions import ROLES, require
from service.domain.spreadsheets import Format, write_table
from service.queries.organisation import list_units
from service.queries.rights import RightsLine
from service.storage.models import Account, Membership, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_MEMBERSHIP = table_of(Membership)
_UNIT = table_of(Unit)
_HEADER: Final = tuple(column.vi for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list as a file, and how many lines it holds."""

    content: bytes
    lines: int


def export_people(unit: UnitOfWork, form: Format) -> ListFile:
    """Return every person of the agency as a table, with the roles that were granted by themselves.

    Roles that a post brings are not in it: they follow the post.

    Raises:
        Forbidden: the actor keeps no people.
    """
    require(unit.actor, "people.export")
    accounts = (
        unit.session.execute(
            select(_ACCOUNT)
            .where(_ACCOUNT.c.kind == "person")
            .order_by(_ACCOUNT.c.full_name, _ACCOUNT.c.login)
        )
        .mappings()
        .all()
    )
    roles = granted_roles(unit)
    rows = [_HEADER, *(_line(account, roles.get(account["id"], {})) for account in accounts)]
    return ListFile(write_table(rows, form), len(accounts))


def people_template(unit: UnitOfWork, form: Format) -> bytes:
    """Return an empty table; a workbook also tells the codes of units and roles.

    Raises:
        Forbidden: the actor keeps no people.
    """
    require(unit.actor, "people.import")
    notes: list[Sequence[str]] = [("Vai trò", "Tên vai trò", "Role")]
    notes += [(role, vi, en) for role, (vi, en) in sorted(ROLES.items())]
    notes += [("", "", ""), ("Mã đơn vị", "Tên đơn vị", "")]
    notes += [(one.code, one.name, "") for one in list_units(unit)]
    notes += [
        ("", "", ""),
        ("Nhiều vai trò", "cách nhau bằng dấu phẩy", "several roles: separated by commas"),
        ("vai trò@đơn vị", "vai trò ở đơn vị khác", "a role in another unit"),
        (f"vai trò@{WHOLE_AGENCY}", "vai trò trong toàn cơ quan", "a role in the whole agency"),
        ("Trạng thái", f"{ACTIVE} / {LEFT}", "active / left"),
    ]
    return write_table([_HEADER], form, notes)


def rights_table(lines: Sequence[RightsLine], form: Format) -> bytes:
    """Return a review of rights as a table, to be looked through and signed."""
    header = (
        "Đơn vị",
        "Họ và tên",
        "Tên đăng nhập",
        "Chức vụ",
        "Vai trò",
        "Từ ngày",
        "Đến ngày",
        "Chức danh",
        "Căn cứ",
    )
    rows = [
        (
            line.unit_name or "Toàn cơ quan",
            line.full_name,
            line.login,
            line.position,
            line.vi,
            _day(line.from_on),
            _day(line.to_on),
            line.post or "",
            line.basis or "",
        )
        for line in lines
    ]
    return write_table([header, *rows], form)


def granted_roles(unit: UnitOfWork) -> dict[UUID, dict[WantedRole, Any]]:
    """Return the roles that were granted by themselves and hold today or later: account → role → row."""
    today = unit.now.astimezone(OFFICE_ZONE).date()
    columns = [_MEMBERSHIP.c[name] for name in ("id", "account_id", "role", "from_on", "to_on")]
    rows = unit.session.execute(
        select(*columns, _UNIT.c.code)
        .select_from(_MEMBERSHIP.outerjoin(_UNIT, _UNIT.c.id == _MEMBERSHIP.c.unit_id))
        .where(
            _MEMBERSHIP.c.holding_id.is_(None),
            or_(_MEMBERSHIP.c.to_on.is_(None), _MEMBERSHIP.c.to_on >= today),
        )
        .order_by(_MEMBERSHIP.c.id),
    ).mappings()
    found: dict[UUID, dict[WantedRole, Any]] = {}
    for row in rows:
        found.setdefault(row["account_id"], {})[WantedRole(row["role"], row["code"])] = row
    return found


def _line(account: Any, roles: dict[WantedRole, Any]) -> tuple[str, ...]:
    unit_code, role_names = role_text(roles)
    days = {(row["from_on"], row["to_on"]) for row in roles.values()}
    from_on, to_on = next(iter(days)) if len(days) == 1 else (None, None)
    return (
        account["login"],
        account["full_name"],
        account["position"],
        account["staff_code"] or "",
        unit_code,
        role_names,
        _day(from_on),
        _day(to_on),
        ACTIVE if account["disabled_at"] is None else LEFT,
    )


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""
