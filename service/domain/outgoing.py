"""The life of an outgoing document's status, and who may sign in which capacity (NĐ 30/2020 Điều 10–19).

The statuses of documents that arrive are in :mod:`service.domain.delivery`; a document has one or the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from service.domain import delivery
from service.domain.errors import Conflict
from service.domain.permission_parties import Role

STATUS_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "draft": ("Dự thảo", "Draft"),
    "consulting": ("Đang xin ý kiến", "Being consulted on"),
    "unit_review": ("Chờ duyệt tại đơn vị", "Waiting for the unit's approval"),
    "awaiting_signature": ("Chờ ký", "Waiting for signature"),
    "signed": ("Đã ký", "Signed"),
    "format_check": ("Kiểm tra thể thức", "Format check"),
    "numbered": ("Đã cấp số", "Numbered"),
    "issued": ("Đã phát hành", "Issued"),
    "completed": ("Đã hoàn thành", "Completed"),
    "returned": ("Trả lại", "Returned"),
    "cancelled": ("Đã hủy dự thảo", "Draft cancelled"),
    "recall_pending": ("Đang thu hồi", "Being recalled"),
    "recalled": ("Đã thu hồi", "Recalled"),
    "replaced": ("Đã được thay thế", "Replaced"),
    "corrected": ("Đã được đính chính", "Corrected"),
}

_BEFORE_SIGNATURE: Final = frozenset(
    {"draft", "consulting", "unit_review", "awaiting_signature", "returned", "cancelled"},
)
_AFTER_ISSUE: Final = frozenset({"completed", "recall_pending", "recalled", "replaced", "corrected"})
TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    "draft": _BEFORE_SIGNATURE | {"signed", "format_check"},
    "consulting": _BEFORE_SIGNATURE,
    "unit_review": _BEFORE_SIGNATURE,
    "awaiting_signature": _BEFORE_SIGNATURE | {"signed", "format_check"},
    "returned": _BEFORE_SIGNATURE,
    "signed": _BEFORE_SIGNATURE | {"format_check", "numbered"},
    "format_check": _BEFORE_SIGNATURE | {"signed", "numbered"},
    "numbered": frozenset({"issued", "cancelled"}),
    "issued": _AFTER_ISSUE,
    "completed": _AFTER_ISSUE,
    "recall_pending": frozenset({"issued", "completed", "recalled", "replaced"}),
    "recalled": frozenset({"replaced"}),
    "replaced": frozenset(),
    "corrected": _AFTER_ISSUE,
    "cancelled": frozenset(),
}
"""From each status, those that may follow; staying in the same one is always allowed."""

EDITABLE: Final = frozenset(
    {"draft", "consulting", "unit_review", "awaiting_signature", "returned", "signed", "format_check"},
)
"""In these a new version may be made; after a signature it voids what was signed (S0-7.4)."""

SIGNING_ROLES: Final[Mapping[str, frozenset[Role]]] = {
    "": frozenset({"leader", "head_of_office", "unit_head"}),
    "TM": frozenset({"leader"}),
    "KT": frozenset({"leader", "head_of_office", "unit_head"}),
    "TL": frozenset({"leader", "head_of_office", "unit_head"}),
    "TUQ": frozenset({"leader", "head_of_office", "unit_head"}),
    "Q": frozenset({"leader", "head_of_office", "unit_head"}),
}
"""Which roles may sign in which capacity; for a collective only its leaders do."""

RECIPIENT_KINDS: Final = ("partner", "unit", "person", "place")
RECIPIENT_PURPOSES: Final = ("to", "copy", "file")
RECIPIENT_CHANNELS: Final = ("", "exchange", "http", "email", "folder", "internal", "paper")


def status_names(direction: str) -> Mapping[str, tuple[str, str]]:
    """Return the names of the statuses of documents that go out, or of those that come in."""
    return STATUS_NAMES if direction == "outgoing" else delivery.STATUS_NAMES


def check_transition(current: str, following: str) -> None:
    """Refuse a status that may not follow.

    Raises:
        Conflict: ``document.status``.
    """
    if following == current or following in TRANSITIONS.get(current, frozenset()):
        return
    names = [STATUS_NAMES.get(one, (one, one)) for one in (current, following)]
    raise Conflict(
        "document.status",
        f"Văn bản đang ở trạng thái “{names[0][0]}”, không chuyển sang “{names[1][0]}” được.",
        f"The document is “{names[0][1]}” and cannot become “{names[1][1]}”.",
    )


def may_sign(capacity: str, roles: Iterable[str]) -> bool:
    """Say whether someone with these roles may sign in a capacity."""
    return bool(SIGNING_ROLES.get(capacity, frozenset()) & frozenset(roles))


assert set(TRANSITIONS) == set(STATUS_NAMES)
