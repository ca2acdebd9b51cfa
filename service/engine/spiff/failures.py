"""How an automatic step says that it cannot go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.domain.errors import CongVanError


class StepFailure(Exception):  # noqa: N818 - it becomes a Failure, which operators see as an incident
    """A step cannot go on; its token becomes a :class:`~service.engine.spiff.activities.Failure`.

    Args:
        code: stable, ``noun.reason``.
        vi: what is wrong, Vietnamese.
        en: the same in English.
        details: JSON values for the operator.
    """

    def __init__(self, code: str, vi: str, en: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.vi = vi
        self.en = en
        self.details = dict(details or {})

    @classmethod
    def from_error(cls, error: CongVanError) -> StepFailure:
        """Return the failure that tells of an error of the house."""
        details: dict[str, Any] = dict(error.extra)
        if error.findings:
            details["findings"] = [
                {"code": finding.code, "vi": finding.vi, "en": finding.en} for finding in error.findings
            ]
        return cls(error.code, error.vi, error.en, details)
