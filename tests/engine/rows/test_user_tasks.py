"""What a person may do with a user task, who may, and what is left behind of it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest

from service.actions import instances, user_tasks
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, TooLarge, VersionMismatch
from service.queries.task_detail import read_task
from service.queries.user_tasks import TaskView, read_view
from tests.engine.rows.house import COLLEAGUE, SPECIALIST, SUPERVISOR, House, form, process, task
from tests.engine.spiff.bpmn import end, path, start

HEAD, LEADER, AIDE, CLERK = "tp.tonghop", "chanhvp", "troly", "vanthu"
TEAM = '"role:specialist@unit:tong_hop"'


def deploy(house: House, owners: str = TEAM, **properties: str) -> None:
    """One task, then the end."""
    parts = (start(), task("write", owners, form="shared/note", **properties), end())
    house.deploy(process("note", *parts, path("s write e")))


@pytest.fixture
def ready(house: House) -> TaskView:
    """A task that both specialists of one unit may take."""
    deploy(house)
    house.start("note")
    return house.task("write")


def see(house: House, login: str, task_id: UUID) -> TaskView:
    return house.do(login, lambda unit: read_view(unit, task_id))


def claim(house: House, login: str, found: TaskView) -> TaskView:
    return house.do(login, lambda unit: user_tasks.claim(unit, found.id, None))


def test_claiming_makes_one_the_owner_and_hides_the_task_from_the_others_lists(house, ready) -> None:
    view = claim(house, SPECIALIST, ready)
    assert (view.state, view.owner, view.version) == ("reserved", SPECIALIST, ready.version + 1)
    assert [one.id for one in house.tasks(login=SPECIALIST, scope="mine")] == [ready.id]
    assert house.tasks(login=COLLEAGUE, scope="groups") == []


def test_a_claimed_task_cannot_be_claimed_or_completed_by_another(house, ready) -> None:
    claim(house, SPECIALIST, ready)
    with pytest.raises(Conflict, match="user_task"):
        claim(house, COLLEAGUE, ready)
    with pytest.raises(Conflict, match=r"user_task\.owned_by_another"):
        house.do(COLLEAGUE, house.completion(ready.id))


def test_somebody_outside_the_potential_owners_does_not_find_the_task(house, ready) -> None:
    with pytest.raises(NotFound):
        claim(house, CLERK, ready)
    with pytest.raises(NotFound):
        see(house, CLERK, ready.id)


def test_releasing_gives_the_task_back_to_the_group(house, ready) -> None:
    claim(house, SPECIALIST, ready)
    view = house.do(SPECIALIST, lambda unit: user_tasks.release(unit, ready.id, None))
    assert (view.state, view.owner) == ("ready", None)
    assert [one.id for one in house.tasks(login=COLLEAGUE, scope="groups")] == [ready.id]


def test_a_supervisor_may_release_what_another_holds(house, ready) -> None:
    claim(house, SPECIALIST, ready)
    view = house.do(SUPERVISOR, lambda unit: user_tasks.release(unit, ready.id, None))
    assert view.state == "ready"
    with pytest.raises(Conflict):
        house.do(SUPERVISOR, lambda unit: user_tasks.release(unit, ready.id, None))


def test_a_delegated_task_comes_back_to_the_one_who_gave_it(house, ready) -> None:
    claim(house, SPECIALIST, ready)
    given = house.do(SPECIALIST, lambda unit: user_tasks.delegate(unit, ready.id, None, CLERK.upper()))
    assert (given.owner, given.state) == (CLERK, "reserved")
    assert see(house, CLERK, ready.id).verbs == ("give_back", "save_draft", "complete", "comment")
    assert see(house, SPECIALIST, ready.id).owner == CLERK
    back = house.do(CLERK, lambda unit: user_tasks.give_back(unit, ready.id, None))
    assert back.owner == SPECIALIST
    assert "give_back" not in see(house, SPECIALIST, ready.id).verbs
    with pytest.raises(NotFound):
        see(house, CLERK, ready.id)


def test_the_one_a_task_is_delegated_to_completes_it_in_person(house, ready) -> None:
    claim(house, SPECIALIST, ready)
    house.do(SPECIALIST, lambda unit: user_tasks.delegate(unit, ready.id, None, CLERK))
    view = house.do(CLERK, house.completion(ready.id))
    assert (view.state, view.owner) == ("completed", CLERK)
    assert house.timeline(ready.instance_id)[-1].actor == CLERK


def test_a_task_delegated_twice_comes_back_to_its_first_owner_in_the_end(house, ready) -> None:
    claim(house, SPECIALIST, ready)
    house.do(SPECIALIST, lambda unit: user_tasks.delegate(unit, ready.id, None, CLERK))
    with pytest.raises(Forbidden):
        house.do(CLERK, lambda unit: user_tasks.delegate(unit, ready.id, None, COLLEAGUE))
    back = house.do(CLERK, lambda unit: user_tasks.give_back(unit, ready.id, None))
    assert back.owner == SPECIALIST


@pytest.mark.parametrize("to", ["nobody", SPECIALIST, ""])
def test_delegating_needs_another_living_account(house, ready, to) -> None:
    claim(house, SPECIALIST, ready)
    with pytest.raises(InvalidInput) as refused:
        house.do(SPECIALIST, lambda unit: user_tasks.delegate(unit, ready.id, None, to))
    assert refused.value.findings[0].pointer == "/to"


@pytest.mark.parametrize(
    ("to", "who"),
    [("role:unit_head@unit:tong_hop", HEAD), (f"user:{CLERK}", CLERK), ("unit:hanh_chinh", "cv.hanhchinh1")],
)
def test_forwarding_hands_the_task_to_other_people_for_good(house, ready, to, who) -> None:
    view = house.do(SPECIALIST, lambda unit: user_tasks.forward(unit, ready.id, None, to))
    assert (view.state, view.owners) == ("ready", (to,))
    assert "complete" in see(house, who, ready.id).verbs
    with pytest.raises(NotFound):
        see(house, COLLEAGUE, ready.id)


@pytest.mark.parametrize(
    "to", ["user:nobody", "role:emperor", "unit:moon", "nonsense", "", "role:clerk@unit:moon"]
)
def test_forwarding_to_nobody_is_refused(house, ready, to) -> None:
    with pytest.raises(InvalidInput):
        house.do(SPECIALIST, lambda unit: user_tasks.forward(unit, ready.id, None, to))


def test_a_draft_is_kept_for_its_owner_and_goes_with_the_completion(house, ready) -> None:
    claim(house, SPECIALIST, ready)
    house.do(SPECIALIST, lambda unit: user_tasks.save_draft(unit, ready.id, None, {"note": "dở dang"}))
    detail = house.do(SPECIALIST, lambda unit: read_task(house.engine, unit, ready.id))
    assert detail.draft == {"note": "dở dang"}
    assert detail.owner == SPECIALIST
    house.do(SPECIALIST, house.completion(ready.id, {"note": "xong"}))
    detail = house.do(SPECIALIST, lambda unit: read_task(house.engine, unit, ready.id))
    assert (detail.state, detail.draft) == ("completed", None)


@pytest.mark.parametrize("leave", ["release", "forward", "delegate"])
def test_a_draft_does_not_pass_to_the_next_person(house, ready, leave) -> None:
    claim(house, SPECIALIST, ready)
    house.do(SPECIALIST, lambda unit: user_tasks.save_draft(unit, ready.id, None, {"note": "riêng tư"}))
    leaving = {
        "release": lambda unit: user_tasks.release(unit, ready.id, None),
        "forward": lambda unit: user_tasks.forward(unit, ready.id, None, f"user:{COLLEAGUE}"),
        "delegate": lambda unit: user_tasks.delegate(unit, ready.id, None, COLLEAGUE),
    }
    house.do(SPECIALIST, leaving[leave])
    detail = house.do(COLLEAGUE, lambda unit: read_task(house.engine, unit, ready.id))
    assert detail.draft is None


def test_a_draft_may_not_grow_without_end(house, ready) -> None:
    with pytest.raises(TooLarge):
        house.do(
            SPECIALIST, lambda unit: user_tasks.save_draft(unit, ready.id, None, {"note": "x" * 300_000})
        )


def test_completing_checks_the_form_and_points_at_what_is_wrong(house) -> None:
    owned = task("write", TEAM)
    strict = form(amount={"type": "integer", "minimum": 1}, required=["amount"])
    house.deploy(process("note", start(), owned, end(), path("s write e")), forms={"note/write": strict})
    instance = house.start("note")
    with pytest.raises(InvalidInput) as refused:
        house.complete("write", {"amount": 0})
    assert [one.pointer for one in refused.value.findings] == ["/amount"]
    assert house.waits_at(instance) == ["write"]
    house.complete("write", {"amount": 3})
    assert house.variables(instance)["amount"] == 3
    assert house.state(instance) == "completed"


def test_a_completed_task_cannot_be_completed_again(house, ready) -> None:
    house.do(SPECIALIST, house.completion(ready.id))
    with pytest.raises(Conflict, match=r"user_task\.completed|process_instance\.completed"):
        house.do(SPECIALIST, house.completion(ready.id))
    assert house.completed(ready.instance_id).count("write") == 1


def test_if_match_refuses_a_change_of_what_one_has_not_seen(house, ready) -> None:
    house.do(SPECIALIST, lambda unit: user_tasks.claim(unit, ready.id, ready.version))
    with pytest.raises(VersionMismatch) as refused:
        house.do(SPECIALIST, lambda unit: user_tasks.release(unit, ready.id, ready.version))
    assert refused.value.extra["current"] == ready.version + 1
    house.do(SPECIALIST, lambda unit: user_tasks.release(unit, ready.id, ready.version + 1))


@pytest.mark.clause("S0-3.3")
def test_comments_and_files_stay_with_their_authors(house, ready) -> None:
    view = house.do(
        SPECIALIST, lambda unit: user_tasks.comment(unit, ready.id, "  Đề nghị bổ sung phụ lục. ")
    )
    assert view.id == ready.id
    file = {
        "sha256": bytes(32),
        "size_bytes": 3,
        "file_name": "phu-luc.pdf",
        "media_type": "application/pdf",
    }
    with house.unit(COLLEAGUE) as unit:
        stored = house.runtime.blobs.put(unit, BytesIO(b"%PDF-1.7\n%%EOF"))
        file |= {"sha256": stored.sha256, "media_type": stored.media_type}
        user_tasks.attach(unit, ready.id, file)
    house.do(SPECIALIST, house.completion(ready.id))
    notes = house.do(SPECIALIST, lambda unit: read_task(house.engine, unit, ready.id)).notes
    assert [(one.author, one.body, one.file_name) for one in notes] == [
        (SPECIALIST, "Đề nghị bổ sung phụ lục.", None),
        (COLLEAGUE, "", "phu-luc.pdf"),
    ]
    assert len(house.audit("user_task.comment")) == len(house.audit("user_task.attach")) == 1


def test_a_comment_shows_who_holds_the_task(house, ready) -> None:
    claim(house, SPECIALIST, ready)
    view = house.do(SUPERVISOR, lambda unit: user_tasks.comment(unit, ready.id, "Sắp đến hạn."))
    assert view.owner == SPECIALIST


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 4001])
def test_a_comment_has_something_to_say_and_an_end(house, ready, body) -> None:
    with pytest.raises(InvalidInput):
        house.do(SPECIALIST, lambda unit: user_tasks.comment(unit, ready.id, body))


def test_four_eyes_keep_the_writer_from_approving_even_as_a_member_of_the_group(house) -> None:
    parts = (
        start(),
        task("write", TEAM, form="shared/note"),
        task("approve", TEAM, form="shared/note", excluded_owners="initiator"),
        end(),
    )
    house.deploy(process("note", *parts, path("s write approve e")))
    house.start("note", login=SPECIALIST)
    house.complete("write")
    approval = house.task("approve")
    assert house.tasks(login=SPECIALIST, scope="groups") == []
    with pytest.raises((NotFound, Forbidden)):
        house.do(SPECIALIST, house.completion(approval.id))
    for giving in (
        lambda unit: user_tasks.delegate(unit, approval.id, None, SPECIALIST),
        lambda unit: user_tasks.forward(unit, approval.id, None, f"user:{SPECIALIST}"),
    ):
        with pytest.raises(InvalidInput, match=r"person_excluded"):
            house.do(COLLEAGUE, giving)
    house.do(COLLEAGUE, house.completion(approval.id))
    assert house.state(approval.instance_id) == "completed"


def test_an_excluded_leader_is_not_served_by_an_aide_either(house) -> None:
    deploy(house, '"role:leader"', excluded_owners=f'"user:{LEADER}"')
    house.start("note")
    found = house.task("write")
    assert house.tasks(login=AIDE, scope="assisted") == []
    with pytest.raises((NotFound, Forbidden)):
        house.do(AIDE, house.completion(found.id, on_behalf_of=LEADER))


def test_an_excluded_aide_does_not_enter_the_leaders_decision(house) -> None:
    deploy(house, f'"user:{LEADER}"', excluded_owners=f'"user:{AIDE}"')
    house.start("note")
    found = house.task("write")
    with pytest.raises((NotFound, Forbidden)):
        house.do(AIDE, house.completion(found.id, on_behalf_of=LEADER))
    house.do(LEADER, house.completion(found.id))


@pytest.mark.clause("S0-10.2")
def test_an_aide_enters_the_leaders_direction_and_both_names_are_kept(house) -> None:
    deploy(house, f'"user:{LEADER}"')
    house.start("note")
    found = house.task("write")
    assert [one.id for one in house.tasks(login=AIDE, scope="assisted")] == [found.id]
    view = house.do(AIDE, house.completion(found.id, {"note": "Giao phòng Tổng hợp"}))
    assert view.owner == LEADER
    entry = house.timeline(found.instance_id)[-1]
    assert (entry.actor, entry.on_behalf_of) == (AIDE, LEADER)
    assert (entry.actor_name, entry.on_behalf_of_name) == ("Phạm Quốc Anh", "Trần Văn Minh")
    assert entry.data == {"note": "Giao phòng Tổng hợp"}
    (event,) = house.audit("user_task.complete")
    assert event.actor_id == house.office.accounts[AIDE]
    assert event.on_behalf_of_id == house.office.accounts[LEADER]
    assert see(house, AIDE, found.id).state == "completed"
    assert see(house, LEADER, found.id).state == "completed"


@pytest.mark.parametrize(("login", "leader"), [(SPECIALIST, LEADER), (AIDE, "phochanhvp")])
def test_nobody_enters_the_words_of_a_leader_they_do_not_assist(house, login, leader) -> None:
    deploy(house, f'["user:{leader}", "{TEAM[1:-1]}", "user:{LEADER}"]')
    house.start("note")
    with pytest.raises(Forbidden, match=r"user_task\.not_an_aide"):
        house.complete("write", login=login, on_behalf_of=leader)


def test_an_aide_does_not_complete_what_is_not_the_leaders(house) -> None:
    deploy(house, f'"user:{AIDE}"')
    house.start("note")
    with pytest.raises(Forbidden, match=r"user_task\.not_of_leader"):
        house.complete("write", login=AIDE, on_behalf_of=LEADER)


def test_the_initiator_may_be_named_as_owner(house) -> None:
    deploy(house, "initiator")
    instance = house.start("note", login=COLLEAGUE)
    assert house.task("write", instance).owners == (f"user:{COLLEAGUE}",)


def test_a_task_of_a_suspended_instance_takes_remarks_and_nothing_else(house, ready) -> None:
    claim(house, SPECIALIST, ready)
    house.do(SUPERVISOR, lambda unit: instances.suspend(unit, ready.instance_id, "chờ ý kiến"))
    assert see(house, SPECIALIST, ready.id).verbs == ("comment",)
    with pytest.raises(Conflict, match="suspended"):
        house.do(SPECIALIST, house.completion(ready.id))
    house.do(SPECIALIST, lambda unit: user_tasks.comment(unit, ready.id, "Vẫn chờ."))
    house.do(SUPERVISOR, lambda unit: instances.resume(house.engine, unit, ready.instance_id))
    assert see(house, SPECIALIST, ready.id).state == "reserved"
    house.do(SPECIALIST, house.completion(ready.id))


def test_the_detail_shows_what_the_form_names_and_no_other_variable(house) -> None:
    shown = form("note", subject={"type": "string", "maxLength": 200, "readOnly": True})
    house.deploy(
        process("note", start(), task("write", TEAM), end(), path("s write e")), forms={"note/write": shown}
    )
    house.start("note", {"subject": "Công văn 12", "note": "mẫu", "salary": 9000})
    found = house.task("write")
    detail = house.do(SPECIALIST, lambda unit: read_task(house.engine, unit, found.id))
    assert detail.data == {"note": "mẫu", "subject": "Công văn 12"}
    assert detail.context["state"] == "active"
    assert detail.context["title_vi"] == "Quy trình thử"


def test_every_change_of_a_task_leaves_one_audit_event(house, ready) -> None:
    claim(house, SPECIALIST, ready)
    house.do(SPECIALIST, lambda unit: user_tasks.release(unit, ready.id, None))
    house.do(SPECIALIST, lambda unit: user_tasks.delegate(unit, ready.id, None, COLLEAGUE))
    house.do(COLLEAGUE, lambda unit: user_tasks.give_back(unit, ready.id, None))
    house.do(SPECIALIST, lambda unit: user_tasks.forward(unit, ready.id, None, f"user:{CLERK}"))
    house.do(CLERK, house.completion(ready.id))
    verbs = ["claim", "release", "delegate", "give_back", "forward", "complete"]
    for verb in verbs:
        (event,) = house.audit(f"user_task.{verb}")
        assert event.object_id == ready.id
        assert event.details["element"] == "write"


def test_due_times_and_urgency_come_from_the_diagram(house) -> None:
    deploy(house, due='@"PT8H"', urgency='"urgent"', subject='"Phiếu " + topic')
    house.start("note", {"topic": "nghỉ lễ"})
    found = house.task("write")
    assert found.due_at == house.clock.now() + timedelta(hours=8)
    assert (found.urgency, found.subject, found.is_overdue) == ("urgent", "Phiếu nghỉ lễ", False)
    house.advance(hours=9)
    assert house.task("write").is_overdue
    house.complete("write")
    assert see(house, SPECIALIST, found.id).is_overdue, "it was late, and stays so"
