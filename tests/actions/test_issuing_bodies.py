"""Issuing bodies: several for one office, Party bodies with terms, nothing ever deleted."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, text

from service.actions import issuing_bodies as actions
from service.actions.issuing_bodies import NewBody
from service.actions.organisation import change_agency, create_agency
from service.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from service.domain.numbering import SeriesKey
from service.queries.issuing_bodies import list_issuing_bodies, read_issuing_body
from service.queries.organisation import read_agency
from service.storage import register
from service.storage.database import Database
from service.storage.models import AuditEvent, NumberSeries, table_of
from tests.factories import Office
from tests.processes.desk import CLERK, Desk

SERIES = table_of(NumberSeries)

PARTY_BODY = NewBody(
    "bantochuc", "Ban Tổ chức", "BTCTU", "party", "Sông Hồng", "", "2025-2030", date(2025, 10, 1)
)
STATE_BODY = NewBody("sonoivu", "Sở Nội vụ", "SNV", "state", "Sông Hồng", "UBND TỈNH")


def test_an_office_issues_for_several_bodies(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        actions.add_issuing_body(unit, PARTY_BODY)
        actions.add_issuing_body(unit, STATE_BODY)
    with database.unit_of_work(office.actor_for("cv.tonghop1")) as unit:
        bodies = list_issuing_bodies(unit)
    assert [(body.code, body.notation) for body in bodies] == [
        ("bantochuc", "BTCTU"),
        ("sonoivu", "SNV"),
        ("tinhuy", "TU"),
        ("vptu", "VPTU"),
    ]
    assert bodies[0].terms[0].from_on == date(2025, 10, 1)
    assert (bodies[1].term, bodies[1].terms) == (None, ())


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (NewBody("Ban", "Ban", "B", "party", term="2025-2030", term_from_on=date(2025, 1, 1)), "/code"),
        (NewBody("ban", " ", "B", "party", term="2025-2030", term_from_on=date(2025, 1, 1)), "/name"),
        (NewBody("ban", "Ban", "b", "party", term="2025-2030", term_from_on=date(2025, 1, 1)), "/notation"),
        (NewBody("ban", "Ban", "B", "church"), "/side"),
        (NewBody("ban", "Ban", "B", "party"), "/term"),
        (NewBody("ban", "Ban", "B", "party", term=" ", term_from_on=date(2025, 1, 1)), "/term"),
        (NewBody("ban", "Ban", "B", "party", term="2025-2030"), "/term"),
        (NewBody("so", "Sở", "S", "state", term="2025-2030", term_from_on=date(2025, 1, 1)), "/term"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(
    database: Database, office: Office, body: NewBody, pointer: str
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        with pytest.raises(InvalidInput) as refusal:
            actions.add_issuing_body(unit, body)
        assert [finding.pointer for finding in refusal.value.findings] == [pointer]


def test_a_code_names_one_body_of_the_agency(
    database: Database, office: Office, other_office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        with pytest.raises(Conflict):
            actions.add_issuing_body(unit, NewBody("vptu", "Lại", "VP", "state"))
        actions.add_issuing_body(unit, NewBody("danguy", "Đảng ủy cơ quan", "ĐU", "state"))
        with pytest.raises(NotFound):
            read_issuing_body(unit, "nowhere")
    with database.unit_of_work(other_office.system) as unit:
        assert read_issuing_body(unit, "danguy").name == "Đảng ủy xã Đông Sơn"


def test_a_new_term_begins_on_its_day_and_ends_the_one_before(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        body = actions.start_term(unit, "tinhuy", "2026-2031", date(2026, 3, 1))
    assert (body.term, body.term_from_on) == ("2026-2031", date(2026, 3, 1))
    assert [(term.term, term.from_on, term.to_on) for term in body.terms] == [
        ("2025-2030", date(2025, 10, 1), date(2026, 2, 28)),
        ("2026-2031", date(2026, 3, 1), None),
    ]


def test_a_new_term_closes_the_books_of_the_one_before_but_where_a_number_is_reserved(
    desk: Desk,
) -> None:
    document_id = desk.enter()
    books = [SeriesKey("tinhuy", "outgoing:QĐ", "2025-2030"), SeriesKey("tinhuy", "outgoing:TB", "2025-2030")]
    other = SeriesKey("vptu", "outgoing:QĐ", "2025-2030")
    desk.do(CLERK, lambda unit: [register.enter(unit, key, document_id, {}) for key in (books[0], other)])
    desk.do(CLERK, lambda unit: register.reserve(unit, books[1], document_id, {}))
    desk.do("quantri", lambda unit: actions.start_term(unit, "tinhuy", "2026-2031", date(2026, 3, 1)))
    rows = [row for row in desk.rows(SERIES) if row.period == "2025-2030"]
    closed = {(row.issuing_body, row.book): row.closed_at is not None for row in rows}
    assert closed == {
        ("tinhuy", "outgoing:QĐ"): True,
        ("tinhuy", "outgoing:TB"): False,
        ("vptu", "outgoing:QĐ"): False,
    }
    with pytest.raises(Conflict):
        desk.do(CLERK, lambda unit: register.enter(unit, books[0], document_id, {}))


@pytest.mark.parametrize(
    ("code", "new", "error"),
    [
        ("tinhuy", ("2025-2030", date(2026, 3, 1)), Conflict),
        ("tinhuy", ("2026-2031", date(2025, 10, 1)), InvalidInput),
        ("tinhuy", ("2026-2031", date(2026, 3, 3)), InvalidInput),
        ("tinhuy", ("  ", date(2026, 3, 1)), InvalidInput),
        ("nowhere", ("2026-2031", date(2026, 3, 1)), NotFound),
    ],
    ids=["the same again", "not after the present one", "in the future", "without a name", "of no body"],
)
def test_a_term_that_does_not_fit_is_refused(
    database: Database, office: Office, code: str, new: tuple[str, date], error: type[Exception]
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit, pytest.raises(error):
        actions.start_term(unit, code, *new)


def test_a_state_body_has_no_terms(database: Database, state_office: Office) -> None:
    with database.unit_of_work(state_office.actor_for("ubnd.quantri")) as unit, pytest.raises(Conflict):
        actions.start_term(unit, "ubnd", "2026-2031", date(2026, 3, 1))


def test_a_change_keeps_what_is_not_named_and_tells_what_it_was(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("chanhvp")) as unit:
        body = actions.change_issuing_body(unit, "vptu", {"place": " Thành phố  Sông Hồng "})
        with pytest.raises(KeyError):
            actions.change_issuing_body(unit, "vptu", {"side": "state"})
    assert (body.place, body.notation) == ("Thành phố Sông Hồng", "VPTU")
    with database.unit_of_work(office.system) as unit:
        event = unit.session.execute(select(AuditEvent)).scalar_one()
    assert event.details == {
        "code": "vptu",
        "changes": {"place": ["Sông Hồng", "Thành phố Sông Hồng"]},
    }


def test_a_closed_body_stays_readable_and_changes_no_more(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        assert actions.close_issuing_body(unit, "tinhuy").is_closed
        assert [body.code for body in list_issuing_bodies(unit)] == ["vptu"]
        assert [body.code for body in list_issuing_bodies(unit, with_closed=True)] == ["tinhuy", "vptu"]
        assert read_issuing_body(unit, "tinhuy").terms[-1].to_on == date(2026, 3, 2)
        with pytest.raises(Conflict):
            actions.close_issuing_body(unit, "tinhuy")
        with pytest.raises(Conflict):
            actions.change_issuing_body(unit, "tinhuy", {"place": "x"})
        with pytest.raises(Conflict):
            actions.start_term(unit, "tinhuy", "2026-2031", date(2026, 3, 1))
    with pytest.raises(Exception, match="permission denied"), database.session() as session:
        session.execute(text("DELETE FROM issuing_body"))


@pytest.mark.parametrize("login", ["vanthu", "phochanhvp", "cv.tonghop1"])
def test_nobody_else_keeps_the_bodies(database: Database, office: Office, login: str) -> None:
    with database.unit_of_work(office.actor_for(login)) as unit:
        for act in (
            lambda: actions.add_issuing_body(unit, STATE_BODY),
            lambda: actions.change_issuing_body(unit, "vptu", {}),
            lambda: actions.start_term(unit, "vptu", "2026-2031", date(2026, 3, 1)),
            lambda: actions.close_issuing_body(unit, "vptu"),
        ):
            with pytest.raises(Forbidden):
                act()


ORGAN = "A01.55.00"


@pytest.mark.clause("S3-16", "S1-7.3")
def test_a_body_may_carry_its_own_identifier_and_gives_it_back(database: Database, office: Office) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        actions.add_issuing_body(unit, replace(PARTY_BODY, organ_id=ORGAN))
        assert read_issuing_body(unit, "bantochuc").organ_id == ORGAN
        assert actions.change_issuing_body(unit, "bantochuc", {"organ_id": None}).organ_id is None
        assert actions.change_issuing_body(unit, "tinhuy", {"organ_id": ORGAN}).organ_id == ORGAN
        with pytest.raises(InvalidInput) as refusal:
            actions.change_issuing_body(unit, "vptu", {"organ_id": "A" * 36})
        assert refusal.value.code == "organ_id.length"


@pytest.mark.clause("S3-16")
def test_no_two_offices_or_bodies_claim_one_identifier(
    database: Database, office: Office, other_office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        actions.change_issuing_body(unit, "tinhuy", {"organ_id": ORGAN})
        for taken in (ORGAN, office.plan.organ_id, other_office.plan.organ_id):
            with pytest.raises(Conflict) as refusal:
                actions.change_issuing_body(unit, "vptu", {"organ_id": taken})
            assert refusal.value.code == "organ_id.taken"
        with pytest.raises(Conflict) as refusal:
            create_agency(unit, "xa_khac", "Đảng ủy xã khác", "party", ORGAN)
        assert refusal.value.code == "organ_id.taken"
    with database.unit_of_work(other_office.system) as unit:
        with pytest.raises(Conflict) as refusal:
            change_agency(unit, organ_id=ORGAN)
        assert refusal.value.findings[0].pointer == "/organ_id"
        with pytest.raises(Conflict):
            actions.add_issuing_body(unit, replace(PARTY_BODY, organ_id=ORGAN))
        with pytest.raises(NotFound):
            read_issuing_body(unit, "bantochuc")


@pytest.mark.clause("S3-16")
def test_a_closed_body_leaves_its_identifier_to_others(
    database: Database, office: Office, other_office: Office
) -> None:
    with database.unit_of_work(office.actor_for("quantri")) as unit:
        actions.change_issuing_body(unit, "tinhuy", {"organ_id": ORGAN})
        actions.close_issuing_body(unit, "tinhuy")
    with database.unit_of_work(other_office.system) as unit:
        change_agency(unit, organ_id=ORGAN)
        assert read_agency(unit).organ_id == ORGAN


def test_who_claims_an_identifier_first_has_it(
    database: Database, office: Office, other_office: Office
) -> None:
    """The second waits until the first has committed, whether it is an agency's or a body's."""
    outcome: list[str] = []

    def claim() -> None:
        try:
            with database.unit_of_work(other_office.system) as unit:
                change_agency(unit, organ_id=ORGAN)
        except Conflict as error:
            outcome.append(error.code)

    with database.unit_of_work(office.actor_for("quantri")) as unit:
        actions.change_issuing_body(unit, "tinhuy", {"organ_id": ORGAN})
        second = threading.Thread(target=claim)
        second.start()
        second.join(0.2)
        assert second.is_alive()
    second.join()
    assert outcome == ["organ_id.taken"]
