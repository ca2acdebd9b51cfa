"""Forms from a bundle or from the disk, prepared once per content."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator, FormatChecker

from service.domain.errors import InvalidInput
from service.feel import compile_expression
from service.forms.checking import FORM_SUFFIX, check_form, form_key
from service.forms.form import Form, FormField

_CACHED_FORMS: Final = 512
_FORMATS: Final = FormatChecker(formats=("date", "uuid", "email"))


@_FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    """Say whether a text is a date and time with its offset; left to us by the library."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@lru_cache(maxsize=_CACHED_FORMS)
def load_form(path: str, content: bytes) -> Form:
    """Return the form in a file.

    Args:
        path: in its bundle, ``forms/<process id>/<user task id>.form.json``.
        content: the bytes.

    Raises:
        InvalidInput: the findings of :func:`check_form`.
    """
    findings = check_form(path, content)
    if findings:
        raise InvalidInput("form.refused", f"Biểu mẫu {path} có lỗi.", f"Form {path} has faults.", findings)
    schema = orjson.loads(content)
    fields = tuple(_read_field(name, one) for name, one in schema["properties"].items())
    return Form(form_key(path), schema, fields, _validator(schema, fields))


def read_forms(folder: Path) -> dict[str, Form]:
    """Return every form below ``folder`` by its key; for tests and tools, a bundle carries its own."""
    return {
        form_key(path.relative_to(folder).as_posix()): load_form(
            path.relative_to(folder).as_posix(), path.read_bytes()
        )
        for path in sorted(folder.rglob(f"*{FORM_SUFFIX}"))
    }


def _read_field(name: str, schema: dict[str, Any]) -> FormField:
    show_if = schema.get("x-show-if")
    parts = schema.get("x-parts")
    return FormField(
        name=name,
        schema=schema,
        is_read_only=bool(schema.get("readOnly", False)),
        source=tuple(schema.get("x-from", name).split(".")),
        parts=tuple(parts) if parts is not None else None,
        show_if=compile_expression(show_if) if show_if else None,
    )


def _validator(schema: dict[str, Any], fields: tuple[FormField, ...]) -> Draft202012Validator:
    """Return a validator of what people may write; hints and read-only fields cost nothing."""
    written = {one.name: _bare(dict(one.schema)) for one in fields if not one.is_read_only}
    rules: dict[str, Any] = {"properties": written}
    for keyword in ("required", "allOf"):
        if keyword in schema:
            rules[keyword] = schema[keyword]
    return Draft202012Validator(rules, format_checker=_FORMATS)


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without hints, at every level."""
    bare = {key: value for key, value in schema.items() if not key.startswith("x-") and key not in _ORNAMENTS}
    if isinstance(bare.get("items"), dict):
        bare["items"] = _bare(bare["items"])
    if isinstance(bare.get("properties"), dict):
        bare["properties"] = {name: _bare(one) for name, one in bare["properties"].items()}
    return bare


_ORNAMENTS: Final = frozenset({"title", "description", "default", "readOnly", "examples"})
