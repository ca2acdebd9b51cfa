"""One form: what a submission must be, and which variables its page may show."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import orjson
from jsonschema import Draft202012Validator, FormatChecker

from service.domain.errors import InvalidInput
from service.forms.messages import explain
from service.forms.trees import depth_findings

_FORMATS = FormatChecker(["date", "date-time", "time", "email", "uuid", "duration"])


class Form:
    """A form of one user task, compiled once and shared by threads.

    Args:
        schema: the JSON Schema of the submission: an object with ``properties``. A property with ``readOnly``
            is shown and never accepted.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema
        self._fields: Mapping[str, Any] = schema.get("properties", {})
        self._read_only = frozenset(name for name, rules in self._fields.items() if rules.get("readOnly"))
        writable = {name: rules for name, rules in self._fields.items() if name not in self._read_only}
        checked = {**schema, "properties": writable, "additionalProperties": False}
        self._validator = Draft202012Validator(checked, format_checker=_FORMATS)

    def validate(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the checked submission: texts in NFC without spaces around, read-only fields left out.

        Raises:
            InvalidInput: every finding, each with the JSON pointer of its field.
        """
        findings = depth_findings(data)
        if findings:
            raise _refused(findings)
        cleaned = {name: _clean(value) for name, value in data.items() if name not in self._read_only}
        if not self._validator.is_valid(cleaned):
            raise _refused([explain(self.schema, error) for error in self._validator.iter_errors(cleaned)])
        return cleaned

    def visible_data(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return those variables that the form names, and no others."""
        return {name: variables[name] for name in self._fields if name in variables}


def load_form(path: str, content: bytes) -> Form:
    """Return the form of a file that was checked when it was deployed.

    Raises:
        InvalidInput: it is no JSON object.
    """
    try:
        schema = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("form.no_json", f"{path}: không phải JSON.", f"{path}: not JSON.") from error
    if not isinstance(schema, dict):
        raise InvalidInput("form.no_object", f"{path}: không phải đối tượng.", f"{path}: not an object.")
    return Form(schema)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        text = value.strip()
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {name: _clean(item) for name, item in value.items()}
    return value


def _refused(findings: list[Any]) -> InvalidInput:
    return InvalidInput(
        "form.invalid",
        "Biểu mẫu có thông tin chưa hợp lệ.",
        "The form has invalid entries.",
        findings,
    )
