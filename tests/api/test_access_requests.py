"""Asking for access over the API: the answer tells nothing of what there is; the grant shows and ends."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from service.cli.deploy import deploy_folder
from tests.api.callers import Caller, assert_problem
from tests.api.test_documents import PATH, enter
from tests.pdf_files import plain_pdf

ROOT = Path(__file__).resolve().parents[2]
REQUESTS = "/api/v1/access-requests"
WANTED = {"reason": "Soạn báo cáo", "from_on": "2026-03-02", "until_on": "2026-03-06", "codes": ["12-CV/TU"]}


@pytest.fixture
def document(sign_in, runtime, office) -> str:
    """A document that a clerk entered; the path of its reading."""
    for process in ("incoming_document", "access_request"):
        deploy_folder(runtime, ROOT / "processes" / process, None, office.code)
    return str(enter(sign_in("vanthu"), content=plain_pdf()).headers["Location"])


def decide(caller: Caller, element: str, **data) -> None:
    (task,) = [
        one for one in caller.get("/api/v1/tasks?scope=all").json["items"] if one["element_id"] == element
    ]
    answer = caller.post(f"/api/v1/tasks/{task['id']}/complete", {"data": {"decision": "agree", **data}})
    assert answer.status_code == 200, answer.json


@pytest.mark.clause("S3-19.4")
def test_a_document_is_opened_by_two_consents_and_closed_by_withdrawal(document, sign_in):
    asker = sign_in("cv.hanhchinh1")
    assert_problem(asker.get(document), 404, "document.not_found")
    asked = asker.post(REQUESTS, WANTED)
    assert (asked.status_code, asked.json["state"]) == (201, "asked"), asked.json
    decide(sign_in("tp.hanhchinh"), "consider_in_unit")
    assert_problem(asker.get(document), 404, "document.not_found")
    decide(sign_in("chanhvp"), "consider_in_office")
    read = asker.get(document).json
    assert read["rights"] == ["document.view_pages"]
    file = f"{document}/files/{read['files'][0]['id']}"
    assert_problem(asker.get(file), 403, "document.view_only")
    mine = asker.get(asked.headers["Location"]).json
    assert (mine["state"], len(mine["grants"]), len(mine["approvals"])) == ("granted", 1, 2)
    ended = asker.post(f"{asked.headers['Location']}/withdraw", {"reason": "Đã xong"})
    assert ended.json["state"] == "withdrawn"
    assert_problem(asker.get(document), 404, "document.not_found")
    assert_problem(asker.post(f"{asked.headers['Location']}/withdraw", {"reason": "Nữa"}), 409)


@pytest.mark.clause("S2-9.1b", "S2-3.5b")
def test_who_may_only_look_gets_marked_pages_and_no_file(document, sign_in):
    asker = sign_in("cv.hanhchinh1")
    asker.post(REQUESTS, WANTED)
    decide(sign_in("tp.hanhchinh"), "consider_in_unit")
    decide(sign_in("chanhvp"), "consider_in_office")
    file = f"{document}/files/{asker.get(document).json['files'][0]['id']}"
    assert asker.get(f"{file}/pages").json == {"page_count": 1}
    page = asker.get(f"{file}/pages/1")
    assert (page.status_code, page.content_type) == (200, "image/png")
    assert page.data.startswith(b"\x89PNG")
    assert page.headers["Cache-Control"] == "no-store"
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert page.data != sign_in("vanthu").get(f"{file}/pages/1").data
    assert_problem(asker.get(f"{file}/pages/2"), 404, "page.not_found")
    for step in ("", "/print-copy"):
        assert_problem(asker.get(file + step), 403, "document.view_only")
    printed = sign_in("vanthu").get(f"{file}/print-copy")
    assert (printed.content_type, printed.data[:5]) == ("application/pdf", b"%PDF-")
    assert "attachment" in printed.headers["Content-Disposition"]
    supervisor = sign_in("giamsat")
    for action, actors in (
        ("document.view_page", {"cv.hanhchinh1", "vanthu"}),
        ("document.print_copy", {"vanthu"}),
    ):
        events = supervisor.get(f"/api/v1/audit-events?action={action}").json["items"]
        assert {event["actor"] for event in events} == actors


def test_requests_are_their_askers_and_the_head_of_offices(document, sign_in, sign_in_elsewhere):
    asked = sign_in("cv.hanhchinh1").post(REQUESTS, WANTED).headers["Location"]
    for stranger in (sign_in("cv.tonghop1"), sign_in("quantri"), sign_in_elsewhere("dongson.chanhvp")):
        assert_problem(stranger.get(asked), 404, "access_request.not_found")
        assert_problem(stranger.post(f"{asked}/withdraw", {"reason": "x"}), 404, "access_request.not_found")
        assert stranger.get(REQUESTS).json["items"] == []
    assert len(sign_in("chanhvp").get(f"{REQUESTS}?state=asked").json["items"]) == 1
    assert_problem(sign_in("chanhvp").get(f"{REQUESTS}/{uuid4()}"), 404, "access_request.not_found")
    assert PATH in document
