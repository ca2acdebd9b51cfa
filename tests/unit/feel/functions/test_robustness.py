"""Whatever a function is given, it gives a value, or null with a reason, or a limit error: nothing else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.clock import SystemClock
from service.feel.errors import FeelLimitError
from service.feel.functions import BUILTINS
from service.feel.limits import Limits
from service.feel.runtime import Run, Runtime
from service.feel.values.text import text_of
from tests.unit.feel.values.strategies import values

functions = st.sampled_from(sorted(BUILTINS)).map(BUILTINS.get)
arguments = st.lists(st.one_of(values, functions), max_size=5).map(tuple)


def invoke(function, given_arguments):
    run = Run(Runtime(clock=SystemClock(), limits=Limits(steps=10_000, regex_seconds=0.1)))
    try:
        return function.invoke(given_arguments, run), run.warnings()
    except FeelLimitError:
        return "over a limit", ()


@pytest.mark.parametrize("name", sorted(BUILTINS))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arguments)
def test_any_arguments_are_answered(name, given_arguments):
    answer, _told = invoke(BUILTINS[name], given_arguments)
    assert isinstance(text_of(answer), str)


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_wrong_names_are_answered_with_a_reason(name):
    answer, told = invoke(BUILTINS[name], {"no such parameter": None})
    assert answer is None
    assert [warning.code for warning in told] == ["feel.wrong_arguments"]


@given(functions, st.data())
@settings(max_examples=200, deadline=None)
def test_arguments_by_name_give_what_they_give_by_position(function, data):
    names = [parameter.name for parameter in function.signature.parameters]
    given_arguments = data.draw(st.tuples(*(values for _ in names)))
    if function.signature.rest is None and names and function is not BUILTINS["now"]:
        by_name = invoke(function, dict(zip(names, given_arguments, strict=True)))
        by_position = invoke(function, given_arguments)
        if by_name[0] is not None:
            assert text_of(by_name[0]) == text_of(by_position[0])


def test_lists_cannot_grow_without_bound(run):
    half = [True] * 150_000
    for name, given_arguments in (
        ("concatenate", (half, half)),
        ("append", (half, *half)),
        ("union", (half, half, half)),
    ):
        run.steps_left = 10**9 if name != "union" else 100_000
        with pytest.raises(FeelLimitError):
            BUILTINS[name].invoke(given_arguments, run)


def test_flattening_many_short_lists_is_cheap(run):
    assert len(BUILTINS["flatten"].invoke(([[True] * 10] * 2_000,), run)) == 20_000


def test_flattening_a_value_that_shares_its_parts_ends_in_the_limit(run):
    nested = [True]
    for _ in range(60):
        nested = [nested, nested]
    with pytest.raises(FeelLimitError):
        BUILTINS["flatten"].invoke((nested,), run)


def test_writing_a_value_that_shares_its_parts_ends_in_the_limit(run):
    nested = ["x"]
    for _ in range(60):
        nested = [nested, nested]
    with pytest.raises(FeelLimitError):
        BUILTINS["string"].invoke((nested,), run)
