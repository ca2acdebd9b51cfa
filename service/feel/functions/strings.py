"""String functions (DMN 1.5, table 75); a character is a Unicode code point, positions count from 1."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from service.feel.functions.library import Library
from service.feel.runtime import Run
from service.feel.values.numbers import number_from_int
from service.feel.values.reasons import Reason

STRINGS: Final = Library()


@STRINGS.function("substring(string: string, start position: number, length?: number) -> string")
def substring(text: str, start_position: Decimal, length: Decimal | None = None) -> str | Reason:
    """Cut a piece out, from a position that counts from the end when negative."""
    position, wanted = int(start_position), None if length is None else int(length)
    if not position or abs(position) > len(text):
        return Reason(
            "feel.position",
            f"không có vị trí {position} trong chuỗi dài {len(text)} ký tự.",
            f"there is no position {position} in a string of {len(text)} characters.",
        )
    if wanted is not None and wanted < 1:
        return Reason("feel.length", "độ dài phải từ 1 trở lên.", "the length must be 1 or more.")
    start = position - 1 if position > 0 else len(text) + position
    return text[start:] if wanted is None else text[start : start + wanted]


@STRINGS.function("string length(string: string) -> number")
def string_length(text: str) -> Decimal:
    """Count the characters."""
    return number_from_int(len(text))


@STRINGS.function("upper case(string: string) -> string")
def upper_case(text: str) -> str:
    """Turn into capital letters."""
    return text.upper()


@STRINGS.function("lower case(string: string) -> string")
def lower_case(text: str) -> str:
    """Turn into small letters."""
    return text.lower()


@STRINGS.function("substring before(string: string, match: string) -> string")
def substring_before(text: str, match: str) -> str:
    """Give what stands before the first match, nothing when there is none."""
    return text.partition(match)[0] if match and match in text else ""


@STRINGS.function("substring after(string: string, match: string) -> string")
def substring_after(text: str, match: str) -> str:
    """Give what stands behind the first match, nothing when there is none."""
    return text.partition(match)[2] if match else text


@STRINGS.function("contains(string: string, match: string) -> boolean")
def contains(text: str, match: str) -> bool:
    """Tell whether the match stands in the string."""
    return match in text


@STRINGS.function("starts with(string: string, match: string) -> boolean")
def starts_with(text: str, match: str) -> bool:
    """Tell whether the string begins with the match."""
    return text.startswith(match)


@STRINGS.function("ends with(string: string, match: string) -> boolean")
def ends_with(text: str, match: str) -> bool:
    """Tell whether the string ends with the match."""
    return text.endswith(match)


@STRINGS.function("string join(list: list<string>, delimiter?: string?) -> string")
def string_join(run: Run, parts: list[str | None], delimiter: str | None = None) -> str:
    """Join the strings, nulls left out."""
    present = [part for part in parts if part is not None]
    between = delimiter or ""
    run.check_string(sum(map(len, present)) + len(between) * max(len(present) - 1, 0))
    return between.join(present)


@STRINGS.function("trim(string: string) -> string")
def trim(text: str) -> str:
    """Drop white space at both ends; an extension of ours that other engines have too."""
    return text.strip()
