"""Digests of values: the same value gives the same bytes, whatever the order of its keys."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson


def digest_of(value: Any) -> bytes:
    """Return the SHA-256 of a value's JSON text with sorted keys.

    Dates, times and UUIDs count by their ISO 8601 and RFC 9562 texts, any other value by its ``str``.
    """
    return hashlib.sha256(orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS)).digest()
