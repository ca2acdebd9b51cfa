"""What a check of form says: errors that stop a document, warnings that a person weighs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final, Literal

from handlers.contract import Json

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One thing that is not as the form asks.

    Attributes:
        code: stable, ``noun.reason``.
        severity: an error keeps the document from being made ready for signature.
        vi: what and how to mend it, Vietnamese.
        en: the same in English.
        where: a name or pointer of the draft's fields, or ``page/<n>`` from 1.
    """

    code: str
    severity: Severity
    vi: str
    en: str
    where: str


def error(code: str, vi: str, en: str, where: str) -> CheckFinding:
    """Return a finding that stops the document."""
    return CheckFinding(code, "error", vi, en, where)


def warning(code: str, vi: str, en: str, where: str) -> CheckFinding:
    """Return a finding that a person weighs."""
    return CheckFinding(code, "warning", vi, en, where)


MOST_TOLD: Final = 100
"""Findings that an answer holds; the counts are of all."""


def checked_answer(findings: Iterable[CheckFinding], most: int = MOST_TOLD) -> Json:
    """Return ``{findings, error_count, warning_count}``, errors first, at most ``most`` of them in full."""
    ordered = sorted(findings, key=lambda one: one.severity)
    errors = sum(one.severity == "error" for one in ordered)
    return {
        "findings": [asdict(one) for one in ordered[:most]],
        "error_count": errors,
        "warning_count": len(ordered) - errors,
    }
