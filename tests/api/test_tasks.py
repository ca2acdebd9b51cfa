"""The task API from claiming to completing, as the people of an office use it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.api.callers import assert_problem
from tests.api.processes import deploy, only_task, start


@pytest.fixture
def clerk(sign_in, deployed):
    """The clerk, with one task waiting for her."""
    caller = sign_in("vanthu")
    start(caller, {"topic": "họp"})
    return caller


@pytest.fixture
def deployed(sign_in):
    """The short process, deployed by the analyst."""
    return deploy(sign_in("phantich"))


def test_a_started_process_puts_a_task_before_its_potential_owners(clerk, sign_in):
    task = only_task(clerk, scope="groups")
    assert task["name"] == "Viết phiếu"
    assert task["subject"] == "Phiếu họp"
    assert task["state"] == "ready"
    assert task["urgency"] == "urgent"
    assert task["due_at"] == "2026-03-02T09:00:00Z"
    assert "claim" in task["verbs"]
    assert only_task(sign_in("vanthu2"), scope="groups")["id"] == task["id"]
    assert sign_in("cv.tonghop1").get("/api/v1/tasks").json["items"] == []


def test_a_task_travels_from_claim_to_the_end_of_its_process(clerk, sign_in):
    task = only_task(clerk)
    claimed = clerk.post(f"/api/v1/tasks/{task['id']}/claim", headers={"If-Match": f'"{task["version"]}"'})
    assert claimed.status_code == 200
    assert claimed.json["owner"] == "vanthu"
    assert claimed.headers["ETag"] == f'"{claimed.json["version"]}"'
    detail = clerk.get(f"/api/v1/tasks/{task['id']}").json
    assert detail["form"]["required"] == ["text"]
    done = clerk.post(f"/api/v1/tasks/{task['id']}/complete", {"data": {"text": "Xin ý kiến", "pages": 2}})
    assert done.status_code == 200, done.json
    assert done.json["state"] == "completed"
    head = sign_in("chanhvp")
    approval = only_task(head)
    assert (
        head.post(f"/api/v1/tasks/{approval['id']}/complete", {"data": {"is_approved": True}}).status_code
        == 200
    )
    instance = sign_in("giamsat").get(f"/api/v1/instances/{task['instance_id']}").json
    assert instance["view"]["state"] == "completed"
    assert instance["variables"]["text"] == "Xin ý kiến"


def test_a_submission_that_breaks_the_form_is_refused_field_by_field(clerk):
    task = only_task(clerk)
    answer = clerk.post(
        f"/api/v1/tasks/{task['id']}/complete", {"data": {"text": "", "pages": 0, "other": 1}}
    )
    document = assert_problem(answer, 422)
    pointers = {error["pointer"] for error in document["errors"]}
    assert {"/text", "/pages"} <= pointers
    assert only_task(clerk)["state"] == "ready"


def test_someone_who_was_faster_is_noticed(clerk, sign_in):
    task = only_task(clerk)
    seen = {"If-Match": f'"{task["version"]}"'}
    assert clerk.post(f"/api/v1/tasks/{task['id']}/claim", headers=seen).status_code == 200
    late = sign_in("vanthu2").post(f"/api/v1/tasks/{task['id']}/claim", headers=seen)
    document = assert_problem(late, 412, "user_task.version_mismatch")
    assert document["current"] == task["version"] + 1


def test_a_claimed_task_is_not_another_s_to_claim(clerk, sign_in):
    task = only_task(clerk)
    other = sign_in("vanthu2")
    clerk.post(f"/api/v1/tasks/{task['id']}/claim")
    assert_problem(other.post(f"/api/v1/tasks/{task['id']}/claim"), 409)


def test_completing_twice_is_a_conflict_and_with_the_same_key_the_same_answer(clerk):
    task = only_task(clerk)
    path, body = f"/api/v1/tasks/{task['id']}/complete", {"data": {"text": "a"}}
    first = clerk.post(path, body, headers={"Idempotency-Key": "k1"})
    again = clerk.post(path, body, headers={"Idempotency-Key": "k1"})
    assert first.status_code == again.status_code == 200
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert again.json == first.json
    assert again.headers["ETag"] == first.headers["ETag"]
    assert_problem(clerk.post(path, body), 409)
    other_body = clerk.post(path, {"data": {"text": "b"}}, headers={"Idempotency-Key": "k1"})
    assert_problem(other_body, 409, "idempotency.key_reused")


def test_a_refused_request_does_not_use_up_its_key(clerk):
    task = only_task(clerk)
    path, key = f"/api/v1/tasks/{task['id']}/complete", {"Idempotency-Key": "k2"}
    assert_problem(clerk.post(path, {"data": {}}, headers=key), 422)
    assert clerk.post(path, {"data": {"text": "a"}}, headers=key).status_code == 200


def test_keys_belong_to_the_person_who_sends_them(clerk, sign_in):
    task = only_task(clerk)
    key = {"Idempotency-Key": "same"}
    assert clerk.post(f"/api/v1/tasks/{task['id']}/claim", headers=key).status_code == 200
    assert_problem(sign_in("vanthu2").post(f"/api/v1/tasks/{task['id']}/claim", headers=key), 409)


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_malformed_key_is_refused(clerk, key):
    task = only_task(clerk)
    answer = clerk.post(f"/api/v1/tasks/{task['id']}/claim", headers={"Idempotency-Key": key})
    assert_problem(answer, 400, "idempotency_key.malformed")


@pytest.mark.parametrize("tag", ["3", 'W/"3"', '"a"', '"1", "2"', '"9999999999999999999"'])
def test_a_malformed_if_match_is_refused(clerk, tag):
    task = only_task(clerk)
    answer = clerk.post(f"/api/v1/tasks/{task['id']}/claim", headers={"If-Match": tag})
    assert_problem(answer, 400, "if_match.malformed")


def test_delegating_and_giving_back(clerk, sign_in):
    task = only_task(clerk)
    clerk.post(f"/api/v1/tasks/{task['id']}/claim")
    handed = clerk.post(f"/api/v1/tasks/{task['id']}/delegate", {"to": "cv.tonghop1"})
    assert handed.json["owner"] == "cv.tonghop1"
    deputy = sign_in("cv.tonghop1")
    back = deputy.post(f"/api/v1/tasks/{task['id']}/give-back")
    assert back.json["owner"] == "vanthu"


def test_releasing_and_forwarding(clerk, sign_in):
    task = only_task(clerk)
    clerk.post(f"/api/v1/tasks/{task['id']}/claim")
    assert clerk.post(f"/api/v1/tasks/{task['id']}/release").json["state"] == "ready"
    moved = clerk.post(f"/api/v1/tasks/{task['id']}/forward", {"to": "role:specialist@unit:tong_hop"})
    assert moved.json["owners"] == ["role:specialist@unit:tong_hop"]
    assert only_task(sign_in("cv.tonghop1"), scope="groups")["id"] == task["id"]
    assert clerk.get("/api/v1/tasks?scope=groups").json["items"] == []


def test_a_draft_is_kept_and_shown_again(clerk):
    task = only_task(clerk)
    clerk.post(f"/api/v1/tasks/{task['id']}/claim")
    kept = clerk.ask("PUT", f"/api/v1/tasks/{task['id']}/draft", json={"data": {"text": "nửa chừng"}})
    assert kept.status_code == 200
    assert clerk.get(f"/api/v1/tasks/{task['id']}").json["draft"] == {"text": "nửa chừng"}


def test_comments_and_files_stay_with_their_author(clerk):
    task = only_task(clerk)
    assert clerk.post(f"/api/v1/tasks/{task['id']}/comments", {"body": "Gấp"}).status_code == 201
    attached = clerk.ask(
        "POST",
        f"/api/v1/tasks/{task['id']}/files",
        data={"file": (b_file(b"%PDF-1.7\n%%EOF\n"), "../../đính kèm.pdf"), "is_attested": "true"},
        content_type="multipart/form-data",
    )
    assert attached.status_code == 201, attached.json
    notes = clerk.get(f"/api/v1/tasks/{task['id']}").json["notes"]
    assert [note["body"] for note in notes] == ["Gấp", ""]
    assert notes[1]["file_name"] == "đính kèm.pdf"
    assert {note["author"] for note in notes} == {"vanthu"}
    read = clerk.get(f"/api/v1/tasks/{task['id']}/files/{notes[1]['id']}")
    assert read.data.startswith(b"%PDF-1.7")
    assert "sandbox" in read.headers["Content-Security-Policy"]
    assert read.headers["Content-Disposition"].startswith("attachment")
    assert_problem(clerk.get(f"/api/v1/tasks/{task['id']}/files/{notes[0]['id']}"), 404)


def test_overdue_tasks_are_found_and_counted(clerk, sign_in, clock):
    assert clerk.get("/api/v1/tasks?overdue=true").json["items"] == []
    clock.advance(timedelta(hours=9))
    page = sign_in("vanthu").get("/api/v1/tasks?overdue=true").json
    assert [task["is_overdue"] for task in page["items"]] == [True]
    assert page["counts"]["overdue"] == 1


def test_a_long_list_is_read_page_by_page(clerk):
    for number in range(6):
        start(clerk, {"topic": str(number)})
    seen, cursor = [], None
    while True:
        query = "/api/v1/tasks?limit=3" + (f"&cursor={cursor}" if cursor else "")
        page = clerk.get(query).json
        seen += [task["id"] for task in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert page["counts"]["groups"] == 7


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=a", "scope=theirs", "state=odd", "due_before=2026-03-05", "nothing=1"],
)
def test_a_filter_that_means_nothing_is_refused(sign_in, query):
    document = assert_problem(sign_in("vanthu").get(f"/api/v1/tasks?{query}"), 422, "request.invalid")
    assert document["in"] == "query"
    assert document["errors"][0]["pointer"] == "/" + query.split("=")[0]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "W10", "eyJhIjoxfQ", "WzEsMl0"])
def test_a_cursor_that_is_not_ours_is_refused(sign_in, cursor):
    assert_problem(sign_in("vanthu").get(f"/api/v1/tasks?cursor={cursor}"), 422, "cursor.invalid")


@pytest.mark.parametrize(
    ("method", "step", "body"),
    [
        ("GET", "", None),
        ("POST", "/claim", None),
        ("POST", "/release", None),
        ("POST", "/delegate", {"to": "vanthu"}),
        ("POST", "/forward", {"to": "user:vanthu"}),
        ("PUT", "/draft", {"data": {}}),
        ("POST", "/complete", {"data": {"text": "a"}}),
        ("POST", "/comments", {"body": "a"}),
        ("GET", "/files/019aaaaa-0000-7000-8000-000000000000", None),
    ],
)
def test_another_agency_s_task_answers_exactly_as_one_that_does_not_exist(
    clerk, sign_in_elsewhere, method, step, body
):
    task = only_task(clerk)
    stranger = sign_in_elsewhere("dongson.quantri")
    documents = []
    for task_id in (task["id"], uuid4()):
        answer = stranger.ask(method, f"/api/v1/tasks/{task_id}{step}", json=body)
        document = assert_problem(answer, 404)
        documents.append({name: value for name, value in document.items() if name != "request_id"})
    assert documents[0] == documents[1]


def b_file(content):
    import io

    return io.BytesIO(content)
