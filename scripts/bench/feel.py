#!/usr/bin/env python
"""Time FEEL beside plain Python functions of the same meaning; prints a table, or JSON with ``--json``.

A cached simple condition over plain data is to take at most 5 µs, the import of the package at most 100 ms.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import timeit
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from service.feel import Runtime, compile_expression, compile_unary_tests
from service.feel.compilation import EXPRESSIONS

ROWS = [{"amount": number * 10, "open": number % 2 == 0} for number in range(20)]
DATA: Mapping[str, Any] = {
    "amount": 1500,
    "level": "director",
    "urgent": False,
    "document": {"pages": 12, "unit": {"code": "P1"}},
    "rows": ROWS,
    "n": 10,
}

LIMIT = Decimal(1000)
PAGES = Decimal(24)
OPEN_LIMIT = Decimal(180)

Plain = Callable[[Mapping[str, Any]], Any]


def _factorials(data: Mapping[str, Any]) -> list[Decimal]:
    results: list[Decimal] = []
    for number in range(int(data["n"]) + 1):
        results.append(Decimal(1) if number == 0 else Decimal(number) * results[-1])
    return results


CASES: Mapping[str, Plain] = {
    "amount > 1000": lambda data: Decimal(data["amount"]) > LIMIT,
    'amount > 1000 and level = "director" and not(urgent)': lambda data: (
        Decimal(data["amount"]) > LIMIT and data["level"] == "director" and not data["urgent"]
    ),
    'document.unit.code = "P1" and document.pages * 2 <= 24': lambda data: (
        data["document"]["unit"]["code"] == "P1" and Decimal(data["document"]["pages"]) * 2 <= PAGES
    ),
    'if amount > 1000 then "director" else "head"': lambda data: (
        "director" if Decimal(data["amount"]) > LIMIT else "head"
    ),
    "sum(rows[open = true].amount)": lambda data: sum(
        Decimal(row["amount"]) for row in data["rows"] if row["open"]
    ),
    "some row in rows satisfies row.amount > 180": lambda data: any(
        Decimal(row["amount"]) > OPEN_LIMIT for row in data["rows"]
    ),
    "for i in 0..n return if i = 0 then 1 else i * partial[-1]": _factorials,
}


@dataclass(frozen=True)
class Timing:
    """One case: microseconds per call, warm, one thread."""

    text: str
    compile_us: float
    evaluate_us: float
    python_us: float
    ratio: float


def best_us(action: Callable[[], object], repeats: int = 5) -> float:
    """Return the best time of one call in microseconds."""
    timer = timeit.Timer(action)
    number, _ = timer.autorange()
    number = max(1, number // 4)
    return min(timer.repeat(repeats, number)) / number * 1e6


def time_case(text: str, plain: Plain, runtime: Runtime) -> Timing:
    """Time one expression and its Python counterpart, and make sure that they agree."""
    expression = compile_expression(text)
    answer = expression.evaluate(DATA, runtime)
    if answer.value != plain(DATA):
        raise SystemExit(f"{text}: FEEL says {answer.value}, Python says {plain(DATA)} {answer.warnings}")

    def compile_afresh() -> None:
        EXPRESSIONS.clear()
        compile_expression(text)

    evaluate_us = best_us(lambda: expression.evaluate(DATA, runtime))
    python_us = best_us(lambda: plain(DATA))
    return Timing(text, best_us(compile_afresh), evaluate_us, python_us, evaluate_us / python_us)


def time_cell(runtime: Runtime) -> Timing:
    """Time a table cell."""
    tests = compile_unary_tests("[1000..2000), > 5000")
    evaluate_us = best_us(lambda: tests.evaluate(1500, {}, runtime))
    python_us = best_us(lambda: LIMIT <= Decimal(1500) < 2 * LIMIT)
    return Timing(f"cell: {tests.text}", 0.0, evaluate_us, python_us, evaluate_us / python_us)


def import_ms(repeats: int = 5) -> float:
    """Return the best time to import the package in a fresh interpreter, in milliseconds."""
    code = (
        "import time; s = time.perf_counter(); import service.feel; print((time.perf_counter() - s) * 1000)"
    )
    root = Path(__file__).resolve().parents[2]
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
        for _ in range(repeats)
    ]
    return min(float(run.stdout) for run in runs)


def main() -> None:
    """Run the cases and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    wants_json = parser.parse_args().json
    runtime = Runtime()
    timings = [time_case(text, plain, runtime) for text, plain in CASES.items()] + [time_cell(runtime)]
    started = import_ms()
    if wants_json:
        report = {"import_ms": started, "cases": [asdict(timing) for timing in timings]}
        print(json.dumps(report, ensure_ascii=False, indent=2))
        return
    print(f"{'compile µs':>10} {'evaluate µs':>11} {'Python µs':>9} {'ratio':>6}  expression")
    for timing in timings:
        times = f"{timing.compile_us:10.1f} {timing.evaluate_us:11.2f} {timing.python_us:9.2f}"
        print(f"{times} {timing.ratio:6.1f}  {timing.text}")
    print(f"import of service.feel: {started:.0f} ms")


if __name__ == "__main__":
    main()
