"""Test cases in the format of the public DMN technology compatibility kit, read and compared strictly.

The same format holds our own cases, so that one reader and one comparison judge both. A case passes when
every result has the expected kind and value; null stands in for a value only where the case allows an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from service.domain.errors import InvalidInput
from service.feel.dmn.models import DmnModels, load_models
from service.feel.dmn.source import normal_name
from service.feel.dmn.xml import Element, local_name, parse_xml
from service.feel.runtime import Runtime
from service.feel.types import kind_of
from service.feel.values import parse_date, parse_date_time, parse_duration, parse_number, parse_time

NUMBER_TOLERANCE: Final = Decimal("1e-8")
"""How far two numbers may be apart and still count as equal."""

_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"

_READ_SIMPLE: Final[Mapping[str, Callable[[str], Any]]] = {
    "string": str,
    "boolean": lambda text: text.strip() in {"true", "1"},
    "decimal": lambda text: parse_number(text.strip().removeprefix("+")),
    "double": lambda text: parse_number(text.strip().removeprefix("+")),
    "date": lambda text: parse_date(text.strip()),
    "time": lambda text: parse_time(text.strip()),
    "dateTime": lambda text: parse_date_time(text.strip()),
    "duration": lambda text: parse_duration(text.strip()),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What one decision should give; ``may_fail`` allows null in place of ``value``."""

    name: str
    value: Any
    may_fail: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One test case.

    Attributes:
        id: within its file.
        service: name of the decision service to call, ``None`` to ask decisions.
        inputs: FEEL values by name.
        expected: the results, all of which count.
    """

    id: str
    service: str | None
    inputs: Mapping[str, Any]
    expected: tuple[Expected, ...]

    @property
    def has_value(self) -> bool:
        """Whether some expected value is not null, which an evaluator that refuses everything would miss."""
        return any(result.value is not None for result in self.expected)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The cases of one file and the model they ask."""

    path: Path
    model: str
    cases: tuple[Case, ...]


def read_case_file(path: Path) -> CaseFile:
    """Return the cases in ``path``.

    Raises:
        InvalidInput: the file is not XML or over a limit.
    """
    root = parse_xml(path.read_bytes(), path.name)
    model = next((child.text or "" for child in root if local_name(child) == "modelName"), "")
    cases = [_read_case(child) for child in root if local_name(child) == "testCase"]
    return CaseFile(path, model.strip(), tuple(cases))


def load_models_beside(case_file: CaseFile) -> DmnModels:
    """Return the model of ``case_file`` with the other models of its folder, for imports.

    Elements that do not compile stay in and evaluate to null: cases may expect just that.

    Raises:
        InvalidInput: a file is not DMN.
    """
    folder = case_file.path.parent
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.dmn"))}
    return load_models(files, main=case_file.model, lenient=True)


def failures_of(case: Case, models: DmnModels, runtime: Runtime) -> list[str]:
    """Return what is wrong with each result of ``case``, nothing when it passes."""
    failures = []
    for result in case.expected:
        try:
            actual = models.decide(case.service or result.name, case.inputs, runtime).value
        except InvalidInput as problem:
            failures.append(f"{result.name}: {problem}")
            continue
        if case.service is not None and len(case.expected) > 1 and isinstance(actual, dict):
            actual = actual.get(result.name)
        if not (is_same(result.value, actual) or (actual is None and result.may_fail)):
            failures.append(f"{result.name}: expected {_shown(result.value)}, got {_shown(actual)}")
    return failures


def is_same(expected: Any, actual: Any) -> bool:
    """Tell whether two FEEL values are of one kind and equal, numbers within :data:`NUMBER_TOLERANCE`."""
    if isinstance(expected, Decimal) and isinstance(actual, Decimal):
        return abs(expected - actual) <= NUMBER_TOLERANCE
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(is_same, expected, actual))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(
            is_same(part, actual[key]) for key, part in expected.items()
        )
    return type(expected) is type(actual) and bool(expected == actual)


def _shown(value: Any) -> str:
    return f"{kind_of(value)} {value}" if value is not None else "null"


def _read_case(element: Element) -> Case:
    is_service = element.get("type") == "decisionService"
    return Case(
        id=element.get("id") or "",
        service=normal_name(element.get("invocableName")) if is_service else None,
        inputs={
            normal_name(child.get("name")): _read_value(child)
            for child in element
            if local_name(child) == "inputNode"
        },
        expected=tuple(_read_expected(child) for child in element if local_name(child) == "resultNode"),
    )


def _read_expected(element: Element) -> Expected:
    holder = next((child for child in element if local_name(child) == "expected"), None)
    return Expected(
        name=normal_name(element.get("name")),
        value=None if holder is None else _read_value(holder),
        may_fail=element.get("errorResult") == "true",
    )


def _read_value(holder: Element) -> Any:
    """Return the FEEL value inside ``holder``: components, a list or a simple value."""
    parts = [child for child in holder if local_name(child) in {"component", "list", "value"}]
    if not parts or holder.get(_NIL) == "true" or parts[0].get(_NIL) == "true":
        return None
    kind = local_name(parts[0])
    if kind == "component":
        return {normal_name(part.get("name")): _read_value(part) for part in parts}
    if kind == "list":
        return [_read_value(child) for child in parts[0] if local_name(child) == "item"]
    return _read_simple(parts[0])


def _read_simple(element: Element) -> Any:
    type_name = (element.get(_TYPE) or "xsd:string").rpartition(":")[2]
    reader = _READ_SIMPLE.get(type_name, str)
    return reader(element.text or "")
