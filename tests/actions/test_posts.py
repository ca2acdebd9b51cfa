"""Posts: whoever holds one may act as it lets, on its days, and no longer."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.accounts.rights import held_on
from service.actions import accounts, memberships, posts
from service.actions.posts import Taking
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from service.queries.organisation import read_account
from service.queries.posts import list_posts, read_post
from service.queries.rights import review_all_rights, review_rights, rights_after, rights_left
from service.storage.database import Database
from tests.factories import Office

TODAY = date(2026, 3, 2)
PERSON = "cv.tonghop1"


@pytest.fixture
def held(database: Database, office: Office):
    """Return a function from a day to what the person may act as."""

    def on(day: date, login: str = PERSON) -> set[tuple[str, str | None]]:
        with database.unit_of_work(office.system) as unit:
            return set(held_on(unit, office.accounts[login], day))

    return on


@pytest.fixture
def with_posts(database: Database, office: Office) -> Office:
    """An office with two posts."""
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        posts.create_post(unit, "tp_hanh_chinh", "Trưởng phòng Hành chính", ["unit_head"], "hanh_chinh")
        posts.create_post(unit, "thu_ky", "Thư ký tổng hợp", ["aide", "clerk"])
    return office


@pytest.mark.clause("S0-9.2g3")
def test_a_post_brings_its_roles_on_the_days_of_the_holding(database, with_posts, held) -> None:
    taking = Taking(PERSON, "tp_hanh_chinh", date(2026, 3, 9), date(2026, 3, 20), "12-QĐ/TU")
    with database.unit_of_work(with_posts.actor_for("chanhvp")) as unit:
        posts.take_post(unit, taking)
        assert read_account(unit, PERSON).posts[0].basis == "12-QĐ/TU"
    own = {("specialist", "tong_hop")}
    assert held(date(2026, 3, 8)) == own
    assert held(date(2026, 3, 9)) == held(date(2026, 3, 20)) == own | {("unit_head", "hanh_chinh")}
    assert held(date(2026, 3, 21)) == own


def test_a_post_gives_its_title_to_whoever_takes_it_today(database, with_posts) -> None:
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit:
        posts.take_post(unit, Taking(PERSON, "thu_ky", TODAY))
        posts.take_post(unit, Taking("cv.tonghop2", "thu_ky", date(2026, 3, 3)))
        assert read_account(unit, PERSON).position == "Thư ký tổng hợp"
        assert read_account(unit, "cv.tonghop2").position == "Chuyên viên"
        assert [one.login for one in read_post(unit, "thu_ky").holders] == [PERSON, "cv.tonghop2"]


@pytest.mark.clause("S0-9.3g3")
def test_a_change_of_post_ends_the_rights_of_the_old_one(database, with_posts, held) -> None:
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit:
        posts.take_post(unit, Taking(PERSON, "tp_hanh_chinh", date(2026, 2, 1)))
    change = Taking(PERSON, "thu_ky", date(2026, 3, 9), ends_others=True)
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit:
        posts.take_post(unit, change)
    own = {("specialist", "tong_hop")}
    assert held(date(2026, 3, 8)) == own | {("unit_head", "hanh_chinh")}
    assert held(date(2026, 3, 9)) == own | {("aide", None), ("clerk", None)}


def test_roles_of_a_post_are_recomputed_for_its_holders(database, with_posts, held) -> None:
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit:
        posts.take_post(unit, Taking(PERSON, "thu_ky", date(2026, 2, 1)))
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit:
        posts.change_post(unit, "thu_ky", roles=["aide", "supervisor"])
    own = {("specialist", "tong_hop")}
    assert held(date(2026, 3, 1)) >= {("clerk", None), ("aide", None)}
    assert held(TODAY) == own | {("aide", None), ("supervisor", None)}


def test_leaving_a_post_takes_its_roles_and_leaves_what_was_granted_by_itself(
    database, with_posts, held
) -> None:
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit:
        holding = posts.take_post(unit, Taking(PERSON, "thu_ky", TODAY))
        posts.leave_post(unit, holding, date(2026, 3, 31))
        with pytest.raises(NotFound):
            posts.leave_post(unit, with_posts.agency_id, TODAY)
    assert held(date(2026, 3, 31)) == {("specialist", "tong_hop"), ("aide", None), ("clerk", None)}
    assert held(date(2026, 4, 1)) == {("specialist", "tong_hop")}


def test_a_post_is_closed_once_nobody_holds_it(database, with_posts) -> None:
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit:
        holding = posts.take_post(unit, Taking(PERSON, "thu_ky", date(2026, 2, 1)))
        with pytest.raises(Conflict):
            posts.close_post(unit, "thu_ky")
        posts.leave_post(unit, holding, date(2026, 3, 1))
        posts.close_post(unit, "thu_ky")
        assert [one.code for one in list_posts(unit)] == ["tp_hanh_chinh"]
        assert [one.code for one in list_posts(unit, with_closed=True, unit_code="hanh_chinh")] == [
            "tp_hanh_chinh"
        ]
        for refused in (
            lambda: posts.close_post(unit, "thu_ky"),
            lambda: posts.change_post(unit, "thu_ky", title="x"),
            lambda: posts.take_post(unit, Taking(PERSON, "thu_ky", TODAY)),
        ):
            with pytest.raises(Conflict):
                refused()


@pytest.mark.parametrize(
    ("taking", "error"),
    [
        (Taking(PERSON, "nowhere", TODAY), NotFound),
        (Taking("nobody", "thu_ky", TODAY), NotFound),
        (Taking(PERSON, "thu_ky", TODAY, date(2026, 3, 1)), InvalidInput),
        (Taking("vanthu2", "thu_ky", TODAY), Conflict),
        (Taking("vanthu", "thu_ky", date(2026, 5, 1)), Conflict),
    ],
    ids=["no such post", "no such person", "days turned round", "disabled", "holds it already"],
)
def test_a_taking_that_makes_no_sense_is_refused(database, with_posts, taking, error) -> None:
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit:
        accounts.disable_account(unit, "vanthu2")
        posts.take_post(unit, Taking("vanthu", "thu_ky", TODAY))
        with pytest.raises(error):
            posts.take_post(unit, taking)


@pytest.mark.parametrize(
    ("code", "title", "roles", "unit_code", "error"),
    [
        ("Sai", "x", [], None, InvalidInput),
        ("dung", " ", [], None, InvalidInput),
        ("dung", "x", ["emperor"], None, InvalidInput),
        ("dung", "x", [], "nowhere", NotFound),
        ("thu_ky", "x", [], None, Conflict),
    ],
)
def test_a_post_that_makes_no_sense_is_refused(  # noqa: PLR0917 - one case has five parts
    database, with_posts, code, title, roles, unit_code, error
) -> None:
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit, pytest.raises(error):
        posts.create_post(unit, code, title, roles, unit_code)


def test_what_changes_is_told_before_it_is_done(database, with_posts) -> None:
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit:
        posts.take_post(unit, Taking(PERSON, "tp_hanh_chinh", date(2026, 2, 1)))
        change = rights_after(unit, PERSON, "thu_ky", date(2026, 3, 9), ends_others=True)
        beside = rights_after(unit, PERSON, "thu_ky", date(2026, 3, 9), ends_others=False)
        left = rights_left(unit, PERSON, date(2026, 3, 9))
    assert [(one.role, one.unit_code) for one in change.gains] == [("aide", None), ("clerk", None)]
    assert [one.vi for one in change.loses] == ["Trưởng đơn vị"]
    assert [one.role for one in change.keeps] == ["specialist"]
    assert beside.loses == ()
    assert [one.role for one in left.loses] == ["specialist", "unit_head"]
    assert left.gains == left.keeps == ()


def test_a_head_reviews_who_may_act_as_what_in_their_unit_and_below(database, with_posts) -> None:
    with database.unit_of_work(with_posts.actor_for("quantri")) as unit:
        posts.take_post(unit, Taking("vanthu", "tp_hanh_chinh", TODAY, basis="7-QĐ/VP"))
        memberships.grant_role(unit, "vanthu2", "specialist", "hanh_chinh", to_on=date(2026, 3, 1))
    with database.unit_of_work(with_posts.actor_for("tp.hanhchinh")) as unit:
        lines = review_rights(unit, "hanh_chinh")
        with pytest.raises(NotFound):
            review_rights(unit, "tong_hop")
        with pytest.raises(Forbidden):
            review_all_rights(unit)
    assert {(line.login, line.role, line.post) for line in lines} == {
        ("vanthu", "unit_head", "tp_hanh_chinh"),
        ("tp.hanhchinh", "unit_head", None),
        ("cv.hanhchinh1", "specialist", None),
        ("vt.hanhchinh", "unit_clerk", None),
    }
    assert {line.basis for line in lines} == {"7-QĐ/VP", None}
    with database.unit_of_work(with_posts.actor_for("giamsat")) as unit:
        assert len(review_rights(unit, "hanh_chinh")) == 4
        assert ("chanhvp", None) in {(line.login, line.unit_code) for line in review_all_rights(unit)}
    with database.unit_of_work(with_posts.actor_for(PERSON)) as unit, pytest.raises(Forbidden):
        review_rights(unit, "tong_hop")


@pytest.mark.parametrize("login", ["vanthu", "tp.tonghop", "giamsat"])
def test_nobody_else_keeps_posts(database, with_posts, login) -> None:
    with database.unit_of_work(with_posts.actor_for(login)) as unit:
        for act in (
            lambda: posts.create_post(unit, "moi", "Mới", []),
            lambda: posts.change_post(unit, "thu_ky", title="x"),
            lambda: posts.close_post(unit, "thu_ky"),
            lambda: posts.take_post(unit, Taking(PERSON, "thu_ky", TODAY)),
        ):
            with pytest.raises(Forbidden):
                act()
