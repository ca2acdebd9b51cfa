"""``account.*``: an account made, put into a post, locked, shut, and its open work handed over.

No operation gives or keeps a password: an administrator issues it, once, outside the process.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import insert, select

from handlers.accounts.care import warn_of_kept
from handlers.accounts.changes import note_change
from handlers.accounts.endings import end_sessions_of, orders_in_words
from handlers.accounts.holdings import HOLDING, POST, Taking, leave_all, take, today_of
from handlers.accounts.open_work import Leaver, find_person, hand_over, in_words, list_open_work
from handlers.accounts.people import add_account, free_staff_code, shut_account
from handlers.accounts.requests import REQUEST
from handlers.accounts.rows import change_row, named, plain, unit_id_of
from handlers.contract import HandlerContext, Json, Parameter, Runs
from handlers.parameters import RECIPIENTS
from service.domain.errors import Conflict, InvalidInput, NotFound
from service.domain.ids import new_id
from service.domain.records import read_date
from service.storage.models import Account, Membership, Outbox, table_of
from service.storage.unit_of_work import AuditRecord

_ACCOUNT: Final = table_of(Account)
_LOGIN: Final = Parameter("login", True, "Tên đăng nhập.", "Login of the account.")


class CreateAccount:
    """Makes an account without a password and puts it into its post, or gives it its role."""

    operation: ClassVar[str] = "account.create"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        REQUEST,
        Parameter("details", True, "Quản trị viên đã điền.", "What the administrator filled in."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{login, problem}``: a taken login or staff code is told, not raised."""
        request, details = params["request"], params["details"]
        login = str(details["login"]).strip().lower()
        known = context.unit.session.execute(
            select(_ACCOUNT.c.login).where(_ACCOUNT.c.id == context.idempotency_key)
        ).scalar()
        if known is not None:
            return {"login": known, "problem": None}
        try:
            with context.unit.nested():
                self._make(context, login, request, details)
        except (Conflict, InvalidInput, NotFound) as error:
            return {"login": login, "problem": error.vi}
        return {"login": login, "problem": None}

    def _make(self, context: HandlerContext, login: str, request: Json, details: Json) -> None:
        unit = context.unit
        code = details.get("staff_code") or request.get("staff_code")
        row = {
            "id": context.idempotency_key,
            "full_name": named(str(request["full_name"])),
            "position": plain(str(request.get("position") or "")),
            "staff_code": free_staff_code(unit, code) if code else None,
        }
        add_account(unit, login, row, password_hash=None)
        starts = max(read_date(request.get("effective_on")) or today_of(unit), today_of(unit))
        if request.get("post"):
            take(unit, Taking(login, request["post"], starts, basis=str(request.get("basis") or "")))
        elif request.get("role"):
            self._grant(context, request, starts)

    def _grant(self, context: HandlerContext, request: Json, starts: date) -> None:
        unit = context.unit
        row = {
            "id": new_id(unit.now),
            "agency_id": unit.actor.agency_id,
            "account_id": context.idempotency_key,
            "unit_id": unit_id_of(unit, request["unit"]) if request.get("unit") else None,
            "role": request["role"],
            "from_on": starts,
        }
        unit.session.execute(insert(table_of(Membership)), row)
        details = {"role": request["role"], "unit": request.get("unit")}
        unit.audit(AuditRecord("membership.grant", "membership", row["id"], details))
        note_change(unit, "membership.grant", row["id"])


class TakePost:
    """Puts a person into a post, with its roles, from a day on."""

    operation: ClassVar[str] = "account.take_post"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (_LOGIN, REQUEST)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{post, from_on}``; who holds the post already keeps it as it is.

        Raises:
            NotFound: the agency has no such person or post.
            Conflict: the post or the account was closed meanwhile.
        """
        unit, request = context.unit, params["request"]
        starts = max(read_date(request.get("effective_on")) or today_of(unit), today_of(unit))
        held = (
            select(HOLDING.c.from_on)
            .join(POST, POST.c.id == HOLDING.c.post_id)
            .join(_ACCOUNT, _ACCOUNT.c.id == HOLDING.c.account_id)
            .where(_ACCOUNT.c.login == params["login"], POST.c.code == request["post"])
            .where(HOLDING.c.to_on.is_(None))
        )
        known = unit.session.execute(held).scalar()
        if known is None:
            basis = str(request.get("basis") or "")
            ends_others = bool(request.get("ends_others"))
            take(unit, Taking(params["login"], request["post"], starts, basis=basis, ends_others=ends_others))
        return {"post": request["post"], "from_on": (known or starts).isoformat()}


class DisableAccount:
    """Shuts the account of who leaves: sessions and orders end at once, roles with the day (S2-9.2)."""

    operation: ClassVar[str] = "account.disable"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (_LOGIN,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{sessions, orders, order_list}``: how many ended, the orders in words; nothing ends twice.

        Raises:
            NotFound: the agency has no such account.
        """
        account = _account(context, params["login"])
        ended: Json = {"sessions": 0, "orders": 0, "order_list": None}
        if account["disabled_at"] is None:
            orders = orders_in_words(context.unit, account["id"])
            ended = shut_account(context.unit, account["id"], account["login"]) | {"order_list": orders}
        leave_all(context.unit, account["id"], today_of(context.unit))
        return ended


class LockAccount:
    """Shuts an account that is out of its person's control, until an administrator gives a new password."""

    operation: ClassVar[str] = "account.lock"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (_LOGIN,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{sessions}``: how many ended (S1-4.2b2).

        Raises:
            NotFound: the agency has no such account.
        """
        account = _account(context, params["login"])
        unit = context.unit
        if account["disabled_at"] is None:
            values = {"disabled_at": unit.now, "locked_at": unit.now}
            details = {"login": account["login"]}
            change_row(unit, "account.lock", Account, account["id"], values, details=details)
            warn_of_kept(unit, account["id"], account["login"])
        return {"sessions": end_sessions_of(unit, account["id"])}


class ListOpenWork:
    """Tells what a person has open."""

    operation: ClassVar[str] = "account.list_work"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (_LOGIN,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{count, list, keys}``: how much, in words, and the name of each item.

        Raises:
            NotFound: the agency has no such account.
        """
        items = list_open_work(context.unit, _leaver(context, params["login"]))
        return {"count": len(items), "list": in_words(items), "keys": [item.key for item in items]}


class HandOverWork:
    """Gives open work to another person of the office."""

    operation: ClassVar[str] = "account.hand_over"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        _LOGIN,
        Parameter("heir", True, "Người nhận.", "Who takes it over."),
        Parameter(
            "share", False, "all, tasks, drafts hoặc dossiers.", "Which part: all, tasks, drafts, dossiers."
        ),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{moved, problem}``; an heir who is not there or left as well is told, not raised."""
        person = _leaver(context, params["login"])
        heir = find_person(context.unit, str(params["heir"]).removeprefix("user:"), is_enabled=True)
        if heir is None or heir.id == person.id:
            return {"moved": 0, "problem": "Không thể giao cho người này."}
        share = params.get("share") or "all"
        items = [item for item in list_open_work(context.unit, person) if share in {"all", item.share}]
        moved = hand_over(context.unit, person, heir, items)
        left = len(items) - moved
        told = _left_over(left, has_care=any(item.kind == "care" for item in items)) if left else None
        return {"moved": moved, "problem": told}


class TellPeople:
    """Tells people about an account."""

    operation: ClassVar[str] = "account.tell"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("kind", True, "Loại thông báo.", "Kind of the notice."),
        RECIPIENTS,
        Parameter("name", True, "Tên người được nói tới.", "Whom it is about."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{count}``; no receiver is no error."""
        recipients = list(dict.fromkeys(params.get("recipients") or []))
        keys = {recipient: f"notice:{context.idempotency_key}:{recipient}" for recipient in recipients}
        outbox = table_of(Outbox)
        sent = select(outbox.c.dedupe_key).where(outbox.c.dedupe_key.in_(keys.values()))
        known = set(context.unit.session.execute(sent).scalars())
        for recipient, key in keys.items():
            if key in known:
                continue
            payload = {
                "kind": params["kind"],
                "name": str(params.get("name") or "")[:200],
                "instance_id": str(context.instance_id),
            }
            context.unit.send("notice", recipient, payload, key)
        return {"count": len(recipients)}


def _left_over(count: int, *, has_care: bool) -> str:
    clerk = ", hoặc không phải văn thư" if has_care else ""
    return f"{count} việc không thể giao cho người này vì họ đã tham gia bước trước{clerk}."


def _account(context: HandlerContext, login: Any) -> Any:
    statement = select(_ACCOUNT).where(_ACCOUNT.c.login == str(login)).with_for_update()
    row = context.unit.session.execute(statement).mappings().first()
    if row is None:
        raise NotFound("account.not_found", "Không có tài khoản này.", "There is no such account.")
    return row


def _leaver(context: HandlerContext, login: Any) -> Leaver:
    person = find_person(context.unit, str(login))
    if person is None:
        raise NotFound("account.not_found", "Không có tài khoản này.", "There is no such account.")
    return person
