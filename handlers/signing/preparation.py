"""What a person is shown before they sign, and the file that waits for a signature made elsewhere.

Looking is a rehearsal: the act is put together on the very file, so that whatever would refuse it later is
told now. Where another device signs, the revision is written with room for the signature and kept until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from handlers.contract import Json
from handlers.numbering.allotment import NumberGiven, preview_number, reserve_number
from handlers.numbering.subject import NumberSubject, office_day
from handlers.records.register import agency_name
from handlers.resources import HandlerResources
from handlers.signing.annex_task import require_code
from handlers.signing.composition import SigningOrder, compose, next_field, read_image
from handlers.signing.files import working_copy
from handlers.signing.keys import SigningCertificate
from handlers.signing.revision import open_revision
from handlers.signing.sealing_task import number_texts
from handlers.signing.two_phase import PreparedSignature, begin
from service.domain.consents import PERSONAL_ACTS, Act, Method
from service.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Preparation:
    """An act that a person is about to consent to.

    Attributes:
        unit: of the request.
        resources: of the house.
        subject: the document with what its number depends on.
        before: the version of the file that is signed.
        key: the row of the key that signs.
        act: what is done.
        method: how the signature is made.
        copy_form: of a copy.
        field: that was made for who signs; empty = the next one of the act's kind.
    """

    unit: UnitOfWork
    resources: HandlerResources
    subject: NumberSubject
    before: Row[Any]
    key: Row[Any]
    act: Act
    method: Method
    copy_form: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the person is shown.

    Attributes:
        field: that is signed.
        page_amount: pages of the file.
        number: that the document has or would get; None for acts without one.
    """

    field: str
    page_amount: int
    number: NumberGiven | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file with room for a signature that is made elsewhere.

    Attributes:
        state: what the signature must be, and over what.
        file_sha256: of the prepared file; it has no row and is swept away a day later.
        issued_on: the date that is written on it, ISO; None for acts without one.
        registry_entry_id: the line of the number that is written on it.
    """

    state: PreparedSignature
    file_sha256: bytes
    issued_on: str | None
    registry_entry_id: UUID | None

    def to_json(self) -> Json:
        """Return what a consent keeps."""
        return {
            "state": self.state.to_json(),
            "file_sha256": self.file_sha256.hex(),
            "issued_on": self.issued_on,
        }


def look_at(wanted: Preparation) -> Seen:
    """Rehearse the act and return what the person is shown.

    Raises:
        Conflict: the file, its fields or the number do not allow the act.
        InvalidInput: the PDF is broken, or the texts do not fit its fields.
        Unavailable: the file is not on this host, or no font is installed.
    """
    number = None
    if wanted.act == "seal":
        number = preview_number(wanted.unit, wanted.subject, office_day(wanted.unit))
    with working_copy(wanted.resources.blobs, bytes(wanted.before.sha256)) as copy:
        writer = open_revision(copy)
        field = next_field(writer, wanted.act, wanted.field)
        pages = int(writer.root["/Pages"]["/Count"])
        compose(writer, _order(wanted, field, number))
    return Seen(field, pages, number)


def prepare_elsewhere(wanted: Preparation, seen: Seen, certificate: SigningCertificate) -> Prepared:
    """Write the revision for a signature that is made elsewhere; the number on a seal is reserved.

    Raises:
        Conflict: the file, the certificate or the number does not allow it.
    """
    on = office_day(wanted.unit)
    number = reserve_number(wanted.unit, wanted.subject, on) if wanted.act == "seal" else None
    with working_copy(wanted.resources.blobs, bytes(wanted.before.sha256)) as copy:
        writer = open_revision(copy)
        act = compose(writer, _order(wanted, seen.field, number))
        has_timestamp = bool(wanted.resources.signing.timestamp_url)
        state = begin(writer, act, certificate, has_timestamp=has_timestamp)
        copy.seek(0)
        stored = wanted.resources.blobs.write(copy)
    return Prepared(
        state,
        stored.sha256,
        on.isoformat() if number else None,
        number.entry_id if number else None,
    )


def _order(wanted: Preparation, field: str, number: NumberGiven | None) -> SigningOrder:
    unit, act = wanted.unit, wanted.act
    return SigningOrder(
        act,
        field,
        unit.now,
        image=read_image(wanted.resources.blobs, wanted.key.image_sha256, is_seal=act not in PERSONAL_ACTS),
        texts=number_texts(number, office_day(unit)) if number else {},
        code=_code(wanted, number),
        copy_form=wanted.copy_form,
        agency=agency_name(unit) if act == "copy" else "",
    )


def _code(wanted: Preparation, number: NumberGiven | None) -> str:
    if number is not None:
        return number.code.text
    return require_code(wanted.subject.document) if wanted.act in {"annex", "joint_seal"} else ""
