"""The directory of receiving contact points: where a partner office takes packets (S0-9.2g2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from handlers.accounts.rows import add_row, named, refuse
from service.domain.digests import digest_of
from service.domain.endpoints import check_endpoint
from service.domain.errors import NotFound
from service.domain.permissions import require
from service.storage.models import Partner, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

PARTNER = table_of(Partner)
_CHANGEABLE: Final = frozenset({"name", "endpoint", "email"})
_ORGAN_ID_CHARACTERS: Final = 35


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
        refuse("organ_id.length", vi, en, "/organ_id")
    if endpoint is not None:
        check_endpoint(endpoint)
    row = {"organ_id": organ_id, "name": named(name), "endpoint": endpoint, "email": email}
    return add_row(unit, "partner.add", Partner, row, {"organ_id": organ_id})


def change_partner(unit: UnitOfWork, organ_id: str, changes: Mapping[str, str | None]) -> None:
    """Change a partner's ``name``, ``endpoint`` or ``email``; what is not named stays.

    Raises:
        Forbidden: the actor keeps no directory.
        InvalidInput: the endpoint is no http(s) address.
        NotFound: the organ id is not in the directory.
        KeyError: a change names something else.
    """
    require(unit.actor, "partner.keep")
    unknown = changes.keys() - _CHANGEABLE
    if unknown:
        raise KeyError(min(unknown))
    if changes.get("endpoint"):
        check_endpoint(str(changes["endpoint"]))
    which = PARTNER.c.organ_id == organ_id
    before = unit.session.execute(select(PARTNER).where(which).with_for_update()).mappings().first()
    if before is None:
        raise NotFound(
            "partner.not_found", "Không có cơ quan này trong danh bạ.", "There is no such partner."
        )
    values: dict[str, Any] = dict(changes)
    if values:
        unit.session.execute(update(PARTNER).where(which).values(**values))
    row = {str(name): value for name, value in before.items()}
    record = AuditRecord(
        "partner.change",
        "partner",
        row["id"],
        {"organ_id": organ_id, "names": sorted(values)},
        before_sha256=digest_of(row),
        after_sha256=digest_of({**row, **values}),
    )
    unit.audit(record)
