"""Deadlines and channels of the outgoing document, as the clauses say them (S0-7, S1-6, S3-10, S3-15)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert

from handlers.contract import BpmnError
from service.actions import deadlines
from service.actions.documents import read_document
from service.domain.errors import NotFound
from service.storage.models import DocumentRecipient, table_of
from tests.handlers.drafts.drafting import run
from tests.processes.outgoing_desk import (
    AIDE,
    LEADER,
    OTHER_HEAD,
    PARTNER_NAME,
    SPECIALIST,
    UNIT_HEAD,
    OutgoingDesk,
    at,
)

RECIPIENT = table_of(DocumentRecipient)


@pytest.fixture
def desk(runtime, office, clock) -> OutgoingDesk:
    """A desk that issues documents."""
    made = OutgoingDesk(runtime, office, clock)
    made.set_up()
    return made


@pytest.mark.parametrize(
    ("urgency", "begun", "due"),
    [
        ("urgent", at(6, 16), at(6, 20)),
        ("very_urgent", at(6, 16), at(6, 20)),
        ("flash", at(6, 22), at(7, 2)),
        ("normal", at(6, 16), at(7, 0)),
    ],
)
@pytest.mark.clause("S0-7.3")
def test_an_urgent_document_is_signed_within_4_hours_a_normal_one_the_same_day(
    desk: OutgoingDesk, urgency: str, begun: datetime, due: datetime
) -> None:
    desk.clock.set(begun)
    desk.to_signer(urgency=urgency)
    task = desk.task("sign_draft", desk.instance_id)
    assert (task.due_at, task.deadline["clause"], task.urgency) == (due, "S0-7.3", urgency)


@pytest.mark.clause("S0-7.3", "S4-7b")
def test_a_late_signature_is_recorded_reported_and_may_still_be_given(desk: OutgoingDesk) -> None:
    desk.to_signer(urgency="urgent")
    desk.advance(hours=3, minutes=59)
    desk.fire()
    assert desk.trace("deadline_passed") == []
    desk.advance(minutes=1)
    desk.fire()
    (line,) = desk.trace("deadline_passed")
    assert (line["step"], line["clause"]) == ("signing", "S0-7.3")
    assert desk.notices("deadline_passed") == ["role:head_of_office", f"user:{LEADER}", f"user:{AIDE}"]
    assert desk.reached() == ["late_signing_reported"]
    desk.sign()
    assert desk.waits_at(desk.instance_id) == ["check_format"]


@pytest.mark.clause("S0-7.3", "S0-10.2")
def test_the_aide_records_that_the_leader_cannot_work_online_and_the_clock_stands(desk: OutgoingDesk) -> None:
    desk.to_signer(urgency="urgent")
    task = desk.task("sign_draft", desk.instance_id)
    with pytest.raises(NotFound):
        desk.do(SPECIALIST, lambda unit: deadlines.pause(unit, task.id, "Đi công tác"))
    desk.do(
        AIDE, lambda unit: deadlines.pause(unit, task.id, "Đồng chí đi công tác, không xử lý trực tuyến được")
    )
    desk.advance(hours=10)
    desk.fire()
    assert desk.trace("deadline_passed") == []
    desk.do(AIDE, lambda unit: deadlines.resume(desk.engine, unit, task.id, "Đồng chí đã về"))
    assert desk.task("sign_draft", desk.instance_id).due_at > desk.clock.now()


@pytest.mark.parametrize(
    ("urgency", "signed", "due"),
    [
        ("urgent", at(6, 16), at(6, 18)),
        ("normal", at(6, 16), at(6, 17)),
        ("normal", at(6, 18), at(9, 11, 30)),
    ],
)
@pytest.mark.clause("S0-7.4")
def test_the_clerk_checks_within_2_hours_the_working_day_or_the_next_working_morning(
    desk: OutgoingDesk, urgency: str, signed: datetime, due: datetime
) -> None:
    desk.clock.set(at(6, 15))
    desk.to_signer(urgency=urgency)
    desk.clock.set(signed)
    desk.sign()
    task = desk.task("check_format", desk.instance_id)
    assert (task.due_at, task.deadline["clause"]) == (due, "S0-7.4")


@pytest.mark.clause("S0-7.4", "S4-7b")
def test_a_late_check_of_the_form_is_reported(desk: OutgoingDesk) -> None:
    desk.to_format_check(urgency="flash")
    desk.advance(hours=2)
    desk.fire()
    assert [line["step"] for line in desk.trace("deadline_passed")] == ["format"]
    assert desk.reached() == ["late_format_reported"]


@pytest.mark.parametrize(
    ("urgency", "signed", "due", "clause"),
    [
        ("normal", at(13, 10), at(16, 11, 30), "S1-6.4 S3-10.4a"),
        ("normal", at(13, 17, 30), at(16, 11, 30), "S1-6.4 S3-10.4a"),
        ("flash", at(13, 20), at(13, 20, 30), "S1-6.5 S3-10.4b"),
    ],
)
@pytest.mark.clause("S1-6.4", "S1-6.5", "S3-10.4a", "S3-10.4b")
def test_a_document_is_issued_on_the_day_of_signing_or_the_next_working_morning_the_urgent_at_once(
    desk: OutgoingDesk, urgency: str, signed: datetime, due: datetime, clause: str
) -> None:
    desk.clock.set(signed)
    desk.to_seal(urgency=urgency)
    task = desk.task("seal_document", desk.instance_id)
    assert (task.due_at, task.deadline["clause"]) == (due, clause)
    desk.clock.set(due)
    desk.fire()
    assert [line["step"] for line in desk.trace("deadline_passed")] == ["issue"]
    assert desk.reached() == ["late_issue_reported"]


@pytest.mark.clause("S0-7.2", "S4-7b")
def test_a_head_of_unit_who_lets_24_hours_pass_is_reported(desk: OutgoingDesk) -> None:
    desk.to_review()
    desk.advance(hours=24)
    desk.fire()
    (line,) = desk.trace("deadline_passed")
    assert (line["step"], line["clause"]) == ("review", "S0-7.2")
    assert desk.reached() == ["late_review_reported"]
    desk.finish("review_draft", {"decision": "up"}, UNIT_HEAD)
    assert desk.waits_at(desk.instance_id) == ["check_dossier"]


@pytest.mark.clause("S0-10.2")
def test_an_aide_who_does_not_forward_at_once_is_reported(desk: OutgoingDesk) -> None:
    desk.to_aide(urgency="urgent")
    desk.advance(minutes=15)
    desk.fire()
    (line,) = desk.trace("deadline_passed")
    assert (line["step"], line["clause"]) == ("aide", "S0-10.2")
    assert desk.reached() == ["late_dossier_reported"]


def _channel(desk: OutgoingDesk) -> dict[str, Any]:
    return dict(desk.variables(desk.instance_id)["channel"])


@pytest.mark.clause("S1-6.2a", "S3-9.4")
def test_what_goes_out_signed_is_not_sent_on_paper_too(desk: OutgoingDesk) -> None:
    desk.to_issue()
    assert _channel(desk)["mode"] == "electronic"
    assert (PARTNER_NAME, "paper") not in desk.ways()


@pytest.mark.clause("S1-6.2a")
def test_the_head_decides_that_a_document_goes_on_paper_too(desk: OutgoingDesk) -> None:
    desk.to_signer()
    desk.sign(also_on_paper=True)
    desk.finish("check_format", {"decision": "pass"})
    desk.seal()
    assert (_channel(desk)["mode"], _channel(desk)["clause"]) == ("electronic_and_paper", "S1-6.2a")
    assert {(PARTNER_NAME, "http"), (PARTNER_NAME, "paper")} <= set(desk.ways())


@pytest.mark.parametrize(
    ("grounds", "clause"), [("matter", "S3-15.1"), ("to_superior", "S3-15.2"), ("head_list", "S3-15.3")]
)
@pytest.mark.clause("S3-15.1", "S3-15.2", "S3-15.3")
def test_documents_of_the_list_go_on_paper_too(desk: OutgoingDesk, grounds: str, clause: str) -> None:
    desk.to_review(edit={"paper_grounds": grounds})
    desk.finish("review_draft", {"decision": "sign_own"}, UNIT_HEAD)
    desk.sign()
    desk.finish("check_format", {"decision": "pass"})
    desk.seal()
    assert (_channel(desk)["mode"], _channel(desk)["clause"]) == ("electronic_and_paper", clause)


@pytest.mark.parametrize(
    ("category", "clause"),
    [
        ("petition", "S3-11.1a"),
        ("internal_politics", "S3-11.1b"),
        ("personnel", "S3-11.1b"),
        ("sensitive", "S1-6.1"),
    ],
)
@pytest.mark.clause("S3-11.1a", "S3-11.1b", "S1-6.1")
def test_what_may_not_go_over_the_network_goes_on_paper_only(
    desk: OutgoingDesk, category: str, clause: str
) -> None:
    desk.to_issue(category=category)
    assert (_channel(desk)["mode"], _channel(desk)["clause"]) == ("paper_only", clause)
    assert {channel for _name, channel in desk.ways()} == {"paper"}


@pytest.mark.clause("S1-6.6", "S3-11.1d", "S3-11.3")
def test_an_outage_sends_the_document_on_paper(desk: OutgoingDesk) -> None:
    desk.to_seal()
    desk.seal(exception="outage", note="Mất kết nối Trục")
    assert _channel(desk)["clause"] == "S1-6.6 S3-11.1d S3-11.3"
    assert {channel for _name, channel in desk.ways()} == {"paper"}


@pytest.mark.clause("S0-9.1g3")
def test_a_dispatch_that_is_refused_waits_for_the_clerk_who_mends_it(desk: OutgoingDesk) -> None:
    desk.to_seal()
    rows = desk.rows(RECIPIENT)
    desk.do(None, lambda unit: unit.session.execute(delete(RECIPIENT)))
    desk.seal()
    assert desk.waits_at(desk.instance_id) == ["mend_dispatch"]
    assert desk.document().status == "numbered"
    assert desk.variables(desk.instance_id)["dispatch_fault"] == "Văn bản chưa có nơi nhận để gửi."
    restored = [dict(row._mapping) for row in rows]
    desk.do(None, lambda unit: unit.session.execute(insert(RECIPIENT), restored))
    desk.finish("mend_dispatch", {"action": "retry"})
    assert desk.waits_at(desk.instance_id) == ["file_issued"]
    assert desk.document().status == "issued"


@pytest.mark.clause("S4-5.2d")
def test_no_paper_leaves_before_the_electronic_version_has_number_date_and_seal(desk: OutgoingDesk) -> None:
    desk.to_seal()
    with pytest.raises(BpmnError) as caught:
        run(desk, "delivery.dispatch", desk.document_id, mode="paper_only")
    assert caught.value.code == "delivery.refused"
    assert desk.board() == []
    desk.seal(exception="no_infrastructure")
    assert {channel for _name, channel in desk.ways()} == {"paper"}
    assert desk.document().code_number == "01"


@pytest.mark.clause("S0-5.2")
def test_a_document_inside_the_house_reaches_its_unit_at_once(desk: OutgoingDesk) -> None:
    desk.to_issue(recipients=[{"kind": "unit", "unit": "hanh_chinh"}])
    assert desk.ways() == [("Phòng Hành chính - Quản trị", "internal")]
    assert [one.state for one in desk.board()] == ["arrived"]
    document_id = desk.document_id
    found = desk.do(OTHER_HEAD, lambda unit: read_document(unit, document_id))
    assert found.code == "01-TB/TU"
    desk.finish("file_issued", {"dossier_id": desk.dossier()}, SPECIALIST)
    assert desk.reached()[-1] == "document_issued"
