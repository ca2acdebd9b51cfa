"""What a person has been told: their own notices only, unread ones first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select

from handlers.notices.texts import notice_text
from service.domain.errors import NotFound
from service.domain.notice_times import MailTimes
from service.queries.pages import Page, bad_cursor, decode_cursor, encode_cursor, page_size
from service.storage.models import Notice, NoticePreference, table_of
from service.storage.unit_of_work import UnitOfWork

NOTICE = table_of(Notice)
PREFERENCE = table_of(NoticePreference)


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice in both languages.

    Attributes:
        parameters: the facts that the texts are made of, and a note if someone wrote one.
        object_kind: ``user_task``, ``document``, ``process_instance`` or None.
    """

    id: UUID
    kind: str
    urgency: str
    subject_vi: str
    subject_en: str
    body_vi: str
    body_en: str
    parameters: Mapping[str, Any]
    object_kind: str | None
    object_id: UUID | None
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class PreferenceView:
    """How a person wants mail; without a choice of theirs none is sent."""

    mail: str = "none"
    address: str | None = None
    language: str = "vi"
    digest_at: time = MailTimes("none").digest_at
    quiet_from: time | None = None
    quiet_to: time | None = None


def list_notices(
    unit: UnitOfWork, cursor: str | None = None, limit: int | None = None, *, unread: bool | None = None
) -> Page[NoticeView]:
    """Return the actor's notices: unread before read, newest first; ``counts`` holds the unread.

    Raises:
        InvalidInput: an unknown cursor.
    """
    size = page_size(limit)
    mine = NOTICE.c.account_id == unit.actor.account_id
    is_read = NOTICE.c.read_at.is_not(None)
    statement = select(NOTICE).where(mine).order_by(is_read, NOTICE.c.id.desc()).limit(size + 1)
    if unread is not None:
        statement = statement.where(~is_read if unread else is_read)
    if cursor:
        was_read, last = _after(cursor)
        later = NOTICE.c.id < last
        statement = statement.where(is_read & later if was_read else is_read | later)
    rows = unit.session.execute(statement).all()
    following = None
    if len(rows) > size:
        final = rows[size - 1]
        following = encode_cursor(final.read_at is not None, str(final.id))
    count = select(func.count()).where(mine, ~is_read)
    unread_count = int(unit.session.execute(count).scalar_one())
    return Page([_view(row) for row in rows[:size]], following, {"unread": unread_count})


def read_notice(unit: UnitOfWork, notice_id: UUID) -> NoticeView:
    """Return one notice of the actor.

    Raises:
        NotFound: there is none, or it is another person's.
    """
    mine = NOTICE.c.account_id == unit.actor.account_id
    row = unit.session.execute(select(NOTICE).where(mine, NOTICE.c.id == notice_id)).one_or_none()
    if row is None:
        raise NotFound("notice.not_found", "Không tìm thấy thông báo.", "There is no such notice.")
    return _view(row)


def read_preference(unit: UnitOfWork) -> PreferenceView:
    """Return how the actor wants mail."""
    names = ("mail", "address", "language", "digest_at", "quiet_from", "quiet_to")
    mine = PREFERENCE.c.account_id == unit.actor.account_id
    row = unit.session.execute(select(*[PREFERENCE.c[name] for name in names]).where(mine)).mappings().first()
    return PreferenceView(**row) if row is not None else PreferenceView()


def _view(row: Any) -> NoticeView:
    vi, en = (notice_text(row.kind, row.parameters, language) for language in ("vi", "en"))
    return NoticeView(
        id=row.id,
        kind=row.kind,
        urgency=row.urgency,
        subject_vi=vi.subject,
        subject_en=en.subject,
        body_vi=vi.body,
        body_en=en.body,
        parameters=row.parameters,
        object_kind=row.object_kind,
        object_id=row.object_id,
        created_at=row.created_at,
        read_at=row.read_at,
    )


def _after(cursor: str) -> tuple[bool, Any]:
    was_read, last = decode_cursor(cursor, 2)
    try:
        return bool(was_read), literal(UUID(last))
    except (TypeError, ValueError, AttributeError) as error:
        raise bad_cursor() from error
