"""Pages of documents for tests: a decision and a letter of the State side, a notice of the Party side."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from handlers.documents.drafting import DraftPage, Recipient
from service.domain.document_profiles import profile_on
from service.domain.draft_content import clean_content

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ON = date(2026, 3, 2)
STATE, PARTY = profile_on("state", ON), profile_on("party", ON)
LONG = (
    "Các cơ quan, đơn vị thực hiện gửi, nhận văn bản điện tử có ký số trên hệ thống; không phát hành văn bản "
    "giấy khi đã gửi văn bản điện tử, trừ trường hợp pháp luật có quy định khác."
)

DECISION = DraftPage(
    form=STATE,
    kind=STATE.types["QĐ"],
    notation="/QĐ-UBND",
    body_name="Ủy ban nhân dân tỉnh Sông Hồng",
    superior_name="",
    place="Sông Hồng",
    subject="Ban hành Quy chế quản lý, vận hành Hệ thống quản lý văn bản và điều hành",
    capacity="KT",
    position="Phó Chủ tịch",
    signer_name="Đoàn Quang Vinh",
    urgency="normal",
    recipients=(
        Recipient("Văn phòng Chính phủ", "copy"),
        Recipient("Các sở, ban, ngành", "to"),
        Recipient("VT, NC", "file"),
    ),
    content=clean_content(
        {
            "decider": "Chủ tịch Ủy ban nhân dân tỉnh",
            "basis": ["Căn cứ Luật Tổ chức chính quyền địa phương;", "Theo đề nghị của Chánh Văn phòng."],
            "signing": {"collective": "Ủy ban nhân dân", "principal": "Chủ tịch"},
            "blocks": [
                {"kind": "article", "text": f"Ban hành kèm theo Quyết định này Quy chế. {LONG}"},
                {"kind": "article", "text": "Quyết định này có hiệu lực từ ngày 05 tháng 3 năm 2026."},
                {"kind": "article", "text": "Chánh Văn phòng chịu trách nhiệm thi hành Quyết định này."},
            ],
        },
    ),
    author="Văn phòng UBND tỉnh (mẫu)",
)

LETTER = replace(
    DECISION,
    kind=STATE.types["CV"],
    notation="/VP-NC",
    body_name="Văn phòng",
    superior_name="Ủy ban nhân dân tỉnh Sông Hồng",
    subject="tăng cường sử dụng văn bản điện tử và chữ ký số",
    capacity="",
    position="Chánh Văn phòng",
    signer_name="Lại Thị Nga",
    urgency="very_urgent",
    content=clean_content({"blocks": [{"kind": "clause", "text": LONG}] * 12}),
)

NOTICE = replace(
    DECISION,
    form=PARTY,
    kind=PARTY.types["TB"],
    notation="-TB/VPTU",
    body_name="Văn phòng Tỉnh ủy",
    superior_name="Tỉnh ủy Sông Hồng",
    subject="kết luận cuộc họp giao ban tháng 02/2026",
    position="Phó Chánh Văn phòng",
    signer_name="Lê Thị Hương",
    recipients=(Recipient("Các phòng", "to"), Recipient("Văn phòng Tỉnh ủy", "file")),
    content=clean_content(
        {
            "signing": {"principal": "Chánh Văn phòng"},
            "blocks": [
                {"kind": "heading", "level": 1, "label": "I-", "text": "Kết quả"},
                {"kind": "paragraph", "text": LONG},
                {"kind": "list", "items": ["Phòng Tổng hợp chủ trì.", "Các phòng phối hợp."]},
            ],
        },
    ),
)


def with_content(page: DraftPage, **changes: Any) -> DraftPage:
    """Return a page that says something else."""
    return replace(page, content=clean_content({**page.content, **changes}))


def text_of(pdf: bytes) -> str:
    """Return the words of a PDF, as another program reads them."""
    command = ["pdftotext", "-layout", "-", "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())
