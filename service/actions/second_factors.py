"""A person's second factors: a generator of one-time codes, recovery codes, and what an administrator resets.

The first factor is enrolled with the password, every later change with a factor that is there already (OWASP
ASVS 5.0, 7.5.1). The person is told of each change, so that a stranger's one does not stay unseen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from handlers.accounts.endings import end_sessions_of
from handlers.accounts.rows import account_id_of
from service.actions import throttle
from service.actions.passkey_proofs import Occasion, passkey_options
from service.actions.proofs import NotProved, Proof, ProofTools, prove, secret_owner
from service.actions.warnings import tell_person
from service.domain.errors import Conflict, Finding, Forbidden, InvalidInput, NotFound
from service.domain.ids import new_id
from service.domain.one_time_codes import (
    enrolment_uri,
    matching_step,
    new_recovery_codes,
    new_secret,
    qr_svg,
    recovery_hash,
)
from service.domain.passkeys import RelyingParty
from service.domain.passwords import verify_password
from service.domain.permissions import require
from service.domain.sealing import Sealer
from service.domain.step_up import STEP_UP_VALIDITY, require_step_up
from service.storage.models import (
    Account,
    LoginSession,
    Passkey,
    RecoveryCode,
    SecondFactor,
    table_of,
)
from service.storage.unit_of_work import AuditRecord, UnitOfWork

ISSUER: Final = "Công Văn"
FRESH_LOGIN: Final = timedelta(minutes=5)
"""Whoever has no password here (they log in at a provider) proves themselves by a login that is so young."""

_account = table_of(Account)
_factor = table_of(SecondFactor)
_passkey = table_of(Passkey)
_recovery_code = table_of(RecoveryCode)
_session = table_of(LoginSession)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A generator's secret, shown once: as text, as the address that apps read, and as its QR code."""

    secret: str
    uri: str
    qr_svg: str


@dataclass(frozen=True, slots=True)
class StepUp:
    """A proof that now counts for this session, until ``valid_until``."""

    method: str
    stepped_up_at: datetime
    valid_until: datetime


def step_up(unit: UnitOfWork, proof: Proof, tools: ProofTools, address: str) -> StepUp:
    """Prove a second factor for this session; the proof counts for five minutes.

    Raises:
        Forbidden: ``second_factor.refused``; ``passkey.copied``; ``second_factor.slow_down`` with
            ``retry_after_seconds``; ``step_up.no_factor`` or ``step_up.program`` where there is nothing to
            prove.
    """
    if not unit.actor.factors:
        require_step_up(unit.actor, unit.now, timedelta())
    account_id = person_of(unit)
    throttle.check_pace(throttle.wait_for_factor(unit.session, account_id, address, unit.now))
    outcome = prove(unit, stepping_up(unit), proof, tools)
    if isinstance(outcome, NotProved):
        raise refused_factor(is_copied=outcome.is_copied)
    throttle.forget_failures(unit.session, throttle.factor_key(account_id), address)
    mark_stepped_up(unit)
    unit.audit(AuditRecord("session.step_up", "session", unit.actor.session_id, {"factor": outcome.method}))
    return StepUp(outcome.method, unit.now, unit.now + STEP_UP_VALIDITY)


def step_up_options(unit: UnitOfWork, party: RelyingParty) -> dict[str, Any]:
    """Return what the browser is given to let a passkey of the actor answer for a step-up.

    Raises:
        Conflict: the actor has no passkey.
    """
    return passkey_options(unit, stepping_up(unit), party)


def stepping_up(unit: UnitOfWork) -> Occasion:
    """Return the occasion of a step-up in the actor's session."""
    account_id = person_of(unit)
    assert unit.actor.session_id is not None
    return Occasion(account_id, "step_up", unit.actor.session_id)


def enrol_totp(unit: UnitOfWork, sealer: Sealer, address: str, password: str | None = None) -> Enrolment:
    """Give the actor a generator's secret; it counts once a code confirms it.

    Raises:
        Forbidden: the password is wrong or missing; with a factor enrolled, the step-up is missing.
        Conflict: a generator is confirmed already.
    """
    check_may_change_factors(unit, address, password)
    account_id = person_of(unit)
    enrolled = select(_factor.c.confirmed_at).where(_factor.c.account_id == account_id).with_for_update()
    if unit.session.execute(enrolled).scalar() is not None:
        raise Conflict(
            "second_factor.enrolled",
            "Đã có ứng dụng tạo mã; hãy gỡ ứng dụng cũ trước.",
            "There is a code generator already; remove it first.",
        )
    unit.session.execute(delete(_factor).where(_factor.c.account_id == account_id))
    secret, factor_id = new_secret(), new_id(unit.now)
    row = {
        "id": factor_id,
        "agency_id": unit.actor.agency_id,
        "account_id": account_id,
        "secret": sealer.seal(secret, secret_owner(account_id)),
        "last_step": 0,
        "created_at": unit.now,
    }
    unit.session.execute(insert(_factor), row)
    unit.audit(AuditRecord("second_factor.begin", "second_factor", factor_id, {"kind": "totp"}))
    uri = enrolment_uri(secret, unit.actor.login, ISSUER)
    return Enrolment(secret, uri, qr_svg(uri))


def confirm_totp(unit: UnitOfWork, sealer: Sealer, code: str) -> list[str]:
    """Let the generator count, shown to work by a code; return recovery codes if there were none before.

    Raises:
        NotFound: no enrolment is waiting.
        InvalidInput: the code is wrong.
    """
    account_id = person_of(unit)
    row = unit.session.execute(
        select(_factor.c.id, _factor.c.secret)
        .where(_factor.c.account_id == account_id, _factor.c.confirmed_at.is_(None))
        .with_for_update()
    ).first()
    if row is None:
        vi, en = "Chưa bắt đầu đăng ký ứng dụng tạo mã.", "No enrolment of a code generator is waiting."
        raise NotFound("second_factor.not_begun", vi, en)
    step = matching_step(sealer.open(row.secret, secret_owner(account_id)), code, unit.now)
    if step is None:
        vi, en = (
            "Mã không đúng; hãy kiểm tra giờ của điện thoại.",
            "The code is wrong; check the phone's clock.",
        )
        raise InvalidInput(
            "second_factor.wrong_code", vi, en, [Finding("second_factor.wrong_code", vi, en, "/code")]
        )
    confirmed = {"confirmed_at": unit.now, "last_step": step}
    unit.session.execute(update(_factor).where(_factor.c.id == row.id).values(**confirmed))
    mark_stepped_up(unit)
    unit.audit(AuditRecord("second_factor.add", "second_factor", row.id, {"kind": "totp"}))
    tell_person(unit, unit.actor.login, "second_factor_added", f"second_factor:{row.id}", name="TOTP")
    return first_recovery_codes(unit)


def remove_totp(unit: UnitOfWork) -> None:
    """Remove the actor's code generator; with the last factor, recovery codes go too.

    Raises:
        Forbidden: the step-up is missing.
        NotFound: there is no generator.
    """
    require_step_up(unit.actor, unit.now)
    account_id = person_of(unit)
    gone = delete(_factor).where(_factor.c.account_id == account_id).returning(_factor.c.id)
    factor_id = unit.session.execute(gone).scalar()
    if factor_id is None:
        raise NotFound("second_factor.none", "Chưa có ứng dụng tạo mã.", "There is no code generator.")
    drop_useless_recovery_codes(unit, account_id)
    unit.audit(AuditRecord("second_factor.remove", "second_factor", factor_id, {"kind": "totp"}))
    tell_person(unit, unit.actor.login, "second_factor_removed", f"removed:{factor_id}", name="TOTP")


def renew_recovery_codes(unit: UnitOfWork) -> list[str]:
    """Replace the actor's recovery codes by ten new ones, shown once.

    Raises:
        Forbidden: the step-up is missing.
    """
    require_step_up(unit.actor, unit.now)
    account_id = person_of(unit)
    unit.session.execute(delete(_recovery_code).where(_recovery_code.c.account_id == account_id))
    return first_recovery_codes(unit)


def reset_factors(unit: UnitOfWork, login: str) -> None:
    """Take every second factor from an account whose person lost them, and end its sessions.

    The person enrols anew after the next login. Only an administrator who has just proved a factor of their
    own may do it, and not for themselves; the operator of the machine may, on the command line.

    Raises:
        Forbidden: the actor is no administrator, or the step-up is missing.
        NotFound: the agency has no such account.
        Conflict: it is the actor's own.
    """
    require(unit.actor, "account.reset_second_factor")
    if not unit.actor.is_system:
        require_step_up(unit.actor, unit.now)
    account_id = account_id_of(unit, login)
    if account_id == unit.actor.account_id:
        vi, en = (
            "Quản trị viên khác phải làm việc này cho bạn.",
            "Another administrator must do this for you.",
        )
        raise Conflict("account.own", vi, en)
    for table in (_factor, _passkey, _recovery_code):
        unit.session.execute(delete(table).where(table.c.account_id == account_id))
    end_sessions_of(unit, account_id)
    unit.audit(AuditRecord("account.reset_second_factor", "account", account_id, {"login": login}))
    key = f"reset:{account_id}:{unit.now.isoformat()}"
    tell_person(unit, login, "second_factor_reset", key, by=unit.actor.full_name)


def check_may_change_factors(unit: UnitOfWork, address: str, password: str | None) -> None:
    """Refuse a change of factors by someone who only has the session.

    Raises:
        Forbidden: with a factor enrolled, the step-up is missing; without one, the password is wrong
            (``password.wrong``), or must wait (``second_factor.slow_down``).
    """
    if unit.actor.grants is not None or unit.actor.factors:
        require_step_up(unit.actor, unit.now)
        return
    known = select(_account.c.password_hash).where(_account.c.id == unit.actor.account_id)
    password_hash = unit.session.execute(known.with_for_update()).scalar()
    throttle.check_pace(
        throttle.wait_at(unit.session, throttle.login_key(unit.actor.login), address, unit.now)
    )
    if password_hash is None and _is_fresh(unit):
        return
    if not verify_password(password or "", password_hash):
        raise Forbidden("password.wrong", "Mật khẩu hiện tại không đúng.", "The current password is wrong.")


def first_recovery_codes(unit: UnitOfWork) -> list[str]:
    """Return ten new recovery codes, or none where unused ones are left."""
    account_id = person_of(unit)
    left = select(_recovery_code.c.id).where(
        _recovery_code.c.account_id == account_id, _recovery_code.c.used_at.is_(None)
    )
    if unit.session.execute(left.limit(1)).first() is not None:
        return []
    codes = new_recovery_codes()
    rows = [
        {
            "id": new_id(unit.now),
            "agency_id": unit.actor.agency_id,
            "account_id": account_id,
            "code_hash": recovery_hash(code),
            "created_at": unit.now,
        }
        for code in codes
    ]
    unit.session.execute(insert(_recovery_code), rows)
    unit.audit(AuditRecord("recovery_code.renew", "account", account_id))
    return codes


def drop_useless_recovery_codes(unit: UnitOfWork, account_id: UUID) -> None:
    """Delete recovery codes that stand in for no factor any more."""
    held = [
        select(table.c.id).where(table.c.account_id == account_id).exists() for table in (_factor, _passkey)
    ]
    theirs = _recovery_code.c.account_id == account_id
    unit.session.execute(delete(_recovery_code).where(theirs, ~held[0], ~held[1]))


def mark_stepped_up(unit: UnitOfWork) -> None:
    """Note in the actor's session that they proved a second factor now."""
    which = _session.c.id == unit.actor.session_id
    unit.session.execute(update(_session).where(which).values(stepped_up_at=unit.now))


def refused_factor(*, is_copied: bool = False) -> Forbidden:
    """Return the refusal of a wrong, old or used second factor: it does not say which."""
    if is_copied:
        return Forbidden(
            "passkey.copied",
            "Khóa truy cập này có dấu hiệu bị sao chép nên không được chấp nhận; hãy dùng cách khác.",
            "This passkey shows signs of having been copied and is not taken; use another factor.",
        )
    return Forbidden(
        "second_factor.refused",
        "Mã hoặc khóa không đúng, đã hết hạn hoặc đã dùng.",
        "The code or key is wrong, too old or used already.",
    )


def person_of(unit: UnitOfWork) -> UUID:
    """Return the account that asks.

    Raises:
        Forbidden: it is the system.
    """
    if unit.actor.account_id is None:
        raise Forbidden("account.no_person", "Chỉ dành cho người dùng.", "Only for people.")
    return unit.actor.account_id


def _is_fresh(unit: UnitOfWork) -> bool:
    began = select(_session.c.created_at).where(_session.c.id == unit.actor.session_id)
    created_at = unit.session.execute(began).scalar()
    return created_at is not None and created_at > unit.now - FRESH_LOGIN
