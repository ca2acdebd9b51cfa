"""Lists of user tasks: whose, which, in which order, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.actions import user_tasks
from service.domain.errors import InvalidInput
from service.queries.user_tasks import TaskFilter, list_tasks
from tests.engine.rows.house import COLLEAGUE, SPECIALIST, SUPERVISOR, House, process, task
from tests.engine.spiff.bpmn import end, path, start

CLERK, LEADER, AIDE = "vanthu", "chanhvp", "troly"


@pytest.fixture(autouse=True)
def _deployed(house: House) -> None:
    properties = {
        "form": "shared/note",
        "due": "if hours = null then null else duration(hours)",
        "urgency": "level",
        "subject": "topic",
    }
    for key, owners in (
        ("letters", '"role:specialist@unit:tong_hop"'),
        ("notes", f'"user:{LEADER}"'),
        ("clerks", '"role:clerk"'),
    ):
        house.deploy(process(key, start(), task("look", owners, **properties), end(), path("s look e")))


def begin(
    house: House, key: str = "letters", hours: str | None = None, level: str = "normal", topic: str = ""
) -> str:
    """Start an instance whose task has these properties; return its business key."""
    count = len(house.tasks()) + 1
    business_key = f"{key}/{count}"
    variables = {"hours": hours, "level": level, "topic": topic}
    house.start(key, variables, business_key=business_key)
    return business_key


def listed(house: House, login: str = SPECIALIST, **wanted) -> list[str]:
    with house.unit(login) as unit:
        return [one.business_key for one in list_tasks(unit, TaskFilter(**wanted), None, None).items]


def test_each_scope_shows_what_it_says(house: House) -> None:
    free, taken, delegated = (begin(house) for _ in range(3))
    leaders, clerks = begin(house, "notes"), begin(house, "clerks")
    ids = {one.business_key: one.id for one in house.tasks()}
    house.do(SPECIALIST, lambda unit: user_tasks.claim(unit, ids[taken], None))
    house.do(SPECIALIST, lambda unit: user_tasks.delegate(unit, ids[delegated], None, COLLEAGUE))
    assert listed(house, scope="mine") == [taken]
    assert listed(house, scope="groups") == [free]
    assert sorted(listed(house, scope="all")) == sorted([free, taken, delegated])
    assert listed(house, COLLEAGUE, scope="mine") == [delegated]
    assert listed(house, AIDE, scope="assisted") == [leaders]
    assert listed(house, AIDE, scope="groups") == []
    assert listed(house, CLERK, scope="all") == [clerks]
    assert len(listed(house, SUPERVISOR, scope="all")) == 5


def test_the_urgent_come_first_by_due_time_and_those_without_one_last(house: House) -> None:
    never, late, soon = begin(house), begin(house, hours="PT9H"), begin(house, hours="PT1H")
    assert listed(house) == [soon, late, never]


def test_filters_narrow_the_list(house: House) -> None:
    plain = begin(house, topic="Lịch họp")
    urgent = begin(house, hours="PT1H", level="flash", topic="Báo cáo khẩn 100%")
    later = begin(house, hours="P3D")
    instance = next(one.instance_id for one in house.tasks() if one.business_key == urgent)
    assert listed(house, urgency="flash") == [urgent]
    assert listed(house, process="letters", business_key=plain) == [plain]
    assert listed(house, process="notes") == []
    assert listed(house, text="BÁO CÁO") == [urgent]
    assert listed(house, text="100%") == [urgent]
    assert listed(house, text="%") == [urgent], "a percent sign is a letter, not a pattern"
    assert listed(house, text=later) == [later]
    assert listed(house, instance_id=instance) == [urgent]
    assert listed(house, due_before=house.clock.now() + timedelta(hours=2)) == [urgent]
    house.advance(hours=2)
    assert listed(house, is_overdue=True) == [urgent]
    assert sorted(listed(house, is_overdue=False)) == sorted([plain, later])
    house.do(SPECIALIST, house.completion(house.task("look", instance).id))
    assert listed(house, state="completed") == [urgent]
    assert urgent not in listed(house)


def test_counts_tell_what_else_there_is(house: House) -> None:
    begin(house, hours="PT1H")
    begin(house)
    begin(house, "notes")
    house.advance(hours=2)
    claimed = house.tasks(login=SPECIALIST)[0].id
    house.do(SPECIALIST, lambda unit: user_tasks.claim(unit, claimed, None))
    with house.unit(SPECIALIST) as unit:
        counts = list_tasks(unit, TaskFilter(scope="mine"), None, 1).counts
    assert [counts[name] for name in ("mine", "groups", "assisted", "overdue")] == [1, 1, 0, 1]
    with house.unit(AIDE) as unit:
        assert list_tasks(unit, TaskFilter(), None, None).counts["assisted"] == 1


def test_pages_hold_every_task_once_although_others_come_in_between(house: House) -> None:
    before = [begin(house, hours=hours) for hours in ("PT5H", None, "PT2H", "PT2H", "PT7H", None, "PT5H")]
    seen, cursor = [], None
    while True:
        with house.unit(SPECIALIST) as unit:
            page = list_tasks(unit, TaskFilter(), cursor, 2)
        seen += [one.business_key for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
        begin(house, hours="PT1H")
    assert sorted(seen) == sorted(before)
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJub3cgIiwgIngiXQ", "W10", "bnVsbA", "WzEsIDJd"])
def test_a_made_up_cursor_is_bad_input(house: House, cursor: str) -> None:
    with pytest.raises(InvalidInput, match=r"cursor\.invalid"), house.unit(SPECIALIST) as unit:
        list_tasks(unit, TaskFilter(), cursor, None)


def test_another_agencys_people_see_nothing_of_it(house: House, other_office) -> None:
    begin(house, "clerks")
    with house.runtime.database.unit_of_work(other_office.actor_for("dongson.vanthu")) as unit:
        page = list_tasks(unit, TaskFilter(), None, None)
    assert (list(page.items), page.counts["groups"]) == ([], 0)
