"""Notices and the wish for mail, in and out."""

from __future__ import annotations

from datetime import time

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, PageOutput, PageQuery, Schema, note
from service.domain.notice_times import MAIL_WISHES

_CLOCK = "%H:%M"


class NoticeQuery(PageQuery):
    """Which notices to list."""

    unread = fields.Boolean(metadata=note("only unread ones; false: only read ones"))


class Notice(Output):
    """Something that the caller is told, in both languages."""

    id = fields.UUID()
    kind = fields.String()
    urgency = fields.String()
    subject_vi = fields.String()
    subject_en = fields.String()
    body_vi = fields.String()
    body_en = fields.String()
    parameters = fields.Dict()
    object_kind = fields.String(allow_none=True, metadata=note("user_task, document, process_instance"))
    object_id = fields.UUID(allow_none=True)
    created_at = Instant()
    read_at = Instant(allow_none=True)


class NoticePage(PageOutput):
    """A page of notices, unread first."""

    items = fields.List(fields.Nested(Notice))


class Marked(Output):
    """How many notices were unread."""

    marked = fields.Integer()


class PreferenceInput(Schema):
    """How mail is to tell of notices; local times of the office."""

    mail = fields.String(required=True, validate=OneOf(MAIL_WISHES))
    address = fields.String(allow_none=True, load_default=None, validate=Length(min=3, max=254))
    language = fields.String(validate=OneOf(("vi", "en")), load_default="vi")
    digest_at = fields.Time(format=_CLOCK, load_default=time(7, 30))
    quiet_from = fields.Time(format=_CLOCK, allow_none=True, load_default=None)
    quiet_to = fields.Time(format=_CLOCK, allow_none=True, load_default=None)


class Preference(Output):
    """How mail tells of notices."""

    mail = fields.String(metadata=note("none, each or digest"))
    address = fields.String(allow_none=True)
    language = fields.String()
    digest_at = fields.Time(format=_CLOCK)
    quiet_from = fields.Time(format=_CLOCK, allow_none=True)
    quiet_to = fields.Time(format=_CLOCK, allow_none=True)
