"""What an office file may hold before it is converted: no macros, nothing fetched from elsewhere, no bomb.

A DOCX is a package of parts (ECMA-376 part 2). What it links to outside itself could make the converter
fetch from an address that its author chose; links that a reader clicks are only text and may stay.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lxml import etree

from handlers.scanning.archives import UnpackLimits, UnpackRefused, check_unpacking
from service.domain.errors import Finding, InvalidInput

MOST_PARTS: Final = 3_000
MOST_UNPACKED_BYTES: Final = 300 * 1024**2
MOST_RATIO: Final = 200
"""How much smaller than its content a part may be packed; text packs about tenfold."""

_RATIO_FROM_BYTES: Final = 1024**2
_LIMITS: Final = UnpackLimits(MOST_UNPACKED_BYTES, ratio=MOST_RATIO, entries=MOST_PARTS)
_MOST_RELATIONS_BYTES: Final = 4 * 1024**2
_ACTIVE: Final = (
    "vbaproject.bin",
    "vbadata.xml",
    "activex/",
    "oleobject",
    "macrosheets/",
    "customui/",
)
_CLICKED: Final = "/hyperlink"


def check_office_file(path: Path) -> None:
    """Refuse a DOCX that is not safe to convert.

    Raises:
        InvalidInput: ``file.unsafe`` with a finding for each reason.
    """
    try:
        check_unpacking(path, _LIMITS)
        with zipfile.ZipFile(path) as archive:
            findings = list(_find(archive))
    except UnpackRefused as refusal:
        findings = [_refused(refusal.reason)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        findings = [_finding("file.broken", "Tệp hỏng, không mở được.", "The file is broken.")]
    if findings:
        vi, en = "Tệp soạn thảo không an toàn để chuyển sang PDF.", "The file is not safe to be converted."
        raise InvalidInput("file.unsafe", vi, en, findings)


def _find(archive: zipfile.ZipFile) -> Iterator[Finding]:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed_much = any(
        part.file_size > _RATIO_FROM_BYTES and part.file_size > MOST_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES or packed_much:
        yield _finding(
            "file.bomb", "Tệp nén bất thường (bom nén).", "The file unpacks to far more than it should."
        )
        return
    names = [part.filename.lower() for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        yield _finding("file.encrypted", "Tệp có mật khẩu.", "The file is locked with a password.")
    elif any(mark in name for name in names for mark in _ACTIVE):
        vi = "Tệp có macro hoặc đối tượng nhúng; hãy bỏ chúng rồi lưu lại."
        yield _finding("file.macros", vi, "The file has macros or embedded objects; remove them first.")
    else:
        yield from _find_links(archive, parts)


def _find_links(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> Iterator[Finding]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    for part in parts:
        if not part.filename.lower().endswith(".rels"):
            continue
        if part.file_size > _MOST_RELATIONS_BYTES:
            yield _finding("file.bomb", "Tệp có quá nhiều liên kết.", "The file has too many links.")
            return
        try:
            root = etree.fromstring(archive.read(part), parser)
        except etree.XMLSyntaxError:
            yield _finding("file.broken", "Tệp hỏng, không đọc được.", "The file is broken.")
            return
        if any(map(_fetches, root.iter("{*}Relationship"))):
            vi = "Tệp liên kết tới nội dung bên ngoài (ảnh, mẫu, khung); hãy nhúng vào tệp hoặc bỏ đi."
            en = "The file links to content outside (image, template, frame); embed or remove it."
            yield _finding("file.external_link", vi, en)
            return


def _fetches(relation: etree._Element) -> bool:
    kind = str(relation.get("Type", ""))
    return relation.get("TargetMode") == "External" and not kind.endswith(_CLICKED)


def _refused(reason: str) -> Finding:
    if reason == "encrypted":
        return _finding("file.encrypted", "Tệp có mật khẩu.", "The file is locked with a password.")
    if reason in {"broken", "method"}:
        return _finding("file.broken", "Tệp hỏng, không mở được.", "The file is broken.")
    return _finding(
        "file.bomb", "Tệp nén bất thường (bom nén).", "The file unpacks to far more than it should."
    )


def _finding(code: str, vi: str, en: str) -> Finding:
    return Finding(code, vi, en, "/file")
