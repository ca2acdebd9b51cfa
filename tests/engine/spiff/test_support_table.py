"""docs/bpmn-support.md names a test behind everything it says."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SUPPORT = (HERE.parents[2] / "docs" / "bpmn-support.md").read_text()
NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")


def rows():
    table = SUPPORT.partition("## Elements")[2].partition("\n## ")[0]
    return [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ")][1:]


def test_every_row_says_yes_or_no_and_names_a_test():
    assert len(rows()) > 30
    for element, runs, _, tests in rows():
        assert runs.strip() in {"yes", "no"}, element
        assert NAMED.search(tests), element


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(SUPPORT))))
def test_a_named_test_exists(file, name):
    assert f"def {name}(" in (HERE / file).read_text()


def test_every_failure_code_of_the_package_is_explained():
    package = HERE.parents[2] / "service" / "engine" / "spiff"
    raised = set()
    for file in package.glob("*.py"):
        raised |= set(re.findall(r'StepFailure\(\s*"([a-z_.]+)"', file.read_text()))
    explained = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", SUPPORT))
    assert raised - explained == {"script.refused"}
