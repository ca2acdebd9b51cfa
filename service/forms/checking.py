"""Deploy checks of a form file: the schema of our schemas, and what a schema cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator, ValidationError

from service.domain.errors import Finding
from service.feel import FeelSyntaxError, compile_expression

FORM_SUFFIX: Final = ".form.json"
FORM_LIMIT_BYTES: Final = 256 * 1024
_FOLDER: Final = "forms/"
_META: Final = Path(__file__).with_name("meta_schema.json")
_NESTED_REPEAT: Final = re.compile(r"[*+}]\)[*+{]")
_PATTERN_LIMIT: Final = 120


def form_key(path: str) -> str:
    """Return the form key of a path (``forms/`` at its front is optional)."""
    return path.removeprefix(_FOLDER).removesuffix(FORM_SUFFIX)


def check_form(path: str, content: bytes) -> list[Finding]:
    """Return everything that is wrong with a form file; an empty list lets it be deployed."""
    if len(content) > FORM_LIMIT_BYTES:
        limit = FORM_LIMIT_BYTES // 1024
        return [_finding(path, "too_large", f"Biểu mẫu lớn hơn {limit} KB.", f"The form is over {limit} KB.")]
    try:
        schema = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        vi = f"Biểu mẫu không phải JSON hợp lệ (dòng {error.lineno}, cột {error.colno})."
        en = f"The form is not valid JSON (line {error.lineno}, column {error.colno})."
        return [Finding("form.not_json", vi, en, file=path, line=error.lineno, column=error.colno)]
    shape = [_of_shape(path, error) for error in _meta_validator().iter_errors(schema)]
    return shape or [*_check_names(path, schema), *_check_fields(path, schema)]


@lru_cache(maxsize=1)
def _meta_validator() -> Draft202012Validator:
    return Draft202012Validator(orjson.loads(_META.read_bytes()))


def _of_shape(path: str, error: ValidationError) -> Finding:
    """Describe a fault of form; the place says where, the keyword which rule of the meta-schema."""
    place = "/" + "/".join(str(step) for step in error.absolute_path)
    vi = f"Sai quy cách biểu mẫu tại {place} ({error.validator})."
    en = f"Not in the form of our forms at {place} ({error.validator})."
    return Finding("form.shape", vi, en, pointer="" if place == "/" else place, file=path)


def _check_names(path: str, schema: dict[str, Any]) -> Iterator[Finding]:
    names = schema["properties"]
    mentioned = set(schema.get("required", ()))
    for rule in schema.get("allOf", ()):
        mentioned |= set(rule["then"].get("required", ()))
        mentioned |= set(rule["then"].get("properties", ())) | set(rule["if"]["properties"])
    for name in sorted(mentioned - set(names)):
        vi, en = f"Biểu mẫu không có trường “{name}” được nhắc tới.", f"The form has no field “{name}”."
        yield _finding(path, "unknown_name", vi, en, name)
    for name in sorted(mentioned & set(names)):
        if names[name].get("readOnly"):
            vi, en = (
                f"Trường chỉ xem “{name}” không thể bắt buộc nhập.",
                f"“{name}” is read-only, not to be filled.",
            )
            yield _finding(path, "read_only_required", vi, en, name)


def _check_fields(path: str, schema: dict[str, Any]) -> Iterator[Finding]:
    for name, one in schema["properties"].items():
        yield from _check_condition(path, name, one, set(schema["properties"]))
        pattern = one.get("pattern")
        if pattern is not None and not _is_safe_pattern(pattern):
            vi = f"Mẫu của “{name}” sai hoặc có lặp lồng nhau, có thể chạy rất lâu."
            en = f"The pattern of “{name}” is wrong or nests repeats, which may run very long."
            yield _finding(path, "pattern", vi, en, name)
        labels = set(one.get("x-enum-labels", ()))
        if labels and labels != {
            str(value) for value in one.get("enum", one.get("items", {}).get("enum", ()))
        }:
            vi, en = (
                f"Nhãn của “{name}” không khớp các giá trị.",
                f"The labels of “{name}” do not match its values.",
            )
            yield _finding(path, "enum_labels", vi, en, name)


def _check_condition(path: str, name: str, one: dict[str, Any], known: set[str]) -> Iterator[Finding]:
    text = one.get("x-show-if")
    if text is None:
        return
    try:
        compiled = compile_expression(text)
    except FeelSyntaxError as error:
        vi = f"Điều kiện hiện của “{name}” sai FEEL: {error.vi}"
        en = f"The condition of “{name}” is not FEEL: {error.en}"
        yield _finding(path, "show_if", vi, en, name)
        return
    for unknown in sorted(set(compiled.free_names) - known):
        vi = f"Điều kiện hiện của “{name}” dùng trường lạ “{unknown}”."
        en = f"The condition of “{name}” uses the unknown field “{unknown}”."
        yield _finding(path, "show_if", vi, en, name)


def _is_safe_pattern(pattern: str) -> bool:
    if len(pattern) > _PATTERN_LIMIT or _NESTED_REPEAT.search(pattern):
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _finding(path: str, reason: str, vi: str, en: str, name: str | None = None) -> Finding:
    pointer = "" if name is None else f"/properties/{name}"
    return Finding(f"form.{reason}", vi, en, pointer=pointer, file=path)
