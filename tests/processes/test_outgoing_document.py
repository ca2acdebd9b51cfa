"""The outgoing document on the real engine, with real signatures: the way through and every other end (D2)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from service.domain.errors import Forbidden, InvalidInput, PolicyRefusal
from service.queries.task_detail import read_task
from tests.handlers.signing.desk import page_text
from tests.processes.desk import DOCUMENT
from tests.processes.outgoing_desk import (
    AIDE,
    CLERK,
    ENTRY,
    LEADER,
    OTHER_HEAD,
    PARTNER_NAME,
    SPECIALIST,
    UNIT_HEAD,
    OutgoingDesk,
)

INSIDE = "Phòng Tổng hợp"


@pytest.fixture
def desk(runtime, office, clock) -> OutgoingDesk:
    """A desk that issues documents."""
    made = OutgoingDesk(runtime, office, clock)
    made.set_up()
    return made


def _shown(desk: OutgoingDesk, element: str, login: str) -> dict:
    task = desk.task(element, desk.instance_id)
    return dict(desk.do(login, lambda unit: read_task(desk.engine, unit, task.id)).data or {})


@pytest.mark.clause(
    "S0-4.1",
    "S0-4.3",
    "S0-7.1",
    "S0-7.5",
    "S0-7.6",
    "S0-8.2g1",
    "S0-9.1g2",
    "S0-10.4g3",
    "S1-4.2d3",
    "S3-7.2d3",
    "S3-13.1",
    "S4-5.2a",
    "S4-5.2b",
    "S4-5.2c",
    "S4-6.3a",
    "S4-11.2a",
)
def test_a_document_goes_from_its_drafter_to_its_receivers_and_into_its_dossier(
    desk: OutgoingDesk, tmp_path: Path
) -> None:
    desk.to_issue()
    page = page_text(desk.content(), tmp_path)
    assert "01-TB/TU" in page
    assert "ngày02tháng3năm2026" in page.replace(" ", "")
    assert desk.signatures() == ["leader", "seal"]
    document = desk.document()
    assert (document.code_number, document.code_notation) == ("01", "TB/TU")
    assert document.issued_on == desk.clock.now().date()
    assert desk.ways() == [(PARTNER_NAME, "http"), (INSIDE, "internal")]
    assert desk.waits_at(desk.instance_id) == ["file_issued"]
    desk.receipt("01")
    desk.finish("file_issued", {"dossier_id": desk.dossier()}, SPECIALIST)
    assert desk.reached()[-1] == "document_issued"
    assert desk.state(desk.instance_id) == "completed"
    assert desk.statuses() == [
        "unit_review",
        "awaiting_signature",
        "signed",
        "format_check",
        "numbered",
        "issued",
        "completed",
    ]
    assert desk.document().status == "completed"
    assert [line["notation"] for line in desk.trace("filed")] == ["01.TH"]


@pytest.mark.clause("S0-7.1", "S0-7.5")
def test_a_drafter_cancels_the_draft_with_a_reason(desk: OutgoingDesk) -> None:
    desk.draft()
    with pytest.raises(InvalidInput) as caught:
        desk.finish("edit_draft", {"action": "cancel"}, SPECIALIST)
    assert [one.pointer for one in caught.value.findings] == ["/reason"]
    desk.finish("edit_draft", {"action": "cancel", "reason": "Không ban hành nữa"}, SPECIALIST)
    assert desk.reached() == ["draft_cancelled"]
    assert desk.document().status == "cancelled"
    assert desk.trace("status")[-1]["text"] == "Không ban hành nữa"


@pytest.mark.clause("S0-4.4", "S1-1", "S1-3.1", "S3-1.2", "S4-3.2")
def test_no_secret_is_drafted_on_the_internet(desk: OutgoingDesk) -> None:
    with pytest.raises(PolicyRefusal):
        desk.draft(secrecy="confidential")


@pytest.mark.clause("S1-8.2", "S3-11.1c", "S4-3.2")
def test_harmful_content_ends_before_anybody_works_on_it(desk: OutgoingDesk) -> None:
    desk.draft(category="harmful")
    assert desk.reached() == ["draft_refused_by_policy"]
    assert desk.document().status == "cancelled"
    assert "S3-11.1c" in desk.variables(desk.instance_id)["policy"]["clause"]


@pytest.mark.clause("S0-7.1", "S3-10.1", "S4-3.1")
def test_a_draft_with_faults_of_form_comes_back_with_its_findings(desk: OutgoingDesk) -> None:
    desk.draft(signer=None)
    desk.finish("edit_draft", {"action": "submit"}, SPECIALIST)
    assert desk.waits_at(desk.instance_id) == ["edit_draft"]
    findings = _shown(desk, "edit_draft", SPECIALIST)["checks"]
    assert "error" in {one["severity"] for one in findings}
    desk.edit(SPECIALIST)
    desk.finish("edit_draft", {"action": "submit"}, SPECIALIST)
    assert desk.waits_at(desk.instance_id) == ["review_draft"]


@pytest.mark.clause("S0-9.3g2", "S0-3.3", "S0-7.5")
def test_coordinating_units_are_asked_at_once_and_comments_are_answered_before_the_draft_goes_on(
    desk: OutgoingDesk,
) -> None:
    desk.to_review(edit={"consult_units": ["hanh_chinh", "co_yeu"]})
    assert desk.document().status == "consulting"
    assert desk.waits_at(desk.instance_id) == ["give_draft_opinion", "give_draft_opinion"]
    desk.comment_on_draft(OTHER_HEAD, {"view": "agree"})
    desk.comment_on_draft("tp.coyeu", {"view": "agree_with_comment", "text": "Bổ sung an toàn thông tin"})
    assert desk.waits_at(desk.instance_id) == ["answer_comments"]
    assert [line["text"] for line in desk.trace("opinion") if line.get("text")] == [
        "Bổ sung an toàn thông tin"
    ]
    desk.finish("answer_comments", {"decision": "go_on", "words": "Đã tiếp thu"}, SPECIALIST)
    assert desk.waits_at(desk.instance_id) == ["review_draft"]


@pytest.mark.clause("S0-7.2")
def test_a_unit_silent_for_24_hours_is_recorded_and_the_draft_goes_on_by_rule(desk: OutgoingDesk) -> None:
    desk.to_review(edit={"consult_units": ["hanh_chinh"]})
    task = desk.task("give_draft_opinion", desk.instance_id)
    assert task.due_at == desk.clock.now() + timedelta(hours=24)
    assert task.deadline["clause"] == "S0-7.2"
    desk.advance(hours=24)
    desk.fire()
    desk.run_jobs()
    assert desk.reached() == ["draft_opinion_missed"]
    assert [line["coordinator"] for line in desk.trace("opinion_missing")] == [
        "role:unit_head@unit:hanh_chinh"
    ]
    assert desk.waits_at(desk.instance_id) == ["review_draft"]


def test_a_drafter_takes_comments_up_and_submits_anew(desk: OutgoingDesk) -> None:
    desk.to_review(edit={"consult_units": ["hanh_chinh"]})
    desk.comment_on_draft(OTHER_HEAD, {"view": "disagree", "text": "Trùng nội dung"})
    desk.finish("answer_comments", {"decision": "revise"}, SPECIALIST)
    assert desk.waits_at(desk.instance_id) == ["edit_draft"]


@pytest.mark.clause("S0-10.3g2", "S0-7.5")
def test_the_head_of_unit_returns_edits_and_initials_the_draft(desk: OutgoingDesk) -> None:
    desk.to_review()
    assert desk.document().status == "unit_review"
    with pytest.raises(InvalidInput):
        desk.finish("review_draft", {"decision": "return"}, UNIT_HEAD)
    desk.finish("review_draft", {"decision": "return", "words": "Sửa mục 2"}, UNIT_HEAD)
    assert desk.document().status == "returned"
    assert _shown(desk, "edit_draft", SPECIALIST)["returned"] == "Sửa mục 2"
    desk.finish("edit_draft", {"action": "submit"}, SPECIALIST)
    task = desk.task("review_draft", desk.instance_id)
    desk.claim(task.id, UNIT_HEAD)
    before = desk.main_file().version
    desk.edit(UNIT_HEAD, description="Trưởng đơn vị sửa trực tiếp")
    assert desk.main_file().version > before
    desk.finish("review_draft", {"decision": "up"}, UNIT_HEAD)
    desk.finish("check_dossier", {"decision": "forward"}, AIDE)
    assert desk.main_file().kind == "final"
    assert desk.waits_at(desk.instance_id) == ["sign_draft"]


@pytest.mark.clause("S0-10.3g2", "S3-12.2")
def test_the_heads_initials_stand_under_the_leaders_signature(desk: OutgoingDesk) -> None:
    desk.to_review()
    consent = desk.consent(UNIT_HEAD, "initials")
    desk.finish("review_draft", {"decision": "up", "consent_id": consent}, UNIT_HEAD)
    assert desk.signatures() == ["initials"]
    desk.finish("check_dossier", {"decision": "forward"}, AIDE)
    desk.sign()
    assert desk.signatures() == ["initials", "leader"]


def test_initials_that_are_refused_come_back_to_the_head_with_the_reason(desk: OutgoingDesk) -> None:
    desk.to_review()
    consent = desk.consent(UNIT_HEAD, "initials")
    desk.advance(minutes=11)
    desk.finish("review_draft", {"decision": "up", "consent_id": consent}, UNIT_HEAD)
    assert desk.waits_at(desk.instance_id) == ["review_draft"]
    assert _shown(desk, "review_draft", UNIT_HEAD)["fault"]


@pytest.mark.clause("S0-10.3g2")
def test_a_document_of_the_units_own_level_goes_straight_to_signature(desk: OutgoingDesk) -> None:
    desk.to_review()
    desk.finish("review_draft", {"decision": "sign_own"}, UNIT_HEAD)
    assert desk.waits_at(desk.instance_id) == ["sign_draft"]


def test_a_head_who_drafts_needs_no_review_by_the_own_unit(desk: OutgoingDesk) -> None:
    desk.to_review(UNIT_HEAD)
    assert desk.waits_at(desk.instance_id) == ["check_dossier"]


@pytest.mark.clause("S0-10.2")
def test_an_incomplete_dossier_goes_back_from_the_aide(desk: OutgoingDesk) -> None:
    desk.to_aide()
    desk.finish("check_dossier", {"decision": "return", "words": "Thiếu phụ lục"}, AIDE)
    assert desk.document().status == "returned"
    assert _shown(desk, "edit_draft", SPECIALIST)["returned"] == "Thiếu phụ lục"


@pytest.mark.parametrize(
    ("decision", "waits", "status"),
    [("return_drafter", "edit_draft", "returned"), ("return_head", "review_draft", "unit_review")],
)
@pytest.mark.clause("S0-10.1")
def test_a_signer_returns_the_draft(desk: OutgoingDesk, decision: str, waits: str, status: str) -> None:
    desk.to_signer()
    desk.finish("sign_draft", {"decision": decision, "words": "Sửa thời hạn"}, LEADER)
    assert desk.waits_at(desk.instance_id) == [waits]
    assert desk.document().status == status


@pytest.mark.clause("S0-10.1", "S0-7.2")
def test_a_signer_who_wants_more_opinions_gets_the_draft_again_after_them(desk: OutgoingDesk) -> None:
    desk.to_signer()
    desk.finish("sign_draft", {"decision": "ask_more", "ask_units": ["co_yeu"]}, LEADER)
    assert desk.document().status == "consulting"
    desk.comment_on_draft("tp.coyeu", {"view": "agree"})
    desk.finish("review_draft", {"decision": "up"}, UNIT_HEAD)
    desk.finish("check_dossier", {"decision": "forward"}, AIDE)
    desk.sign()
    assert desk.waits_at(desk.instance_id) == ["check_format"]


@pytest.mark.clause("S0-10.1")
def test_a_signer_who_refuses_ends_the_draft(desk: OutgoingDesk) -> None:
    desk.to_signer()
    desk.finish("sign_draft", {"decision": "refuse", "words": "Không cần thiết"}, LEADER)
    assert desk.reached()[-1] == "draft_refused"
    assert desk.document().status == "cancelled"


@pytest.mark.clause("S0-4.3")
def test_nothing_is_signed_without_a_consent_and_a_refusal_comes_back_to_the_signer(
    desk: OutgoingDesk,
) -> None:
    desk.to_signer()
    with pytest.raises(InvalidInput) as caught:
        desk.finish("sign_draft", {"decision": "sign"}, LEADER)
    assert [one.pointer for one in caught.value.findings] == ["/consent_id"]
    consent = desk.consent(LEADER, "leader")
    desk.advance(minutes=11)
    desk.finish("sign_draft", {"decision": "sign", "consent_id": consent}, LEADER)
    assert desk.waits_at(desk.instance_id) == ["sign_draft"]
    assert _shown(desk, "sign_draft", LEADER)["fault"]
    assert desk.signatures() == []
    assert desk.document().status == "awaiting_signature"


@pytest.mark.clause("S0-10.2")
def test_an_aide_never_signs_in_the_leaders_place(desk: OutgoingDesk) -> None:
    desk.to_signer()
    with pytest.raises(Forbidden):
        desk.consent(AIDE, "leader")


@pytest.mark.clause("S0-7.4", "S0-4.3", "S3-13.1")
def test_an_edit_after_the_signature_voids_it_and_the_document_is_signed_again(desk: OutgoingDesk) -> None:
    desk.to_format_check()
    assert desk.signatures() == ["leader"]
    desk.claim(desk.task("check_format", desk.instance_id).id, CLERK)
    changed = desk.edit(CLERK, subject="kết luận cuộc họp giao ban tháng 3/2026 (đã sửa thể thức)")
    assert [one["act"] for one in changed.voided_signatures] == ["leader"]
    assert desk.signatures() == []
    desk.finish("check_format", {"decision": "resubmit", "words": "Sửa trích yếu"})
    assert desk.waits_at(desk.instance_id) == ["sign_draft"]
    assert desk.main_file().kind == "final"
    desk.sign()
    assert desk.signatures() == ["leader"]
    assert desk.signatures(is_standing=False) == ["leader"]
    desk.finish("check_format", {"decision": "pass"})
    desk.seal()
    assert desk.signatures() == ["leader", "seal"]


@pytest.mark.clause("S0-7.4", "S0-4.3")
def test_a_clerk_who_edits_and_still_says_right_cannot_pass_the_unsigned_document(desk: OutgoingDesk) -> None:
    desk.to_format_check()
    desk.claim(desk.task("check_format", desk.instance_id).id, CLERK)
    desk.edit(CLERK, subject="kết luận khác")
    desk.finish("check_format", {"decision": "pass"})
    assert desk.waits_at(desk.instance_id) == ["sign_draft"]


def test_a_resubmission_without_an_edit_stays_with_the_clerk(desk: OutgoingDesk) -> None:
    desk.to_format_check()
    desk.finish("check_format", {"decision": "resubmit", "words": "Sửa"})
    assert desk.waits_at(desk.instance_id) == ["check_format"]
    assert desk.signatures() == ["leader"]


@pytest.mark.clause("S0-7.4")
def test_a_clerk_returns_a_document_of_wrong_form_to_its_drafter(desk: OutgoingDesk) -> None:
    desk.to_format_check()
    desk.finish("check_format", {"decision": "return", "words": "Sai thẩm quyền ký"})
    assert desk.waits_at(desk.instance_id) == ["edit_draft"]
    assert _shown(desk, "edit_draft", SPECIALIST)["returned"] == "Sai thẩm quyền ký"
    assert desk.document().status == "returned"


@pytest.mark.clause("S0-4.3", "S4-5.2a")
def test_a_seal_that_is_refused_takes_no_number_and_comes_back_to_the_clerk(desk: OutgoingDesk) -> None:
    desk.to_seal()
    consent = desk.consent(CLERK, "seal")
    desk.advance(minutes=11)
    desk.finish("seal_document", {"consent_id": consent})
    assert desk.waits_at(desk.instance_id) == ["seal_document"]
    assert _shown(desk, "seal_document", CLERK)["fault"]
    assert desk.rows(ENTRY) == []
    assert desk.document().code_number == ""
    desk.seal()
    assert desk.document().code_number == "01"


@pytest.mark.clause("S0-4.3", "S0-7.4")
def test_an_edit_between_check_and_seal_sends_the_document_back_to_the_signer(desk: OutgoingDesk) -> None:
    desk.to_seal()
    consent = desk.consent(CLERK, "seal")
    desk.claim(desk.task("seal_document", desk.instance_id).id, CLERK)
    desk.edit(CLERK, subject="kết luận khác")
    desk.finish("seal_document", {"consent_id": consent})
    assert desk.rows(ENTRY) == []
    assert desk.waits_at(desk.instance_id) == ["sign_draft"]


@pytest.mark.clause("S3-13.2a", "S0-9.1g3", "S3-10.5")
def test_a_receiver_who_refuses_is_mended_by_the_clerk_while_the_rest_goes_on(desk: OutgoingDesk) -> None:
    desk.to_issue()
    desk.receipt("02", "Không đúng địa chỉ nhận")
    assert desk.waits_at(desk.instance_id) == ["file_issued", "mend_delivery"]
    shown = _shown(desk, "mend_delivery", CLERK)
    assert shown["receipt"]["description"] == "Không đúng địa chỉ nhận"
    with pytest.raises(InvalidInput):
        desk.finish("mend_delivery", {"outcome": "closed"})
    desk.finish("mend_delivery", {"outcome": "closed", "words": "Gửi nhầm cơ quan"})
    assert desk.reached() == ["receipt_mended"]
    assert desk.variables(desk.instance_id)["deliveries"]["refused"] == 1


@pytest.mark.clause("S3-10.5", "S3-12.4f", "S3-13.2a")
def test_every_receipt_moves_the_board_and_the_last_arrival_ends_the_waiting(desk: OutgoingDesk) -> None:
    desk.to_issue()
    assert desk.variables(desk.instance_id)["deliveries"]["all_arrived"] is False
    desk.receipt("01")
    assert desk.variables(desk.instance_id)["deliveries"]["all_arrived"] is True
    desk.receipt("03")
    assert desk.variables(desk.instance_id)["deliveries"]["received"] == 1
    assert desk.reached() == ["receipt_noted", "receipt_noted"]
    assert desk.waits_at(desk.instance_id) == ["file_issued"]


@pytest.mark.clause("S3-13.2a", "S0-9.1g3")
def test_a_silent_receiver_alerts_the_clerk_who_waits_on_or_closes(desk: OutgoingDesk) -> None:
    desk.to_issue()
    desk.finish("file_issued", {"dossier_id": desk.dossier()}, SPECIALIST)
    assert desk.state(desk.instance_id) == "active"
    desk.advance(hours=24)
    desk.fire()
    assert desk.notices("receivers_silent") == ["role:clerk"]
    desk.finish("chase_receivers", {"decision": "wait"})
    assert desk.waits_at(desk.instance_id) == []
    desk.advance(hours=24)
    desk.fire()
    desk.finish("chase_receivers", {"decision": "close", "words": "Đã xác nhận qua điện thoại"})
    assert desk.reached()[-1] == "document_issued"


def test_a_unit_head_who_spoils_the_draft_sends_it_back_to_its_drafter_with_the_fault(
    desk: OutgoingDesk,
) -> None:
    desk.to_review()
    desk.claim(desk.task("review_draft", desk.instance_id).id, UNIT_HEAD)
    desk.edit(UNIT_HEAD, signer=None)
    desk.finish("review_draft", {"decision": "up"}, UNIT_HEAD)
    assert desk.waits_at(desk.instance_id) == ["edit_draft"]
    assert desk.document().status == "returned"
    assert _shown(desk, "edit_draft", SPECIALIST)["returned"]


def test_a_raised_urgency_shortens_the_signers_time(desk: OutgoingDesk) -> None:
    desk.to_review()
    desk.claim(desk.task("review_draft", desk.instance_id).id, UNIT_HEAD)
    desk.edit(UNIT_HEAD, urgency="flash")
    desk.finish("review_draft", {"decision": "sign_own"}, UNIT_HEAD)
    task = desk.task("sign_draft", desk.instance_id)
    assert (task.urgency, task.due_at) == ("flash", desk.clock.now() + timedelta(hours=4))


def test_the_reason_of_an_earlier_round_does_not_stand_for_the_present_one(desk: OutgoingDesk) -> None:
    desk.to_signer()
    desk.finish("sign_draft", {"decision": "return_drafter", "words": "Sửa thời hạn"}, LEADER)
    desk.finish("edit_draft", {"action": "submit"}, SPECIALIST)
    desk.finish("review_draft", {"decision": "return", "words": "Chưa sửa thời hạn"}, UNIT_HEAD)
    assert _shown(desk, "edit_draft", SPECIALIST)["returned"] == "Chưa sửa thời hạn"


def test_a_document_that_was_taken_back_meanwhile_ends_as_such(desk: OutgoingDesk) -> None:
    desk.to_issue()
    desk.receipt("01")
    where = DOCUMENT.c.id == desk.document_id
    desk.do(None, lambda unit: unit.session.execute(update(DOCUMENT).where(where).values(status="recalled")))
    desk.finish("file_issued", {"dossier_id": desk.dossier()}, SPECIALIST)
    assert desk.reached()[-1] == "document_taken_back"
    assert desk.document().status == "recalled"


def test_only_who_drafted_it_puts_a_draft_into_a_process_and_only_into_one(desk: OutgoingDesk) -> None:
    desk.draft()
    carried = desk.document().instance_id

    def refusal_of(login: str) -> str:
        """Let a person start a second process on the draft; return why it stands still."""
        variables = {"document_id": str(desk.document_id)}
        started = desk.start("outgoing_document", variables, login)
        (incident,) = [one for one in desk.incidents() if one.instance_id == started]
        assert desk.waits_at(started) == []
        assert "document" not in desk.variables(started)
        return incident.code

    assert refusal_of(UNIT_HEAD) == "document.not_found"
    assert refusal_of(SPECIALIST) == "document.in_process"
    desk.finish("edit_draft", {"action": "cancel", "reason": "Không ban hành nữa"}, SPECIALIST)
    assert refusal_of(SPECIALIST) == "document.in_process"
    assert desk.document().instance_id == carried
