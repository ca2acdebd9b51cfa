"""Metadata of a document: its fields, lengths and form (NĐ 30/2020 Phụ lục VI; S3-12.4), and what a file is.

Text is kept in Unicode NFC (TCVN 6909:2001, S1-7.2, S3-10.2). A file's type is read from its first bytes,
never from its name. PDF is demanded only where the law says so: a digitised paper (S1-4.2d2, S3-7.2d2).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from service.domain.content_policy import CATEGORY_NAMES, SECRECY_NAMES
from service.domain.errors import Finding

URGENCIES: Final = {
    "normal": ("Thường", "Normal"),
    "urgent": ("Khẩn", "Urgent"),
    "very_urgent": ("Thượng khẩn", "Very urgent"),
    "flash": ("Hỏa tốc", "Flash"),
}
CHANNELS: Final = {
    "paper": ("Văn bản giấy được số hóa", "Paper, digitised"),
    "upload": ("Tệp điện tử nhập trực tiếp", "Electronic file, entered directly"),
    "email": ("Thư điện tử công vụ", "Official e-mail"),
    "exchange": ("Trục liên thông văn bản", "Document exchange"),
}


@dataclass(frozen=True, slots=True)
class TextField:
    """A metadata field of text: its greatest length in characters and whether it must be given."""

    name: str
    vi: str
    en: str
    length: int
    is_required: bool = False


TEXT_FIELDS: Final = (
    TextField("type_name", "Tên loại văn bản", "Document type", 100, is_required=True),
    TextField("code_number", "Số văn bản", "Number", 11),
    TextField("code_notation", "Ký hiệu văn bản", "Notation", 30),
    TextField("organ_id", "Mã định danh cơ quan ban hành", "Identifier of the issuing body", 35),
    TextField("organ_name", "Cơ quan ban hành", "Issuing body", 200, is_required=True),
    TextField("subject", "Trích yếu nội dung", "Abstract", 500, is_required=True),
    TextField("language", "Ngôn ngữ", "Language", 30),
    TextField("description", "Ghi chú", "Note", 500),
    TextField("signer_position", "Chức vụ người ký", "Signer's position", 100),
    TextField("signer_name", "Họ tên người ký", "Signer's name", 50),
    TextField("to_places", "Nơi nhận", "Recipients", 1000),
    TextField("exchange_id", "Mã văn bản trên trục", "Exchange identifier", 200),
)
CHOICE_FIELDS: Final = {
    "urgency": ("Độ khẩn", "Urgency", URGENCIES, "normal"),
    "secrecy": ("Độ mật", "Secrecy", SECRECY_NAMES, "none"),
    "category": ("Nhóm nội dung", "Category", CATEGORY_NAMES, "general"),
}
EXCHANGE_REQUIRED: Final = (
    "organ_id",
    "code_number",
    "code_notation",
    "issued_on",
    "signer_name",
    "exchange_id",
)
"""Items of S3-12.4 that a packet of the exchange must carry besides the always required ones."""

MAX_PAGES: Final = 999
FILE_NAME_LENGTH: Final = 200

PDF: Final = "application/pdf"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN: Final = "application/vnd.oasis.opendocument."
ALLOWED_TYPES: Final = frozenset(
    {
        PDF,
        "image/png",
        "image/jpeg",
        "image/tiff",
        "text/plain",
        "application/x-ole-storage",
        f"{_OFFICE}wordprocessingml.document",
        f"{_OFFICE}spreadsheetml.sheet",
        f"{_OFFICE}presentationml.presentation",
        f"{_OPEN}text",
        f"{_OPEN}spreadsheet",
        f"{_OPEN}presentation",
    },
)
"""The types of files that may be stored (S4-3.3), as told from the content; everything else is refused."""


def clean_text(text: str) -> str:
    """Return ``text`` in NFC, without blanks at its ends and without invisible control characters."""
    kept = "".join(
        char
        for char in unicodedata.normalize("NFC", text)
        if char in "\n\t" or unicodedata.category(char) != "Cc"
    )
    return kept.strip()


def clean_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata with every text cleaned and defaults for the fields of fixed choice."""
    cleaned = {key: clean_text(value) if isinstance(value, str) else value for key, value in metadata.items()}
    for name, (_, _, _, default) in CHOICE_FIELDS.items():
        cleaned[name] = cleaned.get(name) or default
    return cleaned


def check_metadata(metadata: Mapping[str, Any], *, is_exchange: bool = False) -> list[Finding]:
    """Return what is wrong with cleaned metadata; pointers are into the metadata object."""
    findings = [finding for field in TEXT_FIELDS for finding in _check_text(metadata, field)]
    findings += [finding for name in CHOICE_FIELDS for finding in _check_choice(metadata, name)]
    findings += _check_date(metadata, "issued_on") + _check_date(metadata, "due_on")
    findings += _check_pages(metadata)
    if is_exchange:
        findings += [_required(name) for name in EXCHANGE_REQUIRED if not metadata.get(name)]
    return findings


def _check_text(metadata: Mapping[str, Any], field: TextField) -> Iterator[Finding]:
    value = metadata.get(field.name)
    pointer = f"/{field.name}"
    if value is None or value == "":
        if field.is_required:
            yield _required(field.name)
    elif not isinstance(value, str):
        yield Finding("metadata.type", f"{field.vi} phải là chữ.", f"{field.en} must be text.", pointer)
    elif len(value) > field.length:
        yield Finding(
            "metadata.too_long",
            f"{field.vi} dài {len(value)} ký tự, tối đa {field.length}.",
            f"{field.en} has {len(value)} characters, at most {field.length}.",
            pointer,
        )


def _check_choice(metadata: Mapping[str, Any], name: str) -> Iterator[Finding]:
    vi, en, choices, _ = CHOICE_FIELDS[name]
    if metadata.get(name) not in choices:
        yield Finding(
            "metadata.choice",
            f"{vi} phải là một trong: {', '.join(choices)}.",
            f"{en} must be one of: {', '.join(choices)}.",
            f"/{name}",
        )


def _check_date(metadata: Mapping[str, Any], name: str) -> list[Finding]:
    value = metadata.get(name)
    if value in (None, "") or isinstance(value, date):
        return []
    try:
        date.fromisoformat(str(value))
    except ValueError:
        vi, en = (
            "Ngày phải có dạng NĂM-THÁNG-NGÀY (2026-03-05).",
            "A date is written YEAR-MONTH-DAY (2026-03-05).",
        )
        return [Finding("metadata.date", vi, en, f"/{name}")]
    return []


def _check_pages(metadata: Mapping[str, Any]) -> list[Finding]:
    value = metadata.get("page_amount")
    if value is None or (type(value) is int and 0 < value <= MAX_PAGES):
        return []
    vi, en = f"Số trang phải từ 1 đến {MAX_PAGES}.", f"The number of pages lies between 1 and {MAX_PAGES}."
    return [Finding("metadata.pages", vi, en, "/page_amount")]


def _required(name: str) -> Finding:
    words = {field.name: (field.vi, field.en) for field in TEXT_FIELDS}
    vi, en = words.get(name, ("Ngày ban hành", "Date of issue"))
    return Finding("metadata.required", f"Thiếu: {vi}.", f"Missing: {en}.", f"/{name}")


def read_date(value: Any) -> date | None:
    """Return a date from ISO text, a date, or nothing; the text was checked before."""
    if value in (None, "") or isinstance(value, date):
        return value or None
    return date.fromisoformat(str(value))
