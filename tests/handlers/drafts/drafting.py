"""Drafts for tests of their service tasks."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from handlers.contract import HandlerContext
from handlers.registry import by_operation
from service.actions.draft_rows import DraftFacts
from service.actions.drafts import create_draft
from tests.processes.desk import PARTNER, SPECIALIST, Desk

FACTS: dict[str, Any] = {
    "type_code": "TB",
    "subject": "kết luận của đồng chí Chánh Văn phòng tại cuộc họp giao ban tháng 3/2026",
    "signer": "phochanhvp",
    "capacity": "KT",
    "recipients": [
        {"kind": "unit", "unit": "tong_hop"},
        {"kind": "partner", "organ_id": PARTNER},
        {"kind": "place", "name": "Văn phòng Tỉnh ủy", "purpose": "file"},
    ],
    "content": {
        "signing": {"principal": "Chánh Văn phòng"},
        "blocks": [
            {"kind": "paragraph", "text": "Văn phòng Tỉnh ủy thông báo kết luận như sau:"},
            {"kind": "clause", "text": "Phòng Tổng hợp chủ trì theo dõi, đôn đốc, báo cáo hằng tuần."},
            {"kind": "clause", "text": "Phòng Hành chính - Quản trị phối hợp thực hiện."},
        ],
    },
    "is_attested": True,
}


def begin(desk: Desk, login: str = SPECIALIST, body: str = "vptu", **changes: Any) -> UUID:
    """Let a person begin a draft without a process and return its document's id."""
    facts = DraftFacts(**{**FACTS, **changes})
    drafted = desk.do(login, lambda unit: create_draft(desk.engine, unit, body, facts, starts=False))
    return drafted.document_id


def run(desk: Desk, operation: str, document_id: Any, key: UUID | None = None, **params: Any) -> Any:
    """Carry a service task out as the system and return its result."""
    calling = key or uuid4()

    def call(unit: Any) -> Any:
        context = HandlerContext(
            unit=unit,
            instance_id=uuid4(),
            element_id="step",
            business_key=str(document_id),
            idempotency_key=calling,
            resources=desk.engine.resources.handler_resources,
        )
        return by_operation()[operation]({"document_id": str(document_id)} | params, context)

    return desk.do(None, call)


def content_of(desk: Desk, sha256: str) -> bytes:
    """Return a stored file."""
    return desk.runtime.blobs.path_of(bytes.fromhex(sha256)).read_bytes()
