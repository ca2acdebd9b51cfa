"""What people prove themselves with beside a password, and logins that are under way."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Tenant, Words


class RecoveryCode(Tenant, Base):
    """One of the codes that replace a lost second factor, each once; only its SHA-256 is kept (ASVS 6.5)."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    code_hash: Mapped[bytes]
    created_at: Mapped[Instant]
    used_at: Mapped[Instant | None]


class Passkey(Tenant, Base):
    """A public key credential of a person (WebAuthn level 3); the private key never leaves their device.

    ``sign_count`` is the highest counter seen: one that goes back betrays a copied key.
    """

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_account", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]  # COSE key
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[Words]
    aaguid: Mapped[str]
    is_backed_up: Mapped[bool]
    name: Mapped[str]
    created_at: Mapped[Instant]
    last_used_at: Mapped[Instant | None]


class PasskeyChallenge(Tenant, Base):
    """A random challenge that a passkey must sign, taken once; ``bound_to`` is the session or the login."""

    __tablename__ = "passkey_challenge"
    __table_args__ = (
        UniqueConstraint("bound_to", "purpose"),
        Index("ix_passkey_challenge_account", "account_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    purpose: Mapped[str]  # register | login | step_up
    bound_to: Mapped[UUID]
    challenge: Mapped[bytes]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]


class LoginChallenge(Tenant, Base):
    """A login whose first factor was right and whose second is still wanted: it opens nothing by itself."""

    __tablename__ = "login_challenge"
    __table_args__ = (Index("ix_login_challenge_account", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    carrier: Mapped[str]  # bearer | cookie
    origin: Mapped[str]  # password | provider
    address: Mapped[str]
    device: Mapped[str]
    failures: Mapped[int]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]


class ProviderIdentity(Tenant, Base):
    """Who an account is at another provider: issuer and subject, never a mail address (ASVS 6.8.1)."""

    __tablename__ = "provider_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("account_id", "issuer"))

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    issuer: Mapped[str]
    subject: Mapped[str]
    created_at: Mapped[Instant]
    last_used_at: Mapped[Instant | None]


class ProviderLogin(Tenant, Base):
    """A way to another provider and back (OpenID Connect, authorization code with PKCE), taken once.

    ``account_id`` is set where a person who is signed in links an identity; the code verifier is sealed.
    """

    __tablename__ = "provider_login"
    __table_args__ = (Index("ix_provider_login_expires", "agency_id", "expires_at"),)

    id: Mapped[Id]
    state_hash: Mapped[bytes] = mapped_column(unique=True)
    browser_hash: Mapped[bytes]
    nonce: Mapped[str]
    code_verifier: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]


__all__ = [
    "LoginChallenge",
    "Passkey",
    "PasskeyChallenge",
    "ProviderIdentity",
    "ProviderLogin",
    "RecoveryCode",
]
