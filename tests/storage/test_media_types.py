"""Media types: told from the content, whatever the name says."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from service.storage import media_types
from service.storage.media_types import directory_bytes, sniff

HEADS = {
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n": media_types.PDF,
    b"\x00" * 100 + b"%PDF-1.4\n": media_types.PDF,
    b"\x89PNG\r\n\x1a\n\x00\x00": media_types.PNG,
    b"\xff\xd8\xff\xe0\x00\x10JFIF": media_types.JPEG,
    b"II*\x00\x08\x00": media_types.TIFF,
    b"MM\x00*\x00\x08": media_types.TIFF,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 50: media_types.OLD_OFFICE,
    b'<?xml version="1.0"?><a/>': media_types.XML,
    b'\xef\xbb\xbf<?xml version="1.0"?><a/>': media_types.XML,
    "Kính gửi: các đồng chí".encode(): media_types.TEXT,
    b"<html><script>alert(1)</script>": media_types.TEXT,
    b"MZ\x90\x00\x03\x00": media_types.UNKNOWN,
    b"\x7fELF\x02\x01": media_types.UNKNOWN,
    b"": media_types.UNKNOWN,
    b"text with \x00 in it": media_types.UNKNOWN,
    b"\xff\xfe\x00broken": media_types.UNKNOWN,
    b"PK\x03\x04 but no archive": media_types.UNKNOWN,
}


@pytest.mark.parametrize(("content", "media_type"), HEADS.items(), ids=range(len(HEADS)))
def test_a_file_is_what_it_begins_with(tmp_path: Path, content: bytes, media_type: str) -> None:
    path = tmp_path / "cong-van.pdf"
    path.write_bytes(content)
    assert sniff(path) == media_type


def _archive(
    path: Path, *names: str, mimetype: str | None = None, compression: int = zipfile.ZIP_STORED
) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        if mimetype is not None:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "x")
    return path


@pytest.mark.parametrize(
    ("member", "media_type"),
    [
        ("word/document.xml", media_types.DOCX),
        ("xl/workbook.xml", media_types.XLSX),
        ("ppt/presentation.xml", media_types.PPTX),
        ("other.xml", media_types.ZIP),
    ],
)
def test_office_files_are_told_by_their_main_part(tmp_path: Path, member: str, media_type: str) -> None:
    assert sniff(_archive(tmp_path / "a", "[Content_Types].xml", member)) == media_type


def test_an_archive_with_an_office_part_but_no_content_types_is_an_archive(tmp_path: Path) -> None:
    assert sniff(_archive(tmp_path / "a", "word/document.xml")) == media_types.ZIP


@pytest.mark.parametrize(
    ("declared", "media_type"),
    [
        ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
        ("application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"),
        ("text/html", media_types.ZIP),
        ("application/vnd.oasis.opendocument.text\r\nX-Evil: 1", media_types.ZIP),
        ("application/vnd.oasis.opendocument." + "x" * 200, media_types.ZIP),
    ],
)
def test_open_documents_declare_themselves(tmp_path: Path, declared: str, media_type: str) -> None:
    assert sniff(_archive(tmp_path / "a", "content.xml", mimetype=declared)) == media_type


def test_a_compressed_declaration_is_not_unpacked(tmp_path: Path) -> None:
    declared = "application/vnd.oasis.opendocument.text"
    path = _archive(tmp_path / "a", mimetype=declared, compression=zipfile.ZIP_DEFLATED)
    assert sniff(path) == media_types.ZIP


def test_long_text_cut_within_a_letter_is_still_text(tmp_path: Path) -> None:
    for shift in range(3):
        path = tmp_path / "a"
        path.write_bytes(b"a" * shift + "ế".encode() * 5000)
        assert sniff(path) == media_types.TEXT


@pytest.mark.parametrize("is_large", [False, True])
def test_an_archive_whose_directory_alone_would_fill_the_memory_is_not_listed(tmp_path, is_large):
    """A few hundred thousand entries without content: seconds and hundreds of megabytes for whoever lists them."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *[20] * 2, *[0] * 4, *[0] * 3, 1, *[0] * 4, *[0] * 2)
    entries = (entry + b"a") * 100_000
    large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(entries), 30)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 30 + len(entries), 1)
    told = 0xFFFFFFFF if is_large else len(entries)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, told, 30, 0)
    path = tmp_path / "many.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(26) + entries + (large + locator if is_large else b"") + end)
    with path.open("rb") as file:
        assert directory_bytes(file) >= len(entries)
    assert sniff(path) == "application/octet-stream"
