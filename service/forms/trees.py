"""How deep a submission may nest: a bound that holds before anything walks it."""

from __future__ import annotations

from typing import Any, Final

from service.domain.errors import Finding

MAX_DEPTH: Final = 20


def depth_findings(data: Any) -> list[Finding]:
    """Return a finding if ``data`` nests deeper than :data:`MAX_DEPTH`, without recursion."""
    level: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
        if not inner:
            return []
        level = inner
    vi = f"Dữ liệu lồng nhau quá {MAX_DEPTH} cấp."
    return [Finding("form.too_deep", vi, f"The data nests more than {MAX_DEPTH} levels deep.")]
