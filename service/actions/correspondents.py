"""Who a message of the exchange comes from, and which of the office's organs it is for.

Through whichever door it comes, the rules are these: the sender stands in the directory and is not locked,
what is unsigned comes only from where that is allowed, and it is for an identifier of the office (S3-16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers.delivery.contacts import Contact, find_contact
from handlers.delivery.organs import named_organs, own_organ, own_organs
from service.domain.edxml import Organ
from service.domain.errors import Finding, Forbidden, InvalidInput, PolicyRefusal
from service.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Sender:
    """The office that a document comes from, as this house knows it."""

    organ_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Parties:
    """Between whom a message goes.

    Attributes:
        sender: as the house knows it.
        addressed: which of the agency and its bodies it is for, never empty (S3-16).
    """

    sender: Sender
    addressed: Sequence[Organ]

    def for_all(self, unit: UnitOfWork) -> Parties:
        """Return the same for whichever of the agency and its bodies got it, closed ones too."""
        return replace(self, addressed=list(own_organs(unit, with_closed=True).values()) or self.addressed)


def known_contact(unit: UnitOfWork, organ_id: str) -> Contact:
    """Return a sender as the directory has it; through whichever door something comes, this is the rule.

    Raises:
        Forbidden: it is not in the directory, or exchange with it is locked.
    """
    contact = find_contact(unit, organ_id)
    if contact is None:
        raise Forbidden(
            "packet.unknown_sender",
            "Bên gửi không có trong danh bạ đầu mối tiếp nhận.",
            "The sender is not in the directory of contact points.",
        )
    if contact.is_locked:
        vi, en = "Liên thông với bên gửi đang tạm khóa.", "Exchange with the sender is locked for now."
        raise Forbidden("partner.locked", vi, en)
    return contact


def check_unsigned(unit: UnitOfWork, contact: Contact, **told: Any) -> None:
    """Let something unsigned pass, or refuse it; through whichever door it comes, this is the rule.

    The sender's connection says whether it may come unsigned. For an office without any connection a person
    of the house answers who hands it over, as for a document that they enter; programs may not.

    Raises:
        PolicyRefusal: ``package.unsigned``.
    """
    is_vouched_for = contact.link_id is None and unit.actor.account_id is not None
    if not (contact.accepts_unsigned or is_vouched_for):
        raise not_believed("unsigned", **told)


def not_believed(reason: str, **told: Any) -> PolicyRefusal:
    """Return the refusal of what cannot be believed: ``unsigned``, ``signature`` or ``sender``."""
    texts = {
        "unsigned": (
            "Gói tin chưa được ký số; bên gửi này phải ký.",
            "The package is not signed; this sender must sign.",
        ),
        "signature": (
            "Chữ ký số của gói tin không hợp lệ hoặc không phải của bên gửi.",
            "The package's signature is not valid or not the sender's.",
        ),
        "sender": (
            "Bên gửi trong phần đã ký khác với bên gửi của gói tin.",
            "The signed part names another sender than the package.",
        ),
    }
    vi, en = texts[reason]
    return PolicyRefusal(f"package.{reason}", vi, en, extra=told)


def addressees(unit: UnitOfWork, named: Sequence[str], *, with_closed: bool = False) -> list[Organ]:
    """Return which of the agency and its bodies a message is for; the agency if it names nobody.

    Args:
        unit: of the receiver.
        named: the identifiers that it names.
        with_closed: whether a body that was closed still answers, as for what it sent and got before.

    Raises:
        InvalidInput: ``R.MessageHeader.To``: it names others only.
    """
    if not named:
        return [own_organ(unit)]
    ours = named_organs(unit, named, with_closed=with_closed)
    if not ours:
        vi = "Gói tin không gửi cho cơ quan này."
        finding = Finding("R.MessageHeader.To", vi, "Not addressed to this office.", "/MessageHeader/To")
        raise InvalidInput("packet.other_receiver", vi, "The package is not for this office.", [finding])
    return ours
