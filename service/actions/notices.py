"""What a person does with their own notices: mark them read, choose how mail tells of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Never
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from service.domain.errors import Finding, Forbidden, InvalidInput
from service.queries.notices import NoticeView, PreferenceView, read_notice, read_preference
from service.storage.models import Notice, NoticePreference, table_of
from service.storage.unit_of_work import AuditRecord, UnitOfWork

NOTICE = table_of(Notice)
PREFERENCE = table_of(NoticePreference)
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


def mark_read(unit: UnitOfWork, notice_id: UUID) -> NoticeView:
    """Mark one notice of the actor as read; a second time changes nothing.

    Raises:
        NotFound: there is none, or it is another person's.
    """
    read_notice(unit, notice_id)
    which = (NOTICE.c.id == notice_id) & NOTICE.c.read_at.is_(None)
    unit.session.execute(update(NOTICE).where(which).values(read_at=unit.now))
    return read_notice(unit, notice_id)


def mark_all_read(unit: UnitOfWork) -> int:
    """Mark all notices of the actor as read; return how many were not."""
    mine = (NOTICE.c.account_id == unit.actor.account_id) & NOTICE.c.read_at.is_(None)
    marked = update(NOTICE).where(mine).values(read_at=unit.now).returning(NOTICE.c.id)
    return len(unit.session.execute(marked).all())


def change_preference(
    unit: UnitOfWork, wish: Mapping[str, Any], domains: Sequence[str] = ()
) -> PreferenceView:
    """Set how the actor wants mail.

    Args:
        unit: of the person.
        wish: the members of :class:`PreferenceView`.
        domains: where mail may go; empty = anywhere.

    Raises:
        Forbidden: the system has no mailbox.
        InvalidInput: mail without an address, an address elsewhere, or half of the quiet hours.
    """
    if unit.actor.account_id is None:
        raise Forbidden("notice.no_person", "Chỉ dành cho người dùng.", "Only for people.")
    address = wish.get("address")
    if address is not None:
        _check_address(address, domains)
    elif wish["mail"] != "none":
        _refuse("address.required", "Phải nhập địa chỉ thư.", "A mail address is required.", "/address")
    if (wish.get("quiet_from") is None) != (wish.get("quiet_to") is None):
        vi, en = "Giờ yên tĩnh cần cả giờ bắt đầu và kết thúc.", "Quiet hours need a beginning and an end."
        _refuse("quiet_hours.half", vi, en, "/quiet_to")
    key = {"agency_id": unit.actor.agency_id, "account_id": unit.actor.account_id}
    statement = insert(PREFERENCE).values(**key, **wish)
    unit.session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=dict(wish)))
    details = {"mail": wish["mail"], "has_address": address is not None}
    unit.audit(AuditRecord("notice_preference.change", "account", unit.actor.account_id, details))
    return read_preference(unit)


def _check_address(address: str, domains: Sequence[str]) -> None:
    if not _ADDRESS.fullmatch(address):
        _refuse("address.invalid", "Địa chỉ thư không hợp lệ.", "The mail address is not valid.", "/address")
    if domains and address.rpartition("@")[2].lower() not in domains:
        vi = f"Thông báo chỉ được gửi đến thư công vụ ({', '.join(domains)})."
        en = f"Notices go to office mailboxes only ({', '.join(domains)})."
        _refuse("address.elsewhere", vi, en, "/address")


def _refuse(code: str, vi: str, en: str, pointer: str) -> Never:
    raise InvalidInput(code, vi, en, [Finding(code, vi, en, pointer)])
