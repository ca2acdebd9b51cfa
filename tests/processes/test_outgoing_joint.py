"""Documents that several sign: two leaders of one body, and two bodies each with its seal (D2)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from service.domain.errors import Forbidden
from service.queries.signers import turns_of
from service.queries.task_detail import read_task
from tests.handlers.signing.desk import page_text, pdfsig
from tests.handlers.signing.office import judge
from tests.processes.joint_desk import JOINT, SECRETARY, JointDesk
from tests.processes.outgoing_desk import (
    AIDE,
    CLERK,
    ENTRY,
    LEADER,
    SECOND_LEADER,
    SPECIALIST,
    UNIT_HEAD,
)

VALID = "Signature is Valid."


@pytest.fixture
def desk(runtime, office, clock) -> JointDesk:
    """A desk where two leaders sign and two bodies seal."""
    made = JointDesk(runtime, office, clock)
    made.set_up()
    return made


def waiting(desk: JointDesk) -> list[tuple[str, bool, bool]]:
    """Return who signs, whether they have, and whether it is their turn."""
    turns = desk.do(LEADER, lambda unit: turns_of(unit, desk.document_id))
    return [(one.signer, one.signed_at is not None, one.is_next) for one in turns]


def owners(desk: JointDesk, element: str) -> list[str]:
    """Return whom the open task of an element waits for."""
    return list(desk.task(element, desk.instance_id).owners)


@pytest.mark.clause("S0-4.3", "S0-7.3", "S0-10.1", "S4-5.2b")
def test_two_leaders_and_two_bodies_sign_number_and_seal_one_document_in_turn(
    desk: JointDesk, tmp_path: Path
) -> None:
    desk.to_signer(cosigners=[JOINT])
    assert owners(desk, "sign_draft") == [f"user:{LEADER}"]
    with pytest.raises(Forbidden):
        desk.consent(SECOND_LEADER, "leader")
    desk.sign(LEADER)
    assert waiting(desk) == [(LEADER, True, False), (SECOND_LEADER, False, True)]
    assert desk.document().status == "awaiting_signature"
    task = desk.task("sign_draft", desk.instance_id)
    assert list(task.owners) == [f"user:{SECOND_LEADER}"]
    assert task.deadline["clause"] == "S0-7.3"
    shown = desk.do(SECOND_LEADER, lambda unit: read_task(desk.engine, unit, task.id)).data
    assert [one["is_signed"] for one in shown["signers"]] == [True, False]
    desk.sign(SECOND_LEADER)
    desk.finish("check_format", {"decision": "pass"})
    desk.seal()
    assert desk.document().code_number == "01"
    assert desk.document().code_notation == "TB/TU-VPTU"
    assert desk.waits_at(desk.instance_id) == ["seal_joint"]
    assert desk.board() == []
    desk.finish("seal_joint", {"consent_id": desk.consent(CLERK, "joint_seal")})
    assert desk.signatures() == ["joint_seal", "leader", "leader", "seal"]
    assert desk.document().status == "issued"
    assert desk.document().organ_name == "Tỉnh ủy Sông Hồng - Văn phòng Tỉnh ủy"
    (entry,) = desk.rows(ENTRY)
    assert entry.columns["signer"] == "Trần Văn Minh; Lê Thị Hương"
    content = desk.content()
    report = judge(content, tmp_path, desk.resources.signing.trust_dir, desk.clock.now())
    assert (report["verdict"], report["reasons"]) == ("valid", [])
    assert [one["field"] for one in report["signatures"]] == ["leader", "leader_2", "seal", "seal_2"]
    found = {name: line for name, line in pdfsig(content, tmp_path).items() if VALID in line}
    assert set(found) == {"leader", "leader_2", "seal", "seal_2"}
    page = page_text(content, tmp_path)
    assert "01-TB/TU-VPTU" in page
    assert page.index("Lê Thị Hương") < page.index("Trần Văn Minh")
    turns = desk.do(LEADER, lambda unit: turns_of(unit, desk.document_id))
    assert [(one.seals, one.sealed_at is not None) for one in turns] == [(True, True), (True, True)]


@pytest.mark.clause("S0-7.4", "S0-10.1", "S0-4.3")
def test_a_second_signer_who_returns_the_draft_has_it_signed_by_both_again_after_the_edit(
    desk: JointDesk,
) -> None:
    desk.to_signer(cosigners=[SECRETARY])
    desk.sign(LEADER)
    desk.sign(SECOND_LEADER, "return_drafter", "Sửa thời hạn")
    assert desk.document().status == "returned"
    assert desk.signatures() == ["leader"]
    changed = desk.edit(SPECIALIST, subject="kết luận đã sửa thời hạn", cosigners=[SECRETARY])
    assert [(one["field"], one["signer_name"]) for one in changed.voided_signatures] == [
        ("leader", "Trần Văn Minh")
    ]
    assert desk.signatures() == []
    desk.finish("edit_draft", {"action": "submit"}, SPECIALIST)
    desk.finish("review_draft", {"decision": "up"}, UNIT_HEAD)
    desk.finish("check_dossier", {"decision": "forward"}, AIDE)
    assert waiting(desk) == [(LEADER, False, True), (SECOND_LEADER, False, False)]
    desk.sign(LEADER)
    due = desk.task("sign_draft", desk.instance_id).due_at
    assert due > desk.clock.now() + timedelta(hours=1)
    desk.sign(SECOND_LEADER)
    desk.finish("check_format", {"decision": "pass"})
    desk.seal()
    assert desk.signatures() == ["leader", "leader", "seal"]
    assert desk.waits_at(desk.instance_id) == ["file_issued"]


def test_a_joint_seal_that_is_refused_comes_back_to_the_clerk_with_the_reason(desk: JointDesk) -> None:
    desk.to_joint_seal()
    consent = desk.consent(CLERK, "joint_seal")
    desk.advance(minutes=11)
    desk.finish("seal_joint", {"consent_id": consent})
    task = desk.task("seal_joint", desk.instance_id)
    shown = desk.do(CLERK, lambda unit: read_task(desk.engine, unit, task.id)).data
    assert (shown["body"], bool(shown["fault"])) == ("Văn phòng Tỉnh ủy", True)
    assert desk.board() == []
