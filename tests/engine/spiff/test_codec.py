"""The stored form: exact, escaped, versioned."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.errors import InvalidInput
from service.engine.spiff import codec
from service.engine.spiff.definition import Definition
from service.engine.spiff.execution import Execution
from service.engine.spiff.values import admit
from service.feel import Runtime, compile_expression
from service.feel.values import MonthsDuration
from tests.engine.spiff.bench import Bench, BenchHost
from tests.engine.spiff.bpmn import boundary, end, many, message, model, parallel, path, start, timer, user

FIXTURE = Path(__file__).with_name("state_v1.bin")

EXACT = {
    "decimal": Decimal("19.990"),
    "huge": 2**200,
    "negative": -(2**63) - 1,
    "date": date(2026, 3, 2),
    "time": time(8, 30, 15, 5),
    "at": datetime(2026, 3, 2, 8, 0, 0, 123456, UTC),
    "offset": datetime(2026, 3, 2, 8, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    "named": datetime(2026, 3, 2, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")),
    "naive": datetime(2026, 3, 2, 8),  # noqa: DTZ001 - FEEL has dates without a zone
    "span": timedelta(days=-3, microseconds=1),
    "months": MonthsDuration(14),
    "bytes": b"\x00\xff",
    "nothing": None,
    "float": 0.1,
    "text": "Số 12 $",
}


def through(variables):
    return codec.unpack(codec.decode(codec.encode(codec.pack(variables))))


@pytest.mark.parametrize("name", EXACT)
def test_every_kind_of_value_comes_back_unchanged(name):
    value = EXACT[name]
    back = through({"x": value, "deep": {"list": [value, {"y": value}]}})
    assert back == {"x": value, "deep": {"list": [value, {"y": value}]}}
    assert type(back["x"]) is type(value)
    assert repr(back["x"]) == repr(value)


@pytest.mark.parametrize(
    "hostile",
    [
        {"typename": "x"},
        {"typename": "timedelta", "days": 1},
        {"$": ["n", "1"]},
        {"$$": ["n", "1"]},
        {"$": "x", "y": Decimal(1)},
        {"$": {"$": {"$": ["dt", "never"]}}},
        {"text": '{"$": ["n", "1"]}'},
    ],
)
def test_a_users_field_can_never_pass_for_a_tag(hostile):
    assert through({"form": hostile, "$": hostile, "$$x": 1}) == {"form": hostile, "$": hostile, "$$x": 1}
    run = Bench(model(start(), user("a"), user("b"), path("s a b")))
    run.complete("a", form=hostile)
    assert run.variables["form"] == hostile


atoms = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")) | st.sampled_from(["$", "$$", "typename", '"$'])
    | st.decimals(allow_nan=False, allow_infinity=False) | st.datetimes() | st.dates() | st.timedeltas() | st.binary()
)  # fmt: skip
names = st.text(st.characters(codec="utf-8"), max_size=5) | st.sampled_from(["$", "$$", "$a", "typename"])
values = st.recursive(
    atoms, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)


def test_an_id_is_kept_as_text_as_feel_sees_it():
    assert admit({"x": UUID(int=7)}) == {"x": "00000000-0000-0000-0000-000000000007"}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(names, values, max_size=4))
def test_whatever_a_process_admits_comes_back_unchanged(variables):
    admitted = admit(variables)
    assert through(admitted) == admitted


def test_the_order_of_keys_means_nothing():
    def by_name(value):
        if isinstance(value, dict):
            return {key: by_name(value[key]) for key in sorted(value)}
        return [by_name(item) for item in value] if isinstance(value, list) else value

    run = Bench(
        model(start(), user("a"), user("b"), path("s a b")), b=1, a={"z": [1, {"y": Decimal("1.5")}], "c": 2}
    )
    shuffled = run.state[:2] + orjson.dumps(by_name(orjson.loads(run.state[2:])))
    assert shuffled != run.state
    again = Execution.load(run.definition, run.host, shuffled)
    assert again.variables == run.variables
    assert [task.element_id for task in again.waiting.user_tasks] == ["a"]


def test_a_state_of_an_unknown_version_or_a_damaged_one_is_refused_in_clear_words():
    run = Bench(model(start(), user("a"), path("s a")))
    for bad in (b"", b"\x01", bytes((99, 0)) + run.state[2:], bytes((1, 7)) + run.state[2:]):
        with pytest.raises(InvalidInput) as refused:
            Execution.load(run.definition, run.host, bad)
        assert refused.value.code == "state.version"
    for bad in (run.state[:-3], bytes((1, 1)) + run.state[2:]):
        with pytest.raises(InvalidInput) as refused:
            Execution.load(run.definition, run.host, bad)
        assert refused.value.code == "state.damaged"


def test_a_state_of_another_process_is_refused():
    run = Bench(model(start(), user("a"), path("s a")))
    other = Definition.parse({"x": model(start(), user("b"), path("s b"))}, "p")
    with pytest.raises(InvalidInput) as refused:
        Execution.load(other, run.host, run.state)
    assert refused.value.code == "state.foreign"


def test_a_large_state_is_compressed_and_a_small_one_is_not():
    small = Bench(model(start(), user("a"), path("s a")))
    large = Bench(model(start(), user("a"), path("s a")), text="văn bản " * 5000)
    assert small.state[1] == 0
    assert large.state[1] == 1
    assert len(large.state) < 3000
    assert large.variables["text"] == "văn bản " * 5000


# The model and the variables behind the stored fixture: they must never change.
FIXTURE_MODEL = model(
    start(), parallel("f"), user("vote", many(over="members", item="member", outputs="votes", output="v"), result_variable="v"),
    boundary("late", "vote", timer("timeCycle", "R3/2026-03-03T08:00:00+07:00/P1D"), interrupting=False), user("x"), user("y"),
    boundary("stop", "y", message("stop"), correlation_key="case"), end(), end("e2"), end("e3"),
    path("s f vote e"), path("late x e2"), path("f y e3"), path("stop e3"), messages="stop",
)  # fmt: skip
FIXTURE_VARIABLES = {
    **EXACT,
    "members": ["an", "ba", "chi"],
    "case": "A-1",
    "$odd": {"$": ["n", "1"], "typename": "x"},
}


def make_fixture():
    run = Bench(FIXTURE_MODEL, **FIXTURE_VARIABLES)
    run.complete("vote", nth=1, yes=True)
    return run


def test_a_state_stored_in_format_1_is_read_for_ever():
    definition = Definition.parse({"p.bpmn": FIXTURE_MODEL}, "p")
    run = Execution.load(definition, BenchHost(), FIXTURE.read_bytes())
    assert run.variables == {**FIXTURE_VARIABLES, "votes": [{"yes": True}]}
    waiting = run.waiting
    assert sorted(task.element_id for task in waiting.user_tasks) == ["vote", "vote", "y"]
    assert waiting.timers[0].due_at == datetime(2026, 3, 3, 1, tzinfo=UTC)
    assert waiting.timers[0].remaining == 3
    assert waiting.subscriptions[0].correlation_key == "A-1"
    assert run.dump() == FIXTURE.read_bytes()


def test_feel_values_that_reach_a_variable_come_back_as_they_were():
    texts = [
        "now()",
        "today()",
        'duration("P1Y2M")',
        'duration("PT1.5S")',
        '@"2026-03-05T10:00:00.123456789+07:00"',
        '@"12345-01-01"',
        'time("08:30:00@Asia/Ho_Chi_Minh")',
    ]
    held = admit(
        {f"v{n}": compile_expression(text).evaluate({}, Runtime()).value for n, text in enumerate(texts)}
    )
    back = through(held)
    assert back == held
    assert [type(value) for value in back.values()] == [type(value) for value in held.values()]
    for name, value in held.items():
        assert (
            compile_expression(f"{name} = other")
            .evaluate({name: value, "other": back[name]}, Runtime())
            .value
            is True
        )
