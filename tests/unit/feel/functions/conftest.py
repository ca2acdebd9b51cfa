"""An evaluator for the tests of the functions: text and variables in, value or reasons out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.domain.clock import ManualClock
from service.feel import Runtime, compile_expression
from service.feel.runtime import Run


@pytest.fixture
def runtime() -> Runtime:
    """A world at 01:30 on 25 November in Hanoi, when it is still the 24th in UTC."""
    return Runtime(clock=ManualClock(datetime(2026, 11, 24, 18, 30, tzinfo=UTC)))


@pytest.fixture
def run(runtime) -> Run:
    return Run(runtime)


@pytest.fixture
def value(runtime):
    return lambda text, /, **variables: (
        compile_expression(text, names=variables).evaluate(variables, runtime).value
    )


@pytest.fixture
def warnings(runtime):
    return lambda text, /, **variables: (
        compile_expression(text, names=variables).evaluate(variables, runtime).warnings
    )
