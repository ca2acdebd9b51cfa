"""Scans, spills and attested attachments over the API."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from service.app import create_app
from service.bootstrap import build
from service.cli.deploy import deploy_folder
from service.worker import rounds
from tests.api.callers import Caller, assert_problem
from tests.api.processes import deploy, only_task, start
from tests.api.test_documents import ROOT, enter
from tests.factories import open_session
from tests.handlers.scanning.peer import BAD, running_peer
from tests.pdf_files import plain_pdf


@pytest.fixture
def document(sign_in, runtime, office) -> str:
    """The path of a document that a clerk entered."""
    deploy_folder(runtime, ROOT / "processes" / "incoming_document", None, office.code)
    return str(enter(sign_in("vanthu"), content=plain_pdf()).headers["Location"])


@pytest.fixture
def noted(sign_in) -> str:
    """The path of the files of a task of the clerk's."""
    deploy(sign_in("phantich"))
    clerk = sign_in("vanthu")
    start(clerk, {"topic": "Họp giao ban"})
    return f"/api/v1/tasks/{only_task(clerk)['id']}/files"


def attach(caller: Caller, path: str, content: bytes, **fields: str):
    data = {"file": (io.BytesIO(content), "đính kèm.pdf"), **fields}
    return caller.ask("POST", path, data=data, content_type="multipart/form-data")


@pytest.mark.clause("S0-4.4", "S1-1", "S2-3.3")
def test_a_spill_is_reported_decided_and_released_over_the_api(document, sign_in):
    clerk, head = sign_in("vanthu"), sign_in("chanhvp")
    report = {"secrecy": "secret", "reason": "Thuộc danh mục bí mật"}
    reported = clerk.post(f"{document}/spills", report)
    assert (reported.status_code, reported.json.keys()) == (201, {"id", "state"})
    assert_problem(clerk.get(document), 404, "document.not_found")
    assert_problem(clerk.post(f"{document}/spills", report), 404, "document.not_found")
    path = f"/api/v1/spills/{reported.json['id']}"
    assert clerk.get(path).json["state"] == "quarantined"
    decision = {"decision": "release", "reason": "Không phải bí mật"}
    assert_problem(clerk.post(f"{path}/decision", decision), 403, "action.forbidden")
    wiping = head.post(f"{path}/decision", {"decision": "wipe", "reason": "Đúng là mật"})
    assert wiping.status_code == 403
    assert wiping.json["code"].startswith("step_up.")
    assert head.post(f"{path}/decision", decision).json["state"] == "released"
    assert clerk.get(document).status_code == 200
    assert head.get("/api/v1/spills?state=released").json["items"][0]["id"] == reported.json["id"]


def test_spills_are_for_those_who_answer_for_them_and_of_ones_own_agency(
    document, sign_in, sign_in_elsewhere
):
    report = {"secrecy": "secret", "reason": "Thuộc danh mục bí mật"}
    assert_problem(sign_in("cv.coyeu1").post(f"{document}/spills", report), 404, "document.not_found")
    spill_id = sign_in("vanthu").post(f"{document}/spills", report).json["id"]
    assert_problem(sign_in("cv.coyeu1").get(f"/api/v1/spills/{spill_id}"), 403)
    stranger = sign_in_elsewhere("dongson.chanhvp")
    assert stranger.get("/api/v1/spills").json["items"] == []
    assert_problem(stranger.get(f"/api/v1/spills/{spill_id}"), 404, "spill.not_found")
    decision = {"decision": "release", "reason": "x"}
    assert_problem(stranger.post(f"/api/v1/spills/{spill_id}/decision", decision), 404, "spill.not_found")


@pytest.mark.clause("S2-3.3", "S4-3.2")
def test_an_attachment_needs_the_declaration_that_it_holds_no_secret(noted, sign_in):
    clerk = sign_in("vanthu")
    refused = assert_problem(attach(clerk, noted, plain_pdf()), 422, "file.not_attested")
    assert refused["errors"][0]["pointer"] == "/is_attested"
    assert attach(clerk, noted, plain_pdf(), is_attested="true").status_code == 201


@pytest.mark.clause("S4-3.3")
def test_an_attachment_is_of_an_allowed_type_too(noted, sign_in):
    answer = attach(sign_in("vanthu"), noted, b"MZ\x90\x00\x03" * 50, is_attested="true")
    assert_problem(answer, 422, "file.invalid")


def test_watching_over_work_shows_an_attachment_and_not_its_content(noted, sign_in):
    attached = attach(sign_in("vanthu"), noted, plain_pdf(), is_attested="true")
    assert attached.status_code == 201
    task = noted.removesuffix("/files")
    supervisor = sign_in("giamsat")
    note = supervisor.get(task).json["notes"][0]
    assert_problem(supervisor.get(f"{noted}/{note['id']}"), 404, "attachment.not_found")
    assert sign_in("vanthu").get(f"{noted}/{note['id']}").status_code == 200


@pytest.mark.clause("S1-3.3", "S3-19.1", "S3-19.3")
def test_a_file_waits_for_the_scanner_and_the_administrator_has_it_scanned_again(
    settings, clock, office, database
):
    with running_peer() as peer:
        house = build(replace(settings, scanner=peer.settings), clock)
        app = create_app(house)
        as_person = lambda login: Caller(  # noqa: E731
            app.test_client(), open_session(database, office.actor_for(login))
        )
        deploy_folder(house, ROOT / "processes" / "incoming_document", None, office.code)
        clerk, admin = as_person("vanthu"), as_person("quantri")
        document = enter(clerk, content=plain_pdf()).headers["Location"]
        file = clerk.get(document).json["files"][0]
        assert file["scan_state"] == "waiting"
        path = f"{document}/files/{file['id']}"
        for step in ("", "/pages", "/pages/1", "/print-copy"):
            assert_problem(clerk.get(path + step), 409, "file.waiting_for_scan")
        assert rounds.scan_files(house) == 1
        assert clerk.get(path).data == plain_pdf()
        assert_problem(clerk.post("/api/v1/scans/repeat", {}), 403, "action.forbidden")
        assert admin.post("/api/v1/scans/repeat", {"state": "clean"}).json == {"count": 1}
        peer.behaviour, peer.answer = "say", b"stream: New.Malware FOUND\0"
        assert rounds.scan_files(house) == 1
        assert_problem(clerk.get(path), 403, "file.infected")
        page = admin.get("/api/v1/scans?state=infected").json
        assert page["items"][0]["finding"] == "New.Malware"
        assert page["counts"] == {"infected": 1}
        assert BAD not in plain_pdf()
        house.close()
