"""Three-valued ``and`` and ``or`` (DMN 1.5, table 50): what is not a boolean counts as unknown."""

from __future__ import annotations

from typing import Any

from service.feel.values.reasons import Reason, Report, kind_words, settle


def conjunction(left: Any, right: Any, report: Report) -> bool | None:
    """Return ``left and right``: false when one is false, null when that is not known."""
    if left is False or right is False:
        return False
    if left is True and right is True:
        return True
    settle(_unknown("and", left, right), report)
    return None


def disjunction(left: Any, right: Any, report: Report) -> bool | None:
    """Return ``left or right``: true when one is true, null when that is not known."""
    if left is True or right is True:
        return True
    if left is False and right is False:
        return False
    settle(_unknown("or", left, right), report)
    return None


def _unknown(operator: str, left: Any, right: Any) -> Reason:
    culprit = kind_words(right if isinstance(left, bool) else left)
    return Reason(
        "feel.not_boolean",
        f"Vế của “{operator}” phải là đúng/sai, nhưng là {culprit.vi}.",
        f"A side of “{operator}” must be a boolean, but is {culprit.en}.",
    )
