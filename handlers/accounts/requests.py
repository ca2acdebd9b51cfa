"""What is asked about an account, looked at before anybody confirms it: is it sound, what would it change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Row, select

from handlers.accounts.guests import LONGEST
from handlers.accounts.holdings import POST, today_of
from handlers.accounts.people import LOGIN
from handlers.accounts.rights import change_of, held_on, is_held, rights_text
from handlers.accounts.strays import OFFICE_HEAD, head_over
from handlers.contract import HandlerContext, Json, Parameter, Runs
from service.domain.clock import OFFICE_ZONE
from service.domain.permissions import Held
from service.domain.records import read_date
from service.storage.models import Account, Membership, Unit, table_of
from service.storage.unit_of_work import UnitOfWork

_ACCOUNT: Final = table_of(Account)
_MEMBERSHIP: Final = table_of(Membership)
_UNIT: Final = table_of(Unit)
_OF_A_PERSON: Final = frozenset({"change_post", "leave", "lost"})
_PROTECTED: Final = frozenset({"leader", "head_of_office", "admin"})
_KINDS: Final = {
    "new": "Cấp tài khoản mới",
    "change_post": "Thay đổi chức danh",
    "leave": "Nghỉ hưu, chuyển công tác, thôi việc",
    "guest": "Khách mời họp",
    "lost": "Mất quyền kiểm soát, nghi lộ mật khẩu",
}
REQUEST: Final = Parameter("request", True, "Nội dung đề nghị.", "What is asked.")


class ExamineRequest:
    """Gives what the forms of the process show: problems, rights gained and lost, who heads the person."""

    operation: ClassVar[str] = "account.examine"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        REQUEST,
        Parameter("initiator", True, "Người đề nghị (user:).", "Who asks (user:)."),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the request in words, with ``problems`` (None = it is sound) and ``effective_at``."""
        unit, request = context.unit, dict(params["request"])
        person = _person(unit, request)
        problems = list(_problems(unit, request, person, str(params["initiator"])))
        name = person.full_name if person is not None else request.get("full_name") or ""
        on = read_date(request.get("effective_on")) or today_of(unit)
        change = _rights(unit, request, person, on) if not problems else {}
        return {
            "kind": _KINDS[request["kind"]],
            "name": name,
            "login": person.login if person is not None else None,
            "subject": f"{_KINDS[request['kind']]}: {name}"[:300],
            "problems": " ".join(problems) or None,
            "head": head_over(unit, person.id, today_of(unit)) if person is not None else OFFICE_HEAD,
            "effective_at": _start_of(on),
            "until": request.get("until"),
            "gains": change.get("gains"),
            "loses": change.get("loses"),
            "keeps": change.get("keeps"),
        }


def _person(unit: UnitOfWork, request: Json) -> Row[Any] | None:
    if request["kind"] not in _OF_A_PERSON:
        return None
    login = str(request.get("person") or "").removeprefix("user:")
    return unit.session.execute(select(_ACCOUNT).where(_ACCOUNT.c.login == login)).first()


def _problems(unit: UnitOfWork, request: Json, person: Row[Any] | None, initiator: str) -> Iterator[str]:
    kind = request["kind"]
    if kind in _OF_A_PERSON and (person is None or person.kind == "guest"):
        yield "Không có người này."
        return
    if person is not None and person.disabled_at is not None:
        yield "Tài khoản này đã bị khóa."
    if kind == "leave" and person is not None and _is_last_admin(unit, person.id):
        yield "Đây là quản trị viên duy nhất; hãy giao quyền quản trị cho người khác trước."
    if kind in {"new", "change_post"}:
        yield from _placing_problems(unit, request)
    if kind == "new":
        yield from _identity_problems(unit, request)
    if kind == "guest":
        until = _instant(request.get("until"))
        if until is None or not unit.now < until <= unit.now + LONGEST:
            yield "Thời điểm kết thúc họp phải sau hiện tại và không quá 31 ngày."
    if kind == "lost" and person is not None and not _may_report(unit, person.id, initiator):
        yield "Chỉ trưởng đơn vị của người đó, Chánh Văn phòng hoặc quản trị viên được báo thay."


def _placing_problems(unit: UnitOfWork, request: Json) -> Iterator[str]:
    post, place = request.get("post"), request.get("unit")
    if post:
        found = select(POST.c.id).where(POST.c.code == post, POST.c.closed_at.is_(None))
        if unit.session.execute(found).first() is None:
            yield f"Không có chức danh “{post}”."
    if place:
        found = select(_UNIT.c.id).where(_UNIT.c.code == place, _UNIT.c.closed_at.is_(None))
        if unit.session.execute(found).first() is None:
            yield f"Không có đơn vị “{place}”."


def _identity_problems(unit: UnitOfWork, request: Json) -> Iterator[str]:
    login, code = request.get("login"), request.get("staff_code")
    if login and not LOGIN.fullmatch(login):
        yield "Tên đăng nhập không hợp lệ."
    if code:
        holder = unit.session.execute(
            select(_ACCOUNT.c.full_name).where(_ACCOUNT.c.staff_code == code)
        ).scalar()
        if holder is not None:
            yield f"Mã cán bộ này đã là của {holder}: mỗi người một tài khoản."


def _is_last_admin(unit: UnitOfWork, person_id: UUID) -> bool:
    """Whether nobody but this person could administer the agency."""
    admins = (
        select(_ACCOUNT.c.id)
        .join(_MEMBERSHIP, _MEMBERSHIP.c.account_id == _ACCOUNT.c.id)
        .where(_MEMBERSHIP.c.role == "admin", is_held(today_of(unit)), _ACCOUNT.c.disabled_at.is_(None))
    )
    return set(unit.session.execute(admins).scalars()) == {person_id}


def _may_report(unit: UnitOfWork, person_id: UUID, initiator: str) -> bool:
    """Whether somebody may have another's account locked: never a way to shut out those above them."""
    today = today_of(unit)
    asker = unit.session.execute(
        select(_ACCOUNT.c.id).where(_ACCOUNT.c.login == initiator.removeprefix("user:"))
    ).scalar()
    if asker is None or asker == person_id:
        return asker is not None
    held, theirs = held_on(unit, asker, today), held_on(unit, person_id, today)
    roles = {role for role, _ in held}
    if "admin" in roles:
        return True
    if {role for role, _ in theirs} & _PROTECTED:
        return False
    heads = {code for role, code in held if role == "unit_head"}
    return "head_of_office" in roles or bool(heads & {code for _, code in theirs if code})


def _rights(unit: UnitOfWork, request: Json, person: Row[Any] | None, on: date) -> dict[str, str | None]:
    """Return what is gained, lost and kept, in words."""
    before = held_on(unit, person.id, on) if person is not None else frozenset()
    brought = _brought(unit, request)
    kind = request["kind"]
    after: frozenset[Held] = before
    if kind == "new":
        after = brought
    elif kind == "leave":
        after = frozenset()
    elif kind == "change_post" and person is not None:
        stays = held_on(unit, person.id, on, without_posts=True) if request.get("ends_others") else before
        after = stays | brought
    who = {"login": person.login if person is not None else "", "full_name": ""}
    change = change_of(who, on, before, after)
    return {name: rights_text(getattr(change, name)) for name in ("gains", "loses", "keeps")}


def _brought(unit: UnitOfWork, request: Json) -> frozenset[Held]:
    if request.get("post"):
        joined = POST.outerjoin(_UNIT, _UNIT.c.id == POST.c.unit_id)
        statement = (
            select(POST.c.roles, _UNIT.c.code).select_from(joined).where(POST.c.code == request["post"])
        )
        row = unit.session.execute(statement).one()
        return frozenset((role, row.code) for role in row.roles)
    return frozenset({(request["role"], request.get("unit"))}) if request.get("role") else frozenset()


def _start_of(on: date) -> str:
    return datetime.combine(on, time(), OFFICE_ZONE).isoformat()


def _instant(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=OFFICE_ZONE)
