"""A person's passkeys: registered, shown, renamed, removed (W3C Web Authentication level 3)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, Final, Never
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from service.actions.passkey_proofs import Occasion, known_passkeys, new_challenge, take_challenge
from service.actions.second_factors import (
    check_may_change_factors,
    drop_useless_recovery_codes,
    first_recovery_codes,
    mark_stepped_up,
    person_of,
)
from service.actions.warnings import tell_person
from service.domain.errors import Conflict, Finding, InvalidInput
from service.domain.ids import new_id
from service.domain.passkeys import (
    NewPasskey,
    PasskeyOwner,
    RelyingParty,
    check_registration,
    registration_options,
)
from service.domain.step_up import require_step_up
from service.queries.passkeys import PasskeyView, read_passkey
from service.storage.models import Passkey, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

MOST_PASSKEYS: Final = 20

_passkey = table_of(Passkey)


def begin_registration(
    unit: UnitOfWork, party: RelyingParty, address: str, password: str | None
) -> dict[str, Any]:
    """Return what the browser is given to make a passkey.

    Raises:
        Forbidden: as for every change of factors, see :func:`check_may_change_factors`.
        Conflict: the account has as many as it may.
    """
    check_may_change_factors(unit, address, password)
    account_id = person_of(unit)
    known = known_passkeys(unit, account_id)
    if len(known) >= MOST_PASSKEYS:
        vi = f"Mỗi tài khoản có nhiều nhất {MOST_PASSKEYS} khóa truy cập."
        raise Conflict("passkey.too_many", vi, f"An account has at most {MOST_PASSKEYS} passkeys.")
    challenge = new_challenge(unit, _registering(unit))
    owner = PasskeyOwner(account_id.bytes, unit.actor.login, unit.actor.full_name)
    return registration_options(party, owner, challenge, known)


def finish_registration(
    unit: UnitOfWork, party: RelyingParty, name: str, response: Mapping[str, Any]
) -> tuple[PasskeyView, list[str]]:
    """Keep a new passkey; return it, and recovery codes if the account had no factor before.

    Raises:
        InvalidInput: the answer of the authenticator is not right, or too late, or the name is empty.
        Conflict: the passkey is registered already.
    """
    plain = _named(name)
    challenge = take_challenge(unit, _registering(unit))
    made = check_registration(party, challenge, response) if challenge is not None else None
    if made is None:
        _refuse(
            "passkey.refused",
            "Không xác nhận được khóa truy cập; hãy thử đăng ký lại.",
            "The passkey could not be verified; register again.",
            "/credential",
        )
    passkey_id = _keep(unit, made, plain)
    mark_stepped_up(unit)
    unit.audit(AuditRecord("passkey.add", "passkey", passkey_id, {"aaguid": made.aaguid}))
    tell_person(unit, unit.actor.login, "second_factor_added", f"passkey:{passkey_id}", name="passkey")
    return read_passkey(unit, passkey_id), first_recovery_codes(unit)


def rename_passkey(unit: UnitOfWork, passkey_id: UUID, name: str) -> PasskeyView:
    """Give one of the actor's passkeys another name.

    Raises:
        NotFound: the actor has no such passkey.
        InvalidInput: the name is empty.
    """
    read_passkey(unit, passkey_id)
    unit.session.execute(update(_passkey).where(_passkey.c.id == passkey_id).values(name=_named(name)))
    unit.audit(AuditRecord("passkey.rename", "passkey", passkey_id))
    return read_passkey(unit, passkey_id)


def remove_passkey(unit: UnitOfWork, passkey_id: UUID) -> None:
    """Let one of the actor's passkeys count no more; with the last factor, recovery codes go too.

    Raises:
        Forbidden: the step-up is missing.
        NotFound: the actor has no such passkey.
    """
    read_passkey(unit, passkey_id)
    require_step_up(unit.actor, unit.now)
    unit.session.execute(delete(_passkey).where(_passkey.c.id == passkey_id))
    drop_useless_recovery_codes(unit, person_of(unit))
    unit.audit(AuditRecord("passkey.remove", "passkey", passkey_id))
    tell_person(unit, unit.actor.login, "second_factor_removed", f"removed:{passkey_id}", name="passkey")


def _keep(unit: UnitOfWork, made: NewPasskey, name: str) -> UUID:
    passkey_id = new_id(unit.now)
    row = {
        "id": passkey_id,
        "agency_id": unit.actor.agency_id,
        "account_id": unit.actor.account_id,
        "credential_id": made.credential_id,
        "public_key": made.public_key,
        "sign_count": made.sign_count,
        "transports": made.transports,
        "aaguid": made.aaguid,
        "is_backed_up": made.is_backed_up,
        "name": name,
        "created_at": unit.now,
    }
    try:
        with unit.session.begin_nested():
            unit.session.execute(insert(_passkey), row)
    except IntegrityError as error:
        vi, en = "Khóa truy cập này đã được đăng ký.", "This passkey is registered already."
        raise Conflict("passkey.known", vi, en) from error
    return passkey_id


def _registering(unit: UnitOfWork) -> Occasion:
    assert unit.actor.session_id is not None
    return Occasion(person_of(unit), "register", unit.actor.session_id)


def _named(name: str) -> str:
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    if not plain:
        _refuse("name.required", "Phải nhập tên.", "A name is required.", "/name")
    return plain


def _refuse(code: str, vi: str, en: str, pointer: str) -> Never:
    raise InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])
