"""The life of an assignment against its figure, and what people are to one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from service.domain.actors import Actor, Mandate, Person
from service.domain.assignment_rights import PROCESS, Concern, allowed_verbs, reading, subject_of
from service.domain.assignments import (
    OPEN_STATES,
    STATE_NAMES,
    TRANSITIONS,
    VERB_NAMES,
    is_late,
    is_overdue,
    next_state,
    share_of,
)
from service.domain.errors import Conflict
from service.domain.permissions import Allowed, decide

FIGURE = Path(__file__).parents[3] / "docs" / "assignments.md"
ARROW = re.compile(r"^ +(\w+) --> (\w+): (\w+)$", re.MULTILINE)
EVERYWHERE = {"amend", "note", "urge", "overdue", "cancel"}
AGENCY, ME, BOSS = (UUID(int=number) for number in range(3))

GIVEN = Concern(
    "in_progress",
    {
        "assigner": frozenset({"user:chanhvp"}),
        "monitor": frozenset({"user:phochanhvp"}),
        "lead": frozenset({"role:unit_head@unit:tong_hop", "role:unit_clerk@unit:tong_hop"}),
        "handler": frozenset({"user:mai"}),
        "coordinator": frozenset({"role:unit_head@unit:hanh_chinh"}),
    },
    frozenset({"tong_hop", "hanh_chinh"}),
)
SECRET = replace(GIVEN, is_secret=True)
CHIEF = Person(BOSS, "chanhvp", "Chánh Văn phòng", frozenset({"user:chanhvp", "role:leader"}))


def someone(*references: str, roles: str = "", aide_of: Person | None = None, order: str = "") -> Actor:
    mandates = (_order(order),) if order else ()
    leaders = {aide_of.login: aide_of} if aide_of else {}
    held = frozenset(references) | {"user:me"}
    return Actor(AGENCY, "vp", ME, "me", "Tôi", held, frozenset(roles.split()), leaders, mandates)


def _order(authorities: str, **scope: frozenset[str]) -> Mandate:
    return Mandate(
        UUID(int=9), "12-QĐ/VP", CHIEF, frozenset({"leader"}), frozenset(authorities.split()), **scope
    )


HEAD_OF_LEAD = someone("role:unit_head@unit:tong_hop", roles="unit_head")
LEADER = someone("role:leader", roles="leader")


def test_the_figure_in_the_documentation_is_the_table_in_the_code() -> None:
    drawn = {(source, verb): target for source, target, verb in ARROW.findall(FIGURE.read_text("utf-8"))}
    assert drawn == {key: state for key, state in TRANSITIONS.items() if key[1] not in EVERYWHERE}
    staying = {(state, verb): state for state in OPEN_STATES for verb in EVERYWHERE - {"cancel"}}
    leaving = {(state, "cancel"): "cancelled" for state in OPEN_STATES}
    assert {key: state for key, state in TRANSITIONS.items() if key[1] in EVERYWHERE} == staying | leaving


@pytest.mark.parametrize(
    ("actor", "concern", "verbs"),
    [
        (someone("user:chanhvp"), GIVEN, "note urge cancel"),
        (someone("user:phochanhvp"), GIVEN, "note urge"),
        (HEAD_OF_LEAD, GIVEN, "note urge"),
        (someone("user:mai"), GIVEN, "note"),
        (someone("role:unit_head@unit:hanh_chinh"), SECRET, "note"),
        (LEADER, GIVEN, "urge"),
        (someone(roles="supervisor"), SECRET, "urge"),
        (someone(aide_of=CHIEF), GIVEN, ""),
        (someone(order="assign"), SECRET, "note cancel"),
        (someone(order="supervise"), GIVEN, "urge"),
        (someone("user:mai", order="assign"), GIVEN, "note"),
        (someone("user:chanhvp"), replace(GIVEN, state="completed"), ""),
    ],
)
def test_who_may_do_what(actor: Actor, concern: Concern, verbs: str) -> None:
    assert reading(concern, actor) is not None
    assert allowed_verbs(concern, actor) == tuple(verbs.split())


@pytest.mark.parametrize(
    ("actor", "concern"),
    [
        (someone(roles="admin"), GIVEN),
        (someone("role:unit_head@unit:co_yeu"), GIVEN),
        (someone("unit:tong_hop"), GIVEN),
        (LEADER, SECRET),
        (
            someone("role:unit_head@unit:tong_hop"),
            replace(SECRET, parties={"handler": frozenset({"user:mai"})}),
        ),
        (someone(order="allow_issue"), GIVEN),
    ],
)
def test_for_others_it_does_not_exist(actor: Actor, concern: Concern) -> None:
    assert reading(concern, actor) is None
    assert allowed_verbs(concern, actor) == ()


@pytest.mark.clause("S4-7c")
def test_an_order_for_other_processes_or_kinds_of_document_gives_nothing() -> None:
    def reads(**scope: frozenset[str]) -> bool:
        actor = replace(someone(), mandates=(_order("assign supervise", **scope),))
        return reading(replace(GIVEN, document_type="Công văn"), actor) is not None

    assert reads(process_keys=frozenset({PROCESS}), document_types=frozenset({"Công văn"}))
    assert not reads(process_keys=frozenset({"incoming_document"}))
    assert not reads(document_types=frozenset({"Báo cáo"}))


@pytest.mark.clause("S4-7c")
def test_what_is_done_by_an_order_names_the_order() -> None:
    deputy = someone(order="assign supervise")
    for authority in ("assign", "supervise"):
        reader = someone(order=authority)
        assert reading(GIVEN, reader) == Allowed(reader.mandates[0])
    for action in ("assignment.cancel", "assignment.urge", "assignment.note"):
        decision = decide(deputy, action, subject_of(GIVEN, deputy))
        assert getattr(decision, "mandate", None) == deputy.mandates[0], action


def test_what_the_table_does_not_name_is_refused_in_words_of_both_languages() -> None:
    with pytest.raises(Conflict) as refused:
        next_state("completed", "progress")
    assert refused.value.vi == "Nhiệm vụ đang ở trạng thái “Hoàn thành”, không thể: cập nhật tiến độ."
    assert refused.value.extra == {"state": "completed", "verb": "progress"}


def test_every_state_is_reached_and_only_closed_ones_are_left_by_nothing() -> None:
    assert set(TRANSITIONS.values()) == set(STATE_NAMES)
    assert {state for state, _ in TRANSITIONS} == OPEN_STATES
    assert {verb for _, verb in TRANSITIONS} == set(VERB_NAMES)


def test_open_work_is_overdue_by_the_clock_and_a_reported_result_by_its_report() -> None:
    due = datetime(2026, 3, 6, 10, tzinfo=UTC)
    before, after = due - timedelta(hours=1), due + timedelta(hours=1)
    assert is_overdue("in_progress", due, None, after)
    assert is_overdue("waiting", due, None, after)
    assert not is_overdue("in_progress", due, None, before)
    assert not is_overdue("reported", due, before, after)
    assert is_overdue("reported", due, after, after)
    assert is_overdue("in_progress", due, before, after), "done again, past the deadline"
    assert not is_overdue("completed", due, after, after)
    assert not is_overdue("given", None, None, after)


@pytest.mark.clause("S0-11g5")
def test_a_result_is_late_by_the_day_of_its_report() -> None:
    due = datetime(2026, 3, 6, 10, tzinfo=UTC)
    assert not is_late(due, due)
    assert is_late(due, due + timedelta(seconds=1))
    assert not is_late(None, due)


def test_the_progress_of_a_whole_is_that_of_its_parts() -> None:
    assert [share_of(one) for one in ([], [0, 0], [100, 50, 50], [100, 100])] == [0, 0, 66, 100]
