"""Names of files: safe to keep, safe in a header, still readable in Vietnamese."""

from __future__ import annotations

import unicodedata

import pytest

from service.storage.file_names import LONGEST_NAME, clean_name, content_disposition

NAMES = {
    "Công văn số 12-CV/TU.pdf": "TU.pdf",
    "../../etc/passwd": "passwd",
    "C:\\Users\\lan\\Tờ trình.docx": "Tờ trình.docx",
    "a\r\nSet-Cookie: x=1.pdf": "aSet-Cookie_ x=1.pdf",
    "hop\u202efdp.exe": "hopfdp.exe",
    'quote".pdf': "quote_.pdf",
    "  nhiều   khoảng trắng .pdf": "nhiều khoảng trắng .pdf",
    "": "tai-lieu",
    "...": "tai-lieu",
    "\x00\x01": "tai-lieu",
    "CON.txt": "_CON.txt",
    "console.txt": "console.txt",
}


@pytest.mark.parametrize(("given", "kept"), NAMES.items(), ids=range(len(NAMES)))
def test_a_name_is_cleaned(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_name_is_brought_to_nfc() -> None:
    decomposed = unicodedata.normalize("NFD", "Nghị quyết.pdf")
    assert clean_name(decomposed) == "Nghị quyết.pdf"


def test_a_long_name_keeps_its_extension() -> None:
    shortened = clean_name("ơ" * 300 + ".pdf")
    assert len(shortened) == LONGEST_NAME
    assert shortened.endswith("ơ.pdf")
    assert len(clean_name("x" * 300)) == LONGEST_NAME
    assert len(clean_name("a." + "x" * 300)) == LONGEST_NAME


def test_a_download_name_has_both_forms_of_rfc_6266() -> None:
    header = content_disposition("Đề án “mới”.pdf")
    assert header == (
        "attachment; filename=\"De an moi.pdf\"; filename*=UTF-8''"
        "%C4%90%E1%BB%81%20%C3%A1n%20%E2%80%9Cm%E1%BB%9Bi%E2%80%9D.pdf"
    )
    assert content_disposition("a.pdf", is_inline=True).startswith("inline; ")


def test_a_header_cannot_be_split_or_closed_early() -> None:
    header = content_disposition('a"; filename=b.exe\r\nX: y')
    assert "\r" not in header
    assert "\n" not in header
    assert header.count('"') == 2
