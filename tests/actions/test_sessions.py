"""Sessions: how long they last, how they end, what their holder may do with them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, text, update

from service.actions import accounts
from service.actions.sessions import (
    SessionRules,
    change_password,
    end_my_session,
    log_out,
    my_sessions,
    token_identity,
)
from service.domain.clock import ManualClock
from service.domain.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from service.domain.ids import new_id
from service.domain.passwords import verify_password
from service.storage.database import Database
from service.storage.models import Account, LoginSession, Membership, table_of
from tests.factories import PASSWORD, Office, open_session, unit_for

NEW_PASSWORD = "một mật khẩu đủ dài"


@pytest.fixture
def token(database: Database, office: Office) -> str:
    return open_session(database, office.actor_for("vanthu"))


def _is_live(database: Database, token: str) -> bool:
    try:
        with unit_for(database, token):
            return True
    except Unauthenticated:
        return False


@pytest.mark.parametrize("login", ["vanthu", "troly", "chanhvp", "tp.tonghop", "quantri"])
def test_a_token_gives_the_actor_that_the_plan_says(database: Database, office: Office, login: str) -> None:
    expected = office.actor_for(login)
    with unit_for(database, open_session(database, expected)) as unit:
        found = unit.actor
    assert found.references == expected.references
    assert found.roles == expected.roles
    assert found.assists == expected.assists
    assert (found.account_id, found.full_name, found.agency_code) == (
        expected.account_id,
        expected.full_name,
        "vptu",
    )


def test_an_aide_comes_with_the_leader_and_the_leaders_references(database: Database, office: Office) -> None:
    with unit_for(database, open_session(database, office.actor_for("troly"))) as unit:
        leader = unit.actor.assists["chanhvp"]
    assert leader.full_name == "Trần Văn Minh"
    assert leader.references == {"user:chanhvp", "role:leader", "role:head_of_office"}


def test_authentication_is_one_statement_and_sets_the_agency(
    database: Database, token: str, office: Office
) -> None:
    with unit_for(database, token) as unit:
        assert unit.session.execute(text("SELECT current_agency()")).scalar() == office.agency_id


def test_a_session_ends_at_its_latest_end(database: Database, office: Office, clock: ManualClock) -> None:
    rules = SessionRules(lifetime=timedelta(hours=2), idle=timedelta(hours=1))
    token = open_session(database, office.actor_for("vanthu"), rules)
    for _ in range(3):
        clock.advance(timedelta(minutes=35))
        assert _is_live(database, token)
    clock.advance(timedelta(minutes=20))
    assert not _is_live(database, token)


def test_a_session_ends_after_its_idle_time(database: Database, token: str, clock: ManualClock) -> None:
    clock.advance(timedelta(minutes=59))
    assert _is_live(database, token)
    clock.advance(timedelta(minutes=59))
    assert _is_live(database, token)
    clock.advance(timedelta(minutes=61))
    assert not _is_live(database, token)


def test_last_seen_is_written_once_a_minute_at_most(
    database: Database, owner: Database, token: str, clock: ManualClock
) -> None:
    start = clock.now()
    seen = []
    for seconds in (30, 31, 30):
        clock.advance(timedelta(seconds=seconds))
        assert _is_live(database, token)
        with owner.session() as session:
            last = session.execute(select(LoginSession.last_seen_at)).scalar_one()
        seen.append(int((last - start).total_seconds()))
    assert seen == [0, 61, 61]


def test_parallel_requests_of_one_session_do_not_wait_for_each_other(
    database: Database, token: str, clock: ManualClock
) -> None:
    clock.advance(timedelta(minutes=2))
    with unit_for(database, token) as first, unit_for(database, token) as second:
        assert first.actor == second.actor


@pytest.mark.parametrize("forged", ["", "x", "0" * 43, "TOKEN "])
def test_a_forged_token_is_refused(database: Database, token: str, forged: str) -> None:
    assert not _is_live(database, forged.replace("TOKEN", token))
    assert _is_live(database, token)


def test_a_session_ends_at_logout(database: Database, token: str) -> None:
    with unit_for(database, token) as unit:
        log_out(unit)
    assert not _is_live(database, token)


def test_a_disabled_accounts_sessions_end_at_once(database: Database, office: Office, token: str) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.disable_account(unit, "vanthu")
    assert not _is_live(database, token)
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        accounts.enable_account(unit, "vanthu")
    assert not _is_live(database, token)


def test_an_account_disabled_by_other_means_is_refused_too(
    database: Database, owner: Database, token: str, clock: ManualClock
) -> None:
    with owner.session() as session:
        session.execute(update(Account).where(Account.login == "vanthu").values(disabled_at=clock.now()))
    assert not _is_live(database, token)


def test_one_sees_and_ends_ones_own_sessions_only(database: Database, office: Office, token: str) -> None:
    other = open_session(database, office.actor_for("vanthu"))
    foreign = open_session(database, office.actor_for("chanhvp"))
    with unit_for(database, foreign) as unit:
        foreign_id = unit.actor.session_id
    with unit_for(database, token) as unit:
        mine = my_sessions(unit)
        assert len(mine) == 2
        assert [session["is_current"] for session in mine].count(True) == 1
        with pytest.raises(NotFound):
            end_my_session(unit, foreign_id or new_id(unit.now))
        end_my_session(unit, next(session["id"] for session in mine if not session["is_current"]))
    assert not _is_live(database, other)
    assert _is_live(database, token)
    assert _is_live(database, foreign)


def test_a_new_password_ends_the_other_sessions(
    database: Database, owner: Database, office: Office, token: str
) -> None:
    other = open_session(database, office.actor_for("vanthu"))
    with unit_for(database, token) as unit:
        change_password(unit, PASSWORD, NEW_PASSWORD)
    assert _is_live(database, token)
    assert not _is_live(database, other)
    with owner.session() as session:
        kept = session.execute(select(Account.password_hash).where(Account.login == "vanthu")).scalar_one()
    assert verify_password(NEW_PASSWORD, kept)


def test_a_wrong_current_password_changes_nothing(database: Database, token: str) -> None:
    with pytest.raises(Forbidden), unit_for(database, token) as unit:
        change_password(unit, "wrong password", NEW_PASSWORD)


@pytest.mark.parametrize(("new", "code"), [("short", "password.length"), (PASSWORD, "password.same")])
def test_a_bad_new_password_is_refused_with_its_reason(
    database: Database, token: str, new: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused, unit_for(database, token) as unit:
        change_password(unit, PASSWORD, new)
    assert code in [finding.code for finding in refused.value.findings]


@pytest.mark.clause("S4-11.2b")
def test_whoever_must_change_the_password_may_do_nothing_else(
    database: Database, office: Office, token: str
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        first = accounts.reset_password(unit, "vanthu")
    token = open_session(database, office.actor_for("vanthu"))
    with pytest.raises(Forbidden, match="must_change"), unit_for(database, token):
        pass
    with database.unit_of_work(token_identity(token, carrier="bearer", for_password_change=True)) as unit:
        change_password(unit, first.password, NEW_PASSWORD)
    assert _is_live(database, token)


@pytest.mark.parametrize(
    ("days", "is_held"),
    [
        ((date(2026, 3, 2), date(2026, 3, 2)), True),
        ((date(2026, 3, 3), None), False),
        ((None, date(2026, 3, 1)), False),
        ((None, None), True),
    ],
)
def test_a_role_is_held_on_its_days_in_office_time(
    database: Database, owner: Database, office: Office, days: tuple[date | None, date | None], is_held: bool
) -> None:
    row = {
        "id": new_id(database.clock.now()),
        "agency_id": office.agency_id,
        "account_id": office.accounts["vanthu"],
        "unit_id": office.units["tong_hop"],
        "role": "specialist",
        "from_on": days[0],
        "to_on": days[1],
    }
    with owner.session() as session:
        session.execute(insert(table_of(Membership)), row)
    with unit_for(database, open_session(database, office.actor_for("vanthu"))) as unit:
        assert ("role:specialist@unit:tong_hop" in unit.actor.references) is is_held


def test_a_day_begins_at_midnight_in_vietnam(
    database: Database, owner: Database, office: Office, clock: ManualClock, token: str
) -> None:
    with owner.session() as session:
        last_day = date(2026, 3, 2)
        session.execute(update(Membership).where(Membership.role == "clerk").values(to_on=last_day))
    clock.set(clock.now().replace(hour=16, minute=59))
    renewed = open_session(database, office.actor_for("vanthu"))
    with unit_for(database, renewed) as unit:
        assert unit.actor.roles == {"clerk"}
    clock.advance(timedelta(minutes=1))
    with unit_for(database, renewed) as unit:
        assert unit.actor.roles == frozenset()
