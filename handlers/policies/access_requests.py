"""``access.*``: asking to read outside one's duty, from the two consents to the end of the grant (S3-19.4).

What is asked for is named by the words on the document, not by its id: the one who asks cannot see it, and
must not learn by asking what there is. Only the head of office sees what the words match.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Row, func, insert, or_, select, update

from handlers.contract import BpmnError, HandlerContext, Json, Parameter, Runs
from handlers.notices.channel import accounts_of
from handlers.parameters import REASON
from handlers.records.description import document_code
from service.domain.clock import OFFICE_ZONE
from service.domain.errors import Conflict, InvalidInput, NotFound
from service.domain.ids import new_id
from service.domain.records import read_date
from service.storage.models import (
    AccessGrant,
    AccessRequest,
    Account,
    Document,
    Dossier,
    Membership,
    Unit,
    table_of,
)
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_ACCOUNT = table_of(Account)
_DOCUMENT = table_of(Document)
_DOSSIER = table_of(Dossier)
_GRANT = table_of(AccessGrant)
_MEMBERSHIP = table_of(Membership)
_REQUEST = table_of(AccessRequest)
_UNIT = table_of(Unit)

_REQUEST_ID: Final = Parameter("request_id", True, "Mã đề nghị.", "Id of the request.")
_DECISION: Final = Parameter("decision", False, "Ý kiến của bước này.", "What this step's form gives.")
_OUTCOMES: Final = frozenset({"refused", "withdrawn", "ended", "lapsed"})
_MOST_MATCHES: Final = 200


class DescribeRequest:
    """Gives what the forms of the process show, and who must consent first."""

    operation: ClassVar[str] = "access.describe"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (_REQUEST_ID,)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return the request; ``head`` is who heads the asker's unit, null if nobody else does."""
        row = lock_request(context.unit, params["request_id"])
        asker = context.unit.session.execute(select(_ACCOUNT).where(_ACCOUNT.c.id == row.account_id)).one()
        return {
            "id": str(row.id),
            "asker": f"user:{asker.login}",
            "asker_name": asker.full_name,
            "asker_position": asker.position,
            "reason": row.reason,
            "wanted": _wanted(context.unit, row),
            "period": _period(row),
            "until_at": row.until_at.isoformat(),
            "use": _use(may_download=row.may_download),
            "subject": f"{asker.full_name}: {_wanted(context.unit, row)}"[:300],
            "head": _head_over(context.unit, row.account_id),
        }


class MatchRequest:
    """Records the unit head's consent and finds what the words of the request match."""

    operation: ClassVar[str] = "access.match"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (_REQUEST_ID, _DECISION)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{found, missing}``: texts for the head of office."""
        row = lock_request(context.unit, params["request_id"])
        if params.get("decision"):
            _record(context, row, "unit", params["decision"])
        found = _matches(context.unit, row)
        lines = [f"{code}: {one.subject if one.secrecy == 'none' else '(mật)'}" for code, one in found]
        known = {code for code, _ in found}
        missing = [code for code in row.codes if _folded(code) not in {_folded(one) for one in known}]
        return {
            "found": "; ".join(lines)[:4000] or None,
            "missing": ", ".join(missing)[:1000] or None,
            "count": len(found) + (row.dossier_id is not None),
        }


class GrantRequest:
    """Records the head of office's consent and gives the timed grant."""

    operation: ClassVar[str] = "access.grant"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({"nothing_found"})
    parameters: ClassVar[tuple[Parameter, ...]] = (_REQUEST_ID, _DECISION)

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{until_at, count}``; the head of office may shorten the time and forbid downloading.

        Raises:
            BpmnError: ``nothing_found``: nothing matches the request, or its time is over.
            Conflict: the request has ended.
        """
        row = lock_request(context.unit, params["request_id"])
        decision = params.get("decision") or {}
        until_at = min(row.until_at, _end_of(decision.get("until_on")) or row.until_at)
        may_download = row.may_download and decision.get("allows_download") is not False
        if row.state == "asked":
            _record(context, row, "office", decision)
            _give(context.unit, row, until_at, may_download=may_download)
        elif row.state != "granted":
            raise _wrong_state(row)
        given = select(func.count()).where(_GRANT.c.request_id == row.id)
        return {"until_at": until_at.isoformat(), "count": context.unit.session.execute(given).scalar_one()}


class CloseRequest:
    """Ends a request: refused, withdrawn, its time over, or lapsed before anyone decided."""

    operation: ClassVar[str] = "access.close"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset()
    parameters: ClassVar[tuple[Parameter, ...]] = (
        _REQUEST_ID,
        Parameter("outcome", True, "refused, withdrawn, ended hoặc lapsed.", "How it ends."),
        Parameter("step", False, "Bước đã từ chối: unit hoặc office.", "The step that refused."),
        _DECISION,
        REASON,
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return ``{state}``.

        Raises:
            InvalidInput: the outcome is none of the four.
        """
        outcome = params["outcome"]
        if outcome not in _OUTCOMES:
            raise InvalidInput("access.outcome", "Kết quả không hợp lệ.", "The outcome is not known.")
        row = lock_request(context.unit, params["request_id"])
        if row.state not in {"asked", "granted"}:
            return {"state": row.state}
        decision = params.get("decision") or {}
        if params.get("step"):
            _record(context, row, params["step"], decision)
        reason = (params.get("reason") or decision.get("note") or "")[:500]
        close_request(context.unit, row, outcome, reason)
        return {"state": outcome}


def close_request(unit: UnitOfWork, row: Row[Any], outcome: str, reason: str) -> None:
    """End a request and every grant that it gave, and tell who asked."""
    ended = {"state": outcome, "ended_at": unit.now, "end_reason": reason}
    unit.session.execute(update(_REQUEST).where(_REQUEST.c.id == row.id).values(ended))
    live = (_GRANT.c.request_id == row.id) & _GRANT.c.ended_at.is_(None)
    unit.session.execute(update(_GRANT).where(live).values(ended_at=unit.now))
    unit.audit(AuditRecord(f"access_request.{outcome}", "access_request", row.id, {"reason": reason}))
    _tell(unit, row, f"access_{outcome}")


def lock_request(unit: UnitOfWork, request_id: Any) -> Row[Any]:
    """Return a request's row and keep it locked until the transaction ends.

    Raises:
        NotFound: the agency has no such request.
    """
    try:
        wanted = UUID(str(request_id))
    except ValueError:
        raise request_not_found() from None
    row = unit.session.execute(
        select(_REQUEST).where(_REQUEST.c.id == wanted).with_for_update()
    ).one_or_none()
    if row is None:
        raise request_not_found()
    return row


def request_not_found() -> NotFound:
    """Return the one answer for an absent request and for one that is not the actor's to see."""
    return NotFound("access_request.not_found", "Không có đề nghị này.", "There is no such request.")


def _record(context: HandlerContext, row: Row[Any], step: str, decision: Mapping[str, Any]) -> None:
    """Write who said what at a step, once for each call."""
    unit, key = context.unit, str(context.idempotency_key)
    if any(line["key"] == key for line in row.approvals):
        return
    mandate = unit.mandate
    line = {
        "key": key,
        "step": step,
        "by": unit.actor.login,
        "by_name": unit.actor.full_name,
        "on_behalf_of": mandate.principal.login if mandate else None,
        "at": unit.now.isoformat(),
        "decision": decision.get("decision"),
        "note": decision.get("note"),
    }
    approvals = [*row.approvals, line]
    unit.session.execute(update(_REQUEST).where(_REQUEST.c.id == row.id).values(approvals=approvals))
    facts = {"step": step, "decision": decision.get("decision")}
    unit.audit(AuditRecord("access_request.decide", "access_request", row.id, facts))


def _give(unit: UnitOfWork, row: Row[Any], until_at: datetime, *, may_download: bool) -> None:
    from_at = max(row.from_at, unit.now)
    objects = [{"document_id": one.id, "dossier_id": None} for _, one in _matches(unit, row)]
    if row.dossier_id is not None:
        objects.append({"document_id": None, "dossier_id": row.dossier_id})
    if not objects or from_at >= until_at:
        raise BpmnError("nothing_found", "Không xác định được văn bản để cho phép.")
    shared = {
        "agency_id": unit.actor.agency_id,
        "request_id": row.id,
        "account_id": row.account_id,
        "from_at": from_at,
        "until_at": until_at,
        "may_download": may_download,
        "created_at": unit.now,
    }
    grants = [shared | {"id": new_id(unit.now)} | one for one in objects]
    unit.session.execute(insert(_GRANT), grants)
    unit.session.execute(update(_REQUEST).where(_REQUEST.c.id == row.id).values(state="granted"))
    for grant in grants:
        facts = {"until": until_at.isoformat(), "may_download": may_download, "request": str(row.id)}
        unit.audit(AuditRecord("access_grant.give", "access_grant", grant["id"], facts))
    _tell(unit, row, "access_granted")


def _matches(unit: UnitOfWork, row: Row[Any]) -> list[tuple[str, Row[Any]]]:
    """Return the documents whose code is asked for, with the code as it is written; never top secret."""
    codes = {_folded(code) for code in row.codes}
    if not codes:
        return []
    numbers = {code.split("-")[0].split("/")[0] for code in codes}
    candidates = select(_DOCUMENT).where(
        or_(
            func.lower(_DOCUMENT.c.code_number).in_(numbers),
            func.lower(_DOCUMENT.c.code_number + _DOCUMENT.c.code_notation).in_(codes),
        ),
        _DOCUMENT.c.secrecy != "top_secret",
    )
    rows = unit.session.execute(candidates.order_by(_DOCUMENT.c.created_at).limit(_MOST_MATCHES)).all()
    coded = [(document_code(one.code_number, one.code_notation), one) for one in rows]
    return [(code, one) for code, one in coded if _folded(code) in codes]


def _folded(code: str) -> str:
    return "".join(code.split()).lower()


def _wanted(unit: UnitOfWork, row: Row[Any]) -> str:
    if row.dossier_id is None:
        return ", ".join(row.codes)
    dossier = unit.session.execute(select(_DOSSIER).where(_DOSSIER.c.id == row.dossier_id)).one()
    return f"Hồ sơ {dossier.notation} – {dossier.title}"


def _period(row: Row[Any]) -> str:
    first, last = (at.astimezone(OFFICE_ZONE) for at in (row.from_at, row.until_at - timedelta(seconds=1)))
    return f"{first:%d/%m/%Y} – {last:%d/%m/%Y}"


def _use(*, may_download: bool) -> str:
    return "Xem và tải về" if may_download else "Chỉ xem trên màn hình"


def _end_of(day: Any) -> datetime | None:
    """Return the first instant after a day of the office, or None without a day."""
    on = read_date(day)
    return datetime.combine(on + timedelta(days=1), time(0), OFFICE_ZONE) if on else None


def _head_over(unit: UnitOfWork, account_id: UUID) -> str | None:
    """Return the reference of those who head a unit of the person, going up until somebody else does."""
    today = unit.now.astimezone(OFFICE_ZONE).date()
    held = select(_MEMBERSHIP.c.unit_id).where(
        _MEMBERSHIP.c.account_id == account_id,
        _MEMBERSHIP.c.unit_id.is_not(None),
        or_(_MEMBERSHIP.c.from_on.is_(None), _MEMBERSHIP.c.from_on <= today),
        or_(_MEMBERSHIP.c.to_on.is_(None), _MEMBERSHIP.c.to_on >= today),
    )
    units = {one.id: one for one in unit.session.execute(select(_UNIT))}
    pending, seen = list(unit.session.execute(held.order_by(_MEMBERSHIP.c.id)).scalars()), set()
    while pending:
        place = units[pending.pop(0)]
        if place.id in seen:
            continue
        seen.add(place.id)
        reference = f"role:unit_head@unit:{place.code}"
        if accounts_of(unit, reference).keys() - {account_id}:
            return reference
        if place.parent_id is not None:
            pending.append(place.parent_id)
    return None


def _tell(unit: UnitOfWork, row: Row[Any], kind: str) -> None:
    login = unit.session.execute(select(_ACCOUNT.c.login).where(_ACCOUNT.c.id == row.account_id)).scalar_one()
    payload = {
        "kind": kind,
        "name": _wanted(unit, row),
        "instance_id": row.instance_id and str(row.instance_id),
    }
    unit.send("notice", f"user:{login}", payload, f"access:{row.id}:{kind}")


def _wrong_state(row: Row[Any]) -> Conflict:
    vi, en = "Đề nghị này đã kết thúc.", "This request has ended."
    return Conflict("access_request.ended", vi, en, extra={"state": row.state})
