"""What happens to a document's signatures when its text changes (NĐ 30/2020 Điều 13; S0-7.4).

A signature is for one exact file. A new version is another file: the signatures made before are voided, kept
with the reason, and told of in the answer, so that nobody takes the new text for signed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import update

from service.storage.models import DocumentSignature, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

SIGNATURE = table_of(DocumentSignature)


def void_signatures(unit: UnitOfWork, document_id: UUID, reason: str) -> list[dict[str, Any]]:
    """Void every signature that a document still has; call it in the transaction of the new version.

    Args:
        unit: of whoever changes the document.
        document_id: whose text changes.
        reason: why, in the changer's words.

    Returns:
        ``[{act, field, signer_name, signed_at}]`` of what was voided, oldest first; empty if nothing was.
    """
    rows = unit.session.execute(
        update(SIGNATURE)
        .where(SIGNATURE.c.document_id == document_id, SIGNATURE.c.voided_at.is_(None))
        .values(voided_at=unit.now, void_reason=reason.strip())
        .returning(SIGNATURE),
    ).all()
    voided = [
        {
            "act": row.act,
            "field": row.field,
            "signer_name": row.signer_name,
            "signed_at": row.signed_at.isoformat(),
        }
        for row in sorted(rows, key=lambda row: (row.signed_at, row.id))
    ]
    if voided:
        details = {"reason": reason.strip(), "signatures": voided}
        unit.audit(AuditRecord("document.signatures_voided", "document", document_id, details))
    return voided
