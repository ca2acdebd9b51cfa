"""Agencies, units, people and what they may act as (WS-HumanTask: people and groups)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.models.base import Base, Id, Instant, Tenant, Words


class Agency(Base):
    """An office (tenant): province to grassroots, Party or State.

    ``organ_id`` is its identifier on the exchange axis (edXML, at most 35 characters); ``export_rule`` what
    happens when data is taken out as a file: ``warn``, or ``confirm`` first (S1-8.3).
    """

    __tablename__ = "agency"
    __table_args__ = (CheckConstraint("export_rule IN ('warn', 'confirm')", name="export_rule"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    side: Mapped[str]  # party | state
    organ_id: Mapped[str | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agency.id"))
    created_at: Mapped[Instant]
    export_rule: Mapped[str] = mapped_column(default="warn")


class Unit(Tenant, Base):
    """A unit of an agency."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("agency_id", "code"),)

    id: Mapped[Id]
    code: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    closed_at: Mapped[Instant | None]


class IssuingBody(Tenant, Base):
    """A body that issues documents in its own name, with its seal and number series (NĐ30 Điều 15; S0-9.1g2).

    ``notation`` is what stands in a document's symbol (``VPTU``, ``UBND``); ``superior_name`` is the body
    named above it in the heading; a Party body numbers by ``term``, which began on ``term_from_on``.
    ``organ_id`` is its own identifier on the exchange (S3-16), null = the agency's; no two agencies or open
    bodies of the installation share one.
    """

    __tablename__ = "issuing_body"
    __table_args__ = (
        UniqueConstraint("agency_id", "code"),
        Index(
            "uq_issuing_body_organ_id",
            "organ_id",
            unique=True,
            postgresql_where=text("organ_id IS NOT NULL AND closed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    code: Mapped[str]
    name: Mapped[str]
    notation: Mapped[str]
    side: Mapped[str]  # party | state
    term: Mapped[str | None]
    term_from_on: Mapped[date | None]
    place: Mapped[str] = mapped_column(default="")
    superior_name: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[Instant | None]
    organ_id: Mapped[str | None]


class IssuingBodyTerm(Tenant, Base):
    """A term of a Party body; ``to_on`` is its last day, null while it runs."""

    __tablename__ = "issuing_body_term"
    __table_args__ = (UniqueConstraint("body_id", "term"),)

    id: Mapped[Id]
    body_id: Mapped[UUID] = mapped_column(ForeignKey("issuing_body.id"))
    term: Mapped[str]
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class Account(Tenant, Base):
    """The one account of a person; disabled, never deleted (S4-12.3, S4-2.5).

    ``kind`` is ``person``, ``agency`` (one for each agency, S1-3.4) or ``guest``: of the meeting that
    ``meeting`` names, until ``guest_until`` (S2-6.4b). ``staff_code`` is the person's in the staff list;
    ``locked_at`` is when the person shut the account, lost or leaked as it was (S1-4.2b).
    """

    __tablename__ = "account"
    __table_args__ = (
        Index("uq_account_login", func.lower(text("login")), unique=True),
        Index("uq_account_staff_code", "agency_id", "staff_code", unique=True),
        Index(
            "uq_account_of_agency",
            "agency_id",
            unique=True,
            postgresql_where=text("kind = 'agency' AND disabled_at IS NULL"),
        ),
        Index(
            "ix_account_guest_until",
            "guest_until",
            postgresql_where=text("kind = 'guest' AND disabled_at IS NULL"),
        ),
        CheckConstraint("(kind = 'guest') = (guest_until IS NOT NULL)", name="guest_has_end"),
    )

    id: Mapped[Id]
    login: Mapped[str]
    full_name: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    kind: Mapped[str] = mapped_column(default="person")  # person | agency | guest
    staff_code: Mapped[str | None]
    meeting: Mapped[str | None]
    guest_until: Mapped[Instant | None]
    locked_at: Mapped[Instant | None]


class Membership(Tenant, Base):
    """A role of a person in a unit, with its days; ``unit_id`` null = in the whole agency.

    ``holding_id`` is the holding of a post that brings it; null = granted by itself.
    """

    __tablename__ = "membership"
    __table_args__ = (
        Index("ix_membership_account", "account_id"),
        Index("ix_membership_holding", "holding_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    holding_id: Mapped[UUID | None] = mapped_column(ForeignKey("post_holding.id"))


class Assistance(Tenant, Base):
    """An aide who may enter a leader's words on the leader's behalf, both names shown (S0-10.2)."""

    __tablename__ = "assistance"
    __table_args__ = (UniqueConstraint("aide_id", "leader_id"),)

    id: Mapped[Id]
    aide_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    leader_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]


class LoginSession(Tenant, Base):
    """A bearer token, a cookie session, or a token of a program; only the token's SHA-256 is kept.

    A program's token has a name and its grants, and does not end by idling. ``stepped_up_at`` is when its
    person last proved their second factor in this session.

    ``last_seen_at`` is kept to within a minute, so that a request seldom has to write here. ``keeper_id`` of
    a session of the agency's account is who answered for it when it was opened; a trigger writes it.
    """

    __tablename__ = "login_session"
    __table_args__ = (
        Index("ix_login_session_account", "account_id"),
        Index("ix_login_session_keeper", "keeper_id", postgresql_where=text("keeper_id IS NOT NULL")),
    )

    id: Mapped[Id]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    carrier: Mapped[str]  # bearer | cookie | program
    name: Mapped[str] = mapped_column(default="")
    grants: Mapped[Words | None]
    stepped_up_at: Mapped[Instant | None]
    address: Mapped[str] = mapped_column(default="")
    device: Mapped[str] = mapped_column(default="")
    created_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]
    keeper_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))


class Partner(Tenant, Base):
    """Another office in the directory of receiving contact points (S0-9.2g2).

    ``contact_point_id`` is the office through which it is reached, null = it is reached by itself (S3-16).
    """

    __tablename__ = "partner"
    __table_args__ = (
        UniqueConstraint("agency_id", "organ_id"),
        CheckConstraint("contact_point_id <> id", name="not_its_own_contact_point"),
    )

    id: Mapped[Id]
    organ_id: Mapped[str]
    name: Mapped[str]
    endpoint: Mapped[str | None]
    email: Mapped[str | None]
    contact_point_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))


class LoginFailure(Base):
    """Failed logins by login name and address, for a delay that locks nobody out."""

    __tablename__ = "login_failure"

    id: Mapped[Id]
    login_hash: Mapped[bytes] = mapped_column(index=True)
    address: Mapped[str]
    at: Mapped[Instant]


__all__ = [
    "Account",
    "Agency",
    "Assistance",
    "IssuingBody",
    "IssuingBodyTerm",
    "LoginFailure",
    "LoginSession",
    "Membership",
    "Partner",
    "Unit",
]
