"""JSON between Python and PostgreSQL: decimals stay exact in both directions.

FEEL numbers and sums of money are :class:`~decimal.Decimal`; JSON has one number type and PostgreSQL's
``jsonb`` keeps it as ``numeric``, so nothing has to pass through binary floating point.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson


def dump_json(value: Any) -> str:
    """Return JSON text; dates, times and UUIDs become ISO 8601 and RFC 9562 strings.

    Raises:
        TypeError: a value that JSON cannot hold, a not finite Decimal among them.
    """
    return orjson.dumps(value, default=_exact).decode()


def load_json(text: str | bytes) -> Any:
    """Return the value of JSON text; a number with a point or an exponent becomes a Decimal."""
    return json.loads(text, parse_float=Decimal)


def _exact(value: object) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value).encode())
    raise TypeError(f"{type(value).__name__} is no JSON value")
