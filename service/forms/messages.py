"""What a schema error says to the person at the form, in both languages, with the pointer of the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jsonschema import ValidationError

from service.domain.errors import Finding

Words = tuple[str, str, str]
"""Code, Vietnamese, English."""

_TYPES_VI: Final = {
    "string": "chuỗi ký tự",
    "integer": "số nguyên",
    "number": "số",
    "boolean": "đúng hoặc sai",
    "array": "danh sách",
    "object": "nhóm thông tin",
    "null": "để trống",
}

_FORMATS_VI: Final = {
    "date": "ngày (năm-tháng-ngày)",
    "date-time": "ngày giờ",
    "email": "địa chỉ thư điện tử",
}


def explain(schema: Mapping[str, Any], error: ValidationError) -> Finding:
    """Return the finding for one error of a submission."""
    keyword = str(error.validator)
    path = list(error.absolute_path)
    if keyword == "required":
        missing = [name for name in _rule(error) if name not in _instance(error)]
        path.append(missing[0] if missing else "")
    elif keyword == "additionalProperties":
        known = _schema(error).get("properties", {})
        path.append(next((name for name in _instance(error) if name not in known), ""))
    label_vi, label_en = _label(schema, path)
    code, vi, en = _WORDS.get(keyword, _other)(error)
    return Finding(f"form.{code}", f"{label_vi}: {vi}", f"{label_en}: {en}", _pointer(path))


def _rule(error: ValidationError) -> Any:
    """Return what the schema says at the broken keyword."""
    return error.validator_value


def _schema(error: ValidationError) -> Any:
    return error.schema


def _instance(error: ValidationError) -> Any:
    return error.instance


def _pointer(path: list[Any]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _label(schema: Mapping[str, Any], path: list[Any]) -> tuple[str, str]:
    """Return the label of the field at ``path``, its name where the form gives no label."""
    rules: Any = schema
    name = "Biểu mẫu" if not path else str(path[-1])
    found: Mapping[str, str] = {}
    for part in path:
        inner = rules.get("items") if isinstance(part, int) else rules.get("properties", {}).get(part)
        if not isinstance(inner, Mapping):
            return name, name
        rules = inner
        found = rules.get("x-label", found)
    return found.get("vi", name), found.get("en", name)


def _required(_error: ValidationError) -> Words:
    return "required", "bắt buộc nhập.", "is required."


def _unknown(_error: ValidationError) -> Words:
    return "unknown_field", "biểu mẫu không có mục này.", "the form has no such field."


def _type(error: ValidationError) -> Words:
    wanted = _rule(error) if isinstance(_rule(error), list) else [_rule(error)]
    vi = " hoặc ".join(_TYPES_VI.get(kind, kind) for kind in wanted)
    return "type", f"phải là {vi}.", f"must be {' or '.join(wanted)}."


def _choice(error: ValidationError) -> Words:
    allowed = _rule(error) if error.validator == "enum" else [_rule(error)]
    listed = ", ".join(str(value) for value in allowed[:10])
    return "choice", f"phải là một trong: {listed}.", f"must be one of: {listed}."


def _min_length(error: ValidationError) -> Words:
    limit = _rule(error)
    if limit == 1:
        return "required", "không được để trống.", "must not be empty."
    return "too_short", f"phải có ít nhất {limit} ký tự.", f"must have at least {limit} characters."


def _max_length(error: ValidationError) -> Words:
    limit = _rule(error)
    return "too_long", f"không được quá {limit} ký tự.", f"must have at most {limit} characters."


def _minimum(error: ValidationError) -> Words:
    return (
        "too_small",
        f"phải từ {_rule(error)} trở lên.",
        f"must be at least {_rule(error)}.",
    )


def _maximum(error: ValidationError) -> Words:
    return (
        "too_large",
        f"không được quá {_rule(error)}.",
        f"must be at most {_rule(error)}.",
    )


def _min_items(error: ValidationError) -> Words:
    limit = _rule(error)
    return "too_few", f"phải có ít nhất {limit} mục.", f"must have at least {limit} entries."


def _max_items(error: ValidationError) -> Words:
    limit = _rule(error)
    return "too_many", f"không được quá {limit} mục.", f"must have at most {limit} entries."


def _unique(_error: ValidationError) -> Words:
    return "repeated", "có mục bị lặp.", "has repeated entries."


def _pattern(_error: ValidationError) -> Words:
    return "pattern", "không đúng dạng.", "has the wrong form."


def _format(error: ValidationError) -> Words:
    kind = str(_rule(error))
    vi = {"date": "ngày (năm-tháng-ngày)", "date-time": "ngày giờ", "email": "địa chỉ thư điện tử"}.get(
        kind, kind
    )
    return "format", f"phải là {vi} hợp lệ.", f"must be a valid {kind}."


def _other(_error: ValidationError) -> Words:
    return "rule", "không thỏa quy tắc của biểu mẫu.", "breaks a rule of the form."


_WORDS: Final[Mapping[str, Callable[[ValidationError], Words]]] = {
    "required": _required,
    "additionalProperties": _unknown,
    "unevaluatedProperties": _unknown,
    "type": _type,
    "enum": _choice,
    "const": _choice,
    "minLength": _min_length,
    "maxLength": _max_length,
    "minimum": _minimum,
    "maximum": _maximum,
    "minItems": _min_items,
    "maxItems": _max_items,
    "uniqueItems": _unique,
    "pattern": _pattern,
    "format": _format,
}
