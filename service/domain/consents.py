"""A person's consent to one signature: which acts there are, how they are signed, how long a consent lasts.

No diagram signs in a person's name by itself. The person agrees, in their own session and with their second
factor, to one act on one exact file; a service task may then carry that out once, for ten minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Literal

from service.domain.signatures import SlotKind

Act = Literal["initials", "leader", "seal", "joint_seal", "copy", "annex"]
Method = Literal["stored_key", "csc", "client_token"]

CONSENT_LIFE: Final = timedelta(minutes=10)

ACT_NAMES: Final[Mapping[Act, tuple[str, str]]] = MappingProxyType(
    {
        "initials": ("Ký nháy", "Initials"),
        "leader": ("Ký của người có thẩm quyền", "Signature of the person in authority"),
        "seal": ("Cấp số, ngày và đóng dấu", "Number, date and seal"),
        "joint_seal": ("Đóng dấu của cơ quan cùng ban hành", "Seal of a body that issues jointly"),
        "copy": ("Ký số bản sao", "Certified copy"),
        "annex": ("Ký số phụ lục", "Seal of an annex"),
    },
)
PERSONAL_ACTS: Final[frozenset[Act]] = frozenset({"initials", "leader"})
"""Signed with a person's own key; the others with the key of the issuing body, kept by its clerk."""

METHODS: Final[Mapping[Method, frozenset[str]]] = MappingProxyType(
    {
        "stored_key": frozenset({"pkcs12", "pkcs11"}),
        "csc": frozenset({"csc"}),
        "client_token": frozenset({"client_token"}),
    },
)
"""How a signature is made, and the kinds of keys that it is made with."""

SLOT_KINDS: Final[Mapping[Act, SlotKind]] = MappingProxyType(
    {
        "initials": SlotKind.INITIALS,
        "leader": SlotKind.LEADER,
        "seal": SlotKind.SEAL,
        "joint_seal": SlotKind.SEAL,
        "copy": SlotKind.COPY,
        "annex": SlotKind.SEAL,
    },
)
"""The kind of field that an act is signed into."""

FILE_KINDS: Final[Mapping[Act, str]] = MappingProxyType(
    {
        "initials": "signed",
        "leader": "signed",
        "seal": "issued",
        "joint_seal": "issued",
        "copy": "issued",
        "annex": "annex",
    },
)
"""What a file is after the act."""
