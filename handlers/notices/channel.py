"""The way of a notice to people: to each account that its owner reference names today, in the house first.

Who wants mail gets it through a message of its own, so that a mail server that is down holds nothing else up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.dialects.postgresql import insert

from handlers.delivery.peers import refusal
from service.domain.clock import OFFICE_ZONE
from service.domain.ids import new_id
from service.domain.notice_times import MailTimes, mail_time
from service.storage.models import Account, Membership, Notice, NoticePreference, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT = table_of(Account)
_MEMBERSHIP = table_of(Membership)
_NOTICE = table_of(Notice)
_PREFERENCE = table_of(NoticePreference)
_UNIT = table_of(Unit)

_KEPT: Final = ("subject", "name", "step", "rung", "by", "note", "rule", "clause", "due_at", "derivation")
_KEPT_TOO: Final = ("derivation_vi", "derivation_en")
_OBJECTS: Final = {"task_id": "user_task", "document_id": "document", "instance_id": "process_instance"}


class NoticeChannel:
    """Writes notices; with a mail server or a webhook configured, also what leaves the house.

    Args:
        has_mail: whether mail can be sent at all.
        has_webhook: whether another program is told of every notice.
    """

    def __init__(self, *, has_mail: bool = False, has_webhook: bool = False) -> None:
        self._has_mail = has_mail
        self._has_webhook = has_webhook

    def send(self, unit: UnitOfWork, destination: str, payload: Mapping[str, Any], dedupe_key: str) -> None:
        """Write one notice for each account behind ``destination``, an owner reference.

        Raises:
            PolicyRefusal: the reference names nobody today.
        """
        accounts = accounts_of(unit, destination)
        if not accounts:
            raise refusal("notice.no_receiver", destination)
        told = _write(unit, list(accounts), payload, dedupe_key)
        if told and self._has_mail:
            _plan_mail(unit, told, str(payload.get("urgency", "normal")))
        if told and self._has_webhook:
            logins = sorted(accounts[account_id] for account_id in told)
            object_kind, object_id = _object_of(payload)
            message = {
                "kind": payload.get("kind"),
                "receivers": logins,
                "urgency": payload.get("urgency"),
                "object": {"kind": object_kind, "id": str(object_id) if object_id else None},
                "at": unit.now.isoformat(),
            }
            unit.send("webhook", "notices", message, f"webhook:{dedupe_key}")


def accounts_of(unit: UnitOfWork, reference: str) -> dict[UUID, str]:
    """Return the enabled accounts, id → login, that match an owner reference today.

    Args:
        unit: of the agency.
        reference: ``user:<login>``, ``unit:<code>``, ``role:<role>`` or ``role:<role>@unit:<code>``.
    """
    kind, _, name = reference.partition(":")
    enabled = select(_ACCOUNT.c.id, _ACCOUNT.c.login).where(_ACCOUNT.c.disabled_at.is_(None))
    if kind == "user":
        statement = enabled.where(_ACCOUNT.c.login == name)
    elif kind in {"unit", "role"}:
        role, _, place = name.partition("@unit:") if kind == "role" else ("", "", name)
        today = unit.now.astimezone(OFFICE_ZONE).date()
        held = _MEMBERSHIP.outerjoin(_UNIT, _UNIT.c.id == _MEMBERSHIP.c.unit_id)
        holders = (
            select(_MEMBERSHIP.c.account_id)
            .select_from(held)
            .where(
                or_(_MEMBERSHIP.c.from_on.is_(None), _MEMBERSHIP.c.from_on <= today),
                or_(_MEMBERSHIP.c.to_on.is_(None), _MEMBERSHIP.c.to_on >= today),
                *([_MEMBERSHIP.c.role == role] if role else []),
                *([_UNIT.c.code == place] if place else []),
            )
        )
        statement = enabled.where(_ACCOUNT.c.id.in_(holders))
    else:
        return {}
    return {row.id: row.login for row in unit.session.execute(statement)}


def _object_of(payload: Mapping[str, Any]) -> tuple[str | None, UUID | None]:
    for name, kind in _OBJECTS.items():
        if payload.get(name):
            return kind, UUID(str(payload[name]))
    return None, None


def _write(unit: UnitOfWork, accounts: list[UUID], payload: Mapping[str, Any], dedupe_key: str) -> list[UUID]:
    """Write the notices that are not there yet and return whom they tell."""
    object_kind, object_id = _object_of(payload)
    kept = {name: payload[name] for name in (*_KEPT, *_KEPT_TOO) if payload.get(name) is not None}
    rows = [
        {
            "id": new_id(unit.now),
            "agency_id": unit.actor.agency_id,
            "account_id": account_id,
            "kind": str(payload.get("kind") or "other"),
            "parameters": kept,
            "urgency": str(payload.get("urgency") or "normal"),
            "object_kind": object_kind,
            "object_id": object_id,
            "dedupe_key": dedupe_key,
            "created_at": unit.now,
        }
        for account_id in accounts
    ]
    statement = insert(_NOTICE).values(rows).on_conflict_do_nothing().returning(_NOTICE.c.account_id)
    return list(unit.session.execute(statement).scalars())


def _plan_mail(unit: UnitOfWork, accounts: list[UUID], urgency: str) -> None:
    wishes = select(_PREFERENCE).where(
        and_(_PREFERENCE.c.account_id.in_(accounts), _PREFERENCE.c.address.is_not(None))
    )
    for wish in unit.session.execute(wishes).all():
        due_at = mail_time(unit.now, times_of(wish), urgency)
        if due_at is not None:
            _put_mail(unit, wish.account_id, due_at)


def times_of(row: Row[Any]) -> MailTimes:
    """Return the wish that a row of ``notice_preference`` holds."""
    return MailTimes(row.mail, row.digest_at, row.quiet_from, row.quiet_to)


def _put_mail(unit: UnitOfWork, account_id: UUID, due_at: datetime) -> None:
    """Put one mail for each person and instant into the outbox: it tells all that is new by then."""
    key = f"mail:{account_id}:{due_at.isoformat()}"
    unit.send("mail", str(account_id), {"kind": "notices"}, key, due_at=due_at)
