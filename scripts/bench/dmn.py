#!/usr/bin/env python3
"""Time a cached decision table beside plain Python of the same meaning: scripts/bench/dmn.py [--json].

The table has 50 rules over three inputs (document type, amount, urgency), first hit, and is asked for values
that match an early, a middle and the last rule. Prints microseconds per decision and the ratio to Python, for
a decision alone and with its explanation. Exit status 1 when a decision alone takes more than 300 µs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import timeit
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

ROOT: Final = Path(__file__).resolve().parent.parent.parent
VENV_PYTHON: Final = ROOT / ".venv" / "bin" / "python"
if VENV_PYTHON.exists() and Path(sys.prefix).resolve() != VENV_PYTHON.parent.parent.resolve():
    os.execv(VENV_PYTHON, [str(VENV_PYTHON), *sys.argv])  # noqa: S606 - the project's own interpreter
sys.path.insert(0, str(ROOT))

from service.feel.dmn import load_models  # noqa: E402 - after the interpreter is settled
from service.feel.runtime import Runtime  # noqa: E402

RULES: Final = 50
BUDGET_MICROSECONDS: Final = 300.0
ROUNDS: Final = 7
CALLS: Final = 200
ASKED: Final[tuple[Mapping[str, Any], ...]] = (
    {"kind": "type 1", "amount": Decimal(1500), "urgency": "normal"},
    {"kind": "type 5", "amount": Decimal(25500), "urgency": "flash"},
    {"kind": "type 9", "amount": Decimal(999999), "urgency": "urgent"},
)
URGENCIES: Final = (("normal", "urgent"), ("flash",), ("normal", "urgent", "flash"))

Row = tuple[str, int, int, tuple[str, ...], str]


def rows() -> list[Row]:
    """Return all rules but the last: document type, amount from and below, urgencies, unit."""
    return [
        (
            f"type {number % 10}",
            number * 1000,
            (number + 1) * 1000,
            URGENCIES[(number + 2) % 3],
            f"unit {number}",
        )
        for number in range(1, RULES)
    ]


def table() -> bytes:
    """Return the rules as a DMN file; the last rule takes everything."""
    columns = ("string", "kind"), ("number", "amount"), ("string", "urgency")
    inputs = "".join(
        f'<input><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression></input>'
        for kind, name in columns
    )
    data = "".join(
        f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{kind}"/></inputData>'
        for kind, name in columns
    )
    needs = "".join(
        f'<informationRequirement><requiredInput href="#{name}"/></informationRequirement>'
        for _, name in columns
    )
    rules = [
        (f'"{kind}"', f"[{low}..{high})", ", ".join(f'"{name}"' for name in names), f'"{unit}"')
        for kind, low, high, names, unit in rows()
    ]
    rules.append(("-", "-", "-", '"registry"'))
    body = "".join(f"<rule>{entries(rule)}</rule>" for rule in rules)
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="bench">'
        f'{data}<decision id="unit" name="unit">{needs}'
        f'<decisionTable hitPolicy="FIRST">{inputs}<output typeRef="string"/>{body}</decisionTable>'
        "</decision>"
        "</definitions>"
    ).encode()


def entries(rule: tuple[str, ...]) -> str:
    """Return the cells of a rule: inputs, then the output."""
    *tests, output = (escape(text) for text in rule)
    inputs = "".join(f"<inputEntry><text>{test}</text></inputEntry>" for test in tests)
    return f"{inputs}<outputEntry><text>{output}</text></outputEntry>"


def plain_python(known: list[Row], kind: str, amount: Decimal, urgency: str) -> str:
    """Return the unit as a loop over the same rules finds it."""
    for wanted, low, high, urgencies, unit in known:
        if kind == wanted and low <= amount < high and urgency in urgencies:
            return unit
    return "registry"


def microseconds(action: Callable[[], Any]) -> float:
    """Return the time of one call, the best of some rounds."""
    return min(timeit.repeat(action, number=CALLS, repeat=ROUNDS)) / CALLS * 1e6


def measure() -> dict[str, float]:
    """Return the figures, averaged over the values that are asked."""
    models, runtime, known = load_models({"bench.dmn": table()}), Runtime(), rows()
    for asked in ASKED:
        if models.decide("unit", asked, runtime).value != plain_python(known, **asked):
            raise SystemExit("the table and plain Python disagree")

    def explained(asked: Mapping[str, Any]) -> str:
        return json.dumps(models.decide("unit", asked, runtime).explanation, default=str)

    count = len(ASKED)
    decision = sum(microseconds(lambda a=a: models.decide("unit", a, runtime)) for a in ASKED) / count
    explanation = sum(microseconds(lambda a=a: explained(a)) for a in ASKED) / count
    python = sum(microseconds(lambda a=a: plain_python(known, **a)) for a in ASKED) / count
    return {
        "rules": RULES,
        "decision_us": round(decision, 1),
        "decision_with_explanation_us": round(explanation, 1),
        "python_us": round(python, 1),
        "ratio": round(decision / python, 1),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    figures = measure()
    if parser.parse_args().json:
        print(json.dumps(figures))
    else:
        print(
            f"{figures['rules']} rules: {figures['decision_us']} µs a decision, "
            f"{figures['decision_with_explanation_us']} µs with its explanation as JSON; "
            f"plain Python {figures['python_us']} µs, ratio {figures['ratio']}"
        )
    return int(figures["decision_us"] > BUDGET_MICROSECONDS)


if __name__ == "__main__":
    sys.exit(main())
