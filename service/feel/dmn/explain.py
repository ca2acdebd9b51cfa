"""Explanations for people: lines of text in Vietnamese or English, and a whole decision on a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from service.feel.convert import to_json
from service.feel.dmn.explanation import Explanation
from service.feel.dmn.models import DmnModels, load_models
from service.feel.dmn.run import DecisionWarning
from service.feel.runtime import Runtime

Language: TypeAlias = Literal["vi", "en"]

_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "vi": {
        "decision": "Quyết định",
        "decision_service": "Dịch vụ quyết định",
        "knowledge_model": "Hàm nghiệp vụ",
        "input": "đầu vào",
        "table": "bảng",
        "rule": "quy tắc",
        "matches": "khớp",
        "taken": "được lấy",
        "none": "không quy tắc nào khớp",
        "default": "không quy tắc nào khớp, lấy giá trị mặc định",
        "always": "luôn đúng",
        "passes": "thoả",
        "result": "kết quả",
        "reasons": "Lý do",
        "left_out": "được lược bớt",
    },
    "en": {
        "decision": "Decision",
        "decision_service": "Decision service",
        "knowledge_model": "Knowledge model",
        "input": "input",
        "table": "table",
        "rule": "rule",
        "matches": "matches",
        "taken": "taken",
        "none": "no rule matches",
        "default": "no rule matches, the default is taken",
        "always": "always true",
        "passes": "passes",
        "result": "result",
        "reasons": "Reasons",
        "left_out": "left out",
    },
}

_IMPORT: Final = re.compile(rb"<(?:[\w.-]+:)?import[\s/>]")

POLICY_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "UNIQUE": ("U, chỉ một quy tắc được khớp", "U, only one rule may match"),
    "ANY": ("A, các quy tắc khớp phải cho cùng kết quả", "A, rules that match must agree"),
    "FIRST": ("F, lấy quy tắc khớp đầu tiên", "F, the first match is taken"),
    "PRIORITY": ("P, lấy kết quả ưu tiên cao nhất", "P, the most important output is taken"),
    "RULE ORDER": ("R, lấy tất cả theo thứ tự quy tắc", "R, all are taken in the order of rules"),
    "OUTPUT ORDER": ("O, lấy tất cả theo thứ tự ưu tiên", "O, all are taken in the order of importance"),
    "COLLECT": ("C, lấy tất cả", "C, all are taken"),
}
"""What each hit policy does, in Vietnamese and English."""


@dataclass(frozen=True, slots=True)
class DecisionReport:
    """One decision on a file, ready to be shown.

    Attributes:
        decision: the id or name that was asked.
        value: the result as JSON data.
        warnings: why the result or a part of it is null.
        explanation: see :mod:`service.feel.dmn.explanation`.
    """

    decision: str
    value: Any
    warnings: tuple[DecisionWarning, ...]
    explanation: Explanation

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON data."""
        return {
            "decision": self.decision,
            "value": self.value,
            "warnings": [
                {"code": entry.code, "vi": entry.vi, "en": entry.en, "where": entry.where, "text": entry.text}
                for entry in self.warnings
            ],
            "explanation": self.explanation,
        }

    def as_text(self, language: Language = "vi") -> str:
        """Return the explanation, the result and the reasons of nulls as text."""
        words = _WORDS[language]
        lines = [*explain_lines(self.explanation, language), f"{words['result']}: {_shown(self.value)}"]
        if self.warnings:
            lines.append(f"{words['reasons']}:")
            lines.extend(
                f"  - {entry.vi if language == 'vi' else entry.en} [{entry.where}]" for entry in self.warnings
            )
        return "\n".join(lines)


def decide_file(
    content: bytes,
    decision: str,
    inputs: Mapping[str, Any],
    runtime: Runtime,
    *,
    file: str = "decision.dmn",
    others: Mapping[str, bytes] | None = None,
) -> DecisionReport:
    """Load a DMN file, decide, and explain.

    Args:
        content: the file.
        decision: id or name.
        inputs: values by name; texts are read as the declared type (see :func:`read_text`).
        runtime: clock, zone, limits and the host's functions.
        file: the file's name in findings.
        others: files that it may import, by name; not looked at when it imports nothing.

    Raises:
        InvalidInput: the file is not DMN or something in it is wrong.
        NotFound: there is no such decision.
        FeelLimitError: the evaluation is over a limit.
    """
    imported = others or {} if _IMPORT.search(content) else {}
    models = load_models({file: content, **imported}, main=file, functions=runtime.functions)
    types = _declared_types(models, decision)
    given = {
        name: read_text(value, types.get(name, "Any")) if isinstance(value, str) else value
        for name, value in inputs.items()
    }
    result = models.decide(decision, given, runtime)
    return DecisionReport(decision, to_json(result.value), result.warnings, result.explanation)


def read_text(text: str, declared: str) -> Any:
    """Return what a text typed by a person means where ``declared`` (a FEEL type) is wanted.

    JSON (``12``, ``true``, ``["a"]``) is read as such unless a string is wanted; everything else stays text,
    which the decision itself reads as a date, time or duration where one is declared.
    """
    if declared.startswith("string"):
        return text
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text


def explain_lines(explanation: Explanation, language: Language = "vi") -> Iterator[str]:
    """Yield the lines of an explanation: a decision, its inputs, its tables with the rules that match."""
    words = _WORDS[language]
    if explanation["left_out"]:
        yield f"… {explanation['left_out']} {words['left_out']}"
    for step in explanation["steps"]:
        yield f"{words[step['kind']]} {step['name']} = {_shown(step['value'])}"
        for name, value in step["inputs"].items():
            yield f"  {words['input']} {name} = {_shown(value)}"
        for table in step["tables"]:
            yield from _table_lines(table, language)


def _table_lines(table: Mapping[str, Any], language: Language) -> Iterator[str]:
    words = _WORDS[language]
    policy = POLICY_WORDS[table["hit_policy"]][0 if language == "vi" else 1]
    name = f" {table['aggregation']}" if table["aggregation"] else ""
    yield f"  {words['table']} {table['id'] or ''} ({policy}{name}) = {_shown(table['value'])}"
    if table["conflict"] is not None:
        yield f"    {table['conflict'][language]}"
    if not table["matched"]:
        yield f"    {words['default' if table['is_default'] and table['value'] is not None else 'none']}"
    for rule in table["matched"]:
        yield f"    {_rule_line(rule, table['taken'], language)}"
    if table["left_out"]:
        yield f"    … {table['left_out']} {words['left_out']}"


def _rule_line(rule: Mapping[str, Any], taken: list[int], language: Language) -> str:
    words = _WORDS[language]
    cells = ", ".join(
        f"{cell['input']} = {_shown(cell['value'])} {words['passes']} {cell['test']}"
        for cell in rule["cells"]
    )
    notes = f" — {'; '.join(rule['annotations'])}" if rule["annotations"] else ""
    mark = f" ({words['taken']})" if rule["rule"] in taken else ""
    return f"{words['rule']} {rule['rule']} {words['matches']}{mark}: {cells or words['always']}{notes}"


def _shown(value: Any) -> str:
    """Return JSON data as text, numbers with all their digits."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_shown(key)}: {_shown(part)}" for key, part in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _declared_types(models: DmnModels, decision: str) -> dict[str, str]:
    return {
        needed.name: needed.type
        for info in models.decisions()
        if decision in {info.id, info.name}
        for needed in info.inputs
    }
