"""Whether a PDF that others have signed may still be signed here, and a clear way out where it may not.

A later signature in a field of its own leaves earlier ones valid, unless one of them certifies the document
(DocMDP, ISO 32000-2 §12.8.2.2) or locks every field there may be (FieldMDP, §12.8.2.4). Text fields cannot be
added after a signature at all.
"""

from __future__ import annotations

from typing import Any, Final

from handlers.signing.pdf_objects import entry
from handlers.signing.revision import form_fields, is_signed, reading_pdf
from service.domain.errors import Conflict
from service.domain.signatures import SignatureLayout, SlotKind

_OURS: Final = (SlotKind.INITIALS, SlotKind.LEADER, SlotKind.SEAL, SlotKind.COPY)
_WAY_OUT_VI: Final = (
    "hãy xin bản chưa khóa, hoặc phát hành kèm tệp này làm phụ lục của một văn bản soạn trong hệ thống."
)
_WAY_OUT_EN: Final = "ask for an unlocked copy, or issue it as the annex of a document drafted here."


def require_room(writer: Any, layout: SignatureLayout) -> None:
    """Refuse a file with a form, or whose signatures leave no room for further ones.

    Raises:
        Conflict: ``signature.already_prepared`` or ``signature.locked_by_others``.
    """
    with reading_pdf():
        fields = form_fields(writer)
        is_form = "/XFA" in (entry(writer.root, "/AcroForm") or ())
        is_foreign = all(one.get("/FT") == "/Sig" and is_signed(one) for one in fields.values())
        has_ours = any(kind.owns(name) for kind in _OURS for name in fields) or layout.names() & fields.keys()
        is_locked = _is_certified(writer) or any(_locks_all(one) for one in fields.values())
    if is_form or not fields or not is_foreign or has_ours:
        vi = "Tệp đã có biểu mẫu, ô ký hoặc chữ ký; hãy tạo lại tệp PDF từ dự thảo."
        raise Conflict("signature.already_prepared", vi, "The file already has form fields or signatures.")
    if is_locked:
        vi = f"Chữ ký của bên khác đã khóa tệp, không ký thêm được; {_WAY_OUT_VI}"
        en = f"A signature of others locks the file, so nothing can be added; {_WAY_OUT_EN}"
        raise Conflict("signature.locked_by_others", vi, en)


def _is_certified(writer: Any) -> bool:
    """Say whether a signature certifies the document; its author then decides what may follow, not we."""
    permissions = entry(writer.root, "/Perms")
    return permissions is not None and "/DocMDP" in permissions


def _locks_all(form_field: Any) -> bool:
    """Say whether a signed field locks fields that do not exist yet."""
    signature = entry(form_field, "/V") or {}
    references = entry(signature, "/Reference") or ()
    methods = [one.get_object() if hasattr(one, "get_object") else one for one in references]
    found = [one for one in methods if one.get("/TransformMethod") == "/FieldMDP"]
    rules = [entry(one, "/TransformParams") or {} for one in found]
    return any(str(rule.get("/Action", "/All")) in {"/All", "/Exclude"} for rule in rules)
