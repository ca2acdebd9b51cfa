"""``guest.*``: a guest's account made for a meeting, and ended with it (S2-6.4b)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import select

from handlers.accounts.endings import end_sessions_of
from handlers.accounts.people import add_account
from handlers.accounts.rows import change_row, named, plain, refuse
from handlers.contract import HandlerContext, Json, Parameter, Runs
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import NotFound
from service.storage.models import Account, table_of
from service.storage.unit_of_work import UnitOfWork

LONGEST: Final = timedelta(days=31)
"""A guest's account lasts a month at most: it is for one meeting."""
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_RANDOM_CHARACTERS: Final = 8
_ACCOUNT: Final = table_of(Account)


@dataclass(frozen=True, slots=True)
class NewGuest:
    """Somebody who is asked to a meeting.

    Attributes:
        full_name: of the guest.
        meeting: what the meeting is called or its number, as the office writes it.
        until: the instant at which the meeting ends, aware.
        position: title and office of the guest.
        login: None = one is made up.
    """

    full_name: str
    meeting: str
    until: datetime
    position: str = ""
    login: str | None = None


class AdmitGuest:
    """Makes a guest's account; its first password is issued outside the process."""

    operation: ClassVar[str] = "guest.admit"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("request", True, "Nội dung đề nghị.", "What is asked."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{login, until}``; the same guest again for the same call.

        Raises:
            InvalidInput: a name or the end is missing, is no instant, past or too far away.
        """
        known = context.unit.session.execute(
            select(_ACCOUNT).where(_ACCOUNT.c.id == context.idempotency_key)
        ).first()
        if known is not None:
            return {"login": known.login, "until": known.guest_until.astimezone(OFFICE_ZONE).isoformat()}
        guest = _asked_for(params["request"])
        login = insert_guest(context.unit, guest, None, guest_id=context.idempotency_key)[1]
        return {"login": login, "until": guest.until.astimezone(OFFICE_ZONE).isoformat()}


class EndGuest:
    """Shuts a guest's account once the meeting is over; a meeting that goes on longer is told."""

    operation: ClassVar[str] = "guest.end"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("login", True, "Tên đăng nhập.", "Login of the guest."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{is_over, until}``.

        Raises:
            NotFound: there is no such guest.
        """
        guest = lock_guest(context.unit, str(params["login"]))
        is_over = guest["disabled_at"] is not None or guest["guest_until"] <= context.unit.now
        if is_over:
            shut_guest(context.unit, guest)
        return {"is_over": is_over, "until": guest["guest_until"].astimezone(OFFICE_ZONE).isoformat()}


def _asked_for(request: Any) -> NewGuest:
    """Return whom a process's variable asks for.

    Raises:
        InvalidInput: it is no object, or its end is no instant; names are checked where they are written.
    """
    if not isinstance(request, dict):
        refuse("guest.request", "Nội dung đề nghị không hợp lệ.", "The request is no object.", "/request")
    try:
        until = datetime.fromisoformat(str(request.get("until")))
    except ValueError:
        vi, en = "Thời điểm kết thúc họp không hợp lệ.", "The meeting's end is no instant."
        refuse("guest.end", vi, en, "/until")
    return NewGuest(
        str(request.get("full_name") or ""),
        str(request.get("meeting") or ""),
        until if until.tzinfo is not None else until.replace(tzinfo=OFFICE_ZONE),
        str(request.get("position") or ""),
    )


def insert_guest(
    unit: UnitOfWork, guest: NewGuest, password_hash: str | None, *, guest_id: UUID | None = None
) -> tuple[UUID, str]:
    """Insert a guest's account and return its id and login.

    Raises:
        InvalidInput: a value is malformed, or the end is past or more than a month away.
        Conflict: the login is taken.
    """
    check_end(unit, guest.until)
    row: dict[str, Any] = {
        "full_name": named(guest.full_name, "/full_name"),
        "position": plain(guest.position),
        "kind": "guest",
        "meeting": named(guest.meeting, "/meeting"),
        "guest_until": guest.until,
    }
    if guest_id is not None:
        row["id"] = guest_id
    login = guest.login or "khach." + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    return add_account(unit, login, row, password_hash=password_hash, action="guest.admit"), login


def lock_guest(unit: UnitOfWork, login: str) -> Any:
    """Return a guest's row, locked.

    Raises:
        NotFound: there is no such guest.
    """
    which = (_ACCOUNT.c.login == login, _ACCOUNT.c.kind == "guest")
    guest = unit.session.execute(select(_ACCOUNT).where(*which).with_for_update()).mappings().first()
    if guest is None:
        raise NotFound("guest.not_found", "Không có khách mời này.", "There is no such guest.")
    return guest


def shut_guest(unit: UnitOfWork, guest: Any) -> None:
    """Disable a guest's account and end its sessions; one that is shut stays as it is."""
    if guest["disabled_at"] is None:
        values = {"disabled_at": unit.now, "guest_until": min(guest["guest_until"], unit.now)}
        change_row(unit, "guest.end", Account, guest["id"], values, details={"login": guest["login"]})
    end_sessions_of(unit, guest["id"])


def check_end(unit: UnitOfWork, until: datetime) -> None:
    """Refuse an end that is past or more than a month away.

    Raises:
        InvalidInput: it is.
    """
    if not unit.now < until <= unit.now + LONGEST:
        vi = "Thời điểm kết thúc phải sau hiện tại và không quá 31 ngày."
        en = "The end lies in the future, at most 31 days away."
        refuse("guest.end", vi, en, "/until")
