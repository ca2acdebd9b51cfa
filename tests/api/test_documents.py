"""Documents over the API: entered, listed, read, refused by policy, hidden from strangers."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from service.cli.deploy import deploy_folder
from service.worker import rounds
from tests.api.callers import assert_problem

ROOT = Path(__file__).resolve().parents[2]
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
METADATA = {
    "type_name": "Công văn",
    "code_number": "12",
    "code_notation": "CV/TU",
    "organ_name": "Tỉnh ủy",
    "subject": "Về việc báo cáo",
}
PATH = "/api/v1/documents"
STEP_UP = text("UPDATE login_session SET stepped_up_at = :now")


@pytest.fixture
def clerk(sign_in, runtime, office):
    """The clerk, in an office where the incoming process is deployed."""
    deploy_folder(runtime, ROOT / "processes" / "incoming_document", None, office.code)
    return sign_in("vanthu")


def form(content=PDF, name="công văn.pdf", **fields):
    """Return the multipart fields of a document."""
    metadata = {**METADATA, **fields.pop("metadata", {})}
    return {
        "metadata": json.dumps(metadata),
        "is_attested": "true",
        "file": (io.BytesIO(content), name),
        **fields,
    }


def enter(caller, **fields):
    return caller.ask("POST", PATH, data=form(**fields), content_type="multipart/form-data")


def test_a_document_is_entered_listed_and_read_with_its_file(clerk, sign_in):
    entered = enter(clerk)
    assert entered.status_code == 201, entered.json
    document = clerk.get(entered.headers["Location"]).json
    assert (document["subject"], document["code"], document["status"]) == (
        "Về việc báo cáo",
        "12-CV/TU",
        "arrived",
    )
    file = document["files"][0]
    assert (file["file_name"], file["media_type"]) == ("công văn.pdf", "application/pdf")
    read = clerk.get(f"{entered.headers['Location']}/files/{file['id']}")
    assert read.data == PDF
    assert "sandbox" in read.headers["Content-Security-Policy"]
    assert "filename*=UTF-8''c%C3%B4ng%20v%C4%83n.pdf" in read.headers["Content-Disposition"]
    listed = clerk.get(f"{PATH}?text=báo cáo").json["items"]
    assert [one["id"] for one in listed] == [entered.json["document_id"]]
    reads = sign_in("giamsat").get("/api/v1/audit-events?action=document.read_file").json["items"]
    assert [event["actor"] for event in reads] == ["vanthu"]


def test_a_form_sent_twice_with_one_key_enters_one_document(clerk):
    key = {"Idempotency-Key": "enter"}
    answers = [
        clerk.ask("POST", PATH, data=form(), content_type="multipart/form-data", headers=key)
        for _ in range(2)
    ]
    assert answers[0].json == answers[1].json
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    other = clerk.ask(
        "POST", PATH, data=form(content=PDF + b"%"), content_type="multipart/form-data", headers=key
    )
    assert_problem(other, 409, "idempotency.key_reused")
    assert len(clerk.get(PATH).json["items"]) == 1


def test_wrong_metadata_is_pointed_at(clerk):
    document = assert_problem(
        enter(clerk, metadata={"subject": "", "code_number": "1" * 12, "urgency": "at once"}),
        422,
        "document.invalid",
    )
    pointers = {error["pointer"] for error in document["errors"]}
    assert {"/metadata/subject", "/metadata/code_number", "/metadata/urgency"} <= pointers


def test_without_the_declaration_that_it_holds_no_secret_nothing_is_kept(clerk):
    document = assert_problem(enter(clerk, is_attested="false"), 422)
    assert document["errors"][0]["pointer"] == "/is_attested"
    assert clerk.get(PATH).json["items"] == []


@pytest.mark.parametrize("secrecy", ["confidential", "secret", "top_secret"])
def test_a_secret_document_is_refused_on_the_internet_and_the_attempt_is_known(
    clerk, sign_in, runtime, secrecy
):
    answer = enter(clerk, metadata={"secrecy": secrecy, "subject": "nội dung mật"})
    document = assert_problem(answer, 422, "document.policy")
    assert document["zone"] == "internet"
    assert clerk.get(PATH).json["items"] == []
    assert not any(path.is_file() and path.name != ".lock" for path in runtime.settings.blob_dir.rglob("*"))
    events = sign_in("giamsat").get("/api/v1/audit-events?action=document.refused_by_policy").json["items"]
    assert [event["actor"] for event in events] == ["vanthu"]
    assert "nội dung mật" not in json.dumps(events, ensure_ascii=False)
    assert events[0]["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"metadata_text": "["}, "json.syntax"),
        ({"metadata_text": '{"a": 1, "a": 2}'}, "json.repeated_name"),
    ],
)
def test_metadata_that_cannot_be_read_is_malformed(clerk, fields, code):
    parts = {**form(), "metadata": fields["metadata_text"]}
    answer = clerk.ask("POST", PATH, data=parts, content_type="multipart/form-data")
    assert_problem(answer, 400, code)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, "document.form"),
        ({"metadata": "[]"}, "document.form"),
        ({"metadata": "{}", "is_attested": "yes"}, "form.flag"),
    ],
)
def test_a_form_that_is_none_is_refused(clerk, parts, code):
    assert_problem(clerk.ask("POST", PATH, data=parts, content_type="multipart/form-data"), 422, code)


def test_a_file_over_the_limit_is_refused(clerk, runtime):
    content = PDF + b"0" * (runtime.settings.upload_limit_bytes + 1)
    assert_problem(enter(clerk, content=content), 413)
    assert clerk.get(PATH).json["items"] == []


def test_only_those_who_receive_documents_may_enter_them(clerk, sign_in):
    assert_problem(enter(sign_in("cv.tonghop1")), 403, "action.forbidden")


def test_a_scan_must_be_a_pdf_whatever_its_name_says(clerk):
    assert_problem(enter(clerk, content=b"GIF89a", name="scan.pdf", channel="paper"), 422, "file.not_pdf")


def test_another_agency_s_document_answers_exactly_as_one_that_does_not_exist(clerk, sign_in_elsewhere):
    entered = enter(clerk).json
    file_id = clerk.get(f"{PATH}/{entered['document_id']}").json["files"][0]["id"]
    stranger = sign_in_elsewhere("dongson.vanthu")
    for step in ("", f"/files/{file_id}"):
        documents = []
        for document_id in (entered["document_id"], uuid4()):
            document = assert_problem(stranger.get(f"{PATH}/{document_id}{step}"), 404, "document.not_found")
            documents.append({name: value for name, value in document.items() if name != "request_id"})
        assert documents[0] == documents[1]
    assert stranger.get(PATH).json["items"] == []


def test_a_colleague_without_a_part_in_it_sees_nothing_of_it(clerk, sign_in):
    entered = enter(clerk).json
    assert_problem(sign_in("cv.coyeu1").get(f"{PATH}/{entered['document_id']}"), 404, "document.not_found")


@pytest.mark.clause("S0-5.3")
def test_a_document_is_made_public_and_taken_back_over_the_api(clerk, sign_in, owner, clock):
    entered = enter(clerk).headers["Location"]
    reader = sign_in("cv.coyeu1")
    assert_problem(reader.post(f"{entered}/publication"), 403, "action.forbidden")
    assert clerk.post(f"{entered}/publication").json["code"].startswith("step_up.")
    with owner.session() as session:
        session.execute(STEP_UP, {"now": clock.now()})
    assert clerk.post(f"{entered}/publication").json["is_public"] is True
    assert reader.get(entered).json["is_public"] is True
    taken_back = clerk.post(f"{entered}/publication/withdraw", {"reason": "Nhầm"})
    assert taken_back.json["is_public"] is False
    assert_problem(reader.get(entered), 404, "document.not_found")


def test_a_dossier_is_opened_listed_and_closed(sign_in):
    specialist = sign_in("cv.tonghop1")
    new = {
        "year": 2026,
        "notation": "01-TH",
        "title": "Báo cáo năm",
        "retention": "10 năm",
        "unit_code": "tong_hop",
    }
    opened = specialist.post("/api/v1/dossiers", new)
    assert (opened.status_code, opened.json["document_count"]) == (201, 0)
    assert_problem(specialist.post("/api/v1/dossiers", new), 409, "dossier.exists")
    assert [one["title"] for one in specialist.get("/api/v1/dossiers?year=2026&open=true").json["items"]] == [
        "Báo cáo năm"
    ]
    path = f"/api/v1/dossiers/{opened.json['id']}"
    assert specialist.post(f"{path}/close").json["closed_on"] == "2026-03-02"
    assert_problem(specialist.post(f"{path}/close"), 409, "dossier.closed")
    assert_problem(specialist.get(f"/api/v1/dossiers/{uuid4()}"), 404, "dossier.not_found")


def test_a_packet_of_a_stranger_is_refused_and_a_broken_one_is_pointed_at(clerk):
    packet = {"kind": "new", "from": {"organ_id": "X99"}, "document": METADATA}
    assert_problem(clerk.post("/api/v1/exchange/packets", packet), 403, "packet.unknown_sender")
    assert_problem(clerk.post("/api/v1/exchange/packets", {"kind": "new"}), 422, "request.invalid")
    assert_problem(clerk.post("/api/v1/exchange/packets", {"kind": "new", "from": {}}), 422, "packet.sender")
    content = base64.b64encode(PDF).decode()
    extra = {**packet, "files": [{"file_name": "a.pdf", "content": content}], "more": 1}
    assert_problem(clerk.post("/api/v1/exchange/packets", extra), 422, "request.invalid")


@pytest.mark.clause("S4-4.2")
def test_after_an_outage_an_arrival_is_entered_with_its_real_time_and_its_deadlines_run_from_then(
    clerk, runtime
):
    back = {"received_at": "2026-02-27T16:00:00+07:00", "back_entry": "Sổ giấy tạm, trang 12"}
    entered = enter(clerk, channel="paper", **back)
    document = clerk.get(entered.headers["Location"]).json
    assert document["received_at"] == "2026-02-27T09:00:00Z"
    line = document["trace"][0]
    assert (line["kind"], line["back_entry"], line["by"]) == ("entered", back["back_entry"], "vanthu")
    assert line["at"].startswith("2026-03-02")
    rounds.run_due_jobs(runtime)
    (task,) = clerk.get("/api/v1/tasks").json["items"]
    assert (task["element_id"], task["due_at"], task["is_overdue"]) == (
        "check_document",
        "2026-02-27T17:00:00Z",
        True,
    )


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"received_at": "2026-02-27T16:00:00", "back_entry": "sổ giấy"}, "/received_at"),
        ({"back_entry": "sổ giấy"}, "/received_at"),
        ({"received_at": "2026-02-27T16:00:00+07:00"}, "/back_entry"),
        ({"received_at": "2026-03-02T08:01:00+07:00", "back_entry": "sổ giấy"}, "/received_at"),
        ({"received_at": "2026-01-02T08:00:00+07:00", "back_entry": "sổ giấy"}, "/received_at"),
    ],
)
def test_an_entry_after_an_outage_names_its_time_and_its_proof(clerk, fields, pointer):
    document = assert_problem(enter(clerk, **fields), 422)
    assert [one["pointer"] for one in document["errors"]] == [pointer]
