"""What is wrong with a submission, in words for the person who filled it in; never a library's own text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from jsonschema import ValidationError

from service.domain.errors import Finding

Words = tuple[str, str]

_TYPES: Final[Mapping[str, Words]] = {
    "string": ("chữ", "text"),
    "integer": ("số nguyên", "a whole number"),
    "number": ("số", "a number"),
    "boolean": ("có hoặc không", "yes or no"),
    "array": ("danh sách", "a list"),
    "object": ("nhóm thông tin", "a group of fields"),
}
_FORMATS: Final[Mapping[str, Words]] = {
    "date": ("ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2026-03-05", "a date such as 2026-03-05"),
    "date-time": (
        "ngày giờ dạng 2026-03-05T08:00:00+07:00",
        "a date and time such as 2026-03-05T08:00:00+07:00",
    ),
    "uuid": ("mã định danh", "an identifier"),
    "email": ("địa chỉ thư điện tử", "an e-mail address"),
}


def label_of(name: str, schema: Mapping[str, Any]) -> Words:
    """Return a field's label in both languages, its name where the form gives none."""
    vi = schema.get("x-label-vi") or name
    return str(vi), str(schema.get("x-label-en") or vi)


def not_an_object() -> Finding:
    """Return the finding for a submission that is no JSON object."""
    return Finding(
        "form.not_an_object", "Dữ liệu phải là một đối tượng JSON.", "The data must be a JSON object."
    )


def not_a_field(name: str) -> Finding:
    """Return the finding for a field that the form does not have."""
    vi, en = f"Biểu mẫu không có trường “{name[:80]}”.", f"The form has no field “{name[:80]}”."
    return Finding("form.unknown_field", vi, en, pointer_of([name]))


def read_only_field(name: str, schema: Mapping[str, Any]) -> Finding:
    """Return the finding for a field that is shown but never accepted."""
    vi, en = label_of(name, schema)
    return Finding("form.read_only", f"“{vi}” chỉ để xem.", f"“{en}” is shown only.", pointer_of([name]))


def pointer_of(path: Any) -> str:
    """Return an RFC 6901 JSON pointer for a path of names and positions."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def describe_error(error: ValidationError, schema: Mapping[str, Any]) -> Finding:
    """Return the finding for what the validator found, with the label of the field it belongs to."""
    path = list(error.absolute_path)
    if error.validator == "required":
        return _required(error, path, schema)
    label = _label_at(path, schema)
    vi, en = _DESCRIBE.get(str(error.validator), _other)(error)
    return Finding(f"form.{_code(error)}", f"“{label[0]}” {vi}.", f"“{label[1]}” {en}.", pointer_of(path))


def _code(error: ValidationError) -> str:
    return _CODES.get(str(error.validator), "not_allowed")


def _required(error: ValidationError, path: list[Any], schema: Mapping[str, Any]) -> Finding:
    demanded: Any = error.validator_value
    missing = [name for name in demanded if name not in _mapping(error.instance)]
    name = next((one for one in missing if f"'{one}'" in error.message), missing[0])
    label = _label_at([*path, name], schema)
    return Finding(
        "form.required",
        f"Chưa nhập “{label[0]}”.",
        f"“{label[1]}” is missing.",
        pointer_of([*path, name]),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _label_at(path: list[Any], schema: Mapping[str, Any]) -> Words:
    """Return the label of the innermost named field on a path."""
    label, here = ("Biểu mẫu", "The form"), schema
    for step in path:
        if isinstance(step, int):
            here = here.get("items", {})
            continue
        here = here.get("properties", {}).get(step, {})
        label = label_of(str(step), here)
    return label


def _type(error: ValidationError) -> Words:
    vi, en = _TYPES.get(str(error.validator_value), ("giá trị khác", "something else"))
    return f"phải là {vi}", f"must be {en}"


def _enum(error: ValidationError) -> Words:
    choices: Any = error.validator_value
    values = ", ".join(str(value) for value in choices)
    return f"phải là một trong: {values}", f"must be one of: {values}"


def _format(error: ValidationError) -> Words:
    vi, en = _FORMATS.get(str(error.validator_value), ("đúng dạng", "in the right form"))
    return f"phải là {vi}", f"must be {en}"


def _sized(vi: str, en: str) -> Callable[[ValidationError], Words]:
    def describe(error: ValidationError) -> Words:
        return vi.format(error.validator_value), en.format(error.validator_value)

    return describe


def _other(error: ValidationError) -> Words:  # noqa: ARG001 - one signature for every description
    return "không hợp lệ", "is not allowed here"


_DESCRIBE: Final[Mapping[str, Callable[[ValidationError], Words]]] = {
    "type": _type,
    "enum": _enum,
    "format": _format,
    "const": _sized("phải là {}", "must be {}"),
    "minLength": _sized("phải có ít nhất {} ký tự", "needs at least {} characters"),
    "maxLength": _sized("dài quá {} ký tự", "has more than {} characters"),
    "minimum": _sized("phải từ {} trở lên", "must be at least {}"),
    "maximum": _sized("không được quá {}", "must be at most {}"),
    "minItems": _sized("cần ít nhất {} mục", "needs at least {} entries"),
    "maxItems": _sized("có quá {} mục", "has more than {} entries"),
    "uniqueItems": _sized("có mục trùng nhau", "has an entry twice"),
    "pattern": _sized("không đúng dạng yêu cầu", "is not in the form asked for"),
    "additionalProperties": _sized("có trường thừa", "has a field too many"),
}
_CODES: Final[Mapping[str, str]] = {
    "type": "type",
    "enum": "choice",
    "const": "choice",
    "format": "format",
    "pattern": "format",
    "minLength": "too_short",
    "maxLength": "too_long",
    "minimum": "too_small",
    "maximum": "too_large",
    "minItems": "too_few",
    "maxItems": "too_many",
    "uniqueItems": "doubled",
}
