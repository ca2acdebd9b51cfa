"""Access outside one's duty: two consents, a timed grant, each reading noted, an end by itself (S3-19.4, D13)."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from service.actions import access_requests, documents
from service.actions.access_requests import NewAccessRequest
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from service.queries import access_requests as lists
from service.queries.documents import DocumentFilter, list_documents
from service.storage.models import AccessGrant, table_of
from tests.processes.desk import CLERK, COLLEAGUE, LEADER, OTHER_HEAD, OUTBOX, SPECIALIST, UNIT_HEAD, Desk

GRANT = table_of(AccessGrant)
ASKER, ASKERS_HEAD = "cv.hanhchinh1", OTHER_HEAD
AGREE = {"decision": "agree"}


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """A desk with a registered document and the process of requests deployed."""
    desk.deploy_bundle("access_request")
    desk.enter()
    desk.to_handling()
    return desk


def ask(desk: Desk, login: str = ASKER, **changes: Any) -> Any:
    """Let a person ask for the document of the desk, this week; the desk follows the request's process."""
    wanted = {"reason": "Soạn báo cáo quý", "from_on": date(2026, 3, 2), "until_on": date(2026, 3, 6)}
    new = NewAccessRequest(**wanted | {"codes": ["05-TB/TU"]} | changes)
    request = desk.do(login, lambda unit: access_requests.ask_access(desk.engine, unit, new))
    desk.instance_id = request.instance_id
    return request


def granted(desk: Desk, **changes: Any) -> Any:
    request = ask(desk, **changes)
    desk.finish("consider_in_unit", AGREE, ASKERS_HEAD)
    desk.finish("consider_in_office", AGREE, LEADER)
    return request


def state(desk: Desk, request: Any) -> Any:
    return desk.do(ASKER, lambda unit: lists.read_request(unit, request.id))


def reads(desk: Desk, login: str = ASKER) -> Any:
    return desk.do(login, lambda unit: documents.read_document(unit, desk.document_id))


@pytest.mark.clause("S3-19.4")
def test_two_consents_open_the_document_for_a_time_and_it_closes_by_itself(asked: Desk) -> None:
    with pytest.raises(NotFound):
        reads(asked)
    request = granted(asked)
    assert [(one["step"], one["by"]) for one in state(asked, request).approvals] == [
        ("unit", ASKERS_HEAD),
        ("office", LEADER),
    ]
    assert reads(asked).id == asked.document_id
    assert [one.id for one in asked.do(ASKER, lambda unit: list_documents(unit, DocumentFilter())).items]
    assert "access_granted" in [row.payload["kind"] for row in asked.rows(OUTBOX)]
    with pytest.raises(NotFound):
        reads(asked, COLLEAGUE)
    asked.advance(days=5)
    with pytest.raises(NotFound):  # the clock alone ends it, before the timer has fired
        reads(asked)
    assert asked.fire() >= 1
    assert asked.reached() == ["access_ended"]
    assert state(asked, request).state == "ended"
    assert [one.ended_at is not None for one in asked.rows(GRANT)] == [True]


@pytest.mark.clause("S3-19.4", "S2-3.5b")
def test_each_reading_under_a_grant_names_the_grant_and_those_of_others_do_not(asked: Desk) -> None:
    granted(asked, may_download=True)
    (grant,) = asked.rows(GRANT)
    file = reads(asked).files[0]
    asked.do(ASKER, lambda unit: documents.open_file(unit, asked.document_id, file.id))
    reads(asked, SPECIALIST)
    mine = asked.office.accounts[ASKER]
    for action in ("document.read", "document.read_file"):
        events = asked.audit(action)
        assert {event.details["grant"] for event in events if event.actor_id == mine} == {str(grant.id)}
        assert not any("grant" in (event.details or {}) for event in events if event.actor_id != mine)


@pytest.mark.clause("S2-9.1b")
def test_a_grant_is_for_looking_unless_downloading_was_asked_for_and_allowed(asked: Desk) -> None:
    granted(asked)
    view = reads(asked)
    assert view.rights == ("document.view_pages",)
    opening = lambda unit: documents.open_file(unit, asked.document_id, view.files[0].id)  # noqa: E731
    with pytest.raises(Forbidden) as refused:
        asked.do(ASKER, opening)
    assert refused.value.code == "document.view_only"


def test_the_head_of_office_may_shorten_the_time_and_forbid_downloading(asked: Desk) -> None:
    request = ask(asked, may_download=True)
    asked.finish("consider_in_unit", AGREE, ASKERS_HEAD)
    less = {"decision": "agree", "allows_download": False, "until_on": "2026-03-03"}
    asked.finish("consider_in_office", less, LEADER)
    (grant,) = state(asked, request).grants
    assert (grant.may_download, grant.until_at.isoformat()) == (False, "2026-03-03T17:00:00+00:00")
    asked.advance(days=2)
    asked.fire()
    assert asked.reached() == ["access_ended"]


def test_a_refusal_of_the_unit_head_ends_the_request_with_its_reason(asked: Desk) -> None:
    request = ask(asked)
    asked.finish(
        "consider_in_unit", {"decision": "refuse", "note": "Không thuộc việc được giao"}, ASKERS_HEAD
    )
    assert asked.reached() == ["refused_in_unit"]
    seen = state(asked, request)
    assert (seen.state, seen.end_reason) == ("refused", "Không thuộc việc được giao")
    with pytest.raises(NotFound):
        reads(asked)


def test_a_refusal_of_the_head_of_office_ends_the_request(asked: Desk) -> None:
    request = ask(asked)
    asked.finish("consider_in_unit", AGREE, ASKERS_HEAD)
    asked.finish("consider_in_office", {"decision": "refuse", "note": "Văn bản của đơn vị khác"}, LEADER)
    assert asked.reached() == ["refused_in_office"]
    assert [one["decision"] for one in state(asked, request).approvals] == ["agree", "refuse"]


def test_asking_tells_nobody_but_the_head_of_office_what_there_is(asked: Desk) -> None:
    answers = [ask(asked), ask(asked, codes=["99-TB/TU"])]
    assert {one.state for one in answers} == {"asked"}
    asked.finish("consider_in_unit", AGREE, ASKERS_HEAD)
    match = asked.variables(asked.instance_id)["match"]
    assert match == {"found": None, "missing": "99-TB/TU", "count": 0}
    asked.finish("consider_in_office", AGREE, LEADER)
    assert asked.reached() == ["refused_unmatched"]
    asked.instance_id = answers[0].instance_id
    asked.finish("consider_in_unit", AGREE, ASKERS_HEAD)
    assert "05-TB/TU" in asked.variables(asked.instance_id)["match"]["found"]


@pytest.mark.parametrize("consented", [[], ["consider_in_unit"]])
def test_a_request_that_nobody_decides_lapses_with_its_time(asked: Desk, consented: list[str]) -> None:
    request = ask(asked)
    for element in consented:
        asked.finish(element, AGREE, ASKERS_HEAD)
    asked.advance(days=5)
    asked.fire()
    assert asked.reached() == ["request_lapsed"]
    assert state(asked, request).state == "lapsed"


@pytest.mark.parametrize("who", [ASKER, LEADER])
@pytest.mark.parametrize("is_granted", [False, True])
def test_the_asker_and_the_head_of_office_may_withdraw_at_any_time(
    asked: Desk, who: str, is_granted: bool
) -> None:
    request = granted(asked) if is_granted else ask(asked)
    act = lambda unit: access_requests.withdraw_access(asked.engine, unit, request.id, "Đã xong")  # noqa: E731
    for stranger in (COLLEAGUE, ASKERS_HEAD):
        with pytest.raises(NotFound):
            asked.do(stranger, act)
    assert asked.do(who, act).state == "withdrawn"
    assert asked.reached() == ["access_withdrawn"]
    with pytest.raises(NotFound):
        reads(asked)
    with pytest.raises(Conflict):
        asked.do(who, act)


def test_a_head_of_unit_asks_the_head_of_office_at_once(asked: Desk) -> None:
    request = ask(asked, login="tp.coyeu")
    assert asked.waits_at(request.instance_id) == ["consider_in_office"]


def test_nobody_consents_to_their_own_request(asked: Desk) -> None:
    with pytest.raises(Conflict):
        ask(asked, login=LEADER)
    ask(asked)
    with pytest.raises((NotFound, Forbidden)):
        asked.finish("consider_in_unit", AGREE, ASKER)
    with pytest.raises((NotFound, Forbidden)):
        asked.finish("consider_in_unit", AGREE, UNIT_HEAD)


def test_a_dossier_opens_what_lies_in_it_now_and_later(asked: Desk) -> None:
    first = asked.document_id
    asked.finish("work_on_document", {"outcome": "done", "result": "advised"}, SPECIALIST)
    asked.finish("confirm_result", {"decision": "confirm"}, UNIT_HEAD)
    dossier_id = asked.dossier()
    asked.finish("file_document", {"dossier_id": dossier_id}, SPECIALIST)
    granted(asked, codes=(), dossier_id=UUID(dossier_id))
    assert reads(asked).id == first


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"reason": " "}, "/reason"),
        ({"codes": []}, "/codes"),
        ({"codes": ["05-TB/TU"] * 51}, "/codes"),
        ({"until_on": date(2026, 3, 1)}, "/until_on"),
        ({"until_on": date(2028, 3, 1)}, "/until_on"),
    ],
)
def test_what_is_wrong_with_a_request_is_pointed_at(asked: Desk, changes: dict, pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(asked, **changes)
    assert [one.pointer for one in caught.value.findings] == [pointer]


def test_everyone_sees_their_own_requests_and_the_head_of_office_all(asked: Desk) -> None:
    ask(asked)
    ask(asked, login=COLLEAGUE)
    listed = lambda login: asked.do(login, lambda unit: lists.list_requests(unit).items)  # noqa: E731
    assert [one.login for one in listed(ASKER)] == [ASKER]
    assert {one.login for one in listed(LEADER)} == {ASKER, COLLEAGUE}
    assert listed(CLERK) == listed("quantri") == []
