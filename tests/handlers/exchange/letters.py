"""Letters, files and packages for tests of the exchange."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from handlers.exchange.edxml_writer import FileContent, letter_envelope, status_envelope, write_package
from service.domain.edxml import (
    AttachmentNote,
    Business,
    DocumentReference,
    Letter,
    Organ,
    Staff,
    StatusLetter,
    TraceLine,
)
from tests.pdf_files import plain_pdf

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LETTER = Letter(
    sender=Organ("A01.02.00", "Ban Tổ chức Tỉnh ủy (mẫu)", "Tỉnh ủy", "Số 1", "btc@vd.vn", "0203", "0204"),
    receivers=(Organ("A01.01.00", "Văn phòng Tỉnh ủy (mẫu)"),),
    document_id="A01.02.00,2026/02/27,05-TB/BTC",
    code_number="05",
    code_notation="TB/BTC",
    place="Hạ Long",
    promulgated_on=date(2026, 2, 27),
    type_code=18,
    type_name="Thông báo",
    subject="Thông báo kết luận & “ý kiến” <về> công tác cán bộ",
    content="Nội dung",
    signer_competence="KT.",
    signer_position="Phó Trưởng ban",
    signer_name="Nguyễn Văn An",
    due_on=date(2026, 3, 20),
    to_places=("Như trên", "Lưu VT"),
    priority=1,
    sphere="Tổ chức",
    typist="NVA",
    copies=2,
    pages=3,
    direction="đi",
    appendixes=("Phụ lục I",),
    responses=(DocumentReference("A01.01.00", "12-CV/VPTU", date(2026, 1, 5), "A01.01.00,2026/01/05,12"),),
    steering=1,
    business=Business(staff=Staff("Phòng TH", "Lê Lan", "09", "lan@vd.vn"), has_paper=True),
    trace=(TraceLine("A01.02.00", AT),),
)
STATUS = StatusLetter(
    sender=Organ("A01.02.00", "Ban Tổ chức Tỉnh ủy (mẫu)"),
    about=DocumentReference("A01.01.00", "12-CV/VPTU", date(2026, 1, 5), "A01.01.00,2026/01/05,12"),
    code="03",
    description="Đã tiếp nhận",
    at=AT,
    staff=Staff(name="Lê Lan"),
)


def file_content(
    name: str = "van-ban.pdf", content: bytes | None = None, content_id: str = "f1"
) -> FileContent:
    """Return a file to be packed."""
    data = plain_pdf() if content is None else content
    note = AttachmentNote(content_id, name, "application/pdf", name, hashlib.sha256(data).digest())
    return FileContent(note, lambda: io.BytesIO(data))


def envelope_of(files: Sequence[FileContent] | None = None, **changes: Any) -> Any:
    """Return the unsigned envelope of the letter with these files."""
    packed = [file_content()] if files is None else list(files)
    letter = replace(LETTER, attachments=tuple(file.note for file in packed), **changes)
    return letter_envelope(letter)


def package(files: Sequence[FileContent] | None = None, envelope: Any = None, **changes: Any) -> bytes:
    """Return the bytes of a package; an envelope that was signed may be given."""
    packed = [file_content()] if files is None else list(files)
    made = envelope_of(packed, **changes) if envelope is None else envelope
    return b"".join(write_package(made, packed))


def status_package(**changes: Any) -> bytes:
    """Return the bytes of a status message."""
    return b"".join(write_package(status_envelope(replace(STATUS, **changes))))
