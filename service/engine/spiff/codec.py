"""The stored state of an instance: small, exact, and readable for as long as the version byte is known.

Byte 0 is the version, byte 1 tells whether the rest is compressed (zstd), then JSON follows. A value that
JSON lacks is ``{"$": [tag, text]}``; a user's own key that begins with ``$`` is written with one more ``$``,
so no form field can pass for a tag. Variables without any such thing are kept apart, read without a walk.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson
import zstandard

from service.domain.errors import InvalidInput
from service.feel.values import (
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
)

VERSION: Final = 1
COMPRESS_ABOVE_BYTES: Final = 4_096
_PLAIN, _ZSTD = 0, 1
_HEADER_BYTES: Final = 2
_OPTIONS: Final = (
    orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_LARGEST_JSON_INT: Final = 2**63 - 1
_MAX_OUTPUT_BYTES: Final = 200_000_000


def _from_timedelta(value: timedelta) -> str:
    return f"{value.days} {value.seconds} {value.microseconds}"


def _to_timedelta(text: str) -> timedelta:
    days, seconds, microseconds = map(int, text.split())
    return timedelta(days, seconds, microseconds)


def _from_clock(value: datetime | time) -> str:
    """Write a named zone beside the offset, so that later arithmetic follows the zone's rules."""
    zone = value.tzinfo
    return f"{value.isoformat()}@{zone.key}" if isinstance(zone, ZoneInfo) else value.isoformat()


def _to_clock(read: Callable[[str], Any], text: str) -> Any:
    stamp, _, zone = text.partition("@")
    value = read(stamp)
    return value.replace(tzinfo=ZoneInfo(zone)) if zone else value


_TYPES: Final[dict[type, tuple[str, Callable[[Any], str]]]] = {
    Decimal: ("n", str),
    int: ("i", str),
    date: ("d", date.isoformat),
    datetime: ("dt", _from_clock),
    time: ("t", _from_clock),
    timedelta: ("td", _from_timedelta),
    bytes: ("b", lambda value: base64.b64encode(value).decode()),
    Date: ("fd", str),
    DateTime: ("fdt", str),
    Time: ("ft", str),
    DaysDuration: ("fdd", str),
    MonthsDuration: ("fm", str),
}
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "n": Decimal,
    "i": int,
    "d": date.fromisoformat,
    "dt": lambda text: _to_clock(datetime.fromisoformat, text),
    "t": lambda text: _to_clock(time.fromisoformat, text),
    "td": _to_timedelta,
    "b": base64.b64decode,
    "fd": parse_date,
    "fdt": parse_date_time,
    "ft": parse_time,
    "fdd": parse_duration,
    "fm": parse_duration,
}


def encode(state: Any) -> bytes:
    """Return the stored form of a state made of JSON values and of what :func:`pack` returned."""
    body = orjson.dumps(state, option=_OPTIONS)
    if len(body) > COMPRESS_ABOVE_BYTES:
        return bytes((VERSION, _ZSTD)) + zstandard.ZstdCompressor(level=1).compress(body)
    return bytes((VERSION, _PLAIN)) + body


def decode(data: bytes) -> Any:
    """Return the state of its stored form.

    Raises:
        InvalidInput: the version byte is unknown, or the bytes are damaged.
    """
    if len(data) < _HEADER_BYTES or data[0] != VERSION or data[1] not in {_PLAIN, _ZSTD}:
        found = data[0] if data else "nothing"
        raise InvalidInput(
            "state.version",
            "Trạng thái quy trình được lưu ở phiên bản không đọc được.",
            f"The stored state has version {found}, this engine reads {VERSION}.",
        )
    try:
        body = data[_HEADER_BYTES:]
        if data[1] == _ZSTD:
            body = zstandard.ZstdDecompressor().decompress(body, max_output_size=_MAX_OUTPUT_BYTES)
        return orjson.loads(body)
    except (orjson.JSONDecodeError, zstandard.ZstdError) as error:
        raise InvalidInput(
            "state.damaged",
            "Trạng thái quy trình được lưu đã hỏng.",
            "The stored state is damaged.",
        ) from error


def pack(variables: dict[str, Any]) -> list[Any]:
    """Return variables as ``[plain, tagged]``: only the second needs a walk when it is read."""
    plain: dict[str, Any] = {}
    tagged: dict[str, Any] = {}
    for name, value in variables.items():
        written = _dumps(value)
        target = tagged if b'"$' in written or name.startswith("$") else plain
        target[name] = orjson.Fragment(written)
    return [plain, {_escape(name): value for name, value in tagged.items()}]


def unpack(packed: list[Any]) -> dict[str, Any]:
    """Return the variables that :func:`pack` wrote."""
    plain, tagged = packed
    variables: dict[str, Any] = plain
    for name, value in tagged.items():
        variables[_unescape(name)] = restore(value)
    return variables


def restore(value: Any) -> Any:
    """Return a value with its tags read back into their types."""
    if isinstance(value, list):
        return [restore(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$" in value and len(value) == 1:
        tag, text = value["$"]
        return _READERS[tag](text)
    return {_unescape(key): restore(item) for key, item in value.items()}


def _dumps(value: Any) -> bytes:
    count = 0

    def tagged(item: Any) -> Any:
        nonlocal count
        count += 1
        return _tag(item)

    try:
        written = orjson.dumps(value, default=tagged, option=_OPTIONS)
    except orjson.JSONEncodeError:
        # An integer beyond 64 bits, which only a walk can find.
        return orjson.dumps(_prepare(value), option=_OPTIONS)
    if written.count(b'"$') == count:
        return written
    # A user's key or text begins with "$": walk and escape the keys.
    return orjson.dumps(_prepare(value), option=_OPTIONS)


def _tag(value: Any) -> dict[str, list[str]]:
    kind = _TYPES.get(type(value))
    if kind is None:
        raise TypeError(f"{type(value).__name__} is not a type that a state may hold")
    tag, write = kind
    return {"$": [tag, write(value)]}


def _prepare(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {_escape(key): _prepare(item) for key, item in value.items()}
    if kind is list:
        return [_prepare(item) for item in value]
    if kind is int:
        return value if -_LARGEST_JSON_INT <= value <= _LARGEST_JSON_INT else _tag(value)
    if kind in {str, bool, float, type(None)}:
        return value
    return _tag(value)


def _escape(name: str) -> str:
    return f"${name}" if name.startswith("$") else name


def _unescape(name: str) -> str:
    return name.removeprefix("$")
