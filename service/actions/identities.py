"""Logging in at another provider, and the identities there that accounts are linked to (OpenID Connect).

An account is found by issuer and subject, never by a name or a mail address that may change its owner (ASVS
6.8.1). No account is ever made here: one that exists is linked, by its person while signed in, or at the
first login by the claim that the site's settings trust to hold its login.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from handlers.accounts.endings import end_challenges_of, end_sessions
from handlers.identity.openid_provider import Claims, Journey, OpenIdProvider, refused
from service.actions.logins import FactorWanted, FirstFactor, LoginResult, pass_first_factor
from service.actions.second_factors import check_may_change_factors, person_of
from service.actions.sessions import SessionRules, new_token, token_hash
from service.actions.warnings import tell_administrators, tell_person
from service.domain.actors import Actor, system_actor
from service.domain.errors import Conflict, NotFound, Unauthenticated, Unavailable
from service.domain.ids import new_id
from service.domain.sealing import Sealer
from service.domain.step_up import require_step_up
from service.storage.database import Database
from service.storage.models import Account, LoginSession, ProviderIdentity, ProviderLogin, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

JOURNEY_LIFETIME: Final = timedelta(minutes=10)

_account = table_of(Account)
_identity = table_of(ProviderIdentity)
_journey = table_of(ProviderLogin)
_session = table_of(LoginSession)


@dataclass(frozen=True, slots=True)
class Departure:
    """A browser that leaves for the provider.

    Attributes:
        authorization_url: where it goes.
        browser_token: for a cookie: whoever comes back must be the browser that left.
    """

    authorization_url: str
    browser_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Return:
    """A browser that comes back from the provider.

    Attributes:
        state: as it left with.
        code: of the provider; "" = it refused.
        browser_token: from the cookie.
        issuer: who says to have sent it (RFC 9207); None = not told.
        address: the client's.
        device: what the client calls itself.
        request_id: for the audit.
    """

    state: str = field(repr=False)
    code: str = field(repr=False)
    browser_token: str = field(repr=False)
    issuer: str | None
    address: str
    device: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """An identity at the provider now belongs to the account of whoever left to link it."""

    login: str


def leave(database: Database, provider: OpenIdProvider, sealer: Sealer) -> Departure:
    """Send a browser to the provider to log in.

    Raises:
        Unavailable: the provider does not answer, or the settings' agency does not exist.
    """
    agency = _agency(database, provider)
    journey = _new_journey()
    url = provider.authorization_url(journey, database.clock.now())  # no transaction waits for the provider
    with database.unit_of_work(agency) as unit:
        return Departure(url, _keep_journey(unit, journey, sealer, None))


def leave_to_link(
    unit: UnitOfWork, provider: OpenIdProvider, sealer: Sealer, address: str, password: str | None
) -> Departure:
    """Send a signed-in person's browser to the provider, to link their identity there.

    Raises:
        Forbidden: as for every change of what one proves oneself with.
        Conflict: the account is linked already, or its agency is not the one of the provider.
        Unavailable: the provider does not answer.
    """
    check_may_change_factors(unit, address, password)
    if unit.actor.agency_code != provider.settings.agency:
        vi = "Hệ thống định danh này không dành cho cơ quan của bạn."
        raise Conflict("identity.other_agency", vi, "This identity provider is not for your agency.")
    journey = _new_journey()
    url = provider.authorization_url(journey, unit.now)
    return Departure(url, _keep_journey(unit, journey, sealer, person_of(unit)))


def come_back(
    database: Database, provider: OpenIdProvider, back: Return, sealer: Sealer, rules: SessionRules
) -> LoginResult | FactorWanted | Linked:
    """Take a browser back from the provider: log in, ask for the second factor, or link.

    The provider is asked outside any transaction.

    Raises:
        Unauthenticated: ``login.provider_refused`` when anything about the journey or the provider's answer
            is not right, ``identity.unknown`` when nobody here is linked to who logged in there.
        Conflict: the identity belongs to another account, or the account to another identity.
        Unavailable: the provider does not answer.
    """
    agency = _agency(database, provider)
    with database.unit_of_work(agency) as unit:
        row = _take_journey(unit, back)
    provider.check_sender(back.issuer, database.clock.now())
    if not back.code:
        raise refused("the provider gives no code")
    verifier = sealer.open(row.code_verifier, _owner_of(row.id))
    claims = provider.claims_of(back.code, Journey(back.state, row.nonce, verifier), database.clock.now())
    if row.account_id is not None:
        with database.unit_of_work(agency) as unit:
            return _link_to(unit, row.account_id, claims, provider.settings.name)
    with database.unit_of_work(agency) as unit:
        person = _person_of(unit, claims, provider.settings.name, back.request_id)
    if person is None:
        raise Unauthenticated(
            "identity.unknown",
            "Danh tính này chưa liên kết với tài khoản nào đang hoạt động ở đây; hãy báo quản trị viên.",
            "This identity is not linked to an active account here; tell the administrator.",
        )
    first = FirstFactor(person, "cookie", back.address, back.device, "provider", must_change_password=False)
    with database.unit_of_work(person) as unit:
        return pass_first_factor(unit, first, rules)


def end_logins(database: Database, provider: OpenIdProvider, logout_token: str) -> int:
    """End the sessions of whoever's login the provider has ended; return how many ended.

    All of the person's sessions end, whichever way they were opened: the provider tells when someone left or
    was shut out. Tokens of programs stay.

    Raises:
        Unauthenticated: ``login.provider_refused`` when the token is not to be believed.
        Unavailable: the provider does not answer.
    """
    subject = provider.subject_logged_out(logout_token, database.clock.now())
    with database.unit_of_work(_agency(database, provider)) as unit:
        linked = select(_identity.c.account_id).where(
            _identity.c.issuer == provider.settings.issuer, _identity.c.subject == subject
        )
        account_id = unit.session.execute(linked).scalar()
        if account_id is None:
            return 0
        theirs = (_session.c.account_id == account_id) & (_session.c.carrier != "program")
        ended = end_sessions(unit, theirs)
        end_challenges_of(unit, account_id)
        unit.audit(AuditRecord("session.end_by_provider", "account", account_id, {"count": ended}))
        return ended


def unlink(unit: UnitOfWork, identity_id: UUID) -> None:
    """Let one of the actor's identities count no more; needs the step-up.

    Raises:
        Forbidden: the step-up is missing.
        NotFound: the actor has no such identity.
    """
    require_step_up(unit.actor, unit.now)
    gone = (
        delete(_identity)
        .where(_identity.c.id == identity_id, _identity.c.account_id == unit.actor.account_id)
        .returning(_identity.c.id)
    )
    if unit.session.execute(gone).first() is None:
        raise NotFound("identity.not_found", "Không có liên kết này.", "There is no such identity.")
    unit.audit(AuditRecord("identity.unlink", "identity", identity_id))


def _agency(database: Database, provider: OpenIdProvider) -> Actor:
    """Return the system's actor of the agency whose people may log in at the provider."""
    with database.session() as session:
        rows = session.execute(text("SELECT agency_id, agency_code FROM list_agencies()")).all()
    for agency_id, code in rows:
        if code == provider.settings.agency:
            return system_actor(agency_id, code)
    raise Unavailable(
        "provider.no_agency",
        "Cấu hình hệ thống định danh chưa đúng; hãy báo quản trị viên.",
        "The settings of the identity provider are not right; tell the administrator.",
    )


def _new_journey() -> Journey:
    return Journey(new_token(), new_token(), new_token())


def _keep_journey(unit: UnitOfWork, journey: Journey, sealer: Sealer, account_id: UUID | None) -> str:
    """Keep what a browser leaves with, and return the token of its cookie."""
    browser_token, journey_id = new_token(), new_id(unit.now)
    unit.session.execute(delete(_journey).where(_journey.c.expires_at <= unit.now))
    row = {
        "id": journey_id,
        "agency_id": unit.actor.agency_id,
        "state_hash": token_hash(journey.state),
        "browser_hash": token_hash(browser_token),
        "nonce": journey.nonce,
        "code_verifier": sealer.seal(journey.code_verifier, _owner_of(journey_id)),
        "account_id": account_id,
        "created_at": unit.now,
        "expires_at": unit.now + JOURNEY_LIFETIME,
    }
    unit.session.execute(insert(_journey), row)
    return browser_token


def _take_journey(unit: UnitOfWork, back: Return) -> Row[Any]:
    """Return the journey of a state, which counts no more even if the provider's answer is refused."""
    taken = (
        delete(_journey)
        .where(_journey.c.state_hash == token_hash(back.state), _journey.c.expires_at > unit.now)
        .returning(_journey)
    )
    row = unit.session.execute(taken).first()
    if row is None:
        raise refused("the state is unknown, old or used")
    if not hmac.compare_digest(bytes(row.browser_hash), token_hash(back.browser_token)):
        raise refused("another browser left")
    return row


def _person_of(unit: UnitOfWork, claims: Claims, name: str, request_id: str | None) -> Actor | None:
    """Return whose identity it is, linked now if the settings' claim names an account without one.

    None = nobody's, or of a disabled account; that is audited.
    """
    linked = (
        select(_account)
        .join(_identity, _identity.c.account_id == _account.c.id)
        .where(_identity.c.issuer == claims.issuer, _identity.c.subject == claims.subject)
    )
    account = unit.session.execute(linked).first()
    if account is None and claims.login:
        account = _link_by_claim(unit, claims, name)
    if account is not None and account.disabled_at is not None:
        key = f"{account.id}:{unit.now.date().isoformat()}"
        tell_administrators(unit, "login_disabled_account", key, name=claims.issuer, by=account.login)
    if account is None or account.disabled_at is not None:
        unit.audit(AuditRecord("session.refuse", "identity", None, {"subject": claims.subject[:100]}))
        return None
    used = _identity.c.issuer == claims.issuer, _identity.c.subject == claims.subject
    unit.session.execute(update(_identity).where(*used).values(last_used_at=unit.now))
    agency = unit.actor
    return Actor(
        agency.agency_id,
        agency.agency_code,
        account.id,
        account.login,
        account.full_name,
        request_id=request_id,
    )


def _link_by_claim(unit: UnitOfWork, claims: Claims, name: str) -> Row[Any] | None:
    """Link the account that the trusted claim names, unless it is linked already; None = there is none.

    A first password that nobody has used yet dies: its person comes by the provider.
    """
    has_one = select(_identity.c.id).where(
        _identity.c.account_id == _account.c.id, _identity.c.issuer == claims.issuer
    )
    named = select(_account).where(
        _account.c.login == claims.login.strip().casefold(),
        _account.c.disabled_at.is_(None),
        ~has_one.exists(),
    )
    account = unit.session.execute(named.with_for_update()).first()
    if account is None:
        return None
    _add_identity(unit, account.id, account.login, claims, name)
    if account.must_change_password:
        unused = {"password_hash": None, "must_change_password": False}
        unit.session.execute(update(_account).where(_account.c.id == account.id).values(**unused))
        unit.audit(AuditRecord("account.drop_password", "account", account.id, {"login": account.login}))
    return account


def _link_to(unit: UnitOfWork, account_id: UUID, claims: Claims, name: str) -> Linked:
    account = unit.session.execute(
        select(_account).where(_account.c.id == account_id, _account.c.disabled_at.is_(None))
    ).first()
    if account is None:
        raise refused("the account is disabled")
    _add_identity(unit, account.id, account.login, claims, name)
    return Linked(account.login)


def _add_identity(unit: UnitOfWork, account_id: UUID, login: str, claims: Claims, name: str) -> None:
    identity_id = new_id(unit.now)
    row = {
        "id": identity_id,
        "agency_id": unit.actor.agency_id,
        "account_id": account_id,
        "issuer": claims.issuer,
        "subject": claims.subject,
        "created_at": unit.now,
    }
    try:
        with unit.session.begin_nested():
            unit.session.execute(insert(_identity), row)
    except IntegrityError as error:
        raise Conflict(
            "identity.taken",
            "Danh tính này đã liên kết với tài khoản khác, hoặc tài khoản đã có liên kết.",
            "This identity is linked to another account, or the account is linked already.",
        ) from error
    details = {"login": login, "issuer": claims.issuer}
    unit.audit(AuditRecord("identity.link", "identity", identity_id, details))
    tell_person(unit, login, "identity_linked", str(identity_id), name=name or claims.issuer)


def _owner_of(journey_id: UUID) -> str:
    return f"provider_login:{journey_id}"
