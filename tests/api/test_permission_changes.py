"""Changes of rights are warned about until an authority confirms them; undoing is a change again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from service.actions.memberships import end_role, grant_assistance
from service.storage.models import Membership, Outbox, table_of
from tests.api.callers import assert_problem

ADDRESS = "/api/v1/permission-changes"
WHO = "cv.tonghop1"
MEMBERSHIP, OUTBOX = table_of(Membership), table_of(Outbox)


def grant(caller, role="supervisor", unit_code=None, login=WHO):
    body = {"role": role} | ({"unit": unit_code} if unit_code else {})
    answer = caller.post(f"/api/v1/accounts/{login}/roles", body)
    assert answer.status_code in {200, 201, 204}, answer.get_data(as_text=True)


def listed(caller, query="open=true"):
    answer = caller.get(f"{ADDRESS}?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json["items"]


def roles(sign_in, login=WHO):
    return sign_in(login).get("/api/v1/me").json["roles"]


@pytest.fixture
def granted(sign_in):
    """A role that the administrator gave a specialist, as the change that waits: its id."""
    grant(sign_in("quantri"))
    (change,) = listed(sign_in("chanhvp"))
    return change["id"]


@pytest.mark.clause("S0-9.2g3", "S4-12.1")
def test_a_new_right_waits_for_a_heads_word_and_the_heads_are_warned(sign_in, granted, database, office):
    (change,) = listed(sign_in("chanhvp"))
    told = {name: change[name] for name in ("kind", "login", "by", "state", "may_decide")}
    assert told == {
        "kind": "membership.grant",
        "login": WHO,
        "by": "quantri",
        "state": "open",
        "may_decide": True,
    }
    assert change["facts"]["role"] == "supervisor"
    grant(sign_in("quantri"), role="unit_clerk", unit_code="tong_hop")
    with database.unit_of_work(office.system) as unit:
        notices = unit.session.execute(select(OUTBOX.c.destination, OUTBOX.c.payload)).all()
    warned = sorted(one.destination for one in notices if one.payload["kind"] == "rights_changed")
    assert warned == ["role:head_of_office", "role:leader"]  # once a day
    confirmed = sign_in("phochanhvp").post(f"{ADDRESS}/{granted}/confirm")
    assert (confirmed.status_code, confirmed.json["state"]) == (200, "confirmed")
    assert confirmed.json["decided_by"] == "phochanhvp"
    assert [one["facts"]["role"] for one in listed(sign_in("chanhvp"))] == ["unit_clerk"]
    assert_problem(sign_in("chanhvp").post(f"{ADDRESS}/{granted}/confirm"), 409, "action.wrong_state")


def test_undoing_ends_the_right_and_waits_for_another_to_confirm(sign_in, granted):
    assert "supervisor" in roles(sign_in)
    undone = sign_in("chanhvp").post(f"{ADDRESS}/{granted}/undo", {"reason": "Cấp nhầm"})
    assert undone.status_code == 201, undone.get_data(as_text=True)
    assert (undone.json["kind"], undone.json["state"]) == ("membership.end", "open")
    assert (undone.json["undoes_id"], undone.json["may_decide"]) == (granted, False)
    assert "supervisor" not in roles(sign_in)
    first = sign_in("chanhvp").get(f"{ADDRESS}/{granted}").json
    assert (first["state"], first["reason"]) == ("undone", "Cấp nhầm")
    opposite = f"{ADDRESS}/{undone.json['id']}"
    assert_problem(sign_in("chanhvp").post(f"{opposite}/confirm"), 403, "permission_change.own")
    assert sign_in("phochanhvp").post(f"{opposite}/confirm").status_code == 200
    assert listed(sign_in("chanhvp")) == []


def test_an_end_that_is_undone_gives_the_right_back(sign_in, database, office, clock):
    which = (MEMBERSHIP.c.account_id == office.accounts[WHO]) & (MEMBERSHIP.c.role == "specialist")
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        found = unit.session.execute(select(MEMBERSHIP.c.id).where(which)).scalar_one()
        end_role(unit, found, clock.now().date().replace(day=1))
    assert roles(sign_in) == []
    (change,) = listed(sign_in("chanhvp"))
    assert (change["kind"], change["facts"]["to_on"]) == ("membership.end", "2026-03-01")
    sign_in("chanhvp").post(f"{ADDRESS}/{change['id']}/undo", {"reason": "Chưa có quyết định"})
    assert roles(sign_in) == ["specialist"]


def test_an_aide_of_a_leader_is_a_right_too(sign_in, database, office):
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        grant_assistance(unit, WHO, "phochanhvp")
    (change,) = listed(sign_in("chanhvp"))
    assert (change["kind"], change["facts"]["leader"]) == ("assistance.grant", "phochanhvp")
    assert sign_in("chanhvp").post(f"{ADDRESS}/{change['id']}/undo", {"reason": "x"}).status_code == 201


@pytest.mark.parametrize("login", [WHO, "vanthu", "phantich"])
def test_rights_are_nobody_elses_matter(sign_in, granted, login):
    sign_in("phochanhvp")
    caller = sign_in("cv.tonghop2" if login == WHO else login)
    assert_problem(caller.get(ADDRESS), 403, "action.forbidden")
    assert_problem(caller.post(f"{ADDRESS}/{granted}/confirm"), 403, "action.forbidden")


def test_who_made_a_change_or_gains_by_it_does_not_confirm_it(sign_in):
    grant(sign_in("chanhvp"), role="analyst", login="phochanhvp")
    (change,) = listed(sign_in("chanhvp"))
    for login in ("chanhvp", "phochanhvp"):
        assert_problem(sign_in(login).post(f"{ADDRESS}/{change['id']}/confirm"), 403, "permission_change.own")
    assert_problem(sign_in("quantri").post(f"{ADDRESS}/{change['id']}/confirm"), 403, "action.forbidden")


def test_the_head_of_a_unit_sees_the_changes_of_the_unit(sign_in, granted):
    grant(sign_in("quantri"), role="unit_clerk", unit_code="tong_hop")
    (change,) = listed(sign_in("tp.tonghop"))
    assert (change["facts"]["unit"], change["may_decide"]) == ("tong_hop", False)
    assert listed(sign_in("tp.hanhchinh")) == []
    assert_problem(sign_in("tp.hanhchinh").get(f"{ADDRESS}/{granted}"), 404, "permission_change.not_found")


def test_what_has_changed_since_is_not_undone(sign_in, granted, database, office, clock):
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        which = MEMBERSHIP.c.role == "supervisor"
        held = unit.session.execute(
            select(MEMBERSHIP.c.id).where(which, MEMBERSHIP.c.account_id == office.accounts[WHO])
        ).scalar_one()
        end_role(unit, held, clock.now().date())
    overtaken = sign_in("chanhvp").post(f"{ADDRESS}/{granted}/undo", {"reason": "x"})
    assert_problem(overtaken, 409, "permission_change.overtaken")
