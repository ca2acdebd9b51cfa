"""What the answers about a signature mean, in words for the clerk: four questions, never one tick.

Whether the signed bytes are whole, whether a trusted authority vouches for the signer, whether
the certificate was withdrawn, and what happened to the file afterwards are different questions (S0-6.1b).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_Texts = Mapping[str, tuple[bool | None, str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: ``is_good`` is None where it cannot be told."""

    value: str
    is_good: bool | None
    vi: str
    en: str


QUESTIONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "integrity": ("Toàn vẹn", "Integrity"),
        "trust": ("Tin cậy", "Trust"),
        "revocation": ("Thu hồi chứng thư", "Revocation"),
        "later_changes": ("Thay đổi sau khi ký", "Later changes"),
    },
)
_INTEGRITY: Final[_Texts] = {
    "intact": (True, "Nội dung đã ký còn nguyên vẹn.", "What was signed is whole."),
    "broken": (
        False,
        "Nội dung đã ký bị sửa hoặc chữ ký sai.",
        "What was signed was altered, or the signature is wrong.",
    ),
}
_TRUST: Final[_Texts] = {
    "trusted": (
        True,
        "Chứng thư số do tổ chức được tin cậy cấp.",
        "A trusted authority vouches for the certificate.",
    ),
    "untrusted": (
        False,
        "Không tổ chức được tin cậy nào bảo đảm cho chứng thư số này.",
        "No trusted authority vouches for the certificate.",
    ),
}
_REVOCATION: Final[_Texts] = {
    "good": (True, "Chứng thư số chưa bị thu hồi.", "The certificate is not revoked."),
    "revoked": (False, "Chứng thư số đã bị thu hồi.", "The certificate is revoked."),
    "unknown": (
        None,
        "Không có danh sách thu hồi còn hiệu lực nên chưa biết.",
        "No revocation list in force says, so it is not known.",
    ),
}
_LATER_CHANGES: Final[_Texts] = {
    "none": (True, "Không có gì thêm vào sau chữ ký này.", "Nothing was added after this signature."),
    "extended": (
        True,
        "Sau đó chỉ thêm bằng chứng lâu dài cho chữ ký.",
        "Only long-term proof was added afterwards.",
    ),
    "permitted": (
        True,
        "Sau đó chỉ điền các ô mà chữ ký này để mở.",
        "Only fields that this signature leaves open were filled afterwards.",
    ),
    "forbidden": (
        False,
        "Tệp bị thay đổi sau khi ký, ngoài những gì chữ ký cho phép.",
        "The file was changed afterwards beyond what the signature allows.",
    ),
}
_VERDICTS: Final[_Texts] = {
    "valid": (True, "Mọi chữ ký hợp lệ.", "Every signature is valid."),
    "invalid": (False, "Có chữ ký không hợp lệ.", "A signature is not valid."),
    "indeterminate": (None, "Chưa kết luận được.", "It cannot be told."),
    "unsigned": (None, "Tệp không có chữ ký số.", "The file has no digital signature."),
    "encrypted": (
        False,
        "Tệp bị mã hóa, không kiểm tra được.",
        "The file is encrypted and cannot be checked.",
    ),
    "unreadable": (
        False,
        "Tệp hỏng hoặc vượt giới hạn kiểm tra.",
        "The file is broken or beyond the limits of the check.",
    ),
    "not_a_pdf": (None, "Tệp không phải PDF nên không kiểm tra chữ ký.", "No PDF, so nothing is checked."),
    "not_checked": (None, "Tệp chưa được kiểm tra chữ ký.", "The file's signatures have not been checked."),
}
_REASONS: Final[_Texts] = {
    "broken": (False, "Nội dung đã ký bị sửa.", "What was signed was altered."),
    "changed_after_signing": (False, "Tệp bị thay đổi sau khi ký.", "The file was changed after signing."),
    "not_covered_to_the_end": (
        False,
        "Chữ ký cuối không bao trùm hết tệp.",
        "The last signature does not cover the file to its end.",
    ),
    "painted_unsigned_field": (
        False,
        "Có ô ký chưa ký mà hiện hình, có thể che nội dung.",
        "An unsigned field draws something that may cover the text.",
    ),
    "revoked": (False, "Có chứng thư số đã bị thu hồi.", "A certificate is revoked."),
    "untrusted": (False, "Có chứng thư số không được tin cậy.", "A certificate is not trusted."),
    "revocation_unknown": (None, "Chưa biết chứng thư có bị thu hồi không.", "Revocation is not known."),
    "no_trust_anchor": (
        None,
        "Hệ thống chưa có chứng thư gốc được tin cậy.",
        "The house trusts no root certificate yet.",
    ),
    "too_many_signatures": (False, "Tệp có quá nhiều chữ ký.", "The file has too many signatures."),
    "encrypted": (False, "Tệp bị mã hóa.", "The file is encrypted."),
    "not_a_pdf": (None, "Tệp không phải PDF.", "The file is no PDF."),
}
_CANNOT: Final = (
    False,
    "Không kiểm tra được tệp trong giới hạn cho phép.",
    "The file broke the limits of the check.",
)


def integrity(value: str) -> Answer:
    """Return the answer to: are the signed bytes whole?"""
    return _answer(_INTEGRITY, value)


def trust(value: str) -> Answer:
    """Return the answer to: does a trusted authority vouch for the signer?"""
    return _answer(_TRUST, value)


def revocation(value: str) -> Answer:
    """Return the answer to: was the certificate withdrawn?"""
    return _answer(_REVOCATION, value)


def later_changes(value: str) -> Answer:
    """Return the answer to: what happened to the file after this signature?"""
    return _answer(_LATER_CHANGES, value)


def verdict(value: str) -> Answer:
    """Return what a file's signatures come to."""
    return _answer(_VERDICTS, value)


def reason(value: str) -> Answer:
    """Return why a file is not simply valid."""
    return _answer(_REASONS, value)


def _answer(texts: _Texts, value: str) -> Answer:
    return Answer(value, *texts.get(value, _CANNOT))
