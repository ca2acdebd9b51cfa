"""The base of every schema: unknown members are refused, and each refusal is a finding in both languages.

marshmallow's own English messages never reach a user: fields and validators answer with :class:`Words`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import marshmallow as ma
from marshmallow import fields, validate

from service.domain.errors import Finding


@dataclass(frozen=True, slots=True)
class Words:
    """The text of one refusal, in both languages."""

    code: str
    vi: str
    en: str


_MESSAGES: Final[dict[str, Words]] = {
    "required": Words("field.required", "Bắt buộc nhập.", "Required."),
    "null": Words("field.required", "Không được để trống.", "May not be null."),
    "unknown": Words("field.unknown", "Không có trường này.", "There is no such field."),
    "type": Words("field.type", "Phải là một đối tượng JSON.", "Must be a JSON object."),
    "invalid_uuid": Words("field.uuid", "Phải là một mã UUID.", "Must be a UUID."),
    "too_large": Words("field.number", "Số quá lớn.", "The number is too large."),
}
_INVALID: Final[dict[type[fields.Field[Any]], Words]] = {
    fields.Integer: Words("field.integer", "Phải là số nguyên.", "Must be a whole number."),
    fields.Boolean: Words("field.boolean", "Phải là true hoặc false.", "Must be true or false."),
    fields.AwareDateTime: Words(
        "field.instant",
        "Phải là thời điểm ISO 8601 có múi giờ, ví dụ 2026-03-05T17:00:00+07:00.",
        "Must be an ISO 8601 instant with its zone, such as 2026-03-05T17:00:00+07:00.",
    ),
    fields.Date: Words("field.date", "Phải là ngày dạng năm-tháng-ngày.", "Must be a date, year-month-day."),
    fields.List: Words("field.list", "Phải là một danh sách.", "Must be a list."),
    fields.Mapping: Words("field.object", "Phải là một đối tượng JSON.", "Must be a JSON object."),
    fields.UUID: _MESSAGES["invalid_uuid"],
    fields.String: Words("field.text", "Phải là văn bản.", "Must be text."),
}
_OTHER: Final = Words("field.invalid", "Giá trị không hợp lệ.", "The value is not valid.")


def _told(code: str, vi: str, en: str) -> list[Words]:
    """Return a refusal in the shape that marshmallow can gather with others."""
    return [Words(code, vi, en)]


class Length(validate.Length):
    """A limit on the number of characters or items."""

    def _format_error(self, value: Any, message: str) -> Any:  # noqa: ARG002 - the library's signature
        low, high = self.min or 0, self.max
        if self.equal is not None:
            low = high = self.equal
        if high is None:
            return _told("field.length", f"Phải có ít nhất {low} ký tự.", f"At least {low} characters.")
        return _told(
            "field.length", f"Phải có từ {low} đến {high} ký tự.", f"From {low} to {high} characters."
        )


class Range(validate.Range):
    """A limit on a number."""

    def _format_error(self, value: Any, message: str) -> Any:  # noqa: ARG002
        return _told(
            "field.range",
            f"Phải nằm trong khoảng {self.min} đến {self.max}.",
            f"Must lie between {self.min} and {self.max}.",
        )


class OneOf(validate.OneOf):
    """A choice from a fixed list."""

    def _format_error(self, value: Any) -> Any:  # noqa: ARG002
        return _told(
            "field.choice",
            f"Chọn một trong: {self.choices_text}.",
            f"Must be one of: {self.choices_text}.",
        )


class Instant(fields.AwareDateTime):
    """An instant: with its zone on the way in, in UTC with Z on the way out (written by the JSON encoder)."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **_options: Any) -> Any:
        del attr, obj
        return value


class Schema(ma.Schema):
    """A schema that refuses unknown members and speaks both languages."""

    error_messages: dict[str, Any] = {  # noqa: RUF012 - marshmallow copies it into each instance
        "unknown": [_MESSAGES["unknown"]],
        "type": [_MESSAGES["type"]],
    }

    class Meta:
        """marshmallow's options."""

        unknown = ma.RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:  # noqa: ARG002
        """Give the field our messages."""
        _speak_both_languages(field_obj)


class Output(Schema):
    """A schema that is only dumped."""


def _speak_both_languages(field_obj: fields.Field[Any]) -> None:
    invalid = next((words for kind, words in _INVALID.items() if isinstance(field_obj, kind)), _OTHER)
    messages: dict[str, Any] = {key: [_MESSAGES.get(key, invalid)] for key in field_obj.error_messages}
    field_obj.error_messages = messages
    inner = getattr(field_obj, "inner", None)
    if isinstance(inner, fields.Field):
        _speak_both_languages(inner)


def findings_of(messages: Any, pointer: str = "") -> Iterator[Finding]:
    """Yield a finding with its JSON pointer (RFC 6901) for each message of a validation error."""
    match messages:
        case Mapping():
            for name, inner in messages.items():
                step = "" if name == "_schema" else "/" + str(name).replace("~", "~0").replace("/", "~1")
                yield from findings_of(inner, pointer + step)
        case list():
            for inner in messages:
                yield from findings_of(inner, pointer)
        case Words():
            yield Finding(messages.code, messages.vi, messages.en, pointer)
        case _:
            yield Finding(_OTHER.code, _OTHER.vi, _OTHER.en, pointer)
