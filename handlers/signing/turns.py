"""Whose turn and whose field it is on a document that several sign and seal (NĐ 30/2020 Điều 13, 32–33).

The draft says who signs for which body. Each signs into the field that was made for them; the body that leads
seals first, with number and date, the others follow in the order in which the draft names them.
"""

from __future__ import annotations

from uuid import UUID

from handlers.numbering.subject import NumberSubject
from handlers.records.signers import Body, Signer, sealed_by, signed_by, signers_of
from service.domain.errors import Conflict, Forbidden
from service.domain.signatures import SlotKind, numbered
from service.storage.unit_of_work import UnitOfWork


def require_signer(unit: UnitOfWork, document_id: UUID, account_id: UUID | None) -> Signer:
    """Return how the draft names this person as one of its signers.

    Raises:
        Forbidden: ``signature.not_signer``; also where the draft names nobody.
    """
    for one in signers_of(unit, document_id):
        if one.account_id == account_id:
            return one
    vi = "Bạn không phải người ký văn bản này theo dự thảo."
    raise Forbidden("signature.not_signer", vi, "The draft does not name you as its signer.")


def require_leaders(unit: UnitOfWork, document_id: UUID) -> None:
    """Refuse to seal what not everyone in authority has signed (S0-4.3; NĐ 30/2020 Điều 33).

    Raises:
        Conflict: ``seal.before_leader``.
    """
    signers, done = signers_of(unit, document_id), signed_by(unit, document_id)
    missing = [one.name for one in signers if one.account_id not in done]
    if not signers or missing:
        names = f": {', '.join(missing)}" if len(signers) > 1 else ""
        vi, en = f"Người có thẩm quyền chưa ký{names}.", f"The person in authority has not signed yet{names}."
        raise Conflict("seal.before_leader", vi, en)


def next_joint_seal(unit: UnitOfWork, subject: NumberSubject) -> tuple[Body, str]:
    """Return the joint body that seals next, and its field.

    Raises:
        Conflict: ``seal.before_lead``, the body that leads has not sealed; or ``seal.none_left``.
    """
    done = sealed_by(unit, subject.document.id)
    if subject.body_id not in done:
        vi = "Cơ quan chủ trì chưa cấp số và đóng dấu."
        raise Conflict("seal.before_lead", vi, "The body that leads has not numbered and sealed it yet.")
    waiting = [one for one in subject.joint if one.id not in done]
    if not waiting:
        vi = "Không còn cơ quan cùng ban hành nào phải đóng dấu."
        raise Conflict("seal.none_left", vi, "No joint body has still to seal it.")
    body = waiting[0]
    return body, numbered(SlotKind.SEAL, subject.joint.index(body) + 2)
