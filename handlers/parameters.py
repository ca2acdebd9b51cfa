"""Parameters that many operations share."""

from __future__ import annotations

from typing import Final

from handlers.contract import Parameter

DOCUMENT_ID: Final = Parameter("document_id", True, "Mã văn bản trong hệ thống.", "Id of the document.")
RECIPIENTS: Final = Parameter(
    "recipients",
    True,
    "Người, vai trò hoặc đơn vị nhận (user:, role:, unit:).",
    "References of the people, roles or units that receive it.",
)
REASON: Final = Parameter("reason", False, "Lý do.", "Why.")
NOTE: Final = Parameter("note", False, "Nội dung ghi lại.", "Words to record.")
