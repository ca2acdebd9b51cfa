"""Taking data out of the house as a file: only onto safe storage devices, warned of and on record (S1-8.3).

Each agency says what happens before: ``warn`` lets the file go with the rule told beside it, ``confirm``
keeps it until whoever asks has said that they know the rule. Either way the audit tells who took what.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast
from uuid import UUID

from sqlalchemy import select

from service.domain.errors import PreconditionRequired
from service.storage.models import Agency, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

ExportRule = Literal["warn", "confirm"]
EXPORT_RULES: Final[tuple[ExportRule, ...]] = ("warn", "confirm")

RULE_VI: Final = (
    "Dữ liệu lấy ra khỏi phần mềm chỉ được sao chép bằng thiết bị lưu trữ an toàn"
    " do Ban Cơ yếu Chính phủ cung cấp (DC-02, USB-AV…);"
    " không soạn thảo văn bản có nội dung bí mật nhà nước trên máy tính này."
)
RULE_EN: Final = (
    "Data taken out is copied only onto safe storage devices"
    " of the Government Cipher Committee (DC-02, USB-AV…);"
    " nothing that holds state secrets is drafted on this computer."
)
CONFIRM_WITH: Final = "X-Export-Confirmed"
"""The header by which a caller says that they know the rule; its value is ``yes``."""

_AGENCY: Final = table_of(Agency)


def export_rule(unit: UnitOfWork) -> ExportRule:
    """Return what the actor's agency wants before data is taken out."""
    found = unit.session.execute(select(_AGENCY.c.export_rule).where(_AGENCY.c.id == unit.actor.agency_id))
    return cast("ExportRule", found.scalar_one())


def check_export(unit: UnitOfWork, *, is_confirmed: bool) -> None:
    """Refuse to hand data out while the agency wants the rule confirmed first and it is not.

    Raises:
        PreconditionRequired: ``export.unconfirmed``, with the rule and how to confirm it.
    """
    if is_confirmed or export_rule(unit) == "warn":
        return
    vi = f"{RULE_VI} Hãy xác nhận để tiếp tục."
    en = f"{RULE_EN} Confirm it to go on."
    raise PreconditionRequired("export.unconfirmed", vi, en, extra={"confirm_with": {CONFIRM_WITH: "yes"}})


def note_export(unit: UnitOfWork, what: str, object_id: UUID | None, facts: Mapping[str, Any]) -> None:
    """Put on record that the actor took data out as a file.

    Args:
        unit: of who took it.
        what: people, rights, register, document, draft, slip or note.
        object_id: of what it belongs to, None for a list.
        facts: how much: ``count`` of lines or files, ``bytes``; ``file_name``; ``is_confirmed``.
    """
    unit.audit(AuditRecord("data.exported", what, object_id, facts))
