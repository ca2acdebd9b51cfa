"""What the service tasks that sign have in common: a consent is found, checked and used up, or it is refused.

Whatever is wrong becomes one business error that the diagram catches, with words for the people who read the
timeline; the step's rows, the number among them, are then rolled back by the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row

from handlers.contract import BpmnError, HandlerContext, Json, Parameter
from handlers.records.document_row import lock_document
from handlers.resources import HandlerResources, resources_of
from handlers.signing.composition import read_image
from handlers.signing.consents import check_act, check_usable, lock_consent, mark_used, require_sealer
from handlers.signing.files import find_file
from handlers.signing.images import StampImage
from handlers.signing.performing import read_key
from service.domain.consents import PERSONAL_ACTS, Act
from service.domain.errors import CongVanError
from service.storage.unit_of_work import UnitOfWork

CONSENT_ID: Final = Parameter(
    "consent_id",
    False,
    "Mã đồng ý ký mà người ký đã cho trong phiên của mình.",
    "Id of the consent that the signer gave in their own session; without one nothing is signed.",
)
REFUSED: Final = "signature.refused"


@dataclass(frozen=True, slots=True)
class Consented:
    """A consent that may be used now, with what it is about.

    Attributes:
        context: of the service task.
        document: its row, locked.
        consent: its row, locked.
        before: the version of the file to be signed.
    """

    context: HandlerContext
    document: Row[Any]
    consent: Row[Any]
    before: Row[Any]

    @property
    def unit(self) -> UnitOfWork:
        """Return the open unit of work."""
        return self.context.unit

    @property
    def resources(self) -> HandlerResources:
        """Return what the house provides."""
        return resources_of(self.context)

    def image(self) -> StampImage | None:
        """Return the image of the key that signs, None without one.

        Raises:
            Conflict: the key is disabled.
        """
        key = read_key(self.unit, self.consent.key_id)
        is_seal = self.consent.act not in PERSONAL_ACTS
        return read_image(self.resources.blobs, key.image_sha256, is_seal=is_seal)


def carry_out(
    context: HandlerContext,
    params: Json,
    acts: frozenset[Act],
    act: Callable[[Consented], Json],
    error: str = REFUSED,
) -> Json:
    """Carry out what a person consented to and use the consent up; a repeated call gives its first answer.

    Args:
        context: of the service task.
        params: with ``document_id`` and ``consent_id``.
        acts: that the service task stands for.
        act: signs and writes the trace line whose facts are the answer, under ``result``.
        error: the BPMN error of a refusal.

    Raises:
        NotFound: no such document.
        BpmnError: ``error``, with the reason in Vietnamese.
    """
    document = lock_document(context.unit, params["document_id"])
    answered = _answered(document, context)
    if answered is not None:
        return answered
    try:
        consent = lock_consent(context.unit, params.get("consent_id"), document.id)
        check_usable(context.unit, consent)
        check_act(consent, acts)
        if consent.act not in PERSONAL_ACTS:
            require_sealer(context.unit, consent)
        before = find_file(
            context.unit, document.id, bytes(consent.file_sha256), is_annex=consent.act == "annex"
        )
        result = act(Consented(context, document, consent, before))
        mark_used(context.unit, consent)
    except CongVanError as refusal:
        raise BpmnError(error, refusal.vi) from refusal
    return result


def _answered(document: Row[Any], context: HandlerContext) -> Json | None:
    """Return what this very call answered before, None if it has not run."""
    key = str(context.idempotency_key)
    for line in document.trace:
        if line.get("key") == key and "result" in line:
            return dict(line["result"])
    return None
