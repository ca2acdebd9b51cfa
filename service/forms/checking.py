"""The schema of our forms: what a form file may say, checked at deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator, SchemaError, ValidationError

from service.domain.errors import Finding, InvalidInput
from service.feel import compile_expression

MAX_FORM_BYTES: Final = 256 * 1024

WIDGETS: Final = (
    "text",
    "textarea",
    "number",
    "date",
    "datetime",
    "checkbox",
    "radio",
    "select",
    "multiselect",
    "person",
    "unit",
    "units",
    "file",
    "document",
    "signature_report",
    "table",
    "progress",
    "deadline",
)

_TEXT: Final = {
    "type": "object",
    "required": ["vi", "en"],
    "additionalProperties": False,
    "properties": {"vi": {"type": "string", "minLength": 1}, "en": {"type": "string", "minLength": 1}},
}

FORM_META_SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["$schema", "x-title", "type", "properties"],
    "properties": {
        "$schema": {"const": "https://json-schema.org/draft/2020-12/schema"},
        "x-title": _TEXT,
        "x-help": _TEXT,
        "x-clauses": {"type": "array", "items": {"type": "string"}},
        "x-order": {"type": "array", "items": {"type": "string"}},
        "type": {"const": "object"},
        "properties": {"type": "object", "additionalProperties": {"$ref": "#/$defs/field"}},
        "$ref": False,
        "$dynamicRef": False,
    },
    "$defs": {
        "field": {
            "type": "object",
            "required": ["x-label"],
            "properties": {
                "x-label": _TEXT,
                "x-help": _TEXT,
                "x-widget": {"enum": list(WIDGETS)},
                "x-show-if": {"type": "string", "minLength": 1},
                "x-enum-labels": {"type": "object", "additionalProperties": _TEXT},
                "$ref": False,
            },
        },
    },
}
"""JSON Schema of a form file, beside JSON Schema's own."""

_META: Final = Draft202012Validator(FORM_META_SCHEMA)


def check_form(path: str, content: bytes) -> list[Finding]:
    """Return everything that is wrong with a form file: no JSON, no schema, no labels, a bad FEEL hint."""
    if len(content) > MAX_FORM_BYTES:
        return [_finding(path, "form.too_large", "tệp quá lớn.", "the file is too large.")]
    try:
        schema = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        words = "không phải JSON hợp lệ.", "not valid JSON."
        return [_finding(path, "form.no_json", *words, line=error.lineno, column=error.colno)]
    found = [_meta_finding(path, error) for error in _META.iter_errors(schema)]
    if found:
        return found
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        words = "không phải JSON Schema 2020-12 hợp lệ.", "not a valid JSON Schema 2020-12."
        return [_finding(path, "form.no_schema", *words, pointer=pointer)]
    return [*_field_findings(path, schema)]


def _field_findings(path: str, schema: Mapping[str, Any]) -> Iterator[Finding]:
    fields = schema["properties"]
    for name in schema.get("required", ()):
        if name not in fields:
            words = (
                f"mục bắt buộc “{name}” không có trong biểu mẫu.",
                f"the required field '{name}' is missing.",
            )
            yield _finding(path, "form.required_unknown", *words, pointer="/required")
    for name, rules in fields.items():
        pointer = f"/properties/{name}"
        if not name.isidentifier():
            words = f"tên mục “{name}” phải là định danh.", f"the field name '{name}' must be an identifier."
            yield _finding(path, "form.field_name", *words, pointer=pointer)
        labels = rules.get("x-enum-labels")
        if "enum" in rules and not {str(value) for value in rules["enum"]} <= set(labels or {}):
            words = "mỗi lựa chọn phải có nhãn.", "each choice needs a label in x-enum-labels."
            yield _finding(path, "form.enum_labels", *words, pointer=pointer)
        yield from _feel_findings(path, pointer, rules.get("x-show-if"))


def _feel_findings(path: str, pointer: str, text: str | None) -> Iterator[Finding]:
    if text is None:
        return
    try:
        compile_expression(text)
    except InvalidInput as error:
        yield _finding(path, "form.show_if", error.vi, error.en, pointer=f"{pointer}/x-show-if")


def _meta_finding(path: str, error: ValidationError) -> Finding:
    pointer = "".join(f"/{part}" for part in error.absolute_path)
    words = "sai quy cách biểu mẫu", "breaks the schema of forms"
    return _finding(
        path,
        "form.no_form",
        f"{words[0]} ({error.validator}).",
        f"{words[1]}: {error.message[:200]}",
        pointer=pointer,
    )


def _finding(
    path: str,
    code: str,
    vi: str,
    en: str,
    *,
    pointer: str = "",
    line: int | None = None,
    column: int | None = None,
) -> Finding:
    return Finding(code, f"Biểu mẫu {path}: {vi}", f"Form {path}: {en}", pointer, path, None, line, column)
