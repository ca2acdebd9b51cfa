"""What happens to a task's deadline: recomputed with the calendar, paused, extended, urged, reminded of."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, text

from service.actions import calendars, deadlines, reminders, user_tasks
from service.domain.errors import Conflict, Forbidden, InvalidInput
from service.domain.holidays import OfficialDay
from service.domain.ids import new_id
from service.queries.deadlines import moved_by, read_deadline
from service.storage.models import Outbox, Partner, Timer, table_of
from service.worker import rounds
from tests.processes.desk import PARTNER, SPECIALIST, UNIT_HEAD, Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
WATCHER = "giamsat"
OUTBOX, TIMER = table_of(Outbox), table_of(Timer)


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=HANOI)


@pytest.fixture
def desk(runtime, office, clock) -> Desk:
    """A desk with a document at a specialist: five working days, until Monday 9 March, 17:00."""
    made = Desk(runtime, office, clock)
    with made.unit() as unit:
        row = {
            "id": new_id(unit.now),
            "agency_id": office.agency_id,
            "organ_id": PARTNER,
            "name": "Ban (mẫu)",
        }
        unit.session.execute(insert(table_of(Partner)).values(row))
    made.deploy_bundle()
    made.enter()
    made.to_handling()
    return made


def _task(desk: Desk):
    return desk.task("work_on_document", desk.instance_id)


def _timers(desk: Desk) -> list[datetime]:
    with desk.unit() as unit:
        return list(unit.session.execute(select(TIMER.c.due_at).order_by(TIMER.c.due_at)).scalars())


def _ledger(desk: Desk, task_id) -> list[str]:
    with desk.unit(WATCHER) as unit:
        return [entry.kind for entry in read_deadline(unit, task_id).ledger]


def _notices(desk: Desk, kind: str) -> list[tuple[str, str | None]]:
    with desk.unit() as unit:
        rows = unit.session.execute(select(OUTBOX).where(OUTBOX.c.channel == "notice").order_by(OUTBOX.c.id))
        return [(row.destination, row.payload.get("rung")) for row in rows if row.payload["kind"] == kind]


def _close(desk: Desk, day: int) -> None:
    with desk.unit("vanthu") as unit:
        calendars.set_days(unit, [OfficialDay(date(2026, 3, day), False, "Nghỉ (mẫu)", "QĐ mẫu")])


def test_a_change_of_the_calendar_is_previewed_before_anything_moves(desk: Desk) -> None:
    _close(desk, 6)
    with desk.unit("vanthu") as unit:
        (moved,) = [one for one in moved_by(unit) if one.task_id == _task(desk).id]
    assert (moved.old_due_at, moved.new_due_at) == (_at(9, 17), _at(10, 17))
    assert "không tính: Nghỉ (mẫu) 06/03" in moved.new_derivation_vi
    assert _task(desk).due_at == _at(9, 17)


def test_recomputing_moves_the_task_and_its_timer_and_keeps_the_old_value(desk: Desk) -> None:
    task = _task(desk)
    assert _at(9, 17) in _timers(desk)
    _close(desk, 6)
    with desk.unit("vanthu") as unit:
        deadlines.recompute(desk.runtime.engine, unit, "Lịch nghỉ mới")
    assert _task(desk).due_at == _at(10, 17)
    assert "Nghỉ (mẫu)" in _task(desk).deadline["derivation_vi"]
    assert _at(9, 17) not in _timers(desk)
    with desk.unit(WATCHER) as unit:
        (entry,) = read_deadline(unit, task.id).ledger
    assert (entry.kind, entry.old_due_at, entry.new_due_at) == ("recomputed", _at(9, 17), _at(10, 17))
    assert (entry.actor, entry.reason) == ("vanthu", "Lịch nghỉ mới")
    desk.clock.set(_at(9, 18))
    desk.fire()
    assert desk.trace("deadline_passed") == []
    desk.clock.set(_at(10, 17))
    desk.fire()
    assert [line["step"] for line in desk.trace("deadline_passed")] == ["handling"]
    with desk.unit("vanthu") as unit:
        assert moved_by(unit) == []


def test_the_clock_stands_while_a_task_is_paused(desk: Desk) -> None:
    task = _task(desk)
    with desk.unit(WATCHER) as unit:
        deadlines.pause(unit, task.id, "Chờ cơ quan gửi bổ sung")
        with pytest.raises(Conflict):
            deadlines.pause(unit, task.id, "lần nữa")
    desk.clock.set(_at(10, 12))
    desk.fire()
    rounds.remind(desk.runtime)
    assert desk.trace("deadline_passed") == []
    assert _notices(desk, "deadline_reminder") == []
    with desk.unit(WATCHER) as unit:
        due = deadlines.resume(desk.runtime.engine, unit, task.id, "Đã nhận bổ sung")
    assert due == _at(16, 17)  # the closes of 2–9 March did not count, from the 10th on five do
    assert _task(desk).due_at == due
    assert due in _timers(desk)
    assert _ledger(desk, task.id) == ["paused", "resumed", "recomputed"]
    with desk.unit(WATCHER) as unit, pytest.raises(Conflict):
        deadlines.resume(desk.runtime.engine, unit, task.id, "lần nữa")


def test_an_extension_is_asked_for_approved_and_the_old_value_kept(desk: Desk) -> None:
    task = _task(desk)
    with desk.unit(SPECIALIST) as unit:
        user_tasks.claim(unit, task.id, None)
    with desk.unit(SPECIALIST) as unit:
        with pytest.raises(InvalidInput):
            deadlines.ask_extension(unit, task.id, _at(9, 17), "không muộn hơn")
        request = deadlines.ask_extension(unit, task.id, _at(12, 11, 30), "Cần thêm số liệu")
        with pytest.raises(Forbidden):
            deadlines.decide_extension(desk.runtime.engine, unit, request, "tự duyệt", approve=True)
    with desk.unit(WATCHER) as unit:
        deadlines.decide_extension(desk.runtime.engine, unit, request, "Đồng ý", approve=True)
    extended = _task(desk)
    assert extended.due_at == _at(12, 11, 30)
    assert "gia hạn đến 11:30 Thứ Năm 12/03/2026" in extended.deadline["derivation_vi"]
    assert _at(12, 11, 30) in _timers(desk)
    with desk.unit(WATCHER) as unit:
        asked, granted = read_deadline(unit, task.id).ledger
        assert (asked.kind, asked.reason, asked.actor) == ("extension_asked", "Cần thêm số liệu", SPECIALIST)
        assert (granted.kind, granted.old_due_at) == ("extended", _at(9, 17))
        with pytest.raises(Conflict):
            deadlines.decide_extension(desk.runtime.engine, unit, request, "lại", approve=False)
    with desk.unit("vanthu") as unit:
        assert moved_by(unit) == []  # what a person set does not move with the calendar


def test_a_refused_extension_leaves_the_deadline(desk: Desk) -> None:
    task = _task(desk)
    with desk.unit(SPECIALIST) as unit:
        user_tasks.claim(unit, task.id, None)
    with desk.unit(SPECIALIST) as unit:
        request = deadlines.ask_extension(unit, task.id, _at(12, 17), "Cần thêm thời gian")
    with desk.unit(WATCHER) as unit:
        deadlines.decide_extension(desk.runtime.engine, unit, request, "Không", approve=False)
    assert _task(desk).due_at == _at(9, 17)
    assert _ledger(desk, task.id) == ["extension_asked", "extension_refused"]


@pytest.mark.clause("S0-11g4")
def test_urging_is_one_act_that_tells_the_assignee_and_is_logged(desk: Desk) -> None:
    task = _task(desk)
    with desk.unit(WATCHER) as unit:
        assert deadlines.urge(unit, task.id, "Đề nghị xong sớm") == [f"user:{SPECIALIST}"]
    assert _notices(desk, "urging") == [(f"user:{SPECIALIST}", None)]
    assert _ledger(desk, task.id) == ["urged"]
    with desk.unit() as unit:
        actions = unit.session.execute(
            text("SELECT action FROM audit_event WHERE object_id = :id"), {"id": task.id}
        )
        assert "deadline.urged" in actions.scalars().all()
    with desk.unit(SPECIALIST) as unit, pytest.raises(Forbidden):
        deadlines.urge(unit, task.id)


@pytest.mark.clause("S1-4.2a", "S4-7b")
def test_the_ladder_reminds_once_a_rung_and_tells_the_head_when_it_is_due_and_late(desk: Desk) -> None:
    head = "role:unit_head@unit:tong_hop"
    person = f"user:{SPECIALIST}"
    with desk.unit(SPECIALIST) as unit:
        user_tasks.claim(unit, _task(desk).id, None)
    assert rounds.remind(desk.runtime) == 0
    told: list[list[tuple[str, str | None]]] = []
    for moment in (_at(5, 12), _at(5, 12), _at(7, 9), _at(9, 17), _at(10, 7, 30), _at(10, 12), _at(11, 8)):
        before = len(_notices(desk, "deadline_reminder"))
        desk.clock.set(moment)
        rounds.remind(desk.runtime)
        rounds.remind(desk.runtime)
        told.append(_notices(desk, "deadline_reminder")[before:])
    assert told == [
        [(person, "0.5")],
        [],
        [(person, "0.8")],
        [(person, "1.0"), (head, "1.0")],
        [(person, "late:2026-03-10"), (head, "late:2026-03-10")],
        [],
        [(person, "late:2026-03-11"), (head, "late:2026-03-11")],
    ]


def test_reminders_that_were_missed_are_told_as_one(desk: Desk) -> None:
    desk.clock.set(_at(12, 9))
    assert rounds.remind(desk.runtime) == 1
    assert {rung for _, rung in _notices(desk, "deadline_reminder")} == {"late:2026-03-12"}


def test_a_process_may_have_a_ladder_of_its_own(desk: Desk) -> None:
    with desk.unit("vanthu") as unit:
        reminders.set_ladder(unit, "incoming_document", [{"at": 0.1, "to": ["head"]}])
        with pytest.raises(InvalidInput):
            reminders.set_ladder(unit, None, [{"at": 2, "to": ["head"]}])
    desk.clock.set(_at(4, 8))
    assert rounds.remind(desk.runtime) == 1
    assert _notices(desk, "deadline_reminder") == [("role:unit_head@unit:tong_hop", "0.1")]
    desk.clock.set(_at(20, 8))
    assert rounds.remind(desk.runtime) == 0


def test_a_notice_names_no_subject(desk: Desk) -> None:
    desk.clock.set(_at(9, 17))
    rounds.remind(desk.runtime)
    with desk.unit() as unit:
        rows = (
            unit.session.execute(select(OUTBOX.c.payload).where(OUTBOX.c.channel == "notice")).scalars().all()
        )
    told = [payload for payload in rows if payload["kind"] == "deadline_reminder"]
    assert told
    assert all("subject" not in payload for payload in told)


def test_what_is_left_is_told_by_the_clock_and_in_working_time(desk: Desk) -> None:
    desk.clock.set(_at(9, 11, 0))
    with desk.unit(WATCHER) as unit:
        view = read_deadline(unit, _task(desk).id)
    assert view.left_seconds == timedelta(hours=6).total_seconds()
    assert view.left_working_seconds == timedelta(hours=4).total_seconds()
    assert "5 ngày làm việc" in view.derivation_vi


def test_nobody_else_moves_a_deadline(desk: Desk) -> None:
    task = _task(desk)
    with desk.unit(UNIT_HEAD) as unit, pytest.raises(Forbidden):
        deadlines.recompute(desk.runtime.engine, unit, "x")
    with desk.unit(WATCHER) as unit, pytest.raises(InvalidInput):
        deadlines.pause(unit, task.id, "  ")
