"""JSON in and out of the house (RFC 8259, I-JSON of RFC 7493): strict on entry, exact in numbers.

On entry numbers become ``int`` or, with a fraction or beyond 64 bits, ``Decimal`` (money and FEEL numbers
lose nothing), text becomes Unicode NFC, and what two readers could understand differently is refused:
repeated names, ``NaN``, lone surrogates, NUL.
"""

from __future__ import annotations

import json
import re
import unicodedata
from decimal import Decimal
from typing import Any, Final, NoReturn

import orjson
from flask import Response
from flask.json.provider import JSONProvider

from service.http.faults import Malformed

MAX_DEPTH: Final = 64
"""How deep arrays and objects may nest."""
MAX_NUMBER_LENGTH: Final = 64
"""Characters of the longest number read: more than any decimal128 value needs."""
MAX_EXPONENT: Final = 308
"""Largest power of ten either way: what a binary64 reader on the other side can still hold."""

_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_ORJSON_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def read_json(raw: bytes) -> Any:
    """Return the JSON value of ``raw`` (UTF-8), strings in NFC, fractions as ``Decimal``.

    Raises:
        Malformed: not UTF-8, not JSON, nested too deep, a repeated name, a number out of range.
    """
    text = _decode(raw)
    _check_depth(text)
    try:
        value = json.loads(
            text,
            parse_float=_read_fraction,
            parse_int=_read_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_read_object,
        )
    except json.JSONDecodeError as error:
        raise Malformed(
            "json.syntax",
            f"Nội dung không phải JSON hợp lệ (dòng {error.lineno}, cột {error.colno}).",
            f"The body is not valid JSON (line {error.lineno}, column {error.colno}).",
        ) from error
    return _clean(value) if "\\u" in text else value


def write_json(value: Any) -> bytes:
    """Return ``value`` as JSON bytes; ``Decimal`` keeps every digit, instants end in Z."""
    try:
        return orjson.dumps(value, default=_write_other, option=_ORJSON_OPTIONS)
    except orjson.JSONEncodeError:  # an integer beyond 64 bits, which the encoder takes only as a Decimal
        return orjson.dumps(_widen(value), default=_write_other, option=_ORJSON_OPTIONS)


class JsonText(JSONProvider):
    """Flask's JSON, read and written by the functions above."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        """Return ``obj`` as JSON text."""
        return write_json(obj).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """Return the value of JSON text; see :func:`read_json`."""
        return read_json(s.encode() if isinstance(s, str) else s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a JSON answer of one value, or of the keyword arguments as an object."""
        return Response(write_json(self._prepare_response_obj(args, kwargs)), mimetype="application/json")


def _decode(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(
            "json.not_utf8",
            f"Nội dung không phải UTF-8 (byte thứ {error.start}).",
            f"The body is not UTF-8 (byte {error.start}).",
        ) from error
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _TOKENS.finditer(text):
        match token.group()[0]:
            case "[" | "{":
                depth += 1
            case "]" | "}":
                depth -= 1
        if depth > MAX_DEPTH:
            raise Malformed(
                "json.too_deep",
                f"Nội dung JSON lồng nhau quá {MAX_DEPTH} cấp.",
                f"The JSON nests deeper than {MAX_DEPTH} levels.",
            )


def _read_integer(text: str) -> int | Decimal:
    if len(text) > MAX_NUMBER_LENGTH:
        _refuse_number()
    value = int(text)
    return value if -(2**63) <= value < 2**63 else Decimal(value)


def _read_fraction(text: str) -> Decimal:
    if len(text) > MAX_NUMBER_LENGTH:
        _refuse_number()
    value = Decimal(text)
    if value and abs(value.adjusted()) > MAX_EXPONENT:
        _refuse_number()
    return value


def _refuse_number() -> NoReturn:
    raise Malformed(
        "json.number_range",
        f"Số dài quá {MAX_NUMBER_LENGTH} ký tự hoặc vượt quá 10^±{MAX_EXPONENT}.",
        f"A number is longer than {MAX_NUMBER_LENGTH} characters or beyond 10^±{MAX_EXPONENT}.",
    )


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed("json.not_a_number", f"{name} không phải JSON.", f"{name} is not JSON.")


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise Malformed(
            "json.repeated_name",
            f"Tên “{repeated[:100]}” xuất hiện hai lần trong một đối tượng.",
            f"The name “{repeated[:100]}” occurs twice in one object.",
        )
    return value


def _clean(value: Any) -> Any:
    """Normalise the strings that escapes made, and refuse what PostgreSQL text cannot hold."""
    match value:
        case str():
            if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
                raise Malformed(
                    "json.bad_character",
                    "Văn bản chứa ký tự NUL hoặc nửa cặp thay thế (surrogate).",
                    "A text holds NUL or a lone surrogate.",
                )
            return unicodedata.normalize("NFC", value)
        case dict():
            return {_clean(name): _clean(item) for name, item in value.items()}
        case list():
            return [_clean(item) for item in value]
        case _:
            return value


def _widen(value: Any) -> Any:
    """Return ``value`` with integers beyond 64 bits as ``Decimal``."""
    match value:
        case int() if not -(2**63) <= value < 2**63:
            return Decimal(value)
        case dict():
            return {name: _widen(item) for name, item in value.items()}
        case list() | tuple():
            return [_widen(item) for item in value]
        case _:
            return value


def _write_other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} is not JSON")
