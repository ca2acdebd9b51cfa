"""Registered signing keys: one's own, and the seals of the bodies that a clerk issues for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, or_, select

from service.domain.errors import NotFound
from service.domain.permissions import is_allowed
from service.storage.models import Account, IssuingBody, SigningKeyRow, table_of
from service.storage.unit_of_work import UnitOfWork

KEY = table_of(SigningKeyRow)
_ACCOUNT = table_of(Account)
_BODY = table_of(IssuingBody)

EXPIRY_WARNING: Final = timedelta(days=30)
"""So long before its certificate ends a key is shown as expiring."""


@dataclass(frozen=True, slots=True)
class SigningKeyView:
    """A key: whose, which certificate, until when; ``state`` is usable, expiring, expired or disabled."""

    id: UUID
    owner: str | None
    owner_name: str | None
    issuing_body: str | None
    issuing_body_name: str | None
    kind: str
    reference: str
    subject: str
    issuer: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    is_test: bool
    has_image: bool
    state: str
    created_at: datetime
    disabled_at: datetime | None
    disable_reason: str | None


def list_signing_keys(unit: UnitOfWork) -> list[SigningKeyView]:
    """Return the actor's own keys and, for those who keep seals, the seals; keepers of keys see all."""
    statement = _select().order_by(KEY.c.created_at, KEY.c.id)
    if not is_allowed(unit.actor, "signing_key.keep"):
        mine: Any = KEY.c.account_id == unit.actor.account_id
        if is_allowed(unit.actor, "signing_key.keep_seal"):
            mine = or_(mine, KEY.c.issuing_body_id.is_not(None))
        statement = statement.where(mine)
    return [_view(unit, row) for row in unit.session.execute(statement)]


def read_signing_key(unit: UnitOfWork, key_id: UUID) -> SigningKeyView:
    """Return one key.

    Raises:
        NotFound: absent, or neither the actor's nor theirs to keep.
    """
    row = unit.session.execute(_select().where(KEY.c.id == key_id)).one_or_none()
    if row is None or not _concerns(unit, row):
        raise NotFound("signing_key.not_found", "Không có khóa ký số này.", "There is no such signing key.")
    return _view(unit, row)


def usable_keys(
    unit: UnitOfWork, *, account_id: UUID | None = None, issuing_body_id: UUID | None = None
) -> Iterable[Row[Any]]:
    """Return the keys of a person or of a body's seal that are not disabled, the newest first."""
    owner = KEY.c.account_id == account_id if account_id else KEY.c.issuing_body_id == issuing_body_id
    statement = select(KEY).where(owner, KEY.c.disabled_at.is_(None))
    return unit.session.execute(statement.order_by(KEY.c.created_at.desc(), KEY.c.id.desc())).all()


def _concerns(unit: UnitOfWork, row: Row[Any]) -> bool:
    if row.account_id is not None and row.account_id == unit.actor.account_id:
        return True
    needed = "signing_key.keep" if row.account_id is not None else "signing_key.keep_seal"
    return is_allowed(unit.actor, needed)


def _select() -> Select[Any]:
    joined = KEY.outerjoin(_ACCOUNT, _ACCOUNT.c.id == KEY.c.account_id).outerjoin(
        _BODY, _BODY.c.id == KEY.c.issuing_body_id
    )
    return select(
        KEY,
        _ACCOUNT.c.login.label("owner"),
        _ACCOUNT.c.full_name.label("owner_name"),
        _BODY.c.code.label("issuing_body"),
        _BODY.c.name.label("issuing_body_name"),
    ).select_from(joined)


def _view(unit: UnitOfWork, row: Row[Any]) -> SigningKeyView:
    derived = {"has_image", "state"}
    names = [name for name in SigningKeyView.__dataclass_fields__ if name not in derived]
    return SigningKeyView(
        **{name: getattr(row, name) for name in names},
        has_image=row.image_sha256 is not None,
        state=_state(row, unit.now),
    )


def _state(row: Row[Any], now: datetime) -> str:
    if row.disabled_at is not None:
        return "disabled"
    if now > row.not_after:
        return "expired"
    return "expiring" if now > row.not_after - EXPIRY_WARNING else "usable"
