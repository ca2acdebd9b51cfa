"""The log of what passed the door of the exchange, in and out (S3-12.4 o: history of sending)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from service.domain.ids import new_id
from service.storage.models import ExchangePacket, table_of
from service.storage.unit_of_work import UnitOfWork

PACKET = table_of(ExchangePacket)
_ORGAN_CHARACTERS: Final = 35


@dataclass(frozen=True, slots=True)
class PacketNote:
    """What is kept of one package or status; see :class:`~service.storage.models.ExchangePacket`."""

    direction: str
    kind: str
    via: str
    organ_id: str
    dedupe_key: str
    outcome: str
    organ_name: str = ""
    exchange_id: str = ""
    document_code: str = ""
    business_type: int | None = None
    status_code: str | None = None
    description: str = ""
    sha256: bytes | None = None
    size_bytes: int | None = None
    signature: dict[str, Any] | None = None
    document_id: UUID | None = None
    delivery_id: UUID | None = None
    stated_at: datetime | None = None
    own_organ_id: str | None = None


def note_packet(unit: UnitOfWork, note: PacketNote) -> tuple[UUID, bool]:
    """Keep a package's line; return its id and whether it is new.

    The same package of the same sender is kept once. A second one at the same moment waits for the first.
    """
    values = asdict(note) | {
        "id": new_id(unit.now),
        "agency_id": unit.actor.agency_id,
        "at": unit.now,
        "organ_name": note.organ_name[:500],
        "exchange_id": note.exchange_id[:200],
        "document_code": note.document_code.strip()[:60],
        "description": note.description[:500],
        "own_organ_id": (note.own_organ_id or "")[:_ORGAN_CHARACTERS] or None,
    }
    made = unit.session.execute(
        insert(PACKET).values(values).on_conflict_do_nothing().returning(PACKET.c.id)
    ).scalar_one_or_none()
    if made is not None:
        return made, True
    known = select(PACKET.c.id).where(
        PACKET.c.direction == note.direction,
        PACKET.c.organ_id == note.organ_id,
        PACKET.c.dedupe_key == note.dedupe_key,
    )
    return unit.session.execute(known).scalar_one(), False
