"""What the code may not do, and where the few exceptions are."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.architecture.sources import CODE_FOLDERS, ROOT, sources, tracked_files

BROAD_CATCHERS = {"service/worker/rounds.py": 2}
"""Where a fault of any kind becomes an incident or a log line, and how often; the web process answers faults
through Flask's handler for any exception (:mod:`service.http.problems`)."""

COMMITTERS = {"service/storage/unit_of_work.py", "service/storage/schema.py"}
"""The unit of work; and the owner's migrations, which run before any unit of work exists."""

CLOCK_READERS = {"service/domain/clock.py"}
ENVIRONMENT_READERS = {"service/config.py"}
FRAMEWORK_FOLDERS = ("service/api/", "service/web/", "service/http/", "service/app.py")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|WIP)\b|raise NotImplementedError")
CODE = sources(*CODE_FOLDERS)


def _calls(pattern: str, allowed: set[str]) -> list[str]:
    wanted = re.compile(pattern)
    return [
        f"{source.name}:{line} {name}"
        for source in CODE
        if source.name not in allowed
        for name, line in source.facts.calls
        if wanted.fullmatch(name)
    ]


def test_only_the_clock_reads_the_time():
    pattern = r"(.*\.)?(datetime\.now|datetime\.utcnow|datetime\.today|date\.today|time\.time)"
    assert _calls(pattern, CLOCK_READERS) == []


def test_only_the_settings_read_the_environment():
    found = [
        source.name
        for source in CODE
        if source.name not in ENVIRONMENT_READERS and re.search(r"\bos\.(environ|getenv)\b", source.text)
    ]
    assert found == []


def test_only_the_unit_of_work_commits():
    assert _calls(r".*\.commit", COMMITTERS) == []


def test_nothing_evaluates_python_or_unpickles():
    assert _calls(r"(builtins\.)?(eval|exec|compile)|(c?[Pp]ickle|marshal|shelve|dill)\..*", set()) == []


def test_any_exception_is_caught_only_where_it_becomes_an_answer_or_an_incident():
    found = Counter({source.name: source.facts.broad_catches for source in CODE})
    assert +found == BROAD_CATCHERS


def test_the_current_application_is_asked_for_only_where_flask_is():
    found = [
        source.name
        for source in CODE
        if "current_app" in source.text and not source.name.startswith(FRAMEWORK_FOLDERS)
    ]
    assert found == []


def test_diagrams_come_without_python():
    assert [str(path) for path in (ROOT / "processes").rglob("*.py")] == []


@pytest.mark.parametrize("folder", ["service", "handlers", "scripts", "processes", "forms"])
def test_nothing_is_left_unfinished(folder):
    found = []
    for path in tracked_files():
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(folder + "/") and path.suffix not in {
            ".css",
            ".js",
            ".png",
            ".pdf",
            ".ttf",
            ".woff2",
        }:
            text = path.read_text(encoding="utf-8", errors="ignore")
            found += [f"{name}: {match[0]}" for match in UNFINISHED.finditer(text)]
    assert found == []


def test_no_suppression_is_blanket_or_without_its_reason():
    blanket = re.compile(r"#\s*(noqa(?!:)|type:\s*ignore(?!\[)|ruff:\s*noqa|mypy:\s*ignore-errors)")
    found = [
        f"{source.name}:{number}"
        for source in CODE
        for number, line in enumerate(source.text.splitlines(), 1)
        if blanket.search(line)
    ]
    assert found == []


def test_module_names_are_nouns_of_the_domain():
    banned = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
    found = [
        source.name
        for source in CODE
        if source.path.stem in banned or source.path.stem.endswith(("_service", "_utils", "_manager"))
    ]
    assert found == []
