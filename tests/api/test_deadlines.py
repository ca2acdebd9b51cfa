"""Deadlines over HTTP: paused, resumed, extended, urged, each by those whom the table names and nobody else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from service.storage.models import Document, Outbox, Timer, UserTask, table_of
from service.worker import rounds
from tests.api.callers import assert_problem
from tests.api.processes import deploy, only_task, start
from tests.harness import OPENING

TASK, TIMER, OUTBOX, DOCUMENT = (table_of(model) for model in (UserTask, Timer, Outbox, Document))
LATER = "2026-03-20T10:00:00+07:00"
REASON = {"reason": "Chờ cơ quan gửi bổ sung"}
DOER = "cv.tonghop1"
WATCHERS = {
    "giamsat": "the supervisor",
    "chanhvp": "the head of the office",
    "phochanhvp": "a leader of the agency",
    "tp.tonghop": "the head of the doer's unit",
    "vanthu": "the one who gave the work",
}
OTHERS = ("cv.tonghop2", "tp.hanhchinh", "vanthu2")


@pytest.fixture
def given(sign_in):
    """A task of five working days at a specialist, given by the clerk: its id."""
    deploy(sign_in("phantich"), "given_work")
    start(sign_in("vanthu"), {"doer": f"user:{DOER}"}, "given_work")
    task = only_task(sign_in(DOER))
    assert sign_in(DOER).post(f"/api/v1/tasks/{task['id']}/claim").status_code == 200
    return task["id"]


def act(caller, task, verb, body=None):
    return caller.post(f"/api/v1/deadlines/{task}/{verb}", REASON if body is None else body)


def ledger(caller, task):
    return [line["kind"] for line in caller.get(f"/api/v1/deadlines/{task}").json["ledger"]]


@pytest.mark.clause("S4-6.2b")
def test_the_doer_pauses_and_goes_on_and_the_ledger_tells(sign_in, given, clock):
    doer = sign_in(DOER)
    before = doer.get(f"/api/v1/deadlines/{given}").json
    assert "5 ngày làm việc" in before["derivation_vi"]
    assert act(doer, given, "pause").status_code == 204
    assert_problem(act(doer, given, "pause"), 409, "deadline.paused")
    paused = doer.get(f"/api/v1/deadlines/{given}").json
    assert paused["is_paused"]
    clock.advance(timedelta(days=7))
    resumed = act(sign_in(DOER), given, "resume")
    assert resumed.status_code == 200
    assert resumed.json["due_at"] > before["due_at"]
    assert [line["kind"] for line in resumed.json["ledger"]] == ["paused", "resumed", "recomputed"]
    assert resumed.json["ledger"][0]["reason"] == REASON["reason"]
    assert_problem(act(sign_in(DOER), given, "resume"), 409, "deadline.running")


@pytest.mark.parametrize("login", OTHERS)
def test_a_task_of_others_has_no_deadline_for_a_stranger(sign_in, given, login):
    stranger = sign_in(login)
    assert_problem(stranger.get(f"/api/v1/deadlines/{given}"), 404, "user_task.not_found")
    for verb, body in (("pause", REASON), ("resume", REASON), ("urge", {})):
        assert_problem(act(stranger, given, verb, body), 404, "user_task.not_found")
    asked = act(stranger, given, "extensions", {"due_at": LATER, **REASON})
    assert_problem(asked, 404, "user_task.not_found")


@pytest.mark.parametrize("login", ["chanhvp", "tp.tonghop", "vanthu"])
def test_who_only_watches_neither_pauses_nor_asks(sign_in, given, login):
    watcher = sign_in(login)
    assert_problem(act(watcher, given, "pause"), 403, "action.forbidden")
    asked = act(watcher, given, "extensions", {"due_at": LATER, **REASON})
    assert_problem(asked, 403, "action.forbidden")


@pytest.mark.clause("S0-11g4", "S1-4.2a", "S3-7.2a", "S4-7", "S4-7b")
@pytest.mark.parametrize("login", WATCHERS)
def test_each_who_watches_urges_with_one_click(sign_in, given, database, office, login):
    answer = act(sign_in(login), given, "urge", {"note": "Đề nghị xong sớm"})
    assert (answer.status_code, answer.json) == (200, {"to": [f"user:{DOER}"]})
    assert ledger(sign_in(login), given) == ["urged"]
    with database.unit_of_work(office.system) as unit:
        payload = unit.session.execute(
            select(OUTBOX.c.payload).where(OUTBOX.c.channel == "notice")
        ).scalar_one()
    assert (payload["kind"], payload["note"]) == ("urging", "Đề nghị xong sớm")


def test_the_doer_does_not_urge_themself(sign_in, given):
    assert_problem(act(sign_in(DOER), given, "urge", {}), 403, "action.forbidden")


@pytest.mark.clause("S1-4.2a", "S4-7")
def test_what_one_watches_over_is_a_list_and_the_backlog_a_part_of_it(sign_in, given, clock):
    for login in WATCHERS:
        assert [one["id"] for one in _listed(sign_in(login), "watched")] == [given], login
        assert _listed(sign_in(login), "watched&overdue=true") == []
    for login in (DOER, *OTHERS):
        assert _listed(sign_in(login), "watched") == []
    clock.advance(timedelta(days=10))
    assert [one["id"] for one in _listed(sign_in("tp.tonghop"), "watched&overdue=true")] == [given]


def test_of_what_is_secret_only_the_supervisor_and_the_assigner_watch(sign_in, given, owner, office):
    task = sign_in("giamsat").get(f"/api/v1/tasks/{given}").json
    _document(owner, office, task["instance_id"], secrecy="secret")
    for login in ("giamsat", "vanthu"):
        assert [one["id"] for one in _listed(sign_in(login), "watched")] == [given]
    for login in ("chanhvp", "phochanhvp", "tp.tonghop"):
        assert _listed(sign_in(login), "watched") == []
        assert_problem(sign_in(login).get(f"/api/v1/tasks/{given}"), 404, "user_task.not_found")
        assert_problem(act(sign_in(login), given, "urge", {}), 404, "user_task.not_found")


def _listed(caller, scope):
    return caller.get(f"/api/v1/tasks?scope={scope}").json["items"]


def _ask(sign_in, given, due_at=LATER):
    answer = act(sign_in(DOER), given, "extensions", {"due_at": due_at, "reason": "Cần thêm số liệu"})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.json["id"]


def _decide(caller, request, *, approve=True):
    body = {"approve": approve, "reason": "Đồng ý" if approve else "Không"}
    return caller.post(f"/api/v1/deadlines/extensions/{request}", body)


@pytest.mark.clause("S0-11g4", "S1-4.2a")
@pytest.mark.parametrize("login", WATCHERS)
def test_each_who_watches_grants_more_time_and_the_old_day_stays_in_the_ledger(sign_in, given, login):
    old = sign_in(DOER).get(f"/api/v1/deadlines/{given}").json["due_at"]
    request = _ask(sign_in, given)
    assert _decide(sign_in(login), request).status_code == 204
    told = sign_in(DOER).get(f"/api/v1/deadlines/{given}").json
    assert told["due_at"].startswith("2026-03-20T03:00:00")
    asked, granted = told["ledger"]
    assert (asked["kind"], asked["actor"], asked["reason"]) == ("extension_asked", DOER, "Cần thêm số liệu")
    assert (granted["kind"], granted["actor"], granted["old_due_at"]) == ("extended", login, old)
    assert_problem(_decide(sign_in(login), request), 409, "deadline.decided")


def test_a_refusal_leaves_the_day(sign_in, given):
    old = sign_in(DOER).get(f"/api/v1/deadlines/{given}").json["due_at"]
    assert _decide(sign_in("tp.tonghop"), _ask(sign_in, given), approve=False).status_code == 204
    told = sign_in(DOER).get(f"/api/v1/deadlines/{given}").json
    assert told["due_at"] == old
    assert ledger(sign_in(DOER), given) == ["extension_asked", "extension_refused"]


def test_nobody_grants_themself_more_time(sign_in, given):
    request = _ask(sign_in, given)
    assert_problem(_decide(sign_in(DOER), request), 403, "action.forbidden")
    supervisors = act(sign_in("giamsat"), given, "extensions", {"due_at": LATER, **REASON}).json["id"]
    assert_problem(_decide(sign_in("giamsat"), supervisors), 403, "deadline.own_request")
    for login in OTHERS:
        assert_problem(_decide(sign_in(login), request), 404, "user_task.not_found")


def test_an_earlier_day_is_no_extension(sign_in, given):
    early = act(sign_in(DOER), given, "extensions", {"due_at": OPENING.isoformat(), **REASON})
    assert assert_problem(early, 422, "deadline.not_later")["errors"][0]["pointer"] == "/due_at"


def test_an_extension_in_a_pause_ends_the_pause_with_a_line_of_its_own(sign_in, given, clock):
    act(sign_in(DOER), given, "pause")
    request = _ask(sign_in, given)
    clock.advance(timedelta(hours=1))
    refused = _decide(sign_in("tp.tonghop"), request)
    assert refused.status_code == 204, refused.get_data(as_text=True)
    told = sign_in(DOER).get(f"/api/v1/deadlines/{given}").json
    assert not told["is_paused"]
    assert told["due_at"].startswith("2026-03-20T03:00:00")
    kinds = ["paused", "extension_asked", "resumed", "recomputed", "extended"]
    assert ledger(sign_in(DOER), given) == kinds


def test_a_suspended_task_neither_pauses_nor_goes_on(sign_in, given):
    act(sign_in(DOER), given, "pause")
    supervisor = sign_in("giamsat")
    instance = supervisor.get(f"/api/v1/tasks/{given}").json["instance_id"]
    assert supervisor.post(f"/api/v1/instances/{instance}/suspend", {"reason": "x"}).status_code == 200
    assert_problem(act(sign_in(DOER), given, "resume"), 409, "action.wrong_state")
    assert supervisor.post(f"/api/v1/instances/{instance}/resume").status_code == 200
    assert sign_in(DOER).get(f"/api/v1/deadlines/{given}").json["is_paused"]


def test_an_instance_that_goes_on_leaves_the_timers_of_a_paused_task_held(
    sign_in, given, database, office, owner
):
    doer, supervisor = sign_in(DOER), sign_in("giamsat")
    task = supervisor.get(f"/api/v1/tasks/{given}").json
    timers = [{"due_at": task["due_at"], "id": given}, {"due_at": LATER, "id": task["instance_id"]}]
    with owner.session() as session:
        common = {"agency_id": office.agency_id, "instance_id": task["instance_id"], "held": False}
        rows = [{**common, "element_id": "x", "token_id": one["id"], **one} for one in timers]
        session.connection().execute(TIMER.insert(), rows)
    act(doer, given, "pause")
    supervisor.post(f"/api/v1/instances/{task['instance_id']}/suspend", {"reason": "x"})
    assert _held(database, office) == [True, True]
    supervisor.post(f"/api/v1/instances/{task['instance_id']}/resume")
    assert _held(database, office) == [True, False]


def _held(database, office):
    with database.unit_of_work(office.system) as unit:
        return list(unit.session.execute(select(TIMER.c.held).order_by(TIMER.c.due_at)).scalars())


@pytest.mark.clause("S4-6.2b")
def test_a_rule_that_stops_while_the_document_waits_does_stop(sign_in, given, runtime, office, owner):
    supervisor, clock = sign_in("giamsat"), runtime.clock
    task = supervisor.get(f"/api/v1/tasks/{given}").json
    document = _document(owner, office, task["instance_id"])
    with owner.session() as session:
        rule = {**task["deadline"], "stops": ["waiting"]}
        session.connection().execute(update(TASK).where(TASK.c.id == given).values(deadline=rule))
    assert rounds.follow_states(runtime) == 0
    waiting_from = clock.now() + timedelta(hours=2)
    _turn(owner, document, "waiting", waiting_from)
    clock.advance(timedelta(hours=3))
    assert rounds.follow_states(runtime) == 1
    assert rounds.follow_states(runtime) == 0
    told = sign_in("giamsat").get(f"/api/v1/deadlines/{given}").json
    assert told["is_paused"]
    assert told["ledger"][0]["at"].startswith(f"{waiting_from:%Y-%m-%dT%H:%M}")
    assert told["ledger"][0]["reason"] == "Văn bản ở trạng thái “Đang chờ bổ sung, xác minh”"
    _turn(owner, document, "in_progress", waiting_from + timedelta(days=7))
    clock.advance(timedelta(days=8))
    assert rounds.follow_states(runtime) == 1
    told = sign_in("giamsat").get(f"/api/v1/deadlines/{given}").json
    assert [line["kind"] for line in told["ledger"]] == ["paused", "resumed", "recomputed"]
    assert told["due_at"] > task["due_at"]
    assert rounds.follow_states(runtime) == 0


def _document(owner, office, instance_id, *, secrecy="none"):
    row = {
        **dict.fromkeys(("subject", "description", "organ_name", "code_number", "code_notation"), "x"),
        **dict.fromkeys(("signer_position", "signer_name", "category", "to_places", "language"), ""),
        "id": instance_id,
        "agency_id": office.agency_id,
        "instance_id": instance_id,
        "direction": "incoming",
        "status": "in_progress",
        "channel": "paper",
        "type_name": "Công văn",
        "urgency": "normal",
        "secrecy": secrecy,
        "is_public": False,
        "trace": [],
        "version": 1,
        "created_at": OPENING,
    }
    with owner.session() as session:
        session.connection().execute(DOCUMENT.insert(), row)
    return instance_id


def _turn(owner, document, status, at):
    with owner.session() as session:
        connection = session.connection()
        trace = connection.execute(select(DOCUMENT.c.trace).where(DOCUMENT.c.id == document)).scalar_one()
        lines = [*trace, {"status": status, "at": at.isoformat()}]
        change = update(DOCUMENT).where(DOCUMENT.c.id == document).values(status=status, trace=lines)
        connection.execute(change)


@pytest.mark.clause("S4-7c")
def test_whom_a_head_lets_supervise_urges_in_their_place(sign_in, given):
    order = {
        "delegate": "vanthu2",
        "authorities": ["supervise"],
        "from_on": date(2026, 3, 2).isoformat(),
        "to_on": date(2026, 3, 3).isoformat(),
        "basis": "12-QĐ/VP",
    }
    assert sign_in("tp.tonghop").post("/api/v1/delegations", order).status_code == 201
    deputy = sign_in("vanthu2")
    assert [one["id"] for one in _listed(deputy, "watched")] == [given]
    assert act(deputy, given, "urge", {}).json == {"to": [f"user:{DOER}"]}
    query = f"action=deadline.urged&object_id={given}"
    (event,) = sign_in("giamsat").get(f"/api/v1/audit-events?{query}").json["items"]
    assert (event["actor"], event["on_behalf_of"]) == ("vanthu2", "tp.tonghop")
    assert event["details"]["basis"] == "12-QĐ/VP"


RUNGS = [{"at": 0.25, "to": ["assignee"]}, {"at": "daily", "to": ["head"]}]
LADDERS = "/api/v1/deadlines/ladders"


@pytest.mark.clause("S4-7b")
def test_a_ladder_is_set_for_a_process_and_for_all_and_reset(sign_in, given):
    clerk, specialist = sign_in("vanthu"), sign_in(DOER)
    default, own = specialist.get(LADDERS).json["items"]
    assert (default["process_key"], default["origin"]) == (None, "built_in")
    assert (own["process_key"], own["rungs"]) == ("given_work", default["rungs"])
    assert clerk.ask("PUT", LADDERS, json={"rungs": RUNGS[:1]}).json["origin"] == "agency"
    assert specialist.get(f"{LADDERS}/given_work").json["rungs"] == RUNGS[:1]
    made = clerk.ask("PUT", f"{LADDERS}/given_work", json={"rungs": RUNGS})
    assert made.json == {"process_key": "given_work", "origin": "process", "rungs": RUNGS}
    assert clerk.ask("DELETE", f"{LADDERS}/given_work").json["origin"] == "agency"
    assert clerk.ask("DELETE", LADDERS).json["origin"] == "built_in"


def test_a_ladder_is_refused_where_it_is_malformed_or_of_no_process(sign_in, given):
    clerk = sign_in("vanthu")
    bad = clerk.ask("PUT", LADDERS, json={"rungs": [{"at": 2, "to": ["head"]}]})
    assert_problem(bad, 422, "reminder.ladder")
    assert_problem(clerk.ask("PUT", f"{LADDERS}/nothing", json={"rungs": []}), 404, "process.not_found")
    specialist = sign_in(DOER)
    assert_problem(specialist.ask("PUT", LADDERS, json={"rungs": []}), 403, "action.forbidden")
