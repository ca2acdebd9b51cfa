"""``seal.issue``: number, date and seal in one transaction (NĐ 30/2020 Điều 14–15, 32–33; S4-5.2, S0-4.3).

The number is taken when everything else has been checked, registered, written on the file with the date, and
sealed. If the seal fails, nothing of it has happened.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final

from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.numbering.allotment import NumberGiven, register_number
from handlers.numbering.subject import office_day, read_subject
from handlers.parameters import DOCUMENT_ID
from handlers.records.document_row import change_document, trace_line
from handlers.signing.composition import SigningOrder
from handlers.signing.performing import perform
from handlers.signing.service_task import CONSENT_ID, Consented, carry_out
from handlers.signing.turns import require_leaders
from service.domain.errors import Conflict
from service.domain.numbering import date_texts

SEAL_REFUSED: Final = "seal.refused"


class IssueSeal:
    """Gives the next number, registers the document and seals it, as the clerk consented to."""

    operation: ClassVar[str] = "seal.issue"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({SEAL_REFUSED})
    parameters: ClassVar[tuple[Parameter, ...]] = (DOCUMENT_ID, CONSENT_ID)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return number, code, code_number, code_notation, issued_on, registry_entry_id, file and version.

        Raises:
            NotFound: no such document.
            BpmnError: ``seal.refused``.
        """
        return carry_out(context, params, frozenset({"seal"}), _seal, SEAL_REFUSED)


def _seal(given: Consented) -> Json:
    unit, consent = given.unit, given.consent
    require_leaders(unit, given.document.id)
    subject, on = read_subject(unit, given.document), office_day(unit)
    image = given.image()
    _check_prepared(consent.prepared, on)
    number = register_number(unit, subject, on)
    if consent.registry_entry_id is not None and number.entry_id != consent.registry_entry_id:
        vi = "Số ghi trên tệp không còn được giữ cho văn bản; hãy đồng ý lại."
        raise Conflict("number.other", vi, "The number on the file is not this document's any more.")
    order = SigningOrder(
        "seal",
        consent.field,
        unit.now,
        image=image,
        texts=number_texts(number, on),
        code=number.code.text,
    )
    done = perform(unit, given.resources, consent, given.before, order)
    result = {
        "number": number.number,
        "code": number.code.text,
        "code_number": number.code.number,
        "code_notation": number.code.notation,
        "issued_on": on.isoformat(),
        "registry_entry_id": str(number.entry_id),
        **done.facts(),
    }
    change_document(
        given.context,
        given.document,
        trace_line(given.context, "sealed", field=consent.field, result=result),
        code_number=number.code.number,
        code_notation=number.code.notation,
        issued_on=on,
        legal_value="original",
    )
    return result


def number_texts(number: NumberGiven, on: date) -> dict[str, str]:
    """Return what the text fields of a file may show of number and date, by their names."""
    written = {"number": number.code.number, "notation": number.code.notation, "code": number.code.text}
    return written | date_texts(on)


def _check_prepared(prepared: Json | None, on: date) -> None:
    """Refuse a seal that was prepared on another day: its date is written on the file."""
    written: Any = (prepared or {}).get("issued_on")
    if written is not None and written != on.isoformat():
        vi, en = "Đã sang ngày khác; hãy đồng ý lại.", "The day has changed; consent again."
        raise Conflict("consent.other_day", vi, en)
