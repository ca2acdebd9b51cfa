"""Literal timer texts: ISO 8601 as BPMN writes it, checked by shape and by calendar.

``timeDate`` takes a date or a date and time (without offset told in the offices' zone), ``timeDuration`` a
duration, ``timeCycle`` a repeating interval ``R[n]/[start/]duration``.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, Literal

Complaint = Literal["shape", "size", "zero", "negative", "kind"]
"""Why a text is refused: not ISO 8601, too large a number, no length, a negative one, another element's."""

_DURATION: Final = re.compile(
    r"P(?!$)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
)
_CYCLE: Final = re.compile(r"R(\d*)/(?:([^/]+)/)?([^/]+)")
_MOST_DIGITS: Final = 6
_SHAPE: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?)?"
)


def complaint_about(kind: str, text: str) -> Complaint | None:
    """Return what is wrong with a literal ``timeDate``, ``timeDuration`` or ``timeCycle``, if anything."""
    checks = {"timeDate": _date, "timeDuration": _duration, "timeCycle": _cycle}
    complaint = checks[kind](text)
    if complaint == "shape" and any(check(text) is None for name, check in checks.items() if name != kind):
        return "kind"
    return complaint


def _date(text: str) -> Complaint | None:
    if _SHAPE.fullmatch(text) is None:
        return "shape"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return "shape"
    return None


def _duration(text: str) -> Complaint | None:
    if text.startswith("-") and _DURATION.fullmatch(text[1:]):
        return "negative"
    if _DURATION.fullmatch(text) is None:
        return "shape"
    if any(len(digits) > _MOST_DIGITS for digits in re.findall(r"\d+", text)):
        return "size"
    return None if re.search(r"[1-9]", text) else "zero"


def _cycle(text: str) -> Complaint | None:
    found = _CYCLE.fullmatch(text)
    if found is None:
        return "shape"
    if len(found[1]) > _MOST_DIGITS:
        return "size"
    if found[1] and int(found[1]) == 0:
        return "zero"
    start = _date(found[2]) if found[2] else None
    return start or _duration(found[3])
