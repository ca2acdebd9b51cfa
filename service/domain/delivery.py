"""Exchange statuses between offices (QĐ 28/2018 code list), and what they make of a document and a delivery.

The life of an incoming document's status is that of S3-12.4f, a delivery's that of one receiver (S3-13.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
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
    "recall_pending": frozenset({"recalled", "completed"}),
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


DELIVERY_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "pending": ("Chờ gửi", "To be sent"),
    "sent": ("Đã gửi", "Sent"),
    "arrived": ("Đã đến", "Arrived"),
    "received": ("Đã tiếp nhận", "Received"),
    "assigned": ("Đã phân công", "Assigned"),
    "in_progress": ("Đang xử lý", "In progress"),
    "completed": ("Đã hoàn thành", "Completed"),
    "refused": ("Bị từ chối", "Refused"),
    "failed": ("Gửi không thành công", "Failed"),
    "cancelled": ("Đã hủy gửi", "Cancelled"),
}
DELIVERY_TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    "pending": frozenset({"sent", "failed", "cancelled"}),
    "sent": frozenset({"arrived", "received", "assigned", "in_progress", "completed", "refused"}),
    "arrived": frozenset({"received", "assigned", "in_progress", "completed", "refused"}),
    "received": frozenset({"assigned", "in_progress", "completed"}),
    "assigned": frozenset({"in_progress", "completed"}),
    "in_progress": frozenset({"completed"}),
    "completed": frozenset(),
    "refused": frozenset({"pending", "sent"}),
    "failed": frozenset({"pending", "sent", "cancelled"}),
    "cancelled": frozenset(),
}
"""From each state of a delivery, those that may follow; a status that comes late changes nothing.

Straight to ``sent`` goes what is given on paper instead.
"""

STATE_BY_STATUS: Final[Mapping[str, str]] = {
    "01": "arrived",
    "02": "refused",
    "03": "received",
    "04": "assigned",
    "05": "in_progress",
    "06": "completed",
}
RECALL_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "asked": ("Đã yêu cầu thu hồi", "Recall asked for"),
    "agreed": ("Bên nhận đã thu hồi", "Recalled there"),
    "refused": ("Bên nhận từ chối thu hồi", "Recall refused"),
    "settled": ("Văn thư đã xử lý", "Settled by the clerk"),
}
RECALL_BY_STATUS: Final[Mapping[str, str]] = {"15": "agreed", "16": "refused"}

ARRIVED: Final = frozenset({"arrived", "received", "assigned", "in_progress", "completed"})
"""In these the receiver has the document."""

RECEIVED: Final = ARRIVED - {"arrived"}
ANSWERING_CHANNELS: Final = frozenset({"http", "exchange", "internal"})
"""Channels on which the receiver's statuses come back."""

DELIVERY_CHANNELS: Final[Mapping[str, tuple[str, str]]] = {
    "internal": ("Trong hệ thống", "Within this installation"),
    "http": ("Gửi trực tiếp giữa hai hệ thống", "Directly to the other installation"),
    "exchange": ("Trục liên thông", "Exchange axis"),
    "email": ("Thư điện tử công vụ", "Official e-mail"),
    "folder": ("Thư mục dùng chung", "Shared folder"),
    "paper": ("Văn bản giấy", "On paper"),
}
SILENCE: Final = {
    "normal": timedelta(hours=24),
    "urgent": timedelta(hours=4),
    "very_urgent": timedelta(hours=2),
    "flash": timedelta(hours=1),
}
"""After so long without an answer the clerk is told (S3-13.2a: the sender checks and tracks)."""

HASTE: Final = {"flash": 3, "very_urgent": 2, "urgent": 1, "normal": 0}
"""What leaves first when much is waiting."""


def delivery_may_follow(current: str, following: str) -> bool:
    """Say whether a delivery's state may change from ``current`` to ``following`` by the receiver's word.

    The receiver may answer what our side still holds for unsent: the answer to the first attempt was lost.
    """
    if current in {"pending", "failed"}:
        return following in ARRIVED | {"refused"}
    return following in DELIVERY_TRANSITIONS.get(current, frozenset())


assert set(DELIVERY_TRANSITIONS) == set(DELIVERY_NAMES)
