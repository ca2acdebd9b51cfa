"""What a deployment may hold: the network zone against secrecy, category and the no-copy mark.

The regulations differ: S0 admits Mật and Tối mật on the Party's wide-area network with a solution of the
cipher branch, S1, S2, S3 and S4 forbid every state secret. The zone decides, and it comes from the site's
settings file. The same rules stand as a decision table beside the process (``content_policy.dmn``); a test
holds the two together. This one guards the store, before any byte of a file is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Zone = Literal["internet", "wan", "standalone"]
Secrecy = Literal["none", "confidential", "secret", "top_secret"]
Category = Literal["general", "petition", "internal_politics", "personnel", "harmful", "sensitive"]
PolicyDecision = Literal["allowed", "abstract_only", "refuse"]

SECRECY_NAMES: Final = {
    "none": ("Không mật", "Not secret"),
    "confidential": ("Mật", "Confidential"),
    "secret": ("Tối mật", "Secret"),
    "top_secret": ("Tuyệt mật", "Top secret"),
}
CATEGORY_NAMES: Final = {
    "general": ("Thông thường", "General"),
    "petition": ("Đơn thư khiếu nại, tố cáo", "Complaint or denunciation"),
    "internal_politics": (
        "Dân tộc, tôn giáo, đối ngoại, quốc phòng, bảo vệ chính trị nội bộ chưa công khai",
        "Ethnic, religious, foreign, defence or internal protection matter, not public",
    ),
    "personnel": ("Nhân sự, hồ sơ đảng viên", "Personnel or member files"),
    "harmful": ("Nội dung xấu, độc hại", "Harmful content"),
    "sensitive": ("Không mật nhưng nhạy cảm", "Not secret but sensitive"),
}
EXCLUDED_CATEGORIES: Final = {
    "petition": "S3-11.1a S4-3.2",
    "internal_politics": "S3-11.1b",
    "personnel": "S3-11.1b",
    "harmful": "S3-11.1c S1-8.2",
    "sensitive": "S1-6.1",
}
"""Categories that are not exchanged over a network, with the clause that says so."""


NOT_ENTERED: Final[Mapping[Zone, Mapping[Category, str]]] = {
    "internet": {"petition": "S4-3.2", "harmful": "S4-3.2 S1-8.2"},
    "wan": {"harmful": "S1-8.2"},
    "standalone": {"harmful": "S1-8.2"},
}
"""Categories that nobody enters by hand or attaches either, by zone, with the clause."""


@dataclass(frozen=True, slots=True)
class ContentFacts:
    """What the policy looks at; ``has_cipher`` = the site has a solution of the cipher branch (Cơ yếu)."""

    zone: Zone
    secrecy: Secrecy
    category: Category = "general"
    is_no_copy: bool = False
    is_exchange: bool = False
    has_cipher: bool = False


@dataclass(frozen=True, slots=True)
class PolicyAnswer:
    """What may be kept, and the clause behind it.

    Attributes:
        decision: ``allowed``: metadata and files; ``abstract_only``: no files; ``refuse``: nothing.
        clause: clause ids separated by spaces.
        reason_vi: for the user, Vietnamese.
        reason_en: for the user, English.
    """

    decision: PolicyDecision
    clause: str
    reason_vi: str
    reason_en: str


_ALLOWED: Final = PolicyAnswer("allowed", "S0-4.4", "Được phép xử lý trên mạng này.", "May be handled here.")
_NO_SECRETS: Final = PolicyAnswer(
    "refuse",
    "S0-4.4 S1-1 S1-3.1 S2-3.3 S3-1.2 S4-3.2",
    "Hệ thống trên mạng Internet không được chứa bí mật nhà nước, kể cả trích yếu.",
    "A system on the Internet must hold no state secret, not even its abstract.",
)
_NO_CIPHER: Final = PolicyAnswer(
    "refuse",
    "S0-4.5 S0-6.6",
    "Văn bản Mật, Tối mật chỉ được nhập khi có giải pháp bảo mật của ngành Cơ yếu.",
    "Confidential and secret documents need a solution of the cipher branch.",
)
_CIPHER: Final = PolicyAnswer(
    "allowed",
    "S0-4.5 S0-6.6",
    "Được phép với giải pháp bảo mật của ngành Cơ yếu.",
    "Allowed with the solution of the cipher branch.",
)
_CIPHER_NETWORK: Final = PolicyAnswer(
    "refuse",
    "S0-4.5",
    "Văn bản Tuyệt mật chỉ được gửi, nhận qua mạng liên lạc cơ yếu.",
    "A top-secret document travels by the cipher network only.",
)
_NOT_PUBLIC: Final = PolicyAnswer(
    "refuse",
    "S0-5.3",
    "Văn bản có độ mật không được công khai.",
    "A secret document is not made public.",
)
_ABSTRACT: Final = PolicyAnswer(
    "abstract_only",
    "S0-6.6",
    "Chỉ nhập trích yếu, không số hoá gắn tệp vào phần mềm.",
    "Enter the abstract only; attach no digitised file.",
)


def decide_content(facts: ContentFacts) -> PolicyAnswer:
    """Return what may be kept of a document with these marks in this zone."""
    if facts.secrecy != "none":
        return _decide_secret(facts)
    if facts.is_exchange and facts.category in EXCLUDED_CATEGORIES:
        name_vi, name_en = CATEGORY_NAMES[facts.category]
        return PolicyAnswer(
            "refuse",
            EXCLUDED_CATEGORIES[facts.category],
            f"Loại nội dung này không được gửi, nhận qua mạng: {name_vi}.",
            f"This kind of content is not exchanged over the network: {name_en}.",
        )
    return _ABSTRACT if facts.is_no_copy else _ALLOWED


def decide_entry(facts: ContentFacts) -> PolicyAnswer:
    """Return what may be kept of what a person brings in: as :func:`decide_content`, and no excluded kind."""
    answer = decide_content(facts)
    clause = NOT_ENTERED[facts.zone].get(facts.category)
    if answer.decision == "refuse" or clause is None:
        return answer
    name_vi, name_en = CATEGORY_NAMES[facts.category]
    return PolicyAnswer(
        "refuse",
        clause,
        f"Loại nội dung này không được đưa vào hệ thống: {name_vi}.",
        f"This kind of content is not entered here: {name_en}.",
    )


def decide_publication(secrecy: Secrecy, category: Category) -> PolicyAnswer:
    """Return whether a document may be opened to everyone of the agency (S0-5.3)."""
    if secrecy != "none":
        return _NOT_PUBLIC
    if category in EXCLUDED_CATEGORIES:
        name_vi, name_en = CATEGORY_NAMES[category]
        return PolicyAnswer(
            "refuse",
            EXCLUDED_CATEGORIES[category],
            f"Loại nội dung này không được công khai: {name_vi}.",
            f"This kind of content is not made public: {name_en}.",
        )
    return _ALLOWED


def _decide_secret(facts: ContentFacts) -> PolicyAnswer:
    if facts.zone == "internet":
        return _NO_SECRETS
    if facts.secrecy == "top_secret":
        return _CIPHER_NETWORK if facts.is_exchange else _ABSTRACT
    if not facts.has_cipher:
        return _NO_CIPHER
    return _ABSTRACT if facts.is_no_copy else _CIPHER
