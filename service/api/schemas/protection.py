"""Malware scans and spills, in and out."""

from __future__ import annotations

from marshmallow import fields

from service.api.schemas.base import Instant
from service.api.schemas.shared import Length, OneOf, Output, PageOutput, PageQuery, Schema, note

SCAN_STATES = ("waiting", "clean", "infected", "refused")
SPILL_STATES = ("quarantined", "released", "wiping", "wiped")


class ScanQuery(PageQuery):
    """Which scans to list."""

    state = fields.String(validate=OneOf(SCAN_STATES))


class Scan(Output):
    """A stored content and the scanner's verdict."""

    id = fields.UUID()
    sha256 = fields.String()
    size_bytes = fields.Integer()
    media_type = fields.String()
    state = fields.String(metadata=note(", ".join(SCAN_STATES)))
    finding = fields.String(allow_none=True, metadata=note("what was found, or why there is no verdict"))
    attempts = fields.Integer(metadata=note("tries without a verdict"))
    scanned_at = Instant(allow_none=True)
    due_at = Instant(allow_none=True, metadata=note("when it is scanned next"))
    created_at = Instant()


class ScanPage(PageOutput):
    """A page of scans; `counts` tells how many are in each state."""

    items = fields.List(fields.Nested(Scan))


class Repeat(Schema):
    """What to scan again."""

    state = fields.String(load_default=None, allow_none=True, validate=OneOf(SCAN_STATES))


class Repeated(Output):
    """How many contents are scanned again."""

    count = fields.Integer()


class SpillReport(Schema):
    """A document that holds state secrets; the reason does not repeat them."""

    secrecy = fields.String(required=True, validate=OneOf(["confidential", "secret", "top_secret"]))
    reason = fields.String(required=True, validate=Length(min=1, max=1000))


class SpillDecision(Schema):
    """What becomes of what was locked."""

    decision = fields.String(required=True, validate=OneOf(["release", "wipe"]))
    reason = fields.String(required=True, validate=Length(min=1, max=1000))


class SpillQuery(PageQuery):
    """Which spills to list."""

    state = fields.String(validate=OneOf(SPILL_STATES))


class SpilledFile(Output):
    """A content of a spill."""

    sha256 = fields.String()
    size_bytes = fields.Integer()
    wiped_at = Instant(allow_none=True)
    outcome = fields.String(
        allow_none=True, metadata=note("erased, or kept_elsewhere: another agency has the same")
    )


class Spill(Output):
    """A spill, without any of the content."""

    id = fields.UUID()
    document_id = fields.UUID()
    code = fields.String(metadata=note("number and notation of the document"))
    secrecy = fields.String()
    reason = fields.String()
    state = fields.String(metadata=note(", ".join(SPILL_STATES)))
    reported_by = fields.String()
    reported_at = Instant()
    decided_by = fields.String(allow_none=True)
    decided_at = Instant(allow_none=True)
    decision_reason = fields.String(allow_none=True)
    wiped_at = Instant(allow_none=True)
    readers = fields.List(fields.Dict(), metadata=note("who had read it by then, only when read alone"))
    files = fields.List(fields.Nested(SpilledFile), metadata=note("only when read alone"))


class SpillPage(PageOutput):
    """A page of spills, newest first."""

    items = fields.List(fields.Nested(Spill))


class Reported(Output):
    """What a reporter is told: that the document is locked."""

    id = fields.UUID()
    state = fields.String()
