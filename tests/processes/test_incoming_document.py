"""The incoming document on the real engine: the way through, and every other end (domain flows D1 and D8b)."""

from __future__ import annotations

import pytest

from service.domain.errors import Forbidden, InvalidInput, NotFound, PolicyRefusal
from service.queries.task_detail import read_task
from tests.processes.desk import (
    CHECKED,
    CLERK,
    COLLEAGUE,
    CONFIRMED,
    LEADER,
    OTHER_HEAD,
    SPECIALIST,
    UNIT_HEAD,
    Desk,
    direct_publicly,
)


@pytest.mark.clause(
    "S0-4.1", "S0-6.1", "S0-6.2", "S0-6.3", "S0-6.7", "S0-9.3g1", "S0-8.2g1", "S4-5.1", "S4-7a"
)
def test_a_paper_document_travels_from_the_desk_to_its_dossier(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    desk.to_completion()
    assert desk.reached() == ["opinions_closed", "result_accepted", "document_completed"]
    assert desk.state(desk.instance_id) == "completed"
    document = desk.document()
    assert document.status == "completed"
    assert document.arrival_number == 1
    assert document.arrival_on.isoformat() == "2026-03-02"
    assert [line["notation"] for line in desk.trace("filed")] == ["01.TH"]
    assert desk.sent_codes() == []


@pytest.mark.clause("S3-10.5", "S3-12.4f", "S3-14.2a", "S3-18.1a", "S0-5.1")
def test_a_packet_from_the_exchange_feeds_every_status_back(desk: Desk) -> None:
    desk.receive()
    assert desk.sent_codes() == ["01"]
    desk.to_handling()
    assert desk.sent_codes() == ["01", "03", "04", "05"]
    desk.to_completion()
    assert desk.sent_codes() == ["01", "03", "04", "05", "06"]


@pytest.mark.clause("S0-6.1a", "S1-6.3", "S3-9.5b", "S3-14.1")
def test_a_refusal_tells_the_sender_why(desk: Desk) -> None:
    desk.receive()
    with pytest.raises(InvalidInput) as caught:
        desk.finish("check_document", {"decision": "refuse"})
    assert [finding.pointer for finding in caught.value.findings] == ["/reason"]
    desk.finish("check_document", {"decision": "refuse", "reason": "Gửi nhầm địa chỉ nhận"})
    assert desk.reached() == ["document_refused"]
    assert desk.document().status == "refused"
    assert desk.document().arrival_number is None
    assert desk.sent_codes() == ["01", "02"]
    assert desk.trace("status")[-1]["text"] == "Gửi nhầm địa chỉ nhận"


@pytest.mark.clause("S0-6.3", "S1-6.2b", "S3-9.5a")
def test_a_refused_document_takes_no_number(desk: Desk) -> None:
    desk.receive()
    desk.finish("check_document", {"decision": "refuse", "reason": "Thiếu phụ lục"})
    desk.enter()
    desk.to_registration()
    assert desk.document().arrival_number == 1


def test_the_same_packet_again_has_no_further_effect(desk: Desk) -> None:
    first = desk.receive()
    again = desk.receive()
    assert again.outcome == "repeated"
    assert again.document_id == first.document_id
    assert desk.sent_codes() == ["01"]


def test_the_clerk_is_warned_of_a_duplicate(desk: Desk) -> None:
    desk.enter()
    assert desk.variables(desk.instance_id)["duplicates"]["has_matches"] is False
    first = desk.document_id
    desk.enter()
    found = desk.variables(desk.instance_id)["duplicates"]
    assert [match["document_id"] for match in found["matches"]] == [str(first)]
    assert found["matches"][0]["by"] == "code"


@pytest.mark.clause("S1-1", "S1-3.1", "S2-3.3", "S3-1.2", "S4-3.2")
def test_a_secret_packet_is_refused_on_the_internet_and_leaves_no_content(desk: Desk) -> None:
    desk.receive(desk.packet(secrecy="confidential", subject="Nội dung mật"))
    assert desk.reached() == ["document_refused"]
    assert desk.sent_codes() == ["01", "02"]
    document = desk.document()
    assert document.subject == "(Nội dung không được lưu)"
    assert list(desk.runtime.blobs.directory.rglob("*/*/*")) == []
    assert "S1-1" in desk.trace("policy")[0]["clause"]


@pytest.mark.clause("S0-4.4", "S1-1", "S3-1.2")
def test_a_clerk_cannot_enter_a_secret_document_on_the_internet(desk: Desk) -> None:
    with pytest.raises(PolicyRefusal):
        desk.enter(secrecy="top_secret")
    assert list(desk.runtime.blobs.directory.rglob("*/*/*")) == []


@pytest.mark.clause("S3-11.1a")
def test_a_complaint_is_not_taken_from_the_network(desk: Desk) -> None:
    desk.receive(desk.packet(category="petition"))
    assert desk.reached() == ["document_refused"]
    assert "S3-11.1a" in desk.trace("policy")[0]["clause"]


@pytest.mark.clause("S0-6.6")
def test_of_a_document_that_may_not_be_copied_only_the_abstract_is_entered(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk.enter(is_no_copy=True)
    assert caught.value.findings[0].pointer == "/files"
    desk.enter(is_no_copy=True, files=[])
    assert desk.waits_at(desk.instance_id) == ["check_document"]
    assert "verify_signatures" not in desk.completed(desk.instance_id)


@pytest.mark.clause("S2-3.3")
def test_nothing_is_stored_without_the_declaration_that_it_is_no_secret(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk.enter(is_attested=False)
    assert [finding.pointer for finding in caught.value.findings] == ["/is_attested"]
    desk.enter()
    assert desk.document().attested_by_id == desk.office.accounts[CLERK]
    assert desk.document().attested_at == desk.clock.now()


@pytest.mark.clause("S1-4.2d2", "S3-7.2d2")
def test_a_scan_must_be_a_pdf_by_its_content(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as caught:
        desk.enter(pdf=b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    assert caught.value.findings[0].code == "file.not_pdf"
    desk.enter(pdf=b"\x89PNG\r\n\x1a\n" + b"0" * 100, channel="upload")
    assert desk.waits_at(desk.instance_id) == ["check_document"]


@pytest.mark.clause("S0-10.1", "S4-7a", "S0-3.3")
def test_a_leaders_direction_is_kept_with_its_author_and_raises_the_urgency(desk: Desk) -> None:
    desk.enter()
    desk.to_assignment(urgency="flash", due_on="2026-03-05")
    (line,) = desk.trace("direction")
    assert line["by"] == LEADER
    assert line["text"] == "Giao Phòng Tổng hợp tham mưu"
    assert desk.document().urgency == "flash"
    assert desk.task("assign_specialist", desk.instance_id).urgency == "flash"
    assert desk.task("assign_specialist", desk.instance_id).deadline["clause"] == "S0-7.2 S1-6.5"


@pytest.mark.clause("S0-10.2", "S0-3.3")
def test_an_aide_enters_the_direction_and_both_names_are_shown(desk: Desk) -> None:
    desk.enter()
    desk.to_direction()
    direction = {"decision": "assign", "lead_unit": "tong_hop"}
    desk.finish("give_direction", direction, "troly", on_behalf_of=LEADER)
    (entry,) = [one for one in desk.timeline(desk.instance_id) if _completes(one, "give_direction")]
    assert entry.actor == "troly"
    assert entry.on_behalf_of == LEADER


def test_only_the_named_leader_may_give_the_direction(desk: Desk) -> None:
    desk.enter()
    desk.to_direction()
    with pytest.raises(Forbidden):  # another leader watches over the work, and may not do it
        desk.finish("give_direction", {"decision": "keep"}, "phochanhvp")
    with pytest.raises(NotFound):
        desk.finish("give_direction", {"decision": "keep"}, "tp.tonghop")


def test_a_leader_sends_a_document_back_to_the_clerk(desk: Desk) -> None:
    desk.enter()
    desk.to_direction()
    desk.finish("give_direction", {"decision": "return_to_clerk", "opinion": "Trình đồng chí Phó"}, LEADER)
    assert desk.waits_at(desk.instance_id) == ["present_document"]
    desk.finish("present_document", {"route": "leader", "leader": "phochanhvp"})
    desk.finish("give_direction", {"decision": "keep"}, "phochanhvp")
    assert desk.task("start_handling", desk.instance_id).owners == ("user:phochanhvp",)


def test_a_leader_keeps_a_document_and_needs_no_confirmation(desk: Desk) -> None:
    desk.enter()
    desk.to_direction()
    desk.finish("give_direction", {"decision": "keep", "coordinating_units": ["hanh_chinh"]}, LEADER)
    desk.finish("start_handling", {}, LEADER)
    assert desk.waits_at(desk.instance_id) == ["give_opinion", "work_on_document"]
    desk.finish("work_on_document", {"outcome": "done", "result": "noted"}, LEADER)
    desk.finish("file_document", {"dossier_id": desk.dossier()}, LEADER)
    assert desk.reached()[-1] == "document_completed"


@pytest.mark.clause("S1-5.1g2", "S0-8.2g1")
def test_a_document_that_is_only_to_be_filed_goes_straight_to_its_dossier(desk: Desk) -> None:
    desk.receive()
    desk.to_direction()
    desk.finish("give_direction", {"decision": "file_only"}, LEADER)
    desk.finish("file_document", {"dossier_id": desk.dossier()}, CLERK)
    assert desk.reached() == ["document_completed"]
    assert desk.sent_codes() == ["01", "03", "06"]


def test_the_clerk_transfers_by_standing_rule_and_the_unit_may_return_it_to_a_leader(desk: Desk) -> None:
    desk.enter()
    desk.to_registration()
    desk.finish("present_document", {"route": "unit", "lead_unit": "hanh_chinh"})
    desk.finish("assign_specialist", {"decision": "return", "reason": "Thuộc Phòng Tổng hợp"}, OTHER_HEAD)
    assert desk.waits_at(desk.instance_id) == ["give_direction"]
    desk.finish("give_direction", {"decision": "assign", "lead_unit": "tong_hop"}, LEADER)
    desk.finish("assign_specialist", {"decision": "handle_self"}, UNIT_HEAD)
    assert desk.task("start_handling", desk.instance_id).owners == ("role:unit_head@unit:tong_hop",)


def test_a_wrongly_routed_document_returns_with_its_reason(desk: Desk) -> None:
    desk.enter()
    desk.to_assignment(lead_unit="hanh_chinh")
    desk.finish("assign_specialist", {"decision": "return", "reason": "Không thuộc chức năng"}, OTHER_HEAD)
    task = desk.task("give_direction", desk.instance_id)
    assert _shown(desk, task, LEADER)["returned"] == "Không thuộc chức năng"


@pytest.mark.clause("S0-6.7", "S4-6.2b", "S0-10.4g1")
def test_progress_and_waiting_are_recorded_with_their_words(desk: Desk) -> None:
    desk.receive()
    desk.to_handling()
    desk.finish(
        "work_on_document", {"outcome": "progress", "percent": 40, "report": "Đã dự thảo"}, SPECIALIST
    )
    desk.finish("work_on_document", {"outcome": "wait", "report": "Chờ Sở xác minh"}, SPECIALIST)
    assert desk.document().status == "waiting"
    assert desk.waits_at(desk.instance_id) == ["resume_work"]
    desk.finish("resume_work", {"report": "Đã có kết quả xác minh"}, SPECIALIST)
    assert desk.document().status == "in_progress"
    assert [line["text"] for line in desk.trace("progress")] == ["Đã dự thảo", "Đã có kết quả xác minh"]
    assert [line["text"] for line in desk.trace("waiting")] == ["Chờ Sở xác minh"]
    assert desk.trace("progress")[0]["percent"] == 40
    desk.to_completion()
    assert desk.sent_codes() == ["01", "03", "04", "05", "06"]


def test_the_head_of_unit_has_the_result_redone(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    desk.finish("work_on_document", {"outcome": "done", "result": "advised"}, SPECIALIST)
    desk.finish("confirm_result", {"decision": "redo", "note": "Bổ sung số liệu"}, UNIT_HEAD)
    task = desk.task("work_on_document", desk.instance_id)
    assert _shown(desk, task, SPECIALIST)["redo"] == "Bổ sung số liệu"
    desk.to_completion()
    assert desk.reached()[-1] == "document_completed"


@pytest.mark.clause("S0-9.3g1", "S0-3.3", "S0-7.5")
def test_coordinators_give_opinions_at_the_same_time_as_the_work_goes_on(desk: Desk) -> None:
    desk.enter()
    desk.to_handling({"coordinating_units": ["hanh_chinh"]}, coordinators=[COLLEAGUE])
    assert desk.waits_at(desk.instance_id) == ["give_opinion", "give_opinion", "work_on_document"]
    for login in (OTHER_HEAD, COLLEAGUE):
        _give_opinion(desk, login)
    assert sorted(line["coordinator"] for line in desk.trace("opinion")) == [
        "role:unit_head@unit:hanh_chinh",
        f"user:{COLLEAGUE}",
    ]
    assert {line["by"] for line in desk.trace("opinion")} == {OTHER_HEAD, COLLEAGUE}
    assert "opinions_closed" in desk.reached()
    desk.to_completion()
    assert desk.trace("opinions_closed")[0].get("missing") is None


@pytest.mark.clause("S0-7.2", "S0-7.5")
def test_missing_opinions_never_hold_the_work_up_and_are_recorded(desk: Desk) -> None:
    desk.enter()
    desk.to_handling({"coordinating_units": ["hanh_chinh", "co_yeu"]})
    _give_opinion(desk, OTHER_HEAD)
    desk.to_completion()
    assert desk.reached()[-1] == "document_completed"
    (closed,) = desk.trace("opinions_closed")
    assert closed["given"] == ["role:unit_head@unit:hanh_chinh"]
    assert closed["missing"] == ["role:unit_head@unit:co_yeu"]


@pytest.mark.clause("S0-7.2")
def test_a_coordinator_who_lets_24_hours_pass_is_recorded_as_silent(desk: Desk) -> None:
    desk.enter()
    desk.to_handling({"coordinating_units": ["hanh_chinh"]})
    desk.advance(hours=23, minutes=59)
    desk.fire()
    assert "give_opinion" in desk.waits_at(desk.instance_id)
    desk.advance(minutes=1)
    desk.fire()
    assert desk.waits_at(desk.instance_id) == ["work_on_document"]
    assert [line["coordinator"] for line in desk.trace("opinion_missing")] == [
        "role:unit_head@unit:hanh_chinh"
    ]
    assert desk.reached() == ["opinion_missed", "opinions_closed"]


@pytest.mark.clause("S0-10.1")
def test_readers_for_information_are_told_and_hold_nothing_up(desk: Desk) -> None:
    desk.enter()
    desk.to_handling({"information_units": ["hanh_chinh", "co_yeu"]})
    assert desk.notices("for_information") == ["unit:co_yeu", "unit:hanh_chinh"]
    assert desk.waits_at(desk.instance_id) == ["work_on_document"]


@pytest.mark.clause("S0-5.3")
def test_a_leader_makes_a_document_public_after_proving_the_second_factor(desk: Desk) -> None:
    desk.enter()
    with pytest.raises(Forbidden) as caught:
        desk.to_assignment(is_public=True)
    assert caught.value.code.startswith("step_up.")
    assert desk.document().is_public is False
    direct_publicly(desk)
    assert desk.document().is_public is True


def _give_opinion(desk: Desk, login: str) -> None:
    (task,) = [one for one in desk.tasks(desk.instance_id, login) if one.element_id == "give_opinion"]
    desk.do(login, desk.completion(task.id, {"view": "agree_with_comment", "text": "Đồng ý"}))


def _completes(entry, element: str) -> bool:
    return any(step.element_id == element and step.kind == "completed" for step in entry.steps)


def _shown(desk: Desk, task, login: str) -> dict:
    return dict(desk.do(login, lambda unit: read_task(desk.engine, unit, task.id)).data)


def test_what_the_check_demands_is_demanded(desk: Desk) -> None:
    desk.enter()
    with pytest.raises(InvalidInput) as caught:
        desk.finish("check_document", CHECKED | {"is_complete": False})
    assert [finding.pointer for finding in caught.value.findings] == ["/is_complete"]
    desk.finish("check_document", CHECKED)
    with pytest.raises(InvalidInput) as caught:
        desk.finish("confirm_metadata", CONFIRMED | {"subject": ""})
    assert [finding.pointer for finding in caught.value.findings] == ["/subject"]


@pytest.mark.clause("S4-4.2")
def test_work_that_was_done_during_an_outage_is_told_afterwards_with_its_real_time(desk: Desk) -> None:
    desk.enter()
    desk.to_handling()
    told = {"outcome": "progress", "percent": 50, "report": "Đã họp với Sở, biên bản giấy số 03"}
    desk.advance(hours=5)
    desk.finish("work_on_document", told | {"happened_at": "2026-03-02T09:30:00+07:00"}, SPECIALIST)
    (line,) = desk.trace("progress")
    assert (line["text"], line["happened_at"]) == (told["report"], "2026-03-02T09:30:00+07:00")
    assert line["at"] == desk.clock.now().isoformat()
