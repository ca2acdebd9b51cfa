"""FEEL, the expression language of DMN 1.5: parsed by hand, evaluated by closures, without Python eval.

``compile_expression`` and ``compile_unary_tests`` give compiled texts; those are cached, immutable and
may be shared by threads. An evaluation needs a :class:`Runtime` (clock, zone, limits, further functions).
"""

from __future__ import annotations

from service.feel.compilation import compile_expression, compile_unary_tests
from service.feel.convert import to_feel, to_json
from service.feel.errors import FeelLimitError, FeelSyntaxError, FeelWarning
from service.feel.expression import Evaluation, Expression, UnaryTests
from service.feel.limits import DEFAULT_LIMITS, Limits
from service.feel.runtime import Run, Runtime, Value

__all__ = [
    "DEFAULT_LIMITS",
    "Evaluation",
    "Expression",
    "FeelLimitError",
    "FeelSyntaxError",
    "FeelWarning",
    "Limits",
    "Run",
    "Runtime",
    "UnaryTests",
    "Value",
    "compile_expression",
    "compile_unary_tests",
    "to_feel",
    "to_json",
]
