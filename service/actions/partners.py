"""The directory of receiving contact points: where a partner office takes packets (S0-9.2g2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select, update

from service.domain.digests import digest_of
from service.domain.endpoints import check_endpoint
from service.domain.errors import NotFound
from service.domain.permissions import require
from service.storage.models import Partner, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

PARTNER = table_of(Partner)
_CHANGEABLE: Final = frozenset({"name", "endpoint", "email"})


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
