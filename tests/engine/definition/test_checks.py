"""Each check: a minimal diagram that breaks it yields exactly its code, at the right element and line."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from service.engine.definition.catalogue import CHECKS

GOOD = """
    start begin
    user do_it
    end done
    begin -> do_it -> done
"""


@dataclass
class Case:
    """``=== code @ element @ words on the line`` and what else is found: lines ``= code @ element``."""

    code: str
    element: str | None
    needle: str
    sketch: list[str] = field(default_factory=list)
    others: set[tuple[str, str | None]] = field(default_factory=set)
    files: dict[str, str] = field(default_factory=dict)
    process: str | None = None

    def add(self, line: str) -> None:
        if line.startswith("= "):
            code, element = line[2:].split(" @ ")
            self.others.add((code, _none(element)))
        elif line.startswith("% file "):
            path, content = line[7:].split(" ", 1)
            self.files[path] = content
        elif line.startswith("% process "):
            self.process = line[10:]
        else:
            self.sketch.append(line)


def _none(word: str) -> str | None:
    return None if word == "-" else word


def _read_cases() -> list[Case]:
    cases: list[Case] = []
    for path in sorted((Path(__file__).parent / "cases").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("=== "):
                code, element, *needle = line[4:].split(" @ ")
                cases.append(Case(code, _none(element), needle[0] if needle else ""))
            elif line.strip():
                cases[-1].add(line)
    return cases


CASES = _read_cases()


def test_a_good_diagram_has_no_findings(check):
    assert check(GOOD).findings == []


@pytest.mark.parametrize("case", CASES, ids=[f"{case.code}-{case.element}" for case in CASES])
def test_exactly_the_broken_rule_is_found(check, case):
    checked = check("\n".join(case.sketch), process=case.process, files=case.files)
    found = {(one.code, one.element) for one in checked.findings}
    assert found == case.others | {(case.code, case.element)}
    lines = [one.line for one in checked.findings if (one.code, one.element) == (case.code, case.element)]
    assert lines == [_line(checked, case)]


def _line(checked, case):
    if case.needle == "-":
        return None
    if case.element is None:
        return checked.line_of('targetNamespace="http://congvan')
    return checked.line_of(case.needle or f' id="{case.element}"')


@pytest.mark.parametrize("case", CASES, ids=[f"{case.code}-{case.element}" for case in CASES])
def test_a_finding_speaks_both_languages_and_leaves_no_gap(check, case):
    checked = check("\n".join(case.sketch), process=case.process, files=case.files)
    for one in checked.findings:
        assert one.vi != one.en
        assert not re.search(r"[{]\w*[}]", one.vi + one.en)


NOT_DRAWABLE = {"bundle.no_diagram", "bundle.no_main_process", "process.too_many_nodes", "id.not_nfc"}
"""Checks that need more than a sketch; each has a test of its own in ``test_checker.py``."""


def test_every_check_has_a_diagram_that_breaks_it():
    assert {check.rule.code for check in CHECKS} == {
        case.code for case in CASES if not _is_elsewhere(case)
    } | NOT_DRAWABLE


def _is_elsewhere(case: Case) -> bool:
    return case.code not in {check.rule.code for check in CHECKS}
