"""Who leaves hands over their parts in open assignments, with their open tasks."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.accounts.open_work import find_person, hand_over, list_open_work
from handlers.assignments.assignment_row import ASSIGNMENT, ENTRY, PARTY
from service.storage.database import Database
from tests.factories import Office
from tests.queries.assignment_world import AssignmentWorld

LEAVER, HEIR = "tp.tonghop", "cv.tonghop2"


@pytest.mark.clause("S4-12.3", "S0-9.3g3")
def test_parts_in_open_assignments_go_to_the_heir_and_what_was_done_keeps_its_name(
    database: Database, owner: Database, office: Office
) -> None:
    with owner.unit_of_work(office.system) as unit:
        world = AssignmentWorld(unit, office)
        parties = {"assigner": [LEAVER], "lead": ["cv.tonghop1"], "coordinator": [LEAVER, HEIR]}
        given = world.give(content="Tổng hợp", parties=parties)
        world.add_entry(given, "give", LEAVER)
        led = world.give(content="Báo cáo", parties={"assigner": ["chanhvp"], "lead": [LEAVER]})
        done = world.give(parties={"assigner": ["chanhvp"], "lead": [LEAVER]}, state="completed")
    with database.unit_of_work(office.actor_for("chanhvp")) as unit:
        person, heir = find_person(unit, LEAVER), find_person(unit, HEIR)
        assert person is not None
        assert heir is not None
        items = list_open_work(unit, person)
        assert {item.name for item in items} == {"Nhiệm vụ: Tổng hợp", "Nhiệm vụ: Báo cáo"}
        assert {item.share for item in items} == {"tasks"}
        assert hand_over(unit, person, heir, items) == 2
        assert list_open_work(unit, person) == []
    with database.unit_of_work(office.system) as unit:
        rows = unit.session.execute(select(PARTY.c.assignment_id, PARTY.c.part, PARTY.c.reference)).all()
        assert {(one.part, one.reference) for one in rows if one.assignment_id == given} == {
            ("assigner", f"user:{HEIR}"),
            ("lead", "user:cv.tonghop1"),
            ("coordinator", f"user:{HEIR}"),
        }
        assert [one.reference for one in rows if one.assignment_id == done and one.part == "lead"] == [
            f"user:{LEAVER}"
        ]
        lead = select(ASSIGNMENT.c.lead_id).where(ASSIGNMENT.c.id == led)
        assert unit.session.execute(lead).scalar_one() == office.accounts[HEIR]
        told = unit.session.execute(
            select(ENTRY.c.verb, ENTRY.c.by_id, ENTRY.c.details)
            .where(ENTRY.c.assignment_id == given)
            .order_by(ENTRY.c.ordinal)
        ).all()
    assert [(one.verb, one.by_id) for one in told] == [
        ("give", office.accounts[LEAVER]),
        ("amend", office.accounts["chanhvp"]),
    ]
    assert told[1].details == {
        "parts": ["assigner", "coordinator"],
        "from_login": LEAVER,
        "to_login": HEIR,
    }
