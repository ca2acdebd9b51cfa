"""Exchange statuses between offices and the life of a document's status (S3-12.4f, QĐ 28/2018 code list)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

DocumentStatus = Literal[
    "arrived",
    "received",
    "transferred",
    "in_progress",
    "waiting",
    "completed",
    "refused",
    "recall_pending",
    "recalled",
    "deleted",
]
"""S3-12.4f: đã đến, đã tiếp nhận, đã chuyển xử lý, đang xử lý (chờ), đã hoàn thành, từ chối, thu hồi, xóa.

``recall_pending`` is ours: the sender asked for the document back and nobody but the clerk may read it.
"""

STATUS_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "arrived": ("Đã đến", "Arrived"),
    "received": ("Đã tiếp nhận", "Received"),
    "transferred": ("Đã chuyển xử lý", "Transferred"),
    "in_progress": ("Đang xử lý", "In progress"),
    "waiting": ("Đang chờ bổ sung, xác minh", "Waiting"),
    "completed": ("Đã hoàn thành", "Completed"),
    "refused": ("Từ chối nhận (trả lại)", "Refused (returned)"),
    "recall_pending": ("Bên gửi yêu cầu thu hồi", "Recall asked for"),
    "recalled": ("Đã thu hồi", "Recalled"),
    "deleted": ("Đã xóa", "Deleted"),
}

_ANY_OPEN: Final = frozenset({"recall_pending"})
TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    "arrived": frozenset({"received", "refused"}) | _ANY_OPEN,
    "received": frozenset({"transferred", "completed"}) | _ANY_OPEN,
    "transferred": frozenset({"transferred", "in_progress", "completed"}) | _ANY_OPEN,
    "in_progress": frozenset({"waiting", "completed"}) | _ANY_OPEN,
    "waiting": frozenset({"in_progress", "completed"}) | _ANY_OPEN,
    "completed": _ANY_OPEN,
    "refused": frozenset(),
    "recall_pending": frozenset({"recalled"}),
    "recalled": frozenset({"deleted"}),
    "deleted": frozenset(),
}
"""From each status, those that may follow; staying in the same one is always allowed and changes nothing."""


@dataclass(frozen=True, slots=True)
class ExchangeStatus:
    """A status message to the sender.

    Attributes:
        code: as the exchange axis writes it.
        document_status: what the document becomes; None = unchanged.
        vi: what it says, Vietnamese.
        en: the same in English.
        needs_reason: whether a description must be given.
    """

    code: str
    document_status: DocumentStatus | None
    vi: str
    en: str
    needs_reason: bool = False


EXCHANGE_STATUSES: Final[Mapping[str, ExchangeStatus]] = {
    status.code: status
    for status in (
        ExchangeStatus("01", "arrived", "Đã đến", "Arrived"),
        ExchangeStatus("02", "refused", "Từ chối tiếp nhận", "Refused", needs_reason=True),
        ExchangeStatus("03", "received", "Đã tiếp nhận", "Received"),
        ExchangeStatus("04", "transferred", "Phân công", "Assigned"),
        ExchangeStatus("05", "in_progress", "Đang xử lý", "In progress"),
        ExchangeStatus("06", "completed", "Hoàn thành", "Completed"),
        ExchangeStatus("15", None, "Đồng ý lấy lại", "Recall agreed"),
        ExchangeStatus("16", None, "Từ chối lấy lại", "Recall refused", needs_reason=True),
    )
}


def may_follow(current: str, following: str) -> bool:
    """Say whether a document's status may change from ``current`` to ``following``."""
    return following == current or following in TRANSITIONS.get(current, frozenset())


assert set(TRANSITIONS) == set(STATUS_NAMES) == set(get_args(DocumentStatus))
