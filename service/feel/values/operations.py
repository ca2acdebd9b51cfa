"""The operators of FEEL over its values, in one place for the compiler.

Each takes ``report``, which is called with code, Vietnamese and English text of the reason for a null.
"""

from __future__ import annotations

from service.feel.values.arithmetic import add, divide, multiply, negate, power, subtract
from service.feel.values.comparisons import (
    contains,
    equal,
    greater,
    greater_equal,
    is_same,
    less,
    less_equal,
)
from service.feel.values.logic import conjunction, disjunction
from service.feel.values.properties import MISSING, Missing, property_names, property_of
from service.feel.values.reasons import Report, kind_words

__all__ = [
    "MISSING",
    "Missing",
    "Report",
    "add",
    "conjunction",
    "contains",
    "disjunction",
    "divide",
    "equal",
    "greater",
    "greater_equal",
    "is_same",
    "kind_words",
    "less",
    "less_equal",
    "multiply",
    "negate",
    "power",
    "property_names",
    "property_of",
    "subtract",
]
