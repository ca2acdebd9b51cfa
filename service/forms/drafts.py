"""Drafts of a form: kept as typed, unfinished, so nothing is asked of them but their size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from service.domain.errors import TooLarge

DRAFT_LIMIT_BYTES: Final = 64 * 1024


def check_draft(data: Mapping[str, Any]) -> None:
    """Refuse a draft that is larger than :data:`DRAFT_LIMIT_BYTES` as JSON.

    Raises:
        TooLarge: it is.
    """
    if len(orjson.dumps(data)) > DRAFT_LIMIT_BYTES:
        limit = DRAFT_LIMIT_BYTES // 1024
        raise TooLarge(
            "draft.too_large",
            f"Bản nháp lớn hơn {limit} KB.",
            f"The draft is larger than {limit} KB.",
        )
