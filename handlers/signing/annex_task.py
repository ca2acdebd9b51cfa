"""``sign.annex``, ``sign.copy``: the agency's signature on annexes and copies (NĐ 30/2020 Điều 25–27)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Row

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import DOCUMENT_ID
from handlers.records.description import document_code
from handlers.records.document_row import change_document, trace_line
from handlers.records.register import agency_name
from handlers.signing.composition import SigningOrder
from handlers.signing.performing import perform
from handlers.signing.service_task import CONSENT_ID, REFUSED, Consented, carry_out
from service.domain.errors import Conflict


class SignAnnex:
    """Signs a separate annex file with the body's key: number and time in the corner, no image."""

    operation: ClassVar[str] = "sign.annex"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({REFUSED})
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID, CONSENT_ID)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{act, signer_name, file_sha256, version, level, is_test}``.

        Raises:
            NotFound: no such document.
            BpmnError: ``signature.refused``.
        """
        return carry_out(context, params, frozenset({"annex"}), _sign_annex)


class SignCopy:
    """Signs the issued document as a certified copy: form, agency and time in its copy field."""

    operation: ClassVar[str] = "sign.copy"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({REFUSED})
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID, CONSENT_ID)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{act, signer_name, file_sha256, version, level, is_test}``.

        Raises:
            NotFound: no such document.
            BpmnError: ``signature.refused``.
        """
        return carry_out(context, params, frozenset({"copy"}), _sign_copy)


def _sign_annex(given: Consented) -> Json:
    order = SigningOrder("annex", given.consent.field, given.unit.now, code=require_code(given.document))
    return _record(given, order, "annex_signed")


def _sign_copy(given: Consented) -> Json:
    form = (given.consent.prepared or {}).get("copy_form", "")
    order = SigningOrder(
        "copy", given.consent.field, given.unit.now, copy_form=form, agency=agency_name(given.unit)
    )
    return _record(given, order, "copied")


def _record(given: Consented, order: SigningOrder, kind: str) -> Json:
    done = perform(given.unit, given.resources, given.consent, given.before, order)
    result = {"act": order.act, "file_name": given.before.file_name, **done.facts()}
    line = trace_line(given.context, kind, field=order.field, result=result)
    change_document(given.context, given.document, line)
    return result


def require_code(document: Row[Any]) -> str:
    """Return number and symbol of a document that has them.

    Raises:
        Conflict: ``annex.before_number``, it has none yet.
    """
    if not document.code_number:
        vi, en = (
            "Văn bản chưa có số nên chưa ký phụ lục được.",
            "The document has no number for its annexes yet.",
        )
        raise Conflict("annex.before_number", vi, en)
    return document_code(document.code_number, document.code_notation)
