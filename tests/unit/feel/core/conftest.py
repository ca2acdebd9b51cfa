"""An evaluator for the tests of the language's core: text and variables in, evaluation out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.domain.clock import ManualClock
from service.feel import Evaluation, Runtime, compile_expression, compile_unary_tests


@pytest.fixture
def runtime() -> Runtime:
    return Runtime(clock=ManualClock(datetime(2026, 3, 5, 18, 30, tzinfo=UTC)))


@pytest.fixture
def evaluate(runtime):
    def run(text: str, /, **variables) -> Evaluation:
        return compile_expression(text, names=variables).evaluate(variables, runtime)

    return run


@pytest.fixture
def value(evaluate):
    return lambda text, /, **variables: evaluate(text, **variables).value


@pytest.fixture
def reasons(evaluate):
    """The codes of the warnings."""
    return lambda text, /, **variables: [warning.code for warning in evaluate(text, **variables).warnings]


@pytest.fixture
def passes(runtime):
    """Whether a value passes the tests of a cell."""

    def run(tests: str, tested, /, **variables):
        return compile_unary_tests(tests, names=variables).evaluate(tested, variables, runtime).value

    return run
