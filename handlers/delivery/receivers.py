"""Whom an outgoing document goes to: its list of recipients, as receivers of deliveries."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from handlers.delivery.delivery_rows import Receiver
from service.storage.models import Account, DocumentRecipient, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

RECIPIENT = table_of(DocumentRecipient)
UNIT = table_of(Unit)
ACCOUNT = table_of(Account)


def receivers_of(unit: UnitOfWork, document_id: UUID) -> list[Receiver]:
    """Return the receivers in their order; what only says where a copy is filed is none."""
    statement = (
        select(RECIPIENT, UNIT.c.code.label("unit_code"), ACCOUNT.c.login)
        .select_from(
            RECIPIENT.outerjoin(UNIT, UNIT.c.id == RECIPIENT.c.unit_id).outerjoin(
                ACCOUNT, ACCOUNT.c.id == RECIPIENT.c.account_id
            )
        )
        .where(RECIPIENT.c.document_id == document_id, RECIPIENT.c.purpose != "file")
        .order_by(RECIPIENT.c.ordinal)
    )
    found: dict[str, Receiver] = {}
    for row in unit.session.execute(statement):
        if row.kind == "partner" and row.organ_id:
            key, reference = f"organ:{row.organ_id}", ""
        elif row.kind == "unit" and row.unit_code:
            key = reference = f"unit:{row.unit_code}"
        elif row.kind == "person" and row.login:
            key = reference = f"user:{row.login}"
        else:
            key, reference = f"place:{row.name}", ""
        kind = row.kind if not key.startswith("place:") else "place"
        receiver = Receiver(kind, key, row.name, row.purpose, row.organ_id, reference, row.channel, row.id)
        found.setdefault(key, receiver)
    return list(found.values())
