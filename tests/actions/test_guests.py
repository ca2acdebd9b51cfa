"""Guests: an account for one meeting, without roles, over with the meeting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.actions import accounts, guests, memberships
from service.actions.guests import NewGuest
from service.actions.logins import Attempt, log_in
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from service.queries import organisation as queries
from service.queries.guests import list_guests
from service.storage.database import Database
from service.worker import rounds
from tests.factories import Office, unit_for
from tests.harness import OPENING

END = OPENING + timedelta(minutes=50)
GUEST = NewGuest("Lê Văn Khách", "Hội nghị 02/3", END, "Giám đốc", "khach.le")


@pytest.fixture
def admitted(database: Database, office: Office):
    """A guest who is signed in: the office and the guest's token."""
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        made = guests.admit_guest(unit, GUEST)
    first = log_in(database, Attempt("khach.le", made.password, "bearer", "10.0.0.1"))
    assert first.must_change_password
    with database.unit_of_work(office.system) as unit:
        accounts.reset_password(unit, "khach.le", password="mat khau cua khach")
    return log_in(database, Attempt("khach.le", "mat khau cua khach", "bearer", "10.0.0.1")).token


@pytest.mark.clause("S2-6.4b")
def test_a_guest_can_do_nothing_from_the_instant_the_meeting_ends(
    database: Database, office: Office, admitted: str, clock
) -> None:
    clock.set(END - timedelta(seconds=1))
    with unit_for(database, admitted) as unit:
        assert unit.actor.login == "khach.le"
    clock.set(END)
    with pytest.raises(Unauthenticated), unit_for(database, admitted):
        pass


@pytest.mark.clause("S2-4.4")
def test_a_guest_sees_no_people_no_units_and_holds_no_roles(
    database: Database, office: Office, admitted: str
) -> None:
    with unit_for(database, admitted) as unit:
        for look in (queries.list_people, queries.list_units, queries.read_agency, queries.list_partners):
            with pytest.raises(Forbidden):
                look(unit)
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        with pytest.raises(Conflict):
            memberships.grant_role(unit, "khach.le", "leader")
        assert "khach.le" not in {one.login for one in queries.list_people(unit, text="khach").items}


def test_a_meeting_that_goes_on_or_ends_earlier_takes_its_guests_along(
    database: Database, office: Office, admitted: str, clock
) -> None:
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        guests.move_end(unit, "khach.le", OPENING + timedelta(minutes=30))
    clock.set(OPENING + timedelta(minutes=29))
    with unit_for(database, admitted):
        pass
    clock.set(OPENING + timedelta(minutes=30))
    with pytest.raises(Unauthenticated), unit_for(database, admitted):
        pass
    with database.unit_of_work(office.actor_for("vanthu")) as unit, pytest.raises(Conflict):
        guests.move_end(unit, "khach.le", OPENING + timedelta(hours=5))


def test_a_guest_is_sent_away_at_once(database: Database, office: Office, admitted: str) -> None:
    with database.unit_of_work(office.actor_for("troly")) as unit:
        assert [one.login for one in list_guests(unit, meeting="Hội nghị 02/3")] == ["khach.le"]
        guests.end_guest(unit, "khach.le")
        guests.end_guest(unit, "khach.le")
        assert list_guests(unit) == []
        assert list_guests(unit, with_ended=True)[0].ended_at == OPENING
        with pytest.raises(NotFound):
            guests.end_guest(unit, "vanthu")
    with pytest.raises(Unauthenticated), unit_for(database, admitted):
        pass


def test_the_worker_disables_guests_whose_meeting_is_over_and_no_others(
    runtime, office: Office, clock
) -> None:
    database = runtime.database
    with database.unit_of_work(office.actor_for("vanthu")) as unit:
        guests.admit_guest(unit, GUEST)
        later = guests.admit_guest(unit, NewGuest("Khách khác", "Họp sau", END + timedelta(hours=1)))
    assert rounds.end_guests(runtime) == 0
    clock.set(END)
    assert rounds.end_guests(runtime) == 1
    assert rounds.end_guests(runtime) == 0
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        assert queries.read_account(unit, "khach.le").disabled_at == END
        assert queries.read_account(unit, later.login).disabled_at is None
        with pytest.raises(Conflict):
            accounts.enable_account(unit, "khach.le")
        assert guests.end_due_guest(unit, later.account_id) is False


@pytest.mark.parametrize(
    "guest",
    [
        NewGuest("Khách", "Họp", OPENING),
        NewGuest("Khách", "Họp", OPENING + timedelta(days=32)),
        NewGuest(" ", "Họp", END),
        NewGuest("Khách", " ", END),
        NewGuest("Khách", "Họp", END, login="Có Dấu"),
    ],
    ids=["already over", "too long", "without a name", "without a meeting", "malformed login"],
)
def test_a_guest_that_makes_no_sense_is_refused(database: Database, office: Office, guest: NewGuest) -> None:
    with database.unit_of_work(office.actor_for("vanthu")) as unit, pytest.raises(InvalidInput):
        guests.admit_guest(unit, guest)


@pytest.mark.parametrize("login", ["cv.tonghop1", "tp.tonghop", "phantich"])
def test_nobody_else_admits_guests(database: Database, office: Office, login: str) -> None:
    with database.unit_of_work(office.actor_for(login)) as unit:
        for act in (
            lambda: guests.admit_guest(unit, GUEST),
            lambda: guests.move_end(unit, "khach.le", END),
            lambda: guests.end_guest(unit, "khach.le"),
            lambda: list_guests(unit),
        ):
            with pytest.raises(Forbidden):
                act()
