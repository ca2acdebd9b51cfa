"""What a draft says about bodies, people and receivers, checked against the directory (S0-7.1, S3-10.1).

Every fault becomes a finding with a pointer, so that one answer tells all of them. A document names only
receivers that exist: a partner of the directory, a unit or a person of the agency; what is only printed is a
place (NĐ 30/2020 Điều 8; S0-9.2g2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, or_, select

from service.domain.clock import OFFICE_ZONE
from service.domain.document_profiles import DocumentProfile
from service.domain.errors import Finding
from service.domain.outgoing import (
    RECIPIENT_CHANNELS,
    RECIPIENT_KINDS,
    RECIPIENT_PURPOSES,
    may_sign,
)
from service.domain.records import clean_text
from service.queries.document_access import DOCUMENT, may_see
from service.queries.issuing_bodies import BODY
from service.queries.organisation import ACCOUNT, MEMBERSHIP, PARTNER, UNIT
from service.storage.unit_of_work import UnitOfWork

MOST_RECIPIENTS: Final = 500
_NAME_LENGTH: Final = 200
_POSITION_LENGTH: Final = 100
_SIGNER_NAME_LENGTH: Final = 50


@dataclass(frozen=True, slots=True)
class Signing:
    """Who is to sign, in which capacity, with which position."""

    signer_id: UUID | None
    signer_name: str
    capacity: str
    position: str


@dataclass
class FactReader:
    """Looks facts of a draft up and gathers what is wrong with them.

    Attributes:
        unit: of the one who writes the draft.
        findings: so far, in order.
    """

    unit: UnitOfWork
    findings: list[Finding] = field(default_factory=list)

    def fault(self, code: str, vi: str, en: str, pointer: str) -> None:
        """Note a fault."""
        self.findings.append(Finding(code, vi, en, pointer))

    def body(self, code: str, at: str = "") -> Row[Any] | None:
        """Return an open issuing body of the agency by its code; ``at`` leads the pointer of a fault."""
        statement = select(BODY).where(BODY.c.code == code, BODY.c.closed_at.is_(None))
        found = self.unit.session.execute(statement).one_or_none()
        if found is None:
            vi, en = "Không có cơ quan ban hành này.", "There is no such issuing body."
            self.fault("issuing_body.not_found", vi, en, f"{at}/issuing_body")
        return found

    def unit_id(self, code: str | None) -> UUID | None:
        """Return the unit that drafts: the one named, else the one the actor works in, if it is one only."""
        if code:
            found: UUID | None = self._unit_named(code)
            if found is None:
                vi, en = "Không có đơn vị này.", "There is no such unit."
                self.fault("unit.not_found", vi, en, "/drafting_unit")
            return found
        statement = select(MEMBERSHIP.c.unit_id).where(
            MEMBERSHIP.c.account_id == self.unit.actor.account_id,
            MEMBERSHIP.c.unit_id.is_not(None),
            *self._in_force(),
        )
        mine = set(self.unit.session.execute(statement).scalars())
        return mine.pop() if len(mine) == 1 else None

    def _unit_named(self, code: str) -> UUID | None:
        found: UUID | None = self.unit.session.execute(select(UNIT.c.id).where(UNIT.c.code == code)).scalar()
        return found

    def _in_force(self) -> Sequence[Any]:
        today = self.unit.now.astimezone(OFFICE_ZONE).date()
        days = MEMBERSHIP.c
        return (
            or_(days.from_on.is_(None), days.from_on <= today),
            or_(days.to_on.is_(None), days.to_on >= today),
        )

    def signing(
        self,
        form: DocumentProfile,
        body: Row[Any],
        login: str | None,
        capacity: str,
        position: str,
        *,
        at: str = "",
    ) -> Signing:
        """Return who signs, once they may do so for this body in this capacity; ``at`` leads pointers.

        A draft may still have no signer; it cannot be made ready for signature without one.
        """
        if capacity not in form.capacities:
            marks = ", ".join(one.mark or "(trống)" for one in form.capacities.values())
            vi, en = f"Thể thức này ký với tư cách: {marks}.", f"This form signs as: {marks}."
            self.fault("signer.capacity", vi, en, f"{at}/capacity")
        if form.name == "party" and capacity == "KT" and form.is_collective(body.notation):
            vi = "Cấp ủy ký T/M, không ký K/T; K/T dành cho cấp phó của cơ quan tham mưu."
            en = "A committee signs T/M, not K/T, which is for deputies of advisory bodies."
            self.fault("signer.capacity", vi, en, f"{at}/capacity")
        cleaned = clean_text(position)
        if len(cleaned) > _POSITION_LENGTH:
            vi, en = f"Chức vụ dài quá {_POSITION_LENGTH} ký tự.", "The position is too long."
            self.fault("signer.position", vi, en, f"{at}/signer_position")
        if not login:
            return Signing(None, "", capacity, cleaned)
        account = self._account(login, f"{at}/signer")
        if account is None:
            return Signing(None, "", capacity, cleaned)
        if capacity in form.capacities and not may_sign(capacity, self._roles(account.id)):
            vi = f"{account.full_name} không có thẩm quyền ký với tư cách này."
            en = f"{account.full_name} has no authority to sign in this capacity."
            self.fault("signer.authority", vi, en, f"{at}/signer")
        name = account.full_name[:_SIGNER_NAME_LENGTH]
        return Signing(account.id, name, capacity, cleaned or account.position)

    def _account(self, login: str, pointer: str) -> Row[Any] | None:
        statement = select(ACCOUNT).where(
            func.lower(ACCOUNT.c.login) == login.strip().lower(), ACCOUNT.c.disabled_at.is_(None)
        )
        found = self.unit.session.execute(statement).one_or_none()
        if found is None:
            self.fault("account.not_found", "Không có người này.", "There is no such person.", pointer)
        return found

    def _roles(self, account_id: UUID) -> frozenset[str]:
        statement = select(MEMBERSHIP.c.role).where(MEMBERSHIP.c.account_id == account_id, *self._in_force())
        return frozenset(self.unit.session.execute(statement).scalars())

    def recipients(self, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the rows of the recipients, ids and agency still missing."""
        if len(given) > MOST_RECIPIENTS:
            vi, en = f"Tối đa {MOST_RECIPIENTS} nơi nhận.", f"At most {MOST_RECIPIENTS} recipients."
            self.fault("recipients.too_many", vi, en, "/recipients")
            return []
        rows = [self._recipient(index, one) for index, one in enumerate(given)]
        return [row for row in rows if row is not None]

    def _recipient(self, index: int, given: Mapping[str, Any]) -> dict[str, Any] | None:
        pointer = f"/recipients/{index}"
        kind, purpose = given.get("kind"), given.get("purpose") or "to"
        channel = given.get("channel") or ""
        is_known = kind in RECIPIENT_KINDS and purpose in RECIPIENT_PURPOSES and channel in RECIPIENT_CHANNELS
        if not is_known:
            vi = "Loại, mục đích hoặc hình thức gửi của nơi nhận không đúng."
            self.fault("recipient.choice", vi, "Kind, purpose or channel of the recipient is wrong.", pointer)
            return None
        row: dict[str, Any] = {
            "ordinal": index + 1,
            "kind": kind,
            "organ_id": None,
            "unit_id": None,
            "account_id": None,
            "name": clean_text(str(given.get("name") or ""))[:_NAME_LENGTH],
            "channel": channel,
            "purpose": purpose,
        }
        found = self._receiver(str(kind), given, pointer)
        if found is None:
            return None
        named = found.pop("name", "")
        row |= found
        row["name"] = row["name"] or named
        if not row["name"]:
            vi, en = "Nơi nhận cần có tên.", "The recipient needs a name."
            self.fault("recipient.name", vi, en, f"{pointer}/name")
        return row

    def _receiver(self, kind: str, given: Mapping[str, Any], pointer: str) -> dict[str, Any] | None:
        if kind == "place":
            return {}
        if kind == "person":
            account = self._account(str(given.get("person") or ""), f"{pointer}/person")
            return {"account_id": account.id, "name": account.full_name} if account else None
        table, key, at = (
            (PARTNER, PARTNER.c.organ_id, "organ_id") if kind == "partner" else (UNIT, UNIT.c.code, "unit")
        )
        statement = select(table).where(key == str(given.get(at) or ""))
        found = self.unit.session.execute(statement).one_or_none()
        if found is None:
            vi, en = "Nơi nhận này không có trong danh bạ.", "This recipient is not in the directory."
            self.fault("recipient.not_found", vi, en, f"{pointer}/{at}")
            return None
        link = {"organ_id": found.organ_id} if kind == "partner" else {"unit_id": found.id}
        return {**link, "name": found.name}

    def related(self, name: str, document_id: UUID | None, *, is_issued: bool) -> UUID | None:
        """Return the id of a document that the draft answers, replaces or corrects, if the actor sees it."""
        if document_id is None:
            return None
        statement = select(DOCUMENT.c.direction, DOCUMENT.c.status).where(
            DOCUMENT.c.id == document_id, may_see(self.unit)
        )
        found = self.unit.session.execute(statement).one_or_none()
        pointer = f"/{name}"
        if found is None:
            self.fault("document.not_found", "Không có văn bản này.", "There is no such document.", pointer)
        elif is_issued and (found.direction != "outgoing" or found.status not in _ISSUED):
            vi = "Chỉ thay thế, đính chính được văn bản đi đã phát hành."
            en = "Only an issued document can be replaced or corrected."
            self.fault("document.not_issued", vi, en, pointer)
        return document_id


_ISSUED: Final = frozenset({"issued", "completed", "recall_pending", "recalled", "corrected"})


def office_today(unit: UnitOfWork) -> date:
    """Return today at the office."""
    return unit.now.astimezone(OFFICE_ZONE).date()
