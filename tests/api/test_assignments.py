"""Assignments over the API: for whom they exist, what they show, and what is done to them outside their tasks."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from service.storage.models import AuditEvent, Outbox, UserTask, table_of
from tests.api.callers import assert_problem
from tests.api.processes import deploy, only_task, start
from tests.harness import OPENING
from tests.queries.assignment_world import AssignmentWorld

PATH = "/api/v1/assignments"
LEADER, MONITOR, HEAD, DOER, OTHER_HEAD = "chanhvp", "phochanhvp", "tp.tonghop", "cv.tonghop1", "tp.hanhchinh"
AUDIT, OUTBOX, TASK = (table_of(model) for model in (AuditEvent, Outbox, UserTask))
PARTIES = {"assigner": [LEADER], "monitor": [MONITOR], "lead": [DOER], "coordinator": ["hanh_chinh"]}


@pytest.fixture
def give(owner, office):
    """Return a function that writes an assignment and returns its address."""

    def write(**row: Any) -> str:
        with owner.unit_of_work(office.system) as unit:
            world = AssignmentWorld(unit, office)
            made = world.give(**{"parties": PARTIES, **row})
            world.add_entry(made, "give", LEADER)
        return f"{PATH}/{made}"

    return write


@pytest.fixture
def at_work(sign_in, give, database, office) -> str:
    """An assignment with a user task of five working days at its doer: its address."""
    deploy(sign_in("phantich"), "given_work")
    start(sign_in("vanthu"), {"doer": f"user:{DOER}"}, "given_work")
    assert sign_in(DOER).post(f"/api/v1/tasks/{only_task(sign_in(DOER))['id']}/claim").status_code == 200
    task = only_task(sign_in(DOER))
    with database.unit_of_work(office.system) as unit:
        due_at = unit.session.execute(select(TASK.c.due_at).where(TASK.c.is_open)).scalar_one()
    return give(instance_id=UUID(task["instance_id"]), due_at=due_at, first_due_at=due_at)


@pytest.mark.clause("S2-4.1", "S0-11g1")
def test_an_assignment_exists_for_those_it_concerns_and_shows_them_who_does_what_until_when(
    give, sign_in, sign_in_elsewhere, database, office
) -> None:
    place = give(percent=30, due_at=OPENING - timedelta(hours=1), description="Theo đề cương")
    for login in (LEADER, MONITOR, DOER, OTHER_HEAD, HEAD, "vt.hanhchinh", "troly", "giamsat"):
        assert sign_in(login).get(place).status_code == 200, login
        assert len(sign_in(login).get(PATH).json["items"]) == 1, login
    for login in ("cv.tonghop2", "tp.coyeu", "quantri", "vanthu"):
        assert_problem(sign_in(login).get(place), 404, "assignment.not_found")
        assert sign_in(login).get(PATH).json["items"] == []
        assert_problem(sign_in(login).post(f"{place}/notes", {"words": "a"}), 404, "assignment.not_found")
    assert_problem(sign_in_elsewhere("dongson.chanhvp").get(place), 404, "assignment.not_found")

    shown = sign_in(DOER).get(place).json
    assert (shown["content"], shown["percent"], shown["is_overdue"]) == ("Chuẩn bị báo cáo", 30, True)
    assert (shown["state"], shown["state_name"]) == ("in_progress", "Đang thực hiện")
    assert shown["assigner"]["name"] == "Trần Văn Minh"
    assert shown["lead"]["login"] == DOER
    assert [one["unit_code"] for one in shown["coordinators"]] == ["hanh_chinh"]
    assert shown["verbs"] == ["note"]
    assert [one["verb_name"] for one in shown["entries"]] == ["Giao nhiệm vụ"]
    with database.unit_of_work(office.system) as unit:
        read = select(AUDIT.c.actor_id).where(AUDIT.c.action == "assignment.read").order_by(AUDIT.c.id)
        readers = list(unit.session.execute(read).scalars())
    assert len(readers) == 9, "every reading is an event, and what was hidden was not read"
    assert readers[-1] == office.accounts[DOER]


def test_lists_are_asked_by_query_and_page_by_page(give, sign_in) -> None:
    give(content="Việc một", state="waiting", waiting_for="Số liệu")
    second = give(content="Việc hai", state="completed", is_late=False, assigned_at=OPENING + timedelta(1))
    caller = sign_in(LEADER)
    page = caller.get(f"{PATH}?limit=1").json
    assert [one["content"] for one in page["items"]] == ["Việc hai"]
    following = caller.get(f"{PATH}?limit=1&cursor={page['next_cursor']}").json
    assert [one["content"] for one in following["items"]] == ["Việc một"]
    assert following["next_cursor"] is None
    for query, count in {
        "part=assigner": 2,
        "part=lead": 0,
        "part=any": 2,
        "state=waiting&state=given": 1,
        "state=waiting&state=completed": 2,
        "open=true": 1,
        "waiting=true": 1,
        "late=false": 1,
        "overdue=true": 0,
        "unit=tong_hop": 2,
        "q=hai": 1,
        f"parent_id={second.rpartition('/')[2]}": 0,
        "due_from=2026-03-01": 0,
        "given_to=2026-03-02": 1,
        "sort=due": 2,
    }.items():
        assert len(caller.get(f"{PATH}?{query}").json["items"]) == count, query
    for query in ("part=x", "state=x", "sort=x", "cursor=abc", "due_from=hôm nay", "unknown=1"):
        assert_problem(caller.get(f"{PATH}?{query}"), 422)


@pytest.mark.clause("S0-11g4")
def test_a_coordinator_contributes_in_words_and_the_others_are_told(give, sign_in, database, office) -> None:
    place = give()
    assert_problem(sign_in(OTHER_HEAD).post(f"{place}/notes", {"words": "  "}), 422, "assignment.words")
    assert_problem(sign_in(HEAD).post(f"{place}/notes", {"words": "a"}), 403)
    answer = sign_in(OTHER_HEAD).post(f"{place}/notes", {"words": "Đã gửi số liệu"})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    entry = answer.json["entries"][-1]
    assert (entry["verb"], entry["by"], entry["words"]) == ("note", OTHER_HEAD, "Đã gửi số liệu")
    with database.unit_of_work(office.system) as unit:
        sent = select(OUTBOX.c.destination, OUTBOX.c.payload).where(OUTBOX.c.channel == "notice")
        told = {row.destination: row.payload for row in unit.session.execute(sent)}
    assert set(told) == {f"user:{login}" for login in (LEADER, MONITOR, DOER)}
    assert told[f"user:{LEADER}"]["kind"] == "assignment_noted"
    assert "Đã gửi" not in str(told), "free words do not leave the house"
    closed = give(state="completed")
    assert_problem(sign_in(LEADER).post(f"{closed}/notes", {"words": "a"}), 409, "action.wrong_state")


@pytest.mark.clause("S0-11g4", "S1-4.2a", "S4-7b")
def test_assigner_monitor_and_heads_urge_whoever_has_the_task(at_work, sign_in, database, office) -> None:
    for login in (LEADER, MONITOR, HEAD, "giamsat"):
        answer = sign_in(login).post(f"{at_work}/urging", {"words": "Đề nghị xong sớm"})
        assert (answer.status_code, answer.json) == (200, {"to": [f"user:{DOER}"]}), login
    entries = sign_in(DOER).get(at_work).json["entries"][1:]
    assert [(one["verb"], one["by"]) for one in entries] == [
        ("urge", login) for login in (LEADER, MONITOR, HEAD, "giamsat")
    ]
    for login in (DOER, OTHER_HEAD):
        assert_problem(sign_in(login).post(f"{at_work}/urging", {}), 403, "action.forbidden")
    with database.unit_of_work(office.system) as unit:
        sent = select(OUTBOX.c.payload).where(OUTBOX.c.channel == "notice")
        notices = list(unit.session.execute(sent).scalars())
    assert [one["kind"] for one in notices] == ["urging"] * 4


@pytest.mark.clause("S0-11g4", "S0-11g5")
def test_the_deadline_of_an_assignment_follows_an_extension_and_the_old_day_is_kept(
    at_work, sign_in, clock
) -> None:
    doer = sign_in(DOER)
    task = only_task(doer)
    later = "2026-03-20T10:00:00+00:00"
    asked = doer.post(
        f"/api/v1/deadlines/{task['id']}/extensions", {"due_at": later, "reason": "Chờ số liệu"}
    )
    before = doer.get(at_work).json
    assert before["due_at"] == task["due_at"]
    answer = sign_in(HEAD).post(
        f"/api/v1/deadlines/extensions/{asked.json['id']}", {"approve": True, "reason": "Đồng ý"}
    )
    assert answer.status_code == 204, answer.get_data(as_text=True)
    after = doer.get(at_work).json
    assert after["due_at"].startswith("2026-03-20T10:00:00")
    assert after["first_due_at"] == task["due_at"]
    assert "gia hạn" in after["deadline"]["derivation_vi"]
    entry = after["entries"][-1]
    assert (entry["verb"], entry["by"], entry["words"]) == ("amend", HEAD, "Đồng ý")
    assert entry["details"]["kind"] == "extended"
    assert entry["details"]["new_due_at"] == later
    doer.post(f"/api/v1/deadlines/{task['id']}/pause", {"reason": "Chờ"})
    clock.advance(timedelta(days=1))
    doer = sign_in(DOER)
    assert doer.post(f"/api/v1/deadlines/{task['id']}/resume", {"reason": "Tiếp"}).status_code == 200
    assert doer.get(at_work).json["due_at"] == only_task(doer)["due_at"]


@pytest.mark.clause("S1-4.2a", "S4-7b")
def test_a_summary_counts_what_its_reader_may_see_by_state_and_by_unit(give, sign_in) -> None:
    give(state="completed", is_late=True)
    give(state="completed", is_late=False)
    give(due_at=OPENING - timedelta(hours=1))
    give(parties={"assigner": [LEADER], "lead": ["hanh_chinh"]}, assigned_at=OPENING - timedelta(days=40))
    give(parties={"assigner": [MONITOR], "lead": [LEADER]})

    def counted(login: str, query: str = "") -> Any:
        return sign_in(login).get(f"{PATH}/summary{query}").json

    whole = counted(LEADER)
    total = whole["total"]
    assert (total["total"], total["open"], total["overdue"]) == (5, 3, 1)
    assert (total["on_time"], total["late"]) == (1, 1)
    assert (total["by_state"]["completed"], total["by_state"]["given"]) == (2, 0)
    assert [(one["unit_code"], one["total"]) for one in whole["units"]] == [
        ("hanh_chinh", 1),
        ("tong_hop", 3),
        (None, 1),
    ]
    assert counted(LEADER, "?given_from=2026-03-01")["total"]["total"] == 4
    assert [one["total"] for one in counted(HEAD)["units"]] == [3]
    assert counted("tp.coyeu") == {"total": {**counted("tp.coyeu")["total"], "total": 0}, "units": []}


@pytest.mark.clause("S1-8.3")
def test_a_list_is_taken_out_as_a_workbook_and_on_record(give, sign_in, database, office) -> None:
    give(content="=1+1", due_at=OPENING - timedelta(hours=1), percent=20)
    answer = sign_in(LEADER).get(f"{PATH}/export?overdue=true")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert "X-Export-Warning" in answer.headers
    header, line = load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    assert dict(zip(header, line, strict=True)) == {
        "Nội dung": "=1+1",
        "Văn bản nguồn": None,
        "Người giao": "Trần Văn Minh",
        "Chủ trì": "Vũ Ngọc Mai",
        "Người thực hiện": None,
        "Phối hợp": "Phòng Hành chính - Quản trị",
        "Người theo dõi": "Lê Thị Hương",
        "Ngày giao": "02/03/2026",
        "Thời hạn": "02/03/2026",
        "Trạng thái": "Đang thực hiện",
        "Tiến độ (%)": "20",
        "Đánh giá thời hạn": "Quá hạn",
    }
    with database.unit_of_work(office.system) as unit:
        event = unit.session.execute(select(AUDIT).where(AUDIT.c.action == "data.exported")).one()
    assert (event.object_kind, event.details["count"]) == ("assignment", 1)


def test_what_cannot_be_given_is_told_field_by_field(sign_in) -> None:
    body = {"content": "a", "lead": "user:khong_co", "due_on": "2026-03-01", "monitor": "ai_do"}
    refused = assert_problem(sign_in(LEADER).post(PATH, body), 422, "assignment.invalid")
    assert {one["pointer"] for one in refused["errors"]} == {"/lead", "/due_on", "/monitor"}
    assert_problem(sign_in(DOER).post(PATH, body), 403, "action.forbidden")
    missing = assert_problem(sign_in(LEADER).post(PATH, {"urgency": "x"}), 422)
    assert {one["pointer"] for one in missing["errors"]} == {"/content", "/lead", "/urgency"}
    body = {"content": "a", "lead": f"user:{DOER}", "on_behalf_of": MONITOR}
    refused = assert_problem(sign_in(LEADER).post(PATH, body), 422, "assignment.invalid")
    assert refused["errors"][0]["pointer"] == "/on_behalf_of"
    out_of_reach = sign_in(HEAD).post(PATH, {"content": "a", "lead": "user:cv.hanhchinh1"})
    assert assert_problem(out_of_reach, 422)["errors"][0]["code"] == "assignment.out_of_reach"
