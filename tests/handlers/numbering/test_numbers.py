"""Numbers of outgoing documents: taken in turn, kept for their document, never given again."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import text

from service.actions import numbers
from service.domain.errors import CongVanError
from service.storage.database import Database
from tests.factories import Office
from tests.handlers.signing.office import BODY, CLERK, LEADER, SigningOffice
from tests.harness import TestDatabase

BODY_TERM_ENDS = text("UPDATE issuing_body_term SET term = '2030-2035' WHERE body_id = :body")
DRAFTS_GONE = text("DELETE FROM draft")
BENCH = Path(__file__).parents[3] / "scripts" / "bench" / "number_series.py"


def refused(act) -> str:
    with pytest.raises(CongVanError) as caught:
        act()
    return caught.value.code


def reserve(house: SigningOffice, login: str = CLERK):
    return house.do(login, lambda unit: numbers.reserve(unit, house.document_id))


def void(house: SigningOffice, entry_id, reason: str = "Cấp nhầm"):
    return house.do(CLERK, lambda unit: numbers.void(unit, entry_id, reason))


def test_a_number_is_reserved_for_a_document_and_asked_again_is_the_same(
    signing_office: SigningOffice,
) -> None:
    first, again = reserve(signing_office), reserve(signing_office, LEADER)
    assert (first.number, first.code.text, first.state) == (1, "01-TB/TU", "reserved")
    assert again == first
    (entry,) = signing_office.entries()
    assert (entry.state, entry.columns["note"]) == ("reserved", "Số đã giữ, chưa phát hành")


def test_a_reserved_number_is_the_one_that_the_seal_sets(signing_office: SigningOffice) -> None:
    house = signing_office
    given = reserve(house)
    other = house.draft()
    assert reserve(house).number == 2
    house.sealed()
    assert house.variables(house.instance_id)["sealed"]["number"] == 2
    states = {entry.document_id: (entry.number, entry.state) for entry in house.entries()}
    assert states[other] == (2, "registered")
    assert (given.number, "reserved") in states.values()


@pytest.mark.clause("S4-5.2a")
def test_a_voided_number_stays_taken_with_its_reason_and_the_document_gets_the_next(
    signing_office: SigningOffice,
) -> None:
    house = signing_office
    voided = void(house, reserve(house).entry_id)
    assert (voided.number, voided.state, voided.void_reason) == (1, "voided", "Cấp nhầm")
    house.sealed()
    assert [(entry.number, entry.state) for entry in house.entries()] == [(1, "voided"), (2, "registered")]


def test_the_number_on_a_sealed_document_is_not_voided(signing_office: SigningOffice) -> None:
    house = signing_office
    house.sealed()
    (entry,) = house.entries()
    assert refused(lambda: void(house, entry.id)) == "number.issued"


def test_only_a_clerk_or_the_head_of_office_takes_or_voids_numbers(signing_office: SigningOffice) -> None:
    house = signing_office
    given = reserve(house)
    assert refused(lambda: reserve(house, "cv.tonghop1")) == "action.forbidden"
    act = house.do
    assert (
        refused(lambda: act("cv.tonghop1", lambda unit: numbers.void(unit, given.entry_id, "x")))
        == "action.forbidden"
    )


def test_a_number_kept_from_another_term_must_be_voided_first(signing_office: SigningOffice, owner) -> None:
    house = signing_office
    reserve(house)
    with owner.session() as session:
        session.execute(BODY_TERM_ENDS, {"body": house.office.bodies[BODY]})
    assert refused(lambda: reserve(house)) == "number.other_series"


def test_a_party_bodys_numbers_begin_at_01_with_its_new_term(signing_office: SigningOffice, owner) -> None:
    house = signing_office
    void(house, reserve(house).entry_id)
    second = reserve(house)
    assert second.number == 2
    void(house, second.entry_id)
    with owner.session() as session:
        session.execute(BODY_TERM_ENDS, {"body": house.office.bodies[BODY]})
    given = reserve(house)
    assert (given.number, given.code.text) == (1, "01-TB/TU")


def test_a_state_body_chooses_a_series_for_each_type(signing_office: SigningOffice) -> None:
    house = signing_office
    head = "chanhvp"
    act = house.do
    choose = numbers.choose_scheme
    party = refused(lambda: act(head, lambda unit: choose(unit, BODY, is_per_type=True, basis="")))
    assert party == "number_scheme.party"
    clerk = refused(lambda: act(CLERK, lambda unit: choose(unit, BODY, is_per_type=True, basis="")))
    assert clerk == "action.forbidden"


def test_what_is_no_outgoing_document_has_no_number(signing_office: SigningOffice, owner) -> None:
    house = signing_office
    with owner.session() as session:
        session.execute(DRAFTS_GONE)
    assert refused(lambda: reserve(house)) == "document.not_drafted"


def test_thirty_two_writers_half_of_them_killed_leave_no_gap_and_no_double(
    worker_database: TestDatabase, database: Database, office: Office
) -> None:
    bench = load_bench()
    bench.AGENCY = office.code
    document_id = bench.add_document(database, office.agency_id)
    crew = bench.Crew(worker_database.runtime_conninfo, office.agency_id, document_id, threads=16)
    crew.run(processes=2, each=10, kills=1)
    faults = bench.count_faults(database, office.agency_id, crew.answered)
    assert (faults["gaps"], faults["doubles"], faults["lost"]) == (0, 0, 0)
    assert faults["numbers"] >= len(crew.answered) >= 320
    assert crew.killed == 1


def load_bench() -> ModuleType:
    spec = spec_from_file_location("bench_numbers", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
