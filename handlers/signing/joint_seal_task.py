"""``seal.join``: the seal of a body that issues the document jointly, after the one that leads (Điều 33)."""

from __future__ import annotations

from typing import ClassVar

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.numbering.subject import read_subject
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import change_document, trace_line
from handlers.signing.annex_task import require_code
from handlers.signing.composition import SigningOrder
from handlers.signing.performing import perform, read_key
from handlers.signing.sealing_task import SEAL_REFUSED
from handlers.signing.service_task import CONSENT_ID, Consented, carry_out
from handlers.signing.turns import next_joint_seal, require_leaders
from service.domain.errors import Conflict


class JoinSeal:
    """Seals with the key of the joint body whose turn it is, as the clerk consented to."""

    operation: ClassVar[str] = "seal.join"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({SEAL_REFUSED})
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID, CONSENT_ID)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{act, signer_name, file_sha256, version, level, is_test}``.

        Raises:
            NotFound: no such document.
            BpmnError: ``seal.refused``.
        """
        return carry_out(context, params, frozenset({"joint_seal"}), _join, SEAL_REFUSED)


def _join(given: Consented) -> Json:
    unit, consent = given.unit, given.consent
    require_leaders(unit, given.document.id)
    body, field = next_joint_seal(unit, read_subject(unit, given.document))
    if consent.field != field or read_key(unit, consent.key_id).issuing_body_id != body.id:
        vi = f"Đến lượt {body.name} đóng dấu; hãy đồng ý lại."
        raise Conflict("seal.other_body", vi, f"It is the turn of {body.name} to seal; consent again.")
    code = require_code(given.document)
    order = SigningOrder("joint_seal", field, unit.now, image=given.image(), code=code)
    done = perform(unit, given.resources, consent, given.before, order)
    result = {"act": order.act, **done.facts()}
    line = trace_line(given.context, "joint_sealed", field=field, result=result)
    change_document(given.context, given.document, line)
    return result
