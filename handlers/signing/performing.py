"""Carries out one consented act: the file is signed, kept as a version, and the signature is put on record.

A key of this machine signs here and now. A signature made elsewhere lies ready in a file since the person
gave it back; it is taken over as it is, once everything it was given for still holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import Row, insert, select

from handlers.contract import Json
from handlers.resources import HandlerResources
from handlers.signing.acts import SIGNATURE
from handlers.signing.belonging import check_trusted
from handlers.signing.composition import SigningOrder, compose
from handlers.signing.files import KeptVersion, add_version, working_copy
from handlers.signing.key_ring import certificate_of, open_registered, timestamps_at
from handlers.signing.revision import open_revision, sign
from service.domain.consents import ACT_NAMES, FILE_KINDS
from service.domain.errors import Conflict
from service.domain.ids import new_id
from service.storage.models import Account, IssuingBody, SigningKeyRow, table_of
from service.storage.unit_of_work import UnitOfWork

KEY = table_of(SigningKeyRow)
_ACCOUNT = table_of(Account)
_BODY = table_of(IssuingBody)


@dataclass(frozen=True, slots=True)
class Performed:
    """A signature that was made and recorded.

    Attributes:
        signature_id: its row.
        file: the signed version.
        signer_login: of the person; None for a seal.
        signer_name: of the person or the body.
        level: B-B or B-T.
        is_test: whether the certificate has no legal value.
    """

    signature_id: UUID
    file: KeptVersion
    signer_login: str | None
    signer_name: str
    level: str
    is_test: bool

    def facts(self) -> Json:
        """Return what a process learns of it."""
        return {
            "signer_login": self.signer_login,
            "signer_name": self.signer_name,
            "file_sha256": self.file.sha256.hex(),
            "version": self.file.version,
            "level": self.level,
            "is_test": self.is_test,
        }


def perform(
    unit: UnitOfWork,
    resources: HandlerResources,
    consent: Row[Any],
    before: Row[Any],
    order: SigningOrder,
) -> Performed:
    """Make or take over the signature that a person consented to.

    Args:
        unit: of the step.
        resources: of the house.
        consent: checked, and locked.
        before: the version of the file that it is about.
        order: what is written; of a signature made elsewhere it was written already.

    Raises:
        Conflict: the key, its certificate or the file does not allow it; ``consent.no_signature``.
        InvalidInput: the number and date do not fit the file.
        Unavailable: the key or the time-stamping service cannot be reached.
    """
    key_row = read_key(unit, consent.key_id)
    check_trusted(certificate_of(key_row), resources.signing.trust_dir, unit.now)
    with _signed(resources, consent, before, order, key_row) as (content, level):
        reason = ACT_NAMES[order.act][0]
        kept = add_version(unit, resources.blobs, before, content, kind=FILE_KINDS[order.act], reason=reason)
    login, name = _signer(unit, key_row)
    signature_id = new_id(unit.now)
    row = {
        "id": signature_id,
        "agency_id": unit.actor.agency_id,
        "document_id": before.document_id,
        "file_id": kept.id,
        "act": order.act,
        "field": order.field,
        "account_id": key_row.account_id,
        "issuing_body_id": key_row.issuing_body_id,
        "key_id": key_row.id,
        "consent_id": consent.id,
        "signer_name": name,
        "certificate_subject": key_row.subject,
        "fingerprint": key_row.fingerprint,
        "is_test": key_row.is_test,
        "level": level,
        "signed_at": order.at,
    }
    unit.session.execute(insert(SIGNATURE), [row])
    return Performed(signature_id, kept, login, name, level, key_row.is_test)


def read_key(unit: UnitOfWork, key_id: UUID) -> Row[Any]:
    """Return the row of a key that may still sign.

    Raises:
        Conflict: ``signing_key.disabled``.
    """
    row = unit.session.execute(select(KEY).where(KEY.c.id == key_id)).one()
    if row.disabled_at is not None:
        vi, en = "Khóa ký số này đã ngừng dùng.", "This signing key is disabled."
        raise Conflict("signing_key.disabled", vi, en)
    return row


@contextmanager
def _signed(
    resources: HandlerResources, consent: Row[Any], before: Row[Any], order: SigningOrder, key_row: Row[Any]
) -> Iterator[tuple[BinaryIO, str]]:
    """Give the signed file and the level of its signature."""
    if consent.method != "stored_key":
        if consent.completed_sha256 is None:
            vi, en = "Chữ ký chưa được gửi về.", "The signature has not come back yet."
            raise Conflict("consent.no_signature", vi, en)
        with working_copy(resources.blobs, bytes(consent.completed_sha256)) as copy:
            yield copy, consent.level
        return
    with working_copy(resources.blobs, bytes(before.sha256)) as copy:
        writer = open_revision(copy)
        key = open_registered(key_row, resources.signing)
        made = sign(writer, compose(writer, order), key, timestamps_at(resources.signing.timestamp_url))
        yield copy, made.level.value


def _signer(unit: UnitOfWork, key_row: Row[Any]) -> tuple[str | None, str]:
    """Return login and name of the person, or None and the name of the body."""
    if key_row.account_id is not None:
        found = select(_ACCOUNT.c.login, _ACCOUNT.c.full_name).where(_ACCOUNT.c.id == key_row.account_id)
        row = unit.session.execute(found).one()
        return row.login, row.full_name
    name = select(_BODY.c.name).where(_BODY.c.id == key_row.issuing_body_id)
    return None, unit.session.execute(name).scalar_one()
