"""The text of values, as ``string()`` gives it: what stands inside another value is written as FEEL."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from service.feel.values.function import FeelFunction
from service.feel.values.nesting import Walk
from service.feel.values.numbers import format_number
from service.feel.values.ranges import Comparison, Range

_PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*")


def text_of(value: Any) -> str:
    """Return the text of a value: a string is itself, a date ``2026-11-24``, a list ``[1, "a"]``.

    Raises:
        FeelLimitError: a list or context is too deep or too large to write.
    """
    return value if isinstance(value, str) else _plain(value, Walk())


def _plain(value: Any, walk: Walk) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format_number(value)
    if isinstance(value, list):
        return _list(value, walk)
    if isinstance(value, dict):
        return _context(value, walk)
    if isinstance(value, Range):
        return _range(value, walk)
    if isinstance(value, FeelFunction):
        return f"function({', '.join(part.name for part in value.signature.parameters)})"
    return str(value)


def _literal(value: Any, walk: Walk) -> str:
    """Write a value inside another so that FEEL would read it back."""
    if isinstance(value, str):
        return quoted(value)
    text = _plain(value, walk)
    is_plain = value is None or isinstance(value, bool | Decimal | list | dict | Range | FeelFunction)
    return text if is_plain else f'@"{text}"'


def quoted(text: str) -> str:
    """Write a string literal of FEEL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def _list(items: list[Any], walk: Walk) -> str:
    walk.enter(len(items))
    text = ", ".join(_literal(item, walk) for item in items)
    walk.leave()
    return f"[{text}]"


def _context(entries: dict[str, Any], walk: Walk) -> str:
    walk.enter(len(entries))
    parts = [
        f"{key if _PLAIN_NAME.fullmatch(key) else quoted(key)}: {_literal(value, walk)}"
        for key, value in entries.items()
    ]
    walk.leave()
    return "{" + ", ".join(parts) + "}"


def _range(interval: Range, walk: Walk) -> str:
    if isinstance(interval, Comparison):
        return f"({interval.operator} {_literal(interval.operand, walk)})"
    opening = "[" if interval.low_included else "("
    closing = "]" if interval.high_included else ")"
    return f"{opening}{_literal(interval.low, walk)}..{_literal(interval.high, walk)}{closing}"
