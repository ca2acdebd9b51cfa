"""The directory of receiving contact points: where a partner office takes packets (S0-9.2g2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select, update

from handlers.accounts.rows import add_row, named, refuse
from service.actions.organisation import check_organ_id
from service.domain.digests import digest_of
from service.domain.endpoints import check_endpoint
from service.domain.errors import NotFound
from service.domain.permissions import require
from service.storage.models import Partner, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

PARTNER = table_of(Partner)
_CHANGEABLE: Final = frozenset({"name", "endpoint", "email", "contact_point"})


def add_partner(
    unit: UnitOfWork,
    organ_id: str,
    name: str,
    *,
    endpoint: str | None = None,
    email: str | None = None,
    contact_point: str | None = None,
) -> UUID:
    """Enter an office into the directory of receiving contact points (S0-9.2g2).

    Args:
        unit: of who keeps the directory.
        organ_id: its identifier on the exchange.
        name: as it writes it.
        endpoint: http(s) address that takes packets and statuses.
        email: its official mailbox.
        contact_point: identifier of the entered office through which it is reached and speaks (S3-16).

    Raises:
        Forbidden: the actor keeps no directory.
        InvalidInput: the organ id is empty or longer than 35 characters, or the endpoint no http(s) address.
        Conflict: the organ id is entered already.
    """
    require(unit.actor, "partner.keep")
    check_organ_id(organ_id)
    if endpoint is not None:
        check_endpoint(endpoint)
    point_id = _contact_point(unit, contact_point, organ_id) if contact_point else None
    row = {
        "organ_id": organ_id,
        "name": named(name),
        "endpoint": endpoint,
        "email": email,
        "contact_point_id": point_id,
    }
    return add_row(unit, "partner.add", Partner, row, {"organ_id": organ_id})


def change_partner(unit: UnitOfWork, organ_id: str, changes: Mapping[str, str | None]) -> None:
    """Change ``name``, ``endpoint``, ``email`` or ``contact_point`` of a partner; what is not named stays.

    Raises:
        Forbidden: the actor keeps no directory.
        InvalidInput: the endpoint is no http(s) address, or the contact point no entered office that is
            reached by itself.
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
    if "contact_point" in values:
        point = values.pop("contact_point")
        values["contact_point_id"] = _contact_point(unit, point, organ_id) if point else None
    if values:
        unit.session.execute(update(PARTNER).where(which).values(**values))
    row = {str(name): value for name, value in before.items()}
    record = AuditRecord(
        "partner.change",
        "partner",
        row["id"],
        {"organ_id": organ_id, "names": sorted(changes)},
        before_sha256=digest_of(row),
        after_sha256=digest_of({**row, **values}),
    )
    unit.audit(record)


def _contact_point(unit: UnitOfWork, wanted: str, organ_id: str) -> UUID:
    """Return the row of a contact point: an entered office that itself is reached through nobody.

    Raises:
        InvalidInput: it is none, or the partner is a contact point itself.
    """
    point = PARTNER.alias("point")
    row = unit.session.execute(select(point).where(point.c.organ_id == wanted).with_for_update()).first()
    is_point_itself = select(PARTNER.c.id).where(
        PARTNER.c.organ_id == organ_id,
        or_(PARTNER.c.organ_id == wanted, PARTNER.c.id.in_(select(point.c.contact_point_id))),
    )
    if (
        row is None
        or row.contact_point_id is not None
        or unit.session.execute(is_point_itself).first() is not None
    ):
        vi = "Đầu mối phải là một cơ quan khác trong danh bạ, tự nhận văn bản và không qua đầu mối nào khác."
        en = "A contact point is another office of the directory that is reached by itself."
        refuse("partner.contact_point", vi, en, "/contact_point")
    found: UUID = row.id
    return found
