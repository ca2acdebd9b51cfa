"""What every handler must keep of the contract, asked of all of them on the real database."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from handlers.catalogue import CATALOGUE
from handlers.contract import Handler, HandlerContext
from handlers.registry import by_operation
from service.actions import user_tasks
from service.actions.access_requests import NewAccessRequest, ask_access
from service.actions.posts import create_post
from service.domain.errors import NotFound
from service.domain.numbering import SeriesKey
from service.storage import register
from service.storage.models import RegistryEntry, table_of
from tests.factories import Office
from tests.handlers.drafts import drafting
from tests.handlers.signing.office import SigningOffice
from tests.pdf_files import plain_pdf
from tests.processes.assignment_desk import GIVEN
from tests.processes.desk import OUTBOX, Desk
from tests.processes.joint_desk import JointDesk
from tests.processes.outbound import Outbound
from tests.processes.slip_desk import SUBMISSION

ENTRY = table_of(RegistryEntry)
Params = Callable[[Desk], dict[str, Any]]


def _book_of_march(desk: Desk) -> dict[str, Any]:
    """Register the document in March, let April come, and say what to print."""
    key = SeriesKey("vptu", "incoming", "2026")
    with desk.unit() as unit:
        series_id = register.enter(unit, key, desk.document_id, {"arrival_on": "2026-03-02"}).series_id
    desk.clock.set(datetime(2026, 4, 1, 2, 0, tzinfo=UTC))
    days = {"from": "2026-03-01", "to": "2026-03-31", "at": "2026-04-01T02:00:00+00:00"}
    return {"register_id": str(series_id), "form": "incoming", **days}


def _printed(desk: Desk) -> str:
    """Print the book of March and return the print's id."""
    return str(_ran(desk, "register.print", _book_of_march(desk), uuid4())["print_id"])


def _access_asked(desk: Desk) -> dict[str, Any]:
    """Let a person ask for access to the document and say which request it is."""
    desk.deploy_bundle("access_request")
    new = NewAccessRequest("Soạn báo cáo", date(2026, 3, 2), date(2026, 3, 6), ["05-TB/TU"])
    request = desk.do("cv.hanhchinh1", lambda unit: ask_access(desk.engine, unit, new))
    return {"request_id": str(request.id), "decision": {"decision": "agree"}}


def _signing(desk: Desk, reach: str, login: str, act: str, **changes: Any) -> dict[str, Any]:
    """Bring an outgoing document as far as ``reach`` and consent to the next act on it."""
    house = SigningOffice(desk.runtime, desk.office, desk.clock)
    house.set_up()
    getattr(house, reach)()
    if act == "leader":
        task = house.task("approve", house.instance_id)
        house.do(login, lambda unit: user_tasks.claim(unit, task.id, None))
    if act == "annex":
        house.add_file(plain_pdf(), 1, "attachment", "annex")
        changes["file_sha256"] = sha256(plain_pdf()).digest()
    consent = house.consent(login, act, **changes)
    return {"document_id": str(house.document_id), "consent_id": str(consent.id)}


def _sealed(desk: Desk) -> dict[str, Any]:
    house = SigningOffice(desk.runtime, desk.office, desk.clock)
    house.set_up()
    house.approved()
    return {"document_id": str(house.document_id)}


def _to_join(desk: Desk) -> dict[str, Any]:
    """Bring a joint document up to its second seal and consent to that."""
    house = JointDesk(desk.runtime, desk.office, desk.clock)
    house.set_up()
    house.to_joint_seal()
    return {"document_id": str(house.document_id), "consent_id": house.consent("vanthu", "joint_seal")}


def _issued(desk: Desk) -> dict[str, Any]:
    """Write an issued document and say which it is."""
    return {"document_id": str(Outbound(desk).issue())}


def _drafted(desk: Desk) -> dict[str, Any]:
    """Begin a draft and say which document it is."""
    return {"document_id": str(drafting.begin(desk))}


def _slip(desk: Desk, **more: Any) -> dict[str, Any]:
    """Submit a slip and say which it is."""
    return {"slip_id": _ran(desk, "slip.open", _SLIP, uuid4())["id"], **more}


def _decided_slip(desk: Desk) -> dict[str, Any]:
    """Submit and decide a slip, and say which it is."""
    given = _slip(desk, result="agree")
    _ran(desk, "slip.conclude", given, uuid4())
    return given


_SLIP = {"submission": SUBMISSION, "submitter": "user:cv.tonghop1"}
_OPINION = {"step": "head", "asked": "role:unit_head@unit:tong_hop", "task": "agree_as_head"}
_GUEST = {"request": {"full_name": "Khách", "meeting": "Họp", "until": "2026-03-02T11:30:00+07:00"}}


def _post_made(desk: Desk) -> dict[str, Any]:
    """Make a post and say who takes it."""
    with desk.unit("quantri") as unit:
        create_post(unit, "thu_ky", "Thư ký", ["aide"])
    return {"login": "cv.tonghop2", "request": {"post": "thu_ky", "effective_on": "2026-03-02"}}


def _guest_admitted(desk: Desk) -> dict[str, Any]:
    """Admit a guest and say who it is."""
    return {"login": _ran(desk, "guest.admit", _GUEST, uuid4())["login"]}


def _assignment(desk: Desk, **more: Any) -> dict[str, Any]:
    """Give an assignment in the process at hand and say which it is."""
    return {"assignment_id": _ran(desk, "assignment.open", {"given": GIVEN}, uuid4())["id"], **more}


def _at_work(desk: Desk, **more: Any) -> dict[str, Any]:
    """Give an assignment, let it be taken up, and say which it is."""
    given = _assignment(desk)
    _ran(desk, "assignment.record", given | {"verb": "accept", "task": "receive_assignment"}, uuid4())
    return given | more


def _reported(desk: Desk) -> dict[str, Any]:
    """Report an assignment and say which it is."""
    given = _at_work(desk)
    _ran(desk, "assignment.compile", given, uuid4())
    return given


_PART = {"content": "Lập danh mục", "people": ["cv.tonghop1", "cv.tonghop2"]}

PARAMS: dict[str, Params] = {
    "access.close": lambda desk: _access_asked(desk) | {"outcome": "refused", "step": "unit"},
    "access.describe": _access_asked,
    "access.grant": _access_asked,
    "access.match": _access_asked,
    "account.create": lambda _: {"request": {"full_name": "Người Mới"}, "details": {"login": "nguoi.moi"}},
    "account.disable": lambda _: {"login": "cv.tonghop2"},
    "account.examine": lambda _: {
        "request": {"kind": "leave", "person": "cv.tonghop2", "effective_on": "2026-03-09"},
        "initiator": "user:tp.tonghop",
    },
    "account.hand_over": lambda _: {"login": "cv.tonghop2", "heir": "cv.tonghop1"},
    "account.list_rights": lambda _: {},
    "account.list_work": lambda _: {"login": "vanthu"},
    "account.lock": lambda _: {"login": "cv.tonghop2"},
    "account.take_post": _post_made,
    "account.tell": lambda _: {"kind": "post_changed", "recipients": ["unit:tong_hop"], "name": "Huy"},
    "assignment.amend": lambda desk: _assignment(desk, verb="answer", words="Theo quý", task="clarify"),
    "assignment.cancel": _assignment,
    "assignment.close": _reported,
    "assignment.compile": _at_work,
    "assignment.drop": lambda _: {"given": GIVEN},
    "assignment.escalate": _assignment,
    "assignment.open": lambda _: {"given": GIVEN},
    "assignment.record": lambda desk: _at_work(
        desk, verb="progress", percent=40, words="Đang làm", task="work"
    ),
    "assignment.split": lambda desk: _at_work(desk, part=_PART, task="work"),
    "assignment.stop": lambda _: {"reason": "Thu hồi"},
    "deadline.carry": lambda _: {"deadline": {"due_at": "2026-03-09T10:00:00+00:00"}, "steps": ["study"]},
    "deadline.escalate": lambda _: {
        "step": "transfer",
        "deadline": {"clause": "S0-6.4"},
        "recipients": ["role:leader"],
    },
    "delivery.dispatch": lambda desk: _issued(desk) | {"mode": "electronic"},
    "delivery.recall": lambda desk: _issued(desk) | {"reason": "Ban hành nhầm"},
    "delivery.send_status": lambda _: {"code": "03"},
    "delivery.summary": lambda _: {},
    "draft.check": _drafted,
    "draft.finalise": _drafted,
    "draft.freeze": lambda desk: _drafted(desk) | {"reason": "Đã phát hành"},
    "draft.status": lambda desk: _drafted(desk) | {"status": "unit_review"},
    "guest.admit": lambda _: _GUEST,
    "guest.end": _guest_admitted,
    "notice.send": lambda _: {"kind": "for_information", "recipients": ["unit:tong_hop", "unit:tong_hop"]},
    "outgoing.describe": _drafted,
    "outgoing.take_up": _drafted,
    "policy.apply": lambda _: {"decision": "allowed", "clause": "S0-4.4"},
    "record.add_opinion": lambda _: {"coordinator": "user:cv.tonghop1", "opinion": {"view": "agree"}},
    "record.apply_direction": lambda _: {"direction": {"decision": "keep", "urgency": "flash"}},
    "record.cancel": lambda _: {"reason": "Ban hành nhầm"},
    "record.capture": lambda _: {},
    "record.check_duplicate": lambda _: {},
    "record.close_opinions": lambda _: {"expected": ["user:cv.tonghop1"]},
    "record.describe": lambda _: {},
    "record.file": lambda desk: {"dossier_id": desk.dossier()},
    "record.freeze": lambda _: {"reason": "Ban hành nhầm"},
    "record.publish": lambda _: {},
    "record.register": lambda _: {"metadata": {"subject": "Đã sửa"}, "legal_value": "original"},
    "record.update_status": lambda _: {"status": "arrived", "note": "ghi"},
    "register.bind": lambda desk: {
        "print_id": _printed(desk),
        "printed_on": "2026-04-01",
        "signed_by": "Lan",
    },
    "register.list_due": lambda desk: {"periods": ["month"], "at": _book_of_march(desk)["at"]},
    "register.print": _book_of_march,
    "seal.issue": lambda desk: _signing(desk, "approved", "vanthu", "seal"),
    "seal.join": _to_join,
    "sign.annex": lambda desk: _signing(desk, "sealed", "vanthu", "annex"),
    "sign.approve": lambda desk: _signing(desk, "initialled", "chanhvp", "leader"),
    "sign.copy": lambda desk: _signing(desk, "sealed", "vanthu", "copy", copy_form="SY"),
    "signature.raise": _sealed,
    "signature.verify": lambda _: {},
    "slip.conclude": lambda desk: _slip(desk, result="agree"),
    "slip.escalate": lambda desk: _slip(desk, recipients=["role:head_of_office"], **_OPINION),
    "slip.follow_up": _decided_slip,
    "slip.freeze": _decided_slip,
    "slip.gather": _slip,
    "slip.open": lambda _: _SLIP,
    "slip.record": lambda desk: _slip(desk, view="return", words="Thiếu căn cứ", **_OPINION),
}
ABOUT_DOCUMENTS = sorted(
    handler.operation
    for handler in CATALOGUE
    if any(one.name == "document_id" and one.is_required for one in handler.parameters)
)
"""The operations that name a document; the others name what their own tests show."""

BEFORE: dict[str, tuple[str, dict[str, Any]]] = {"record.cancel": ("record.freeze", {"reason": "nhầm"})}


def _call(desk: Desk, operation: str, params: dict[str, Any], unit: Any, key: UUID | None = None) -> Any:
    context = HandlerContext(
        unit=unit,
        instance_id=desk.instance_id,
        element_id="step",
        business_key=None,
        idempotency_key=key or uuid4(),
        resources=desk.engine.resources.handler_resources,
    )
    return by_operation()[operation]({"document_id": str(desk.document_id)} | params, context)


def _ran(desk: Desk, operation: str, params: dict[str, Any], key: UUID) -> Any:
    return desk.do(None, lambda unit: _call(desk, operation, params, unit, key))


@pytest.fixture
def arrived(desk: Desk) -> Desk:
    """A desk with a packet that has arrived and waits for the clerk."""
    desk.receive()
    return desk


def test_the_suite_knows_every_handler() -> None:
    assert set(PARAMS) == {handler.operation for handler in CATALOGUE}


@pytest.mark.parametrize("handler", CATALOGUE, ids=lambda one: one.operation)
def test_a_handler_declares_itself_whole(handler: Handler) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", handler.operation)
    assert handler.runs in {"inline", "job"}
    names = [parameter.name for parameter in handler.parameters]
    assert len(names) == len(set(names))
    assert all(parameter.vi and parameter.en for parameter in handler.parameters)
    assert all(re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", code) for code in handler.errors)


@pytest.mark.parametrize("operation", sorted(PARAMS))
def test_a_call_repeated_with_its_key_has_one_effect_and_one_small_json_answer(
    arrived: Desk, operation: str
) -> None:
    if operation in BEFORE:
        _ran(arrived, *BEFORE[operation], uuid4())
    params, key = PARAMS[operation](arrived), uuid4()
    first = _ran(arrived, operation, params, key)
    after = (arrived.document(), arrived.rows(OUTBOX), arrived.rows(ENTRY))
    again = _ran(arrived, operation, params, key)
    assert (arrived.document(), arrived.rows(OUTBOX), arrived.rows(ENTRY)) == after
    assert again == first
    assert isinstance(first, dict)
    assert orjson.loads(orjson.dumps(first)) == first
    assert len(orjson.dumps(first)) < 8192


UNKNOWN = ("01890a5d-ac96-774b-bcce-b302099a8057", "khong-phai-ma", None)


@pytest.mark.parametrize("operation", ABOUT_DOCUMENTS)
def test_an_unknown_document_is_not_found_and_another_agencys_is_as_unknown(
    arrived: Desk, other_office: Office, operation: str
) -> None:
    params = PARAMS[operation](arrived)
    for document_id in UNKNOWN:
        with pytest.raises(NotFound):
            _ran(arrived, operation, params | {"document_id": document_id}, uuid4())
    stranger = arrived.runtime.database.unit_of_work(other_office.system)
    with pytest.raises(NotFound) as caught, stranger as unit:
        _call(arrived, operation, params, unit)
    assert caught.value.code in {"document.not_found", "dossier.not_found"}
