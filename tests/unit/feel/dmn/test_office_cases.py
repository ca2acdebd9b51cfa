"""Our own office rules as DMN files with cases: each case is one test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.domain.clock import ManualClock
from service.feel.dmn import load_models
from service.feel.dmn.conformance import Case, CaseFile, failures_of, read_case_file
from service.feel.runtime import Runtime

FILES = [read_case_file(path) for path in sorted((Path(__file__).parent / "cases").glob("*/*.xml"))]
CASES = [pytest.param(file, case, id=f"{file.path.stem}-{case.id}") for file in FILES for case in file.cases]


@pytest.mark.parametrize(("file", "case"), CASES)
def test_office_rule_gives_what_its_case_expects(file: CaseFile, case: Case) -> None:
    folder = file.path.parent
    models = load_models({path.name: path.read_bytes() for path in folder.glob("*.dmn")}, main=file.model)
    runtime = Runtime(clock=ManualClock(datetime(2026, 3, 5, 2, 0, tzinfo=UTC)))
    assert failures_of(case, models, runtime) == []


def test_a_few_dozen_cases_are_there() -> None:
    assert len(CASES) >= 30
