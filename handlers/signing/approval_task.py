"""``sign.approve``: a person's consented signature goes into the document (NĐ 30/2020 Điều 13; S0-7.3)."""

from __future__ import annotations

from typing import ClassVar

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import change_document, trace_line
from handlers.signing.composition import SigningOrder
from handlers.signing.consents import require_task
from handlers.signing.performing import perform
from handlers.signing.service_task import CONSENT_ID, REFUSED, Consented, carry_out
from handlers.signing.turns import require_signer
from service.domain.consents import PERSONAL_ACTS


class ApproveDocument:
    """Signs as the leader, or initials, as the person consented to; never without a person's consent."""

    operation: ClassVar[str] = "sign.approve"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({REFUSED})
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID, CONSENT_ID)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{signer_login, signer_name, act, file_sha256, version, level, is_test}``.

        Raises:
            NotFound: no such document.
            BpmnError: ``signature.refused``.
        """
        return carry_out(context, params, PERSONAL_ACTS, _approve)


def _approve(given: Consented) -> Json:
    unit, consent = given.unit, given.consent
    require_task(unit, given.document, consent.account_id, since=consent.created_at)
    if consent.act == "leader":
        require_signer(unit, given.document.id, consent.account_id)
    order = SigningOrder(consent.act, consent.field, unit.now, image=given.image())
    done = perform(unit, given.resources, consent, given.before, order)
    result = {"act": consent.act, **done.facts()}
    line = trace_line(given.context, "signed", field=consent.field, result=result)
    change_document(given.context, given.document, line)
    return result
