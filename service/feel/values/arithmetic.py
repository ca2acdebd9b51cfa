"""The operators ``+ - * / **`` and unary minus over every kind of value (DMN 1.5, tables 53 to 57).

What an operator does is looked up by the kinds of its two sides; a pair that is not in the table gives null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from service.feel.errors import limit_error
from service.feel.limits import DEFAULT_LIMITS
from service.feel.values.dates import Date, plus_days, plus_months
from service.feel.values.durations import (
    NANOSECONDS_PER_DAY,
    DaysDuration,
    MonthsDuration,
    days_duration,
    months_duration,
)
from service.feel.values.numbers import CONTEXT, ONE, ZERO, number_from_int
from service.feel.values.reasons import (
    DIVISION_BY_ZERO,
    OUT_OF_RANGE,
    ZONE_ON_ONE_SIDE,
    Reason,
    Report,
    settle,
    unlike_kinds,
)
from service.feel.values.times import DateTime, Time, date_time_at, time_of_day

_Operation: TypeAlias = Callable[[Any, Any], Any]
_Table: TypeAlias = Mapping[tuple[type, type], _Operation]

_add_numbers = CONTEXT.add
_subtract_numbers = CONTEXT.subtract
_multiply_numbers = CONTEXT.multiply


def add(left: Any, right: Any, report: Report) -> Any:
    """Return ``left + right``: numbers, strings, durations, or a duration added to a point in time."""
    if type(left) is Decimal and type(right) is Decimal:
        result = _add_numbers(left, right)
        if result.is_finite():
            return result
    return _apply("+", _ADD, left, right, report)


def subtract(left: Any, right: Any, report: Report) -> Any:
    """Return ``left - right``: numbers, durations, points in time, or a point in time and a duration."""
    if type(left) is Decimal and type(right) is Decimal:
        result = _subtract_numbers(left, right)
        if result.is_finite():
            return result
    return _apply("-", _SUBTRACT, left, right, report)


def multiply(left: Any, right: Any, report: Report) -> Any:
    """Return ``left * right``: numbers, or a duration and a number."""
    if type(left) is Decimal and type(right) is Decimal:
        result = _multiply_numbers(left, right)
        if result.is_finite():
            return result
    return _apply("*", _MULTIPLY, left, right, report)


def divide(left: Any, right: Any, report: Report) -> Any:
    """Return ``left / right``: numbers, a duration by a number, or two durations of one kind."""
    return _apply("/", _DIVIDE, left, right, report)


def power(left: Any, right: Any, report: Report) -> Any:
    """Return ``left ** right`` of two numbers.

    Raises:
        FeelLimitError: the exponent is over the limit.
    """
    return _apply("**", _POWER, left, right, report)


def negate(value: Any, report: Report) -> Any:
    """Return ``-value`` of a number or a duration."""
    if type(value) is Decimal:
        return CONTEXT.minus(value)
    if type(value) is DaysDuration:
        return DaysDuration(-value.nanoseconds)
    if type(value) is MonthsDuration:
        return MonthsDuration(-value.months)
    return settle(unlike_kinds("-", ZERO, value), report)


def _apply(operator: str, table: _Table, left: Any, right: Any, report: Report) -> Any:
    operation = table.get((type(left), type(right)))
    if operation is None:
        return settle(unlike_kinds(operator, left, right), report)
    result = operation(left, right)
    return settle(OUT_OF_RANGE if result is None else result, report)


def _swapped(operation: _Operation) -> _Operation:
    return lambda left, right: operation(right, left)


def _number(result: Decimal) -> Decimal | None:
    return result if result.is_finite() else None


def _divide_numbers(left: Decimal, right: Decimal) -> Decimal | Reason | None:
    return _number(CONTEXT.divide(left, right)) if right else DIVISION_BY_ZERO


def _raise_number(base: Decimal, exponent: Decimal) -> Decimal | Reason | None:
    if exponent.copy_abs() > DEFAULT_LIMITS.exponent:
        most = DEFAULT_LIMITS.exponent
        raise limit_error(
            None,
            "exponent",
            f"Số mũ của phép ** vượt quá {most}.",
            f"The exponent of ** is beyond {most}.",
        )
    if not exponent:
        return ONE
    if not base and exponent < 0:
        return DIVISION_BY_ZERO
    return _number(CONTEXT.power(base, exponent))


def _join_strings(left: str, right: str) -> str:
    size = len(left) + len(right)
    if size > DEFAULT_LIMITS.string_characters:
        most = DEFAULT_LIMITS.string_characters
        raise limit_error(
            None,
            "string_characters",
            f"Chuỗi dài quá {most} ký tự.",
            f"A string has more than {most} characters.",
        )
    return left + right


def _date_plus_days(date: Date, duration: DaysDuration) -> Date | None:
    """A date is its midnight: part of a day moves it back, but not on, as the standard's examples show."""
    return plus_days(date, duration.nanoseconds // NANOSECONDS_PER_DAY)


def _date_minus_days(date: Date, duration: DaysDuration) -> Date | None:
    return plus_days(date, -duration.nanoseconds // NANOSECONDS_PER_DAY)


def _date_plus_months(date: Date, duration: MonthsDuration) -> Date | None:
    return plus_months(date, duration.months)


def _date_minus_months(date: Date, duration: MonthsDuration) -> Date | None:
    return plus_months(date, -duration.months)


def _move(moment: DateTime, nanoseconds: int) -> DateTime | None:
    """Move along the time line: across a change of summer time the clock's face jumps, the span does not."""
    return date_time_at(moment.utc_nanosecond + nanoseconds, moment.zone)


def _move_months(moment: DateTime, months: int) -> DateTime | None:
    date = plus_months(moment.date, months)
    return None if date is None else DateTime(date, moment.time)


def _turn(time: Time, nanoseconds: int) -> Time:
    """Move a time of day around the clock."""
    return time_of_day(time.nanosecond_of_day + nanoseconds, time.zone)


def _span(end: DateTime, start: DateTime) -> DaysDuration | Reason:
    if (end.zone is None) != (start.zone is None):
        return ZONE_ON_ONE_SIDE
    return DaysDuration(end.utc_nanosecond - start.utc_nanosecond)


def _span_of_times(end: Time, start: Time) -> DaysDuration | Reason:
    if (end.zone is None) != (start.zone is None):
        return ZONE_ON_ONE_SIDE
    return DaysDuration(end.utc_nanosecond - start.utc_nanosecond)


def _scale(amount: int, factor: Decimal) -> int:
    """Multiply exactly, then cut towards zero."""
    numerator, denominator = factor.as_integer_ratio()
    return _quotient(amount * numerator, denominator)


def _shrink(amount: int, divisor: Decimal) -> int:
    numerator, denominator = divisor.as_integer_ratio()
    return _quotient(amount * denominator, numerator)


def _quotient(dividend: int, divisor: int) -> int:
    magnitude = abs(dividend) // abs(divisor)
    return magnitude if (dividend < 0) == (divisor < 0) else -magnitude


def _ratio(left: int, right: int) -> Decimal | Reason | None:
    return _divide_numbers(number_from_int(left), number_from_int(right))


def _days_times(duration: DaysDuration, factor: Decimal) -> DaysDuration | None:
    return days_duration(_scale(duration.nanoseconds, factor))


def _months_times(duration: MonthsDuration, factor: Decimal) -> MonthsDuration | None:
    return months_duration(_scale(duration.months, factor))


_ADD: Final[_Table] = {
    (Decimal, Decimal): lambda left, right: _number(_add_numbers(left, right)),
    (str, str): _join_strings,
    (DaysDuration, DaysDuration): lambda left, right: days_duration(left.nanoseconds + right.nanoseconds),
    (MonthsDuration, MonthsDuration): lambda left, right: months_duration(left.months + right.months),
    (Date, DaysDuration): _date_plus_days,
    (DaysDuration, Date): _swapped(_date_plus_days),
    (Date, MonthsDuration): _date_plus_months,
    (MonthsDuration, Date): _swapped(_date_plus_months),
    (DateTime, DaysDuration): lambda moment, span: _move(moment, span.nanoseconds),
    (DaysDuration, DateTime): lambda span, moment: _move(moment, span.nanoseconds),
    (DateTime, MonthsDuration): lambda moment, span: _move_months(moment, span.months),
    (MonthsDuration, DateTime): lambda span, moment: _move_months(moment, span.months),
    (Time, DaysDuration): lambda time, span: _turn(time, span.nanoseconds),
    (DaysDuration, Time): lambda span, time: _turn(time, span.nanoseconds),
}

_SUBTRACT: Final[_Table] = {
    (Decimal, Decimal): lambda left, right: _number(_subtract_numbers(left, right)),
    (DaysDuration, DaysDuration): lambda left, right: days_duration(left.nanoseconds - right.nanoseconds),
    (MonthsDuration, MonthsDuration): lambda left, right: months_duration(left.months - right.months),
    (Date, DaysDuration): _date_minus_days,
    (Date, MonthsDuration): _date_minus_months,
    (DateTime, DaysDuration): lambda moment, span: _move(moment, -span.nanoseconds),
    (DateTime, MonthsDuration): lambda moment, span: _move_months(moment, -span.months),
    (Time, DaysDuration): lambda time, span: _turn(time, -span.nanoseconds),
    (Date, Date): lambda end, start: DaysDuration((end.epoch_day - start.epoch_day) * NANOSECONDS_PER_DAY),
    (DateTime, DateTime): _span,
    (Date, DateTime): lambda end, start: _span(end.at_midnight(), start),
    (DateTime, Date): lambda end, start: _span(end, start.at_midnight()),
    (Time, Time): _span_of_times,
}

_MULTIPLY: Final[_Table] = {
    (Decimal, Decimal): lambda left, right: _number(_multiply_numbers(left, right)),
    (DaysDuration, Decimal): _days_times,
    (Decimal, DaysDuration): _swapped(_days_times),
    (MonthsDuration, Decimal): _months_times,
    (Decimal, MonthsDuration): _swapped(_months_times),
}

_DIVIDE: Final[_Table] = {
    (Decimal, Decimal): _divide_numbers,
    (DaysDuration, Decimal): lambda span, by: (
        days_duration(_shrink(span.nanoseconds, by)) if by else DIVISION_BY_ZERO
    ),
    (MonthsDuration, Decimal): lambda span, by: (
        months_duration(_shrink(span.months, by)) if by else DIVISION_BY_ZERO
    ),
    (DaysDuration, DaysDuration): lambda left, right: _ratio(left.nanoseconds, right.nanoseconds),
    (MonthsDuration, MonthsDuration): lambda left, right: _ratio(left.months, right.months),
}

_POWER: Final[_Table] = {(Decimal, Decimal): _raise_number}
