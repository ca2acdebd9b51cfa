"""Cursor paging: stable under inserts, no offset to walk over."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from service.domain.errors import Finding, InvalidInput

MAX_PAGE_SIZE: Final = 200
DEFAULT_PAGE_SIZE: Final = 50

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; ``next_cursor`` is None on the last page."""

    items: Sequence[T]
    next_cursor: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def encode_cursor(*values: Any) -> str:
    """Return an opaque cursor for the sort values of the last row (texts and None)."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[Any]:
    """Return the sort values of a cursor.

    Raises:
        InvalidInput: it is not one of ours.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, binascii.Error):
        values = None
    if not isinstance(values, list) or len(values) != length:
        raise bad_cursor()
    return values


def bad_cursor() -> InvalidInput:
    """Return the error for a cursor that is not one of ours."""
    vi, en = "Con trỏ trang không hợp lệ.", "The page cursor is not valid."
    return InvalidInput("cursor.invalid", vi, en, [Finding("cursor.invalid", vi, en, "/cursor")])


def page_size(limit: int | None) -> int:
    """Return the number of rows to read for the asked limit: 1 to :data:`MAX_PAGE_SIZE`."""
    return max(1, min(limit or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE))
