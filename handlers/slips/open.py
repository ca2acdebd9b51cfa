"""``slip.open``: a matter is put to leaders, for the first time or once more (S0-7.1; flow D3, step 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Row, insert, select, update

from handlers.contract import BpmnError, HandlerContext, Json, Parameter, Runs
from handlers.outgoing.facts import in_force
from handlers.records.document_row import lock_document
from handlers.slips.announcement import check_follow_up
from handlers.slips.slip_row import SLIP, lock_slip
from service.domain.clock import OFFICE_ZONE
from service.domain.ids import new_id
from service.domain.slips import FOLLOW_UP_NAMES, chains_of, content_of, follow_up_of
from service.storage.models import Account, Assistance, Membership, Unit, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

_ACCOUNT = table_of(Account)
_ASSISTANCE = table_of(Assistance)
_MEMBERSHIP = table_of(Membership)
_UNIT = table_of(Unit)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the submitter works: the unit, and its heads' logins today."""

    unit_id: UUID | None
    unit_code: str | None
    heads: frozenset[str]


class OpenSlip:
    """Makes the slip's row, or counts its submission up; nothing of an earlier submission is lost."""

    operation: ClassVar[str] = "slip.open"
    runs: ClassVar[Runs] = "inline"
    errors: ClassVar[frozenset[str]] = frozenset({"slip_unfit"})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("slip_id", False, "Mã phiếu trình; trống = trình lần đầu.", "The slip; null = a new one."),
        Parameter("submission", True, "Nội dung phiếu trình.", "What is submitted: the form's fields."),
        Parameter("submitter", True, "Người trình (user:).", "Reference of the submitter."),
        Parameter("document_id", False, "Dự thảo kèm theo.", "The draft that it is about."),
        Parameter(
            "stands_alone", False, "Không do quy trình khác gọi.", "Whether no other process calls it."
        ),
    )

    def __call__(self, params: Json, context: HandlerContext) -> Json:
        """Return what the flow needs to know of the slip.

        ``{id, submission_number, title, urgency, is_for_signature, mode, chains, consulted, unit, needs_head,
        aides, submitter, follow_up, follow_up_name}``.

        Raises:
            BpmnError: ``slip_unfit``, a leader or a unit is not there, the submitter is among the leaders, or
                what is to follow cannot.
            NotFound: no such slip, no such document.
        """
        unit, submission = context.unit, params["submission"]
        login = str(params["submitter"]).removeprefix("user:")
        submitter = account_of(unit, login)
        place = _place_of(unit, submitter)
        leaders = list(submission["leaders"])
        for one in leaders:
            account_of(unit, one)
        if login in leaders:
            raise BpmnError("slip_unfit", "Không tự trình cho chính mình.")
        consulted = [_unit_reference(unit, code) for code in submission.get("consulted_units") or []]
        stands_alone = bool(params.get("stands_alone"))
        following = check_follow_up(unit, submission, login, stands_alone=stands_alone)
        facts = {
            "matter": submission["matter"],
            "urgency": submission["urgency"],
            "is_for_signature": bool(submission.get("is_for_signature")),
            "mode": submission["mode"],
            "content": content_of(submission) | following,
            "leaders": leaders,
            "consulted": consulted,
        }
        if params.get("slip_id") is None:
            slip = _insert(context, facts, params.get("document_id"), submitter, place)
        else:
            slip = _resubmit(context, facts, lock_slip(unit, params["slip_id"]))
        return _answer(unit, slip, place, login)


def _insert(
    context: HandlerContext, facts: Json, document_id: Any, submitter: UUID, place: Place
) -> Row[Any]:
    unit = context.unit
    known = unit.session.execute(select(SLIP).where(SLIP.c.call_key == context.idempotency_key)).one_or_none()
    if known is not None:
        return known
    slip_id = new_id(unit.now)
    row: Json = {
        "id": slip_id,
        "agency_id": unit.actor.agency_id,
        "instance_id": context.instance_id,
        "document_id": None if document_id is None else _document_for(context, document_id, submitter),
        "state": "submitted",
        "submission_number": 1,
        "earlier": [],
        "submitter_id": submitter,
        "unit_id": place.unit_id,
        "created_at": unit.now,
        "submitted_at": unit.now,
        "call_key": context.idempotency_key,
        "version": 1,
    }
    unit.session.execute(insert(SLIP).values(row | facts))
    unit.audit(AuditRecord("slip.submit", "submission_slip", slip_id, {"submission_number": 1}))
    return lock_slip(unit, slip_id)


def _document_for(context: HandlerContext, document_id: Any, submitter: UUID) -> UUID:
    """Return the id of a document that may go up with the slip: of this process, or the submitter's own.

    Raises:
        BpmnError: ``slip_unfit``; whether it exists is not told.
        NotFound: there is no such document.
    """
    document = lock_document(context.unit, document_id)
    if document.instance_id != context.instance_id and document.created_by_id != submitter:
        raise BpmnError("slip_unfit", "Không trình kèm được văn bản này.")
    found: UUID = document.id
    return found


def _resubmit(context: HandlerContext, facts: Json, slip: Row[Any]) -> Row[Any]:
    unit = context.unit
    if slip.call_key == context.idempotency_key:
        return slip
    number = slip.submission_number + 1
    before = {
        "submission_number": slip.submission_number,
        "submitted_at": slip.submitted_at.isoformat(),
        "matter": slip.matter,
        "leaders": slip.leaders,
        "consulted": slip.consulted,
        "content": slip.content,
    }
    changes = {
        "state": "submitted",
        "submission_number": number,
        "earlier": [*slip.earlier, before],
        "submitted_at": unit.now,
        "opened_at": None,
        "opened_by_id": None,
        "call_key": context.idempotency_key,
        "version": slip.version + 1,
    }
    unit.session.execute(update(SLIP).where(SLIP.c.id == slip.id).values(facts | changes))
    unit.audit(AuditRecord("slip.submit", "submission_slip", slip.id, {"submission_number": number}))
    return lock_slip(unit, slip.id)


def _answer(unit: UnitOfWork, slip: Row[Any], place: Place, login: str) -> Json:
    return {
        "id": str(slip.id),
        "submission_number": slip.submission_number,
        "title": f"{slip.matter} (trình lần {slip.submission_number})",
        "urgency": slip.urgency,
        "is_for_signature": slip.is_for_signature,
        "mode": slip.mode,
        "chains": chains_of(slip.mode, slip.leaders),
        "consulted": slip.consulted,
        "unit": place.unit_code,
        "needs_head": bool(place.heads) and login not in place.heads,
        "aides": _aides_of(unit, slip.leaders),
        "submitter": f"user:{login}",
        "follow_up": follow_up_of(slip.content),
        "follow_up_name": slip.content.get("follow_up_name") or FOLLOW_UP_NAMES["end"][0],
    }


def account_of(unit: UnitOfWork, login: str) -> UUID:
    """Return the id of an enabled account.

    Raises:
        BpmnError: ``slip_unfit``, there is none.
    """
    statement = select(_ACCOUNT.c.id).where(_ACCOUNT.c.login == login, _ACCOUNT.c.disabled_at.is_(None))
    found: UUID | None = unit.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise BpmnError("slip_unfit", f"Không có người dùng “{login}”.")
    return found


def _unit_reference(unit: UnitOfWork, code: str) -> str:
    known = unit.session.execute(select(_UNIT.c.id).where(_UNIT.c.code == code)).one_or_none()
    if known is None:
        raise BpmnError("slip_unfit", f"Không có đơn vị “{code}”.")
    return f"role:unit_head@unit:{code}"


def _place_of(unit: UnitOfWork, account_id: UUID) -> Place:
    today = unit.now.astimezone(OFFICE_ZONE).date()
    held = (
        select(_UNIT.c.id, _UNIT.c.code)
        .join(_MEMBERSHIP, _MEMBERSHIP.c.unit_id == _UNIT.c.id)
        .where(_MEMBERSHIP.c.account_id == account_id, *in_force(_MEMBERSHIP, today))
        .order_by(_UNIT.c.code)
        .limit(1)
    )
    row = unit.session.execute(held).one_or_none()
    if row is None:
        return Place(None, None, frozenset())
    heads = (
        select(_ACCOUNT.c.login)
        .join(_MEMBERSHIP, _MEMBERSHIP.c.account_id == _ACCOUNT.c.id)
        .where(
            _MEMBERSHIP.c.unit_id == row.id,
            _MEMBERSHIP.c.role == "unit_head",
            _ACCOUNT.c.disabled_at.is_(None),
            *in_force(_MEMBERSHIP, today),
        )
    )
    return Place(row.id, row.code, frozenset(unit.session.execute(heads).scalars()))


def _aides_of(unit: UnitOfWork, leaders: list[str]) -> list[str]:
    """Return references of those who assist one of the leaders today."""
    today = unit.now.astimezone(OFFICE_ZONE).date()
    leader, aide = _ACCOUNT.alias("leader"), _ACCOUNT.alias("aide")
    statement = (
        select(aide.c.login)
        .select_from(
            _ASSISTANCE.join(leader, leader.c.id == _ASSISTANCE.c.leader_id).join(
                aide, aide.c.id == _ASSISTANCE.c.aide_id
            )
        )
        .where(leader.c.login.in_(leaders), aide.c.disabled_at.is_(None), *in_force(_ASSISTANCE, today))
        .distinct()
        .order_by(aide.c.login)
    )
    return [f"user:{login}" for login in unit.session.execute(statement).scalars()]
