"""DOCX files for tests, part by part."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO

TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def paragraph(text: str, *, bold: bool = False, align: str = "left") -> str:
    """Return a paragraph of 14 points in Times New Roman."""
    style = '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:cs="Times New Roman"/><w:sz w:val="28"/>'
    weight = "<w:b/>" if bold else ""
    run = f'<w:r><w:rPr>{style}{weight}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'
    return f'<w:p><w:pPr><w:jc w:val="{align}"/></w:pPr>{run}</w:p>'


def docx(
    paragraphs: Sequence[str] = ("Nội dung",),
    *,
    body: str | None = None,
    relations: str = "",
    more: dict[str, bytes] | None = None,
) -> bytes:
    """Return a DOCX of A4 paper with the margins of the form."""
    inner = body if body is not None else "".join(map(paragraph, paragraphs))
    page = (
        '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1134" w:bottom="1134" w:left="1701" w:right="851" w:header="567" w:footer="567" w:gutter="0"/>'
        "</w:sectPr>"
    )
    parts = {
        "[Content_Types].xml": TYPES.encode(),
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" Type="{RELATIONS}/officeDocument" '
            'Target="word/document.xml"/></Relationships>'
        ).encode(),
        "word/document.xml": f'<w:document xmlns:w="{_WORDS}"><w:body>{inner}{page}</w:body></w:document>'.encode(),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>'.encode(),
        **(more or {}),
    }
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def external(kind: str, target: str = "http://example.test/x") -> str:
    """Return a relation that points outside the file."""
    return f'<Relationship Id="r9" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="External"/>'


def letter(lines: Sequence[str]) -> bytes:
    """Return a letter of the State side as offices write it: tables for heading and signature."""
    centred = {"align": "center"}
    motto = paragraph("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, **centred).replace('"28"', '"25"')
    heading = _table(
        [
            paragraph("ỦY BAN NHÂN DÂN TỈNH", **centred),
            paragraph("VĂN PHÒNG", bold=True, **centred),
            paragraph("Số:          /VP-NC", **centred),
            paragraph("V/v sử dụng văn bản điện tử", **centred),
        ],
        [
            motto,
            paragraph("Độc lập - Tự do - Hạnh phúc", bold=True, **centred),
            paragraph("Sông Hồng, ngày       tháng       năm 2026", **centred),
        ],
    )
    room = [paragraph("")] * 4
    closing = _table(
        [paragraph("Nơi nhận:"), paragraph("- Như trên;"), paragraph("- Lưu: VT, NC.")],
        [
            paragraph("CHÁNH VĂN PHÒNG", bold=True, **centred),
            *room,
            paragraph("Lại Thị Nga", bold=True, **centred),
        ],
    )
    text = [
        paragraph("Kính gửi: Các sở, ban, ngành.", **centred),
        *(paragraph(line, align="both") for line in lines),
    ]
    return docx(body=heading + "".join(text) + closing)


def _table(left: Sequence[str], right: Sequence[str]) -> str:
    cells = ((3800, left), (5700, right))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width, _ in cells)
    row = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{"".join(inner)}</w:tc>'
        for width, inner in cells
    )
    style = '<w:tblPr><w:tblW w:w="9500" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>'
    return f"<w:tbl>{style}<w:tblGrid>{grid}</w:tblGrid><w:tr>{row}</w:tr></w:tbl>"
