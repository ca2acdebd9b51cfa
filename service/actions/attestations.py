"""What people declare of each file that they bring in: it holds no state secret (S2-3.3, S4-3.2).

Every way in leaves one row for each content: who said so, when, of which bytes, in which network zone. What
came by the exchange was attested by its sender's package.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import insert

from service.actions.document_rows import KeptFile
from service.domain.content_policy import Secrecy, Zone
from service.domain.errors import Finding, InvalidInput
from service.domain.ids import new_id
from service.storage.models import FileAttestation, table_of
from service.storage.unit_of_work import UnitOfWork

ATTESTATION = table_of(FileAttestation)
BY_PERSON: Final = "no_state_secret"
BY_SENDER: Final = "sent_by_package"
BY_MARK: Final = "entered_by_mark"
"""A person's declaration; a sender's package; a secret document that is entered as such, by its mark."""

ObjectKind = Literal["document", "user_task"]


def require_attestation(*, is_attested: bool, secrecy: Secrecy = "none") -> None:
    """Refuse files that nobody declares to hold no secret; what is marked secret is entered by its mark.

    Raises:
        InvalidInput: pointing at ``/is_attested``.
    """
    if is_attested or secrecy != "none":
        return
    vi = "Phải xác nhận tệp không chứa bí mật nhà nước trước khi đưa lên."
    en = "Declare that the file holds no state secret before it is stored."
    raise InvalidInput("file.not_attested", vi, en, [Finding("file.not_attested", vi, en, "/is_attested")])


def note_attestations(
    unit: UnitOfWork,
    zone: Zone,
    files: Iterable[KeptFile],
    owner: tuple[ObjectKind, UUID],
    *,
    statement: str = BY_PERSON,
    organ_id: str | None = None,
) -> None:
    """Write down of each content who attested it and what it was taken in for.

    Args:
        unit: of who brings the files.
        zone: the network zone of the deployment.
        files: what was stored.
        owner: the document or the task that it belongs to.
        statement: the wording.
        organ_id: the sender, for what came by the exchange.
    """
    kind, object_id = owner
    rows = [
        {
            "id": new_id(unit.now),
            "agency_id": unit.actor.agency_id,
            "sha256": file.sha256,
            "object_kind": kind,
            "object_id": object_id,
            "account_id": None if organ_id else unit.actor.account_id,
            "organ_id": organ_id,
            "statement": statement,
            "zone": zone,
            "at": unit.now,
        }
        for file in files
    ]
    if rows:
        unit.session.execute(insert(ATTESTATION), rows)
