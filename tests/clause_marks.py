"""A pytest plugin: keeps which clauses the passed tests show, and refuses marks that name no clause."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CLAUSES = ROOT / "docs" / "compliance" / "clauses.csv"
RESULTS = ROOT / "var" / "compliance.json"
PROPERTY = "clauses"


def known_clauses() -> frozenset[str]:
    """Return the ids of the clause table."""
    with CLAUSES.open(encoding="utf-8", newline="") as file:
        return frozenset(row["id"] for row in csv.DictReader(file))


def pytest_collection_modifyitems(items):
    """Refuse unknown ids, and write each test's clauses where reports carry them between processes."""
    known = known_clauses()
    for item in items:
        ids = [clause for mark in item.iter_markers("clause") for clause in mark.args]
        unknown = sorted(set(ids) - known)
        if unknown:
            raise pytest.UsageError(f"{item.nodeid}: no such clause: {', '.join(unknown)}")
        if ids:
            item.user_properties.append((PROPERTY, ids))


def pytest_configure(config):
    """Collect on the process that sees every report."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(), "clause-collector")


class Collector:
    """Gathers reports; a clause counts as shown when a test that names it passed and none of them failed."""

    def __init__(self):
        self._passed = defaultdict(set)
        self._failed = set()

    def pytest_runtest_logreport(self, report):
        clauses = dict(report.user_properties).get(PROPERTY, ())
        if report.failed:
            self._failed.update(clauses)
        elif report.when == "call" and report.passed:
            for clause in clauses:
                self._passed[clause].add(report.nodeid)

    def pytest_sessionfinish(self):
        shown = {
            clause: sorted(tests)
            for clause, tests in sorted(self._passed.items())
            if clause not in self._failed
        }
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(
            json.dumps({"shown": shown}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
