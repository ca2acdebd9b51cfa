"""``account.list_rights``: who may act as what, unit by unit, for each head to look through (S4-11.2d)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import select

from handlers.accounts.holdings import today_of
from handlers.accounts.rights import is_held
from handlers.contract import HandlerContext, Json, Parameter, Runs
from service.domain.permissions import ROLES
from service.storage.models import Account, Membership, Unit, table_of

_ACCOUNT: Final = table_of(Account)
_MEMBERSHIP: Final = table_of(Membership)
_UNIT: Final = table_of(Unit)
_OF_THE_AGENCY: Final = "Toàn cơ quan"


class ListRights:
    """Gives the units in which somebody holds a role today, each with its lines and who reviews them."""

    operation: ClassVar[str] = "account.list_rights"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{units: [{code, name, head, count, lines}]}``; without a head it is the head of office."""
        del params
        found: dict[str, list[Any]] = {}
        for row in self._rows(context):
            found.setdefault(row.code or "", []).append(row)
        return {"units": [_unit(code, rows) for code, rows in sorted(found.items())]}

    def _rows(self, context: HandlerContext) -> list[Any]:
        joined = _MEMBERSHIP.join(_ACCOUNT, _ACCOUNT.c.id == _MEMBERSHIP.c.account_id)
        joined = joined.outerjoin(_UNIT, _UNIT.c.id == _MEMBERSHIP.c.unit_id)
        columns = (_UNIT.c.code, _UNIT.c.name, _ACCOUNT.c.full_name, _ACCOUNT.c.position, _MEMBERSHIP.c.role)
        statement = (
            select(*columns)
            .select_from(joined)
            .where(is_held(today_of(context.unit)), _ACCOUNT.c.disabled_at.is_(None))
            .order_by(_ACCOUNT.c.full_name, _ACCOUNT.c.login, _MEMBERSHIP.c.role)
        )
        return list(context.unit.session.execute(statement).all())


def _unit(code: str, rows: list[Any]) -> Json:
    has_head = bool(code) and any(row.role == "unit_head" for row in rows)
    lines = [f"{row.full_name} ({row.position}): {ROLES.get(row.role, (row.role,))[0]}" for row in rows]
    return {
        "code": code or None,
        "name": rows[0].name or _OF_THE_AGENCY,
        "head": f"role:unit_head@unit:{code}" if has_head else "role:head_of_office",
        "count": len(rows),
        "lines": "\n".join(lines),
    }
