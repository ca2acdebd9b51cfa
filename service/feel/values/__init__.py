"""The values of FEEL beside null, booleans, Decimals, strings, lists and contexts (dicts).

All are immutable. Python's ``==`` on them is structural; FEEL's own equality, order and arithmetic are in
``service.feel.values.operations``.
"""

from __future__ import annotations

from service.feel.values.dates import Date, make_date, parse_date
from service.feel.values.durations import DaysDuration, MonthsDuration, parse_duration
from service.feel.values.function import FeelFunction
from service.feel.values.interchange import from_python, to_python
from service.feel.values.numbers import CONTEXT, parse_number
from service.feel.values.ranges import Comparison, Range, comparison
from service.feel.values.times import DateTime, Time, make_time, parse_date_time, parse_time
from service.feel.values.zones import Zone

__all__ = [
    "CONTEXT",
    "Comparison",
    "Date",
    "DateTime",
    "DaysDuration",
    "FeelFunction",
    "MonthsDuration",
    "Range",
    "Time",
    "Zone",
    "comparison",
    "from_python",
    "make_date",
    "make_time",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_number",
    "parse_time",
    "to_python",
]
