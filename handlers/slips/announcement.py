"""What a slip announces: the document or the assignment that its agreement leads to (flow D3, step 6).

What that cannot do without is asked for when the slip is submitted, so that nothing is missing on the day the
leaders agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Row, select

from handlers.assignments.given import faults_of, read_given
from handlers.contract import BpmnError, Json
from handlers.resources import sees_as_system
from service.domain.clock import OFFICE_ZONE
from service.domain.document_profiles import DocumentType, profile_on
from service.domain.errors import InvalidInput
from service.domain.slips import follow_up_of
from service.storage.models import IssuingBody, table_of
from service.storage.unit_of_work import UnitOfWork

_BODY = table_of(IssuingBody)

USUAL_TYPE: Final = "CV"
"""The type of a draft whose slip names none: công văn, the commonest of both profiles."""


def check_follow_up(
    unit: UnitOfWork, submission: Mapping[str, Any], submitter: str, *, stands_alone: bool
) -> Json:
    """Return the members of a slip's content that say what its agreement leads to; none = it ends there.

    Args:
        unit: the open unit of work.
        submission: the form's fields.
        submitter: login.
        stands_alone: whether no other process called the slip.

    Raises:
        BpmnError: ``slip_unfit``, names the field that is not right.
    """
    follow_up = follow_up_of(submission)
    if follow_up == "outgoing":
        return _outgoing(unit, submission, stands_alone=stands_alone)
    if follow_up == "task":
        return _task(unit, submission, submitter)
    return {}


def given_by_slip(slip: Mapping[str, Any], task: Mapping[str, Any], assigner: str) -> Json:
    """Return what is given by the message ``assignment_given`` once a slip is agreed to.

    Args:
        slip: ``matter``, ``urgency``, and as far as they are known ``id`` and ``submitter`` (login).
        task: what the slip announced: ``lead``, ``coordinators``, ``due_on``, ``expected_product``,
            ``description``.
        assigner: login of the leader whose word it is.
    """
    known = {
        "content": slip["matter"],
        "urgency": slip["urgency"],
        "assigner": f"user:{assigner}",
        "monitor": slip.get("submitter"),
        "slip_id": slip.get("id"),
        **task,
    }
    return {name: value for name, value in known.items() if value not in (None, "", [])}


def _outgoing(unit: UnitOfWork, submission: Mapping[str, Any], *, stands_alone: bool) -> Json:
    if not stands_alone:
        message = "Sau khi được đồng ý: phiếu thuộc một hồ sơ đang xử lý, không chọn được “Soạn văn bản đi”."
        raise BpmnError("slip_unfit", message)
    if submission.get("is_attested") is not True:
        message = "Xác nhận nội dung không chứa bí mật nhà nước: cần có để soạn văn bản đi từ phiếu trình."
        raise BpmnError("slip_unfit", message)
    body = _body_named(unit, submission.get("issuing_body") or "")
    kind = _type_named(unit, body, submission.get("document_type") or USUAL_TYPE)
    return {
        "follow_up": "outgoing",
        "issuing_body": body.code,
        "document_type": kind.key,
        "is_attested": True,
        "follow_up_name": f"Soạn văn bản đi: {kind.name}, {body.name}",
    }


def _task(unit: UnitOfWork, submission: Mapping[str, Any], submitter: str) -> Json:
    """Return the assignment that is announced, checked as if the first leader gave it today."""
    task = {
        "lead": _lead_of(submission),
        "coordinators": [f"unit:{code}" for code in submission.get("coordinating_units") or []],
        "due_on": submission.get("task_due_on"),
        "expected_product": submission.get("expected_product"),
    }
    slip = {"matter": submission["matter"], "urgency": submission["urgency"], "submitter": submitter}
    try:
        given = read_given(
            unit, given_by_slip(slip, task, submission["leaders"][0]), sees_as_system, is_from_task=True
        )
    except InvalidInput as error:
        raise BpmnError("slip_unfit", f"Giao nhiệm vụ: {faults_of(error)}") from error
    until = "" if given.due_at is None else f", hạn {given.due_at.astimezone(OFFICE_ZONE):%d/%m/%Y}"
    return {
        "follow_up": "task",
        "task": {name: value for name, value in task.items() if value},
        "follow_up_name": f"Giao nhiệm vụ: {given.lead.name}{until}",
    }


def _lead_of(submission: Mapping[str, Any]) -> str:
    unit_code, login = submission.get("lead_unit"), submission.get("lead_person")
    if bool(unit_code) == bool(login):
        fault = "Giao nhiệm vụ: ghi một đơn vị hoặc một người chủ trì thực hiện."
        raise BpmnError("slip_unfit", fault)
    return f"unit:{unit_code}" if unit_code else f"user:{login}"


def _body_named(unit: UnitOfWork, text: str) -> Row[Any]:
    """Return the open issuing body of a code or a name; where there is only one, it need not be named."""
    statement = select(_BODY).where(_BODY.c.closed_at.is_(None)).order_by(_BODY.c.code)
    bodies = unit.session.execute(statement).all()
    wanted = text.casefold()
    found = [one for one in bodies if not wanted or wanted in {one.code.casefold(), one.name.casefold()}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{one.code} ({one.name})" for one in bodies)
    fault = f"không có “{text}”" if wanted else "chưa ghi"
    raise BpmnError("slip_unfit", f"Cơ quan ban hành: {fault}; ghi một trong: {known}.")


def _type_named(unit: UnitOfWork, body: Row[Any], text: str) -> DocumentType:
    form = profile_on(body.side, unit.now.astimezone(OFFICE_ZONE).date())
    wanted = text.casefold()
    for kind in form.types.values():
        if wanted in {kind.key.casefold(), kind.name.casefold()}:
            return kind
    raise BpmnError("slip_unfit", f"Loại văn bản: {body.name} không ban hành loại “{text}”.")


__all__ = ["USUAL_TYPE", "check_follow_up", "given_by_slip"]
