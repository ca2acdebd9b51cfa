"""Why an operation gives null, told in both languages: null without a reason is what users hate in FEEL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias

from service.feel.values.dates import Date
from service.feel.values.durations import DaysDuration, MonthsDuration
from service.feel.values.function import FeelFunction
from service.feel.values.ranges import Range
from service.feel.values.times import DateTime, Time

Report: TypeAlias = Callable[[str, str, str], None]
"""Takes the code, the Vietnamese and the English text of a reason."""


class Reason(NamedTuple):
    """The answer of an operation that has no value.

    Attributes:
        code: stable, ``feel.reason``.
        vi: the reason, Vietnamese.
        en: the same in English.
    """

    code: str
    vi: str
    en: str


class Kind(NamedTuple):
    """What a value is, in words.

    Attributes:
        vi: Vietnamese.
        en: English, the type's name in FEEL.
    """

    vi: str
    en: str


_KINDS: Final[Mapping[type, Kind]] = {
    type(None): Kind("null", "null"),
    bool: Kind("giá trị đúng/sai", "boolean"),
    Decimal: Kind("số", "number"),
    str: Kind("chuỗi", "string"),
    list: Kind("danh sách", "list"),
    dict: Kind("ngữ cảnh", "context"),
    Date: Kind("ngày", "date"),
    Time: Kind("giờ", "time"),
    DateTime: Kind("ngày giờ", "date and time"),
    DaysDuration: Kind("thời lượng ngày giờ", "days and time duration"),
    MonthsDuration: Kind("thời lượng năm tháng", "years and months duration"),
}

OUT_OF_RANGE: Final = Reason(
    "feel.out_of_range",
    "Kết quả vượt quá phạm vi mà FEEL biểu diễn được.",
    "The result is beyond what FEEL can hold.",
)
DIVISION_BY_ZERO: Final = Reason("feel.division_by_zero", "Phép chia cho 0.", "Division by zero.")
ZONE_ON_ONE_SIDE: Final = Reason(
    "feel.zone_on_one_side",
    "Một bên có múi giờ, bên kia không có, nên không so sánh hay trừ được.",
    "One side has a time zone and the other has none, so they cannot be compared or subtracted.",
)


def kind_words(value: Any) -> Kind:
    """Say in words what ``value`` is."""
    known = _KINDS.get(type(value))
    if known is not None:
        return known
    if isinstance(value, Range):
        return Kind("khoảng", "range")
    if isinstance(value, FeelFunction):
        return Kind("hàm", "function")
    return Kind("giá trị lạ", "unknown value")


def unlike_kinds(operator: str, left: Any, right: Any) -> Reason:
    """Say that an operator does not work between two kinds of value, or that one side is null."""
    first, second = kind_words(left), kind_words(right)
    if left is None or right is None:
        return Reason(
            "feel.null_operand",
            f"Phép “{operator}” có một vế là null ({first.vi} {operator} {second.vi}).",
            f"One side of “{operator}” is null ({first.en} {operator} {second.en}).",
        )
    return Reason(
        "feel.wrong_kinds",
        f"Không tính được {first.vi} {operator} {second.vi}.",
        f"{first.en} {operator} {second.en} is not defined.",
    )


def settle(result: Any, report: Report) -> Any:
    """Pass a value on, or report the reason that stands in its place and give null."""
    if type(result) is Reason:
        report(*result)
        return None
    return result
