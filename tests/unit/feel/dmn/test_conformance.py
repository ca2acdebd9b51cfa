"""The comparison of the conformance runner is strict, and the runner counts right."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from service.feel.dmn.conformance import is_same
from service.feel.values import parse_date, parse_date_time, parse_duration

ROOT = Path(__file__).parents[4]
CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Decimal("0.333333333"), Decimal("0.3333333331")),
        ([Decimal(1), {"a": None}], [Decimal("1.0"), {"a": None}]),
        (parse_duration("PT60M"), parse_duration("PT1H")),
        (None, None),
    ],
)
def test_equal_values_of_one_kind_are_the_same(left: Any, right: Any) -> None:
    assert is_same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Decimal(1), True),
        (Decimal(1), "1"),
        (Decimal(1), Decimal("1.0000001")),
        ([], None),
        ([Decimal(1)], [Decimal(1), Decimal(2)]),
        ({"a": Decimal(1)}, {"a": Decimal(1), "b": None}),
        (parse_date("2026-03-05"), parse_date_time("2026-03-05T00:00:00")),
        (parse_duration("P1Y"), parse_duration("P365D")),
    ],
)
def test_values_of_other_kinds_or_sizes_differ(left: Any, right: Any) -> None:
    assert not is_same(left, right)


def test_the_runner_counts_and_names_failures(tmp_path: Path) -> None:
    folder = tmp_path / "TestCases" / "compliance-level-3" / "0001-vote"
    folder.mkdir(parents=True)
    for path in (CASES / "meeting_vote").iterdir():
        text = path.read_text(encoding="utf-8").replace(">thông qua<", ">bị bác<")
        (folder / path.name).write_text(
            text if path.suffix == ".xml" else path.read_text(encoding="utf-8"), encoding="utf-8"
        )
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts" / "tck", tmp_path, "--json"], capture_output=True, check=False
    )
    figures = json.loads(ran.stdout)["level_3"]
    assert ran.returncode == 1
    assert (figures["passed"], figures["total"], figures["total_with_value"]) == (3, 4, 4)
    assert [failure["case"] for failure in figures["failures"]] == ["three_of_four"]
