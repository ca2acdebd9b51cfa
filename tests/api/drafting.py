"""What tests of drafts share: a draft's fields, and beginning one without a process."""

from __future__ import annotations

from typing import Any

from tests.api.callers import Caller

PATH = "/api/v1/drafts"


def fields(**changes: Any) -> dict[str, Any]:
    """Return the JSON of a draft of the Party office's notice."""
    return {
        "issuing_body": "vptu",
        "type_code": "TB",
        "subject": "kết luận cuộc họp giao ban tháng 3/2026",
        "signer": "phochanhvp",
        "capacity": "KT",
        "recipients": [
            {"kind": "unit", "unit": "tong_hop"},
            {"kind": "partner", "organ_id": "A01.10.00"},
            {"kind": "place", "name": "Văn phòng Tỉnh ủy", "purpose": "file"},
        ],
        "content": {
            "signing": {"principal": "Chánh Văn phòng"},
            "blocks": [
                {"kind": "paragraph", "text": "Văn phòng Tỉnh ủy thông báo kết luận như sau:"},
                {"kind": "clause", "text": "Phòng Tổng hợp chủ trì theo dõi."},
            ],
        },
        "is_attested": True,
        "start": False,
        **changes,
    }


def begin(caller: Caller, **changes: Any) -> str:
    """Begin a draft and return the id of its document."""
    answer = caller.post(PATH, fields(**changes))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.json["document_id"])


def rewrite(**changes: Any) -> dict[str, Any]:
    """Return the JSON of a change of that draft."""
    given = fields(**changes)
    return {"why": "sửa câu chữ", **{k: v for k, v in given.items() if k not in {"issuing_body", "start"}}}
