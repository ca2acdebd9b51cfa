"""Lists of assignments: the same as reading one by one, each begun where it is short, with what they show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, text

from service.domain.actors import Actor, Mandate, Person
from service.domain.errors import InvalidInput, NotFound
from service.domain.ids import new_id
from service.queries import assignment_access
from service.queries.assignment_access import standing_of
from service.queries.assignment_filters import AssignmentFilter
from service.queries.assignments import AssignmentView, assignment_detail, list_assignments
from service.storage.database import Database
from service.storage.unit_of_work import UnitOfWork
from tests.factories import Office
from tests.harness import OPENING
from tests.queries.assignment_world import AssignmentWorld

LEADER, HEAD, DOER, OTHER_HEAD = "chanhvp", "tp.tonghop", "cv.tonghop1", "tp.hanhchinh"
READERS = (LEADER, "troly", HEAD, DOER, "vt.tonghop", OTHER_HEAD, "giamsat", "quantri", "vanthu")


def _deputy(office: Office, login: str, of: str, authorities: str, **scope: frozenset[str]) -> Actor:
    boss = office.actor_for(of)
    person = Person(office.accounts[of], of, boss.full_name, boss.references)
    held = frozenset(authorities.split())
    mandate = Mandate(new_id(OPENING), "12-QĐ/VP", person, boss.roles, held, **scope)
    return replace(office.actor_for(login), mandates=(mandate,))


def _readers(office: Office) -> Iterator[Actor]:
    yield from map(office.actor_for, READERS)
    yield _deputy(office, "vanthu2", HEAD, "supervise")
    yield _deputy(office, "vanthu2", DOER, "assign")
    yield _deputy(office, "vanthu2", LEADER, "assign supervise", document_types=frozenset({"Công văn"}))
    yield _deputy(office, "vanthu2", LEADER, "supervise", process_keys=frozenset({"incoming_document"}))


def _pages(of: UnitOfWork, limit: int, **wanted: Any) -> list[AssignmentView]:
    found: list[AssignmentView] = []
    cursor = None
    while True:
        page = list_assignments(of, AssignmentFilter(**wanted), cursor, limit)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            return found


def _read_alone(unit: UnitOfWork, ids: list[UUID]) -> set[UUID]:
    found = set()
    for assignment_id in ids:
        try:
            found.add(standing_of(unit, assignment_id).row.id)
        except NotFound:
            continue
    return found


@pytest.mark.clause("S1-4.2a", "S2-4.1")
def test_a_list_holds_what_can_be_read_alone_and_nothing_else(
    database: Database, owner: Database, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with owner.unit_of_work(office.system) as unit:
        ids = AssignmentWorld(unit, office).fill(Random(7), 40)
    sizes = set()
    for actor in _readers(office):
        with database.unit_of_work(actor) as unit:
            alone = _read_alone(unit, ids)
            monkeypatch.setattr(assignment_access, "MOST_NAMED", 2_000)  # beginning at the person
            listed = _pages(unit, 9)
            newest = [(one.assigned_at, one.id) for one in listed]
            assert newest == sorted(newest, reverse=True)
            assert {one.id for one in listed} == alone
            monkeypatch.setattr(assignment_access, "MOST_NAMED", 0)  # beginning at the agency
            by_due = _pages(unit, 19, sort="due")
            assert {one.id for one in by_due} == alone
            dues = [one.due_at for one in by_due]
            assert dues == sorted(dues, key=lambda due: (due is None, due or OPENING))
        sizes.add(len(alone))
    assert 0 in sizes
    assert 40 in sizes
    assert len(sizes) > 5, "a world in which everybody sees the same shows nothing"


@pytest.mark.clause("S0-11g1")
def test_a_list_shows_content_executor_coordinators_progress_and_deadline(
    database: Database, owner: Database, office: Office
) -> None:
    due = OPENING + timedelta(days=2)
    parties = {
        "assigner": [LEADER],
        "monitor": ["phochanhvp"],
        "lead": ["tong_hop"],
        "handler": [DOER],
        "coordinator": ["hanh_chinh", "cv.coyeu1"],
    }
    with owner.unit_of_work(office.system) as unit:
        AssignmentWorld(unit, office).give(parties=parties, percent=40, due_at=due, content="Lập báo cáo quý")
    with database.unit_of_work(office.actor_for(DOER)) as unit:
        (shown,) = _pages(unit, 5)
    assert (shown.content, shown.percent, shown.due_at) == ("Lập báo cáo quý", 40, due)
    assert shown.assigner is not None
    assert (shown.assigner.login, shown.assigner.name) == (LEADER, "Trần Văn Minh")
    assert shown.lead is not None
    assert (shown.lead.unit_code, shown.lead.name) == ("tong_hop", "Phòng Tổng hợp")
    assert shown.monitor is not None
    assert [one.login for one in shown.handlers] == [DOER]
    assert [one.name for one in shown.coordinators] == ["Phòng Hành chính - Quản trị", "Phan Văn Khánh"]
    assert not shown.is_overdue


def _narrowings(base: UUID, document: UUID) -> dict[str, list[tuple[dict[str, Any], set[str]]]]:
    """Return, for each reader, what may be asked and the contents of what is listed then."""
    day = OPENING.date()
    return {
        LEADER: [
            ({"part": "assigner"}, {"Phần một", "Đã xong", "Báo cáo đúng hạn"}),
            ({"part": "monitor"}, {"Kế hoạch 100%"}),
            ({"part": "lead"}, set()),
            ({"is_overdue": True}, {"Phần một"}),
            ({"is_overdue": False, "is_open": True}, {"Kế hoạch 100%", "Báo cáo đúng hạn"}),
            ({"is_waiting": True}, {"Phần một"}),
            ({"states": ("waiting", "reported")}, {"Phần một", "Báo cáo đúng hạn"}),
            ({"is_late": True}, {"Đã xong"}),
            ({"unit": "tong_hop"}, {"Kế hoạch 100%", "Phần một", "Đã xong"}),
            ({"unit": "hanh_chinh"}, {"Báo cáo đúng hạn"}),
            ({"parent_id": base}, {"Phần một"}),
            ({"document_id": document}, {"Đã xong"}),
            ({"slip_id": base}, set()),
            ({"text": "100%"}, {"Kế hoạch 100%"}),
            ({"text": "_"}, set()),
            ({"due_from": day, "due_to": day}, set()),
            ({"due_to": day - timedelta(days=1)}, {"Phần một", "Báo cáo đúng hạn"}),
            ({"given_from": day}, {"Kế hoạch 100%", "Phần một", "Đã xong"}),
            ({"given_to": day - timedelta(days=1)}, {"Báo cáo đúng hạn"}),
        ],
        "cv.hanhchinh1": [
            ({"part": "lead"}, {"Báo cáo đúng hạn"}),
            ({"part": "handler"}, {"Báo cáo đúng hạn"}),
        ],
        OTHER_HEAD: [({}, {"Báo cáo đúng hạn"}), ({"part": "any"}, {"Báo cáo đúng hạn"})],
        DOER: [({"document_id": document}, {"Đã xong"})],
        HEAD: [({}, {"Kế hoạch 100%", "Phần một", "Đã xong"}), ({"document_id": document}, set())],
    }


def test_lists_are_narrowed_by_what_is_asked(database: Database, owner: Database, office: Office) -> None:
    with owner.unit_of_work(office.system) as unit:
        world = AssignmentWorld(unit, office)
        document = world.add_document(type_name="Công văn")
        base = world.give(
            content="Kế hoạch 100%", parties={"assigner": [HEAD], "lead": [DOER], "monitor": [LEADER]}
        )
        world.give(content="Phần một", parent_id=base, state="waiting", due_at=OPENING - timedelta(days=1))
        world.give(content="Đã xong", state="completed", is_late=True, document_id=document)
        world.give(
            content="Báo cáo đúng hạn",
            state="reported",
            reported_at=OPENING - timedelta(days=3),
            due_at=OPENING - timedelta(days=2),
            assigned_at=OPENING - timedelta(days=9),
            parties={"assigner": [LEADER], "lead": ["hanh_chinh"], "handler": ["cv.hanhchinh1"]},
        )
    for login, asked in _narrowings(base, document).items():
        with database.unit_of_work(office.actor_for(login)) as unit:
            for wanted, contents in asked:
                assert {one.content for one in _pages(unit, 2, **wanted)} == contents, (login, wanted)
    with database.unit_of_work(office.actor_for(LEADER)) as unit, pytest.raises(InvalidInput):
        list_assignments(unit, AssignmentFilter(), "abc")


@pytest.mark.clause("S0-11g3", "S2-4.1")
def test_the_source_document_shows_to_those_who_may_see_it_and_no_word_of_it_to_others(
    database: Database, owner: Database, office: Office
) -> None:
    with owner.unit_of_work(office.system) as unit:
        world = AssignmentWorld(unit, office)
        open_one = world.add_document(subject="Về sơ kết")
        secret = world.add_document(subject="Việc mật", secrecy="secret")
        plain, hidden = (
            world.give(document_id=one, products=[str(one), "Số 12"]) for one in (open_one, secret)
        )

    def shown(login: str, assignment_id: UUID) -> Any:
        with database.unit_of_work(office.actor_for(login)) as unit:
            return assignment_detail(unit, standing_of(unit, assignment_id))

    found = shown(DOER, plain)
    assert (found.document.subject, found.document.id) == ("Về sơ kết", open_one)
    assert [one.document or one.text for one in found.products] == [found.document, "Số 12"]
    assert shown("giamsat", plain).document is None
    assert shown(DOER, hidden).document is None
    assert [one.text for one in shown(DOER, hidden).products] == ["Số 12"]
    cover = shown(LEADER, hidden).document
    assert (cover.id, cover.subject) == (secret, None), "the head of office knows that it is there"
    with pytest.raises(NotFound):
        shown(HEAD, hidden)


def test_one_assignment_shows_its_whole_its_parts_and_every_step(
    database: Database, owner: Database, office: Office
) -> None:
    with owner.unit_of_work(office.system) as unit:
        world = AssignmentWorld(unit, office)
        whole = world.give(
            content="Cả việc", parties={"assigner": [LEADER], "lead": ["tong_hop"], "coordinator": ["co_yeu"]}
        )
        part = world.give(
            content="Một phần",
            parent_id=whole,
            percent=50,
            parties={"assigner": [HEAD], "lead": [DOER]},
            deadline={"clause": "S0-11g5", "derivation": "hết ngày", "derivation_en": "end of day"},
            due_at=OPENING - timedelta(hours=1),
        )
        world.add_entry(part, "give", HEAD)
        world.add_entry(
            part,
            "progress",
            DOER,
            ordinal=2,
            percent=50,
            words="Đã có số liệu",
            on_behalf_of_id=office.accounts[HEAD],
        )
    with database.unit_of_work(office.actor_for("tp.coyeu")) as unit:
        seen = assignment_detail(unit, standing_of(unit, whole))
        (line,) = seen.parts
        assert (line.content, line.percent, line.is_overdue, line.may_read) == ("Một phần", 50, True, False)
        assert seen.verbs == ("note",)
    with database.unit_of_work(office.actor_for(DOER)) as unit:
        seen = assignment_detail(unit, standing_of(unit, part))
        assert seen.parent is None, "who does a part is not told of the whole"
        assert seen.deadline == {
            "clause": "S0-11g5",
            "derivation_vi": "hết ngày",
            "derivation_en": "end of day",
        }
        given, progress = seen.entries
        assert (given.verb, given.verb_name, given.by_name) == ("give", "Giao nhiệm vụ", "Hoàng Đức Thắng")
        assert (progress.by, progress.on_behalf_of, progress.words) == (DOER, HEAD, "Đã có số liệu")
    with database.unit_of_work(office.actor_for(LEADER)) as unit:
        seen = assignment_detail(unit, standing_of(unit, part))
        assert seen.parent is not None
        assert seen.parent.content == "Cả việc"


@pytest.mark.clause("S4-7c")
def test_whoever_reads_by_an_order_is_told_in_whose_place(
    database: Database, owner: Database, office: Office
) -> None:
    with owner.unit_of_work(office.system) as unit:
        assignment_id = AssignmentWorld(unit, office).give()
    for authority in ("assign", "supervise"):
        with database.unit_of_work(_deputy(office, "vanthu2", LEADER, authority)) as unit:
            seen = assignment_detail(unit, standing_of(unit, assignment_id))
            assert seen.acting_for is not None
            assert (seen.acting_for.login, seen.acting_for.basis) == (LEADER, "12-QĐ/VP")
            assert ("cancel" in seen.verbs) == (authority == "assign")
            assert ("urge" in seen.verbs) == (authority == "supervise")


MANY = """
INSERT INTO assignment (id, instance_id, state, percent, content, description, expected_product, urgency, assigner_id,
    lead_id, assigned_at, deadline, products, call_key, version, agency_id)
SELECT uuidv7(), gen_random_uuid(), CASE WHEN n % 9 = 0 THEN 'in_progress' ELSE 'completed' END, 0, 'Việc ' || n, '', '',
    'normal', :giver, :doer, CAST(:now AS timestamptz) - n * interval '1 minute', '{}', '[]', gen_random_uuid(), 1, :agency
FROM generate_series(1, 6000) n;
INSERT INTO assignment_party (assignment_id, part, reference, account_id, agency_id)
SELECT id, part, reference, account_id, agency_id
FROM assignment, (VALUES ('assigner', 'user:chanhvp', CAST(:giver AS uuid)), ('lead', 'user:cv.hanhchinh1', CAST(:doer AS uuid)))
    AS v (part, reference, account_id);
"""


@pytest.fixture
def asked(runtime_engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """What the runtime role asks of assignments, with its values."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "assignment" in statement and "EXPLAIN" not in statement:
            seen.append((statement, parameters))

    event.listen(runtime_engine, "before_cursor_execute", note)
    yield seen
    event.remove(runtime_engine, "before_cursor_execute", note)


def _touched(plan: Any) -> int:
    """Return how many rows of assignments and their parties a plan read."""
    here = 0
    if str(plan.get("Relation Name", "")).startswith("assignment"):
        removed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        here = (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    return int(here) + sum(_touched(one) for one in plan.get("Plans", ()))


def test_no_list_looks_through_the_assignments_of_the_agency(
    database: Database, owner: Database, office: Office, asked: list[tuple[str, Any]]
) -> None:
    with owner.unit_of_work(office.system) as unit:
        people = {"giver": office.accounts[LEADER], "doer": office.accounts["cv.hanhchinh1"]}
        values = people | {"agency": office.agency_id, "now": unit.now - timedelta(days=1)}
        for statement in MANY.split(";")[:2]:
            unit.session.execute(text(statement), values)
        world = AssignmentWorld(unit, office)
        for days in range(60):
            world.give(assigned_at=OPENING - timedelta(days=30 + days))
    with owner.session() as session:
        session.execute(text("ANALYZE assignment, assignment_party"))
    cases = [
        (DOER, {}, 400),
        (DOER, {"sort": "due", "is_open": True}, 400),
        (DOER, {"part": "lead"}, 400),
        (HEAD, {"is_overdue": True}, 400),
        (OTHER_HEAD, {}, 8_000),
        ("giamsat", {}, 300),
        (LEADER, {}, 300),
        ("vanthu", {}, 50),
    ]
    for login, wanted, most in cases:
        with database.unit_of_work(office.actor_for(login)) as unit:
            asked.clear()
            list_assignments(unit, AssignmentFilter(**wanted))
            plans = [_explain(unit, *one) for one in list(asked)]
        touched = sum(_touched(plan["Plan"]) for plan in plans)
        assert touched <= most, (login, wanted, touched, plans)


def _explain(unit: UnitOfWork, statement: str, parameters: Any) -> Any:
    connection = unit.session.connection()
    told = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
    return told.scalar_one()[0]
