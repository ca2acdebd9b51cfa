"""What a specialist sees and does with an arrived document over the API (S3 Điều 8, S4 Điều 6, S0 Điều 11)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.cli.deploy import deploy_folder
from service.worker import rounds
from tests.api import drafting
from tests.api.callers import Caller
from tests.api.test_documents import enter
from tests.processes.desk import (
    CHECKED,
    CLERK,
    CONFIRMED,
    LEADER,
    SPECIALIST,
    TO_SPECIALIST,
    TO_UNIT,
    UNIT_HEAD,
)

ROOT = Path(__file__).resolve().parents[2]


def complete(person: Caller, element: str, data: Any) -> None:
    (task,) = [one for one in person.get("/api/v1/tasks").json["items"] if one["element_id"] == element]
    done = person.post(f"/api/v1/tasks/{task['id']}/complete", {"data": data})
    assert done.status_code == 200, done.get_data(as_text=True)


@pytest.fixture
def handled(sign_in, runtime, office):
    """A document at its specialist, who is to ask another unit; its id, and the specialist."""
    deploy_folder(runtime, ROOT / "processes" / "incoming_document", None, office.code)
    clerk, leader, head = sign_in(CLERK), sign_in(LEADER), sign_in(UNIT_HEAD)
    document_id = enter(clerk).json["document_id"]
    rounds.run_due_jobs(runtime)
    complete(clerk, "check_document", CHECKED)
    complete(clerk, "confirm_metadata", CONFIRMED)
    complete(clerk, "present_document", {"route": "leader", "leader": LEADER})
    direction = TO_UNIT | {"coordinating_units": ["hanh_chinh"], "due_on": "2026-03-06"}
    complete(leader, "give_direction", direction)
    complete(head, "assign_specialist", TO_SPECIALIST | {"note": "Dự thảo trả lời"})
    return document_id, sign_in(SPECIALIST)


@pytest.mark.clause("S0-11g1", "S0-11g3", "S1-5.1g1")
def test_work_shows_what_who_with_whom_how_far_until_when_and_from_which_document(handled):
    document_id, specialist = handled
    page = specialist.get("/api/v1/tasks").json
    assert (page["counts"]["groups"], [one["element_id"] for one in page["items"]]) == (1, ["start_handling"])
    complete(specialist, "start_handling", {})
    complete(specialist, "work_on_document", {"outcome": "progress", "percent": 40, "report": "Đã dự thảo"})
    (item,) = specialist.get("/api/v1/tasks").json["items"]
    task = specialist.get(f"/api/v1/tasks/{item['id']}").json
    data = task["data"]
    assert (data["instruction"], data["direction"]["opinion"]) == ("Dự thảo trả lời", TO_UNIT["opinion"])
    assert (task["owners"], task["assigner"]) == ([f"user:{SPECIALIST}"], f"user:{UNIT_HEAD}")
    assert data["expected_opinions"] == ["role:unit_head@unit:hanh_chinh"]
    assert (data["last_percent"], data["last_report"]) == (40, "Đã dự thảo")
    assert (task["due_at"], task["deadline"]["clause"]) == ("2026-03-06T10:00:00Z", "S0-10.1")
    assert task["business_key"] == data["document"]["id"] == document_id
    source = specialist.get(f"/api/v1/documents/{task['business_key']}")
    assert source.json["subject"] == CONFIRMED["subject"]


@pytest.mark.clause("S4-6.3b2")
def test_directions_that_arise_are_added_to_the_documents_file_and_stay_there(handled, sign_in):
    _, specialist = handled
    complete(specialist, "start_handling", {})
    (task,) = specialist.get("/api/v1/tasks").json["items"]
    words = "Chánh Văn phòng chỉ đạo thêm tại giao ban 02/3: bổ sung phương án kinh phí"
    added = specialist.post(f"/api/v1/tasks/{task['id']}/comments", {"body": words})
    assert added.status_code == 201
    complete(specialist, "work_on_document", {"outcome": "progress", "report": "Đã bổ sung"})
    (later,) = specialist.get("/api/v1/tasks").json["items"]
    assert later["id"] != task["id"]
    notes = specialist.get(f"/api/v1/tasks/{later['id']}").json["notes"]
    assert [(one["body"], one["author"]) for one in notes] == [(words, SPECIALIST)]
    seen = sign_in(UNIT_HEAD).get(f"/api/v1/tasks/{task['id']}").json["notes"]
    assert [one["body"] for one in seen] == [words]


@pytest.mark.clause("S3-8.2")
def test_a_specialist_studies_the_document_drafts_the_answer_to_it_and_files_it(handled, sign_in):
    document_id, specialist = handled
    complete(specialist, "start_handling", {})
    read = specialist.get(f"/api/v1/documents/{document_id}").json
    file = specialist.get(f"/api/v1/documents/{document_id}/files/{read['files'][0]['id']}")
    assert file.data.startswith(b"%PDF")
    answer = drafting.begin(
        specialist, answers_id=document_id, recipients=[{"kind": "unit", "unit": "tong_hop"}]
    )
    assert specialist.get(f"/api/v1/drafts/{answer}").json["answers_id"] == document_id
    complete(specialist, "work_on_document", {"outcome": "done", "result": "answered"})
    complete(sign_in(UNIT_HEAD), "confirm_result", {"decision": "confirm"})
    new = {
        "year": 2026,
        "notation": "01.TH",
        "title": "Hồ sơ công tác cán bộ",
        "retention": "10 năm",
        "unit_code": "tong_hop",
    }
    dossier = specialist.post("/api/v1/dossiers", new)
    assert dossier.status_code == 201, dossier.get_data(as_text=True)
    complete(specialist, "file_document", {"dossier_id": dossier.json["id"]})
    filed = specialist.get(f"/api/v1/documents/{document_id}").json
    assert (filed["status"], [one["id"] for one in filed["dossiers"]]) == ("completed", [dossier.json["id"]])
